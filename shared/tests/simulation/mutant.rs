//! Broken functions: each invariant has one that breaks it, so that it is shown to be looked after.

mod broken;

use std::{collections::BTreeSet, rc::Rc, time::Duration};

use drawbridge::{
    controller::connections::Connections,
    event::Subject,
    model::{Account, AccountState, Connection, Membership},
    plan::{
        Outcome, Plan,
        connections::{Answer, Key, Observed, Step},
    },
    policy::{Mode, Rules},
    port::{DocumentTexts, Documents},
};
use jiff::Timestamp;

pub use self::broken::{Breakable, Mutant};
use super::{
    cast::{ORGANIZATION, UNITS},
    stage::Invariant,
    version,
    wire::Ports,
};

/// How a function is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutation {
    /// It isn't.
    None,
    /// Takes an account that can't be told about for a member.
    TrustsTheUnknown,
    /// Doesn't forget what it remembers of an account that an event names.
    RemembersTooLong,
    /// Rejects what it should hold.
    RejectsTheHeld,
    /// Cuts off what it should keep.
    CutsOffTheKept,
    /// Takes the grace for over.
    GrantsNoGrace,
    /// Knows no limit.
    KnowsNoLimit,
    /// Doesn't see whose a connection is.
    TouchesTheForeign,
    /// Removes principals though it should only add them.
    RemovesPrincipals,
    /// Writes in mode observe.
    WritesWhenObserving,
    /// Goes on in mode off.
    GoesOnWhenOff,
    /// Doesn't look at the documents any more when they say off.
    LooksAwayFromOff,
    /// Takes no stricter mode as long as the policy beside it is broken.
    WaitsForThePolicy,
    /// Takes a configuration though the policy beside it is broken.
    TakesOneWithoutTheOther,
    /// Says that all is done.
    ForgetsToRetry,
    /// Never accepts.
    AcceptsNobody,
    /// Never cuts off.
    CutsOffNobody,
    /// Records the same again and again.
    RecordsAgain,
    /// Takes what another deployment has registered for ours.
    TakesOthersRecords,
    /// Writes records without what registers them.
    ForgetsRegistrations,
    /// Takes each `dns.policy` for `sync`.
    IgnoresDnsPolicy,
    /// Takes all accounts of consumers for listed.
    WritesElsewhere,
    /// Takes the first name of an endpoint for its Regional one.
    TakesTheFirstName,
    /// Takes names away that are wanted.
    TakesNamesAway,
    /// Doesn't see what stands in the way.
    OverlooksConflicts,
    /// Takes an account that it couldn't read for one without VPCs.
    TakesTheUnreadForEmpty,
    /// Switches private names on before the connection is there.
    EnablesTooEarly,
    /// Knows no limit of names.
    KnowsNoLimitOfNames,
    /// Never takes a name away.
    KeepsNames,
    /// Never has a name verified.
    VerifiesNothing,
    /// Never associates a VPC.
    AssociatesNothing,
    /// Leaves authorizations behind.
    LeavesDoorsOpen,
    /// Writes the same registration again and again.
    PublishesAgain,
    /// Overwrites values of others.
    OverwritesTheForeign,
    /// Doesn't mark what it writes.
    ForgetsTheMark,
    /// Writes who made something over what it wrote of it.
    RewritesTheCreator,
    /// Takes somebody else for who made something.
    NamesAnotherCreator,
    /// Takes tag policies for silent.
    IgnoresTagPolicies,
    /// Doesn't see what is exempt from tags.
    TagsTheExempt,
    /// Counts a tag less than there are.
    CountsOneTagLess,
    /// Writes a key that no rule names.
    WritesOtherKeys,
    /// Never writes a tag.
    TagsNothing,
    /// Writes the same mark again and again.
    TagsAgain,
    /// Takes every alarm for ours.
    TakesOthersAlarms,
    /// Takes every dashboard for ours.
    TakesOthersDashboards,
    /// Gives alarms to what nobody selected.
    WatchesTheUnselected,
    /// Takes alarms away that are wanted.
    TakesAlarmsAway,
    /// Knows no limit of alarms.
    KnowsNoLimitOfAlarms,
    /// Writes alarms before those that they cover.
    WritesCoversFirst,
    /// Has alarms be silent of which nobody else tells.
    SilencesTheUncovered,
    /// Switches on what people have switched off.
    SwitchesActionsOn,
    /// Forgets whose an alarm is.
    ForgetsTheOwner,
    /// Never makes an alarm.
    AlarmsNobody,
    /// Leaves alarms of what is gone.
    KeepsAlarms,
    /// Watches a metric with one dimension less.
    DropsADimension,
    /// Writes the same alarm again and again.
    AlarmsAgain,
    /// Takes every instance for ours.
    TakesOthersInstances,
    /// Takes every target group for ours.
    TakesOthersTargets,
    /// Registers endpoints that nobody selected.
    RegistersTheUnselected,
    /// Takes instances away that are wanted.
    TakesInstancesAway,
    /// Takes all targets away.
    TakesAllTargetsAway,
    /// Knows no limit of instances and targets.
    KnowsNoLimitOfInstances,
    /// Forgets whose an instance is.
    ForgetsWhoseAnInstanceIs,
    /// Never registers an instance.
    RegistersNothing,
    /// Never registers a target.
    FollowsNothing,
    /// Never takes up a zone.
    TakesUpNoZone,
    /// Leaves instances of what is gone.
    KeepsInstances,
    /// Registers the same instance again and again.
    RegistersAgain,
}

/// Each mutation, with the invariants of which it breaks one.
pub const MUTATIONS: [(Mutation, &[Invariant]); 67] = [
    (Mutation::TrustsTheUnknown, &[Invariant::OnlyThePermittedAreAccepted]),
    (Mutation::RemembersTooLong, &[Invariant::OnlyThePermittedAreAccepted]),
    (Mutation::RejectsTheHeld, &[Invariant::OnlyTheForbiddenAreRejected]),
    (Mutation::CutsOffTheKept, &[Invariant::ThePermittedAreNotCutOff]),
    (Mutation::GrantsNoGrace, &[Invariant::GraceIsGranted]),
    (Mutation::KnowsNoLimit, &[Invariant::LimitsAreKept]),
    (Mutation::TouchesTheForeign, &[Invariant::ForeignThingsAreUntouched]),
    (Mutation::RemovesPrincipals, &[Invariant::PrincipalsFollowPolicy]),
    (Mutation::WritesWhenObserving, &[Invariant::ObserveWritesNothing]),
    (Mutation::GoesOnWhenOff, &[Invariant::OffStopsAll]),
    (Mutation::LooksAwayFromOff, &[Invariant::OffStopsAll]),
    (Mutation::WaitsForThePolicy, &[Invariant::TheLastSoundVersionIsInForce]),
    (Mutation::TakesOneWithoutTheOther, &[Invariant::TheLastSoundVersionIsInForce]),
    (Mutation::ForgetsToRetry, &[Invariant::WhatMayPassComesBack]),
    (Mutation::AcceptsNobody, &[Invariant::RestIsRight]),
    (Mutation::CutsOffNobody, &[Invariant::RestIsRight]),
    (Mutation::RecordsAgain, &[Invariant::RestIsQuiet]),
    (Mutation::TakesOthersRecords, &[Invariant::OthersNamesAreUntouched]),
    (Mutation::ForgetsRegistrations, &[Invariant::RecordsAreRegistered]),
    (Mutation::IgnoresDnsPolicy, &[Invariant::DnsPolicyIsObeyed]),
    (Mutation::WritesElsewhere, &[Invariant::OnlyListedAccountsAreWritten]),
    (Mutation::TakesTheFirstName, &[Invariant::OnlyTheWantedIsPublished]),
    (Mutation::TakesNamesAway, &[Invariant::OnlyTheUnwantedIsTakenAway, Invariant::RestIsRight]),
    (Mutation::OverlooksConflicts, &[Invariant::ConflictsAreForetold]),
    (Mutation::TakesTheUnreadForEmpty, &[Invariant::TheUnreadKeepTheirNames, Invariant::OnlyTheUnwantedIsTakenAway]),
    (Mutation::EnablesTooEarly, &[Invariant::PrivateNamesWait]),
    (Mutation::KnowsNoLimitOfNames, &[Invariant::LimitsAreKept]),
    (Mutation::KeepsNames, &[Invariant::RestIsRight]),
    (Mutation::VerifiesNothing, &[Invariant::RestIsRight]),
    (Mutation::AssociatesNothing, &[Invariant::RestIsRight]),
    (Mutation::LeavesDoorsOpen, &[Invariant::RestIsRight]),
    (Mutation::PublishesAgain, &[Invariant::RestIsQuiet]),
    (Mutation::OverwritesTheForeign, &[Invariant::OthersTagsAreUntouched]),
    (Mutation::ForgetsTheMark, &[Invariant::OurTagsAreMarked]),
    (Mutation::RewritesTheCreator, &[Invariant::TheCreatorIsWrittenOnce]),
    (Mutation::NamesAnotherCreator, &[Invariant::OnlyWhatTheRulesSayIsWritten]),
    (Mutation::IgnoresTagPolicies, &[Invariant::TagPoliciesAreObeyed]),
    (Mutation::TagsTheExempt, &[Invariant::OthersTagsAreUntouched]),
    (Mutation::CountsOneTagLess, &[Invariant::FiftyTagsAtMost]),
    (Mutation::WritesOtherKeys, &[Invariant::OnlyNamedKeysAreWritten]),
    (Mutation::TagsNothing, &[Invariant::RestIsRight]),
    (Mutation::TagsAgain, &[Invariant::RestIsQuiet]),
    (Mutation::TakesOthersAlarms, &[Invariant::OthersAlarmsAreUntouched]),
    (Mutation::TakesOthersDashboards, &[Invariant::OthersAlarmsAreUntouched]),
    (Mutation::WatchesTheUnselected, &[Invariant::OnlyTheSelectedIsWatched]),
    (Mutation::TakesAlarmsAway, &[Invariant::OnlyTheUnwantedIsTakenAway]),
    (Mutation::KnowsNoLimitOfAlarms, &[Invariant::LimitsAreKept]),
    (Mutation::WritesCoversFirst, &[Invariant::CoversFollowTheirAlarms]),
    (Mutation::SilencesTheUncovered, &[Invariant::SomebodyIsTold]),
    (Mutation::SwitchesActionsOn, &[Invariant::WhatIsSwitchedOffStaysOff]),
    (Mutation::ForgetsTheOwner, &[Invariant::OurAlarmsAreMarked]),
    (Mutation::AlarmsNobody, &[Invariant::RestIsRight]),
    (Mutation::KeepsAlarms, &[Invariant::RestIsRight]),
    (Mutation::DropsADimension, &[Invariant::MetricsHaveAllDimensions]),
    (Mutation::AlarmsAgain, &[Invariant::RestIsQuiet]),
    (Mutation::TakesOthersInstances, &[Invariant::OthersInstancesAreUntouched]),
    (Mutation::TakesOthersTargets, &[Invariant::OthersInstancesAreUntouched]),
    (Mutation::RegistersTheUnselected, &[Invariant::OnlyTheWantedIsRegistered]),
    (Mutation::TakesInstancesAway, &[Invariant::OnlyTheUnwantedIsTakenAway]),
    (
        Mutation::TakesAllTargetsAway,
        &[Invariant::SomethingAnswers, Invariant::OnlyTheUnwantedIsTakenAway, Invariant::OthersInstancesAreUntouched],
    ),
    (Mutation::KnowsNoLimitOfInstances, &[Invariant::LimitsAreKept]),
    (Mutation::ForgetsWhoseAnInstanceIs, &[Invariant::OurInstancesAreMarked]),
    (Mutation::RegistersNothing, &[Invariant::RestIsRight]),
    (Mutation::FollowsNothing, &[Invariant::RestIsRight]),
    (Mutation::TakesUpNoZone, &[Invariant::RestIsRight]),
    (Mutation::KeepsInstances, &[Invariant::RestIsRight]),
    (Mutation::RegistersAgain, &[Invariant::RestIsQuiet]),
];

impl Mutation {
    pub fn rules(self, rules: &Rc<Rules>) -> Rc<Rules> {
        let mode = match (self, rules.configuration.mode) {
            (Self::WritesWhenObserving, Mode::Observe) | (Self::GoesOnWhenOff, Mode::Off) => Mode::Enforce,
            _ => return Rc::clone(rules),
        };
        let mut rules = Rules::clone(rules);
        rules.configuration.mode = mode;
        Rc::new(rules)
    }

    pub fn unfinished(self, unfinished: BTreeSet<Subject>) -> BTreeSet<Subject> {
        if self == Self::ForgetsToRetry { BTreeSet::new() } else { unfinished }
    }

    fn observed(self, observed: &Observed) -> Observed {
        let mut observed = observed.clone();
        match self {
            Self::TrustsTheUnknown => {
                for (account, known) in &mut observed.owners {
                    if matches!(known.membership, Membership::Unknown { .. }) {
                        known.membership = Membership::Member(Account {
                            id: account.clone(),
                            state: AccountState::Active,
                            path: format!("{ORGANIZATION}/r-ab12/{}/{account}/", UNITS[0]).parse().unwrap(),
                            name: None,
                            email_domain: None,
                            joined: None,
                            tags: [("stage".to_owned(), "production".to_owned())].into(),
                        });
                    }
                }
            }
            Self::TouchesTheForeign => {
                for connection in &mut observed.connections {
                    connection.tags.retain(|key, _| key != "drawbridge:ignore" && key != "drawbridge:owner");
                }
            }
            Self::RecordsAgain => {
                for connection in &mut observed.connections {
                    connection.tags.remove("drawbridge:decision");
                }
            }
            _ => {}
        }
        observed
    }

    fn plan(self, key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
        let observed = self.observed(observed);
        let now = if self == Self::GrantsNoGrace { now + Duration::from_hours(1) } else { now };
        let mut rules = rules.clone();
        match self {
            Self::KnowsNoLimit => rules.configuration.revocation.most_percent = 100,
            Self::RemovesPrincipals
                if rules.configuration.principals.manage != drawbridge::policy::ManagePrincipals::None =>
            {
                rules.configuration.principals.manage = drawbridge::policy::ManagePrincipals::Exact;
            }
            _ => {}
        }
        let mut plan = drawbridge::plan::connections::plan(key, &observed, &rules, now);
        match self {
            Self::KnowsNoLimit => plan.steps.append(&mut plan.removals),
            Self::CutsOffNobody => {
                plan.removals.clear();
                plan.steps.retain(|(_, decision)| decision.outcome != Outcome::Revoke);
            }
            Self::AcceptsNobody => plan.steps.retain(|(_, decision)| decision.outcome != Outcome::Accept),
            Self::RejectsTheHeld => answer(&mut plan, &observed, (Outcome::Hold, false), Answer::Reject),
            Self::CutsOffTheKept => answer(&mut plan, &observed, (Outcome::Keep, true), Answer::Revoke),
            _ => {}
        }
        plan
    }
}

/// Gives the steps of an outcome another answer: those on connections that are established, or those on requests.
fn answer(plan: &mut Plan<Step>, observed: &Observed, (outcome, established): (Outcome, bool), answer: Answer) {
    let is_of_kind = |connection: &&Connection| connection.state.is_established() == established;
    let of_kind: BTreeSet<_> =
        observed.connections.iter().filter(is_of_kind).map(|connection| &connection.endpoint).collect();
    for (step, decision) in &mut plan.steps {
        if let Step::Connection(change) = step
            && decision.outcome == outcome
            && of_kind.contains(&change.endpoint)
        {
            change.answer = Some(answer);
        }
    }
}

/// The documents as settings get them that are broken in one way.
#[derive(Debug)]
pub struct Served<D> {
    documents: D,
    mutation: Mutation,
    /// The last policy that was sound.
    policy: Option<String>,
}

impl<D> Served<D> {
    pub fn new(documents: D, mutation: Mutation) -> Self {
        Self { documents, mutation, policy: None }
    }
}

impl<D: Documents> Documents for Served<D> {
    async fn poll(&mut self) -> DocumentTexts {
        let mut texts = self.documents.poll().await;
        let is_sound = texts.acceptance.as_ref().is_ok_and(|text| (version::READING.acceptance)(text).is_ok());
        match (self.mutation, &self.policy) {
            (Mutation::WaitsForThePolicy, _) if !is_sound => texts.configuration.clone_from(&texts.acceptance),
            (Mutation::TakesOneWithoutTheOther, Some(policy)) if !is_sound => texts.acceptance = Ok(policy.clone()),
            _ => {}
        }
        if is_sound {
            self.policy = texts.acceptance.as_ref().ok().cloned();
        }
        texts
    }
}

impl Breakable for Connections<Ports, Ports, Ports> {
    fn is_deaf_to(mutation: Mutation, subject: &Subject) -> bool {
        mutation == Mutation::RemembersTooLong && matches!(subject, Subject::Owner(_))
    }

    fn broken_plan(mutation: Mutation, key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
        mutation.plan(key, observed, rules, now)
    }
}
