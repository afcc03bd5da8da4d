"""The resource types: how each is made, changed and deleted by calls of its service."""

from __future__ import annotations

import importlib

from .base import TYPES, Made, Making, ResourceType
from .moto_models import moto_type

__all__ = ["Made", "Making", "ResourceType", "find_type"]

MODULES = (
    "appconfig",
    "cloudwatch",
    "ec2",
    "elbv2",
    "events",
    "functions",
    "iam",
    "kms",
    "logs",
    "oam",
    "organizations",
    "scheduler",
    "sns",
    "sqs",
    "stack_sets",
    "stacks",
)

for _name in MODULES:
    importlib.import_module(f"{__package__}.{_name}")


def find_type(name: str) -> ResourceType | None:
    """The resource type of a name: ours, or else moto's own; None when neither makes it."""
    return TYPES.get(name) or moto_type(name)
