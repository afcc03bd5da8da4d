//! Records that pass from one thing to another, and things that want the same.

use super::*;

fn api(value: &str) -> RecordSet {
    record("A:api.example.com", value)
}

/// The keys that registrations in the zone name a record for.
fn registrars(records: &[RecordSet], name: &str) -> Vec<String> {
    let read = |record| registry::read(record, &zone().name)?.ok();
    let names_it = |registration: &registry::Registration| registration.records.contains(&name.parse().unwrap());
    records.iter().filter_map(read).filter(names_it).map(|registration| registration.key).collect()
}

#[test]
fn name_passes_to_another_endpoint_in_one_step() {
    let before = settle(&[], &[wanted(ONE, &[api("192.0.2.1")])]);
    let wish = [wanted(TWO, &[api("192.0.2.2")])];
    let plan = plan_all(&before, &wish);
    assert_eq!(told(&plan.changes), ["update A:api.example.com"]);
    assert_eq!(plan.changes[0].changes.len(), 3);
    assert_eq!(plan.changes[0].keys, [ONE.to_owned(), TWO.to_owned()].into());
    assert_eq!(plan.deletions, []);
    assert_eq!(registrars(&settle(&before, &wish), "A:api.example.com"), [TWO]);
}

#[test]
fn name_that_answers_alike_passes_by_its_registrations_alone() {
    let before = settle(&[], &[wanted(ONE, &[api("192.0.2.1")])]);
    let wish = [wanted(TWO, &[api("192.0.2.1")])];
    let plan = plan_all(&before, &wish);
    let expected = format!("delete TXT:{ONE}._drawbridge.example.com, create TXT:{TWO}._drawbridge.example.com");
    assert_eq!(told(&plan.changes), [expected]);
    assert_eq!(plan.standing.len(), 1);
    assert_eq!(registrars(&settle(&before, &wish), "A:api.example.com"), [TWO]);
}

#[test]
fn name_does_not_pass_from_what_is_not_planned_for() {
    let before = settle(&[], &[wanted(ONE, &[api("192.0.2.1")])]);
    let plan = plan_for(&[TWO], &before, &[wanted(TWO, &[api("192.0.2.2")])]);
    assert_eq!((told(&plan.changes), told(&plan.deletions)), (vec![], vec![]));
    assert_eq!(reasons(&plan), [("A:api.example.com".to_owned(), "CONFLICT")]);
    assert_eq!(plan.held[0].why, format!("A:api.example.com is kept for {ONE}"));
    let alike = plan_for(&[TWO], &before, &[wanted(TWO, &[api("192.0.2.1")])]);
    assert!(alike.held.is_empty() && !alike.standing[0].registered);
}

#[test]
fn of_two_that_want_a_name_the_one_that_has_it_keeps_it() {
    let one = wanted(ONE, &[api("192.0.2.1")]);
    let two = wanted(TWO, &[api("192.0.2.2")]);
    let both = [one.clone(), two.clone()];
    for (first, keeper, other) in [(one, ONE, TWO), (two, TWO, ONE)] {
        let before = settle(&[], &[first]);
        let plan = plan_all(&before, &both);
        assert_eq!((told(&plan.changes), told(&plan.deletions)), (vec![], vec![]));
        assert_eq!(plan.held[0].key.as_deref(), Some(other));
        assert_eq!(registrars(&before, "A:api.example.com"), [keeper]);
    }
    let nobody_has_it = plan_all(&[], &both);
    assert_eq!(nobody_has_it.changes[0].keys, [ONE.to_owned()].into());
    assert_eq!(nobody_has_it.held[0].key.as_deref(), Some(TWO));
}

#[test]
fn record_that_two_have_registered_stays_as_long_as_one_wants_it() {
    let current = [
        api("192.0.2.1"),
        registration(OURS, ONE, &["A:api.example.com"]),
        registration(OURS, TWO, &["A:api.example.com"]),
    ];
    let after = settle(&current, &[wanted(TWO, &[api("192.0.2.1")])]);
    assert_eq!(registrars(&after, "A:api.example.com"), [TWO]);
    assert!(after.contains(&current[0]));
    let one_goes = plan_for(&[ONE], &current, &[]);
    assert_eq!(told(&one_goes.changes), [format!("delete TXT:{ONE}._drawbridge.example.com")]);
    assert_eq!(settle(&current, &[]), []);
}

#[test]
fn cname_is_replaced_in_one_group_that_deletes_it_first() {
    let before = settle(&[], &[wanted(ONE, &[record("CNAME:api.example.com", "a.example.org.")])]);
    for key in [ONE, TWO] {
        let wish = [wanted(key, &[api("192.0.2.1"), record("AAAA:api.example.com", "2001:db8::1")])];
        let plan = plan_all(&before, &wish);
        let expected = "delete CNAME:api.example.com, create A:api.example.com, create AAAA:api.example.com";
        assert_eq!(told(&plan.changes), [expected]);
        settle(&before, &wish);
    }
    let back = settle(&[], &[wanted(ONE, &[api("192.0.2.1")])]);
    let plan = plan_all(&back, &[wanted(TWO, &[record("CNAME:api.example.com", "a.example.org.")])]);
    assert_eq!(told(&plan.changes), ["delete A:api.example.com, create CNAME:api.example.com"]);
}

#[test]
fn cname_stays_where_it_cannot_be_deleted_and_nothing_is_put_beside_it() {
    let before = settle(&[], &[wanted(ONE, &[record("CNAME:api.example.com", "a.example.org.")])]);
    let wish = [wanted(TWO, &[api("192.0.2.1")])];
    let by_policy = plan_by(DnsPolicy::UpsertOnly, &before, &wish);
    assert_eq!((told(&by_policy.changes), told(&by_policy.deletions)), (vec![], vec![]));
    let held = [("A:api.example.com".to_owned(), "CONFLICT"), ("CNAME:api.example.com".to_owned(), "POLICY_LEAVES")];
    assert_eq!(reasons(&by_policy), held);
    assert_eq!(reasons(&plan_for(&[TWO], &before, &wish)), held[..1]);
}
