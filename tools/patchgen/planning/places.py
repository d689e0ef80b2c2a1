# SPDX-License-Identifier: GPL-3.0-or-later
"""Places at file level: before or behind an item, above the first user, at the start or the end."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax.c import parse
from patchgen.syntax.c.statements import last_tokens, style_at, written
from patchgen.syntax.c.toplevel import asks_for_features, closing, items_of, leading_includes, lines_of, with_comment
from patchgen.syntax.parsed import descendants
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.syntax.c.toplevel import Item
    from patchgen.syntax.parsed import Span

    from .ledger import Book

__all__ = ["Places"]

_NO_ITEM = Slug.define(
    "no-such-definition",
    """The file has no definition, or no declaration, of the name that the place of the new text is taken
    from, or has it in several places.""",
)
_NO_USER = Slug.define(
    "no-user",
    """The text is to stand before its first user, and nothing in the file uses what it defines. Name the
    functions that will, with `users`, or give a place.""",
)
_SHARED_LINE = Slug.define(
    "shared-line",
    """What the new text is to stand beside shares a line with something else, so that there is no line
    to put it on.""",
)

_PRAGMA = Slug.define(
    "pragma-in-force",
    """At the place a pragma is in force that changes what is defined there (its packing, its visibility, how it is
    compiled), up to one that ends it. Give a place before or behind.""",
)

_BEHIND = Slug.define(
    "behind-includes",
    """The text defines a macro that the system's headers ask for (feature_test_macros(7)), and an include stands before the
    place, for which it would come too late. Take `at = "start"`, which then is before the includes.""",
)

_UNFINISHED = frozenset(
    b"static extern inline __inline __inline__ _Noreturn register typedef const volatile struct union enum "
    b"unsigned signed int char short long void float double * , = ( [".split()
)
"""What something at file level goes on behind."""
_SWITCHED = re.compile(
    rb"^[ \t]*#[ \t]*pragma[ \t]+(?:(?:GCC|clang)[ \t]+)?(pack|visibility|push_options|pop_options|optimize|target)\b([^\n]*)",
    re.MULTILINE,
)
_OPENING = re.compile(rb"#[ \t]*(?:if|ifdef|ifndef|elif|else)\b")

_TOKENS = frozenset({"{", "}", "\n", "identifier", "#if", "#ifdef", "#ifndef", "#else"})


class Places:
    """The places of one file where *text* can be put."""

    def __init__(self, book: Book, path: str, text: str) -> None:
        self._book, self._path, self._text = book, path, text
        self._parsed = parse(book.tree.read(path))

    def beside(self, names: Sequence[str], *, declares: bool, behind: bool) -> None:
        """Put the text before or behind the definition, or declaration, of the first of *names* that is there."""
        for name in names:
            found = [
                item for item in self._items() if item.declares == declares and name in {n.name for n in item.names}
            ]
            nodes = {_outermost(item).id: item for item in found}
            if len(nodes) == 1:
                item = found[0]
                self._put(item.names[0].span, _outermost(item), behind=behind)
                return
            if nodes:
                break
        what = "declaration" if declares else "definition"
        self._refuse(_NO_ITEM, f"{self._path} has no {what} of {' or '.join(names)}, or several")

    def before_users(self, names: Sequence[str], spans: Iterable[Span]) -> None:
        """Put the text before the first of the functions *names*, or else of the items that hold one of *spans*."""
        users = [item for item in self._items() if not item.declares and {n.name for n in item.names} & set(names)]
        missing = set(names) - {named.name for item in users for named in item.names}
        if missing:
            self._refuse(_NO_ITEM, f"{self._path} has no definition of {min(missing)}")
            return
        if not names:
            users = [
                item for item in self._items() if any(item.node.start_byte <= s < item.node.end_byte for s, _ in spans)
            ]
        if not users:
            self._refuse(_NO_USER, f"nothing in {self._path} uses what the text defines")
            return
        first = users[0]
        depth = min(_common(first, user) for user in users)
        node = first.arms[depth][1] if depth < len(first.arms) else first.node
        self._put(first.names[0].span, node, behind=False)

    def at_start(self) -> None:
        """Put the text behind the leading includes, else before the first item."""
        listed = leading_includes(self._parsed)
        items = self._items()
        if listed and all(map(asks_for_features, self._new)):
            self._put((listed[0].start_byte, listed[0].end_byte - 1), listed[0], behind=False)
        elif listed:
            self._put((listed[-1].start_byte, listed[-1].end_byte - 1), listed[-1], behind=True)
        elif items:
            self._put(items[0].names[0].span, _outermost(items[0]), behind=False)
        else:
            self.at_end()

    def at_end(self) -> None:
        """Put the text last in the file, within its include guard."""
        data = self._parsed.data
        end = line_end(data, len(data[: closing(self._parsed)].rstrip()))
        items = self._items()
        last = items[-1] if items else None
        self._insert(last.names[0].span if last else (end, end), end, close=last is not None and self._close(last.node))

    def _items(self) -> tuple[Item, ...]:
        return items_of(self._parsed)

    def _put(self, span: Span, node: Node, *, behind: bool) -> None:
        try:
            _, end = lines_of(self._parsed, node)
        except ValueError as error:
            self._book.refuse(self._path, span, _SHARED_LINE, str(error))
            return
        start = with_comment(self._parsed, node)
        if not behind and self._is_begun_above(node, start):
            self._book.refuse(self._path, span, _SHARED_LINE, "what stands directly above may be a part of it")
            return
        self._insert(span, end if behind else start, close=self._close(node))

    def _is_begun_above(self, node: Node, start: int) -> bool:
        """Whether the line above *start* may belong to the item: an attribute that was parsed apart from it."""
        above, below = node.prev_sibling, node.start_byte
        while above is not None and above.type in {"comment", ";"}:
            if not self._parsed.begins(above.end_byte, below):
                return True  # the parser did not see it, see patchgen.syntax.c.parse
            below = above.start_byte
            above = above.prev_sibling
        if above is not None and not self._parsed.begins(above.end_byte, below):
            return True
        if above is None or above.type.startswith("preproc_") or above.type in _TOKENS:
            return False
        ended = not above.is_error and self._parsed.data[: above.end_byte].rstrip().endswith((b";", b"}"))
        between = self._parsed.data[above.end_byte : start]
        return not ended and not between.strip() and between.count(b"\n") == 1

    def _insert(self, span: Span, offset: int, *, close: bool) -> None:
        data = self._parsed.data
        if last_tokens(self._parsed, offset) & _UNFINISHED:
            self._book.refuse(self._path, span, _SHARED_LINE, "what stands directly above may be a part of it")
            return
        if (pragma := _in_force(data[:offset])) and any(
            not item.declares and not _is_macro(item.node) for item in self._new
        ):
            self._book.refuse(self._path, span, _PRAGMA, f"{pragma} is in force here")
            return
        included = leading_includes(self._parsed)[:1]
        if included and included[0].start_byte < offset and any(map(asks_for_features, self._new)):
            self._book.refuse(self._path, span, _BEHIND, "the headers that are included above do not see it")
            return
        style = style_at(self._parsed, self._parsed.root)
        above = data[line_start(data, offset - 1) : offset].strip() if offset else b""
        below = data[offset : line_end(data, offset)].strip()
        missing = style.newline if offset and not data[:offset].endswith(b"\n") else b""
        before = style.newline if above and not close and not _OPENING.match(above) else b""
        after = style.newline if below and not close else b""
        text = missing + before + self._written() + after
        self._book.edit(self._path, span, Replacement(offset, offset, text))

    def _written(self) -> bytes:
        """Return the text in the file's style; parentheses in its comments are no calls."""
        parsed = parse(self._text.strip("\n").encode())
        masked = bytearray(parsed.data)
        for comment in descendants(parsed.root, "comment"):
            start, end = comment.start_byte, comment.end_byte
            masked[start:end] = masked[start:end].replace(b"(", b"\x01")
        return written(masked.decode(), b"", style_at(self._parsed, self._parsed.root)).replace(b"\x01", b"(")

    def _close(self, beside: Node) -> bool:
        """Whether the text stands close to its neighbour: both are small, and the neighbour has one close to it."""
        text = parse(self._text.encode())
        small = not any(descendants(text.root, "comment")) and all(
            _is_small(text, item.node, declares=item.declares) for item in items_of(text)
        )
        item = next((one for one in self._items() if one.node == beside), None)
        if not small or item is None or not _is_small(self._parsed, item.node, declares=item.declares):
            return False
        return not _is_macro(beside) ^ any(_is_macro(one.node) for one in items_of(text))

    @cached_property
    def _new(self) -> tuple[Item, ...]:
        """Return the items of the text."""
        return items_of(parse(self._text.strip("\n").encode() + b"\n"))

    def _refuse(self, slug: Slug, message: str) -> None:
        self._book.refuse_edit(slug, message)


def _in_force(data: bytes) -> str:
    """Return the pragma at the end of *data* that is not ended, "" for none."""
    opened: list[str] = []
    for match in _SWITCHED.finditer(data):
        words = match[2].decode("latin-1")
        ends = "pop" in words or match[1] == b"pop_options" or (match[1] == b"pack" and not words.strip(" ()"))
        if ends:
            opened = opened[:-1]
        elif match[1] not in {b"optimize", b"target"} or not opened:
            opened.append(" ".join(match[0].decode("latin-1").split()))
    return opened[-1] if opened else ""


def _outermost(item: Item) -> Node:
    """Return the whole ``#if`` that the item stands in, else the item."""
    return item.arms[0][1] if item.arms else item.node


def _common(one: Item, other: Item) -> int:
    """Return how many arms the two items have in common."""
    pairs = zip(one.arms, other.arms, strict=False)
    return next(
        (at for at, (mine, theirs) in enumerate(pairs) if mine[0] != theirs[0]), min(len(one.arms), len(other.arms))
    )


def _is_macro(node: Node) -> bool:
    return node.type.startswith("preproc_")


def _is_small(parsed: C, node: Node, *, declares: bool) -> bool:
    return node.type != "function_definition" and (declares or b"\n" not in parsed.text(node).strip())
