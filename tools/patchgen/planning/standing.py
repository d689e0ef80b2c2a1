# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a tree has the definitions of a text already, or something else under their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax.c import Role, declaration_at, use_at
from patchgen.syntax.c.includes import Inclusions
from patchgen.syntax.c.toplevel import items_of
from patchgen.syntax.parsed import tokens

from .ledger import Reason

if TYPE_CHECKING:
    from patchgen.syntax.c import C
    from patchgen.syntax.c.toplevel import Item
    from patchgen.syntax.parsed import Span

    from .ledger import Book
    from .occurrences import Mention

__all__ = ["Standing"]

_TAKEN = Slug.define(
    "name-taken",
    """A name that the new text defines is defined or declared already, and otherwise: in the file itself,
    in one that it includes or that includes it, or with external linkage anywhere in the tree.""",
)
_HALF = Slug.define(
    "half-there",
    """The file has some of the definitions of the text, and not all of them. Make one edit of each.""",
)


class Standing:
    """Judges each mention of the names of *text*, which is to stand in the file at *path*."""

    def __init__(self, book: Book, path: str, text: C) -> None:
        self._book, self._path, self._text = book, path, text
        self._items = items_of(text)
        self._includes = Inclusions(book.tree)
        self._found: dict[int, list[Span]] = {}
        self.users: list[Span] = []
        """Where the file uses one of the names."""

    def judge(self, mention: Mention) -> None:
        """Enter the verdict of one mention of a name in code."""
        item = next((i for i in items_of(mention.parsed) if any(named.span == mention.span for named in i.names)), None)
        if item is not None:
            self._judge_item(mention, item)
        elif mention.use.member or mention.use.role in {Role.DECLARES_OTHER, Role.DECLARES_FUNCTION}:
            self._book.excuse(mention.path, mention.span, Reason.OTHER_BINDING, mention.use.role.value)
        elif self._sees(mention.path):
            self._book.excuse(mention.path, mention.span, Reason.UNCHANGED_USE, mention.use.role.value)
            if mention.path == self._path:
                self.users.append(mention.span)
        else:
            self._book.excuse(mention.path, mention.span, Reason.OTHER_BINDING, "a file that does not see the new one")

    def absent(self) -> bool:
        """Enter what was found; return whether nothing was, so that the text is to be inserted."""
        if not self._found or self._book.refused:
            return not self._book.refused
        complete = len(self._found) == len(self._items)
        spans = [span for number in sorted(self._found) for span in self._found[number]]
        for number, span in enumerate(spans):
            if not complete:
                self._book.refuse(self._path, span, _HALF, "the file has this of the text, and not the rest")
            elif number:
                self._book.excuse(self._path, span, Reason.PRESENT)
            else:
                self._book.present(self._path, span)
        return False

    def _sees(self, path: str) -> bool:
        return path in self._includes.of(self._path) or self._path in self._includes.of(path)

    def _judge_item(self, mention: Mention, theirs: Item) -> None:
        path, span = mention.path, mention.span
        ours = [item for item in self._items if any(named.name == mention.name for named in item.names)]
        alike = [item for item in ours if item.declares == theirs.declares]
        agrees = any(_signature(self._text, item) == _signature(mention.parsed, theirs) for item in ours)
        if path == self._path and alike:
            here = tokens(mention.parsed, theirs.node)
            equal = next(
                (n for n, item in enumerate(self._items) if item in alike and tokens(self._text, item.node) == here),
                None,
            )
            if equal is not None:
                self._found.setdefault(equal, []).append(span)
            else:
                self._refuse(mention, "is defined otherwise here")
        elif self._sees(path):
            if agrees and (not alike or (theirs.declares and path not in self._includes.of(self._path))):
                detail = "its declaration" if theirs.declares else "its definition"
                self._book.excuse(path, span, Reason.UNCHANGED_USE, detail)
            else:
                self._refuse(mention, f"is {'declared' if theirs.declares else 'defined'} here already")
        elif (
            alike
            and not theirs.declares
            and _is_external(mention.parsed, theirs)
            and any(_is_external(self._text, i) for i in alike)
        ):
            self._refuse(mention, "is defined here with external linkage")
        else:
            self._book.excuse(path, span, Reason.OTHER_BINDING, "a file that does not see the new one")

    def _refuse(self, mention: Mention, what: str) -> None:
        self._book.refuse(mention.path, mention.span, _TAKEN, f"{mention.name} {what}", function=mention.function)


def _head(parsed: C, item: Item) -> list[bytes]:
    """Return the words and stars before the item's name."""
    end = item.names[0].span[0] if item.names else item.node.end_byte
    return re.findall(rb"\w+|\*", re.sub(rb"/\*.*?\*/", b"", parsed.data[item.node.start_byte : end], flags=re.DOTALL))


def _signature(parsed: C, item: Item) -> tuple[object, ...]:
    """Return what a declaration and its definition have in common: the type without the names of parameters."""
    head = tuple(word for word in _head(parsed, item) if word != b"extern")
    use = use_at(parsed, *item.names[0].span)
    if use.role is Role.DECLARES_FUNCTION:
        return head, tuple(parameter.type for parameter in declaration_at(use).parameters)
    return (head,)


def _is_external(parsed: C, item: Item) -> bool:
    return item.node.type in {"function_definition", "declaration"} and b"static" not in _head(parsed, item)
