"""What wakes publish-alarms: what can change which alarms there should be, or what they watch, and nothing else."""

import botocore.session
import pytest

from infra.event_pattern import LIMIT, Event
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MEMBER_PARAMETERS,
    PROVIDER_ACCOUNT,
    Rendering,
)
from infra.routing import by_role, event, own_event, takes, wakes
from infra.template import Template, altered, as_json, at, read, without

HUB, MEMBER = read("hub.yaml"), read("member.yaml")
CALLS, BALANCERS, TAGS, REQUESTS = (
    f"Resources/Alarms{name}/Properties/EventPattern" for name in ("Calls", "BalancerCalls", "TagChanges", "Requests")
)
TOLD = at(HUB, "Resources/Archive/Properties/EventPattern/detail-type")
HEARD = ("Connection Accepted", "Connection Rejected", "Connection Revoked")
OUR_ROLES = ("drawbridge-sync-dns-eu-west-1", "drawbridge-member")
OF_BALANCERS = (
    "CreateListener",
    "ModifyListener",
    "DeleteListener",
    "SetSubnets",
    "DeleteLoadBalancer",
    "DeleteTargetGroup",
)


def hub(template: Template = HUB) -> Rendering:
    return Rendering(template, HUB_PARAMETERS)


def times_woken(rendering: Rendering, happened: Event) -> int:
    return wakes(rendering, happened).count("publish-alarms")


def balancing(name: str, **changes: object) -> Event:
    """A call on a load balancer of the second kind, as ours are."""
    return event("create_load_balancer", detail__eventName=name, **changes)


AWAKENING = {
    "an endpoint is created": event("create_endpoint"),
    "an endpoint is created for a service of another Region": event("create_endpoint_across_regions"),
    "a role of a name like ours creates an endpoint": by_role("create_endpoint", "drawbridge-of-mine"),
    "an endpoint is changed": event("modify_endpoint"),
    "an IAM user changes an endpoint": event("modify_endpoint", detail__userIdentity__sessionContext=None),
    "a role with our name inside changes an endpoint": by_role("modify_endpoint", "app-drawbridge-x"),
    "endpoints are deleted": event("delete_endpoints"),
    "a service is created": event("create_service"),
    "a service is changed": event("modify_service"),
    "services are deleted": event("delete_services"),
    **{f"balancers: {name}": balancing(name) for name in OF_BALANCERS},
    "a tag of a service is changed": event("tag_change_of_service"),
    "a tag of an endpoint is changed": event("tag_change_of_endpoint"),
    "a sweep is requested": own_event("Sweep Requested", HUB_ACCOUNT),
    **{f"we tell: {told}": own_event(told, HUB_ACCOUNT) for told in HEARD},
}

IDLE = {
    "a dry run": event("create_endpoint_dry_run"),
    "a throttled call": event("create_endpoint_throttled"),
    "a refused call": event("create_endpoint_unauthorized"),
    **{f"{role} changes an endpoint": by_role("modify_endpoint", role) for role in OUR_ROLES},
    "a connection is accepted by hand": event("accept_connections"),
    "a connection is rejected": event("reject_connections"),
    "the permissions of a service are changed": event("modify_permissions"),
    "a VPC is created": event("create_vpc"),
    "records are changed": event("change_records"),
    "an account is moved": event("move_account"),
    "a load balancer is created": event("create_load_balancer"),
    "a rule of a listener is created": balancing("CreateRule"),
    "targets are registered": balancing("RegisterTargets"),
    "a classic load balancer is deleted": balancing("DeleteLoadBalancer", detail__apiVersion="2012-06-01"),
    "a listener that was not deleted": balancing("DeleteListener", detail__errorCode="ListenerNotFound"),
    "another service deletes a listener": balancing("DeleteListener", detail__eventSource="vpc-lattice.amazonaws.com"),
    "a forged source of load balancers": balancing("DeleteListener", source="my.elasticloadbalancing"),
    "a service event of load balancers": balancing(
        "DeleteListener", **{"detail-type": "AWS Service Event via CloudTrail"}
    ),
    "a tag of a VPC is changed": event("tag_change_of_endpoint", **{"detail__resource-type": "vpc"}),
    "a tag of another service's endpoint is changed": event("tag_change_of_endpoint", detail__service="es"),
    "forged tags": event("tag_change_of_endpoint", source="my.tag"),
    "a tag policy is invalid": event("tag_change_of_endpoint", **{"detail-type": "Invalid Effective Tag Policy"}),
    "another service has a call of the same name": event("create_endpoint", detail__eventSource="es.amazonaws.com"),
    "a forged source": event("create_endpoint", source="my.ec2"),
    "a service event": event("create_endpoint", **{"detail-type": "AWS Service Event via CloudTrail"}),
    "a review is requested": own_event("Review Requested", HUB_ACCOUNT),
    **{f"we tell: {told}": own_event(told, HUB_ACCOUNT) for told in TOLD if told not in HEARD},
    **{f"we told once: {t}": own_event(t, HUB_ACCOUNT) | {"replay-name": "look-again"} for t in HEARD},
    "a sweep asked for by another account": own_event("Sweep Requested", CONSUMER_ACCOUNT),
    "another account tells in our name": own_event("Connection Accepted", CONSUMER_ACCOUNT),
    "a sweep asked for in another name": own_event("Sweep Requested", HUB_ACCOUNT, source="drawbridge.test"),
}


@pytest.mark.parametrize("case", AWAKENING)
def test_publish_alarms_wakes_when(case):
    assert times_woken(hub(), AWAKENING[case]) == 1


@pytest.mark.parametrize("case", IDLE)
def test_publish_alarms_sleeps_through(case):
    assert times_woken(hub(), IDLE[case]) == 0


FROM_EVERYWHERE = {case: happened for case, happened in AWAKENING.items() if happened["source"].startswith("aws.")}
OF_PROVIDERS = {case for case in FROM_EVERYWHERE if case.startswith("balancers: ")}


@pytest.mark.parametrize("case", FROM_EVERYWHERE)
def test_a_provider_forwards_what_wakes_the_function_once_and_so_does_the_hub(case):
    member = Rendering(MEMBER, MEMBER_PARAMETERS, account=PROVIDER_ACCOUNT)
    assert len(takes(member, None, FROM_EVERYWHERE[case])) == len(takes(hub(), None, FROM_EVERYWHERE[case])) == 1


@pytest.mark.parametrize("case", FROM_EVERYWHERE)
def test_a_consumer_forwards_all_but_calls_on_load_balancers(case):
    parameters = MEMBER_PARAMETERS | {"ProviderRole": "no", "ConsumerRole": "yes"}
    member = Rendering(MEMBER, parameters, account=CONSUMER_ACCOUNT)
    assert len(takes(member, None, FROM_EVERYWHERE[case])) == (case not in OF_PROVIDERS)


def test_hub_and_members_forward_the_same_calls_on_load_balancers_that_the_function_is_woken_by():
    forwarded = "Resources/ForwardBalancerCalls/Properties/EventPattern"
    assert at(HUB, forwarded) == at(MEMBER, forwarded) == at(HUB, BALANCERS)


BY_OTHERS = "detail/$or/1/userIdentity"
# One defect for each part of a pattern, and the case that tells it.
DEFECTS = {
    "one call is missing": (without(HUB, f"{CALLS}/detail/$or/0/eventName/0"), "an endpoint is created"),
    "one call too many": (
        altered(HUB, f"{CALLS}/detail/$or/0/eventName/0", "CreateVpc"),
        "a VPC is created",
    ),
    "failed calls are let through": (without(HUB, f"{CALLS}/detail/errorCode"), "a refused call"),
    "own calls are let through": (without(HUB, f"{CALLS}/{BY_OTHERS}"), "drawbridge-member changes an endpoint"),
    "users are forgotten": (
        altered(
            HUB,
            f"{CALLS}/{BY_OTHERS}/sessionContext/sessionIssuer/userName",
            [{"anything-but": {"prefix": "drawbridge-"}}],
        ),
        "an IAM user changes an endpoint",
    ),
    "any service's calls": (without(HUB, f"{CALLS}/detail/eventSource"), "another service has a call of the same name"),
    "any source": (without(HUB, f"{CALLS}/source"), "a forged source"),
    "any kind of record": (without(HUB, f"{CALLS}/detail-type"), "a service event"),
    "load balancers of any kind": (
        without(HUB, f"{BALANCERS}/detail/apiVersion"),
        "a classic load balancer is deleted",
    ),
    "load balancers of another kind": (
        altered(HUB, f"{BALANCERS}/detail/apiVersion", ["2012-06-01"]),
        "balancers: SetSubnets",
    ),
    "all calls on load balancers": (without(HUB, f"{BALANCERS}/detail/eventName"), "a rule of a listener is created"),
    "failed calls on load balancers": (
        without(HUB, f"{BALANCERS}/detail/errorCode"),
        "a listener that was not deleted",
    ),
    "listeners of any service": (without(HUB, f"{BALANCERS}/detail/eventSource"), "another service deletes a listener"),
    "load balancers of any source": (without(HUB, f"{BALANCERS}/source"), "a forged source of load balancers"),
    "records of any kind on load balancers": (
        without(HUB, f"{BALANCERS}/detail-type"),
        "a service event of load balancers",
    ),
    "any resource's tags": (without(HUB, f"{TAGS}/detail/resource-type"), "a tag of a VPC is changed"),
    "tags of any service": (without(HUB, f"{TAGS}/detail/service"), "a tag of another service's endpoint is changed"),
    "tags of any source": (without(HUB, f"{TAGS}/source"), "forged tags"),
    "whatever is told of tags": (without(HUB, f"{TAGS}/detail-type"), "a tag policy is invalid"),
    "tags of endpoints are forgotten": (
        without(HUB, f"{TAGS}/detail/resource-type/1"),
        "a tag of an endpoint is changed",
    ),
    "anyone's requests": (without(HUB, f"{REQUESTS}/account"), "another account tells in our name"),
    "replays are acted upon": (without(HUB, f"{REQUESTS}/replay-name"), "we told once: Connection Revoked"),
    "everything we tell": (without(HUB, f"{REQUESTS}/detail-type"), "we tell: Connection Held"),
    "requests of a like source": (
        altered(HUB, f"{REQUESTS}/source", [{"prefix": "drawbridge"}]),
        "a sweep asked for in another name",
    ),
    "sweeps are forgotten": (without(HUB, f"{REQUESTS}/detail-type/0"), "a sweep is requested"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_pattern_of_alarms_that_is_wrong_is_told(defect):
    template, case = DEFECTS[defect]
    assert bool(times_woken(hub(template), (AWAKENING | IDLE)[case])) is (case in IDLE)


def test_the_version_of_the_api_is_that_of_network_load_balancers():
    balancing_api = botocore.session.get_session().get_service_model("elbv2").api_version
    assert at(HUB, f"{BALANCERS}/detail/apiVersion") == [balancing_api]


@pytest.mark.parametrize("pattern", [CALLS, BALANCERS, TAGS, REQUESTS])
def test_every_pattern_of_alarms_is_within_eventbridge_s_limit(pattern):
    assert len(as_json(at(HUB, pattern))) <= LIMIT
