# SPDX-License-Identifier: GPL-3.0-or-later
"""What each command wrote into a folder of patches, so that it can be undone.

A record holds the files before and after, as bytes. It lies outside of the folder and of the source package, in
``$XDG_STATE_HOME/patchgen/history`` (XDG Base Directory Specification), and is on the disk before the folder
is changed: a run that is killed leaves a record that says either way what is the case.
"""

from __future__ import annotations

import base64
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from . import folder as _folder
from .findings import Exit, Finding, Level, PatchgenError, Place, Slug
from .folder import _disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Undone", "undo", "write"]

_NOTHING = Slug.define(
    "nothing-to-undo",
    """No refresh or import is recorded that changed this folder of patches and has not been undone. The record is
    kept for a folder under its real path: a folder that was moved has none, and only the newest are kept.""",
)
_CHANGED = Slug.define(
    "changed-since",
    """The folder of patches is not as the last recorded command left it: somebody changed a patch or the series
    since. An undo would lose that, so nothing is undone. Save what you changed, put the file back as it was, or
    undo by the version control of the package.""",
)
_NOT_RECORDED = Slug.define(
    "not-recorded",
    """The folder of patches was written, but what it held before could not be recorded, so that `patchgen undo`
    cannot bring it back. XDG_STATE_HOME names the folder for records, else it is ~/.local/state.""",
)
_DAMAGED = Slug.define(
    "record-damaged",
    """The record of a refresh cannot be read, so that it is not known what to bring back. Nothing is undone, and
    nothing of the record is removed.""",
)

_FORMAT = 1
_KEPT = 32
"""How many records of one folder are kept; the oldest go first."""


class HistoryError(PatchgenError, ValueError):
    """What was written cannot be undone."""

    status = Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did, or would do.

    :param command: what is undone.
    :param changed: the files that change, sorted.
    """

    command: str
    changed: tuple[str, ...]
    written: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """One record: the files before and after; None for a file that was not there."""

    file: Path
    command: str
    before: dict[str, bytes | None]
    after: dict[str, bytes | None]


def write(
    path: Path, files: Mapping[str, bytes], before: Mapping[str, bytes | None], command: str
) -> tuple[bool, tuple[Finding, ...]]:
    """Put *files* into the folder of patches *path*, recorded, and say whether anything was written.

    :param before: the bytes of every file that is ours, as they were read; None for one that is not there. Those
        that *files* has not are removed.
    :returns: also a warning where it could not be recorded.
    :raises FolderError: the folder cannot be written, or is not as it was read.
    """
    names = {*before, *files}
    if all(files.get(name) == before.get(name) for name in names):
        return False, ()
    findings: tuple[Finding, ...] = ()
    entry: Path | None = None
    try:
        entry = _recorded(
            path, {name: before.get(name) for name in names}, {name: files.get(name) for name in names}, command
        )
    except (OSError, RuntimeError) as error:  # RuntimeError: nobody's home
        why = getattr(error, "strerror", None) or str(error)
        message = f"what the folder held before is not recorded: {why}"
        findings = (
            Finding(_NOT_RECORDED, Level.WARNING, message, Place(str(path)), "let XDG_STATE_HOME name a folder"),
        )
    try:
        done = _folder.replace(path, files, ours=names, expect={name: before.get(name) for name in names})
    except PatchgenError:
        if entry is not None:
            with suppress(OSError):
                entry.unlink()
        raise
    return done, findings


def undo(path: Path, *, check: bool = False) -> Undone:
    """Bring back what the folder of patches *path* held before the last recorded command that changed it.

    :param check: write nothing.
    :raises HistoryError: nothing is recorded, or somebody changed a file since.
    :raises FolderError: the folder cannot be written.
    """
    _folder.recover(path)
    for entry in _entries(path):
        names = sorted(entry.before)
        now = {name: _bytes(path / name) for name in names}
        if now == entry.before:  # it was never made, or is undone already, and the run was killed then
            if not check:
                entry.file.unlink(missing_ok=True)
            continue
        differing = [name for name in names if now[name] != entry.after.get(name)]
        if differing:
            message = f"{differing[0]} is not as {entry.command} left it: nothing is undone"
            raise HistoryError(_CHANGED, message, Place(str(path / differing[0])))
        changed = tuple(name for name in names if entry.before[name] != entry.after.get(name))
        if not check:
            files = {name: data for name, data in entry.before.items() if data is not None}
            _folder.replace(path, files, ours=names, expect=now)
            entry.file.unlink(missing_ok=True)
        return Undone(entry.command, changed, written=not check)
    raise HistoryError(_NOTHING, "nothing is recorded that could be undone", Place(str(path)))


def _records(path: Path) -> Path:
    """Return the folder of the records of the folder *path*."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    name = blake2b(os.fsencode(path.resolve()), digest_size=16).hexdigest()
    return Path(base) / "patchgen" / "history" / name


def _recorded(path: Path, before: Mapping[str, bytes | None], after: Mapping[str, bytes | None], command: str) -> Path:
    """Write the record, and return where it is.

    :raises OSError: it cannot be written.
    """
    where = _records(path)
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    old = sorted(where.glob("*.json"))
    number = int(old[-1].stem) + 1 if old and old[-1].stem.isdecimal() else len(old)
    text = {"format": _FORMAT, "folder": str(path.resolve()), "command": command}
    data = json.dumps(text | {"before": _packed(before), "after": _packed(after)}).encode()
    draft = where / f"new.{os.getpid()}"
    draft.unlink(missing_ok=True)  # of a process of that number that was killed
    try:
        _disk.write(draft, data)
        while True:
            target = where / f"{number:012}.json"
            try:
                os.link(draft, target)
                break
            except FileExistsError:  # another run took the number
                number += 1
    finally:
        with suppress(OSError):
            draft.unlink()
    _disk.sync(where)
    for stale in old[: max(0, len(old) + 1 - _KEPT)]:
        stale.unlink(missing_ok=True)
    return target


def _entries(path: Path) -> Iterator[_Entry]:
    """Yield the records of a folder, the newest first."""
    for file in sorted(_records(path).glob("*.json"), reverse=True):
        try:
            text = json.loads(file.read_bytes())
            known = text["format"] == _FORMAT
            entry = _Entry(file, str(text["command"]), _unpacked(text["before"]), _unpacked(text["after"]))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise HistoryError(_DAMAGED, "the record of what was written is damaged", Place(str(file))) from error
        if not known:
            raise HistoryError(_DAMAGED, "the format of the record is not known", Place(str(file)))
        yield entry


def _packed(files: Mapping[str, bytes | None]) -> dict[str, str | None]:
    return {name: None if data is None else base64.b64encode(data).decode() for name, data in sorted(files.items())}


def _unpacked(files: Mapping[str, str | None]) -> dict[str, bytes | None]:
    return {name: None if data is None else base64.b64decode(data, validate=True) for name, data in files.items()}


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
