"""Outages: the port refuses everybody for a while, and Lambda may lose its machines."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from urllib3.util import parse_url

from ..clients import ControlRefused
from .running import RunningEmulator
from .sample_functions import create_function, eventually
from .test_event_source_mappings import PRINT, all_done, create_queue, mapping, printed, send

Client = Callable[..., Any]
SLOW_AT_FIRST = f"{PRINT}    if records[0]['attributes']['ApproximateReceiveCount'] == '1': time.sleep(600)"


def refuses(emulator: RunningEmulator) -> bool:
    """Whether the port refuses a connection."""
    address = parse_url(emulator.url)
    try:
        socket.create_connection((address.host, address.port)).close()
    except ConnectionRefusedError:
        return True
    return False


def test_port_refuses_connections_until_the_outage_is_over(emulator: RunningEmulator) -> None:
    with ThreadPoolExecutor() as threads:
        outage = threads.submit(emulator.control, "POST", "outage", {"milliseconds": 2000})
        eventually(lambda: refuses(emulator))
        with pytest.raises(EndpointConnectionError):
            emulator.client("sqs").list_queues()
        assert outage.result()["killed"] == []
    emulator.client("sqs").list_queues()


def test_open_connection_breaks_and_its_call_has_taken_effect(emulator: RunningEmulator) -> None:
    fault = emulator.control("POST", "faults", {"service": "sqs", "operation": "CreateQueue", "hold": True})
    with ThreadPoolExecutor() as threads:
        made = threads.submit(emulator.client("sqs").create_queue, QueueName="work")
        eventually(lambda: emulator.calls(operation="CreateQueue"))
        assert emulator.control("POST", "outage", {})["connections_broken"] >= 1
        with pytest.raises(ConnectionClosedError):
            made.result()
    emulator.control("DELETE", f"faults/{fault['id']}")
    eventually(lambda: emulator.client("sqs").list_queues().get("QueueUrls"))


def test_what_lost_workers_had_in_hand_comes_back_when_its_time_out_is_over(
    client: Client, emulator: RunningEmulator
) -> None:
    url = create_queue(client, visibility=900)
    create_function(client, "worker", SLOW_AT_FIRST, Timeout=900)
    identifier = mapping(client)
    send(client, url, "interrupted")
    eventually(lambda: printed(client))
    (environment,) = emulator.control("GET", "functions")["environments"]
    assert emulator.control("POST", "outage", {"workers": True})["killed"] == [environment["pid"]]
    (shown,) = emulator.control("GET", "event-source-mappings")["mappings"]
    assert (shown["UUID"], shown["at_work"], shown["State"]) == (identifier, 0, "Enabled")
    assert emulator.control("POST", "queues/work/time-out") == {"messages": 1}
    eventually(lambda: len(printed(client)) >= 2 and all_done(client, url))


def test_message_whose_time_out_is_over_is_received_while_its_first_run_goes_on(
    client: Client, emulator: RunningEmulator
) -> None:
    url = create_queue(client, visibility=900)
    create_function(client, "worker", SLOW_AT_FIRST, Timeout=900)
    mapping(client)
    send(client, url, "twice")
    eventually(lambda: printed(client))
    emulator.control("POST", "queues/work/time-out")
    eventually(lambda: all_done(client, url))
    assert printed(client) == [["1", "twice", "1"], ["1", "twice", "2"]]
    (shown,) = emulator.control("GET", "event-source-mappings")["mappings"]
    assert shown["at_work"] == 1


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("outage", {"milliseconds": -1}, "milliseconds are 0 to"),
        ("outage", {"seconds": 1}, "unknown members"),
        ("queues/nowhere/time-out", {}, "there is no queue nowhere"),
    ],
)
def test_order_that_makes_no_sense_is_refused(
    emulator: RunningEmulator, path: str, body: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ControlRefused, match=reason):
        emulator.control("POST", path, body)
