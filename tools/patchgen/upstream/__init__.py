# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens an upstream tree: a folder, an orig tarball, or a revision of git or Bazaar.

All are read only, nothing of them is run, and the same content has the same digest. What is
left out of each, and why, is at :func:`patchgen._source.left_out`.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import Place

from ._limits import Limits
from ._memory import InMemory
from ._source import NO_UPSTREAM, UpstreamError, reason

if TYPE_CHECKING:
    from patchgen.tree import Source

__all__ = ["InMemory", "Limits", "UpstreamError", "open_upstream"]

_FORMS = "give a folder, a tarball (gz, bz2, xz, zst), git:REPOSITORY@REVISION or bzr:BRANCH@REVISION"


def open_upstream(text: str, *, limits: Limits | None = None) -> Source:
    """Return the upstream tree that *text* names.

    An existing file or folder of that name always wins. Else ``git:REPOSITORY@REVISION`` is a
    revision, and ``git:@REVISION`` one of the repository that the current folder is in;
    ``bzr:BRANCH@REVISION`` is one of a Bazaar branch.

    - A folder is listed at once and read when asked. No link is followed. What cannot be read is
      an error among the ``findings``, and a socket, device or named pipe a note. Where quilt's
      patches are pushed, the tree is read as if they were popped, with a note.
    - A tarball is told by its content, not its name. Its one top folder is taken off; a tarball
      that has more than one thing at its top is taken as it is (dpkg-source(1) does the same).
    - Of a revision, submodules are left out, with a note.

    :param limits: what a tarball may ask for.
    :raises UpstreamError: *text* names nothing, or what it names is refused.
    """
    path = Path(text)
    try:
        mode = path.stat().st_mode if text else 0
    except FileNotFoundError:
        return _elsewhere(text)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise _nothing(text, f"it cannot be opened: {why}") from error
    if not text:
        raise _nothing(text, "no upstream tree was named")
    if stat.S_ISDIR(mode):
        from ._unpacked import Folder  # noqa: PLC0415 - only what is asked for

        return Folder(text, bytes(path.absolute()))
    from ._archive import Archive  # noqa: PLC0415 - only what is asked for

    return Archive(text, bytes(path), limits or Limits())


def _elsewhere(text: str) -> Source:
    """Return the tree that is no file or folder here."""
    scheme, colon, rest = text.partition(":")
    if not colon:
        raise _nothing(text, "there is no such file or folder")
    if scheme not in {"git", "bzr"}:
        raise _nothing(text, "there is no such file or folder, and this is no form of revision known here")
    repository, at, revision = _split(rest)
    if not at:
        raise _nothing(text, "the revision is missing")
    if "://" in repository:
        raise _nothing(text, "patchgen does not use the network; clone the repository and name the clone")
    if scheme == "bzr":
        from ._bazaar import BazaarRevision  # noqa: PLC0415 - only what is asked for

        return BazaarRevision(text, repository, revision)
    from ._revision import Revision  # noqa: PLC0415 - only what is asked for

    return Revision(text, repository, revision)


def _split(rest: str) -> tuple[str, str, str]:
    """Split REPOSITORY@REVISION; both may hold an ``@`` (``HEAD@{1}``), but a repository exists."""
    at = rest.find("@")
    while at >= 0:
        if at == 0 or Path(rest[:at]).is_dir():
            return rest[:at], "@", rest[at + 1 :]
        at = rest.find("@", at + 1)
    return rest.partition("@")


def _nothing(text: str, message: str) -> UpstreamError:
    return UpstreamError(NO_UPSTREAM, message, Place(text) if text else None, _FORMS)
