"""`GET resolve`: who answers for a name in a VPC, in which order, and what the public DNS says."""

from __future__ import annotations

from typing import Any

import pytest

from ..clients import ControlRefused
from .domains import Domains, alias, record, resolve, values, vpc
from .parties import Party
from .running import RunningEmulator


@pytest.fixture
def domains(provider: Party) -> Domains:
    """Route 53 of the provider."""
    return Domains(provider.emulator, provider.account)


@pytest.fixture
def where(provider: Party) -> dict[str, str]:
    """The provider's VPC."""
    return {"account": provider.account, "vpc": provider.network.vpc_id}


def test_public_zone_answers_everywhere_and_says_so(
    domains: Domains, emulator: RunningEmulator, where: dict[str, str]
) -> None:
    zone = domains.make_zone("example.com")
    domains.change(zone, record("CREATE", "www.example.com", "A", "192.0.2.1", "192.0.2.2", ttl=60))
    for place in ({}, where):
        answer = resolve(emulator, "WWW.example.com", **place)
        assert (answer["status"], values(answer)) == ("NOERROR", ["192.0.2.1", "192.0.2.2"])
        assert answer["answers"][0] == {"name": "www.example.com.", "type": "A", "ttl": 60, "value": "192.0.2.1"}
        assert answer["zone"] == {
            "kind": "public-zone",
            "id": zone,
            "name": "example.com.",
            "owner": domains.account,
            "through": "public",
            "asked": "www.example.com.",
        }
    assert resolve(emulator, "www.example.com", "AAAA")["status"] == "NODATA"
    assert resolve(emulator, "none.example.com")["status"] == "NXDOMAIN"
    assert resolve(emulator, "www.example.net")["status"] == "NOT_HERE"


def test_private_zone_hides_the_public_names_below_it(
    domains: Domains, emulator: RunningEmulator, where: dict[str, str]
) -> None:
    public = domains.make_zone("example.com")
    domains.change(public, record("CREATE", "www.example.com", "A", "192.0.2.1"))
    private = domains.make_zone("example.com", where["vpc"])
    hidden = resolve(emulator, "www.example.com", **where)
    assert (hidden["status"], hidden["zone"]["id"], hidden["zone"]["through"]) == ("NXDOMAIN", private, "vpc")
    assert values(resolve(emulator, "www.example.com")) == ["192.0.2.1"]


def test_longest_of_the_private_zones_answers(
    domains: Domains, emulator: RunningEmulator, where: dict[str, str]
) -> None:
    wide, narrow = (domains.make_zone(name, where["vpc"]) for name in ("internal", "orders.internal"))
    domains.change(wide, record("CREATE", "orders.internal", "A", "10.0.0.1"))
    assert resolve(emulator, "orders.internal", **where)["status"] == "NODATA"
    domains.change(narrow, record("CREATE", "orders.internal", "A", "10.0.0.2"))
    assert values(resolve(emulator, "orders.internal", **where)) == ["10.0.0.2"]


def test_wildcard_answers_for_names_that_are_not_there(
    domains: Domains, emulator: RunningEmulator, where: dict[str, str]
) -> None:
    zone = domains.make_zone("internal", where["vpc"])
    domains.change(
        zone,
        record("CREATE", "*.internal", "A", "10.0.0.1"),
        record("CREATE", "a.b.internal", "A", "10.0.0.2"),
    )
    answer = resolve(emulator, "x.y.internal", **where)
    assert (values(answer), answer["answers"][0]["name"]) == (["10.0.0.1"], "x.y.internal.")
    assert resolve(emulator, "b.internal", **where)["status"] == "NODATA"
    assert resolve(emulator, "c.b.internal", **where)["status"] == "NXDOMAIN"


def test_cname_is_followed_from_zone_to_zone(
    domains: Domains, emulator: RunningEmulator, where: dict[str, str]
) -> None:
    private, public = domains.make_zone("internal", where["vpc"]), domains.make_zone("example.com")
    domains.change(private, record("CREATE", "orders.internal", "CNAME", "Orders.example.com"))
    domains.change(public, record("CREATE", "orders.example.com", "A", "192.0.2.1"))
    answer = resolve(emulator, "orders.internal", **where)
    assert values(answer) == ["Orders.example.com", "192.0.2.1"]
    assert [step["id"] for step in answer["steps"]] == [private, public]
    domains.change(public, record("UPSERT", "loop.example.com", "CNAME", "loop.example.com"))
    assert resolve(emulator, "loop.example.com")["status"] == "SERVFAIL"


def test_alias_in_a_zone_is_answered_in_place_of_its_target(domains: Domains, emulator: RunningEmulator) -> None:
    zone = domains.make_zone("example.com")
    domains.change(zone, record("CREATE", "www.example.com", "A", "192.0.2.1"))
    domains.change(zone, alias("CREATE", "example.com", "A", zone, "www.example.com"))
    answer = resolve(emulator, "example.com")
    assert (values(answer), answer["answers"][0]["name"]) == (["192.0.2.1"], "example.com.")
    assert [step["asked"] for step in answer["steps"]] == ["example.com.", "www.example.com."]
    domains.change(zone, alias("UPSERT", "www.example.com", "A", zone, "example.com"))
    assert resolve(emulator, "example.com")["status"] == "SERVFAIL"


def test_name_of_an_endpoint_resolves_through_an_alias_in_an_associated_zone(
    domains: Domains, provider: Party, consumer: Party
) -> None:
    service = provider.make_service(allow=(provider.account,), AcceptanceRequired=False)
    entries = provider.connect(service)["DnsEntries"]
    name, target = "orders.example.com", (entries[0]["HostedZoneId"], entries[0]["DnsName"])
    zone = domains.make_zone(name, provider.network.vpc_id)
    domains.change(zone, alias("CREATE", name, "A", *target), alias("CREATE", f"*.{name}", "A", *target))
    theirs = vpc(consumer.network.vpc_id)
    domains.api.create_vpc_association_authorization(HostedZoneId=zone, VPC=theirs)
    member = Domains(consumer.emulator, consumer.account)
    place = {"account": consumer.account, "vpc": consumer.network.vpc_id}
    assert resolve(consumer.emulator, name, **place)["status"] == "NOT_HERE"
    member.api.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=theirs)
    for asked in (name, f"eu.{name}"):
        answer = resolve(consumer.emulator, asked, **place)
        assert (len(values(answer)), answer["zone"]["id"]) == (2, zone)
        assert answer["zone"]["owner"] == provider.account
    assert sorted(values(answer)) == sorted(values(resolve(consumer.emulator, entries[0]["DnsName"])))
    zonal = [values(resolve(consumer.emulator, entry["DnsName"])) for entry in entries[1:]]
    assert sorted(address for (address,) in zonal) == sorted(values(answer))
    assert resolve(consumer.emulator, name, "AAAA", **place)["status"] == "NODATA"


def test_alias_to_an_endpoint_needs_its_public_name_and_a_type_it_has(domains: Domains, provider: Party) -> None:
    endpoint = provider.connect({"ServiceName": "com.amazonaws.eu-west-1.sqs"}, PrivateDnsEnabled=True)
    private, regional = endpoint["DnsEntries"][:2]
    zone = domains.make_zone("internal", provider.network.vpc_id)

    def problem(kind: str, zone_id: str, target: str) -> str:
        return domains.problems(zone, alias("CREATE", "sqs.internal", kind, zone_id, target))

    assert "does not lie within" in problem("A", private["HostedZoneId"], private["DnsName"])
    assert "target was not found" in problem("AAAA", regional["HostedZoneId"], regional["DnsName"])
    gone = regional["DnsName"].replace("vpce-", "vpce-1", 1)
    assert "target was not found" in problem("A", regional["HostedZoneId"], gone)
    assert "does not lie within" in problem("A", regional["HostedZoneId"], "www.example.com")
    domains.change(zone, alias("CREATE", "sqs.internal", "A", regional["HostedZoneId"], regional["DnsName"]))
    provider.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    provider.ec2.describe_vpc_endpoints()
    place = {"account": provider.account, "vpc": provider.network.vpc_id}
    assert resolve(provider.emulator, "sqs.internal", **place)["status"] == "NODATA"


def test_dns_attributes_of_the_vpc_decide_whether_anything_answers(
    domains: Domains, provider: Party, where: dict[str, str]
) -> None:
    zone = domains.make_zone("internal", where["vpc"])
    domains.change(zone, record("CREATE", "orders.internal", "A", "10.0.0.1"))

    def switch(attribute: str, value: bool) -> str:
        provider.ec2.modify_vpc_attribute(VpcId=where["vpc"], **{attribute: {"Value": value}})
        return resolve(provider.emulator, "orders.internal", **where)["status"]

    assert switch("EnableDnsHostnames", False) == "NOT_HERE"
    assert switch("EnableDnsHostnames", True) == "NOERROR"
    assert switch("EnableDnsSupport", False) == "NO_RESOLVER"


def test_forwarding_rule_wins_over_a_zone_of_the_same_name(
    domains: Domains, provider: Party, where: dict[str, str]
) -> None:
    for name in ("internal", "orders.internal"):
        zone = domains.make_zone(name, where["vpc"])
        domains.change(zone, record("CREATE", f"www.{name}", "A", "10.0.0.1"))
    forward(provider, "internal")
    answer = resolve(provider.emulator, "www.internal", **where)
    assert (answer["status"], answer["zone"]["kind"], answer["zone"]["name"]) == (
        "FORWARDED",
        "resolver-rule",
        "internal.",
    )
    assert answer["zone"]["targets"] == [{"Ip": "10.0.0.53", "Port": 53}]
    assert resolve(provider.emulator, "www.orders.internal", **where)["status"] == "NOERROR"


def forward(party: Party, domain: str) -> None:
    """Let questions for a domain go from the party's VPC to other name servers."""
    api = party.client("route53resolver")
    (group,) = party.ec2.describe_security_groups(
        Filters=[
            {"Name": "vpc-id", "Values": [party.network.vpc_id]},
            {"Name": "group-name", "Values": ["default"]},
        ]
    )["SecurityGroups"]
    addresses = [{"SubnetId": subnet} for subnet in party.network.subnet_ids]
    endpoint = api.create_resolver_endpoint(
        CreatorRequestId="e",
        SecurityGroupIds=[group["GroupId"]],
        Direction="OUTBOUND",
        IpAddresses=addresses,
        Name="out",
    )["ResolverEndpoint"]
    rule = api.create_resolver_rule(
        CreatorRequestId="r",
        RuleType="FORWARD",
        DomainName=domain,
        TargetIps=[{"Ip": "10.0.0.53", "Port": 53}],
        ResolverEndpointId=endpoint["Id"],
        Name="out",
    )["ResolverRule"]
    api.associate_resolver_rule(ResolverRuleId=rule["Id"], VPCId=party.network.vpc_id, Name="out")


def test_delegated_name_is_not_answered_by_the_zone_above(domains: Domains, emulator: RunningEmulator) -> None:
    zone = domains.make_zone("example.com")
    domains.change(zone, record("CREATE", "sub.example.com", "NS", "ns1.example.net"))
    assert resolve(emulator, "www.sub.example.com")["status"] == "NOT_HERE"
    below = domains.make_zone("sub.example.com")
    domains.change(below, record("CREATE", "www.sub.example.com", "A", "192.0.2.1"))
    assert values(resolve(emulator, "www.sub.example.com")) == ["192.0.2.1"]


def test_records_answer_when_their_change_is_in_sync(
    domains: Domains, emulator: RunningEmulator, where: dict[str, str]
) -> None:
    zone = domains.make_zone("internal", where["vpc"])
    domains.change(zone, record("CREATE", "a.internal", "A", "10.0.0.1"))
    assert resolve(emulator, "a.internal", **where)["status"] == "NOERROR"
    emulator.control("POST", "settings", {"state_delay_ms": 3_600_000})
    domains.change(zone, record("CREATE", "b.internal", "A", "10.0.0.2"))
    assert resolve(emulator, "b.internal", **where)["status"] == "NXDOMAIN"


def test_what_resolve_cannot_say_is_refused(domains: Domains, emulator: RunningEmulator, where: dict[str, Any]) -> None:
    zone = domains.make_zone("example.com")
    domains.change(zone, record("CREATE", "w.example.com", "A", "192.0.2.1", SetIdentifier="a", Weight=1))
    for name, place, reason in (
        ("w.example.com", {}, "501"),
        ("a..b", {}, "400"),
        ("example.com", {"account": "999999999999", "vpc": where["vpc"]}, "404"),
        ("example.com", {"region": "eu-west-1"}, "400"),
    ):
        with pytest.raises(ControlRefused, match=reason):
            resolve(emulator, name, **place)
