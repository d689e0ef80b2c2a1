# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a tree that an edit can be conditional on: a function, a member, a file, a word.

A fact is never a version: what matters is what the tree has. Keys of one table must all hold.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from patchgen.syntax import c
from patchgen.tree import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.tree import Tree

__all__ = ["Fact"]


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A condition on the tree.

    :param function: there is a definition of this function; with ``parameter``, it has one of that name.
    :param file: there is a file whose path matches this glob; it also limits ``function`` and ``word``.
    :param word: the word stands in code of a C file, or anywhere in another.
    :param all, any, none: further facts, combined.
    """

    function: str | None = None
    parameter: str | None = None
    file: str | None = None
    word: str | None = None
    all: tuple[Fact, ...] = ()
    any: tuple[Fact, ...] = ()
    none: tuple[Fact, ...] = ()

    def words(self) -> frozenset[bytes]:
        """Return the words that the fact is looked up by."""
        own = {word.encode() for word in (self.function, self.word) if word}
        return frozenset(own.union(*(fact.words() for fact in (*self.all, *self.any, *self.none))))

    def holds(self, tree: Tree) -> bool:
        """Whether the fact is true of *tree*."""
        if self.function is not None:
            if not any(self._declared(tree)):
                return False
        elif self.word is not None:
            if not any(self._worded(tree)):
                return False
        elif self.file is not None and not tree.matching((self.file,)):
            return False
        return (
            all(fact.holds(tree) for fact in self.all)
            and (not self.any or any(fact.holds(tree) for fact in self.any))
            and not any(fact.holds(tree) for fact in self.none)
        )

    def _paths(self, tree: Tree, word: str) -> Iterator[str]:
        for path in tree.mentioning([word.encode()]):
            if self.file is None or fnmatchcase(path, self.file):
                yield path

    def _declared(self, tree: Tree) -> Iterator[str]:
        for path in self._paths(tree, self.function or ""):
            if c.is_c(path):
                for found in c.function_named(c.parse(tree.read(path)), self.function or ""):
                    if self.parameter is None or found.index(self.parameter) is not None:
                        yield path

    def _worded(self, tree: Tree) -> Iterator[str]:
        word = (self.word or "").encode()
        for path in self._paths(tree, self.word or ""):
            data = tree.read(path)
            if not c.is_c(path):
                if re.search(rb"(?<!\w)" + re.escape(word) + rb"(?!\w)", data):
                    yield path
                continue
            parsed = c.parse(data)
            dumb = {c.Role.COMMENT, c.Role.STRING, c.Role.DEAD}
            if any(c.use_at(parsed, *span).role not in dumb for span in mentions(data, [word])):
                yield path
