# SPDX-License-Identifier: GPL-3.0-or-later
"""Metavariables bound by what else stands in the function: the key ``bind`` of several edit kinds.

Local names differ between trees. A pattern that the function must hold tells what they are here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax.c import function_around
from patchgen.syntax.c.patterns import Pattern, metavariables, substitute
from patchgen.syntax.parsed import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.syntax.parsed import Span

    from .ledger import Book

__all__ = ["Place", "bound", "filled", "given_by", "is_of"]


_UNBOUND = Slug.define(
    "nothing-to-bind",
    """A pattern of `bind` is not in the function, so that it is not known what its metavariables stand
    for there.""",
)
_AMBIGUOUS = Slug.define(
    "ambiguous-binding",
    """The patterns of `bind` fit several places of the function, and these differ in what a
    metavariable stands for.""",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A function to bind in, and the occurrence in it that is refused where a pattern does not fit."""

    path: str
    span: Span
    parsed: C
    scope: Node
    function: str


def given_by(patterns: tuple[str, ...]) -> frozenset[str]:
    """Return the metavariables that *patterns* bind.

    :raises ValueError: one is not an expression in C.
    """
    return frozenset[str]().union(*(Pattern.expression(text).metavariables for text in patterns))


def filled(text: str, bindings: Mapping[str, bytes]) -> str:
    """Return C text with what *bindings* has written in the place of its metavariables; others stay."""
    own = {name: f"${name}".encode() for name in metavariables(text)}
    return substitute(text, own | dict(bindings))


def is_of(scope: Node, node: Node) -> bool:
    """Whether *node* belongs to the function *scope*, and not to one within it (GCC, Nested Functions)."""
    return scope.type != "function_definition" or function_around(node) in {None, scope}


def bound(book: Book, where: Place, patterns: tuple[str, ...], *texts: str) -> dict[str, bytes] | None:
    """Return what the metavariables of *patterns* that stand in *texts* stand for; None after a refusal."""
    wanted = frozenset[str]().union(*map(metavariables, texts))
    found: dict[str, tuple[tuple[bytes, ...], bytes]] = {}
    for text in patterns:
        matches = [
            match
            for match in Pattern.expression(text).find(where.parsed, where.scope)
            if is_of(where.scope, match.node)
        ]
        if not matches:
            book.refuse(where.path, where.span, _UNBOUND, f"{text} is not in {where.function}", function=where.function)
            return None
        for match in matches:
            for name in wanted & match.bound.keys():
                node = match.bound[name]
                value = (tokens(where.parsed, node), where.parsed.text(node))
                if found.setdefault(name, value)[0] != value[0]:
                    message = f"${name} of {text} stands for several things in {where.function}"
                    book.refuse(where.path, where.span, _AMBIGUOUS, message, function=where.function)
                    return None
    return {name: text for name, (_, text) in found.items()}
