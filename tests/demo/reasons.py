"""The reasons of decisions, as one would tell them."""

from __future__ import annotations

from typing import Any

WHY = {
    "ORG_MEMBER": "an active member of the Organization",
    "OUTSIDE_ORGANIZATION": "not a member of the Organization, and no policy permits it",
    "ACCOUNT_SUSPENDED": "AWS has suspended the account",
    "NOT_SELECTED": "the service isn't tagged drawbridge:enabled=true",
    "LEFT_ORGANIZATION": "the account was a member, and has left the Organization",
    "QUARANTINE": "the account is in an organizational unit that may not connect",
    "NAME_NOT_VERIFIED": "AWS hasn't seen yet that the domain is the provider's",
    "NAME_VERIFIED": "AWS has found the record: the domain is the provider's",
    "UNDER_WAY": "nothing is begun twice; it is looked at again",
    "NAME_WANTED": "the endpoint is tagged with the name",
    "SELECTED": "the VPC is tagged dns=yes",
    "NOT_WANTED": "no endpoint is tagged with the name any more",
}


def tell_why(line: dict[str, Any]) -> str:
    """Reason, policy, and what they mean, of a decision in the log."""
    policy = f" by policy {line['policy']}" if line.get("policy") else ""
    return f"{line['reason']}{policy}: {WHY.get(line['reason'], line['message'])}"
