"""The turns of both handlers beside each other: medians, extremes, and ratios round by round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from .turn import Turn


@dataclass(frozen=True)
class Spread:
    """Median, least and most of the rounds."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """The spread of some values."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True)
class Row:
    """One figure of both handlers. A ratio compares turns of the same round, which ran one after the other."""

    ours: Spread
    baseline: Spread
    ratio: Spread


@dataclass(frozen=True)
class Comparison:
    """All rounds; in each, both handlers had one turn."""

    ours: list[Turn]
    baseline: list[Turn]

    def row(self, figure: Callable[[Turn], float]) -> Row:
        """One figure of every turn, summed up."""
        ours = [figure(turn) for turn in self.ours]
        baseline = [figure(turn) for turn in self.baseline]
        ratios = [own / other for own, other in zip(ours, baseline, strict=True)]
        return Row(Spread.of(ours), Spread.of(baseline), Spread.of(ratios))
