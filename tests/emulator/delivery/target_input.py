"""What a target gets of an event: all of it, a part, a constant, or a transformed text.

EventBridge User Guide, "Amazon EventBridge input transformation".
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[['\"]([^'\"]+)['\"]\]")
VARIABLE = re.compile(r"<([^<>\s]+)>")


def target_input(target: dict[str, Any], event: dict[str, Any], rule_arn: str) -> str:
    """The text that `target` of the rule is given for `event`."""
    if "Input" in target:
        return target["Input"]
    if "InputPath" in target:
        return json.dumps(value_at(target["InputPath"], event))
    if "InputTransformer" in target:
        return _transformed(target["InputTransformer"], event, rule_arn)
    return json.dumps(event)


def value_at(path: str, event: dict[str, Any]) -> Any:
    """The value at a JSON path like `$.detail.tags[0]`; None when there is nothing."""
    if path == "$":
        return event
    value: Any = event
    for name, index, quoted in PATH_STEP.findall(path.removeprefix("$")):
        if index:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
        else:
            value = value.get(name or quoted) if isinstance(value, dict) else None
    return value


def _transformed(transformer: dict[str, Any], event: dict[str, Any], rule_arn: str) -> str:
    variables = {name: value_at(path, event) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    variables |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event.ingestion-time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": event,
    }
    return _fill(transformer["InputTemplate"], variables)


def _fill(template: str, variables: dict[str, Any]) -> str:
    """Replace `<variable>`: as JSON where the template stands outside of quotes, as plain text inside of them."""
    filled, position, quoted = [], 0, False
    for match in VARIABLE.finditer(template):
        between = template[position : match.start()]
        quoted ^= len(re.findall(r'(?<!\\)"', between)) % 2 == 1
        filled.append(between)
        if match[1] not in variables:
            filled.append(match[0])
        else:
            text = json.dumps(variables[match[1]])
            is_text = isinstance(variables[match[1]], str)
            # Inside quotes a text goes without its own; anything else is escaped, to stay within them.
            filled.append((text[1:-1] if is_text else json.dumps(text)[1:-1]) if quoted else text)
        position = match.end()
    return "".join([*filled, template[position:]])
