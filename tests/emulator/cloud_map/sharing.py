"""Who may use a namespace: its owner, and those it is shared with by Resource Access Manager."""

from __future__ import annotations

import re

from ..hooks import Hooks
from ..shares import is_shared_with, make_shareable
from .registry import Namespace

NAMESPACE_ARN = re.compile(r"arn:aws:servicediscovery:[a-z0-9-]+:\d{12}:namespace/ns-[0-9a-z]+")


def install(hooks: Hooks) -> None:
    """Let moto's shares hold namespaces."""
    make_shareable(hooks, NAMESPACE_ARN)


def may_use(namespace: Namespace, account: str) -> bool:
    """Whether an account may use the namespace and its services."""
    own = account == namespace.account
    return own or is_shared_with(account, namespace.arn, namespace.account, namespace.region)
