"""Rules and parser agree: what the parser acts upon gets through to the function that has to act.

The parser's own cases (tests/cases/event) say of each message what it makes of it.
"""

import json

from infra.rendering import HUB_PARAMETERS, Rendering
from infra.routing import wakes
from infra.template import REPOSITORY, altered, at, read, without

HUB = read("hub.yaml")
CALLS = "Resources/Calls/Properties"


def hub(template=HUB) -> Rendering:
    return Rendering(template, HUB_PARAMETERS)


PARSER_CASES = sorted((REPOSITORY / "tests" / "cases" / "event").glob("*.json"))

# Understood by the parser, and on purpose not forwarded.
NOT_FORWARDED = {
    "schedule": "the hub's schedule puts Sweep Requested",
    "schedule_of_scheduler": "the hub's schedule puts Sweep Requested",
}
ACCEPT, WATCH, SYNC, TAGS = "accept-connections", "watch-organization", "sync-dns", "tag-resources"
ALARMS, CLOUD_MAP = "publish-alarms", "sync-cloud-map"
# Which functions have to act: by what the event names.
CONCERNED = {
    "everything": {ACCEPT, SYNC},
    "place": {ACCEPT, SYNC},
    "service": {ACCEPT},
    "review": {ACCEPT, SYNC},
    "owner": {ACCEPT},
    "endpoint": {SYNC},
    "zone": {SYNC},
    "connection": {ALARMS},
    "creation": {TAGS},
    # "load balancers", and "load balancer" with its ARN.
    "load": {ALARMS},
    "cloud": {CLOUD_MAP},
}
# What decides on connections, or on names, alone, whatever else one could look at there.
ONLY = {
    "AcceptVpcEndpointConnections": ACCEPT,
    "RejectVpcEndpointConnections": ACCEPT,
    "ModifyVpcEndpointServicePermissions": ACCEPT,
    "ModifyVpcEndpoint": SYNC,
    "DeleteVpcEndpoints": SYNC,
    "DeleteVpcEndpointServiceConfigurations": SYNC,
    "StartVpcEndpointServicePrivateDnsVerification": SYNC,
    "CreateVpc": SYNC,
    "DeleteVpc": SYNC,
    "ModifyVpcAttribute": SYNC,
}
ONLY_OF_SOURCE = {"aws.organizations": WATCH, "aws.route53": SYNC, "aws.route53profiles": SYNC}
# What tells who made something, or can change its tags: calls, and kinds of event.
TAGGED = {
    "CreateVpcEndpoint",
    "CreateVpcEndpointServiceConfiguration",
    "ModifyVpcEndpoint",
    "ModifyVpcEndpointServiceConfiguration",
    "Tag Change on Resource",
    "Sweep Requested",
    "Connection Accepted",
}
# What can change which alarms there should be: calls, and kinds of event.
ALARMED = {
    "CreateVpcEndpoint",
    "ModifyVpcEndpoint",
    "DeleteVpcEndpoints",
    "CreateVpcEndpointServiceConfiguration",
    "ModifyVpcEndpointServiceConfiguration",
    "DeleteVpcEndpointServiceConfigurations",
    "Tag Change on Resource",
    "Sweep Requested",
    "Connection Accepted",
    "Connection Rejected",
    "Connection Revoked",
}
# What can change which endpoints are found, or where load balancers are: calls, and kinds of event.
FOUND = {
    "CreateVpcEndpoint",
    "ModifyVpcEndpoint",
    "DeleteVpcEndpoints",
    "SetSubnets",
    "Sweep Requested",
    "Connection Accepted",
    "Connection Rejected",
    "Connection Revoked",
}
# Wakes another function too, which finds that there is nothing for it.
BESIDE = {
    "create_endpoint_by_a_service_of_aws": "whose service an endpoint is for stands deep in the call",
    "create_endpoint_of_aws_service": "whose service an endpoint is for stands deep in the call",
    "create_endpoint_of_aws_service_of_other_spelling": "whose service an endpoint is for stands deep in the call",
    "create_endpoint_gateway_load_balancer": "the type of an endpoint stands deep in the call",
    "create_endpoint_gateway_load_balancer_of_other_name": "the type of an endpoint stands deep in the call",
}
# Ignored by the parser for what EventBridge could have seen, too.
SEEN_BY_THE_RULE = {
    "FAILED_CALL",
    "OWN_DECISION",
    "UNKNOWN_EVENT",
    "UNRELATED_CALL",
    "UNRELATED_TAG",
    "NOTIFICATION_SETTINGS",
    "OWN_CALL",
}
NOT_SEEN = {
    "account_created_failed": "how a service event ended stands deep in it",
    "handshake_about_features_accepted": "what a handshake is about stands deep in the reply",
    "create_listener_of_application_load_balancer": "of what kind a load balancer is stands deep in the call",
    "policy_tagged": "of what Organizations tagged, the rule knows the id alone",
    "resource_policy_tagged": "of what Organizations tagged, the rule knows the id alone",
    "root_tagged": "of what Organizations tagged, the rule knows the id alone",
    "unit_tagged": "of what Organizations tagged, the rule knows the id alone",
    "account_moved_of_next_major_version": "the version of the record is no matter of the rule",
    "create_endpoint_dry_run_without_error": "the dry run is told by its parameters alone",
    "reject_connections_by_us_told_by_arn": "the rule knows a role by its session issuer",
    "record_of_next_major_version": "the version of the record is no matter of the rule",
    "envelope_of_unknown_version": "nor is that of the envelope",
}


def cases(wanted: str) -> dict[str, tuple[dict, str | list[str]]]:
    """Messages that are an event as EventBridge has it, with what is expected of them, by the name of the case."""
    found = {}
    for path in PARSER_CASES:
        case = json.loads(path.read_text(encoding="utf-8"))
        message = case.get("message")
        if isinstance(message, dict) and wanted in case["expect"] and message.get("detail-type") not in (None, AGAIN):
            found[path.stem] = (message, case["expect"][wanted])
    return found


# Left in its own queue by a function, past every rule.
AGAIN = "Look Again"
ACTED_UPON, IGNORED = cases("subjects"), cases("ignored")


def missed(template=HUB) -> set[str]:
    """Cases that the parser would act upon if only they came, to the right functions and once."""
    woken = {name: wakes(hub(template), message) for name, (message, _) in ACTED_UPON.items()}
    return {name for name, found in woken.items() if not acting(name) <= set(found) or len(found) != len(set(found))}


def beside(template=HUB) -> set[str]:
    """Cases that come to a function that has nothing to do with them."""
    return {name for name, (message, _) in ACTED_UPON.items() if set(wakes(hub(template), message)) - acting(name)}


def acting(name: str) -> set[str]:
    """The functions that have to act upon the event of a case."""
    message, subjects = ACTED_UPON[name]
    # Scheduler puts a text there.
    detail = message["detail"] if isinstance(message["detail"], dict) else {}
    if detail.get("resource-type") == "vpc":
        return {SYNC}
    only = ONLY_OF_SOURCE.get(message["source"]) or ONLY.get(detail.get("eventName"))
    others = {only} if only else set().union(*(CONCERNED[subject.split()[0]] for subject in subjects))
    told = {detail.get("eventName"), message["detail-type"]}
    of_cloud_map = {CLOUD_MAP} if told & FOUND or detail.get("resource-type") == "vpc-endpoint" else set()
    if others == {CLOUD_MAP}:
        return others
    tags = told & TAGGED or message["source"] == "aws.organizations"
    return others | of_cloud_map | ({TAGS} if tags else set()) | ({ALARMS} if told & ALARMED else set())


def in_vain(template=HUB) -> set[str]:
    """Cases that come although the rule could see that they will be ignored."""
    visible = {name: message for name, (message, reason) in IGNORED.items() if reason in SEEN_BY_THE_RULE}
    return {name for name, message in visible.items() if wakes(hub(template), message)}


def test_there_are_cases_of_every_kind():
    assert len(ACTED_UPON) > len(NOT_FORWARDED)
    assert SEEN_BY_THE_RULE <= {reason for _, reason in IGNORED.values()}


def test_what_the_parser_acts_upon_gets_through():
    assert missed() == set(NOT_FORWARDED)


def test_what_comes_is_of_use_to_the_function():
    assert beside() == set(BESIDE)


def test_what_the_rule_can_see_to_be_ignored_does_not_get_through():
    assert in_vain() == set(NOT_SEEN)


def test_a_rule_that_takes_less_than_the_parser_is_told():
    assert "create_endpoint" in missed(without(HUB, "Resources/Calls/Properties/EventPattern/detail/$or/0/eventName/0"))


def test_a_rule_that_wakes_whom_it_does_not_concern_is_told():
    wider = altered(HUB, f"{CALLS}/EventPattern/detail/$or/0/eventName/4", "DeleteVpcEndpoints")
    assert "delete_endpoints" in beside(wider)


def test_a_rule_that_wakes_the_other_function_is_told():
    elsewhere = altered(
        HUB, "Resources/OrganizationChanges/Properties/Targets/0/Arn", at(HUB, f"{CALLS}/Targets/0/Arn")
    )
    assert "account_moved" in missed(elsewhere)


def test_a_rule_that_takes_more_than_the_parser_is_told():
    assert "create_endpoint_throttled" in in_vain(
        without(HUB, "Resources/Calls/Properties/EventPattern/detail/errorCode")
    )
