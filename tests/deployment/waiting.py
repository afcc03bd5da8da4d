"""Waiting for what happens elsewhere: by asking again, with a limit that only a failure reaches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

GENEROUS_SECONDS = 150.0
PAUSE_SECONDS = 0.2

Found = TypeVar("Found")


class NeverHappened(AssertionError):
    """What was waited for did not happen."""


def wait_until(
    what: str,
    look: Callable[[], Found],
    seconds: float = GENEROUS_SECONDS,
    explain: Callable[[], str] = str,
) -> Found:
    """The first true thing that `look` sees; `what` and `explain` tell about a wait in vain."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise NeverHappened(f"{what}: not within {seconds:.0f} s. Last seen: {found!r}. {explain()}".rstrip())
        time.sleep(PAUSE_SECONDS)
    return found
