use super::*;
use crate::{
    plan::{About, Outcome},
    policy::Mode,
    port::FailureKind,
    reconcile::{KeyReport, Stopped},
};

fn decision(outcome: Outcome, reason: &'static str) -> Decision {
    let fields = [
        ("service_id", "vpce-svc-0a1b2c3d4e5f60718"),
        ("vpc_endpoint_id", "vpce-0f1e2d3c4b5a69788"),
        ("endpoint_owner", "444444444444"),
    ];
    Decision {
        policies: vec!["members-only".into()],
        about: About {
            subject: "vpce-0f1e2d3c4b5a69788 of account 444444444444".into(),
            fields: fields.map(|(name, value)| (name, value.to_owned())).into(),
            resource: "arn:aws:ec2:eu-west-1:222222222222:vpc-endpoint-service/vpce-svc-0a1b2c3d4e5f60718".into(),
        },
        announce: Some("Connection Accepted"),
        ..Decision::new(outcome, reason)
    }
}

fn error() -> PortError {
    PortError {
        call: "ec2:AcceptVpcEndpointConnections",
        place: "222222222222/eu-west-1".into(),
        kind: FailureKind::Retry,
        code: Some("RequestLimitExceeded".into()),
        message: "RequestLimitExceeded: slow down".into(),
    }
}

fn run(entries: Vec<(Decision, Fate)>) -> Run {
    let took = std::time::Duration::from_millis(12);
    let report = KeyReport { key: "key".into(), entries, gaps: Vec::new(), stopped: None, took: Some(took) };
    let mut run = Run::new(Mode::Enforce);
    run.keys.push(report);
    run
}

fn invocation() -> Invocation {
    Invocation {
        service: FunctionName::AcceptConnections,
        request_id: "8d97fd22-4942-4840-8dfc-629f668137ba".into(),
        cold_start: true,
        at: "2026-11-02T10:00:00.123Z".parse().unwrap(),
    }
}

fn only_log_line(run: &Run) -> Value {
    let lines = log_lines(&invocation(), run, &Summary::default());
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines[0].clone()
}

#[test]
fn decision_is_logged_with_all_that_explains_it() {
    let line = only_log_line(&run(vec![(decision(Outcome::Accept, "ORG_MEMBER"), Fate::Done)]));
    let expected = json!({
        "level": "INFO",
        "timestamp": "2026-11-02T10:00:00.123Z",
        "service": "accept-connections",
        "function_request_id": "8d97fd22-4942-4840-8dfc-629f668137ba",
        "cold_start": true,
        "message": "accept: vpce-0f1e2d3c4b5a69788 of account 444444444444: ORG_MEMBER by members-only",
        "decision": "accept",
        "reason": "ORG_MEMBER",
        "policy": "members-only",
        "mode": "enforce",
        "result": "done",
        "endpoint_owner": "444444444444",
        "service_id": "vpce-svc-0a1b2c3d4e5f60718",
        "vpc_endpoint_id": "vpce-0f1e2d3c4b5a69788",
    });
    assert_eq!(line, expected);
}

#[test]
fn level_tells_what_needs_a_person() {
    for (reason, fate, level) in [
        ("ORG_MEMBER", Fate::Done, "INFO"),
        ("ORG_MEMBER", Fate::Proposed, "INFO"),
        ("OUTSIDE_ORGANIZATION", Fate::Standing, "INFO"),
        ("MEMBERSHIP_UNKNOWN", Fate::Standing, "WARN"),
        ("POLICY_ERROR", Fate::Standing, "ERROR"),
        ("ORG_MEMBER", Fate::Failed(error()), "ERROR"),
        ("ORG_MEMBER", Fate::Incomplete(error()), "ERROR"),
        ("ORG_MEMBER", Fate::Unanswered(None), "ERROR"),
    ] {
        let line = only_log_line(&run(vec![(decision(Outcome::Accept, reason), fate.clone())]));
        assert_eq!(line["level"], level, "{reason} {fate:?}");
    }
}

#[test]
fn failed_call_is_logged_with_call_code_and_kind() {
    let line = only_log_line(&run(vec![(decision(Outcome::Accept, "ORG_MEMBER"), Fate::Failed(error()))]));
    assert_eq!(line["call"], "ec2:AcceptVpcEndpointConnections");
    assert_eq!(line["error_code"], "RequestLimitExceeded");
    assert_eq!(line["error_kind"], "retry");
    assert_eq!(line["result"], "failed");
}

#[test]
fn text_from_outside_cannot_forge_a_line() {
    let mut hostile = decision(Outcome::Hold, "NO_PERMIT");
    hostile.detail = Some("x\"}\n{\"level\":\"INFO\",\"decision\":\"accept\"".into());
    let line = only_log_line(&run(vec![(hostile, Fate::Standing)])).to_string();
    assert_eq!(line.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["decision"], "hold");
}

#[test]
fn metrics_are_in_the_embedded_metric_format() {
    let schema = include_str!("../../../tests/cases/embedded-metric-format.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let lines = metric_lines(
        &invocation(),
        &run(vec![(decision(Outcome::Accept, "ORG_MEMBER"), Fate::Done)]),
        &Summary::default(),
    );
    assert_eq!(lines.len(), 2);
    for line in &lines {
        let faults: Vec<String> = validator.iter_errors(line).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}\n{line}");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let names = |list: &Value, member: &str| -> Vec<String> {
            list.as_array()
                .unwrap()
                .iter()
                .map(|one| one.get(member).unwrap_or(one).as_str().unwrap().to_owned())
                .collect()
        };
        let all = [names(&directive["Dimensions"][0], "-"), names(&directive["Metrics"], "Name")].concat();
        assert!(
            all.iter().all(|name| line.get(name).is_some()),
            "every dimension and metric stands at the top level: {line}"
        );
    }
}

#[test]
fn metrics_count_failures_by_kind() {
    let mut failing = run(vec![
        (decision(Outcome::Accept, "ORG_MEMBER"), Fate::Failed(error())),
        (decision(Outcome::Hold, "MEMBERSHIP_UNKNOWN"), Fate::Standing),
    ]);
    failing.keys[0].gaps.push(error());
    failing.keys[0].stopped = Some(Stopped::OutOfTime);
    failing.failures.push(error());
    let summary = Summary {
        messages_failed: 2,
        ignored: [(Ignored::UnknownEvent, 3)].into(),
        rejected_documents: Some("drawbridge.yaml:1:1: …".into()),
        not_published: Some((4, "denied".into())),
        ..Summary::default()
    };
    let line = metric_lines(&invocation(), &failing, &summary)[0].clone();
    for (metric, expected) in [
        ("Decisions", 2),
        ("CallsFailed", 3),
        ("MembershipUnknown", 1),
        ("MessagesFailed", 2),
        ("MessagesIgnored", 3),
        ("ConfigurationRejected", 1),
        ("ConfigurationStale", 0),
        ("EventsNotPublished", 4),
    ] {
        assert_eq!(line[metric], expected, "{metric}");
    }
    assert_eq!(line["Latency"], json!([12]));
}

#[test]
fn nothing_is_published_that_was_not_done() {
    let entries = || {
        [Fate::Proposed, Fate::Failed(error()), Fate::Unanswered(None)]
            .map(|fate| (decision(Outcome::Accept, "ORG_MEMBER"), fate))
    };
    assert_eq!(bus_events(&run(entries().into())), []);
}

#[test]
fn what_was_done_is_published_before_what_stands() {
    let mut held = decision(Outcome::Hold, "OUTSIDE_ORGANIZATION");
    held.announce = Some("Connection Held");
    let run = run(vec![(held, Fate::Standing), (decision(Outcome::Accept, "ORG_MEMBER"), Fate::Done)]);
    let types: Vec<_> = bus_events(&run).iter().map(|event| event.detail_type).collect();
    assert_eq!(types, ["Connection Accepted", "Connection Held"]);
}

#[test]
fn event_names_the_resource_that_there_is_and_none_where_there_is_none_yet() {
    let mut unnamed = decision(Outcome::Publish, "NAME_WANTED");
    unnamed.about.resource = String::new();
    let run = run(vec![(unnamed, Fate::Done), (decision(Outcome::Accept, "ORG_MEMBER"), Fate::Done)]);
    let named: Vec<_> = bus_events(&run).into_iter().map(|event| event.resources).collect();
    let arn = "arn:aws:ec2:eu-west-1:222222222222:vpc-endpoint-service/vpce-svc-0a1b2c3d4e5f60718";
    assert_eq!(named, [vec![], vec![arn.to_owned()]]);
}

#[test]
fn field_of_a_decision_cannot_replace_what_the_line_says_itself() {
    let mut hostile = decision(Outcome::Hold, "NO_PERMIT");
    hostile.about.fields.insert("level", "DEBUG".into());
    hostile.about.fields.insert("decision", "accept".into());
    let line = only_log_line(&run(vec![(hostile, Fate::Standing)]));
    assert_eq!((&line["level"], &line["decision"]), (&json!("INFO"), &json!("hold")));
}

/// A sweep in which these calls failed.
fn sweep(failures: Vec<PortError>) -> Run {
    let mut run = run(vec![(decision(Outcome::Accept, "ORG_MEMBER"), Fate::Done)]);
    run.is_sweep = true;
    run.failures = failures;
    run
}

fn report_of(run: &Run) -> Value {
    let lines = log_lines(&invocation(), run, &Summary::default());
    lines.into_iter().find(|line| line.get("sweep").is_some()).unwrap()
}

#[test]
fn sweep_tells_how_much_it_did_and_what_it_could_not_reach() {
    let denied = |place: &str, message: &str| PortError {
        kind: FailureKind::Denied,
        place: place.into(),
        message: message.into(),
        ..error()
    };
    let no_role = "AccessDenied: not authorized to perform: sts:AssumeRole on resource: role";
    let run = sweep(vec![
        denied("333333333333/eu-west-1", no_role),
        denied("333333333333/eu-west-1/vpce-svc-0a1b2c3d4e5f60718", no_role),
        denied("555555555555/eu-west-1", "with an explicit deny in a service control policy"),
        PortError { kind: FailureKind::Gone, ..error() },
    ]);
    let line = report_of(&run);
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["message"], "sweep: 1 looked at, 1 change(s) made, 0 proposed, 0 failed, 2 place(s) not reached");
    let unreached = line["sweep"]["unreached"].as_array().unwrap();
    let told: Vec<_> = unreached.iter().map(|cause| (&cause["cause"], &cause["count"], &cause["places"])).collect();
    assert_eq!(
        told,
        [
            (&json!("ROLE_NOT_ASSUMABLE"), &json!(1), &json!(["333333333333/eu-west-1"])),
            (&json!("DENIED_BY_ORGANIZATION"), &json!(1), &json!(["555555555555/eu-west-1"])),
        ]
    );
    assert!(unreached.iter().all(|cause| cause["remedy"].as_str().unwrap().len() > 20));
}

#[test]
fn sweep_that_reached_all_is_no_warning_and_nothing_else_is_a_sweep() {
    let line = report_of(&sweep(Vec::new()));
    assert_eq!((&line["level"], &line["sweep"]["unreached"]), (&json!("INFO"), &json!([])));
    assert!(log_lines(&invocation(), &run(Vec::new()), &Summary::default()).is_empty());
}

#[test]
fn sweep_of_many_places_that_fail_stays_within_a_log_event() {
    let place = |number: usize| PortError { place: format!("{number:012}/eu-west-1"), ..error() };
    let line = report_of(&sweep((0..20_000).map(place).collect()));
    let cause = &line["sweep"]["unreached"][0];
    assert_eq!((&cause["count"], cause["places"].as_array().unwrap().len()), (&json!(20_000), 100));
    // CloudWatch Logs quotas: 256 KB; Lambda cuts earlier.
    assert!(line.to_string().len() < 100_000);
}
