# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables: a variable with an initialiser in braces, and its rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax.c import Role, parse
from patchgen.syntax.c.lists import items
from patchgen.syntax.c.patterns import Pattern
from patchgen.syntax.parsed import clean, enclosing, tokens
from patchgen.tree import line_start

from .ledger import Reason
from .occurrences import occurrences, settle_plain

if TYPE_CHECKING:
    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.syntax.parsed import Span

    from .edit import Edit
    from .ledger import Book
    from .occurrences import Mention

__all__ = ["ROW_DESIGNATED", "ROW_DIFFERS", "Table", "row_key", "row_pattern", "table_at", "the_table"]

ROW_DIFFERS = Slug.define(
    "row-differs",
    """The table has a row in the place of the one that the edit would write, and it is another one; or it
    has both, the row to be replaced and the one to replace it by.""",
)
ROW_DESIGNATED = Slug.define(
    "row-designated",
    """Some rows of the table say where they stand (``[INDEX] = ...`` or ``.member = ...``) and others go by
    their order, so that one may take the place of another (C17 6.7.9p17).""",
)
_TWICE = Slug.define(
    "table-twice",
    """Several variables of that name have an initialiser in braces. Limit the edit with `files`, or with
    `in` for a table inside a function.""",
)
_BROKEN = Slug.define(
    "unparsed-table",
    """The initialiser of the table did not parse: a directive of the preprocessor or a macro without commas
    stands in it.""",
)

_NOTHING = frozenset({b"{", b"}", b",", b"0", b"NULL", b"nullptr", b"(", b")", b"void", b"*"})


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its rows in order, without comments.

    :param span: the bytes of its name; :param values: the initialiser, braces and all.
    :param uses: where else its name stands, other variables of the name apart.
    :param sizes: its numbers of rows, as other declarations of it at file level give them.
    """

    path: str
    parsed: C
    span: Span
    function: str
    values: Node
    rows: tuple[Node, ...]
    declarator: Node
    uses: tuple[Mention, ...] = ()
    sizes: tuple[tuple[Mention, bytes], ...] = ()

    @property
    def sentinel(self) -> Node | None:
        """The last row, if it says nothing but 0 or NULL: it ends the table, and stays last."""
        last = self.rows[-1] if self.rows else None
        return last if last is not None and _says_nothing(self.parsed, last) else None

    @property
    def count(self) -> int:
        """How many rows it has, but for the one that ends it."""
        return len(self.rows) - (self.sentinel is not None)

    @property
    def trailing_comma(self) -> Node | None:
        """The comma behind the last row."""
        after = [
            child for child in self.values.children if child.type == "," and child.start_byte >= self.rows[-1].end_byte
        ]
        return after[-1] if after else None

    def matching(self, pattern: Pattern) -> list[Node]:
        """Return the rows that have the form of *pattern*."""
        return [row for row in self.rows if pattern.match(self.parsed, row) is not None]

    def key(self, row: Node) -> tuple[bytes, ...]:
        """Return what tells one row from another: a designator, or the string that it begins with; () for nothing."""
        return row_key(self.parsed, row)

    def laid_out(self, text: str, row: Node) -> bytes:
        """Return the text of a row whose further lines are indented like the line of *row*."""
        data = self.parsed.data
        lead = re.match(rb"[ \t]*", data[line_start(data, row.start_byte) :])
        first, *rest = text.strip("\n").encode().split(b"\n")
        return b"\n".join([first, *((lead[0] if lead else b"") + line for line in rest)])


def _says_nothing(parsed: C, row: Node) -> bool:
    if row.type == "initializer_list":
        values = [item.child_by_field_name("value") or item for item in items(row)]
        return all(_says_nothing(parsed, value) for value in values)
    return set(tokens(parsed, row)) <= _NOTHING


def row_pattern(text: str) -> Pattern:
    """Return the pattern of one row; ``$name`` in it stands for any one item.

    :raises ValueError: *text* is not one row of an initialiser.
    """
    parsed = parse(b"int t[] = {\n" + text.encode() + b"\n};")
    declarator = parsed.root.named_children[0].child_by_field_name("declarator")
    value = declarator.child_by_field_name("value") if declarator is not None else None
    rows = items(value) if value is not None else ()
    if parsed.faults or len(rows) != 1 or parsed.root.named_child_count != 1 or text.rstrip().endswith(","):
        msg = f"{text!r} is not one row of an initialiser in C, without the comma behind it"
        raise ValueError(msg)
    return Pattern(text, parsed, rows)


def row_key(parsed: C, row: Node) -> tuple[bytes, ...]:
    """Return what tells a row from the others: a designator, or the string that it begins with; () for nothing."""
    if row.type == "initializer_pair":
        designator = row.child_by_field_name("designator")
        return tokens(parsed, designator) if designator is not None else ()
    listed = items(row) if row.type == "initializer_list" else ()
    return tokens(parsed, listed[0]) if listed and listed[0].type == "string_literal" else ()


def the_table(edit: Edit, book: Book, name: str, inside: tuple[str, ...]) -> Table | None:
    """Return the table *name*, None after a refusal; every occurrence of the name gets its verdict.

    :param inside: functions that the table may be local to; () for any place.
    """
    found: list[Table] = []
    others: list[Mention] = []
    for mention in occurrences(edit, book, name):
        if settle_plain(book, mention):
            continue
        table = table_at(mention) if not inside or mention.function in inside else None
        if table is not None:
            found.append(table)
        else:
            others.append(mention)
    for mention in others:
        local = mention.use.role is Role.DECLARES_OTHER and bool(mention.function)
        reason = Reason.OTHER_BINDING if local or mention.use.member else Reason.UNCHANGED_USE
        book.excuse(mention.path, mention.span, reason, mention.use.role.value)
    if len(found) > 1:
        for table in found:
            book.refuse(
                table.path, table.span, _TWICE, f"{name} is initialised at {len(found)} places", function=table.function
            )
    elif not found and not book.refused:
        book.missing(f"a table {name}")
    elif found and not clean(found[0].values):
        table = found[0]
        book.refuse(
            table.path, table.span, _BROKEN, f"the initialiser of {name} did not parse", function=table.function
        )
    return _with_uses(found[0], others) if len(found) == 1 and not book.refused else None


def _with_uses(table: Table, others: list[Mention]) -> Table:
    if table.function:
        return replace(table, uses=tuple(one for one in others if one.function == table.function))
    sizes = ((mention, _size_at(mention)) for mention in others if not mention.function)
    return replace(table, uses=tuple(others), sizes=tuple((mention, size) for mention, size in sizes if size))


def _size_at(mention: Mention) -> bytes:
    """Return the first bound of the array that is declared here, b"" for none."""
    array = mention.use.node.parent if mention.use.role is Role.DECLARES_OTHER else None
    size = array.child_by_field_name("size") if array is not None and array.type == "array_declarator" else None
    return mention.use.parsed.text(size) if size is not None else b""


def table_at(mention: Mention) -> Table | None:
    """Return the table that is initialised where its name is mentioned, None where none is."""
    if mention.use.role is not Role.DECLARES_OTHER or mention.use.in_macro:
        return None
    declarator = enclosing(mention.use.node, "init_declarator")
    value = declarator.child_by_field_name("value") if declarator is not None else None
    if declarator is None or value is None or value.type != "initializer_list":
        return None
    rows = tuple(row for row in items(value) if not row.type.startswith("preproc_"))
    return Table(mention.path, mention.parsed, mention.span, mention.function, value, rows, declarator)
