//! The way of a function to AWS: the ports of the world with time on the way, and with what goes wrong there.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    future::Future,
    rc::Rc,
    time::Duration,
};

use drawbridge::{
    model::{
        AccountId, Connection, ConnectionId, Consumer, EndpointId, EndpointService, Membership, Principals, Region,
        Scope, ServiceId, ServiceKey, Tags,
    },
    policy::Mode,
    port::{
        Answers, Bus, BusEvent, Clock, DocumentTexts, Documents, FailureKind, Organization, PortError, PrivateLink,
        Wanted,
    },
    reconcile::Permit,
    world::Fault,
};
use jiff::Timestamp;

use super::{
    agenda::Wait,
    body, invariant,
    reckoning::is_selected,
    run::Run,
    stage::{Invariant, Shared, clock},
    trouble::Course,
    version::{Flaw, Version},
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
        self.way().await;
        let (stage, run) = (self.stage(), self.run());
        self.check_mode(call);
        let course = stage.trouble.of_read(&stage.random);
        self.order(call, &course);
        let answer = answer.await;
        stage.tell(|| format!("  #{} {call} {about}{}{}", run.id, wrong(&course), failure(&answer)));
        self.note_failure(call, answer.as_ref().err());
        self.way().await;
        answer
    }

    async fn write<T: Ord + ToString>(
        &self,
        call: &'static str,
        about: &str,
        items: &BTreeSet<T>,
        answer: impl Future<Output = Answers<T>>,
    ) -> Answers<T> {
        self.way().await;
        let (stage, run) = (self.stage(), self.run());
        self.check_mode(call);
        if run.mode() == Some(Mode::Observe) {
            stage.violate(Invariant::ObserveWritesNothing, || format!("{call} {about} by a run that observes"));
        }
        let names: Vec<String> = items.iter().map(ToString::to_string).collect();
        let course = stage.trouble.of_write(&stage.random, &names);
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

const DESCRIBE_SERVICES: &str = "ec2:DescribeVpcEndpointServiceConfigurations";
const DESCRIBE_CONNECTIONS: &str = "ec2:DescribeVpcEndpointConnections";
const DESCRIBE_PRINCIPALS: &str = "ec2:DescribeVpcEndpointServicePermissions";
const MODIFY_PRINCIPALS: &str = "ec2:ModifyVpcEndpointServicePermissions";
const MODIFY_SERVICE: &str = "ec2:ModifyVpcEndpointServiceConfiguration";

impl PrivateLink for Ports {
    async fn list_services(&self, account: &AccountId, region: &Region) -> Result<Vec<EndpointService>, PortError> {
        let world = &self.stage().world;
        self.read(DESCRIBE_SERVICES, account.as_str(), world.list_services(account, region)).await
    }

    async fn describe_service(&self, key: &ServiceKey) -> Result<Option<EndpointService>, PortError> {
        let world = &self.stage().world;
        let service = self.read(DESCRIBE_SERVICES, key.service.as_str(), world.describe_service(key)).await?;
        if !service.as_ref().is_some_and(is_selected) {
            self.run().unread.borrow_mut().remove(key);
        }
        Ok(service)
    }

    async fn list_connections(&self, key: &ServiceKey, scope: Scope) -> Result<Vec<Connection>, PortError> {
        let stage = self.stage();
        let world = &stage.world;
        // What fails here counts by the service, below.
        let ports = self.for_news();
        let list = || ports.read(DESCRIBE_CONNECTIONS, key.service.as_str(), world.list_connections(key, scope));
        let note = |failed: &PortError| {
            if failed.may_pass() && self.is_looked_after(key) {
                self.run().unread.borrow_mut().insert(key.clone());
            }
        };
        let mut listed = list().await.inspect_err(note)?;
        if !stage.trouble.has_pages(&stage.random) {
            return Ok(listed);
        }
        stage.count("listing changed between pages");
        // What comes after the middle is read a page later.
        let middle = listed.get(listed.len() / 2).map(|connection| connection.endpoint.clone());
        let rest = list().await.inspect_err(note)?;
        let is_later = |connection: &Connection| middle.as_ref().is_none_or(|middle| connection.endpoint >= *middle);
        listed.retain(|connection| !is_later(connection));
        listed.extend(rest.into_iter().filter(is_later));
        Ok(listed)
    }

    async fn services_connected_by(
        &self,
        consumer: &Consumer,
        account: &AccountId,
        region: &Region,
    ) -> Result<BTreeSet<ServiceId>, PortError> {
        let world = &self.stage().world;
        let answer = world.services_connected_by(consumer, account, region);
        self.read(DESCRIBE_CONNECTIONS, &format!("{consumer:?} at {account}"), answer).await
    }

    async fn list_principals(&self, key: &ServiceKey) -> Result<Principals, PortError> {
        let world = &self.stage().world;
        self.read(DESCRIBE_PRINCIPALS, key.service.as_str(), world.list_principals(key)).await
    }

    async fn accept(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, permit: &Permit) -> Answers<EndpointId> {
        let world = &self.stage().world;
        let answer = world.accept(key, endpoints, permit);
        self.write("ec2:AcceptVpcEndpointConnections", key.service.as_str(), endpoints, answer).await
    }

    async fn reject(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, permit: &Permit) -> Answers<EndpointId> {
        let world = &self.stage().world;
        let answer = world.reject(key, endpoints, permit);
        self.write("ec2:RejectVpcEndpointConnections", key.service.as_str(), endpoints, answer).await
    }

    async fn tag_connections(
        &self,
        key: &ServiceKey,
        connections: &BTreeSet<ConnectionId>,
        tags: &Tags,
        permit: &Permit,
    ) -> Answers<ConnectionId> {
        let world = &self.stage().world;
        let answer = world.tag_connections(key, connections, tags, permit);
        self.write("ec2:CreateTags", &format!("{tags:?}"), connections, answer).await
    }

    async fn allow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, permit: &Permit) -> Answers<AccountId> {
        let world = &self.stage().world;
        let about = format!("at {}: add", key.service);
        self.write(MODIFY_PRINCIPALS, &about, accounts, world.allow(key, accounts, permit)).await
    }

    async fn disallow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, permit: &Permit) -> Answers<AccountId> {
        let world = &self.stage().world;
        let about = format!("at {}: remove", key.service);
        self.write(MODIFY_PRINCIPALS, &about, accounts, world.disallow(key, accounts, permit)).await
    }

    /// Asked by none of the functions that are played.
    async fn start_verification(&self, key: &ServiceKey, permit: &Permit) -> Result<(), PortError> {
        let world = &self.stage().world;
        world.start_verification(key, permit).await
    }

    async fn require_acceptance(&self, key: &ServiceKey, permit: &Permit) -> Result<(), PortError> {
        let world = &self.stage().world;
        let this = BTreeSet::from([key.service.clone()]);
        let answer = async {
            let answer = world.require_acceptance(key, permit).await;
            Answers::from([(key.service.clone(), answer)])
        };
        let answers = self.write(MODIFY_SERVICE, "acceptance required", &this, answer).await;
        answers.into_values().collect()
    }
}

impl Organization for Ports {
    async fn membership(&self, account: &AccountId) -> Result<Membership, PortError> {
        let world = &self.stage().world;
        self.read("organizations:DescribeAccount", account.as_str(), world.membership(account)).await
    }

    async fn list_members(&self, wanted: Wanted<'_>) -> Result<BTreeMap<AccountId, Membership>, PortError> {
        let stage = self.stage();
        let world = &stage.world;
        let list = || self.read("organizations:ListAccounts", "members", world.list_members(wanted));
        let mut listed = list().await?;
        if stage.trouble.has_pages(&stage.random) {
            let middle = listed.keys().nth(listed.len() / 2).cloned();
            let rest = list().await?;
            let is_later = |account: &AccountId| middle.as_ref().is_none_or(|middle| account >= middle);
            listed.retain(|account, _| !is_later(account));
            listed.extend(rest.into_iter().filter(|(account, _)| is_later(account)));
        }
        Ok(listed)
    }

    async fn tags(&self, account: &AccountId) -> Result<Tags, PortError> {
        let world = &self.stage().world;
        self.read("organizations:ListTagsForResource", account.as_str(), world.tags(account)).await
    }
}

impl Bus for Ports {
    async fn publish(&self, events: &[BusEvent], permit: &Permit) -> Result<(), (usize, PortError)> {
        let (stage, run) = (self.stage(), self.run());
        let publish = async {
            if run.mode() == Some(Mode::Observe) {
                stage.violate(Invariant::ObserveWritesNothing, || "events:PutEvents by a run that observes".to_owned());
            }
            let world = &stage.world;
            let answer = world.publish(events, permit).await;
            // What reached the bus goes on to whoever hears of it.
            let reached = std::mem::take(&mut world.change().events);
            reached.iter().filter_map(body::asked).for_each(|letter| stage.send(&letter));
            answer.map_err(|(_, error)| error)
        };
        let words: Vec<&str> = events.iter().map(|event| event.detail_type).collect();
        let answer = self.read("events:PutEvents", &words.join(", "), publish).await;
        answer.map_err(|error| (events.len(), error))
    }
}

impl Documents for Ports {
    async fn poll(&mut self) -> DocumentTexts {
        // Who waits for an answer, and perhaps gives up, can't know what it would have said.
        self.wire.blind_since.set(self.wire.blind_since.get().or(Some(self.stage().now())));
        self.way().await;
        let (stage, run) = (Rc::clone(self.stage()), self.run());
        let version = stage.version();
        let hidden = || stage.trouble.hides_document(&stage.random);
        let (no_configuration, no_policy) = (hidden(), hidden());
        self.way().await;
        for (name, _) in
            [("drawbridge.yaml", no_configuration), ("acceptance.cedar", no_policy)].iter().filter(|(_, no)| *no)
        {
            stage.count("document unreadable");
            stage.tell(|| format!("  #{} can't read {name}", run.id));
        }
        if !no_configuration {
            self.wire.blind_since.set(None);
            self.serve(version, no_policy);
        }
        let hide = |hidden: bool, text: String| if hidden { Err(unreadable()) } else { Ok(text) };
        DocumentTexts {
            configuration: hide(no_configuration, version.configuration()),
            acceptance: hide(no_policy, version.acceptance()),
        }
    }
}

impl Ports {
    /// Reckons which version has to be in force now that this one is read.
    fn serve(&self, version: Version, no_policy: bool) {
        let sound = version.flaw.is_none() && !no_policy;
        let in_force = match self.wire.in_force.get() {
            _ if sound => Some(version),
            Some(before) if version.flaw != Some(Flaw::Configuration) && version.mode < before.mode => {
                Some(Version { mode: version.mode, ..before })
            }
            before => before,
        };
        self.wire.in_force.set(in_force);
    }
}

fn unreadable() -> PortError {
    PortError {
        call: "appconfigdata:GetLatestConfiguration",
        place: "documents".to_owned(),
        kind: FailureKind::Retry,
        code: None,
        message: "no answer".to_owned(),
    }
}

impl Clock for Ports {
    fn now(&self) -> Timestamp {
        self.stage().now()
    }

    async fn wait_until(&self, time: Timestamp) {
        Wait::until(self.stage(), self.run().id, time).await;
    }
}
