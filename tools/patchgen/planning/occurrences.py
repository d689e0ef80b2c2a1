# SPDX-License-Identifier: GPL-3.0-or-later
"""What the edit kinds for C share: every occurrence of a name in the tree, and the plain verdicts."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import c
from patchgen.syntax.c.includes import included_names
from patchgen.tree import Tree, mentions

from .ledger import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.tree import Source

    from .edit import Edit
    from .ledger import Book

__all__ = ["PASTED", "UNPARSED", "Mention", "occurrences", "settle_plain"]

UNPARSED = Slug.define(
    "unparsed",
    """The occurrence stands in text that did not parse as C: an unknown macro around it, braces that
    are unbalanced across #if arms, or a language that is not C. What did not parse is never edited.""",
)
PASTED = Slug.define(
    "pasted",
    """The preprocessor pastes the name together with another word (##), so that it cannot be seen
    which name the program really uses there, or pastes the name itself together, so that it is used and not seen.""",
)
_COMMENTED_CALL = Slug.define(
    "call-in-comment",
    """A comment holds a whole call of the function that is edited. Comments are left alone; a person
    may want to bring this one up to date.""",
)


_NO_C = re.compile(
    r"\.(?:pl|pm|py|sh|java|groovy|xml|wsdl|xsd|html?|txt|md|patch|diff|am|ac|mk|jar|[1-8]|po|js|css|json|toml|ya?ml)(?:\.in)?$"
    r"|(?:^|/)(?:Make|README|INSTALL|NEWS|TODO|TRAPS|COPYING|ChangeLog|configure)[^/]*$"
)
"""What no C file includes. To know it of another file, the includes of all C files are read."""
_INCLUDED = re.compile(rb'#[ \t]*include[ \t]*[<"](?:[^">\n]*/)?([^">\n/]+)[">]')


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of a name in a C file."""

    path: str
    use: c.Use
    parsed: c.C

    @property
    def span(self) -> tuple[int, int]:
        """The bytes of the word, also where the node found is larger."""
        return self._start, self._end

    _start: int
    _end: int

    @property
    def function(self) -> str:
        """The function that the occurrence stands in, also as a part of a macro defined there; "" for none."""
        return c.enclosing_function(self.parsed, self.parsed.node_at(*self.span))

    @property
    def name(self) -> str:
        """The word."""
        return self.parsed.data[self._start : self._end].decode("latin-1")


def occurrences(edit: Edit, book: Book, *names: str) -> Iterator[Mention]:
    """Yield each occurrence of *names* in the C files that the edit covers.

    Those in other files get their verdict here: a file that may hold C but is not parsed refuses,
    any other language cannot bind a name of C.
    """
    words = [name.encode() for name in names]
    for path in edit.mentioning(book.tree, *names):
        data = book.tree.read(path)
        if c.is_c(path):
            parsed = c.parse(data)
            for start, end in mentions(data, words):
                yield Mention(path, c.use_at(parsed, start, end), parsed, start, end)
        else:
            _judge_elsewhere(book, path, data, words)


def settle_plain(book: Book, mention: Mention) -> bool:
    """Enter the verdict of an occurrence that no C edit changes; return whether that settled it."""
    role, path, span = mention.use.role, mention.path, mention.span
    if role is c.Role.COMMENT:
        start, end = mention.use.parsed.comment_at(mention.use.node, span[0]) or span
        text = mention.parsed.data[start:end]
        if re.search(re.escape(mention.name.encode()) + rb"\s*\([^()]*[\w\"][^()]*\)\s*;", text):
            book.warn(path, span, _COMMENTED_CALL, f"this comment holds a call of {mention.name}")
        book.excuse(path, span, Reason.COMMENT)
    elif role is c.Role.DEAD:
        book.excuse(path, span, Reason.COMMENT, "in an arm that is never compiled")
    elif role in {c.Role.STRING, c.Role.INCLUDE, c.Role.PRAGMA}:
        book.excuse(path, span, Reason.STRING, role.value)
    elif role is c.Role.BROKEN:
        book.refuse(
            path, span, UNPARSED, f"{mention.name} stands in text that did not parse", function=mention.function
        )
    elif role is c.Role.PASTED:
        book.refuse(
            path, span, PASTED, f"{mention.name} is pasted together with another word", function=mention.function
        )
    else:
        return False
    return True


def _judge_elsewhere(book: Book, path: str, data: bytes, words: list[bytes]) -> None:
    binary = b"\0" in data[:8192]
    for span in mentions(data, words):
        if binary:
            book.excuse(path, span, Reason.STRING, "in a binary file")
        elif not (c.looks_like_c(path) or _is_included(book.tree, path)):
            book.excuse(path, span, Reason.OTHER_BINDING, "not a C file")
        else:
            role = c.use_at(c.parse(data), *span).role
            if role in {c.Role.COMMENT, c.Role.STRING}:
                book.excuse(path, span, Reason.COMMENT if role is c.Role.COMMENT else Reason.STRING)
            else:
                word = data[span[0] : span[1]].decode("latin-1")
                book.refuse(path, span, UNPARSED, f"{word} stands in a file that may hold C and is not parsed")


def _is_included(tree: Tree, path: str) -> bool:
    """Whether a file whose name does not say that it holds C is included by one that does: a table of calls."""
    if _NO_C.search(path):
        return False
    name = posixpath.basename(path)
    edited = tree.touched(Tree(tree.source))
    return name in tree.index.derived(_included_names) or any(
        name == posixpath.basename(included)
        for other in edited
        if c.is_c(other) and other in tree
        for included in included_names(tree.read(other))
    )


def _included_names(source: Source) -> frozenset[str]:
    """Return the last parts of all names that C files of the source include."""
    # In comments too: no line is looked at but for what stands behind the mark.
    found: set[bytes] = set()
    for path in filter(c.is_c, source.paths()):
        found.update(_INCLUDED.findall(source.read(path)))
    return frozenset(name.decode("utf-8", "surrogateescape") for name in found)
