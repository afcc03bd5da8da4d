"""What sessions of roles may do: by the role's policies and the session's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .organization import MEMBER, Organization
from .parties import CONSUMER, PROVIDER, Party, error_of
from .running import HUB, RunningEmulator

ROLE = f"arn:aws:iam::{PROVIDER}:role/drawbridge-member"
SERVICES = f"arn:aws:ec2:eu-west-1:{PROVIDER}:vpc-endpoint-service/*"
CONNECTIONS = f"arn:aws:ec2:eu-west-1:{PROVIDER}:vpc-endpoint-connection/*"
OPT_IN = {"StringEquals": {"aws:ResourceTag/drawbridge:enabled": "true"}}
KEYS = {"ForAllValues:StringEquals": {"aws:TagKeys": ["drawbridge:decision", "drawbridge:reason"]}}


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def make_role(emulator: RunningEmulator, role: str, *statements: dict[str, Any]) -> None:
    """A role that its own account and the hub may assume."""
    account, name = role.split(":")[4], role.rpartition("/")[2]
    trust = {"Effect": "Allow", "Principal": {"AWS": [account, HUB]}, "Action": "sts:AssumeRole"}
    iam = emulator.client("iam", account=account)
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    if statements:
        own = json.dumps({"Version": "2012-10-17", "Statement": [*statements]})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=own)


def session(emulator: RunningEmulator, role: str, *statements: dict[str, Any], **options: Any) -> dict[str, str]:
    """Credentials of the role; with statements, limited by them as a session policy."""
    if statements:
        options["Policy"] = json.dumps({"Version": "2012-10-17", "Statement": [*statements]})
    sts = emulator.client("sts", account=HUB)
    return sts.assume_role(RoleArn=role, RoleSessionName="event-1", **options)["Credentials"]


def as_role(emulator: RunningEmulator, service: str, *statements: dict[str, Any]) -> Any:
    """A client of a role that may do just this."""
    make_role(emulator, ROLE, *statements)
    return emulator.client(service, credentials=session(emulator, ROLE))


def test_refusal_names_who_what_and_where(provider: Party) -> None:
    ec2 = as_role(provider.emulator, "ec2", allow("ec2:DescribeVpcEndpointServiceConfigurations"))
    ec2.describe_vpc_endpoint_service_configurations()
    with pytest.raises(ClientError) as refused:
        ec2.describe_vpc_endpoint_connections()
    error = refused.value.response["Error"]
    assert error["Code"] == "UnauthorizedOperation"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert f"arn:aws:sts::{PROVIDER}:assumed-role/drawbridge-member/event-1" in error["Message"]
    assert "ec2:DescribeVpcEndpointConnections on resource: *" in error["Message"]
    (call,) = provider.emulator.calls(operation="DescribeVpcEndpointConnections")
    assert call["error"] == "UnauthorizedOperation"


def test_answers_may_be_limited_to_services_that_opted_in(provider: Party, consumer: Party) -> None:
    actions = [f"ec2:{verb}VpcEndpointConnections" for verb in ("Accept", "Reject")]
    ec2 = as_role(provider.emulator, "ec2", allow(actions, SERVICES, Condition=OPT_IN))
    service = provider.make_service()
    request = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [consumer.connect(service)["VpcEndpointId"]]}
    assert error_of(ec2.accept_vpc_endpoint_connections, **request) == "UnauthorizedOperation"
    assert error_of(ec2.accept_vpc_endpoint_connections, **request, DryRun=True) == "UnauthorizedOperation"
    opted_in = [{"Key": "drawbridge:enabled", "Value": "true"}]
    provider.ec2.create_tags(Resources=[service["ServiceId"]], Tags=opted_in)
    assert ec2.accept_vpc_endpoint_connections(**request)["Unsuccessful"] == []
    assert ec2.reject_vpc_endpoint_connections(**request)["Unsuccessful"] == []
    modify = ec2.modify_vpc_endpoint_service_permissions
    assert error_of(modify, ServiceId=service["ServiceId"], AddAllowedPrincipals=["*"]) == "UnauthorizedOperation"


def test_tags_may_be_limited_to_keys_and_kinds(provider: Party, consumer: Party) -> None:
    not_null = {"Null": {"aws:TagKeys": "false"}}
    ec2 = as_role(provider.emulator, "ec2", allow("ec2:CreateTags", CONNECTIONS, Condition={**KEYS, **not_null}))
    service = provider.make_service()
    consumer.connect(service)
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    ours = [{"Key": "drawbridge:decision", "Value": "accept"}, {"Key": "drawbridge:reason", "Value": "ORG_MEMBER"}]
    foreign = [{"Key": "drawbridge:approval", "Value": "approved"}]
    identifier = connection["VpcEndpointConnectionId"]
    ec2.create_tags(Resources=[identifier], Tags=ours)
    assert error_of(ec2.create_tags, Resources=[identifier], Tags=foreign) == "UnauthorizedOperation"
    assert error_of(ec2.create_tags, Resources=[identifier], Tags=[*ours, *foreign]) == "UnauthorizedOperation"
    both = [identifier, service["ServiceId"]]
    assert error_of(ec2.create_tags, Resources=both, Tags=ours) == "UnauthorizedOperation"
    assert error_of(ec2.delete_tags, Resources=[identifier], Tags=ours) == "UnauthorizedOperation"
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert sorted(tag["Key"] for tag in connection["Tags"]) == ["drawbridge:decision", "drawbridge:reason"]


def test_change_of_a_service_may_be_limited_to_switching_acceptance_on(provider: Party) -> None:
    condition = {
        "ForAllValues:StringEquals": {"ec2:Attribute": ["AcceptanceRequired"]},
        "StringEquals": {"ec2:Attribute/AcceptanceRequired": "true"},
    }
    action = "ec2:ModifyVpcEndpointServiceConfiguration"
    ec2 = as_role(provider.emulator, "ec2", allow(action, SERVICES, Condition=condition))
    service_id = provider.make_service(AcceptanceRequired=False)["ServiceId"]
    modify = ec2.modify_vpc_endpoint_service_configuration
    assert error_of(modify, ServiceId=service_id, AcceptanceRequired=False) == "UnauthorizedOperation"
    named = {"AcceptanceRequired": True, "PrivateDnsName": "orders.example.com"}
    assert error_of(modify, ServiceId=service_id, **named) == "UnauthorizedOperation"
    assert modify(ServiceId=service_id, AcceptanceRequired=True)["Return"] is True


def test_allowed_principals_need_permissions_of_their_own(provider: Party) -> None:
    actions = [f"ec2:{verb}VpcEndpointServicePermissions" for verb in ("Describe", "Modify")]
    service_id = provider.make_service()["ServiceId"]
    ec2 = as_role(provider.emulator, "ec2", allow(actions, SERVICES))
    ec2.modify_vpc_endpoint_service_permissions(ServiceId=service_id, AddAllowedPrincipals=[CONSUMER])
    assert len(ec2.describe_vpc_endpoint_service_permissions(ServiceId=service_id)["AllowedPrincipals"]) == 1
    credentials = session(provider.emulator, ROLE, allow(actions[0], SERVICES))
    other = provider.emulator.client("ec2", credentials=credentials)
    assert other.describe_vpc_endpoint_service_permissions(ServiceId=service_id)["AllowedPrincipals"]
    modify = other.modify_vpc_endpoint_service_permissions
    assert error_of(modify, ServiceId=service_id, AddAllowedPrincipals=["*"]) == "UnauthorizedOperation"


def test_statement_may_be_for_sessions_of_some_names(provider: Party) -> None:
    emulator = provider.emulator
    condition = {"StringLike": {"aws:userid": "*:event-*"}}
    make_role(emulator, ROLE, allow("ec2:DescribeVpcEndpointConnections", Condition=condition))
    emulator.client("ec2", credentials=session(emulator, ROLE)).describe_vpc_endpoint_connections()
    other = emulator.client("sts", account=HUB).assume_role(RoleArn=ROLE, RoleSessionName="watch")["Credentials"]
    listing = emulator.client("ec2", credentials=other).describe_vpc_endpoint_connections
    assert error_of(listing) == "UnauthorizedOperation"


def test_session_policy_takes_away_and_gives_nothing(provider: Party) -> None:
    emulator = provider.emulator
    make_role(emulator, ROLE, allow("ec2:DescribeVpcEndpoint*"))
    wide = emulator.client("ec2", credentials=session(emulator, ROLE, allow("*")))
    wide.describe_vpc_endpoint_connections()
    service_id = provider.make_service()["ServiceId"]
    modify = wide.modify_vpc_endpoint_service_permissions
    assert error_of(modify, ServiceId=service_id, AddAllowedPrincipals=["*"]) == "UnauthorizedOperation"
    narrow = session(emulator, ROLE, allow("ec2:DescribeVpcEndpointServiceConfigurations"))
    limited = emulator.client("ec2", credentials=narrow)
    limited.describe_vpc_endpoint_service_configurations()
    assert error_of(limited.describe_vpc_endpoint_connections) == "UnauthorizedOperation"


def test_session_policy_may_be_a_managed_one_and_must_be_one_that_is_there(provider: Party) -> None:
    emulator = provider.emulator
    make_role(emulator, ROLE, allow("ec2:*"))
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow("ec2:DescribeVpcEndpointConnections")]})
    policy = provider.client("iam").create_policy(PolicyName="listing", PolicyDocument=document)["Policy"]["Arn"]
    limited = emulator.client("ec2", credentials=session(emulator, ROLE, PolicyArns=[{"arn": policy}]))
    limited.describe_vpc_endpoint_connections()
    assert error_of(limited.describe_vpc_endpoint_service_configurations) == "UnauthorizedOperation"
    reader = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    emulator.client("ec2", credentials=session(emulator, ROLE, PolicyArns=[{"arn": reader}]))
    absent = [{"arn": f"{policy}-too"}]
    assert error_of(session, emulator, ROLE, PolicyArns=absent) == "ValidationError"
    assert error_of(session, emulator, ROLE, Policy="{") == "MalformedPolicyDocument"


def test_session_policy_limits_which_roles_are_assumed_next(emulator: RunningEmulator) -> None:
    hub_role = f"arn:aws:iam::{HUB}:role/function"
    make_role(emulator, hub_role, allow("sts:AssumeRole"))
    make_role(emulator, ROLE)
    for statement, assumed in ((allow("sts:AssumeRole", ROLE), True), (allow("sts:AssumeRole", f"{ROLE}-2"), False)):
        sts = emulator.client("sts", credentials=session(emulator, hub_role, statement))
        request = {"RoleArn": ROLE, "RoleSessionName": "event-1"}
        if assumed:
            assert sts.assume_role(**request)["Credentials"]
        else:
            assert error_of(sts.assume_role, **request) == "AccessDenied"


def test_organization_is_read_by_role_and_by_delegation(organization: Organization) -> None:
    emulator = organization.emulator
    accounts = f"arn:aws:organizations::*:account/{organization.id}/*"
    role = f"arn:aws:iam::{HUB}:role/function"
    make_role(emulator, role, allow("organizations:DescribeAccount", accounts))
    hub = emulator.client("organizations", credentials=session(emulator, role), region="us-east-1")
    assert error_of(hub.describe_account, AccountId=MEMBER) == "AccessDeniedException"
    organization.delegate("organizations:DescribeAccount", "organizations:ListAccounts")
    assert hub.describe_account(AccountId=MEMBER)["Account"]["Id"] == MEMBER
    assert error_of(hub.describe_account, AccountId=CONSUMER.replace("4", "8")) == "AccountNotFoundException"
    assert error_of(hub.list_accounts) == "AccessDeniedException"
    assert error_of(hub.list_tags_for_resource, ResourceId=MEMBER) == "AccessDeniedException"
    listing = json.dumps({"Version": "2012-10-17", "Statement": [allow("organizations:ListAccounts")]})
    emulator.client("iam").put_role_policy(RoleName="function", PolicyName="list", PolicyDocument=listing)
    assert hub.list_accounts()["Accounts"]


def test_events_are_put_by_source_and_type(emulator: RunningEmulator) -> None:
    emulator.client("events").create_event_bus(Name="drawbridge")
    bus = f"arn:aws:events:eu-west-1:{HUB}:event-bus/drawbridge"
    role = f"arn:aws:iam::{HUB}:role/function"
    condition = {"StringEquals": {"events:source": "drawbridge", "events:detail-type": "Review Requested"}}
    make_role(emulator, role, allow("events:PutEvents", bus, Condition=condition))
    events = emulator.client("events", credentials=session(emulator, role))
    entry = {"EventBusName": "drawbridge", "Source": "drawbridge", "DetailType": "Review Requested", "Detail": "{}"}
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    for change in ({"Source": "other"}, {"DetailType": "Connection Accepted"}, {"EventBusName": "default"}):
        assert error_of(events.put_events, Entries=[entry, entry | change]) == "AccessDeniedException"


def test_policy_of_a_bus_that_names_the_role_is_enough_within_the_account(emulator: RunningEmulator) -> None:
    bus = emulator.client("events").create_event_bus(Name="drawbridge")["EventBusArn"]
    role = f"arn:aws:iam::{HUB}:role/function"
    make_role(emulator, role, allow("sqs:*"))
    events = emulator.client("events", credentials=session(emulator, role))
    entry = {"EventBusName": "drawbridge", "Source": "drawbridge", "DetailType": "a", "Detail": "{}"}
    for name, refused in (("root", True), ("role/function", False)):
        principal = {"AWS": f"arn:aws:iam::{HUB}:{name}"}
        statement = {"Sid": "a", **allow("events:PutEvents", bus), "Principal": principal}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        emulator.client("events").put_permission(EventBusName="drawbridge", Policy=policy)
        if refused:
            assert error_of(events.put_events, Entries=[entry]) == "AccessDeniedException"
        else:
            assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def test_configuration_is_read_by_those_who_may(emulator: RunningEmulator) -> None:
    appconfig = emulator.client("appconfig")
    application = appconfig.create_application(Name="drawbridge")["Id"]
    environment = appconfig.create_environment(ApplicationId=application, Name="hub")["Id"]
    profile = appconfig.create_configuration_profile(
        ApplicationId=application, Name="configuration", LocationUri="hosted"
    )["Id"]
    resource = f"application/{application}/environment/{environment}/configuration/{profile}"
    arn = f"arn:aws:appconfig:eu-west-1:{HUB}:{resource}"
    names = {
        "ApplicationIdentifier": "drawbridge",
        "EnvironmentIdentifier": "hub",
        "ConfigurationProfileIdentifier": "configuration",
    }
    for name, statements, refused_at in (
        ("none", [allow("sqs:*")], "start"),
        ("half", [allow("appconfig:StartConfigurationSession", arn)], "latest"),
        ("whole", [allow(["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"], arn)], None),
    ):
        role = f"arn:aws:iam::{HUB}:role/{name}"
        make_role(emulator, role, *statements)
        data = emulator.client("appconfigdata", credentials=session(emulator, role))
        if refused_at == "start":
            assert error_of(data.start_configuration_session, **names) == "AccessDeniedException"
            continue
        token = data.start_configuration_session(**names)["InitialConfigurationToken"]
        wanted = "ResourceNotFoundException" if refused_at is None else "AccessDeniedException"
        assert error_of(data.get_latest_configuration, ConfigurationToken=token) == wanted


def test_judging_roles_can_be_switched_off(provider: Party) -> None:
    ec2 = as_role(provider.emulator, "ec2")
    assert error_of(ec2.describe_vpc_endpoint_connections) == "UnauthorizedOperation"
    provider.emulator.control("POST", "settings", {"role_permissions": False})
    assert ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"] == []


def test_sending_to_a_queue_needs_leave_of_the_role_or_of_the_queue_by_its_name(provider: Party) -> None:
    emulator = provider.emulator
    sqs = emulator.client("sqs", account=PROVIDER)
    url = sqs.create_queue(QueueName="again")["QueueUrl"]
    arn = f"arn:aws:sqs:eu-west-1:{PROVIDER}:again"
    mute = as_role(emulator, "sqs", allow("sqs:SendMessage", f"{arn}-2"))
    with pytest.raises(ClientError) as refused:
        mute.send_message(QueueUrl=url, MessageBody="look")
    assert arn in refused.value.response["Error"]["Message"]
    letting = allow("sqs:SendMessage", arn, Principal={"AWS": ROLE})
    policy = json.dumps({"Version": "2012-10-17", "Statement": [letting]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    mute.send_message(QueueUrl=url, MessageBody="look")


def test_making_in_cloud_map_with_tags_needs_leave_to_tag(provider: Party) -> None:
    cloud_map = as_role(provider.emulator, "servicediscovery", allow("servicediscovery:CreateHttpNamespace"))
    cloud_map.create_http_namespace(Name="plain")
    with pytest.raises(ClientError) as refused:
        cloud_map.create_http_namespace(Name="tagged", Tags=[{"Key": "a", "Value": "b"}])
    assert "servicediscovery:TagResource" in refused.value.response["Error"]["Message"]
