use super::*;
use crate::{
    model::{ForwardingRule, Region, VpcId},
    policy::DnsPolicy,
};

const PROFILE: &str = "arn:aws:route53profiles:eu-west-1:222222222222:profile/rp-4987774726example";
const CONSUMER: &str = "444444444444";
const ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";

fn rules(policy: DnsPolicy) -> Rules {
    let configuration = format!(
        r#"{{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: "222222222222", mode: enforce,
            providers: {{accounts: ["222222222222"], regions: [eu-west-1]}},
            dns: {{accounts: ["222222222222"], policy: {policy}, names: {{profiles: ["{PROFILE}"]}}}}}}"#
    );
    Rules::parse(&configuration, "@id(\"p\") permit (principal, action, resource);").unwrap()
}

fn vpc(number: u8) -> VpcReference {
    let vpc: VpcId = format!("vpc-0b00000000000000{number}").parse().unwrap();
    VpcReference { region: "eu-west-1".parse::<Region>().unwrap(), vpc }
}

fn account() -> AccountId {
    CONSUMER.parse().unwrap()
}

fn attachment(number: u8, profile: &str, name: &str, stage: Stage) -> ProfileAttachment {
    ProfileAttachment {
        account: account(),
        profile: profile.parse().unwrap(),
        vpc: vpc(number),
        name: name.to_owned(),
        stage,
    }
}

fn ours(number: u8, stage: Stage) -> ProfileAttachment {
    let mark = mark(&"hub".parse().unwrap(), vpc(number).vpc.as_str());
    attachment(number, "rp-4987774726example", &mark, stage)
}

fn endpoint() -> EndpointKey {
    EndpointKey {
        account: "222222222222".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        endpoint: ENDPOINT.parse().unwrap(),
    }
}

fn content(name: &str, stage: Stage) -> ProfileContent {
    ProfileContent { resource: endpoint().arn(), name: name.to_owned(), stage }
}

/// A Profile that is shared, and one VPC that is to have it.
fn observed() -> Observed {
    Observed {
        shared: Some(true),
        vpcs: [(vpc(1), account())].into(),
        rivals: [(vpc(1), Vec::new())].into(),
        ..Observed::default()
    }
}

/// What is decided, in words: outcome and reason of each decision, in order.
fn decided(observed: &Observed, policy: DnsPolicy) -> Vec<String> {
    let plan = plan(&PROFILE.parse().unwrap(), observed, &rules(policy));
    let of = |decision: &Decision| format!("{} {}", decision.outcome, decision.reason);
    let steps = plan.steps.iter().map(|(_, decision)| of(decision));
    let removals = plan.removals.iter().map(|(_, decision)| format!("remove: {}", of(decision)));
    let again = plan.again.iter().map(|(subject, _)| format!("again {subject}"));
    steps.chain(removals).chain(plan.held.iter().map(of)).chain(again).collect()
}

fn sync(observed: &Observed) -> Vec<String> {
    decided(observed, DnsPolicy::Sync)
}

#[test]
fn vpc_gets_the_profile_unless_it_has_one_or_something_stands_in_the_way() {
    assert_eq!(sync(&observed()), ["associate SELECTED"]);
    for stage in [Stage::Stands, Stage::Comes] {
        assert!(sync(&Observed { attachments: vec![ours(1, stage)], ..observed() }).is_empty());
    }
    // Whoever associated it.
    let by_people = attachment(1, "rp-4987774726example", "by people", Stage::Stands);
    assert!(sync(&Observed { attachments: vec![by_people], ..observed() }).is_empty());
    let going = Observed { attachments: vec![ours(1, Stage::Goes)], ..observed() };
    assert_eq!(sync(&going), ["again place 222222222222/eu-west-1"]);
    let failed = Observed { attachments: vec![ours(1, Stage::Failed)], ..observed() };
    assert_eq!(sync(&failed), ["hold NOT_POSSIBLE"]);
    let other = attachment(1, "rp-other", "by people", Stage::Stands);
    assert_eq!(sync(&Observed { attachments: vec![other], ..observed() }), ["hold CONFLICT"]);
    assert_eq!(sync(&Observed { shared: Some(false), ..observed() }), ["hold NOT_SHARED"]);
    assert_eq!(sync(&Observed { deaf: [vpc(1)].into(), ..observed() }), ["hold DNS_SUPPORT_OFF"]);
    assert_eq!(sync(&Observed { shared: None, ..observed() }), ["hold NOT_POSSIBLE"]);
    // Of one that couldn't be read nothing is known, so nothing is done in it.
    assert!(sync(&Observed { rivals: BTreeMap::new(), ..observed() }).is_empty());
}

#[test]
fn vpc_of_the_owner_needs_no_sharing() {
    let own = Observed { shared: Some(false), vpcs: [(vpc(1), "222222222222".parse().unwrap())].into(), ..observed() };
    assert_eq!(sync(&own), ["associate SELECTED"]);
}

#[test]
fn name_that_answers_there_already_is_told_and_the_vpc_gets_the_profile_all_the_same() {
    let rule =
        ForwardingRule { id: "rslvr-rr-1".to_owned(), domain: DomainName::of_route53("pay.corp.example"), vpc: vpc(1) };
    let rivals = [(vpc(1), vec![Rival::Rule(rule)])].into();
    assert_eq!(sync(&Observed { rivals, ..observed() }), ["associate SELECTED", "hold CONFLICT"]);
}

#[test]
fn profile_is_taken_only_from_vpcs_that_got_it_from_us() {
    let not_wanted = |attachment| Observed { vpcs: BTreeMap::new(), attachments: vec![attachment], ..observed() };
    assert_eq!(sync(&not_wanted(ours(1, Stage::Stands))), ["remove: disassociate NOT_SELECTED"]);
    assert_eq!(decided(&not_wanted(ours(1, Stage::Stands)), DnsPolicy::UpsertOnly), ["hold POLICY_LEAVES"]);
    assert!(sync(&not_wanted(ours(1, Stage::Goes))).is_empty());
    for name in ["by people", "drawbridge-other-vpc-0b000000000000001", "drawbridge-hub-vpc-0b000000000000002", ""] {
        assert!(sync(&not_wanted(attachment(1, "rp-4987774726example", name, Stage::Stands))).is_empty(), "{name}");
    }
    let of_another = ProfileAttachment { profile: "rp-other".parse().unwrap(), ..ours(1, Stage::Stands) };
    assert!(sync(&not_wanted(of_another)).is_empty());
    let unread = Observed { unread: [account()].into(), ..not_wanted(ours(1, Stage::Stands)) };
    assert!(sync(&unread).is_empty());
}

#[test]
fn endpoint_goes_in_and_comes_out_and_what_people_put_in_stays() {
    let none = || Observed { vpcs: BTreeMap::new(), ..observed() };
    let wanted = || Observed { endpoints: [endpoint()].into(), ..none() };
    assert_eq!(sync(&wanted()), ["enable NAME_WANTED"]);
    let mark = mark(&"hub".parse().unwrap(), ENDPOINT);
    for name in [mark.as_str(), "by people"] {
        assert!(sync(&Observed { contents: vec![content(name, Stage::Stands)], ..wanted() }).is_empty());
    }
    let going = Observed { contents: vec![content(&mark, Stage::Goes)], ..wanted() };
    assert_eq!(sync(&going), ["again place 222222222222/eu-west-1"]);
    assert_eq!(sync(&Observed { contents: vec![content(&mark, Stage::Failed)], ..wanted() }), ["hold NOT_POSSIBLE"]);
    let left = |name: &str| Observed { contents: vec![content(name, Stage::Stands)], ..none() };
    assert_eq!(sync(&left(&mark)), ["remove: withdraw NOT_WANTED"]);
    assert_eq!(decided(&left(&mark), DnsPolicy::CreateOnly), ["hold POLICY_LEAVES"]);
    assert!(sync(&left("by people")).is_empty());
}

#[test]
fn zone_of_ours_that_is_gone_comes_out_and_one_that_is_there_is_left_to_its_name() {
    let mark = mark(&"hub".parse().unwrap(), "Z0123");
    let resource = "arn:aws:route53:::hostedzone/Z0123".to_owned();
    let contents = vec![ProfileContent { resource, name: mark, stage: Stage::Stands }];
    let gone = Observed { contents, vpcs: BTreeMap::new(), ..observed() };
    assert_eq!(sync(&gone), ["remove: withdraw NOT_WANTED"]);
    assert!(sync(&Observed { zones: ["Z0123".parse().unwrap()].into(), ..gone }).is_empty());
}

#[test]
fn mark_fits_into_what_an_association_is_called() {
    let longest: DeploymentId = "d".repeat(30).parse().unwrap();
    // Route 53 Profiles API reference: 64 characters.
    assert_eq!(mark(&longest, ENDPOINT).len(), 64);
}
