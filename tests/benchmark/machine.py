"""Where and with what a run was made."""

from __future__ import annotations

import os
import platform
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import boto3


@dataclass(frozen=True)
class Machine:
    """The machine, as it was when the run began."""

    when: str
    model: str
    cores: int
    memory_gib: float
    kernel: str
    load: float
    python: str
    boto3: str

    @classmethod
    def here(cls) -> Machine:
        """This machine now."""
        return cls(
            when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            model=_processor(),
            cores=os.cpu_count() or 1,
            memory_gib=int(_field(Path("/proc/meminfo"), "MemTotal").split()[0]) / 2**20,
            kernel=platform.release(),
            load=os.getloadavg()[0],
            python=platform.python_version(),
            boto3=boto3.__version__,
        )


@dataclass(frozen=True)
class Binary:
    """A built function."""

    name: str
    bytes: int
    zipped_bytes: int

    @classmethod
    def read(cls, path: Path, name: str) -> Binary:
        """Its sizes; the zip is made as cargo-lambda makes it, with deflate at the usual level."""
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, "bootstrap")
        return cls(name, path.stat().st_size, len(packed.getvalue()))


def _processor() -> str:
    # Not every architecture tells the model.
    try:
        return _field(Path("/proc/cpuinfo"), "model name")
    except LookupError:
        return platform.machine()


def _field(file: Path, name: str) -> str:
    for line in file.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    raise LookupError(f"{file} has no {name!r}")
