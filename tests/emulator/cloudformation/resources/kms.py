"""AWS::KMS::*."""

from __future__ import annotations

from typing import Any

from .base import Made, Making, ResourceType, changed_properties, document, ignoring, only, resource_type, tag_list

GONE = ("NotFoundException", "KMSInvalidStateException")


@resource_type
class Key(ResourceType):
    """A key; Ref is its id."""

    name = "AWS::KMS::Key"
    properties = (
        "Description",
        "Enabled",
        "EnableKeyRotation",
        "KeyPolicy",
        "KeySpec",
        "KeyUsage",
        "MultiRegion",
        "PendingWindowInDays",
        "Tags",
    )
    replaced_by = ("KeySpec", "KeyUsage", "MultiRegion")

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateKey, rotation and state."""
        key = making.call(
            "kms",
            "CreateKey",
            Policy=document(properties.get("KeyPolicy")),
            Tags=tag_list(making.all_tags(properties.get("Tags")), "TagKey", "TagValue"),
            **only(properties, "Description", "KeySpec", "KeyUsage", "MultiRegion"),
        )["KeyMetadata"]
        self._switch(making, key["KeyId"], properties)
        return Made(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Description, policy, rotation and state, whichever changed."""
        changed = changed_properties(old, new)
        if "Description" in changed:
            making.call("kms", "UpdateKeyDescription", KeyId=made.physical_id, Description=new.get("Description", ""))
        if "KeyPolicy" in changed and new.get("KeyPolicy"):
            policy = document(new["KeyPolicy"])
            making.call("kms", "PutKeyPolicy", KeyId=made.physical_id, PolicyName="default", Policy=policy)
        if changed & {"EnableKeyRotation", "Enabled"}:
            self._switch(making, made.physical_id, new)
        tags = tag_list(making.all_tags(new.get("Tags")), "TagKey", "TagValue")
        if tags:
            making.call("kms", "TagResource", KeyId=made.physical_id, Tags=tags)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """ScheduleKeyDeletion: a key is never gone at once."""
        days = properties.get("PendingWindowInDays", 30)
        arguments = {"KeyId": made.physical_id, "PendingWindowInDays": days}
        ignoring(GONE, lambda: making.call("kms", "ScheduleKeyDeletion", **arguments))

    @staticmethod
    def _switch(making: Making, key: str, properties: dict[str, Any]) -> None:
        rotates = str(properties.get("EnableKeyRotation", "false")).lower() == "true"
        making.call("kms", "EnableKeyRotation" if rotates else "DisableKeyRotation", KeyId=key)
        enabled = str(properties.get("Enabled", "true")).lower() == "true"
        making.call("kms", "EnableKey" if enabled else "DisableKey", KeyId=key)


@resource_type
class Alias(ResourceType):
    """An alias; Ref is its name."""

    name = "AWS::KMS::Alias"
    properties = ("AliasName", "TargetKeyId")
    required = properties
    replaced_by = ("AliasName",)
    name_property = "AliasName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateAlias."""
        making.call("kms", "CreateAlias", **properties)
        return Made(properties["AliasName"])

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """UpdateAlias."""
        making.call("kms", "UpdateAlias", **new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteAlias."""
        ignoring(GONE, lambda: making.call("kms", "DeleteAlias", AliasName=made.physical_id))
