# SPDX-License-Identifier: GPL-3.0-or-later
"""How often an expression is evaluated where it stands, and whether anything in it does more than give a value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import c
from patchgen.syntax.c.lists import items
from patchgen.syntax.c.patterns import Pattern
from patchgen.syntax.parsed import ancestors, descendants
from patchgen.tree import mentions

from .macros import defines

if TYPE_CHECKING:
    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.tree import Tree

    from .macros import Define

__all__ = ["EVALUATED", "PURE", "effect", "not_once", "uncertain"]

EVALUATED = Slug.define(
    "argument-evaluated",
    """The argument does more than give a value, and the call stands where it is not evaluated once: in sizeof, or in a macro that
    has its parameter twice or never. Or a variable is written in one argument and used in another, in an order that C leaves open.""",
)

PURE = re.compile(rb"str(?:n?len|n?(?:case)?cmp|r?chr|str)|memcmp|l{0,2}abs|to(?:lower|upper)|(?:ntoh|hton)[sl]")
"""Functions of C17 7.4, 7.22.6, 7.24 and POSIX that do nothing but return a value."""
_WRITES = ("update_expression", "assignment_expression")
_TYPE_ONLY = frozenset(
    {b"typeof", b"__typeof__", b"__typeof", b"typeof_unqual", b"_Alignof", b"__alignof__", b"alignof"}
)
_MEASURED = frozenset({"sizeof_expression", "alignof_expression"})
_DEEPEST = 6


def effect(parsed: C, node: Node) -> Node | None:
    """Return a part of *node* that writes, or calls what may; None if there is none."""
    for part in descendants(node, *_WRITES, "call_expression"):
        callee = part.child_by_field_name("function")
        if callee is None or not PURE.fullmatch(parsed.text(callee)):
            return part
    return None


def not_once(tree: Tree, parsed: C, node: Node) -> str:
    """Return why *node* is not evaluated once each time that control comes to its statement, "" where nothing says so.

    It is measured, or an argument of a macro of the tree that has its parameter another number of times.
    """
    at = node
    for outer in ancestors(node):
        if outer.type in _MEASURED:
            return "is only measured"
        if outer.type == "call_expression" and at.type == "argument_list":
            called = outer.child_by_field_name("function")
            name = parsed.text(called) if called is not None and called.type == "identifier" else b""
            if name in _TYPE_ONLY:
                return "is only asked for its type"
            place = next((place for place, one in enumerate(items(at)) if one.end_byte >= node.end_byte), 0)
            for count in _counts(tree, name, place):
                if count != 1:
                    return f"is evaluated {count} times by the macro {name.decode('latin-1')}"
        at = outer
    return ""


def _counts(tree: Tree, name: bytes, place: int, deep: int = _DEEPEST) -> set[int]:
    """Return how often the macros called *name* evaluate the argument at *place*; nothing where it is none."""
    found: set[int] = set()
    for path in filter(c.is_c, tree.mentioning([name]) if name and deep else ()):
        for one in defines(path, tree.read(path)):
            if one.name == name and one.parameters and (place < len(one.parameters) or one.variadic):
                found.add(_count(tree, one, one.parameters[min(place, len(one.parameters) - 1)], deep))
    return found


def _count(tree: Tree, one: Define, parameter: bytes, deep: int) -> int:
    text = b"int f(void) { " + one.body + b"; }"
    parsed = c.parse(text.replace(b"#", b" "))
    total = 0
    for start, end in mentions(parsed.data, [parameter or b"__VA_ARGS__"]):
        if text[:start].rstrip().endswith(b"#"):
            continue  # its text only
        node = parsed.node_at(start, end)
        times, at = 1, node
        for outer in ancestors(node):
            called = outer.child_by_field_name("function") if outer.type == "call_expression" else None
            if outer.type in _MEASURED or (called is not None and parsed.text(called) in _TYPE_ONLY):
                times = 0
            elif called is not None and called.type == "identifier" and at.type == "argument_list":
                place = next((place for place, arg in enumerate(items(at)) if arg.end_byte >= end), 0)
                times *= max(_counts(tree, parsed.text(called), place, deep - 1), default=1)
            at = outer
        total += times
    return total


def uncertain(tree: Tree, parsed: C, arguments: Node, text: str, instead_of: Node | None = None) -> str:
    """Return why it is not certain what a new argument of a call would be, or how often, "" where it is.

    :param arguments: those of the call, in parentheses; :param instead_of: the one that goes.
    """
    pattern = Pattern.expression(text)
    new = pattern.roots[0]
    if effect(pattern.parsed, new) is not None and (reason := not_once(tree, parsed, arguments)):
        return f"{text} may do something, and this call {reason}"
    # The order in which arguments are evaluated is not known (C17 6.5.2.2p10).
    reads, writes = _words(pattern.parsed, new)
    for other in items(arguments):
        if other != instead_of:
            read, written = _words(parsed, other)
            if both := (reads & written) | (writes & read):
                return f"{min(both).decode('latin-1')} is written in one argument of this call, and used in another"
    return ""


def _words(parsed: C, node: Node) -> tuple[set[bytes], set[bytes]]:
    """Return the plain names that an expression has, and those of them that it writes."""
    names = {parsed.text(one) for one in descendants(node, "identifier")}
    written = set()
    for part in descendants(node, *_WRITES):
        target = part.child_by_field_name("argument") or part.child_by_field_name("left")
        if target is not None and target.type == "identifier":
            written.add(parsed.text(target))
    return names, written
