use super::*;
use crate::model::{AlarmLimit, MetricRule};

fn threshold(alarm: &Alarm) -> f64 {
    let AlarmRule::Metric(MetricRule { limit: AlarmLimit::Threshold(threshold), .. }) = &alarm.rule else {
        panic!("{alarm:?}")
    };
    threshold.as_f64()
}

#[test]
fn tag_sets_the_threshold_switches_off_or_is_told() {
    for (value, expected, is_told) in [
        (None, Some(10.0), false),
        (Some("3"), Some(3.0), false),
        (Some(" 2.5 "), Some(2.5), false),
        (Some("0"), Some(0.0), false),
        (Some("off"), None, false),
        (Some(" OFF "), None, false),
        (Some("-1"), Some(10.0), true),
        (Some("many"), Some(10.0), true),
        (Some(""), Some(10.0), true),
        (Some("NaN"), Some(10.0), true),
        (Some("inf"), Some(10.0), true),
        (Some("1e400"), Some(10.0), true),
        (Some("1,5"), Some(10.0), true),
    ] {
        let own: Vec<(&str, &str)> =
            value.map(|value| ("drawbridge:alarm:packets-dropped", value)).into_iter().collect();
        let wanted = of_endpoints_of(vec![endpoint(&own)], &rules());
        let found = wanted.alarms.iter().map(|(alarm, _)| alarm).find(|alarm| alarm.name.ends_with("/packets-dropped"));
        let found = found.map(|alarm| threshold(alarm).to_bits());
        assert_eq!(found, expected.map(f64::to_bits), "{value:?}");
        let told: Vec<_> = wanted.held.iter().map(|held| held.reason.as_ref()).collect();
        assert_eq!(told, if is_told { vec![reason::INVALID_TAG] } else { vec![] }, "{value:?}");
        assert!(profiles(&wanted).contains(&"resets-received"), "it is about the one profile");
    }
}

#[test]
fn silence_is_waited_for_once_the_endpoint_is_as_old_as_it_lasts() {
    for (created, lasts, expected) in [
        (None, "7d", true),
        (Some("2026-10-26T10:00:00Z"), "7d", true),
        (Some("2026-10-26T10:00:01Z"), "7d", false),
        (Some("2026-11-01T10:00:01Z"), "1d", false),
        (Some("2026-11-01T10:00:00Z"), "1d", true),
        // A clock that differs makes nothing young or old by itself.
        (Some("2026-11-02T10:05:00Z"), "1d", true),
    ] {
        let rules = rules_with(&json!({ "profiles": { "idle": { "for": lasts } } }));
        let endpoint = Endpoint { created: created.map(|created| created.parse().unwrap()), ..endpoint(&[]) };
        let wanted = of_endpoints_of(vec![endpoint], &rules);
        assert_eq!(profiles(&wanted).contains(&"idle"), expected, "{created:?} {lasts}");
    }
}

#[test]
fn endpoint_gets_alarms_when_it_has_metrics_and_is_selected() {
    let all = vec!["packets-dropped", "resets-received", "idle"];
    let none = Vec::<&str>::new;
    let changed = |change: &dyn Fn(&mut Endpoint)| {
        let mut changed = endpoint(&[]);
        change(&mut changed);
        changed
    };
    for (title, endpoint, expected) in [
        ("connected", endpoint(&[]), all.clone()),
        ("of appliances", changed(&|it| it.kind = EndpointKind::GatewayLoadBalancer), all.clone()),
        (
            "at a service of AWS",
            changed(&|it| "com.amazonaws.eu-west-1.sqs".clone_into(&mut it.service_name)),
            all.clone(),
        ),
        ("of routes", changed(&|it| it.kind = EndpointKind::Gateway), none()),
        ("of a resource", changed(&|it| it.kind = EndpointKind::Other("Resource".to_owned())), none()),
        ("waiting", changed(&|it| it.state = ConnectionState::PendingAcceptance), none()),
        ("rejected", changed(&|it| it.state = ConnectionState::Rejected), none()),
        ("of a service of AWS", changed(&|it| it.requester_managed = true), none()),
        ("exempt", endpoint(&[("drawbridge:ignore", " True")]), none()),
        (
            "at a service in another Region",
            changed(&|it| it.service_name = format!("com.amazonaws.vpce.us-east-1.{SERVICE}")),
            none(),
        ),
    ] {
        let is_far = title.contains("another Region");
        let wanted = of_endpoints_of(vec![endpoint], &rules());
        assert_eq!(profiles(&wanted), expected, "{title}");
        let told: Vec<_> = wanted.held.iter().map(|held| held.reason.as_ref()).collect();
        assert_eq!(told, if is_far { vec![reason::NO_METRICS] } else { vec![] }, "{title}");
    }
    let tagged = rules_with(&json!({ "select": "tagged" }));
    for (own, expected) in [(&[][..], 0), (&[("drawbridge:alarms", "true")], 3), (&[("drawbridge:alarms", "True")], 0)]
    {
        assert_eq!(of_endpoints_of(vec![endpoint(own)], &tagged).alarms.len(), expected, "{own:?}");
    }
}

/// An alarm over the endpoint's.
fn over(names: &[&str], acts: bool, tells: bool) -> StandingAlarm {
    let names: Vec<String> =
        names.iter().map(|name| format!("ALARM(\"drawbridge/hub/{CONSUMER}/endpoint/{name}\")")).collect();
    let topics: BTreeSet<String> =
        tells.then(|| "arn:aws:sns:eu-west-1:222222222222:warning".to_owned()).into_iter().collect();
    let alarm = Alarm {
        name: format!("drawbridge/hub/{HUB}/service/{SERVICE}/degraded"),
        description: String::new(),
        alarm_actions: topics,
        ok_actions: BTreeSet::new(),
        rule: AlarmRule::Composite { expression: names.join(" OR "), suppressor: None },
    };
    StandingAlarm { alarm, arn: String::new(), acts, is_partial: false, is_broken: false }
}

#[test]
fn alarm_is_silent_only_when_one_over_it_tells() {
    let it = format!("{ENDPOINT}/packets-dropped");
    let other = format!("{ENDPOINT}0/packets-dropped");
    for (over, silent) in [
        (None, false),
        (Some(over(&[&it], true, true)), true),
        (Some(over(&[&other, &it], true, true)), true),
        (Some(over(&[&it], false, true)), false),
        (Some(over(&[&it], true, false)), false),
        (Some(over(&[&other], true, true)), false),
        (
            Some(StandingAlarm {
                alarm: Alarm { rule: AlarmRule::Other, ..over(&[&it], true, true).alarm },
                ..over(&[], true, true)
            }),
            false,
        ),
    ] {
        let neighbours = over.map(|standing| (standing.alarm.name.clone(), standing)).into_iter().collect();
        let observed = Observed { endpoints: vec![endpoint(&[])], neighbours, ..Observed::default() };
        let wanted = wanted(&key_of(CONSUMER, What::Endpoints), &observed, &rules(), now());
        let alarm = find(&wanted, "/packets-dropped");
        assert_eq!(
            (alarm.alarm_actions.is_empty(), alarm.ok_actions.is_empty()),
            (silent, silent),
            "{:?}",
            observed.neighbours
        );
        assert!(!find(&wanted, "/idle").alarm_actions.is_empty(), "the others tell");
    }
}

#[test]
fn fleet_is_judged_by_the_dimensions_of_whole_endpoints() {
    let fleet = rules_with(&json!({ "endpoints": "fleet" }));
    let wanted = of_endpoints_of(vec![endpoint(&[])], &fleet);
    assert_eq!(profiles(&wanted), ["packets-dropped", "resets-received"]);
    assert!(format!("{:?}", find(&wanted, "/packets-dropped").rule).contains(
        r#"FROM SCHEMA(\"AWS/PrivateLinkEndpoints\", \"Endpoint Type\", \"Service Name\", \"VPC Endpoint Id\", \"VPC Id\")"#
    ));
    assert_eq!(of_endpoints_of(Vec::new(), &fleet).alarms, Vec::new(), "of nothing there is none");
}
