"""Private DNS as accounts and their VPCs see it: hosted zones, records, and what a name resolves to."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from emulator.clients import HUB, REGION

from .local_aws import LocalAws

REFERENCES = itertools.count(1)
# Every zone has them, from its making.
ITS_OWN = ("NS", "SOA")
# How Route 53 shows what isn't a letter, a digit, a hyphen or an underscore.
ESCAPED = re.compile(r"\\(\d{3})")


@dataclass(frozen=True)
class Domains:
    """Route 53 of one account, and the names that anybody sees."""

    aws: LocalAws
    account: str = HUB

    @property
    def api(self) -> Any:
        """Route 53 as the account calls it."""
        return self.aws.client("route53", self.account, "us-east-1")

    def make_zone(self, name: str, vpc: str = "") -> str:
        """Make a zone by hand, public or for one VPC; its id."""
        options = {"VPC": vpc_of(vpc)} if vpc else {}
        made = self.api.create_hosted_zone(Name=name, CallerReference=f"by-hand-{next(REFERENCES)}", **options)
        return made["HostedZone"]["Id"].removeprefix("/hostedzone/")

    def make_record(self, zone: str, name: str, kind: str, value: str, ttl: int = 60) -> None:
        """Make a record by hand."""
        record = {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value}]}
        changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
        self.api.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    def zones(self, name: str) -> list[str]:
        """The ids of the account's zones of this name."""
        pages = self.api.get_paginator("list_hosted_zones").paginate()
        found = [zone for page in pages for zone in page["HostedZones"]]
        return [zone["Id"].removeprefix("/hostedzone/") for zone in found if zone["Name"] == f"{name}."]

    def records(self, zone: str) -> dict[tuple[str, str], Any]:
        """The records of a zone by name and type, but for its own: the values, or the target of an alias."""
        pages = self.api.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
        found = [record for page in pages for record in page["ResourceRecordSets"]]
        return {
            (ESCAPED.sub(_unescape, record["Name"]).rstrip("."), record["Type"]): _content(record)
            for record in found
            if record["Type"] not in ITS_OWN
        }

    def associated(self, zone: str) -> set[str]:
        """The VPCs in which a zone answers."""
        return {vpc["VPCId"] for vpc in self.api.get_hosted_zone(Id=zone)["VPCs"]}

    def authorized(self, zone: str) -> set[str]:
        """The VPCs of other accounts that may be associated with a zone."""
        listed = self.api.list_vpc_association_authorizations(HostedZoneId=zone)
        return {vpc["VPCId"] for vpc in listed["VPCs"]}

    def answering_in(self, account: str, vpc: str) -> dict[str, str]:
        """The names of the zones that answer in a VPC, as its account sees them, each with the zone's owner."""
        api = self.aws.client("route53", account, "us-east-1")
        listed = api.list_hosted_zones_by_vpc(VPCId=vpc, VPCRegion=REGION)["HostedZoneSummaries"]
        return {zone["Name"].rstrip("."): next(iter(zone["Owner"].values())) for zone in listed}

    def resolve(self, name: str, account: str = "", vpc: str = "", kind: str = "A") -> dict[str, Any]:
        """What a name resolves to in a VPC, or in public."""
        where = {"account": account, "vpc": vpc} if vpc else {}
        return self.aws.control("GET", f"resolve?{urlencode({'name': name, 'type': kind, **where})}")

    def addresses(self, name: str, account: str, vpc: str) -> list[str]:
        """The addresses that a name has in a VPC; none when it doesn't resolve."""
        return sorted(answer["value"] for answer in self.resolve(name, account, vpc)["answers"])


def vpc_of(vpc: str) -> dict[str, str]:
    """A VPC as Route 53 names it."""
    return {"VPCId": vpc, "VPCRegion": REGION}


def _unescape(code: re.Match[str]) -> str:
    return chr(int(code[1], base=8))


def _content(record: dict[str, Any]) -> Any:
    if "AliasTarget" in record:
        return record["AliasTarget"]["DNSName"].rstrip(".")
    return sorted(value["Value"] for value in record["ResourceRecords"])
