# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the matrix and print the table (`make drift`).

Exit status: 0 nothing wrong and nothing refused that failing/ does not list, 1 otherwise.
"""

from __future__ import annotations

import hashlib
import sys
import time
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from . import table
from .kinds import kinds
from .matrix import Cell, cell
from .subject import SUBJECTS, Subject

if TYPE_CHECKING:
    from collections.abc import Sequence


@cache
def _subject(name: str) -> Subject:
    return Subject.open(name)


def _one(task: tuple[str, str, bool]) -> Cell | None:
    subject, kind, peers = task
    return cell(_subject(subject), kinds()[kind], peers=peers)


def _chosen(count: int | None) -> list[str]:
    names = list(kinds())
    if count is None:
        return names
    return sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())[:count]


def main(words: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = ArgumentParser(prog="drift", description=__doc__)
    parser.add_argument("--subject", action="append", choices=SUBJECTS, help="only this one; may be given again")
    parser.add_argument("--kind", action="append", help="only this one; may be given again")
    parser.add_argument("--sample", type=int, help="only so many kinds, chosen by the hash of their names")
    parser.add_argument("--record", type=Path, help="write each cell here when it is done, a line of JSON each")
    parser.add_argument("--no-peers", action="store_true", help="patchgen alone")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="say of each cell why it is not right")
    given = parser.parse_args(words)
    tasks = [
        (subject, kind, not given.no_peers)
        for kind in given.kind or _chosen(given.sample)
        for subject in given.subject or SUBJECTS
    ]
    began = time.monotonic()
    for name in given.subject or SUBJECTS:
        Subject.open(name)  # what must be fetched or generated is, once
    cells: list[Cell] = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for future in as_completed([pool.submit(_one, task) for task in tasks]):
            found = future.result()
            if found is not None:
                cells.append(found)
                if given.record:
                    with given.record.open("ab") as out:
                        out.write(msgspec.json.encode(found) + b"\n")
    cells.sort(key=lambda one: (one.subject, one.kind))
    print(table.text(cells, verbose=given.verbose))
    print(f"\n{len(cells)} cells in {time.monotonic() - began:.0f} s")
    return int(any(found.fault or found.churn for found in cells))


if __name__ == "__main__":
    sys.exit(main())
