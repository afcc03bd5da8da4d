"""One turn: all cases, once, with a fresh process of one handler on a fresh local AWS."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from statistics import median

from .handler import Cost, Handler, RunningHandler
from .world import NotDone, Request, World, batch

ALL_DONE = {"batchItemFailures": []}
BATCH_SIZE = 10
DISTANCE_MS = 50


class Case(Enum):
    """What a handler is given; the value names it in the tables."""

    FIRST = "first request after the start, owner not yet known"
    WARM = "one request, owner known"
    DUPLICATE = "the same event once more"
    BATCH = f"{BATCH_SIZE} requests of one service in one batch"
    DISTANT = f"one request, owner known, {DISTANCE_MS} ms added to each AWS call"
    DISTANT_BATCH = f"{BATCH_SIZE} requests in one batch, {DISTANCE_MS} ms added to each AWS call"


@dataclass(frozen=True)
class Repeats:
    """How often a case is played in one turn. FIRST happens once in the life of a process."""

    warm: int = 20
    duplicate: int = 5
    batch: int = 3
    distant: int = 3


@dataclass(frozen=True)
class Sample:
    """One invocation."""

    cost: Cost
    calls: Counter[str]


@dataclass
class Turn:
    """What one turn gave."""

    start: Cost
    samples: dict[Case, list[Sample]] = field(default_factory=dict)
    peak_mib: float = 0.0

    def wall_ms(self, case: Case) -> float:
        """The middle of a case's times."""
        return median(sample.cost.wall_ms for sample in self.samples[case])

    def cpu_ms(self, case: Case) -> float:
        """CPU of one invocation, on average: the sum is exact, single ones are small."""
        spent = [sample.cost.cpu_ms for sample in self.samples[case]]
        return sum(spent) / len(spent)

    def calls(self, case: Case) -> Counter[str]:
        """The AWS calls of an invocation; that they are the same each time is checked."""
        first, *others = (sample.calls for sample in self.samples[case])
        for other in others:
            if other != first:
                raise NotDone(f"{case.value}: once {dict(first)}, once {dict(other)}")
        return first


def play(handler: Handler, world: World, repeats: Repeats) -> Turn:
    """Start the handler, play the cases, end it."""
    with RunningHandler(handler, world.variables()) as running:
        turn = Turn(running.start)
        stage = _Stage(running, world, turn)
        stage.answer(Case.FIRST, 1)
        for _ in range(repeats.warm):
            stage.answer(Case.WARM, 1)
        stage.repeat(repeats.duplicate)
        for _ in range(repeats.batch):
            stage.answer(Case.BATCH, BATCH_SIZE)
        turn.peak_mib = running.peak_mib()
        for _ in range(repeats.distant):
            stage.answer(Case.DISTANT, 1, DISTANCE_MS)
        stage.answer(Case.DISTANT_BATCH, BATCH_SIZE, DISTANCE_MS)
    return turn


@dataclass(frozen=True)
class _Stage:
    running: RunningHandler
    world: World
    turn: Turn

    def answer(self, case: Case, count: int, distance_ms: int = 0) -> None:
        """Fresh requests, told to the handler in one batch."""
        requests = self.world.request(count)
        self._invoke(case, requests, distance_ms)
        self.world.check(requests)
        self.world.withdraw(requests)

    def repeat(self, times: int) -> None:
        """An event that was dealt with, again."""
        requests = self.world.request(1)
        self._tell(requests)
        for _ in range(times):
            self._invoke(Case.DUPLICATE, requests)
        self.world.check(requests)
        self.world.withdraw(requests)

    def _invoke(self, case: Case, requests: list[Request], distance_ms: int = 0) -> None:
        self.world.forget_calls()
        if distance_ms:
            with self.world.distance(distance_ms):
                cost = self._tell(requests)
        else:
            cost = self._tell(requests)
        self.turn.samples.setdefault(case, []).append(Sample(cost, self.world.calls()))

    def _tell(self, requests: list[Request]) -> Cost:
        answer, cost = self.running.invoke(batch(requests))
        if answer != ALL_DONE:
            raise NotDone(f"the answer was {answer}:\n{self.running.log()}")
        return cost
