"""Messages that can't be read end as dead letters, and hold up nothing else."""

from __future__ import annotations

import json

import pytest
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, REGION, WORKLOADS_MEMBER

NAMELESS = {"source": "drawbridge", "detail-type": "Review Requested", "version": "0", "detail": {"services": [""]}}
GARBAGE = ["this is no event", '{"half": ', json.dumps(NAMELESS)]
RECEIVES = 5  # maxReceiveCount of the queue


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


@pytest.mark.usefixtures("short_visibility")
def test_garbage_becomes_a_dead_letter_and_the_rest_of_its_batch_goes_on(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service(notified=[])
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 0})
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    entries = [{"Id": str(id), "MessageBody": body} for id, body in enumerate([*GARBAGE, review(service.id)])]
    drawbridge.aws.client("sqs").send_message_batch(QueueUrl=drawbridge.accept_connections.queue_url, Entries=entries)

    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    accepted = drawbridge.await_decision(since, vpc_endpoint_id=endpoint, decision="accept")
    batch = drawbridge.log.said(since, function_request_id=accepted["function_request_id"])
    assert sum("not readable" in line["message"] for line in batch) == len(GARBAGE)

    what = "the garbage is among the dead letters"
    wait_until(
        what, lambda: set(drawbridge.accept_connections.dead_letters()) >= set(GARBAGE), explain=drawbridge.explain
    )
    assert sorted(drawbridge.accept_connections.dead_letters()) == sorted(GARBAGE)
    assert drawbridge.log.metric("MessagesFailed", since) == RECEIVES * len(GARBAGE)
    assert len(drawbridge.log.decisions(since, vpc_endpoint_id=endpoint)) == 1
