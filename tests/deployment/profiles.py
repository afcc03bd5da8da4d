"""Route 53 Profiles as people see and make them: what they hold, which VPCs have them, with whom they are shared."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from emulator.clients import HUB

from .local_aws import LocalAws

NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Profile:
    """A Profile of an account."""

    aws: LocalAws
    id: str
    arn: str
    account: str

    def share(self, *accounts: str) -> None:
        """Share it by RAM."""
        ram = self.aws.client("ram", self.account)
        ram.create_resource_share(name=f"share-{self.id}", resourceArns=[self.arn], principals=[*accounts])

    def put(self, resource: str, name: str) -> None:
        """Put something into it by hand."""
        api = self.aws.client("route53profiles", self.account)
        api.associate_resource_to_profile(ProfileId=self.id, ResourceArn=resource, Name=name)

    def take_out(self, resource: str) -> None:
        """Take it out again."""
        api = self.aws.client("route53profiles", self.account)
        api.disassociate_resource_from_profile(ProfileId=self.id, ResourceArn=resource)

    def give_to(self, account: str, vpc: str, name: str) -> None:
        """Give it to a VPC by hand."""
        api = self.aws.client("route53profiles", account)
        api.associate_profile(ProfileId=self.id, ResourceId=vpc, Name=name)

    def take_from(self, account: str, vpc: str) -> None:
        """Take it from the VPC again."""
        self.aws.client("route53profiles", account).disassociate_profile(ProfileId=self.id, ResourceId=vpc)

    def contents(self) -> set[str]:
        """The ids of what is in it."""
        pages = self._api_pages("list_profile_resource_associations")
        return {
            found["ResourceArn"].rpartition("/")[2] for page in pages for found in page["ProfileResourceAssociations"]
        }

    def vpcs(self) -> set[str]:
        """The VPCs that have it."""
        pages = self._api_pages("list_profile_associations")
        return {found["ResourceId"] for page in pages for found in page["ProfileAssociations"]}

    def _api_pages(self, operation: str) -> Any:
        api = self.aws.client("route53profiles", self.account)
        return api.get_paginator(operation).paginate(ProfileId=self.id)


def make_profile(aws: LocalAws, account: str = HUB) -> Profile:
    """Make a Profile by hand, that nobody shares yet."""
    number = next(NUMBERS)
    api = aws.client("route53profiles", account)
    made = api.create_profile(Name=f"profile-{number}", ClientToken=f"by-hand-{number}")["Profile"]
    return Profile(aws, made["Id"], made["Arn"], account)
