//! There is a zone of ours, and it is wanted.

use super::*;

const MARKED: &str = "publish SELECTED: update TXT:vpc-0000000b._drawbridge.pay.corp.example in Z1";

/// The zone is to answer in another VPC as well, in which nothing stands in its way.
fn selected(observed: Observed) -> Observed {
    let mut observed = observed;
    observed.vpcs.insert(vpc("b"), CONSUMER.parse().unwrap());
    observed.rivals.insert(vpc("b"), Vec::new());
    observed
}

#[test]
fn zone_that_is_in_line_is_left() {
    for policy in POLICIES {
        assert_eq!(decide_by(&format!("policy: {policy}"), &in_zone(wanted(), kept())), NOTHING, "{policy}");
    }
}

#[test]
fn record_that_is_missing_or_altered_is_written_as_the_policy_allows() {
    let mut missing = kept();
    missing.records.retain(|found| *found != alias("pay.corp.example", REGIONAL));
    let mut altered = missing.clone();
    altered.records.push(alias("pay.corp.example", "elsewhere.example"));
    let decided = |zone: &PrivateZone| {
        POLICIES.map(|policy| decide_by(&format!("policy: {policy}"), &in_zone(wanted(), zone.clone())).join(" "))
    };
    assert_eq!(decided(&missing), ["publish NAME_WANTED: create A:pay.corp.example in Z1"; 3]);
    let update = "publish NAME_WANTED: update A:pay.corp.example in Z1";
    assert_eq!(decided(&altered), [update, update, "hold POLICY_LEAVES"]);
}

#[test]
fn record_of_others_in_the_place_is_held_and_associations_go_on() {
    let mut taken = kept();
    taken.records = vec![record("A:pay.corp.example", "192.0.2.1"), mark("a", HUB)];
    let mut decided = decide(&in_zone(selected(wanted()), taken));
    decided.sort();
    assert_eq!(decided, ["associate SELECTED: vpc-0000000b of 444444444444", "hold CONFLICT", MARKED]);
}

#[test]
fn records_follow_from_one_endpoint_to_the_next() {
    let mut observed = in_zone(wanted(), kept());
    observed.endpoints = vec![endpoint(SECOND)];
    observed.wishes = [(SECOND.parse().unwrap(), APEX)].into();
    let plan = plan(&key(), &observed, &rules(""), now());
    let changes = tell(&plan).join(" ");
    assert!(changes.starts_with("publish NAME_WANTED") && changes.contains("update A:pay.corp.example"), "{changes}");
    assert!(changes.contains(&format!("create TXT:{SECOND}._drawbridge.pay.corp.example")), "{changes}");
    assert!(changes.contains(&format!("delete TXT:{ENDPOINT}._drawbridge.pay.corp.example")), "{changes}");
}

#[test]
fn of_two_endpoints_the_one_that_has_the_name_keeps_it() {
    assert_eq!(decide(&contested(in_zone(wanted(), kept()))), ["hold CONFLICT"]);
    let mut nobodys = kept();
    nobodys.records.retain(|found| !found.name.as_str().contains(ENDPOINT));
    assert_eq!(decide(&contested(in_zone(wanted(), nobodys))), ["hold CONFLICT"]);
    let mut missing = kept();
    missing.records.retain(|found| *found != alias("pay.corp.example", REGIONAL));
    let decided = decide(&contested(in_zone(wanted(), missing)));
    assert_eq!(decided, ["publish NAME_WANTED: create A:pay.corp.example in Z1", "hold CONFLICT"]);
}

#[test]
fn vpc_is_marked_and_then_associated() {
    let associate = "associate SELECTED: vpc-0000000b of 444444444444";
    let observed = selected(in_zone(wanted(), kept()));
    assert_eq!(decide(&observed), [MARKED, associate]);
    let mut marked = kept();
    marked.records.push(mark("b", CONSUMER));
    assert_eq!(decide(&selected(in_zone(wanted(), marked))), [associate], "it was begun");
    assert_eq!(decide(&selected(in_zone(wanted(), also_in(kept(), "b", true)))), NOTHING, "it is there");
    assert_eq!(decide(&selected(in_zone(wanted(), also_in(kept(), "b", false)))), NOTHING, "somebody made it");
    for policy in POLICIES {
        assert_eq!(decide_by(&format!("policy: {policy}"), &observed), [MARKED, associate], "{policy}");
    }
}

#[test]
fn vpc_of_the_endpoint_is_marked_and_associated_like_any_other() {
    let mut elsewhere = kept();
    elsewhere.associated = [vpc("c")].into();
    elsewhere.records.retain(|found| *found != mark("a", HUB));
    let told = decide(&in_zone(wanted(), elsewhere));
    assert_eq!(
        told,
        [
            "publish SELECTED: update TXT:vpc-0000000a._drawbridge.pay.corp.example in Z1",
            "associate SELECTED: vpc-0000000a of 222222222222"
        ]
    );
    let mut unmarked = kept();
    unmarked.records.retain(|found| *found != mark("a", HUB));
    assert_eq!(decide(&in_zone(wanted(), unmarked)), [told[0].clone()]);
}

#[test]
fn vpc_in_which_something_stands_in_the_way_is_held_and_the_others_go_on() {
    let mut taken = selected(in_zone(wanted(), kept()));
    taken.vpcs.insert(vpc("c"), HUB.parse().unwrap());
    taken.rivals.insert(vpc("c"), Vec::new());
    let mut deaf = taken.clone();
    taken.rivals.insert(vpc("b"), vec![rival("pay.corp.example")]);
    deaf.deaf.insert(vpc("b"));
    let other = [
        "publish SELECTED: update TXT:vpc-0000000c._drawbridge.pay.corp.example in Z1",
        "associate SELECTED: vpc-0000000c of 222222222222",
    ];
    assert_eq!(decide(&taken), [other[0], other[1], "hold CONFLICT"]);
    assert_eq!(decide(&deaf), [other[0], other[1], "hold DNS_SUPPORT_OFF"]);
    let held = &plan(&key(), &deaf, &rules(""), now()).held[0];
    assert_eq!(held.about.subject, "pay.corp.example in vpc-0000000b of 444444444444");
    assert_eq!((&*held.about.fields["vpc_id"], &*held.about.fields["vpc_owner"]), ("vpc-0000000b", CONSUMER));
    assert_eq!((&*held.about.fields["zone_id"], &*held.about.resource), ("Z1", "arn:aws:route53:::hostedzone/Z1"));
}

#[test]
fn in_a_vpc_that_could_not_be_read_nothing_is_done() {
    let mut unread = selected(in_zone(wanted(), kept()));
    unread.rivals.remove(&vpc("b"));
    assert_eq!(decide(&unread), NOTHING);
}

#[test]
fn vpc_that_is_not_selected_any_more_is_disassociated_if_it_was_ours() {
    let disassociate = "- disassociate NOT_SELECTED: vpc-0000000b of 444444444444";
    let ours = in_zone(wanted(), also_in(kept(), "b", true));
    let decided = POLICIES.map(|policy| decide_by(&format!("policy: {policy}"), &ours).join(" "));
    assert_eq!(decided, [disassociate, "hold POLICY_LEAVES", "hold POLICY_LEAVES"]);
    assert_eq!(decide(&in_zone(wanted(), also_in(kept(), "b", false))), NOTHING, "somebody's");
    let mut only_marked = kept();
    only_marked.records.push(mark("b", CONSUMER));
    assert_eq!(decide(&in_zone(wanted(), only_marked)), [disassociate], "the mark goes though nothing is there");
}

#[test]
fn association_that_another_deployment_has_marked_is_left() {
    let mut theirs = also_in(kept(), "b", false);
    theirs.records.push(registration("other", &format!("vpc/{CONSUMER}/{}", vpc("b")), &key().name, &[]));
    assert_eq!(decide(&in_zone(wanted(), theirs)), NOTHING);
}

#[test]
fn vpc_of_the_endpoint_that_is_selected_too_is_associated_once() {
    let mut elsewhere = kept();
    elsewhere.associated = [vpc("c")].into();
    let mut observed = selected(in_zone(wanted(), elsewhere));
    observed.vpcs.insert(vpc("a"), HUB.parse().unwrap());
    let both = ["associate SELECTED: vpc-0000000a of 222222222222", "associate SELECTED: vpc-0000000b of 444444444444"];
    assert_eq!(decide(&observed), [MARKED, both[0], both[1]]);
}

#[test]
fn account_that_could_not_be_read_keeps_its_associations() {
    let mut observed = in_zone(wanted(), also_in(kept(), "b", true));
    observed.unread.insert(CONSUMER.parse().unwrap());
    assert_eq!(decide(&observed), NOTHING);
    observed.unread = [HUB.parse().unwrap()].into();
    assert_eq!(decide(&observed), ["- disassociate NOT_SELECTED: vpc-0000000b of 444444444444"]);
}

#[test]
fn permission_of_ours_that_is_left_over_is_taken_back() {
    let authorized = |zone: PrivateZone| PrivateZone { authorized: [vpc("b")].into(), ..zone };
    let taken_back = "withdraw NOT_WANTED: permission of vpc-0000000b";
    assert_eq!(decide(&selected(in_zone(wanted(), authorized(also_in(kept(), "b", true))))), [taken_back]);
    assert_eq!(decide(&selected(in_zone(wanted(), authorized(also_in(kept(), "b", false))))), NOTHING, "somebody's");
    assert_eq!(decide(&in_zone(wanted(), authorized(kept()))), NOTHING, "not used yet, and not by us");
    let mut begun = authorized(kept());
    begun.records.push(mark("b", CONSUMER));
    let associate = "associate SELECTED: vpc-0000000b of 444444444444";
    assert_eq!(decide(&selected(in_zone(wanted(), begun.clone()))), [associate], "needed until it is done");
    let mut exempt = selected(in_zone(wanted(), begun.clone()));
    exempt.endpoints[0].tags.insert("drawbridge:ignore".to_owned(), "true".to_owned());
    assert_eq!(decide(&exempt), [taken_back, "hold EXEMPT"], "nobody uses it any more");
    let several = Observed { zones: vec![begun, kept()], ..wanted() };
    assert_eq!(decide(&several), [taken_back, "hold SEVERAL_ZONES"]);
}

#[test]
fn several_zones_of_a_name_are_left_to_a_person() {
    let other = PrivateZone { zone: Zone { key: zone_key("Z2"), ..kept().zone }, ..kept() };
    let observed = Observed { zones: vec![kept(), other], ..wanted() };
    assert_eq!(decide(&observed), ["hold SEVERAL_ZONES"]);
    assert_eq!(remedy(&observed), format!("delete all but one of {HUB}/Z1 {HUB}/Z2"));
}

#[test]
fn last_vpc_of_a_zone_stays_while_the_one_that_is_wanted_is_taken() {
    let mut zone = kept();
    zone.associated = [vpc("b")].into();
    zone.records.retain(|found| *found != mark("a", HUB));
    zone.records.push(mark("b", CONSUMER));
    let mut observed = in_zone(wanted(), zone.clone());
    observed.rivals.insert(vpc("a"), vec![rival("pay.corp.example")]);
    let mut decided = decide(&observed);
    decided.retain(|line| !line.starts_with("publish"));
    assert_eq!(decided, ["hold CONFLICT", "hold NOT_POSSIBLE"]);
    // Once there is another, it goes.
    let mut decided = decide(&in_zone(wanted(), zone));
    decided.retain(|line| !line.starts_with("publish"));
    let [joins, leaves] = decided.as_slice() else { panic!("{decided:?}") };
    assert!(joins.starts_with("associate SELECTED: vpc-0000000a"), "{joins}");
    assert!(leaves.starts_with("- disassociate NOT_SELECTED: vpc-0000000b"), "{leaves}");
}
