"""The local AWS (tests/emulator) as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emulator.clients import HUB, REGION, client, control

from .waiting import wait_until

TESTS = Path(__file__).resolve().parents[1]
START_SECONDS = 120.0
STOP_SECONDS = 30.0
# Names the file to which it appends what roles call, and may; tests/conftest.py sets it.
RECORD = "DRAWBRIDGE_RECORDED_CALLS"
# Tests tidy up after each other; AWS lets a queue be purged once a minute.
PURGE_ANY_TIME = {"MOTO_SQS_ENFORCE_STRICT_QUEUE_PURGE_BEHAVIOUR": "false"}


class NotStarted(Exception):
    """The local AWS ended before it was ready."""


class LocalAws:
    """A running local AWS."""

    def __init__(self, url: str, pid: int, log: Path) -> None:
        self.url = url
        self.pid = pid
        self.log = log

    def client(self, service: str, account: str = HUB, region: str = REGION) -> Any:
        """A boto3 client that acts as `account`."""
        return client(self.url, service, account, region)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control API; a refusal raises."""
        return control(self.url, method, path, body)

    def calls(self, **filters: str | int) -> list[dict[str, Any]]:
        """The logged API calls that match, in order."""
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return self.control("GET", f"calls?{query}")["calls"]

    def last_call(self) -> int:
        """The number of the latest API call: `after` for what comes later."""
        return max((call["seq"] for call in self.calls()), default=0)

    def environment(self, account: str = HUB, region: str = REGION) -> dict[str, str]:
        """Variables by which the aws CLI acts as `account` here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def local_aws() -> Iterator[LocalAws]:
    """A local AWS that ends with the block (or with this process)."""
    process, aws = start()
    try:
        yield aws
    finally:
        stop(process, aws)


def start(outlive: bool = False) -> tuple[subprocess.Popen[bytes], LocalAws]:
    """Start it on a free port; `outlive`: it goes on when this process ends."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    descriptor, name = tempfile.mkstemp(prefix="drawbridge-local-aws-", suffix=".log")
    command = [sys.executable, "-m", "emulator", "--port", "0", *(["--outlive-parent"] if outlive else [])]
    if os.environ.get(RECORD):
        command += ["--record", os.environ[RECORD]]
    with os.fdopen(descriptor, "wb") as output:
        process = subprocess.Popen(
            command,
            env={**inherited, **PURGE_ANY_TIME, "PYTHONPATH": str(TESTS)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A Ctrl-C is for whoever started it; that one ends it in order.
            start_new_session=True,
        )
    log = Path(name)
    try:
        url = wait_until("the local AWS is ready", lambda: _ready(process, log), START_SECONDS, log.read_text)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process, LocalAws(url, process.pid, log)


def stop(process: subprocess.Popen[bytes], aws: LocalAws) -> None:
    """End it, and the functions that run in it."""
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    aws.log.unlink(missing_ok=True)


def _ready(process: subprocess.Popen[bytes], log: Path) -> str | None:
    lines = log.read_text().splitlines()
    if process.poll() is not None:
        raise NotStarted(f"the local AWS ended with {process.returncode}:\n" + "\n".join(lines))
    return next((line.removeprefix("ready ") for line in lines if line.startswith("ready ")), None)
