//! Endpoints of consumers: how they come, get their names, and go.

use std::time::Duration;

use drawbridge::{
    model::{
        AccountId, ConnectionState, DnsEntry, Endpoint, EndpointId, EndpointKey, EndpointKind, Tags, VpcId,
        VpcReference,
    },
    world::State,
};

use super::{
    cast::{AWS_SERVICE, NAME_TAGS, NAMES_TAG, domain, vpc},
    reckoning::standing,
};
use crate::{agenda::Entry, body, endpoints::key_of, random::Random, stage::Stage};

/// The zone of AWS that answers for endpoints' own names.
pub const AWS_ZONE: &str = "ZVPCE";
/// The Availability Zones that each endpoint is in.
pub const AVAILABILITY_ZONES: [&str; 2] = ["eu-west-1a", "eu-west-1b"];

/// The name of an endpoint that answers with all of its addresses; or with those of one Availability Zone.
pub fn own_name(endpoint: &EndpointId, zone: Option<&str>) -> String {
    let zone = zone.map(|zone| format!("-{zone}")).unwrap_or_default();
    format!("{endpoint}-ab12cd34{zone}.svc.eu-west-1.vpce.amazonaws.com")
}

/// What an endpoint is called once it is connected. AWS promises no order.
fn entries(endpoint: &EndpointId, random: &Random) -> Vec<DnsEntry> {
    let zones = AVAILABILITY_ZONES.map(Some).into_iter().chain([None]);
    let mut entries: Vec<DnsEntry> = zones
        .map(|zone| DnsEntry { name: domain(&own_name(endpoint, zone)), zone: AWS_ZONE.parse().unwrap() })
        .collect();
    let turn = random.index(entries.len());
    entries.rotate_left(turn);
    entries
}

fn tags(random: &Random) -> Tags {
    let mut tags = Tags::new();
    if random.chance(700) {
        tags.insert(NAMES_TAG.to_owned(), (*random.pick(&NAME_TAGS)).to_owned());
    }
    if random.chance(500) {
        tags.insert("drawbridge:private-dns".to_owned(), "true".to_owned());
    }
    tags
}

fn new(key: EndpointKey, service_name: String, vpc: VpcId, random: &Random) -> Endpoint {
    Endpoint {
        key,
        service_name,
        kind: EndpointKind::Interface,
        state: ConnectionState::Available,
        vpc,
        private_dns: false,
        dns_entries: Vec::new(),
        ip_address_type: random.pick(&[None, None, Some("dualstack"), Some("ipv6")]).map(ToOwned::to_owned),
        tags: tags(random),
        requester_managed: random.chance(30),
        interfaces: [].into(),
        created: None,
    }
}

/// The endpoint of a request, in some VPC of its owner.
pub fn requested(stage: &Stage, owner: &AccountId, id: &EndpointId, service_name: &str) {
    let state = stage.world.state();
    let vpcs: Vec<VpcId> = state
        .vpcs
        .values()
        .filter(|network| network.vpc.account == *owner)
        .map(|network| network.vpc.reference.vpc.clone())
        .collect();
    drop(state);
    if vpcs.is_empty() {
        return;
    }
    let key = key_of(owner, id);
    let made = new(key.clone(), service_name.to_owned(), stage.random.pick(&vpcs).clone(), &stage.random);
    stage.tell(|| format!("  it is in {} and tagged {:?}", made.vpc, made.tags));
    stage.world.change().endpoints.insert(key, made);
    connected(stage, owner, id);
}

/// An endpoint for a service of AWS.
pub fn of_aws(stage: &Stage, index: usize) {
    let (account, VpcReference { region, vpc }) = vpc(index);
    if !stage.world.state().vpcs.contains_key(&VpcReference { region: region.clone(), vpc: vpc.clone() }) {
        return;
    }
    let endpoint: EndpointId = format!("vpce-{:017x}", stage.agenda.number()).parse().unwrap();
    let key = EndpointKey { account: account.clone(), region, endpoint: endpoint.clone() };
    let made = new(key.clone(), AWS_SERVICE.to_owned(), vpc, &stage.random);
    stage.tell(|| format!("{account} makes {endpoint} for {AWS_SERVICE} in {}, tagged {:?}", made.vpc, made.tags));
    stage.world.change().endpoints.insert(key.clone(), made);
    connected(stage, &account, &endpoint);
    stage.send(&body::endpoint_changed(&key, "create_endpoint_of_aws_service"));
}

/// Whoever is connected gets names, some time later.
pub fn connected(stage: &Stage, owner: &AccountId, endpoint: &EndpointId) {
    if !stage.plays_names() {
        return;
    }
    let key = key_of(owner, endpoint);
    let delay = Duration::from_millis(stage.random.below(45_000));
    stage.agenda.enter(stage.now() + delay, Entry::Named(key));
}

pub fn named(stage: &Stage, key: &EndpointKey) {
    let state = stage.world.state();
    let is_due = |endpoint: &Endpoint, state: &State| {
        let has_own = endpoint.dns_entries.iter().any(|entry| entry.zone.as_str() == AWS_ZONE);
        !has_own && standing(state, endpoint).is_established()
    };
    let due = state.endpoints.get(key).is_some_and(|endpoint| is_due(endpoint, &state));
    drop(state);
    if due {
        stage.tell(|| format!("{} gets its names", key.endpoint));
        let entries = entries(&key.endpoint, &stage.random);
        stage.world.change().endpoints.get_mut(key).unwrap().dns_entries.extend(entries);
    }
}
