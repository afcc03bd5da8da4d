//! Targets that follow instances.

use super::*;
use crate::model::cloud_map::{IPV4, PORT};
use InstanceHealth::{Healthy, Unhealthy, Unknown};

const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:444444444444:targetgroup/orders/73e2d6bc24d8a067";
const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:444444444444:loadbalancer/net/orders/50dc6c495c0c9188";
const OURS: (&str, &str) = ("drawbridge:owner", "hub");

fn instance(address: &str) -> Attributes {
    texts(&[(IPV4, address), (PORT, "8080")])
}

/// A group of ours with the targets `.1` and `.2`, and instances of the same.
fn followed() -> Followed {
    let target = |address: &str| Target { address: address.parse().unwrap(), port: 8080 };
    Followed {
        group: TargetGroup {
            arn: GROUP.to_owned(),
            target_type: "ip".to_owned(),
            port: Some(80),
            is_ipv6: false,
            vpc: Some("vpc-0a1b2c3d4e5f60718".to_owned()),
            load_balancers: [BALANCER.to_owned()].into(),
            crosses_zones: None,
            tags: texts(&[("drawbridge:cloud-map", SERVICE_ARN), OURS]),
        },
        targets: BTreeMap::from([
            (target("10.0.1.1"), TargetState::Healthy),
            (target("10.0.2.2"), TargetState::Healthy),
        ]),
        service: Some((
            CloudMapService {
                arn: SERVICE_ARN.to_owned(),
                name: "orders".to_owned(),
                owner: ACCOUNT.parse().unwrap(),
                description: None,
                records: BTreeSet::new(),
                is_checked: false,
            },
            BTreeMap::from([("a".to_owned(), instance("10.0.1.1")), ("b".to_owned(), instance("10.0.2.2"))]),
            BTreeMap::new(),
        )),
        balancers: BTreeMap::from([(
            BALANCER.to_owned(),
            BalancerZones { zones: ["eu-west-1a", "eu-west-1b"].map(ToOwned::to_owned).into(), crosses_zones: false },
        )]),
        subnets: vec![subnet("eu-west-1a", "10.0.1.0/24"), subnet("eu-west-1b", "10.0.2.0/24")],
    }
}

fn subnet(zone: &str, block: &str) -> Subnet {
    Subnet { zone: zone.to_owned(), zone_id: String::new(), blocks: vec![block.to_owned()] }
}

fn planned(change: impl FnOnce(&mut Followed)) -> Plan<Step> {
    let mut followed = followed();
    change(&mut followed);
    plan(&key(What::Targets), &Observed::Targets(vec![followed]), &rules_with(&json!({})), now())
}

fn decide(change: impl FnOnce(&mut Followed)) -> Vec<String> {
    words(&planned(change))
}

fn instances(followed: &mut Followed) -> &mut BTreeMap<String, Attributes> {
    &mut followed.service.as_mut().unwrap().1
}

fn set_state(followed: &mut Followed, address: &str, state: TargetState) {
    followed.targets.insert(Target { address: address.parse().unwrap(), port: 8080 }, state);
}

#[test]
fn targets_become_what_the_healthy_instances_are() {
    assert!(decide(|_| {}).is_empty());
    let replaced = decide(|followed| {
        instances(followed).insert("b".to_owned(), instance("10.0.2.3"));
    });
    assert_eq!(replaced, ["10.0.2.3:8080", "- 10.0.2.2:8080"]);
    let without_port = decide(|followed| {
        instances(followed).insert("c".to_owned(), texts(&[(IPV4, "10.0.1.4")]));
    });
    assert_eq!(without_port, ["10.0.1.4:80"], "the port of the group");
    let peer = decide(|followed| drop(instances(followed).insert("c".to_owned(), instance("100.64.0.1"))));
    assert_eq!(peer, ["100.64.0.1:8080 outside"]);
    let public = decide(|followed| drop(instances(followed).insert("c".to_owned(), instance("203.0.113.1"))));
    assert_eq!(public, ["! NOT_POSSIBLE"]);
    let by_name = decide(|followed| {
        instances(followed).insert("c".to_owned(), texts(&[("AWS_INSTANCE_CNAME", "a.example.com")]));
    });
    assert_eq!(by_name, ["! NO_ADDRESS"]);
}

#[test]
fn checked_instances_count_by_their_health() {
    let judged = |health: &[(&str, InstanceHealth)]| {
        decide(|followed| {
            let (service, _, found) = followed.service.as_mut().unwrap();
            service.is_checked = true;
            *found = health.iter().map(|(id, health)| ((*id).to_owned(), *health)).collect();
            set_state(followed, "10.0.3.3", TargetState::Healthy);
        })
    };
    assert_eq!(judged(&[("a", Healthy), ("b", Healthy)]), ["- 10.0.3.3:8080"]);
    assert_eq!(judged(&[("a", Healthy), ("b", Unhealthy)])[..2], ["- 10.0.2.2:8080", "- 10.0.3.3:8080"]);
    assert_eq!(judged(&[("a", Healthy), ("b", Unknown)])[..1], ["- 10.0.3.3:8080"], "what isn't known stays");
    assert_eq!(judged(&[("a", Healthy)])[..1], ["- 10.0.3.3:8080"], "what is too new to tell stays");
    assert_eq!(judged(&[("a", Unhealthy), ("b", Unhealthy)]), ["! NO_HEALTHY_INSTANCE"]);
}

#[test]
fn nothing_is_taken_away_when_no_instance_is_there() {
    assert_eq!(decide(|followed| instances(followed).clear()), ["! NO_HEALTHY_INSTANCE"]);
    assert_eq!(decide(|followed| followed.service = None), ["! NO_CLOUD_MAP_SERVICE"]);
}

#[test]
fn last_target_that_answers_stays_until_another_one_does() {
    let moved = |state: Option<TargetState>| {
        planned(|followed| {
            *instances(followed) = BTreeMap::from([("c".to_owned(), instance("10.0.1.5"))]);
            followed.targets.clear();
            set_state(followed, "10.0.1.1", TargetState::Healthy);
            set_state(followed, "10.0.2.2", TargetState::Unhealthy);
            if let Some(state) = state {
                set_state(followed, "10.0.1.5", state);
            }
        })
    };
    let begun = moved(None);
    assert_eq!(words(&begun)[..3], ["10.0.1.5:8080", "- 10.0.2.2:8080", "! LAST_TARGET"]);
    assert!(begun.again.is_some(), "it is looked again soon");
    assert_eq!(words(&moved(Some(TargetState::Initial)))[..2], ["- 10.0.2.2:8080", "! LAST_TARGET"]);
    assert_eq!(words(&moved(Some(TargetState::Healthy)))[..2], ["- 10.0.1.1:8080", "- 10.0.2.2:8080"]);
}

#[test]
fn target_that_drains_is_left_to_it_and_comes_back_when_it_is_wanted_again() {
    let draining = |wanted: bool| {
        decide(|followed| {
            set_state(followed, "10.0.2.2", TargetState::Draining);
            if !wanted {
                instances(followed).remove("b");
            }
        })
    };
    assert_eq!(draining(false), ["! ZONE_MISMATCH"]);
    assert_eq!(draining(true), ["10.0.2.2:8080"]);
}

#[test]
fn group_is_ours_once_all_that_it_has_is_known() {
    let unmarked = |change: fn(&mut Followed)| {
        decide(|followed| {
            followed.group.tags.remove(OURS.0);
            change(followed);
        })
    };
    assert_eq!(unmarked(|_| {}), ["mark"]);
    assert_eq!(unmarked(|followed| followed.targets.clear()), ["10.0.1.1:8080", "10.0.2.2:8080", "mark"]);
    let stranger = unmarked(|followed| set_state(followed, "10.0.9.9", TargetState::Healthy));
    assert_eq!(stranger, ["! NOT_OWNED"], "nothing of others is taken away");
    let of_another = decide(|followed| drop(followed.group.tags.insert(OURS.0.to_owned(), "other".to_owned())));
    assert_eq!(of_another, ["! NOT_OWNED"]);
}

#[test]
fn group_that_cannot_follow_is_told_and_left() {
    let with_tag = |value: &str| {
        decide(|followed| drop(followed.group.tags.insert("drawbridge:cloud-map".to_owned(), value.to_owned())))
    };
    assert_eq!(with_tag("payments"), ["! INVALID_TAG"]);
    assert_eq!(with_tag("arn:aws:servicediscovery:eu-west-1:444444444444:namespace/ns-1"), ["! INVALID_TAG"]);
    assert_eq!(decide(|followed| followed.group.target_type = "instance".to_owned()), ["! WRONG_TARGET_GROUP"]);
    let exempt = decide(|followed| drop(followed.group.tags.insert("drawbridge:ignore".to_owned(), "true".to_owned())));
    assert_eq!(exempt, ["! EXEMPT"]);
}

#[test]
fn zones_that_do_not_meet_are_told_unless_targets_elsewhere_are_sent_to() {
    let alone = |change: fn(&mut Followed)| {
        decide(|followed| {
            instances(followed).remove("b");
            followed.targets.retain(|target, _| target.address == "10.0.1.1".parse::<std::net::IpAddr>().unwrap());
            change(followed);
        })
    };
    assert_eq!(alone(|_| {}), ["! ZONE_MISMATCH"], "nothing to send to in one of them");
    assert!(alone(|followed| followed.group.crosses_zones = Some(true)).is_empty());
    assert!(alone(|followed| followed.balancers.get_mut(BALANCER).unwrap().crosses_zones = true).is_empty());
    let only_b = |followed: &mut Followed| {
        followed.balancers.get_mut(BALANCER).unwrap().zones = ["eu-west-1b".to_owned()].into();
    };
    assert_eq!(alone(only_b), ["! ZONE_MISMATCH"], "the target gets nothing");
    let in_one = |followed: &mut Followed| {
        followed.balancers.get_mut(BALANCER).unwrap().zones = ["eu-west-1a".to_owned()].into();
    };
    assert!(alone(in_one).is_empty());
}
