"""CloudTrail: API calls come out as EventBridge events, and can be looked up.

Every mutating call of `records.RECORDED` (by callers and by our own functions, successful or not) is put on the default
bus of the caller's account, in the Region of the call (of global services: us-east-1), as AWS does when a trail logs.
Real delivery is best effort: setting `trail_deliveries` loses events (0) or doubles them (2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from ..api_call import ApiCall
from .lookup import EventHistory
from .records import event_region, is_recorded, source_of, write_record
from .service_events import API_CALL

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator, Proceed


def install(hooks: Hooks, app: Emulator) -> None:
    """Record calls, and answer LookupEvents."""
    app.settings.define(
        "trail_deliveries",
        1,
        lambda value: value in (0, 1, 2),
        "how often EventBridge gets each CloudTrail event: 0 (no trail logs, or lost), 1, or 2 (doubled)",
    )
    history = EventHistory()
    history.install(hooks, app)

    def record(call: ApiCall, proceed: Proceed) -> Response:
        response = proceed(call)
        if is_recorded(call):
            detail = write_record(call, response)
            region = event_region(call)
            history.add(call.account, region, detail)
            for _ in range(app.settings["trail_deliveries"]):
                app.buses.put_service_event(call.account, region, source_of(call), API_CALL, detail, time=call.time)
        return response

    app.around(record)
