# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of a tree a C file includes, directly or through others.

Include paths are not known, so an inclusion is resolved by name: the folder of the including file
first, else every file of the tree whose path ends with the name. That sees too much rather than
too little.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchgen.tree import Tree

__all__ = ["Inclusions", "included_names"]

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*[<"]([^">\n]+)[">]', re.MULTILINE)


class Inclusions:
    """What the files of one tree include; each is read once, however many files include it."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._direct: dict[str, tuple[str, ...]] = {}
        self._all: dict[str, frozenset[str]] = {}

    def of(self, path: str) -> frozenset[str]:
        """Return the paths of all files of the tree that *path* includes, itself among them."""
        known = self._all.get(path)
        if known is not None:
            return known
        seen = {path}
        todo = [path]
        while todo:
            for found in self._directly(todo.pop()):
                if found not in seen:
                    seen.add(found)
                    todo.append(found)
        return self._all.setdefault(path, frozenset(seen))

    def _directly(self, path: str) -> tuple[str, ...]:
        known = self._direct.get(path)
        if known is None:
            names = included_names(self._tree.read(path))
            known = self._direct[path] = tuple(found for name in names for found in self._resolve(path, name))
        return known

    def _resolve(self, path: str, name: str) -> list[str]:
        candidates = self._tree.named(posixpath.basename(name))
        near = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        if near in candidates:
            return [near]
        tail = "/" + posixpath.normpath(name).lstrip("./")
        return [candidate for candidate in candidates if ("/" + candidate).endswith(tail)]


@lru_cache(maxsize=8192)
def included_names(data: bytes) -> tuple[str, ...]:
    """Return the names in the ``#include`` lines of a file."""
    return tuple(name.decode("utf-8", "surrogateescape") for name in _INCLUDE.findall(data))
