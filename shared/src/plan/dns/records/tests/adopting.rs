//! Adoption: only what is there, alike and nobody's.

use super::*;

fn adopt_all(current: &[RecordSet], wanted: &[Wanted]) -> RecordPlan {
    adopt(&zone(), current, wanted, &OURS.parse().unwrap(), now())
}

#[test]
fn record_that_answers_as_wanted_becomes_ours_and_is_not_changed() {
    let mut there = record("A:api.example.com", "192.0.2.1");
    there.data = RecordData::Values { ttl: 60, values: ["192.0.2.1".to_owned()].into() };
    let wish = [wanted(ONE, &[record("A:api.example.com", "192.0.2.1"), record("A:new.example.com", "192.0.2.1")])];
    let plan = adopt_all(std::slice::from_ref(&there), &wish);
    assert_eq!(told(&plan.changes), [format!("create TXT:{ONE}._drawbridge.example.com")]);
    assert_eq!(plan.held, []);

    let after = apply(std::slice::from_ref(&there), &plan);
    assert!(after.contains(&there));
    let next = plan_all(&after, &wish);
    assert_eq!(told(&next.changes), ["update A:api.example.com, create A:new.example.com"]);
    assert_eq!(adopt_all(&after, &wish).changes, []);
}

#[test]
fn adoption_adds_to_what_is_registered() {
    let one = record("A:one.example.com", "192.0.2.1");
    let two = record("A:two.example.com", "192.0.2.2");
    let mut current = settle(&[], &[wanted(ONE, std::slice::from_ref(&one))]);
    current.push(two.clone());
    let wish = [wanted(ONE, &[one, two])];
    let after = apply(&current, &adopt_all(&current, &wish));
    let plan = plan_all(&after, &wish);
    assert_eq!((told(&plan.changes), plan.standing.len()), (vec![], 2));
    assert!(plan.standing.iter().all(|standing| standing.registered));
}

#[test]
fn record_of_another_deployment_key_or_answer_is_not_adopted() {
    let name = "A:api.example.com";
    let there = record(name, "192.0.2.1");
    let wish = [wanted(ONE, std::slice::from_ref(&there))];
    let routed = RecordSet { routing: Some("blue".to_owned()), ..there.clone() };
    for (current, reason) in [
        (vec![there.clone(), registration(OTHER, TWO, &[name])], "NOT_OWNED"),
        (vec![there.clone(), registration(OURS, TWO, &[name])], "CONFLICT"),
        (vec![record(name, "192.0.2.9")], "CONFLICT"),
        (vec![routed], "CONFLICT"),
        (vec![record("CNAME:api.example.com", "www.example.com")], "CONFLICT"),
        (vec![RecordSet { routing: Some("blue".to_owned()), ..record("TXT:api.example.com", "x") }], "CONFLICT"),
        (vec![there.clone(), record(&format!("TXT:{ONE}._drawbridge.example.com"), "\"x\"")], "NOT_OWNED"),
    ] {
        let plan = adopt_all(&current, &wish);
        assert_eq!(plan.changes, []);
        assert_eq!(reasons(&plan), [(name.to_owned(), reason)]);
    }
}

#[test]
fn one_alone_adopts_what_two_want() {
    let there = record("A:api.example.com", "192.0.2.1");
    let wish = [wanted(ONE, std::slice::from_ref(&there)), wanted(TWO, std::slice::from_ref(&there))];
    let plan = adopt_all(&[there], &wish);
    assert_eq!(plan.changes[0].keys, [ONE.to_owned()].into());
    assert_eq!(plan.held[0].key.as_deref(), Some(TWO));
}
