# SPDX-License-Identifier: GPL-3.0-or-later
"""The trees of the other lines of upstream, and our series on them."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.config import Places
from patchgen.status import played

if TYPE_CHECKING:
    from patchgen.stages import Stage

__all__ = ["LINES", "ROOT", "lay_patched", "made", "stages"]

ROOT = Path(__file__).resolve().parents[2]
LINES = ("1.6", "trunk", "3.x")


def made(line: str, folder: Path) -> Path:
    """Return *folder*, where the tree of a line is made."""
    subprocess.run([ROOT / "tools/line", line, folder], check=True)
    return folder


@cache
def stages(tree: Path) -> dict[str, Stage]:
    """Return each patch of our series on a tree, by name."""
    places = Places(upstream=(), semantic=ROOT / "semantic", patches=None, named=False)
    return {stage.patch: stage for stage in played(places, str(tree)).stages}


def lay_patched(tree: Path, folder: Path) -> Path:
    """Return *folder*, where *tree* is with our whole series on it."""
    last = list(stages(tree).values())[-1].after
    for path in last.paths():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(last.read(path))
    return folder
