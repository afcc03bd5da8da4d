"""A handler's process is started, measured and ended."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .handler import Handler, HandlerFailed, RunningHandler

LOOP = """
import http.client, json, os, time
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
path = "/2018-06-01/runtime/invocation"
while True:
    api.request("GET", path + "/next")
    response = api.getresponse()
    request_id, event = response.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(response.read())
    kind = "error" if event == "fail" else "response"
    if event == "exit":
        print("out of order", flush=True)
        os._exit(3)
    began = time.process_time()
    if event == "work":
        sum(range(500_000))
    spent_ms = (time.process_time() - began) * 1000
    if event == "allocate":
        len(bytes(range(256)) * 4 * 65536)
    api.request("POST", f"{path}/{request_id}/{kind}", json.dumps([event, os.environ.get("GREETING"), spent_ms]))
    api.getresponse().read()
"""


@pytest.fixture
def running():
    with RunningHandler(Handler("trivial", (sys.executable, "-c", LOOP), {"GREETING": "hello"}), {}) as running:
        yield running


def test_start_has_a_cost(running):
    assert running.start.wall_ms > 0
    assert running.start.cpu_ms > 0


def test_event_is_answered_by_the_process_in_its_own_environment(running):
    answer, cost = running.invoke({"a": 1})
    assert answer[:2] == [{"a": 1}, "hello"]
    assert cost.wall_ms > 0


def test_cpu_of_an_invocation_holds_all_that_the_process_itself_counted(running):
    (_, _, spent_ms), cost = running.invoke("work")
    assert 0 < spent_ms <= cost.cpu_ms


def test_peak_memory_is_kept_after_it_was_given_back(running):
    before = running.peak_mib()
    running.invoke("allocate")
    assert running.peak_mib() > before + 50


def test_answer_that_is_an_error_stops_the_benchmark(running):
    with pytest.raises(HandlerFailed, match="answered an error"):
        running.invoke("fail")


def test_process_that_ends_in_the_middle_stops_the_benchmark_with_its_last_words(running):
    with pytest.raises(HandlerFailed, match="ended with 3 before it answered:\nout of order"):
        running.invoke("exit")


def test_process_that_never_asks_for_work_stops_the_benchmark_with_its_last_words():
    handler = Handler("broken", (sys.executable, "-c", "raise SystemExit('no such thing')"), {})
    with pytest.raises(HandlerFailed, match="ended with 1 before it asked for work:\nno such thing"):
        RunningHandler(handler, {})


def test_process_ends_with_its_block():
    with RunningHandler(Handler("trivial", (sys.executable, "-c", LOOP), {}), {}) as running:
        process = Path(f"/proc/{running.pid}")
        assert process.exists()
    assert not process.exists()
