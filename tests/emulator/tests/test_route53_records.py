"""ChangeResourceRecordSets and ListResourceRecordSets: batches as a whole, AWS's limits, names and order."""

from __future__ import annotations

from typing import Any

import pytest

from .domains import Domains, alias, record
from .parties import PROVIDER, Party, error_of
from .running import RunningEmulator

HERE = "192.0.2.1"


@pytest.fixture
def domains(emulator: RunningEmulator) -> Domains:
    """Route 53 of the provider."""
    return Domains(emulator, PROVIDER)


@pytest.fixture
def zone(domains: Domains) -> str:
    """A public zone `example.com`."""
    return domains.make_zone("example.com")


def test_names_come_back_in_lower_case_with_dot_and_codes(domains: Domains, zone: str) -> None:
    domains.change(
        zone, record("CREATE", "*.WWW.Example.com", "A", HERE), record("CREATE", "a_b.example.com", "A", HERE)
    )
    assert domains.records(zone)[2:] == [("a_b.example.com.", "A"), (r"\052.www.example.com.", "A")]
    domains.change(zone, record("DELETE", r"\052.www.example.com.", "A", HERE))
    assert domains.records(zone)[2:] == [("a_b.example.com.", "A")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (r"a\040b\177.example.com", r"a\040b\177.example.com."),
        (r"\344\304.example.com", r"\344\304.example.com."),
        (r"\000\101\056.example.com", r"\000a\056.example.com."),
    ],
)
def test_any_character_can_be_written_as_a_code_and_comes_back_as_one(
    domains: Domains, zone: str, name: str, shown: str
) -> None:
    domains.change(zone, record("CREATE", name, "A", HERE))
    assert (shown, "A") in domains.records(zone)
    domains.change(zone, record("DELETE", name, "A", HERE))


def test_record_is_listed_as_it_was_written(domains: Domains, zone: str) -> None:
    text = r'"Heritage=external-dns,Owner=\"A\"" "second"'
    domains.change(zone, record("UPSERT", "x.example.com", "TXT", text, ttl=60))
    shown = domains.api.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"][-1]
    assert shown == {"Name": "x.example.com.", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": text}]}


def test_create_of_an_existing_and_delete_of_a_missing_record_refuse_the_whole_batch(
    domains: Domains, zone: str
) -> None:
    domains.change(zone, record("CREATE", "a.example.com", "A", HERE))
    refused = domains.problems(
        zone,
        record("CREATE", "new.example.com", "A", HERE),
        record("CREATE", "A.example.com.", "A", "192.0.2.9"),
        record("DELETE", "absent.example.com", "A", HERE),
    )
    assert refused == (
        "InvalidChangeBatch: [Tried to create resource record set [name='a.example.com.', type='A'] but it already "
        "exists, Tried to delete resource record set [name='absent.example.com.', type='A'] but it was not found]"
    )
    assert domains.records(zone)[2:] == [("a.example.com.", "A")]


@pytest.mark.parametrize(
    "stale",
    [
        record("DELETE", "a.example.com", "A", HERE, ttl=301),
        record("DELETE", "a.example.com", "A", HERE, "192.0.2.3"),
        record("DELETE", "a.example.com", "A", HERE),
    ],
)
def test_delete_must_say_exactly_what_is_there(domains: Domains, zone: str, stale: dict[str, Any]) -> None:
    domains.change(zone, record("CREATE", "a.example.com", "A", HERE, "192.0.2.2"))
    assert "but the values provided do not match the current values" in domains.problems(zone, stale)
    domains.change(zone, record("DELETE", "a.example.com", "A", "192.0.2.2", HERE))
    assert len(domains.records(zone)) == 2


def test_changes_of_a_batch_build_on_each_other(domains: Domains, zone: str) -> None:
    domains.change(zone, record("CREATE", "a.example.com", "A", HERE))
    domains.change(
        zone, record("DELETE", "a.example.com", "A", HERE), record("CREATE", "a.example.com", "CNAME", "b.example.com")
    )
    assert domains.records(zone)[2:] == [("a.example.com.", "CNAME")]
    twice = record("CREATE", "c.example.com", "A", HERE)
    assert "already exists" in domains.problems(zone, twice, twice)


def test_first_records_of_a_zone_stay(domains: Domains, zone: str) -> None:
    shown = domains.api.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    for present, words in zip(shown, ("at least one NS record", "exactly one SOA record"), strict=True):
        assert words in domains.problems(zone, {"Action": "DELETE", "ResourceRecordSet": present})
    servers = [entry["Value"] for entry in shown[0]["ResourceRecords"]]
    domains.change(zone, record("UPSERT", "example.com", "NS", *servers, ttl=900))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (record("CREATE", "www.example.net", "A", HERE), "is not permitted in zone example.com."),
        (record("CREATE", "notexample.com", "A", HERE), "is not permitted in zone example.com."),
        (record("CREATE", "example.com", "CNAME", "a.example.net"), "is not permitted at apex"),
        (record("CREATE", "taken.example.com", "CNAME", "a.example.net"), "conflicting RRSet of type A"),
        (record("CREATE", "a.example.com", "A", "192.0.2"), "ARRDATAIllegalIPv4Address"),
        (record("CREATE", "a.example.com", "AAAA", HERE), "AAAARRDATAIllegalIPv6Address"),
        (record("CREATE", "a.example.com", "TXT", "bare"), "Value should be enclosed in quotation marks"),
        (record("CREATE", "a.example.com", "TXT", f'"{"x" * 256}"'), "CharacterStringTooLong"),
        (record("CREATE", "a.example.com", "CNAME", "b.example.com", "c.example.com"), "only contain one"),
        (record("CREATE", "a.example.com", "A", HERE, HERE), "Duplicate Resource Record"),
        (record("CREATE", "a b.example.com", "A", HERE), "UnsupportedCharacter"),
        (record("CREATE", "a.example.com", "MX", "mail.example.com"), "MXRRDATANotTwoFields"),
        (record("CREATE", "a.example.com", "SRV", "1 mail.example.com"), "SRVRRDATANotFourFields"),
    ],
)
def test_batch_is_refused_with_the_reason(domains: Domains, zone: str, change: dict[str, Any], words: str) -> None:
    domains.change(zone, record("CREATE", "taken.example.com", "A", HERE))
    refused = domains.problems(zone, change)
    assert refused.startswith("InvalidChangeBatch: [")
    assert words in refused


def test_form_of_a_record_is_checked_before_the_zone(domains: Domains, zone: str) -> None:
    both = alias("CREATE", "a.example.com", "A", zone, "b.example.com", TTL=60)
    assert "but found more than one in Change with [Action=CREATE, Name=a.example.com" in domains.problems(zone, both)
    neither = {"Action": "DELETE", "ResourceRecordSet": {"Name": "a.example.com", "Type": "A"}}
    assert domains.problems(zone, neither).startswith("InvalidInput: Invalid request: Expected exactly one of")
    unknown = record("REPLACE", "a.example.com", "A", HERE)
    assert domains.problems(zone, unknown).startswith("InvalidInput")
    long = record("CREATE", "a.example.com", "A", HERE, ttl=2_147_483_647)
    assert domains.change(zone, long)["Status"] == "PENDING"


def test_thousand_records_fit_into_a_batch_and_upserts_count_twice(domains: Domains, zone: str) -> None:
    def batch(action: str, number: int) -> list[dict[str, Any]]:
        return [record(action, f"n{index}.example.com", "A", HERE) for index in range(number)]

    assert "records limit of 1000 exceeded" in domains.problems(zone, *batch("CREATE", 1_001))
    assert "records limit of 1000 exceeded" in domains.problems(zone, *batch("UPSERT", 501))
    domains.change(zone, *batch("CREATE", 1_000))
    domains.change(zone, *batch("UPSERT", 500))
    values = [f"10.0.{index // 250}.{index % 250}" for index in range(501)]
    assert "records limit" in domains.problems(zone, record("UPSERT", "many.example.com", "A", *values))


def test_values_of_a_batch_have_32000_characters_and_upserts_count_twice(domains: Domains, zone: str) -> None:
    def batch(action: str, number: int) -> list[dict[str, Any]]:
        value = f'"{"x" * 198}"'  # 200 characters with its quotes
        return [record(action, f"n{index}.example.com", "TXT", value) for index in range(number)]

    domains.change(zone, *batch("CREATE", 160))
    domains.change(zone, *batch("UPSERT", 80))
    assert "characters limit of 32000 exceeded" in domains.problems(zone, *batch("UPSERT", 81))
    assert "characters limit of 32000 exceeded" in domains.problems(zone, *batch("CREATE", 161))


def test_quota_of_records_can_be_reached(domains: Domains, zone: str, emulator: RunningEmulator) -> None:
    emulator.control("POST", "settings", {"records_per_hosted_zone": 3})
    domains.change(zone, record("CREATE", "a.example.com", "A", HERE))
    assert "its quota" in domains.problems(zone, record("CREATE", "b.example.com", "A", HERE))
    domains.change(zone, record("UPSERT", "a.example.com", "A", "192.0.2.7"))
    limit = domains.api.get_hosted_zone_limit(HostedZoneId=zone, Type="MAX_RRSETS_BY_ZONE")
    assert (limit["Limit"]["Value"], limit["Count"]) == (3, 3)


def test_alias_points_to_a_record_of_its_zone_and_has_no_ttl(domains: Domains, zone: str) -> None:
    wanted = alias("CREATE", "example.com", "A", zone, "www.example.com")
    assert "but that target was not found" in domains.problems(zone, wanted)
    domains.change(zone, record("CREATE", "www.example.com", "A", HERE), wanted)
    shown = domains.api.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"][0]
    target = {"HostedZoneId": zone, "DNSName": "www.example.com.", "EvaluateTargetHealth": False}
    assert shown == {"Name": "example.com.", "Type": "A", "AliasTarget": target}
    other = domains.make_zone("example.net")
    astray = alias("UPSERT", "a.example.com", "A", other, "www.example.net")
    assert "does not lie within the target zone" in domains.problems(zone, astray)
    stale = alias("DELETE", "example.com", "A", zone, "old.example.com")
    assert "do not match the current values" in domains.problems(zone, stale)
    domains.change(zone, {**wanted, "Action": "DELETE"})


def test_alias_points_to_a_load_balancer_that_exists(domains: Domains, zone: str, provider: Party) -> None:
    arn = provider.make_balancer()
    elbv2 = provider.client("elbv2")
    (balancer,) = elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    target = (balancer["CanonicalHostedZoneId"], balancer["DNSName"])
    domains.change(zone, alias("CREATE", "a.example.com", "A", *target))
    absent = (target[0], "absent.elb.amazonaws.com")
    assert "but that target was not found" in domains.problems(zone, alias("CREATE", "b.example.com", "A", *absent))
    elsewhere = ("Z2FDTNDATAQYW2", "d111111abcdef8.cloudfront.net")
    assert domains.problems(zone, alias("CREATE", "c.example.com", "A", *elsewhere)).startswith("NotImplemented")


def test_record_sets_with_routing_are_kept_apart_by_identifier(domains: Domains, zone: str) -> None:
    def weighted(action: str, identifier: str, weight: int) -> dict[str, Any]:
        return record(action, "w.example.com", "A", HERE, SetIdentifier=identifier, Weight=weight)

    domains.change(zone, weighted("CREATE", "a", 10), weighted("CREATE", "b", 20))
    shown = domains.api.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"][2:]
    assert [(found["SetIdentifier"], found["Weight"]) for found in shown] == [("a", 10), ("b", 20)]
    assert "cannot be created" in domains.problems(zone, record("CREATE", "w.example.com", "A", HERE))
    assert "do not match" in domains.problems(zone, weighted("DELETE", "a", 11))
    domains.change(zone, weighted("DELETE", "a", 10))
    nameless = record("CREATE", "v.example.com", "A", HERE, Weight=1)
    assert "Missing field 'SetIdentifier'" in domains.problems(zone, nameless)
    aimless = record("CREATE", "v.example.com", "A", HERE, SetIdentifier="a")
    assert "but found none" in domains.problems(zone, aimless)


def test_health_check_of_a_record_must_exist(domains: Domains, zone: str) -> None:
    config = {"Type": "TCP", "IPAddress": HERE, "Port": 443}
    check = domains.api.create_health_check(CallerReference="a", HealthCheckConfig=config)["HealthCheck"]["Id"]
    options = {"SetIdentifier": "a", "MultiValueAnswer": True}
    domains.change(zone, record("CREATE", "a.example.com", "A", HERE, **options, HealthCheckId=check))
    unknown = record("CREATE", "b.example.com", "A", HERE, **options, HealthCheckId="no-such-check")
    assert domains.problems(zone, unknown).startswith("NoSuchHealthCheck")
    # Terraform leaves MultiValueAnswer out of its deletions.
    domains.change(zone, record("DELETE", "a.example.com", "A", HERE, SetIdentifier="a", MultiValueAnswer=True))


def test_records_are_listed_by_reversed_labels_then_type(domains: Domains, zone: str) -> None:
    names = ["b.a.example.com", "a.example.com", "a-b.example.com", "b.example.com", "*.example.com", "1.example.com"]
    domains.change(zone, *[record("CREATE", name, "A", HERE) for name in names])
    domains.change(zone, record("CREATE", "a.example.com", "TXT", '"x"'), record("CREATE", "example.com", "A", HERE))
    assert domains.records(zone) == [
        ("example.com.", "A"),
        ("example.com.", "NS"),
        ("example.com.", "SOA"),
        ("1.example.com.", "A"),
        (r"\052.example.com.", "A"),
        ("a-b.example.com.", "A"),
        ("a.example.com.", "A"),
        ("a.example.com.", "TXT"),
        ("b.a.example.com.", "A"),
        ("b.example.com.", "A"),
    ]
    assert domains.records(zone, StartRecordName="a.example.com", StartRecordType="B", MaxItems="2") == [
        ("a.example.com.", "TXT"),
        ("b.a.example.com.", "A"),
    ]
    listing = domains.api.list_resource_record_sets
    assert error_of(listing, HostedZoneId=zone, StartRecordType="A") == "InvalidInput"
    start = {"StartRecordName": "a.example.com", "StartRecordIdentifier": "a"}
    assert error_of(listing, HostedZoneId=zone, **start) == "InvalidInput"


def test_page_of_records_has_300_at_the_most(domains: Domains, zone: str) -> None:
    domains.change(zone, *[record("CREATE", f"n{index}.example.com", "A", HERE) for index in range(700)])
    page = domains.api.list_resource_record_sets(HostedZoneId=zone, MaxItems="1000")
    assert (len(page["ResourceRecordSets"]), page["IsTruncated"], page["MaxItems"]) == (300, True, "300")
    assert page["NextRecordType"] == "A"
    pages = list(domains.api.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone))
    listed = [found["Name"] for page in pages for found in page["ResourceRecordSets"]]
    assert [len(page["ResourceRecordSets"]) for page in pages] == [300, 300, 102]
    assert len(set(listed)) == 701  # NS and SOA have one name


def test_page_may_begin_between_identifiers(domains: Domains, zone: str) -> None:
    sets = [record("CREATE", "w.example.com", "A", HERE, SetIdentifier=i, Weight=1) for i in "abc"]
    domains.change(zone, *sets)
    page = domains.api.list_resource_record_sets(HostedZoneId=zone, MaxItems="3")
    assert page["NextRecordIdentifier"] == "b"
    following = domains.api.list_resource_record_sets(
        HostedZoneId=zone,
        StartRecordName=page["NextRecordName"],
        StartRecordType=page["NextRecordType"],
        StartRecordIdentifier=page["NextRecordIdentifier"],
    )
    assert [found["SetIdentifier"] for found in following["ResourceRecordSets"]] == ["b", "c"]


def test_change_is_pending_until_the_delay_is_over(domains: Domains, zone: str, emulator: RunningEmulator) -> None:
    change = domains.change(zone, record("CREATE", "a.example.com", "A", HERE), comment="first")
    assert (change["Status"], change["Comment"]) == ("PENDING", "first")
    shown = domains.api.get_change(Id=change["Id"])["ChangeInfo"]
    assert (shown["Status"], shown["Id"], shown["SubmittedAt"]) == ("INSYNC", change["Id"], change["SubmittedAt"])
    emulator.control("POST", "settings", {"state_delay_ms": 3_600_000})
    change = domains.change(zone, record("CREATE", "b.example.com", "A", HERE))
    assert domains.api.get_change(Id=change["Id"])["ChangeInfo"]["Status"] == "PENDING"
    assert domains.records(zone)[-1] == ("b.example.com.", "A")
    assert error_of(domains.api.get_change, Id="C0UNKNOWN") == "NoSuchChange"
