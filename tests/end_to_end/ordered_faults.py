"""Faults of the local AWS, ordered by a test."""

from __future__ import annotations

from typing import Any

from deployment.drawbridge import FUNCTION_ROLE, Drawbridge

UNTIL_CLEARED = -1


def order(drawbridge: Drawbridge, service: str, operation: str, **fault: Any) -> str:
    """Order a fault for the calls of accept-connections, or of another `role`; its id."""
    wanted = {"service": service, "operation": operation, "role": FUNCTION_ROLE, **fault}
    return drawbridge.aws.control("POST", "faults", wanted)["id"]


def clear(drawbridge: Drawbridge, fault: str = "") -> None:
    """Clear one fault, or all; what it held goes on."""
    drawbridge.aws.control("DELETE", f"faults/{fault}" if fault else "faults")


def hits(drawbridge: Drawbridge, fault: str) -> int:
    """How many calls it has hit."""
    faults = drawbridge.aws.control("GET", "faults")["faults"]
    return next(entry["hits"] for entry in faults if entry["id"] == fault)
