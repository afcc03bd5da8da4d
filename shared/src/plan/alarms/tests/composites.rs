use super::*;
use crate::model::Suppressor;

/// The alarms over others: the last part of each one's name, how many it covers, and what it waits for.
fn composites(wanted: &Wanted) -> Vec<(&str, usize, Option<&Suppressor>)> {
    let alarms = wanted.alarms.iter().filter_map(|(alarm, _)| match &alarm.rule {
        AlarmRule::Composite { expression, suppressor } => Some((alarm, expression, suppressor)),
        AlarmRule::Metric(_) | AlarmRule::Other => None,
    });
    let last = |alarm: &'_ Alarm| alarm.name.rfind('/').unwrap() + 1;
    alarms
        .map(|(alarm, expression, suppressor)| {
            (&alarm.name[last(alarm)..], expression.matches("ALARM(").count(), suppressor.as_ref())
        })
        .collect()
}

#[test]
fn alarms_over_others_come_last_and_are_split_at_a_hundred() {
    let wanted = of_services_of(vec![watched(120, 2, 1, &[])], &rules());
    let first = wanted.alarms.iter().position(|(alarm, _)| matches!(alarm.rule, AlarmRule::Composite { .. })).unwrap();
    assert!(wanted.alarms[first..].iter().all(|(alarm, _)| matches!(alarm.rule, AlarmRule::Composite { .. })));
    let down = format!("drawbridge/hub/{HUB}/service/{SERVICE}/down");
    let found = composites(&wanted);
    // Critical: a drop of endpoints, ports, each group without targets, and each in each zone. Warnings: two of the service, three of the load balancer,
    // and each group.
    let names: Vec<&str> = found.iter().map(|(name, ..)| *name).collect();
    assert_eq!(
        names,
        ["down", "down-2", "down-3", "down-4", "down-5", "degraded", "degraded-2"],
        "10,240 characters are full first"
    );
    let covered = |begin: &str| -> usize {
        found.iter().filter(|(name, ..)| name.starts_with(begin)).map(|(_, count, _)| count).sum()
    };
    assert_eq!((covered("down"), covered("degraded")), (2 + 120 + 240, 5 + 120));
    assert!(found.iter().all(|(_, count, _)| *count <= 100));
    for (name, _, suppressor) in &found {
        let waits_for = suppressor.map(|suppressor| suppressor.alarm.as_str());
        assert_eq!(waits_for, name.starts_with("degraded").then_some(down.as_str()), "{name}");
    }
    let expressions = format!("{:?}", wanted.alarms.iter().map(|(alarm, _)| &alarm.rule).collect::<Vec<_>>());
    for (alarm, _) in &wanted.alarms[..first] {
        let quoted = format!("ALARM(\\\"{}\\\")", alarm.name);
        assert_eq!(expressions.matches(&quoted).count(), 1, "{} is covered once", alarm.name);
        assert!(alarm.alarm_actions.is_empty() && alarm.ok_actions.is_empty(), "{} is told of by another", alarm.name);
    }
}

#[test]
fn service_without_anything_critical_is_degraded_by_itself() {
    let off = json!({ "profiles": { "endpoints-drop": { "enabled": false }, "port-allocation-errors": { "enabled": false }, "healthy-targets": { "enabled": false }, "no-targets": { "enabled": false } } });
    let wanted = of_services_of(vec![watched(1, 2, 1, &[])], &rules_with(&off));
    assert_eq!(composites(&wanted), [("degraded", 6, None)]);
}

#[test]
fn without_composites_each_alarm_tells() {
    let wanted = of_services_of(vec![watched(1, 2, 1, &[])], &rules_with(&json!({ "composites": false })));
    assert_eq!(composites(&wanted), []);
    assert!(wanted.alarms.iter().all(|(alarm, _)| alarm.alarm_actions.len() == 1), "{:?}", wanted.alarms);
}

#[test]
fn silence_of_a_service_is_missed_only_while_somebody_is_connected() {
    for (consumers, expected) in [(0, false), (1, true)] {
        let wanted = of_services_of(vec![watched(0, 0, consumers, &[])], &rules());
        assert_eq!(profiles(&wanted).contains(&"no-traffic"), expected);
    }
    let mut waiting = watched(0, 0, 1, &[]);
    waiting.connections[0].state = ConnectionState::PendingAcceptance;
    assert!(!profiles(&of_services_of(vec![waiting], &rules())).contains(&"no-traffic"));
}

#[test]
fn removals_go_from_the_top() {
    let service = |name: &str| format!("drawbridge/hub/{HUB}/service/{SERVICE}/{name}");
    let alarm = |name: &str, rule: AlarmRule| {
        let alarm = Alarm {
            name: service(name),
            description: String::new(),
            alarm_actions: BTreeSet::new(),
            ok_actions: BTreeSet::new(),
            rule,
        };
        StandingAlarm { alarm, arn: name.to_owned(), acts: true, is_partial: false, is_broken: false }
    };
    let over = |suppressor: Option<&str>| AlarmRule::Composite {
        expression: "FALSE".to_owned(),
        suppressor: suppressor.map(|name| Suppressor { alarm: service(name), wait: 1, extension: 1 }),
    };
    let all = [
        alarm("blocked-flows", AlarmRule::Other),
        alarm("degraded", over(Some("down"))),
        alarm("degraded-2", over(Some("down"))),
        alarm("down", over(None)),
        alarm("resets-sent", AlarmRule::Other),
    ];
    let ours = || tags(&[("drawbridge:owner", "hub")]);
    let observed = Observed {
        marks: all.iter().map(|standing| (standing.arn.clone(), ours())).collect(),
        alarms: all.into_iter().map(|standing| (standing.alarm.name.clone(), standing)).collect(),
        ..Observed::default()
    };
    let plan = plan(&key_of(HUB, What::Services), &observed, &rules_with(&json!({ "services": "remove" })), now());
    let removed: Vec<&str> =
        plan.removals.iter().map(|(_, decision)| decision.about.subject.rsplit('/').next().unwrap()).collect();
    assert_eq!(removed, ["degraded", "degraded-2", "down", "blocked-flows", "resets-sent"]);
}
