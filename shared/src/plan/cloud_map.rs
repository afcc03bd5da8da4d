//! Which endpoints are found in Cloud Map, which targets follow it, and where endpoint services are offered.
//!
//! # Guarantees
//! - What stands as it is wanted is not written.
//! - An instance, Cloud Map service or namespace without our mark is neither changed nor taken away. Targets are taken away only
//!   from a group that is marked as ours.
//! - While an operation of Cloud Map is under way, what it is about is left alone; one that failed for good is told, and tried
//!   again only when [`FAILURE_STANDS`] is over.
//! - A target that answers is taken away only while another one, which stays, answers, too.

mod instances;
mod targets;
mod zones;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use jiff::Timestamp;

pub use self::{
    instances::{addressed, unsettled},
    targets::followed_service,
};
use super::{About, Decision, Outcome, Plan};
use crate::{
    model::{
        AccountId, Attributes, BalancerZones, CloudMapService, Endpoint, EndpointService, InstanceHealth,
        InterfaceAddress, InterfaceId, Namespace, Operation, Region, ServiceKey, Subnet, Target, TargetGroup,
        TargetState, VpcId,
    },
    policy::Rules,
    port::NewService,
};

/// For how long an operation that failed is not tried again.
pub const FAILURE_STANDS: Duration = Duration::from_mins(15);

/// After what time an operation of Cloud Map is looked at again.
const LOOKED_AT_AGAIN: Duration = Duration::from_secs(10);

/// After what time it is looked again whether new targets answer.
const HEALTH_LOOKED_AT_AGAIN: Duration = Duration::from_secs(30);

/// What is kept in step with Cloud Map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// What of it.
    pub what: What,
}

/// What of a place is kept in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The instances of its endpoints.
    Instances,
    /// The targets of its target groups.
    Targets,
    /// The Availability Zones of its endpoint services.
    Zones,
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, region, what } = self;
        let what = match what {
            What::Instances => "Cloud Map instances",
            What::Targets => "targets",
            What::Zones => "Availability Zones of endpoint services",
        };
        write!(formatter, "{what} of {account}/{region}")
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// For [`What::Instances`].
    Instances(Registry),
    /// For [`What::Targets`]: each group with what it follows.
    Targets(Vec<Followed>),
    /// For [`What::Zones`]: endpoint services that are looked after, each with the zones of its load balancers.
    Zones(Vec<(EndpointService, BTreeSet<String>)>),
}

/// The endpoints of a place, and what Cloud Map has of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registry {
    /// The endpoints.
    pub endpoints: Vec<Endpoint>,
    /// Where the interfaces are of those that are to be registered.
    pub addresses: BTreeMap<InterfaceId, InterfaceAddress>,
    /// The namespaces of the configured name that can be seen from there.
    pub namespaces: Vec<Namespace>,
    /// The services of the one namespace, if there is one, each with its instances.
    pub services: Vec<(CloudMapService, BTreeMap<String, Attributes>)>,
    /// Operations on what a plan would change, by the ARN of the Cloud Map service; on namespaces by an empty text.
    pub operations: BTreeMap<String, Vec<Operation>>,
}

/// A Cloud Map service, its instances by id and, if it is checked, how these are.
pub type Source = (CloudMapService, BTreeMap<String, Attributes>, BTreeMap<String, InstanceHealth>);

/// A target group and what it follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The group.
    pub group: TargetGroup,
    /// Its targets.
    pub targets: BTreeMap<Target, TargetState>,
    /// The Cloud Map service that its tag names, with its instances and, if it is checked, how these are. `None` when it is not
    /// there, or can't be seen from the group's account.
    pub service: Option<Source>,
    /// Where its load balancers are.
    pub balancers: BTreeMap<String, BalancerZones>,
    /// The subnets of its VPC.
    pub subnets: Vec<Subnet>,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A namespace is made: by API alone, or a private zone in a VPC.
    CreateNamespace {
        /// Its name.
        name: String,
        /// The VPC.
        vpc: Option<VpcId>,
        /// What is written about it.
        description: String,
    },
    /// A service is made in a namespace.
    CreateService {
        /// The ARN of the namespace.
        namespace: String,
        /// What it is like.
        service: NewService,
    },
    /// An instance is registered, or replaced.
    Register {
        /// The ARN of the Cloud Map service.
        service: String,
        /// The instance's id.
        id: String,
        /// What is told of it.
        attributes: Attributes,
    },
    /// An instance is taken away.
    Deregister {
        /// The ARN of the Cloud Map service.
        service: String,
        /// The instance's id.
        id: String,
    },
    /// A service that we made is deleted.
    DeleteService {
        /// Its ARN.
        service: String,
    },
    /// A namespace that we made is deleted.
    DeleteNamespace {
        /// Its ARN.
        namespace: String,
    },
    /// A target group is marked as ours.
    Mark {
        /// Its ARN.
        group: String,
    },
    /// A target is registered.
    RegisterTarget {
        /// The ARN of the group.
        group: String,
        /// The target.
        target: Target,
        /// Whether it is outside the VPC, so that it has no Availability Zone.
        is_outside: bool,
    },
    /// A target is taken away.
    DeregisterTarget {
        /// The ARN of the group.
        group: String,
        /// The target.
        target: Target,
    },
    /// An endpoint service is offered where its load balancers are.
    TakeUpZones {
        /// The service.
        service: ServiceKey,
    },
}

/// Decides what is registered, and what is taken away.
#[must_use]
pub fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Step> {
    match observed {
        Observed::Instances(registry) => instances::plan(key, registry, rules, now),
        Observed::Targets(groups) => targets::plan(key, groups, rules),
        Observed::Zones(services) => zones::plan(services, rules),
    }
}

/// What is written about what we make, by which it is known again.
fn description(rules: &Rules) -> String {
    format!("Made by Drawbridge, deployment {}", rules.configuration.deployment)
}

/// What a decision is about: its name, and the ARN of the resource.
fn about(key: &Key, subject: impl Into<String>, resource: &str) -> About {
    let fields = [("account", key.account.to_string()), ("region", key.region.to_string())];
    About { subject: subject.into(), fields: fields.into(), resource: resource.to_owned() }
}

fn held(about: About, reason: &'static str, why: impl Into<String>) -> Decision {
    Decision { about, detail: Some(why.into()), ..Decision::new(Outcome::Hold, reason) }
}
