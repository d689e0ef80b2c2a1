# SPDX-License-Identifier: GPL-3.0-or-later
"""Make wrong series of the right one, and see which check notices each, and how fast (`make mutants`).

Exit status: 0 every one was caught; 1 one survived, or was caught by a message that does not say where; 2 the right
series has errors, or a check cannot do its work.
"""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutating.equivalent import Equivalents
from mutating.hunt import Caught, Hunter, WrongAlreadyError
from mutating.mutant import Mutant, chosen
from patchgen.config import settle
from patchgen.findings import PatchgenError, printable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[1]
EACH = 7
"""Mutants of each operator, where not all are wanted."""


def main(words: Sequence[str] | None = None) -> int:
    """Hunt; return the exit status."""
    given = _arguments(words)
    start = time.monotonic()
    try:
        hunter = _hunter(given)
        equivalents = Equivalents.read(ROOT / "bench/mutating/equivalent.toml")
        picked = [one for one in chosen(hunter.right, given.each) if given.only in one.name]
        picked = [one for one in picked if not given.operators or one.operator in given.operators]
        picked = sorted(picked, key=lambda one: one.name)[: given.sample] if given.sample else picked
        alike = [(one, equivalents.reason(one)) for one in picked]
        if given.list:
            _list(alike)
            return 0
        _say(f"{len(picked)} mutants; checks, the cheapest first: {', '.join(hunter.names)}")
        hunter.prepare(_say)
        results = _hunt(given, [one for one, reason in alike if not reason])
    except (PatchgenError, WrongAlreadyError) as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    print(_table(results))
    for mutant, reason in alike:
        if reason:
            print(f"equivalent, and not counted: {mutant.name} at {_place(mutant)}: {reason}")
    for line in equivalents.unused(hunter.right):
        print(line)
    survivors = [mutant for mutant, caught in results if not caught.check]
    elsewhere = [mutant for mutant, caught in results if caught.check and (not caught.near or not caught.near.place)]
    for mutant in survivors:
        print(f"SURVIVED: {mutant.name} at {_place(mutant)}\n{_diff(mutant)}")
    print(_summary(results), f"in {time.monotonic() - start:.0f} s", sep=", ")
    if given.json:
        given.json.write_text(json.dumps([_plain(*one) for one in results], indent=1) + "\n", encoding="utf-8")
    return int(bool(survivors or elsewhere))


def _arguments(words: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description="See which check notices a wrong patch.")
    parser.add_argument("--upstream", default="", metavar="TREE", help="the unpatched tree (default: patchgen.toml's)")
    parser.add_argument("--patches", metavar="DIR", help="the folder of patches (default: patchgen.toml's)")
    parser.add_argument("--tests", type=Path, metavar="DIR", help="the folder of C tests (default: patchgen.toml's)")
    parser.add_argument("--each", type=int, default=EACH, help=f"mutants of each operator, 0 for all (default: {EACH})")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="only N of them, picked by hash")
    parser.add_argument("--only", default="", metavar="WORD", help="only the mutants with WORD in their name")
    parser.add_argument("--operators", nargs="+", default=[], metavar="NAME", help="only what these operators make")
    parser.add_argument("--checks", nargs="+", default=[], metavar="CHECK", help="only these checks")
    parser.add_argument("--list", action="store_true", help="list the mutants, and run nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 4), help="mutants at a time")
    return parser.parse_args(words)


def _hunter(given: Namespace) -> Hunter:
    places = settle((given.upstream,) if given.upstream else (), None, given.patches, Path(), os.environ)
    return Hunter.of(replace(places, tests=given.tests or places.tests), given.checks)


_own: list[Hunter] = []


def _begin(given: Namespace) -> None:
    _own.append(_hunter(given))


def _one(mutant: Mutant) -> tuple[Mutant, Caught]:
    return mutant, _own[0].hunt(mutant)


def _hunt(given: Namespace, mutants: Sequence[Mutant]) -> list[tuple[Mutant, Caught]]:
    done: list[tuple[Mutant, Caught]] = []
    with ProcessPoolExecutor(given.jobs, initializer=_begin, initargs=(given,)) as pool:
        for number, future in enumerate(as_completed([pool.submit(_one, mutant) for mutant in mutants]), start=1):
            done.append(future.result())
            mutant, caught = done[-1]
            _say(f"{number}/{len(mutants)} {mutant.name}: {caught.check or 'SURVIVED'}, {caught.total:.1f} s")
    return sorted(done, key=lambda one: (one[0].operator, one[0].name))


def _table(results: Sequence[tuple[Mutant, Caught]]) -> str:
    cells = [("mutant", "wrong at", "caught by", "seconds", "points", "first finding")]
    for mutant, caught in results:
        finding = caught.finding
        said = f"{finding.place}: {finding.message} [{finding.slug}]" if finding else ""
        near = caught.near.word if caught.near else ""
        cells.append((mutant.name, _place(mutant), caught.check or "NOBODY", f"{caught.seconds:.1f}", near, said[:110]))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join(map(printable, lines))


def _place(mutant: Mutant) -> str:
    return f"{mutant.path}:{mutant.edits[0].start + 1}"


def _diff(mutant: Mutant) -> str:
    lines = [f"  - {line}" for line in mutant.was.splitlines()] + [f"  + {line}" for line in mutant.became.splitlines()]
    return "\n".join(map(printable, lines))


def _summary(results: Sequence[tuple[Mutant, Caught]]) -> str:
    by = Counter(caught.check or "nobody" for _, caught in results)
    near = Counter(caught.near.word for _, caught in results if caught.near)
    listed = ", ".join(f"{check} {count}" for check, count in by.most_common())
    pointed = ", ".join(f"{count} {word}" for word, count in near.most_common())
    return f"{len(results)} mutants: {listed}; the messages point {pointed}"


def _plain(mutant: Mutant, caught: Caught) -> dict[str, Any]:
    return {
        "mutant": mutant.name,
        "operator": mutant.operator,
        "patch": mutant.patch,
        "place": _place(mutant),
        "was": mutant.was,
        "became": mutant.became,
        "check": caught.check or None,
        "seconds": round(caught.seconds, 2),
        "finding": str(caught.finding) if caught.finding else None,
        "points": caught.near.word if caught.near else None,
    }


def _list(alike: Sequence[tuple[Mutant, str]]) -> None:
    for mutant, reason in alike:
        print(f"{mutant.name} {mutant.patch} {_place(mutant)}{f' (equivalent: {reason})' if reason else ''}")
        print(_diff(mutant))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
