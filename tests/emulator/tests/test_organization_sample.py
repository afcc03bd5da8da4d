"""The sample Organization."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from .. import organization_sample as sample
from .parties import error_of
from .running import TESTS, RunningEmulator


def test_sample_has_members_suspended_and_strangers(emulator: RunningEmulator) -> None:
    made = sample.build(emulator.url)
    hub = emulator.client("organizations", account=sample.HUB, region="us-east-1")
    states = {account["Id"]: account["State"] for account in hub.list_accounts()["Accounts"]}
    assert states == {
        sample.MANAGEMENT: "ACTIVE",
        sample.HUB: "ACTIVE",
        sample.PROVIDER: "ACTIVE",
        sample.WORKLOADS_MEMBER: "ACTIVE",
        sample.SANDBOX_MEMBER: "ACTIVE",
        sample.SUSPENDED_MEMBER: "SUSPENDED",
    }
    names = {account["Id"]: account["Name"] for account in hub.list_accounts()["Accounts"]}
    assert names.items() >= sample.NAMES.items()
    path = hub.describe_account(AccountId=sample.SANDBOX_MEMBER)["Account"]["Paths"][0]
    assert path == f"{made.organization_id}/{made.root_id}/{made.units['sandbox']}/{sample.SANDBOX_MEMBER}/"
    assert error_of(hub.describe_account, AccountId=sample.STRANGER) == "AccountNotFoundException"


def test_accounts_of_the_sample_move_leave_and_come_back(emulator: RunningEmulator) -> None:
    made = sample.build(emulator.url)
    hub = emulator.client("organizations", account=sample.HUB, region="us-east-1")

    def describe(account: str) -> dict[str, Any]:
        return hub.describe_account(AccountId=account)["Account"]

    shop = sample.WORKLOADS_MEMBER
    made.tag(shop, tier="gold")
    assert hub.list_tags_for_resource(ResourceId=shop)["Tags"] == [{"Key": "tier", "Value": "gold"}]
    made.move(shop, "sandbox")
    assert made.units["sandbox"] in describe(shop)["Paths"][0]
    made.remove(shop)
    made.leave(sample.SANDBOX_MEMBER)
    for account in (shop, sample.SANDBOX_MEMBER):
        assert error_of(hub.describe_account, AccountId=account) == "AccountNotFoundException"
    made.admit(shop, "workloads")
    back = describe(shop)
    assert (back["State"], back["Name"]) == ("ACTIVE", "shop")
    assert made.units["workloads"] in back["Paths"][0]
    made.admit(sample.STRANGER)
    assert describe(sample.STRANGER)["Paths"] == [f"{made.organization_id}/{made.root_id}/{sample.STRANGER}/"]
    made.close(shop)
    assert describe(shop)["State"] == "CLOSED"


def test_delegation_may_be_left_to_a_template(emulator: RunningEmulator) -> None:
    sample.build(emulator.url, delegation=False)
    hub = emulator.client("organizations", account=sample.HUB, region="us-east-1")
    assert error_of(hub.list_accounts) == "AccessDeniedException"


def test_everybody_can_ask_for_a_connection_and_opt_in_is_a_tag(emulator: RunningEmulator) -> None:
    made = sample.build(emulator.url)
    asked = {account: made.request_connection(account, "orders") for account in sample.NETWORKS}
    made.request_connection(sample.WORKLOADS_MEMBER, "billing")
    hub = emulator.client("ec2", account=sample.HUB)
    of_orders = [{"Name": "service-id", "Values": [made.services["orders"].id]}]
    connections = hub.describe_vpc_endpoint_connections(Filters=of_orders)["VpcEndpointConnections"]
    assert {c["VpcEndpointOwner"]: c["VpcEndpointId"] for c in connections} == asked
    assert {c["VpcEndpointState"] for c in connections} == {"pendingAcceptance"}
    opted_in = [{"Name": "tag:drawbridge:enabled", "Values": ["true"]}]
    services = hub.describe_vpc_endpoint_service_configurations(Filters=opted_in)["ServiceConfigurations"]
    assert [service["ServiceId"] for service in services] == [made.services["orders"].id]


def test_sample_as_a_program_prints_what_it_made(emulator: RunningEmulator) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "emulator.organization_sample", emulator.url],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    made = json.loads(finished.stdout)
    services = emulator.client("ec2", account=sample.PROVIDER).describe_vpc_endpoint_service_configurations()
    assert services["ServiceConfigurations"][0]["ServiceId"] == made["services"]["reports"]["id"]
