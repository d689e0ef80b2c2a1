# SPDX-License-Identifier: GPL-3.0-or-later
"""A lock beside a folder: one writer at a time, and gone when its process is."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["BusyError", "locked"]

_BUSY = Slug.define(
    "busy",
    """Another patchgen is writing the same folder at this moment. Nothing was written. The lock goes with
    the process that holds it, so that a killed one blocks nobody.""",
)


class BusyError(PatchgenError, RuntimeError):
    """Another process holds the lock."""

    def __init__(self, folder: Path) -> None:
        message = "another patchgen is writing this folder"
        super().__init__(_BUSY, message, Place(str(folder)), "wait for it to end, and run the command again")


@contextmanager
def locked(name: Path, folder: Path) -> Iterator[None]:
    """Hold the lock file *name*, which is made for it and removed behind it.

    :param folder: what it protects, for the message.
    :raises BusyError: another process holds it; there is no waiting.
    :raises OSError: the lock file cannot be made.
    """
    descriptor = _taken(name, folder)
    try:
        yield
    finally:
        # Removed while held: whoever opened it before finds by its number that it is not the one any more.
        with suppress(OSError):  # a lock file that stays is taken by the next run
            name.unlink()
        os.close(descriptor)


def _taken(name: Path, folder: Path) -> int:
    import fcntl  # noqa: PLC0415 - only a command that writes needs it

    while True:
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if name.lstat().st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        except FileNotFoundError:
            pass  # its last holder removed it just now
        except OSError as error:
            os.close(descriptor)
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:  # flock(2); EACCES over NFS
                raise BusyError(folder) from error
            raise
        os.close(descriptor)
