"""CloudTrail: calls as EventBridge events, in the documented shapes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..cloudtrail.wrapped import guess, wrapped_request, wrapped_response
from .parties import CONSUMER, Party, error_of
from .queues import subscribe_queue
from .running import RunningEmulator

MANAGEMENT = "111111111111"


def records(emulator: RunningEmulator, account: str, name: str, region: str = "eu-west-1") -> list[dict[str, Any]]:
    """The records of that name in an account's history, the newest first."""
    attribute = {"AttributeKey": "EventName", "AttributeValue": name}
    client = emulator.client("cloudtrail", account=account, region=region)
    events = client.lookup_events(LookupAttributes=[attribute])["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in events]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("444444444444", 444444444444),
        ("012345678912", "012345678912"),
        ("true", True),
        ("False", False),
        ("1.50", 1.5),
        ("0", 0),
        ("-7", -7),
        ("", ""),
        ("vpce-0f1e", "vpce-0f1e"),
        ("12345678901234567890123", "12345678901234567890123"),
    ],
)
def test_values_are_guessed_by_their_looks(text: str, value: Any) -> None:
    guessed = guess(text)
    assert (guessed, type(guessed)) == (value, type(value))


def test_request_is_wrapped_with_lists_of_one_as_objects() -> None:
    wrapped = wrapped_request(
        "CreateVpcEndpoint",
        {
            "Action": "CreateVpcEndpoint",
            "Version": "2016-11-15",
            "VpcId": "vpc-1",
            "SubnetId.1": "subnet-a",
            "SubnetId.2": "subnet-b",
            "SecurityGroupId.1": "sg-a",
            "PrivateDnsEnabled": "false",
            "DnsOptions.DnsRecordIpType": "ipv4",
            "TagSpecification.1.ResourceType": "vpc-endpoint",
            "TagSpecification.1.Tag.1.Key": "Name",
            "TagSpecification.1.Tag.1.Value": "orders",
        },
    )
    assert wrapped == {
        "CreateVpcEndpointRequest": {
            "VpcId": "vpc-1",
            "SubnetId": [{"tag": 1, "content": "subnet-a"}, {"tag": 2, "content": "subnet-b"}],
            "SecurityGroupId": {"tag": 1, "content": "sg-a"},
            "PrivateDnsEnabled": False,
            "DnsOptions": {"DnsRecordIpType": "ipv4"},
            "TagSpecification": {
                "tag": 1,
                "ResourceType": "vpc-endpoint",
                "Tag": {"tag": 1, "Key": "Name", "Value": "orders"},
            },
        }
    }


def test_response_is_wrapped_with_empty_sets_as_empty_text() -> None:
    body = b"""<?xml version="1.0"?>
        <ThingResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15">
          <ownerId>444444444444</ownerId><none/>
          <one><item>a</item></one><two><item>a</item><item>b</item></two>
        </ThingResponse>"""
    assert wrapped_response(body, "id-1") == {
        "ThingResponse": {
            "xmlns": "http://ec2.amazonaws.com/doc/2016-11-15/",
            "requestId": "id-1",
            "ownerId": 444444444444,
            "none": "",
            "one": {"item": "a"},
            "two": {"item": ["a", "b"]},
        }
    }


def test_request_for_an_endpoint_is_an_event_of_the_consumer(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    queue = subscribe_queue(consumer, {"source": ["aws.ec2"], "detail": {"eventName": ["CreateVpcEndpoint"]}})
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "orders"}]}]
    endpoint = consumer.connect(
        service, SubnetIds=consumer.network.subnet_ids[:1], TagSpecifications=tags, PrivateDnsEnabled=False
    )
    (event,) = [json.loads(body) for body in queue.read(1)]
    assert event["detail-type"] == "AWS API Call via CloudTrail"
    assert (event["account"], event["region"], event["resources"]) == (CONSUMER, "eu-west-1", [])
    detail = event["detail"]
    assert detail["eventSource"] == "ec2.amazonaws.com"
    assert detail["recipientAccountId"] == CONSUMER
    assert detail["readOnly"] is False
    request = detail["requestParameters"]["CreateVpcEndpointRequest"]
    assert request["SubnetId"] == {"tag": 1, "content": consumer.network.subnet_ids[0]}
    assert request["TagSpecification"]["Tag"] == {"tag": 1, "Key": "Name", "Value": "orders"}
    made = detail["responseElements"]["CreateVpcEndpointResponse"]["vpcEndpoint"]
    assert made["vpcEndpointId"] == endpoint["VpcEndpointId"]
    assert made["ownerId"] == int(CONSUMER)
    assert made["state"] == "pendingAcceptance"
    assert made["routeTableIdSet"] == ""
    assert made["networkInterfaceIdSet"] == {"item": endpoint["NetworkInterfaceIds"][0]}
    assert made["groupSet"]["item"]["groupName"] == "default"
    assert made["tagSet"] == {"item": {"key": "Name", "value": "orders"}}
    assert "errorCode" not in detail


def test_failed_call_is_an_event_with_its_error(provider: Party, consumer: Party) -> None:
    service = provider.make_service(allow=())
    error_of(consumer.connect, service)
    error_of(provider.connect, service, DryRun=True)
    (refused,) = records(consumer.emulator, CONSUMER, "CreateVpcEndpoint")
    assert refused["errorCode"] == "Client.InvalidServiceName"
    assert refused["responseElements"] is None
    (dry,) = records(consumer.emulator, provider.account, "CreateVpcEndpoint")
    assert dry["errorCode"] == "Client.DryRunOperation"
    assert dry["requestParameters"]["CreateVpcEndpointRequest"]["DryRun"] is True


def test_throttled_call_is_an_event_with_the_servers_error(provider: Party) -> None:
    service = provider.make_service()
    order = {"service": "ec2", "operation": "RejectVpcEndpointConnections", "code": "RequestLimitExceeded"}
    provider.emulator.control("POST", "faults", order)
    reject = provider.ec2.reject_vpc_endpoint_connections
    error_of(reject, ServiceId=service["ServiceId"], VpcEndpointIds=["vpce-0123456789abcdef0"])
    (record,) = records(provider.emulator, provider.account, "RejectVpcEndpointConnections")
    assert record["errorCode"] == "Server.RequestLimitExceeded"


def test_answer_to_connections_is_an_event_of_the_provider(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    unknown = "vpce-0123456789abcdef0"
    provider.ec2.accept_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[endpoint_id, unknown])
    (record,) = records(provider.emulator, provider.account, "AcceptVpcEndpointConnections")
    request = record["requestParameters"]["AcceptVpcEndpointConnectionsRequest"]
    assert request["VpcEndpointId"] == [{"tag": 1, "content": endpoint_id}, {"tag": 2, "content": unknown}]
    failed = record["responseElements"]["AcceptVpcEndpointConnectionsResponse"]["unsuccessful"]["item"]
    assert failed["resourceId"] == unknown
    assert failed["error"]["code"] == "InvalidVpcEndpointId.NotFound"


def test_role_session_tells_its_role(emulator: RunningEmulator, provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    trust = {"Effect": "Allow", "Principal": {"AWS": provider.account}, "Action": "sts:AssumeRole"}
    provider.client("iam").create_role(
        RoleName="drawbridge-member", Path="/own/", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
    )
    allow = {"Effect": "Allow", "Action": "ec2:AcceptVpcEndpointConnections", "Resource": "*"}
    provider.client("iam").put_role_policy(
        RoleName="drawbridge-member",
        PolicyName="own",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
    )
    role = f"arn:aws:iam::{provider.account}:role/own/drawbridge-member"
    credentials = provider.client("sts").assume_role(RoleArn=role, RoleSessionName="event-1")["Credentials"]
    emulator.client("ec2", credentials=credentials).accept_vpc_endpoint_connections(
        ServiceId=service["ServiceId"], VpcEndpointIds=[endpoint_id]
    )
    (record,) = records(emulator, provider.account, "AcceptVpcEndpointConnections")
    identity = record["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == f"arn:aws:sts::{provider.account}:assumed-role/drawbridge-member/event-1"
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert (issuer["userName"], issuer["arn"]) == ("drawbridge-member", role)


def test_organizations_events_come_out_in_the_management_accounts_us_east_1(emulator: RunningEmulator) -> None:
    management = Party(emulator, MANAGEMENT, "us-east-1")
    queue = subscribe_queue(management, {"source": ["aws.organizations"]})
    organizations = emulator.client("organizations", account=MANAGEMENT, region="eu-west-1")
    organizations.create_organization()
    created = organizations.create_account(Email="a@example.com", AccountName="a")["CreateAccountStatus"]
    organizations.close_account(AccountId=created["AccountId"])
    events = {event["detail"]["eventName"]: event for event in map(json.loads, queue.read(7))}
    assert set(events) == {
        "CreateOrganization",
        "AccountJoinedOrganization",
        "CreateAccount",
        "CreateAccountResult",
        "CloseAccount",
        "CloseAccountResult",
    }
    call = events["CreateAccount"]["detail"]
    assert (call["awsRegion"], call["requestParameters"]["accountName"]) == ("us-east-1", "****")
    result = events["CreateAccountResult"]
    assert result["detail-type"] == "AWS Service Event via CloudTrail"
    status = result["detail"]["serviceEventDetails"]["createAccountStatus"]
    assert (status["accountId"], status["state"]) == (created["AccountId"], "SUCCEEDED")
    assert result["detail"]["userIdentity"] == {"accountId": MANAGEMENT, "invokedBy": "AWS Internal"}
    assert events["CloseAccount"]["detail"]["requestParameters"] == {"accountId": created["AccountId"]}


def test_load_balancer_and_tag_calls_are_events_too(provider: Party) -> None:
    arn = provider.make_balancer()
    (record,) = records(provider.emulator, provider.account, "CreateLoadBalancer")
    assert (record["eventSource"], record["apiVersion"]) == ("elasticloadbalancing.amazonaws.com", "2015-12-01")
    (balancer,) = record["responseElements"]["loadBalancers"]
    assert balancer["loadBalancerArn"] == arn
    assert balancer["dNSName"]
    assert balancer["createdTime"].endswith(("AM", "PM"))
    provider.client("elbv2").add_tags(ResourceArns=[arn], Tags=[{"Key": "a", "Value": "b"}])
    (record,) = records(provider.emulator, provider.account, "AddTags")
    assert record["requestParameters"] == {"resourceArns": [arn], "tags": [{"key": "a", "value": "b"}]}
    assert record["responseElements"] is None
    provider.ec2.create_tags(Resources=[provider.network.vpc_id], Tags=[{"Key": "a", "Value": "b"}])
    (record,) = records(provider.emulator, provider.account, "CreateTags")
    assert record["requestParameters"] == {
        "resourcesSet": {"items": [{"resourceId": provider.network.vpc_id}]},
        "tagSet": {"items": [{"key": "a", "value": "b"}]},
    }


def test_vpcs_that_come_change_and_go_have_the_older_form(provider: Party) -> None:
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "dns", "Value": "yes"}]}]
    vpc_id = provider.ec2.create_vpc(CidrBlock="10.7.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    record = records(provider.emulator, provider.account, "CreateVpc")[0]
    assert record["requestParameters"] == {
        "cidrBlock": "10.7.0.0/16",
        "tagSpecificationSet": {"items": [{"resourceType": "vpc", "tags": [{"key": "dns", "value": "yes"}]}]},
    }
    made = record["responseElements"]["vpc"]
    assert (made["vpcId"], made["ownerId"], made["isDefault"]) == (vpc_id, provider.account, False)
    assert made["tagSet"] == {"items": [{"key": "dns", "value": "yes"}]}
    assert made["ipv6CidrBlockAssociationSet"] == {}
    assert (record["eventSource"], record["readOnly"]) == ("ec2.amazonaws.com", False)

    provider.ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    record = records(provider.emulator, provider.account, "ModifyVpcAttribute")[0]
    assert record["requestParameters"] == {"vpcId": vpc_id, "enableDnsHostnames": {"value": True}}
    assert record["responseElements"] == {"requestId": record["responseElements"]["requestId"], "_return": True}

    provider.ec2.delete_vpc(VpcId=vpc_id)
    record = records(provider.emulator, provider.account, "DeleteVpc")[0]
    assert (record["requestParameters"], record.get("errorCode")) == ({"vpcId": vpc_id}, None)
    assert error_of(provider.ec2.delete_vpc, VpcId=vpc_id) == "InvalidVpcID.NotFound"
    record = records(provider.emulator, provider.account, "DeleteVpc")[0]
    assert (record["errorCode"], record["responseElements"]) == ("Client.InvalidVpcID.NotFound", None)


def test_reads_and_calls_of_unknown_form_are_no_events(provider: Party) -> None:
    provider.ec2.describe_vpc_endpoints()
    emulator = provider.emulator
    assert records(emulator, provider.account, "DescribeVpcEndpoints") == []
    assert records(emulator, provider.account, "CreateSubnet") == []


@pytest.mark.parametrize("times", [0, 2])
def test_event_may_be_lost_or_doubled(provider: Party, times: int) -> None:
    queue = subscribe_queue(provider, {"detail": {"eventName": ["CreateVpcEndpointServiceConfiguration"]}})
    provider.emulator.control("POST", "settings", {"trail_deliveries": times})
    provider.make_service()
    events = [json.loads(body) for body in queue.read(times)]
    assert len({event["detail"]["eventID"] for event in events}) == min(times, 1)
    assert len({event["id"] for event in events}) == times


def test_history_is_looked_up_in_pages_and_by_attribute(provider: Party) -> None:
    for number in range(3):
        provider.make_balancer(f"balancer-{number}")
    cloudtrail = provider.client("cloudtrail")
    balancers = [{"AttributeKey": "EventSource", "AttributeValue": "elasticloadbalancing.amazonaws.com"}]
    first = cloudtrail.lookup_events(LookupAttributes=balancers, MaxResults=2)
    second = cloudtrail.lookup_events(LookupAttributes=balancers, MaxResults=2, NextToken=first["NextToken"])
    assert [len(page["Events"]) for page in (first, second)] == [2, 1]
    network = [{"AttributeKey": "EventSource", "AttributeValue": "ec2.amazonaws.com"}]
    of_the_network = [event["EventName"] for event in cloudtrail.lookup_events(LookupAttributes=network)["Events"]]
    assert of_the_network == ["ModifyVpcAttribute", "ModifyVpcAttribute", "CreateVpc"]
    by_type = [{"AttributeKey": "ResourceType", "AttributeValue": "AWS::EC2::VPC"}]
    assert error_of(cloudtrail.lookup_events, LookupAttributes=by_type) == "NotImplemented"


def test_operation_is_known_with_and_without_the_package_of_its_service(emulator: RunningEmulator) -> None:
    client = emulator.client("cloudtrail", account="444444444444")
    spelled: list[str] = []

    def shorten(request: Any, **_: Any) -> None:
        spelled.append(request.headers["X-Amz-Target"])
        if len(spelled) == 2:
            del request.headers["X-Amz-Target"]
            request.headers["X-Amz-Target"] = "CloudTrail_20131101.LookupEvents"

    client.meta.events.register_first("before-sign.cloudtrail.LookupEvents", shorten)
    attribute = {"AttributeKey": "EventName", "AttributeValue": "CreateVpcEndpoint"}
    answers = [client.lookup_events(LookupAttributes=[attribute])["Events"] for _ in range(2)]
    assert answers == [[], []]
    assert len(spelled) == 2
