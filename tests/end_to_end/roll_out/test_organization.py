"""A whole Organization by the templates: every member in every Region is served, and one that joins is, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployment.drawbridge import Drawbridge
from deployment.local_aws import local_aws
from deployment.roll_out import REGIONS, elsewhere, instances, roll_out
from deployment.waiting import wait_until
from emulator.clients import HUB, REGION
from emulator.organization_sample import (
    ORGANIZATIONS_REGION,
    PROVIDER,
    SANDBOX_MEMBER,
    SUSPENDED_MEMBER,
    WORKLOADS_MEMBER,
    Sample,
    make_network,
    make_service,
)

JOINING = "777777777777"
MEMBERS = (PROVIDER, WORKLOADS_MEMBER, SANDBOX_MEMBER)


@pytest.fixture(scope="package")
def drawbridge() -> Iterator[Drawbridge]:
    """An Organization as docs/rollout.md makes it, in mode enforce."""
    with local_aws() as aws:
        yield roll_out(aws)


def role_names(drawbridge: Drawbridge, account: str) -> set[str]:
    """Drawbridge's roles in an account."""
    found = drawbridge.aws.client("iam", account).list_roles()["Roles"]
    return {role["RoleName"] for role in found if role["RoleName"].startswith("drawbridge-")}


def rule_names(drawbridge: Drawbridge, account: str, region: str) -> set[str]:
    """The rules that forward to the hub."""
    events = drawbridge.aws.client("events", account, region)
    return {rule["Name"] for rule in events.list_rules(NamePrefix="drawbridge-forward-")["Rules"]}


def state(sample: Sample, drawbridge: Drawbridge, account: str, endpoint: str) -> str:
    """An endpoint's state, in the sample's Region."""
    ec2 = drawbridge.aws.client("ec2", account, sample.region)
    return ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]["State"]


def await_available(sample: Sample, drawbridge: Drawbridge, account: str, endpoint: str) -> None:
    """Wait until an endpoint is available, in the sample's Region."""
    what = f"{endpoint} of {account} in {sample.region} is available"
    wait_until(what, lambda: state(sample, drawbridge, account, endpoint) == "available", explain=drawbridge.explain)


def test_every_member_has_its_stack_in_every_region(drawbridge: Drawbridge) -> None:
    found = instances(drawbridge.aws)
    assert {place: found[place] for place in found if place[0] in (HUB, *MEMBERS)} == {
        (account, region): "SUCCEEDED" for account in (HUB, *MEMBERS) for region in REGIONS
    }
    assert {found[SUSPENDED_MEMBER, region] for region in REGIONS} == {"SKIPPED_SUSPENDED_ACCOUNT"}
    forwarders = {f"drawbridge-forwarder-{region}" for region in REGIONS}
    for account in MEMBERS:
        assert role_names(drawbridge, account) == {"drawbridge-member", *forwarders}
        assert all("drawbridge-forward-calls" in rule_names(drawbridge, account, region) for region in REGIONS)
    # The hub has the role for nobody, and its own forwarding in its Region.
    assert "drawbridge-member" not in role_names(drawbridge, HUB)


@pytest.mark.parametrize("region", REGIONS)
def test_event_in_a_member_account_and_region_ends_in_the_hub(drawbridge: Drawbridge, region: str, since: int) -> None:
    sample = elsewhere(drawbridge.sample, region)
    for account in (PROVIDER, WORKLOADS_MEMBER):
        sample.networks[account] = make_network(sample, account)
    # No notification and no sweep: what wakes the function is the call that the member's rule forwards.
    sample.services["stock"] = make_service(sample, f"stock-{region}", PROVIDER, opted_in=True)
    endpoint = sample.request_connection(WORKLOADS_MEMBER, "stock")
    await_available(sample, drawbridge, WORKLOADS_MEMBER, endpoint)
    decision = drawbridge.await_decision(since, vpc_endpoint_id=endpoint, decision="accept")
    assert (decision["reason"], decision["endpoint_owner"]) == ("ORG_MEMBER", WORKLOADS_MEMBER)


def test_account_that_joins_gets_its_stacks_and_is_served(drawbridge: Drawbridge, since: int) -> None:
    drawbridge.sample.admit(JOINING, "workloads")
    wanted = {(JOINING, region): "SUCCEEDED" for region in REGIONS}
    wait_until("its stacks are there", lambda: instances(drawbridge.aws).items() >= wanted.items())
    sample = elsewhere(drawbridge.sample, ORGANIZATIONS_REGION)
    sample.networks = {account: make_network(sample, account) for account in (PROVIDER, JOINING)}
    sample.services["ledger"] = make_service(sample, "ledger", PROVIDER, opted_in=True)
    endpoint = sample.request_connection(JOINING, "ledger")
    await_available(sample, drawbridge, JOINING, endpoint)
    assert drawbridge.await_decision(since, vpc_endpoint_id=endpoint)["reason"] == "ORG_MEMBER"
    # And when it leaves, nothing of Drawbridge is left in it.
    drawbridge.sample.remove(JOINING)
    wait_until("its stacks are gone", lambda: not {place for place in instances(drawbridge.aws) if place[0] == JOINING})
    assert role_names(drawbridge, JOINING) == set()
    assert rule_names(drawbridge, JOINING, REGION) == rule_names(drawbridge, JOINING, ORGANIZATIONS_REGION) == set()


def test_member_without_its_stack_wakes_nobody(drawbridge: Drawbridge) -> None:
    """The seeded defect: what the tests above see does come by the member's rules."""
    sample = elsewhere(drawbridge.sample, REGION)
    sample.networks = {account: make_network(sample, account) for account in (PROVIDER, SANDBOX_MEMBER)}
    sample.services["quiet"] = make_service(sample, "quiet", PROVIDER, opted_in=True)
    drawbridge.settle()
    for region in REGIONS:
        events = drawbridge.aws.client("events", SANDBOX_MEMBER, region)
        for rule in rule_names(drawbridge, SANDBOX_MEMBER, region):
            events.disable_rule(Name=rule)
    endpoint = sample.request_connection(SANDBOX_MEMBER, "quiet")
    drawbridge.settle()
    assert state(sample, drawbridge, SANDBOX_MEMBER, endpoint) == "pendingAcceptance"
