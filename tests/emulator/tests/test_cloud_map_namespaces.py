"""Namespaces of Cloud Map: operations, hosted zones, listings, shares."""

from __future__ import annotations

import pytest

from .discovery import CloudMap
from .domains import Domains, message_of
from .parties import CONSUMER, PROVIDER, Party, error_of
from .running import RunningEmulator


@pytest.fixture
def cloud_map(emulator: RunningEmulator) -> CloudMap:
    return CloudMap(emulator, PROVIDER)


def share(party: Party, arn: str, *principals: str) -> None:
    party.client("ram").create_resource_share(name="names", resourceArns=[arn], principals=[*principals])


def test_namespace_is_there_when_its_operation_has_ended(cloud_map: CloudMap, emulator: RunningEmulator) -> None:
    emulator.control("POST", "settings", {"cloud_map_operation_ms": 3_600_000})
    started = cloud_map.api.create_http_namespace(Name="shop", Tags=[{"Key": "team", "Value": "dns"}])
    shown = cloud_map.api.get_operation(OperationId=started["OperationId"])["Operation"]
    assert (shown["Status"], shown["Type"]) == ("PENDING", "CREATE_NAMESPACE")
    assert cloud_map.api.list_namespaces()["Namespaces"] == []
    assert error_of(cloud_map.api.create_http_namespace, Name="shop") == "DuplicateRequest"
    assert cloud_map.end(started)["Status"] == "SUCCESS"
    (found,) = cloud_map.api.list_namespaces()["Namespaces"]
    assert (found["Type"], found["Properties"]["HttpProperties"]["HttpName"]) == ("HTTP", "shop")
    assert cloud_map.api.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"] == [{"Key": "team", "Value": "dns"}]
    assert error_of(cloud_map.api.create_http_namespace, Name="shop") == "NamespaceAlreadyExists"


def test_namespaces_are_filtered_and_come_in_pages(cloud_map: CloudMap) -> None:
    for name in ("shop", "shipping", "bills"):
        cloud_map.make_namespace(name)
    first = cloud_map.api.list_namespaces(MaxResults=2)
    rest = cloud_map.api.list_namespaces(MaxResults=2, NextToken=first["NextToken"])
    assert len(first["Namespaces"]) == 2
    assert len(rest["Namespaces"]) == 1
    assert "NextToken" not in rest
    wanted = [{"Name": "NAME", "Values": ["sh"], "Condition": "BEGINS_WITH"}]
    assert {n["Name"] for n in cloud_map.api.list_namespaces(Filters=wanted)["Namespaces"]} == {"shop", "shipping"}
    others = [{"Name": "RESOURCE_OWNER", "Values": ["OTHER_ACCOUNTS"]}]
    assert cloud_map.api.list_namespaces(Filters=others)["Namespaces"] == []


def test_namespace_with_services_stays(cloud_map: CloudMap) -> None:
    namespace = cloud_map.make_namespace()
    service = cloud_map.make_service(namespace)
    assert error_of(cloud_map.api.delete_namespace, Id=namespace["Id"]) == "ResourceInUse"
    cloud_map.api.delete_service(Id=service["Id"])
    assert cloud_map.end(cloud_map.api.delete_namespace(Id=namespace["Id"]))["Status"] == "SUCCESS"
    assert error_of(cloud_map.api.get_namespace, Id=namespace["Id"]) == "NamespaceNotFound"


def test_private_namespace_has_a_zone_that_only_cloud_map_writes(cloud_map: CloudMap, provider: Party) -> None:
    namespace = cloud_map.make_namespace("shop.internal", Vpc=provider.network.vpc_id)
    zone_id = namespace["Properties"]["DnsProperties"]["HostedZoneId"]
    domains = Domains(provider.emulator, PROVIDER)
    zone = domains.api.get_hosted_zone(Id=zone_id)["HostedZone"]
    assert zone["LinkedService"]["ServicePrincipal"] == "servicediscovery.amazonaws.com"
    assert (zone["Name"], zone["Config"]["PrivateZone"]) == ("shop.internal.", True)
    assert "only be managed through AWS Cloud Map" in message_of(domains.api.delete_hosted_zone, Id=zone_id)
    cloud_map.end(cloud_map.api.delete_namespace(Id=namespace["Id"]))
    assert error_of(domains.api.get_hosted_zone, Id=zone_id) == "NoSuchHostedZone"


def test_private_namespace_fails_without_the_vpc(cloud_map: CloudMap) -> None:
    ended = cloud_map.end(cloud_map.api.create_private_dns_namespace(Name="shop.internal", Vpc="vpc-0123456789abcdef0"))
    assert (ended["Status"], ended["ErrorCode"]) == ("FAIL", "CANNOT_CREATE_HOSTED_ZONE")


def test_shared_namespace_is_named_by_arn(cloud_map: CloudMap, provider: Party, consumer: Party) -> None:
    namespace = cloud_map.make_namespace()
    service = cloud_map.make_service(namespace)
    user = CloudMap(provider.emulator, CONSUMER)
    assert error_of(user.api.get_namespace, Id=namespace["Arn"]) == "NamespaceNotFound"
    share(provider, namespace["Arn"], CONSUMER)
    assert user.api.get_namespace(Id=namespace["Arn"])["Namespace"]["ResourceOwner"] == PROVIDER
    assert error_of(user.api.get_namespace, Id=namespace["Id"]) == "NamespaceNotFound"
    assert error_of(user.api.list_instances, ServiceId=service["Id"]) == "ServiceNotFound"
    assert error_of(user.api.delete_namespace, Id=namespace["Arn"]) == "AccessDeniedException"
    others = [{"Name": "RESOURCE_OWNER", "Values": ["OTHER_ACCOUNTS"]}]
    assert [s["Arn"] for s in user.api.list_services(Filters=others)["Services"]] == [service["Arn"]]
    started = user.api.register_instance(ServiceId=service["Arn"], InstanceId="one", Attributes={"zone": "a"})
    assert error_of(user.api.get_operation, OperationId=started["OperationId"]) == "OperationNotFound"
    assert user.end(started, OwnerAccount=PROVIDER)["Status"] == "SUCCESS"
    (found,) = user.api.list_instances(ServiceId=service["Arn"])["Instances"]
    assert found["CreatedByAccount"] == consumer.account
    assert started["OperationId"] not in {o["Id"] for o in cloud_map.api.list_operations()["Operations"]}
    named = {"NamespaceName": "shop", "ServiceName": "orders"}
    assert error_of(user.api.discover_instances, **named) == "NamespaceNotFound"
    assert len(user.api.discover_instances(**named, OwnerAccount=PROVIDER)["Instances"]) == 1
    tags = [{"Key": "team", "Value": "dns"}]
    refused = error_of(user.api.tag_resource, ResourceARN=namespace["Arn"], Tags=tags)
    assert refused == "ResourceNotFoundException"
