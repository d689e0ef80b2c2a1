# SPDX-License-Identifier: GPL-3.0-or-later
"""Time ``buildcheck compile --each`` beside the compilers themselves, run for the same files and nothing else.

The peer is a shell script with one line for each time that a compiler has to run: for each unit and
compiler, each state of the files that the unit is made of. It has no cache, no link and no diagnostics to read.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from typing import TYPE_CHECKING

from buildcheck.builds import Builder
from buildcheck.compiler import WARNINGS, Compiled
from buildcheck.generator import Generator
from buildcheck.recipes import MARKER
from buildcheck.store import Store
from buildcheck.subject import Subject
from measure import BenchError, Command, Row, alternate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["compiling"]

_FRESH = ("memory", "objects", "trees", "blobs")
"""What the first run has not: the run time for Axis2/C is built once for all series, and stays."""


def compiling(root: Path, patches: Path, scratch: Path, rounds: int) -> Iterator[Row]:
    """Yield what the first and the second run of compile on each prefix take.

    :raises BenchError: a command does not do its work.
    """
    reference = root / "tests/c/reference"
    cache = scratch / "compile-cache"
    script = scratch / "compilers.sh"
    script.write_text("".join(_lines(reference, patches, scratch / "peer-cache")), encoding="utf-8")
    words = ("-m", "buildcheck", "compile", "--each", "--quiet", "--upstream", reference, "--patches", patches)
    environment = {"XDG_CACHE_HOME": str(cache)}

    def forget() -> None:
        for name in _FRESH:
            shutil.rmtree(cache / "buildcheck" / name, ignore_errors=True)

    first = Command("compile-first", (sys.executable, *words), root, forget, environment=environment)
    second = Command("compile-second", (sys.executable, *words), root, environment=environment)
    peer = Command("compilers", ("sh", "-e", script), scratch)
    alternate([second], 1)  # the run time for Axis2/C
    found = {name: median.seconds for name, median in alternate([first, second, peer], rounds).items()}
    yield Row("compile of all prefixes", found["compile-first"], "the compilers alone", found["compilers"], 1.5)
    yield Row("compile, nothing changed", found["compile-second"], "the first run", found["compile-first"], 0.1)


def _lines(reference: Path, patches: Path, cache: Path) -> Iterator[str]:
    """Yield a line of shell for each time that a compiler has to run."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(cache)
    try:
        subject = Subject.of_series(str(reference), patches, "series", Store.usual(), each=True)
    finally:
        del os.environ["XDG_CACHE_HOME"]
        if before is not None:
            os.environ["XDG_CACHE_HOME"] = before
    builder = Builder(subject, Generator(subject.store))
    builder.builds()
    yield f"made={shlex.quote(str(cache / 'made.o'))}\n"
    for (name, unit), results in builder.done.items():
        for number, result in results.items():
            if not isinstance(result, Compiled):
                msg = f"{name} on {unit.path}: {result.message}"
                raise BenchError(msg)
            if not result.fresh:
                continue
            folder = builder.stages[number].folder()
            ours = (word.replace(MARKER, str(folder)) for word in (*unit.arguments, *WARNINGS))
            what = '-c -o "$made"' if name == "gcc" else "-fsyntax-only"
            yield f"cd {shlex.quote(str(folder / unit.folder))} && {name} {shlex.join(ours)} {what} {unit.source}\n"
