//! Names of alarms and dashboards: stable, bounded, and each telling whose it is.
//!
//! Longest: `drawbridge/`, a deployment, an account, `/service/`, a service's id, a profile, a target group's name (32 characters)
//! and id, a zone: well below the 255 characters of CloudWatch.

use crate::{
    model::{AccountId, EndpointId, EndpointKey, Region, ServiceId, ServiceKey},
    policy::{AlarmProfile, Configuration},
};

/// What the names of all alarms begin with.
#[must_use]
pub fn of_all(configuration: &Configuration) -> String {
    format!("drawbridge/{}/", configuration.deployment)
}

/// What the names of all alarms of an account begin with.
fn of_account(account: &AccountId, configuration: &Configuration) -> String {
    format!("{}{account}/", of_all(configuration))
}

/// What the names of alarms of an account's endpoints begin with, of each and of all together.
#[must_use]
pub fn of_endpoints(account: &AccountId, configuration: &Configuration) -> String {
    format!("{}endpoint", of_account(account, configuration))
}

/// What the names of an endpoint's alarms begin with.
#[must_use]
pub fn of_endpoint(account: &AccountId, endpoint: &EndpointId, configuration: &Configuration) -> String {
    format!("{}endpoint/{endpoint}/", of_account(account, configuration))
}

/// What the names of alarms of an account's services begin with.
#[must_use]
pub fn of_services(account: &AccountId, configuration: &Configuration) -> String {
    format!("{}service/", of_account(account, configuration))
}

/// What the names of a service's alarms begin with.
#[must_use]
pub fn of_service(account: &AccountId, service: &ServiceId, configuration: &Configuration) -> String {
    format!("{}{service}/", of_services(account, configuration))
}

/// The alarm of one endpoint.
pub fn endpoint_alarm(key: &EndpointKey, profile: AlarmProfile, configuration: &Configuration) -> String {
    format!("{}{profile}", of_endpoint(&key.account, &key.endpoint, configuration))
}

/// The alarm of all endpoints of an account and Region.
pub fn fleet_alarm(account: &AccountId, profile: AlarmProfile, configuration: &Configuration) -> String {
    format!("{}s/{profile}", of_endpoints(account, configuration))
}

/// An alarm of a service; `part` names what it watches where there are several.
pub fn service_alarm(key: &ServiceKey, what: &str, part: &[&str], configuration: &Configuration) -> String {
    let prefix = of_service(&key.account, &key.service, configuration);
    let parts: Vec<&str> = std::iter::once(what).chain(part.iter().copied()).collect();
    format!("{prefix}{}", parts.join("/"))
}

/// What the names of the dashboards of an account and Region begin with.
#[must_use]
pub fn dashboard_prefix(account: &AccountId, region: &Region, configuration: &Configuration) -> String {
    format!("drawbridge-{}-{region}-{account}-", configuration.deployment)
}

/// The dashboard of a service; the second and later ones of one that needs several are numbered.
pub fn dashboard(key: &ServiceKey, number: usize, configuration: &Configuration) -> String {
    let first = format!("{}{}", dashboard_prefix(&key.account, &key.region, configuration), key.service);
    if number == 0 { first } else { format!("{first}-{}", number + 1) }
}
