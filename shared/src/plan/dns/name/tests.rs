//! Every row of the table in `docs/dns.md`: making a zone, keeping it in line, taking it away.

mod keeping;
mod making;
mod reading;
mod withdrawing;

use super::*;
use crate::{
    model::{ConnectionState, RecordChange, RecordSet, VpcZone, ZoneKey, ZoneOwner},
    plan::dns::{
        registry,
        tests::{
            CONSUMER, ENDPOINT, HUB, POLICIES, alias, endpoint, name, now, record, registration, rules, tell, vpc,
        },
    },
};

const SECOND: &str = "vpce-0f1e2d3c4b5a69799";
const REGIONAL: &str = "vpce-0f1e2d3c4b5a69788-x.vpce-svc-0a1b2c3d4e5f60718.eu-west-1.vpce.amazonaws.com";
const AGAIN: &str = "again endpoint 222222222222/eu-west-1/vpce-0f1e2d3c4b5a69788 in 30s";

fn key() -> NameKey {
    NameKey { account: HUB.parse().unwrap(), region: "eu-west-1".parse().unwrap(), name: name("pay.corp.example") }
}

const APEX: Wish = Wish { apex: true, wildcard: false, is_unproven: false };
const BOTH: Wish = Wish { apex: true, wildcard: true, is_unproven: false };

/// An endpoint that wants the name, in a VPC in which nothing stands in its way.
fn wanted() -> Observed {
    Observed {
        endpoints: vec![endpoint(ENDPOINT)],
        wishes: [(ENDPOINT.parse().unwrap(), APEX)].into(),
        rivals: [(vpc("a"), Vec::new())].into(),
        ..Observed::default()
    }
}

fn without_endpoint(observed: Observed) -> Observed {
    Observed { endpoints: Vec::new(), wishes: BTreeMap::new(), rivals: BTreeMap::new(), ..observed }
}

/// A second endpoint that wants the name too.
fn contested(observed: Observed) -> Observed {
    let mut observed = observed;
    observed.endpoints.insert(0, endpoint(SECOND));
    observed.wishes.insert(SECOND.parse().unwrap(), APEX);
    observed
}

fn zone_key(id: &str) -> ZoneKey {
    ZoneKey { account: HUB.parse().unwrap(), zone: id.parse().unwrap() }
}

/// The zone as we keep it for the endpoint: in its VPC alone.
fn kept() -> PrivateZone {
    let zone = Zone {
        key: zone_key("Z1"),
        name: key().name,
        private: true,
        comment: registry::zone_comment(&"hub".parse().unwrap(), &key().resource()),
        records: 5,
    };
    let own = ["NS", "SOA"].map(|kind| record(&format!("{kind}:pay.corp.example"), "own"));
    let ours = [alias("pay.corp.example", REGIONAL), of_endpoint(ENDPOINT, &["A:pay.corp.example"]), mark("a", HUB)];
    let records = own.into_iter().chain(ours).collect();
    PrivateZone { zone, records, associated: [vpc("a")].into(), authorized: BTreeSet::new() }
}

fn of_endpoint(id: &str, records: &[&str]) -> RecordSet {
    registration("hub", &format!("endpoint/{HUB}/eu-west-1/{id}"), &key().name, records)
}

/// That a VPC is associated by us.
fn mark(id: &str, account: &str) -> RecordSet {
    registration("hub", &format!("vpc/{account}/{}", vpc(id)), &key().name, &[])
}

fn in_zone(observed: Observed, zone: PrivateZone) -> Observed {
    Observed { zones: vec![zone], ..observed }
}

/// The zone answers in this VPC as well, and whether by us.
fn also_in(mut zone: PrivateZone, id: &str, marked: bool) -> PrivateZone {
    zone.associated.insert(vpc(id));
    if marked {
        zone.records.push(mark(id, CONSUMER));
    }
    zone
}

/// A zone that answers in a VPC already.
fn rival(name_of: &str) -> Rival {
    zone_of(name_of, ZoneOwner::Account("999999999999".parse().unwrap()))
}

fn zone_of(name_of: &str, owner: ZoneOwner) -> Rival {
    Rival::Zone(VpcZone { name: name(name_of), zone: "Z9".parse().unwrap(), owner })
}

fn decide(observed: &Observed) -> Vec<String> {
    decide_by("", observed)
}

fn decide_by(dns: &str, observed: &Observed) -> Vec<String> {
    tell(&plan(&key(), observed, &rules(dns), now()))
}

/// The remedy of the first that is held.
fn remedy(observed: &Observed) -> String {
    plan(&key(), observed, &rules(""), now()).held[0].remedies.join(" ")
}

const NOTHING: [&str; 0] = [];
