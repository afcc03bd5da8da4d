"""A running emulator, as tests see it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..clients import HUB, REGION, client, control

TESTS = Path(__file__).resolve().parents[2]


class RunningEmulator:
    """A running emulator: its address and its control API."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control API; a refusal raises."""
        return control(self.url, method, path, body)

    def calls(self, **filters: str) -> list[dict[str, Any]]:
        """The logged calls that match."""
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return self.control("GET", f"calls?{query}")["calls"]

    def client(
        self,
        service: str,
        account: str = HUB,
        region: str = REGION,
        credentials: dict[str, str] | None = None,
        attempts: int = 1,
    ) -> Any:
        """A boto3 client that acts as `account`, or with the credentials that AssumeRole gave."""
        return client(self.url, service, account, region, credentials, attempts)


def start_emulator(*options: str) -> tuple[subprocess.Popen[str], str]:
    """Start `python -m emulator --port 0` and wait for its last line."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "--port", "0", *options],
        env={**environment, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready "):
            return process, line.split()[1]
    raise RuntimeError(f"the emulator ended with {process.wait()} before it was ready")
