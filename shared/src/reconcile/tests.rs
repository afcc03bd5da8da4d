use std::cell::RefCell;

use jiff::Timestamp;

use super::*;
use crate::{
    event::ServiceReference,
    plan::{Outcome, reason},
    port::FailureKind,
};

/// A controller whose keys are numbers; what it does is written down.
#[derive(Default)]
struct Numbers {
    done: RefCell<Vec<String>>,
    /// A key that is never finished.
    hangs: Option<u32>,
    /// A key that can't be observed, and how.
    fails: Option<(u32, FailureKind)>,
    /// The keys of a sweep.
    all: BTreeSet<u32>,
    /// A key whose apply answers for fewer steps than it was given.
    forgets: Option<u32>,
    /// How many times the first step is refused, since what it was decided by has changed.
    outdated: RefCell<usize>,
}

impl Key for u32 {
    type Slot = u32;

    /// The greatest of a hundred covers the others.
    fn slot(&self) -> u32 {
        self / 100
    }
}

impl Controller for Numbers {
    type Key = u32;
    type Observed = u32;
    type Step = u32;

    const FUNCTION: FunctionName = FunctionName::AcceptConnections;

    fn limit(rules: &Rules) -> Limit {
        crate::plan::connections::limit(rules)
    }

    async fn locate(&self, subject: &Subject, _: &Rules) -> Located<u32> {
        if *subject == Subject::Everything {
            return Located { keys: self.all.clone(), ..Located::default() };
        }
        let Subject::Service(ServiceReference { service, .. }) = subject else { return Located::default() };
        let number = service.as_str().trim_start_matches("vpce-svc-").parse().unwrap();
        Located::at(number)
    }

    async fn observe(&self, key: &u32, _: &Rules) -> Result<Observation<u32>, PortError> {
        self.done.borrow_mut().push(format!("observe {key}"));
        if self.hangs == Some(*key) {
            std::future::pending::<()>().await;
        }
        match self.fails {
            Some((failing, kind)) if failing == *key => Err(error(kind)),
            _ => Ok(Observation { facts: *key, gaps: Vec::new() }),
        }
    }

    fn plan(key: &u32, _: &u32, _: &Rules, _: Timestamp) -> Plan<u32> {
        let two = vec![(*key, decision()), (*key, decision())];
        // Keys from 900 on take away, others give.
        if *key >= 900 { Plan { removals: two, ..Plan::default() } } else { Plan { steps: two, ..Plan::default() } }
    }

    async fn apply(&self, key: &u32, steps: &[u32], _: &Permit) -> Vec<Fate> {
        self.done.borrow_mut().push(format!("apply {key}"));
        let answered = if self.forgets == Some(*key) { 1 } else { steps.len() };
        let mut fates = vec![Fate::Done; answered];
        if *self.outdated.borrow() > 0 {
            *self.outdated.borrow_mut() -= 1;
            fates[0] = Fate::Failed(error(FailureKind::Overtaken));
        }
        fates
    }

    fn is_outdated(error: &PortError) -> bool {
        error.kind == FailureKind::Overtaken
    }
}

/// A clock that stands still until somebody waits, and is then as late as that.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    async fn wait_until(&self, _: Timestamp) {}
}

fn decision() -> Decision {
    Decision::new(Outcome::Accept, "TEST")
}

fn error(kind: FailureKind) -> PortError {
    PortError { call: "test:Read", place: String::new(), kind, code: None, message: String::new() }
}

fn subject(number: u32) -> Subject {
    let service = format!("vpce-svc-{number:08}").parse().unwrap();
    Subject::Service(ServiceReference { account: None, region: "eu-west-1".parse().unwrap(), service })
}

async fn run(numbers: &Numbers, mode: &str, subjects: &[u32]) -> Run {
    run_until(numbers, mode, subjects, Timestamp::MAX).await
}

fn rules(mode: &str) -> Rules {
    let configuration = format!(
        "{{version: 1, deployment: d, organization: o-a1b2c3d4e5, hub-account: '222222222222', mode: {mode},
           providers: {{accounts: ['222222222222'], regions: [eu-west-1]}}}}"
    );
    Rules::parse(&configuration, "@id(\"p\") permit (principal, action, resource);").unwrap()
}

async fn run_until(numbers: &Numbers, mode: &str, subjects: &[u32], deadline: Timestamp) -> Run {
    let rules = rules(mode);
    let subjects = subjects.iter().copied().map(subject).collect();
    reconcile(numbers, &subjects, &rules, &Still, deadline).await
}

fn fates(run: &Run) -> Vec<&Fate> {
    run.keys.iter().flat_map(|report| &report.entries).map(|(_, fate)| fate).collect()
}

#[tokio::test]
async fn mode_alone_decides_what_is_written() {
    for (mode, done, permitted) in
        [("off", vec![], false), ("observe", vec!["observe 7"], false), ("enforce", vec!["observe 7", "apply 7"], true)]
    {
        let numbers = Numbers::default();
        let run = run(&numbers, mode, &[7]).await;
        assert_eq!(*numbers.done.borrow(), done, "{mode}");
        assert_eq!(run.permit().is_some(), permitted, "{mode}");
    }
}

#[tokio::test]
async fn key_that_another_one_covers_is_not_done_twice() {
    let numbers = Numbers::default();
    run(&numbers, "observe", &[101, 100, 107, 207]).await;
    assert_eq!(*numbers.done.borrow(), ["observe 107", "observe 207"]);
}

#[tokio::test]
async fn subjects_of_a_covered_key_come_back_with_the_covering_one() {
    let numbers = Numbers { fails: Some((101, FailureKind::Retry)), ..Numbers::default() };
    let run = run(&numbers, "enforce", &[101, 100, 207]).await;
    assert_eq!(run.unfinished, [subject(100), subject(101)].into());
}

#[tokio::test]
async fn failure_of_one_key_leaves_the_others_alone() {
    let numbers = Numbers { fails: Some((200, FailureKind::Retry)), ..Numbers::default() };
    let run = run(&numbers, "enforce", &[100, 200, 300]).await;
    assert_eq!(fates(&run), [&Fate::Done; 4]);
    assert_eq!(run.unfinished, [subject(200)].into());
}

#[tokio::test]
async fn what_only_a_person_can_mend_is_told_and_does_not_come_back() {
    for kind in [FailureKind::Denied, FailureKind::Refused, FailureKind::Gone] {
        let numbers = Numbers { fails: Some((2, kind)), ..Numbers::default() };
        let run = run(&numbers, "enforce", &[2]).await;
        assert_eq!(run.keys[0].stopped, Some(Stopped::Observe(error(kind))));
        assert_eq!(run.unfinished, [].into(), "{kind}");
    }
}

#[tokio::test]
async fn what_was_decided_by_what_has_changed_is_read_and_decided_again_once() {
    let numbers = Numbers { outdated: 1.into(), ..Numbers::default() };
    let once = run(&numbers, "enforce", &[5]).await;
    assert_eq!(*numbers.done.borrow(), ["observe 5", "apply 5", "observe 5", "apply 5"]);
    // The step of the first try that was done stays told.
    assert_eq!(fates(&once), [&Fate::Done; 3]);

    let numbers = Numbers { outdated: 2.into(), ..Numbers::default() };
    let twice = run(&numbers, "enforce", &[5]).await;
    assert_eq!(numbers.done.borrow().len(), 4);
    assert_eq!(fates(&twice), [&Fate::Done, &Fate::Failed(error(FailureKind::Overtaken)), &Fate::Done]);
    assert_eq!(twice.unfinished, [].into());
}

#[tokio::test]
async fn step_without_an_answer_is_not_taken_for_done_and_comes_back() {
    let numbers = Numbers { forgets: Some(5), ..Numbers::default() };
    let run = run(&numbers, "enforce", &[5]).await;
    assert_eq!(fates(&run), [&Fate::Done, &Fate::Unanswered(None)]);
    assert_eq!(run.unfinished, [subject(5)].into());
}

#[tokio::test]
async fn key_that_is_not_finished_in_time_comes_back() {
    let numbers = Numbers { hangs: Some(2), ..Numbers::default() };
    let run = run_until(&numbers, "enforce", &[2], Timestamp::MAX).await;
    assert_eq!(run.keys[0].stopped, Some(Stopped::OutOfTime));
    assert_eq!(run.unfinished, [subject(2)].into());
}

#[tokio::test]
async fn nothing_is_begun_after_the_deadline() {
    let numbers = Numbers::default();
    let run = run_until(&numbers, "enforce", &[100, 200], Timestamp::UNIX_EPOCH).await;
    assert_eq!(*numbers.done.borrow(), [] as [&str; 0]);
    assert_eq!(run.unfinished, [subject(100), subject(200)].into());
}

#[tokio::test]
async fn what_takes_away_comes_after_all_else() {
    let numbers = Numbers::default();
    let run = run(&numbers, "enforce", &[900, 1000, 100]).await;
    let done = numbers.done.borrow();
    let position = |what: &str| done.iter().position(|done| done == what).unwrap();
    assert!(
        position("apply 900") > position("apply 100") && position("apply 900") > position("observe 1000"),
        "{done:?}"
    );
    assert_eq!(fates(&run), [&Fate::Done; 6]);
}

#[tokio::test]
async fn more_removals_than_the_limit_of_a_run_are_all_withheld_and_a_person_is_asked_once_a_key() {
    for mode in ["observe", "enforce"] {
        let numbers = Numbers::default();
        let run = run(&numbers, mode, &[900, 1000, 1100, 1200, 1300, 1400, 100]).await;
        assert!(!numbers.done.borrow().iter().any(|done| done.starts_with("apply") && done != "apply 100"));
        let entries = || run.keys.iter().flat_map(|report| &report.entries);
        let withheld: Vec<_> = entries().filter(|(decision, _)| decision.reason == reason::LIMIT_REACHED).collect();
        assert_eq!(withheld.len(), 12);
        assert!(withheld.iter().all(|(decision, fate)| decision.outcome == Outcome::Hold && *fate == Fate::Standing));
        assert_eq!(withheld.iter().filter(|(decision, _)| decision.announce.is_some()).count(), 6);
    }
}

#[tokio::test]
async fn as_many_removals_as_the_limit_are_done() {
    let numbers = Numbers::default();
    let run = run(&numbers, "enforce", &[900, 1000, 1100, 1200, 1300]).await;
    assert_eq!(fates(&run), [&Fate::Done; 10]);
}

#[tokio::test]
async fn removal_that_is_not_answered_comes_back() {
    let numbers = Numbers { forgets: Some(900), ..Numbers::default() };
    let run = run(&numbers, "enforce", &[900]).await;
    assert_eq!(fates(&run), [&Fate::Done, &Fate::Unanswered(None)]);
    assert_eq!(run.unfinished, [subject(900)].into());
}

#[tokio::test]
async fn what_a_named_subject_had_done_is_not_done_again_for_a_wide_one_in_the_same_run() {
    let rules = rules("enforce");
    for (all, done) in [
        (vec![900, 100], vec!["observe 900", "apply 900", "observe 100", "apply 100"]),
        // It covers more: then it is looked at again, after what was named is done.
        (vec![907], vec!["observe 900", "apply 900", "observe 907", "apply 907"]),
    ] {
        let numbers = Numbers { all: all.into_iter().collect(), ..Numbers::default() };
        let subjects = BTreeSet::from([subject(900), Subject::Everything]);
        reconcile(&numbers, &subjects, &rules, &Still, Timestamp::MAX).await;
        assert_eq!(*numbers.done.borrow(), done);
    }
}

#[tokio::test]
async fn nothing_is_taken_away_after_the_deadline() {
    /// A clock on which the observation takes all the time there is.
    struct Late(std::cell::Cell<i64>);
    impl Clock for Late {
        fn now(&self) -> Timestamp {
            self.0.set(self.0.get() + 4);
            Timestamp::from_second(self.0.get()).unwrap()
        }

        async fn wait_until(&self, _: Timestamp) {
            std::future::pending::<()>().await;
        }
    }
    let numbers = Numbers::default();
    let deadline = Timestamp::from_second(15).unwrap();
    let run = reconcile(&numbers, &[subject(900)].into(), &rules("enforce"), &Late(0.into()), deadline).await;
    assert_eq!(*numbers.done.borrow(), ["observe 900"]);
    assert_eq!(run.keys[0].stopped, Some(Stopped::OutOfTime));
    assert_eq!(run.unfinished, [subject(900)].into());
}
