"""Carrying out an operation of a stack set: account by account, Region by Region, within its tolerance of failures.

CloudFormation User Guide, "StackSets concepts", "Stack set operation options" and "Stack instance status codes". Accounts are
worked on by a role `stacksets-exec-…`, which a service-linked role makes: no service control policy binds that one.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends

from ...api_call import ApiCall, AwsError
from ...permissions import AWS_POLICY, PARTITION
from ..caller import Clients
from ..stacks import Stacks
from . import units
from .model import Instance, Operation, Place, StackSet

if TYPE_CHECKING:
    from ...server import Emulator

# What works at a time, whatever the preferences allow: there are two cores.
MOST_AT_A_TIME = 4
EXECUTION = "stacksets-exec-"
# Picks what is to be done when the operation's turn has come.
Choice = Callable[[], dict[Place, Instance]]


class Runner:
    """Runs operations, each in a thread of its own."""

    def __init__(self, app: Emulator, stacks: Stacks, clients: Clients) -> None:
        self._app, self._stacks, self._clients = app, stacks, clients
        self._roles = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self, stack_set: StackSet, operation: Operation, choose: Choice, keep_stacks: bool = False) -> str:
        """Begin an operation, or have it wait for its turn; its id."""
        if stack_set.running and not (stack_set.settings.get("ManagedExecution") or {}).get("Active"):
            raise AwsError("OperationInProgressException", "Another Operation on StackSet is in progress", 409)
        stack_set.operations.append(operation)
        epoch = self._clients.epoch

        def run() -> None:
            with stack_set.lock:
                if epoch == self._clients.epoch:
                    self._run(stack_set, operation, choose(), keep_stacks)

        thread = threading.Thread(target=run, name="stack-set-operation", daemon=True)
        self._threads = [known for known in self._threads if known.is_alive()] + [thread]
        thread.start()
        return operation.id

    def join(self, seconds: float) -> None:
        """Wait for what is under way."""
        for thread in self._threads:
            thread.join(seconds)

    def _run(self, stack_set: StackSet, operation: Operation, chosen: dict[Place, Instance], keep_stacks: bool) -> None:
        operation.status = "RUNNING"
        for place, instance in chosen.items():
            instance.detail, instance.operation = "PENDING", operation.id
            operation.results[place] = ("PENDING", "", instance.unit)
        failed = False
        for region in dict.fromkeys(region for _, region in chosen):
            there = [instance for place, instance in chosen.items() if place[1] == region]
            stopped = failed and operation.preferences.get("RegionConcurrencyType") != "PARALLEL"
            if stopped or not self._run_region(stack_set, operation, there, keep_stacks):
                failed = True
                _cancel(operation, there)
        operation.end("FAILED" if failed else "SUCCEEDED", "More failed than may." if failed else "")

    def _run_region(
        self, stack_set: StackSet, operation: Operation, instances: list[Instance], keep_stacks: bool
    ) -> bool:
        """Whether no more failed than may."""
        preferences, number, failures = operation.preferences, len(instances), 0
        tolerance = _count(preferences, "FailureTolerance", number, 0)
        at_a_time = max(1, min(MOST_AT_A_TIME, _count(preferences, "MaxConcurrent", number, 1)))
        if preferences.get("ConcurrencyMode") != "SOFT_FAILURE_TOLERANCE":
            at_a_time = min(at_a_time, tolerance + 1)
        with ThreadPoolExecutor(at_a_time) as pool:
            for first in range(0, number, at_a_time):
                some = instances[first : first + at_a_time]
                for good in pool.map(lambda one: self._do(stack_set, operation, one, keep_stacks), some):
                    failures += not good
                if failures > tolerance:
                    return False
        return True

    def _do(self, stack_set: StackSet, operation: Operation, instance: Instance, keep_stacks: bool) -> bool:
        """Bring one instance about, or take it away; whether that went well."""
        place = (instance.account, instance.region)
        backend = organizations_backends[stack_set.account][PARTITION]
        if units.is_suspended(backend, instance.account):
            instance.status, instance.detail = "OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT"
            operation.results[place] = ("SUCCEEDED", "The account is suspended.", instance.unit)
            return True
        instance.detail = "RUNNING"
        try:
            status, reason = self._work(stack_set, operation.action, instance, keep_stacks)
        except AwsError as error:
            status, reason = "FAILED", str(error.message)
        instance.detail, instance.reason = status, reason
        instance.status = "CURRENT" if status == "SUCCEEDED" else "OUTDATED"
        operation.results[place] = (status, reason, instance.unit)
        if operation.action == "DELETE" and status == "SUCCEEDED":
            stack_set.instances.pop(place, None)
        return status == "SUCCEEDED"

    def _work(self, stack_set: StackSet, action: str, instance: Instance, keep_stacks: bool) -> tuple[str, str]:
        if action == "DELETE" and (keep_stacks or not instance.stack_id):
            return "SUCCEEDED", ""
        call = self._call(stack_set, instance)
        stack = self._stacks.find(call, instance.stack_id) if instance.stack_id else None
        if action == "DELETE":
            self._stacks.delete(call)
        elif stack is None or stack.status in ("DELETE_COMPLETE", "ROLLBACK_COMPLETE"):
            if stack is not None:
                self._stacks.delete(call)
            call.parameters["StackName"] = f"StackSet-{stack_set.name}-{uuid.uuid4()}"
            instance.stack_id = self._stacks.create(call)["StackId"]
        else:
            try:
                self._stacks.update(call)
            except AwsError as error:
                if "No updates" not in str(error.message):
                    raise
        return self._outcome(call, instance)

    def _outcome(self, call: ApiCall, instance: Instance) -> tuple[str, str]:
        stack = self._stacks.demand(call, instance.stack_id)
        while stack.in_progress:
            time.sleep(0.1)
        if stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"):
            return "SUCCEEDED", ""
        causes = [event for event in stack.events if event["ResourceStatus"].endswith("_FAILED")]
        cause = next((event.get("ResourceStatusReason") for event in causes), None) or stack.reason or stack.status
        return "FAILED", str(cause)

    def _call(self, stack_set: StackSet, instance: Instance) -> ApiCall:
        """The request that the execution role makes in the account."""
        values = stack_set.parameters | instance.overrides
        parameters = {
            "StackName": instance.stack_id,
            "Template": stack_set.template,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
            "Capabilities": stack_set.settings["Capabilities"],
            "Tags": stack_set.settings["Tags"],
        }
        access_key = self._execution_key(instance.account, stack_set)
        caller = self._app.callers.find(access_key)
        return ApiCall(
            "cloudformation",
            "CreateStack",
            instance.region,
            caller,
            {},
            b"",
            parameters,
            _nothing,
            lambda *_: _nothing(),
        )

    def _execution_key(self, account: str, stack_set: StackSet) -> str:
        """The access key of a session of the account's execution role, which is made when it isn't there."""
        backend = iam_backends[account][PARTITION]
        name = f"{EXECUTION}{uuid.uuid5(uuid.NAMESPACE_URL, stack_set.account).hex}"
        with self._roles:
            if all(role.name != name for role in backend.roles.values()):
                statement = {"Effect": "Allow", "Principal": {"Service": units.SERVICE}, "Action": "sts:AssumeRole"}
                trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
                backend.create_role(name, trust, "/", None, "", [], "3600")
                backend.attach_role_policy(f"{AWS_POLICY}AdministratorAccess", name)
        role_arn = f"arn:{PARTITION}:iam::{account}:role/{name}"
        return self._clients.session_access_key(role_arn, stack_set.region, "StackSets")


def _nothing(*_: Any) -> Any:
    raise NotImplementedError("a request of a stack set is answered by nobody else")


def _count(preferences: dict[str, Any], name: str, number: int, least: int) -> int:
    """A preference, given as a number or in per cent of the accounts, rounded down."""
    if f"{name}Percentage" in preferences:
        return max(least, number * int(preferences[f"{name}Percentage"]) // 100)
    return int(preferences.get(f"{name}Count", least))


def _cancel(operation: Operation, instances: list[Instance]) -> None:
    for instance in instances:
        place = (instance.account, instance.region)
        if operation.results[place][0] == "PENDING":
            instance.detail = "CANCELLED"
            instance.reason = "Cancelled since failure tolerance has exceeded"
            operation.results[place] = ("CANCELLED", instance.reason, instance.unit)
