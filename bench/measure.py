# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands timed in turn, and the table of their ratios.

Ours and its peers alternate in one run, so that what else the machine does falls on all of them;
what counts is the median of each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Command", "Median", "Row", "alternate", "table"]


class BenchError(Exception):
    """A command did not do what is timed; its time would say nothing."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command to time.

    :param prepare: is done before each run and not timed; :param check: sees after it that the work was done.
    """

    name: str
    words: Sequence[str | Path]
    folder: Path
    prepare: Callable[[], object] = lambda: None
    check: Callable[[bytes], bool] = lambda _: True
    environment: Mapping[str, str] = field(default_factory=dict)
    status: int = 0


@dataclass(frozen=True, slots=True)
class Median:
    """The medians of the runs of one command: seconds of the clock, and bytes of memory at its peak."""

    seconds: float
    peak: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: our number, a peer's, and the ratio of the two that is the target at most.

    :param target: None where there is none.
    """

    what: str
    ours: float
    peer: str
    theirs: float
    target: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """Our number for one of theirs; a number below the clock's resolution counts as that."""
        return max(self.ours, 0.0) / max(self.theirs, 1e-4)

    @property
    def missed(self) -> bool:
        """Whether there is a target, and the ratio is above it."""
        return self.target is not None and self.ratio > self.target


def alternate(commands: Sequence[Command], rounds: int) -> dict[str, Median]:
    """Run the commands in turn, *rounds* times, and return the medians by name.

    :raises BenchError: a command fails, or does not do its work.
    """
    runs: dict[str, list[tuple[float, int]]] = {command.name: [] for command in commands}
    for at in range(rounds):
        for command in commands:
            if sys.stderr.isatty():
                print(f"\r\033[K{at + 1}/{rounds} {command.name}", end="", file=sys.stderr, flush=True)
            runs[command.name].append(_run(command))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return {
        name: Median(median(seconds for seconds, _ in done), round(median(peak for _, peak in done)))
        for name, done in runs.items()
    }


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a table, each missed target marked."""
    cells = [("what", "ours", "beside", "theirs", "ratio", "target", "")]
    for row in rows:
        target = "" if row.target is None else f"<= {row.target:g}"
        verdict = "missed" if row.missed else "met" if target else ""
        numbers = (_number(row.ours, row.unit), row.peer, _number(row.theirs, row.unit))
        cells.append((row.what, *numbers, f"{row.ratio:.2f}", target, verdict))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    to_the_left = {0, 2, 6}
    return "".join(
        "  ".join(
            cell.ljust(width) if at in to_the_left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in cells
    )


def _number(value: float, unit: str) -> str:
    return f"{value / (1 << 20):.0f} MB" if unit == "B" else f"{value:.3f} {unit}"


def _run(command: Command) -> tuple[float, int]:
    """Return the seconds and the peak in bytes of one run; of a command with children, the largest one's."""
    command.prepare()
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own commands
        command.words,
        cwd=command.folder,
        env=os.environ | command.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != command.status or not command.check(output):
        said = output.decode("utf-8", "replace")[-2000:]
        msg = f"{command.name} did not do its work (status {process.returncode}):\n{said}"
        raise BenchError(msg)
    return seconds, usage.ru_maxrss << 10
