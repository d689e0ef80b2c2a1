# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that a function declares, and those that new statements would declare in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.parsed import descendants
from patchgen.tree import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.c.patterns import Pattern
    from patchgen.syntax.parsed import Span

    from .functions import Function

__all__ = ["declaration_in", "declared_by", "used_in"]


def declared_by(pattern: Pattern) -> Iterator[bytes]:
    """Yield the names that the statements of *pattern* declare in the block that they stand in."""
    for root in pattern.roots:
        for name in descendants(root, "identifier") if root.type == "declaration" else ():
            role = c.use_at(pattern.parsed, name.start_byte, name.end_byte).role
            if role in {c.Role.DECLARES_OTHER, c.Role.DECLARES_FUNCTION}:
                yield pattern.parsed.text(name)


def declaration_in(function: Function, name: bytes) -> Span | None:
    """Return where *function* declares a parameter or a local variable called *name*, in any of its blocks."""
    parsed, node = function.parsed, function.declaration.node
    for span in mentions(parsed.data[: node.end_byte], [name]):
        if span[0] > node.start_byte:
            use = c.use_at(parsed, *span)
            if use.role is c.Role.DECLARES_OTHER and use.node.type == "identifier" and not use.in_macro:
                return span
    return None


def used_in(parsed: c.C, body: Node, name: bytes) -> Span | None:
    """Return where *body* uses or declares the plain identifier *name*: not as a member, not in a comment or string."""
    plain = {c.Role.COMMENT, c.Role.STRING, c.Role.DEAD, c.Role.INCLUDE, c.Role.PRAGMA}
    for start, end in mentions(parsed.data[: body.end_byte], [name]):
        if start > body.start_byte:
            use = c.use_at(parsed, start, end)
            if use.role not in plain and not use.member and use.node.type != "statement_identifier":
                return start, end
    return None
