"""The operations on stack sets, and what an account's coming or going makes of them.

CloudFormation API Reference: CreateStackSet, UpdateStackSet, CreateStackInstances and the like; User Guide, "Enable or disable
automatic deployments for StackSets". Service-managed ones alone, called by the management account, with units as targets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.organizations.models import OrganizationsBackend, organizations_backends

from ...api_call import ApiCall, AwsError
from ...identity.membership import management_of
from ...permissions import PARTITION
from ..caller import Clients
from ..parameters import text_of
from ..stacks import Stacks
from ..template import Template, validation_error
from . import units
from .model import Instance, Operation, Place, StackSet
from .runner import Runner

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from ...server import Emulator, Proceed

NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
# Calls of Organizations after which an account may be somewhere else.
MOVING = frozenset(
    {"AcceptHandshake", "CreateAccount", "LeaveOrganization", "MoveAccount", "RemoveAccountFromOrganization"}
)
RESET_SECONDS = 60.0
KEPT = ("Description", "AutoDeployment", "ManagedExecution", "Capabilities", "Tags")


class StackSets:
    """All stack sets."""

    def __init__(self, app: Emulator, stacks: Stacks, clients: Clients) -> None:
        self._stacks = stacks
        self._runner = Runner(app, stacks, clients)
        self._stack_sets: list[StackSet] = []
        app.around(self._watch)

    # Finding.

    def of(self, call: ApiCall) -> list[StackSet]:
        """Those of the caller's account and Region."""
        _demand_administrator(call)
        return [one for one in self._stack_sets if (one.account, one.region) == (call.account, call.region)]

    def demand(self, call: ApiCall) -> StackSet:
        """The one that a call names."""
        name = call.parameter("StackSetName")
        found = next((one for one in self.of(call) if name in (one.name, one.id)), None)
        if found is None:
            raise AwsError("StackSetNotFoundException", f"StackSet {name} not found", 404)
        return found

    # Operations.

    def create(self, call: ApiCall) -> dict[str, Any]:
        """CreateStackSet."""
        name = call.parameter("StackSetName")
        if call.parameter("PermissionModel") != "SERVICE_MANAGED":
            raise AwsError("NotImplemented", "the emulator has service-managed stack sets alone", 501)
        if not NAME.fullmatch(name):
            raise validation_error(f"Value '{name}' at 'stackSetName' failed to satisfy constraint: {NAME.pattern}")
        _demand_access(_backend(call))
        if any(one.name == name for one in self.of(call)):
            raise AwsError("NameAlreadyExistsException", f"StackSet {name} already exists", 409)
        if "AutoDeployment" not in call.parameters:
            raise validation_error("AutoDeployment is required for SERVICE_MANAGED stack sets")
        template = self._stacks.template_of(call)
        settings = {"Capabilities": [], "Tags": [], **_kept(call)}
        self._stacks.check_template(template, settings["Capabilities"])
        parameters = _parameters(template, call.parameter("Parameters", []), {})
        stack_set = StackSet(call.account, call.region, name, template, parameters, settings)
        self._stack_sets.append(stack_set)
        return {"StackSetId": stack_set.id}

    def update(self, call: ApiCall) -> dict[str, Any]:
        """UpdateStackSet: of all instances."""
        stack_set = self.demand(call)
        template = stack_set.template if call.parameter("UsePreviousTemplate") else self._stacks.template_of(call)
        settings = stack_set.settings | _kept(call)
        self._stacks.check_template(template, settings["Capabilities"])
        parameters = _parameters(template, call.parameter("Parameters", []), stack_set.parameters)

        def choose() -> dict[Place, Instance]:
            stack_set.template, stack_set.parameters, stack_set.settings = template, parameters, settings
            return dict(stack_set.instances)

        return {"OperationId": self._runner.start(stack_set, _operation(call, "UPDATE"), choose)}

    def delete(self, call: ApiCall) -> dict[str, Any]:
        """DeleteStackSet: an empty one."""
        stack_set = self.demand(call)
        if stack_set.instances:
            raise AwsError("StackSetNotEmptyException", "StackSet is not empty", 409)
        self._stack_sets.remove(stack_set)
        return {}

    def create_instances(self, call: ApiCall) -> dict[str, Any]:
        """CreateStackInstances: for the accounts of units, now and later."""
        stack_set, targets = self.demand(call), _targets(call)
        backend = _backend(call)
        units.check(backend, {unit for unit, _ in targets})
        given = call.parameter("ParameterOverrides", [])
        overrides = {item["ParameterKey"]: item["ParameterValue"] for item in given}

        def choose() -> dict[Place, Instance]:
            stack_set.targets |= {target: overrides for target in targets}
            return self._missing(backend, stack_set, targets)

        return {"OperationId": self._runner.start(stack_set, _operation(call, "CREATE"), choose)}

    def delete_instances(self, call: ApiCall) -> dict[str, Any]:
        """DeleteStackInstances."""
        stack_set, targets = self.demand(call), _targets(call)
        keep = bool(call.parameter("RetainStacks"))

        def choose() -> dict[Place, Instance]:
            for target in targets:
                stack_set.targets.pop(target, None)
            return _unwanted(_backend(call), stack_set)

        return {"OperationId": self._runner.start(stack_set, _operation(call, "DELETE"), choose, keep)}

    def activate(self, call: ApiCall) -> dict[str, Any]:
        """ActivateOrganizationsAccess."""
        _demand_administrator(call)
        _backend(call).enable_aws_service_access(ServicePrincipal=units.SERVICE)
        return {}

    def access(self, call: ApiCall) -> dict[str, Any]:
        """DescribeOrganizationsAccess."""
        _demand_administrator(call)
        return {"Status": "ENABLED" if _has_access(_backend(call)) else "DISABLED"}

    def reset(self) -> None:
        """Forget them all."""
        self._runner.join(RESET_SECONDS)
        self._stack_sets.clear()

    # Accounts that come and go.

    def _watch(self, call: ApiCall, proceed: Proceed) -> Response:
        response = proceed(call)
        if call.service == "organizations" and call.operation in MOVING and response.status_code < 400:
            for stack_set in self._stack_sets:
                if stack_set.automatic:
                    self._follow(stack_set)
        return response

    def _follow(self, stack_set: StackSet) -> None:
        """Bring the stack set to the accounts that have come, and take it from those that have gone."""
        backend = organizations_backends[stack_set.account][PARTITION]
        # Preferences are those of people's operations.
        if self._missing(backend, stack_set, stack_set.targets, look=True):
            self._runner.start(
                stack_set, Operation("CREATE"), lambda: self._missing(backend, stack_set, stack_set.targets)
            )
        if _unwanted(backend, stack_set):
            self._runner.start(stack_set, Operation("DELETE"), lambda: _unwanted(backend, stack_set), stack_set.retains)

    @staticmethod
    def _missing(
        backend: OrganizationsBackend, stack_set: StackSet, targets: Any, look: bool = False
    ) -> dict[Place, Instance]:
        """Instances of the targets that aren't there yet; they are from then on, unless it is but a look."""
        found = {}
        for place, unit in units.wanted(backend, stack_set).items():
            if (unit, place[1]) in targets and place not in stack_set.instances:
                found[place] = Instance(*place, unit, stack_set.targets[unit, place[1]])
        if not look:
            stack_set.instances |= found
        return found


def _unwanted(backend: OrganizationsBackend, stack_set: StackSet) -> dict[Place, Instance]:
    wanted = units.wanted(backend, stack_set)
    return {place: instance for place, instance in stack_set.instances.items() if place not in wanted}


def _demand_administrator(call: ApiCall) -> None:
    if call.parameter("CallAs", "SELF") != "SELF":
        raise AwsError("NotImplemented", "the emulator has no delegated administrators of stack sets", 501)
    if management_of(call.account) != call.account:
        raise validation_error("You must be the management account or delegated admin account of an organization")


def _backend(call: ApiCall) -> OrganizationsBackend:
    return organizations_backends[call.account][PARTITION]


def _has_access(backend: OrganizationsBackend) -> bool:
    return any(service["ServicePrincipal"] == units.SERVICE for service in backend.services)


def _demand_access(backend: OrganizationsBackend) -> None:
    if not _has_access(backend):
        raise validation_error("You must enable organizations access to operate a service managed stack set")


def _operation(call: ApiCall, action: str) -> Operation:
    return Operation(action, call.parameter("OperationPreferences", {}))


def _kept(call: ApiCall) -> dict[str, Any]:
    return {name: call.parameters[name] for name in KEPT if name in call.parameters}


def _targets(call: ApiCall) -> list[tuple[str, str]]:
    targets = call.parameter("DeploymentTargets", {})
    if set(targets) != {"OrganizationalUnitIds"} or not targets["OrganizationalUnitIds"]:
        raise AwsError("NotImplemented", "the emulator's stack sets have organizational units as targets alone", 501)
    return [(unit, region) for unit in targets["OrganizationalUnitIds"] for region in call.parameter("Regions", [])]


def _parameters(template: Template, given: list[dict[str, Any]], before: dict[str, str]) -> dict[str, str]:
    declared = template.parameters
    unknown = [item["ParameterKey"] for item in given if item["ParameterKey"] not in declared]
    if unknown:
        raise validation_error(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    values = {name: text_of(shown["Default"]) for name, shown in declared.items() if "Default" in shown}
    for item in given:
        name = item["ParameterKey"]
        values[name] = before[name] if item.get("UsePreviousValue") else item["ParameterValue"]
    missing = [name for name in declared if name not in values]
    if missing:
        raise validation_error(f"Parameters: [{', '.join(missing)}] must have values")
    return values
