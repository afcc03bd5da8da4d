//! Cloud Map in memory: what changes, changes when its operation ends.

mod operations;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;

use self::operations::Change;
pub use self::operations::Pending;
use super::{State, World, fault::Refusal};
use crate::{
    model::{
        AccountId, Attributes, CloudMapService, InstanceHealth, Namespace, NamespaceKind, Operation, Region, Resource,
        ResourceKind, Tags, VpcId,
        cloud_map::{CNAME, IPV4, IPV6, MOST_INSTANCES, PORT},
        partition,
    },
    port::{Clock, CloudMap, NewService, PortError},
    reconcile::Permit,
};

/// How long an operation takes.
pub const OPERATION: Duration = Duration::from_secs(2);

/// Items of one page. Source: Cloud Map API reference, `MaxResults`.
const PAGE: usize = 100;

/// A namespace, and who sees it beside its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedNamespace {
    /// The namespace.
    pub namespace: Namespace,
    /// Its Region.
    pub region: Region,
    /// Accounts that it is shared with.
    pub shared: BTreeSet<AccountId>,
}

/// A service of Cloud Map with what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// The service.
    pub service: CloudMapService,
    /// The ARN of its namespace.
    pub namespace: String,
    /// Its instances, by id.
    pub instances: BTreeMap<String, Attributes>,
    /// How they are, where that was said.
    pub health: BTreeMap<String, InstanceHealth>,
}

fn place(account: &AccountId, region: &Region) -> String {
    format!("{account}/{region}")
}

impl State {
    /// Whether the account sees a namespace.
    fn sees(&self, account: &AccountId, namespace: &str) -> bool {
        let found = self.namespaces.get(namespace);
        found.is_some_and(|found| found.namespace.owner == *account || found.shared.contains(account))
    }

    fn discovery(&self, account: &AccountId, service: &str) -> Option<&Discovery> {
        self.cloud_map_services.get(service).filter(|found| self.sees(account, &found.namespace))
    }
}

fn invalid(message: &str) -> Refusal {
    Refusal::new("InvalidInput", message)
}

/// What AWS asks of an instance.
fn check(discovery: &Discovery, id: &str, attributes: &Attributes) -> Result<(), Refusal> {
    let is_id = |char: char| char.is_ascii_alphanumeric() || "_/:.@-".contains(char);
    if id.is_empty() || id.len() > 64 || !id.chars().all(is_id) {
        return Err(invalid("the instance id"));
    }
    let custom = attributes.iter().filter(|(key, _)| !key.starts_with("AWS_"));
    let is_long = |(key, value): (&String, &String)| key.len() > 255 || value.len() > 1_024;
    let total: usize = attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
    if custom.count() > 30 || attributes.iter().any(is_long) || total > 5_000 {
        return Err(invalid("the attributes are too many or too long"));
    }
    let records = &discovery.service.records;
    let needs = [("A", IPV4), ("AAAA", IPV6), ("CNAME", CNAME), ("SRV", PORT)];
    if let Some((kind, key)) =
        needs.iter().find(|(kind, key)| records.contains(*kind) && !attributes.contains_key(*key))
    {
        return Err(invalid(&format!("{kind} records need {key}")));
    }
    if attributes.contains_key(CNAME) && !records.contains("CNAME") {
        return Err(invalid("a name needs CNAME records"));
    }
    if !discovery.instances.contains_key(id) && discovery.instances.len() >= MOST_INSTANCES {
        return Err(Refusal::new("ResourceLimitExceeded", "the service has as many instances as it can have"));
    }
    Ok(())
}

impl CloudMap for &World {
    async fn namespaces_named(
        &self,
        account: &AccountId,
        region: &Region,
        name: &str,
    ) -> Result<Vec<Namespace>, PortError> {
        self.read_pages("servicediscovery:ListNamespaces", &place(account, region), PAGE, |state, skip, take| {
            let seen = state.namespaces.values().filter(|found| {
                found.region == *region && found.namespace.name == name && state.sees(account, &found.namespace.arn)
            });
            Ok(seen.map(|found| found.namespace.clone()).skip(skip).take(take).collect())
        })
    }

    async fn services_in(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
    ) -> Result<Vec<CloudMapService>, PortError> {
        self.read_pages("servicediscovery:ListServices", &place(account, region), PAGE, |state, skip, take| {
            let here = state.cloud_map_services.values();
            let here = here.filter(|found| found.namespace == namespace && state.sees(account, namespace));
            Ok(here.map(|found| found.service.clone()).skip(skip).take(take).collect())
        })
    }

    async fn cloud_map_service(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<Option<CloudMapService>, PortError> {
        self.read("servicediscovery:GetService", &place(account, region), |state| {
            state.discovery(account, service).map(|found| found.service.clone())
        })
    }

    async fn instances(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<BTreeMap<String, Attributes>, PortError> {
        let here = place(account, region);
        let listed = self.read_pages("servicediscovery:ListInstances", &here, PAGE, |state, skip, take| {
            let instances = state.discovery(account, service).map(|found| found.instances.clone()).unwrap_or_default();
            Ok(instances.into_iter().skip(skip).take(take).collect())
        })?;
        Ok(listed.into_iter().collect())
    }

    async fn health(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
    ) -> Result<BTreeMap<String, InstanceHealth>, PortError> {
        let here = place(account, region);
        let listed =
            self.read_pages("servicediscovery:GetInstancesHealthStatus", &here, PAGE, |state, skip, take| {
                let Some(found) = state.discovery(account, service) else { return Ok(Vec::new()) };
                let health = |id: &String| found.health.get(id).copied().unwrap_or(InstanceHealth::Healthy);
                Ok(found.instances.keys().map(|id| (id.clone(), health(id))).skip(skip).take(take).collect())
            })?;
        Ok(listed.into_iter().collect())
    }

    async fn operations(
        &self,
        account: &AccountId,
        region: &Region,
        service: Option<&str>,
        since: Timestamp,
    ) -> Result<Vec<Operation>, PortError> {
        let (here, scope) = (place(account, region), service.unwrap_or_default());
        let listed = self.read_pages("servicediscovery:ListOperations", &here, PAGE, |state, skip, take| {
            let ours = state.operations.iter().filter(|pending| {
                pending.account == *account && pending.scope == scope && pending.operation.updated >= since
            });
            Ok(ours.map(|pending| pending.operation.id.clone()).skip(skip).take(take).collect())
        })?;
        let mut operations = Vec::new();
        for id in listed {
            operations.extend(self.read("servicediscovery:GetOperation", &here, |state| {
                let found = state.operations.iter().find(|pending| pending.operation.id == id);
                found.map(|pending| pending.operation.clone())
            })?);
        }
        Ok(operations)
    }

    async fn create_namespace(
        &self,
        (account, region): (&AccountId, &Region),
        name: &str,
        vpc: Option<&VpcId>,
        description: &str,
        tags: &Tags,
        _: &Permit,
    ) -> Result<(), PortError> {
        let (call, kind) = match vpc {
            None => ("servicediscovery:CreateHttpNamespace", NamespaceKind::Http),
            Some(_) => ("servicediscovery:CreatePrivateDnsNamespace", NamespaceKind::PrivateDns),
        };
        let now = self.now();
        self.write_one(call, &place(account, region), |state| {
            let mut own = state.namespaces.values().filter(|found| found.namespace.owner == *account);
            if own.any(|found| found.region == *region && found.namespace.name == name) {
                return Err(Refusal::new("NamespaceAlreadyExists", "there is one of this name"));
            }
            state.ids += 1;
            let partition = partition(region.as_str());
            let arn = format!("arn:{partition}:servicediscovery:{region}:{account}:namespace/ns-{}", state.ids);
            let (owner, description) = (account.clone(), Some(description.to_owned()));
            let namespace = Namespace { arn: arn.clone(), name: name.to_owned(), kind, owner, description };
            let made = SharedNamespace { namespace, region: region.clone(), shared: BTreeSet::new() };
            state.begin_operation((account, now), "", &[&arn], Change::Make(Box::new(made), tags.clone()));
            Ok(())
        })
    }

    async fn delete_namespace(
        &self,
        account: &AccountId,
        region: &Region,
        namespace: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        let now = self.now();
        self.write_one("servicediscovery:DeleteNamespace", &place(account, region), |state| {
            if state.cloud_map_services.values().any(|found| found.namespace == namespace) {
                return Err(Refusal::new("ResourceInUse", "the namespace has services"));
            }
            if !state.namespaces.contains_key(namespace) || state.is_under_way("", namespace) {
                return Ok(());
            }
            state.begin_operation((account, now), "", &[namespace], Change::Unmake(namespace.to_owned()));
            Ok(())
        })
    }

    async fn create_cloud_map_service(
        &self,
        (account, region): (&AccountId, &Region),
        namespace: &str,
        service: &NewService,
        tags: &Tags,
        _: &Permit,
    ) -> Result<(), PortError> {
        self.write_one("servicediscovery:CreateService", &place(account, region), |state| {
            let found = state.namespaces.get(namespace).filter(|found| found.namespace.owner == *account);
            let found = found.ok_or_else(|| Refusal::gone("NamespaceNotFound", "there is no such namespace"))?;
            let is_http = found.namespace.kind == NamespaceKind::Http;
            if service.records.is_some() == is_http {
                return Err(invalid("records belong to a DNS namespace"));
            }
            let mut named = state.cloud_map_services.values().filter(|found| found.namespace == namespace);
            if named.any(|found| found.service.name == service.name) {
                return Err(Refusal::new("ServiceAlreadyExists", "there is one of this name"));
            }
            state.ids += 1;
            let partition = partition(region.as_str());
            let arn = format!("arn:{partition}:servicediscovery:{region}:{account}:service/srv-{}", state.ids);
            let made = CloudMapService {
                arn: arn.clone(),
                name: service.name.clone(),
                owner: account.clone(),
                description: Some(service.description.clone()),
                records: service.records.iter().map(|_| "CNAME".to_owned()).collect(),
                is_checked: false,
            };
            let resource = Resource::new(ResourceKind::CloudMapService, arn.as_str());
            state.resource_tags.insert((account.clone(), region.clone(), resource), tags.clone());
            let (instances, health) = (BTreeMap::new(), BTreeMap::new());
            let discovery = Discovery { service: made, namespace: namespace.to_owned(), instances, health };
            state.cloud_map_services.insert(arn, discovery);
            Ok(())
        })
    }

    async fn delete_cloud_map_service(
        &self,
        account: &AccountId,
        region: &Region,
        service: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        self.write_one("servicediscovery:DeleteService", &place(account, region), |state| {
            if state.cloud_map_services.get(service).is_some_and(|found| !found.instances.is_empty()) {
                return Err(Refusal::new("ResourceInUse", "the service has instances"));
            }
            state.cloud_map_services.remove(service);
            state.resource_tags.retain(|(_, _, resource), _| *resource.id != *service);
            Ok(())
        })
    }

    async fn register_instance(
        &self,
        (account, region): (&AccountId, &Region),
        service: &str,
        id: &str,
        attributes: &Attributes,
        _: &Permit,
    ) -> Result<(), PortError> {
        let now = self.now();
        self.write_one("servicediscovery:RegisterInstance", &place(account, region), |state| {
            let found = state.discovery(account, service);
            let found = found.ok_or_else(|| Refusal::gone("ServiceNotFound", "there is no such service"))?;
            check(found, id, attributes)?;
            if state.is_under_way(service, id) {
                return Ok(());
            }
            let change = Change::Register(id.to_owned(), attributes.clone());
            state.begin_operation((account, now), service, &[id], change);
            Ok(())
        })
    }

    async fn deregister_instance(
        &self,
        (account, region): (&AccountId, &Region),
        service: &str,
        id: &str,
        _: &Permit,
    ) -> Result<(), PortError> {
        let now = self.now();
        self.write_one("servicediscovery:DeregisterInstance", &place(account, region), |state| {
            let found = state.discovery(account, service);
            let found = found.ok_or_else(|| Refusal::gone("ServiceNotFound", "there is no such service"))?;
            if !found.instances.contains_key(id) || state.is_under_way(service, id) {
                return Ok(());
            }
            state.begin_operation((account, now), service, &[id], Change::Deregister(id.to_owned()));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
