"""`drawbridge explain`, asked about one connection of each kind."""

from __future__ import annotations

from deployment.command import explain
from deployment.drawbridge import Drawbridge
from emulator.clients import HUB

from .requests import Request
from .screen import DIM, Screen

KINDS = {"accept": "an accepted connection", "hold": "a request that waits", "revoke": "a connection that was cut off"}


def show_explanations(screen: Screen, drawbridge: Drawbridge, requests: list[Request]) -> None:
    """Why a connection is as it is, for a person who asks; a kind that isn't there is a fault of the demo."""
    screen.title("Why? The operator's command tells")
    for decision, kind in KINDS.items():
        request = next(
            request
            for request in requests
            if request.decision.get("decision") == decision and _provider(drawbridge, request) == HUB
        )
        screen.line(f"  {screen.paint(f'# {kind}', DIM)}")
        screen.line(f"  $ drawbridge explain {request.endpoint}")
        for text in explain(drawbridge.aws, request.endpoint).splitlines():
            screen.line(f"  {text}")
        screen.line()


def _provider(drawbridge: Drawbridge, request: Request) -> str:
    return drawbridge.sample.services[request.service].account
