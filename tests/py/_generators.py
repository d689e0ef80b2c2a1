# SPDX-License-Identifier: GPL-3.0-or-later
"""The generators of libvirt XML, as the reference tree has them and as the series leaves them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from buildcheck.prefixes import Prefix, patches_of, prefixes
from patchgen.upstream import open_upstream

__all__ = ["KVM", "ROOT", "XEN", "Pair", "ended", "pair", "run"]

ROOT = Path(__file__).resolve().parents[2]
KVM, XEN = "tools/gen_kvm_libvirt_xml", "tools/gen_libvirt_xml"


@dataclass(frozen=True)
class Pair:
    """A generator before the series and after it, on the disk."""

    before: Path
    after: Path


@cache
def ended() -> tuple[Prefix, Prefix]:
    """Return the reference tree without the series, and with all of it."""
    made = prefixes(open_upstream(str(ROOT / "tests/c/reference")), patches_of(ROOT / "patches"))
    assert not made.findings
    return made.all[0], made.last


def pair(path: str, folder: Path) -> Pair:
    """Write both states of the generator into *folder*."""
    names = []
    for state, prefix in zip(("before", "after"), ended(), strict=True):
        program = folder / state / Path(path).name
        program.parent.mkdir(exist_ok=True)
        program.write_bytes(prefix.tree.read(path))
        program.chmod(0o755)
        names.append(program)
    return Pair(*names)


def run(program: Path, *words: str, preloaded: str = "") -> subprocess.CompletedProcess[str]:
    """Run a generator as a person does."""
    load = [f"-I{program.parent}", f"-M{preloaded}"] if preloaded else []
    return subprocess.run(["perl", *load, program, *words], capture_output=True, text=True, check=False)
