"""What the tests of alarms make, wait for and count."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deployment import target_groups
from deployment.alarms import Alarms, dimensions, queries
from deployment.developer import Developer
from deployment.drawbridge import ALARMS_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import EndpointService

from ..function_calls import MEMBER_ROLE, function_calls, writing
from . import rules

CATALOGUE = Path(__file__).resolve().parents[2] / "cases" / "cloudwatch-metrics.json"


@dataclass(frozen=True)
class Behind:
    """What is behind a service: its load balancer, a listener and the target group of that; each as an ARN."""

    load_balancer: str
    listener: str
    target_group: str

    @property
    def balancer_name(self) -> str:
        """The load balancer as CloudWatch has it in a dimension."""
        return self.load_balancer.partition(":loadbalancer/")[2]

    @property
    def group_name(self) -> str:
        """The target group as CloudWatch has it in a dimension."""
        return self.target_group.rpartition(":")[2]

    @property
    def alarms(self) -> set[str]:
        """The alarms of a service that has this, but for those over others."""
        balancer, group = self.balancer_name.removeprefix("net/"), self.group_name.removeprefix("targetgroup/")
        of_balancer = {f"{profile}/{balancer}" for profile in rules.OF_BALANCER}
        of_zones = {f"healthy-targets/{group}/{zone}" for zone in rules.ZONES}
        return rules.OF_SERVICE | of_balancer | of_zones | {f"unhealthy-targets/{group}", f"no-targets/{group}"}

    def healthy(self, zone: str) -> str:
        """The alarm of healthy targets in a zone."""
        return f"healthy-targets/{self.group_name.removeprefix('targetgroup/')}/{zone}"


def put_behind(drawbridge: Drawbridge, service: EndpointService, port: int = 443) -> Behind:
    """Put a listener with a target group at a service's load balancer."""
    name = f"{service.id.removeprefix('vpce-svc-')}-{port}"
    made = target_groups.put_behind(drawbridge.aws, service, drawbridge.sample.networks[service.account], name, port)
    return Behind(service.load_balancer_arn, made.listener, made.arn)


def delete_service(drawbridge: Drawbridge, service: EndpointService) -> None:
    """Have a provider delete a service, if it is there, after rejecting who is connected: EC2 keeps it until then."""
    ec2 = drawbridge.aws.client("ec2", service.account)
    drawbridge.settle()
    if service in drawbridge.sample.services.values():
        connected = [
            endpoint
            for endpoint, connection in drawbridge.connections(service).items()
            if connection["VpcEndpointState"] in ("available", "pendingAcceptance")
        ]
        if connected:
            ec2.reject_vpc_endpoint_connections(ServiceId=service.id, VpcEndpointIds=connected)
        answer = ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service.id])
        assert answer["Unsuccessful"] == []
        name = next(name for name, known in drawbridge.sample.services.items() if known == service)
        del drawbridge.sample.services[name]
    drawbridge.settle()


def connect(drawbridge: Drawbridge, somebody: Developer, service: EndpointService, **tags: str) -> str:
    """An endpoint that has asked for alarms, and is connected; `tags` are more of it, without `drawbridge:`."""
    wanted = {f"drawbridge_{key}": value for key, value in (rules.OPT_IN | tags).items()}
    endpoint = somebody.create_endpoint(service, **wanted)
    drawbridge.await_state(somebody.account, endpoint, "available")
    return endpoint


def await_alarms(
    drawbridge: Drawbridge, look: Callable[[], dict[str, dict[str, Any]]], wanted: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Wait until there are these alarms and no other, and nothing is left to do; the alarms."""
    names = set(wanted)
    what = f"the alarms are {sorted(names) or 'gone'}"
    wait_until(what, lambda: look().keys() == names, explain=lambda: f"{sorted(look())} {drawbridge.explain()}")
    drawbridge.settle()
    found = look()
    assert found.keys() == names
    return found


def await_alarms_of_endpoint(
    drawbridge: Drawbridge, alarms: Alarms, endpoint: str, wanted: Iterable[str] = rules.OF_ENDPOINT
) -> dict[str, dict[str, Any]]:
    """Wait until an endpoint has its alarms; those."""
    return await_alarms(drawbridge, lambda: alarms.of_endpoint(endpoint), wanted)


def await_alarms_of_service(
    drawbridge: Drawbridge, alarms: Alarms, service: EndpointService, wanted: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Wait until a service has its alarms; those."""
    return await_alarms(drawbridge, lambda: alarms.of_service(service.id), wanted)


def await_held(drawbridge: Drawbridge, since: int, resource: str, **fields: Any) -> dict[str, Any]:
    """Wait until publish-alarms tells that it leaves something as it is."""

    def look() -> list[dict[str, Any]]:
        held = drawbridge.publish_alarms.log.decisions(since, decision="hold", **fields)
        return [line for line in held if resource in str(line)]

    return wait_until(f"{resource} is held with {fields}", look, explain=drawbridge.explain)[0]


def await_failure(drawbridge: Drawbridge, since: int, *texts: str) -> dict[str, Any]:
    """Wait until publish-alarms tells of a failure in a line that has all these texts."""

    def look() -> list[dict[str, Any]]:
        said = [line for line in drawbridge.publish_alarms.log.said(since) if line["level"] != "INFO"]
        return [line for line in said if all(text in str(line) for text in texts)]

    return wait_until(f"a failure with {texts} is told", look, explain=drawbridge.explain)[0]


def calls_of(drawbridge: Drawbridge, after: int) -> list[dict[str, Any]]:
    """The calls of CloudWatch that publish-alarms made after that number, in whichever account."""
    calls = [call for role in (ALARMS_ROLE, MEMBER_ROLE) for call in function_calls(drawbridge, after, role)]
    return [call for call in calls if call["service"] == "cloudwatch"]


def written(drawbridge: Drawbridge, after: int) -> list[str]:
    """The operations among them that change something."""
    return [call["operation"] for call in writing(calls_of(drawbridge, after))]


def sweep(drawbridge: Drawbridge) -> None:
    """Let the schedule's time come, and all that comes of it."""
    drawbridge.sweep()
    drawbridge.settle()


def tag_by_hand(drawbridge: Drawbridge, resource: str, account: str, **tags: str) -> None:
    """Have somebody tag what belongs to their account (`alarms` is drawbridge:alarms, `alarm:idle` drawbridge:alarm:idle)."""
    pairs = [{"Key": f"drawbridge:{key}", "Value": value} for key, value in tags.items()]
    drawbridge.aws.client("ec2", account).create_tags(Resources=[resource], Tags=pairs)


def accepted_long_ago(drawbridge: Drawbridge, service: EndpointService, endpoint: str) -> None:
    """Have a connection be one that was accepted before yesterday."""
    connection = drawbridge.connections(service)[endpoint]["VpcEndpointConnectionId"]
    at = datetime.now(UTC) - timedelta(days=2)
    tag_by_hand(drawbridge, connection, service.account, **{"accepted-at": f"{at:%Y-%m-%dT%H:%M:%SZ}"})


def untag_by_hand(drawbridge: Drawbridge, resource: str, account: str, *keys: str) -> None:
    """Have somebody take such tags away."""
    tags = [{"Key": f"drawbridge:{key}"} for key in keys]
    drawbridge.aws.client("ec2", account).delete_tags(Resources=[resource], Tags=tags)


def sets_of_dimensions(namespace: str, metric: str) -> list[list[str]]:
    """The sets of dimensions that AWS publishes a metric with, by the catalogue."""
    entries = json.loads(CATALOGUE.read_text())
    return next(
        sorted(map(sorted, entry["dimensions"]))
        for entry in entries
        if (entry["namespace"], entry["metric"]) == (namespace, metric)
    )


def assert_in_catalogue(alarm: dict[str, Any]) -> None:
    """What the alarm watches is what AWS publishes, with exactly these dimensions."""
    for metric in queries(alarm):
        known = sets_of_dimensions(metric["Namespace"], metric["MetricName"])
        assert sorted(dimensions(metric)) in known, alarm["AlarmName"]
