"""Modes and new versions of the configuration: what is in force, and what is said about what is not."""

from __future__ import annotations

import time

import pytest
from deployment.configuration import CONFIGURATION, POLICY
from deployment.drawbridge import FUNCTION_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import SANDBOX_MEMBER, WORKLOADS_MEMBER

from .function_calls import function_calls, writing

FAULTY_POLICY = "permit (principal, action, resource"
FAULTY_CONFIGURATION = """\
version: 1
deployment: drawbridge
mode: enfroce
providers:
  accounts: []
"""
BETWEEN_SWEEPS = 3.0

pytestmark = pytest.mark.usefixtures("changed_configuration")


def process_ids(drawbridge: Drawbridge) -> set[int]:
    """The processes of the function's environments."""
    return {environment["pid"] for environment in drawbridge.accept_connections.environments()}


def test_observe_says_what_it_would_do_and_writes_nothing(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service()
    drawbridge.configuration.deploy(drawbridge.configuration.in_mode("observe"))
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    line = drawbridge.await_decision(since, vpc_endpoint_id=endpoint)
    assert (line["decision"], line["result"], line["mode"]) == ("accept", "proposed", "observe")
    drawbridge.sweep()
    drawbridge.settle()
    calls = function_calls(drawbridge, after)
    assert calls != []
    assert writing(drawbridge.aws.calls(role=FUNCTION_ROLE, after=after)) == []
    assert writing(function_calls(drawbridge, after, "drawbridge-member")) == []
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "pendingAcceptance"


def test_off_reads_nothing_and_the_sweep_makes_up_for_it(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service()
    drawbridge.configuration.deploy(drawbridge.configuration.in_mode("off"))
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    wait_until("the function has been woken", lambda: drawbridge.log.said(since), explain=drawbridge.explain)
    drawbridge.settle()
    assert function_calls(drawbridge, after) == []
    assert any("mode off" in line["message"] for line in drawbridge.log.said(since))
    drawbridge.configuration.roll_to(1)
    drawbridge.end_environments()
    drawbridge.sweep()
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")


@pytest.mark.usefixtures("single_environment")
def test_running_function_takes_on_a_new_mode(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service()
    drawbridge.configuration.deploy(drawbridge.configuration.in_mode("observe"))
    drawbridge.end_environments()
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    drawbridge.await_decision(since, vpc_endpoint_id=endpoint, result="proposed")
    drawbridge.settle()
    running = process_ids(drawbridge)
    drawbridge.configuration.deploy(drawbridge.configuration.in_mode("enforce"))

    def connected_after_a_sweep() -> bool:
        drawbridge.sweep()
        time.sleep(BETWEEN_SWEEPS)
        return drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "available"

    wait_until("the running function enforces", connected_after_a_sweep, explain=drawbridge.explain)
    assert process_ids(drawbridge) == running != set()


@pytest.mark.usefixtures("single_environment")
def test_faulty_version_leaves_the_last_good_one_in_force_and_is_told_of(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service()
    running = process_ids(drawbridge)
    drawbridge.configuration.deploy(FAULTY_POLICY, POLICY)

    def rejected_after_a_sweep() -> int:
        drawbridge.sweep()
        time.sleep(BETWEEN_SWEEPS)
        return drawbridge.log.metric("ConfigurationRejected", since)

    wait_until("the running function rejects the version", rejected_after_a_sweep, explain=drawbridge.explain)
    said = [line["message"] for line in drawbridge.log.said(since, level="ERROR")]
    assert any("the last good version stays in force: acceptance.cedar:1:" in message for message in said)
    endpoint = drawbridge.request_connection(SANDBOX_MEMBER, service)
    drawbridge.await_state(SANDBOX_MEMBER, endpoint, "available")
    assert process_ids(drawbridge) == running != set()


def test_start_fails_with_all_faults_of_both_documents(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service()
    drawbridge.configuration.deploy(FAULTY_CONFIGURATION, CONFIGURATION)
    drawbridge.configuration.deploy(FAULTY_POLICY, POLICY)
    drawbridge.end_environments()
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    what = "the log tells why the function doesn't start"
    line = wait_until(what, lambda: drawbridge.log.said(since, level="ERROR"), explain=drawbridge.explain)[0]
    for fault in ('"organization" is missing', "mode: ", "providers.accounts: ", "acceptance.cedar:1:"):
        assert fault in line["message"]
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "pendingAcceptance"
    drawbridge.forget_messages()
    for document in (POLICY, CONFIGURATION):
        drawbridge.configuration.roll_to(1, document)
    drawbridge.sweep()
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
