# SPDX-License-Identifier: GPL-3.0-or-later
"""What an integer constant expression comes to, as far as the tree says it: numbers, and macros and enum constants of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.c.constants import constant
from patchgen.syntax.c.patterns import Pattern
from patchgen.syntax.parsed import first_named
from patchgen.tree import mentions

from .macros import defines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.tree import Tree

__all__ = ["number", "number_of_text"]

_DEEPEST = 8
"""How many macros may stand for one another."""


def _shift(left: int, right: int) -> int:
    return left << right if 0 <= right < _WIDEST else 0


_WIDEST = 64
_OPERATORS: Mapping[bytes, Callable[[int, int], int]] = {
    b"+": int.__add__,
    b"-": int.__sub__,
    b"*": int.__mul__,
    b"<<": _shift,
}


def number(tree: Tree, parsed: C, node: Node, deep: int = _DEEPEST) -> int | None:
    """Return the value of a constant expression, None where it is none, or where the tree says several things."""
    if node.type == "identifier":
        return _named(tree, parsed.text(node), deep - 1) if deep else None
    if node.type == "parenthesized_expression":
        inner = first_named(node)
        return number(tree, parsed, inner, deep) if inner is not None else None
    if node.type == "binary_expression":
        left, operator, right = (node.child_by_field_name(name) for name in ("left", "operator", "right"))
        if left is None or operator is None or right is None:
            return None
        made = _OPERATORS.get(parsed.text(operator))
        one, other = number(tree, parsed, left, deep), number(tree, parsed, right, deep)
        return made(one, other) if made is not None and one is not None and other is not None else None
    return constant(parsed.text(node))


def number_of_text(tree: Tree, text: bytes, deep: int = _DEEPEST) -> int | None:
    """Return the value of a constant expression in C text; see :func:`number`."""
    try:
        pattern = Pattern.expression(text.decode("utf-8", "surrogateescape"))
    except ValueError:
        return None
    return number(tree, pattern.parsed, pattern.roots[0], deep)


def _named(tree: Tree, name: bytes, deep: int) -> int | None:
    found: set[int | None] = set()
    for path in filter(c.is_c, tree.mentioning([name])):
        data = tree.read(path)
        found.update(
            number_of_text(tree, one.body.strip(), deep)
            for one in defines(path, data)
            if one.name == name and one.parameters is None
        )
        if b"enum" in data:
            found.update(_enumerated(tree, c.parse(data), name, deep))
    return found.pop() if len(found) == 1 else None


def _enumerated(tree: Tree, parsed: C, name: bytes, deep: int) -> set[int | None]:
    """Return the values that the enums of a file give a name; those without ``=`` are counted."""
    found: set[int | None] = set()
    for span in mentions(parsed.data, [name]):
        one = parsed.node_at(*span).parent
        if one is None or one.type != "enumerator" or one.child_by_field_name("name") != parsed.node_at(*span):
            continue
        count, at = 0, one
        while at.child_by_field_name("value") is None:
            before = at.prev_named_sibling
            while before is not None and before.type == "comment":
                before = before.prev_named_sibling
            if before is None or before.type != "enumerator":
                break
            count, at = count + 1, before
        value = at.child_by_field_name("value")
        start = number(tree, parsed, value, deep) if value is not None else 0
        found.add(start + count if start is not None else None)
    return found
