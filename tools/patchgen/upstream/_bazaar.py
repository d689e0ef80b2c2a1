# SPDX-License-Identifier: GPL-3.0-or-later
"""An upstream tree that is a revision of a Bazaar branch, as ``brz export`` gives it.

What Bazaar keeps for itself in a tree (``.bzrignore``, ``.bzrrules``) is left out, as it is of an orig tarball
that was exported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.bazaar import Bazaar, BazaarError, local_branch
from patchgen.findings import Place

from . import _pushed
from ._listing import listing, read_file
from ._source import NO_UPSTREAM, UpstreamError
from ._store import Store, Stored

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BazaarRevision"]


class BazaarRevision(Stored):
    """The tree of one revision."""

    def __init__(self, label: str, branch: str, revision: str) -> None:
        """Export *revision*, in any form that brz knows, of the *branch* in a folder, and read it.

        :raises PatchgenError: there is no such branch or revision, or brz is not there.
        """
        if not revision or "\0" in revision or ".." in revision:
            message = f"{revision!r} is no name of a revision"
            raise UpstreamError(NO_UPSTREAM, message, Place(label), "write bzr:BRANCH@REVISION")
        with Bazaar() as bazaar:
            out = bazaar.folder / "tree"
            try:
                where = local_branch(branch or ".")
                bazaar.run("export", "--quiet", "--format=dir", f"--revision={revision}", out, where, place=label)
            except BazaarError as error:
                help_ = error.finding.help or "write bzr:BRANCH@REVISION"
                raise UpstreamError(error.finding.slug, error.finding.message, Place(label), help_) from error
            found = listing(bytes(out), sieve=True)
            if _pushed.applied(bytes(out)):
                raise _pushed.refusal(_pushed.APPLIED, "it is a revision")
            sizes: dict[str, tuple[int, int]] = {}

            def pieces() -> Iterator[bytes]:
                at = 0
                for path, name in sorted(found.files.items()):
                    data = read_file(name)
                    sizes[path] = at, len(data)
                    at += len(data)
                    yield data

            store = Store.of(pieces(), label)
        super().__init__(label, store, sizes, found.links, found.findings)
