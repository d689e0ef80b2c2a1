# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of C that a backslash at the end of a line cuts in two: the compiler joins them, and a search by name misses them.

C17 5.1.1.2p1, phase 2. Nobody writes that by hand, so that the file is refused and not read in another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import c
from patchgen.tree import cut_words

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from patchgen.syntax.parsed import Span
    from patchgen.tree import Tree

    from .edit import Edit

__all__ = ["CUT_WORD", "cut_in"]

CUT_WORD = Slug.define(
    "cut-word",
    """A backslash at the end of a line cuts a word in two. The compiler puts it together again, so that a name or a
    keyword stands there that no search finds. Join the lines, or excuse the place.""",
)

_QUIET = frozenset({c.Role.COMMENT, c.Role.DEAD, c.Role.STRING, c.Role.INCLUDE, c.Role.PRAGMA})


def cut_in(edit: Edit, tree: Tree, names: Container[str], used: Container[str]) -> Iterator[tuple[str, Span, str, str]]:
    """Yield path, span, word and function of each word that is cut and may be one that the edit means.

    :param names: the names that the edit owns: these count in every file that it covers, as do all words of its text.
    :param used: the paths of the files that it has read its names in: there any word counts.
    """
    for path in tree.with_cut_words():
        if not c.is_c(path) or not edit.covers(path):
            continue
        data = tree.read(path)
        for (start, end), word in cut_words(data):
            name = word.decode("latin-1")
            if path not in used and name not in names:
                continue
            parsed = c.parse(data)
            if c.use_at(parsed, start, start + 1).role not in _QUIET:
                yield path, (start, end), name, c.enclosing_function(parsed, parsed.node_at(start, end))
