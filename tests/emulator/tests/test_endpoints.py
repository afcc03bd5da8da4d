"""Endpoints, as their consumer sees them."""

from __future__ import annotations

import json

from .parties import CONSUMER, OTHER_CONSUMER, STRANGER, Party, error_of


def test_endpoint_waits_for_acceptance_with_interfaces_and_names(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint = consumer.connect(service)
    endpoint_id = endpoint["VpcEndpointId"]
    assert endpoint["State"] == "pendingAcceptance"
    assert endpoint["OwnerId"] == CONSUMER
    assert endpoint["RequesterManaged"] is False
    assert endpoint["PrivateDnsEnabled"] is False
    assert [group["GroupName"] for group in endpoint["Groups"]] == ["default"]

    names = [entry["DnsName"] for entry in endpoint["DnsEntries"]]
    suffix = f".{service['ServiceId']}.eu-west-1.vpce.amazonaws.com"
    assert all(name.startswith(endpoint_id) and name.endswith(suffix) for name in names)
    prefix = names[0].removesuffix(suffix)
    assert names[1:] == [f"{prefix}-eu-west-1a{suffix}", f"{prefix}-eu-west-1b{suffix}"]
    assert {entry["HostedZoneId"] for entry in endpoint["DnsEntries"]} == {"Z38GZ743OKFT7T"}

    interfaces = consumer.ec2.describe_network_interfaces(NetworkInterfaceIds=endpoint["NetworkInterfaceIds"])
    kinds = [(one["InterfaceType"], one["SubnetId"]) for one in interfaces["NetworkInterfaces"]]
    assert kinds == [("vpc_endpoint", subnet) for subnet in consumer.network.subnet_ids]


def test_endpoint_of_service_without_acceptance_comes_up_by_itself(provider: Party, consumer: Party) -> None:
    endpoint = consumer.connect(provider.make_service(AcceptanceRequired=False))
    assert endpoint["State"] == "pending"
    assert consumer.endpoint(endpoint["VpcEndpointId"])["State"] == "available"


def test_endpoint_stays_pending_for_the_time_that_is_set(provider: Party, consumer: Party) -> None:
    service = provider.make_service(AcceptanceRequired=False)
    consumer.emulator.control("POST", "settings", {"state_delay_ms": 3_600_000})
    waiting = consumer.connect(service)["VpcEndpointId"]
    consumer.emulator.control("POST", "settings", {"state_delay_ms": 0})
    quick = consumer.connect(service)["VpcEndpointId"]
    assert consumer.endpoint(waiting)["State"] == "pending"
    assert consumer.endpoint(quick)["State"] == "available"


def test_stranger_and_wrong_name_get_the_same_refusal(provider: Party, consumer: Party) -> None:
    service = provider.make_service(allow=(OTHER_CONSUMER,))
    assert error_of(consumer.connect, service) == "InvalidServiceName"
    missing = {"ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"}
    assert error_of(consumer.connect, missing) == "InvalidServiceName"


def test_service_open_to_everybody_lets_a_stranger_ask(provider: Party) -> None:
    service = provider.make_service(allow=("*",))
    stranger = Party(provider.emulator, STRANGER)
    assert stranger.connect(service)["State"] == "pendingAcceptance"


def test_permission_for_a_role_lets_in_that_role_only(provider: Party, consumer: Party) -> None:
    service = provider.make_service(allow=())
    role = f"arn:aws:iam::{CONSUMER}:role/deployer"
    provider.ec2.modify_vpc_endpoint_service_permissions(ServiceId=service["ServiceId"], AddAllowedPrincipals=[role])
    assert error_of(consumer.connect, service) == "InvalidServiceName"
    trust = {"Effect": "Allow", "Principal": {"AWS": CONSUMER}, "Action": "sts:AssumeRole"}
    consumer.client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    credentials = consumer.client("sts").assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    consumer.ec2 = consumer.emulator.client("ec2", credentials=credentials)
    assert consumer.connect(service)["State"] == "pendingAcceptance"


def test_own_account_may_always_connect(provider: Party) -> None:
    assert provider.connect(provider.make_service(allow=()))["State"] == "pendingAcceptance"


def test_same_token_makes_an_endpoint_once(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    first = consumer.connect(service, ClientToken="orders")
    again = consumer.connect(service, ClientToken="orders")
    assert again["VpcEndpointId"] == first["VpcEndpointId"]
    changed = {"ClientToken": "orders", "SubnetIds": consumer.network.subnet_ids[:1]}
    assert error_of(consumer.connect, service, **changed) == "IdempotentParameterMismatch"


def test_dry_run_changes_nothing(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    assert error_of(consumer.connect, service, DryRun=True) == "DryRunOperation"
    assert consumer.ec2.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_wrong_network_is_refused(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    same_zone = consumer.add_subnet(consumer.network.vpc_id, 3)
    third_zone = consumer.add_subnet(consumer.network.vpc_id, 2)
    cases = {
        "DuplicateSubnetsInSameZone": {"SubnetIds": [consumer.network.subnet_ids[0], same_zone]},
        "InvalidParameter": {"SubnetIds": [third_zone]},
        "InvalidSubnetID.NotFound": {"SubnetIds": ["subnet-0123456789abcdef0"]},
        "InvalidGroup.NotFound": {"SecurityGroupIds": ["sg-0123456789abcdef0"]},
        "InvalidVpcId.NotFound": {"VpcId": "vpc-0123456789abcdef0"},
    }
    for code, options in cases.items():
        assert error_of(consumer.connect, service, **options) == code


def test_vpc_has_room_for_as_many_endpoints_as_its_quota(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    consumer.emulator.control("POST", "settings", {"endpoints_per_vpc": 1})
    consumer.connect(service)
    assert error_of(consumer.connect, service) == "VpcEndpointLimitExceeded"


def test_endpoints_are_found_by_filter(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "orders"}]}]
    tagged = consumer.connect(service, TagSpecifications=tags)["VpcEndpointId"]
    gateway = consumer.ec2.create_vpc_endpoint(VpcId=consumer.network.vpc_id, ServiceName="com.amazonaws.eu-west-1.s3")[
        "VpcEndpoint"
    ]["VpcEndpointId"]

    def found(name: str, *values: str) -> set[str]:
        answer = consumer.ec2.describe_vpc_endpoints(Filters=[{"Name": name, "Values": values}])
        return {endpoint["VpcEndpointId"] for endpoint in answer["VpcEndpoints"]}

    assert found("tag:Name", "orders") == {tagged}
    assert found("vpc-endpoint-type", "Interface") == {tagged}
    assert found("vpc-endpoint-type", "Gateway") == {gateway}
    assert found("vpc-endpoint-state", "pendingAcceptance") == {tagged}
    assert found("vpc-endpoint-state", "PendingAcceptance") == set()
    assert found("service-name", service["ServiceName"]) == {tagged}
    assert found("vpc-id", consumer.network.vpc_id) == {tagged, gateway}


def test_last_page_of_endpoints_has_an_empty_token(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    made = [consumer.connect(service)["VpcEndpointId"] for _ in range(3)]
    first = consumer.ec2.describe_vpc_endpoints(MaxResults=2)
    second = consumer.ec2.describe_vpc_endpoints(MaxResults=2, NextToken=first["NextToken"])
    assert [e["VpcEndpointId"] for page in (first, second) for e in page["VpcEndpoints"]] == made
    assert second["NextToken"] == ""


def test_gateway_endpoint_lives_as_before(consumer: Party) -> None:
    tables = consumer.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [consumer.network.vpc_id]}])
    table = tables["RouteTables"][0]["RouteTableId"]
    made = consumer.ec2.create_vpc_endpoint(
        VpcId=consumer.network.vpc_id, ServiceName="com.amazonaws.eu-west-1.s3", RouteTableIds=[table]
    )["VpcEndpoint"]
    assert (made["VpcEndpointType"], made["State"], made["RouteTableIds"]) == ("Gateway", "available", [table])
    consumer.ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], RemoveRouteTableIds=[table])
    assert consumer.endpoint(made["VpcEndpointId"])["RouteTableIds"] == []
    assert consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["Unsuccessful"] == []
    assert consumer.ec2.describe_vpc_endpoints()["VpcEndpoints"] == []


def test_endpoint_type_must_be_one_of_the_service(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    assert error_of(consumer.connect, service, VpcEndpointType="Gateway") == "InvalidParameter"
    dynamodb = {"ServiceName": "com.amazonaws.eu-west-1.dynamodb-streams-of-mine"}
    assert error_of(consumer.connect, dynamodb) == "InvalidServiceName"
    assert error_of(consumer.connect, service, VpcEndpointType="GatewayLoadBalancer") == "InvalidParameter"
    assert error_of(consumer.connect, service, VpcEndpointType="Resource") == "NotImplemented"


def test_endpoint_to_a_service_of_aws_gets_its_private_name(consumer: Party) -> None:
    sqs = {"ServiceName": "com.amazonaws.eu-west-1.sqs"}
    endpoint = consumer.connect(sqs, PrivateDnsEnabled=True)
    assert endpoint["DnsEntries"][0]["DnsName"] == "sqs.eu-west-1.amazonaws.com"
    assert endpoint["DnsEntries"][1]["HostedZoneId"] != endpoint["DnsEntries"][0]["HostedZoneId"]
    assert error_of(consumer.connect, sqs, PrivateDnsEnabled=True) == "InvalidParameter"


def test_change_of_subnets_moves_interfaces_and_makes_the_endpoint_pending(provider: Party, consumer: Party) -> None:
    service = provider.make_service(AcceptanceRequired=False)
    first, second = consumer.network.subnet_ids
    endpoint_id = consumer.connect(service, SubnetIds=[first])["VpcEndpointId"]
    assert consumer.endpoint(endpoint_id)["State"] == "available"
    consumer.emulator.control("POST", "settings", {"state_delay_ms": 3_600_000})
    consumer.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, AddSubnetIds=[second], RemoveSubnetIds=[first])
    endpoint = consumer.endpoint(endpoint_id)
    assert (endpoint["State"], endpoint["SubnetIds"]) == ("pending", [second])
    interfaces = consumer.ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert [one["SubnetId"] for one in interfaces] == [second]


def test_security_groups_are_changed_on_the_interfaces_too(provider: Party, consumer: Party) -> None:
    endpoint = consumer.connect(provider.make_service())
    group = consumer.ec2.create_security_group(GroupName="app", Description="app", VpcId=consumer.network.vpc_id)[
        "GroupId"
    ]
    consumer.ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint["VpcEndpointId"],
        AddSecurityGroupIds=[group],
        RemoveSecurityGroupIds=[endpoint["Groups"][0]["GroupId"]],
    )
    assert [g["GroupId"] for g in consumer.endpoint(endpoint["VpcEndpointId"])["Groups"]] == [group]
    interfaces = consumer.ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert {g["GroupId"] for one in interfaces for g in one["Groups"]} == {group}


def test_deleted_endpoint_is_gone_with_its_interfaces_and_its_connection(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    unknown = "vpce-0123456789abcdef0"
    failed = consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id, unknown])["Unsuccessful"]
    assert [(item["ResourceId"], item["Error"]["Code"]) for item in failed] == [
        (unknown, "InvalidVpcEndpointId.NotFound")
    ]
    assert consumer.ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    assert consumer.ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    assert provider.states() == {}
    describe = consumer.ec2.describe_vpc_endpoints
    assert error_of(describe, VpcEndpointIds=[endpoint_id]) == "InvalidVpcEndpointId.NotFound"


def test_endpoint_of_another_account_can_not_be_deleted(provider: Party, consumer: Party) -> None:
    endpoint_id = consumer.connect(provider.make_service())["VpcEndpointId"]
    (failed,) = provider.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])["Unsuccessful"]
    assert failed["Error"]["Code"] == "InvalidVpcEndpointId.NotFound"
    assert provider.states() == {endpoint_id: "pendingAcceptance"}


def test_endpoint_reaches_a_service_of_another_region_that_supports_its_own(provider: Party) -> None:
    service = provider.make_service(allow=(CONSUMER,), SupportedRegions=["us-east-1"])
    remote = Party(provider.emulator, CONSUMER, "us-east-1")
    assert error_of(remote.connect, service) == "InvalidServiceName"
    endpoint = remote.connect(service, ServiceRegion="eu-west-1")
    assert (endpoint["State"], endpoint["ServiceRegion"]) == ("pendingAcceptance", "eu-west-1")
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert (connection["VpcEndpointRegion"], connection["VpcEndpointOwner"]) == ("us-east-1", CONSUMER)
    elsewhere = Party(provider.emulator, CONSUMER, "eu-central-1")
    assert error_of(elsewhere.connect, service, ServiceRegion="eu-west-1") == "InvalidServiceName"


def test_interface_endpoint_of_a_cloudformation_stack_is_a_connection(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    properties = {
        "VpcEndpointType": "Interface",
        "VpcId": consumer.network.vpc_id,
        "SubnetIds": consumer.network.subnet_ids,
        "ServiceName": service["ServiceName"],
    }
    template = {"Resources": {"Endpoint": {"Type": "AWS::EC2::VPCEndpoint", "Properties": properties}}}
    consumer.client("cloudformation").create_stack(StackName="connect", TemplateBody=json.dumps(template))
    (endpoint,) = consumer.ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert provider.states() == {endpoint["VpcEndpointId"]: "pendingAcceptance"}
