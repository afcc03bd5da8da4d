"""What a request's members may be, by botocore's model: lengths, numbers, words, and what must be there.

API Reference, "Common errors": ValidationError.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from moto.core.utils import get_service_model

from ..api_call import ApiCall, AwsError

SERVICE = "cloudwatch"


def validation_error(message: str) -> AwsError:
    """What CloudWatch says of a wrong request."""
    return AwsError("ValidationError", message)


def check(call: ApiCall) -> None:
    """Refuse a request that its model doesn't allow; all that is wrong with it is said at once."""
    shape = get_service_model(SERVICE).operation_model(call.operation).input_shape
    found = list(_faults(shape, call.parameters, "")) if shape is not None else []
    if found:
        count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
        raise validation_error(f"{count}: {'; '.join(found)}")


def _faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                where = _join(path, name)
                yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _faults(member, value[name], _join(path, name))
        return
    problem = _problem(shape, value)
    if problem:
        yield f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {problem}"
    if shape.type_name == "list":
        for number, item in enumerate(value, 1):
            yield from _faults(shape.member, item, f"{path}.{number}.member")


def _problem(shape: Any, value: Any) -> str | None:
    metadata = shape.metadata
    words = metadata.get("enum")
    if words and value not in words:
        return f"satisfy enum value set: [{', '.join(words)}]"
    sized = shape.type_name in ("string", "list")
    size = len(value) if sized else value
    if not isinstance(size, int | float) or isinstance(size, bool):
        return None
    what = "have length" if sized else "have value"
    if "min" in metadata and size < metadata["min"]:
        return f"{what} greater than or equal to {metadata['min']}"
    if "max" in metadata and size > metadata["max"]:
        return f"{what} less than or equal to {metadata['max']}"
    pattern = metadata.get("pattern")
    if pattern and shape.type_name == "string" and not re.fullmatch(pattern, value, re.DOTALL):
        return f"satisfy regular expression pattern: {pattern}"
    return None


def _join(path: str, name: str) -> str:
    small = name[:1].lower() + name[1:]
    return f"{path}.{small}" if path else small
