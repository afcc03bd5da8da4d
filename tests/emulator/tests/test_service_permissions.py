"""Allowed principals of a service: who may ask for a connection."""

from __future__ import annotations

from typing import Any

import pytest

from .parties import CONSUMER, OTHER_CONSUMER, Party, error_of

ROOT = f"arn:aws:iam::{CONSUMER}:root"


def allowed(provider: Party, service_id: str, **options: Any) -> list[dict[str, Any]]:
    """What DescribeVpcEndpointServicePermissions shows."""
    return provider.ec2.describe_vpc_endpoint_service_permissions(ServiceId=service_id, **options)["AllowedPrincipals"]


def test_principals_are_kept_in_one_form_whatever_form_they_came_in(provider: Party) -> None:
    service_id = provider.make_service(allow=())["ServiceId"]
    modify = provider.ec2.modify_vpc_endpoint_service_permissions
    role = f"arn:aws:iam::{CONSUMER}:role/deployer"
    added = modify(ServiceId=service_id, AddAllowedPrincipals=[CONSUMER, role, "*"])["AddedPrincipals"]
    root = f"arn:aws:iam::{CONSUMER}:root"
    assert [(p["Principal"], p["PrincipalType"]) for p in added] == [(root, "Account"), (role, "Role"), ("*", "All")]
    assert all(p["ServicePermissionId"].startswith("vpce-svc-perm-") for p in added)
    again = modify(ServiceId=service_id, AddAllowedPrincipals=[root])
    assert again["ReturnValue"] is True
    assert again["AddedPrincipals"] == []
    modify(ServiceId=service_id, RemoveAllowedPrincipals=[root])
    listed = provider.ec2.describe_vpc_endpoint_service_permissions(ServiceId=service_id)["AllowedPrincipals"]
    assert {p["Principal"] for p in listed} == {role, "*"}


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::444444444444:role/teams/deployer",
        "arn:aws:sts::444444444444:assumed-role/deployer/me",
        "arn:aws:organizations::111111111111:organization/o-a1b2c3d4e5",
        "nobody",
    ],
)
def test_principal_that_privatelink_does_not_take_is_refused(provider: Party, principal: str) -> None:
    service_id = provider.make_service(allow=())["ServiceId"]
    modify = provider.ec2.modify_vpc_endpoint_service_permissions
    assert error_of(modify, ServiceId=service_id, AddAllowedPrincipals=[principal]) == "InvalidPrincipal"


def test_account_may_be_shown_as_bare_id(provider: Party) -> None:
    service_id = provider.make_service()["ServiceId"]
    provider.emulator.control("POST", "settings", {"principal_form": "account-id"})
    (listed,) = provider.ec2.describe_vpc_endpoint_service_permissions(ServiceId=service_id)["AllowedPrincipals"]
    assert (listed["Principal"], listed["PrincipalType"]) == (CONSUMER, "Account")


def test_permissions_are_filtered_and_come_in_pages(provider: Party) -> None:
    accounts = [f"{number:012d}" for number in range(1, 8)]
    service_id = provider.make_service(allow=tuple(accounts))["ServiceId"]
    describe = provider.ec2.describe_vpc_endpoint_service_permissions
    first = describe(ServiceId=service_id, MaxResults=5)
    rest = describe(ServiceId=service_id, MaxResults=5, NextToken=first["NextToken"])
    assert len(first["AllowedPrincipals"]) == 5
    assert len(rest["AllowedPrincipals"]) == 2
    assert "NextToken" not in rest
    only = [{"Name": "principal", "Values": [f"arn:aws:iam::{accounts[3]}:root"]}]
    assert len(describe(ServiceId=service_id, Filters=only)["AllowedPrincipals"]) == 1
    users = [{"Name": "principal-type", "Values": ["User"]}]
    assert describe(ServiceId=service_id, Filters=users)["AllowedPrincipals"] == []


def test_removing_a_principal_leaves_its_connections_up(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    provider.ec2.accept_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[endpoint_id])
    provider.ec2.modify_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"], RemoveAllowedPrincipals=[f"arn:aws:iam::{CONSUMER}:root"]
    )
    assert provider.states() == {endpoint_id: "available"}
    assert error_of(consumer.connect, service) == "InvalidServiceName"


def test_permission_has_an_id_and_tags_of_its_own(provider: Party) -> None:
    service_id = provider.make_service()["ServiceId"]
    (shown,) = allowed(provider, service_id)
    assert shown == {
        "PrincipalType": "Account",
        "Principal": ROOT,
        "ServicePermissionId": shown["ServicePermissionId"],
        "Tags": [],
        "ServiceId": service_id,
        "PermissionType": "vpc-endpoint",
    }
    tags = [{"Key": "whose", "Value": "shop"}]
    provider.ec2.create_tags(Resources=[shown["ServicePermissionId"]], Tags=tags)
    (shown,) = allowed(provider, service_id)
    assert shown["Tags"] == tags


def test_permission_for_attachments_of_transit_gateways_lets_nobody_create_an_endpoint(
    provider: Party, consumer: Party
) -> None:
    service = provider.make_service(allow=())
    service_id = service["ServiceId"]
    modify = provider.ec2.modify_vpc_endpoint_service_permissions
    (added,) = modify(ServiceId=service_id, AddAllowedPrincipals=[ROOT], PermissionType="transit-gateway-attachment")[
        "AddedPrincipals"
    ]
    assert added["PermissionType"] == "transit-gateway-attachment"
    assert error_of(consumer.connect, service) == "InvalidServiceName"
    modify(ServiceId=service_id, AddAllowedPrincipals=[ROOT])
    assert consumer.connect(service)["State"] == "pendingAcceptance"
    assert [p["PermissionType"] for p in allowed(provider, service_id)] == [
        "transit-gateway-attachment",
        "vpc-endpoint",
    ]
    for_endpoints = [{"Name": "permission-type", "Values": ["vpc-endpoint"]}]
    assert len(allowed(provider, service_id, Filters=for_endpoints)) == 1
    modify(ServiceId=service_id, RemoveAllowedPrincipals=[ROOT])
    assert [p["PermissionType"] for p in allowed(provider, service_id)] == ["transit-gateway-attachment"]


def test_permissions_are_found_by_principal_and_kind_together(provider: Party) -> None:
    user = f"arn:aws:iam::{CONSUMER}:user/me"
    service_id = provider.make_service(allow=(CONSUMER, OTHER_CONSUMER, "*"))["ServiceId"]
    provider.ec2.modify_vpc_endpoint_service_permissions(ServiceId=service_id, AddAllowedPrincipals=[user])
    of_consumer = {"Name": "principal", "Values": [f"arn:aws:iam::{CONSUMER}:*"]}
    accounts = {"Name": "principal-type", "Values": ["Account"]}
    both = allowed(provider, service_id, Filters=[of_consumer, accounts])
    assert [p["Principal"] for p in both] == [ROOT]
    kinds = [p["PrincipalType"] for p in allowed(provider, service_id)]
    assert kinds == ["Account", "Account", "All", "User"]
    wrong = [{"Name": "service-id", "Values": [service_id]}]
    assert error_of(allowed, provider, service_id, Filters=wrong) == "InvalidParameterValue"


def test_page_of_permissions_goes_on_where_the_last_ended_though_principals_vanish(provider: Party) -> None:
    accounts = [f"{number:012d}" for number in range(1, 8)]
    service_id = provider.make_service(allow=tuple(accounts))["ServiceId"]
    describe = provider.ec2.describe_vpc_endpoint_service_permissions
    first = describe(ServiceId=service_id, MaxResults=5)
    gone = [f"arn:aws:iam::{account}:root" for account in accounts[:3]]
    provider.ec2.modify_vpc_endpoint_service_permissions(ServiceId=service_id, RemoveAllowedPrincipals=gone)
    rest = describe(ServiceId=service_id, MaxResults=5, NextToken=first["NextToken"])
    assert [p["Principal"].split(":")[4] for p in rest["AllowedPrincipals"]] == accounts[5:]


def test_principal_shown_as_bare_id_is_removed_in_either_form(provider: Party) -> None:
    provider.emulator.control("POST", "settings", {"principal_form": "account-id"})
    service_id = provider.make_service(allow=(CONSUMER, OTHER_CONSUMER))["ServiceId"]
    modify = provider.ec2.modify_vpc_endpoint_service_permissions
    (added,) = modify(ServiceId=service_id, AddAllowedPrincipals=["999999999999"])["AddedPrincipals"]
    assert added["Principal"] == "999999999999"
    other_root = f"arn:aws:iam::{OTHER_CONSUMER}:root"
    modify(ServiceId=service_id, RemoveAllowedPrincipals=[CONSUMER, other_root, "888888888888"])
    assert [p["Principal"] for p in allowed(provider, service_id)] == ["999999999999"]


def test_principals_of_a_service_are_its_owners_matter(provider: Party, consumer: Party) -> None:
    service_id = provider.make_service()["ServiceId"]
    modify = consumer.ec2.modify_vpc_endpoint_service_permissions
    assert error_of(modify, ServiceId=service_id, AddAllowedPrincipals=["*"]) == "InvalidVpcEndpointServiceId.NotFound"
    assert error_of(allowed, consumer, service_id) == "InvalidVpcEndpointServiceId.NotFound"
    dry = {"ServiceId": service_id, "AddAllowedPrincipals": ["*"], "DryRun": True}
    assert error_of(provider.ec2.modify_vpc_endpoint_service_permissions, **dry) == "DryRunOperation"
    assert [p["Principal"] for p in allowed(provider, service_id)] == [ROOT]


def test_acceptance_switched_off_lets_new_endpoints_in_and_leaves_waiting_ones(
    provider: Party, consumer: Party
) -> None:
    service = provider.make_service()
    waiting = consumer.connect(service)["VpcEndpointId"]
    modify = provider.ec2.modify_vpc_endpoint_service_configuration
    modify(ServiceId=service["ServiceId"], AcceptanceRequired=False)
    new = consumer.connect(service)["VpcEndpointId"]
    assert provider.states() == {waiting: "pendingAcceptance", new: "available"}
    modify(ServiceId=service["ServiceId"], AcceptanceRequired=True)
    (shown,) = provider.ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    assert shown["AcceptanceRequired"] is True
    assert consumer.connect(service)["State"] == "pendingAcceptance"
    assert provider.states()[new] == "available"
