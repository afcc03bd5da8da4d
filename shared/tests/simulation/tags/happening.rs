//! What happens to what carries tags, and to what their values are made of.

use drawbridge::model::{AccountId, Membership, Resource, ResourceKind, Tags};

use super::{
    cast::{ACCOUNT_NAMES, BALANCERS, UNIT_NAMES},
    endpoint, ledger,
    policy::POLICIES,
    terms::BY_CODE,
    thing::{all, find, tags_of},
};
use crate::{
    body,
    cast::{CONSUMERS, HUB, UNITS, service},
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
        account: usize,
    },
    EndpointGone {
        nth: usize,
    },
    /// People tag something.
    Tagged {
        nth: usize,
        tag: Tag,
    },
    /// People change a value of ours, whichever it is, or take it away.
    OursChanged {
        nth: usize,
        value: Option<&'static str>,
    },
    /// People give something as many tags as fit, but for some; or take them away again.
    Filled {
        nth: usize,
        free: Option<usize>,
    },
    UnitRenamed {
        unit: usize,
        name: &'static str,
    },
    AccountRenamed {
        account: usize,
        name: Option<&'static str>,
    },
    CostCentre {
        account: usize,
        value: Option<&'static str>,
    },
    TagPolicy {
        account: usize,
        policy: Option<usize>,
    },
    /// The making of a service is told late, or again.
    ToldLate {
        service: usize,
    },
    /// A load balancer is put behind a service, or taken away.
    Balancer {
        service: usize,
        balancer: usize,
    },
    /// Our role in an account may do nothing any more, or something again.
    Role {
        account: &'static str,
        denied: bool,
    },
}

const TAGS: [Tag; 22] = [
    ("creator", Some("somebody")),
    ("creator", None),
    ("account-name", Some("mine")),
    ("unit", Some("ours")),
    ("cost-centre", Some("99")),
    ("cost-centre", None),
    ("consumer", Some("them")),
    ("platform", Some("another")),
    ("platform", Some("another")),
    ("platform", None),
    ("grade", Some("lead")),
    ("team", Some("shop")),
    ("team", None),
    ("drawbridge:ignore", Some("true")),
    ("drawbridge:ignore", Some(" True")),
    ("drawbridge:ignore", None),
    ("drawbridge:tags", Some("another platform+unit")),
    ("drawbridge:tags", Some("nonsense")),
    ("drawbridge:tags", None),
    (BY_CODE.0, Some(BY_CODE.1)),
    (BY_CODE.0, None),
    ("aws:cloudformation:stack-name", Some("network")),
];

/// Accounts that have what carries tags.
const ACCOUNTS: [&str; 4] = [HUB, "333333333333", "444444444444", "555555555555"];

impl Happening {
    pub fn draw(random: &Random) -> Self {
        let (nth, account, flag) = (random.index(64), random.index(CONSUMERS.len()), random.chance(500));
        match random.below(100) {
            0..12 => Self::OfAws { account },
            12..17 => Self::EndpointGone { nth },
            17..42 => Self::Tagged { nth, tag: *random.pick(&TAGS) },
            42..56 => Self::OursChanged { nth, value: flag.then_some("changed") },
            56..62 => Self::Filled { nth, free: random.chance(800).then(|| random.index(4)) },
            62..69 => Self::UnitRenamed { unit: random.index(UNITS.len()), name: random.pick::<&str>(&UNIT_NAMES) },
            69..74 => Self::AccountRenamed { account, name: random.chance(800).then(|| *random.pick(&ACCOUNT_NAMES)) },
            74..82 => Self::CostCentre { account, value: *random.pick(&[Some("41"), Some("52"), Some("4<2>"), None]) },
            82..88 => Self::TagPolicy { account, policy: flag.then(|| random.index(POLICIES.len())) },
            88..92 => Self::ToldLate { service: random.index(3) },
            92..96 => Self::Balancer { service: random.index(3), balancer: random.index(BALANCERS.len()) },
            _ => Self::Role { account: random.pick::<&str>(&ACCOUNTS), denied: flag },
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::OfAws { .. } => "happening: endpoint with interfaces made",
            Self::EndpointGone { .. } => "happening: endpoint with interfaces deleted",
            Self::Tagged { .. } => "happening: resource tagged by hand",
            Self::OursChanged { .. } => "happening: value of ours changed or taken away",
            Self::Filled { .. } => "happening: resource filled with tags",
            Self::UnitRenamed { .. } => "happening: unit renamed",
            Self::AccountRenamed { .. } => "happening: account renamed",
            Self::CostCentre { .. } => "happening: account's cost centre changes",
            Self::TagPolicy { .. } => "happening: tag policy changes",
            Self::ToldLate { .. } => "happening: making of a service told late",
            Self::Balancer { .. } => "happening: load balancer put behind a service or taken away",
            Self::Role { .. } => "happening: role denied or granted",
        }
    }

    pub fn happen(self, stage: &Stage) {
        match self {
            Self::OfAws { account } => endpoint::of_aws(stage, account, false),
            Self::EndpointGone { nth } => endpoints::delete(stage, nth),
            Self::Tagged { nth, tag } => change_tags(stage, nth, &format!("{tag:?}"), |resource, tags| {
                set(tags, tag);
                if tag.0 == "drawbridge:tags" {
                    stage.ledger.unmarked.borrow_mut().insert(resource.clone());
                }
            }),
            Self::OursChanged { nth, value } => {
                change_tags(stage, nth, &format!("ours {value:?}"), |resource, tags| {
                    change_ours(stage, resource, tags, value);
                });
            }
            Self::Filled { nth, free } => {
                change_tags(stage, nth, &format!("full but for {free:?}"), |resource, tags| {
                    // What is decided about a connection has its place, too.
                    if resource.kind != ResourceKind::Connection {
                        fill(tags, free);
                    }
                });
            }
            Self::ToldLate { service: index } => tell_late(stage, index),
            Self::Balancer { service: index, balancer } => change_balancer(stage, index, BALANCERS[balancer]),
            Self::Role { account, denied } => stage.deny(account, denied),
            Self::UnitRenamed { .. }
            | Self::AccountRenamed { .. }
            | Self::CostCentre { .. }
            | Self::TagPolicy { .. } => self.happen_in_organization(stage),
        }
    }

    fn happen_in_organization(self, stage: &Stage) {
        match self {
            Self::UnitRenamed { unit, name } => {
                stage.tell(|| format!("the unit {} is called {name} from now on", UNITS[unit]));
                stage.world.change().units.insert(UNITS[unit].parse().unwrap(), name.to_owned());
                stage.send(&body::unit_renamed());
            }
            Self::AccountRenamed { account, name } => with_account(stage, account, |account| {
                stage.tell(|| format!("{} is called {name:?} from now on", account.id));
                account.name = name.map(ToOwned::to_owned);
            }),
            Self::CostCentre { account: index, value } => {
                with_account(stage, index, |account| {
                    stage.tell(|| format!("the cost centre of {} is {value:?} from now on", account.id));
                    set(&mut account.tags, ("cost-centre", value));
                });
                stage.send(&body::account_changed(&id(index), "account_tagged"));
            }
            Self::TagPolicy { account, policy } => {
                let text = policy.map(|index| POLICIES[index].text);
                stage.tell(|| format!("the tag policy of {} is {text:?} from now on", id(account)));
                let policies = &mut stage.world.change().tag_policies;
                match policy {
                    Some(index) => policies.insert(id(account), POLICIES[index].parsed()),
                    None => policies.remove(&id(account)),
                };
            }
            _ => {}
        }
    }
}

fn id(account: usize) -> AccountId {
    ACCOUNTS[account % ACCOUNTS.len()].parse().unwrap()
}

fn with_account(stage: &Stage, account: usize, change: impl FnOnce(&mut drawbridge::model::Account)) {
    if let Some(Membership::Member(member)) = stage.world.change().accounts.get_mut(&id(account)) {
        change(member);
    }
}

/// Changes the tags of some resource, and has it told where AWS tells of it.
fn change_tags(stage: &Stage, nth: usize, words: &str, change: impl FnOnce(&Resource, &mut Tags)) {
    let resources = all(&stage.world.state());
    let Some(resource) = resources.get(nth % resources.len().max(1)) else { return };
    if let Some(tags) = tags_of(&mut stage.world.change(), resource) {
        change(resource, tags);
    }
    stage.tell(|| format!("by hand: {} {resource} is tagged {words}", resource.kind));
    tell_of_tags(stage, resource);
}

/// The event of a tag change.
pub fn tell_of_tags(stage: &Stage, resource: &Resource) {
    let state = stage.world.state();
    let letter = find(&state, resource).and_then(|thing| match resource.kind {
        ResourceKind::Endpoint => Some(body::endpoint_changed(&thing.endpoint?.key, "tag_change_of_endpoint")),
        ResourceKind::EndpointService => {
            let (key, _) = state.services.iter().find(|(key, _)| key.service.as_str() == &*resource.id)?;
            Some(body::service_changed(key, "tag_change_of_service"))
        }
        _ => None,
    });
    drop(state);
    if let Some(letter) = &letter {
        stage.send(letter);
    }
}

fn change_ours(stage: &Stage, resource: &Resource, tags: &mut Tags, value: Option<&'static str>) {
    let written = stage.ledger.written.borrow();
    let keys: Vec<&String> = written.iter().filter(|(of, _)| of == resource).map(|(_, key)| key).collect();
    if keys.is_empty() {
        return;
    }
    let key = *stage.random.pick(&keys);
    match value {
        Some(value) => tags.insert(key.clone(), value.to_owned()),
        None => tags.remove(key),
    };
}

fn fill(tags: &mut Tags, free: Option<usize>) {
    tags.retain(|key, _| !key.starts_with("filler-"));
    let Some(free) = free else { return };
    let own = tags.keys().filter(|key| !key.starts_with("aws:")).count();
    tags.extend((own + free..50).map(|number| (format!("filler-{number}"), String::new())));
}

fn tell_late(stage: &Stage, index: usize) {
    let key = service(index);
    let resource = Resource::new(ResourceKind::EndpointService, key.service.as_str());
    let by = stage.ledger.made.borrow().get(&resource).copied();
    if let Some(by) = by {
        let at = ledger::whole_seconds(stage.now() - std::time::Duration::from_hours(30));
        stage.send(&body::service_made(&key, by, at));
    }
}

fn change_balancer(stage: &Stage, index: usize, (account, balancer): (&str, &str)) {
    let key = service(index);
    if key.account.as_str() != account {
        return;
    }
    let mut state = stage.world.change();
    let balancers = &mut state.services.get_mut(&key).unwrap().0.load_balancers;
    let is_there = balancers.remove(balancer);
    if !is_there {
        balancers.insert(balancer.to_owned());
    }
    drop(state);
    stage.tell(|| format!("{balancer} is behind {}: {}", key.service, !is_there));
    stage.send(&body::service_changed(&key, "modify_service"));
}
