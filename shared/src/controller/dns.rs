//! Keeps private DNS in step. The decisions are [`crate::plan::dns`].

mod names;
mod private_names;
mod verifications;
mod zones;

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use self::{
    names::{Listings, Named},
    verifications::Verifications,
    zones::Zones,
};
use crate::{
    event::{EndpointReference, Subject, ZoneReference},
    membership::Memberships,
    model::{AccountId, EndpointKey, EndpointService, RecordChange, Region, ServiceKey, Vpc, VpcReference, ZoneKey},
    plan::{
        Limit, Plan,
        dns::{Change, Key, Observed, limit, plan, private_name, verification},
    },
    policy::{FunctionName, Rules},
    port::{Clock, Endpoints, FailureKind, HostedZones, Organization, PortError, PrivateLink},
    providers::{Providers, passed_over, places},
    reconcile::{Controller, Fate, Located, Observation, Permit},
};

/// How many places are listed at once.
const PLACES_AT_ONCE: usize = 8;

/// The controller.
#[derive(Debug)]
pub struct Dns<P, Z, E, O, C> {
    private_link: P,
    hosted_zones: Z,
    endpoints: E,
    organization: O,
    clock: C,
    providers: Providers,
    memberships: Memberships,
    zones: Zones,
    endpoint_listings: Listings<Named>,
    vpc_listings: Listings<Vpc>,
    verifications: Verifications,
}

impl<P, Z, E, O, C> Dns<P, Z, E, O, C> {
    /// Puts the controller on its ports.
    pub fn new(private_link: P, hosted_zones: Z, endpoints: E, organization: O, clock: C) -> Self {
        Self {
            private_link,
            hosted_zones,
            endpoints,
            organization,
            clock,
            providers: Providers::default(),
            memberships: Memberships::default(),
            zones: Zones::default(),
            endpoint_listings: Listings::default(),
            vpc_listings: Listings::default(),
            verifications: Verifications::default(),
        }
    }
}

impl crate::reconcile::Key for Key {
    type Slot = Self;

    fn slot(&self) -> Self {
        self.clone()
    }
}

impl<P: PrivateLink, Z: HostedZones, E: Endpoints, O: Organization, C: Clock> Controller for Dns<P, Z, E, O, C> {
    type Key = Key;
    type Observed = Observed;
    type Step = Change;

    const FUNCTION: FunctionName = FunctionName::SyncDns;

    fn limit(rules: &Rules) -> Limit {
        limit(rules)
    }

    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<Key> {
        let configuration = &rules.configuration;
        match subject {
            Subject::Everything => {
                // A sweep finds what events missed: it must not rely on what was found before.
                self.zones.forget().await;
                self.endpoint_listings.forget_all().await;
                self.vpc_listings.forget_all().await;
                let mut located = self.services(places(configuration), rules).await;
                located.extend(self.registered_services(rules).await);
                located.extend(self.endpoints(configuration.consumer_places(), rules).await);
                located.extend(self.zones_made_for(|_| true, rules).await);
                located
            }
            Subject::Place { account, region } => {
                let place = (account.clone(), region.clone());
                let (provides, consumes) =
                    (places(configuration).contains(&place), configuration.looks_after_endpoints_in(account, region));
                if !provides && !consumes {
                    return Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED);
                }
                let mut located = Located::default();
                if provides {
                    located.extend(self.services(vec![place.clone()], rules).await);
                }
                if consumes {
                    self.endpoint_listings.forget(account, region).await;
                    self.vpc_listings.forget(account, region).await;
                    located.extend(self.endpoints([place].into(), rules).await);
                    // A VPC that has changed may be one in which the names of others answer.
                    located.extend(self.zones_made_for(|key| key.region == *region, rules).await);
                }
                located
            }
            Subject::ServiceReview(reference) => {
                let found = self.providers.find(&self.private_link, &self.clock, reference, configuration).await;
                found.map(Key::Service)
            }
            Subject::Endpoint(EndpointReference { account, region, endpoint }) => {
                if !configuration.looks_after_endpoints_in(account, region) {
                    return Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED);
                }
                let (account, region, endpoint) = (account.clone(), region.clone(), endpoint.clone());
                let key = EndpointKey { account, region, endpoint };
                let mut located = self.names_of(&key, rules).await;
                located.keys.insert(Key::Endpoint(key));
                located
            }
            Subject::Zone(ZoneReference { account, zone }) => {
                self.zones.forget().await;
                let ours = |owner: &AccountId| configuration.dns.accounts.contains(owner);
                if account.as_ref().is_some_and(|account| !ours(account)) {
                    return Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED);
                }
                let mut located = self.services_registered_in(|key| key.zone == *zone, rules).await;
                located.extend(self.zones_made_for(|_| true, rules).await);
                located
            }
            // Requests at a service, and accounts, change nothing about names.
            Subject::Service(_) | Subject::Owner(_) => Located::default(),
        }
    }

    async fn observe(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        match self.read(key, rules).await {
            // A zone that is remembered has gone since.
            Err(error) if error.kind == FailureKind::Gone => {
                self.zones.forget().await;
                self.read(key, rules).await
            }
            read => read,
        }
    }

    fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Change> {
        plan(key, observed, rules, now)
    }

    async fn apply(&self, key: &Key, steps: &[Change], permit: &Permit) -> Vec<Fate> {
        let mut fates = Vec::new();
        let mut unmarked: Vec<(&[RecordChange], PortError)> = Vec::new();
        for step in steps {
            let unmarked_vpc = |vpc| unmarked.iter().find(|(changes, _)| is_marked_by(changes, vpc));
            let answer = match step {
                // What isn't marked as ours would never be taken back.
                Change::Associate { vpc, .. } if unmarked_vpc(vpc).is_some() => {
                    unmarked_vpc(vpc).map_or(Ok(()), |(_, why)| Err(why.clone()))
                }
                _ => self.write(key, step, permit).await,
            };
            if let (Change::Records(_, changes), Err(why)) = (step, &answer) {
                unmarked.push((changes, why.clone()));
            }
            fates.push(Fate::of(Some(&answer)));
        }
        fates
    }
}

impl<P: PrivateLink, Z: HostedZones, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
    async fn read(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        let mut gaps = Vec::new();
        let facts = match key {
            Key::Service(key) => Observed::Service(self.observe_verification(key, rules).await?),
            Key::Endpoint(key) => Observed::Endpoint(self.observe_private_name(key, rules).await?),
            Key::Name(key) => {
                let (observed, unread) = self.observe_name(key, rules).await?;
                gaps = unread;
                Observed::Name(observed)
            }
        };
        Ok(Observation { facts, gaps })
    }

    async fn write(&self, key: &Key, step: &Change, permit: &Permit) -> Result<(), PortError> {
        match step {
            Change::Records(zone, changes) => {
                let change = self.hosted_zones.change_records(zone, changes, permit).await?;
                if let Key::Service(service) = key {
                    self.verifications.changed(service, zone, change);
                }
                Ok(())
            }
            Change::Verify(service) => {
                self.verifications.looking(service, self.clock.now());
                self.private_link.start_verification(service, permit).await
            }
            Change::Enable(endpoint) => self.endpoints.enable_private_dns(endpoint, permit).await,
            Change::Zone { key, comment, vpc, changes } => {
                // Listed anew: the next look has to find it.
                self.zones.forget().await;
                let zone = self.hosted_zones.create_zone(&key.account, &key.name, comment, vpc, permit).await?;
                self.hosted_zones.change_records(&zone, changes, permit).await.map(|_| ())
            }
            Change::Associate { zone, account, vpc } => self.associate(zone, account, vpc, permit).await,
            Change::Disassociate { zone, account, vpc, registration } => {
                self.hosted_zones.disassociate(zone, &zone.account, vpc, permit).await?;
                if zone.account != *account {
                    self.hosted_zones.withdraw(zone, vpc, permit).await?;
                }
                let delete = [RecordChange::Delete(registration.clone())];
                self.hosted_zones.change_records(zone, &delete, permit).await.map(|_| ())
            }
            Change::Unauthorize { zone, vpc } => self.hosted_zones.withdraw(zone, vpc, permit).await,
            Change::DropZone { zone, batches } => {
                self.zones.forget().await;
                for changes in batches {
                    self.hosted_zones.change_records(zone, changes, permit).await?;
                }
                self.hosted_zones.delete_zone(zone, permit).await
            }
        }
    }

    /// Has a zone answer in a VPC. One of another account has to be authorized first, for as long as it takes.
    async fn associate(
        &self,
        zone: &ZoneKey,
        account: &AccountId,
        vpc: &VpcReference,
        permit: &Permit,
    ) -> Result<(), PortError> {
        if zone.account == *account {
            return self.hosted_zones.associate(zone, account, vpc, permit).await;
        }
        self.hosted_zones.authorize(zone, vpc, permit).await?;
        let associated = self.hosted_zones.associate(zone, account, vpc, permit).await;
        // Whatever came of it: an authorization is a door that somebody else could go through.
        let withdrawn = self.hosted_zones.withdraw(zone, vpc, permit).await;
        associated.and(withdrawn)
    }

    /// The services of these places that have a private DNS name to verify.
    async fn services(&self, places: Vec<(AccountId, Region)>, rules: &Rules) -> Located<Key> {
        let list = |(account, region): (AccountId, Region)| async move {
            self.private_link.list_services(&account, &region).await
        };
        let listed: Vec<_> = stream::iter(places).map(list).buffer_unordered(PLACES_AT_ONCE).collect().await;
        let has_a_name = |service: &EndpointService| {
            rules.configuration.looks_after(&service.tags) && verification::domain(service).is_some()
        };
        let mut located = Located::default();
        for services in listed {
            match services {
                Ok(services) => {
                    let named = services.into_iter().filter(has_a_name).map(|service| Key::Service(service.key));
                    located.keys.extend(named);
                }
                Err(error) => located.failures.push(error),
            }
        }
        located
    }

    /// The services that there are records for, whether or not they are still there.
    async fn registered_services(&self, rules: &Rules) -> Located<Key> {
        self.services_registered_in(|_| true, rules).await
    }

    /// The endpoints of these places for which something is left to do.
    async fn endpoints(&self, places: BTreeSet<(AccountId, Region)>, rules: &Rules) -> Located<Key> {
        let list =
            |(account, region): (AccountId, Region)| async move { self.endpoints_of(&account, &region, rules).await };
        let listed: Vec<_> = stream::iter(places).map(list).buffer_unordered(PLACES_AT_ONCE).collect().await;
        let mut located = Located::default();
        for endpoints in listed {
            match endpoints {
                Ok(endpoints) => {
                    let left =
                        endpoints.iter().filter(|named| private_name::is_left(&named.endpoint, rules, &named.refused));
                    located.keys.extend(left.map(|named| Key::Endpoint(named.endpoint.key.clone())));
                    located.keys.extend(endpoints.iter().flat_map(Named::keys));
                }
                Err(error) => located.failures.push(error),
            }
        }
        located
    }
}

/// Whether changes of records mark the association of a VPC: its registration is called by its id.
fn is_marked_by(changes: &[RecordChange], vpc: &VpcReference) -> bool {
    changes.iter().any(|change| change.record().name.labels().next() == Some(vpc.vpc.as_str()))
}

/// Reads the resource of a registration as a service; `None` for one of something else.
fn service_of(resource: &str) -> Option<ServiceKey> {
    let mut parts = resource.strip_prefix("service/")?.splitn(3, '/');
    let (account, region, service) = (parts.next()?, parts.next()?, parts.next()?);
    Some(ServiceKey { account: account.parse().ok()?, region: region.parse().ok()?, service: service.parse().ok()? })
}
