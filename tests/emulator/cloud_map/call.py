"""What all calls of Cloud Map have in common: settled state, checked input, what a caller can name, errors, pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from moto.core.utils import get_service_model

from ..api_call import ApiCall, AwsError
from .registry import Namespace, Operation, Registry, Service
from .sharing import may_use

if TYPE_CHECKING:
    from ..hooks import Hooks

PREFIX = "servicediscovery"
LARGEST_PAGE = 100
Item = TypeVar("Item")


class Calls:
    """Registers operations of Cloud Map, each run on settled state with input that the model allows."""

    def __init__(self, hooks: Hooks, registry: Registry) -> None:
        self._hooks = hooks
        self._registry = registry

    def add(self, name: str, function: Callable[[Registry, ApiCall], Any]) -> None:
        """Answer Cloud Map's operation `name` by `function(registry, call)`."""
        shape = get_service_model(PREFIX).operation_model(name).input_shape

        def answer(call: ApiCall) -> Any:
            self._registry.settle()
            _check(shape, call.parameters, name)
            return function(self._registry, call)

        self._hooks.operation(PREFIX, name, answer)


def _check(shape: Any, value: Any, where: str) -> None:
    """Refuse what the model's lengths, ranges, patterns and enumerations don't allow."""
    if shape.type_name == "structure":
        missing = [name for name in shape.required_members if value.get(name) is None]
        if missing:
            raise invalid_input(f"{where} lacks {', '.join(missing)}.")
        for name, member in value.items():
            if member is not None and name in shape.members:
                _check(shape.members[name], member, name)
        return
    size = value if shape.type_name in ("integer", "long") else len(value) if hasattr(value, "__len__") else None
    limits = shape.metadata
    if size is not None and not limits.get("min", size) <= size <= limits.get("max", size):
        raise invalid_input(f"{where} must be from {limits.get('min', 0)} to {limits.get('max')}.")
    if shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            raise invalid_input(f"{where} can't be '{value}'; it is one of {', '.join(shape.enum)}.")
        if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
            raise invalid_input(f"{where} '{value}' doesn't match {limits['pattern']}.")
    if shape.type_name == "list":
        for item in value:
            _check(shape.member, item, where)
    if shape.type_name == "map":
        for key, item in value.items():
            _check(shape.key, key, where)
            _check(shape.value, item, f"{where}[{key}]")


def invalid_input(message: str) -> AwsError:
    """The error code for most of what Cloud Map refuses."""
    return AwsError("InvalidInput", message)


def duplicate_request(operation: Operation) -> AwsError:
    """The refusal while another operation on the same thing is under way."""
    message = f"Another operation of type {operation.type} and id {operation.id} is in progress"
    return with_members(AwsError("DuplicateRequest", message), DuplicateOperationId=operation.id)


def with_members(error: AwsError, **members: str) -> AwsError:
    """An error with the other members that its shape has."""
    for name, value in members.items():
        setattr(error, name, value)
    return error


def not_emulated(what: str) -> AwsError:
    """A refusal of something that AWS has and the emulator hasn't."""
    return AwsError("NotImplemented", f"the emulator doesn't have {what}", 501)


def find_namespace(registry: Registry, call: ApiCall, reference: str) -> Namespace:
    """A namespace by id, or by ARN, which those that are only shared with the caller need."""
    found = registry.namespaces.get(reference.rpartition("/")[2])
    if found is None or not _can_name(call, reference, found, found.arn):
        raise AwsError("NamespaceNotFound", f"Namespace with Id {reference} not found.")
    return found


def find_service(registry: Registry, call: ApiCall, reference: str) -> Service:
    """A service by id, or by ARN, which those of shared namespaces need."""
    found = registry.find_service(reference.rpartition("/")[2])
    if found is None or not _can_name(call, reference, found.namespace, found.arn):
        raise AwsError("ServiceNotFound", f"Service with Id {reference} not found.")
    return found


def _can_name(call: ApiCall, reference: str, namespace: Namespace, arn: str) -> bool:
    if namespace.region != call.region:
        return False
    if reference.startswith("arn:"):
        return reference == arn and may_use(namespace, call.account)
    return namespace.account == call.account


def check_is_own(call: ApiCall, namespace: Namespace) -> None:
    """Refuse what is for the namespace's owner to do."""
    if namespace.account != call.account:
        message = f"User: {call.caller.arn} is not authorized to perform: {PREFIX}:{call.operation} on {namespace.arn}"
        raise AwsError("AccessDeniedException", message)


def owner_matches(call: ApiCall, owner: str, values: list[str]) -> bool:
    """The filter RESOURCE_OWNER."""
    unknown = set(values) - {"SELF", "OTHER_ACCOUNTS"}
    if unknown:
        raise invalid_input("RESOURCE_OWNER is SELF or OTHER_ACCOUNTS.")
    return ("SELF" if owner == call.account else "OTHER_ACCOUNTS") in values


def page(call: ApiCall, items: list[Item], rank: Callable[[Item], str]) -> tuple[list[Item], dict[str, str]]:
    """One page of `items`, and the member NextToken, which the last page doesn't have."""
    size, after = call.parameter("MaxResults", LARGEST_PAGE), _read_token(call.parameter("NextToken"))
    rest = [item for item in sorted(items, key=rank) if after is None or rank(item) > after]
    if len(rest) <= size:
        return rest, {}
    token = base64.urlsafe_b64encode(f"after:{rank(rest[size - 1])}".encode()).decode()
    return rest[:size], {"NextToken": token}


def _read_token(token: str | None) -> str | None:
    if not token:
        return None
    try:
        word, _, after = base64.urlsafe_b64decode(token).decode().partition(":")
    except ValueError:
        word, after = "", ""
    if word != "after":
        raise invalid_input("The NextToken isn't valid.")
    return after


def tags_of(call: ApiCall) -> dict[str, str]:
    """The tags that a request gives."""
    return {tag["Key"]: tag["Value"] for tag in call.parameter("Tags", [])}
