# SPDX-License-Identifier: GPL-3.0-or-later
"""The patches that quilt pushed on a folder, and the files as they were before.

quilt keeps in ``.pc/PATCH/`` a backup of each file that PATCH changes, taken before it did. A
backup of no bytes stands for a file that was not there: ``quilt pop`` removes the file then
(``restore`` in quilt 0.66's backup-files). dpkg-source writes the same (Dpkg::Source::Quilt).
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from patchgen.findings import Place

from ._listing import NotAFileError, listing, read_file
from ._source import (
    PATCHES_PUSHED,
    READ_AS_POPPED,
    UpstreamError,
    decoded,
    encoded,
    left_out,
    note,
    reason,
    unsafe,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._listing import Listing

__all__ = ["APPLIED", "applied", "pop", "refusal"]

APPLIED = ".pc/applied-patches"
_FORMAT = ".pc/.version"
_VERSION = b"2"
_MAX_LIST = 1 << 20
# quilt's own files in .pc/PATCH/; the second is there after 'quilt push -f'. The tree may have such names too.
_OWN = frozenset({".timestamp", ".needs_refresh"})


def applied(root: bytes) -> list[str]:
    """Return the names of the patches that are pushed on the folder *root*, the first one first.

    :raises UpstreamError: quilt's record of them cannot be trusted.
    """
    if not _is_folder(root, ".pc"):
        return []
    names = [decoded(line) for line in _record(root, APPLIED).split(b"\n") if line]
    if not names:
        return []
    version = _record(root, _FORMAT).strip()
    if version != _VERSION:
        found = decoded(version) or "none"
        raise refusal(_FORMAT, f"the format of .pc is not the one known (2) but {found}")
    for name in names:
        if unsafe(name):
            raise refusal(APPLIED, f"the patch name {name!r} cannot be used: {unsafe(name)}")
        if names.count(name) > 1:
            raise refusal(APPLIED, f"the patch {name} is named twice")
        if any(other.startswith(name + "/") for other in names):
            raise refusal(APPLIED, f"the backups of {name} lie among those of another patch")
    return names


def pop(root: bytes, names: list[str], found: Listing) -> None:
    """Change *found*, the listing of *root*, into what it is without the patches *names*.

    :raises UpstreamError: it cannot be done with certainty.
    """
    earliest: dict[str, tuple[str, bytes]] = {}
    for name in names:
        folder = f".pc/{name}"
        if not all(_is_folder(root, path) for path in (*reversed(tuple(_above(folder))), folder)):
            raise refusal(folder, f"the backups of the patch {name} are missing")
        backups = listing(root + b"/" + encoded(folder), sieve=False)
        for path in backups.links:
            place = f"{folder}/{path}"
            raise refusal(place, "a backup of quilt's is a symbolic link")
        for finding in backups.findings:
            raise refusal(folder, f"a backup of quilt's cannot be used: {finding.message}")
        for path, where in backups.files.items():
            if path not in _OWN:
                earliest.setdefault(path, (folder, _backup(where, f"{folder}/{path}")))
    for path, (folder, where) in earliest.items():
        if not left_out(path):
            _restore(path, folder, where, found)
    _check_places(earliest, found)
    count = len(names)
    what = "one patch is" if count == 1 else f"{count} patches are"
    found.findings.append(note(READ_AS_POPPED, f"{what} pushed: the tree was read as if popped", APPLIED))


def refusal(path: str, message: str) -> UpstreamError:
    """Return the error for a tree whose patches cannot be taken off."""
    return UpstreamError(
        PATCHES_PUSHED,
        f"patches are pushed on the tree, and it cannot be read as if popped: {message}",
        Place(path),
        "run 'quilt pop -a' there, or give the orig tarball",
    )


def _restore(path: str, folder: str, where: bytes, found: Listing) -> None:
    for name in (path, *_above(path)):
        if name in found.links:
            place = f"{folder}/{path}"
            raise refusal(place, "the place of the backup in the tree is or lies behind a symbolic link")
    if where:
        found.files[path] = where
    else:
        found.files.pop(path, None)


def _check_places(popped: Iterable[str], found: Listing) -> None:
    """Refuse a backup that would be a file where the tree has a folder, or the other way round."""
    folders = {folder for path in found.files for folder in _above(path)}
    for path in popped:
        if path in found.files and (path in folders or any(folder in found.files for folder in _above(path))):
            raise refusal(path, "a file of the tree lies where a backup has a folder, or the other way round")


def _above(path: str) -> Iterator[str]:
    """Yield the folders that *path* lies in, the innermost one first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _is_folder(root: bytes, path: str) -> bool:
    try:
        mode = os.lstat(root + b"/" + encoded(path)).st_mode
    except FileNotFoundError:
        return False
    except OSError as error:
        raise refusal(path, reason(error)) from error
    if stat.S_ISLNK(mode):
        raise refusal(path, "it is a symbolic link")
    return stat.S_ISDIR(mode)


def _record(root: bytes, path: str) -> bytes:
    """Return the bytes of a file of quilt's own; none when there is no such file."""
    try:
        data = read_file(root + b"/" + encoded(path))
    except FileNotFoundError:
        return b""
    except NotAFileError as error:
        raise refusal(path, "it is no regular file") from error
    except OSError as error:
        raise refusal(path, reason(error)) from error
    if len(data) > _MAX_LIST:
        raise refusal(path, "no list of patches has a megabyte")
    return data


def _backup(where: bytes, path: str) -> bytes:
    """Return where the bytes of the backup are; nowhere when it stands for a file that was not there."""
    # Such a backup need not be readable: GNU patch made it with no permissions at all once.
    try:
        if os.lstat(where).st_size == 0:
            return b""
    except OSError as error:
        raise refusal(path, reason(error)) from error
    if not os.access(where, os.R_OK, effective_ids=True):
        raise refusal(path, "a backup of quilt's cannot be read")
    return where
