# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookups: how the program finds a row of a table: by its number, by halving what is in order, beside another table.

A new row is found only where these find it, and those behind it may be taken for others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax.c.constants import constant
from patchgen.syntax.c.lists import items
from patchgen.syntax.parsed import descendants, enclosing, first_named

from .ledger import Book
from .macros import named, using
from .occurrences import occurrences
from .tables import table_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.tree import Tree

    from .edit import Edit
    from .occurrences import Mention
    from .tables import Table

__all__ = ["refuse_beside", "refuse_counted", "refuse_numbered", "refuse_out_of_order"]

_NUMBERED = Slug.define(
    "row-by-number",
    """A row of the table is taken by its number (a constant, an enum, what a function was given), and it would be
    another row then. A loop that counts through all of them is not meant. Excuse the place where it is right.""",
)
_COUNTED = Slug.define(
    "rows-counted",
    """The number of rows of the table stands as a number, in the condition of a loop over it or beside it in a call, and would be
    another then. Excuse the place where another edit changes the number, or where it means something else.""",
)
_ORDER = Slug.define(
    "row-out-of-order",
    """The table is searched by halving (bsearch(3)), which needs its rows in order, and they would not be, or it cannot be seen that
    they are. Give the place with `after` or `before`. A warning where a table that is in order goes to a function.""",
)
_BESIDE = Slug.define(
    "parallel-table",
    """Another table with as many rows is read at the same number, so that row belongs to row. Give that a row too, and
    excuse its place.""",
)

_HALVING = re.compile(rb"/\s*2\b|>>=?\s*1\b")
_SEARCH = re.compile(rb"\w*(?:bsearch|bisect|binary_?search)\w*", re.IGNORECASE)
_SORT = re.compile(rb"\w*(?:qsort|heapsort|mergesort)\w*", re.IGNORECASE)
_LOOPS = ("for_statement", "while_statement", "do_statement", "function_definition")
_FEW = 3
"""Rows that may stand in order by chance."""


def refuse_numbered(book: Book, table: Table, at: int, *, moves: bool) -> None:
    """Refuse each place that takes a row by a number which, with a row more or less at *at*, is another's.

    :param moves: whether there are rows behind it, apart from the one that ends the table.
    """
    name = table.parsed.data[slice(*table.span)]
    for mention, index in _numbers(table):
        parsed = mention.use.parsed
        text = parsed.text(index)
        value = constant(text)
        words = {parsed.text(one) for one in descendants(index, "identifier")}
        measured = not words.isdisjoint({name, *using(book.tree, name, frozenset({table.path, mention.path}))})
        unknown = measured or (moves and (_goes_on(parsed, index) or not _counts(parsed, index)))
        if unknown if value is None else value >= at:
            message = f"{name.decode()}[{text.decode('latin-1')}] is another row then"
            book.refuse(mention.path, mention.span, _NUMBERED, message, function=mention.function)


def refuse_counted(book: Book, table: Table) -> None:
    """Refuse each place where the number of rows stands as a number: in a loop over the table, or beside it in a call."""
    for mention in table.uses if table.count > 1 else ():
        for node in _beside(mention):
            if _value(book.tree, mention, node) == table.count:
                text = mention.use.parsed.text(node).decode("latin-1")
                message = f"{text} stands for the {table.count} rows of {mention.name} here"
                book.refuse(mention.path, mention.span, _COUNTED, message, function=mention.function)
                break


def _beside(mention: Mention) -> Iterator[Node]:
    """Yield the arguments beside the table in a call, and the parts of the condition of a loop that counts through it."""
    node = mention.use.node
    outer = node.parent
    if outer is not None and outer.type == "argument_list":
        yield from items(outer)
    loop = enclosing(node, "for_statement", "while_statement", "do_statement")
    condition = loop.child_by_field_name("condition") if loop is not None else None
    if condition is not None and outer is not None and outer.type == "subscript_expression":
        index = outer.child_by_field_name("index")
        words = {mention.use.parsed.text(one) for one in descendants(condition, "identifier")}
        if index is not None and mention.use.parsed.text(index) in words:
            yield from descendants(condition, "number_literal", "identifier")


def _value(tree: Tree, mention: Mention, node: Node) -> int | None:
    """Return the value of a number, or of a macro that is one."""
    text = mention.use.parsed.text(node)
    if node.type != "identifier":
        return constant(text)
    found = {constant(one.body) for one in named(tree, text) if one.parameters is None}
    return found.pop() if len(found) == 1 else None


def refuse_out_of_order(book: Book, table: Table, row: tuple[C, Node], at: int) -> None:
    """Refuse each place that searches the table by halving, unless its rows are in order with the new one at *at*."""
    old = [_key(table.parsed, one) for one in table.rows[: table.count]]
    if _in_order([*old[:at], _key(*row), *old[at:]]) or any(_goes_to(one, _SORT) for one in table.uses):
        return
    known = len(old) > _FEW and _in_order(old)
    for mention in table.uses:
        if _goes_to(mention, _SEARCH) or _is_halved(mention):
            message = f"{mention.name} is searched by halving here, and the new row does not stand in order, as far as it can be seen"
            book.refuse(mention.path, mention.span, _ORDER, message, function=mention.function)
        elif known and _goes_to(mention, re.compile(rb"\w+")):
            message = f"{mention.name} is in order, goes to a function here, and would not be with the new row"
            book.warn(mention.path, mention.span, _ORDER, message)


def refuse_beside(edit: Edit, book: Book, table: Table) -> None:
    """Refuse each place where a table with as many rows is read at the same number, in one loop or function."""
    counts: dict[str, frozenset[int]] = {}
    for mention, index in _numbers(table):
        parsed = mention.use.parsed
        loop = enclosing(mention.use.node, *_LOOPS)
        for one in descendants(loop, "subscript_expression") if loop is not None else ():
            other, number = one.child_by_field_name("argument"), one.child_by_field_name("index")
            if other is None or number is None or parsed.text(number) != parsed.text(index):
                continue
            if other.type == "identifier" and parsed.text(other) != mention.name.encode():
                name = parsed.text(other).decode("latin-1")
                if name not in counts:
                    counts[name] = frozenset(_counts_of(edit, book, name))
                if table.count in counts[name]:
                    message = f"{name} has as many rows as {mention.name}, and is read beside it"
                    book.refuse(
                        mention.path, (other.start_byte, other.end_byte), _BESIDE, message, function=mention.function
                    )


def _counts_of(edit: Edit, book: Book, name: str) -> Iterator[int]:
    """Yield how many rows the tables of a name have that go by their order."""
    for mention in occurrences(edit, Book(edit, book.tree), name):
        table = table_at(mention)
        if table is not None and not any(row.type == "initializer_pair" for row in table.rows):
            yield table.count


def _numbers(table: Table) -> Iterator[tuple[Mention, Node]]:
    """Yield where a row is taken by a number, and that number; what is only measured is not."""
    for mention in table.uses:
        node = mention.use.node
        outer = node.parent
        if outer is None or outer.type != "subscript_expression" or outer.child_by_field_name("argument") != node:
            continue
        index = outer.child_by_field_name("index")
        if index is not None and enclosing(outer, "sizeof_expression") is None:
            yield mention, index


def _counts(parsed: C, index: Node) -> bool:
    """Whether a number is a variable that the function counts up or down."""
    function = enclosing(index, "function_definition")
    counted = (
        one.child_by_field_name("argument") or one.child_by_field_name("left")
        for one in descendants(function, "update_expression", "assignment_expression")
        if one.type == "update_expression" or parsed.text(one.children[1]) in {b"+=", b"-="}
    ) if function is not None else ()  # fmt: skip
    words = {parsed.text(one) for one in descendants(index, "identifier")}
    return index.type in {"identifier", "update_expression"} and any(
        one is not None and parsed.text(one) in words for one in counted
    )


def _goes_on(parsed: C, index: Node) -> bool:
    """Whether the function gives the number away, or has a case for it."""
    function = enclosing(index, "function_definition")
    given = descendants(function, "return_statement", "switch_statement") if function is not None else ()
    values = (one.child_by_field_name("condition") or first_named(one) for one in given)
    return any(one is not None and parsed.text(one).strip(b"( )") == parsed.text(index) for one in values)


def _goes_to(mention: Mention, functions: re.Pattern[bytes]) -> bool:
    """Whether the table itself, or the address of a row, is an argument of one of the functions."""
    at = mention.use.node
    while at.parent is not None and at.parent.type in {
        "subscript_expression",
        "pointer_expression",
        "parenthesized_expression",
        "cast_expression",
        "binary_expression",
    }:
        at = at.parent
    outer = at.parent.parent if at.parent is not None and at.parent.type == "argument_list" else None
    called = outer.child_by_field_name("function") if outer is not None else None
    return called is not None and functions.fullmatch(mention.use.parsed.text(called)) is not None


def _is_halved(mention: Mention) -> bool:
    function = enclosing(mention.use.node, "function_definition")
    return function is not None and _HALVING.search(mention.use.parsed.text(function)) is not None


def _key(parsed: C, row: Node) -> bytes | int | None:
    """Return what a row begins with: a string or a number; None for all else."""
    listed = items(row)[:1] if row.type == "initializer_list" else (row,)
    value = listed[0].child_by_field_name("value") or listed[0] if listed else row
    text = parsed.text(value)
    return text[1:-1] if value.type == "string_literal" else constant(text)


def _in_order(keys: list[bytes | int | None]) -> bool:
    """Whether each key is above the one before it, with the case of letters or without."""
    numbers = [key for key in keys if isinstance(key, int)]
    words = [key for key in keys if isinstance(key, bytes)]
    folded = [word.lower() for word in words]
    if len(words) == len(keys):
        return words == sorted(set(words)) or folded == sorted(set(folded))
    return len(numbers) == len(keys) and numbers == sorted(set(numbers))
