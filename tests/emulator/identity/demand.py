"""What a call demands of its caller: one action on one resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..api_call import ApiCall

EVERYTHING = "*"


@dataclass(frozen=True)
class Demand:
    """One action on one resource; `policy` is the resource's, which may be enough within an account."""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)
    policy: Any = None


Demands = Callable[[ApiCall], Iterable[Demand]]
