//! An environment of Lambda: what one process of a function keeps from one invocation to the next, and what it does with a
//! batch. It does what `lambda.rs` does, on the ports of the simulation.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    rc::Rc,
    time::Duration,
};

use super::{
    body,
    mutant::{Mutation, Served},
    run::Run,
    stage::Invariant,
    version::{self, Version},
    wire::Ports,
};
use drawbridge::{
    event::{Subject, Trigger, own, told},
    plan::{Outcome, reason},
    policy::{Mode, Rules},
    port::{Bus, Clock, PUBLISHED_AT_ONCE, Queue, done_by, earlier, later},
    reconcile::{Controller, Fate, Permit, Run as Done, Stopped, reconcile},
    report,
    settings::{Settings, Warning},
};

/// When Lambda ends an invocation: `Timeout` of the template's functions.
pub const TIME_OUT: Duration = Duration::from_mins(1);
/// The longest run and the times that are kept back for the report and the answer, as in `lambda.rs`.
const LONGEST_RUN: Duration = Duration::from_secs(40);
const RESERVE: Duration = Duration::from_secs(3);
const LAST_RESERVE: Duration = Duration::from_secs(1);

/// The messages of an invocation.
pub type Batch = BTreeMap<u64, Rc<str>>;

/// What an invocation ends with.
pub struct Ended {
    pub environment: Box<dyn Environment>,
    /// The messages that come back.
    pub failed: BTreeSet<u64>,
}

pub type Invoked = Pin<Box<dyn Future<Output = Ended>>>;

/// An environment of some function.
pub trait Environment {
    /// Takes a batch, in a run that has begun.
    fn invoke(self: Box<Self>, run: Rc<Run>, batch: Batch) -> Invoked;
}

/// An environment of the function around this controller.
pub struct Lambda<C> {
    ports: Ports,
    settings: Option<Settings<Served<Ports>>>,
    /// The controller, made for these rules.
    controller: Option<(Rc<Rules>, C)>,
    build: fn(&Ports, Mutation, &Rules) -> C,
    mutation: Mutation,
}

impl<C: Controller + 'static> Lambda<C> {
    pub fn start(ports: Ports, mutation: Mutation, build: fn(&Ports, Mutation, &Rules) -> C) -> Box<dyn Environment> {
        Box::new(Self { ports, settings: None, controller: None, build, mutation })
    }

    async fn handle(&mut self, run: &Rc<Run>, batch: &Batch) -> BTreeSet<u64> {
        let all = || batch.keys().copied().collect();
        let Some(rules) = self.rules().await else { return all() };
        run.version.set(self.ports.in_force());
        let messages: Vec<(u64, Option<BTreeSet<Subject>>)> =
            batch.iter().map(|(id, body)| (*id, subjects(body))).collect();
        let subjects: BTreeSet<Subject> =
            messages.iter().filter_map(|(_, subjects)| subjects.clone()).flatten().collect();
        let owners = subjects.iter().filter_map(|subject| match subject {
            Subject::Owner(account) => Some(account.clone()),
            _ => None,
        });
        run.looked_up_anew.borrow_mut().extend(owners);
        let controller = match self.controller.take() {
            Some((made_for, controller)) if Rc::ptr_eq(&made_for, &rules) => controller,
            _ => (self.build)(&self.ports, self.mutation, &rules),
        };
        let (_, controller) = self.controller.insert((Rc::clone(&rules), controller));
        let rules = self.mutation.rules(&rules);
        let end = later(run.begun, TIME_OUT);
        let deadline = later(self.ports.now(), LONGEST_RUN).min(earlier(end, RESERVE));
        let done = reconcile(controller, &subjects, &rules, &self.ports, deadline).await;
        self.count(&done);
        if done.mode == Mode::Enforce {
            for (subject, after) in &done.again {
                let (news, permit) = (self.ports.for_news(), Permit::for_tests());
                let message = own::look_again(subject);
                let _ = done_by(&news, earlier(end, LAST_RESERVE), news.send(&message, *after, &permit)).await;
            }
            let (news, permit) = (self.ports.for_news(), Permit::for_tests());
            for events in report::bus_events(&done).chunks(PUBLISHED_AT_ONCE) {
                // That it fails undoes nothing.
                let _ = done_by(&news, earlier(end, LAST_RESERVE), news.publish(events, &permit)).await;
            }
        }
        let unfinished = self.mutation.unfinished(done.unfinished);
        let has_failed = |subjects: &Option<BTreeSet<Subject>>| {
            subjects.as_ref().is_none_or(|subjects| subjects.iter().any(|subject| unfinished.contains(subject)))
        };
        messages.into_iter().filter(|(_, subjects)| has_failed(subjects)).map(|(id, _)| id).collect()
    }
}

impl<C> Lambda<C> {
    /// The rules in force; `None` when the function doesn't start, for want of sound documents.
    async fn rules(&mut self) -> Option<Rc<Rules>> {
        let stage = self.ports.stage();
        let settings = match &mut self.settings {
            Some(settings) => settings,
            none => {
                let documents = Served::new(self.ports.clone(), self.mutation);
                let Ok(settings) = Settings::load_by(version::READING, documents, &self.ports).await else {
                    stage.count("start without sound documents");
                    return None;
                };
                none.insert(settings)
            }
        };
        if let (Mutation::LooksAwayFromOff, Some(_), Some((rules, _))) =
            (self.mutation, stage.off_since(), &self.controller)
        {
            return Some(Rc::clone(rules));
        }
        let (rules, warning) = settings.current(&self.ports).await;
        match warning {
            Some(Warning::Stale(_)) => stage.count("warning: documents not read"),
            Some(Warning::Rejected(_)) => stage.count("warning: documents wrong"),
            None => {}
        }
        self.check(&rules);
        Some(rules)
    }

    /// What is in force has to be the last sound version of what was read, by the simulation's own reckoning.
    fn check(&self, rules: &Rules) {
        let reckoned = self.ports.in_force();
        let configuration = reckoned.map(|version: Version| version.configuration());
        let expected = configuration.as_deref().and_then(|text| (version::READING.configuration)(text).ok());
        if expected.as_ref() != Some(&rules.configuration) {
            self.ports.stage().violate(Invariant::TheLastSoundVersionIsInForce, || {
                let reckoned = reckoned.map(|version| version.tell()).unwrap_or_default();
                format!(
                    "mode {} and its terms are in force; what was read last and is sound: {reckoned}",
                    rules.configuration.mode
                )
            });
        }
    }

    /// Counts what the run says of itself: figures, and nothing that is held to.
    fn count(&self, done: &Done) {
        let stage = self.ports.stage();
        for report in &done.keys {
            if report.stopped == Some(Stopped::OutOfTime) {
                stage.count("key out of time");
            }
            for (decision, fate) in &report.entries {
                match (decision.outcome, decision.reason.as_ref(), fate) {
                    (_, reason::LIMIT_REACHED, _) => stage.count("removal withheld"),
                    (Outcome::Accept, _, Fate::Done) => stage.count("connection accepted"),
                    (Outcome::Reject, _, Fate::Done) => stage.count("request rejected"),
                    (Outcome::Revoke, _, Fate::Done) => stage.count("connection cut off"),
                    (_, _, Fate::Done) if decision.announce == Some(told::REVOCATION_SCHEDULED) => {
                        stage.count("grace begun");
                    }
                    (_, _, Fate::Done) if decision.announce == Some(told::REVOCATION_CANCELLED) => {
                        stage.count("grace cancelled");
                    }
                    (Outcome::Allow, _, Fate::Done) => stage.count("principal allowed"),
                    (Outcome::Remove, _, Fate::Done) => stage.count("principal removed"),
                    (Outcome::Require, _, Fate::Done) => stage.count("acceptance switched on"),
                    (Outcome::Review, _, Fate::Done) => stage.count("review asked for"),
                    (Outcome::Publish, _, Fate::Done) => stage.count("records published"),
                    (Outcome::Withdraw, _, Fate::Done) => stage.count("records withdrawn"),
                    (Outcome::Verify, _, Fate::Done) => stage.count("verification begun"),
                    (Outcome::Enable, _, Fate::Done) => stage.count("private name switched on"),
                    (Outcome::Associate, _, Fate::Done) => stage.count("VPC associated"),
                    (Outcome::Disassociate, _, Fate::Done) => stage.count("VPC disassociated"),
                    (Outcome::Tag, _, Fate::Done) => stage.count("tags of a resource written"),
                    (Outcome::Hold, reason::CONFLICT, _) => stage.count("conflict foretold"),
                    (Outcome::Hold, reason::FOREIGN_VALUE | reason::MANAGED_BY_CODE, _) => {
                        stage.count("value of somebody else's left");
                    }
                    (Outcome::Hold, reason::TAG_POLICY, _) => stage.count("tag not written: policy"),
                    (Outcome::Hold, reason::TAG_LIMIT, _) => stage.count("tag not written: limit"),
                    _ => {}
                }
            }
        }
    }
}

/// What a message names; `None` when it can't be read.
fn subjects(body: &Rc<str>) -> Option<BTreeSet<Subject>> {
    match body::read(body) {
        Ok(Trigger::Subjects(subjects)) => Some(subjects),
        Ok(Trigger::Ignored(_)) => Some(BTreeSet::new()),
        Err(_) => None,
    }
}

impl<C: Controller + 'static> Environment for Lambda<C> {
    fn invoke(mut self: Box<Self>, run: Rc<Run>, batch: Batch) -> Invoked {
        Box::pin(async move {
            self.ports.begin(&run);
            let failed = self.handle(&run, &batch).await;
            Ended { environment: self, failed }
        })
    }
}
