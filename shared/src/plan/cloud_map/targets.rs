//! The targets of target groups: the healthy instances of the Cloud Map services that these follow.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use super::{Followed, HEALTH_LOOKED_AT_AGAIN, Key, Step, about, held};
use crate::{
    event::Subject,
    model::{
        Attributes, InstanceHealth, Target, TargetGroup, TargetState,
        cloud_map::{IPV4, IPV6, PORT},
        reason, tag,
    },
    plan::{About, Decision, Outcome, Plan},
    policy::Rules,
};

/// Decides which targets are registered, and which are taken away.
pub(super) fn plan(key: &Key, groups: &[Followed], rules: &Rules) -> Plan<Step> {
    let mut plan = Plan::default();
    for followed in groups {
        let group = &followed.group;
        let about = about(key, name(group), &group.arn);
        let mut comparison = Comparison { key, followed, rules, about, plan: &mut plan };
        if let Err((reason, why)) = comparison.make() {
            let about = comparison.about.clone();
            plan.held.push(held(about, reason, why));
        }
    }
    plan
}

/// The ARN of the Cloud Map service that a group follows.
///
/// # Errors
/// Why it follows none, though it carries the tag: the reason, and more for a person.
pub fn followed_service<'a>(group: &'a TargetGroup, rules: &Rules) -> Result<&'a str, (&'static str, String)> {
    let key = &rules.configuration.cloud_map.tag_key;
    if tag::is_ignored(&group.tags) {
        return Err((reason::EXEMPT, "its tag drawbridge:ignore has it left as it is".to_owned()));
    }
    if group.target_type != "ip" {
        let why =
            format!("its targets are of type {}; only a group of type ip can follow Cloud Map", group.target_type);
        return Err((reason::WRONG_TARGET_GROUP, why));
    }
    let value = group.tags.get(key).map(String::as_str).unwrap_or_default();
    let mut parts = value.splitn(6, ':');
    let is_arn = parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some("servicediscovery")
        && parts.nth(2).is_some_and(|resource| resource.strip_prefix("service/").is_some_and(|id| !id.is_empty()));
    if is_arn {
        Ok(value)
    } else {
        let why = format!(
            "the tag {key} is not the ARN of a Cloud Map service, such as \
             arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-e4anhexample0004"
        );
        Err((reason::INVALID_TAG, why))
    }
}

struct Comparison<'a> {
    key: &'a Key,
    followed: &'a Followed,
    rules: &'a Rules,
    about: About,
    plan: &'a mut Plan<Step>,
}

/// What the instances make as targets.
#[derive(Default)]
struct Wanted {
    /// Those that answer.
    healthy: BTreeSet<Target>,
    /// Those of which it isn't known whether they answer.
    unclear: BTreeSet<Target>,
    /// Those that don't.
    unhealthy: BTreeSet<Target>,
}

impl Comparison<'_> {
    fn make(&mut self) -> Result<(), (&'static str, String)> {
        let group = &self.followed.group;
        let service = followed_service(group, self.rules)?;
        let Some((_, instances, health)) = &self.followed.service else {
            let why = format!(
                "{service} is not there, or isn't shared with this account; what was registered stays as it is"
            );
            return Err((reason::NO_CLOUD_MAP_SERVICE, why));
        };
        let owner = group.tags.get(tag::OWNER);
        if let Some(other) = owner.filter(|owner| **owner != *self.rules.configuration.deployment.as_str()) {
            return Err((reason::NOT_OWNED, format!("the deployment {other} looks after it")));
        }
        let wanted = self.wanted(instances, health);
        let standing: BTreeMap<Target, &TargetState> = self
            .followed
            .targets
            .iter()
            .filter(|(_, state)| **state != TargetState::Draining)
            .map(|(target, state)| (*target, state))
            .collect();
        for target in wanted.healthy.iter().filter(|target| !standing.contains_key(target)) {
            self.add(*target);
        }
        if owner.is_some() {
            self.remove(&standing, &wanted);
        } else {
            self.mark(&standing, &wanted);
        }
        self.compare_zones(&wanted);
        Ok(())
    }

    fn wanted(
        &mut self,
        instances: &BTreeMap<String, Attributes>,
        health: &BTreeMap<String, InstanceHealth>,
    ) -> Wanted {
        let mut wanted = Wanted::default();
        let mut without = Vec::new();
        let is_checked = self.followed.service.as_ref().is_some_and(|(service, ..)| service.is_checked);
        for (id, attributes) in instances {
            let Some(target) = self.target(attributes) else {
                without.push(id.as_str());
                continue;
            };
            let kind = match health.get(id) {
                _ if !is_checked => &mut wanted.healthy,
                Some(InstanceHealth::Healthy) => &mut wanted.healthy,
                Some(InstanceHealth::Unhealthy) => &mut wanted.unhealthy,
                Some(InstanceHealth::Unknown) | None => &mut wanted.unclear,
            };
            kind.insert(target);
        }
        if !without.is_empty() {
            let version = if self.followed.group.is_ipv6 { "IPv6" } else { "IPv4" };
            let why = format!("no {version} address or no port is told of instances {}", without.join(", "));
            self.hold(reason::NO_ADDRESS, why);
        }
        // Two instances may be one target: it answers if one of them does.
        wanted.unclear.retain(|target| !wanted.healthy.contains(target));
        wanted
    }

    fn target(&self, attributes: &Attributes) -> Option<Target> {
        let group = &self.followed.group;
        let address: IpAddr = attributes.get(if group.is_ipv6 { IPV6 } else { IPV4 })?.parse().ok()?;
        let port = match attributes.get(PORT) {
            Some(port) => port.parse().ok()?,
            None => group.port?,
        };
        Some(Target { address, port })
    }

    fn add(&mut self, target: Target) {
        let is_outside = !self.followed.subnets.iter().any(|subnet| subnet.holds(target.address));
        if is_outside && !is_private(target.address) {
            let why = format!("{target} is a public address outside the group's VPC, and can't be a target");
            self.hold(reason::NOT_POSSIBLE, why);
            return;
        }
        let decision = self.decision(Outcome::Publish, reason::SELECTED, Some(target.to_string()));
        let group = self.followed.group.arn.clone();
        self.plan.steps.push((Step::RegisterTarget { group, target, is_outside }, decision));
    }

    /// A group becomes ours when all that it has is known to Cloud Map. Before that nothing is taken from it.
    fn mark(&mut self, standing: &BTreeMap<Target, &TargetState>, wanted: &Wanted) {
        let is_known = |target: &Target| {
            [&wanted.healthy, &wanted.unclear, &wanted.unhealthy].iter().any(|kind| kind.contains(target))
        };
        let strangers: Vec<String> =
            standing.keys().filter(|target| !is_known(target)).map(ToString::to_string).collect();
        if strangers.is_empty() {
            let decision = self.decision(Outcome::Tag, reason::SELECTED, None);
            self.plan.steps.push((Step::Mark { group: self.followed.group.arn.clone() }, decision));
            if standing.keys().any(|target| wanted.unhealthy.contains(target)) {
                self.look_again();
            }
            return;
        }
        let why = format!(
            "somebody else registered {}; nothing is taken away until they are deregistered, or the group carries \
             {}={}: then Drawbridge takes them away",
            strangers.join(", "),
            tag::OWNER,
            self.rules.configuration.deployment
        );
        self.hold(reason::NOT_OWNED, why);
    }

    fn remove(&mut self, standing: &BTreeMap<Target, &TargetState>, wanted: &Wanted) {
        let is_over = |target: &&Target| !wanted.healthy.contains(target) && !wanted.unclear.contains(target);
        let over: Vec<Target> = standing.keys().filter(is_over).copied().collect();
        if over.is_empty() {
            return;
        }
        if wanted.healthy.is_empty() {
            let why = format!("no instance is healthy; the {} targets stay as they are", standing.len());
            self.hold(reason::NO_HEALTHY_INSTANCE, why);
            return;
        }
        let answers = |target: &Target| standing.get(target).is_some_and(|state| **state == TargetState::Healthy);
        let another_answers = wanted.healthy.iter().any(answers);
        for target in over {
            if answers(&target) && !another_answers {
                let why = format!("{target} answers, and none of the targets that stay does yet");
                self.hold(reason::LAST_TARGET, why);
                self.look_again();
                continue;
            }
            let decision = self.decision(Outcome::Withdraw, reason::NOT_WANTED, Some(target.to_string()));
            let group = self.followed.group.arn.clone();
            self.plan.removals.push((Step::DeregisterTarget { group, target }, decision));
        }
    }

    /// Tells where targets get nothing, or load balancers have nothing to send to.
    fn compare_zones(&mut self, wanted: &Wanted) {
        let zone_of = |target: &Target| {
            let subnet = self.followed.subnets.iter().find(|subnet| subnet.holds(target.address));
            subnet.map(|subnet| subnet.zone.as_str())
        };
        let zones: Vec<Option<&str>> = wanted.healthy.iter().map(zone_of).collect();
        // One that is outside the VPC is sent to from every zone.
        if zones.is_empty() || zones.contains(&None) {
            return;
        }
        let with_targets: BTreeSet<&str> = zones.into_iter().flatten().collect();
        let mut findings = Vec::new();
        for (balancer, place) in &self.followed.balancers {
            if self.followed.group.crosses_zones.unwrap_or(place.crosses_zones) {
                continue;
            }
            let of_balancer: BTreeSet<&str> = place.zones.iter().map(String::as_str).collect();
            let unreached: Vec<&str> = with_targets.difference(&of_balancer).copied().collect();
            let empty: Vec<&str> = of_balancer.difference(&with_targets).copied().collect();
            if !unreached.is_empty() {
                findings.push(format!(
                    "targets in {} get nothing from {balancer}, which isn't there",
                    unreached.join(", ")
                ));
            }
            if !empty.is_empty() {
                findings.push(format!("{balancer} has nothing to send to in {}", empty.join(", ")));
            }
        }
        if !findings.is_empty() {
            let why = format!("cross-zone load balancing is off: {}", findings.join("; "));
            self.hold(reason::ZONE_MISMATCH, why);
        }
    }

    fn look_again(&mut self) {
        let (account, region) = (self.key.account.clone(), self.key.region.clone());
        self.plan.again.get_or_insert((Subject::LoadBalancers { account, region }, HEALTH_LOOKED_AT_AGAIN));
    }

    fn decision(&self, outcome: Outcome, reason: &'static str, detail: Option<String>) -> Decision {
        Decision { about: self.about.clone(), detail, ..Decision::new(outcome, reason) }
    }

    fn hold(&mut self, reason: &'static str, why: String) {
        self.plan.held.push(held(self.about.clone(), reason, why));
    }
}

/// The name in an ARN `…:targetgroup/<name>/<id>`.
fn name(group: &TargetGroup) -> String {
    group.arn.split('/').nth(1).unwrap_or(&group.arn).to_owned()
}

/// Whether an address outside the VPC can be a target.
///
/// Source: Elastic Load Balancing user guide for Network Load Balancers, "Target type": RFC 1918 and RFC 6598.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(_) => false,
    }
}
