"""The result as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from .comparison import Comparison, Row, Spread
from .contestants import BASELINE, OURS
from .machine import Binary, Machine
from .turn import DISTANCE_MS, Case, Turn
from .world import NotDone

Figure = Callable[[Turn], float]

PROCESS: dict[str, Figure] = {
    "start to first poll, ms": lambda turn: turn.start.wall_ms,
    "CPU until first poll, ms": lambda turn: turn.start.cpu_ms,
    "first invocation, ms": lambda turn: turn.wall_ms(Case.FIRST),
    "CPU of first invocation, ms": lambda turn: turn.cpu_ms(Case.FIRST),
    "cold: start and first invocation, ms": lambda turn: turn.start.wall_ms + turn.wall_ms(Case.FIRST),
    "warm invocation, p50, ms": lambda turn: turn.wall_ms(Case.WARM),
    "CPU of a warm invocation, ms": lambda turn: turn.cpu_ms(Case.WARM),
    "peak memory, MiB": lambda turn: turn.peak_mib,
}
# Short names of the operations, in the order in which they are listed.
OPERATIONS = {
    "DescribeVpcEndpointServiceConfigurations": "service",
    "DescribeVpcEndpointConnections": "connections",
    "DescribeAccount": "account",
    "AcceptVpcEndpointConnections": "accept",
    "CreateTags": "tags",
    "PutEvents": "events",
}


def write(comparison: Comparison, machine: Machine, binary: Binary, command: str) -> str:
    """All that is told of a run."""
    parts = [
        _origin(comparison, machine, binary, command),
        "**The process** (milliseconds on the clock include the local AWS's own time; CPU is the handler's alone)",
        _process(comparison),
        "**The cases**, milliseconds on the clock",
        _cases(comparison, lambda case: lambda turn: turn.wall_ms(case)),
        "**The cases**, milliseconds of the handler's own CPU",
        _cases(comparison, lambda case: lambda turn: turn.cpu_ms(case)),
        "**AWS calls** of one invocation, counted by the local AWS",
        _calls(comparison),
        _caution(comparison),
    ]
    return "\n\n".join(parts)


def _origin(comparison: Comparison, machine: Machine, binary: Binary, command: str) -> str:
    rows = [
        ("command", f"`{command}`"),
        ("date", machine.when),
        ("machine", f"{machine.model}, {machine.cores} cores, {machine.memory_gib:.1f} GiB, Linux {machine.kernel}"),
        ("load average before the run", f"{machine.load:.2f}"),
        ("binary", f"`{binary.name}`: {binary.bytes / 1e6:.2f} MB, zipped {binary.zipped_bytes / 1e6:.2f} MB"),
        ("peer", f"boto3 {machine.boto3}, Python {machine.python}"),
        ("rounds", str(len(comparison.ours))),
    ]
    return _table(("", ""), rows)


def _process(comparison: Comparison) -> str:
    return _table(_heading("figure"), [_row(name, comparison.row(figure)) for name, figure in PROCESS.items()])


def _cases(comparison: Comparison, figure: Callable[[Case], Figure]) -> str:
    return _table(_heading("case"), [_row(case.value, comparison.row(figure(case))) for case in Case])


def _calls(comparison: Comparison) -> str:
    rows = []
    for case in Case:
        ours, baseline = (_same_calls(turns, case) for turns in (comparison.ours, comparison.baseline))
        rows.append((case.value, _counted(ours), _counted(baseline)))
    return _table(("case", OURS, BASELINE), rows)


def _caution(comparison: Comparison) -> str:
    one, ten = (
        comparison.row(lambda turn, case=case: turn.wall_ms(case)) for case in (Case.DISTANT, Case.DISTANT_BATCH)
    )
    return (
        "**Read the ratios together with the time of an AWS call.** The local AWS is on the same machine. AWS itself "
        "is farther away, and the longer a call takes, the more the calls that wait for one another decide, and the less "
        f"the language does. With {DISTANCE_MS} ms added to each call, one warm request took {_spread(one.ours)} ms against "
        f"{_spread(one.baseline)} ms, {one.ratio.middle:.2f} times; ten in one batch {_spread(ten.ours)} ms against "
        f"{_spread(ten.baseline)} ms, {ten.ratio.middle:.3f} times."
    )


def _same_calls(turns: list[Turn], case: Case) -> Counter[str]:
    found = {tuple(sorted(turn.calls(case).items())) for turn in turns}
    if len(found) != 1:
        raise NotDone(f"{case.value}: the rounds made different calls: {found}")
    return Counter(dict(found.pop()))


def _counted(calls: Counter[str]) -> str:
    order = [*(name for name in OPERATIONS if name in calls), *sorted(calls.keys() - OPERATIONS.keys())]
    listed = [
        OPERATIONS.get(name, name) if calls[name] == 1 else f"{calls[name]} {OPERATIONS.get(name, name)}"
        for name in order
    ]
    return f"{calls.total()}: {', '.join(listed)}"


def _heading(first: str) -> tuple[str, ...]:
    return (first, f"{OURS}: median (min–max)", f"{BASELINE}: median (min–max)", f"{OURS} / {BASELINE}")


def _row(name: str, row: Row) -> tuple[str, ...]:
    return (name, _spread(row.ours), _spread(row.baseline), _spread(row.ratio, digits=3))


def _spread(spread: Spread, digits: int | None = None) -> str:
    places = digits if digits is not None else (2 if spread.middle < 10 else 1 if spread.middle < 100 else 0)
    return f"{spread.middle:.{places}f} ({spread.least:.{places}f}–{spread.most:.{places}f})"


def _table(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heading, tuple("---" for _ in heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
