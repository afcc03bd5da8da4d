//! An AWS in memory: the twin of every port, with faults to order. Tests and simulations run on it.
//!
//! It behaves, it doesn't repeat: states change as AWS changes them, an unknown endpoint is `unsuccessful`, tags merge.
//! Every call is counted and may be made to fail. `shared/tests/conformance` holds it to what the local AWS answers.

mod alarm_quotas;
mod alarms;
mod bus;
mod change_batch;
mod cloud_map;
mod dns;
mod endpoints;
mod fault;
mod history;
mod network;
mod organization;
mod private_link;
mod resolvers;
mod tags;
mod targets;
mod verification;
mod zone;

use std::{
    cell::{Cell, Ref, RefCell, RefMut},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

use jiff::Timestamp;

pub use self::{
    alarms::{AlarmPlace, TaggedAlarm},
    cloud_map::{Discovery, OPERATION, Pending, SharedNamespace},
    fault::{Effect, Fault},
    network::Network,
    resolvers::SharedSettings,
    tags::{LoadBalancer, Place},
    targets::{DRAINING, FIRST_CHECKS, FilledGroup},
    verification::VERIFICATION,
    zone::{HostedZone, PROPAGATION},
};
use self::{fault::Refusal, history::History};
use crate::{
    model::{
        AccountId, BalancerZones, ChangeId, Connection, Creation, Endpoint, EndpointId, EndpointKey, EndpointService,
        ForwardingRule, InterfaceAddress, InterfaceId, Membership, Metric, Offer, OperationFailure, ParentId,
        Principals, ProfileKey, Region, ServiceKey, Subnet, TagPolicy, Tags, TopicArn, VpcReference, ZoneKey,
    },
    port::BusEvent,
};

/// The world. Ports are implemented on references to it, so that a test keeps it at hand.
#[derive(Debug, Default)]
pub struct World {
    state: RefCell<Rc<State>>,
    history: RefCell<History>,
    time: Cell<Timestamp>,
    calls: RefCell<Vec<&'static str>>,
    faults: RefCell<Vec<Fault>>,
    /// The number of a call among those since they were last asked for, and what goes wrong with it.
    ambush: RefCell<Option<(usize, Effect)>>,
}

/// What there is.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Endpoint services, each with its connections.
    pub services: BTreeMap<ServiceKey, (EndpointService, BTreeMap<EndpointId, Connection>)>,
    /// Who may request a connection, by service.
    pub principals: BTreeMap<ServiceKey, Principals>,
    /// The topics that are told of the connections of services.
    pub notifications: BTreeSet<(ServiceKey, TopicArn)>,
    /// Accounts that AWS Organizations knows, or can't tell about. Any other is outside.
    pub accounts: BTreeMap<AccountId, Membership>,
    /// Events that were published.
    pub events: Vec<BusEvent>,
    /// Messages to the function's own queue, each with the time at which it arrives.
    pub delayed: Vec<(Timestamp, serde_json::Value)>,
    /// Hosted zones.
    pub zones: BTreeMap<ZoneKey, HostedZone>,
    /// Changes of records, each with its account and the time at which it has reached all name servers.
    pub changes: BTreeMap<ChangeId, (AccountId, Timestamp)>,
    /// VPCs.
    pub vpcs: BTreeMap<VpcReference, Network>,
    /// Endpoints. How one stands that has a connection to a service is told by the connection.
    pub endpoints: BTreeMap<EndpointKey, Endpoint>,
    /// What services of AWS offer, by Region and name. What the services here offer, they say themselves.
    pub offers: BTreeMap<(Region, String), Offer>,
    /// Route 53 Profiles.
    pub profiles: BTreeMap<ProfileKey, SharedSettings>,
    /// Rules by which VPCs ask elsewhere.
    pub forwarding: Vec<ForwardingRule>,
    /// Load balancers, by ARN.
    pub load_balancers: BTreeMap<String, LoadBalancer>,
    /// Tags of what has none of its own here: of what is behind endpoint services, of interfaces, of zones.
    pub resource_tags: BTreeMap<Place, Tags>,
    /// Who made what, as the history of each account and Region has it, the earliest first.
    pub creations: Vec<(AccountId, Region, Creation)>,
    /// Names of organizational units.
    pub units: BTreeMap<ParentId, String>,
    /// Tag policies that are in force, by account.
    pub tag_policies: BTreeMap<AccountId, TagPolicy>,
    /// Alarms, each with its tags.
    pub alarms: BTreeMap<AlarmPlace, TaggedAlarm>,
    /// How many more alarms than usual AWS lets each account have in a Region.
    pub more_alarms: usize,
    /// Dashboards, by account and name: their bodies.
    pub dashboards: BTreeMap<(AccountId, String), String>,
    /// Metrics that had data of late.
    pub metrics: BTreeSet<(AccountId, Region, Metric)>,
    /// Namespaces of Cloud Map, by ARN.
    pub namespaces: BTreeMap<String, SharedNamespace>,
    /// Services of Cloud Map, by ARN.
    pub cloud_map_services: BTreeMap<String, Discovery>,
    /// Operations of Cloud Map that are under way, or failed.
    pub operations: Vec<Pending>,
    /// Why the next operation on these is to fail.
    pub failing_operations: BTreeMap<String, OperationFailure>,
    /// Target groups, by ARN.
    pub target_groups: BTreeMap<String, FilledGroup>,
    /// Where load balancers are, by ARN.
    pub balancer_zones: BTreeMap<String, BalancerZones>,
    /// Subnets, by VPC.
    pub subnets: BTreeMap<String, Vec<Subnet>>,
    /// Where network interfaces are.
    pub addresses: BTreeMap<InterfaceId, InterfaceAddress>,
    /// Verifications of names that were begun, each with the time at which it ends.
    pub verifying: BTreeMap<ServiceKey, Timestamp>,
    /// Ids that AWS has given out here.
    ids: u64,
}

impl State {
    /// A new id of AWS's, which begins with this letter.
    fn new_id<T: std::str::FromStr>(&mut self, letter: &str) -> Result<T, Refusal> {
        self.ids += 1;
        let id = format!("{letter}{:013}", self.ids).parse();
        id.map_err(|_| Refusal::new("InternalFailure", "ids have run out"))
    }
}

impl World {
    /// An empty world at this time.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self { time: Cell::new(time), ..Self::default() }
    }

    /// What there is now.
    pub fn state(&self) -> Ref<'_, State> {
        Ref::map(self.state.borrow(), Rc::as_ref)
    }

    /// What there is now, to keep.
    #[must_use]
    pub fn snapshot(&self) -> Rc<State> {
        Rc::clone(&self.state.borrow())
    }

    /// Somebody changes something by hand.
    pub fn change(&self) -> RefMut<'_, State> {
        self.history.borrow_mut().note(self.time.get(), &self.state.borrow());
        RefMut::map(self.state.borrow_mut(), Rc::make_mut)
    }

    /// Makes time pass, and what is due happen.
    pub fn advance(&self, by: Duration) {
        if let Ok(later) = self.time.get().checked_add(by) {
            self.time.set(later);
        }
        self.end_verifications();
        self.end_operations();
        self.settle_targets();
    }

    /// The calls since this was last asked.
    pub fn take_calls(&self) -> Vec<&'static str> {
        self.calls.take()
    }

    /// One connection.
    #[must_use]
    pub fn connection(&self, key: &ServiceKey, endpoint: &EndpointId) -> Option<Connection> {
        self.state().services.get(key)?.1.get(endpoint).cloned()
    }
}
