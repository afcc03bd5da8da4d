//! Hosted zones, records and the VPCs of zones. Each test has an account of its own.

use std::collections::BTreeSet;

use drawbridge::{
    aws::Route53,
    model::{AccountId, DomainName, RecordChange, RecordData, RecordSet, RecordType, VpcReference, ZoneKey, txt},
    port::{FailureKind, HostedZones, Stretch},
    reconcile::Permit,
};
use serde_json::{Value, json};

use super::{calls, ec2, emulator, fault, hosted_zones};

fn name(text: &str) -> DomainName {
    DomainName::of_route53(text)
}

fn text(at: &str, value: &str) -> RecordSet {
    let data = RecordData::Values { ttl: 300, values: [txt::quote(value)].into() };
    RecordSet { name: name(at), kind: RecordType::Txt, data, routing: None }
}

async fn vpc(account: &str) -> VpcReference {
    let made = ec2(account).await.create_vpc().cidr_block("10.7.0.0/16").send().await.unwrap();
    let vpc = made.vpc().unwrap().vpc_id().unwrap().parse().unwrap();
    VpcReference { region: "eu-west-1".parse().unwrap(), vpc }
}

/// An account, its hosted zones, a VPC, and a private zone `example.com` that answers there.
async fn zone(account: &str) -> (AccountId, Route53, VpcReference, ZoneKey) {
    let (zones, vpc, id) = (hosted_zones(account).await, vpc(account).await, account.parse().unwrap());
    let made = zones.create_zone(&id, &name("example.com"), "ours", &vpc, &Permit::for_tests()).await.unwrap();
    (id, zones, vpc, made)
}

#[tokio::test]
async fn records_are_read_to_the_last_page_and_a_stretch_of_them_no_further_than_it_goes() {
    let account = "200000000001";
    let (_, zones, _, zone) = zone(account).await;
    let (mut below, mut beside) = (BTreeSet::new(), BTreeSet::new());
    for batch in 0..4 {
        let place = if batch == 2 { "ours.example.com" } else { "theirs.example.com" };
        let records: Vec<_> = (0..110).map(|number| text(&format!("n{batch}-{number}.{place}"), "text")).collect();
        let changes: Vec<_> = records.iter().cloned().map(RecordChange::Create).collect();
        zones.change_records(&zone, &changes, &Permit::for_tests()).await.unwrap();
        if batch == 2 { below.extend(records) } else { beside.extend(records) }
    }
    let listing = || calls(account, "route53", "ListResourceRecordSets");
    let all = zones.list_records(&zone, Stretch::Everything).await.unwrap();
    assert_eq!(all.len(), 442, "with NS and SOA");
    assert!(beside.is_subset(&all.into_iter().collect()));
    assert_eq!(listing(), 2);
    let stretch = name("ours.example.com");
    let within = zones.list_records(&zone, Stretch::Within(&stretch)).await.unwrap();
    assert_eq!(within.into_iter().collect::<BTreeSet<_>>(), below);
    assert_eq!(listing(), 3, "one page is enough for a short stretch of a long zone");
    let at = name("n0-7.theirs.example.com");
    assert_eq!(zones.list_records(&zone, Stretch::At(&at)).await.unwrap(), [text(at.as_str(), "text")]);
    let theirs = name("theirs.example.com");
    assert_eq!(zones.list_records(&zone, Stretch::Within(&theirs)).await.unwrap().len(), 330);
    assert_eq!(listing(), 6, "a long stretch goes on over the end of its first page");
}

#[tokio::test]
async fn name_of_whatever_characters_is_written_and_read_back_as_it_is() {
    let (_, zones, _, zone) = zone("200000000002").await;
    for written in ["*.example.com", "a!b.example.com", "a\\056b.example.com", "_a-b.example.com"] {
        let record = text(written, "\"a\" \\ ä");
        zones.change_records(&zone, &[RecordChange::Create(record.clone())], &Permit::for_tests()).await.unwrap();
        let read = zones.list_records(&zone, Stretch::At(&record.name)).await.unwrap();
        assert_eq!(read, std::slice::from_ref(&record), "{written}");
        zones.change_records(&zone, &[RecordChange::Delete(record)], &Permit::for_tests()).await.unwrap();
    }
}

#[tokio::test]
async fn zones_are_listed_to_the_last_page_of_their_account_and_of_their_vpc() {
    let account = "200000000003";
    let (id, zones, vpc, first) = zone(account).await;
    for number in 0..101 {
        let name = name(&format!("n{number}.example.com"));
        zones.create_zone(&id, &name, "", &vpc, &Permit::for_tests()).await.unwrap();
    }
    assert_eq!(zones.list_zones(&id).await.unwrap().len(), 102);
    assert_eq!(calls(account, "route53", "ListHostedZones"), 2);
    assert_eq!(zones.zones_of_vpc(&id, &vpc).await.unwrap().len(), 102);
    let named = zones.zones_named(&id, &name("example.com")).await.unwrap();
    assert_eq!(named.iter().map(|zone| &zone.key).collect::<Vec<_>>(), [&first]);
    assert_eq!((named[0].comment.as_str(), named[0].private), ("ours", true));
    assert_eq!(calls(account, "route53", "ListHostedZonesByName"), 1);
}

#[tokio::test]
async fn authorizations_are_read_to_the_last_page() {
    let (_, zones, _, zone) = zone("200000000004").await;
    let vpcs: BTreeSet<_> = (0..60)
        .map(|number| VpcReference {
            region: "eu-central-1".parse().unwrap(),
            vpc: format!("vpc-{number:08x}").parse().unwrap(),
        })
        .collect();
    for vpc in &vpcs {
        zones.authorize(&zone, vpc, &Permit::for_tests()).await.unwrap();
    }
    assert_eq!(zones.authorized_vpcs(&zone).await.unwrap(), vpcs);
}

#[tokio::test]
async fn refused_batch_says_what_is_wrong_and_has_changed_nothing() {
    let (_, zones, _, zone) = zone("200000000005").await;
    let ours = text("a.example.com", "ours");
    let create = [RecordChange::Create(ours.clone())];
    zones.change_records(&zone, &create, &Permit::for_tests()).await.unwrap();
    let error = zones.change_records(&zone, &create, &Permit::for_tests()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (FailureKind::Refused, Some("InvalidChangeBatch")));
    assert!(error.message.contains("already exists"), "{error}");
    let most: Vec<_> =
        (0..1_001).map(|number| RecordChange::Create(text(&format!("n{number}.example.com"), "x"))).collect();
    let error = zones.change_records(&zone, &most, &Permit::for_tests()).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("InvalidChangeBatch"), "{error}");
    assert_eq!(zones.list_records(&zone, Stretch::Within(&name("example.com"))).await.unwrap().len(), 3);
}

#[tokio::test]
async fn zone_that_is_busy_or_gone_is_told_from_one_that_refuses() {
    let account = "200000000006";
    let (_, zones, _, zone) = zone(account).await;
    let changes = [RecordChange::Upsert(text("a.example.com", "x"))];
    for (code, status, kind) in [
        ("PriorRequestNotComplete", 400, FailureKind::Retry),
        ("Throttling", 400, FailureKind::Retry),
        ("InternalError", 500, FailureKind::Retry),
        ("AccessDenied", 403, FailureKind::Denied),
    ] {
        let order = json!({ "code": code, "http_status": status, "count": -1 });
        let id = fault(account, "route53", "ChangeResourceRecordSets", &order);
        let error = zones.change_records(&zone, &changes, &Permit::for_tests()).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (kind, Some(code)), "{error}");
        emulator::control("DELETE", &format!("faults/{id}"), &Value::Null);
    }
    zones.delete_zone(&zone, &Permit::for_tests()).await.unwrap();
    let error = zones.change_records(&zone, &changes, &Permit::for_tests()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Gone, "{error}");
}

#[tokio::test]
async fn zone_whose_answer_was_lost_is_made_once_and_found() {
    let account = "200000000007";
    let (zones, vpc, id) = (hosted_zones(account).await, vpc(account).await, account.parse().unwrap());
    let lost = json!({ "code": "InternalError", "http_status": 500, "after": true, "count": 1 });
    fault(account, "route53", "CreateHostedZone", &lost);
    let made = zones.create_zone(&id, &name("example.com"), "ours", &vpc, &Permit::for_tests()).await.unwrap();
    let there = zones.zones_named(&id, &name("example.com")).await.unwrap();
    assert_eq!(there.iter().map(|zone| &zone.key).collect::<Vec<_>>(), [&made]);
    let other = zones.create_zone(&id, &name("example.com"), "ours", &vpc, &Permit::for_tests()).await.unwrap_err();
    assert_eq!(other.code.as_deref(), Some("ConflictingDomainExists"), "one of another call is not taken for ours");
}

#[tokio::test]
async fn association_whose_answer_was_lost_is_made_and_another_zone_of_the_name_is_no_excuse() {
    let account = "200000000008";
    let (id, zones, _, zone) = zone(account).await;
    let (one, other) = (vpc(account).await, vpc(account).await);
    let lost = json!({ "code": "InternalError", "http_status": 500, "after": true, "count": 1 });
    fault(account, "route53", "AssociateVPCWithHostedZone", &lost);
    zones.associate(&zone, &id, &one, &Permit::for_tests()).await.unwrap();
    assert!(zones.associated_vpcs(&zone).await.unwrap().contains(&one));
    zones.create_zone(&id, &name("example.com"), "", &other, &Permit::for_tests()).await.unwrap();
    let error = zones.associate(&zone, &id, &other, &Permit::for_tests()).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("ConflictingDomainExists"), "{error}");
}
