//! Reads what the plan needs: what is watched, what stands, and whose it is.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{
    StreamExt,
    future::{try_join, try_join3},
    stream,
};

use super::{Alarms, CALLS_AT_ONCE};
use crate::{
    model::{AccountId, EndpointKey, EndpointService, Scope, ServiceKey, StandingAlarm},
    plan::alarms::{
        Key, Observed, Watched, What, covered, covering, dashboard_prefix, home, of_all, of_endpoint, of_endpoints,
        of_service, of_services, touched,
    },
    policy::{AlarmPlace, Configuration, EndpointAlarms, Rules, ServiceAlarms},
    port::{
        self, Clock, Dashboards, Endpoints, FailureKind, LoadBalancers, Metrics, Organization, PortError, PrivateLink,
    },
    reconcile::Observation,
};

impl<N, L, W, O, C> Alarms<N, L, W, O, C>
where
    N: PrivateLink + Endpoints,
    L: LoadBalancers,
    W: port::Alarms + Dashboards + Metrics,
    O: Organization,
    C: Clock,
{
    pub(super) async fn read(&self, key: &Key, rules: &Rules) -> Result<Observation<Observed>, PortError> {
        let mut observed = match &key.what {
            What::Endpoint(_) | What::Endpoints => self.read_endpoints(key, rules).await?,
            What::Service(_) | What::Services => self.read_services(key, rules).await?,
        };
        let mut gaps = self.read_accounts(&mut observed, rules).await;
        gaps.extend(self.read_metrics(key, &mut observed, rules).await);
        let touched = touched(key, &observed, rules, self.clock.now());
        if !touched.is_empty() {
            let home = home(&key.account, &rules.configuration);
            observed.marks = self.cloudwatch.alarm_tags(home, &key.region, &touched).await?;
        }
        Ok(Observation { facts: observed, gaps })
    }

    async fn read_endpoints(&self, key: &Key, rules: &Rules) -> Result<Observed, PortError> {
        let configuration = &rules.configuration;
        let endpoints = async {
            match &key.what {
                _ if !reads_endpoints(key, configuration) => Ok(Vec::new()),
                What::Endpoint(endpoint) => {
                    let (account, region) = (key.account.clone(), key.region.clone());
                    let key = EndpointKey { account, region, endpoint: endpoint.clone() };
                    Ok(self.network.describe_endpoint(&key).await?.into_iter().collect())
                }
                _ => self.network.list_endpoints(&key.account, &key.region).await,
            }
        };
        let home = home(&key.account, configuration);
        let (endpoints, alarms) = try_join(endpoints, self.standing(key, home, configuration)).await?;
        let covering = covering(key, &endpoints, configuration);
        let neighbours = self.neighbours(key, home, &covering).await?;
        Ok(Observed { endpoints, alarms, neighbours, ..Observed::default() })
    }

    async fn read_services(&self, key: &Key, rules: &Rules) -> Result<Observed, PortError> {
        let configuration = &rules.configuration;
        let home = home(&key.account, configuration);
        let services = async {
            match &key.what {
                _ if configuration.alarms.services != ServiceAlarms::Each => Ok(Vec::new()),
                What::Service(service) => {
                    let (account, region) = (key.account.clone(), key.region.clone());
                    let key = ServiceKey { account, region, service: service.clone() };
                    Ok(self.network.describe_service(&key).await?.into_iter().collect())
                }
                _ => self.network.list_services(&key.account, &key.region).await,
            }
        };
        let (services, alarms, dashboards) =
            try_join3(services, self.standing(key, home, configuration), self.dashboards(key, home, configuration))
                .await?;
        let looked_after = services.into_iter().filter(|service| configuration.looks_after(&service.tags));
        let watched = stream::iter(looked_after).map(|service| self.watch(service)).buffered(CALLS_AT_ONCE);
        let watched: Vec<Result<Watched, PortError>> = watched.collect().await;
        let services = watched.into_iter().collect::<Result<Vec<_>, _>>()?;
        let covered: BTreeSet<String> =
            services.iter().flat_map(|watched| covered(key, watched, configuration)).collect();
        let neighbours = self.neighbours(key, home, &covered).await?;
        Ok(Observed { services, alarms, dashboards, neighbours, ..Observed::default() })
    }

    /// A service with its connections, and what is behind it.
    async fn watch(&self, service: EndpointService) -> Result<Watched, PortError> {
        let connections = self.network.list_connections(&service.key, Scope::Everything);
        let ServiceKey { account, region, .. } = &service.key;
        let behind = async {
            let list = |balancer: &String| {
                let balancer = balancer.clone();
                async move {
                    let groups = self.load_balancers.list_target_groups(account, region, &balancer).await?;
                    Ok::<_, PortError>((balancer, groups))
                }
            };
            let listed: Vec<_> =
                stream::iter(&service.load_balancers).map(list).buffered(CALLS_AT_ONCE).collect().await;
            listed.into_iter().collect::<Result<BTreeMap<_, _>, _>>()
        };
        let (connections, target_groups) = try_join(connections, behind).await?;
        Ok(Watched { target_groups, connections, service })
    }

    /// The alarms of the key.
    async fn standing(
        &self,
        key: &Key,
        home: &AccountId,
        configuration: &Configuration,
    ) -> Result<BTreeMap<String, StandingAlarm>, PortError> {
        let Key { account, region, what } = key;
        let prefix = match what {
            What::Endpoint(endpoint) => of_endpoint(account, endpoint, configuration),
            // Those of single endpoints, too, that were made before the fleet was.
            What::Endpoints if is_fleet_of_hub(configuration) => of_all(configuration),
            What::Endpoints => of_endpoints(account, configuration),
            What::Service(service) => of_service(account, service, configuration),
            What::Services => of_services(account, configuration),
        };
        let listed = self.cloudwatch.list_alarms(home, region, &prefix).await?;
        let is_meant = |standing: &StandingAlarm| {
            !is_fleet_of_hub(configuration)
                || !matches!(what, What::Endpoints)
                || standing.alarm.name.split('/').nth(3).is_some_and(|kind| kind.starts_with("endpoint"))
        };
        Ok(listed.into_iter().filter(is_meant).map(|standing| (standing.alarm.name.clone(), standing)).collect())
    }

    async fn neighbours(
        &self,
        key: &Key,
        home: &AccountId,
        names: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, StandingAlarm>, PortError> {
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let described = self.cloudwatch.describe_alarms(home, &key.region, names).await?;
        Ok(described.into_iter().map(|standing| (standing.alarm.name.clone(), standing)).collect())
    }

    /// The dashboards of the key.
    async fn dashboards(
        &self,
        key: &Key,
        home: &AccountId,
        configuration: &Configuration,
    ) -> Result<BTreeMap<String, String>, PortError> {
        let mut prefix = dashboard_prefix(&key.account, &key.region, configuration);
        if let What::Service(service) = &key.what {
            prefix.push_str(service.as_str());
        }
        let mut names = self.cloudwatch.list_dashboards(home, &key.region, &prefix).await?;
        if matches!(key.what, What::Service(_)) {
            // Ids are of two lengths: the names of another service's may begin like those of this one.
            names
                .retain(|name| name.strip_prefix(&prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')));
        }
        let read = |name: String| async move {
            let body = self.cloudwatch.dashboard(home, &key.region, &name).await?;
            Ok::<_, PortError>(body.map(|body| (name, body)))
        };
        let read: Vec<_> = stream::iter(names).map(read).buffered(CALLS_AT_ONCE).collect().await;
        let read = read.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(read.into_iter().flatten().collect())
    }

    /// The accounts that dashboards name.
    async fn read_accounts(&self, observed: &mut Observed, rules: &Rules) -> Vec<PortError> {
        if !rules.configuration.alarms.dashboards {
            return Vec::new();
        }
        let connections = observed.services.iter().flat_map(|watched| &watched.connections);
        let owners: BTreeSet<AccountId> = connections.map(|connection| connection.owner.clone()).collect();
        let (known, gaps) = self.memberships.look_up(&self.organization, &self.clock, owners, rules).await;
        observed.accounts = known;
        gaps
    }

    /// The metrics of a sweep's key, from time to time.
    async fn read_metrics(&self, key: &Key, observed: &mut Observed, rules: &Rules) -> Vec<PortError> {
        let now = self.clock.now();
        let namespaces: &[&str] = match &key.what {
            What::Endpoints if rules.configuration.alarms.endpoints == EndpointAlarms::Each => {
                &["AWS/PrivateLinkEndpoints"]
            }
            What::Services if !observed.services.is_empty() => &["AWS/PrivateLinkServices", "AWS/NetworkELB"],
            _ => &[],
        };
        if namespaces.is_empty() || observed.alarms.is_empty() || !self.checks.is_due(key, now) {
            return Vec::new();
        }
        let home = home(&key.account, &rules.configuration);
        let list = |namespace: &&'static str| self.cloudwatch.list_metrics(home, &key.region, namespace, &key.account);
        let listed: Vec<_> = stream::iter(namespaces).map(list).buffered(CALLS_AT_ONCE).collect().await;
        match listed.into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(metrics) => {
                self.checks.done(key, now);
                observed.metrics = Some(metrics.into_iter().flatten().collect());
                Vec::new()
            }
            Err(error) => {
                let message = format!("{}; which alarms watch nothing is left to a later sweep", error.message);
                vec![PortError { kind: FailureKind::Refused, message, ..error }]
            }
        }
    }
}

fn is_fleet_of_hub(configuration: &Configuration) -> bool {
    configuration.alarms.endpoints == EndpointAlarms::Fleet && configuration.alarms.place == AlarmPlace::Hub
}

/// Whether it matters which endpoints there are.
fn reads_endpoints(key: &Key, configuration: &Configuration) -> bool {
    match configuration.alarms.endpoints {
        EndpointAlarms::None | EndpointAlarms::Remove => false,
        // The hub's own place is looked at for what a fleet left there, too.
        EndpointAlarms::Each => configuration.looks_after_endpoints_in(&key.account, &key.region),
        EndpointAlarms::Fleet => !is_fleet_of_hub(configuration) || key.account != configuration.hub_account,
    }
}
