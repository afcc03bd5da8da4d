"""After the acceptance: an account leaves and comes back, is moved where a policy forbids it, and leaves for good."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deployment.configuration import POLICY
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import MANAGEMENT, ORGANIZATIONS_REGION, SANDBOX_MEMBER

from .people import People
from .reasons import tell_why
from .requests import CONNECTED, Expected, Request
from .screen import GREEN, RED, YELLOW, Screen

LEAVER = SANDBOX_MEMBER
HOME, QUARANTINE = "sandbox", "quarantine"
GRACE = "5s"
CUT_OFF = Expected("revoke", "LEFT_ORGANIZATION", "rejected")
COLOURS = {"ON GRACE": YELLOW, "CANCELLED": GREEN, "CUT OFF": RED}
FORBIDDING = """
@id("no-quarantine")
@reason("QUARANTINE")
forbid (principal in Drawbridge::OrganizationalUnit::"{unit}", action == Drawbridge::Action::"Connect", resource);
"""


def show_departures(drawbridge: Drawbridge, people: People, screen: Screen, requests: list[Request]) -> None:
    """Let an account that is connected go through all of it; its connections end as `CUT_OFF`."""
    connected = [request for request in requests if request.owner == LEAVER and request.state == CONNECTED]
    story = Story(drawbridge, people, screen, connected)
    sample = drawbridge.sample
    name = people.name(LEAVER)

    screen.title("An account leaves the Organization by mistake, and comes back (the grace is a day)")
    story.let(f"{name} is removed from the Organization", lambda: sample.remove(LEAVER))
    story.await_word("ON GRACE", decision="hold", reason="LEFT_ORGANIZATION")
    story.let(f"{name} is invited again, and accepts", lambda: sample.admit(LEAVER, HOME))
    story.await_cancelled()

    screen.title(
        f"An account is moved where a policy forbids it, and back (the grace is {GRACE} from here on, to watch)"
    )
    _forbid_quarantine(drawbridge, screen)
    story.let(f"{name} is moved to OU {QUARANTINE}", lambda: sample.move(LEAVER, QUARANTINE))
    story.await_word("ON GRACE", decision="hold", reason="QUARANTINE")
    story.let(f"{name} is moved back to OU {HOME}", lambda: sample.move(LEAVER, HOME))
    story.await_cancelled()

    screen.title("An account leaves for good")
    story.let(f"{name} is removed from the Organization", lambda: sample.remove(LEAVER))
    story.await_word("ON GRACE", decision="hold", reason="LEFT_ORGANIZATION")
    screen.line("  the grace ends, and the schedule's time comes: a sweep looks at every connection again")
    story.begin()
    drawbridge.sweep_until(lambda: all(story.state(request) != CONNECTED for request in connected))
    for request, line in story.await_word("CUT OFF", decision="revoke", reason="LEFT_ORGANIZATION"):
        request.expected, request.state = CUT_OFF, story.state(request)
        request.decisions.append(line)


def _forbid_quarantine(drawbridge: Drawbridge, screen: Screen) -> None:
    organizations = drawbridge.aws.client("organizations", MANAGEMENT, ORGANIZATIONS_REGION)
    made = organizations.create_organizational_unit(ParentId=drawbridge.sample.root_id, Name=QUARANTINE)
    unit = drawbridge.sample.units[QUARANTINE] = made["OrganizationalUnit"]["Id"]
    with screen.step(f"a policy that forbids OU {QUARANTINE}, by new versions in AppConfig; ending the old functions"):
        policy = drawbridge.configuration.first_version(POLICY) + FORBIDDING.format(unit=unit)
        drawbridge.reconfigure(policy, revocation={"grace": GRACE})


@dataclass
class Story:
    """What happens to one account, and what becomes of its connections."""

    drawbridge: Drawbridge
    people: People
    screen: Screen
    connections: list[Request]
    began: float = 0.0

    def begin(self) -> None:
        """What is told from here on is news."""
        self.drawbridge.settle()
        self.began = time.time()

    def let(self, what: str, happen: Callable[[], None]) -> None:
        """Let something happen to the account."""
        self.begin()
        self.screen.happens(what)
        happen()

    def state(self, request: Request) -> str:
        """The state of the request's endpoint."""
        return self.drawbridge.state_of(request.owner, request.endpoint)

    def await_word(self, word: str, **fields: str) -> list[tuple[Request, dict[str, Any]]]:
        """Wait for such a decision on every connection, and tell it."""
        found = []
        for request in self.connections:
            about = {"vpc_endpoint_id": request.endpoint, "result": "done"}
            line = self.drawbridge.await_decision(int(self.began * 1000), **about, **fields)
            self._tell(word, request, line)
            found.append((request, line))
        self.people.refresh(LEAVER)
        return found

    def await_cancelled(self) -> None:
        """Wait until every connection may stay; it is recorded on it."""
        self.await_word("CANCELLED", decision="keep", reason="ORG_MEMBER")
        for request in self.connections:
            service = self.drawbridge.sample.services[request.service]
            self.drawbridge.await_tag(service, request.endpoint, "drawbridge:revoke-after", "")
            wait_until(f"{request.endpoint} stays connected", lambda request=request: self.state(request) == CONNECTED)

    def _tell(self, word: str, request: Request, line: dict[str, Any]) -> None:
        about = f"{self.people.name(request.owner)} -> {request.service}"
        self.screen.told(word, f"{about}: {tell_why(line)}", COLOURS[word])
        if "detail" in line:
            self.screen.detail(line["detail"])
        # What is cut off doesn't come back: a new request is needed.
        for change in line.get("would_change", [])[: 1 - (word == "CUT OFF")]:
            self.screen.detail(f"it would be otherwise, if {change}")
