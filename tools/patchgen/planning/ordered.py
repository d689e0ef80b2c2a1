# SPDX-License-Identifier: GPL-3.0-or-later
"""Initialisers that go by the order of a struct's members, so that a new member would shift what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.c.structs import aliases, held, initialisers, positional, unreadable_initialiser
from patchgen.syntax.parsed import descendants

from .ledger import Book
from .occurrences import occurrences, settle_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from patchgen.tree import Tree

    from .edit import Edit
    from .occurrences import Mention

__all__ = ["ordered", "type_uses"]

_DIRECTIVE = re.compile(rb"(?:#[ \t]*(?:if|ifdef|ifndef|elif|else|endif)\b[^\n]*\s*)+")
_ZERO = frozenset({b"0", b"NULL"})


def type_uses(edit: Edit, book: Book, names: Iterable[str]) -> Iterator[tuple[Mention, int]]:
    """Yield each use of *names* and of the typedefs that stand for them, with the array depth of the typedef.

    Occurrences that are no use in code get their verdict in *book* on the way.
    """
    depths = dict.fromkeys(names, 0)
    todo = sorted(depths)
    while todo:
        name = todo.pop(0)
        for mention in occurrences(edit, book, name):
            if settle_plain(book, mention):
                continue
            if mention.use.role is c.Role.TYPE:
                for alias, depth in aliases(mention.use.parsed, mention.use.node):
                    if alias not in depths:
                        depths[alias] = depths[name] + depth
                        todo.append(alias)
            yield mention, depths[name]


def ordered(edit: Edit, tree: Tree, uses: Iterable[tuple[Mention, int]], *, at_end: bool) -> Iterator[Mention]:
    """Yield the uses of a struct, and of structs that hold it by value, that a new member would make wrong.

    :param at_end: the member goes to the end, so that only initialisers without the struct's own
        braces are shifted.
    """
    inner: set[str] = set()  # the members that lead to the struct, outside of it
    direct: dict[str, int] = {}  # of these, those of the struct's own type, with their array depth
    holders: list[str] = []
    for mention, depth in uses:
        parsed, node = mention.use.parsed, mention.use.node
        if unreadable_initialiser(parsed, node) or any(
            _shifted(tree, parsed, values, deep + depth, at_end=at_end) for values, deep in initialisers(node)
        ):
            yield mention
        for holder in held(parsed, node):
            inner |= holder.members
            direct[holder.member] = max(holder.depth + depth, direct.get(holder.member, 0))
            holders += sorted(holder.names)
    yield from _ordered_holders(edit, tree, holders, _Way(inner, direct, at_end))


@dataclass(frozen=True, slots=True)
class _Way:
    """What is known of the members that lead from outer structs to the one that is edited."""

    inner: set[str]
    direct: dict[str, int]
    at_end: bool


def _ordered_holders(edit: Edit, tree: Tree, holders: list[str], way: _Way) -> Iterator[Mention]:
    done: set[str] = set()
    while holders:
        name = holders.pop(0)
        if name in done:
            continue
        done.add(name)
        for mention, depth in type_uses(edit, Book(edit, tree), [name]):
            parsed, node = mention.use.parsed, mention.use.node
            if unreadable_initialiser(parsed, node) or any(
                _holder_shifted(tree, parsed, values, deep + depth, way) for values, deep in initialisers(node)
            ):
                yield mention
            for holder in held(parsed, node):
                way.inner.update(holder.members, {holder.member})
                holders += sorted(holder.names)


def _shifted(tree: Tree, parsed: c.C, values: Node, depth: int, *, at_end: bool) -> bool:
    """Whether an initialiser of the struct, or of an array of it in *depth* dimensions, goes by the order."""
    rows = [values]
    for _ in range(depth):
        lists = [row for row in rows if row.type == "initializer_list"]
        if any(_flat(parsed, row) for row in rows if row.type != "initializer_list" and row is not values):
            return True
        rows = [_value(child) for row in lists for child in row.named_children if child.type != "comment"]
    for row in rows:
        if row.type == "initializer_list":
            if not at_end and positional(parsed, row):
                return True
        elif row is not values and _flat(parsed, row):
            return True
    return not at_end and _by_macro(tree, parsed, values)


def _holder_shifted(tree: Tree, parsed: c.C, values: Node, depth: int, way: _Way) -> bool:
    if _shifted(tree, parsed, values, depth, at_end=False):
        return True
    for pair in descendants(values, "initializer_pair"):
        designators = pair.children_by_field_name("designator")
        value = pair.child_by_field_name("value")
        last = designators[-1] if designators else None
        if value is None or last is None or last.type != "field_designator":
            continue
        name = parsed.text(last).lstrip(b". \t").decode("latin-1")
        if name in way.direct:
            if _shifted(tree, parsed, value, way.direct[name], at_end=way.at_end):
                return True
        elif name in way.inner and value.type == "initializer_list" and positional(parsed, value):
            return True
    return False


def _flat(parsed: c.C, row: Node) -> bool:
    if row.is_error and _DIRECTIVE.fullmatch(parsed.text(row)):
        return False
    return row.type != "compound_literal_expression" and parsed.text(row) not in _ZERO


def _value(row: Node) -> Node:
    return (row.child_by_field_name("value") or row) if row.type == "initializer_pair" else row


def _by_macro(tree: Tree, parsed: c.C, values: Node) -> bool:
    """Whether the initialiser is a macro of the tree that stands for values in their order."""
    word = values.child_by_field_name("function") if values.type == "call_expression" else values
    if word is None or word.type != "identifier":
        return False
    name = parsed.text(word)
    define = re.compile(
        rb"^[ \t]*#[ \t]*define[ \t]+" + re.escape(name) + rb"(?:\([^)\n]*\))?[ \t]+((?:[^\n]*\\\r?\n)*[^\n]*)",
        re.MULTILINE,
    )
    for path in filter(c.is_c, tree.mentioning([name])):
        for match in define.finditer(tree.read(path)):
            body = re.sub(rb"\\\r?\n|/\*.*?\*/", b" ", match[1], flags=re.DOTALL).strip()
            if body.startswith(b"{") and not re.match(rb"\{\s*(?:[.\[]|(?:0|NULL)?\s*,?\s*\})", body):
                return True
    return False
