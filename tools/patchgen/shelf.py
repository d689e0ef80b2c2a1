# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies on the disk: the folder of semantic patches and the folder of patches, as bytes and order.

Nothing here is parsed further than the order, so that a run which finds nothing changed stays short.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import folder
from .findings import Level, PatchgenError, Place, Slug
from .record import FILE, Record
from .series import Line, Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["RETIRED", "SemanticFolder", "Shelf", "ShelfError"]

_FOLDER = Slug.define(
    "semantic-folder",
    """The folder of semantic patches cannot be used: it is not there, its `series` file names a patch
    that is not there, or leaves one out, or a file is too large.""",
)
_UNREADABLE = Slug.define("patches-unreadable", """A file in the folder of patches cannot be read.""")

RETIRED = " left out by patchgen refresh"
"""How the comment ends that keeps the place of a patch in the series."""

_LIMIT = 4 << 20
_SUFFIX = ".toml"


class ShelfError(PatchgenError, ValueError):
    """A folder cannot be read, or what lies in it does not fit together."""


@dataclass(frozen=True, slots=True)
class SemanticFolder:
    """The bytes of a folder of semantic patches, in their order.

    A file ``series`` in the folder, in quilt's format, gives the order; without one it is that of
    the names.

    :param files: file name and bytes of each.
    """

    path: str
    files: tuple[tuple[str, bytes], ...]

    @property
    def patches(self) -> tuple[str, ...]:
        """The names of the patches that are rendered from it."""
        return tuple(name.removesuffix(_SUFFIX) + ".patch" for name, _ in self.files)

    @classmethod
    def open(cls, path: Path) -> SemanticFolder:
        """Read the folder.

        :raises ShelfError: it or a file cannot be read, or its ``series`` does not fit.
        """
        try:
            names = sorted(entry.name for entry in path.iterdir() if entry.name.endswith(_SUFFIX))
            order = path / "series"
            if order.exists():
                names = _ordered(path, Series.parse(order.read_bytes()), names)
            if not names:
                raise ShelfError(_FOLDER, "there is no semantic patch in it", Place(str(path)))
            return cls(str(path), tuple((name, _limited(path / name)) for name in names))
        except OSError as error:
            where = Place(str(error.filename or path))
            raise ShelfError(_FOLDER, f"cannot be read: {error.strerror}", where) from error


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of patches as it lies on the disk.

    :param files: the bytes of every file directly named by the series, and of our own.
    :param record: of the last refresh of the folder; where it has none, that of the refresh which made the source
        package, beside the semantic patches.
    """

    path: Path
    series: Series
    files: Mapping[str, bytes]
    record: Record
    series_name: str = "series"

    @classmethod
    def empty(cls, semantic: SemanticFolder) -> Shelf:
        """Return a folder with nothing in it but the order of the semantic patches."""
        return cls(Path(), _completed(Series(), semantic.patches), {}, Record())

    @classmethod
    def open(cls, path: Path, semantic: SemanticFolder, series_name: str = "series") -> Shelf:
        """Read the folder; a folder that is not there yet is empty.

        :raises ShelfError: it cannot be read, or its series is damaged.
        """
        folder.recover(path)
        found = Series.parse(_read(path / series_name) or b"")
        for finding in found.findings(str(path / series_name)):
            if finding.level is Level.ERROR:
                raise ShelfError(finding.slug, finding.message, finding.place, finding.help)
        series = _completed(found, semantic.patches)
        files = {
            name: data for name in (*series.patches, series_name, FILE) if (data := _read(path / name)) is not None
        }
        record = files.get(FILE, _read(Path(semantic.path) / FILE))
        return cls(path, series, files, Record.parse(record or b""), series_name)


def _completed(series: Series, names: Sequence[str]) -> Series:
    """Return the series with every semantic patch in it: a new one behind the one before it."""
    series = Series(tuple(_revived(line, names) for line in series.lines))
    for at, name in enumerate(names):
        if name in series:
            continue
        before = next((other for other in reversed(names[:at]) if other in series), None)
        behind = next((other for other in names[at + 1 :] if other in series), None)
        if before is None and behind is not None:
            series = series.insert(name, before=behind)
        else:
            series = series.insert(name, after=before)
    return series


def _revived(line: Line, names: Sequence[str]) -> Line:
    """Return the line of a patch for the comment that kept its place, any other line as it is."""
    if line.name or not line.comment.endswith(RETIRED):
        return line
    kept = Line.parse(line.comment.removeprefix("# ").rpartition(": ")[0].encode(errors="surrogateescape"))
    return replace(kept, end=line.end) if kept.patch in names else line


def _ordered(path: Path, series: Series, names: Sequence[str]) -> list[str]:
    order = [f"{name}{_SUFFIX}" for name in series.patches]
    for name in order:
        if name not in names:
            raise ShelfError(_FOLDER, f"its series names {name}, which is not there", Place(f"{path}/series"))
    for name in names:
        if name not in order:
            raise ShelfError(_FOLDER, f"its series leaves out {name}", Place(f"{path}/series"))
    return order


def _limited(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise ShelfError(_FOLDER, f"larger than {_LIMIT >> 20} MiB", Place(str(path)))
    return data


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ShelfError(_UNREADABLE, f"cannot be read: {error.strerror}", Place(str(path))) from error
