"""The rules that these tests deploy, and what they make of the sample Organization."""

from __future__ import annotations

from typing import Any

ENDPOINTS = ["endpoint", "network-interface"]
BEHIND = ["endpoint-service", "load-balancer", "listener", "target-group", "hosted-zone"]
MADE = ["alarm", "cloud-map-namespace", "cloud-map-service"]
WRITE: dict[str, dict[str, Any]] = {
    "creator": {"from": "{creator.name}", "on": [*ENDPOINTS, "endpoint-service"]},
    "session": {"from": "{creator.session}", "on": ENDPOINTS},
    "owner-account": {"from": "{account.name}", "on": ENDPOINTS},
    "unit": {"from": "{account.ou-path}", "on": ENDPOINTS},
    "cost-centre": {"from": "{account.tag.cost-centre}", "default": "unallocated", "on": ENDPOINTS},
    "consumer": {"from": "{consumer.name} {consumer.id}", "on": ["connection"]},
    "consumer-unit": {"from": "{consumer.ou-path}", "on": ["connection"]},
    "accepted-by": {"from": "{decision.policy}", "on": ["connection"]},
    "platform": {"from": "network-team", "on": BEHIND},
}
# For what Drawbridge makes besides.
ALSO_MADE = {"platform": {"from": "network-team", "on": [*BEHIND, *MADE]}}
# Written by some of the tests only.
WAVE = "wave"
# The roles may write these, and no other.
TAG_KEYS = (*WRITE, WAVE)
MARK = "drawbridge:tags"
DEPLOYMENT = "drawbridge"


def mark(*keys: str) -> str:
    """What the tag says that tells which keys are Drawbridge's."""
    return f"{DEPLOYMENT} {'+'.join(sorted(keys))}"
