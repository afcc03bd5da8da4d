"""The accounts of an Organization: listed with `State` and `Paths`, in pages of 20; closed in steps.

The older member `Status` had an announced end (9 September 2026); setting `account_status_member` brings it back.
Control API: `POST organization/accounts/<id> {"state": …, "name": …}` puts an account into any state, and names it;
`DELETE organization/accounts/<id>` lets the 90 days be over after which a closed account is gone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.organizations.models import FakeAccount, OrganizationsBackend, organizations_backends

from ..api_call import ApiCall, AwsError
from ..cloudtrail.service_events import account_closed, account_created
from ..control_api import ControlError, ControlRequest
from .membership import find_account, leave, management_of, organization_backend, path_of
from .membership_events import MembershipEvents
from .pages import next_token, page, token_after

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

STATES = ("PENDING_ACTIVATION", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED")
STATUS_OF_STATE = {"PENDING_ACTIVATION": "ACTIVE", "CLOSED": "SUSPENDED"}
LARGEST_PAGE = 20
SWITCHES = {
    "account_status_member": "whether accounts carry the retired member `Status`",
    "empty_account_pages": "whether a listing of accounts begins with an empty page and a token",
    "hold_account_closures": "whether a closed account stays in PENDING_CLOSURE",
}


class Accounts:
    """The operations on accounts."""

    def __init__(self, app: Emulator, events: MembershipEvents) -> None:
        self._app = app
        self._events = events
        self._settings = app.settings

    def install(self, hooks: Hooks) -> None:
        """Answer the operations."""
        for name, explanation in SWITCHES.items():
            self._settings.define(name, False, lambda value: isinstance(value, bool), explanation)
        hooks.operation("organizations", "DescribeAccount", self.describe)
        hooks.operation("organizations", "ListAccounts", self.list)
        hooks.operation("organizations", "ListAccountsForParent", self.list_for_parent)
        hooks.operation("organizations", "CreateOrganization", self.create_organization)
        hooks.operation("organizations", "CreateAccount", self.create)
        hooks.operation("organizations", "CloseAccount", self.close)
        hooks.operation("organizations", "RemoveAccountFromOrganization", self.remove)
        hooks.operation("organizations", "LeaveOrganization", self.leave)
        self._app.control("POST", "organization/accounts/<id>", self.set_state)
        self._app.control("DELETE", "organization/accounts/<id>", self.clean)

    def show(self, backend: OrganizationsBackend, account: FakeAccount) -> dict[str, Any]:
        """An account in AWS's words; `JoinedTimestamp` becomes a number on the wire."""
        shown = {
            "Id": account.id,
            "Arn": account.arn,
            "Email": account.email,
            "Name": account.name,
            "State": account.state,
            "Paths": [path_of(backend, account)],
            "JoinedMethod": account.joined_method,
            "JoinedTimestamp": account.create_time.replace(tzinfo=UTC),  # moto keeps UTC without saying so
        }
        if self._settings["account_status_member"]:
            shown["Status"] = STATUS_OF_STATE.get(account.state, account.state)
        return shown

    def describe(self, call: ApiCall) -> dict[str, Any]:
        """DescribeAccount."""
        backend = organization_backend(call.account)
        return {"Account": self.show(backend, find_account(backend, call.parameter("AccountId")))}

    def list(self, call: ApiCall) -> dict[str, Any]:
        """ListAccounts."""
        backend = organization_backend(call.account)
        return self._page(call, backend, list(backend.accounts))

    def list_for_parent(self, call: ApiCall) -> dict[str, Any]:
        """ListAccountsForParent."""
        backend = organization_backend(call.account)
        parent = backend.validate_parent_id(call.parameter("ParentId"))
        return self._page(call, backend, [a for a in backend.accounts if a.parent_id == parent])

    def _page(self, call: ApiCall, backend: OrganizationsBackend, accounts: list[FakeAccount]) -> dict[str, Any]:
        size = call.parameter("MaxResults", LARGEST_PAGE)
        if not 1 <= size <= LARGEST_PAGE:
            raise AwsError("InvalidInputException", f"MaxResults must be between 1 and {LARGEST_PAGE}.")
        token = call.parameter("NextToken")
        if token is None and self._settings["empty_account_pages"]:
            return {"Accounts": [], "NextToken": token_after("")}
        shown, following = page(accounts, lambda account: account.id, size, token)
        return {"Accounts": [self.show(backend, account) for account in shown], **next_token(following)}

    def create(self, call: ApiCall) -> Any:
        """CreateAccount is moto's, which does it at once; the result is told as a service event, as on AWS."""
        response = call.forward()
        if response.status_code < 400:
            account = organization_backend(call.account).accounts[-1]
            management = management_of(call.account) or ""

            def tell() -> None:
                account_created(self._app.buses, management, account.create_account_status_id, account.id)
                self._events.joined(management, account.id, "CREATED")

            call.after(tell)
        return response

    def create_organization(self, call: ApiCall) -> Any:
        """CreateOrganization is moto's; the management account joins it."""
        response = call.forward()
        if response.status_code < 400:
            call.after(lambda: self._events.joined(call.account, call.account, "INVITED"))
        return response

    def close(self, call: ApiCall) -> None:
        """CloseAccount: PENDING_CLOSURE at once; CLOSED (and the service event) when the closure is done."""
        backend = organization_backend(call.account)
        account = find_account(backend, call.parameter("AccountId"))
        if account.id == call.account:
            raise AwsError("ConstraintViolationException", "You can't close the management account.")
        if account.state in ("SUSPENDED", "PENDING_CLOSURE", "CLOSED"):
            raise AwsError("AccountAlreadyClosedException", "The provided account is already closed.")
        put_into_state(account, "PENDING_CLOSURE")
        requested = datetime.now(UTC)

        def finish() -> None:
            if account.state == "PENDING_CLOSURE":
                put_into_state(account, "CLOSED")
                account_closed(self._app.buses, call.account, account.id, requested)

        if not self._settings["hold_account_closures"]:
            call.after(finish)

    def remove(self, call: ApiCall) -> None:
        """RemoveAccountFromOrganization."""
        account = call.parameter("AccountId")
        leave(organization_backend(call.account), account)
        call.after(lambda: self._events.departed(call.account, account, "REMOVED"))

    def leave(self, call: ApiCall) -> None:
        """LeaveOrganization, called in the member account."""
        backend = organization_backend(call.account)
        leave(backend, call.account)
        call.after(lambda: self._events.departed(backend.account_id, call.account, "LEFT"))

    def set_state(self, request: ControlRequest) -> dict[str, Any]:
        """Put an account into a state that AWS would reach by itself, or by support; give it its owner's name for it.

        From PENDING_CLOSURE to CLOSED is the end of a closure: its result is told, as on AWS.
        """
        wanted = request.fields("state", "name")
        if wanted.get("state", STATES[0]) not in STATES:
            raise ControlError(f"state must be one of {', '.join(STATES)}")
        backend, account = _member(request.path["id"])
        account.name = wanted.get("name", account.name)
        before, state = account.state, wanted.get("state", account.state)
        put_into_state(account, state)
        if (before, state) == ("PENDING_CLOSURE", "CLOSED"):
            account_closed(self._app.buses, backend.account_id, account.id, datetime.now(UTC))
        return {"id": account.id, "name": account.name, "state": state}

    def clean(self, request: ControlRequest) -> dict[str, Any]:
        """Take a closed account out of the Organization, as AWS does after 90 days."""
        backend, account = _member(request.path["id"])
        if account.state != "CLOSED":
            raise ControlError(f"account {account.id} is {account.state}; only a closed one is cleaned away")
        leave(backend, account.id)
        self._events.departed(backend.account_id, account.id, "CLEANED")
        return {"id": account.id}


def put_into_state(account: FakeAccount, state: str) -> None:
    """Give an account a state, and the retired status that goes with it."""
    account.state, account.status = state, STATUS_OF_STATE.get(state, state)


def _member(account_id: str) -> tuple[OrganizationsBackend, FakeAccount]:
    """An account of whatever Organization, and moto's record of that."""
    for backends in list(organizations_backends.values()):
        for backend in list(backends.values()):
            for account in backend.accounts:
                if account.id == account_id:
                    return backend, account
    raise ControlError(f"account {account_id} is in no organization", 404)
