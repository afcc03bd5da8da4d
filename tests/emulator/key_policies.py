"""Policies of KMS keys with one statement that isn't in a list, on which moto fails."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from moto.kms import responses

if TYPE_CHECKING:
    from .hooks import Hooks


def install(hooks: Hooks) -> None:
    """Let moto see a list."""
    hooks.wrap(responses, "validate_policy", _validate_policy)


def _validate_policy(original: Any, key: Any, action: str) -> None:
    policy = json.loads(key.policy)
    if isinstance(policy.get("Statement"), dict):
        policy["Statement"] = [policy["Statement"]]
    original(SimpleNamespace(arn=key.arn, policy=json.dumps(policy)), action)
