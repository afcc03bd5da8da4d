"""Lambda's data plane: `bootstrap` of a deployment package runs as a local process behind the Runtime API.

moto keeps the functions (and would run them in Docker); here they are invoked. The way of one invocation:
`functions.py` finds or makes an environment within the concurrency, `environment.py` runs the process,
`runtime_session.py` and `runtime_api.py` speak with it, `log_stream.py` writes its log.

There is no sandbox: memory is reported, not limited, and the process sees this machine's files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import configuration, operations
from .functions import Functions

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

UNBOUNDED = 1000


def install(hooks: Hooks, app: Emulator) -> None:
    """Give the emulator its functions (`app.functions`)."""
    app.settings.define(
        "function_processes",
        6,
        _is_count,
        "how many bootstrap processes run at once; more invocations wait (1 or more)",
    )
    app.settings.define(
        "environments_of_a_function",
        UNBOUNDED,
        _is_count,
        "how many of these processes one function has at most (1 or more)",
    )
    app.settings.define(
        "asynchronous_retry_seconds",
        [60, 120],
        _are_waits,
        "the waits before the retries of an asynchronous invocation whose function failed (a list of seconds)",
    )
    app.functions = Functions(app)
    configuration.install(hooks)
    operations.install(hooks, app, app.functions)
    app.on_reset(app.functions.reset)
    app.on_stop(app.functions.stop)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and value >= 1


def _are_waits(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(wait, int | float) and wait >= 0 for wait in value)
    )
