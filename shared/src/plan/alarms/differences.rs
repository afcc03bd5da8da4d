//! What is to be done where that which stands isn't what is wanted.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;

use super::{
    Key, Observed, REMOVALS_OF_A_WALK, Step, WRITES_OF_A_WALK, Wanted, What, Write, composite, dashboard, held, home,
};
use crate::{
    event::{EndpointReference, ServiceReference, Subject},
    model::{Alarm, AlarmRule, StandingAlarm, Tags, tag},
    plan::{About, Decision, Outcome, Plan, reason},
    policy::Rules,
};

/// When a walk goes on that had more to write than it could.
const GO_ON_AFTER: Duration = Duration::from_secs(1);

/// Compares what is wanted with what stands.
#[derive(Debug, Clone, Copy)]
pub struct Differences<'a> {
    pub key: &'a Key,
    pub observed: &'a Observed,
    pub rules: &'a Rules,
    /// Whether everything is taken for ours: to see what would be touched.
    pub assume_ours: bool,
}

impl Differences<'_> {
    pub fn plan(self, wanted: Wanted) -> Plan<Step> {
        let mut plan = Plan { held: wanted.held, ..Plan::default() };
        let kept: BTreeSet<&str> = wanted.alarms.iter().map(|(alarm, _)| alarm.name.as_str()).collect();
        let gone: Vec<&StandingAlarm> =
            self.observed.alarms.values().filter(|standing| !kept.contains(standing.alarm.name.as_str())).collect();
        // More than a run may take away stay in any case: whose they are isn't asked. Of those that go, some at a time.
        let most = usize::try_from(self.rules.configuration.alarms.most_removals).unwrap_or(usize::MAX);
        let is_withheld = gone.len() > most;
        let later = if is_withheld { 0 } else { gone.len().saturating_sub(REMOVALS_OF_A_WALK) };
        let judge = Self { assume_ours: self.assume_ours || is_withheld, ..self };
        let mut going: BTreeSet<&str> = BTreeSet::new();
        // Those that cover others go first, and `degraded` before `down`, which it waits for: by name.
        let (over, below): (Vec<_>, Vec<_>) =
            gone.into_iter().partition(|standing| matches!(standing.alarm.rule, AlarmRule::Composite { .. }));
        let due = over.len() + below.len() - later;
        for standing in over.into_iter().chain(below).take(due) {
            if is_withheld && self.assume_ours {
                continue;
            }
            if judge.remove_alarm(standing, &mut plan) {
                going.insert(&standing.alarm.name);
            }
        }
        if !is_withheld {
            self.uncover(&going, &mut plan);
        }
        for name in self.observed.dashboards.keys().filter(|name| !wanted.dashboards.contains_key(*name)) {
            self.remove_dashboard(name, &mut plan);
        }
        let mut left = later;
        let mut later: BTreeSet<String> = BTreeSet::new();
        for (alarm, about) in wanted.alarms {
            let (before, name) = (plan.steps.len(), alarm.name.clone());
            // Those over others come with them, however many: as long as none stands over one that stands, that tells for itself.
            let waits = composite::covered_by(&alarm).map(|names| names.into_iter().any(|name| later.contains(name)));
            self.put_alarm(alarm, about, &mut plan);
            if waits.unwrap_or(plan.steps.len() > WRITES_OF_A_WALK) && plan.steps.len() > before {
                plan.steps.truncate(before);
                later.insert(name);
                left += 1;
            }
        }
        for (name, drawn) in wanted.dashboards {
            if let Some((body, about)) = drawn {
                self.put_dashboard(name, body, about, &mut plan);
            }
        }
        if left > 0 && !self.assume_ours {
            let why = format!(
                "{left} more alarms are to be written or taken away than a run has time for: it goes on at once"
            );
            plan.held.push(held(self.about(), reason::UNDER_WAY, why));
            plan.again = Some((self.subject(), GO_ON_AFTER));
        }
        plan
    }

    fn put_alarm(&self, alarm: Alarm, about: About, plan: &mut Plan<Step>) {
        let standing = self.observed.alarms.get(&alarm.name);
        if let Some(standing) = standing {
            if standing.alarm == alarm {
                if !standing.acts && !self.assume_ours {
                    let why = "its actions are switched off: nobody is told. Switch them on with cloudwatch:EnableAlarmActions";
                    plan.held.push(held(about, reason::SILENCED, why.to_owned()));
                }
                return;
            }
            if let Err(why) = self.check_mark(standing) {
                plan.held.push(held(about, reason::NOT_OWNED, why));
                return;
            }
        }
        let detail = standing.map(|standing| differs_in(&standing.alarm, &alarm));
        let reason = if standing.is_some() { reason::OUT_OF_STEP } else { reason::SELECTED };
        let decision = Decision { detail, about, ..Decision::new(Outcome::Publish, reason) };
        let acts = standing.is_none_or(|standing| standing.acts);
        plan.steps.push((self.step(Write::PutAlarm { alarm, acts, tags: self.tags() }), decision));
    }

    /// Takes an alarm away; whether it is ours to take.
    fn remove_alarm(&self, standing: &StandingAlarm, plan: &mut Plan<Step>) -> bool {
        let name = &standing.alarm.name;
        let about = self.about_name(name, &standing.arn);
        if let Err(why) = self.check_mark(standing) {
            plan.held.push(held(about, reason::NOT_OWNED, why));
            return false;
        }
        let is_composite = matches!(standing.alarm.rule, AlarmRule::Composite { .. });
        let decision = Decision { about, ..Decision::new(Outcome::Withdraw, reason::NOT_WANTED) };
        let step = self.step(Write::DeleteAlarm { name: name.clone(), is_composite });
        plan.removals.push((step, decision));
        true
    }

    /// Has the alarms of services cover these no more: CloudWatch deletes none that is covered.
    fn uncover(&self, going: &BTreeSet<&str>, plan: &mut Plan<Step>) {
        for standing in self.observed.neighbours.values() {
            if composite::without(&standing.alarm, going).is_none() {
                continue;
            }
            let name = standing.alarm.name.clone();
            let about = self.about_name(&name, &standing.arn);
            if let Err(why) = self.check_mark(standing) {
                plan.held.push(held(about, reason::NOT_OWNED, format!("{why}. What it covers can't be deleted")));
                continue;
            }
            let detail = Some("covers alarms no more that are taken away".to_owned());
            let decision = Decision { detail, about, ..Decision::new(Outcome::Publish, reason::OUT_OF_STEP) };
            let going = going.iter().map(|name| (*name).to_owned()).collect();
            plan.removals.insert(0, (self.step(Write::Uncover { name, going, tags: self.tags() }), decision));
        }
    }

    /// Whether the alarm carries our mark.
    fn check_mark(&self, standing: &StandingAlarm) -> Result<(), String> {
        if self.assume_ours {
            return Ok(());
        }
        let Some(tags) = self.observed.marks.get(&standing.arn) else {
            return Err("its tags are not known yet: it is left to the next look".to_owned());
        };
        let owner = tags.get(tag::OWNER);
        let deployment = self.rules.configuration.deployment.as_str();
        match owner {
            Some(owner) if owner == deployment => Ok(()),
            Some(owner) => Err(format!("the tag {} says that {owner:?} made it; it is left as it is", tag::OWNER)),
            None => Err(format!(
                "it lacks the tag {}={deployment}; it is left as it is. Delete it, or tag it if it is ours",
                tag::OWNER
            )),
        }
    }

    fn put_dashboard(&self, name: String, body: String, about: About, plan: &mut Plan<Step>) {
        let standing = self.observed.dashboards.get(&name);
        let read = |body: &str| serde_json::from_str::<Value>(body).ok();
        if standing.is_some_and(|standing| read(standing) == read(&body)) {
            return;
        }
        if standing.is_some_and(|standing| !dashboard::is_marked(standing, &self.rules.configuration)) {
            plan.held.push(held(about, reason::NOT_OWNED, not_marked()));
            return;
        }
        let reason = if standing.is_some() { reason::OUT_OF_STEP } else { reason::SELECTED };
        let decision = Decision { about, ..Decision::new(Outcome::Publish, reason) };
        plan.steps.push((self.step(Write::PutDashboard { name, body }), decision));
    }

    fn remove_dashboard(&self, name: &str, plan: &mut Plan<Step>) {
        let about = self.about_name(name, "");
        let body = self.observed.dashboards.get(name);
        if !body.is_some_and(|body| dashboard::is_marked(body, &self.rules.configuration)) {
            plan.held.push(held(about, reason::NOT_OWNED, not_marked()));
            return;
        }
        let decision = Decision { about, ..Decision::new(Outcome::Withdraw, reason::NOT_WANTED) };
        plan.removals.push((self.step(Write::DeleteDashboard { name: name.to_owned() }), decision));
    }

    /// The tags of what we make.
    fn tags(&self) -> Tags {
        Tags::from([(tag::OWNER.to_owned(), self.rules.configuration.deployment.to_string())])
    }

    fn step(&self, write: Write) -> Step {
        Step { home: home(&self.key.account, &self.rules.configuration).clone(), write }
    }

    fn about(&self) -> About {
        self.about_name(&self.key.to_string(), "")
    }

    fn about_name(&self, name: &str, resource: &str) -> About {
        let Key { account, region, .. } = self.key;
        let home = home(account, &self.rules.configuration);
        let fields = [("name", name.to_owned()), ("account", home.to_string()), ("region", region.to_string())];
        About { subject: name.to_owned(), fields: fields.into(), resource: resource.to_owned() }
    }

    /// What names the key again.
    fn subject(&self) -> Subject {
        let Key { account, region, what } = self.key.clone();
        match what {
            What::Endpoint(endpoint) => Subject::Endpoint(EndpointReference { account, region, endpoint }),
            What::Service(service) => {
                Subject::ServiceReview(ServiceReference { account: Some(account), region, service })
            }
            What::Endpoints => Subject::Place { account, region },
            What::Services => Subject::LoadBalancers { account, region },
        }
    }
}

fn not_marked() -> String {
    "its first widget doesn't say that Drawbridge made it: it is left as it is. Delete it, or choose another deployment's name"
        .to_owned()
}

/// In what an alarm differs from what it is to be.
fn differs_in(standing: &Alarm, wanted: &Alarm) -> String {
    let parts = [
        (standing.description != wanted.description, "description"),
        (standing.alarm_actions != wanted.alarm_actions || standing.ok_actions != wanted.ok_actions, "who is told"),
        (standing.rule != wanted.rule, "what is judged"),
    ];
    let parts: Vec<&str> = parts.into_iter().filter(|(differs, _)| *differs).map(|(_, part)| part).collect();
    format!("differs in: {}", parts.join(", "))
}
