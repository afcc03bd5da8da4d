"""Fixtures of the emulator's own tests: the server as a process, clients that act as an account, an Organization, and two parties."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .organization import MEMBER, Organization
from .parties import CONSUMER, PROVIDER, Party
from .running import HUB, RunningEmulator, start_emulator
from .stack_templates import StackOf

__all__ = ["HUB", "RunningEmulator"]


@pytest.fixture(scope="session")
def emulator_process() -> Iterator[RunningEmulator]:
    """One server for the whole session; `emulator` empties it for each test."""
    process, url = start_emulator()
    yield RunningEmulator(url)
    process.terminate()
    process.wait(timeout=60)


@pytest.fixture
def emulator(emulator_process: RunningEmulator) -> RunningEmulator:
    """An empty local AWS."""
    emulator_process.control("POST", "reset")
    return emulator_process


@pytest.fixture(name="client")
def account_client(emulator: RunningEmulator) -> Callable[..., Any]:
    """`client(service, account=…, region=…)`: a boto3 client of the empty local AWS."""
    return emulator.client


@pytest.fixture
def stack(client: Callable[..., Any]) -> StackOf:
    """A stack of the empty local AWS, not made yet."""
    return StackOf(client)


@pytest.fixture
def provider(emulator: RunningEmulator) -> Party:
    """The account that offers endpoint services."""
    return Party(emulator, PROVIDER)


@pytest.fixture
def consumer(emulator: RunningEmulator) -> Party:
    """An account that the provider's services let in by default."""
    return Party(emulator, CONSUMER)


@pytest.fixture
def organization(emulator: RunningEmulator) -> Organization:
    """An Organization with the hub and a member."""
    return Organization(emulator, HUB, MEMBER)
