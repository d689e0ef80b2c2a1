# SPDX-License-Identifier: GPL-3.0-or-later
"""The subjects: where their trees come from, how they are compiled, and their series."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck.generator import Generator
from buildcheck.prefixes import patches_of, prefixes
from buildcheck.recipes import MARKER, record
from buildcheck.store import Store
from buildcheck.units import units
from patchgen.upstream import open_upstream

from .oracle import Compiler, Unit
from .scene import Roles
from .tools import Series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .scene import Files

__all__ = ["COMMITTED", "SUBJECTS", "Subject"]

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent / "subjects"
_CACHE = ROOT / "build/cache"
_PACKAGE = "linux-source-6.1"

COMMITTED = ("reference", "spool")
"""The subjects whose trees are in this repository."""
SUBJECTS = (*COMMITTED, "dtc")
"""All; the last is fetched."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A tree, what its parts are, its series, and how it is compiled."""

    name: str
    roles: Roles
    series: Series
    compiler: Compiler
    rules: Path

    @property
    def files(self) -> Files:
        """The upstream tree before any drift."""
        return self.series.stages[0]

    @classmethod
    def open(cls, name: str) -> Subject:
        """Return the subject of that name; its tree is fetched where it must be.

        :raises ValueError: the series is refused on the tree as it is.
        """
        roles = Roles.read(HERE / name / "roles.toml")
        files = _TREES[name]()
        semantic = ROOT / "semantic" if name == "reference" else HERE / name / "semantic"
        series = Series.of(semantic, files)
        made, extra = _reference_units() if name == "reference" else _plain_units(roles, files)
        cache = _CACHE / "drift" / name
        cache.mkdir(parents=True, exist_ok=True)
        return cls(name, roles, series, Compiler(tuple(made), extra, cache), HERE / name / "rules.cocci")


def _folder(path: Path) -> Files:
    return {
        one.relative_to(path).as_posix(): one.read_bytes()
        for one in sorted(path.rglob("*"))
        if one.is_file() and not one.is_symlink()
    }


def _plain_units(roles: Roles, files: Files) -> tuple[list[Unit], Mapping[str, bytes]]:
    found = [path for path in files if path.endswith(".c") and path not in roles.build.skip]
    return [Unit(path, ".", tuple(roles.build.arguments)) for path in found], {}


def _reference_units() -> tuple[list[Unit], Mapping[str, bytes]]:
    """Return what the Makefiles compile once the series is on, and the files that they generate."""
    store = Store.usual()
    generator = Generator(store)
    generator.home()
    made = prefixes(open_upstream(str(ROOT / "tests/c/reference")), patches_of(ROOT / "patches"))
    recipes = record(made.last, generator, store)
    found = []
    for unit in units(recipes.commands):
        if not unit.generated:
            words = tuple(word.replace(MARKER, "@ROOT@") for word in unit.arguments)
            found.append(Unit(unit.path, unit.folder, words))
    return list({unit.path: unit for unit in found}.values()), recipes.generated


def _kernel() -> Path:
    """Return the folder of the kernel's source, fetched from the mirrors of this machine's own apt configuration."""
    tree = _CACHE / "real" / _PACKAGE
    tree.parent.mkdir(parents=True, exist_ok=True)
    with (tree.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not tree.is_dir():
            with tempfile.TemporaryDirectory(dir=tree.parent, prefix="fetch-") as scratch:
                _run(Path(scratch), "apt-get", "download", _PACKAGE)
                (package,) = Path(scratch).glob("*.deb")
                _run(Path(scratch), "dpkg-deb", "--extract", package.name, "data")
                (archive,) = Path(scratch).glob("data/usr/src/linux-source-*.tar.xz")
                folder = Path(scratch) / "tree"
                folder.mkdir()
                _run(folder, "tar", "--extract", "--strip-components=1", "--no-same-owner", f"--file={archive}")
                folder.rename(tree)
    return tree


def _run(folder: Path, *words: str) -> None:
    subprocess.run(words, cwd=folder, env=os.environ | {"LC_ALL": "C"}, check=True, capture_output=True)  # noqa: S603 - no word is foreign


def _dtc() -> Files:
    folder = _kernel() / "scripts/dtc"
    wanted = re.compile(r"(?:libfdt/)?[\w-]+\.[chly]|Makefile")
    return {path: data for path, data in _folder(folder).items() if wanted.fullmatch(path)}


_TREES: Mapping[str, Callable[[], Files]] = {
    "reference": lambda: _folder(ROOT / "tests/c/reference"),
    "spool": lambda: _folder(HERE / "spool/tree"),
    "dtc": _dtc,
}
