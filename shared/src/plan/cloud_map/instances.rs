//! The endpoints of a place as instances of Cloud Map services.

mod form;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use self::{
    form::Form,
    names::{Claims, Wish},
};
use super::{FAILURE_STANDS, Key, LOOKED_AT_AGAIN, Registry, Step, about, description, held};
use crate::{
    event::{EndpointReference, Subject},
    model::{
        Attributes, CloudMapService, EndpointId, EndpointKey, InterfaceId, Namespace, NamespaceKind, Operation,
        cloud_map::MOST_INSTANCES, reason,
    },
    plan::{Decision, Outcome, Plan},
    policy::{MakeInCloudMap, RegisterEndpoints, Rules},
    port::{NewService, earlier},
};

/// The attribute by which our instances are known: the name of the deployment.
pub(super) const OWNER: &str = "drawbridge.owner";
/// The attribute that tells the endpoint.
pub(super) const ENDPOINT: &str = "endpoint-id";
/// The attribute that tells the endpoint's account.
pub(super) const ACCOUNT: &str = "account";
/// The attribute that tells the endpoint's Region.
pub(super) const REGION: &str = "region";

/// The health that an instance begins with, which AWS keeps with what is told of it.
const FIRST_HEALTH: &str = "AWS_INIT_HEALTH_STATUS";

/// Seconds that resolvers may keep a `CNAME` of ours: an endpoint's own name doesn't change.
const TIME_TO_LIVE: u32 = 60;

/// Scope of operations that are about namespaces.
const NAMESPACES: &str = "";

/// Decides which instances, services and namespaces are made and taken away.
pub(super) fn plan(key: &Key, registry: &Registry, rules: &Rules, now: Timestamp) -> Plan<Step> {
    let claims = Claims::of(key, registry, rules);
    let mut planner = Planner { key, registry, rules, now, plan: Plan::default(), gone: None };
    planner.plan.held.extend(claims.held.iter().cloned());
    match registry.namespaces.as_slice() {
        [] => planner.without_namespace(&claims),
        [namespace] => planner.within(namespace, &claims),
        several => planner.several(several, &claims),
    }
    planner.look_at_removals();
    planner.plan
}

/// The scopes of operations that have to be read before anything is done: of Cloud Map services by ARN, of namespaces by an
/// empty text. None when nothing differs.
#[must_use]
pub fn unsettled(key: &Key, registry: &Registry, rules: &Rules, now: Timestamp) -> BTreeSet<String> {
    let plan = plan(key, registry, rules, now);
    let steps = plan.steps.into_iter().chain(plan.removals);
    steps
        .filter_map(|(step, _)| match step {
            Step::CreateNamespace { .. } | Step::DeleteNamespace { .. } => Some(NAMESPACES.to_owned()),
            Step::Register { service, .. } | Step::Deregister { service, .. } => Some(service),
            _ => None,
        })
        .collect()
}

/// The network interfaces whose addresses have to be known: those of endpoints that are to be found, unless by name.
#[must_use]
pub fn addressed(key: &Key, registry: &Registry, rules: &Rules) -> BTreeSet<InterfaceId> {
    let wishes = Claims::of(key, registry, rules).wishes;
    let services = registry.services.iter().filter(|(service, _)| !service.records.contains("CNAME"));
    let wishes = services.filter_map(|(service, _)| wishes.get(&service.name)).flatten();
    wishes.flat_map(|wish| wish.endpoint.interfaces.clone()).collect()
}

struct Planner<'a> {
    key: &'a Key,
    registry: &'a Registry,
    rules: &'a Rules,
    now: Timestamp,
    plan: Plan<Step>,
    /// An endpoint of which an instance is taken away.
    gone: Option<EndpointKey>,
}

/// How far an operation is in the way.
enum Obstacle {
    UnderWay,
    Failed(String),
}

impl Planner<'_> {
    fn namespace_name(&self) -> &str {
        self.rules.configuration.cloud_map.namespace.as_deref().unwrap_or_default()
    }

    fn make(&self) -> MakeInCloudMap {
        self.rules.configuration.cloud_map.make
    }

    fn without_namespace(&mut self, claims: &Claims<'_>) {
        let Some(wish) = claims.wishes.values().flatten().next() else { return };
        let name = self.namespace_name().to_owned();
        let about = about(self.key, format!("namespace {name}"), "");
        let vpc = match self.make() {
            MakeInCloudMap::HttpNamespace => None,
            MakeInCloudMap::PrivateDnsNamespace => Some(wish.endpoint.vpc.clone()),
            MakeInCloudMap::Nothing | MakeInCloudMap::Services => {
                let why = "there is none of this name, nor is one shared with the account; make it, share it, or have it made by \
                     cloud-map.make";
                self.plan.held.push(held(about, reason::NO_NAMESPACE, why));
                return;
            }
        };
        if let Some(obstacle) = self.obstacle(NAMESPACES, |_| true) {
            return self.wait(about, obstacle, Some(&wish.endpoint.key));
        }
        let description = description(self.rules);
        let decision = Decision { about, ..Decision::new(Outcome::Publish, reason::SELECTED) };
        self.plan.steps.push((Step::CreateNamespace { name, vpc, description }, decision));
        self.look_again(Some(&wish.endpoint.key));
    }

    fn several(&mut self, namespaces: &[Namespace], claims: &Claims<'_>) {
        if claims.wishes.is_empty() {
            return;
        }
        let arns: Vec<&str> = namespaces.iter().map(|namespace| namespace.arn.as_str()).collect();
        let why = format!("which of them is meant can't be told: {}; rename one, or end its sharing", arns.join(", "));
        let about = about(self.key, format!("namespace {}", self.namespace_name()), "");
        self.plan.held.push(held(about, reason::SEVERAL_NAMESPACES, why));
    }

    fn within(&mut self, namespace: &Namespace, claims: &Claims<'_>) {
        let known: BTreeMap<&str, _> = self
            .registry
            .services
            .iter()
            .map(|(service, standing)| (service.name.as_str(), (service, standing)))
            .collect();
        for (name, wishes) in &claims.wishes {
            match known.get(name.as_str()) {
                Some((service, standing)) => self.register(service, standing, wishes),
                None => self.without_service(namespace, name, wishes),
            }
        }
        for (service, standing) in known.values() {
            let wishes = claims.wishes.get(&service.name).map_or(&[] as &[Wish<'_>], Vec::as_slice);
            self.deregister(service, standing, wishes, claims);
            self.delete_service(service, standing, claims);
        }
        self.delete_namespace(namespace);
    }

    fn without_service(&mut self, namespace: &Namespace, name: &str, wishes: &[Wish<'_>]) {
        let about = about(self.key, format!("{name} in {}", namespace.name), &namespace.arn);
        let why = if self.make() < MakeInCloudMap::Services {
            "there is no service of this name in the namespace; make it, or have it made by cloud-map.make"
        } else if namespace.owner != self.key.account {
            "there is no service of this name in the namespace, which is shared by another account; make it there"
        } else {
            let records = (namespace.kind != NamespaceKind::Http).then_some(TIME_TO_LIVE);
            let service = NewService { name: name.to_owned(), description: description(self.rules), records };
            let decision = Decision { about, ..Decision::new(Outcome::Publish, reason::SELECTED) };
            self.plan.steps.push((Step::CreateService { namespace: namespace.arn.clone(), service }, decision));
            self.look_again(wishes.first().map(|wish| &wish.endpoint.key));
            return;
        };
        self.plan.held.push(held(about, reason::NO_CLOUD_MAP_SERVICE, why));
    }

    fn register(&mut self, service: &CloudMapService, standing: &BTreeMap<String, Attributes>, wishes: &[Wish<'_>]) {
        let mut room = MOST_INSTANCES.saturating_sub(standing.len());
        for wish in wishes {
            let (wanted, lacking) = self.form(service, wish).instances();
            for why in lacking {
                self.plan.held.push(held(self.about(service, &wish.endpoint.key), reason::NO_ADDRESS, why));
            }
            for (id, attributes) in wanted {
                let about = self.about(service, &wish.endpoint.key);
                match standing.get(&id) {
                    Some(present) if same(present, &attributes) => continue,
                    Some(present) if !self.is_ours(present) => {
                        let why = format!("{id} was registered by somebody else; deregister it, and it is made anew");
                        self.plan.held.push(held(about, reason::NOT_OWNED, why));
                        continue;
                    }
                    Some(_) => {}
                    None if room == 0 => {
                        let why = format!("{} has {MOST_INSTANCES} instances, and no more are possible", service.name);
                        self.plan.held.push(held(about, reason::INSTANCE_LIMIT, why));
                        continue;
                    }
                    None => room -= 1,
                }
                if let Some(obstacle) = self.obstacle(&service.arn, |operation| operation.targets.contains(&id)) {
                    self.wait(about, obstacle, Some(&wish.endpoint.key));
                    continue;
                }
                let decision =
                    Decision { about, detail: Some(id.clone()), ..Decision::new(Outcome::Publish, reason::SELECTED) };
                let service = service.arn.clone();
                self.plan.steps.push((Step::Register { service, id, attributes }, decision));
                self.look_again(Some(&wish.endpoint.key));
            }
        }
    }

    fn deregister(
        &mut self,
        service: &CloudMapService,
        standing: &BTreeMap<String, Attributes>,
        wishes: &[Wish<'_>],
        claims: &Claims<'_>,
    ) {
        let wanted: BTreeSet<String> =
            wishes.iter().flat_map(|wish| self.form(service, wish).instances().0.into_keys()).collect();
        for (id, attributes) in standing {
            let endpoint = attributes.get(ENDPOINT).and_then(|id| id.parse::<EndpointId>().ok());
            let (Some(endpoint), true) = (endpoint, self.is_ours(attributes)) else { continue };
            let is_unclear = wishes
                .iter()
                .any(|wish| wish.endpoint.key.endpoint == endpoint && self.form(service, wish).is_unclear());
            if wanted.contains(id) || is_unclear || claims.untouched.contains(&endpoint) {
                continue;
            }
            let key = self.endpoint_key(endpoint);
            let about = self.about(service, &key);
            if let Some(obstacle) = self.obstacle(&service.arn, |operation| operation.targets.contains(id)) {
                self.wait(about, obstacle, Some(&key));
                continue;
            }
            let decision =
                Decision { about, detail: Some(id.clone()), ..Decision::new(Outcome::Withdraw, reason::NOT_WANTED) };
            self.plan.removals.push((Step::Deregister { service: service.arn.clone(), id: id.clone() }, decision));
            self.gone.get_or_insert(key);
        }
    }

    /// Takes away a service that we made, when it is empty and nobody wants it.
    fn delete_service(
        &mut self,
        service: &CloudMapService,
        standing: &BTreeMap<String, Attributes>,
        claims: &Claims<'_>,
    ) {
        let is_made_by_us = service.description.as_deref() == Some(&description(self.rules));
        let is_wanted = claims.wishes.contains_key(&service.name) || claims.names.contains(&service.name);
        if !is_made_by_us || is_wanted || !standing.is_empty() || service.owner != self.key.account {
            return;
        }
        let about = about(self.key, service.name.clone(), &service.arn);
        let decision = Decision { about, ..Decision::new(Outcome::Withdraw, reason::NOT_WANTED) };
        self.plan.removals.push((Step::DeleteService { service: service.arn.clone() }, decision));
    }

    /// Takes away a namespace that we made, when it is empty and none is wanted any more.
    fn delete_namespace(&mut self, namespace: &Namespace) {
        let is_made_by_us = namespace.description.as_deref() == Some(&description(self.rules));
        let is_over = self.rules.configuration.cloud_map.endpoints == RegisterEndpoints::Remove;
        let is_empty = self.registry.services.is_empty();
        if !is_made_by_us || !is_over || !is_empty || namespace.owner != self.key.account {
            return;
        }
        let about = about(self.key, format!("namespace {}", namespace.name), &namespace.arn);
        if let Some(obstacle) = self.obstacle(NAMESPACES, |_| true) {
            return self.wait(about, obstacle, None);
        }
        let decision = Decision { about, ..Decision::new(Outcome::Withdraw, reason::NOT_WANTED) };
        self.plan.removals.push((Step::DeleteNamespace { namespace: namespace.arn.clone() }, decision));
    }

    fn form<'b>(&'b self, service: &'b CloudMapService, wish: &'b Wish<'b>) -> Form<'b> {
        Form { service, wish, addresses: &self.registry.addresses, deployment: &self.rules.configuration.deployment }
    }

    /// Whether this deployment registered it, for an endpoint of the key's place.
    fn is_ours(&self, attributes: &Attributes) -> bool {
        let is = |key: &str, value: &str| attributes.get(key).is_some_and(|found| found == value);
        is(OWNER, self.rules.configuration.deployment.as_str())
            && is(ACCOUNT, self.key.account.as_str())
            && is(REGION, self.key.region.as_str())
    }

    fn obstacle(&self, scope: &str, concerns: impl Fn(&Operation) -> bool) -> Option<Obstacle> {
        let soonest = earlier(self.now, FAILURE_STANDS);
        let of_late = |operation: &&Operation| operation.failure.is_none() || operation.updated > soonest;
        let operations = self.registry.operations.get(scope).into_iter().flatten();
        let latest = operations
            .filter(of_late)
            .filter(|operation| concerns(operation))
            .max_by_key(|operation| (operation.failure.is_none(), operation.updated))?;
        match &latest.failure {
            None => Some(Obstacle::UnderWay),
            Some(failure) if failure.may_pass() => None,
            Some(failure) => Some(Obstacle::Failed(format!(
                "{failure} (operation {}); it is tried again {} minutes after that",
                latest.id,
                FAILURE_STANDS.as_secs() / 60
            ))),
        }
    }

    fn wait(&mut self, about: crate::plan::About, obstacle: Obstacle, endpoint: Option<&EndpointKey>) {
        match obstacle {
            Obstacle::UnderWay => {
                self.plan.held.push(held(about, reason::UNDER_WAY, "Cloud Map hasn't finished what was begun"));
                self.look_again(endpoint);
            }
            Obstacle::Failed(why) => self.plan.held.push(held(about, reason::OPERATION_FAILED, why)),
        }
    }

    /// More removals than may be are withheld: nothing has begun then that could be looked at.
    fn look_at_removals(&mut self) {
        let most = usize::try_from(self.rules.configuration.cloud_map.most_removals).unwrap_or(usize::MAX);
        if (1..=most).contains(&self.plan.removals.len()) {
            let gone = self.gone.take();
            self.look_again(gone.as_ref());
        }
    }

    /// What is begun is looked at again; by an endpoint, where one is known, as that stands for nothing else of the place.
    fn look_again(&mut self, endpoint: Option<&EndpointKey>) {
        let subject = match endpoint {
            Some(EndpointKey { account, region, endpoint }) => Subject::Endpoint(EndpointReference {
                account: account.clone(),
                region: region.clone(),
                endpoint: endpoint.clone(),
            }),
            None => Subject::Place { account: self.key.account.clone(), region: self.key.region.clone() },
        };
        self.plan.again.get_or_insert((subject, LOOKED_AT_AGAIN));
    }

    fn endpoint_key(&self, endpoint: EndpointId) -> EndpointKey {
        EndpointKey { account: self.key.account.clone(), region: self.key.region.clone(), endpoint }
    }

    fn about(&self, service: &CloudMapService, endpoint: &EndpointKey) -> crate::plan::About {
        let mut about = about(self.key, format!("{} in {}", endpoint.endpoint, service.name), &service.arn);
        about.fields.insert("vpc_endpoint_id", endpoint.endpoint.to_string());
        about.fields.insert("cloud_map_service", service.name.clone());
        about
    }
}

/// Whether nothing is told otherwise. What AWS keeps of the first health is not ours to say.
fn same(present: &Attributes, wanted: &Attributes) -> bool {
    present.iter().filter(|(key, _)| *key != FIRST_HEALTH).eq(wanted.iter())
}
