//! Keeps private DNS in step. The decisions are [`crate::plan::dns`].

mod adoption;
mod names;
mod pace;
mod private_names;
mod profiles;
mod read_zones;
mod verifications;
mod vpcs;
mod writes;
mod zone_changes;
mod zones;

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use self::{
    names::Named, pace::Pace, read_zones::ReadZones, verifications::Verifications, writes::marks, zones::Zones,
};
use super::listings::Listings;
use crate::{
    event::{EndpointReference, Subject},
    membership::Memberships,
    model::{
        AccountId, EndpointKey, EndpointService, ForwardingRule, ProfileAttachment, ProfileContent, Region, ServiceKey,
        Vpc,
    },
    plan::{
        Limit, Plan,
        dns::{Change, Key, Observed, limit, plan, private_name, verification},
    },
    policy::{FunctionName, Rules},
    port::{Clock, Endpoints, FailureKind, HostedZones, Organization, PortError, PrivateLink, Resolvers},
    providers::{Providers, passed_over, places},
    reconcile::{Controller, Fate, Located, Observation, Permit},
};

/// How many places are listed at once.
const PLACES_AT_ONCE: usize = 8;

/// The codes for records that aren't as they were read, and for a zone that is gone.
///
/// Source: Route 53 API reference, `ChangeResourceRecordSets`, errors.
const OUTDATED: [&str; 2] = ["InvalidChangeBatch", "NoSuchHostedZone"];

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
    read_zones: ReadZones,
    endpoint_listings: Listings<Named>,
    vpc_listings: Listings<Vpc>,
    attachments: Listings<ProfileAttachment>,
    forwarding: Listings<ForwardingRule>,
    profile_contents: Listings<ProfileContent>,
    pace: Pace,
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
            read_zones: ReadZones::default(),
            endpoint_listings: Listings::default(),
            vpc_listings: Listings::default(),
            attachments: Listings::default(),
            forwarding: Listings::default(),
            profile_contents: Listings::default(),
            pace: Pace::default(),
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

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Controller
    for Dns<P, Z, E, O, C>
{
    type Key = Key;
    type Observed = Observed;
    type Step = Change;

    const FUNCTION: FunctionName = FunctionName::SyncDns;

    fn limit(rules: &Rules) -> Limit {
        limit(rules)
    }

    async fn locate(&self, subject: &Subject, rules: &Rules) -> Located<Key> {
        let configuration = &rules.configuration;
        self.read_zones.forget_all();
        match subject {
            Subject::Everything => {
                // A sweep finds what events missed: it must not rely on what was found before.
                self.zones.forget().await;
                self.forget_places().await;
                let mut located = self.services(places(configuration), rules).await;
                located.extend(self.registered_services(rules).await);
                located.extend(self.endpoints(configuration.consumer_places(), rules).await);
                located.extend(self.zones_made_for(|_| true, rules).await);
                located.extend(profiles::located(|_| true, rules));
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
                    self.forget_place(account, region).await;
                    located.extend(self.endpoints([place].into(), rules).await);
                    // A VPC that has changed may be one in which the names of others answer.
                    located.extend(self.zones_made_for(|key| key.region == *region, rules).await);
                    located.extend(profiles::located(|key| key.region == *region, rules));
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
                located.extend(profiles::located(
                    |profile| profile.account == key.account && profile.region == key.region,
                    rules,
                ));
                located.keys.insert(Key::Endpoint(key));
                located
            }
            Subject::Zone(reference) => {
                let ours = |owner: &AccountId| configuration.dns.accounts.contains(owner);
                if reference.account.as_ref().is_some_and(|account| !ours(account)) {
                    return Located::passed_over(passed_over::ACCOUNT_NOT_CONFIGURED);
                }
                self.concerned_by(reference, rules).await
            }
            // Requests at a service, and accounts, change nothing about names.
            Subject::Service(_)
            | Subject::Owner(_)
            | Subject::Connection(_)
            | Subject::Creation(_)
            | Subject::LoadBalancers { .. }
            | Subject::CloudMap { .. } => Located::default(),
        }
    }

    async fn observe(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        match self.read(key, rules).await {
            // It may be a zone that is remembered and there no more.
            Err(error) if self.forget_if_gone(&error).await => self.read(key, rules).await,
            read => read,
        }
    }

    fn plan(key: &Key, observed: &Observed, rules: &Rules, now: Timestamp) -> Plan<Change> {
        plan(key, observed, rules, now)
    }

    async fn apply(&self, key: &Key, steps: &[Change], permit: &Permit) -> Vec<Fate> {
        let mut fates = Vec::new();
        let mut failed: Vec<(&Change, PortError)> = Vec::new();
        for step in steps {
            let answer = match failed.iter().find(|(before, _)| marks(before, step)) {
                // What isn't marked must not be made: nobody would know it as ours.
                Some((_, error)) => Err(error.clone()),
                None => self.write(key, step, permit).await,
            };
            fates.push(Fate::of(Some(&answer)));
            if let Err(error) = answer {
                self.forget_if_gone(&error).await;
                failed.push((step, error));
            }
        }
        fates
    }

    fn is_outdated(error: &PortError) -> bool {
        OUTDATED.iter().any(|code| error.code.as_deref() == Some(*code))
    }
}

impl<P: PrivateLink, Z: HostedZones + Resolvers, E: Endpoints, O: Organization, C: Clock> Dns<P, Z, E, O, C> {
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
            Key::Profile(key) => {
                let (observed, unread) = self.observe_profile(key, rules).await?;
                gaps = unread;
                Observed::Profile(observed)
            }
        };
        Ok(Observation { facts, gaps })
    }

    /// Forgets the zones when something that they name is gone, and tells whether it did.
    async fn forget_if_gone(&self, error: &PortError) -> bool {
        let gone = error.kind == FailureKind::Gone;
        if gone {
            self.zones.forget().await;
        }
        gone
    }

    /// Forgets what was found in all places.
    async fn forget_places(&self) {
        self.endpoint_listings.forget_all().await;
        self.vpc_listings.forget_all().await;
        self.attachments.forget_all().await;
        self.forwarding.forget_all().await;
        self.profile_contents.forget_all().await;
    }

    /// Forgets what was found in one place.
    async fn forget_place(&self, account: &AccountId, region: &Region) {
        self.endpoint_listings.forget(account, region).await;
        self.vpc_listings.forget(account, region).await;
        self.attachments.forget(account, region).await;
        self.forwarding.forget(account, region).await;
        self.profile_contents.forget(account, region).await;
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

/// Reads the resource of a registration as a service; `None` for one of something else.
fn service_of(resource: &str) -> Option<ServiceKey> {
    let mut parts = resource.strip_prefix("service/")?.splitn(3, '/');
    let (account, region, service) = (parts.next()?, parts.next()?, parts.next()?);
    Some(ServiceKey { account: account.parse().ok()?, region: region.parse().ok()?, service: service.parse().ok()? })
}
