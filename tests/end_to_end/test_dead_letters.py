"""What can't be done five times ends as a dead letter, rings an alarm, holds up nothing else, and can be sent again."""

from __future__ import annotations

import json
import shlex

import pytest
from deployment.drawbridge import Drawbridge
from deployment.stacks import INFRA, aws_cli
from emulator.organization_sample import HUB, REGION, WORKLOADS_MEMBER

from .ordered_faults import UNTIL_CLEARED, clear, order

NAMELESS = {"source": "drawbridge", "detail-type": "Review Requested", "version": "0", "detail": {"services": [""]}}
GARBAGE = ["this is no event", '{"half": ', json.dumps(NAMELESS)]
RECEIVES = 5  # maxReceiveCount of the queue
DEAD_LETTERS = "drawbridge-accept-connections-dead-letters"  # the queue, and its alarm


def review(service_id: str) -> str:
    """A request of ours to look at a service, as EventBridge would send it."""
    event = {
        "version": "0",
        "id": "0b5a3c1e-7f42-4d7f-9f43-5b1d6c2f7a11",
        "detail-type": "Review Requested",
        "source": "drawbridge",
        "account": HUB,
        "time": "2026-11-23T00:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": {"account": HUB, "region": REGION, "services": [service_id]},
    }
    return json.dumps(event)


def ringing(drawbridge: Drawbridge) -> set[str]:
    """The alarms on queues that ring."""
    states = drawbridge.aws.control("POST", "alarms/judge")["states"]
    assert DEAD_LETTERS in states
    return {name for name, state in states.items() if state == "ALARM"}


def redrive(drawbridge: Drawbridge) -> None:
    """Send the dead letters again, by the command of infra/README.md."""
    lines = (INFRA / "README.md").read_text(encoding="utf-8").splitlines()
    (command,) = [line for line in lines if "start-message-move-task" in line and DEAD_LETTERS in line]
    program, *arguments = shlex.split(command)
    assert program == "aws"
    # Version 1 of the aws CLI finds another SQS by this option alone.
    aws_cli(drawbridge.aws, HUB, *arguments, "--endpoint-url", drawbridge.aws.url)


def test_garbage_becomes_a_dead_letter_and_the_rest_of_its_batch_goes_on(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service(notified=[])
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 0})
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    assert ringing(drawbridge) == set()
    entries = [{"Id": str(id), "MessageBody": body} for id, body in enumerate([*GARBAGE, review(service.id)])]
    drawbridge.aws.client("sqs").send_message_batch(QueueUrl=drawbridge.accept_connections.queue_url, Entries=entries)

    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    accepted = drawbridge.await_decision(since, vpc_endpoint_id=endpoint, decision="accept")
    batch = drawbridge.log.said(since, function_request_id=accepted["function_request_id"])
    assert sum("not readable" in line["message"] for line in batch) == len(GARBAGE)

    drawbridge.accept_connections.give_up()
    assert sorted(drawbridge.accept_connections.dead_letters()) == sorted(GARBAGE)
    assert drawbridge.log.metric("MessagesFailed", since) == RECEIVES * len(GARBAGE)
    assert len(drawbridge.log.decisions(since, vpc_endpoint_id=endpoint)) == 1
    assert ringing(drawbridge) == {DEAD_LETTERS}

    # What is sent again without a repair comes back, and is all that does.
    redrive(drawbridge)
    drawbridge.accept_connections.give_up()
    assert sorted(drawbridge.accept_connections.dead_letters()) == sorted(GARBAGE)


@pytest.mark.usefixtures("changed_configuration")
def test_request_that_became_a_dead_letter_is_answered_after_a_redrive(drawbridge: Drawbridge) -> None:
    service = drawbridge.offer_service(notified=["Connect"])
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 0})
    refused = {"code": "InternalServerException", "http_status": 500, "count": UNTIL_CLEARED}
    fault = order(drawbridge, "appconfigdata", "StartConfigurationSession", **refused)
    drawbridge.end_environments()
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    drawbridge.accept_connections.give_up()
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "pendingAcceptance"
    (letter,) = drawbridge.accept_connections.dead_letters()
    assert service.id in letter
    assert ringing(drawbridge) == {DEAD_LETTERS}

    clear(drawbridge, fault)
    redrive(drawbridge)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.settle()
    assert drawbridge.accept_connections.dead_letters() == []
    assert ringing(drawbridge) == set()
    assert drawbridge.histories(service) == {endpoint: ["pendingAcceptance", "pending", "available"]}
