"""The Lambda Runtime API, as one environment's `bootstrap` sees it.

AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes". Every environment has a server of its own
on a free port of 127.0.0.1: AWS_LAMBDA_RUNTIME_API is a host and a port, without a path.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from .invocation import LARGEST_RESPONSE, Invocation

PREFIX = "/2018-06-01/runtime"


class Runtime(Protocol):
    """What the environment does about the requests of its process."""

    def next_invocation(self) -> Invocation | None:
        """Block until there is work; None when the environment ends."""

    def succeeded(self, request_id: str, payload: bytes) -> bool:
        """Take the response of an invocation; False if it isn't the one at hand."""

    def failed(self, request_id: str, error_type: str, payload: bytes) -> bool:
        """Take the error of an invocation; False if it isn't the one at hand."""

    def init_failed(self, error_type: str, payload: bytes) -> None:
        """Take the error of the initialization."""


class RuntimeServer:
    """The HTTP server of one environment."""

    def __init__(self, runtime: Runtime) -> None:
        handler = type("Handler", (RequestHandler,), {"runtime": runtime})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class RequestHandler(BaseHTTPRequestHandler):
    """The four paths of the Runtime API."""

    protocol_version = "HTTP/1.1"
    # A response goes out in one packet; otherwise the process would wait for delayed acknowledgements.
    wbufsize = -1
    disable_nagle_algorithm = True
    runtime: Runtime

    def do_GET(self) -> None:
        """Hand out the next invocation."""
        if self.path != f"{PREFIX}/invocation/next":
            self._answer(404, {"errorType": "NotFound", "errorMessage": self.path})
            return
        invocation = self.runtime.next_invocation()
        if invocation is None:
            self.close_connection = True
            return
        self._send(200, invocation.payload, invocation.headers())

    def do_POST(self) -> None:
        """Take a response or an error."""
        body = self._body()
        error_type = self.headers.get("Lambda-Runtime-Function-Error-Type") or _error_type(body)
        if self.path == f"{PREFIX}/init/error":
            self.runtime.init_failed(error_type, body)
            self._answer(202, {"status": "OK"})
            return
        parts = self.path.removeprefix(f"{PREFIX}/invocation/").split("/")
        if len(parts) != 2 or parts[1] not in ("response", "error"):
            self._answer(404, {"errorType": "NotFound", "errorMessage": self.path})
        elif parts[1] == "error":
            self._answer_taken(self.runtime.failed(parts[0], error_type, body))
        elif len(body) > LARGEST_RESPONSE:
            message = f"Response payload size exceeded maximum allowed payload size ({LARGEST_RESPONSE} bytes)."
            error = {"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}
            self.runtime.failed(parts[0], error["errorType"], json.dumps(error).encode())
            self._answer(413, error)
        else:
            self._answer_taken(self.runtime.succeeded(parts[0], body))

    def log_message(self, *_: Any) -> None:
        """Nothing: the invocation is logged, not its transport."""

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

    def _answer_taken(self, taken: bool) -> None:
        if taken:
            self._answer(202, {"status": "OK"})
        else:
            self._answer(400, {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"})

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        self._send(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the process was killed meanwhile


def _error_type(body: bytes) -> str:
    try:
        return str(json.loads(body)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "Runtime.Unknown"
