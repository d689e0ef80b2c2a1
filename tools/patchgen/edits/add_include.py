# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``add-include``: a C file includes one more header."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.files import the_file, the_file_with
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.occurrences import Mention, settle_plain
from patchgen.syntax import c
from patchgen.syntax.c.toplevel import (
    asks_for_features,
    items_of,
    leading_includes,
    unconditional_includes,
    with_comment,
)
from patchgen.tree import Replacement, line_end, line_start, mentions

if TYPE_CHECKING:
    from tree_sitter import Node

    from patchgen.planning.ledger import Plan
    from patchgen.syntax.parsed import Span
    from patchgen.tree import Tree

__all__ = ["AddInclude"]

_OTHER_FORM = Slug.define(
    "included-otherwise",
    """The file includes the header already, in the other form: quotes for angle brackets, or the reverse.
    They are looked for in other folders, so that both may not be the same file.""",
)

_FORM = re.compile(r'<([^<>"\n]+)>|"([^<>"\n]+)"')
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*(<[^>\n]+>|"[^"\n]+")')


class AddInclude(Edit, frozen=True, tag="add-include"):
    """Include one more header: `include` is ``"<errno.h>"`` or ``'"own.h"'``, `file` a glob (or alternatives) for one file.

    In place of `file`, `defines` names a function (or alternatives): the file is the one that defines it.

    It goes behind the last of the leading includes of its form (angle brackets or quotes), with the headers
    of the tree or with those of the system, as it is one; else behind the last of its form, or the last at all.
    It never goes into an arm of an ``#if``; where there are no includes, it goes before the first thing in the
    file, but behind macros that the system's headers ask for (feature_test_macros(7)). An include in an arm does not count as being there, for it may not be compiled.

    Owns the header's name in the includes of the file.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "add-include"\nfile = "*m.c"\ninclude = "<errno.h>"\n',
            before={"m.c": '#include <stdio.h>\n#include "m.h"\n\nint x;\n'},
            after={"m.c": '#include <stdio.h>\n#include <errno.h>\n#include "m.h"\n\nint x;\n'},
        ),
    )

    include: str
    file: OneOrMany = ()
    defines: OneOrMany = ()

    def __post_init__(self) -> None:
        if bool(self.file) == bool(self.defines):
            msg = "the file is told by one of: file, defines"
            raise ValueError(msg)
        if _FORM.fullmatch(self.include) is None:
            msg = f'{self.include!r} is neither <header> nor "header"'
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the header's name: it is owned in the file."""
        return frozenset({self.include[1:-1]})

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        if self.file:
            path = the_file(self, book, many(self.file))
        else:
            path = the_file_with(self, book, many(self.defines), declares=False)
        if path is None:
            return book.plan()
        parsed = c.parse(tree.read(path))
        book.within(path, (0, len(parsed.data)))
        there = False
        for span in mentions(parsed.data, [self.include[1:-1].encode()]):
            mention = Mention(path, c.use_at(parsed, *span), parsed, *span)
            if mention.use.role is not c.Role.INCLUDE:
                if not settle_plain(book, mention):
                    book.excuse(path, span, Reason.OTHER_BINDING, mention.use.role.value)
            else:
                there |= self._judge(book, path, parsed, span)
        if not there and not book.refused:
            self._insert(book, path, parsed)
        return book.plan()

    def _judge(self, book: Book, path: str, parsed: c.C, span: Span) -> bool:
        """Enter the verdict of an include that has the name in it; return whether it is the one."""
        line = parsed.data[line_start(parsed.data, span[0]) : line_end(parsed.data, span[0])]
        match = _INCLUDE.match(line)
        written = match[1].decode("utf-8", "replace") if match else ""
        if written[1:-1] != self.include[1:-1]:
            book.excuse(path, span, Reason.OTHER_BINDING, "the name of another header")
        elif not any(node.start_byte <= span[0] < node.end_byte for node in unconditional_includes(parsed)):
            book.excuse(path, span, Reason.UNCHANGED_USE, "in an arm of an #if")
        elif written != self.include:
            book.refuse(path, span, _OTHER_FORM, f"{path} includes {written}, not {self.include}")
        elif book.has(path, span):
            return True
        else:
            book.present(path, span)
            return True
        return False

    def _insert(self, book: Book, path: str, parsed: c.C) -> None:
        data, listed = parsed.data, leading_includes(parsed)
        own = _of_the_tree(book.tree, self.include)
        alike = [node for node in listed if _included(parsed, node)[:1] == self.include[:1]]
        alike = [node for node in alike if _of_the_tree(book.tree, _included(parsed, node)) == own] or alike
        newline = b"\r\n" if b"\r\n" in data[:4096] else b"\n"
        if listed:
            anchor = (alike or listed)[-1]
            end = _end_of(data, anchor.start_byte)
            head = re.match(rb"[ \t]*#[ \t]*include[ \t]*", data[line_start(data, anchor.start_byte) : end])
            lead = (b"" if data[:end].endswith(b"\n") else newline) + (head[0] if head else b"#include ")
            span = (anchor.start_byte, anchor.start_byte + len(data[anchor.start_byte : end].rstrip()))
            book.edit(path, span, Replacement(end, end, lead + self.include.encode() + newline))
            return
        items = [item for item in items_of(parsed) if not asks_for_features(item)]
        first = (items[0].arms[0][1] if items[0].arms else items[0].node) if items else None
        offset = with_comment(parsed, first) if first is not None else len(data)
        span = items[0].names[0].span if items else (0, 0)
        book.edit(path, span, Replacement(offset, offset, b"#include " + self.include.encode() + newline * 2))


def _end_of(data: bytes, offset: int) -> int:
    """Return where the line of *offset* ends, with those that continue it (C17 5.1.1.2)."""
    end = line_end(data, offset)
    while data[:end].rstrip(b"\r\n").endswith(b"\\") and end < len(data):
        end = line_end(data, end)
    return end


def _included(parsed: c.C, node: Node) -> str:
    path = node.child_by_field_name("path")
    return parsed.text(path).decode("utf-8", "replace") if path is not None else ""


def _of_the_tree(tree: Tree, include: str) -> bool:
    """Whether the tree has a file of the name that is included."""
    name = include[1:-1]
    return any(f"/{path}".endswith(f"/{name}") for path in tree.named(basename(name)))
