//! Which VPCs get and lose a Profile, and what is put into it and taken out.

use super::*;
use crate::{
    model::ForwardingRule,
    plan::dns::tests::{CONSUMER, ENDPOINT, HUB, endpoint as available, name, rules, tell, vpc},
};

const PROFILE: &str = "arn:aws:route53profiles:eu-west-1:222222222222:profile/rp-4987774726example";
const GETS: &str = "associate SELECTED: vpc-0000000a of 444444444444 gets rp-4987774726example";
const LOSES: &str = "- disassociate NOT_SELECTED: vpc-0000000a of 444444444444 loses rp-4987774726example";
const AGAIN: &str = "again place 222222222222/eu-west-1 in 60s";

fn account() -> AccountId {
    CONSUMER.parse().unwrap()
}

fn attachment(profile: &str, name: &str, stage: Stage) -> ProfileAttachment {
    ProfileAttachment {
        account: account(),
        profile: profile.parse().unwrap(),
        vpc: vpc("a"),
        name: name.to_owned(),
        stage,
    }
}

fn ours(stage: Stage) -> ProfileAttachment {
    let mark = mark(&"hub".parse().unwrap(), vpc("a").vpc.as_str());
    attachment("rp-4987774726example", &mark, stage)
}

fn endpoint() -> EndpointKey {
    available(ENDPOINT).key
}

fn content(name: &str, stage: Stage) -> ProfileContent {
    ProfileContent { resource: endpoint().arn(), name: name.to_owned(), stage }
}

/// A Profile that is shared, and one VPC that is to have it.
fn observed() -> Observed {
    Observed {
        shared: Some(true),
        vpcs: [(vpc("a"), account())].into(),
        rivals: [(vpc("a"), Vec::new())].into(),
        ..Observed::default()
    }
}

fn decide_by(dns: &str, observed: &Observed) -> Vec<String> {
    tell(&plan(&PROFILE.parse().unwrap(), observed, &rules(dns)))
}

fn decide(observed: &Observed) -> Vec<String> {
    decide_by("", observed)
}

#[test]
fn vpc_gets_the_profile_unless_it_has_one_or_something_stands_in_the_way() {
    assert_eq!(decide(&observed()), [GETS]);
    for stage in [Stage::Stands, Stage::Comes] {
        assert!(decide(&Observed { attachments: vec![ours(stage)], ..observed() }).is_empty());
    }
    // Whoever associated it.
    let by_people = attachment("rp-4987774726example", "by people", Stage::Stands);
    assert!(decide(&Observed { attachments: vec![by_people], ..observed() }).is_empty());
    let going = Observed { attachments: vec![ours(Stage::Goes)], ..observed() };
    assert_eq!(decide(&going), [AGAIN]);
    let failed = Observed { attachments: vec![ours(Stage::Failed)], ..observed() };
    assert_eq!(decide(&failed), ["hold NOT_POSSIBLE"]);
    let other = attachment("rp-other", "by people", Stage::Stands);
    assert_eq!(decide(&Observed { attachments: vec![other], ..observed() }), ["hold CONFLICT"]);
    assert_eq!(decide(&Observed { shared: Some(false), ..observed() }), ["hold NOT_SHARED"]);
    assert_eq!(decide(&Observed { deaf: [vpc("a")].into(), ..observed() }), ["hold DNS_SUPPORT_OFF"]);
    assert_eq!(decide(&Observed { shared: None, ..observed() }), ["hold NOT_POSSIBLE"]);
    // Of one that couldn't be read nothing is known, so nothing is done in it.
    assert!(decide(&Observed { rivals: BTreeMap::new(), ..observed() }).is_empty());
}

#[test]
fn vpc_of_the_owner_needs_no_sharing() {
    let own =
        Observed { shared: Some(false), vpcs: [(vpc("a"), "222222222222".parse().unwrap())].into(), ..observed() };
    assert_eq!(decide(&own), [GETS.replace(CONSUMER, HUB)]);
}

#[test]
fn name_that_answers_there_already_is_told_and_the_vpc_gets_the_profile_all_the_same() {
    let rule = ForwardingRule { id: "rslvr-rr-1".to_owned(), domain: name("pay.corp.example"), vpc: vpc("a") };
    let rivals = [(vpc("a"), vec![Rival::Rule(rule)])].into();
    assert_eq!(decide(&Observed { rivals, ..observed() }), [GETS, "hold CONFLICT"]);
}

#[test]
fn profile_is_taken_only_from_vpcs_that_got_it_from_us() {
    let not_wanted = |attachment| Observed { vpcs: BTreeMap::new(), attachments: vec![attachment], ..observed() };
    assert_eq!(decide(&not_wanted(ours(Stage::Stands))), [LOSES]);
    assert_eq!(decide_by("policy: upsert-only", &not_wanted(ours(Stage::Stands))), ["hold POLICY_LEAVES"]);
    assert!(decide(&not_wanted(ours(Stage::Goes))).is_empty());
    for by in ["by people", "drawbridge-other-vpc-0000000a", "drawbridge-hub-vpc-0000000b", ""] {
        assert!(decide(&not_wanted(attachment("rp-4987774726example", by, Stage::Stands))).is_empty(), "{by}");
    }
    let of_another = ProfileAttachment { profile: "rp-other".parse().unwrap(), ..ours(Stage::Stands) };
    assert!(decide(&not_wanted(of_another)).is_empty());
    let unread = Observed { unread: [account()].into(), ..not_wanted(ours(Stage::Stands)) };
    assert!(decide(&unread).is_empty());
}

#[test]
fn endpoint_goes_in_and_comes_out_and_what_people_put_in_stays() {
    let none = || Observed { vpcs: BTreeMap::new(), ..observed() };
    let wanted = || Observed { endpoints: [endpoint()].into(), ..none() };
    assert_eq!(decide(&wanted()), [format!("enable NAME_WANTED: {} into rp-4987774726example", endpoint().arn())]);
    let mark = mark(&"hub".parse().unwrap(), ENDPOINT);
    for name in [mark.as_str(), "by people"] {
        assert!(decide(&Observed { contents: vec![content(name, Stage::Stands)], ..wanted() }).is_empty());
    }
    let going = Observed { contents: vec![content(&mark, Stage::Goes)], ..wanted() };
    assert_eq!(decide(&going), [AGAIN]);
    assert_eq!(decide(&Observed { contents: vec![content(&mark, Stage::Failed)], ..wanted() }), ["hold NOT_POSSIBLE"]);
    let left = |name: &str| Observed { contents: vec![content(name, Stage::Stands)], ..none() };
    assert_eq!(
        decide(&left(&mark)),
        [format!("- withdraw NOT_WANTED: {} out of rp-4987774726example", endpoint().arn())]
    );
    assert_eq!(decide_by("policy: create-only", &left(&mark)), ["hold POLICY_LEAVES"]);
    assert!(decide(&left("by people")).is_empty());
}

#[test]
fn zone_of_ours_that_is_gone_comes_out_and_one_that_is_there_is_left_to_its_name() {
    let mark = mark(&"hub".parse().unwrap(), "Z0123");
    let resource = "arn:aws:route53:::hostedzone/Z0123".to_owned();
    let contents = vec![ProfileContent { resource, name: mark, stage: Stage::Stands }];
    let gone = Observed { contents, vpcs: BTreeMap::new(), ..observed() };
    assert_eq!(
        decide(&gone),
        ["- withdraw NOT_WANTED: arn:aws:route53:::hostedzone/Z0123 out of rp-4987774726example"]
    );
    assert!(decide(&Observed { zones: ["Z0123".parse().unwrap()].into(), ..gone }).is_empty());
}

#[test]
fn mark_fits_into_what_an_association_is_called() {
    let longest: DeploymentId = "d".repeat(20).parse().unwrap();
    // Route 53 API reference: ids of zones have up to 32 characters. Route 53 Profiles API reference: names have up to 64.
    let zone: ZoneId = format!("Z{}", "0".repeat(31)).parse().unwrap();
    assert_eq!(mark(&longest, zone.as_str()).len(), 64);
    assert!(mark(&longest, ENDPOINT).len() <= 64);
}
