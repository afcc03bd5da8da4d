//! Answers of Elastic Load Balancing about targets, in our words.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use aws_sdk_elasticloadbalancingv2::types::{
    self, LoadBalancer, TargetGroupIpAddressTypeEnum, TargetHealth, TargetHealthDescription, TargetHealthStateEnum,
    TargetTypeEnum,
};

use crate::{
    aws::private_link::answer::{malformed, required},
    model::{Tags, Target, TargetGroup, TargetState},
    port::PortError,
};

/// The attribute that tells, of load balancers and of target groups.
///
/// Source: Elastic Load Balancing API reference, `LoadBalancerAttribute`, `TargetGroupAttribute`.
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";

/// A target group with its tags, which are found by ARN. Whether it crosses zones is among its attributes.
pub fn read_target_group(
    call: &'static str,
    place: &str,
    group: &types::TargetGroup,
    tags: &BTreeMap<String, Tags>,
) -> Result<TargetGroup, PortError> {
    let arn = required(call, place, "TargetGroupArn", group.target_group_arn())?.to_owned();
    Ok(TargetGroup {
        target_type: required(call, place, "TargetType", group.target_type().map(TargetTypeEnum::as_str))?.to_owned(),
        port: group.port().map(|port| read_port(call, place, port)).transpose()?,
        is_ipv6: group.ip_address_type() == Some(&TargetGroupIpAddressTypeEnum::Ipv6),
        vpc: group.vpc_id().filter(|vpc| !vpc.is_empty()).map(ToOwned::to_owned),
        load_balancers: group.load_balancer_arns().iter().cloned().collect(),
        crosses_zones: None,
        tags: tags.get(&arn).cloned().unwrap_or_default(),
        arn,
    })
}

/// Whether targets in other Availability Zones are sent to; `None` where it isn't said, or is left to the load balancer.
pub fn crosses_zones<'found>(
    attributes: impl IntoIterator<Item = (Option<&'found str>, Option<&'found str>)>,
) -> Option<bool> {
    let value = attributes.into_iter().find_map(|(key, value)| value.filter(|_| key == Some(CROSS_ZONE)))?;
    value.parse().ok()
}

/// A target and how it is; `None` for one that is no address.
pub fn read_target(
    call: &'static str,
    place: &str,
    found: &TargetHealthDescription,
) -> Result<Option<(Target, TargetState)>, PortError> {
    let target = required(call, place, "Target", found.target())?;
    let Ok(address) = required(call, place, "Id", target.id())?.parse::<IpAddr>() else { return Ok(None) };
    let port = read_port(call, place, required(call, place, "Port", target.port())?)?;
    let state = found.target_health().and_then(TargetHealth::state).map(TargetHealthStateEnum::as_str);
    let state = TargetState::parse(required(call, place, "State", state)?);
    Ok(Some((Target { address, port }, state)))
}

/// The ARN of a load balancer, and the names of its Availability Zones.
pub fn read_balancer(
    call: &'static str,
    place: &str,
    found: &LoadBalancer,
) -> Result<(String, BTreeSet<String>), PortError> {
    let arn = required(call, place, "LoadBalancerArn", found.load_balancer_arn())?;
    let zones = found.availability_zones().iter();
    let zones = zones.map(|zone| required(call, place, "ZoneName", zone.zone_name().map(ToOwned::to_owned)));
    Ok((arn.to_owned(), zones.collect::<Result<_, _>>()?))
}

fn read_port(call: &'static str, place: &str, port: i32) -> Result<u16, PortError> {
    u16::try_from(port).map_err(|error| malformed(call, place.to_owned(), &error))
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::{AvailabilityZone, TargetDescription, builders::TargetGroupBuilder};

    use super::*;

    const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/a/73e2d6bc24d8a067";

    fn group() -> TargetGroupBuilder {
        types::TargetGroup::builder().target_group_arn(GROUP).target_type("ip".into()).port(443)
    }

    fn read_group(group: TargetGroupBuilder) -> Result<TargetGroup, PortError> {
        let tags = BTreeMap::from([(GROUP.to_owned(), Tags::from([("follows".to_owned(), "billing".to_owned())]))]);
        read_target_group("test:Describe", "here", &group.build(), &tags)
    }

    fn health(id: &str, port: Option<i32>, state: &str) -> TargetHealthDescription {
        let target = TargetDescription::builder().id(id).set_port(port).build();
        let health = TargetHealth::builder().state(state.into()).build();
        TargetHealthDescription::builder().target(target).target_health(health).build()
    }

    fn read(found: &TargetHealthDescription) -> Result<Option<(Target, TargetState)>, PortError> {
        read_target("test:Describe", "here", found)
    }

    #[test]
    fn group_is_read_with_its_tags_and_without_what_it_has_not() {
        let plain = read_group(group()).unwrap();
        assert_eq!((plain.target_type.as_str(), plain.port, plain.is_ipv6), ("ip", Some(443), false));
        assert_eq!((plain.vpc, plain.crosses_zones, plain.load_balancers.len()), (None, None, 0));
        assert_eq!(plain.tags["follows"], "billing");
        assert!(read_group(group().ip_address_type("ipv6".into())).unwrap().is_ipv6);
        assert_eq!(read_group(group().set_port(None)).unwrap().port, None);
    }

    #[test]
    fn group_without_an_arn_or_a_type_is_an_error() {
        assert!(read_group(group().set_target_group_arn(None)).is_err());
        assert!(read_group(group().set_target_type(None)).is_err());
        assert!(read_group(group().port(65_536)).is_err());
    }

    #[test]
    fn crossing_of_zones_is_told_or_left_to_the_load_balancer() {
        let told = |value| crosses_zones([(Some("deregistration_delay.timeout_seconds"), Some("300")), value]);
        assert_eq!(told((Some(CROSS_ZONE), Some("true"))), Some(true));
        assert_eq!(told((Some(CROSS_ZONE), Some("false"))), Some(false));
        assert_eq!(told((Some(CROSS_ZONE), Some("use_load_balancer_configuration"))), None);
        assert_eq!(told((Some("stickiness.enabled"), Some("true"))), None);
    }

    #[test]
    fn target_is_read_with_its_state_and_one_that_is_no_address_is_left_out() {
        let (target, state) = read(&health("10.0.1.5", Some(443), "unhealthy.draining")).unwrap().unwrap();
        assert_eq!(target.to_string(), "10.0.1.5:443");
        assert_eq!(state, TargetState::Other("unhealthy.draining".to_owned()));
        let (target, state) = read(&health("2001:db8::5", Some(443), "initial")).unwrap().unwrap();
        assert_eq!((target.to_string().as_str(), state), ("[2001:db8::5]:443", TargetState::Initial));
        assert_eq!(read(&health("i-0a1b2c3d4e5f60718", Some(443), "healthy")).unwrap(), None);
    }

    #[test]
    fn target_that_is_told_in_part_is_an_error() {
        assert!(read(&health("10.0.1.5", None, "healthy")).is_err());
        assert!(read(&TargetHealthDescription::builder().build()).is_err());
        let target = TargetDescription::builder().id("10.0.1.5").port(443).build();
        assert!(read(&TargetHealthDescription::builder().target(target).build()).is_err());
    }

    #[test]
    fn balancer_is_where_its_zones_are() {
        let zone = |name: Option<&str>| AvailabilityZone::builder().set_zone_name(name.map(ToOwned::to_owned)).build();
        let found = LoadBalancer::builder().load_balancer_arn("arn:a").availability_zones(zone(Some("eu-west-1b")));
        let (arn, zones) =
            read_balancer("test:Describe", "here", &found.clone().availability_zones(zone(Some("eu-west-1a"))).build())
                .unwrap();
        assert_eq!((arn.as_str(), zones), ("arn:a", ["eu-west-1a", "eu-west-1b"].map(ToOwned::to_owned).into()));
        assert!(read_balancer("test:Describe", "here", &found.availability_zones(zone(None)).build()).is_err());
    }
}
