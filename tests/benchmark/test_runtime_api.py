"""The Runtime API of the benchmark, spoken to as a handler does."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing

import pytest

from .runtime_api import PREFIX, RuntimeApi

NEXT = f"{PREFIX}/invocation/next"


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    with closing(RuntimeApi()) as api:
        yield api


@pytest.fixture
def connection(api: RuntimeApi) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection(api.address, timeout=60)) as connection:
        yield connection


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple:
    connection.request(method, path, body)
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def test_handler_is_given_the_event_with_its_id_and_deadline(api, connection):
    api.send({"a": 1})
    status, headers, body = ask(connection, "GET", NEXT)
    assert (status, body) == (200, b'{"a": 1}')
    assert headers["Lambda-Runtime-Aws-Request-Id"]
    assert int(headers["Lambda-Runtime-Deadline-Ms"]) > 0


def test_answer_reaches_the_benchmark_with_the_time_it_took(api, connection):
    api.send({})
    _, headers, _ = ask(connection, "GET", NEXT)
    path = f"{PREFIX}/invocation/{headers['Lambda-Runtime-Aws-Request-Id']}/response"
    status, _, _ = ask(connection, "POST", path, b'{"done": true}')
    answer = api.answers.get(timeout=60)
    assert status == 202
    assert (answer.payload, answer.failed) == ({"done": True}, False)
    assert answer.nanoseconds > 0


def test_error_of_a_handler_is_an_answer_that_failed(api, connection):
    api.send({})
    _, headers, _ = ask(connection, "GET", NEXT)
    path = f"{PREFIX}/invocation/{headers['Lambda-Runtime-Aws-Request-Id']}/error"
    ask(connection, "POST", path, b"not JSON")
    answer = api.answers.get(timeout=60)
    assert (answer.payload, answer.failed) == ("not JSON", True)


def test_answer_in_chunks_is_read_to_its_end(api, connection):
    api.send({})
    _, headers, _ = ask(connection, "GET", NEXT)
    path = f"{PREFIX}/invocation/{headers['Lambda-Runtime-Aws-Request-Id']}/response"
    connection.request(
        "POST", path, iter([b'["a', b'", "b"]']), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
    )
    assert connection.getresponse().status == 202
    assert api.answers.get(timeout=60).payload == ["a", "b"]


def test_answer_to_another_invocation_is_refused(api, connection):
    api.send({})
    ask(connection, "GET", NEXT)
    status, _, _ = ask(connection, "POST", f"{PREFIX}/invocation/another/response", b"{}")
    assert status == 400
    assert api.answers.empty()


def test_path_that_is_not_of_the_runtime_api_is_not_found(connection):
    assert ask(connection, "GET", "/elsewhere")[0] == 404


def test_each_request_for_work_is_told(api, connection):
    api.send({})
    assert api.polls.empty()
    ask(connection, "GET", NEXT)
    assert api.polls.get(timeout=60) > 0
