# SPDX-License-Identifier: GPL-3.0-or-later
"""An upstream tree that is an unpacked folder."""

from __future__ import annotations

import os

from patchgen.findings import Place

from . import _pushed
from ._listing import NotAFileError, listing, read_file
from ._source import NO_UPSTREAM, UPSTREAM_CHANGED, Entries, UpstreamError, reason, unusable

__all__ = ["Folder"]


class Folder(Entries):
    """A folder, with quilt's patches taken off where some are pushed."""

    def __init__(self, label: str, root: bytes) -> None:
        """List the folder at *root*.

        :raises UpstreamError: it cannot be read, or patches are pushed that cannot be taken off.
        """
        try:
            os.scandir(root).close()
        except OSError as error:
            raise UpstreamError(NO_UPSTREAM, f"it cannot be read: {reason(error)}", Place(label)) from error
        found = listing(root, sieve=True)
        applied = _pushed.applied(root)
        if applied:
            _pushed.pop(root, applied, found)
        self._where = found.files
        super().__init__(label, found.files, found.links, found.findings)

    def _bytes(self, path: str) -> bytes:
        try:
            return read_file(self._where[path])
        except NotAFileError as error:
            raise UpstreamError(UPSTREAM_CHANGED, "the file is no file any more", Place(path)) from error
        except OSError as error:
            raise unusable(path, error) from error
