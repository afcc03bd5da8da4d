"""`python -m demo` (with PYTHONPATH=tests)."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import LocalAws, NotStarted, start, stop
from deployment.stacks import CommandFailed, NotBuilt
from deployment.waiting import NeverHappened

from .alarms import PARAMETERS as OF_ALARMS
from .alarms import show_alarms
from .cloud_map import PARAMETERS as OF_CLOUD_MAP
from .cloud_map import show_cloud_map
from .departures import show_departures
from .ending import show_log, show_outside, show_table, show_where_to_look
from .events import Follower
from .explanations import show_explanations
from .names import PARAMETERS as OF_NAMES
from .names import show_names
from .people import People
from .requests import ask_all
from .screen import Screen
from .switch import show_switch
from .tags import PARAMETERS as OF_TAGS
from .tags import show_tags

INTERRUPTED = 130
FAILURES = (NotStarted, NotBuilt, CommandFailed, NeverHappened)


def main() -> int:
    """Run the demo; 0 if all went as it should."""
    keep = os.environ.get("DEMO_KEEP", "") not in ("", "0")
    signal.signal(signal.SIGTERM, _interrupt)
    screen = Screen(sys.stdout)
    try:
        return _run(screen, keep)
    except KeyboardInterrupt:
        screen.line("\nInterrupted; everything that the demo started has ended.")
        return INTERRUPTED
    except FAILURES as failure:
        screen.line(f"\nFAILED: {failure}")
        return 1


def _run(screen: Screen, keep: bool) -> int:
    screen.title("Drawbridge answers connection requests. Everything here runs on this machine, on a local AWS.")
    with screen.step("starting the local AWS"):
        process, aws = start(outlive=keep)
    kept = False
    try:
        went_well = _tell(screen, aws)
        kept = keep
        show_where_to_look(screen, aws, kept)
        return 0 if went_well else 1
    finally:
        if not kept:
            stop(process, aws)


def _tell(screen: Screen, aws: LocalAws) -> bool:
    drawbridge = _deploy(screen, aws)
    people = People(drawbridge)
    with Follower(drawbridge, people, screen) as follower:
        requests = ask_all(drawbridge, people, screen, follower)
        requests += show_switch(drawbridge, people, screen, follower)
    show_departures(drawbridge, people, screen, requests)
    named_well = show_names(drawbridge, people, screen)
    tagged_well = show_tags(drawbridge, people, screen)
    watched_well = show_alarms(drawbridge, people, screen)
    found_well = show_cloud_map(drawbridge, people, screen)
    went_well = show_table(screen, people, requests) and named_well and tagged_well and watched_well and found_well
    show_log(screen, drawbridge, requests)
    show_explanations(screen, drawbridge, requests)
    show_outside(screen, drawbridge, requests)
    return went_well


def _deploy(screen: Screen, aws: LocalAws) -> Drawbridge:
    with screen.steps() as steps:
        parameters = OF_NAMES | OF_TAGS | OF_ALARMS | OF_CLOUD_MAP
        woken = {"tag_resources": True, "publish_alarms": True, "sync_cloud_map": True}
        return deploy(aws, mode="enforce", step=steps.next, **woken, **parameters)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
