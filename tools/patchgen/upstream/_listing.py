# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in a folder: its files, links, and what cannot be read. Nothing is followed or waited for."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field

from patchgen.findings import Finding, Level, Place

from ._source import SPECIAL_FILE, UNREADABLE, decoded, left_out, note, reason

__all__ = ["Listing", "NotAFileError", "listing", "read_file"]

# A link or named pipe that took the file's place meanwhile must neither be followed nor waited for.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(slots=True)
class Listing:
    """What lies in a folder, by path below it."""

    files: dict[str, bytes] = field(default_factory=dict)
    """Regular files, with the place where their bytes are."""
    links: dict[str, str] = field(default_factory=dict)
    """Symbolic links, with their targets."""
    findings: list[Finding] = field(default_factory=list)
    """Errors for what cannot be read, notes for what is neither file, folder nor link."""


class NotAFileError(ValueError):
    """Something else than a regular file stands there."""


def listing(root: bytes, *, sieve: bool) -> Listing:
    """Return what lies below *root*; no link is followed.

    :param sieve: leave out what :func:`patchgen._source.left_out` says, and, with a finding, the
        files that may not be read; else all files are listed.
    """
    found = Listing()
    pending = [(root, "")]
    while pending:
        folder, prefix = pending.pop()
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError as error:
            found.findings.append(_unreadable("folder", prefix.rstrip("/"), error))
            continue
        for entry in listed:
            path = prefix + decoded(entry.name)
            if sieve and left_out(path):
                continue
            try:
                _sort(entry, path, found, pending, sieve=sieve)
            except OSError as error:
                found.findings.append(_unreadable("entry", path, error))
    found.findings.sort(key=lambda finding: finding.place.path if finding.place else "")
    return found


def read_file(name: bytes) -> bytes:
    """Return the bytes of the regular file *name*.

    :raises OSError: it cannot be read.
    :raises ValueError: it is no regular file.
    """
    descriptor = os.open(name, _READ)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotAFileError(name)
        data = os.read(descriptor, status.st_size + 1)
        if len(data) == status.st_size:
            return data
        pieces = [data]
        while pieces[-1]:
            pieces.append(os.read(descriptor, 1 << 20))
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def _sort(
    entry: os.DirEntry[bytes], path: str, found: Listing, pending: list[tuple[bytes, str]], *, sieve: bool
) -> None:
    if entry.is_symlink():
        found.links[path] = decoded(os.readlink(entry.path))  # noqa: PTH115 - a name in bytes
    elif entry.is_dir(follow_symlinks=False):
        pending.append((entry.path, path + "/"))
    elif not entry.is_file(follow_symlinks=False):
        found.findings.append(note(SPECIAL_FILE, "neither a file nor a folder nor a link: left out", path))
    elif not sieve or os.access(entry.path, os.R_OK, effective_ids=True):
        found.files[path] = entry.path
    else:
        found.findings.append(_unreadable("file", path, PermissionError(errno.EACCES, "")))


def _unreadable(what: str, path: str, error: OSError) -> Finding:
    help_ = "give it read permission, or give the orig tarball"
    return Finding(UNREADABLE, Level.ERROR, f"the {what} cannot be read: {reason(error)}", Place(path), help_)
