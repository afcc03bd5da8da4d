//! Which names there should be, said again in few words and apart from the code under test. Source: `docs/dns.md`.

use std::collections::{BTreeMap, BTreeSet};

use drawbridge::{
    model::{
        AccountId, ConnectionState, DomainName, Endpoint, EndpointKind, EndpointService, Membership, Principal,
        RecordData, RecordSet, RecordType, Tags, VerificationState, VpcReference,
    },
    world::{HostedZone, State},
};

use super::{
    cast::{NAMES_TAG, domain},
    endpoint::{AVAILABILITY_ZONES, AWS_ZONE, own_name},
    terms::{TAG, Terms},
};

/// Whether a resource is taken out of our hands.
pub fn is_ignored(tags: &Tags) -> bool {
    tags.get("drawbridge:ignore").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

/// How an endpoint stands: as its connection does, if it has one.
pub fn standing<'a>(state: &'a State, endpoint: &'a Endpoint) -> &'a ConnectionState {
    let mut connections =
        state.services.values().filter_map(|(_, connections)| connections.get(&endpoint.key.endpoint));
    connections.next().map_or(&endpoint.state, |connection| &connection.state)
}

/// Whether names can lead to an endpoint, or will.
pub fn can_be_named(state: &State, endpoint: &Endpoint) -> bool {
    let standing = standing(state, endpoint);
    endpoint.kind == EndpointKind::Interface
        && (standing.is_established() || *standing == ConnectionState::PendingAcceptance)
}

/// What services offer, by name: their private DNS names, and whether they are verified.
pub type Offers = BTreeMap<String, (Vec<DomainName>, bool)>;

/// What services offer to an account.
pub fn offers(state: &State, account: &AccountId) -> Offers {
    let of_aws =
        state.offers.iter().map(|((_, name), offer)| (name.clone(), (offer.private_names.clone(), offer.verified)));
    let allowed = |service: &EndpointService| {
        service.key.account == *account
            || state.principals.get(&service.key).is_some_and(|principals| {
                principals.contains(&Principal::Everybody) || principals.contains(&Principal::Account(account.clone()))
            })
    };
    let of_people =
        state.services.values().map(|(service, _)| service).filter(|service| allowed(service)).map(|service| {
            let names = service.private_dns_name.iter().map(|name| domain(name)).collect();
            (service.name.clone(), (names, is_verified(service)))
        });
    of_aws.chain(of_people).collect()
}

pub fn is_verified(service: &EndpointService) -> bool {
    service.verification.as_ref().is_some_and(|verification| verification.state == VerificationState::Verified)
}

/// The names that an endpoint wants, each with its records; with none as long as it has no names itself.
pub fn wants(endpoint: &Endpoint, offers: &Offers, zonal: bool) -> BTreeMap<DomainName, BTreeSet<RecordSet>> {
    let tag = endpoint.tags.get(NAMES_TAG).map_or("", String::as_str);
    // Names are written as they are meant: in lower case, and without a dot at the end.
    let valid = |word: &&str| {
        !word.contains("..") && !word.contains('!') && !word.ends_with('.') && !word.contains(char::is_uppercase)
    };
    let mut words: Vec<String> = tag.split(' ').filter(valid).map(ToOwned::to_owned).collect();
    if words.iter().any(|word| word == "service") {
        let names = offers.get(&endpoint.service_name).map(|(names, _)| names.as_slice()).unwrap_or_default();
        words.extend(names.iter().map(ToString::to_string));
    }
    let mut wants: BTreeMap<DomainName, BTreeSet<RecordSet>> = BTreeMap::new();
    for word in words.iter().filter(|word| !word.is_empty() && *word != "service") {
        let name = domain(word.trim_start_matches("*."));
        let records = wants.entry(name.clone()).or_default();
        records.extend(aliases(endpoint, &domain(word), None));
        if zonal {
            let zonal = |zone: &&str| aliases(endpoint, &domain(&format!("{zone}.{name}")), Some(zone));
            records.extend(AVAILABILITY_ZONES.iter().flat_map(zonal));
        }
    }
    wants
}

/// Whether somebody has shown whose a name is: the endpoint's owner asks for it, or AWS has verified that of the service.
pub fn is_proven(endpoint: &Endpoint, offers: &Offers, name: &DomainName) -> bool {
    let mut words = endpoint.tags.get(NAMES_TAG).map_or("", String::as_str).split(' ');
    let verified = offers.get(&endpoint.service_name).is_some_and(|(_, verified)| *verified);
    verified || words.any(|word| domain(word.trim_start_matches("*.")) == *name)
}

fn aliases(endpoint: &Endpoint, name: &DomainName, zone: Option<&str>) -> Vec<RecordSet> {
    let kinds = match endpoint.ip_address_type.as_deref() {
        Some("dualstack") => vec![RecordType::A, RecordType::Aaaa],
        Some("ipv6") => vec![RecordType::Aaaa],
        _ => vec![RecordType::A],
    };
    if !endpoint.dns_entries.iter().any(|entry| entry.zone.as_str() == AWS_ZONE) {
        return Vec::new();
    }
    let target = domain(&own_name(&endpoint.key.endpoint, zone));
    let data = RecordData::Alias { zone: AWS_ZONE.parse().unwrap(), target, evaluate_health: false };
    let record = |kind| RecordSet { name: name.clone(), kind, data: data.clone(), routing: None };
    kinds.into_iter().map(record).collect()
}

pub fn home(endpoint: &Endpoint) -> VpcReference {
    VpcReference { region: endpoint.key.region.clone(), vpc: endpoint.vpc.clone() }
}

/// Whether the VPCs of an account have to be read to know which of them are selected.
pub fn is_concerned(terms: &Terms, account: &AccountId) -> bool {
    let selection = &terms.vpcs;
    let named = selection.accounts.is_empty() || selection.accounts.contains(&account.as_str());
    !selection.is_empty() && terms.consumers.contains(&account.as_str()) && (named || !selection.units.is_empty())
}

/// Whether names answer in a VPC with these tags, of this account; `None` when it can't be told where the account is.
pub fn selects(terms: &Terms, account: &AccountId, tags: &Tags, membership: Option<&Membership>) -> Option<bool> {
    let selection = &terms.vpcs;
    let unit = |unit: &str| match membership {
        Some(Membership::Member(member)) => member.path.parents.iter().any(|parent| parent.as_str() == unit),
        _ => false,
    };
    if !is_concerned(terms, account) {
        return Some(false);
    }
    if !selection.units.is_empty() && matches!(membership, Some(Membership::Unknown { .. })) {
        return None;
    }
    let anywhere = selection.accounts.is_empty() && selection.units.is_empty();
    let here =
        anywhere || selection.accounts.contains(&account.as_str()) || selection.units.iter().any(|wanted| unit(wanted));
    let tagged = !selection.tagged || tags.get(TAG.0).is_some_and(|value| value == TAG.1);
    Some(here && tagged && !is_ignored(tags))
}

/// Whether a VPC has a zone of this very name already, beside this one.
pub fn is_taken(state: &State, vpc: &VpcReference, name: &DomainName, but: Option<&HostedZone>) -> bool {
    let is_but = |zone: &HostedZone| but.is_some_and(|but| but.zone.key == zone.zone.key);
    let zone = state.zones.values().any(|zone| zone.vpcs.contains(vpc) && zone.zone.name == *name && !is_but(zone));
    zone || state.endpoints.values().any(|endpoint| {
        home(endpoint) == *vpc
            && endpoint.private_dns
            && endpoint.dns_entries.iter().any(|entry| domain(entry.name.as_str().trim_start_matches("*.")) == *name)
    })
}

/// Whether private names are answered in a VPC.
pub fn resolves(state: &State, vpc: &VpcReference) -> bool {
    state.vpcs.get(vpc).is_some_and(|network| network.dns_support && network.dns_hostnames)
}

/// The public zones of the longest name that cover a name, of those that may be written.
pub fn covering<'a>(state: &'a State, terms: &Terms, name: &DomainName) -> Vec<&'a HostedZone> {
    let covers = |zone: &&HostedZone| {
        !zone.zone.private && terms.may_write(zone.zone.key.account.as_str()) && name.is_within(&zone.zone.name)
    };
    let longest = state.zones.values().filter(covers).map(|zone| zone.zone.name.as_str().len()).max();
    state.zones.values().filter(covers).filter(|zone| Some(zone.zone.name.as_str().len()) == longest).collect()
}

/// Whether a private zone of the name would hide public names.
pub fn hides(state: &State, terms: &Terms, name: &DomainName) -> bool {
    covering(state, terms, name).into_iter().any(|zone| {
        zone.records().any(|record| {
            record.name.as_str().ends_with(&format!(".{name}"))
                && !record.name.as_str().ends_with(&format!("_drawbridge.{}", zone.zone.name))
        })
    })
}

/// The record that shows whose the private DNS name of a service is, and the name without its asterisk.
pub fn proof(service: &EndpointService) -> Option<(DomainName, RecordSet)> {
    let name = domain(service.private_dns_name.as_ref()?.trim_start_matches("*."));
    let verification = service.verification.as_ref()?;
    let values = [format!("\"{}\"", verification.record_value)].into();
    let proof = RecordSet {
        name: domain(&format!("{}.{name}", verification.record_name)),
        kind: RecordType::Txt,
        data: RecordData::Values { ttl: 1_800, values },
        routing: None,
    };
    Some((name, proof))
}

/// Whether AWS finds the proof: in the most specific public zone, whosever that is. Where there are several, the twin
/// asks the last.
pub fn is_provable(state: &State, service: &EndpointService) -> bool {
    let Some((_, proof)) = proof(service) else { return false };
    let covers = |zone: &&HostedZone| !zone.zone.private && proof.name.is_within(&zone.zone.name);
    let longest = state.zones.values().filter(covers).map(|zone| zone.zone.name.as_str().len()).max();
    let zones = state.zones.values().filter(covers);
    let answer = |record: &RecordSet| match &record.data {
        RecordData::Values { values, .. } => Some(values.clone()),
        _ => None,
    };
    let last = zones.rev().find(|zone| Some(zone.zone.name.as_str().len()) == longest);
    last.is_some_and(|zone| {
        zone.records().any(|record| {
            (&record.name, &record.kind) == (&proof.name, &proof.kind) && answer(record) == answer(&proof)
        })
    })
}

/// Whether an endpoint is to get the private name of its service.
pub fn is_selected(terms: &Terms, endpoint: &Endpoint) -> bool {
    let tagged = endpoint.tags.get("drawbridge:private-dns").is_some_and(|value| value == "true");
    let selected = terms.select == "every" || (terms.select == "tagged" && tagged);
    selected
        && !is_ignored(&endpoint.tags)
        && !endpoint.requester_managed
        && endpoint.kind == EndpointKind::Interface
        && terms.consumers.contains(&endpoint.key.account.as_str())
}
