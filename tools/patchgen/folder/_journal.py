# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of several files in a folder that a kill cannot leave half made.

The new files are put into a stage inside the folder, so that each is later renamed within it: on
overlayfs, and where the folder is a mount point, that is all that is possible. Then the journal
beside the folder comes into being in one step, and from there on the change is made, by this
process or by the next: to make it again from the start is harmless.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from typing import TYPE_CHECKING

from patchgen.upstream._source import unsafe

from . import _disk

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

__all__ = ["STAGE", "JournalError", "commit", "finish", "stage"]

STAGE = ".patchgen-stage"
_FORMAT = 1


class JournalError(ValueError):
    """A journal cannot be trusted."""


def stage(folder: Path, files: Mapping[str, Path]) -> dict[str, str]:
    """Move *files*, new path to where it lies, into the stage; return their names there by path.

    :raises OSError: a step failed; the stage is to be removed.
    """
    where = folder / STAGE
    where.mkdir(0o700)
    names: dict[str, str] = {}
    for number, (path, source) in enumerate(sorted(files.items())):
        target = where / str(number)
        try:
            source.rename(target)
        except OSError:  # the folder is another file system than what lies beside it
            _disk.write(target, source.read_bytes(), source.stat())
        names[path] = target.name
    _disk.sync(where)
    return names


def commit(journal: Path, put: Mapping[str, str], drop: Collection[str]) -> None:
    """Write the *journal*: the staged names *put* by path, and the paths to *drop*.

    :raises OSError: a step failed; there is no journal, and nothing was changed.
    """
    text = json.dumps({"format": _FORMAT, "put": dict(put), "drop": sorted(drop)}, indent=1)
    draft = journal.with_name(f"{journal.name}-new")
    try:
        _disk.write(draft, text.encode())
        draft.rename(journal)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _disk.sync(journal.parent)


def finish(journal: Path, folder: Path) -> None:
    """Make the change that *journal* holds, wherever the last attempt ended, and remove the journal.

    :raises JournalError: it is not one that :func:`commit` wrote, and nothing was changed; or somebody
        removed what it needs.
    :raises OSError: a step failed; the journal stands, and the change can be finished later.
    """
    put, drop = _read(journal, folder)
    touched = {folder}
    for path in drop:
        (folder / path).unlink(missing_ok=True)
        parent = (folder / path).parent
        touched.add(parent)
        while parent != folder:
            try:
                parent.rmdir()
            except OSError:  # something is in it still, or it went before
                break
            touched.discard(parent)
            parent = parent.parent
            touched.add(parent)
    for path, name in put.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            (folder / STAGE / name).rename(target)
        except FileNotFoundError as error:
            if not target.is_file():
                msg = f"the staged file for {path} is missing"
                raise JournalError(msg) from error
            # Else it was put there before the kill.
        touched.update(parent for parent in target.parents if parent.is_relative_to(folder))
    for changed in sorted(touched, reverse=True):
        if changed.is_dir():
            _disk.sync(changed)
    _disk.remove(folder / STAGE)
    journal.unlink()
    with contextlib.suppress(OSError):  # the change is made; a journal that comes back makes it again
        _disk.sync(journal.parent)


def _read(journal: Path, folder: Path) -> tuple[dict[str, str], list[str]]:
    """Return what is to be put and dropped; nothing of it leads out of *folder*."""
    if not stat.S_ISREG(journal.lstat().st_mode):
        msg = "it is no regular file"
        raise JournalError(msg)
    if not folder.is_dir():
        msg = "the folder is gone"
        raise JournalError(msg)
    try:
        text = json.loads(journal.read_bytes())
        put, drop = dict(text["put"]), list(text["drop"])
        known = text["format"] == _FORMAT
    except (ValueError, TypeError, KeyError) as error:
        msg = "it is damaged"
        raise JournalError(msg) from error
    words = [*put, *put.values(), *drop]
    if not known or not all(isinstance(word, str) for word in words):
        msg = "its format is not known"
        raise JournalError(msg)
    if any(unsafe(path) for path in (*put, *drop)) or not all(name.isdecimal() for name in put.values()):
        msg = "it names a place outside of the folder"
        raise JournalError(msg)
    for path in (*put, *drop, STAGE + "/0"):
        if (link := _link_above(folder, path)) is not None:
            msg = f"{link} is a symbolic link"
            raise JournalError(msg)
    return put, drop


def _link_above(folder: Path, path: str) -> Path | None:
    for parent in (folder / path).parents:
        if parent == folder:
            return None
        if os.path.islink(parent):  # noqa: PTH114 - Path.is_symlink raises when the parent is a file
            return parent
    return None
