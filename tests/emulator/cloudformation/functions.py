"""Intrinsic functions: from what a template writes to what it means.

AWS CloudFormation User Guide, "Intrinsic function reference", "Condition functions", "Pseudo parameters".
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .template import validation_error

VARIABLE = re.compile(r"\$\{([^}]*)\}")
DYNAMIC = re.compile(r"\{\{resolve:([^:}]+):([^}]+)\}\}")
CONDITION_FUNCTIONS = ("Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals")
ZONES = "abc"


class NoValue:
    """The value of AWS::NoValue: what has it, is left out."""


NO_VALUE = NoValue()


class Unknown:
    """A value that isn't known before the stack is changed; it equals nothing."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __eq__(self, _: object) -> bool:
        return False

    def __hash__(self) -> int:
        return id(self)

    def __str__(self) -> str:
        return "{{changeSet:KNOWN_AFTER_APPLY}}"


class Scope(Protocol):
    """Where names get their values from."""

    parameters: Mapping[str, Any]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]

    def resource_ref(self, logical_id: str) -> Any:
        """What Ref of a resource is."""

    def resource_attribute(self, logical_id: str, name: str) -> Any:
        """What Fn::GetAtt of a resource is."""

    def imported(self, name: str) -> str:
        """The value of another stack's export."""

    def dynamic(self, service: str, reference: str) -> str:
        """The value of a dynamic reference."""


def as_text(value: Any) -> str:
    """A scalar as CloudFormation puts it into a text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        raise validation_error(f"Template error: a list or an object can't be part of a text: {value}")
    return str(value)


class Resolver:
    """Resolves values of one template in one scope."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._conditions: dict[str, bool] = {}
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Fn::Base64": lambda value: base64.b64encode(as_text(self.resolve(value)).encode()).decode(),
            "Fn::Cidr": self._cidr,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAZs": self._zones,
            "Fn::GetAtt": self._attribute,
            "Fn::If": self._if,
            "Fn::ImportValue": lambda value: self._scope.imported(as_text(self.resolve(value))),
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
        }

    def resolve(self, value: Any) -> Any:
        """The meaning of a value of the template."""
        if isinstance(value, list):
            return [resolved for item in value if (resolved := self.resolve(item)) is not NO_VALUE]
        if isinstance(value, str):
            return DYNAMIC.sub(lambda match: self._scope.dynamic(match[1], match[2]), value)
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref":
                return self.ref(argument)
            if name in self._functions:
                return self._functions[name](argument)
            if str(name).startswith("Fn::"):
                raise validation_error(f"Template error: {name} is unknown, not allowed here, or needs a transform")
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def ref(self, name: Any) -> Any:
        """Ref: of a parameter, a pseudo parameter or a resource."""
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._scope.parameters:
            return self._scope.parameters[name]
        return self._scope.resource_ref(name)

    def condition(self, name: str) -> bool:
        """Whether a condition of the template holds."""
        if name not in self._conditions:
            if name not in self._scope.conditions:
                raise validation_error(f"Template error: unresolved condition dependency {name}")
            self._conditions[name] = self.holds(self._scope.conditions[name])
        return self._conditions[name]

    def holds(self, expression: Any) -> bool:
        """Whether an expression of the Conditions section holds."""
        if isinstance(expression, dict) and len(expression) == 1:
            (name, argument), *_ = expression.items()
            if name == "Condition":
                return self.condition(argument)
            if name == "Fn::And":
                return all(self.holds(part) for part in argument)
            if name == "Fn::Or":
                return any(self.holds(part) for part in argument)
            if name == "Fn::Not":
                return not self.holds(argument[0])
            if name == "Fn::Equals":
                left, right = (self.resolve(part) for part in argument)
                return left == right if isinstance(left, list | dict) else as_text(left) == as_text(right)
        raise validation_error(f"Template error: not a condition: {expression}")

    def _if(self, argument: Any) -> Any:
        name, when_true, when_false = argument
        return self.resolve(when_true if self.condition(name) else when_false)

    def _attribute(self, argument: Any) -> Any:
        logical_id, name = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._scope.resource_attribute(logical_id, as_text(self.resolve(name)))

    def _sub(self, argument: Any) -> Any:
        template, own = (argument, {}) if isinstance(argument, str) else argument
        values = {name: self.resolve(value) for name, value in own.items()}
        unknown: list[Any] = []

        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in values:
                found = values[name]
            elif "." in name:
                found = self._attribute(name)
            else:
                found = self.ref(name)
            if isinstance(found, Unknown):
                unknown.append(found)
            return "" if found is NO_VALUE else as_text(found)

        text = VARIABLE.sub(value, template)
        return unknown[0] if unknown else self.resolve(text)

    def _join(self, argument: Any) -> Any:
        delimiter, values = argument[0], self.resolve(argument[1])
        if isinstance(values, Unknown):
            return values
        if not isinstance(values, list):
            raise validation_error(
                "Template error: every Fn::Join object requires two parameters: a delimiter and a list"
            )
        unknown = next((value for value in values if isinstance(value, Unknown)), None)
        return unknown or delimiter.join(as_text(value) for value in values)

    def _split(self, argument: Any) -> Any:
        value = self.resolve(argument[1])
        return value if isinstance(value, Unknown) else as_text(value).split(argument[0])

    def _select(self, argument: Any) -> Any:
        index, values = int(as_text(self.resolve(argument[0]))), self.resolve(argument[1])
        if isinstance(values, Unknown):
            return values
        if not 0 <= index < len(values):
            raise validation_error(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
        return values[index]

    def _find_in_map(self, argument: Any) -> Any:
        found: Any = self._scope.mappings
        for part in argument:
            key = as_text(self.resolve(part))
            if not isinstance(found, Mapping) or key not in found:
                raise validation_error(f"Template error: Unable to get mapping for {'::'.join(map(str, argument))}")
            found = found[key]
        return found

    def _zones(self, argument: Any) -> list[str]:
        region = as_text(self.resolve(argument)) or self._scope.parameters["AWS::Region"]
        return [f"{region}{zone}" for zone in ZONES]

    def _cidr(self, argument: Any) -> Any:
        block, count, *rest = (self.resolve(part) for part in argument)
        if isinstance(block, Unknown):
            return block
        network = ipaddress.ip_network(block)
        bits = int(rest[0]) if rest else 8
        subnets = network.subnets(new_prefix=network.max_prefixlen - bits)
        return [str(subnet) for subnet, _ in zip(subnets, range(int(count)), strict=False)]
