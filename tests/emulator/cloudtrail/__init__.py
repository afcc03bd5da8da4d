"""CloudTrail: API calls come out as EventBridge events, and can be looked up.

Every mutating call of `records.RECORDED` (by callers and by our own functions, successful or not) is put on the default
bus of the caller's account, in the Region of the call (of global services: us-east-1), as AWS does when a trail logs.
Real delivery is best effort: setting `trail_deliveries` loses events (0) or doubles them (2). Whether the management
account hears of an account that leaves or joins by its own call isn't documented: it doesn't, unless the setting
`membership_copies` says so.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from ..api_call import ApiCall
from ..identity.membership import management_of
from .lookup import EventHistory
from .records import event_region, is_recorded, source_of, write_record
from .service_events import API_CALL

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator, Proceed

# What a member calls about its own membership.
MEMBERSHIP = ("LeaveOrganization", "AcceptHandshake")


def install(hooks: Hooks, app: Emulator) -> None:
    """Record calls, and answer LookupEvents."""
    app.settings.define(
        "trail_deliveries",
        1,
        lambda value: value in (0, 1, 2),
        "how often EventBridge gets each CloudTrail event: 0 (no trail logs, or lost), 1, or 2 (doubled)",
    )
    app.settings.define(
        "membership_copies",
        False,
        lambda value: isinstance(value, bool),
        "whether the management account gets copies of LeaveOrganization and AcceptHandshake",
    )
    history = EventHistory()
    history.install(hooks, app)

    def tell(account: str, call: ApiCall, detail: dict[str, Any]) -> None:
        region = event_region(call)
        history.add(account, region, detail)
        for _ in range(app.settings["trail_deliveries"]):
            app.buses.put_service_event(account, region, source_of(call), API_CALL, detail, time=call.time)

    def record(call: ApiCall, proceed: Proceed) -> Response:
        left = management_of(call.account) if call.operation in MEMBERSHIP else None
        response = proceed(call)
        if is_recorded(call):
            detail = write_record(call, response)
            management = left or (management_of(call.account) if call.operation in MEMBERSHIP else None)
            copied = management not in (None, call.account) and app.settings["membership_copies"]
            if copied:
                detail["sharedEventID"] = str(uuid.uuid4())
            tell(call.account, call, detail)
            if copied:
                tell(str(management), call, detail | {"recipientAccountId": management, "eventID": str(uuid.uuid4())})
        return response

    app.around(record)
