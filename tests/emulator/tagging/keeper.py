"""What the tagging API needs to know of a service: its resources, their tags, and what their change demands."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ..api_call import AwsError
from ..identity.demand import Demand

if TYPE_CHECKING:
    from ..server import Emulator

RESERVED = "aws:"
MOST_TAGS = 50
ARN_PARTS = 6


@dataclass(frozen=True)
class Place:
    """The account and Region of a call."""

    account: str
    region: str


@dataclass(frozen=True)
class Tagged:
    """A resource with its tags, of which it may have none; `kind` is `service:type`."""

    arn: str
    kind: str
    tags: dict[str, str]


class Keeper(Protocol):
    """The tags of one service."""

    service: str  # as ARNs have it
    locked_as: str  # botocore's name, under which the server runs the service's operations one at a time

    def list(self, place: Place) -> Iterable[Tagged]:
        """All resources of the place, tagged or not."""

    def find(self, place: Place, arn: str) -> Tagged | None:
        """One of them."""

    def write(self, place: Place, arn: str, tags: dict[str, str]) -> None:
        """Give it tags; an AwsError is the service's own."""

    def take(self, place: Place, arn: str, keys: list[str]) -> None:
        """Take tags from it."""

    def demands_of_writing(self, place: Place, arn: str, tags: dict[str, str]) -> Iterable[Demand]:
        """What the service itself demands for tags."""

    def demands_of_taking(self, place: Place, arn: str, keys: list[str]) -> Iterable[Demand]:
        """What it demands for their loss."""


class Keepers:
    """The keepers of all services."""

    def __init__(self, keepers: list[Keeper], others: Keeper, app: Emulator) -> None:
        self._keepers = {keeper.service: keeper for keeper in keepers}
        self._others = others
        self._app = app

    def of(self, arn: str) -> Keeper:
        """The keeper of the service in an ARN."""
        return self._keepers.get(service_of(arn), self._others)

    def of_services(self, services: set[str]) -> list[Keeper]:
        """The keepers of some services; of all, when none is named."""
        if not services:
            return [*self._keepers.values(), self._others]
        known = [self._keepers[service] for service in sorted(services & set(self._keepers))]
        return known + ([self._others] if services - set(self._keepers) else [])

    def lock(self, keeper: Keeper) -> AbstractContextManager[Any]:
        """Keeps the service's own operations waiting."""
        return self._app.exclusively(keeper.locked_as)


def is_arn(text: str) -> bool:
    """Whether a text has the parts of an ARN of this partition."""
    parts = text.split(":", ARN_PARTS - 1)
    return len(parts) == ARN_PARTS and parts[:2] == ["arn", "aws"] and bool(parts[2] and parts[5])


def service_of(arn: str) -> str:
    """The service in an ARN."""
    return arn.split(":")[2]


def lies_in(arn: str, place: Place) -> bool:
    """Whether an ARN is of the place; those of some services name neither account nor Region."""
    _, _, _, region, account, _ = arn.split(":", ARN_PARTS - 1)
    return region in ("", place.region) and account in ("", place.account)


def with_keys(tags: dict[str, str], present: dict[str, str]) -> dict[str, Any]:
    """The condition keys of a request for tags: what is asked for, and what the resource has."""
    asked: dict[str, Any] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return asked | keys_asked([*tags], present)


def keys_asked(keys: list[str], present: dict[str, str]) -> dict[str, Any]:
    """The condition keys where only keys are asked for."""
    asked: dict[str, Any] = {"aws:TagKeys": keys} if keys else {}
    return asked | {f"aws:ResourceTag/{key}": value for key, value in present.items()}


def refuse_too_many(tags: dict[str, str], code: str) -> None:
    """A resource has 50 tags of one's own."""
    if sum(not key.startswith(RESERVED) for key in tags) > MOST_TAGS:
        raise AwsError(code, f"A resource can have {MOST_TAGS} tags at the most.")
