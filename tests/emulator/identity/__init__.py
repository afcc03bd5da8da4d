"""Who calls: access keys, role sessions and the Organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import accounts, delegation, handshakes, membership, sessions

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer STS, and Organizations where moto lets everybody do everything."""
    sessions.install(hooks, app)
    app.on_reset(membership.forget_memberships)
    delegation.Delegation().install(hooks, app)
    handshakes.Handshakes().install(hooks, app)
    accounts.Accounts(app).install(hooks)
