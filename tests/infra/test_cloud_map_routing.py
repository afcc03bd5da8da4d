"""What wakes sync-cloud-map: what can change which endpoints are found, or which targets follow, and nothing else."""

import json

import pytest

from infra.event_pattern import Event
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MEMBER_PARAMETERS,
    PROVIDER_ACCOUNT,
    Rendering,
)
from infra.routing import by_role, event, own_event, takes, wakes
from infra.template import REPOSITORY, Template, altered, at, read, without

HUB, MEMBER = read("hub.yaml"), read("member.yaml")
CHANGES, TASKS, TAGS, CALLS = (
    f"Resources/CloudMap{name}/Properties/EventPattern" for name in ("Changes", "Tasks", "TagChanges", "Calls")
)
HEARD = ("Connection Accepted", "Connection Rejected", "Connection Revoked")


def hub(template: Template = HUB) -> Rendering:
    return Rendering(template, HUB_PARAMETERS)


def case(name: str, **detail: object) -> Event:
    """A message of the parser's cases, some of whose detail is otherwise."""
    text = (REPOSITORY / "tests" / "cases" / "event" / f"{name}.json").read_text(encoding="utf-8")
    message = json.loads(text)["message"]
    return message | {"detail": message["detail"] | detail}


def times_woken(rendering: Rendering, happened: Event) -> int:
    return wakes(rendering, happened).count("sync-cloud-map")


def balancing(name: str, **changes: object) -> Event:
    return event("create_load_balancer", detail__eventName=name, **changes)


AWAKENING = {
    "an endpoint is created": event("create_endpoint"),
    "an endpoint is changed": event("modify_endpoint"),
    "endpoints are deleted": event("delete_endpoints"),
    "a load balancer gets another zone": balancing("SetSubnets"),
    "an instance is registered": case("cloud_map_instance_registered"),
    "an instance is deregistered": case("cloud_map_instance_deregistered"),
    "an instance is said to be ill": case(
        "cloud_map_instance_registered", eventName="UpdateInstanceCustomHealthStatus"
    ),
    "a service of Cloud Map is deleted": case("cloud_map_instance_registered", eventName="DeleteService"),
    "a task runs": case("task_runs"),
    "a task has stopped": case("task_stopped"),
    "a tag of an endpoint is changed": event("tag_change_of_endpoint"),
    "a tag of a target group is changed": case("tag_change_of_a_target_group"),
    "a sweep is requested": own_event("Sweep Requested", HUB_ACCOUNT),
    **{f"we tell: {told}": own_event(told, HUB_ACCOUNT) for told in HEARD},
}
IDLE = {
    "a refused call": event("create_endpoint_unauthorized"),
    "we change an endpoint": by_role("modify_endpoint", "drawbridge-member"),
    "we register an instance": case("cloud_map_instance_registered_by_us"),
    "an instance that was not registered": case("cloud_map_instance_registered", errorCode="InvalidInput"),
    "a namespace is listed": case("cloud_map_instance_registered", eventName="ListNamespaces"),
    "another service registers an instance": case("cloud_map_instance_registered", eventSource="x.amazonaws.com"),
    "a forged source of Cloud Map": case("cloud_map_instance_registered") | {"source": "my.servicediscovery"},
    "a task is on its way": case("task_is_on_its_way"),
    "a task that is run by hand": case("task_runs", group="family:orders"),
    "a forged task": case("task_runs") | {"source": "my.ecs"},
    "a load balancer is deleted": balancing("DeleteLoadBalancer"),
    "a tag of a VPC is changed": event("tag_change_of_endpoint", **{"detail__resource-type": "vpc"}),
    "a tag of a load balancer is changed": case("tag_change_of_a_target_group", **{"resource-type": "loadbalancer"}),
    "a service is changed": event("modify_service"),
    "a connection is accepted by hand": event("accept_connections"),
    "a review is requested": own_event("Review Requested", HUB_ACCOUNT),
    "we told once": own_event("Connection Accepted", HUB_ACCOUNT) | {"replay-name": "look-again"},
    "a sweep asked for by another account": own_event("Sweep Requested", CONSUMER_ACCOUNT),
}


@pytest.mark.parametrize("happened", AWAKENING)
def test_sync_cloud_map_wakes_when(happened):
    assert times_woken(hub(), AWAKENING[happened]) == 1


@pytest.mark.parametrize("happened", IDLE)
def test_sync_cloud_map_sleeps_through(happened):
    assert times_woken(hub(), IDLE[happened]) == 0


FROM_EVERYWHERE = {name: happened for name, happened in AWAKENING.items() if happened["source"].startswith("aws.")}


@pytest.mark.parametrize("happened", FROM_EVERYWHERE)
def test_a_provider_forwards_what_wakes_the_function_once_and_so_does_the_hub(happened):
    member = Rendering(MEMBER, MEMBER_PARAMETERS, account=PROVIDER_ACCOUNT)
    message = FROM_EVERYWHERE[happened]
    assert len(takes(member, None, message)) == len(takes(hub(), None, message)) == 1


def test_hub_and_members_forward_the_same_of_cloud_map_that_the_function_is_woken_by():
    forwarded = "Resources/ForwardCloudMap/Properties/EventPattern"
    assert at(HUB, forwarded) == at(MEMBER, forwarded)
    of_groups = at(HUB, f"{TAGS}/detail/$or/1")
    tags = {"source": ["aws.tag"], "detail-type": ["Tag Change on Resource"], "detail": of_groups}
    assert at(HUB, forwarded)["$or"] == [at(HUB, CHANGES), at(HUB, TASKS), tags]


DEFECTS = {
    "one call is missing": (without(HUB, f"{CHANGES}/detail/eventName/0"), "an instance is registered"),
    "own calls are let through": (without(HUB, f"{CHANGES}/detail/userIdentity"), "we register an instance"),
    "failed calls are let through": (
        without(HUB, f"{CHANGES}/detail/errorCode"),
        "an instance that was not registered",
    ),
    "all calls": (without(HUB, f"{CHANGES}/detail/eventName"), "a namespace is listed"),
    "calls of any service": (without(HUB, f"{CHANGES}/detail/eventSource"), "another service registers an instance"),
    "any source": (without(HUB, f"{CHANGES}/source"), "a forged source of Cloud Map"),
    "tasks in any state": (without(HUB, f"{TASKS}/detail/lastStatus"), "a task is on its way"),
    "tasks of any kind": (without(HUB, f"{TASKS}/detail/group"), "a task that is run by hand"),
    "tasks of any source": (without(HUB, f"{TASKS}/source"), "a forged task"),
    "tags of anything": (without(HUB, f"{TAGS}/detail/$or/1/resource-type"), "a tag of a load balancer is changed"),
    "own changes of endpoints": (without(HUB, f"{CALLS}/detail/$or/1/userIdentity"), "we change an endpoint"),
    "another tag": (altered(HUB, f"{TAGS}/detail/$or/1/service", ["ec2"]), "a tag of a target group is changed"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_a_rule_is_told(defect):
    template, happened = DEFECTS[defect]
    assert times_woken(hub(template), (AWAKENING | IDLE)[happened]) != (happened in AWAKENING)
