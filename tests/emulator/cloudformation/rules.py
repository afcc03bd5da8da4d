"""The Rules section: assertions about the parameters, checked before anything is made.

AWS CloudFormation User Guide, "Rules" and "Rule-specific intrinsic functions".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .functions import Resolver, as_text
from .parameters import Parameter
from .template import Template, validation_error


def check(template: Template, resolver: Resolver, parameters: Mapping[str, Parameter]) -> None:
    """Raise a ValidationError with the descriptions of all assertions that don't hold."""
    failed = []
    for name, rule in (template.sections.get("Rules") or {}).items():
        if "RuleCondition" in rule and not _holds(rule["RuleCondition"], template, resolver, parameters):
            continue
        for assertion in rule["Assertions"]:
            if not _holds(assertion["Assert"], template, resolver, parameters):
                failed.append(assertion.get("AssertDescription") or f"an assertion of rule {name} does not hold")
    if failed:
        raise validation_error(f"Template validation error: Rules: {'; '.join(failed)}")


def _holds(expression: Any, template: Template, resolver: Resolver, parameters: Mapping[str, Parameter]) -> bool:
    if not isinstance(expression, dict) or len(expression) != 1:
        raise validation_error(f"Template error: not a rule-specific function: {expression}")
    (name, argument), *_ = expression.items()

    def holds(part: Any) -> bool:
        return _holds(part, template, resolver, parameters)

    if name == "Fn::And":
        return all(holds(part) for part in argument)
    if name == "Fn::Or":
        return any(holds(part) for part in argument)
    if name == "Fn::Not":
        return not holds(argument[0])
    if name == "Fn::Equals":
        return resolver.holds(expression)
    first, second = (_values(part, template, resolver, parameters) for part in argument)
    if name == "Fn::Contains":
        return second[0] in first if second else False
    if name == "Fn::EachMemberEquals":
        return all(member == second[0] for member in first)
    if name == "Fn::EachMemberIn":
        return set(first) <= set(second)
    raise validation_error(f"Template error: {name} is not a rule-specific function")


def _values(value: Any, template: Template, resolver: Resolver, parameters: Mapping[str, Parameter]) -> list[str]:
    """The members of a list argument; Fn::RefAll has those of all parameters of a type."""
    if isinstance(value, dict) and "Fn::RefAll" in value:
        kind = value["Fn::RefAll"]
        found = [
            parameters[name].value
            for name, declaration in template.parameters.items()
            if declaration.get("Type") in (kind, f"List<{kind}>")
        ]
        return [as_text(member) for item in found for member in (item if isinstance(item, list) else [item])]
    if isinstance(value, dict) and ("Fn::ValueOf" in value or "Fn::ValueOfAll" in value):
        raise validation_error("the emulator has no Fn::ValueOf and Fn::ValueOfAll")
    resolved = resolver.resolve(value)
    return [as_text(member) for member in (resolved if isinstance(resolved, list) else [resolved])]
