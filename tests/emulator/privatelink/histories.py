"""What states each interface endpoint went through: how often it was accepted or cut off in fact, whoever asked for it.

Control API: `GET endpoints`; those that are deleted are still there, in the order in which they were made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .registry import Endpoint, Registry

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(_hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Show them."""

    def show(_: Any) -> dict[str, Any]:
        with registry.lock:
            registry.settle()
            return {"endpoints": [_describe(endpoint) for endpoint in registry.ever]}

    app.control("GET", "endpoints", show)


def _describe(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "account": endpoint.account,
        "service": endpoint.service.id if endpoint.service else None,
        "states": [*endpoint.past, endpoint.state],
    }
