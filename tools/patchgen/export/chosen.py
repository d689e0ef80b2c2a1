# SPDX-License-Identifier: GPL-3.0-or-later
"""The patches that go out: read from the folder as they are, and checked before anything is made of them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from patchgen import dep3, folder, render
from patchgen.findings import Exit, PatchgenError, Place, Slug
from patchgen.record import FILE, Record
from patchgen.series import Series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Chosen", "ExportError", "chosen", "today", "with_fields"]

_NOTHING = Slug.define(
    "nothing-to-export",
    """The series in the folder of patches has no patch, or not the one that was asked for, or the file of one is
    not there. Render it first with patchgen refresh.""",
)
_FORWARDS_ONLY = Slug.define(
    "not-for-export",
    """The series applies a patch backwards (-R), or with another strip than -p1. Who gets it as a mail or a
    revision would apply it otherwise. Turn it into a patch for -p1.""",
)


class ExportError(PatchgenError, ValueError):
    """The series, or a patch of it, cannot go out."""

    status = Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class Chosen:
    """The patches that go out, in the order of the series.

    :param patches: name and bytes of each.
    :param record: what the series was rendered on.
    """

    folder: Path
    series_name: str
    series: Series
    patches: tuple[tuple[str, bytes], ...]
    record: Record

    def where(self, patch: str) -> str:
        """Return what the person calls a patch."""
        return str(self.folder / patch)


def chosen(path: Path, series_name: str, names: Sequence[str]) -> Chosen:
    """Read the patches called *names*, or all of the series.

    :raises ExportError: one is not there, or cannot go out; :raises DiffError: one is damaged.
    :raises OSError: a file cannot be read.
    """
    folder.recover(path)
    file = path / series_name
    series = Series.parse(file.read_bytes() if file.is_file() else b"")
    for finding in series.findings(str(file)):
        raise ExportError(finding.slug, finding.message, finding.place, finding.help)
    wanted = [name if name.endswith((".patch", ".diff")) or name in series else f"{name}.patch" for name in names]
    for name in wanted:
        if name not in series:
            raise ExportError(_NOTHING, f"{name} is not in the series", Place(str(file)))
    found: list[tuple[str, bytes]] = []
    for line in series:
        if wanted and line.patch not in wanted:
            continue
        where = path / line.patch
        if line.strip != "1" or line.reversed:
            message = f"the series applies it with {' '.join(line.options)}"
            raise ExportError(_FORWARDS_ONLY, message, Place(str(where)))
        if not where.is_file():
            raise ExportError(_NOTHING, "the series names it, and it is not there", Place(str(where)))
        data = where.read_bytes()
        render.parse_diff(data, str(where))
        found.append((line.patch, data))
    if not found:
        raise ExportError(_NOTHING, "there is no patch in the series", Place(str(file)), "patchgen refresh")
    record = path / FILE
    return Chosen(
        path, series_name, series, tuple(found), Record.parse(record.read_bytes() if record.is_file() else b"")
    )


def with_fields(patches: Chosen, forwarded: str | None, updated: str | None) -> Chosen:
    """Return the patches with Forwarded and Last-Update set in their headers; nothing else of them changes.

    :param forwarded: what was asked for; None leaves the field as it is.
    :param updated: a date, or ``today``; None is today where *forwarded* is given, for DEP-3 has the date of
        the last change of the header there.
    :raises Dep3Error: a value cannot be written.
    """
    if forwarded is None and updated is None:
        return patches
    day = today().isoformat() if updated in {None, "today"} else str(updated)
    changed: list[tuple[str, bytes]] = []
    for name, data in patches.patches:
        head, diff = dep3.split(data)
        header = dep3.Header.parse(head)
        if forwarded is not None:
            header = header.with_field("Forwarded", forwarded)
        header = header.with_field("Last-Update", day)
        changed.append((name, bytes(header) + diff))
    return replace(patches, patches=tuple(changed))


def today() -> date:
    """Return the day: that of SOURCE_DATE_EPOCH where it is set (reproducible-builds.org), in UTC."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return (datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)).date()
