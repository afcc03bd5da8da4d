"""The Route 53 Profiles of all accounts: what they hold, and the VPCs that they are associated with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..late_changes import LateChanges
from ..route53.vpcs import Vpc
from ..route53.zones import Zones

if TYPE_CHECKING:
    from ..settings import Settings

COMPLETE = "COMPLETE"
DELETING = "DELETING"
# The status in which something already works, or still does.
WORKING = (COMPLETE, "UPDATING")


@dataclass
class Stage:
    """How far something has come; `noun` is what the messages call it."""

    noun: str
    status: str = "CREATING"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    message: str = ""

    def __post_init__(self) -> None:
        self.message = self.message or f"Creating {self.noun}"

    def become(self, status: str, message: str) -> None:
        """Take on another status."""
        self.status, self.message, self.modified = status, f"{message} {self.noun}", datetime.now(UTC)

    def describe(self) -> dict[str, Any]:
        """The members that all of them have."""
        return {
            "Status": self.status,
            "StatusMessage": self.message,
            "CreationTime": self.created,
            "ModificationTime": self.modified,
        }


@dataclass
class VpcAssociation:
    """A Profile in a VPC; it belongs to the VPC's account."""

    id: str
    account: str
    profile_id: str
    vpc: Vpc
    name: str
    priority: int
    stage: Stage
    tags: dict[str, str]

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:route53profiles:{self.vpc.region}:{self.account}:profile-association/{self.id}"

    def describe(self) -> dict[str, Any]:
        """The structure ProfileAssociation."""
        shown = {"Id": self.id, "Name": self.name, "OwnerId": self.account, "ProfileId": self.profile_id}
        return {**shown, "ResourceId": self.vpc.id, "Priority": self.priority, **self.stage.describe()}


@dataclass
class ResourceAssociation:
    """Something in a Profile; `kind` is the API's ResourceType, `domain` what it answers for."""

    id: str
    account: str
    profile_id: str
    arn: str
    kind: str
    name: str
    properties: str | None
    stage: Stage

    def describe(self) -> dict[str, Any]:
        """The structure ProfileResourceAssociation."""
        shown = {"Id": self.id, "Name": self.name, "OwnerId": self.account, "ProfileId": self.profile_id}
        shown |= {"ResourceArn": self.arn, "ResourceType": self.kind}
        return {
            **shown,
            **({"ResourceProperties": self.properties} if self.properties else {}),
            **self.stage.describe(),
        }


@dataclass
class Profile:
    """A Profile."""

    id: str
    account: str
    region: str
    name: str
    token: str
    stage: Stage
    tags: dict[str, str]
    vpcs: dict[str, VpcAssociation] = field(default_factory=dict)  # by association id, as are the resources
    resources: dict[str, ResourceAssociation] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:route53profiles:{self.region}:{self.account}:profile/{self.id}"


class Profiles:
    """Everything Profiles know."""

    def __init__(self, settings: Settings, zones: Zones) -> None:
        self.settings = settings
        self.zones = zones
        self.profiles: dict[str, Profile] = {}
        self._late = LateChanges(settings)

    def clear(self) -> None:
        """Forget everything."""
        self._late.clear()
        self.profiles.clear()

    def settle(self) -> None:
        """Carry out what is due; everybody who reads begins with it."""
        self._late.settle()

    def complete(self, stage: Stage, done: str) -> None:
        """Let something be complete after a while, unless it is deleted before."""

        def change() -> None:
            if stage.status != DELETING:
                stage.become(COMPLETE, done)

        self._late.later(change)

    def remove(self, stage: Stage, holder: dict[str, Any], identifier: str) -> None:
        """Let something be gone after a while; until then it is DELETING."""
        stage.become(DELETING, "Deleting")
        self._late.later(lambda: holder.pop(identifier, None))

    def of_region(self, region: str) -> list[Profile]:
        """The Profiles of a Region, whoever has them, in the order of ids."""
        return sorted((p for p in list(self.profiles.values()) if p.region == region), key=lambda p: p.id)

    def associations_of(self, vpc: Vpc) -> list[tuple[Profile, VpcAssociation]]:
        """The Profiles in a VPC, the lowest priority first."""
        found = [(p, a) for p in self.of_region(vpc.region) for a in list(p.vpcs.values()) if a.vpc == vpc]
        return sorted(found, key=lambda pair: pair[1].priority)

    def resources_for(self, vpc: Vpc) -> list[tuple[str, str]]:
        """What Profiles bring into a VPC (`route53.sources.ProfileContents`)."""
        self.settle()
        return [
            (profile.id, resource.arn)
            for profile, association in self.associations_of(vpc)
            if association.stage.status in WORKING
            for resource in list(profile.resources.values())
            if resource.stage.status in WORKING
        ]


def new_id(prefix: str) -> str:
    """An id as Profiles make them."""
    return f"{prefix}-{secrets.token_hex(8)}"
