"""What sync-cloud-map may do by the member role: what the account's part is, in a session of its own name only."""

from dataclasses import replace

import pytest

from infra.delivery import attached_policies, own_policies, permissions
from infra.permission import Request, allowed
from infra.rendering import (
    CLOUD_MAP_PARAMETERS,
    CONSUMER_ACCOUNT,
    MEMBER_DNS_PARAMETERS,
    MEMBER_PARAMETERS,
    Rendering,
)
from infra.template import Template, altered, read
from infra.test_cloud_map_role import NEEDED, OF_CLOUD_MAP, OF_TARGETS, OF_ZONES, REFUSED, WRITES

MEMBER = read("member.yaml")
USER = "aws:userid"
OURS = {USER: "AROAEXAMPLEEXAMPLEEXA:sync-cloud-map"}
OTHERS = [
    {USER: f"AROAEXAMPLEEXAMPLEEXA:{name}"}
    for name in ("accept-connections", "watch-organization", "sync-dns", "tag-resources", "publish-alarms")
]
HERE = CONSUMER_ACCOUNT


def of_member(request: Request, session: dict[str, str]) -> Request:
    """The same request in a member, which has no limit by Region."""
    context = {name: value for name, value in request.context.items() if name != "aws:requestedregion"}
    return replace(request, resource=request.resource.replace(":222222222222:", f":{HERE}:"), context=context | session)


# What the role is for; the rest is the hub's alone.
READS = {name: request for name, request in NEEDED.items() if name.startswith(("call ", "read "))}
# Others have leave of their own for what these name.
READ_BY_OTHERS = {
    "call ec2:DescribeNetworkInterfaces",
    "call ec2:DescribeVpcEndpointServiceConfigurations",
    "call ec2:DescribeVpcEndpoints",
    "call ec2:DescribeVpcs",
    "call elasticloadbalancing:DescribeTargetGroups",
    "call tag:GetResources",
}


def may(request: Request, session: dict[str, str] = OURS, template: Template = MEMBER, **parameters: str) -> bool:
    chosen = {"ProviderRole": "no"} | parameters if parameters else {"ConsumerRole": "yes"} | CLOUD_MAP_PARAMETERS
    rendering = Rendering(template, MEMBER_PARAMETERS | chosen, account=HERE)
    return allowed(permissions(rendering, "MemberRole"), of_member(request, session))


@pytest.mark.parametrize("action", READS | WRITES)
def test_a_member_lets_sync_cloud_map_in_its_own_session_only(action):
    request = (READS | WRITES)[action]
    assert may(request)
    assert action in READ_BY_OTHERS or not any(may(request, other) for other in OTHERS)


@pytest.mark.parametrize(
    ("parameters", "written"),
    [
        ({"ConsumerRole": "yes"}, {}),
        ({"ConsumerRole": "yes", "WriteCloudMap": "api"}, OF_CLOUD_MAP),
        ({"ConsumerRole": "yes", "WriteCloudMap": "dns", "WriteTargets": "yes"}, OF_CLOUD_MAP | OF_ZONES),
        ({"ProviderRole": "yes", "WriteCloudMap": "dns", "WriteTargets": "yes"}, OF_TARGETS),
        ({"DnsRole": "yes", "WriteCloudMap": "dns", "WriteTargets": "yes"}, {}),
    ],
)
def test_an_account_is_written_for_the_part_that_it_has(parameters, written):
    assert {name for name, request in WRITES.items() if may(request, **parameters)} == set(written)


NOT_HERE = ("Region", "accept", "reject", "list allowed", "act ", "publish", "send", "take from", "read membership")


@pytest.mark.parametrize("step", [step for step in REFUSED if not any(word in step for word in NOT_HERE)])
def test_a_member_does_not_let_sync_cloud_map(step):
    assert not may(REFUSED[step])


def test_statements_for_cloud_map_stand_apart_from_the_role_s_own_policies():
    found = Rendering(MEMBER, MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS | CLOUD_MAP_PARAMETERS, account=HERE)
    assert "sync-cloud-map" not in str(own_policies(found, "MemberRole"))
    assert sum("sync-cloud-map" in str(policy) for policy in attached_policies(found, "MemberRole")) == 1
    detached = altered(MEMBER, "Resources/CloudMapPolicy/Properties/Roles", ["drawbridge-somebody"])
    assert not any(may(request, template=detached) for request in WRITES.values())
