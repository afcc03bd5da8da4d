"""Zones and records of an account, for the tests of Route 53."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from .running import RunningEmulator

REFERENCES = itertools.count(1)


class Domains:
    """Route 53 as one account uses it."""

    def __init__(self, emulator: RunningEmulator, account: str, credentials: dict[str, str] | None = None) -> None:
        self.account = account
        self.api = emulator.client("route53", account=account, region="us-east-1", credentials=credentials)

    def make_zone(self, name: str, vpc_id: str | None = None, **options: Any) -> str:
        """A zone's id (without prefix); private with a VPC (of eu-west-1)."""
        if vpc_id:
            options["VPC"] = vpc(vpc_id)
        made = self.api.create_hosted_zone(Name=name, CallerReference=f"reference-{next(REFERENCES)}", **options)
        return made["HostedZone"]["Id"].removeprefix("/hostedzone/")

    def change(self, zone_id: str, *changes: dict[str, Any], comment: str | None = None) -> dict[str, Any]:
        """Send a batch; the ChangeInfo."""
        batch: dict[str, Any] = {"Changes": list(changes)}
        if comment:
            batch["Comment"] = comment
        return self.api.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)["ChangeInfo"]

    def problems(self, zone_id: str, *changes: dict[str, Any]) -> str:
        """Code and message by which a batch is refused."""
        with pytest.raises(ClientError) as refused:
            self.change(zone_id, *changes)
        error = refused.value.response["Error"]
        return f"{error['Code']}: {error['Message']}"

    def records(self, zone_id: str, **options: Any) -> list[tuple[str, str]]:
        """Names and types of a page of records."""
        page = self.api.list_resource_record_sets(HostedZoneId=zone_id, **options)["ResourceRecordSets"]
        return [(record["Name"], record["Type"]) for record in page]


def vpc(vpc_id: str, region: str = "eu-west-1") -> dict[str, str]:
    """The structure VPC."""
    return {"VPCRegion": region, "VPCId": vpc_id}


def record(action: str, name: str, kind: str, *values: str, ttl: int = 300, **options: Any) -> dict[str, Any]:
    """One change of a batch."""
    content = {"TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}
    return {"Action": action, "ResourceRecordSet": {"Name": name, "Type": kind, **content, **options}}


def alias(action: str, name: str, kind: str, zone_id: str, target: str, **options: Any) -> dict[str, Any]:
    """One change of a batch that makes or removes an alias."""
    content = {"AliasTarget": {"HostedZoneId": zone_id, "DNSName": target, "EvaluateTargetHealth": False}}
    return {"Action": action, "ResourceRecordSet": {"Name": name, "Type": kind, **content, **options}}


def resolve(emulator: RunningEmulator, name: str, kind: str = "A", **where: str) -> dict[str, Any]:
    """What a name resolves to; `account=` and `vpc=` say where."""
    return emulator.control("GET", f"resolve?{urlencode({'name': name, 'type': kind, **where})}")


def values(answer: dict[str, Any]) -> list[str]:
    """The values in an answer of `resolve`."""
    return [found["value"] for found in answer["answers"]]


def message_of(call: Any, *arguments: Any, **options: Any) -> str:
    """The error message that a call is refused with."""
    with pytest.raises(ClientError) as raised:
        call(*arguments, **options)
    return raised.value.response["Error"]["Message"]
