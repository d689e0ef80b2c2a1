# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing that is on the disk when it returns, and the small steps around it.

Every function raises OSError when a step fails.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["carry", "dress", "listed", "remove", "sync", "write"]


def listed(folder: Path) -> dict[str, os.stat_result]:
    """Return all that lies below *folder*, by path; links are not followed."""
    found: dict[str, os.stat_result] = {}
    pending = [(folder, "")]
    while pending:
        where, prefix = pending.pop()
        with os.scandir(where) as entries:
            for entry in entries:
                found[prefix + entry.name] = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    pending.append((where / entry.name, f"{prefix}{entry.name}/"))
    return found


def write(name: Path, data: bytes, old: os.stat_result | None = None) -> None:
    """Write the new file *name*, with mode and owner of the *old* one that it stands for."""
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if old is not None:
            dress(descriptor, old)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def dress(name: Path | int, old: os.stat_result) -> None:
    """Give a file or folder the mode of *old*, and its owner and group where we may."""
    with contextlib.suppress(PermissionError):
        os.chown(name, old.st_uid, old.st_gid)
    os.chmod(name, stat.S_IMODE(old.st_mode))  # noqa: PTH101 - it may be a descriptor


def carry(source: Path, target: Path) -> None:
    """Make *target* the same file as *source*; where links are not possible, a copy with its times."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # EPERM, EXDEV, EMLINK, EOPNOTSUPP: it depends on the file system
        status = source.lstat()
        if stat.S_ISLNK(status.st_mode):
            target.symlink_to(source.readlink())
        elif stat.S_ISREG(status.st_mode):
            write(target, source.read_bytes(), status)
        else:
            raise
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)


def sync(folder: Path) -> None:
    """Write the names in *folder* to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(name: Path) -> None:
    """Remove what is there, if anything is, with all below it; links are not followed."""
    try:
        mode = name.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(mode):
        name.unlink()
        return
    if mode & stat.S_IRWXU != stat.S_IRWXU:
        name.chmod(stat.S_IRWXU)
    with os.scandir(name) as entries:
        inside = [entry.name for entry in entries]
    for entry_name in inside:
        remove(name / entry_name)
    name.rmdir()
