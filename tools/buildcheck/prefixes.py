# SPDX-License-Identifier: GPL-3.0-or-later
"""The prefixes of a series: the tree after none, one, two ... of its patches.

They are made in memory with :mod:`patchgen.render`, which takes what GNU patch takes with fuzz 0 and
nothing that could go to two places. A prefix is a value; only the files that its patch changed differ
from the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Place, Slug
from patchgen.render import apply, parse_diff
from patchgen.series import Series
from patchgen.tree import Tree

from .store import digest, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from patchgen.findings import Finding
    from patchgen.tree import Source

__all__ = ["Patch", "Prefix", "PrefixError", "Prefixes", "patches_of", "prefixes"]

_ABSENT = Slug.define(
    "patch-absent", """The series names a patch that is not in the folder, so that quilt and dpkg-source stop there."""
)
_NO_SERIES = Slug.define(
    "no-series", """The folder that --patches names has no file `series` that can be read, or one that names nothing."""
)
_STRIP = Slug.define(
    "patch-options",
    """The series gives a patch an option other than -p1: dpkg-source does not obey it, so that the source
    package would be another one than what quilt makes.""",
)


class PrefixError(PatchgenError, ValueError):
    """There is no series to look at."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch of the series.

    :param data: its bytes; None where the file is not there.
    :param place: where the series names it.
    """

    name: str
    data: bytes | None
    place: Place
    strip: str = "1"
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Prefix:
    """The tree after the first *number* patches.

    :param patch: the last of them; "" where there is none.
    :param files: the digest of each file.
    """

    number: int
    patch: str
    tree: Tree
    files: Mapping[str, str] = field(repr=False)

    def __str__(self) -> str:
        return self.patch or "the unpatched tree"

    def digest(self) -> str:
        """Return a digest of all files and links."""
        files = (text for path in sorted(self.files) for text in (path, self.files[path]))
        links = (text for path, target in sorted(self.tree.links.items()) for text in (path, target))
        return key(*files, "links", *links)

    def select(self, folders: Iterable[str]) -> dict[str, bytes]:
        """Return the files in these folders of the top, and those that lie at the top itself."""
        wanted = set(folders)
        return {
            path: self.tree.read(path) for path in self.files if "/" not in path or path.partition("/")[0] in wanted
        }


@dataclass(frozen=True, slots=True)
class Prefixes:
    """All prefixes of a series, the unpatched tree first.

    :param findings: why there are fewer than there are patches.
    """

    all: tuple[Prefix, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def last(self) -> Prefix:
        """The tree with every patch on it, as far as they apply."""
        return self.all[-1]


def patches_of(folder: Path, series_name: str = "series") -> tuple[Patch, ...]:
    """Return the patches of the series in *folder*, in its order.

    :raises PrefixError: there is no series, or it names nothing.
    """
    path = folder / series_name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PrefixError(_NO_SERIES, f"the series cannot be read: {error.strerror}", Place(str(path))) from error
    found = []
    for number, line in enumerate(Series.parse(data).lines, start=1):
        if line.name:
            place = Place(str(path), number, source=bytes(line).decode("utf-8", "replace").rstrip("\n"))
            found.append(Patch(line.patch, _bytes(folder / line.patch), place, line.strip, line.reversed))
    if not found:
        raise PrefixError(_NO_SERIES, "the series names no patch", Place(str(path)))
    return tuple(found)


def prefixes(source: Source, patches: Iterable[Patch], label: str = "") -> Prefixes:
    """Return the prefixes of *patches* on *source*, up to the first patch that does not apply.

    :param label: the folder of patches, for places.
    :raises PatchgenError: a file of the source cannot be read.
    """
    tree = Tree(source)
    files = {path: digest(tree.read(path)) for path in tree.paths()}
    made = [Prefix(0, "", tree, files)]
    for number, patch in enumerate(patches, start=1):
        try:
            tree = _applied(tree, patch, label)
        except PatchgenError as error:
            return Prefixes(tuple(made), (error.finding,))
        files = dict(files)
        for path in tree.touched(made[-1].tree):
            if path in tree:
                files[path] = digest(tree.read(path))
            else:
                del files[path]
        made.append(Prefix(number, patch.name, tree, files))
    return Prefixes(tuple(made))


def _applied(tree: Tree, patch: Patch, label: str) -> Tree:
    if patch.data is None:
        raise PrefixError(_ABSENT, f"{patch.name} is not there", patch.place)
    if patch.strip not in {"1", "ab"} or patch.reverse:
        raise PrefixError(_STRIP, f"{patch.name} is not applied with -p1", patch.place, "make it a -p1 patch")
    name = f"{label}/{patch.name}" if label else patch.name
    diffs = parse_diff(patch.data, name)
    files = apply(diffs, lambda path: tree.read(path) if path in tree else None)
    return tree.with_files(files)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
