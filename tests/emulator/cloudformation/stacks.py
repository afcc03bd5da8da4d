"""All stacks, and the operations that make, change and delete them."""

from __future__ import annotations

import re
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlparse

from moto.s3.models import s3_backends

from ..api_call import ApiCall, AwsError
from ..permissions import PARTITION
from .caller import Clients
from .change_sets import NO_CHANGES, ChangeSet, changes_anything, foretell
from .deployment import Deployment
from .parameters import resolve
from .resources import find_type
from .scope import Export, Plan, look_up_parameter
from .stack import Definition, Stack
from .template import LARGEST_BODY, Template, load, validation_error

NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
IAM_TYPES = re.compile(r"AWS::IAM::\w+")
IAM_NAMES = ("RoleName", "ManagedPolicyName", "UserName", "GroupName", "InstanceProfileName")
UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED")
# An operation on a stack goes on in the background; its request waits so long for the end, which spares most callers
# the first pause of their waiter.
ANSWER_SECONDS = 20.0
RESET_SECONDS = 60.0


class Stacks:
    """The stacks of all accounts and Regions."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._stacks: dict[tuple[str, str], list[Stack]] = {}
        self._change_sets: list[ChangeSet] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.RLock()

    # Finding.

    def of(self, call: ApiCall) -> list[Stack]:
        """All stacks of the caller's account and Region, deleted ones included."""
        return self._stacks.setdefault((call.account, call.region), [])

    def find(self, call: ApiCall, name: str) -> Stack | None:
        """A stack by its id, or by its name if it isn't deleted."""
        for stack in self.of(call):
            if name == stack.id or (name == stack.name and stack.status != "DELETE_COMPLETE"):
                return stack
        return None

    def demand(self, call: ApiCall, name: str) -> Stack:
        """The same; raises when there is none."""
        stack = self.find(call, name)
        if stack is None:
            raise validation_error(f"Stack with id {name} does not exist")
        return stack

    def exports(self, account: str, region: str) -> list[dict[str, str]]:
        """The exports of an account and Region."""
        return [
            {"ExportingStackId": stack.id, "Name": output["ExportName"], "Value": output["OutputValue"]}
            for stack in self._stacks.get((account, region), [])
            for output in stack.outputs
            if "ExportName" in output
        ]

    def importers(self, call: ApiCall, export: str) -> list[str]:
        """The names of the stacks that import an export."""
        return [stack.name for stack in self.of(call) if export in stack.imports and stack.deleted_at is None]

    def change_sets_of(self, stack: Stack) -> list[ChangeSet]:
        """The change sets of a stack."""
        return [change_set for change_set in self._change_sets if change_set.stack is stack]

    def demand_change_set(self, call: ApiCall) -> ChangeSet:
        """The change set that a call names, by id, or by its name and that of its stack."""
        name, stack_name = call.parameter("ChangeSetName"), call.parameter("StackName")
        for change_set in self._change_sets:
            stack = change_set.stack
            here = (stack.account, stack.region) == (call.account, call.region)
            if here and (name == change_set.id or (name == change_set.name and stack_name in (stack.name, stack.id))):
                return change_set
        raise AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)

    # Stacks.

    def create(self, call: ApiCall) -> dict[str, Any]:
        """CreateStack."""
        name = call.parameter("StackName")
        _check_name(name)
        with self._lock:
            if self.find(call, name) is not None:
                raise AwsError("AlreadyExistsException", f"Stack [{name}] already exists", 400)
            stack = Stack(call.account, call.region, name, role_arn=call.parameter("RoleARN"))
            definition = self._definition(call, stack)
            self._plan(stack, definition)
            stack.protected = call.parameter("EnableTerminationProtection", False)
            stack.notification_arns = call.parameter("NotificationARNs", [])
            on_failure = "DO_NOTHING" if call.parameter("DisableRollback") else call.parameter("OnFailure", "ROLLBACK")
            stack.rolls_back = on_failure != "DO_NOTHING"
            deployment = self._deployment(call, stack)
            stack.status = "CREATE_IN_PROGRESS"
            self.of(call).append(stack)
        self._run(stack, lambda: deployment.create(definition, on_failure))
        return {"StackId": stack.id}

    def update(self, call: ApiCall) -> dict[str, Any]:
        """UpdateStack."""
        with self._lock:
            stack = self.demand(call, call.parameter("StackName"))
            _demand_updatable(stack)
            definition = self._definition(call, stack)
            plan = self._plan(stack, definition)
            if not changes_anything(stack, definition, plan, foretell(stack, definition, plan)):
                raise validation_error("No updates are to be performed.")
            stack.role_arn = call.parameter("RoleARN") or stack.role_arn
            deployment = self._deployment(call, stack)
            stack.status = "UPDATE_IN_PROGRESS"
        rolls_back = not call.parameter("DisableRollback", False)
        self._run(stack, lambda: deployment.update(definition, rolls_back))
        return {"StackId": stack.id}

    def delete(self, call: ApiCall) -> None:
        """DeleteStack; one that doesn't exist is as good as deleted."""
        with self._lock:
            stack = self.find(call, call.parameter("StackName"))
            if stack is None or stack.status == "DELETE_COMPLETE":
                return
            if stack.protected:
                raise validation_error(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
            if stack.in_progress:
                raise validation_error(f"Stack [{stack.name}] is in {stack.status} state and can not be deleted")
            for name in [output["ExportName"] for output in stack.outputs if "ExportName" in output]:
                users = self.importers(call, name)
                if users:
                    raise validation_error(f"Export {name} cannot be deleted as it is in use by {' and '.join(users)}")
            retained = set(call.parameter("RetainResources", []))
            if retained and stack.status != "DELETE_FAILED":
                message = "is in a state other than DELETE_FAILED: RetainResources can't be specified"
                raise validation_error(f"Stack [{stack.name}] {message}")
            stack.role_arn = call.parameter("RoleARN") or stack.role_arn
            deployment = self._deployment(call, stack)
            stack.status = "DELETE_IN_PROGRESS"
        self._run(stack, lambda: deployment.delete(retained))

    # Change sets.

    def create_change_set(self, call: ApiCall) -> dict[str, Any]:
        """CreateChangeSet, for a new stack (CREATE) or one that is there (UPDATE)."""
        kind, name = call.parameter("ChangeSetType", "UPDATE"), call.parameter("ChangeSetName")
        if kind not in ("CREATE", "UPDATE"):
            raise AwsError("NotImplemented", f"the emulator has no change sets of type {kind}", 501)
        _check_name(name)
        with self._lock:
            stack = self._stack_for_change_set(call, kind)
            if any(change_set.name == name for change_set in self.change_sets_of(stack)):
                raise AwsError("AlreadyExistsException", f"ChangeSet {name} already exists", 400)
            definition = self._definition(call, stack)
            plan = self._plan(stack, definition)
            changes = foretell(stack, definition, plan)
            change_set = ChangeSet(name, kind, stack, definition, changes, call.parameter("RoleARN"))
            change_set.description = call.parameter("Description")
            if kind == "UPDATE" and not changes_anything(stack, definition, plan, changes):
                change_set.fail(NO_CHANGES)
            if stack not in self.of(call):
                stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
                self.of(call).append(stack)
            self._change_sets.append(change_set)
        return {"Id": change_set.id, "StackId": stack.id}

    def execute_change_set(self, call: ApiCall) -> dict[str, Any]:
        """ExecuteChangeSet; the other change sets of the stack go with it."""
        with self._lock:
            change_set = self.demand_change_set(call)
            stack = change_set.stack
            if change_set.execution_status != "AVAILABLE":
                message = (
                    f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{change_set.status}]"
                )
                raise AwsError("InvalidChangeSetStatus", message, 400)
            if change_set.kind == "UPDATE":
                _demand_updatable(stack)
            stack.role_arn = change_set.role_arn or stack.role_arn
            deployment = self._deployment(call, stack)
            change_set.execution_status = "EXECUTE_COMPLETE"
            stack.change_set_id = change_set.id
            others = self.change_sets_of(stack)
            self._change_sets = [known for known in self._change_sets if known is change_set or known not in others]
            stack.status = f"{change_set.kind}_IN_PROGRESS"
        rolls_back = not call.parameter("DisableRollback", False)
        stack.rolls_back = rolls_back
        if change_set.kind == "CREATE":
            on_failure = "ROLLBACK" if rolls_back else "DO_NOTHING"
            self._run(stack, lambda: deployment.create(change_set.definition, on_failure))
        else:
            self._run(stack, lambda: deployment.update(change_set.definition, rolls_back))
        return {}

    def delete_change_set(self, call: ApiCall) -> dict[str, Any]:
        """DeleteChangeSet."""
        change_set = self.demand_change_set(call)
        self._change_sets = [known for known in self._change_sets if known is not change_set]
        return {}

    def reset(self) -> None:
        """Stop what is under way, and forget all stacks."""
        self._clients.reset()
        threads, self._threads = self._threads, []
        for thread in threads:
            thread.join(RESET_SECONDS)
        self._stacks.clear()
        self._change_sets.clear()

    # What they have in common.

    def template_of(self, call: ApiCall) -> Template:
        """The template of a request: its text, or an object of S3."""
        if "Template" in call.parameters:  # a stack set's, which has read it already
            return call.parameters["Template"]
        body, url = call.parameter("TemplateBody"), call.parameter("TemplateURL")
        if bool(body) == bool(url):
            raise validation_error("Either Template URL or Template Body must be specified.")
        if body and len(body.encode()) > LARGEST_BODY:
            raise validation_error(
                "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
                f"Member must have length less than or equal to {LARGEST_BODY}"
            )
        return load(body or _read_object(call.account, url))

    @staticmethod
    def check_template(template: Template, capabilities: list[str]) -> None:
        """Refuse types that aren't there, and roles that nobody has agreed to."""
        _check_types(template)
        _check_capabilities(template, capabilities)

    def _definition(self, call: ApiCall, stack: Stack) -> Definition:
        before = stack.definition
        if call.parameter("UsePreviousTemplate"):
            if before is None:
                raise validation_error("UsePreviousTemplate cannot be used for a stack that is not there yet")
            template = before.template
        else:
            template = self.template_of(call)
        previous = before.parameters if before else {}
        look_up = look_up_parameter(stack.account, stack.region)
        parameters = resolve(template, call.parameter("Parameters", []), previous, look_up)
        given = call.parameters.get("Tags")
        tags = {tag["Key"]: tag["Value"] for tag in given} if given is not None else dict(before.tags if before else {})
        capabilities = call.parameter("Capabilities", [])
        self.check_template(template, capabilities)
        return Definition(template, parameters, tags, capabilities)

    def _plan(self, stack: Stack, definition: Definition) -> Plan:
        plan = Plan(stack, definition, self._export(stack), foretelling=True)
        for logical_id in plan.order:
            plan.properties(logical_id)  # a reference to nothing shows here
        plan.outputs()
        return plan

    def _export(self, stack: Stack) -> Export:
        def export(name: str) -> tuple[str, str] | None:
            for known in self.exports(stack.account, stack.region):
                if known["Name"] == name:
                    return known["ExportingStackId"], known["Value"]
            return None

        return export

    def _deployment(self, call: ApiCall, stack: Stack) -> Deployment:
        access_key = str(call.caller.access_key)
        if stack.role_arn:
            access_key = self._clients.role_access_key(stack.role_arn, stack.id, stack.region)
        return Deployment(stack, self._clients, access_key, self._export(stack), self._clients.epoch)

    def _stack_for_change_set(self, call: ApiCall, kind: str) -> Stack:
        name = call.parameter("StackName")
        stack = self.find(call, name)
        if kind == "CREATE":
            if stack is not None and stack.status != "REVIEW_IN_PROGRESS":
                message = f"Stack [{name}] already exists and cannot be created again with the changeSet [{call.parameter('ChangeSetName')}]"
                raise validation_error(message)
            _check_name(name)
            return stack or Stack(call.account, call.region, name)
        if stack is None:
            raise validation_error(f"Stack [{name}] does not exist")
        _demand_updatable(stack)
        return stack

    def _run(self, stack: Stack, operation: Callable[[], None]) -> None:
        arguments = (stack, operation)
        thread = threading.Thread(target=_carry_out, args=arguments, name="stack-operation", daemon=True)
        self._threads = [known for known in self._threads if known.is_alive()] + [thread]
        thread.start()
        thread.join(ANSWER_SECONDS)


def _carry_out(stack: Stack, operation: Callable[[], None]) -> None:
    """Run an operation; one that breaks must not leave its stack in progress for ever."""
    try:
        operation()
    except Exception as error:  # noqa: BLE001  (a fault of the emulator; the reason is shown and logged)
        traceback.print_exc(file=sys.stderr)
        stack.set_status(
            f"{stack.status.split('_')[0]}_FAILED", f"the emulator failed: {type(error).__name__}: {error}"
        )


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        message = f"1 validation error detected: Value '{name}' failed to satisfy constraint: Member must satisfy regular expression pattern: {NAME.pattern}"
        raise validation_error(message)


def _demand_updatable(stack: Stack) -> None:
    if stack.status not in UPDATABLE:
        raise validation_error(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def _check_types(template: Template) -> None:
    unknown = [name for name in template.types if find_type(name) is None]
    if unknown:
        message = f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]"
        raise validation_error(f"{message} (the emulator doesn't make them)")


def _check_capabilities(template: Template, capabilities: list[str]) -> None:
    described = [resource for resource in template.resources.values() if IAM_TYPES.fullmatch(resource["Type"])]
    if not described:
        return
    named = any(name in (resource.get("Properties") or {}) for resource in described for name in IAM_NAMES)
    accepted = {"CAPABILITY_NAMED_IAM"} if named else {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}
    if not accepted & set(capabilities):
        needed = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
        raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]", 400)


def _read_object(account: str, url: str) -> str:
    """The template at an address of S3, with the bucket in the path or in the host."""
    parsed = urlparse(url)
    host, path = parsed.hostname or "", unquote(parsed.path.lstrip("/"))
    virtual = re.fullmatch(r"(.+)\.s3[.-].*amazonaws\.com", host)
    bucket, key = (virtual[1], path) if virtual else path.split("/", 1) if "/" in path else (path, "")
    try:
        found = s3_backends[account][PARTITION].get_object(bucket, key)
    except Exception as error:  # moto raises several kinds: no such bucket, no such key
        raise validation_error(f"S3 error: {error} ({url})") from error
    if found is None:
        raise validation_error(f"S3 error: The specified key does not exist. ({url})")
    return found.value.decode()
