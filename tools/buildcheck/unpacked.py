# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree that is patched already, read as it lies there.

:func:`patchgen.upstream.open_upstream` takes the patches of quilt off that are pushed; here they are
what is to be proved.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Place, Slug

from .store import digest, key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchgen.findings import Finding

__all__ = ["TreeError", "Unpacked"]

_NO_TREE = Slug.define(
    "no-tree", """What --tree names is no folder that can be read, or a file in it cannot be read."""
)
_LEFT_OUT = frozenset({".git", ".bzr", ".svn", ".hg", ".pc"})


class TreeError(PatchgenError, ValueError):
    """The tree cannot be read."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A folder as a :class:`patchgen.tree.Source`, without ``debian/`` and what version control and quilt keep.

    :param label: what the person called it.
    """

    label: str
    links: Mapping[str, str] = field(repr=False)
    _where: Mapping[str, Path] = field(repr=False)
    findings: Sequence[Finding] = ()

    @classmethod
    def open(cls, label: str) -> Unpacked:
        """List the folder; no link is followed.

        :raises TreeError: it cannot be read.
        """
        root = Path(label)
        links: dict[str, str] = {}
        where: dict[str, Path] = {}
        if not root.is_dir():
            raise TreeError(_NO_TREE, "there is no such folder", Place(label))
        for folder, folders, names in os.walk(root, onerror=_refuse):
            inside = os.path.relpath(folder, root)
            prefix = "" if inside == "." else f"{inside}/"
            for name in [*folders, *names]:
                path = Path(folder) / name
                if path.is_symlink():
                    links[prefix + name] = str(path.readlink())
                elif path.is_file() and name not in _LEFT_OUT:
                    where[prefix + name] = path
            folders[:] = [
                n for n in folders if n not in _LEFT_OUT and (prefix or n != "debian") and prefix + n not in links
            ]
        return cls(label, dict(sorted(links.items())), where)

    def paths(self) -> Sequence[str]:
        """Return the paths of all regular files, sorted."""
        return sorted(self._where)

    def __contains__(self, path: object) -> bool:
        """Say whether there is a regular file at *path*."""
        return path in self._where

    def read(self, path: str) -> bytes:
        """Return the bytes of the file at *path*.

        :raises KeyError: there is no such file.
        :raises TreeError: it cannot be read.
        """
        try:
            return self._where[path].read_bytes()
        except OSError as error:
            raise TreeError(_NO_TREE, f"cannot be read: {error.strerror}", Place(path)) from error

    def digest(self) -> str:
        """Return a digest of all paths, links and bytes."""
        files = (text for path in self.paths() for text in (path, digest(self.read(path))))
        return key(*files, "links", *(text for link in self.links.items() for text in link))


def _refuse(error: OSError) -> None:
    raise TreeError(_NO_TREE, f"cannot be read: {error.strerror}", Place(str(error.filename))) from error
