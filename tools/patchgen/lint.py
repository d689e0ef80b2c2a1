# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the folder of patches is in order: the series, the headers, the diffs, and all in step."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from . import dep3, render
from .findings import Finding, Level, PatchgenError, Place, Slug
from .record import FILE
from .refresh import Options, refresh
from .semantic import parsed
from .series import Series
from .shelf import SemanticFolder, Shelf
from .upstream import open_upstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .config import Places
    from .semantic import SemanticPatch

__all__ = ["lint"]

_OUT_OF_STEP = Slug.define(
    "out-of-step",
    """The patch in the folder is not what a refresh on the given tree would write: the semantic patch,
    the tree or the patch changed since. Run patchgen refresh.""",
)
_STRAY = Slug.define(
    "patch-not-in-series",
    """A file in the folder looks like a patch, and the series does not name it, so that nobody applies it.""",
)
_WRONG_TREE = Slug.define(
    "rendered-elsewhere",
    """The record beside the series says that it was rendered on another tree than the given one.""",
)
_NO_RECORD = Slug.define(
    "no-record",
    """The folder has no `.rendered-on`, so that it is not known which tree the series was rendered on.""",
)


def lint(places: Places) -> Iterator[Finding]:
    """Yield the findings, file by file.

    :raises PatchgenError: a folder cannot be read at all.
    """
    path = places.need_patches()
    semantic = SemanticFolder.open(places.need_semantic())
    ours = {patch.patch: patch for patch in parsed(semantic)}
    series_file = path / places.series
    series = Series.parse(_bytes(series_file))
    yield from series.findings(str(series_file))
    for line in series:
        if (path / line.patch).is_file():
            yield from _patch(path / line.patch, ours.get(line.patch))
    yield from _strays(path, {*series.patches, *semantic.patches, places.series, FILE})
    if places.upstream:
        try:
            yield from _step(places, path, semantic)
        except PatchgenError as error:
            yield error.finding


def _patch(path: Path, semantic: SemanticPatch | None) -> Iterator[Finding]:
    data = _bytes(path)
    header = dep3.Header.parse(dep3.split(data)[0])
    yield from dep3.lint(header, str(path))
    try:
        render.parse_diff(data, str(path))
    except PatchgenError as error:
        yield error.finding
    if semantic is not None:
        yield from dep3.differences(header, dep3.Header.parse(dep3.render(semantic.dep3)), str(path))


def _strays(path: Path, named: set[str]) -> Iterator[Finding]:
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if file.is_file() and name not in named and name.endswith((".patch", ".diff", ".orig", ".rej")):
            yield Finding(_STRAY, Level.WARNING, f"{name} is not in the series", Place(str(file)))


def _step(places: Places, path: Path, semantic: SemanticFolder) -> Iterator[Finding]:
    shelf = Shelf.open(path, semantic, places.series)
    source = open_upstream(places.need_upstream())
    if not shelf.record.tree:
        yield Finding(
            _NO_RECORD, Level.ERROR, "it is not known on which tree the series was rendered", Place(str(path))
        )
    elif shelf.record.tree != source.digest():
        message = f"the series was rendered on another tree than {source.label}"
        again = f"patchgen refresh --upstream {shlex.quote(source.label)} --patches {shlex.quote(str(path))}"
        yield Finding(_WRONG_TREE, Level.ERROR, message, Place(str(path / FILE)), again)
    result = refresh(source, semantic, shelf, Options(named=True, check=True))
    yield from result.findings
    for name in result.changed:
        yield Finding(
            _OUT_OF_STEP, Level.ERROR, f"a refresh on {source.label} would change {name}", Place(str(path / name))
        )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
