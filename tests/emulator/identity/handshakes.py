"""Invitations: how an account that exists already comes into an Organization.

moto has no handshakes and gives created accounts random ids. By InviteAccountToOrganization and AcceptHandshake an
Organization gets the very accounts that a test or the demo speaks of, over AWS's own API.
"""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.organizations.models import organizations_backends

from ..api_call import ApiCall, AwsError
from .callers import ACCOUNT_ID, PARTITION
from .membership import join, management_of, organization_backend
from .membership_events import MembershipEvents

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

LIFETIME = timedelta(days=15)  # Organizations quotas: invitations expire after 15 days
ALPHABET = string.ascii_lowercase + string.digits


@dataclass
class Handshake:
    """An invitation."""

    management: str
    account: str
    organization: str
    state: str = "OPEN"
    id: str = field(default_factory=lambda: "h-" + "".join(secrets.choice(ALPHABET) for _ in range(16)))
    requested: datetime = field(default_factory=lambda: datetime.now(UTC))

    def show(self) -> dict[str, Any]:
        """In AWS's words."""
        return {
            "Id": self.id,
            "Arn": f"arn:{PARTITION}:organizations::{self.management}:handshake/{self.organization}/invite/{self.id}",
            "Parties": [
                {"Id": self.organization, "Type": "ORGANIZATION"},
                {"Id": self.account, "Type": "ACCOUNT"},
            ],
            "State": self.state,
            "RequestedTimestamp": self.requested,
            "ExpirationTimestamp": self.requested + LIFETIME,
            "Action": "INVITE",
            "Resources": [{"Type": "ORGANIZATION", "Value": self.organization}],
        }


class Handshakes:
    """The operations on invitations."""

    def __init__(self, events: MembershipEvents) -> None:
        self._events = events
        self._handshakes: dict[str, Handshake] = {}

    def install(self, hooks: Hooks, app: Emulator) -> None:
        """Answer the operations."""
        app.on_reset(self._handshakes.clear)
        for name, function in (
            ("InviteAccountToOrganization", self.invite),
            ("AcceptHandshake", self.accept),
            ("DeclineHandshake", self.decline),
            ("CancelHandshake", self.cancel),
            ("DescribeHandshake", self.describe),
            ("ListHandshakesForAccount", self.list_for_account),
            ("ListHandshakesForOrganization", self.list_for_organization),
        ):
            hooks.operation("organizations", name, function)

    def invite(self, call: ApiCall) -> dict[str, Any]:
        """InviteAccountToOrganization, by account id."""
        target = call.parameter("Target", {})
        if target.get("Type") != "ACCOUNT" or not ACCOUNT_ID.fullmatch(target.get("Id", "")):
            raise AwsError("InvalidInputException", "The emulator invites accounts by their 12-digit id.")
        backend = organization_backend(call.account)
        if any(account.id == target["Id"] for account in backend.accounts):
            raise AwsError("DuplicateHandshakeException", "The account is a member of the organization already.")
        if any(h.account == target["Id"] and h.state == "OPEN" for h in self._handshakes.values()):
            raise AwsError("DuplicateHandshakeException", "A handshake with the same action exists already.")
        assert backend.org is not None
        handshake = Handshake(backend.org.master_account_id, target["Id"], backend.org.id)
        self._handshakes[handshake.id] = handshake
        return {"Handshake": handshake.show()}

    def accept(self, call: ApiCall) -> dict[str, Any]:
        """AcceptHandshake, called in the invited account."""
        handshake = self._open(call, call.account)
        if management_of(call.account) is not None:
            raise AwsError(
                "HandshakeConstraintViolationException", "The account is a member of an organization already."
            )
        handshake.state = "ACCEPTED"
        join(organizations_backends[handshake.management][PARTITION], call.account)
        call.after(lambda: self._events.joined(handshake.management, call.account, "INVITED"))
        return {"Handshake": handshake.show()}

    def decline(self, call: ApiCall) -> dict[str, Any]:
        """DeclineHandshake, called in the invited account."""
        handshake = self._open(call, call.account)
        handshake.state = "DECLINED"
        return {"Handshake": handshake.show()}

    def cancel(self, call: ApiCall) -> dict[str, Any]:
        """CancelHandshake, called in the management account."""
        handshake = self._open(call, None)
        handshake.state = "CANCELED"
        return {"Handshake": handshake.show()}

    def describe(self, call: ApiCall) -> dict[str, Any]:
        """DescribeHandshake."""
        return {"Handshake": self._find(call).show()}

    def list_for_account(self, call: ApiCall) -> dict[str, Any]:
        """ListHandshakesForAccount."""
        return {"Handshakes": [h.show() for h in self._handshakes.values() if h.account == call.account]}

    def list_for_organization(self, call: ApiCall) -> dict[str, Any]:
        """ListHandshakesForOrganization."""
        management = management_of(call.account)
        return {"Handshakes": [h.show() for h in self._handshakes.values() if h.management == management]}

    def _find(self, call: ApiCall) -> Handshake:
        handshake = self._handshakes.get(call.parameter("HandshakeId", ""))
        if handshake is None or call.account not in (handshake.account, handshake.management):
            raise AwsError("HandshakeNotFoundException", "You specified a handshake that doesn't exist.")
        return handshake

    def _open(self, call: ApiCall, invited: str | None) -> Handshake:
        handshake = self._find(call)
        if invited not in (None, handshake.account):
            raise AwsError("AccessDeniedException", "Only the invited account can answer the handshake.")
        if handshake.state != "OPEN":
            raise AwsError("HandshakeAlreadyInStateException", f"The handshake is {handshake.state} already.")
        return handshake
