# SPDX-License-Identifier: GPL-3.0-or-later
"""Time the generator of libvirt XML with an architecture beside itself without one, and beside the unpatched one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildcheck.prefixes import patches_of, prefixes
from measure import BenchError, Command, Row, alternate
from patchgen.upstream import open_upstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["generating"]

_RUNS = 50
_NAME = re.compile(r"gen_.*xml")
_OPTION, _WORD = b"'arch=s'", "armhf"


def generating(root: Path, patches: Path, scratch: Path, rounds: int) -> Iterator[Row]:
    """Yield what a run of the generator takes.

    :raises BenchError: no generator takes an architecture, or it does not do its work.
    """
    made = prefixes(open_upstream(str(root / "tests/c/reference")), patches_of(patches))
    first, last = made.all[0].tree, made.last.tree
    path = next((one for one in last.paths() if _NAME.search(one) and _lists(last.read(one))), None)
    if path is None:
        message = f"no generator takes {_OPTION.decode()}"
        raise BenchError(message)
    commands = []
    for name, tree, words in (("unpatched", first, ""), ("without", last, ""), ("with", last, f"--arch {_WORD}")):
        program = scratch / f"{name}.pl"
        program.write_bytes(tree.read(path))
        loop = f"i=0; while [ $i -lt {_RUNS} ]; do perl {program} {words} || exit 1; i=$((i + 1)); done >/dev/null"
        commands.append(Command(name, ("sh", "-c", loop), scratch))
    found = {name: median.seconds / _RUNS for name, median in alternate(commands, rounds).items()}
    yield Row("generator with --arch", found["with"], "the same without", found["without"], 1.1)
    yield Row("generator without --arch", found["without"], "the unpatched one", found["unpatched"])


def _lists(program: bytes) -> bool:
    return _OPTION in program and b"'list-arches'" in program
