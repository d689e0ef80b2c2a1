# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that a function declares, and those that new statements would declare in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.c.includes import Inclusions
from patchgen.syntax.c.patterns import Pattern
from patchgen.syntax.parsed import ancestors, descendants
from patchgen.tree import mentions

from .macros import using
from .scope import is_global

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from patchgen.syntax.parsed import Span
    from patchgen.tree import Tree

    from .functions import Function

__all__ = ["check_captures", "declaration_in", "declared_by", "hides", "used_in"]

_USED = re.compile(rb"(?<![\w.])(?<!->)[A-Za-z_]\w*")
"""A word that is no member."""


def declared_by(pattern: Pattern) -> Iterator[bytes]:
    """Yield the names that the statements of *pattern* declare in the block that they stand in."""
    for root in pattern.roots:
        for name in descendants(root, "identifier") if root.type == "declaration" else ():
            role = c.use_at(pattern.parsed, name.start_byte, name.end_byte).role
            if role in {c.Role.DECLARES_OTHER, c.Role.DECLARES_FUNCTION}:
                yield pattern.parsed.text(name)


def _inner_names(pattern: Pattern) -> frozenset[bytes]:
    """Return the names that the statements of *pattern* declare, in their inner blocks too."""
    found = set()
    for root in pattern.roots:
        for declaration in (root, *descendants(root, "declaration")):
            for name in descendants(declaration, "identifier") if declaration.type == "declaration" else ():
                use = c.use_at(pattern.parsed, name.start_byte, name.end_byte)
                if use.role is c.Role.DECLARES_OTHER:
                    found.add(pattern.parsed.text(name))
    return frozenset(found)


def declaration_in(function: Function, name: bytes) -> Span | None:
    """Return where *function* declares a parameter or a local variable called *name*, in any of its blocks."""
    parsed, node = function.parsed, function.declaration.node
    for span in mentions(parsed.data[: node.end_byte], [name]):
        if span[0] > node.start_byte:
            use = c.use_at(parsed, *span)
            if use.role is c.Role.DECLARES_OTHER and use.node.type == "identifier" and not use.in_macro:
                return span
    return None


def hides(tree: Tree, function: Function, block: Node, name: bytes, outside: Span = (0, 0)) -> Span | None:
    """Return where a local variable *name* that is declared in *block* would be one too many in *function*.

    The function declares that name, or the block uses something of the file that has it, by name or
    through a macro: the new variable would hide that (C17 6.2.1p4). What nothing declares was waiting for it.

    :param outside: the bytes that do not count, for they go.
    """
    own = declaration_in(function, name)
    if own is not None:
        return None if outside[0] <= own[0] < outside[1] else own
    if not is_global(tree, function.path, name):
        return None
    scope = next((at for at in (block, *ancestors(block)) if at.type == "compound_statement"), function.body)
    for word in (name, *sorted(using(tree, name, Inclusions(tree).of(function.path)))):
        span = used_in(function.parsed, scope, word, outside=outside)
        if span is not None:
            return span
    return None


def check_captures(text: str, bindings: Mapping[str, bytes]) -> None:
    """Check that no variable that the statements *text* declare is one that a metavariable in them stands for.

    :raises ValueError: one is: it would mean the new variable.
    """
    pattern = Pattern.statements(text)
    names = _inner_names(pattern)
    for metavariable in sorted(pattern.metavariables & bindings.keys()):
        for word in names.intersection(_USED.findall(bindings[metavariable])):
            msg = (
                f"${metavariable} stands for something with {word.decode('latin-1')} in it, which the new text declares"
            )
            raise ValueError(msg)


def used_in(parsed: c.C, body: Node, name: bytes, *, declared: bool = True, outside: Span = (0, 0)) -> Span | None:
    """Return where *body* uses or declares the plain identifier *name*: not as a member, not in a comment or string.

    :param declared: whether a declaration counts; :param outside: the bytes that do not.
    """
    plain = {c.Role.COMMENT, c.Role.STRING, c.Role.DEAD, c.Role.INCLUDE, c.Role.PRAGMA}
    if not declared:
        plain.add(c.Role.DECLARES_OTHER)
    for start, end in mentions(parsed.data[: body.end_byte], [name]):
        if start > body.start_byte and not outside[0] <= start < outside[1]:
            use = c.use_at(parsed, start, end)
            if use.role not in plain and not use.member and use.node.type != "statement_identifier":
                return start, end
    return None
