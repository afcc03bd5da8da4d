"""Making a stack what its definition says, and undoing it when something fails.

AWS CloudFormation User Guide: "How CloudFormation works", "Stack failure options", "Update behaviors of stack resources",
"DeletionPolicy" and "UpdateReplacePolicy". Resources are made one after the other.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..api_call import AwsError
from .caller import Clients
from .dependencies import dependencies
from .resources import Made, Making, ResourceType, find_type
from .resources.base import ResourceFailed, changed_properties
from .scope import Export, Plan
from .stack import Definition, Resource, Stack

RETAINED = ("Retain", "RetainExceptOnCreate")


class Failed(Exception):
    """A resource failed, so the operation on the stack does."""

    def __init__(self, logical_id: str, verb: str) -> None:
        super().__init__(f"The following resource(s) failed to {verb}: [{logical_id}]. ")


@dataclass(frozen=True)
class Leftover:
    """A resource that is no longer wanted; it goes when all else has succeeded."""

    resource: Resource
    policy: str


class Deployment:
    """One operation on one stack, by one caller."""

    def __init__(self, stack: Stack, clients: Clients, access_key: str, export: Export, epoch: int) -> None:
        self._stack = stack
        self._clients = clients
        self._access_key = access_key
        self._export = export
        self._epoch = epoch
        self._undo: list[Callable[[], None]] = []

    # The three operations.

    def create(self, definition: Definition, on_failure: str) -> None:
        """Make all resources; `on_failure` is ROLLBACK, DELETE or DO_NOTHING."""
        stack = self._stack
        stack.definition = definition
        stack.created_at = datetime.now(UTC)
        stack.set_status("CREATE_IN_PROGRESS", "User Initiated")
        try:
            plan = Plan(stack, definition, self._export)
            for logical_id in plan.order:
                self._make(plan, logical_id)
            self._finish(plan)
        except (Failed, AwsError) as failure:
            self._undo_create(definition, on_failure, _reason(failure))
            return
        stack.set_status("CREATE_COMPLETE")

    def update(self, definition: Definition, rolls_back: bool) -> None:
        """Make, change and replace what differs; then delete what is left over."""
        stack = self._stack
        before = stack.definition
        assert before is not None
        stack.definition, stack.updated_at = definition, datetime.now(UTC)
        stack.set_status("UPDATE_IN_PROGRESS", "User Initiated")
        leftovers: list[Leftover] = []
        outputs = stack.outputs
        try:
            plan = Plan(stack, definition, self._export)
            for logical_id in plan.order:
                leftovers += self._bring_about(plan, logical_id, tags_changed=before.tags != definition.tags)
            self._finish(plan)
        except (Failed, AwsError) as failure:
            stack.outputs = outputs
            self._undo_update(before, rolls_back, _reason(failure))
            return
        for logical_id in [name for name in stack.resources if name not in plan.active][::-1]:
            policy = before.template.resources[logical_id].get("DeletionPolicy", "Delete")
            leftovers.append(Leftover(stack.resources.pop(logical_id), policy))
        stack.resources = {name: stack.resources[name] for name in plan.order}
        stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        for leftover in leftovers:
            self._discard(leftover)
        stack.set_status("UPDATE_COMPLETE")

    def delete(self, retained: set[str]) -> None:
        """Delete all resources in the reverse of their order; what a resource that stays depends on, stays too."""
        stack = self._stack
        stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        staying: set[str] = set()
        failed: list[str] = []
        needed = self._needs()
        for logical_id in [*stack.resources][::-1]:
            resource = stack.resources[logical_id]
            policy = "Retain" if logical_id in retained else self._policy(logical_id, "DeletionPolicy")
            if logical_id in staying:
                failed.append(logical_id)
                staying |= needed.get(logical_id, set())
            elif policy in RETAINED:
                self._note(resource, "DELETE_SKIPPED")
                del stack.resources[logical_id]
            elif self._delete(resource):
                del stack.resources[logical_id]
            else:
                failed.append(logical_id)
                staying |= needed.get(logical_id, set())
        if failed:
            stack.set_status("DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(failed)}]. ")
            return
        stack.outputs, stack.deleted_at = [], datetime.now(UTC)
        stack.set_status("DELETE_COMPLETE")

    # One resource.

    def _make(self, plan: Plan, logical_id: str) -> None:
        """Make a resource and remember how to unmake it."""
        description = plan.active[logical_id]
        kind = self._type(description["Type"])
        resource = Resource(logical_id, description["Type"], "", {}, {}, "")
        self._note(resource, "CREATE_IN_PROGRESS")
        with_reason = self._attempt(resource, "create", lambda: self._create(plan, kind, resource))
        self._stack.resources[logical_id] = resource
        self._note(resource, "CREATE_COMPLETE", with_reason)
        self._undo.append(lambda: self._unmake(logical_id))

    def _create(self, plan: Plan, kind: ResourceType, resource: Resource) -> str | None:
        resource.properties = plan.properties(resource.logical_id)
        kind.check(resource.logical_id, resource.properties)
        _hold(resource, kind.create(self._making(resource.logical_id), dict(resource.properties)))
        return kind.note

    def _bring_about(self, plan: Plan, logical_id: str, tags_changed: bool) -> list[Leftover]:
        """Make, change, replace or leave one resource of an update; returns what its replacement leaves over."""
        stack, description = self._stack, plan.active[logical_id]
        old = stack.resources.get(logical_id)
        if old is None:
            self._make(plan, logical_id)
            return []
        kind = self._type(description["Type"])
        if old.type != description["Type"]:
            raise self._fail(
                old, "update", f"Update of resource type is not permitted ({old.type} to {description['Type']})"
            )
        properties = self._attempt(old, "update", lambda: plan.properties(logical_id))
        changed = changed_properties(old.properties, properties)
        retag = tags_changed and "Tags" in getattr(kind, "properties", ()) and kind.replaced_by is not None
        if not changed and not retag:
            return []
        self._attempt(old, "update", lambda: kind.check(logical_id, properties))
        if not kind.replaces(old.properties, properties):
            self._change(kind, old, properties)
            return []
        name = kind.name_property
        if name and properties.get(name) is not None and properties.get(name) == old.properties.get(name):
            message = "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
            raise self._fail(old, "update", f"{message}Rename {properties[name]} and update the stack again.")
        self._replace(plan, logical_id, old)
        return [Leftover(old, description.get("UpdateReplacePolicy", "Delete"))]

    def _change(self, kind: ResourceType, resource: Resource, properties: dict[str, Any]) -> None:
        """Change a resource in place."""
        before = Resource(**vars(resource))
        self._note(resource, "UPDATE_IN_PROGRESS")
        making = self._making(resource.logical_id)

        def change(old: dict[str, Any], new: dict[str, Any]) -> None:
            _hold(resource, kind.update(making, _made(resource), dict(old), dict(new)))
            resource.properties = new

        self._undo.append(lambda: self._change_back(resource, before, properties, change))
        self._attempt(resource, "update", lambda: change(before.properties, properties))
        self._note(resource, "UPDATE_COMPLETE")

    def _change_back(
        self,
        resource: Resource,
        before: Resource,
        attempted: dict[str, Any],
        change: Callable[[dict[str, Any], dict[str, Any]], None],
    ) -> None:
        # The attempt may have failed half-way: all of it is taken back.
        change(attempted, before.properties)
        self._note(resource, "UPDATE_COMPLETE")

    def _replace(self, plan: Plan, logical_id: str, old: Resource) -> None:
        """Make the new one first; the old one is deleted when the whole update has succeeded."""
        description = plan.active[logical_id]
        kind = self._type(description["Type"])
        new = Resource(logical_id, description["Type"], old.physical_id, {}, {}, "")
        message = "Requested update requires the creation of a new physical resource; hence creating one."
        self._note(new, "UPDATE_IN_PROGRESS", message)
        self._attempt(new, "update", lambda: self._create(plan, kind, new))
        self._stack.resources[logical_id] = new
        self._note(new, "UPDATE_COMPLETE")

        def restore() -> None:
            self._stack.resources[logical_id] = old
            if not self._delete(new):
                raise Failed(logical_id, "delete")

        self._undo.append(restore)

    def _unmake(self, logical_id: str) -> None:
        resource = self._stack.resources[logical_id]
        # A resource of a failed creation goes unless its policy is plainly Retain.
        if self._policy(logical_id, "DeletionPolicy") == "Retain":
            self._note(resource, "DELETE_SKIPPED")
        elif not self._delete(resource):
            raise Failed(logical_id, "delete")
        del self._stack.resources[logical_id]

    def _discard(self, leftover: Leftover) -> None:
        if leftover.policy in RETAINED:
            self._note(leftover.resource, "DELETE_SKIPPED")
        else:
            self._delete(leftover.resource)

    def _delete(self, resource: Resource) -> bool:
        self._note(resource, "DELETE_IN_PROGRESS")
        kind, making = self._type(resource.type), self._making(resource.logical_id)
        try:
            self._attempt(resource, "delete", lambda: kind.delete(making, _made(resource), dict(resource.properties)))
        except Failed:
            return False
        self._note(resource, "DELETE_COMPLETE")
        return True

    # Failure.

    def _attempt(self, resource: Resource, verb: str, action: Callable[[], Any]) -> Any:
        """Do something with a resource; whatever goes wrong is its failure."""
        try:
            return action()
        except (ResourceFailed, AwsError) as error:
            raise self._fail(resource, verb, _reason(error)) from error
        except Exception as error:  # a moto model may raise anything; the stack must not stay in progress
            traceback.print_exc(file=sys.stderr)
            raise self._fail(resource, verb, f"{type(error).__name__}: {error}") from error

    def _fail(self, resource: Resource, verb: str, reason: str) -> Failed:
        self._note(resource, f"{verb.upper()}_FAILED", reason)
        return Failed(resource.logical_id, verb)

    def _undo_create(self, definition: Definition, on_failure: str, reason: str) -> None:
        stack = self._stack
        if on_failure == "DO_NOTHING":
            stack.set_status("CREATE_FAILED", reason)
            return
        final = "DELETE" if on_failure == "DELETE" else "ROLLBACK"
        stack.set_status(
            f"{final}_IN_PROGRESS", f"{reason}{'Delete' if final == 'DELETE' else 'Rollback'} requested by user."
        )
        if self._undo_all():
            stack.outputs = []
            stack.deleted_at = datetime.now(UTC) if final == "DELETE" else None
            stack.set_status(f"{final}_COMPLETE")
        else:
            stack.set_status(f"{final}_FAILED", "Some resources could not be deleted.")

    def _undo_update(self, before: Definition, rolls_back: bool, reason: str) -> None:
        stack = self._stack
        if not rolls_back:
            stack.set_status("UPDATE_FAILED", reason)
            return
        stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        succeeded = self._undo_all()
        stack.definition = before
        if not succeeded:
            stack.set_status("UPDATE_ROLLBACK_FAILED", "Some resources could not be changed back.")
            return
        stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        stack.set_status("UPDATE_ROLLBACK_COMPLETE")

    def _undo_all(self) -> bool:
        succeeded = True
        while self._undo:
            try:
                self._undo.pop()()
            except (Failed, ResourceFailed, AwsError):
                succeeded = False
        return succeeded

    # What all of it needs.

    def _finish(self, plan: Plan) -> None:
        outputs = plan.outputs()
        for name in [output["ExportName"] for output in outputs if "ExportName" in output]:
            exporter = self._export(name)
            if exporter is not None and exporter[0] != self._stack.id:
                raise AwsError(
                    "ValidationError", f"Export with name {name} is already exported by stack {exporter[0]}."
                )
        self._stack.outputs, self._stack.imports = outputs, plan.scope.imports

    @staticmethod
    def _type(name: str) -> ResourceType:
        kind = find_type(name)
        if kind is None:
            raise AwsError("ValidationError", f"Template format error: Unrecognized resource types: [{name}]")
        return kind

    def _making(self, logical_id: str) -> Making:
        definition = self._stack.definition
        return Making(
            clients=self._clients,
            access_key=self._access_key,
            account=self._stack.account,
            region=self._stack.region,
            stack_name=self._stack.name,
            stack_id=self._stack.id,
            logical_id=logical_id,
            tags=definition.tags if definition else {},
            epoch=self._epoch,
        )

    def _policy(self, logical_id: str, attribute: str) -> str:
        definition = self._stack.definition
        described = definition.template.resources.get(logical_id) if definition else None
        return (described or {}).get(attribute, "Delete")

    def _needs(self) -> dict[str, set[str]]:
        """What each resource of the stack depends on."""
        definition = self._stack.definition
        if definition is None:
            return {}
        plan = Plan(self._stack, definition, self._export, foretelling=True)
        holds = plan.resolver.condition
        return {name: dependencies(resource, plan.active, holds) for name, resource in plan.active.items()}

    def _note(self, resource: Resource, status: str, reason: str | None = None) -> None:
        resource.status, resource.reason, resource.changed_at = status, reason, datetime.now(UTC)
        properties = json.dumps(resource.properties, default=str) if resource.properties else ""
        identity = (resource.logical_id, resource.physical_id, resource.type)
        self._stack.record(*identity, status, reason, properties)


def _made(resource: Resource) -> Made:
    return Made(resource.physical_id, resource.attributes, resource.ref)


def _hold(resource: Resource, made: Made) -> None:
    resource.physical_id, resource.attributes = made.physical_id, made.attributes
    resource.ref = made.ref if made.ref is not None else made.physical_id


def _reason(error: Exception) -> str:
    return str(getattr(error, "message", error))
