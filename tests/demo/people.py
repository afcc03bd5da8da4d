"""Who is who, in the words of AWS Organizations."""

from __future__ import annotations

from botocore.exceptions import ClientError
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import MANAGEMENT, ORGANIZATIONS_REGION

STRANGER = "a stranger"


class People:
    """Accounts by the names and organizational units that the management account sees."""

    def __init__(self, drawbridge: Drawbridge) -> None:
        self._organizations = drawbridge.aws.client("organizations", MANAGEMENT, ORGANIZATIONS_REGION)
        self._drawbridge = drawbridge
        self._units = {id: name for name, id in drawbridge.sample.units.items()}
        self._known: dict[str, tuple[str, str]] = {}

    def name(self, account: str) -> str:
        """The account's name."""
        return self._find(account)[0]

    def unit(self, account: str) -> str:
        """Its organizational unit, and its state if that isn't ACTIVE."""
        return self._find(account)[1]

    def who(self, account: str) -> str:
        """Name, number and unit."""
        return f"{self.name(account)} ({account}, {self.unit(account)})"

    def refresh(self, account: str) -> None:
        """Look where the account is now; one that has left keeps its name here."""
        name = self.name(account)
        del self._known[account]
        self._units = {id: name for name, id in self._drawbridge.sample.units.items()}
        if self.name(account) == STRANGER:
            self._known[account] = (name, "left the Organization")

    def _find(self, account: str) -> tuple[str, str]:
        if account not in self._known:
            self._known[account] = self._ask(account)
        return self._known[account]

    def _ask(self, account: str) -> tuple[str, str]:
        try:
            found = self._organizations.describe_account(AccountId=account)["Account"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccountNotFoundException":
                raise
            return STRANGER, "not in the Organization"
        unit = self._units.get(found["Paths"][0].rstrip("/").split("/")[-2], "root")
        state = "" if found["State"] == "ACTIVE" else f", {found['State']}"
        return found["Name"], f"OU {unit}{state}"
