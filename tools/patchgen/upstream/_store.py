# SPDX-License-Identifier: GPL-3.0-or-later
"""Many files' bytes in one file without a name, so that memory holds only where they are."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING

from patchgen.findings import Place

from ._source import NO_ROOM, UPSTREAM_CHANGED, Entries, UpstreamError, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from patchgen.findings import Finding

__all__ = ["Store", "Stored", "no_room"]


class Store:
    """A file that is read at any offset, and closed when nobody holds the store any more."""

    def __init__(self, descriptor: int) -> None:
        """Take over *descriptor*, which is open for reading."""
        self.length = os.fstat(descriptor).st_size
        """In bytes."""
        self._descriptor = descriptor
        weakref.finalize(self, os.close, descriptor)

    @classmethod
    def of(cls, pieces: Iterable[bytes], label: str) -> Store:
        """Return a store of *pieces*, one behind the other, in a temporary file.

        :param label: what the person called the upstream tree.
        :raises UpstreamError: the temporary file cannot be written.
        """
        import tempfile  # noqa: PLC0415 - slow to import, and a folder needs no store

        try:
            file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it is, below
        except OSError as error:
            raise no_room(label, error) from error
        with file:
            for piece in pieces:
                rest = memoryview(piece)
                try:
                    while rest:
                        rest = rest[file.write(rest) :]
                except OSError as error:
                    raise no_room(label, error) from error
            return cls(os.dup(file.fileno()))

    def read(self, offset: int, size: int) -> bytes:
        """Return the bytes ``[offset, offset + size)``, fewer at the end of the store."""
        data = os.pread(self._descriptor, size, offset)
        if len(data) == size:
            return data
        pieces = [data]
        while pieces[-1]:  # one call of Linux reads 2 GiB at most
            offset, size = offset + len(pieces[-1]), size - len(pieces[-1])
            pieces.append(os.pread(self._descriptor, size, offset))
        return b"".join(pieces)


class Stored(Entries):
    """An upstream tree whose files lie in a store."""

    def __init__(
        self,
        label: str,
        store: Store,
        where: Mapping[str, tuple[int, int]],
        links: Mapping[str, str],
        findings: Sequence[Finding] = (),
    ) -> None:
        """Make the tree; *where* has the offset and the size of each file in *store*."""
        super().__init__(label, where, links, findings)
        self._store, self._where = store, where

    def _bytes(self, path: str) -> bytes:
        offset, size = self._where[path]
        data = self._store.read(offset, size)
        if len(data) != size:
            raise UpstreamError(UPSTREAM_CHANGED, "the tarball was cut off while patchgen was at work", Place(path))
        return data


def no_room(label: str, error: OSError) -> UpstreamError:
    """Return the error for a temporary file that cannot be written."""
    message = f"a temporary file cannot be written: {reason(error)}"
    help_ = "make room, or let TMPDIR name a folder with more"
    return UpstreamError(NO_ROOM, message, Place(label), help_)
