//! What happens to endpoints, VPCs and services that have names, and to the roles by which names are looked after.

use drawbridge::{model::VpcReference, world::Network};

use super::{
    cast::{
        NAME_TAGS, NAMES_TAG, PUBLIC, SERVICE_NAMES, VPCS, make_passing_service, name_service, passing_service,
        public_zone, vpc,
    },
    endpoint,
    people::Doing,
    terms::TAG,
};
use crate::{
    body,
    cast::{HUB, service},
    endpoints,
    happening::{Tag, set},
    random::Random,
    stage::Stage,
};

/// Something that happens.
#[derive(Debug, Clone, Copy)]
pub enum Happening {
    /// A consumer makes an endpoint for a service of AWS.
    OfAws {
        vpc: usize,
    },
    /// A consumer tags an endpoint, or deletes it.
    EndpointTag {
        nth: usize,
        tag: Tag,
    },
    EndpointGone {
        nth: usize,
    },
    /// A consumer switches the private name of an endpoint off.
    PrivateNameOff {
        nth: usize,
    },
    /// An owner tags a VPC, sets its DNS, makes it or deletes it.
    VpcTag {
        vpc: usize,
        tag: Tag,
    },
    VpcDns {
        vpc: usize,
        on: bool,
    },
    Vpc {
        vpc: usize,
        there: bool,
    },
    /// A provider gives a service a private name, or takes it away.
    ServiceName {
        service: usize,
        name: Option<&'static str>,
    },
    /// A provider makes a service, or deletes it.
    Service {
        name: Option<&'static str>,
    },
    /// A public zone is made, or deleted with all that is in it.
    Public {
        zone: usize,
        there: bool,
    },
    /// Our role in an account may do nothing any more, or something again.
    Role {
        account: &'static str,
        denied: bool,
    },
    /// AWS looks again for what shows whose names are.
    LookedAgain,
    /// People do something in a zone.
    People(Doing),
}

const ENDPOINT_TAGS: [Tag; 6] = [
    (NAMES_TAG, None),
    (NAMES_TAG, None),
    ("drawbridge:private-dns", Some("true")),
    ("drawbridge:private-dns", None),
    ("drawbridge:ignore", Some("true")),
    ("team", Some("orders")),
];

/// Accounts whose role may lose its permissions.
const ROLES: [&str; 4] = [HUB, "444444444444", "555555555555", "666666666666"];

const VPC_TAGS: [Tag; 5] =
    [(TAG.0, Some(TAG.1)), (TAG.0, Some(TAG.1)), (TAG.0, None), (TAG.0, None), ("drawbridge:ignore", Some("true"))];

impl Happening {
    pub fn draw(random: &Random) -> Self {
        let (nth, vpc, flag) = (random.index(64), random.index(VPCS.len()), random.chance(500));
        match random.below(100) {
            0..10 => Self::OfAws { vpc },
            10..24 if flag => Self::EndpointTag { nth, tag: (NAMES_TAG, Some(*random.pick(&NAME_TAGS))) },
            10..24 => Self::EndpointTag { nth, tag: *random.pick(&ENDPOINT_TAGS) },
            24..32 => Self::EndpointGone { nth },
            32..33 => Self::PrivateNameOff { nth },
            33..40 => Self::VpcTag { vpc, tag: *random.pick(&VPC_TAGS) },
            40..43 => Self::VpcDns { vpc, on: flag },
            43..47 => Self::Vpc { vpc, there: flag },
            47..54 => Self::ServiceName { service: random.index(3), name: *random.pick(&SERVICE_NAMES) },
            54..57 => Self::Service { name: Some(*random.pick(&SERVICE_NAMES)).filter(|_| flag).flatten() },
            57..62 => Self::Public { zone: random.index(PUBLIC.len()), there: flag },
            62..65 => Self::Role { account: random.pick::<&str>(&ROLES), denied: flag },
            65..67 => Self::LookedAgain,
            _ => Self::People(Doing::draw(random)),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::OfAws { .. } => "happening: endpoint for a service of AWS",
            Self::EndpointTag { .. } => "happening: endpoint tagged",
            Self::EndpointGone { .. } => "happening: endpoint deleted",
            Self::PrivateNameOff { .. } => "happening: private name switched off by hand",
            Self::VpcTag { .. } => "happening: VPC tagged",
            Self::VpcDns { .. } => "happening: DNS of a VPC switched",
            Self::Vpc { .. } => "happening: VPC made or deleted",
            Self::ServiceName { .. } => "happening: service named",
            Self::Service { .. } => "happening: service made or deleted",
            Self::Public { .. } => "happening: public zone made or deleted",
            Self::Role { .. } => "happening: role denied or granted",
            Self::LookedAgain => "happening: AWS looks again for proofs",
            Self::People(doing) => doing.name(),
        }
    }

    pub fn happen(self, stage: &Stage) {
        match self {
            Self::OfAws { vpc } => endpoint::of_aws(stage, vpc),
            Self::EndpointTag { nth, tag } => tag_endpoint(stage, nth, tag),
            Self::EndpointGone { nth } => endpoints::delete(stage, nth),
            Self::PrivateNameOff { nth } => switch_off(stage, nth),
            Self::VpcTag { vpc: index, tag } => {
                with_vpc(stage, index, "tag_change_of_vpc", &format!("tagged {tag:?}"), |network| {
                    set(&mut network.vpc.tags, tag);
                });
            }
            Self::VpcDns { vpc: index, on } => {
                with_vpc(stage, index, "modify_vpc_attribute", &format!("set to resolve names: {on}"), |network| {
                    network.dns_hostnames = on;
                });
            }
            Self::Vpc { vpc: index, there } => change_vpc(stage, index, there),
            Self::ServiceName { service: index, name } => {
                let key = service(index);
                stage.tell(|| format!("the provider names {}: {name:?}", key.service));
                let number = stage.agenda.number();
                let mut state = stage.world.change();
                name_service(&mut state.services.get_mut(&key).unwrap().0, name, number);
                state.verifying.remove(&key);
                drop(state);
                stage.send(&body::service_changed(&key, "modify_service"));
            }
            Self::Service { name } => change_service(stage, name),
            Self::Public { zone, there } => change_public_zone(stage, zone, there),
            Self::Role { account, denied } => stage.deny(account, denied),
            Self::LookedAgain => {
                stage.tell(|| "AWS looks again for what shows whose names are".to_owned());
                stage.world.verify_again();
            }
            Self::People(doing) => doing.happen(stage),
        }
    }
}

fn tag_endpoint(stage: &Stage, nth: usize, tag: Tag) {
    let Some(key) = endpoints::nth(stage, nth) else { return };
    stage.tell(|| format!("{} is tagged {tag:?}", key.endpoint));
    set(&mut stage.world.change().endpoints.get_mut(&key).unwrap().tags, tag);
    stage.send(&body::endpoint_changed(&key, "tag_change_of_endpoint"));
}

fn switch_off(stage: &Stage, nth: usize) {
    let Some(key) = endpoints::nth(stage, nth) else { return };
    stage.tell(|| format!("by hand: the private name of {} is switched off", key.endpoint));
    let mut state = stage.world.change();
    let endpoint = state.endpoints.get_mut(&key).unwrap();
    endpoint.private_dns = false;
    endpoint.dns_entries.retain(|entry| entry.name.as_str().ends_with(".vpce.amazonaws.com"));
    drop(state);
    stage.send(&body::endpoint_changed(&key, "modify_endpoint"));
}

fn with_vpc(stage: &Stage, index: usize, told: &'static str, words: &str, change: impl FnOnce(&mut Network)) {
    let (account, reference) = vpc(index);
    if !stage.world.state().vpcs.contains_key(&reference) {
        return;
    }
    stage.tell(|| format!("{} of {account} is {words}", reference.vpc));
    change(stage.world.change().vpcs.get_mut(&reference).unwrap());
    stage.send(&body::vpc_changed(&account, told));
}

/// Makes a VPC anew, or deletes one: as EC2 demands, without endpoints in it; and people leave no zone behind that answers there.
fn change_vpc(stage: &Stage, index: usize, there: bool) {
    let (account, reference) = vpc(index);
    let is_there = stage.world.state().vpcs.contains_key(&reference);
    if is_there == there || (!there && is_in_use(stage, &reference)) {
        return;
    }
    stage.tell(|| format!("{account} {} {}", if there { "makes" } else { "deletes" }, reference.vpc));
    let mut state = stage.world.change();
    if there {
        state.vpcs.insert(reference.clone(), Network::new(account.clone(), reference));
    } else {
        state.vpcs.remove(&reference);
        state.zones.values_mut().for_each(|zone| {
            zone.vpcs.remove(&reference);
            zone.authorized.remove(&reference);
        });
    }
    drop(state);
    stage.send(&body::vpc_changed(&account, if there { "create_vpc" } else { "delete_vpc" }));
}

fn is_in_use(stage: &Stage, reference: &VpcReference) -> bool {
    let state = stage.world.state();
    let only_here = |vpcs: &std::collections::BTreeSet<VpcReference>| vpcs.len() == 1 && vpcs.contains(reference);
    state.endpoints.values().any(|endpoint| endpoint.vpc == reference.vpc)
        || state.zones.values().any(|zone| only_here(&zone.vpcs))
}

fn change_service(stage: &Stage, name: Option<&str>) {
    let key = passing_service();
    let is_there = stage.world.state().services.contains_key(&key);
    stage.tell(|| format!("the provider {} {} {name:?}", if is_there { "deletes" } else { "makes" }, key.service));
    let number = stage.agenda.number();
    let mut state = stage.world.change();
    if is_there {
        state.services.remove(&key);
        state.principals.remove(&key);
        state.verifying.remove(&key);
    } else {
        make_passing_service(&mut state, name, number);
    }
    drop(state);
    stage.send(&body::service_changed(&key, if is_there { "delete_services_one_failed" } else { "create_service" }));
}

fn change_public_zone(stage: &Stage, index: usize, there: bool) {
    let zone = public_zone(index);
    let key = zone.zone.key.clone();
    if stage.world.state().zones.contains_key(&key) == there {
        return;
    }
    let what = if there { "make" } else { "delete" };
    stage.tell(|| format!("people {what} the public zone {} {key}", zone.zone.name));
    if there {
        stage.world.change().zones.insert(key.clone(), zone);
    } else {
        stage.world.change().zones.remove(&key);
    }
    stage.send(&body::zone_changed(&key.account, &key.zone, if there { "create_zone" } else { "delete_zone" }));
}
