//! The private DNS name of a service, which leads to an endpoint in its VPC once that is switched on.
//!
//! It can't be switched on before the connection is accepted, and is never switched off here.

use std::time::Duration;

use super::{
    Change,
    name::wishes,
    rival::{self, Rival},
};
use crate::{
    event::{EndpointReference, Subject, told},
    model::{ConnectionState, Endpoint, EndpointKey, Offer, VpcReference},
    plan::{About, Decision, Outcome, Plan, reason},
    policy::Rules,
};

/// Look again at an endpoint that is being connected.
const SOON: Duration = Duration::from_secs(30);

/// What was read about an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observed {
    /// The endpoint, if it is there.
    pub endpoint: Option<Endpoint>,
    /// What its service offers, where that was asked.
    pub offer: Option<Offer>,
    /// Whether its VPC has DNS support and DNS host names, where that was asked.
    pub resolves: bool,
    /// What answers in its VPC.
    pub rivals: Vec<Rival>,
    /// How long it has to wait for its turn, where others of its account and Region are before it.
    pub waits: Option<Duration>,
}

/// Whether there is something left to do or to say about an endpoint.
#[must_use]
pub fn is_left(endpoint: &Endpoint, rules: &Rules, refused: &[String]) -> bool {
    !refused.is_empty() || is_wanted(endpoint, rules) && !endpoint.private_dns
}

/// Whether more has to be read about an endpoint than itself.
#[must_use]
pub fn is_open(endpoint: &Endpoint, rules: &Rules) -> bool {
    is_wanted(endpoint, rules) && !endpoint.private_dns && endpoint.state == ConnectionState::Available
}

/// Whether the endpoint is to have its service's private DNS name.
#[must_use]
pub fn is_wanted(endpoint: &Endpoint, rules: &Rules) -> bool {
    endpoint.kind == crate::model::EndpointKind::Interface
        && !endpoint.requester_managed
        && rules.configuration.dns.private_names.selects(&endpoint.tags)
}

/// Decides about the private DNS name of one endpoint.
#[must_use]
pub fn plan(key: &EndpointKey, observed: &Observed, rules: &Rules) -> Plan<Change> {
    let mut plan = Plan::default();
    let Some(endpoint) = observed.endpoint.as_ref() else { return plan };
    for why in wishes(endpoint, &Offer::default(), &rules.configuration.dns.names).1 {
        let decision = Decision { about: about(endpoint), ..Decision::new(Outcome::Hold, reason::NOT_POSSIBLE) };
        let remedies = vec![format!("mend the tag {}: {why}", rules.configuration.dns.names.tag_key)];
        plan.held.push(Decision { remedies, ..decision });
    }
    if endpoint.private_dns || !is_wanted(endpoint, rules) {
        return plan;
    }
    let decision = |outcome, why| Decision { about: about(endpoint), ..Decision::new(outcome, why) };
    let hold = |why, remedy: String| Decision { remedies: vec![remedy], ..decision(Outcome::Hold, why) };
    if endpoint.state != ConnectionState::Available {
        if matches!(endpoint.state, ConnectionState::Pending | ConnectionState::Partial) {
            plan.again = Some((Subject::Endpoint(reference(key)), SOON));
        }
        let remedy = format!("the connection is {}; it has to be accepted and available", endpoint.state);
        plan.held.push(hold(reason::NOT_CONNECTED, remedy));
        return plan;
    }
    if let Some(wait) = observed.waits {
        plan.again = Some((Subject::Endpoint(reference(key)), wait));
        let remedy = format!("AWS takes few of these calls; its turn is in {} s", wait.as_secs());
        plan.held.push(hold(reason::UNDER_WAY, remedy));
    } else if let Some((why, remedy)) = obstacle(endpoint, observed) {
        plan.held.push(hold(why, remedy));
    } else {
        let step = Change::Enable(key.clone());
        let decision =
            Decision { announce: Some(told::NAME_ENABLED), ..decision(Outcome::Enable, reason::NAME_WANTED) };
        plan.steps.push((step, decision));
        let dns = &rules.configuration.dns;
        if dns.private_names.in_profiles && dns.names.profile(&key.account, &key.region).is_some() {
            // The Profile takes it once AWS has switched the name on.
            plan.again = Some((Subject::Endpoint(reference(key)), SOON));
        }
    }
    plan
}

/// Whether the name can be switched on as things are.
#[must_use]
pub fn is_ready(observed: &Observed, rules: &Rules) -> bool {
    observed
        .endpoint
        .as_ref()
        .is_some_and(|endpoint| is_open(endpoint, rules) && obstacle(endpoint, observed).is_none())
}

/// What stands in the way of the name of an endpoint that is available: why, and what would help.
fn obstacle(endpoint: &Endpoint, observed: &Observed) -> Option<(&'static str, String)> {
    let vpc = VpcReference { region: endpoint.key.region.clone(), vpc: endpoint.vpc.clone() };
    match &observed.offer {
        None => Some((reason::NO_PRIVATE_NAME, format!("{} has to be offered to the account", endpoint.service_name))),
        Some(offer) if offer.private_names.is_empty() => Some((
            reason::NO_PRIVATE_NAME,
            format!("the provider has to give {} a private DNS name", endpoint.service_name),
        )),
        Some(offer) if !offer.verified => {
            Some((reason::NAME_NOT_VERIFIED, "the provider has to verify the private DNS name".to_owned()))
        }
        Some(_) if !observed.resolves => {
            Some((reason::DNS_SUPPORT_OFF, format!("switch on enableDnsSupport and enableDnsHostnames of {}", vpc.vpc)))
        }
        Some(offer) => rival(offer, &observed.rivals)
            .map(|rival| (reason::CONFLICT, format!("{}: {}", rival.name(), rival.describe(&vpc)))),
    }
}

/// What answers for one of the names in the VPC already. A VPC takes no two zones of one name.
fn rival<'a>(offer: &Offer, rivals: &'a [Rival]) -> Option<&'a Rival> {
    offer.private_names.iter().find_map(|name| rival::of_name(rivals, &name.without_asterisk()))
}

fn reference(key: &EndpointKey) -> EndpointReference {
    let EndpointKey { account, region, endpoint } = key.clone();
    EndpointReference { account, region, endpoint }
}

fn about(endpoint: &Endpoint) -> About {
    let EndpointKey { account, region, endpoint: id } = &endpoint.key;
    let mut about = About { subject: format!("endpoint {id}"), resource: endpoint.key.arn(), ..About::default() };
    about.fields.insert("endpoint_owner", account.to_string());
    about.fields.insert("endpoint_region", region.to_string());
    about.fields.insert("vpc_endpoint_id", id.to_string());
    about.fields.insert("vpc_id", endpoint.vpc.to_string());
    about.fields.insert("service_name", endpoint.service_name.clone());
    about
}

#[cfg(test)]
mod tests;
