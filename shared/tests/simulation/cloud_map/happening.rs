//! What happens to endpoints, tasks, target groups and their zones, and what people do in Cloud Map.

use drawbridge::model::{Attributes, InstanceHealth, NamespaceKind, OperationFailure, TargetState};
use jiff::Timestamp;

use super::cast::{self, CONSUMERS, GROUPS, ORDERS, SHOP, TAG, foreign, tags_of, target, task};
use crate::{
    body,
    cast::HUB,
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
    /// A task runs, or stops.
    Task {
        number: usize,
        runs: bool,
    },
    /// Somebody says how a task is.
    Health {
        number: usize,
        health: InstanceHealth,
    },
    GroupTagged {
        group: usize,
        tag: Tag,
    },
    /// A target doesn't answer any more, or does again.
    TargetFails {
        group: usize,
        nth: usize,
    },
    /// Somebody adds a target, or takes one away.
    TargetByHand {
        group: usize,
        nth: usize,
    },
    /// A load balancer comes into another Availability Zone.
    Zone {
        balancer: usize,
    },
    Hand(usize, Hand),
    /// Operations on an instance fail for good, or don't any more.
    OperationsFail {
        nth: usize,
    },
    /// Our role in an account may do nothing any more, or something again.
    Role {
        account: &'static str,
        denied: bool,
    },
}

/// What people do in Cloud Map.
#[derive(Debug, Clone, Copy)]
pub enum Hand {
    /// Registers something of an id that could be ours.
    Registers,
    /// Changes what is told of an instance.
    Changes,
    /// Takes the mark off an instance.
    Takes,
    Deregisters,
    /// Makes a namespace of the configured name, or deletes it with all that is in it.
    Namespace,
}

const TAGS: [Tag; 9] = [
    (TAG, Some("payments")),
    (TAG, Some("payments:443/tcp")),
    (TAG, Some("billing:8443")),
    (TAG, Some("-wrong-")),
    (TAG, None),
    (TAG, None),
    ("drawbridge:ignore", Some("true")),
    ("drawbridge:ignore", None),
    ("Name", Some("orders")),
];

const GROUP_TAGS: [Tag; 7] = [
    (TAG, Some(ORDERS)),
    (TAG, Some("arn:aws:servicediscovery:eu-west-1:222222222222:service/srv-none")),
    (TAG, Some("orders")),
    (TAG, None),
    ("drawbridge:ignore", Some("true")),
    ("drawbridge:ignore", None),
    ("drawbridge:owner", None),
];

const ACCOUNTS: [&str; 4] = [HUB, "333333333333", CONSUMERS[0], CONSUMERS[1]];

impl Happening {
    pub fn draw(random: &Random) -> Self {
        let (nth, group, number) = (random.index(64), random.index(GROUPS.len()), 1 + random.index(5));
        let hands =
            [Hand::Registers, Hand::Changes, Hand::Takes, Hand::Deregisters, Hand::Deregisters, Hand::Namespace];
        let healths = [InstanceHealth::Healthy, InstanceHealth::Unhealthy, InstanceHealth::Unknown];
        match random.below(100) {
            0..8 => Self::EndpointMade { account: nth },
            8..18 => Self::EndpointGone { nth },
            18..33 => Self::EndpointTagged { nth, tag: *random.pick(&TAGS) },
            33..53 => Self::Task { number, runs: random.chance(500) },
            53..60 => Self::Health { number, health: *random.pick(&healths) },
            60..68 => Self::GroupTagged { group, tag: *random.pick(&GROUP_TAGS) },
            68..74 => Self::TargetFails { group, nth },
            74..78 => Self::TargetByHand { group, nth },
            78..81 => Self::Zone { balancer: group },
            81..92 => Self::Hand(nth, *random.pick(&hands)),
            92..96 => Self::OperationsFail { nth },
            _ => Self::Role { account: random.pick::<&str>(&ACCOUNTS), denied: random.chance(500) },
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::EndpointMade { .. } => "happening: discoverable endpoint made",
            Self::EndpointGone { .. } => "happening: discoverable endpoint deleted",
            Self::EndpointTagged { .. } => "happening: discoverable endpoint tagged",
            Self::Task { .. } => "happening: task runs or stops",
            Self::Health { .. } => "happening: task's health told",
            Self::GroupTagged { .. } => "happening: target group tagged",
            Self::TargetFails { .. } => "happening: target fails or answers",
            Self::TargetByHand { .. } => "happening: target changed by hand",
            Self::Zone { .. } => "happening: load balancer comes into a zone",
            Self::Hand(..) => "happening: Cloud Map changed by hand",
            Self::OperationsFail { .. } => "happening: operations fail for good",
            Self::Role { .. } => "happening: role denied or granted",
        }
    }

    pub fn happen(self, stage: &Stage) {
        stage.tell(|| format!("{self:?}"));
        match self {
            Self::EndpointMade { account } => cast::elsewhere(stage, CONSUMERS[account % CONSUMERS.len()]),
            Self::EndpointGone { nth } => endpoints::delete(stage, nth),
            Self::EndpointTagged { nth, tag } => {
                let Some(key) = endpoints::nth(stage, nth) else { return };
                set(&mut stage.world.change().endpoints.get_mut(&key).unwrap().tags, tag);
                stage.send(&body::endpoint_changed(&key, "tag_change_of_endpoint"));
            }
            Self::Task { number, runs } => {
                let (id, attributes) = task(number);
                let mut state = stage.world.change();
                let instances = &mut state.cloud_map_services.get_mut(ORDERS).unwrap().instances;
                if runs {
                    instances.insert(id, attributes);
                } else {
                    instances.remove(&id);
                }
                drop(state);
                stage.send(&body::discovery_changed(HUB, if runs { "task_runs" } else { "task_stopped" }));
            }
            Self::Health { number, health } => {
                let mut state = stage.world.change();
                state.cloud_map_services.get_mut(ORDERS).unwrap().health.insert(task(number).0, health);
                drop(state);
                stage.send(&body::discovery_changed(HUB, "cloud_map_instance_registered"));
            }
            Self::GroupTagged { group, tag } => {
                set(stage.world.change().resource_tags.get_mut(&tags_of(group)).unwrap(), tag);
                stage.send(&body::discovery_changed(GROUPS[group].0, "tag_change_of_a_target_group"));
            }
            Self::TargetFails { group, nth } => fail_target(stage, group, nth),
            Self::TargetByHand { group, nth } => change_target(stage, group, nth),
            Self::Zone { balancer } => {
                let (account, arn) = BALANCERS[balancer];
                stage.world.change().balancer_zones.get_mut(arn).unwrap().zones.insert("eu-west-1b".to_owned());
                stage.send(&body::balancer_changed(&account.parse().unwrap(), "set_subnets"));
            }
            Self::Hand(nth, hand) => hand.act(stage, nth),
            Self::OperationsFail { nth } => {
                let Some((_, id)) = nth_instance(stage, nth) else { return };
                let failure = OperationFailure { code: "INTERNAL_FAILURE".to_owned(), message: "it failed".to_owned() };
                stage.world.change().failing_operations.insert(id, failure);
            }
            Self::Role { account, denied } => stage.deny(account, denied),
        }
    }
}

impl Hand {
    fn act(self, stage: &Stage, nth: usize) {
        if let Self::Namespace = self {
            return toggle_namespace(stage, CONSUMERS[nth % CONSUMERS.len()]);
        }
        let Some((service, id)) = nth_instance(stage, nth) else { return };
        let mut state = stage.world.change();
        let Some(found) = state.cloud_map_services.get_mut(&service) else { return };
        let owner = found.service.owner.clone();
        match self {
            Self::Registers => drop(found.instances.insert(format!("vpce-{nth:017x}-euw1-az1"), foreign())),
            Self::Changes => {
                found.instances.entry(id).and_modify(|told| drop(told.insert("port".to_owned(), "1".to_owned())));
            }
            Self::Takes => {
                found.instances.entry(id).and_modify(|told: &mut Attributes| drop(told.remove("drawbridge.owner")));
            }
            Self::Deregisters => drop(found.instances.remove(&id)),
            Self::Namespace => {}
        }
        drop(state);
        stage.send(&body::discovery_changed(owner.as_str(), "cloud_map_instance_deregistered"));
    }
}

/// An instance of the configured namespace, with the service that it is in.
fn nth_instance(stage: &Stage, nth: usize) -> Option<(String, String)> {
    let state = stage.world.state();
    let services = state.cloud_map_services.values().filter(|found| {
        state.namespaces.get(&found.namespace).is_some_and(|namespace| namespace.namespace.name == SHOP)
    });
    let all: Vec<(String, String)> =
        services.flat_map(|found| found.instances.keys().map(|id| (found.service.arn.clone(), id.clone()))).collect();
    all.get(nth % all.len().max(1)).cloned()
}

fn fail_target(stage: &Stage, group: usize, nth: usize) {
    let mut state = stage.world.change();
    let filled = state.target_groups.get_mut(GROUPS[group].1).unwrap();
    let count = filled.targets.len().max(1);
    let Some((standing, _)) = filled.targets.values_mut().nth(nth % count) else { return };
    *standing = match standing {
        TargetState::Unhealthy => TargetState::Healthy,
        TargetState::Healthy => TargetState::Unhealthy,
        _ => return,
    };
}

fn change_target(stage: &Stage, group: usize, nth: usize) {
    let mut state = stage.world.change();
    let targets = &mut state.target_groups.get_mut(GROUPS[group].1).unwrap().targets;
    let one = targets.keys().nth(nth % targets.len().max(1)).copied();
    match one.filter(|_| nth.is_multiple_of(2)) {
        Some(one) => drop(targets.remove(&one)),
        None => drop(targets.insert(target("10.0.1.201"), (TargetState::Healthy, Timestamp::MAX))),
    }
}

fn toggle_namespace(stage: &Stage, account: &str) {
    let arn = format!("arn:aws:servicediscovery:eu-west-1:{account}:namespace/ns-people");
    let mut state = stage.world.change();
    if state.namespaces.remove(&arn).is_some() {
        state.cloud_map_services.retain(|_, found| found.namespace != arn);
    } else {
        cast::namespace(&mut state, &arn, SHOP, (account, &[]), NamespaceKind::Http);
    }
    drop(state);
    stage.send(&body::discovery_changed(account, "cloud_map_instance_deregistered"));
}
