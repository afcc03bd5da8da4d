"""What EventBridge hears of an Organization's changes, and how that reaches a hub elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..clients import ControlRefused
from .deliveries import arn
from .organization import MANAGEMENT, MEMBER, Organization
from .parties import Party
from .queues import Queue, subscribe_queue
from .running import HUB, RunningEmulator

HOME = "us-east-1"
ORGANIZATIONS = {"source": ["aws.organizations"]}


@pytest.fixture
def listener(organization: Organization) -> Queue:
    """What the default bus of the management account's us-east-1 gets from Organizations."""
    return subscribe_queue(Party(organization.emulator, MANAGEMENT, HOME), ORGANIZATIONS)


def events_of(queue: Queue, count: int) -> dict[str, dict[str, Any]]:
    """Exactly so many events, by the name of their call or result."""
    events = [json.loads(body) for body in queue.read(count)]
    return {event["detail"]["eventName"]: event for event in events}


def test_changes_by_the_management_account_are_told_with_their_parameters(
    organization: Organization, listener: Queue
) -> None:
    unit = organization.add_unit("workloads")
    organization.move(MEMBER, unit)
    organization.api.tag_resource(ResourceId=MEMBER, Tags=[{"Key": "tier", "Value": "gold"}])
    organization.api.untag_resource(ResourceId=MEMBER, TagKeys=["tier"])
    organization.api.update_organizational_unit(OrganizationalUnitId=unit, Name="products")
    organization.api.remove_account_from_organization(AccountId=MEMBER)
    organization.api.delete_organizational_unit(OrganizationalUnitId=unit)
    events = events_of(listener, 8)
    departed = events.pop("AccountDepartedOrganization")["detail"]["serviceEventDetails"]
    assert (departed["accountId"], departed["departureMethod"]) == (MEMBER, "REMOVED")
    asked = {name: event["detail"]["requestParameters"] for name, event in events.items()}
    assert asked == {
        "CreateOrganizationalUnit": {"parentId": organization.root, "name": "workloads"},
        "MoveAccount": {
            "accountId": MEMBER,
            "sourceParentId": organization.root,
            "destinationParentId": unit,
        },
        "TagResource": {"resourceId": MEMBER, "tags": [{"key": "tier", "value": "gold"}]},
        "UntagResource": {"resourceId": MEMBER, "tagKeys": ["tier"]},
        "UpdateOrganizationalUnit": {"organizationalUnitId": unit, "name": "products"},
        "RemoveAccountFromOrganization": {"accountId": MEMBER},
        "DeleteOrganizationalUnit": {"organizationalUnitId": unit},
    }
    for event in events.values():
        assert (event["detail-type"], event["region"]) == ("AWS API Call via CloudTrail", HOME)
        assert (event["account"], event["detail"]["recipientAccountId"]) == (MANAGEMENT, MANAGEMENT)
        assert event["detail"]["eventSource"] == "organizations.amazonaws.com"
    assert events["MoveAccount"]["detail"]["responseElements"] is None


def test_closure_is_told_when_asked_for_and_when_done(organization: Organization, listener: Queue) -> None:
    organization.emulator.control("POST", "settings", {"hold_account_closures": True})
    organization.api.close_account(AccountId=MEMBER)
    assert set(events_of(listener, 1)) == {"CloseAccount"}
    organization.emulator.control("POST", f"organization/accounts/{MEMBER}", {"state": "CLOSED"})
    done = events_of(listener, 1)["CloseAccountResult"]
    assert done["detail-type"] == "AWS Service Event via CloudTrail"
    status = done["detail"]["serviceEventDetails"]["closeAccountStatus"]
    assert (status["accountId"], status["state"]) == (MEMBER, "SUCCEEDED")
    assert done["detail"]["userIdentity"] == {"accountId": MANAGEMENT, "invokedBy": "AWS Internal"}
    assert "requestID" not in done["detail"]


def test_management_account_hears_who_departed_and_joined_and_how(organization: Organization, listener: Queue) -> None:
    organization.client(MEMBER).leave_organization()
    left = events_of(listener, 1)["AccountDepartedOrganization"]
    assert (left["detail-type"], left["region"]) == ("AWS Service Event via CloudTrail", HOME)
    assert (left["account"], left["detail"]["eventType"]) == (MANAGEMENT, "AwsServiceEvent")
    details = left["detail"]["serviceEventDetails"]
    assert details == {
        "departureMethod": "LEFT",
        "departureTime": details["departureTime"],
        "accountId": MEMBER,
    }
    organization.emulator.control("POST", "settings", {"membership_events": "nested"})
    organization.invite(MEMBER)
    joined = events_of(listener, 2)["AccountJoinedOrganization"]["detail"]["serviceEventDetails"]
    assert joined["accountJoinedOrganization"]["accountId"] == MEMBER
    assert joined["accountJoinedOrganization"]["joinedMethod"] == "INVITED"
    organization.emulator.control("POST", "settings", {"membership_events": "nameless"})
    organization.api.remove_account_from_organization(AccountId=MEMBER)
    nameless = events_of(listener, 2)["AccountDepartedOrganization"]["detail"]["serviceEventDetails"]
    assert set(nameless) == {"departureMethod", "departureTime"}
    organization.emulator.control("POST", "settings", {"membership_events": "none"})
    organization.invite(MEMBER)
    assert set(events_of(listener, 1)) == {"InviteAccountToOrganization"}


def test_closed_account_is_gone_after_its_time(organization: Organization, listener: Queue) -> None:
    with pytest.raises(ControlRefused, match="only a closed one"):
        organization.emulator.control("DELETE", f"organization/accounts/{MEMBER}")
    organization.api.close_account(AccountId=MEMBER)
    organization.emulator.control("DELETE", f"organization/accounts/{MEMBER}")
    events = events_of(listener, 3)
    details = events["AccountDepartedOrganization"]["detail"]["serviceEventDetails"]
    assert (details["accountId"], details["departureMethod"]) == (MEMBER, "CLEANED")
    assert MEMBER not in {account["Id"] for account in organization.api.list_accounts()["Accounts"]}


def test_refused_change_is_told_with_its_error(organization: Organization, listener: Queue) -> None:
    with pytest.raises(organization.api.exceptions.DuplicateAccountException):
        organization.move(MEMBER, organization.root)
    detail = events_of(listener, 1)["MoveAccount"]["detail"]
    assert detail["errorCode"] == "DuplicateAccountException"


@pytest.mark.parametrize("copied", [False, True])
def test_leaving_and_coming_back_are_told_in_the_member(
    organization: Organization, listener: Queue, copied: bool
) -> None:
    organization.emulator.control("POST", "settings", {"membership_copies": copied})
    member = subscribe_queue(Party(organization.emulator, MEMBER, HOME), ORGANIZATIONS, name="own")
    organization.client(MEMBER).leave_organization()
    organization.invite(MEMBER)
    own = events_of(member, 2)
    assert own["LeaveOrganization"]["account"] == MEMBER
    assert own["LeaveOrganization"]["detail"]["recipientAccountId"] == MEMBER
    assert own["LeaveOrganization"]["detail"]["requestParameters"] is None
    handshake = own["AcceptHandshake"]["detail"]["responseElements"]["handshake"]
    assert (handshake["state"], handshake["action"]) == ("ACCEPTED", "INVITE")
    assert {"id": MEMBER, "type": "ACCOUNT"} in handshake["parties"]
    heard = events_of(listener, 5 if copied else 3)
    told = {"InviteAccountToOrganization", "AccountDepartedOrganization", "AccountJoinedOrganization"}
    assert set(heard) == {*told, *(own if copied else ())}
    for name, event in heard.items():
        if name in own:
            assert (event["account"], event["detail"]["recipientAccountId"]) == (MANAGEMENT, MANAGEMENT)
            assert event["detail"]["userIdentity"]["accountId"] == MEMBER
            assert event["detail"]["sharedEventID"] == own[name]["detail"]["sharedEventID"]


def forward_to_hub(emulator: RunningEmulator, hub_bus: str, organization_id: str, allowed: bool = True) -> None:
    """In the management account's us-east-1: a rule for Organizations' events, whose role may put them on the hub."""
    iam = emulator.client("iam", account=MANAGEMENT)
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName="forwarder", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    own = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": hub_bus if allowed else f"{hub_bus}-other"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [own]})
    iam.put_role_policy(RoleName="forwarder", PolicyName="forward", PolicyDocument=document)
    events = emulator.client("events", account=MANAGEMENT, region=HOME)
    events.put_rule(Name="forward", EventPattern=json.dumps(ORGANIZATIONS))
    events.put_targets(Rule="forward", Targets=[{"Id": "hub", "Arn": hub_bus, "RoleArn": role}])
    statement = {
        "Sid": "Organization",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": hub_bus,
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization_id}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    emulator.client("events").put_permission(EventBusName="drawbridge", Policy=policy)


@pytest.mark.parametrize("allowed", [True, False])
def test_event_crosses_account_and_region_to_the_hub_with_role_and_policy(
    organization: Organization, allowed: bool
) -> None:
    emulator = organization.emulator
    hub = Party(emulator, HUB)
    bus = arn("events", "event-bus/drawbridge")
    hub.client("events").create_event_bus(Name="drawbridge")
    queue = Queue(hub, "hub")
    events = hub.client("events")
    events.put_rule(Name="organization", EventBusName="drawbridge", EventPattern=json.dumps(ORGANIZATIONS))
    events.put_targets(Rule="organization", EventBusName="drawbridge", Targets=[{"Id": "queue", "Arn": queue.arn}])
    forward_to_hub(emulator, bus, organization.id, allowed)
    unit = organization.add_unit("workloads")
    organization.move(MEMBER, unit)
    if not allowed:
        queue.read(0)
        assert {entry["target"] for entry in emulator.control("GET", "dropped")["dropped"]} == {bus}
        return
    moved = events_of(queue, 2)["MoveAccount"]
    assert (moved["account"], moved["region"]) == (MANAGEMENT, HOME)
    assert moved["detail"]["requestParameters"]["accountId"] == MEMBER
