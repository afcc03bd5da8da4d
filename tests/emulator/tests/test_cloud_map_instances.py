"""Instances of Cloud Map: attributes, operations, records, discovery, permissions, events."""

from __future__ import annotations

import http.client
import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .discovery import CloudMap
from .domains import Domains, resolve, values
from .parties import PROVIDER, Party, error_of
from .running import RunningEmulator
from .test_authorization import ROLE, allow, make_role, session
from .test_cloudtrail import records


@pytest.fixture
def cloud_map(emulator: RunningEmulator) -> CloudMap:
    return CloudMap(emulator, PROVIDER)


@pytest.fixture
def service(cloud_map: CloudMap) -> dict[str, Any]:
    """A service of an HTTP namespace."""
    return cloud_map.make_service(cloud_map.make_namespace())


def refusal(cloud_map: CloudMap, service: dict[str, Any], instance: str = "one", **attributes: str) -> str:
    request = {"ServiceId": service["Id"], "InstanceId": instance, "Attributes": attributes}
    return error_of(cloud_map.api.register_instance, **request)


def test_registration_is_seen_when_it_has_ended(cloud_map: CloudMap, service: dict[str, Any]) -> None:
    cloud_map.emulator.control("POST", "settings", {"cloud_map_operation_ms": 3_600_000})
    request = {"ServiceId": service["Id"], "InstanceId": "one"}
    started = cloud_map.api.register_instance(**request, Attributes={"zone": "a"})
    assert cloud_map.instances(service) == {}
    with pytest.raises(ClientError) as refused:
        cloud_map.api.register_instance(**request, Attributes={"zone": "b"})
    assert refused.value.response["Error"]["Code"] == "DuplicateRequest"
    assert refused.value.response["DuplicateOperationId"] == started["OperationId"]
    ended = cloud_map.end(started)
    assert ended["Targets"] == {"INSTANCE": "one", "SERVICE": service["Id"]}
    assert cloud_map.instances(service) == {"one": {"zone": "a"}}
    cloud_map.register(service, "one", zone="b")
    assert cloud_map.instances(service) == {"one": {"zone": "b"}}
    assert error_of(cloud_map.api.delete_service, Id=service["Id"]) == "ResourceInUse"
    cloud_map.end(cloud_map.api.deregister_instance(**request))
    assert cloud_map.instances(service) == {}
    assert error_of(cloud_map.api.deregister_instance, **request) == "InstanceNotFound"


def test_ordered_failure_ends_the_operation(cloud_map: CloudMap, service: dict[str, Any]) -> None:
    order = {"instance": "one", "error_code": "THROTTLED_REQUEST"}
    cloud_map.emulator.control("POST", "cloud-map/failures", order)
    assert cloud_map.register(service, "two")["Status"] == "SUCCESS"
    failed = cloud_map.register(service, "one")
    assert (failed["Status"], failed["ErrorCode"]) == ("FAIL", "THROTTLED_REQUEST")
    assert cloud_map.register(service, "one")["Status"] == "SUCCESS"


def test_operation_that_has_ended_is_older_by_what_is_ordered(cloud_map: CloudMap, service: dict[str, Any]) -> None:
    ended = cloud_map.register(service, "one")
    cloud_map.emulator.control("POST", "settings", {"cloud_map_operation_ms": 3_600_000})
    request = {"ServiceId": service["Id"], "InstanceId": "two", "Attributes": {"zone": "a"}}
    under_way = cloud_map.api.register_instance(**request)["OperationId"]
    before = cloud_map.api.get_operation(OperationId=under_way)["Operation"]["UpdateDate"]
    cloud_map.emulator.control("POST", "cloud-map/operations/age", {"seconds": 900})
    aged = cloud_map.api.get_operation(OperationId=ended["Id"])["Operation"]["UpdateDate"]
    assert ended["UpdateDate"] - aged == timedelta(seconds=900)
    assert cloud_map.api.get_operation(OperationId=under_way)["Operation"]["UpdateDate"] == before


@pytest.mark.parametrize(
    "attributes",
    [
        {"AWS_INSTANCE_CNAME": "vpce.example.com"},
        {"AWS_ALIAS_DNS_NAME": "vpce-1.vpce-svc-1.eu-west-1.vpce.amazonaws.com"},
        {"AWS_INSTANCE_IPV4": "10.0.0"},
        {"AWS_INSTANCE_PORT": "70000"},
        {"AWS_OTHER": "x"},
        {"AWS_INIT_HEALTH_STATUS": "HEALTHY"},
        {"key": "v" * 1025},
        {f"key-{number}": "x" for number in range(31)},
        {f"key-{number}": "x" * 1000 for number in range(5)},
    ],
)
def test_attributes_that_do_not_fit_are_refused(
    cloud_map: CloudMap, service: dict[str, Any], attributes: dict[str, str]
) -> None:
    assert refusal(cloud_map, service, **attributes) == "InvalidInput"


def test_instance_id_has_a_form(cloud_map: CloudMap, service: dict[str, Any]) -> None:
    assert refusal(cloud_map, service, "a b") == "InvalidInput"
    assert refusal(cloud_map, service, "a" * 65) == "InvalidInput"


def test_cname_in_http_services_is_a_setting(cloud_map: CloudMap, service: dict[str, Any]) -> None:
    cloud_map.emulator.control("POST", "settings", {"cname_in_http_services": True})
    assert cloud_map.register(service, AWS_INSTANCE_CNAME="vpce.example.com")["Status"] == "SUCCESS"


def test_quota_counts_what_is_under_way(cloud_map: CloudMap, service: dict[str, Any]) -> None:
    settings = {"cloud_map_instances_per_service": 1, "cloud_map_operation_ms": 3_600_000}
    cloud_map.emulator.control("POST", "settings", settings)
    request = {"ServiceId": service["Id"], "Attributes": {"zone": "a"}}
    cloud_map.api.register_instance(**request, InstanceId="one")
    assert refusal(cloud_map, service, "two", zone="a") == "ResourceLimitExceeded"


def test_records_are_written_and_taken_away(cloud_map: CloudMap, provider: Party) -> None:
    namespace = cloud_map.make_namespace("shop.internal", Vpc=provider.network.vpc_id)
    service = cloud_map.make_service(namespace, kinds=["CNAME"])
    assert refusal(cloud_map, service, zone="a") == "InvalidInput"
    ended = cloud_map.register(service, AWS_INSTANCE_CNAME="vpce.example.com")
    assert ended["Status"] == "SUCCESS"
    zone_id = namespace["Properties"]["DnsProperties"]["HostedZoneId"]
    domains = Domains(provider.emulator, PROVIDER)
    assert ("orders.shop.internal.", "CNAME") in domains.records(zone_id)
    cloud_map.end(cloud_map.api.deregister_instance(ServiceId=service["Id"], InstanceId="one"))
    assert ("orders.shop.internal.", "CNAME") not in domains.records(zone_id)


def test_addresses_resolve_in_the_vpc(cloud_map: CloudMap, provider: Party) -> None:
    namespace = cloud_map.make_namespace("shop.internal", Vpc=provider.network.vpc_id)
    service = cloud_map.make_service(namespace, kinds=["A"], policy="MULTIVALUE")
    for number in (1, 2):
        cloud_map.register(service, f"eni-{number}", AWS_INSTANCE_IPV4=f"10.0.0.{number}")
    where = {"account": PROVIDER, "vpc": provider.network.vpc_id}
    found = values(resolve(provider.emulator, "orders.shop.internal", **where))
    assert set(found) == {"10.0.0.1", "10.0.0.2"}
    service = cloud_map.make_service(namespace, "web", kinds=["SRV"], policy="MULTIVALUE")
    cloud_map.register(service, "w1", AWS_INSTANCE_IPV4="10.0.0.3", AWS_INSTANCE_PORT="443")
    zone_id = namespace["Properties"]["DnsProperties"]["HostedZoneId"]
    kinds = Domains(provider.emulator, PROVIDER).records(zone_id)
    assert {("web.shop.internal.", "SRV"), ("w1.web.shop.internal.", "A")} <= set(kinds)


@pytest.mark.parametrize(
    ("kinds", "policy"), [(["CNAME"], "MULTIVALUE"), (["CNAME", "A"], "WEIGHTED"), (["A", "SRV"], "WEIGHTED")]
)
def test_record_types_that_do_not_go_together(
    cloud_map: CloudMap, provider: Party, kinds: list[str], policy: str
) -> None:
    namespace = cloud_map.make_namespace("shop.internal", Vpc=provider.network.vpc_id)
    assert error_of(cloud_map.make_service, namespace, kinds=kinds, policy=policy) == "InvalidInput"


def test_discovery_heeds_attributes_and_health(cloud_map: CloudMap) -> None:
    service = cloud_map.make_service(cloud_map.make_namespace(), HealthCheckCustomConfig={"FailureThreshold": 1})
    cloud_map.register(service, "one", zone="a")
    cloud_map.register(service, "two", zone="b", AWS_INIT_HEALTH_STATUS="UNHEALTHY")
    named = {"NamespaceName": "shop", "ServiceName": "orders"}
    found = cloud_map.api.discover_instances(**named)["Instances"]
    assert [instance["InstanceId"] for instance in found] == ["one"]
    found = cloud_map.api.discover_instances(**named, HealthStatus="ALL", QueryParameters={"zone": "b"})["Instances"]
    assert [(i["InstanceId"], i["HealthStatus"]) for i in found] == [("two", "UNHEALTHY")]
    before = cloud_map.api.discover_instances_revision(**named)["InstancesRevision"]
    request = {"ServiceId": service["Id"], "InstanceId": "two", "Status": "HEALTHY"}
    cloud_map.api.update_instance_custom_health_status(**request)
    assert cloud_map.api.discover_instances_revision(**named)["InstancesRevision"] > before
    statuses = cloud_map.api.get_instances_health_status(ServiceId=service["Id"])["Status"]
    assert statuses == {"one": "HEALTHY", "two": "HEALTHY"}


def test_discovery_answers_at_the_host_with_the_prefix(cloud_map: CloudMap, service: dict[str, Any]) -> None:
    cloud_map.register(service)
    address = cloud_map.emulator.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address)
    headers = {
        "Host": f"data-{address}",
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "Route53AutoNaming_v20170314.DiscoverInstances",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={PROVIDER}/20261124/eu-west-1/servicediscovery/aws4_request",
    }
    connection.request("POST", "/", json.dumps({"NamespaceName": "shop", "ServiceName": "orders"}), headers)
    answer = json.load(connection.getresponse())
    assert [instance["InstanceId"] for instance in answer["Instances"]] == ["one"]


def test_role_needs_the_permission_on_the_service(cloud_map: CloudMap, service: dict[str, Any]) -> None:
    condition = {"StringEquals": {"servicediscovery:ServiceCreatedByAccount": PROVIDER}}
    actions = ["servicediscovery:RegisterInstance", "servicediscovery:ListInstances"]
    make_role(cloud_map.emulator, ROLE, allow(actions, service["Arn"], Condition=condition))
    credentials = session(cloud_map.emulator, ROLE)
    role = CloudMap(cloud_map.emulator, PROVIDER, credentials)
    role.api.register_instance(ServiceId=service["Id"], InstanceId="one", Attributes={"zone": "a"})
    assert role.api.list_instances(ServiceId=service["Arn"])["ResourceOwner"] == PROVIDER
    request = {"ServiceId": service["Id"], "InstanceId": "one"}
    assert error_of(role.api.deregister_instance, **request) == "AccessDeniedException"
    assert error_of(role.api.list_services) == "AccessDeniedException"


def test_registration_is_recorded_with_keys_as_they_are(cloud_map: CloudMap, service: dict[str, Any]) -> None:
    ended = cloud_map.register(service, Zone="a")
    (record,) = records(cloud_map.emulator, PROVIDER, "RegisterInstance")
    assert record["requestParameters"]["attributes"] == {"Zone": "a"}
    assert record["requestParameters"]["instanceId"] == "one"
    assert record["responseElements"] == {"operationId": ended["Id"]}
    (call,) = cloud_map.emulator.calls(service="servicediscovery", operation="RegisterInstance")
    assert call["account"] == PROVIDER


def test_ordered_fault_hits_cloud_map(cloud_map: CloudMap, service: dict[str, Any]) -> None:
    fault = {"service": "servicediscovery", "operation": "RegisterInstance", "code": "ThrottlingException"}
    cloud_map.emulator.control("POST", "faults", fault)
    assert refusal(cloud_map, service, zone="a") == "ThrottlingException"
