"""AWS::CloudFormation::*."""

from __future__ import annotations

import uuid
from typing import Any

from .base import Made, Making, ResourceType, resource_type


@resource_type
class WaitConditionHandle(ResourceType):
    """A handle that nothing waits for: a resource for a stack that would have none. Ref is its address."""

    name = "AWS::CloudFormation::WaitConditionHandle"
    properties = ()

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """There is nothing behind it."""
        stack = making.stack_id.rsplit(":", 1)[-1]
        address = f"https://cloudformation-waitcondition-{making.region}.s3.amazonaws.com/{stack}/{uuid.uuid4()}"
        return Made(address, {"Id": address})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """It has no properties."""
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """There is nothing behind it."""
