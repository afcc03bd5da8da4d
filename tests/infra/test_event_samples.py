"""Every sample event, and every message of the parser's cases, finds its way: woken is who should be, and hub and members agree.

And the names: what the rules name are calls that there are, and just those that the parser knows.
"""

import json

import pytest

from infra.named_calls import CALL, RESULTS, calls, kinds, named, parsed_calls, parsed_kinds, unknown, without_choices
from infra.rendering import (
    CONSUMER_ACCOUNT,
    EVERYTHING,
    MANAGEMENT_ACCOUNT,
    ORGANIZATIONS_REGION,
    Rendering,
)
from infra.routing import EVENTS, event, patterns, takes, wakes
from infra.template import REPOSITORY, Template, altered, at, read, without

HUB, MEMBER, MANAGEMENT = read("hub.yaml"), read("member.yaml"), read("management.yaml")


def hub(template: Template = HUB) -> Rendering:
    return Rendering(template, EVERYTHING["hub.yaml"])


def member(template: Template = MEMBER) -> Rendering:
    """A member that is everything, where Organizations tells of it, too."""
    return Rendering(template, EVERYTHING["member.yaml"], CONSUMER_ACCOUNT, ORGANIZATIONS_REGION)


def management(template: Template = MANAGEMENT) -> Rendering:
    return Rendering(template, EVERYTHING["management.yaml"], MANAGEMENT_ACCOUNT, ORGANIZATIONS_REGION)


ACCEPT, WATCH, SYNC, TAGS = "accept-connections", "watch-organization", "sync-dns", "tag-resources"
ALARMS, CLOUD_MAP = "publish-alarms", "sync-cloud-map"
WOKEN_BY = {
    "accept_connections": [ACCEPT],
    "accept_handshake": [TAGS, WATCH],
    "associate_profile": [SYNC],
    "change_records": [SYNC],
    "create_account_result": [TAGS, WATCH],
    "create_endpoint": [ACCEPT, ALARMS, CLOUD_MAP, SYNC, TAGS],
    "create_endpoint_across_regions": [ACCEPT, ALARMS, CLOUD_MAP, SYNC, TAGS],
    "create_endpoint_dry_run": [],
    "create_endpoint_throttled": [],
    "create_endpoint_unauthorized": [],
    # Its maker is looked up when its service is.
    "create_load_balancer": [],
    "create_service": [ACCEPT, ALARMS, SYNC, TAGS],
    "create_vpc": [SYNC],
    "delete_endpoints": [ALARMS, CLOUD_MAP, SYNC],
    "delete_services": [ALARMS, SYNC],
    "health": [],
    "leave_organization": [TAGS, WATCH],
    "modify_endpoint": [ALARMS, CLOUD_MAP, SYNC, TAGS],
    "modify_permissions": [ACCEPT],
    "modify_service": [ACCEPT, ALARMS, SYNC, TAGS],
    "move_account": [TAGS, WATCH],
    "reject_connections": [ACCEPT],
    "tag_change_of_endpoint": [ALARMS, CLOUD_MAP, SYNC, TAGS],
    "tag_change_of_service": [ACCEPT, ALARMS, SYNC, TAGS],
    "tag_zone": [SYNC],
}


def test_of_every_sample_it_is_said_whom_it_wakes():
    assert {path.stem for path in EVENTS.glob("*.json")} == set(WOKEN_BY)
    assert {ACCEPT, WATCH, SYNC, TAGS, ALARMS, CLOUD_MAP} == {name for names in WOKEN_BY.values() for name in names}


@pytest.mark.parametrize("sample", WOKEN_BY)
def test_a_sample_wakes(sample):
    assert wakes(hub(), event(sample)) == WOKEN_BY[sample]


# Samples, and messages of the parser's cases, as AWS puts them on the default bus of an account.
def messages() -> dict[str, dict]:
    found = {path.stem: event(path.stem) for path in EVENTS.glob("*.json")}
    for path in sorted((REPOSITORY / "tests" / "cases" / "event").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        message = case.get("message")
        readable = isinstance(message, dict) and {"subjects", "ignored"} & set(case["expect"])
        if readable and str(message.get("source")).startswith("aws.") and "detail-type" in message:
            found[f"case {path.stem}"] = message
    return found


MESSAGES = messages()
# Calls of its own on which a member is asked to tell, and of which only the management account could tell otherwise.
BY_MEMBERS = {"AcceptHandshake", "LeaveOrganization"}


def disagreeing(hub_: Rendering, member_: Rendering, management_: Rendering) -> set[str]:
    """Messages that somebody forwards though no function wakes by them, or not once though one does."""
    found = set()
    for name, message in MESSAGES.items():
        wanted = int(bool(wakes(hub_, message)))
        forwarded = {"hub": len(takes(hub_, None, message)), "member": len(takes(member_, None, message))}
        if message["source"] == "aws.organizations":
            own = isinstance(message["detail"], dict) and message["detail"].get("eventName") in BY_MEMBERS
            at_management = len(takes(management_, None, message | {"account": MANAGEMENT_ACCOUNT}))
            right = forwarded == {"hub": 0, "member": int(wanted and own)} and at_management >= wanted
        else:
            right = set(forwarded.values()) == {wanted}
        found |= set() if right else {name}
    return found


def test_what_wakes_a_function_is_forwarded_once_by_hub_and_members_and_nothing_else_is():
    assert len(MESSAGES) > 150
    assert sum(bool(wakes(hub(), message)) for message in MESSAGES.values()) > 50
    assert disagreeing(hub(), member(), management()) == set()


FORWARDED = "Resources/{}/Properties/EventPattern"


HUB_DEFECTS = {
    "create_endpoint": without(HUB, FORWARDED.format("ForwardCalls") + "/detail/$or/0/eventName/0"),
    "associate_profile": without(HUB, FORWARDED.format("ForwardZoneCalls") + "/source/1"),
    "change_records": altered(HUB, FORWARDED.format("SyncZoneCalls") + "/source", ["aws.route53profiles"]),
}
MEMBER_DEFECTS = {
    "create_endpoint": without(MEMBER, FORWARDED.format("ForwardCalls") + "/detail/$or/0/eventName/0"),
    "tag_change_of_service": altered(MEMBER, FORWARDED.format("ForwardTagChanges") + "/source", ["my.tag"]),
    "move_account": without(MEMBER, FORWARDED.format("ForwardMembershipChanges") + "/detail/eventName"),
}


@pytest.mark.parametrize("told", HUB_DEFECTS)
def test_a_forwarding_of_the_hub_that_differs_is_told(told):
    assert told in disagreeing(hub(HUB_DEFECTS[told]), member(), management())


@pytest.mark.parametrize("told", MEMBER_DEFECTS)
def test_a_forwarding_of_a_member_that_differs_is_told(told):
    assert told in disagreeing(hub(), member(MEMBER_DEFECTS[told]), management())


def test_a_forwarding_of_the_management_account_that_differs_is_told():
    elsewhere = altered(MANAGEMENT, FORWARDED.format("ForwardOrganization") + "/source", ["my.source"])
    assert "move_account" in disagreeing(hub(), member(), management(elsewhere))


# The names.
def test_every_call_in_a_rule_is_an_operation_of_its_service():
    for rendering in (hub(), member(), management()):
        for bus in (None, "drawbridge"):
            assert unknown(named(rendering, bus)) == set()


NAMING = [name for name, pattern in patterns(hub(), "drawbridge").items() if calls(pattern)]


@pytest.mark.parametrize("rule", NAMING)
def test_a_misspelt_call_in_a_rule_is_told(rule):
    place = FORWARDED.format(rule) + "/detail"
    pattern = at(HUB, place)
    while "eventName" not in pattern:
        place, pattern = f"{place}/$or/0", pattern["$or"][0]
    misspelt = altered(HUB, f"{place}/eventName/0", "MakeEndpoint")
    assert {name for _, name in unknown(named(hub(misspelt), "drawbridge"))} == {"MakeEndpoint"}


# The parser knows them, to say that they are nothing to act upon.
SETTING_NOTIFICATIONS = {
    ("ec2.amazonaws.com", f"{verb}VpcEndpointConnectionNotification{ending}")
    for verb, ending in (("Create", ""), ("Modify", ""), ("Delete", "s"))
}


def test_rules_and_parser_know_the_same_calls():
    assert named(hub(), "drawbridge") == parsed_calls() - SETTING_NOTIFICATIONS
    assert SETTING_NOTIFICATIONS <= parsed_calls()


def test_a_rule_that_knows_less_or_more_than_the_parser_is_told():
    calls_ = FORWARDED.format("SyncZoneCalls") + "/detail/$or/0/eventName"
    less, more = without(HUB, f"{calls_}/0"), altered(HUB, f"{calls_}/0", "CreateHealthCheck")
    lost = set(parsed_calls()) - named(hub(less), "drawbridge") - SETTING_NOTIFICATIONS
    assert {source for source, _ in lost} <= {"route53.amazonaws.com", "route53profiles.amazonaws.com"} and lost
    assert named(hub(more), "drawbridge") - parsed_calls() == {("route53.amazonaws.com", "CreateHealthCheck")}


def test_hub_members_and_management_account_forward_the_calls_that_the_rules_know():
    of_organizations = {call for call in parsed_calls() if call[0] == "organizations.amazonaws.com"}
    others = named(hub(), "drawbridge") - of_organizations
    own = {call for call in of_organizations if call[1] in BY_MEMBERS}
    assert named(hub(), None) == others
    assert named(member(), None) == others | own
    assert named(management(), None) == of_organizations
    assert {name for _, name in of_organizations} > RESULTS


# Of their own bus, or queue, without a rule.
WITHOUT_RULE = {
    ("aws.events", "Scheduled Event"),
    ("aws.scheduler", "Scheduled Event"),
    ("drawbridge", "Look Again"),
}


def taken(rendering: Rendering) -> set[tuple[str, str]]:
    """The kinds of event that the rules of the hub bus take."""
    return {kind for pattern in patterns(rendering, "drawbridge").values() for kind in kinds(pattern)}


def test_rules_and_parser_know_the_same_kinds_of_event():
    assert taken(hub()) == parsed_kinds() - WITHOUT_RULE
    assert WITHOUT_RULE <= parsed_kinds()


def test_a_kind_that_the_parser_does_not_know_is_told():
    other = altered(HUB, FORWARDED.format("CloudMapTasks") + "/detail-type", ["ECS Service Action"])
    assert taken(hub(other)) ^ taken(hub()) == {("aws.ecs", "ECS Service Action"), ("aws.ecs", "ECS Task State Change")}


def test_every_way_through_a_pattern_is_seen():
    pattern = {
        "source": ["a"],
        "$or": [{"detail-type": ["x"]}, {"detail-type": ["y"], "detail": {"$or": [{"n": ["1"]}, {"n": ["2"]}]}}],
    }
    ways = [
        {"source": ["a"], "detail-type": ["x"]},
        {"source": ["a"], "detail-type": ["y"], "detail": {"n": ["1"]}},
        {"source": ["a"], "detail-type": ["y"], "detail": {"n": ["2"]}},
    ]
    assert list(without_choices(pattern)) == ways
    assert kinds(pattern) == {("a", "x"), ("a", "y")}
    assert calls(
        {
            "source": ["aws.ec2"],
            "detail-type": [CALL],
            "detail": {"eventSource": ["ec2.amazonaws.com"], "eventName": ["CreateVpc"]},
        }
    ) == {("ec2.amazonaws.com", "CreateVpc")}
