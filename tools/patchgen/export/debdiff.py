# SPDX-License-Identifier: GPL-3.0-or-later
"""The series as a diff of a source package: what debdiff(1) says of debian/patches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen import render
from patchgen.series import Series

from .chosen import ExportError

if TYPE_CHECKING:
    from pathlib import Path

    from .chosen import Chosen

__all__ = ["debdiff"]

_STAND_IN = "x"
"""A name that a patch of a tree may have; those below debian/ it may not."""


def debdiff(patches: Chosen, onto: Path | None) -> bytes:
    """Return the diff from the patches of a package to those of the series, for ``patch -p1`` in the package.

    :param onto: its folder ``debian``, which is only read; None where it has no patches yet.
    :raises Unrenderable: a diff cannot carry the change. :raises ExportError: *onto* is no packaging.
    """
    new = {"series": _series(patches), **dict(patches.patches)}
    old = _lying(onto / "patches") if onto is not None else {}
    return b"".join(_one(f"debian/patches/{name}", old.get(name), new.get(name)) for name in sorted({*old, *new}))


def _series(patches: Chosen) -> bytes:
    """Return the series with the patches that go out, and nothing of what is left out in it."""
    names = {name for name, _ in patches.patches}
    lines = (line for line in patches.series.lines if not line.name or line.patch in names)
    return bytes(Series(tuple(lines)))


def _lying(folder: Path) -> dict[str, bytes]:
    """Return the series of a package, and the patches that it names."""
    file = folder / "series"
    if not file.is_file():
        return {}
    series = Series.parse(file.read_bytes())
    for finding in series.findings(str(file)):
        raise ExportError(finding.slug, finding.message, finding.place, finding.help)
    there = {name: folder / name for name in series.patches if (folder / name).is_file()}
    return {"series": file.read_bytes(), **{name: path.read_bytes() for name, path in there.items()}}


def _one(path: str, before: bytes | None, after: bytes | None) -> bytes:
    name = path.encode(errors="surrogateescape")
    names = {b"--- a/x": b"--- a/" + name, b"+++ b/x": b"+++ b/" + name}
    old, new, *hunks = render.file_diff(_STAND_IN, before, after).split(b"\n", 2) if before != after else (b"", b"")
    return b"\n".join([names.get(old, old), names.get(new, new), *hunks]) if hunks else b""
