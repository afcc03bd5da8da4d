"""The switch: `observe`, under which nothing is written, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deployment.drawbridge import Drawbridge
from emulator.organization_sample import SANDBOX_MEMBER

from .people import People
from .requests import CONNECTED, MEMBER, WAITING, Request, ask
from .screen import Screen

if TYPE_CHECKING:
    from .events import Follower


def show_switch(drawbridge: Drawbridge, people: People, screen: Screen, follower: Follower) -> list[Request]:
    """Ask in mode observe, see that nothing happens, and let the sweep make up for it in mode enforce."""
    screen.title("The switch: mode observe, by a new version in AppConfig")
    _switch(drawbridge, screen, "observe")
    request = ask(drawbridge, people, screen, follower, SANDBOX_MEMBER, "reports", MEMBER)
    follower.await_decisions()
    drawbridge.settle()
    observed = drawbridge.state_of(request.owner, request.endpoint)
    screen.line(f"  the endpoint is {observed}: {'nothing was written' if observed == WAITING else 'WRONG'}")
    _switch(drawbridge, screen, "enforce")
    screen.line("  the schedule's time comes: a sweep looks at every connection again")
    drawbridge.sweep()
    drawbridge.await_state(request.owner, request.endpoint, CONNECTED)
    drawbridge.settle()
    follower.await_word(request, "ACCEPTED")
    request.state = drawbridge.state_of(request.owner, request.endpoint) if observed == WAITING else observed
    return [request]


def _switch(drawbridge: Drawbridge, screen: Screen, mode: str) -> None:
    with screen.step(
        f"mode {mode}: a running function reads it within a minute, a new one at once; ending the old one"
    ):
        drawbridge.reconfigure(mode=mode)
