//! The way of a function to AWS: the ports of the world with time on the way, and with what goes wrong there.

mod alarms;
mod bus;
mod cloud_map;
mod documents;
mod endpoints;
mod hosted_zones;
mod organization;
mod private_link;
mod resolvers;
mod tags;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    future::Future,
    rc::Rc,
    time::Duration,
};

use drawbridge::{
    model::{AccountId, ServiceKey},
    policy::Mode,
    port::{Answers, FailureKind, PortError},
    world::{Effect, Fault, State},
};
use jiff::Timestamp;

use self::private_link::DESCRIBE_SERVICES;
use super::{
    agenda::Wait,
    dns, invariant,
    reckoning::is_selected,
    run::Run,
    stage::{Invariant, Shared, clock},
    trouble::Course,
    version::Version,
};

/// How long mode `off` may take to work.
const MINUTE: Duration = Duration::from_mins(1);

/// What one environment has of AWS.
pub struct Wire {
    stage: Shared,
    run: RefCell<Rc<Run>>,
    in_force: Cell<Option<Version>>,
    /// Since when the documents could not be read.
    blind_since: Cell<Option<Timestamp>>,
    /// When the VPCs of each account were read last.
    vpcs_read: RefCell<BTreeMap<AccountId, Timestamp>>,
}

/// The ports of one environment.
#[derive(Clone)]
pub struct Ports {
    wire: Rc<Wire>,
    /// Whether what fails here has to come back; the news of a decision doesn't.
    counts: bool,
}

impl Ports {
    pub fn new(stage: &Shared, run: &Rc<Run>) -> Self {
        let wire = Wire {
            stage: Rc::clone(stage),
            run: RefCell::new(Rc::clone(run)),
            in_force: Cell::default(),
            blind_since: Cell::default(),
            vpcs_read: RefCell::default(),
        };
        Self { wire: Rc::new(wire), counts: true }
    }

    /// The same for what may fail without consequence.
    pub fn for_news(&self) -> Self {
        Self { counts: false, ..self.clone() }
    }

    /// Another invocation uses the environment.
    pub fn begin(&self, run: &Rc<Run>) {
        self.wire.run.replace(Rc::clone(run));
    }

    /// The version that has to be in force, by what was served: the last sound one, or a stricter mode.
    pub fn in_force(&self) -> Option<Version> {
        self.wire.in_force.get()
    }

    pub fn stage(&self) -> &Shared {
        &self.wire.stage
    }

    fn run(&self) -> Rc<Run> {
        Rc::clone(&self.wire.run.borrow())
    }

    async fn way(&self) {
        let stage = self.stage();
        let until = stage.now() + stage.trouble.latency(&stage.random);
        Wait::until(stage, self.run().id, until).await;
    }

    /// What must hold whenever AWS is called.
    fn check_mode(&self, call: &str) {
        let (stage, run) = (self.stage(), self.run());
        if run.mode() == Some(Mode::Off) {
            stage.violate(Invariant::OffStopsAll, || format!("{call} by a run that is off"));
        }
        // Who can't read that it is off can't know it.
        let blind = self.wire.blind_since.get();
        if let Some(off) = stage.off_since()
            && blind.is_none()
            && stage.now() > off + MINUTE
        {
            stage.violate(Invariant::OffStopsAll, || format!("{call}, and it is off since {}", clock(off)));
        }
    }

    async fn read<T>(
        &self,
        call: &'static str,
        about: &str,
        answer: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        self.read_as(None, call, about, answer).await
    }

    /// A read by the role of this account, or by the hub's own.
    async fn read_as<T>(
        &self,
        role: Option<&AccountId>,
        call: &'static str,
        about: &str,
        answer: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        self.way().await;
        let (stage, run) = (self.stage(), self.run());
        self.check_mode(call);
        let course = self.refusal(role).unwrap_or_else(|| stage.trouble.of_read(&stage.random));
        self.order(call, &course);
        let answer = answer.await;
        stage.tell(|| format!("  #{} {call} {about}{}{}", run.id, wrong(&course), failure(&answer)));
        match role {
            Some(_) => self.note_read(format!("{call} {about}"), call, answer.as_ref().err()),
            None => self.note_failure(call, answer.as_ref().err()),
        }
        self.way().await;
        answer
    }

    /// What is read again and answered has not failed.
    fn note_read(&self, what: String, call: &'static str, error: Option<&PortError>) {
        let run = self.run();
        match error {
            Some(error) if error.may_pass() => {
                run.unread_names.borrow_mut().insert(what);
            }
            Some(error) if error.kind == FailureKind::Gone => run.gone.set(run.gone.get() + 1),
            Some(_) => self.note_failure(call, error),
            None => {
                run.unread_names.borrow_mut().remove(&what);
            }
        }
    }

    async fn write<T: Ord + ToString>(
        &self,
        call: &'static str,
        about: &str,
        items: &BTreeSet<T>,
        answer: impl Future<Output = Answers<T>>,
    ) -> Answers<T> {
        self.write_items_as(None, call, about, items, answer).await
    }

    /// A write of several things by the role of this account, or by the hub's own.
    async fn write_items_as<T: Ord + ToString>(
        &self,
        role: Option<&AccountId>,
        call: &'static str,
        about: &str,
        items: &BTreeSet<T>,
        answer: impl Future<Output = Answers<T>>,
    ) -> Answers<T> {
        self.way().await;
        let (stage, run) = (self.stage(), self.run());
        self.check_write(call, about);
        let names: Vec<String> = items.iter().map(ToString::to_string).collect();
        let of_write = || stage.trouble.of_write(&stage.random, &names);
        let course = self.refusal(role).unwrap_or_else(of_write);
        self.order(call, &course);
        let before = stage.world.snapshot();
        let answers = answer.await;
        stage.writes.set(stage.writes.get() + 1);
        let failed = answers.iter().filter(|(_, answer)| answer.is_err()).count();
        stage.tell(|| {
            let failed = if failed == 0 { String::new() } else { format!(", {failed} not done") };
            format!("  #{} {call} {about} {}{}{failed}", run.id, names.join(" "), wrong(&course))
        });
        let after = stage.world.snapshot();
        invariant::check_write(stage, &run, &before, &after);
        invariant::echo(stage, &before, &after);
        for answer in answers.values() {
            self.note_failure(call, answer.as_ref().err());
        }
        if answers.len() < items.len() {
            self.has_to_come_back(call);
        }
        self.way().await;
        answers
    }

    /// A write of one thing by the role of this account.
    async fn write_as<T>(
        &self,
        role: &AccountId,
        call: &'static str,
        about: &str,
        answer: impl Future<Output = Result<T, PortError>>,
    ) -> Result<T, PortError> {
        self.way().await;
        let (stage, run) = (self.stage(), self.run());
        self.check_write(call, about);
        let of_write = || stage.trouble.of_write(&stage.random, &[about.to_owned()]);
        let course = self.refusal(Some(role)).unwrap_or_else(of_write);
        self.order(call, &course);
        let before = stage.world.snapshot();
        let answer = answer.await;
        stage.writes.set(stage.writes.get() + 1);
        stage.tell(|| format!("  #{} {call} {about}{}{}", run.id, wrong(&course), failure(&answer)));
        self.check_names(&before, &stage.world.snapshot());
        self.note_failure(call, answer.as_ref().err());
        self.way().await;
        answer
    }

    /// What must hold before anything is written.
    fn check_write(&self, call: &str, about: &str) {
        self.check_mode(call);
        if self.run().mode() == Some(Mode::Observe) {
            let words = || format!("{call} {about} by a run that observes");
            self.stage().violate(Invariant::ObserveWritesNothing, words);
        }
    }

    /// What must hold of names after a write.
    fn check_names(&self, before: &State, after: &State) {
        let read = self.wire.vpcs_read.borrow();
        dns::invariant::check_write(self.stage(), &self.run(), &read, before, after);
    }

    /// How a call goes by a role that may do nothing.
    fn refusal(&self, role: Option<&AccountId>) -> Option<Course> {
        let is_denied = self.stage().denied.borrow().contains(role?);
        is_denied.then_some(Course::Wrong(Effect::Fails(FailureKind::Denied)))
    }

    fn order(&self, call: &'static str, course: &Course) {
        self.stage().count("call");
        if let Some(fault) = course.fault() {
            self.stage().count(fault);
        }
        if let Course::Wrong(effect) = course {
            self.stage().world.order(Fault { call: call.to_owned(), effect: effect.clone(), times: 1 });
        }
    }

    fn note_failure(&self, call: &'static str, error: Option<&PortError>) {
        // A provider that doesn't answer is no matter when another has the service.
        let searched = call == DESCRIBE_SERVICES;
        match error {
            Some(error) if error.may_pass() && !searched => self.has_to_come_back(call),
            // What a person has to mend ends the work on a key, whatever else failed there.
            Some(error) if matches!(error.kind, FailureKind::Denied | FailureKind::Refused) => {
                self.run().denied.set(true);
            }
            _ => {}
        }
    }

    /// Whether a service is looked after, for all that the run may have seen of it.
    fn is_looked_after(&self, key: &ServiceKey) -> bool {
        let seen = self.stage().world.since(self.run().reads_since());
        seen.iter().all(|state| state.services.get(key).is_some_and(|(service, _)| is_selected(service)))
    }

    fn has_to_come_back(&self, call: &'static str) {
        if self.counts {
            self.run().unfinished.borrow_mut().get_or_insert_with(|| call.to_owned());
        }
    }
}

fn wrong(course: &Course) -> String {
    match course {
        Course::Well => String::new(),
        Course::Wrong(effect) => format!(" [{effect:?}]"),
    }
}

fn failure<T>(answer: &Result<T, PortError>) -> String {
    answer.as_ref().err().map(|error| format!(" -> {}", error.kind)).unwrap_or_default()
}
