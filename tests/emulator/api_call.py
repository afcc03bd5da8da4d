"""One API call on its way through the emulator, and who makes it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import ServiceException
from werkzeug.wrappers import Response


@dataclass(frozen=True)
class Caller:
    """The principal of a call, as the access key of its signature names it.

    `kind` is `Root` (the access key is a 12-digit account id), `IAMUser`, `AssumedRole` or `Unknown` (no such key).
    `session_policies` are documents that AssumeRole was given, to keep the session to less than the role may do.
    """

    kind: str
    account: str
    access_key: str | None
    arn: str
    principal_id: str
    role_name: str | None = None
    role_arn: str | None = None
    role_id: str | None = None
    user_name: str | None = None
    session_started: datetime | None = None
    source_identity: str | None = None
    session_policies: tuple[str, ...] = ()

    @property
    def policy_arns(self) -> frozenset[str]:
        """Every ARN by which a policy's `Principal` may name this caller, other than its account and `*`."""
        return frozenset(arn for arn in (self.arn, self.role_arn) if arn)


class AwsError(ServiceException):
    """An error answered in the form of the called service's protocol; `status` overrides the modelled HTTP status."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(code, message)
        self.status = status


@dataclass
class ApiCall:
    """What was asked: service and operation by botocore's names, and the caller.

    `parameters` are parsed by botocore's model, so an operation sees the same names as a boto3 user writes. `forward()`
    is moto's own answer to the same request; `write(result, status)` puts a result or an error into wire form.
    `failing_items` are the ids which a batch operation has to report as unsuccessful (an ordered fault), with code and
    message.
    """

    service: str
    operation: str
    region: str
    caller: Caller
    environ: dict[str, Any]
    body: bytes
    parameters: dict[str, Any]
    forward: Callable[[], Response]
    write: Callable[..., Response]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    failing_items: dict[str, tuple[str, str]] = field(default_factory=dict)
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    @property
    def account(self) -> str:
        """The caller's account."""
        return self.caller.account

    def parameter(self, name: str, default: Any = None) -> Any:
        """A request parameter by its AWS name."""
        value = self.parameters.get(name)
        return default if value is None else value

    def after(self, action: Callable[[], None]) -> None:
        """Run `action` when the operation is done and its service is no longer locked (a delivery, say)."""
        self.afterwards.append(action)
