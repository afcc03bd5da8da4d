//! What becomes of values that are there, that are missing, and that can't be written as they are.

use super::*;

/// The mark of these keys.
fn with_mark(keys: &str, mut there: Value) -> Value {
    there.as_object_mut().unwrap().insert(tag::WRITTEN.to_owned(), json!(format!("hub {keys}")));
    there
}

/// What becomes of a value that is there where another one is wanted: what is written, and what is held.
fn decide(overwrite: &str, there: &Value, more: &Value) -> (String, Vec<String>) {
    let write = json!({ "owner": { "from": "{account.name}", "overwrite": overwrite, "on": ["endpoint"] } });
    let plan = of_endpoint(&observed(there), &rules_with(&write, more));
    (on(&plan, ENDPOINT), held(&plan))
}

#[test]
fn value_that_is_there_is_replaced_as_the_rule_says() {
    let (none, written) = (json!({}), "drawbridge:tags=hub owner, owner=payments");
    let foreign = format!(
        "FOREIGN_VALUE: tag owner of {ENDPOINT}: somebody else wrote another value, which stays; remove it, or set overwrite: always"
    );
    for (overwrite, there, expected, told) in [
        ("own", json!({}), written, None),
        ("never", json!({}), written, None),
        ("always", json!({}), written, None),
        ("own", json!({ "owner": "payments" }), "", None),
        ("own", json!({ "owner": "alice" }), "", Some(&foreign)),
        ("never", json!({ "owner": "alice" }), "", None),
        ("always", json!({ "owner": "alice" }), written, None),
        ("own", with_mark("owner", json!({ "owner": "alice" })), "owner=payments", None),
        ("always", with_mark("owner", json!({ "owner": "alice" })), "owner=payments", None),
        ("never", with_mark("owner", json!({ "owner": "alice" })), "", None),
        // Somebody removed it, and it was ours.
        ("never", with_mark("owner", json!({})), "owner=payments", None),
        ("own", with_mark("other", json!({ "owner": "alice" })), "", Some(&foreign)),
        ("own", with_mark("other", json!({})), "drawbridge:tags=hub other+owner, owner=payments", None),
        // Two runs at once, of which the second didn't know what the first wrote: what is as it should be is ours again.
        ("own", with_mark("other", json!({ "owner": "payments" })), "drawbridge:tags=hub other+owner", None),
    ] {
        let found = decide(overwrite, &there, &none);
        assert_eq!(found, (expected.to_owned(), told.cloned().into_iter().collect()), "{overwrite} {there}");
    }
}

#[test]
fn value_on_what_is_managed_by_code_is_not_replaced() {
    let by_code = json!({ "infrastructure-as-code": [{ "key": "ManagedBy", "value": "terraform" }] });
    let told = format!(
        "MANAGED_BY_CODE: tag owner of {ENDPOINT}: the resource is managed by code, which would write its value back; change it there"
    );
    for there in [
        json!({ "owner": "alice", "ManagedBy": "terraform" }),
        json!({ "owner": "alice", "aws:cloudformation:stack-name": "x" }),
    ] {
        assert_eq!(decide("always", &there, &by_code), (String::new(), vec![told.clone()]));
    }
    // What is missing is added, and what is ours is ours.
    let missing = json!({ "ManagedBy": "terraform" });
    assert_eq!(decide("always", &missing, &by_code).0, "drawbridge:tags=hub owner, owner=payments");
    let ours = with_mark("owner", json!({ "owner": "old", "ManagedBy": "terraform" }));
    assert_eq!(decide("always", &ours, &by_code).0, "owner=payments");
}

#[test]
fn resource_of_another_deployment_or_with_an_odd_mark_is_left() {
    let none = json!({});
    let (written, told) = decide("own", &json!({ "drawbridge:tags": "other owner", "owner": "x" }), &none);
    assert_eq!(written, "");
    assert!(
        told[0].starts_with("NOT_OWNED: tag drawbridge:tags of vpce-0f1e2d3c4b5a69788: the deployment other"),
        "{told:?}"
    );
    let (written, told) = decide("own", &json!({ "drawbridge:tags": "garbage" }), &none);
    assert_eq!(written, "");
    assert!(told[0].contains("which no deployment writes; remove it"), "{told:?}");
}

#[test]
fn exempted_resource_is_left_with_all_that_belongs_to_it() {
    let rules = rules(&json!({ "owner": { "from": "{account.name}" } }));
    assert_eq!(of_endpoint(&observed(&json!({ "drawbridge:ignore": "true" })), &rules), Plan::default());
    let mut of_interface = observed(&json!({}));
    of_interface.interfaces.values_mut().next().unwrap().extend(tags(&json!({ "drawbridge:ignore": "true" })));
    assert_eq!(written(&of_endpoint(&of_interface, &rules)).into_keys().collect::<Vec<_>>(), [ENDPOINT]);
}

#[test]
fn endpoint_that_is_being_deleted_is_left() {
    let rules = rules(&json!({ "owner": { "from": "{account.name}" } }));
    for state in [ConnectionState::Deleting, ConnectionState::Deleted] {
        let mut going = observed(&json!({}));
        going.endpoints[0].state = state;
        assert_eq!(of_endpoint(&going, &rules), Plan::default());
    }
}

#[test]
fn value_without_a_source_is_the_default_and_stays_without_one() {
    let gone = format!(
        "SOURCE_GONE: tag cost of {ENDPOINT}: what the value was taken from is gone, the value stays; give the rule a default"
    );
    for (default, there, expected, told) in [
        (None, json!({}), "", None),
        (Some("none"), json!({}), "cost=none, drawbridge:tags=hub cost", None),
        (None, with_mark("cost", json!({ "cost": "4711" })), "", Some(&gone)),
        (Some("none"), with_mark("cost", json!({ "cost": "4711" })), "cost=none", None),
        (None, json!({ "cost": "of a person" }), "", None),
    ] {
        let rule = json!({ "cost": { "from": "{account.tag.gone}", "default": default, "on": ["endpoint"] } });
        let plan = of_endpoint(&observed(&there), &rules(&rule));
        assert_eq!(on(&plan, ENDPOINT), expected);
        assert_eq!(held(&plan), told.cloned().into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn who_made_it_is_written_once() {
    let rules = rules(&json!({ "creator": { "from": "{creator.name}", "default": "unknown", "on": ["endpoint"] } }));
    let made_by = |name: &str, there: &Value| Observed {
        creations: [creation(ResourceKind::Endpoint, ENDPOINT, name)].into(),
        ..observed(there)
    };
    let first = of_endpoint(&made_by("deployer", &json!({})), &rules);
    assert_eq!(on(&first, ENDPOINT), "creator=deployer, drawbridge:tags=hub creator");
    let there = with_mark("creator", json!({ "creator": "deployer" }));
    assert_eq!(of_endpoint(&made_by("mallory", &there), &rules), Plan::default());
    // Nor is it written over what somebody else wrote.
    assert_eq!(of_endpoint(&made_by("deployer", &json!({ "creator": "me" })), &rules), Plan::default());
    // Nobody knows: it is left, and gets the default when nobody can know any more.
    let mut unknown = observed(&json!({}));
    assert_eq!(of_endpoint(&unknown, &rules), Plan::default());
    unknown.endpoints[0].created = now().checked_sub(HISTORY + SignedDuration::from_secs(1)).ok();
    assert_eq!(on(&of_endpoint(&unknown, &rules), ENDPOINT), "creator=unknown, drawbridge:tags=hub creator");
}

#[test]
fn interface_takes_the_maker_from_the_tags_of_its_endpoint_if_they_are_ours() {
    let rules = rules(&json!({ "creator": { "from": "{creator.name}" } }));
    let ours = with_mark("creator", json!({ "creator": "deployer" }));
    assert_eq!(on(&of_endpoint(&observed(&ours), &rules), INTERFACE), "creator=deployer, drawbridge:tags=hub creator");
    assert_eq!(of_endpoint(&observed(&json!({ "creator": "deployer" })), &rules), Plan::default());
}

#[test]
fn value_that_would_not_be_compliant_is_told_and_not_written() {
    let content = r#"{"tags": {"cost": {"tag_key": "Cost"}, "unit": {"tag_key": "unit", "tag_value": ["Work*"]}, "name": {"tag_key": "name", "tag_value": ["x"]}}}"#;
    let mut observed = observed(&json!({}));
    observed.tag_policy = TagPolicy::parse(content).unwrap();
    let rules = rules(&json!({
        "cost": { "from": "{account.tag.cost-centre}", "on": ["endpoint"] },
        "unit": { "from": "{account.ou-path}", "on": ["endpoint"] },
        "name": { "from": "{account.name}", "on": ["endpoint"] }
    }));
    let plan = of_endpoint(&observed, &rules);
    assert_eq!(on(&plan, ENDPOINT), "drawbridge:tags=hub unit, unit=Workloads/Production");
    let expected = [
        format!(
            "TAG_POLICY: tag cost of {ENDPOINT}: \"4711\" would not be compliant: the tag policy spells the key \"Cost\""
        ),
        format!("TAG_POLICY: tag name of {ENDPOINT}: \"payments\" would not be compliant: the tag policy takes only x"),
    ];
    assert_eq!(held(&plan), expected);
}

#[test]
fn value_that_is_cut_or_has_characters_replaced_is_told() {
    let name = format!("<{}>", "n".repeat(300));
    let mut observed = observed(&json!({ "x": "old", "drawbridge:tags": "hub x" }));
    observed.accounts = [member(CONSUMER, &name, "o-a1b2c3d4e5/r-ab12/", &json!({}))].into();
    let plan = of_endpoint(&observed, &rules(&json!({ "x": { "from": "{account.name}", "on": ["endpoint"] } })));
    let value = format!("_{}", "n".repeat(255));
    assert_eq!(on(&plan, ENDPOINT), format!("x={value}"));
    let detail = format!("x={value:?}, was \"old\", characters replaced, cut");
    assert_eq!(plan.steps[0].1.detail.as_deref(), Some(&*detail));
}

#[test]
fn tags_beyond_the_limit_are_told_and_those_of_aws_are_not_counted() {
    let there = |count: usize| {
        let own = (0..count).map(|index| (format!("k{index}"), json!("v")));
        Value::Object(own.chain([("aws:x".to_owned(), json!("y"))]).collect())
    };
    let rules = rules(&json!({ "a": { "from": "1", "on": ["endpoint"] }, "b": { "from": "2", "on": ["endpoint"] } }));
    let plan = |count| of_endpoint(&observed(&there(count)), &rules);
    assert_eq!(on(&plan(47), ENDPOINT), "a=1, b=2, drawbridge:tags=hub a+b");
    assert_eq!(on(&plan(48), ENDPOINT), "a=1, drawbridge:tags=hub a");
    let told = format!("TAG_LIMIT: tag b of {ENDPOINT}: a resource has at most 50 tags; remove one");
    assert_eq!(held(&plan(48)), [told]);
    assert_eq!((on(&plan(49), ENDPOINT), held(&plan(49)).len()), (String::new(), 2));
    assert_eq!((on(&plan(50), ENDPOINT), held(&plan(50)).len()), (String::new(), 2));
    // What replaces a value needs no place, but the mark does.
    let mut full = there(49);
    full.as_object_mut().unwrap().insert("owner".to_owned(), json!("alice"));
    assert_eq!(decide("always", &full, &json!({})).0, "");
    full.as_object_mut().unwrap().remove("k0");
    assert_eq!(decide("always", &full, &json!({})).0, "drawbridge:tags=hub owner, owner=payments");
}

#[test]
fn mark_without_room_for_more_keys_is_told_and_nothing_is_written() {
    let old = (0..9).map(|index| format!("{}{index}", "k".repeat(26))).collect::<Vec<_>>().join("+");
    let there = with_mark(&old, json!({}));
    let plan = of_endpoint(&observed(&there), &rules(&json!({ "owner": { "from": "x", "on": ["endpoint"] } })));
    assert_eq!(plan.steps, []);
    assert!(held(&plan)[0].contains("has no room for more keys"), "{:?}", held(&plan));
}

#[test]
fn what_many_resources_have_in_common_is_told_once() {
    let mut many = observed(&json!({ "owner": "alice" }));
    many.endpoints = (0..7)
        .map(|index| {
            let mut other = endpoint(&json!({ "owner": "alice" }));
            other.key.endpoint = format!("vpce-0000000{index}").parse().unwrap();
            other
        })
        .collect();
    let rules = rules(&json!({ "owner": { "from": "{account.name}", "on": ["endpoint"] } }));
    let plan = plan_of(What::Endpoints, &many, &rules);
    let named = "vpce-00000000, vpce-00000001, vpce-00000002, vpce-00000003, vpce-00000004 and 2 more";
    let [told] = &held(&plan)[..] else { panic!("{:?}", plan.held) };
    assert!(told.starts_with(&format!("FOREIGN_VALUE: tag owner of {named}: ")), "{told}");
}

#[test]
fn history_is_read_since_the_first_that_carries_no_maker() {
    let rules = rules(&json!({ "creator": { "from": "{creator.name}" } }));
    let of = key(What::Endpoints);
    let since = |observed: &Observed, kind| unknown_since(&of, observed, kind, &rules, now());
    let made: Option<Timestamp> = Some("2026-11-01T10:00:00Z".parse().unwrap());
    let mut observed = observed(&json!({}));
    // Its call is told in whole seconds, and may be a little earlier than what it made.
    assert_eq!(since(&observed, ResourceKind::Endpoint), made.map(|made| made - SignedDuration::from_mins(1)));
    let said = tags(&json!({ "creator": "of whomever" }));
    observed.endpoints[0].tags.clone_from(&said);
    *observed.interfaces.values_mut().next().unwrap() = said;
    assert_eq!(since(&observed, ResourceKind::Endpoint), None);
    observed.endpoints[0].tags.clear();
    observed.endpoints[0].created = now().checked_sub(HISTORY + SignedDuration::from_secs(1)).ok();
    assert_eq!(since(&observed, ResourceKind::Endpoint), None);
    // AWS doesn't tell when a service was made.
    let services = Observed { services: vec![service(SERVICE, &json!({}))], ..Observed::default() };
    let found = unknown_since(&key(What::Services), &services, ResourceKind::EndpointService, &rules, now());
    assert_eq!(found, now().checked_sub(HISTORY).ok());
}

#[test]
fn history_of_an_endpoint_is_read_for_its_interfaces_which_no_call_of_their_own_made() {
    let rules = rules(&json!({ "creator": { "from": "{creator.name}", "on": ["network-interface"] } }));
    let (of, observed) = (key(What::Endpoints), observed(&json!({ "creator": "of whomever" })));
    assert!(!observed.interfaces.is_empty());
    assert!(unknown_since(&of, &observed, ResourceKind::Endpoint, &rules, now()).is_some());
    assert_eq!(unknown_since(&of, &observed, ResourceKind::NetworkInterface, &rules, now()), None);
}

#[test]
fn interface_that_an_old_endpoint_gets_has_its_maker_from_the_endpoint_before_any_default() {
    let rules = rules(&json!({ "creator": { "from": "{creator.name}", "default": "unknown" } }));
    let long_ago = now().checked_sub(HISTORY + SignedDuration::from_hours(1)).ok();
    let old = |there: &Value| {
        let mut observed = observed(there);
        observed.endpoints[0].created = long_ago;
        on(&of_endpoint(&observed, &rules), INTERFACE)
    };
    let (ours, theirs) = (with_mark("creator", json!({ "creator": "alice" })), json!({ "creator": "alice" }));
    assert_eq!(old(&ours), "creator=alice, drawbridge:tags=hub creator");
    assert_eq!(old(&theirs), "creator=unknown, drawbridge:tags=hub creator");
}
