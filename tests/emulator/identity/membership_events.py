"""What CloudTrail tells the management account of every account that joins or departs, by whatever way.

Organizations API Reference of May 2026 (AcceptHandshake, CloseAccount, CreateAccount, CreateOrganization,
LeaveOrganization, RemoveAccountFromOrganization): events AccountJoinedOrganization (`joinedMethod`, `joinedTime`) and
AccountDepartedOrganization (`departureMethod`, `departureTime`), in the management account only. It doesn't say under
which name they have the account; the setting `membership_events` tries several forms, or none.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..cloudtrail.service_events import american_time, tell

if TYPE_CHECKING:
    from ..server import Emulator

FORMS = ("flat", "nested", "nameless", "none")


class MembershipEvents:
    """Tells of accounts that come and go."""

    def __init__(self, app: Emulator) -> None:
        self._app = app
        app.settings.define(
            "membership_events",
            FORMS[0],
            lambda value: value in FORMS,
            "how AccountJoinedOrganization and AccountDepartedOrganization have the account: `flat` (serviceEventDetails."
            "accountId), `nested` (one level deeper), `nameless` (not at all), or `none` (no such events)",
        )

    def joined(self, management: str, account: str, method: str) -> None:
        """AccountJoinedOrganization: `CREATED` or `INVITED`."""
        self._tell(management, account, "AccountJoinedOrganization", {"joinedMethod": method}, "joinedTime")

    def departed(self, management: str, account: str, method: str) -> None:
        """AccountDepartedOrganization: `LEFT`, `REMOVED`, or `CLEANED` when a closed account is gone for good."""
        self._tell(management, account, "AccountDepartedOrganization", {"departureMethod": method}, "departureTime")

    def _tell(self, management: str, account: str, name: str, details: dict[str, Any], time: str) -> None:
        form = self._app.settings["membership_events"]
        if form == "none":
            return
        details[time] = american_time(datetime.now(UTC))
        if form != "nameless":
            details["accountId"] = account
        nested = {name[:1].lower() + name[1:]: details}
        tell(self._app.buses, management, name, nested if form == "nested" else details)
