# SPDX-License-Identifier: GPL-3.0-or-later
"""Time patchgen and buildcheck beside their peers, and print the ratios (`make bench`).

spatch does the two widest edits only, ripgrep searches for the names only; patchgen renders the
whole series and proves it with GNU patch each time. The compilers run for the same files as
buildcheck's, and nothing else; libxml2 by hand is what a careful person writes. Exit status: 0 every target met, 1 one missed,
2 something could not be timed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

import clutter
from buildcheck.adb import AdbError
from compile import compiling
from generators import generating
from guests import starts
from measure import BenchError, Command, Row, alternate, table
from patchgen.findings import PatchgenError
from patchgen.semantic import parsed
from patchgen.shelf import SemanticFolder
from proving import proving
from soap import round_trips

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "tests/c/reference"
PYTHON = sys.executable
MEMORY = 500 << 20
WIDE = 8
"""Files that the two widest edits change, at least."""

_QUILT = """
set -e
export QUILT_PATCHES={patches}
cd {one} && quilt --quiltrc=- push -aq --fuzz=0
cd {two} && for patch in $(quilt --quiltrc=- series); do quilt --quiltrc=- push -q; quilt --quiltrc=- refresh; done
"""


class Bench:
    """The commands, in a scratch folder."""

    def __init__(self, scratch: Path, semantic: Path) -> None:
        self.scratch = scratch
        self.semantic = semantic
        self.names = sorted(
            {word.decode() for patch in parsed(SemanticFolder.open(semantic)) for word in patch.words_everywhere()}
        )
        self.rules = scratch / "two.cocci"
        rules = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.cocci"))]
        self.rules.write_text("\n".join(rules), encoding="utf-8")

    def refresh(self, name: str, tree: Path, *, first: bool = True, memory: bool = True) -> Command:
        """Return a refresh on *tree*: from nothing, or again, with or without what the last one remembered."""
        patches, cache = self.scratch / f"patches-{tree.name}", self.scratch / f"cache-{tree.name}"

        def prepare() -> None:
            if first:
                shutil.rmtree(patches, ignore_errors=True)
            if first or not memory:
                shutil.rmtree(cache, ignore_errors=True)

        words = ("-m", "patchgen", "refresh", "--upstream", tree, "--semantic", self.semantic, "--patches", patches)
        ending = b"\nwrote " if first else b"nothing to write\n"
        return Command(
            name, (PYTHON, *words), ROOT, prepare, lambda said: ending in said, {"XDG_CACHE_HOME": str(cache)}
        )

    def spatch(self, name: str, tree: Path) -> Command:
        """Return spatch with the two widest edits on *tree*."""
        words = ("spatch", "--very-quiet", "--sp-file", self.rules, "--dir", tree)
        return Command(name, words, self.scratch, check=lambda said: said.count(b"\n+++ ") >= WIDE)

    def ripgrep(self, name: str, folder: Path) -> Command:
        """Return ripgrep that searches *folder* for every name of the series, and finds none."""
        names = [word for text in self.names for word in ("-e", text)]
        return Command(name, ("rg", "--fixed-strings", "--word-regexp", "--no-ignore", *names, folder), ROOT, status=1)

    def quilt(self, name: str, patches: Path) -> Command:
        """Return a push of the whole series, and a push and refresh of each patch on another copy."""
        one, two, copy = (self.scratch / place for place in ("quilt-one", "quilt-two", "quilt-patches"))

        def prepare() -> None:
            for place, source in ((one, REFERENCE), (two, REFERENCE), (copy, patches)):
                shutil.rmtree(place, ignore_errors=True)
                shutil.copytree(source, place)

        script = _QUILT.format(patches=copy, one=one, two=two)
        return Command(name, ("sh", "-c", script), self.scratch, prepare, lambda _: (two / ".pc").is_dir())


def start_up(rounds: int) -> Iterator[Row]:
    """Yield what it takes before any work is done."""
    engine = "import patchgen.refresh, patchgen.cache, patchgen.edits as e; e.kinds()"
    python = Command("python", (PYTHON, "-c", "pass"), ROOT)
    version = Command("version", (PYTHON, "-m", "patchgen", "--version"), ROOT)
    imports = Command("imports", (PYTHON, "-c", engine), ROOT)
    spatch = Command("spatch", ("spatch", "--version"), ROOT)
    found = alternate([python, version, imports, spatch], rounds)
    yield Row("start-up: patchgen --version", found["version"].seconds, "spatch --version", found["spatch"].seconds)
    yield Row(
        "start-up: every import of a refresh", found["imports"].seconds, "python -c pass", found["python"].seconds
    )


def reference(bench: Bench, rounds: int) -> Iterator[Row]:
    """Yield the whole series on the reference tree."""
    first = bench.refresh("first", REFERENCE)
    alternate([first], 1)  # the series for quilt
    patches = bench.scratch / "patches-pushed"
    shutil.copytree(bench.scratch / f"patches-{REFERENCE.name}", patches)
    commands = [
        first,
        bench.refresh("second", REFERENCE, first=False),
        bench.refresh("forgetful", REFERENCE, first=False, memory=False),
        bench.spatch("spatch", REFERENCE),
        bench.quilt("quilt", patches),
    ]
    found = {name: median.seconds for name, median in alternate(commands, rounds).items()}
    yield Row("refresh of the series", found["first"], "spatch, two edits", found["spatch"], 1.0)
    yield Row("refresh of the series", found["first"], "quilt push -a, push and refresh each", found["quilt"], 0.5)
    yield Row("second refresh, nothing changed", found["second"], "first refresh", found["first"], 0.5)
    yield Row("the same, its memory lost", found["forgetful"], "first refresh", found["first"])


def among_others(bench: Bench, sizes: tuple[int, ...], rounds: int) -> Iterator[Row]:
    """Yield the reference tree among other files: ours beside spatch, what they add beside ripgrep, and the memory."""
    alone = bench.refresh("alone", REFERENCE)
    per_file: list[tuple[int, float]] = []
    for size in sizes:
        tree = bench.scratch / f"among-{size}"
        shutil.copytree(REFERENCE, tree)
        clutter.write(tree / "other", size)
        commands = [
            alone,
            bench.refresh("ours", tree),
            bench.spatch("spatch", tree),
            bench.ripgrep("ripgrep", tree / "other"),
        ]
        found = alternate(commands, rounds)
        last = size == sizes[-1]
        among = f"among {size:,} other files"
        added = found["ours"].seconds - found["alone"].seconds
        per_file.append((size, added / size))
        yield Row(f"refresh {among}", found["ours"].seconds, "spatch", found["spatch"].seconds, 0.1 if last else None)
        yield Row(f"time added {among}", added, "ripgrep", found["ripgrep"].seconds, 8 if last else None)
        yield Row(f"memory {among}", found["ours"].peak, "the bound", MEMORY, 1 if last else None, "B")
        shutil.rmtree(tree)
    (_, before), (size, after) = per_file[-2:]
    yield Row(f"per 1,000 of {size:,} files", after * 1000, f"per 1,000 of {size // 10:,}", before * 1000, 1.5)


def main() -> int:
    """Print the table; return the exit status."""
    arguments = ArgumentParser(description="Time patchgen and buildcheck beside their peers.")
    arguments.add_argument("--rounds", type=int, default=5, help="runs of each command (default: 5)")
    arguments.add_argument("--semantic", type=Path, default=ROOT / "semantic", help="the semantic patches to render")
    given = arguments.parse_args()
    peers = (("spatch", "--version"), ("quilt", "--version"), ("rg", "--version"), ("patch", "--version"))
    try:
        for words in peers:
            said = subprocess.run(words, capture_output=True, text=True, check=True).stdout  # noqa: S603
            print(f"{words[0]}: {said.splitlines()[0]}")
        print(
            f"{os.cpu_count()} cores; medians of {given.rounds} runs in turn; at most the target is met\n", flush=True
        )
        with tempfile.TemporaryDirectory(prefix="patchgen-bench-") as scratch:
            bench = Bench(Path(scratch), given.semantic.resolve())
            rows = [*start_up(given.rounds), *reference(bench, given.rounds)]
            few = max(1, given.rounds // 2 + 1)
            rows += among_others(bench, (100, 1_000, 10_000), few)
            rows += [*round_trips(ROOT, bench.scratch), *compiling(ROOT, ROOT / "patches", bench.scratch, few)]
            rows += proving(ROOT, ROOT / "patches", bench.scratch, few)
            rows += starts(ROOT, bench.scratch, few)
            rows += generating(ROOT, ROOT / "patches", bench.scratch, given.rounds)
    except (AdbError, BenchError, OSError, PatchgenError, subprocess.CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(table(rows), end="")
    return int(any(row.missed for row in rows))


if __name__ == "__main__":
    sys.exit(main())
