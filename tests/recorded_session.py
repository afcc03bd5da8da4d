"""At the end of the tests: did each role do what its policies let it, and nothing else?

End-to-end tests have the local AWS write down what roles do, each worker of pytest-xdist into a file of its own. The process
that reports puts the files together and asks infra/recorded_calls.py. When a part of the tests ran, what roles did not do
proves nothing, and only the other direction is asked.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from deployment.local_aws import RECORD
from infra.recorded_calls import disagreement, in_files, policies
from infra.unreached import UNREACHED

KEY = "recorded_calls"
# By which a part of the tests is chosen.
CHOOSING = ("keyword", "markexpr", "deselect", "lf", "maxfail")


def record(config: pytest.Config, folder: Path) -> None:
    """Have what is started by this process write into a file of its own."""
    worker = getattr(config, "workerinput", {}).get("workerid", "single")
    os.environ[RECORD] = str(folder / f"{worker}.jsonl")


class RecordedSession:
    """What ran, and what is wrong in the end; for the process that reports."""

    def __init__(self, end_to_end: Path, folder: Path) -> None:
        self._files = {path.relative_to(end_to_end.parent) for path in end_to_end.rglob("test_*.py")}
        self._root, self.folder = end_to_end.parent, folder
        self._passed: set[Path] = set()
        self._failed: set[Path] = set()
        self.told: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker where to write."""
        node.workerinput[KEY] = str(self.folder)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember which files ran, and where something failed or was passed over."""
        file = Path(report.nodeid.partition("::")[0])
        known = next((path for path in self._files if file.parts[-len(path.parts) :] == path.parts), None)
        if known is not None and not report.passed:
            self._failed.add(known)
        elif known is not None and report.when == "call":
            self._passed.add(known)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Compare; a disagreement is a failure."""
        files = sorted(self.folder.glob("*.jsonl"))
        if not files:
            return
        part = self.part(session.config)
        wrong = disagreement(in_files(files), policies(), UNREACHED, whole=part is None)
        asked = "in both directions" if part is None else f"in one direction, as {part}"
        self.told = [*wrong, f"what roles did was compared with their policies {asked}: {len(wrong)} disagreements"]
        if wrong:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was found."""
        if self.told:
            terminalreporter.section("least privilege")
            terminalreporter.write("\n".join(self.told) + "\n")

    def part(self, config: pytest.Config) -> str | None:
        """Why not all end-to-end tests have shown what they can; None when they have."""
        chosen = [name for name in CHOOSING if config.getoption(name, None)]
        if chosen or any("::" in argument for argument in config.args):
            return f"a part of the tests was chosen ({', '.join(chosen) or '::'})"
        if self._failed:
            return f"tests of {min(self._failed)} failed or were skipped"
        left = self._files - self._passed
        return f"{min(left)} did not run" if left else None
