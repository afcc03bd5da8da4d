//! What people do to alarms and dashboards, by hand: to ours, and to theirs of our names.

use std::collections::BTreeSet;

use drawbridge::{
    model::{AccountId, Alarm, AlarmRule, StandingAlarm, Tags},
    world::{AlarmPlace, State, TaggedAlarm},
};

use super::reckoning::covered;
use crate::{
    cast::{HUB, REGION, service},
    stage::Stage,
};

/// Names that people give their alarms: some that are ours to give.
const NAMES: [&str; 5] = [
    "drawbridge/hub/222222222222/service/vpce-svc-00000000000000001/degraded",
    "drawbridge/hub/222222222222/service/vpce-svc-00000000000000001/resets-sent",
    "drawbridge/hub/444444444444/endpoint/vpce-00000001/packets-dropped",
    "drawbridge/hub/444444444444/endpoints/packets-dropped",
    "orders-down",
];

/// The alarm of a number, of all there are.
fn nth(state: &State, nth: usize) -> Option<AlarmPlace> {
    state.alarms.keys().nth(nth % state.alarms.len().max(1)).cloned()
}

fn place(home: &str, name: &str) -> AlarmPlace {
    (home.parse().unwrap(), REGION.parse().unwrap(), name.to_owned())
}

fn insert(stage: &Stage, place: AlarmPlace, rule: AlarmRule, tags: Tags) {
    let (home, region, name) = &place;
    let topics = BTreeSet::from(["arn:aws:sns:eu-west-1:222222222222:people".to_owned()]);
    let alarm = Alarm {
        name: name.clone(),
        description: "by hand".to_owned(),
        alarm_actions: topics.clone(),
        ok_actions: topics,
        rule,
    };
    let arn = format!("arn:aws:cloudwatch:{region}:{home}:alarm:{name}");
    let standing = StandingAlarm { alarm, arn, acts: true, is_partial: false, is_broken: false };
    stage.tell(|| format!("by hand: the alarm {name} is made in {home}, tagged {tags:?}"));
    stage.world.change().alarms.insert(place, TaggedAlarm { standing, tags });
}

/// Somebody makes an alarm of a name that could be ours.
pub fn make_alarm(stage: &Stage, nth: usize) {
    let name = NAMES[nth % NAMES.len()];
    let home = if name.contains("/444444444444/") && stage.random.chance(500) { "444444444444" } else { HUB };
    let place = place(home, name);
    if stage.world.state().alarms.contains_key(&place) {
        return;
    }
    let another = Tags::from([("drawbridge:owner".to_owned(), "another".to_owned())]);
    let tags = if stage.random.chance(500) { another } else { Tags::new() };
    insert(stage, place, AlarmRule::Other, tags);
}

/// Somebody's alarm covers one that there is: it can't be deleted any more.
pub fn cover(stage: &Stage, number: usize) {
    let Some((home, _, name)) = nth(&stage.world.state(), number) else { return };
    if name == "people-over" {
        return;
    }
    let rule = AlarmRule::Composite { expression: format!("ALARM(\"{name}\")"), suppressor: None };
    insert(stage, place(home.as_str(), "people-over"), rule, Tags::new());
}

pub fn uncover(stage: &Stage) {
    stage.tell(|| "by hand: people-over is deleted".to_owned());
    stage.world.change().alarms.retain(|(_, _, name), _| name != "people-over");
}

/// Somebody changes an alarm.
pub fn change(stage: &Stage, number: usize, words: &str, change: impl FnOnce(&mut TaggedAlarm)) {
    let Some(place) = nth(&stage.world.state(), number) else { return };
    stage.tell(|| format!("by hand: the alarm {} in {} {words}", place.2, place.0));
    change(stage.world.change().alarms.get_mut(&place).unwrap());
}

/// Somebody deletes an alarm, if AWS does: not one that another depends on.
pub fn delete(stage: &Stage, number: usize) {
    let state = stage.world.snapshot();
    let Some(place) = nth(&state, number) else { return };
    if !is_needed(&state, &place.0, &place.2) {
        stage.tell(|| format!("by hand: the alarm {} in {} is deleted", place.2, place.0));
        stage.world.change().alarms.remove(&place);
    }
}

/// Whether another alarm covers this one or waits for it.
pub fn is_needed(state: &State, home: &AccountId, name: &str) -> bool {
    let others = state.alarms.iter().filter(|((owner, _, _), _)| owner == home);
    others.map(|(_, alarm)| &alarm.standing.alarm).any(|alarm| {
        let waits = matches!(&alarm.rule, AlarmRule::Composite { suppressor: Some(other), .. } if other.alarm == name);
        waits || covered(alarm).contains(name)
    })
}

/// Somebody makes a dashboard of a service's name.
pub fn make_dashboard(stage: &Stage, index: usize) {
    let key = service(index);
    let name = format!("drawbridge-hub-{REGION}-{}-{}", key.account, key.service);
    let home: AccountId = if stage.random.chance(500) { HUB.parse().unwrap() } else { key.account };
    stage.tell(|| format!("by hand: the dashboard {name} is made in {home}"));
    stage.world.change().dashboards.entry((home, name)).or_insert_with(|| r#"{"widgets": []}"#.to_owned());
}

/// Somebody changes a dashboard, or deletes it.
pub fn change_dashboard(stage: &Stage, number: usize, deletes: bool) {
    let mut state = stage.world.change();
    let Some(place) = state.dashboards.keys().nth(number % state.dashboards.len().max(1)).cloned() else { return };
    if deletes {
        state.dashboards.remove(&place);
    } else if let Some(body) = state.dashboards.get_mut(&place) {
        *body = body.replace("timeSeries", "singleValue");
    }
    drop(state);
    stage.tell(|| format!("by hand: the dashboard {} in {} is changed or deleted: {deletes}", place.1, place.0));
}
