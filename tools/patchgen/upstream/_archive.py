# SPDX-License-Identifier: GPL-3.0-or-later
"""An upstream tree that is a tarball, read without unpacking it into files."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from patchgen.findings import Place

from . import _pushed
from ._source import BAD_ARCHIVE, NO_UPSTREAM, UpstreamError, left_out, reason
from ._store import Store, Stored
from ._tar import Kind, TarError, members
from ._unpack import DamagedError, NoProgramError, packing, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._limits import Limits
    from ._tar import Member

__all__ = ["Archive"]


class Archive(Stored):
    """A tarball: plain, or packed by gzip, bzip2, xz or zstd.

    Its bytes are unpacked once, into a file without a name, and stay there: memory holds the names
    only, and what happens to the tarball afterwards changes nothing.
    """

    def __init__(self, label: str, name: bytes, limits: Limits) -> None:
        """Unpack the tarball *name* and read its directory.

        :raises UpstreamError: it is no tarball, or one that is refused.
        """
        store = _plain(label, name, limits)
        found = _Found(label)
        try:
            for count, member in enumerate(members(store), 1):
                if count > limits.members:
                    raise _bad(label, f"it has more than {limits.members:,} members")
                found.add(member)
        except TarError as error:
            where = f"at or behind the member {error.member!r}: " if error.member else ""
            raise _bad(label, f"{where}{error}") from error
        except OSError as error:
            raise UpstreamError(NO_UPSTREAM, f"it cannot be read: {reason(error)}", Place(label)) from error
        links = found.finish()
        super().__init__(label, store, found.files, links)


@dataclass(slots=True)
class _Found:
    """The members of an archive, as the checks let them in."""

    label: str
    kinds: dict[str, Kind] = field(default_factory=dict)
    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def add(self, member: Member) -> None:
        """Take in one more member.

        :raises UpstreamError: it is one that no source has.
        """
        path = self._checked(member.name, member.name)
        if not path:
            if member.kind is Kind.FOLDER:
                return
            raise self._refused(member.name, "it has no name")
        before = self.kinds.get(path)
        if before is not None and not before is member.kind is Kind.FOLDER:
            raise self._refused(member.name, "it stands there twice")
        self.kinds[path] = member.kind
        if member.kind is Kind.FILE:
            self.files[path] = member.offset, member.size
        elif member.kind is Kind.LINK:
            self.links[path] = member.target
        elif member.kind is Kind.HARD_LINK:
            # The target of a hard link is a member's name (POSIX pax), and that member came before.
            target = self._checked(member.target, member.name)
            if target not in self.files:
                raise self._refused(member.name, f"it is a hard link to {member.target!r}, no file before it")
            self.files[path] = self.files[target]

    def finish(self) -> dict[str, str]:
        """Check what only all members together tell, take off the top folder, and return the links."""
        if not self.files:
            raise _bad(self.label, "there is no file in it")
        self._check_folders()
        tops = {path.partition("/")[0] for path in self.kinds}
        top = tops.pop() if len(tops) == 1 else ""
        start = len(top) + 1 if top and self.kinds.get(top, Kind.FOLDER) is Kind.FOLDER else 0
        files = {path[start:]: where for path, where in self.files.items()}
        if files.get(_pushed.APPLIED, (0, 0))[1]:
            raise _pushed.refusal(_pushed.APPLIED, "it is a tarball")
        self.files = {path: where for path, where in files.items() if not left_out(path)}
        links = {path[start:]: target for path, target in self.links.items()}
        for path, target in links.items():
            if not left_out(path) and _leads_out(path, target):
                raise self._refused(path, f"it is a link out of the tree, to {target!r}")
        return {path: target for path, target in links.items() if not left_out(path)}

    def _checked(self, name: str, member: str) -> str:
        """Return *name* without empty parts."""
        parts = name.split("/")
        if name.startswith("/"):
            raise self._refused(member, "a name in it is absolute")
        if ".." in parts:
            raise self._refused(member, "a name in it leads out of the tree (..)")
        if "\0" in name:
            raise self._refused(member, "a name in it holds a zero byte")
        return "/".join(part for part in parts if part not in ("", "."))

    def _check_folders(self) -> None:
        """Refuse a member below a file or a link: it would be written to wherever the link leads."""
        fine = {""}
        for path in self.kinds:
            folder = path.rpartition("/")[0]
            while folder not in fine:
                if self.kinds.get(folder, Kind.FOLDER) is not Kind.FOLDER:
                    raise self._refused(path, f"it lies below {folder!r}, which is no folder")
                fine.add(folder)
                folder = folder.rpartition("/")[0]

    def _refused(self, member: str, message: str) -> UpstreamError:
        return _bad(self.label, f"the member {member!r}: {message}")


def _leads_out(path: str, target: str) -> bool:
    """Say whether the link at *path* leads out of the tree, or nowhere, read as text."""
    if target.startswith("/") or not target or "\0" in target:
        return True
    depth = path.count("/")
    for part in target.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return True
    return False


def _plain(label: str, name: bytes, limits: Limits) -> Store:
    """Return the unpacked archive."""
    place = Place(label)
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UpstreamError(NO_UPSTREAM, f"it cannot be read: {reason(error)}", place) from error
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UpstreamError(NO_UPSTREAM, "it is neither a folder nor a file", place, _HELP)
        try:
            start = file.read(6)
            file.seek(0)
            packed = packing(start)
            return _unpack(label, file, packed, limits) if packed else Store(os.dup(descriptor))
        except DamagedError as error:
            raise _bad(label, str(error)) from error
        except NoProgramError as error:
            raise UpstreamError(NO_UPSTREAM, str(error), place) from error
        except OSError as error:
            raise UpstreamError(NO_UPSTREAM, f"it cannot be read: {reason(error)}", place) from error


def _unpack(label: str, file: IO[bytes], packed: str, limits: Limits) -> Store:
    size = os.fstat(file.fileno()).st_size

    def within_limits() -> Iterator[bytes]:
        total = 0
        for piece in unpacked(file, packed):
            total += len(piece)
            if total > limits.unpacked:
                raise _bad(label, f"it unpacks to more than {limits.unpacked:,} bytes")
            if total > max(limits.ratio_from, size * limits.ratio):
                raise _bad(label, f"it unpacks to more than {limits.ratio} times its size")
            yield piece

    return Store.of(within_limits(), label)


def _bad(label: str, message: str) -> UpstreamError:
    return UpstreamError(BAD_ARCHIVE, message, Place(label), "nothing of it was used; fetch it again and verify it")


_HELP = "give a folder, a tarball (gz, bz2, xz, zst), or git:REPOSITORY@REVISION"
