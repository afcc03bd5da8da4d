"""PutDashboard, GetDashboard, ListDashboards and DeleteDashboards: an account has one set of dashboards for all Regions.

What DeleteDashboards does when some aren't there has changed in AWS's documents (older ones: nothing is deleted; newer: as
many as possible are): setting `dashboard_deletion`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from . import shapes
from .dashboard_body import Message, check
from .pages import page
from .shapes import SERVICE

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
LARGEST_PAGE = 1000
MOST_DELETED = 100
ALL_OR_NOTHING, EACH = "all-or-nothing", "each"


@dataclass
class Dashboard:
    """A dashboard of an account."""

    account: str
    name: str
    body: str
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def arn(self) -> str:
        """Its ARN, which has no Region."""
        return f"arn:aws:cloudwatch::{self.account}:dashboard/{self.name}"


class InvalidDashboard(AwsError):
    """A dashboard that is refused, with what is wrong (DashboardInvalidInputError)."""

    def __init__(self, message: str, found: list[Message]) -> None:
        super().__init__("InvalidParameterInput", message, 400)
        self.dashboardValidationMessages = _messages(found)


class Dashboards:
    """All dashboards, by account."""

    def __init__(self, app: Emulator) -> None:
        self._settings = app.settings
        self._dashboards: dict[str, dict[str, Dashboard]] = {}
        app.on_reset(self._dashboards.clear)

    def put(self, call: ApiCall) -> dict[str, Any]:
        """PutDashboard."""
        shapes.check(call)
        if call.parameter("Tags"):
            raise NotImplementedError("tags of dashboards")
        name, body = call.parameters["DashboardName"], call.parameters["DashboardBody"]
        if not NAME.fullmatch(name):
            reason = "must have 1 to 255 letters, digits, dashes (-) and underscores (_)"
            raise InvalidDashboard(f"The value {name} for field DashboardName {reason}", [])
        found = check(body)
        if any(message.is_fault for message in found):
            raise InvalidDashboard(f"The dashboard body is invalid: {found[0].path} {found[0].text}", found)
        self._of(call)[name] = Dashboard(call.account, name, body)
        return {"DashboardValidationMessages": _messages(found)}

    def get(self, call: ApiCall) -> dict[str, Any]:
        """GetDashboard."""
        shapes.check(call)
        found = self._of(call).get(call.parameters["DashboardName"])
        if found is None:
            raise not_found([call.parameters["DashboardName"]])
        return {"DashboardName": found.name, "DashboardArn": found.arn, "DashboardBody": found.body}

    def list(self, call: ApiCall) -> dict[str, Any]:
        """ListDashboards."""
        prefix = call.parameter("DashboardNamePrefix", "")
        own = self._of(call)
        found = [own[name] for name in sorted(own) if name.startswith(prefix)]
        refusal = AwsError("InvalidParameterValue", "The next token is invalid")
        size = self._settings["dashboards_page"]
        shown, token = page(found, lambda dashboard: dashboard.name, size, call.parameter("NextToken"), refusal)
        entries = [
            {
                "DashboardName": dashboard.name,
                "DashboardArn": dashboard.arn,
                "LastModified": dashboard.modified,
                "Size": len(dashboard.body.encode()),
            }
            for dashboard in shown
        ]
        return {"DashboardEntries": entries} | ({"NextToken": token} if token else {})

    def delete(self, call: ApiCall) -> dict[str, Any]:
        """DeleteDashboards."""
        shapes.check(call)
        names = list(dict.fromkeys(call.parameter("DashboardNames", [])))
        if not 1 <= len(names) <= MOST_DELETED:
            raise AwsError("InvalidParameterValue", f"DashboardNames must have 1 to {MOST_DELETED} names")
        own = self._of(call)
        missing = [name for name in names if name not in own]
        if not missing or self._settings["dashboard_deletion"] == EACH:
            for name in names:
                own.pop(name, None)
        if missing:
            raise not_found(missing)
        return {}

    def _of(self, call: ApiCall) -> dict[str, Dashboard]:
        return self._dashboards.setdefault(call.account, {})


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer the operations."""
    app.settings.define(
        "dashboards_page",
        LARGEST_PAGE,
        lambda value: isinstance(value, int) and 1 <= value <= LARGEST_PAGE,
        "dashboards on a page of ListDashboards at the most",
    )
    app.settings.define(
        "dashboard_deletion",
        ALL_OR_NOTHING,
        lambda value: value in (ALL_OR_NOTHING, EACH),
        "what DeleteDashboards does with the others when one isn't there: all-or-nothing, or each (deletes them)",
    )
    dashboards = Dashboards(app)
    hooks.operation(SERVICE, "PutDashboard", dashboards.put)
    hooks.operation(SERVICE, "GetDashboard", dashboards.get)
    hooks.operation(SERVICE, "ListDashboards", dashboards.list)
    hooks.operation(SERVICE, "DeleteDashboards", dashboards.delete)


def not_found(names: list[str]) -> AwsError:
    """DashboardNotFoundError, by its code."""
    listed = ", ".join(names)
    return AwsError("ResourceNotFound", f"The specified dashboard does not exist. [{listed}]", 404)


def _messages(found: list[Message]) -> list[dict[str, str]]:
    return [{"DataPath": message.path, "Message": message.text} for message in found]
