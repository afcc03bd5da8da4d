"""The boto3 handler does the job that it is measured at, and the benchmark sees when it isn't done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployment.local_aws import local_aws
from emulator.organization_sample import STRANGER

from .contestants import baseline
from .handler import RunningHandler
from .turn import ALL_DONE, Case, Repeats, play
from .world import NotDone, World, batch


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with local_aws() as aws:
        yield World(aws)


def test_all_cases_are_played_and_their_calls_counted(world):
    turn = play(baseline(), world, Repeats(warm=2, duplicate=2, batch=2, distant=1))
    assert set(turn.samples) == set(Case)
    assert turn.calls(Case.WARM).total() == 4
    assert turn.calls(Case.DUPLICATE).total() == 1
    assert turn.calls(Case.BATCH).total() == 40
    assert turn.peak_mib > 0


def test_strangers_request_is_left_alone(world):
    (request,) = world.request(1, STRANGER)
    with RunningHandler(baseline(), world.variables()) as running:
        answer, _ = running.invoke(batch([request]))
    assert answer == ALL_DONE
    assert world.state(request) == "pendingAcceptance"


def test_message_that_cannot_be_read_is_handed_back(world):
    event = batch(world.request(1))
    event["Records"][0]["body"] = "not JSON"
    with RunningHandler(baseline(), world.variables()) as running:
        answer, _ = running.invoke(event)
    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}


def test_request_that_nobody_answered_is_noticed(world):
    with pytest.raises(NotDone, match="not accepted and tagged"):
        world.check(world.request(1))
