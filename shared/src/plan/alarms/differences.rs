//! What is to be done where that which stands isn't what is wanted.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;

use super::{Key, Observed, Step, WRITES_OF_A_WALK, Wanted, What, Write, dashboard, held, home};
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
        for standing in gone {
            self.remove_alarm(standing, &mut plan);
        }
        for name in self.observed.dashboards.keys().filter(|name| !wanted.dashboards.contains_key(*name)) {
            self.remove_dashboard(name, &mut plan);
        }
        let mut left = 0;
        for (alarm, about) in wanted.alarms {
            let before = plan.steps.len();
            self.put_alarm(alarm, about, &mut plan);
            if plan.steps.len() > WRITES_OF_A_WALK {
                plan.steps.truncate(before);
                left += 1;
            }
        }
        for (name, drawn) in wanted.dashboards {
            if let Some((body, about)) = drawn {
                self.put_dashboard(name, body, about, &mut plan);
            }
        }
        if left > 0 && !self.assume_ours {
            let why = format!("{left} more alarms are to be written than a run has time for: it goes on at once");
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
        let decision = Decision { about, detail, ..Decision::new(Outcome::Publish, reason) };
        let acts = standing.is_none_or(|standing| standing.acts);
        let tags = Tags::from([(tag::OWNER.to_owned(), self.rules.configuration.deployment.to_string())]);
        plan.steps.push((self.step(Write::PutAlarm { alarm, acts, tags }), decision));
    }

    fn remove_alarm(&self, standing: &StandingAlarm, plan: &mut Plan<Step>) {
        let name = &standing.alarm.name;
        let about = self.about_name(name, &standing.arn);
        if let Err(why) = self.check_mark(standing) {
            plan.held.push(held(about, reason::NOT_OWNED, why));
            return;
        }
        let is_composite = matches!(standing.alarm.rule, AlarmRule::Composite { .. });
        let decision = Decision { about, ..Decision::new(Outcome::Withdraw, reason::NOT_WANTED) };
        let step = self.step(Write::DeleteAlarm { name: name.clone(), is_composite });
        // One that covers others goes before them. Among these, names come in the order in which one can go after the other:
        // `degraded` before `down`, which it waits for.
        let is_over =
            |(step, _): &(Step, Decision)| matches!(step.write, Write::DeleteAlarm { is_composite: true, .. });
        let over = plan.removals.iter().take_while(|removal| is_over(removal)).count();
        let at = if is_composite { over } else { plan.removals.len() };
        plan.removals.insert(at, (step, decision));
    }

    /// Whether the alarm carries our mark.
    fn check_mark(&self, standing: &StandingAlarm) -> Result<(), String> {
        if self.assume_ours {
            return Ok(());
        }
        let owner = self.observed.marks.get(&standing.arn).and_then(|tags| tags.get(tag::OWNER));
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
