"""How tests are shared out when several workers run them (`pytest -n`): what is made for many of them is made by one worker.

`--dist loadgroup` of pytest-xdist would need no code, but with this pytest it doesn't heed the groups. And what they show
together in the end: recorded_session.py.
"""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from recorded_session import KEY, RecordedSession, record
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

END_TO_END = Path(__file__).parent / "end_to_end"


class SharedDeployments(LoadScopeScheduling):
    """A folder of `end_to_end` shares a deployed Drawbridge; elsewhere a file shares what it has read."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.partition("::")[0])
        return str(file.parent if END_TO_END.name in file.parts else file)


def pytest_configure(config: pytest.Config) -> None:
    """What roles do is written down by all workers, and looked at by the process that reports."""
    if hasattr(config, "workerinput"):
        record(config, Path(config.workerinput[KEY]))
        return
    folder = tempfile.TemporaryDirectory(prefix="drawbridge-recorded-calls-")
    config.add_cleanup(folder.cleanup)
    config.pluginmanager.register(RecordedSession(END_TO_END, Path(folder.name)))
    record(config, Path(folder.name))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Any:
    """Ours, whatever `--dist` says."""
    return SharedDeployments(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest, and waits most, comes first, so that the rest is done beside it."""
    items.sort(key=lambda item: not item.path.is_relative_to(END_TO_END))
