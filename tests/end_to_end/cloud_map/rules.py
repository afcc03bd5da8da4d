"""What these tests configure."""

from __future__ import annotations

from typing import Any

DEPLOYMENT = "drawbridge"
OWNER = {"drawbridge:owner": DEPLOYMENT}
NAMESPACE = "shop"
TAG = "drawbridge_cloud-map"


def cloud_map(**otherwise: Any) -> dict[str, Any]:
    """The part `cloud-map` of the configuration, in which some is otherwise (`take_up_zones` is take-up-zones)."""
    usual = {
        "endpoints": "register",
        "namespace": NAMESPACE,
        "make": "http-namespace",
        "targets": "tagged",
        "take-up-zones": True,
        "most-removals": 10,
    }
    return usual | {name.replace("_", "-"): value for name, value in otherwise.items()}
