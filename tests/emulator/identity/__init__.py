"""Who calls: access keys, role sessions and the Organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    accounts,
    authorization,
    delegation,
    handshakes,
    membership,
    membership_events,
    sessions,
    tag_policies,
    tags,
    units,
)

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer STS and Organizations, and judge what sessions of roles may do."""
    sessions.install(hooks, app)
    app.on_reset(membership.forget_memberships)
    app.authorization = authorization.Authorization(app)
    policies = delegation.Delegation()
    policies.install(hooks, app)
    events = membership_events.MembershipEvents(app)
    handshakes.Handshakes(events).install(hooks, app)
    accounts.Accounts(app, events).install(hooks)
    units.install(hooks)
    tags.Tags(policies).install(hooks, app)
    tag_policies.TagPolicies().install(hooks, app)
