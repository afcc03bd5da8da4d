//! What happens to what is watched, and to alarms.

use std::time::Duration;

use super::{
    cast::{self, ZONES, group_of},
    hand,
};
use crate::{
    body,
    cast::{HUB, service},
    endpoints,
    happening::{Tag, set},
    random::Random,
    stage::Stage,
    tags::cast::BALANCERS,
};

/// Something that happens.
#[derive(Debug, Clone, Copy)]
pub enum Happening {
    /// Somebody makes an endpoint that is connected to nothing here.
    EndpointMade {
        account: usize,
    },
    EndpointGone {
        nth: usize,
    },
    EndpointTagged {
        nth: usize,
        tag: Tag,
    },
    ServiceTagged {
        service: usize,
        tag: Tag,
    },
    /// A load balancer is put behind a service, or taken away.
    Balancer {
        service: usize,
        balancer: usize,
    },
    /// A load balancer gets a target group, or loses it.
    Group {
        balancer: usize,
    },
    /// A service comes into an Availability Zone, or leaves it.
    Zone {
        service: usize,
    },
    Hand(usize, Hand),
    /// Our role in an account may do nothing any more, or something again.
    Role {
        account: &'static str,
        denied: bool,
    },
    /// Days go by.
    Days,
}

/// What people do to alarms and dashboards.
#[derive(Debug, Clone, Copy)]
pub enum Hand {
    SwitchesOff,
    SwitchesOn,
    Changes,
    Untags,
    Deletes,
    Makes,
    Covers,
    Uncovers,
    MakesDashboard,
    ChangesDashboard,
    DeletesDashboard,
}

const HANDS: [Hand; 14] = [
    Hand::SwitchesOff,
    Hand::SwitchesOff,
    Hand::SwitchesOn,
    Hand::Changes,
    Hand::Changes,
    Hand::Changes,
    Hand::Untags,
    Hand::Deletes,
    Hand::Makes,
    Hand::Covers,
    Hand::Uncovers,
    Hand::MakesDashboard,
    Hand::ChangesDashboard,
    Hand::DeletesDashboard,
];

const TAGS: [Tag; 12] = [
    ("drawbridge:alarms", Some("true")),
    ("drawbridge:alarms", Some("True")),
    ("drawbridge:alarms", None),
    ("drawbridge:ignore", Some(" True")),
    ("drawbridge:ignore", None),
    ("drawbridge:alarm:packets-dropped", Some("2.5")),
    ("drawbridge:alarm:packets-dropped", Some("-1")),
    ("drawbridge:alarm:packets-dropped", None),
    ("drawbridge:alarm:idle", Some("off")),
    ("drawbridge:alarm:resets-received", Some(" OFF")),
    ("drawbridge:alarm:resets-received", None),
    ("Name", Some("orders")),
];

const SERVICE_TAGS: [Tag; 7] = [
    ("drawbridge:alarm:no-traffic", Some("off")),
    ("drawbridge:alarm:resets-sent", Some("7")),
    ("drawbridge:alarm:resets-sent", None),
    ("drawbridge:alarm:healthy-targets", Some("2")),
    ("drawbridge:alarm:endpoints-drop", Some("off")),
    ("drawbridge:alarm:endpoints-drop", None),
    ("Name", Some("or[de]rs")),
];

/// Accounts that have alarms or endpoints.
const ACCOUNTS: [&str; 5] = [HUB, "333333333333", "444444444444", "555555555555", "666666666666"];

impl Happening {
    pub fn draw(random: &Random) -> Self {
        let (nth, service, flag) = (random.index(64), random.index(3), random.chance(500));
        match random.below(100) {
            0..8 => Self::EndpointMade { account: nth },
            8..16 => Self::EndpointGone { nth },
            16..31 => Self::EndpointTagged { nth, tag: *random.pick(&TAGS) },
            31..39 => Self::ServiceTagged { service, tag: *random.pick(&SERVICE_TAGS) },
            39..44 => Self::Balancer { service, balancer: random.index(BALANCERS.len()) },
            44..50 => Self::Group { balancer: random.index(BALANCERS.len()) },
            50..54 => Self::Zone { service },
            54..58 => Self::Role { account: random.pick::<&str>(&ACCOUNTS), denied: flag },
            58..62 => Self::Days,
            _ => Self::Hand(nth, *random.pick(&HANDS)),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::EndpointMade { .. } => "happening: watched endpoint made",
            Self::EndpointGone { .. } => "happening: watched endpoint deleted",
            Self::EndpointTagged { .. } => "happening: watched endpoint tagged",
            Self::ServiceTagged { .. } => "happening: watched service tagged",
            Self::Balancer { .. } => "happening: load balancer put behind a watched service or taken away",
            Self::Group { .. } => "happening: target group made or deleted",
            Self::Zone { .. } => "happening: service comes into a zone or leaves it",
            Self::Hand(_, Hand::Makes | Hand::MakesDashboard | Hand::Covers | Hand::Uncovers) => {
                "happening: alarm or dashboard of somebody else's"
            }
            Self::Hand(..) => "happening: alarm or dashboard changed by hand",
            Self::Role { .. } => "happening: role denied or granted",
            Self::Days => "happening: days go by",
        }
    }

    pub fn happen(self, stage: &Stage) {
        match self {
            Self::EndpointMade { account } => cast::elsewhere(stage, ACCOUNTS[account % ACCOUNTS.len()]),
            Self::EndpointGone { nth } => endpoints::delete(stage, nth),
            Self::EndpointTagged { nth, tag } => tag_endpoint(stage, nth, tag),
            Self::ServiceTagged { service: index, tag } => {
                let key = service(index);
                stage.tell(|| format!("{} is tagged {tag:?}", key.service));
                set(&mut stage.world.change().services.get_mut(&key).unwrap().0.tags, tag);
                stage.send(&body::service_changed(&key, "tag_change_of_service"));
            }
            Self::Balancer { service: index, balancer } => change_balancer(stage, index, BALANCERS[balancer]),
            Self::Group { balancer } => change_group(stage, BALANCERS[balancer]),
            Self::Zone { service: index } => {
                let key = service(index);
                let mut state = stage.world.change();
                let zones = &mut state.services.get_mut(&key).unwrap().0.availability_zones;
                if !zones.remove(ZONES[2]) {
                    zones.insert(ZONES[2].to_owned());
                }
                drop(state);
                stage.tell(|| format!("{} comes into {}, or leaves it", key.service, ZONES[2]));
                stage.send(&body::service_changed(&key, "modify_service"));
            }
            Self::Hand(nth, hand) => hand.act(stage, nth),
            Self::Role { account, denied } => stage.deny(account, denied),
            Self::Days => {
                stage.tell(|| "endpoints are as old as if days went by".to_owned());
                let days = Duration::from_hours(24 * 8);
                let mut state = stage.world.change();
                let created = state.endpoints.values_mut().filter_map(|endpoint| endpoint.created.as_mut());
                created.for_each(|created| *created -= days);
            }
        }
    }
}

impl Hand {
    fn act(self, stage: &Stage, nth: usize) {
        match self {
            Self::SwitchesOff => hand::change(stage, nth, "is switched off", |alarm| alarm.standing.acts = false),
            Self::SwitchesOn => hand::change(stage, nth, "is switched on", |alarm| alarm.standing.acts = true),
            Self::Changes => hand::change(stage, nth, "is changed", |alarm| {
                "changed".clone_into(&mut alarm.standing.alarm.description);
                if nth.is_multiple_of(3) {
                    alarm.standing.alarm.alarm_actions.clear();
                }
            }),
            Self::Untags => hand::change(stage, nth, "is untagged", |alarm| alarm.tags.clear()),
            Self::Deletes => hand::delete(stage, nth),
            Self::Makes => hand::make_alarm(stage, nth),
            Self::Covers => hand::cover(stage, nth),
            Self::Uncovers => hand::uncover(stage),
            Self::MakesDashboard => hand::make_dashboard(stage, nth),
            Self::ChangesDashboard => hand::change_dashboard(stage, nth, false),
            Self::DeletesDashboard => hand::change_dashboard(stage, nth, true),
        }
    }
}

fn tag_endpoint(stage: &Stage, nth: usize, tag: Tag) {
    let Some(key) = endpoints::nth(stage, nth) else { return };
    stage.tell(|| format!("{} tags {}: {tag:?}", key.account, key.endpoint));
    set(&mut stage.world.change().endpoints.get_mut(&key).unwrap().tags, tag);
    stage.send(&body::endpoint_changed(&key, "tag_change_of_endpoint"));
}

fn change_balancer(stage: &Stage, index: usize, (account, balancer): (&str, &str)) {
    let key = service(index);
    if key.account.as_str() != account {
        return;
    }
    let mut state = stage.world.change();
    let balancers = &mut state.services.get_mut(&key).unwrap().0.load_balancers;
    if !balancers.remove(balancer) {
        balancers.insert(balancer.to_owned());
    }
    drop(state);
    stage.tell(|| format!("{balancer} is put behind {}, or taken away", key.service));
    stage.send(&body::service_changed(&key, "modify_service"));
}

fn change_group(stage: &Stage, (account, balancer): (&str, &str)) {
    let group = group_of(balancer, 2);
    let mut state = stage.world.change();
    let groups = &mut state.load_balancers.entry(balancer.to_owned()).or_default().target_groups;
    let is_there = groups.remove(&group);
    if !is_there {
        groups.insert(group.clone());
    }
    drop(state);
    stage.tell(|| format!("{group} is there: {}", !is_there));
    stage.send(&body::balancer_changed(
        &account.parse().unwrap(),
        if is_there { "delete_listener" } else { "create_listener" },
    ));
}
