"""Tags: an endpoint and all that belongs to it say who made it, for whom and at whose cost, and follow when the account moves."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from deployment.developer import ROLE, Developer
from deployment.drawbridge import Drawbridge
from deployment.tags import Tags, holds
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, WORKLOADS_MEMBER

from .people import People
from .screen import GREEN, Screen

SERVICE = "orders"
OWNER = WORKLOADS_MEMBER
HOME, AWAY = "workloads", "sandbox"
SESSION, COST_CENTRE = "dana", "4711"
OWN_TAG = {"Name": "to-the-orders"}
ENDPOINTS = ["endpoint", "network-interface"]
RULES = {
    "creator": {"from": "{creator.name}", "on": ENDPOINTS},
    "creator-session": {"from": "{creator.session}", "on": ENDPOINTS},
    "account-name": {"from": "{account.name}", "on": ENDPOINTS},
    "unit": {"from": "{account.ou-path}", "on": ENDPOINTS},
    "cost-centre": {"from": "{account.tag.cost-centre}", "default": "unallocated", "on": ENDPOINTS},
    "consumer": {"from": "{consumer.name} {consumer.id}", "on": ["connection"]},
    "consumer-unit": {"from": "{consumer.ou-path}", "on": ["connection"]},
    "accepted-by": {"from": "{decision.policy}", "on": ["connection"]},
}
OF_ENDPOINTS = tuple(key for key, rule in RULES.items() if rule["on"] == ENDPOINTS)
OF_CONNECTIONS = tuple(key for key, rule in RULES.items() if rule["on"] != ENDPOINTS)
# What has to be switched on for it, as parameters of the hub's stack.
PARAMETERS = {"WriteTags": "yes", "TagKeys": ",".join(RULES)}


def show_tags(drawbridge: Drawbridge, people: People, screen: Screen) -> bool:
    """Let an endpoint be created, and its account be moved; whether all tags are as they should be."""
    screen.title("Tags: tag-resources says on each resource who made it, for whom and at whose cost")
    with screen.step(f"rules for {len(RULES)} tags, by a new version in AppConfig; ending the old functions"):
        drawbridge.reconfigure(tags={"write": RULES})
    story = Story(drawbridge, people, screen)
    story.create_endpoint()
    tagged_well = story.show(HOME)
    story.move_account()
    return story.show(AWAY) and tagged_well


@dataclass
class Story:
    """One endpoint, and what is written on it, on its interfaces and on its connection."""

    drawbridge: Drawbridge
    people: People
    screen: Screen
    developer: Developer = field(init=False)
    endpoint: str = ""
    _began: int = field(default_factory=lambda: int(time.time() * 1000))
    _told: int = 0

    def __post_init__(self) -> None:
        network = self.drawbridge.sample.networks[OWNER]
        self.developer = Developer(self.drawbridge.aws, OWNER, network, SESSION)

    def create_endpoint(self) -> None:
        """Somebody in an assumed role of a member account creates an endpoint, and gives it a tag of their own."""
        owner = self.people.name(OWNER)
        self.screen.happens(f"{owner} is tagged cost-centre={COST_CENTRE} in AWS Organizations")
        self.drawbridge.sample.tag(OWNER, **{"cost-centre": COST_CENTRE})
        self.drawbridge.settle()
        service = self.drawbridge.sample.services[SERVICE]
        self.endpoint = self.developer.create_endpoint(service, **OWN_TAG)
        self.screen.happens(f"{SESSION}, in the role {ROLE} of {owner}, creates {self.endpoint} to {SERVICE}")
        self._await(HOME)

    def move_account(self) -> None:
        """The account gets into another organizational unit."""
        self.screen.happens(f"{self.people.name(OWNER)} is moved from OU {HOME} to OU {AWAY}")
        self.drawbridge.sample.move(OWNER, AWAY)
        self._await(AWAY)
        self.people.refresh(OWNER)

    def show(self, unit: str) -> bool:
        """The tags as the accounts see them; whether each is as it should be."""
        mine, connection = self._on_endpoint(), self._on_connection()
        self._list(f"as {self.people.name(OWNER)} sees its endpoint and the interfaces", ("Name", *OF_ENDPOINTS), mine)
        self._list(f"as {self.people.name(HUB)} sees the connection", OF_CONNECTIONS, {self.endpoint: connection})
        wrong = [resource for resource, tags in mine.items() if not holds(tags, self._of_endpoint(unit))]
        if not holds(mine[self.endpoint], OWN_TAG):
            wrong.append(f"the tag of {SESSION} on {self.endpoint}")
        if not holds(connection, self._of_connection(unit)):
            wrong.append(f"the connection of {self.endpoint}")
        well = f"OU {unit} on the endpoint, on its {len(mine) - 1} interfaces and on the connection"
        return self.screen.verdict(well, ", ".join(wrong))

    def _of_endpoint(self, unit: str) -> dict[str, str]:
        """What is to be on the endpoint and on each interface while the account is in this unit."""
        name = self.people.name(OWNER)
        return dict(zip(OF_ENDPOINTS, (ROLE, SESSION, name, unit, COST_CENTRE), strict=True))

    def _of_connection(self, unit: str) -> dict[str, str]:
        return dict(zip(OF_CONNECTIONS, (f"{self.people.name(OWNER)} {OWNER}", unit, "members-only"), strict=True))

    def _on_endpoint(self) -> dict[str, dict[str, str]]:
        """The tags that are on the endpoint and on each of its interfaces."""
        tags = Tags(self.drawbridge.aws, OWNER)
        return {self.endpoint: tags.of_endpoint(self.endpoint), **tags.of_interfaces(self.endpoint)}

    def _on_connection(self) -> dict[str, str]:
        return self.drawbridge.tags_of(self.drawbridge.sample.services[SERVICE], self.endpoint)

    def _await(self, unit: str) -> None:
        """Wait until everything says the unit, and nothing is left to be done."""

        def look() -> bool:
            on_endpoint = all(tags.get("unit") == unit for tags in self._on_endpoint().values())
            return on_endpoint and self._on_connection().get("consumer-unit") == unit

        wait_until(f"OU {unit} is on all that belongs to {self.endpoint}", look, explain=self.drawbridge.explain)
        self.drawbridge.settle()
        self._tell()

    def _tell(self) -> None:
        """What was written since it was told last, for the endpoint and all that belongs to it."""
        mine = {*self._on_endpoint(), self._connection_id()}
        written = self.drawbridge.tag_resources.log.decisions(self._began, decision="tag", result="done")
        for line in written[self._told :]:
            if mine & set(re.split(r"[:\s]+", line["message"])):
                about = line["message"].removeprefix("tag: ")
                self.screen.told("TAGGED", about, GREEN)
        self._told = len(written)

    def _connection_id(self) -> str:
        service = self.drawbridge.sample.services[SERVICE]
        return self.drawbridge.connections(service)[self.endpoint]["VpcEndpointConnectionId"]

    def _list(self, whose: str, keys: Sequence[str], tags: dict[str, dict[str, str]]) -> None:
        self.screen.heading(whose)
        rows = [(resource, *(found.get(key, "-") for key in keys)) for resource, found in tags.items()]
        self.screen.table([("resource", *keys), *rows])
