"""An Organization for tests: its management account, members, a delegation policy."""

from __future__ import annotations

import json
from typing import Any

from .running import HUB, RunningEmulator

MANAGEMENT = "111111111111"
MEMBER = "444444444444"
STRANGER = "999999999999"


class Organization:
    """An Organization with its management account and some members."""

    def __init__(self, emulator: RunningEmulator, *members: str) -> None:
        self.emulator = emulator
        self.api = self.client(MANAGEMENT)
        self.id = self.api.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.root = self.api.list_roots()["Roots"][0]["Id"]
        for member in members:
            self.invite(member)

    def client(self, account: str) -> Any:
        """Organizations as that account asks it."""
        return self.emulator.client("organizations", account=account, region="us-east-1")

    def invite(self, account: str) -> None:
        """Make an account a member."""
        target = {"Type": "ACCOUNT", "Id": account}
        handshake = self.api.invite_account_to_organization(Target=target)["Handshake"]
        self.client(account).accept_handshake(HandshakeId=handshake["Id"])

    def delegate(self, *actions: str, **statement: Any) -> None:
        """Let the hub do `actions`."""
        allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}, "Action": list(actions)}
        policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": "*", **statement}]}
        self.api.put_resource_policy(Content=json.dumps(policy))

    def add_unit(self, name: str, parent: str | None = None) -> str:
        """A new organizational unit's id."""
        made = self.api.create_organizational_unit(ParentId=parent or self.root, Name=name)
        return made["OrganizationalUnit"]["Id"]

    def move(self, account: str, destination: str) -> None:
        """Move an account from where it is."""
        (parent,) = self.api.list_parents(ChildId=account)["Parents"]
        self.api.move_account(AccountId=account, SourceParentId=parent["Id"], DestinationParentId=destination)

    def describe(self, account: str) -> dict[str, Any]:
        """An account as DescribeAccount shows it to the management account."""
        return self.api.describe_account(AccountId=account)["Account"]
