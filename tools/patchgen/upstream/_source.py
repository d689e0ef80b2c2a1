# SPDX-License-Identifier: GPL-3.0-or-later
"""What every form of an upstream tree has in common: its errors, its digest, what is left out.

A path is a str with ``/`` between its parts. It is decoded as UTF-8, and a byte that is not UTF-8
is kept as a lone surrogate (PEP 383), in any locale.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from patchgen.findings import Finding, Level, PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "BAD_ARCHIVE",
    "NO_ROOM",
    "NO_UPSTREAM",
    "PATCHES_PUSHED",
    "READ_AS_POPPED",
    "SPECIAL_FILE",
    "SUBMODULE",
    "UNREADABLE",
    "UPSTREAM_CHANGED",
    "Entries",
    "UpstreamError",
    "decoded",
    "encoded",
    "left_out",
    "note",
    "reason",
    "unsafe",
    "unusable",
]

NO_UPSTREAM = Slug.define(
    "no-upstream",
    """What was given as the upstream tree is none that can be opened: --upstream takes a folder, a
    tarball, git:REPOSITORY@REVISION or bzr:BRANCH@REVISION. When a file or folder of the given name exists, it is meant.""",
)
NO_ROOM = Slug.define(
    "no-room",
    """The upstream tarball has to be unpacked into one temporary file, and that cannot be written. It
    lies in the folder that TMPDIR names, else in /tmp, and is gone when the command ends.""",
)
BAD_ARCHIVE = Slug.define(
    "bad-archive",
    """The upstream tarball is damaged, or a member of it is one that no source tarball has: a path or a
    link that leads out of the tree, a name that stands there twice, a device, a sparse file, or more
    than the limits allow. Nothing of it is used. Compare it with upstream's signature or checksum.""",
)
PATCHES_PUSHED = Slug.define(
    "patches-pushed",
    """quilt's .pc/applied-patches names patches that are pushed on the upstream tree. patchgen reads such
    a tree as if they were popped, from the backups that quilt keeps in .pc. Here that cannot be done
    with certainty. Pop them with 'quilt pop -a', or give the orig tarball.""",
)
READ_AS_POPPED = Slug.define(
    "read-as-popped",
    """Patches are pushed on the upstream tree, and it was read as it is without them, as quilt pop would
    leave it. Nothing in the folder was changed. An empty file that a pushed patch changes is taken for
    one that it creates: quilt's backups do not tell the two apart, and pop removes both.""",
)
UNREADABLE = Slug.define(
    "unreadable",
    """A file or folder of the upstream tree could not be read, so that the ledger would not be complete.
    Give it read permission, or give patchgen the orig tarball.""",
)
SPECIAL_FILE = Slug.define(
    "special-file",
    """A socket, device or named pipe lies in the upstream tree. It is no part of a source, was not
    opened, and is left out.""",
)
SUBMODULE = Slug.define(
    "submodule",
    """The git revision holds a submodule: a reference to a commit of another repository, whose files
    are not in this one. It is left out of the tree.""",
)
UPSTREAM_CHANGED = Slug.define(
    "upstream-changed",
    """A file of the upstream tree vanished or changed while it was being read. Nothing was written.
    Run the command again when nothing else writes there.""",
)

_VCS = frozenset({".git", ".bzr", ".svn", ".hg", ".pc"})


class UpstreamError(PatchgenError, ValueError):
    """The upstream tree cannot be used."""


class Entries:
    """The base of the sources: the names are known, the bytes come when they are asked for.

    It fits :class:`patchgen.tree.Source`, and adds ``in``. Bytes that are read twice must be the
    same both times; the digest of each file is taken along with its first read.
    """

    def __init__(
        self, label: str, paths: Iterable[str], links: Mapping[str, str], findings: Sequence[Finding] = ()
    ) -> None:
        from hashlib import sha256  # noqa: PLC0415 - 25 ms, and the command line imports this module for its errors

        self._sha256 = sha256
        self._label, self._links, self._findings = label, dict(sorted(links.items())), tuple(findings)
        self._paths = tuple(sorted(paths))
        self._known = frozenset(self._paths)
        self._digests: dict[str, bytes] = {}

    @property
    def label(self) -> str:
        """What the person called it."""
        return self._label

    @property
    def links(self) -> Mapping[str, str]:
        """The symbolic links: path to target, as written in the link; sorted by path."""
        return self._links

    @property
    def findings(self) -> Sequence[Finding]:
        """What could not be read (errors), and what was left out or read in a special way (notes)."""
        return self._findings

    def paths(self) -> Sequence[str]:
        """Return the paths of all regular files, sorted."""
        return self._paths

    def __contains__(self, path: object) -> bool:
        """Say whether there is a regular file at *path*."""
        return path in self._known

    def read(self, path: str) -> bytes:
        """Return the bytes of the file at *path*.

        :raises KeyError: there is no such file.
        :raises UpstreamError: it cannot be read, or is not any more what it was.
        """
        if path not in self._known:
            raise KeyError(path)
        data = self._bytes(path)
        digest = self._sha256(data).digest()
        if self._digests.setdefault(path, digest) != digest:
            raise UpstreamError(UPSTREAM_CHANGED, "the file changed while patchgen was at work", Place(path))
        return data

    def digest(self) -> str:
        """Return the digest of the tree, 64 hexadecimal digits.

        It is the SHA-256 of the line ``patchgen tree 1`` and, for each file and link in the order of
        their paths' bytes, of: ``F`` or ``L``, the path, a zero byte, and the 32 bytes of the SHA-256
        of the file's bytes or of the link's target. Modes, owners, times and empty folders do not
        count, nor does what :func:`left_out` leaves out, so that a tarball, the folder unpacked from
        it, and a git revision of the same content have the same digest.
        """
        whole = self._sha256(b"patchgen tree 1\n")
        files = [(encoded(path), b"F", path) for path in self._paths]
        links = [(encoded(path), b"L", path) for path in self._links]
        for name, kind, path in sorted(files + links):
            if kind == b"L":
                content = self._sha256(encoded(self._links[path])).digest()
            else:
                if path not in self._digests:
                    self.read(path)
                content = self._digests[path]
            whole.update(b"%b%b\0%b" % (kind, name, content))
        return whole.hexdigest()

    def _bytes(self, path: str) -> bytes:
        """Return the bytes of the file at *path*, which is one of :meth:`paths`."""
        raise NotImplementedError


def decoded(name: bytes) -> str:
    """Return *name* as patchgen keeps it."""
    return name.decode("utf-8", "surrogateescape")


def encoded(name: str) -> bytes:
    """Return the bytes of *name*: the inverse of :func:`decoded`."""
    return name.encode("utf-8", "surrogateescape")


def left_out(path: str) -> bool:
    """Say whether *path* is no part of an upstream tree.

    That is ``debian/`` at the top, because a patch of a source package never touches it
    (dpkg-source(1), format 3.0 quilt), and at any depth what version control and quilt keep for
    themselves: ``.git``, ``.bzr``, ``.svn``, ``.hg``, ``.pc``.
    """
    parts = path.split("/")
    return parts[0] == "debian" or not _VCS.isdisjoint(parts)


def unsafe(name: str) -> str:
    """Return why *name* cannot be a path within a tree, or the empty string when it can."""
    if name.startswith("/"):
        return "its name is absolute"
    if "\0" in name:
        return "its name holds a zero byte"
    parts = name.split("/")
    if ".." in parts:
        return "its name leads out of the tree (..)"
    if "" in parts or "." in parts:
        return "its name has an empty part"
    return ""


def reason(error: OSError) -> str:
    """Return what the system said, without Python's decoration."""
    return os.strerror(error.errno) if error.errno is not None else str(error)


def unusable(path: str, error: OSError) -> UpstreamError:
    """Return the error for a file of the tree that was listed and then could not be read."""
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ESTALE}:
        return UpstreamError(UPSTREAM_CHANGED, "the file vanished while patchgen was at work", Place(path))
    return UpstreamError(UNREADABLE, f"the file cannot be read: {reason(error)}", Place(path))


def note(slug: Slug, message: str, path: str) -> Finding:
    """Return a note about *path*."""
    return Finding(slug, Level.NOTE, message, Place(path))
