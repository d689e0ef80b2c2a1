# SPDX-License-Identifier: GPL-3.0-or-later
"""Of what type an expression is, as far as the declaration of its variable in the same file tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax.c import function_around
from patchgen.syntax.parsed import descendants, first_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.c import C

__all__ = ["Object", "bare", "described", "object_of", "stars"]

_POINTS = frozenset(
    {"pointer_declarator", "array_declarator", "abstract_pointer_declarator", "abstract_array_declarator"}
)


@dataclass(frozen=True, slots=True)
class Object:
    """A type.

    :param name: its last word: a tag, a typedef, ``int``; :param stars: how many pointers and arrays lead to it.
    """

    name: str
    stars: int


def bare(node: Node) -> Node:
    """Return an expression without the parentheses around it."""
    while node.type == "parenthesized_expression" and (inner := first_named(node)) is not None:
        node = inner
    return node


def described(parsed: C, type_descriptor: Node) -> Object | None:
    """Return the type of a cast, a ``sizeof`` or a declaration: what has a type and perhaps a declarator."""
    type_ = type_descriptor.child_by_field_name("type")
    if type_ is None:
        return None
    name = type_.child_by_field_name("name") or type_
    points = stars(type_descriptor.child_by_field_name("declarator"))
    return Object(parsed.text(name).decode("latin-1").split()[-1], points)


def object_of(parsed: C, expression: Node) -> Object | None:
    """Return the type of an expression; None where it cannot be seen."""
    node = bare(expression)
    if node.type == "identifier":
        return _declared(parsed, node)
    if node.type == "cast_expression":
        type_ = node.child_by_field_name("type")
        return described(parsed, type_) if type_ is not None else None
    inner = node.child_by_field_name("argument")
    if inner is None or node.type not in {"pointer_expression", "subscript_expression"}:
        return None
    found = object_of(parsed, inner)
    if found is None:
        return None
    return Object(found.name, found.stars + (1 if parsed.text(node.children[0]) == b"&" else -1))


def _declared(parsed: C, name: Node) -> Object | None:
    """Return the type that the function around a name declares it with, else the file."""
    function, word = function_around(name), parsed.text(name)
    found: set[Object | None] = set()
    if function is not None:
        found = set(_declarations(parsed, descendants(function, "parameter_declaration", "declaration"), word))
    if not found:
        found = set(_declarations(parsed, (at for at in parsed.root.children if at.type == "declaration"), word))
    return found.pop() if len(found) == 1 else None


def _declarations(parsed: C, declarations: Iterator[Node], word: bytes) -> Iterator[Object | None]:
    for declaration in declarations:
        type_ = declaration.child_by_field_name("type")
        for declarator in declaration.children_by_field_name("declarator"):
            at: Node | None = declarator
            points = 0
            while at is not None and at.type not in {"identifier", "function_declarator"}:
                points += at.type in _POINTS
                at = at.child_by_field_name("declarator") or (
                    first_named(at) if at.type == "parenthesized_declarator" else None
                )
            if at is not None and at.type == "identifier" and parsed.text(at) == word and type_ is not None:
                name = type_.child_by_field_name("name") or type_
                yield Object(parsed.text(name).decode("latin-1").split()[-1], points)


def stars(declarator: Node | None) -> int:
    """Return how many pointers and arrays a declarator makes."""
    count = 0
    while declarator is not None:
        count += declarator.type in _POINTS
        declarator = declarator.child_by_field_name("declarator")
    return count
