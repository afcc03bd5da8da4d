"""Output that reads the same in a terminal, in a file and without colours."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

BOLD, DIM, GREEN, YELLOW, RED = "1", "2", "32", "33", "31"
TICK_SECONDS = 1.0
INDENT = " " * 12


class Screen:
    """Where the demo writes. Colours only underline what the words say already."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self.live = out.isatty() and os.environ.get("TERM", "") != "dumb"
        self.coloured = self.live and not os.environ.get("NO_COLOR")

    def paint(self, text: str, colour: str) -> str:
        """The text in a colour, if there are colours."""
        return f"\033[{colour}m{text}\033[0m" if self.coloured else text

    def line(self, text: str = "") -> None:
        """One line."""
        with self._lock:
            print(text, file=self._out, flush=True)

    def title(self, text: str) -> None:
        """The heading of a part."""
        self.line(f"\n{self.paint(text, BOLD)}\n")

    def told(self, word: str, text: str, colour: str = "") -> None:
        """Something that happened, after a word that says of what kind it is."""
        shown = word.ljust(9)
        self.line(f"  {self.paint(shown, colour) if colour else shown} {text}")

    def happens(self, text: str) -> None:
        """Something that accounts do."""
        self.told("happens", text)

    def detail(self, text: str) -> None:
        """More of what was told."""
        self.line(f"{INDENT}{text}")

    def heading(self, text: str) -> None:
        """What the details are that follow."""
        self.line(self.paint(f"{INDENT}# {text}", DIM))

    def verdict(self, well: str, wrong: str) -> bool:
        """How it stands now; whether nothing is wrong."""
        self.line(self.paint(f"  WRONG: {wrong}", RED) if wrong else self.paint(f"  {'now'.ljust(9)} {well}", GREEN))
        return not wrong

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Columns, the first row as heading."""
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for number, row in enumerate(rows):
            text = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            self.line(f"  {self.paint(text, BOLD) if number == 0 else text}")
            if number == 0:
                self.line("  " + "  ".join("-" * width for width in widths))

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """A step that takes a while: says that it began, that it goes on, and how long it took."""
        began, ended = time.monotonic(), threading.Event()
        self._write(f"  {what} ...")
        ticker = threading.Thread(target=self._tick, args=(what, began, ended), daemon=True)
        ticker.start()
        outcome = "did not end well"
        try:
            yield
            outcome = "done"
        finally:
            ended.set()
            ticker.join()
            took = f"{outcome} ({time.monotonic() - began:.1f} s)"
            self._write(f"\r\033[K  {what} ... {took}\n" if self.live else f" {took}\n")

    @contextmanager
    def steps(self) -> Iterator[Steps]:
        """Several steps, each of which ends when the next begins."""
        steps = Steps(self)
        try:
            yield steps
        except BaseException as error:
            steps.end(error)
            raise
        steps.end()

    def _tick(self, what: str, began: float, ended: threading.Event) -> None:
        while self.live and not ended.wait(TICK_SECONDS):
            self._write(f"\r\033[K  {what} ... {time.monotonic() - began:.0f} s")

    def _write(self, text: str) -> None:
        with self._lock:
            self._out.write(text)
            self._out.flush()


class Steps:
    """Steps one after the other."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._current = None

    def next(self, what: str) -> None:
        """The step before is done; this one begins."""
        self.end()
        self._current = self._screen.step(what)
        self._current.__enter__()

    def end(self, error: BaseException | None = None) -> None:
        """The last step is over."""
        current, self._current = self._current, None
        if current is not None:
            current.__exit__(type(error) if error else None, error, None)
