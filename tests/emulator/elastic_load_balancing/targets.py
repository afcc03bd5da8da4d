"""Targets of target groups of type `ip`: a target answers some time after it was registered, and drains when it is deregistered.

moto keeps one port for an address, and forgets a target at once. States, reasons and refusals are those of the API Reference
(RegisterTargets, DeregisterTargets, DescribeTargetHealth) and of the user guide for Network Load Balancers, "Target type". How long
the checks last is a setting; the time to drain is the group's attribute on AWS, and a setting here. Groups of other types are moto's.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.ec2 import ec2_backends
from moto.elbv2.models import FakeTargetGroup, elbv2_backends

from ..api_call import ApiCall, AwsError
from ..control_api import ControlError, ControlRequest
from .tags import SERVICE

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

# Addresses outside the VPC that a target may have.
PRIVATE = [ipaddress.ip_network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")]
EVERY_ZONE = "all"
REASONS = {
    "initial": ("Elb.RegistrationInProgress", "Target registration is in progress"),
    "draining": ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
    "unused": ("Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"),
}
NOT_REGISTERED = ("Target.NotRegistered", "Target is not registered to the target group")
CHECKED = ("healthy", "unhealthy")


@dataclass
class Target:
    """A registered target."""

    state: str
    changed: float
    zone: str | None = None


Key = tuple[str, int]


class Targets:
    """The targets of all groups, by the ARN of the group."""

    def __init__(self, app: Emulator) -> None:
        self._settings = app.settings
        self._groups: dict[str, dict[Key, Target]] = {}
        self._judged: dict[tuple[str, Key], str] = {}

    def clear(self) -> None:
        """Forget all."""
        self._groups.clear()
        self._judged.clear()

    def register(self, call: ApiCall) -> dict[str, Any] | Any:
        """RegisterTargets: all of them, or none."""
        group = _group(call)
        if group.target_type != "ip":
            return call.forward()
        wanted = {_key(group, target): _checked(call, group, target) for target in call.parameter("Targets", [])}
        present = self._settled(group)
        limit = self._settings["targets_per_group"]
        if len(present.keys() | wanted.keys()) > limit:
            raise AwsError("TooManyTargets", f"The maximum number of targets has been reached: {limit}")
        for key, zone in wanted.items():
            if key not in present or present[key].state == "draining":
                present[key] = Target("initial", time.monotonic(), zone)
        return {}

    def deregister(self, call: ApiCall) -> dict[str, Any] | Any:
        """DeregisterTargets. One that isn't registered is no error (API Reference)."""
        group = _group(call)
        if group.target_type != "ip":
            return call.forward()
        present = self._settled(group)
        for target in call.parameter("Targets", []):
            found = present.get(_key(group, target))
            if found and found.state != "draining":
                found.state, found.changed = "draining", time.monotonic()
        return {}

    def health(self, call: ApiCall) -> dict[str, Any] | Any:
        """DescribeTargetHealth."""
        group = _group(call)
        if group.target_type != "ip":
            return call.forward()
        present = self._settled(group)
        asked = [_key(group, target) for target in call.parameter("Targets", [])] or sorted(present)
        return {"TargetHealthDescriptions": [self._described(group, key, present.get(key)) for key in asked]}

    def judge(self, request: ControlRequest) -> None:
        """`POST target-health {target_group, id, port, state}`: what the checks of a target say from now on."""
        fields = request.fields("target_group", "id", "port", "state")
        try:
            arn, key, state = fields["target_group"], (fields["id"], fields["port"]), fields["state"]
        except KeyError as missing:
            raise ControlError(f"missing member {missing}") from None
        if state not in CHECKED:
            raise ControlError(f"the state must be one of {CHECKED}")
        if key not in self._groups.get(arn, {}):
            raise ControlError(f"{key} is no target of {arn}", 404)
        self._judged[arn, key] = state

    def _settled(self, group: FakeTargetGroup) -> dict[Key, Target]:
        """The targets of a group as they are by now."""
        present, now = self._groups.setdefault(group.arn, {}), time.monotonic()
        for key, target in list(present.items()):
            age = (now - target.changed) * 1000
            if target.state == "draining" and age >= self._settings["target_draining_ms"]:
                del present[key]
                self._judged.pop((group.arn, key), None)
            elif target.state == "initial" and age >= self._settings["target_initial_ms"]:
                target.state = "healthy"
            if target.state in CHECKED:
                target.state = self._judged.get((group.arn, key), target.state)
        return present

    def _described(self, group: FakeTargetGroup, key: Key, target: Target | None) -> dict[str, Any]:
        shown: dict[str, Any] = {"Id": key[0], "Port": key[1]}
        if target and target.zone:
            shown["AvailabilityZone"] = target.zone
        if target is None:
            state, reason = "unused", NOT_REGISTERED
        else:
            state = target.state if group.load_balancer_arns or target.state == "draining" else "unused"
            reason = REASONS.get(state, ("Target.FailedHealthChecks", "Health checks failed"))
        health = {"State": state}
        if state != "healthy":
            health |= {"Reason": reason[0], "Description": reason[1]}
        return {"Target": shown, "HealthCheckPort": str(key[1]), "TargetHealth": health}


def _group(call: ApiCall) -> FakeTargetGroup:
    arn = call.parameter("TargetGroupArn")
    group = elbv2_backends[call.account][call.region].target_groups.get(arn)
    if group is None:
        raise AwsError("TargetGroupNotFound", f"Target groups '{arn}' not found")
    return group


def _key(group: FakeTargetGroup, target: dict[str, Any]) -> Key:
    return target["Id"], int(target.get("Port") or group.port)


def _checked(call: ApiCall, group: FakeTargetGroup, target: dict[str, Any]) -> str | None:
    """The zone that is told of a target, which must be one that the group can have."""
    address, zone = target["Id"], target.get("AvailabilityZone")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        raise AwsError("ValidationError", f"The IP address '{address}' is not a valid IP address") from None
    vpc = ec2_backends[call.account][call.region].vpcs.get(group.vpc_id)
    blocks = (
        [ipaddress.ip_network(found["cidr_block"]) for found in vpc.get_cidr_block_association_set()] if vpc else []
    )
    if any(parsed in block for block in blocks):
        if zone == EVERY_ZONE:
            raise AwsError(
                "InvalidTarget", f"You cannot specify an availability zone for '{address}', which is in the VPC"
            )
        return zone
    if not any(parsed in block for block in PRIVATE if block.version == parsed.version):
        raise AwsError("InvalidTarget", f"The IP address '{address}' is not within a valid range of the target group")
    if zone != EVERY_ZONE:
        raise AwsError("InvalidTarget", f"The Availability Zone must be '{EVERY_ZONE}' for '{address}'")
    return zone


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer the operations, and the control route."""
    targets = Targets(app)
    app.on_reset(targets.clear)

    def define(name: str, default: int, explanation: str) -> None:
        app.settings.define(name, default, lambda value: isinstance(value, int) and value >= 0, explanation)

    define("target_initial_ms", 200, "milliseconds for which a target is checked before it answers")
    define("target_draining_ms", 500, "milliseconds for which a target drains")
    define("targets_per_group", 1000, "targets of a group at the most")
    hooks.operation(SERVICE, "RegisterTargets", targets.register)
    hooks.operation(SERVICE, "DeregisterTargets", targets.deregister)
    hooks.operation(SERVICE, "DescribeTargetHealth", targets.health)
    app.control("POST", "target-health", targets.judge)
