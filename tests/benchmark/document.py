"""Sections of docs/performance.md that hold measurements: between `<!-- measured: NAME -->` and `<!-- end: NAME -->`."""

from __future__ import annotations

from pathlib import Path

PERFORMANCE = Path(__file__).resolve().parents[2] / "docs/performance.md"


class NoSuchSection(Exception):
    """A document has no such section, or more than one."""


def fill(document: str, section: str, text: str) -> str:
    """The document with `text` as the section's whole content."""
    start, end = f"<!-- measured: {section} -->", f"<!-- end: {section} -->"
    if document.count(start) != 1 or document.count(end) != 1 or document.index(start) > document.index(end):
        raise NoSuchSection(f"there must be {start} and, after it, {end}, once each")
    before, rest = document.split(start)
    after = rest.split(end)[1]
    return f"{before}{start}\n\n{text.strip()}\n\n{end}{after}"
