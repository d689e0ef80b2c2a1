# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``add-row``: a table gets one more row."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.ledger import Book
from patchgen.planning.lookups import refuse_beside, refuse_counted, refuse_numbered, refuse_out_of_order
from patchgen.planning.tables import ROW_DESIGNATED, ROW_DIFFERS, row_key, row_pattern, the_table
from patchgen.syntax.c.lists import insert_after, insert_first, items
from patchgen.syntax.parsed import tokens
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from tree_sitter import Node

    from patchgen.planning.ledger import Plan
    from patchgen.planning.tables import Table
    from patchgen.syntax.c import C
    from patchgen.syntax.c.patterns import Pattern
    from patchgen.tree import Tree

__all__ = ["AddRow"]

_NO_ROW = Slug.define(
    "no-such-row",
    """The table has no row, or several, of the form that the edit takes its place from.""",
)
_FULL = Slug.define(
    "table-bound",
    """The table is declared with a number of rows, and it is full, or the number is a macro or an expression
    whose value is not known here.""",
)
_MACRO = Slug.define(
    "row-behind-macro",
    """The last row of the table is a macro, and no other row is one, or begins with NULL, 0, -1 or an empty string,
    and no other row does: it may end the table, so that a row behind it would be lost. Give the place
    with `after` or `before`.""",
)
_UNLIKE = Slug.define(
    "row-without-braces",
    """The new row has braces, and the table has rows without: values that C gives to the members one after the other
    (C17 6.7.9p20). Where such a row begins and ends is not seen here.""",
)
_FLAT = frozenset({"string_literal", "concatenated_string", "number_literal", "char_literal"})
_NOTHING = frozenset({b"NULL", b"0", b"-1", b'""', b"'\\0'", b"false"})


class AddRow(Edit, frozen=True, tag="add-row"):
    """Add a row (`row`, without the comma) to the initialiser of a table, in the style of its rows.

    `table` is the variable's name, `in` the function (or alternatives) that it is local to, if it is. The
    place is ``after`` or ``before`` a row (its text, with ``$name`` for any one item), or ``at`` the
    ``"start"`` or the ``"end"`` (as without any). A last row of nothing but 0 and NULL ends the table, and stays last.

    A row of equal tokens is *present*; one with the same designator or the same first string refuses the edit, and
    so do an array that is full, a designator beside rows that go by their order, or a macro as the last row.
    Refused too is a place that would find other rows then: one that takes them by a number (unless it counts through them), that searches them by
    halving where they would not stand in order, that reads a table with as many rows beside this one, or that says how many they are.
    Owns the table's name in the whole tree.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "add-row"\ntable = "colours"\nrow = \'{"blue", 3}\'\n',
            before={
                "t.c": 'struct colour colours[] = {\n\t{"red", 1},\n\t{"green", 2}, /* not lime */\n\t{NULL, 0}\n};\n'
            },
            after={
                "t.c": 'struct colour colours[] = {\n\t{"red", 1},\n\t{"green", 2}, /* not lime */\n\t{"blue", 3},\n\t{NULL, 0}\n};\n'
            },
        ),
    )

    table: str
    row: str
    in_: OneOrMany = ()
    after: str = ""
    before: str = ""
    at: str = ""

    def __post_init__(self) -> None:
        for text in filter(None, (self.row, self.after, self.before)):
            row_pattern(text)
        if row_pattern(self.row).metavariables:
            msg = "a new row has no $name in it"
            raise ValueError(msg)
        if self.at not in {"", "start", "end"} or bool(self.after) + bool(self.before) + bool(self.at) > 1:
            msg = 'give at most one of: after, before, at = "start", at = "end"'
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the table's name: it is owned in the whole tree."""
        return frozenset({self.table})

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        table = the_table(self, book, self.table, many(self.in_))
        if table is not None:
            self._row(book, table)
        return book.plan()

    def _row(self, book: Book, table: Table) -> None:
        wanted = row_pattern(self.row)
        key = row_key(wanted.parsed, wanted.roots[0])
        rival = next((row for row in table.rows if key and table.key(row) == key), None)
        if any(tokens(table.parsed, row) == tokens(wanted.parsed, wanted.roots[0]) for row in table.rows):
            book.present(table.path, table.span)
        elif rival is not None:
            text = table.parsed.text(rival).decode("utf-8", "replace")
            book.refuse(
                table.path, table.span, ROW_DIFFERS, f"{self.table} has the row {text}", function=table.function
            )
        elif self._is_full(table):
            message = f"the declared number of rows of {self.table} may not leave room for one more"
            book.refuse(table.path, table.span, _FULL, message, function=table.function)
            self._place(book, table, wanted)
        else:
            for mention, size in table.sizes:
                if _leaves_no_room(size, len(table.rows)):
                    message = (
                        f"{self.table} is declared here with a number of rows that may not leave room for one more"
                    )
                    book.refuse(mention.path, mention.span, _FULL, message, function=mention.function)
            self._place(book, table, wanted)

    def _is_full(self, table: Table) -> bool:
        declarator = table.declarator.child_by_field_name("declarator")
        size = declarator.child_by_field_name("size") if declarator is not None else None
        return size is not None and _leaves_no_room(table.parsed.text(size), len(table.rows))

    def _place(self, book: Book, table: Table, wanted: Pattern) -> None:
        row = wanted.roots[0]
        anchor = self.after or self.before
        if anchor:
            rows = table.matching(row_pattern(anchor))
            if len(rows) != 1:
                message = f"{self.table} has {len(rows)} rows {anchor}"
                book.refuse(table.path, table.span, _NO_ROW, message, function=table.function)
                return
            at = table.rows.index(rows[0]) + bool(self.after)
        else:
            at = 0 if self.at == "start" else len(table.rows)
        if table.sentinel is not None:
            at = min(at, len(table.rows) - 1)
        if len({one.type == "initializer_pair" for one in (*table.rows, row)}) > 1:
            message = f"some rows of {self.table}, with the new one, say where they stand, and others go by their order"
            book.refuse(table.path, table.span, ROW_DESIGNATED, message, function=table.function)
        elif row.type == "initializer_list" and any(one.type in _FLAT for one in table.rows):
            message = f"rows of {self.table} are written without braces: where one ends cannot be seen"
            book.refuse(table.path, table.span, _UNLIKE, message, function=table.function)
        elif at and at == len(table.rows) and self._may_end(table, row):
            text = table.parsed.text(table.rows[-1]).decode("utf-8", "replace")
            message = f"the last row of {self.table} is {text}, which may end it"
            book.refuse(table.path, table.span, _MACRO, message, function=table.function)
        elif row.type != "initializer_pair":
            refuse_numbered(book, table, at, moves=at < table.count)
            refuse_out_of_order(book, table, (wanted.parsed, row), at)
            refuse_beside(self, book, table)
            refuse_counted(book, table)
        book.edit(table.path, table.span, self._insertion(table, at))

    def _may_end(self, table: Table, row: Node) -> bool:
        """Whether the last row may be there to end the table: an odd macro, or one that begins with nothing as no other does."""
        *others, last = table.rows
        if _is_odd_macro(last, [*others, row]):
            return True
        nothing = [_begins_with(table.parsed, one) in _NOTHING for one in others]
        return not self.after and bool(others) and not any(nothing) and _begins_with(table.parsed, last) in _NOTHING

    def _insertion(self, table: Table, at: int) -> Replacement:
        data = table.parsed.data
        if not at:
            return insert_first(
                data, table.values, table.laid_out(self.row, table.rows[0] if table.rows else table.values)
            )
        anchor = table.rows[at - 1]
        text = table.laid_out(self.row, anchor)
        comma = table.trailing_comma
        if at < len(table.rows) or comma is None:
            return insert_after(data, table.values, anchor, text)
        return _behind_comma(data, anchor, comma, text)


def _is_odd_macro(last: Node, others: list[Node]) -> bool:
    """Whether a row is a word, or a call, and no other is."""
    return last.type in {"identifier", "call_expression"} and all(row.type != last.type for row in others)


def _begins_with(parsed: C, row: Node) -> bytes:
    """Return the first value of a row, or a row that is but one value."""
    listed = items(row)[:1] if row.type == "initializer_list" else (row,)
    return parsed.text(listed[0]) if listed else b""


def _leaves_no_room(size: bytes, rows: int) -> bool:
    """Whether an array with the bound *size* may have no room for another row than the *rows* that it has."""
    return not size.isdigit() or rows >= int(size)


def _behind_comma(data: bytes, anchor: Node, comma: Node, text: bytes) -> Replacement:
    """Return the insertion behind the comma of the last row, with a comma of its own."""
    start, end = line_start(data, anchor.start_byte), line_end(data, comma.end_byte)
    rest = data[comma.end_byte : end].strip()
    if not data[start : anchor.start_byte].strip() and (not rest or rest.startswith((b"//", b"/*"))):
        newline = b"\r\n" if data[:end].endswith(b"\r\n") else b"\n"
        return Replacement(end, end, data[start : anchor.start_byte] + text + b"," + newline)
    return Replacement(comma.end_byte, comma.end_byte, b" " + text + b",")
