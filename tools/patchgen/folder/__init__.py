# SPDX-License-Identifier: GPL-3.0-or-later
"""Replaces the files of a folder all at once: at any instant it holds the old ones or the new.

The new folder is written beside the old one and synced, and then the two are exchanged in one
step. Where the file system cannot do that, a journal says what is to be changed, and the next
command finishes it; :func:`recover` comes before anything else for that reason.

Beside the folder ``NAME`` these may lie for a moment, or after a kill until the next run:
``.NAME.patchgen-new`` (a folder), ``.NAME.patchgen-journal`` and ``.NAME.patchgen-lock``.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Place, Slug
from patchgen.upstream._source import reason, unsafe

from . import _disk, _exchange, _journal
from ._lock import BusyError, locked

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

__all__ = ["BusyError", "FolderError", "recover", "replace"]

_CANNOT_WRITE = Slug.define(
    "cannot-write",
    """The folder of the patches cannot be written: the disk is full, permission is missing, or the file
    system is read-only. A folder that cannot be written holds what it held before, and nothing
    temporary is left beside it.""",
)
_HALF_WRITTEN = Slug.define(
    "half-written",
    """The folder of the patches is on a file system that cannot exchange folders, and the change of it
    was begun and not finished. A journal beside the folder holds the rest. The next patchgen command
    finishes it before it does anything else, once the cause is removed.""",
)
_NOT_OURS = Slug.define(
    "not-ours",
    """A patch was to be written under the name of something that patchgen did not write: another file, a
    folder, or a symbolic link. Nothing was written. Rename one of the two.""",
)
_FOLDER_CHANGED = Slug.define(
    "folder-changed",
    """Something else changed the folder of the patches while patchgen was writing it. patchgen's change
    was taken back. Run the command again.""",
)


class FolderError(PatchgenError, ValueError):
    """The folder cannot be replaced; it holds what it held before."""


def replace(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    ours: Collection[str],
    expect: Mapping[str, bytes | None] | None = None,
) -> bool:
    """Make *files* the files of *folder* that are ours, and say whether anything had to be written.

    What is neither in *files* nor in *ours* stays the same file. A file of *files* that has the
    bytes already stays too, with its time; one that is changed keeps its mode and owner. A
    subfolder that the change empties goes. A folder that is not there is made, its parent is not;
    of a symbolic link to a folder the target is replaced.

    :param files: bytes by path below the folder, with ``/``.
    :param ours: the paths that were written by patchgen; those not in *files* are removed.
    :param expect: the bytes of some paths as they were when *files* were made of them, None for no file; where
        another run or a person has changed one since, nothing is written.
    :raises BusyError: another process is replacing or recovering it.
    :raises FolderError: a path leads out of the folder or is taken by what is not ours, or a step
        failed; then the folder holds what it held before, and temporary files are removed.
    """
    place = _Place.of(folder)
    for path in files:
        if why := unsafe(path) or ("it is reserved" if path.split("/")[0] == _journal.STAGE else ""):
            raise FolderError(_NOT_OURS, f"the patch {path!r} cannot be written: {why}", Place(str(folder)))
    # Without a change there is no need for permission, room, or a lock. What goes wrong here may be
    # another run at work, and is looked at again under the lock.
    with suppress(FolderError):
        if not place.leftovers() and not _Change.of(place, files, ours):
            return False
    with place.held():
        place.clear()
        _check_as_read(place, expect or {})
        change = _Change.of(place, files, ours)
        if not change:
            return False
        try:
            change.build()
            change.make()
        finally:
            place.sweep()
    return True


def recover(folder: Path) -> None:
    """Finish or undo what a killed run left in and beside *folder*.

    :raises BusyError: that run is not dead.
    :raises FolderError: the change cannot be finished now.
    """
    place = _Place.of(folder)
    if not place.leftovers():
        return
    if place.exists(place.journal):
        with place.held():
            place.clear()
        return
    # Without a journal the folder is whole, and what lies beside it harms no command that only
    # reads; one that writes meets it again, and says so.
    with suppress(FolderError), place.held():
        place.clear()


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder, with the names beside it that are reserved for its change."""

    shown: str
    folder: Path
    new: Path
    journal: Path
    lock: Path

    @classmethod
    def of(cls, folder: Path) -> _Place:
        try:
            real = folder.resolve()
        except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise FolderError(_CANNOT_WRITE, f"it cannot be used: {why}", Place(str(folder))) from error
        try:
            mode = real.stat().st_mode
        except FileNotFoundError:
            if folder.is_symlink():
                message = "it is a symbolic link to nothing"
                raise FolderError(_CANNOT_WRITE, message, Place(str(folder))) from None
            mode = stat.S_IFDIR
        except OSError as error:
            raise FolderError(_CANNOT_WRITE, f"it cannot be used: {reason(error)}", Place(str(folder))) from error
        if not stat.S_ISDIR(mode) or not real.name:
            raise FolderError(_CANNOT_WRITE, "it is no folder that can be replaced", Place(str(folder)))
        new, journal, lock = (real.with_name(f".{real.name}.patchgen-{part}") for part in ("new", "journal", "lock"))
        return cls(str(folder), real, new, journal, lock)

    @staticmethod
    def exists(name: Path) -> bool:
        try:
            name.lstat()
        except OSError:
            return False
        return True

    def leftovers(self) -> bool:
        """Say whether a run was killed, or is at work."""
        return any(map(self.exists, (self.journal, self.draft, self.new, self.folder / _journal.STAGE, self.lock)))

    @property
    def draft(self) -> Path:
        """Where a journal is before it counts."""
        return self.journal.with_name(f"{self.journal.name}-new")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; what the system refuses meanwhile becomes a FolderError."""
        try:
            with locked(self.lock, self.folder):
                yield
        except _journal.JournalError as error:
            message = f"the journal of a killed run cannot be used: {error}"
            help_ = f"look at the folder and at {self.journal}, and remove the journal when the folder is right"
            raise FolderError(_HALF_WRITTEN, message, Place(self.shown), help_) from error
        except OSError as error:
            if self.exists(self.journal):
                message = f"the change is begun and cannot be finished now: {reason(error)}"
                help_ = "remove the cause and run any patchgen command: it finishes the change first"
                raise FolderError(_HALF_WRITTEN, message, Place(self.shown), help_) from error
            what = f" ({error.filename})" if error.filename else ""
            message = f"it cannot be written, and was not changed: {reason(error)}{what}"
            raise FolderError(_CANNOT_WRITE, message, Place(self.shown)) from error

    def clear(self) -> None:
        """Finish what has a journal, and remove the rest; under the lock."""
        if self.exists(self.journal):
            _journal.finish(self.journal, self.folder)
        for name in (self.draft, self.new, self.folder / _journal.STAGE):
            _disk.remove(name)

    def sweep(self) -> None:
        """Remove what is temporary, unless the journal stands and needs it."""
        if not self.exists(self.journal):
            for name in (self.draft, self.new, self.folder / _journal.STAGE):
                with suppress(OSError):  # the next run removes it, or says why it cannot
                    _disk.remove(name)


@dataclass(frozen=True, slots=True)
class _Change:
    """From what the folder holds to what it shall hold."""

    place: _Place
    before: dict[str, os.stat_result]
    """All that the folder holds."""
    is_new: bool
    """There is no such folder yet."""
    write: dict[str, bytes]
    """Files that are new or get other bytes."""
    drop: frozenset[str]
    """Files that go."""

    @classmethod
    def of(cls, place: _Place, files: Mapping[str, bytes], ours: Collection[str]) -> _Change:
        try:
            is_new = not place.exists(place.folder)
            before = {} if is_new else _disk.listed(place.folder)
        except OSError as error:
            message = f"it cannot be read: {reason(error)}"
            raise FolderError(_CANNOT_WRITE, message, Place(place.shown)) from error
        before.pop(_journal.STAGE, None)
        drop = frozenset(path for path in ours if path not in files and path in before and not _is_folder(before[path]))
        write: dict[str, bytes] = {}
        for path, data in files.items():
            _check_free(place, path, before, drop, files)
            try:
                same = path in before and (place.folder / path).read_bytes() == data
            except OSError as error:
                message = f"it cannot be read: {reason(error)}"
                raise FolderError(_CANNOT_WRITE, message, Place(f"{place.shown}/{path}")) from error
            if not same:
                _check_ours(place, path, before, ours)
                write[path] = data
        return cls(place, before, is_new, write, drop)

    def __bool__(self) -> bool:
        return bool(self.write or self.drop)

    def build(self) -> None:
        """Write the whole new folder beside the old one."""
        new, old = self.place.new, self.place.folder
        folders = self._folders()
        new.mkdir(0o777 if self.is_new else 0o700)
        for path in sorted(folders):
            (new / path).mkdir(0o777 if folders[path] is None else 0o700)
        for path, status in self.before.items():
            if not _is_folder(status) and path not in self.drop and path not in self.write:
                _disk.carry(old / path, new / path)
        for path, data in sorted(self.write.items()):
            _disk.write(new / path, data, self.before.get(path))
        if not self.is_new:
            folders[""] = old.stat()
        for path, before in sorted(folders.items(), reverse=True):
            if before is not None:
                # An exchange would get round it: who may not write in a folder may not replace it.
                if not os.access(old / path, os.W_OK | os.X_OK, effective_ids=True):
                    raise PermissionError(errno.EACCES, "", str(old / path))
                _disk.dress(new / path, before)
            _disk.sync(new / path)
        _disk.sync(new)

    def make(self) -> None:
        """Put the new folder in the place of the old one."""
        place = self.place
        if self.is_new:
            place.new.rename(place.folder)
            self._settle(lambda: place.folder.rename(place.new))
        elif _exchange.exchange(place.new, place.folder):
            self._settle(lambda: _exchange.exchange(place.new, place.folder))
        else:
            put = _journal.stage(place.folder, {path: place.new / path for path in self.write})
            self._check_untouched(place.folder)
            _journal.commit(place.journal, put, self.drop)
            _journal.finish(place.journal, place.folder)

    def _settle(self, undo: Callable[[], object]) -> None:
        """Check and sync what was put in place; where that fails, *undo* it, as the error will say."""
        try:
            if not self.is_new:
                self._check_untouched(self.place.new)
            _disk.sync(self.place.folder.parent)
        except BaseException:
            undo()
            raise

    def _folders(self) -> dict[str, os.stat_result | None]:
        """Return the subfolders of the new folder, with their old status: those not emptied, and new ones."""
        remaining = (self.before.keys() - self.drop) | self.write.keys()
        for folder in sorted({folder for path in self.drop for folder in _above(path)}, reverse=True):
            if not any(path.startswith(folder + "/") for path in remaining):
                remaining.discard(folder)
        kept = {path for path in remaining if path in self.before and _is_folder(self.before[path])}
        new = {folder for path in self.write for folder in _above(path)}
        return {path: self.before[path] if path in kept else None for path in kept | new}

    def _check_untouched(self, old: Path) -> None:
        """Refuse to go on unless *old* holds what it held when the change was computed."""
        now = {path: status for path, status in _disk.listed(old).items() if path.split("/")[0] != _journal.STAGE}
        if {path: _identity(status) for path, status in now.items()} != {
            path: _identity(status) for path, status in self.before.items()
        }:
            message = "something else changed the folder meanwhile; nothing was written"
            raise FolderError(_FOLDER_CHANGED, message, Place(self.place.shown), "run the command again")


def _check_as_read(place: _Place, expect: Mapping[str, bytes | None]) -> None:
    """Refuse to write what was made of bytes that are not there any more."""
    for path, data in expect.items():
        try:
            there: bytes | None = (place.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            there = None
        if there != data:
            message = f"something else changed {path} meanwhile; nothing was written"
            raise FolderError(_FOLDER_CHANGED, message, Place(place.shown), "run the command again")


def _check_free(
    place: _Place,
    path: str,
    before: Mapping[str, os.stat_result],
    drop: Collection[str],
    files: Mapping[str, bytes],
) -> None:
    """Refuse a path that would lie below a file or a link, or be a folder's."""
    for folder in _above(path):
        if folder in files or (folder in before and folder not in drop and not _is_folder(before[folder])):
            raise FolderError(_NOT_OURS, f"it cannot be written: {folder} is no folder", Place(f"{place.shown}/{path}"))
    if path in before and not stat.S_ISREG(before[path].st_mode):
        message = "it cannot be written: something that is no regular file has that name"
        raise FolderError(_NOT_OURS, message, Place(f"{place.shown}/{path}"))


def _check_ours(place: _Place, path: str, before: Mapping[str, os.stat_result], ours: Collection[str]) -> None:
    if path in before and path not in ours:
        message = "it cannot be written: another file has that name, and patchgen did not write it"
        raise FolderError(_NOT_OURS, message, Place(f"{place.shown}/{path}"))


def _is_folder(status: os.stat_result) -> bool:
    return stat.S_ISDIR(status.st_mode)


def _identity(status: os.stat_result) -> tuple[int, ...]:
    """Return what tells whether a file was changed; overlayfs may change its number when it is linked."""
    if stat.S_ISDIR(status.st_mode):
        return (stat.S_IFDIR,)
    return stat.S_IFMT(status.st_mode), status.st_size, status.st_mtime_ns


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
