"""The hub's sink takes metrics of the Organization's accounts alone, and a member links its own to the sink of its Region."""

import pytest

from infra.permission import Request, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATION,
    OTHER_ORGANIZATION,
    OTHER_REGION,
    REGION,
    RefusedError,
    Rendering,
)
from infra.template import Template, altered, at, read, without

HUB, MEMBER = read("hub.yaml"), read("member.yaml")
SINK = f"arn:aws:oam:{REGION}:{HUB_ACCOUNT}:sink/0a1b2c3d-4e5f-4a1b-8c2d-3e4f5a6b7c8d"
LINKED = {"ObservabilitySink": SINK}
METRICS = "AWS::CloudWatch::Metric"
STATEMENT = "Resources/Sink/Properties/Policy/Statement/0"


def links(organization: str = ORGANIZATION, kinds: list[str] | None = None, template: Template = HUB) -> bool:
    """Whether an account of this Organization may link these kinds of data to the hub's sink."""
    rendering = Rendering(template, HUB_PARAMETERS | {"MakeObservabilitySink": "yes"})
    context = {"aws:principalorgid": organization} | ({"oam:resourcetypes": kinds} if kinds else {})
    request = Request("oam:CreateLink", SINK, context, account=CONSUMER_ACCOUNT)
    return allowed(rendering.properties("Sink")["Policy"]["Statement"], request)


def test_accounts_of_the_organization_link_metrics_alone():
    assert links(kinds=[METRICS])
    assert not links(OTHER_ORGANIZATION, [METRICS])
    assert not links(kinds=[METRICS, "AWS::Logs::LogGroup"])
    assert not links(kinds=["AWS::XRay::Trace"])
    assert not links()


def test_a_sink_without_its_conditions_would_take_more():
    assert links(OTHER_ORGANIZATION, [METRICS], without(HUB, f"{STATEMENT}/Condition/StringEquals"))
    assert links(kinds=["AWS::XRay::Trace"], template=without(HUB, f"{STATEMENT}/Condition/ForAllValues:StringEquals"))
    assert links(template=without(HUB, f"{STATEMENT}/Condition/Null"))


def test_a_hub_has_a_sink_when_it_was_asked_for_alone():
    assert "Sink" not in Rendering(HUB, HUB_PARAMETERS).resources
    assert "Sink" in Rendering(HUB, HUB_PARAMETERS | {"MakeObservabilitySink": "yes"}).resources


def linked(account: str, region: str, parameters: dict[str, str], template: Template = MEMBER) -> bool:
    return "Link" in Rendering(template, MEMBER_PARAMETERS | parameters, account, region).resources


def test_a_member_is_linked_to_a_sink_of_its_region_in_another_account():
    assert linked(CONSUMER_ACCOUNT, REGION, LINKED)
    assert not linked(CONSUMER_ACCOUNT, REGION, {})
    assert not linked(CONSUMER_ACCOUNT, OTHER_REGION, LINKED)
    assert not linked(HUB_ACCOUNT, REGION, LINKED)


def test_a_link_that_looks_at_neither_region_nor_account_would_be_refused_by_aws():
    for number in (1, 2):
        anywhere = without(MEMBER, f"Conditions/HasLink/Fn::And/{number}")
        assert linked(HUB_ACCOUNT, REGION, LINKED, anywhere) or linked(CONSUMER_ACCOUNT, OTHER_REGION, LINKED, anywhere)


def test_a_link_alone_is_a_stack():
    alone = LINKED | {"ProviderRole": "no", "Forwarding": "no"}
    assert set(Rendering(MEMBER, MEMBER_PARAMETERS | alone, CONSUMER_ACCOUNT, REGION).resources) == {"Link"}
    assert set(Rendering(MEMBER, MEMBER_PARAMETERS | alone, CONSUMER_ACCOUNT, OTHER_REGION).resources) == {"Nothing"}


def test_a_link_tells_of_the_metrics_that_alarms_are_made_of():
    link = Rendering(MEMBER, MEMBER_PARAMETERS | LINKED, CONSUMER_ACCOUNT).properties("Link")
    assert (link["SinkIdentifier"], link["ResourceTypes"]) == (SINK, [METRICS])
    wanted = link["LinkConfiguration"]["MetricConfiguration"]["Filter"]
    for namespace in ("AWS/PrivateLinkEndpoints", "AWS/PrivateLinkServices", "AWS/NetworkELB"):
        assert f"'{namespace}'" in wanted
    other = altered(MEMBER, "Resources/Link/Properties/SinkIdentifier", "x")
    assert at(other, "Resources/Link/Properties/SinkIdentifier") != SINK


@pytest.mark.parametrize("sink", ["sink", f"arn:aws:oam:{REGION}:{HUB_ACCOUNT}:link/x", f"{SINK}*", "arn:aws:oam:*:*:sink/x"])
def test_what_is_no_sink_is_refused(sink):
    with pytest.raises(RefusedError):
        Rendering(MEMBER, MEMBER_PARAMETERS | {"ObservabilitySink": sink}, CONSUMER_ACCOUNT)
