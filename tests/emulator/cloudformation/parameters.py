"""The values of a template's parameters, with all that the template says about them enforced.

AWS CloudFormation User Guide, "Parameters" (types, constraints, NoEcho) and "Systems Manager parameter types".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .template import Template, validation_error

SSM = "AWS::SSM::Parameter::Value<"
PLAIN_TYPES = ("String", "Number", "List<Number>", "CommaDelimitedList")
# Parameter types that name existing resources; their values are taken as they are given.
AWS_TYPE = re.compile(r"(List<)?AWS::(EC2|Route53|SSM)::[\w:]+>?")
HIDDEN = "****"


@dataclass(frozen=True)
class Parameter:
    """A parameter's text as given, and its value as the template sees it."""

    text: str
    value: Any
    hidden: bool
    looked_up: str | None = None

    def describe(self, name: str) -> dict[str, str]:
        """As DescribeStacks shows it."""
        shown = {"ParameterKey": name, "ParameterValue": HIDDEN if self.hidden else self.text}
        return shown | ({"ResolvedValue": self.looked_up} if self.looked_up is not None else {})


def resolve(
    template: Template,
    given: list[dict[str, Any]],
    previous: Mapping[str, Parameter],
    look_up: Callable[[str], str],
) -> dict[str, Parameter]:
    """The parameters of a stack: from the request, from the stack before (UsePreviousValue), or the defaults.

    `look_up` reads a parameter of Systems Manager.
    """
    declared = template.parameters
    texts = _texts(declared, given, previous)
    missing = [name for name in declared if name not in texts]
    if missing:
        raise validation_error(f"Parameters: [{', '.join(missing)}] must have values")
    return {name: _resolve(name, declaration, texts[name], look_up) for name, declaration in declared.items()}


def _texts(declared: dict[str, Any], given: list[dict[str, Any]], previous: Mapping[str, Parameter]) -> dict[str, str]:
    unknown = [parameter["ParameterKey"] for parameter in given if parameter["ParameterKey"] not in declared]
    if unknown:
        raise validation_error(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    texts = {
        name: text_of(declaration["Default"]) for name, declaration in declared.items() if "Default" in declaration
    }
    for parameter in given:
        name = parameter["ParameterKey"]
        if parameter.get("UsePreviousValue"):
            if name not in previous:
                raise validation_error(
                    f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template"
                )
            texts[name] = previous[name].text
        elif "ParameterValue" in parameter:
            texts[name] = parameter["ParameterValue"]
    return texts


def text_of(value: Any) -> str:
    """A default or an allowed value as the text that a request would give."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(text_of, value)) if isinstance(value, list) else str(value)


def _resolve(name: str, declaration: dict[str, Any], text: str, look_up: Callable[[str], str]) -> Parameter:
    kind = declaration.get("Type")
    if not isinstance(kind, str):
        raise validation_error(f"Template format error: Every Parameters object must contain a Type member. ({name})")
    looked_up = None
    if kind.startswith(SSM):
        looked_up = look_up(text)
        kind = kind.removeprefix(SSM).removesuffix(">")
    if kind not in PLAIN_TYPES and not AWS_TYPE.fullmatch(kind):
        raise validation_error(f"Template format error: Unrecognized parameter type: {kind}")
    source = text if looked_up is None else looked_up
    is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
    values = [part.strip() for part in source.split(",")] if is_list else [source]
    for value in values:
        _check(name, declaration, kind, value)
    return Parameter(text, values if is_list else source, _is_true(declaration.get("NoEcho")), looked_up)


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _check(name: str, declaration: dict[str, Any], kind: str, value: str) -> None:
    """Raise unless one value obeys its declaration; the ConstraintDescription is part of the message."""
    reason = _violation(declaration, kind, value)
    if reason is None:
        return
    described = declaration.get("ConstraintDescription")
    if described:
        raise validation_error(f"Parameter '{name}' {described}")
    raise validation_error(f"Parameter '{name}' {reason}")


def _violation(declaration: dict[str, Any], kind: str, value: str) -> str | None:
    allowed = declaration.get("AllowedValues")
    if allowed is not None and value not in [text_of(choice) for choice in allowed]:
        return f"must be one of AllowedValues [{', '.join(text_of(choice) for choice in allowed)}]"
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(pattern, value):
        return f"must match pattern {pattern}"
    if "MinLength" in declaration and len(value) < int(declaration["MinLength"]):
        return f"must contain at least {declaration['MinLength']} characters"
    if "MaxLength" in declaration and len(value) > int(declaration["MaxLength"]):
        return f"must contain at most {declaration['MaxLength']} characters"
    if kind not in ("Number", "List<Number>"):
        return None
    try:
        number = float(value)
    except ValueError:
        return f"must be a number ({value!r})"
    if "MinValue" in declaration and number < float(declaration["MinValue"]):
        return f"must be a number not less than {declaration['MinValue']}"
    if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
        return f"must be a number not greater than {declaration['MaxValue']}"
    return None
