# SPDX-License-Identifier: GPL-3.0-or-later
"""What an initialiser in braces gives a value to (C11 6.7.9)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from buildcheck.sema.ctype import CType, Kind, decayed
from buildcheck.sema.expression import type_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildcheck.sema.scope import Scope

__all__ = ["filled"]


def filled(ctype: CType, node: Any, scope: Scope) -> Iterator[tuple[str, CType, Any]]:  # noqa: ANN401 - pycparser's nodes
    """Yield the label, the type and the value of each member or element that the list *node* fills.

    Where inner braces are left out, the members of the inner aggregate take what comes (paragraph 20).
    """
    yield from _fill(ctype, deque(node.exprs), scope, outermost=True)


def _fill(ctype: CType, values: deque[Any], scope: Scope, *, outermost: bool) -> Iterator[tuple[str, CType, Any]]:
    members = scope.members(ctype) if ctype.kind is Kind.RECORD else []
    at = 0
    while values and (ctype.kind is Kind.ARRAY or at < len(members) or isinstance(values[0], c_ast.NamedInitializer)):
        if not outermost and (isinstance(values[0], c_ast.NamedInitializer) or at == ctype.length):
            return  # a designator is one of the outermost braces (paragraph 17)
        if isinstance(values[0], c_ast.NamedInitializer):
            named = values.popleft()
            label, of = _designated(ctype, named.name, scope)
            first = named.name[0]
            at = next((n for n, (name, _) in enumerate(members) if name == getattr(first, "name", None)), at) + 1
            yield label, of, named.expr
            continue
        name, of = members[at] if members else ("", ctype.target)
        label = f".{name}" if members else "[]"
        at += 1
        if _elided(of, values[0], scope):
            for inner, deeper, value in _fill(of, values, scope, outermost=False):
                yield label + inner, deeper, value
        else:
            yield label, of, values.popleft()


def _designated(ctype: CType, names: list[Any], scope: Scope) -> tuple[str, CType]:
    label, of = "", ctype
    for name in names:
        if isinstance(name, c_ast.ID) and of.kind is Kind.RECORD:
            label, of = f"{label}.{name.name}", scope.member(of, name.name)
        else:
            label, of = f"{label}[]", of.target
    return label, of


def _elided(of: CType, value: Any, scope: Scope) -> bool:  # noqa: ANN401 - see above
    """Whether the braces round the value of an aggregate are left out: it is no list, no string, no such struct."""
    if of.kind not in {Kind.RECORD, Kind.ARRAY} or isinstance(value, c_ast.InitList):
        return False
    if of.kind is Kind.ARRAY and isinstance(value, c_ast.Constant) and value.type == "string":
        return of.target.kind is not Kind.INTEGER
    return not (of.kind is Kind.RECORD and decayed(type_of(value, scope)).name == of.name) and _has_members(of, scope)


def _has_members(of: CType, scope: Scope) -> bool:
    """Whether the aggregate is known: one that is not takes one value, so that nothing goes round in a circle."""
    return bool(scope.members(of)) if of.kind is Kind.RECORD else of.length != 0
