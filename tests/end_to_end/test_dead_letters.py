"""Messages that can't be read end as dead letters, and hold up nothing else."""

from __future__ import annotations

import json

import pytest
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import WORKLOADS_MEMBER

GARBAGE = [
    "this is no event",
    '{"half": ',
    json.dumps(
        {"source": "drawbridge", "detail-type": "Review Requested", "version": "0", "detail": {"services": [""]}}
    ),
]


def dead_letters(drawbridge: Drawbridge, url: str) -> list[str]:
    messages = drawbridge.aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in messages.get("Messages", [])]


@pytest.mark.usefixtures("short_visibility")
def test_garbage_becomes_a_dead_letter_and_the_rest_of_its_batch_goes_on(drawbridge: Drawbridge, since: int) -> None:
    service = drawbridge.offer_service()
    sqs = drawbridge.aws.client("sqs")
    drawbridge.enable_mapping(False)
    for body in GARBAGE:
        sqs.send_message(QueueUrl=drawbridge.outputs["QueueUrl"], MessageBody=body)
    endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    drawbridge.enable_mapping(True)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    url = drawbridge.outputs["DeadLettersUrl"]
    wait_until("the garbage is in the dead letters", lambda: set(dead_letters(drawbridge, url)) >= set(GARBAGE))
    assert set(dead_letters(drawbridge, url)) == set(GARBAGE)
    unreadable = [line for line in drawbridge.log.said(since, level="ERROR") if "not readable" in line["message"]]
    assert len(unreadable) >= 5 * len(GARBAGE)
    assert drawbridge.log.metric("MessagesFailed", since) >= 5 * len(GARBAGE)
