"""Links of observability: which accounts a monitoring account sees metrics of (CloudWatch cross-account observability).

Accounts make them by Observability Access Manager (`sinks.py`); tests by the control API, too:
`POST observability-links {"monitoring": account, "source": account [, "region"]}`, `GET`, `DELETE`. Without a Region the
link is one of all Regions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..control_api import ControlError, ControlRequest

if TYPE_CHECKING:
    from ..server import Emulator

ACCOUNT_DIGITS = 12


class Links:
    """The links."""

    def __init__(self) -> None:
        self._links: dict[tuple[str, str, str | None], None] = {}

    def install(self, app: Emulator) -> None:
        """Register the routes."""
        app.on_reset(self._links.clear)
        app.control("POST", "observability-links", self.add)
        app.control("GET", "observability-links", self.show)
        app.control("DELETE", "observability-links", lambda _: self._links.clear())

    def add(self, request: ControlRequest) -> dict[str, Any]:
        """Declare a link."""
        wanted = request.fields("monitoring", "source", "region")
        accounts = [str(wanted.get(name, "")) for name in ("monitoring", "source")]
        if not all(account.isdigit() and len(account) == ACCOUNT_DIGITS for account in accounts):
            raise ControlError("monitoring and source are ids of accounts")
        self._links[accounts[0], accounts[1], wanted.get("region")] = None
        return self.show(request)

    def put(self, monitoring: str, source: str, region: str, linked: bool) -> None:
        """Have a link of a Region, or have it no more."""
        if linked:
            self._links[monitoring, source, region] = None
        else:
            self._links.pop((monitoring, source, region), None)

    def show(self, _: ControlRequest) -> dict[str, Any]:
        """All links."""
        shown = [dict(zip(("monitoring", "source", "region"), link, strict=True)) for link in self._links]
        return {"links": shown}

    def sources(self, monitoring: str, region: str) -> list[str]:
        """The accounts that a monitoring account is linked to in a Region."""
        found = {source for account, source, where in self._links if account == monitoring and where in (None, region)}
        return sorted(found - {monitoring})
