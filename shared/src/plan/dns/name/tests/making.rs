//! There is no zone yet.

use super::*;
use crate::{
    event::told,
    model::{RecordData, RecordType},
    plan::dns::Change,
};

const MADE: &str = "publish NAME_WANTED: zone pay.corp.example in vpc-0000000a: create A:pay.corp.example, \
                    create TXT:vpce-0f1e2d3c4b5a69788._drawbridge.pay.corp.example, \
                    create TXT:vpc-0000000a._drawbridge.pay.corp.example";

/// The records that a new zone gets, without its registrations, and where they lead.
fn records(dns: &str, observed: &Observed) -> Vec<(String, String)> {
    let plan = plan(&key(), observed, &rules(dns), now());
    let Some((Change::Zone { changes, .. }, _)) = plan.steps.first() else { panic!("{plan:?}") };
    let alias = |change: &RecordChange| match &change.record().data {
        RecordData::Alias { zone, target, evaluate_health: false } => {
            assert_eq!(zone.as_str(), "Z38GZ743OKFT7T");
            Some((change.record().key().to_string(), target.labels().next().unwrap().to_owned()))
        }
        _ => None,
    };
    changes.iter().filter_map(alias).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, label)| ((*name).to_owned(), (*label).to_owned())).collect()
}

#[test]
fn zone_is_made_with_its_records_and_looked_at_again() {
    let plan = plan(&key(), &wanted(), &rules(""), now());
    assert_eq!(tell(&plan), [MADE, AGAIN]);
    let (Change::Zone { comment, key: made, vpc: first, .. }, decision) = &plan.steps[0] else { panic!("{plan:?}") };
    assert_eq!((made, first), (&key(), &vpc("a")));
    assert_eq!(registry::read_zone_comment(comment).unwrap(), ("hub".parse().unwrap(), key().resource()));
    assert_eq!(decision.announce, Some(told::RECORDS_PUBLISHED));
}

#[test]
fn what_stands_in_the_way_is_held() {
    let mut taken = wanted();
    taken.rivals.insert(vpc("a"), vec![rival("corp.example"), rival("pay.corp.example")]);
    let mut service = taken.clone();
    let managed = ZoneOwner::Service("vpce.amazonaws.com".to_owned());
    service.rivals.get_mut(&vpc("a")).unwrap()[1] = zone_of("pay.corp.example", managed);
    let hides = |names: &[&str]| Observed { hidden: names.iter().map(|text| name(text)).collect(), ..wanted() };
    for (observed, reason, told) in [
        (Observed { rivals: BTreeMap::new(), ..wanted() }, "UNDER_WAY", "has to be readable"),
        (taken, "CONFLICT", "Z9 of account 999999999999 answers for the name in eu-west-1/vpc-0000000a already"),
        (service, "CONFLICT", "Z9 that vpce.amazonaws.com made"),
        (
            Observed { deaf: [vpc("a")].into(), ..wanted() },
            "DNS_SUPPORT_OFF",
            "enableDnsHostnames of eu-west-1/vpc-0000000a",
        ),
        (hides(&["b.pay.corp.example", "a.pay.corp.example"]), "HIDES_NAMES", "a.pay.corp.example would be hidden"),
        (
            contested(wanted()),
            "CONFLICT",
            "only one of vpce-0f1e2d3c4b5a69788 vpce-0f1e2d3c4b5a69799 can have the name",
        ),
    ] {
        assert_eq!(decide(&observed), [format!("hold {reason}")]);
        assert!(remedy(&observed).contains(told), "{}", remedy(&observed));
    }
    let mut other_names = wanted();
    other_names.rivals.insert(vpc("a"), vec![rival("corp.example"), rival("api.pay.corp.example")]);
    assert_eq!(decide(&other_names), [MADE, AGAIN], "zones above and below are no conflict");
}

#[test]
fn account_whose_zones_may_not_be_written_gets_none() {
    let elsewhere = NameKey { account: CONSUMER.parse().unwrap(), ..key() };
    let plan = plan(&elsewhere, &wanted(), &rules(""), now());
    assert_eq!(tell(&plan), ["hold NO_ZONE"]);
    assert_eq!(plan.held[0].remedies, [format!("name {CONSUMER} in dns.accounts")]);
}

#[test]
fn endpoint_without_names_yet_is_waited_for() {
    // That its provider has answered is told: it may take days.
    for (state, decided) in
        [("pendingAcceptance", vec!["hold NOT_CONNECTED"]), ("pending", vec!["hold NOT_CONNECTED", AGAIN])]
    {
        let mut observed = wanted();
        observed.endpoints[0].dns_entries.clear();
        observed.endpoints[0].state = ConnectionState::parse(state);
        assert_eq!(decide(&observed), decided);
        assert_eq!(remedy(&observed), format!("{ENDPOINT} is {state} and has no names yet"));
        // A zone that is there keeps what it has.
        assert_eq!(decide(&in_zone(observed, kept())), decided);
    }
}

#[test]
fn endpoint_that_cannot_be_reached_gets_nothing() {
    for state in ["rejected", "deleting", "deleted", "failed", "expired", "resting"] {
        let mut observed = wanted();
        observed.endpoints[0].state = ConnectionState::parse(state);
        assert_eq!(decide(&observed), NOTHING, "{state}");
    }
    assert_eq!(decide(&Observed::default()), NOTHING);
}

#[test]
fn records_lead_to_the_regional_name_wherever_it_is_listed() {
    for turn in 0..4 {
        let mut observed = wanted();
        observed.endpoints[0].dns_entries.rotate_left(turn);
        assert_eq!(records("", &observed), pairs(&[("A:pay.corp.example", "vpce-0f1e2d3c4b5a69788-x")]), "{turn}");
    }
}

#[test]
fn records_are_of_the_types_that_the_endpoint_has_addresses_of() {
    for (addresses, kinds) in [
        (None, vec![RecordType::A]),
        (Some("ipv4"), vec![RecordType::A]),
        (Some("ipv6"), vec![RecordType::Aaaa]),
        (Some("dualstack"), vec![RecordType::A, RecordType::Aaaa]),
    ] {
        let mut observed = wanted();
        observed.endpoints[0].ip_address_type = addresses.map(ToOwned::to_owned);
        let names: Vec<String> = kinds.iter().map(|kind| format!("{kind}:pay.corp.example")).collect();
        let made: Vec<String> = records("", &observed).into_iter().map(|(name, _)| name).collect();
        assert_eq!(made, names, "{addresses:?}");
    }
}

#[test]
fn wildcard_and_zonal_names_are_made_where_they_are_wanted() {
    let regional = "vpce-0f1e2d3c4b5a69788-x";
    let (a, b) = ("vpce-0f1e2d3c4b5a69788-x-eu-west-1a", "vpce-0f1e2d3c4b5a69788-x-eu-west-1b");
    let wishing = |wish| Observed { wishes: [(ENDPOINT.parse().unwrap(), wish)].into(), ..wanted() };
    let below = Wish { wildcard: true, ..Wish::default() };
    assert_eq!(records("", &wishing(below)), pairs(&[("A:*.pay.corp.example", regional)]));
    let both = [("A:pay.corp.example", regional), ("A:*.pay.corp.example", regional)];
    assert_eq!(records("", &wishing(BOTH)), pairs(&both));
    let zonal = [("A:eu-west-1a.pay.corp.example", a), ("A:eu-west-1b.pay.corp.example", b)];
    assert_eq!(records("names: {zonal: true}", &wishing(BOTH)), pairs(&[both, zonal].concat()));
}

#[test]
fn policy_makes_no_difference_to_a_new_zone() {
    for policy in POLICIES {
        assert_eq!(decide_by(&format!("policy: {policy}"), &wanted()), [MADE, AGAIN], "{policy}");
    }
}

#[test]
fn name_that_its_zone_could_not_be_marked_with_gets_none() {
    let long = NameKey { name: name(&format!("{}pay.corp.example", "a23456789.".repeat(18))), ..key() };
    let mut observed = wanted();
    observed.rivals.insert(vpc("a"), Vec::new());
    let plan = plan(&long, &observed, &rules(""), now());
    assert_eq!(tell(&plan), ["hold NOT_POSSIBLE"]);
    assert!(plan.held[0].remedies[0].contains("a zone's comment takes 256 characters"));
}

#[test]
fn name_that_is_unproven_gets_no_zone_and_one_that_has_it_keeps_it() {
    let unproven = |mut observed: Observed| {
        observed.wishes.values_mut().for_each(|wish| wish.is_unproven = true);
        observed
    };
    assert_eq!(decide(&unproven(wanted())), ["hold NAME_NOT_VERIFIED"]);
    assert_eq!(decide(&unproven(in_zone(wanted(), kept()))), NOTHING);
}

#[test]
fn name_of_an_endpoint_that_is_exempt_is_left_as_it_is() {
    let exempt = |mut observed: Observed| {
        observed.endpoints[0].tags.insert("drawbridge:ignore".to_owned(), "true".to_owned());
        observed
    };
    assert_eq!(decide(&exempt(wanted())), ["hold EXEMPT"]);
    let mut altered = kept();
    altered.records.clear();
    assert_eq!(decide(&exempt(in_zone(wanted(), altered.clone()))), ["hold EXEMPT"]);
    let mut gone = exempt(in_zone(wanted(), altered));
    gone.endpoints[0].state = ConnectionState::Deleted;
    assert_ne!(decide(&gone), ["hold EXEMPT"], "one that is gone holds nothing back");
}
