"""Elastic Load Balancing: tags as AWS gives and takes them, listings in pages, targets with their states, permissions of roles.

Load balancers, listeners and target groups are moto's; what endpoint services need of them is in `privatelink`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import attachments, demands, listings, tags, targets

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer the operations, and have them judged."""
    tags.install(hooks)
    attachments.install(hooks)
    listings.install(hooks, app)
    targets.install(hooks, app)
    demands.install(app)
