"""The decisions as they happen, from the function's log."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until

from .people import People
from .reasons import tell_why
from .requests import Request
from .screen import GREEN, YELLOW, Screen

PAUSE_SECONDS = 0.1
WORDS = {"accept": "ACCEPTED", "hold": "HELD", "ignore": "LEFT", "reject": "REJECTED", "keep": "KEPT"}


class Follower:
    """Follows the log while the block runs, and tells each request's decisions once."""

    def __init__(self, drawbridge: Drawbridge, people: People, screen: Screen) -> None:
        self._drawbridge = drawbridge
        self._people = people
        self._screen = screen
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._ended = threading.Event()
        self._failure: Exception | None = None
        self._since = int(time.time() * 1000)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def follow(self, request: Request) -> None:
        """Look for the decisions about this request from now on."""
        with self._lock:
            self._requests.append(request)

    def await_decisions(self) -> None:
        """Wait until every request has one."""
        wait_until("every request is decided", self._all_decided, explain=self._drawbridge.explain)

    def await_word(self, request: Request, word: str) -> None:
        """Wait until the request has this decision."""
        what = f"{request.endpoint} is {word}"
        wait_until(what, lambda: self._all_decided() and word in map(_word, request.decisions))

    def _all_decided(self) -> bool:
        if self._failure:
            raise self._failure
        return all(request.decisions for request in self._requests)

    def _run(self) -> None:
        try:
            while not self._ended.wait(PAUSE_SECONDS):
                self._look()
        except Exception as failure:  # noqa: BLE001 - whoever waits is told
            self._failure = failure

    def _look(self) -> None:
        lines = self._drawbridge.log.decisions(self._since)
        with self._lock:
            requests = [*self._requests]
        for request in requests:
            for line in lines:
                if _is_about(line, request) and _word(line) not in map(_word, request.decisions):
                    request.decisions.append(line)
                    self._tell(request, line)

    def _tell(self, request: Request, line: dict[str, Any]) -> None:
        word = _word(line)
        if request.milliseconds is None:
            request.milliseconds = round((_time(line) - request.asked_at) * 1000)
            fast = f" {request.milliseconds} ms after the request"
        else:
            fast = ""
        colour = GREEN if line["decision"] == "accept" else YELLOW
        shown = self._screen.paint(word.ljust(9), colour)
        self._screen.line(
            f"  {shown} {self._people.name(request.owner)} -> {request.service}{fast}\n            {tell_why(line)}"
        )


def _is_about(line: dict[str, Any], request: Request) -> bool:
    if _time(line) < int(request.asked_at * 1000) / 1000:
        return False
    # Of what is decided about a service some is about its requests; who may ask and who is told of them is not.
    about_service = "vpc_endpoint_id" not in line and line.get("service_id") == request.service_id
    return (about_service and line["decision"] in WORDS) or line.get("vpc_endpoint_id") == request.endpoint


def _word(line: dict[str, Any]) -> str:
    word = WORDS[line["decision"]]
    return f"would be {word}" if line.get("result") == "proposed" else word


def _time(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()
