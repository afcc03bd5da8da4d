//! An AWS in memory: the twin of every port, with faults to order. Tests and simulations run on it.
//!
//! It behaves, it doesn't repeat: states change as AWS changes them, an unknown endpoint is `unsuccessful`, tags merge.
//! Every call is counted and may be made to fail.

use std::{
    cell::{Cell, Ref, RefCell, RefMut},
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    model::{
        Account, AccountId, Connection, ConnectionId, ConnectionState, Consumer, EndpointId, EndpointService,
        Membership, Principal, Principals, Region, Scope, ServiceId, ServiceKey, Tags,
    },
    port::{Answers, Bus, BusEvent, Clock, FailureKind, Organization, PortError, PrivateLink, Wanted},
    reconcile::Permit,
};

/// The world. Ports are implemented on references to it, so that a test keeps it at hand.
#[derive(Debug, Default)]
pub struct World {
    state: RefCell<State>,
    time: Cell<Timestamp>,
    calls: RefCell<Vec<&'static str>>,
    faults: RefCell<Vec<Fault>>,
}

/// What there is.
#[derive(Debug, Default)]
pub struct State {
    /// Endpoint services, each with its connections.
    pub services: BTreeMap<ServiceKey, (EndpointService, BTreeMap<EndpointId, Connection>)>,
    /// Who may request a connection, by service.
    pub principals: BTreeMap<ServiceKey, Principals>,
    /// Accounts that AWS Organizations knows, or can't tell about. Any other is outside.
    pub accounts: BTreeMap<AccountId, Membership>,
    /// Events that were published.
    pub events: Vec<BusEvent>,
}

/// Something to go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The call, as IAM names it.
    pub call: String,
    /// What goes wrong.
    pub effect: Effect,
    /// How many times.
    pub times: usize,
}

/// How a call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It fails, and nothing has happened.
    Fails(FailureKind),
    /// It takes effect, and the answer is lost.
    AnswerLost,
    /// It answers 200 and refuses this item.
    Unsuccessful(String),
    /// It leaves this item out of the answer.
    Omits(String),
}

impl World {
    /// An empty world at this time.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self { time: Cell::new(time), ..Self::default() }
    }

    /// What there is now.
    pub fn state(&self) -> Ref<'_, State> {
        self.state.borrow()
    }

    /// Somebody changes something by hand.
    pub fn change(&self) -> RefMut<'_, State> {
        self.state.borrow_mut()
    }

    /// Makes time pass.
    pub fn advance(&self, by: Duration) {
        if let Ok(later) = self.time.get().checked_add(by) {
            self.time.set(later);
        }
    }

    /// Orders a fault.
    pub fn order(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// Takes back the faults that were ordered and not met.
    pub fn clear_faults(&self) {
        self.faults.borrow_mut().clear();
    }

    /// The calls since this was last asked.
    pub fn take_calls(&self) -> Vec<&'static str> {
        self.calls.take()
    }

    /// One connection.
    #[must_use]
    pub fn connection(&self, key: &ServiceKey, endpoint: &EndpointId) -> Option<Connection> {
        self.state.borrow().services.get(key)?.1.get(endpoint).cloned()
    }

    /// Counts a call and takes the fault that was ordered for it.
    fn begin(&self, call: &'static str) -> Option<Effect> {
        self.calls.borrow_mut().push(call);
        let mut faults = self.faults.borrow_mut();
        let index = faults.iter().position(|fault| fault.call == call && fault.times > 0)?;
        let fault = faults.get_mut(index)?;
        fault.times -= 1;
        Some(fault.effect.clone())
    }

    /// A read: its answer, or the fault.
    fn read<T>(&self, call: &'static str, place: &str, answer: impl FnOnce(&State) -> T) -> Result<T, PortError> {
        match self.begin(call) {
            Some(Effect::Fails(kind)) => Err(error(call, place, kind)),
            Some(Effect::AnswerLost) => Err(error(call, place, FailureKind::Retry)),
            Some(Effect::Unsuccessful(_) | Effect::Omits(_)) | None => Ok(answer(&self.state.borrow())),
        }
    }

    /// A write of a batch: what `apply` answers for each item, or the fault.
    fn write<T: Ord + Clone + ToString>(
        &self,
        call: &'static str,
        place: &str,
        items: &BTreeSet<T>,
        apply: impl Fn(&mut State, &T) -> Result<(), FailureKind>,
    ) -> Answers<T> {
        let effect = self.begin(call);
        let is = |item: &T, named: &String| item.to_string() == *named;
        let mut state = self.state.borrow_mut();
        let mut answer = |item: &T| apply(&mut state, item).map_err(|kind| error(call, place, kind));
        items
            .iter()
            .filter_map(|item| {
                let answer = match &effect {
                    Some(Effect::Fails(kind)) => Err(error(call, place, *kind)),
                    Some(Effect::AnswerLost) => answer(item).and(Err(error(call, place, FailureKind::Retry))),
                    Some(Effect::Unsuccessful(named)) if is(item, named) => {
                        Err(error(call, place, FailureKind::Refused))
                    }
                    Some(Effect::Omits(named)) if is(item, named) => return None,
                    _ => answer(item),
                };
                Some((item.clone(), answer))
            })
            .collect()
    }

    fn answer_requests(
        &self,
        call: &'static str,
        key: &ServiceKey,
        endpoints: &BTreeSet<EndpointId>,
        from: fn(&ConnectionState) -> bool,
        to: &ConnectionState,
    ) -> Answers<EndpointId> {
        self.write(call, &key.to_string(), endpoints, |state, endpoint| {
            let (_, connections) = state.services.get_mut(key).ok_or(FailureKind::Gone)?;
            let connection = connections.get_mut(endpoint).ok_or(FailureKind::Gone)?;
            if !from(&connection.state) {
                return Err(FailureKind::Refused);
            }
            connection.state = to.clone();
            Ok(())
        })
    }
}

fn error(call: &'static str, place: &str, kind: FailureKind) -> PortError {
    PortError { call, place: place.to_owned(), kind, code: None, message: format!("ordered to fail: {kind}") }
}

impl PrivateLink for &World {
    async fn list_services(&self, account: &AccountId, region: &Region) -> Result<Vec<EndpointService>, PortError> {
        self.read("ec2:DescribeVpcEndpointServiceConfigurations", account.as_str(), |state| {
            let here = |key: &ServiceKey| key.account == *account && key.region == *region;
            let services = state.services.iter().filter(|(key, _)| here(key));
            services.map(|(_, (service, _))| service.clone()).collect()
        })
    }

    async fn describe_service(&self, key: &ServiceKey) -> Result<Option<EndpointService>, PortError> {
        self.read("ec2:DescribeVpcEndpointServiceConfigurations", &key.to_string(), |state| {
            state.services.get(key).map(|(service, _)| service.clone())
        })
    }

    async fn list_connections(&self, key: &ServiceKey, scope: Scope) -> Result<Vec<Connection>, PortError> {
        self.read("ec2:DescribeVpcEndpointConnections", &key.to_string(), |state| {
            let connections = state.services.get(key).into_iter().flat_map(|(_, connections)| connections.values());
            let within = |connection: &&Connection| {
                scope == Scope::Everything || connection.state == ConnectionState::PendingAcceptance
            };
            connections.filter(within).cloned().collect()
        })
    }

    async fn services_connected_by(
        &self,
        consumer: &Consumer,
        account: &AccountId,
        region: &Region,
    ) -> Result<BTreeSet<ServiceId>, PortError> {
        let of_consumer = |connection: &Connection| match consumer {
            Consumer::Account(owner) => connection.owner == *owner,
            Consumer::Endpoint(endpoint) => connection.endpoint == *endpoint,
        };
        self.read("ec2:DescribeVpcEndpointConnections", account.as_str(), |state| {
            let here = state.services.iter().filter(|(key, _)| key.account == *account && key.region == *region);
            let connected = here.filter(|(_, (_, connections))| connections.values().any(of_consumer));
            connected.map(|(key, _)| key.service.clone()).collect()
        })
    }

    async fn list_principals(&self, key: &ServiceKey) -> Result<Principals, PortError> {
        self.read("ec2:DescribeVpcEndpointServicePermissions", &key.to_string(), |state| {
            state.principals.get(key).cloned().unwrap_or_default()
        })
    }

    async fn accept(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, _: &Permit) -> Answers<EndpointId> {
        let from = |state: &ConnectionState| *state == ConnectionState::PendingAcceptance;
        self.answer_requests("ec2:AcceptVpcEndpointConnections", key, endpoints, from, &ConnectionState::Available)
    }

    async fn reject(&self, key: &ServiceKey, endpoints: &BTreeSet<EndpointId>, _: &Permit) -> Answers<EndpointId> {
        let from = |state: &ConnectionState| *state == ConnectionState::PendingAcceptance || state.is_established();
        self.answer_requests("ec2:RejectVpcEndpointConnections", key, endpoints, from, &ConnectionState::Rejected)
    }

    async fn tag_connections(
        &self,
        key: &ServiceKey,
        connections: &BTreeSet<ConnectionId>,
        tags: &Tags,
        _: &Permit,
    ) -> Answers<ConnectionId> {
        self.write("ec2:CreateTags", &key.to_string(), connections, |state, id| {
            let (_, connections) = state.services.get_mut(key).ok_or(FailureKind::Gone)?;
            let tagged = connections.values_mut().find(|connection| connection.id.as_ref() == Some(id));
            tagged.ok_or(FailureKind::Gone)?.tags.extend(tags.clone());
            Ok(())
        })
    }

    async fn allow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, _: &Permit) -> Answers<AccountId> {
        self.write("ec2:ModifyVpcEndpointServicePermissions", &key.to_string(), accounts, |state, account| {
            state.services.get(key).ok_or(FailureKind::Gone)?;
            state.principals.entry(key.clone()).or_default().insert(Principal::Account(account.clone()));
            Ok(())
        })
    }

    async fn disallow(&self, key: &ServiceKey, accounts: &BTreeSet<AccountId>, _: &Permit) -> Answers<AccountId> {
        self.write("ec2:ModifyVpcEndpointServicePermissions", &key.to_string(), accounts, |state, account| {
            state.services.get(key).ok_or(FailureKind::Gone)?;
            state.principals.entry(key.clone()).or_default().remove(&Principal::Account(account.clone()));
            Ok(())
        })
    }

    async fn require_acceptance(&self, key: &ServiceKey, _: &Permit) -> Result<(), PortError> {
        let this = BTreeSet::from([key.service.clone()]);
        let call = "ec2:ModifyVpcEndpointServiceConfiguration";
        let answers = self.write(call, &key.to_string(), &this, |state, _| {
            state.services.get_mut(key).ok_or(FailureKind::Gone)?.0.acceptance_required = true;
            Ok(())
        });
        answers.into_values().collect()
    }
}

impl Organization for &World {
    async fn membership(&self, account: &AccountId) -> Result<Membership, PortError> {
        self.read("organizations:DescribeAccount", account.as_str(), |state| {
            untagged(state.accounts.get(account).cloned().unwrap_or(Membership::Outside))
        })
    }

    async fn list_members(&self, wanted: Wanted<'_>) -> Result<BTreeMap<AccountId, Membership>, PortError> {
        let mut listed = BTreeMap::new();
        for page in 0.. {
            let (members, more) = self.read("organizations:ListAccounts", "members", |state| {
                let members = state.accounts.iter().filter(|(_, membership)| **membership != Membership::Outside);
                let mut rest = members.skip(page * MEMBERS_OF_A_PAGE).peekable();
                let members: Vec<(AccountId, Membership)> = rest
                    .by_ref()
                    .take(MEMBERS_OF_A_PAGE)
                    .map(|(account, membership)| (account.clone(), untagged(membership.clone())))
                    .collect();
                (members, rest.peek().is_some())
            })?;
            listed.extend(members);
            if !more || !wanted.goes_on(page + 1, &listed) {
                break;
            }
        }
        Ok(listed)
    }

    async fn tags(&self, account: &AccountId) -> Result<Tags, PortError> {
        self.read("organizations:ListTagsForResource", account.as_str(), |state| match state.accounts.get(account) {
            Some(Membership::Member(account)) => account.tags.clone(),
            _ => Tags::new(),
        })
    }
}

/// Members of one page of a listing.
///
/// Source: AWS Organizations API reference, `ListAccounts`.
const MEMBERS_OF_A_PAGE: usize = 20;

/// AWS gives the tags of an account by a call of its own.
fn untagged(membership: Membership) -> Membership {
    match membership {
        Membership::Member(account) => Membership::Member(Account { tags: Tags::new(), ..account }),
        other => other,
    }
}

impl Bus for &World {
    async fn publish(&self, events: &[BusEvent], _: &Permit) -> Result<(), (usize, PortError)> {
        if let Some(Effect::Fails(kind)) = self.begin("events:PutEvents") {
            return Err((events.len(), error("events:PutEvents", "bus", kind)));
        }
        self.state.borrow_mut().events.extend_from_slice(events);
        Ok(())
    }
}

impl Clock for &World {
    fn now(&self) -> Timestamp {
        self.time.get()
    }
}
