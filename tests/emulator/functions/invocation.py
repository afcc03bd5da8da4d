"""One invocation of a function, and what came out of it."""

from __future__ import annotations

import json
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

# AWS Lambda Developer Guide, "Lambda quotas": invocation payload, request and response.
LARGEST_PAYLOAD = 6 * 1024 * 1024
LARGEST_RESPONSE = 6291556


@dataclass
class Invocation:
    """A request to a function; `deadline` is in seconds since the epoch, set when it is handed to the runtime."""

    function_arn: str
    payload: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace_id: str = field(default_factory=lambda: _trace_id())
    deadline: float = 0.0
    client_context: str | None = None

    def headers(self) -> dict[str, str]:
        """The headers of `/runtime/invocation/next`."""
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(self.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.function_arn,
            "Lambda-Runtime-Trace-Id": self.trace_id,
        }
        if self.client_context:
            headers["Lambda-Runtime-Client-Context"] = self.client_context
        return headers


@dataclass(frozen=True)
class Result:
    """What an invocation answered; `error_type` is None when the function succeeded."""

    request_id: str
    payload: bytes
    error_type: str | None = None
    log: str = ""

    @property
    def failed(self) -> bool:
        """Whether the answer is an error (header X-Amz-Function-Error)."""
        return self.error_type is not None


class TooManyRequests(Exception):
    """The function has no concurrency left; `reason` is AWS's name of the limit."""

    def __init__(self, reason: str) -> None:
        super().__init__("Rate Exceeded.")
        self.reason = reason


def failure(request_id: str, error_type: str, message: str, *, prefixed: bool = True) -> Result:
    """The error that Lambda itself answers when the runtime could not."""
    text = f"RequestId: {request_id} Error: {message}" if prefixed else message
    body: dict[str, Any] = {"errorType": error_type, "errorMessage": text}
    return Result(request_id, json.dumps(body).encode(), error_type)


def _trace_id() -> str:
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled=0"
