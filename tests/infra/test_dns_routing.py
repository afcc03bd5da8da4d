"""What wakes sync-dns: every event that can change which names there should be, or are, and nothing else."""

import pytest

from infra.event_pattern import Event
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MEMBER_DNS_PARAMETERS,
    MEMBER_PARAMETERS,
    Rendering,
)
from infra.routing import by_role, event, own_event, takes, wakes
from infra.template import Template, altered, at, read, without
from infra.test_event_routing import AWAKENING as AWAKENING_ACCEPT
from infra.test_event_routing import IDLE as IDLE_ACCEPT

HUB, MEMBER = read("hub.yaml"), read("member.yaml")
CALLS = "Resources/SyncCalls/Properties/EventPattern"
TAGS = "Resources/SyncTagChanges/Properties/EventPattern"
ZONES = "Resources/SyncZoneCalls/Properties/EventPattern"
REQUESTS = "Resources/SyncRequests/Properties/EventPattern"
TOLD = at(HUB, "Resources/Archive/Properties/EventPattern/detail-type")
# Of what we tell, that with which names come and go.
HEARD = ("Connection Accepted", "Connection Rejected", "Connection Revoked")
OUR_ROLES = ("drawbridge-sync-dns-eu-west-1", "drawbridge-member")


def hub(template: Template = HUB) -> Rendering:
    return Rendering(template, HUB_PARAMETERS)


def times_woken(rendering: Rendering, happened: Event) -> int:
    return wakes(rendering, happened).count("sync-dns")


def call(sample: str, name: str, **changes) -> Event:
    """The sample with another call's name."""
    return event(sample, detail__eventName=name, **changes)


AWAKENING = {
    "an endpoint is created": event("create_endpoint"),
    "an endpoint is changed": event("modify_endpoint"),
    "an IAM user changes an endpoint": event("modify_endpoint", detail__userIdentity__sessionContext=None),
    "endpoints are deleted": event("delete_endpoints"),
    "a consumer deletes in a name like ours": by_role("delete_endpoints", "drawbridge-of-mine"),
    "a service is created": event("create_service"),
    "a service is changed": event("modify_service"),
    "services are deleted": event("delete_services"),
    "a person starts a verification": call("modify_service", "StartVpcEndpointServicePrivateDnsVerification"),
    "a VPC is created": event("create_vpc"),
    "a VPC is deleted": call("create_vpc", "DeleteVpc"),
    "a VPC resolves names no more": call("create_vpc", "ModifyVpcAttribute"),
    "a tag of a service is changed": event("tag_change_of_service"),
    "a tag of an endpoint is changed": event("tag_change_of_endpoint"),
    "a tag of a VPC is changed": event("tag_change_of_endpoint", **{"detail__resource-type": "vpc"}),
    "records are changed": event("change_records"),
    "an IAM user changes records": event("change_records", detail__userIdentity__sessionContext=None),
    "a role with our name inside changes records": by_role("change_records", "app-drawbridge-x"),
    "a zone is created": call("change_records", "CreateHostedZone"),
    "a zone is deleted": call("change_records", "DeleteHostedZone"),
    "a zone is associated": call("change_records", "AssociateVPCWithHostedZone"),
    "a zone is disassociated": call("change_records", "DisassociateVPCFromHostedZone"),
    "a VPC is let into a zone": call("change_records", "CreateVPCAssociationAuthorization"),
    "a VPC is let in no more": call("change_records", "DeleteVPCAssociationAuthorization"),
    "a zone gets tags": event("tag_zone"),
    "tags are too many to be recorded": event("tag_zone", detail__requestParameters=None),
    "a Profile is associated": event("associate_profile"),
    "a Profile is disassociated": call("associate_profile", "DisassociateProfile"),
    "a Profile gets a zone": call("associate_profile", "AssociateResourceToProfile"),
    "a Profile loses a zone": call("associate_profile", "DisassociateResourceFromProfile"),
    "a sweep is requested": own_event("Sweep Requested", HUB_ACCOUNT),
    "a review is requested": own_event("Review Requested", HUB_ACCOUNT),
    **{f"we tell: {told}": own_event(told, HUB_ACCOUNT) for told in HEARD},
}

IDLE = {
    "a dry run": event("create_endpoint_dry_run"),
    "a throttled call": event("create_endpoint_throttled"),
    "records that were refused": event("change_records", detail__errorCode="AccessDenied"),
    **{f"{role} changes an endpoint": by_role("modify_endpoint", role) for role in OUR_ROLES},
    **{f"{role} changes records": by_role("change_records", role) for role in OUR_ROLES},
    "we start a verification": call(
        "modify_service",
        "StartVpcEndpointServicePrivateDnsVerification",
        detail__userIdentity__sessionContext__sessionIssuer__userName="drawbridge-member",
    ),
    "a connection is accepted": event("accept_connections"),
    "the permissions of a service are changed": event("modify_permissions"),
    "a health check gets tags": event("tag_zone", detail__requestParameters__resourceType="healthcheck"),
    "a health check is created": call("change_records", "CreateHealthCheck"),
    "a Profile is created": call("associate_profile", "CreateProfile"),
    "a tag of a subnet is changed": event("tag_change_of_endpoint", **{"detail__resource-type": "subnet"}),
    "a tag of another service's endpoint is changed": event("tag_change_of_endpoint", detail__service="es"),
    "another service changes records": event("change_records", detail__eventSource="es.amazonaws.com"),
    "a forged source of records": event("change_records", source="my.route53"),
    "another service has a call of the same name": event("create_endpoint", detail__eventSource="es.amazonaws.com"),
    "a forged source": event("create_vpc", source="my.ec2"),
    "a service event": event("create_vpc", **{"detail-type": "AWS Service Event via CloudTrail"}),
    "a service event of Route 53": event("change_records", **{"detail-type": "AWS Service Event via CloudTrail"}),
    **{f"we tell: {told}": own_event(told, HUB_ACCOUNT) for told in TOLD if told not in HEARD},
    **{f"we told once: {t}": own_event(t, HUB_ACCOUNT) | {"replay-name": "look-again"} for t in HEARD},
    "a sweep asked for by another account": own_event("Sweep Requested", CONSUMER_ACCOUNT),
    "another account tells in our name": own_event("Connection Accepted", CONSUMER_ACCOUNT),
    "a sweep asked for in another name": own_event("Sweep Requested", HUB_ACCOUNT, source="drawbridge.test"),
}


@pytest.mark.parametrize("case", AWAKENING)
def test_sync_dns_wakes_when(case):
    assert times_woken(hub(), AWAKENING[case]) == 1


@pytest.mark.parametrize("case", IDLE)
def test_sync_dns_sleeps_through(case):
    assert times_woken(hub(), IDLE[case]) == 0


EVERYTHING = {
    f"{case}, asked of {who}": happened
    for who, cases in {"accept-connections": AWAKENING_ACCEPT | IDLE_ACCEPT, "sync-dns": AWAKENING | IDLE}.items()
    for case, happened in cases.items()
    if happened["source"] != "drawbridge"
}


@pytest.mark.parametrize("case", EVERYTHING)
def test_what_wakes_a_function_is_forwarded_once_and_nothing_else_is(case):
    member = Rendering(MEMBER, MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS, account=CONSUMER_ACCOUNT)
    wanted = 1 if wakes(hub(), EVERYTHING[case]) else 0
    assert len(takes(hub(), None, EVERYTHING[case])) == len(takes(member, None, EVERYTHING[case])) == wanted


def forwarded(happened: Event, **roles: str) -> bool:
    parameters = MEMBER_PARAMETERS | {"ProviderRole": "no"} | roles
    return bool(takes(Rendering(MEMBER, parameters, account=CONSUMER_ACCOUNT), None, happened))


@pytest.mark.parametrize(
    ("sample", "by"),
    [
        ("create_endpoint", {"nobody", "provider", "consumer", "dns"}),
        ("delete_endpoints", {"provider", "consumer"}),
        ("delete_services", {"provider", "consumer"}),
        ("tag_change_of_endpoint", {"provider", "consumer"}),
        ("change_records", {"consumer", "dns"}),
        ("associate_profile", {"consumer", "dns"}),
    ],
)
def test_a_member_forwards_what_concerns_the_part_that_it_has(sample, by):
    roles = {
        "nobody": {},
        "provider": {"ProviderRole": "yes"},
        "consumer": {"ConsumerRole": "yes"},
        "dns": {"DnsRole": "yes"},
    }
    assert {who for who, parameters in roles.items() if forwarded(event(sample), **parameters)} == by


BY_OTHERS = "detail/$or/1/userIdentity"
# One defect for each part of a pattern, and the case that tells it.
DEFECTS = {
    "one call is missing": (without(HUB, f"{CALLS}/detail/$or/0/eventName/1"), "endpoints are deleted"),
    "one call too many": (
        altered(HUB, f"{CALLS}/detail/$or/0/eventName/1", "AcceptVpcEndpointConnections"),
        "a connection is accepted",
    ),
    "failed calls are let through": (without(HUB, f"{CALLS}/detail/errorCode"), "a dry run"),
    "own calls are let through": (
        without(HUB, f"{CALLS}/{BY_OTHERS}"),
        "drawbridge-member changes an endpoint",
    ),
    "the loop guard covers what we never call": (
        altered(HUB, f"{CALLS}/detail/userIdentity", at(HUB, f"{CALLS}/{BY_OTHERS}")),
        "a consumer deletes in a name like ours",
    ),
    "users are forgotten": (
        altered(
            HUB,
            f"{CALLS}/{BY_OTHERS}/sessionContext/sessionIssuer/userName",
            [{"anything-but": {"prefix": "drawbridge-"}}],
        ),
        "an IAM user changes an endpoint",
    ),
    "any service's calls": (without(HUB, f"{CALLS}/detail/eventSource"), "another service has a call of the same name"),
    "any source": (without(HUB, f"{CALLS}/source"), "a forged source"),
    "any kind of record": (without(HUB, f"{CALLS}/detail-type"), "a service event"),
    "any resource's tags": (without(HUB, f"{TAGS}/detail/resource-type"), "a tag of a subnet is changed"),
    "tags of any service": (without(HUB, f"{TAGS}/detail/service"), "a tag of another service's endpoint is changed"),
    "tags of VPCs are forgotten": (without(HUB, f"{TAGS}/detail/resource-type/2"), "a tag of a VPC is changed"),
    "any call on zones": (without(HUB, f"{ZONES}/detail/$or"), "a health check is created"),
    "failed calls on zones": (without(HUB, f"{ZONES}/detail/errorCode"), "records that were refused"),
    "our own calls on zones": (
        without(HUB, f"{ZONES}/detail/$or/0/userIdentity"),
        "drawbridge-sync-dns-eu-west-1 changes records",
    ),
    "users of zones are forgotten": (
        altered(
            HUB,
            f"{ZONES}/detail/$or/0/userIdentity/sessionContext/sessionIssuer/userName",
            [{"anything-but": {"prefix": "drawbridge-"}}],
        ),
        "an IAM user changes records",
    ),
    "any tags of Route 53": (without(HUB, f"{ZONES}/detail/$or/1/requestParameters"), "a health check gets tags"),
    "tags are taken to be recorded": (
        altered(HUB, f"{ZONES}/detail/$or/1/requestParameters/resourceType", ["hostedzone"]),
        "tags are too many to be recorded",
    ),
    "any service's records": (without(HUB, f"{ZONES}/detail/eventSource"), "another service changes records"),
    "any source of records": (without(HUB, f"{ZONES}/source"), "a forged source of records"),
    "any kind of record of Route 53": (without(HUB, f"{ZONES}/detail-type"), "a service event of Route 53"),
    "Profiles are forgotten": (altered(HUB, f"{ZONES}/source", ["aws.route53"]), "a Profile is associated"),
    "anyone's requests": (without(HUB, f"{REQUESTS}/account"), "another account tells in our name"),
    "replays are acted upon": (without(HUB, f"{REQUESTS}/replay-name"), "we told once: Connection Accepted"),
    "everything we tell": (without(HUB, f"{REQUESTS}/detail-type"), "we tell: Connection Held"),
    "requests of a like source": (
        altered(HUB, f"{REQUESTS}/source", [{"prefix": "drawbridge"}]),
        "a sweep asked for in another name",
    ),
    "connections are forgotten": (without(HUB, f"{REQUESTS}/detail-type/2"), "we tell: Connection Accepted"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_pattern_of_names_that_is_wrong_is_told(defect):
    template, case = DEFECTS[defect]
    assert bool(times_woken(hub(template), (AWAKENING | IDLE)[case])) is (case in IDLE)


def differing_patterns(hub_template: Template = HUB, member_template: Template = MEMBER) -> list[str]:
    """Rules that should have the same pattern everywhere, and don't."""
    forwards = ("ForwardDnsCalls", "ForwardDnsTagChanges", "ForwardZoneCalls")
    differing = [name for name in forwards if pattern_of(hub_template, name) != pattern_of(member_template, name)]
    if pattern_of(hub_template, "SyncZoneCalls") != pattern_of(hub_template, "ForwardZoneCalls"):
        differing.append("SyncZoneCalls")
    return differing


def pattern_of(template: Template, rule: str) -> dict:
    return at(template, f"Resources/{rule}/Properties/EventPattern")


def test_what_members_and_hub_forward_about_names_has_the_same_pattern():
    assert differing_patterns() == []
    assert differing_patterns(member_template=without(MEMBER, f"{ZONES.replace('Sync', 'Forward')}/source/1")) == [
        "ForwardZoneCalls"
    ]
    assert differing_patterns(without(HUB, f"{ZONES}/source/1")) == ["SyncZoneCalls"]
