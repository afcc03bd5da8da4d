"""Who is let in from other accounts: the hub by the member role, members' forwarders by the hub bus."""

from dataclasses import replace

import pytest

from infra.delivery import permissions, trust
from infra.permission import Request, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATION,
    OTHER_ORGANIZATION,
    OTHER_REGION,
    PROVIDER_ACCOUNT,
    STRANGER_ACCOUNT,
    Rendering,
)
from infra.template import Template, at, read, without
from infra.test_function_role import BUS, MEMBER_ROLE, connection_arn, service_arn

HUB, MEMBER = read("hub.yaml"), read("member.yaml")
MEMBER_POLICY = "Resources/MemberRole/Properties/Policies/0/Fn::If/1/PolicyDocument/Statement"


# The member role, seen from the hub.
def member(template: Template = MEMBER, **parameters: str) -> Rendering:
    return Rendering(template, MEMBER_PARAMETERS | parameters, account=PROVIDER_ACCOUNT)


FUNCTIONS = {
    "accept-connections": "FunctionRole",
    "watch-organization": "WatchRole",
    "sync-dns": "SyncRole",
    "tag-resources": "TagsRole",
    "publish-alarms": "AlarmsRole",
    "sync-cloud-map": "CloudMapRole",
}


def hub_function(function: str = "accept-connections", **context: str) -> Request:
    known = {
        "aws:principalorgid": ORGANIZATION,
        "aws:principalarn": Rendering(HUB, HUB_PARAMETERS).arn(FUNCTIONS[function]),
        "sts:rolesessionname": function,
        **context,
    }
    return Request("sts:AssumeRole", context=known, account=HUB_ACCOUNT)


def test_the_member_role_is_the_one_that_the_function_assumes():
    assert member().arn("MemberRole") == MEMBER_ROLE


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_member_role_trusts_the_functions_of_the_hub(function):
    assert allowed(trust(member(), "MemberRole"), hub_function(function))


@pytest.mark.parametrize(
    "request_",
    [
        hub_function(**{"aws:principalarn": f"arn:aws:iam::{HUB_ACCOUNT}:role/admin"}),
        hub_function(**{"aws:principalarn": Rendering(HUB, HUB_PARAMETERS).arn("ForwarderRole")}),
        hub_function(**{"aws:principalorgid": OTHER_ORGANIZATION}),
        replace(hub_function(), account=STRANGER_ACCOUNT),
        hub_function("watch-organization", **{"sts:rolesessionname": "accept-connections"}),
        hub_function("accept-connections", **{"sts:rolesessionname": "watch-organization"}),
        hub_function("watch-organization", **{"aws:principalorgid": OTHER_ORGANIZATION}),
        hub_function("sync-dns", **{"sts:rolesessionname": "accept-connections"}),
        hub_function("accept-connections", **{"sts:rolesessionname": "sync-dns"}),
        hub_function("watch-organization", **{"sts:rolesessionname": "sync-dns"}),
        hub_function("sync-dns", **{"aws:principalorgid": OTHER_ORGANIZATION}),
        replace(hub_function("sync-dns"), account=STRANGER_ACCOUNT),
        hub_function("tag-resources", **{"sts:rolesessionname": "accept-connections"}),
        hub_function("tag-resources", **{"sts:rolesessionname": "sync-dns"}),
        hub_function("accept-connections", **{"sts:rolesessionname": "tag-resources"}),
        hub_function("watch-organization", **{"sts:rolesessionname": "tag-resources"}),
        hub_function("tag-resources", **{"aws:principalorgid": OTHER_ORGANIZATION}),
        replace(hub_function("tag-resources"), account=STRANGER_ACCOUNT),
        hub_function("publish-alarms", **{"sts:rolesessionname": "accept-connections"}),
        hub_function("publish-alarms", **{"sts:rolesessionname": "tag-resources"}),
        hub_function("accept-connections", **{"sts:rolesessionname": "publish-alarms"}),
        hub_function("tag-resources", **{"sts:rolesessionname": "publish-alarms"}),
        hub_function("publish-alarms", **{"aws:principalorgid": OTHER_ORGANIZATION}),
        replace(hub_function("publish-alarms"), account=STRANGER_ACCOUNT),
        hub_function("sync-cloud-map", **{"sts:rolesessionname": "accept-connections"}),
        hub_function("sync-cloud-map", **{"sts:rolesessionname": "sync-dns"}),
        hub_function("accept-connections", **{"sts:rolesessionname": "sync-cloud-map"}),
        hub_function("publish-alarms", **{"sts:rolesessionname": "sync-cloud-map"}),
        hub_function("sync-cloud-map", **{"sts:rolesessionname": "sync-cloud-map-2"}),
        hub_function("sync-cloud-map", **{"aws:principalorgid": OTHER_ORGANIZATION}),
        replace(hub_function("sync-cloud-map"), account=STRANGER_ACCOUNT),
    ],
    ids=[
        "another role of the hub",
        "the hub's forwarder",
        "after the hub left the Organization",
        "another account",
        "the watcher in the other's name",
        "the other in the watcher's name",
        "the watcher after the hub left the Organization",
        "sync-dns in the name of the one that decides",
        "the one that decides in the name of sync-dns",
        "the watcher in the name of sync-dns",
        "sync-dns after the hub left the Organization",
        "another account's sync-dns",
        "tag-resources in the name of the one that decides",
        "tag-resources in the name of sync-dns",
        "the one that decides in the name of tag-resources",
        "the watcher in the name of tag-resources",
        "tag-resources after the hub left the Organization",
        "another account's tag-resources",
        "publish-alarms in the name of the one that decides",
        "publish-alarms in the name of tag-resources",
        "the one that decides in the name of publish-alarms",
        "tag-resources in the name of publish-alarms",
        "publish-alarms after the hub left the Organization",
        "another account's publish-alarms",
        "sync-cloud-map in the name of the one that decides",
        "sync-cloud-map in the name of sync-dns",
        "the one that decides in the name of sync-cloud-map",
        "publish-alarms in the name of sync-cloud-map",
        "sync-cloud-map in a name that begins with its own",
        "sync-cloud-map after the hub left the Organization",
        "another account's sync-cloud-map",
    ],
)
def test_the_member_role_trusts_nobody_else(request_):
    assert not allowed(trust(member(), "MemberRole"), request_)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_member_role_asks_for_the_external_id_when_there_is_one(function):
    asking = trust(member(ExternalId="between-us"), "MemberRole")
    assert not allowed(asking, hub_function(function))
    assert allowed(asking, hub_function(function, **{"sts:externalid": "between-us"}))


# What it may do, once it is assumed. The user id of a session ends with the session's name.
ROLE_ID = "AROAEXAMPLEEXAMPLEEXA"
ANSWERING = {"aws:userid": f"{ROLE_ID}:accept-connections"}
WATCHING = {"aws:userid": f"{ROLE_ID}:watch-organization"}
SYNCING = {"aws:userid": f"{ROLE_ID}:sync-dns"}
TAGGING = {"aws:userid": f"{ROLE_ID}:tag-resources"}
ALARMING = {"aws:userid": f"{ROLE_ID}:publish-alarms"}
MAPPING = {"aws:userid": f"{ROLE_ID}:sync-cloud-map"}
TAG = {"aws:resourcetag/drawbridge:enabled": "true"}
KEYS = {"aws:tagkeys": ["drawbridge:owner", "drawbridge:revoke-after"]}
OWN_SERVICE = service_arn(PROVIDER_ACCOUNT)
WRITES = {
    "accept": Request("ec2:AcceptVpcEndpointConnections", OWN_SERVICE, ANSWERING | TAG),
    "reject": Request("ec2:RejectVpcEndpointConnections", OWN_SERVICE, ANSWERING | TAG),
    "be notified": Request("ec2:CreateVpcEndpointConnectionNotification", OWN_SERVICE, ANSWERING | TAG),
    "mark": Request("ec2:CreateTags", connection_arn(PROVIDER_ACCOUNT), ANSWERING | KEYS),
    "change allowed principals": Request("ec2:ModifyVpcEndpointServicePermissions", OWN_SERVICE, ANSWERING | TAG),
    "require acceptance": Request("ec2:ModifyVpcEndpointServiceConfiguration", OWN_SERVICE, ANSWERING | TAG),
}
READS = {
    "list services": Request("ec2:DescribeVpcEndpointServiceConfigurations"),
    "list connections": Request("ec2:DescribeVpcEndpointConnections"),
    "list notifications": Request("ec2:DescribeVpcEndpointConnectionNotifications"),
    "list allowed principals": Request("ec2:DescribeVpcEndpointServicePermissions", OWN_SERVICE),
}
MANAGED = {"change allowed principals", "require acceptance"}


def member_may(request: Request, template: Template = MEMBER, **parameters: str) -> bool:
    return allowed(permissions(member(template, **{"ManagePrincipals": "yes"} | parameters), "MemberRole"), request)


@pytest.mark.parametrize("write", WRITES)
def test_the_member_role_writes_for_the_function_that_decides_only(write):
    request = WRITES[write]
    assert member_may(request)
    for others in (WATCHING, SYNCING, TAGGING, ALARMING, MAPPING):
        assert not member_may(replace(request, context={**request.context, **others}))


@pytest.mark.parametrize("read_", READS)
@pytest.mark.parametrize("session", [ANSWERING, WATCHING, SYNCING, TAGGING])
def test_the_member_role_reads_for_all(read_, session):
    assert member_may(replace(READS[read_], context=session))


@pytest.mark.parametrize("action", READS | WRITES)
def test_a_member_that_is_no_provider_lets_nobody_at_its_services(action):
    consumer = {"ProviderRole": "no", "ConsumerRole": "yes", "DnsRole": "yes"}
    for session in (ANSWERING, WATCHING, SYNCING, TAGGING):
        request = (READS | WRITES)[action]
        assert not member_may(replace(request, context={**request.context, **session}), **consumer)


def test_the_member_role_manages_principals_only_where_it_was_asked_to():
    assert {write for write in WRITES if not member_may(WRITES[write], ManagePrincipals="no")} == MANAGED


@pytest.mark.parametrize("write", sorted(WRITES.keys() - {"mark"}))
def test_the_member_role_answers_for_its_own_services_that_opted_in_only(write):
    request = WRITES[write]
    assert not member_may(replace(request, context=ANSWERING))
    assert not member_may(replace(request, resource=service_arn(HUB_ACCOUNT)))
    assert member_may(replace(request, context=ANSWERING), ServiceSelection="every")


def test_the_member_role_marks_with_our_keys_only():
    mark = WRITES["mark"]
    for keys in (["Name"], ["drawbridge:owner", "drawbridge:approval"]):
        assert not member_may(replace(mark, context={**ANSWERING, "aws:tagkeys": keys}))
    assert not member_may(replace(mark, context=ANSWERING))


@pytest.mark.parametrize("write", WRITES)
def test_a_member_role_that_does_not_look_at_the_session_would_write_for_both(write):
    found = at(MEMBER, f"{MEMBER_POLICY}")
    number = next(n for n, item in enumerate(found) if WRITES[write].action in str(item))
    path = f"{MEMBER_POLICY}/{number}" + ("/Fn::If/1" if "Fn::If" in found[number] else "")
    request = replace(WRITES[write], context={**WRITES[write].context, **WATCHING})
    assert member_may(request, without(MEMBER, f"{path}/Condition/StringLike"))


def test_a_member_role_without_its_conditions_would_trust_any_role_of_the_hub_account():
    open_trust = without(
        MEMBER, "Resources/MemberRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition/ArnLike"
    )
    stranger = hub_function(**{"aws:principalarn": f"arn:aws:iam::{HUB_ACCOUNT}:role/admin"})
    assert allowed(trust(member(open_trust), "MemberRole"), stranger)


# The hub bus, seen from members.
def puts_events(template: Template = HUB, **context: str) -> bool:
    rendering = Rendering(template, HUB_PARAMETERS)
    forwarder = Rendering(MEMBER, MEMBER_PARAMETERS, account=CONSUMER_ACCOUNT, region=OTHER_REGION).arn("ForwarderRole")
    known = {"aws:principalorgid": ORGANIZATION, "aws:principalarn": forwarder, **context}
    request = Request("events:PutEvents", BUS, known, account=CONSUMER_ACCOUNT)
    return allowed([rendering.properties("BusPolicy")["Statement"]], request)


def test_forwarders_of_the_organization_put_events_on_the_hub_bus_from_any_region():
    assert puts_events()


def test_nobody_else_puts_events_on_the_hub_bus():
    assert not puts_events(**{"aws:principalorgid": OTHER_ORGANIZATION})
    assert not puts_events(**{"aws:principalarn": f"arn:aws:iam::{CONSUMER_ACCOUNT}:role/app"})


def test_a_bus_without_either_condition_would_be_open():
    path = "Resources/BusPolicy/Properties/Statement/Condition"
    assert puts_events(without(HUB, f"{path}/StringEquals"), **{"aws:principalorgid": OTHER_ORGANIZATION})
    assert puts_events(
        without(HUB, f"{path}/ArnLike"), **{"aws:principalarn": f"arn:aws:iam::{CONSUMER_ACCOUNT}:role/app"}
    )
