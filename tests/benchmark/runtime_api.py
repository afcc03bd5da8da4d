"""The Lambda Runtime API for one handler, with the times that matter taken where they happen.

AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes". It is not the emulator's: this one does
nothing but hand over and take the time, so that it adds the same little to every handler.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from typing import Any

PREFIX = "/2018-06-01/runtime"
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:222222222222:function:benchmark"
DEADLINE_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What a handler made of an invocation. `nanoseconds`: from handing it out to having the whole answer."""

    payload: Any
    failed: bool
    nanoseconds: int


@dataclass
class Invocation:
    """One event on its way through a handler."""

    request_id: str
    payload: bytes
    handed_out: int = 0


class RuntimeApi:
    """The server. `polls` gets the time (perf_counter_ns) of each request for work, `answers` each answer."""

    def __init__(self) -> None:
        self.polls: SimpleQueue[int] = SimpleQueue()
        self.answers: SimpleQueue[Answer] = SimpleQueue()
        self._waiting: SimpleQueue[Invocation | None] = SimpleQueue()
        self._current: Invocation | None = None
        handler = type("Handler", (RequestHandler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def send(self, payload: Any) -> None:
        """Hand an event to the handler, now or when it asks for work."""
        self._waiting.put(Invocation(str(uuid.uuid4()), json.dumps(payload).encode()))

    def close(self) -> None:
        """Stop listening; a handler that waits for work is cut off."""
        self._waiting.put(None)
        self._server.shutdown()
        self._server.server_close()

    def next(self) -> Invocation | None:
        """Block until there is work; None at the end."""
        self.polls.put(time.perf_counter_ns())
        self._current = self._waiting.get()
        return self._current

    def take(self, request_id: str, body: bytes, failed: bool, at: int) -> bool:
        """Take an answer; False if it isn't for the invocation at hand."""
        current = self._current
        if current is None or current.request_id != request_id:
            return False
        self._current = None
        self.answers.put(Answer(_read(body), failed, at - current.handed_out))
        return True


class RequestHandler(BaseHTTPRequestHandler):
    """The paths of the Runtime API that a handler needs."""

    protocol_version = "HTTP/1.1"
    # A response goes out in one packet; otherwise the handler would wait for delayed acknowledgements.
    wbufsize = -1
    disable_nagle_algorithm = True
    api: RuntimeApi

    def do_GET(self) -> None:
        """Hand out the next invocation."""
        if self.path != f"{PREFIX}/invocation/next":
            self._send(404, b"{}", {})
            return
        invocation = self.api.next()
        if invocation is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + DEADLINE_SECONDS) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": FUNCTION_ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
        }
        invocation.handed_out = time.perf_counter_ns()
        self._send(200, invocation.payload, headers)

    def do_POST(self) -> None:
        """Take an answer or an error."""
        body = self._body()
        at = time.perf_counter_ns()
        if self.path == f"{PREFIX}/init/error":
            # The process ends by itself afterwards, and its log says why.
            self._send(202, b"{}", {})
            return
        request_id, _, kind = self.path.removeprefix(f"{PREFIX}/invocation/").partition("/")
        taken = kind in ("response", "error") and self.api.take(request_id, body, kind == "error", at)
        self._send(202 if taken else 400, b"{}", {})

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return b"".join(chunks)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the process ended meanwhile


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
