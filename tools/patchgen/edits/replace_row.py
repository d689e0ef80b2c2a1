# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``replace-row``: a row of a table becomes another one, or goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.ledger import Book
from patchgen.planning.lookups import refuse_beside, refuse_counted, refuse_numbered
from patchgen.planning.tables import ROW_DESIGNATED, ROW_DIFFERS, row_key, row_pattern, the_table
from patchgen.syntax.c.patterns import metavariables, substitute
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from tree_sitter import Node

    from patchgen.planning.ledger import Plan
    from patchgen.planning.tables import Table
    from patchgen.tree import Tree

__all__ = ["ReplaceRow"]

_NO_ROW = Slug.define(
    "row-not-there",
    """The table has no row, or several, of the form that is to be replaced, and not the new one either.""",
)


class ReplaceRow(Edit, frozen=True, tag="replace-row"):
    """Replace a row of a table's initialiser: the one of the form `row` (``$name`` stands for any one item) by `with`.

    `with` may use what the names stand for. ``delete = true`` in its place takes the row out; then a table
    without such a row is *present*. `table` is the variable's name, `in` the function (or alternatives) that it
    is local to, if it is.

    There must be one row of that form, or, when it is done, one that is as `with` says. Both at once refuse
    the edit; so does, for a row that is taken out, what takes rows by a number or reads another table beside. Owns the table's name in the whole tree.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "replace-row"\ntable = "colours"\nrow = \'{"red", $n}\'\nwith = \'{"red", $n | BRIGHT}\'\n',
            before={"t.c": 'struct colour colours[] = {\n\t{ "red", 1 },\n\t{ "green", 2 },\n};\n'},
            after={"t.c": 'struct colour colours[] = {\n\t{"red", 1 | BRIGHT},\n\t{ "green", 2 },\n};\n'},
        ),
    )

    table: str
    row: str
    with_: str = ""
    delete: bool = False
    in_: OneOrMany = ()

    def __post_init__(self) -> None:
        row_pattern(self.row)
        if bool(self.with_) == self.delete:
            msg = "give one of: with, delete = true"
            raise ValueError(msg)
        if self.with_:
            row_pattern(self.with_)
            unbound = metavariables(self.with_) - metavariables(self.row)
            if unbound:
                msg = f"${min(unbound)} of `with` is not in `row`"
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
        done = table.matching(row_pattern(self.with_)) if self.with_ else []
        todo = [row for row in table.matching(row_pattern(self.row)) if row not in done]
        if len(todo) == 1 and not done:
            if self._moves(table, todo[0]):
                message = f"a row of {self.table} that goes by its order would get another place"
                book.refuse(table.path, table.span, ROW_DESIGNATED, message, function=table.function)
            if self.delete and todo[0].type != "initializer_pair":
                at = table.rows.index(todo[0])
                refuse_numbered(book, table, at, moves=at + 1 < table.count)
                refuse_beside(self, book, table)
                refuse_counted(book, table)
            book.edit(table.path, table.span, *self._replacements(table, todo[0]))
        elif not todo and len(done) == (0 if self.delete else 1):
            book.present(table.path, table.span)
        else:
            slug = ROW_DIFFERS if todo and done else _NO_ROW
            message = f"{self.table} has {len(todo)} rows {self.row} and {len(done)} rows {self.with_ or 'to keep'}"
            book.refuse(table.path, table.span, slug, message, function=table.function)

    def _moves(self, table: Table, row: Node) -> bool:
        """Whether a row gains or loses a designator, or has it changed where the next row counts on from it."""
        wanted = row_pattern(self.with_) if self.with_ else None
        designated = row.type == "initializer_pair"
        if wanted is not None and (wanted.roots[0].type == "initializer_pair") != designated:
            return True
        same = wanted is not None and row_key(wanted.parsed, wanted.roots[0]) == table.key(row)
        following = table.rows[table.rows.index(row) + 1 :][:1]
        return designated and not same and any(one.type != "initializer_pair" for one in following)

    def _replacements(self, table: Table, row: Node) -> list[Replacement]:
        if self.delete:
            return _deletion(table, row)
        match = row_pattern(self.row).match(table.parsed, row)
        text = substitute(self.with_, match.bindings if match is not None else {})
        return [Replacement(row.start_byte, row.end_byte, table.laid_out(text, row))]


def _deletion(table: Table, row: Node) -> list[Replacement]:
    """Return the removal of a row and of one comma; where it has its lines to itself, of its lines and their comments."""
    data = table.parsed.data
    commas = [child for child in table.values.children if child.type == ","]
    behind = next((comma for comma in commas if comma.start_byte >= row.end_byte), None)
    before = next((comma for comma in reversed(commas) if comma.end_byte <= row.start_byte), None)
    start, stop = row.start_byte, behind.end_byte if behind is not None else row.end_byte
    line, end = line_start(data, start), line_end(data, stop)
    rest = re.sub(rb"/\*.*?\*/|//[^\n]*", b"", data[stop:end]).strip()
    lonely = before if behind is None else None
    if not data[line:start].strip() and not rest:
        removed = [Replacement(line, end, b"")]
    elif lonely is not None:
        return [Replacement(lonely.start_byte, stop, b"")]
    else:
        blanks = len(data[stop:end]) - len(data[stop:end].lstrip(b" \t"))
        removed = [Replacement(start, stop + blanks, b"")]
    return removed if lonely is None else [Replacement(lonely.start_byte, lonely.end_byte, b""), *removed]
