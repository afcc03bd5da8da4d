use std::{fs, path::PathBuf};

use super::*;
use crate::model::{Account, AccountState, Membership};

fn known(name: &str) -> Known {
    let membership = Membership::Member(Account {
        id: CONSUMER.parse().unwrap(),
        state: AccountState::Active,
        path: format!("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/{CONSUMER}/").parse().unwrap(),
        name: Some(name.to_owned()),
        email_domain: None,
        joined: None,
        tags: Tags::new(),
    });
    Known { membership, at: now() }
}

/// The dashboards of a service whose consumers' account has this name.
fn drawn(watched: Watched, name: &str) -> Vec<(String, Value)> {
    let observed = Observed {
        services: vec![watched],
        accounts: BTreeMap::from([(CONSUMER.parse().unwrap(), known(name))]),
        ..Observed::default()
    };
    let wanted = wanted(&key_of(HUB, What::Services), &observed, &rules(), now());
    let read =
        |(name, drawn): (String, Option<(String, About)>)| (name, serde_json::from_str(&drawn.unwrap().0).unwrap());
    wanted.dashboards.into_iter().map(read).collect()
}

fn cases() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cases"))
}

fn check(dashboard: &Value) {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(cases().join("dashboard.schema.json")).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        schema.iter_errors(dashboard).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new());
}

fn metrics(dashboard: &Value) -> Vec<usize> {
    let widgets = dashboard["widgets"].as_array().unwrap();
    widgets.iter().map(|widget| widget["properties"]["metrics"].as_array().map_or(0, Vec::len)).collect()
}

#[test]
fn dashboard_of_two_zones_is_the_golden_one() {
    let mut service = watched(1, 2, 2, &[]);
    service.connections[0].tags = tags(&[
        ("drawbridge:decision", "accept"),
        ("drawbridge:reason", "PERMITTED"),
        ("drawbridge:policy", "members"),
        ("drawbridge:decided-at", "2026-11-01T10:00:00Z"),
    ]);
    let dashboards = drawn(service, "pay");
    let [(name, dashboard)] = dashboards.as_slice() else { panic!("{dashboards:?}") };
    assert_eq!(*name, format!("drawbridge-hub-eu-west-1-{HUB}-{SERVICE}"));
    check(dashboard);
    let path = cases().join("dashboards/two_zones.json");
    let text = serde_json::to_string_pretty(dashboard).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    assert_eq!(golden, text, "run `UPDATE_GOLDEN=1 make core`, look at it, and commit");
}

#[test]
fn dashboards_are_split_at_two_thousand_consumers_and_keep_within_what_cloudwatch_takes() {
    for (consumers, groups, zones, expected) in [
        (0, 0, 0, 1),
        (1, 1, 3, 1),
        (2_000, 1, 3, 1),
        (2_001, 1, 3, 2),
        (4_001, 1, 3, 3),
        (1_500, 50, 6, 1),
        (2_000, 50, 6, 2),
    ] {
        let dashboards = drawn(watched(groups, zones, consumers, &[]), "pay");
        assert_eq!(dashboards.len(), expected, "{consumers} consumers");
        let mut shown = 0;
        for (name, dashboard) in &dashboards {
            check(dashboard);
            let metrics = metrics(dashboard);
            let all: usize = metrics.iter().sum();
            assert!(metrics.len() <= 500 && metrics.iter().all(|count| *count <= 500), "{name}");
            assert!(
                all <= 2_500,
                "{name} of {consumers} consumers, {groups} groups in {zones} zones has {all} metrics"
            );
            shown += dashboard.to_string().matches("\"VPC Endpoint Id\"").count();
        }
        assert_eq!(shown, consumers, "each consumer is shown once");
    }
}

#[test]
fn name_that_somebody_chose_for_an_account_does_nothing() {
    for name in ["${PROP('Dim.x')}", "a|b](javascript:x)\n# <b>`", "\"}]}", "\u{202e}yap", "[x](https://example.com)"] {
        let mut service = watched(1, 1, 1, &[]);
        service.connections[0].tags =
            tags(&[("drawbridge:decided-at", "2026-11-01T10:00:00Z"), ("drawbridge:reason", name)]);
        service.service.tags.insert("Name".to_owned(), name.to_owned());
        let dashboards = drawn(service, name);
        let [(_, dashboard)] = dashboards.as_slice() else { panic!("{dashboards:?}") };
        check(dashboard);
        let widgets = dashboard["widgets"].as_array().unwrap();
        for text in widgets.iter().filter_map(|widget| widget["properties"]["markdown"].as_str()) {
            for wrong in ["](javascript", "](https://example.com)", "<b>", "\n# ", "`\n"] {
                assert!(!text.contains(wrong), "{name:?}: {text}");
            }
        }
        let lines = widgets.iter().filter_map(|widget| widget["properties"]["metrics"].as_array()).flatten();
        let labels: Vec<&str> =
            lines.map(|line| line.as_array().unwrap().last().unwrap()["label"].as_str().unwrap()).collect();
        assert!(labels.len() > 5 && !labels.iter().any(|label| label.contains("${")), "{name:?}: {labels:?}");
    }
}

#[test]
fn dashboard_waits_until_all_accounts_can_be_told() {
    let unknown = Known { membership: Membership::Unknown { why: "garbled".to_owned() }, at: now() };
    for accounts in [BTreeMap::new(), BTreeMap::from([(CONSUMER.parse().unwrap(), unknown)])] {
        let observed = Observed { services: vec![watched(1, 1, 1, &[])], accounts, ..Observed::default() };
        let wanted = wanted(&key_of(HUB, What::Services), &observed, &rules(), now());
        assert!(wanted.dashboards.values().all(Option::is_none) && wanted.dashboards.len() == 1);
    }
}
