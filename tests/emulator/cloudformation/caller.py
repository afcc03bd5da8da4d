"""How CloudFormation calls the other services: as the caller of the stack operation, or as the stack's role.

The calls go through the emulator's own port, so that they are checked, logged and recorded as anybody's.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config
from botocore.model import ListShape, MapShape, Shape, StructureShape
from moto.sts.models import sts_backends

from ..permissions import PARTITION, account_of, service_may_assume
from .template import validation_error

if TYPE_CHECKING:
    from ..server import Emulator

SERVICE = "cloudformation.amazonaws.com"
SESSION_SECONDS = 12 * 3600


class Clients:
    """botocore clients, one for each service, Region and access key."""

    def __init__(self, app: Emulator) -> None:
        self._app = app
        self._session = botocore.session.get_session()
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, str], Any] = {}
        # Goes up with each reset, so that an operation that was under way stops.
        self.epoch = 0

    def get(self, service: str, region: str, access_key: str) -> Any:
        """A client that signs with an access key; nobody checks the secret."""
        key = (service, region, access_key)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._session.create_client(
                    service,
                    region_name=region,
                    endpoint_url=self._app.url,
                    aws_access_key_id=access_key,
                    aws_secret_access_key="cloudformation",
                    config=Config(user_agent=SERVICE, retries={"total_max_attempts": 5, "mode": "standard"}),
                )
            return self._clients[key]

    def role_access_key(self, role_arn: str, stack_id: str, region: str) -> str:
        """The access key of a session of the stack's role."""
        assumable = service_may_assume(role_arn, SERVICE, stack_id, account_of(stack_id))
        if not assumable.allowed:
            raise validation_error(f"Role {role_arn} is invalid or cannot be assumed ({assumable.reason})")
        return self.session_access_key(role_arn, region, "AWSCloudFormation")

    def session_access_key(self, role_arn: str, region: str, name: str) -> str:
        """The access key of a session of a role."""
        session = sts_backends[account_of(role_arn)][PARTITION].assume_role(
            region_name=region,
            role_session_name=name,
            role_arn=role_arn,
            policy="",
            duration=SESSION_SECONDS,
            external_id="",
        )
        self._app.callers.add_session(session)
        return session.access_key_id

    def reset(self) -> None:
        """Forget all clients, and stop what they are used for."""
        with self._lock:
            self.epoch += 1
            self._clients.clear()


def fitted(shape: Shape, value: Any) -> Any:
    """A template's value in the type the API wants: templates write numbers and booleans as texts, and the reverse."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = shape.members
        return {name: fitted(members[name], item) if name in members else item for name, item in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [fitted(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: fitted(shape.value, item) for name, item in value.items()}
    if shape.type_name in ("integer", "long") and isinstance(value, str):
        return int(value)
    if shape.type_name in ("float", "double") and isinstance(value, str):
        return float(value)
    if shape.type_name == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if shape.type_name == "string" and isinstance(value, bool):
        return str(value).lower()
    if shape.type_name == "string" and isinstance(value, int | float):
        return str(value)
    return value
