"""A function's deployment package on disk, as Lambda lays it out below /var/task."""

from __future__ import annotations

import hashlib
import io
import shutil
import stat
import tempfile
import threading
import zipfile
from pathlib import Path

PERMISSION_BITS = 0o777


class Packages:
    """Unpacked packages, one folder for each content."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._root: Path | None = None

    def unpack(self, content: bytes) -> Path:
        """The folder with the package's files; their permissions are those in the archive."""
        digest = hashlib.sha256(content).hexdigest()
        with self._lock:
            if self._root is None:
                self._root = Path(tempfile.mkdtemp(prefix="emulator-functions-"))
            folder = self._root / digest
            if not folder.exists():
                unfinished = self._root / f"{digest}.unfinished"
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir()
                _extract(content, unfinished)
                unfinished.rename(folder)
            return folder

    def remove(self) -> None:
        """Delete all folders."""
        with self._lock:
            if self._root is not None:
                shutil.rmtree(self._root, ignore_errors=True)
                self._root = None


def _extract(content: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, folder))
            # zipfile drops permissions; without the x bit `bootstrap` can't be started, on AWS too.
            permissions = (entry.external_attr >> 16) & PERMISSION_BITS
            if not entry.is_dir():
                path.chmod(permissions or stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH)


def is_package(content: bytes) -> bool:
    """Whether Lambda would take the bytes for a deployment package."""
    return zipfile.is_zipfile(io.BytesIO(content))
