"""`python -m benchmark`: measure, print the tables, and with `--write` put them into docs/performance.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from deployment.local_aws import LocalAws, local_aws

from .comparison import Comparison
from .contestants import BASELINE, OURS, baseline, ours
from .document import PERFORMANCE, fill
from .handler import HandlerFailed
from .machine import Binary, Machine
from .tables import write
from .turn import Repeats, Turn, play
from .world import NotDone, World

ROOT = Path(__file__).resolve().parents[2]
RELEASE = Path("target/lambda-release/accept-connections/bootstrap")
COMMAND = "PYTHONPATH=tests .venv/bin/python -m benchmark"
SECTION = "handlers"
ONCE = Repeats(warm=1, duplicate=1, batch=1, distant=1)


def main() -> int:
    """Run the benchmark."""
    arguments = _arguments()
    binary = (ROOT / arguments.binary).resolve()
    if not binary.is_file():
        print(f"{arguments.binary} is not there; `make bench` builds it.", file=sys.stderr)
        return 2
    machine = Machine.here()
    try:
        comparison = _compare(binary, arguments.rounds, Repeats(warm=arguments.warm))
    except (HandlerFailed, NotDone) as error:
        print(f"The benchmark stops: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("The benchmark was interrupted.", file=sys.stderr)
        return 130
    command = " ".join([COMMAND, *sys.argv[1:]])
    tables = write(comparison, machine, Binary.read(binary, str(arguments.binary)), command)
    print(tables)
    if arguments.write:
        PERFORMANCE.write_text(fill(PERFORMANCE.read_text(), SECTION, tables))
        print(f"Written to {PERFORMANCE.relative_to(ROOT)}.", file=sys.stderr)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmark", description=__doc__)
    parser.add_argument("--rounds", type=_at_least_one, default=7, help="turns of each handler (default 7)")
    parser.add_argument("--warm", type=_at_least_one, default=20, help="warm invocations in a turn (default 20)")
    parser.add_argument("--binary", type=Path, default=RELEASE, help=f"the function (default {RELEASE})")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    return parser.parse_args()


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _compare(binary: Path, rounds: int, repeats: Repeats) -> Comparison:
    turns: dict[str, list[Turn]] = {OURS: [], BASELINE: []}
    with local_aws() as aws, tempfile.TemporaryDirectory(prefix="drawbridge-benchmark-") as documents:
        folder = Path(documents)
        for name in turns:
            # Not counted: the local AWS loads much of itself when it is first used.
            print(f"warming up: {name}", file=sys.stderr, flush=True)
            _play(name, binary, folder, aws, ONCE)
        for number in range(rounds):
            # Whoever begins finds the machine as the other one left it: take turns at that, too.
            order = (OURS, BASELINE) if number % 2 == 0 else (BASELINE, OURS)
            for name in order:
                print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr, flush=True)
                turns[name].append(_play(name, binary, folder, aws, repeats))
    return Comparison(turns[OURS], turns[BASELINE])


def _play(name: str, binary: Path, documents: Path, aws: LocalAws, repeats: Repeats) -> Turn:
    world = World(aws)
    handler = ours(binary, documents, world.organization_id) if name == OURS else baseline()
    return play(handler, world, repeats)


if __name__ == "__main__":
    sys.exit(main())
