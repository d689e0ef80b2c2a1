# SPDX-License-Identifier: GPL-3.0-or-later
"""A unit gone through in the order of its text: at each place with the scope that holds there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from .ctype import CType, Kind
from .scope import named_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .scope import Scope

__all__ = ["Assigned", "Called", "Declared", "Event", "enter", "walk"]


@dataclass(frozen=True, slots=True)
class Declared:
    """A function is declared or defined, or a variable of another sort.

    :param definition: the node of its definition, where it is one of a function.
    :param initialiser: the node behind the ``=``; None where there is none.
    """

    node: Any
    type: CType
    scope: Scope
    function: str
    definition: Any = None

    @property
    def initialiser(self) -> Any:  # noqa: ANN401 - pycparser's nodes have no types
        """What it is initialised with, or None."""
        return self.node.init


@dataclass(frozen=True, slots=True)
class Called:
    """A call; *function* is the function that it is in, "" at file level.

    :param around: the nodes that it is in, from the body of the function inwards.
    """

    node: Any
    scope: Scope
    function: str
    around: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Assigned:
    """An assignment."""

    node: Any
    scope: Scope
    function: str


Event = Declared | Called | Assigned


def walk(nodes: Iterable[Any], scope: Scope) -> Iterator[Event]:
    """Yield what happens in external declarations, and enter them into *scope*, the one of the file.

    The scope of an event is as it is at its event only: use it before the next.
    """
    for node in nodes:
        if isinstance(node, c_ast.FuncDef):
            yield from _definition(node, scope)
        else:
            yield from _walk(node, scope, "")


def enter(nodes: Iterable[Any], scope: Scope) -> None:
    """Enter external declarations into *scope*, without a look into bodies and initialisers."""
    for node in nodes:
        if isinstance(node, c_ast.FuncDef):
            scope.declare(node.decl)
        elif isinstance(node, (c_ast.Decl, c_ast.Typedef)):
            scope.declare(node)


def _definition(node: Any, scope: Scope) -> Iterator[Event]:  # noqa: ANN401 - see above
    ctype = scope.declare(node.decl)
    yield Declared(node.decl, ctype, scope, "", node)
    inner = scope.inner()
    for name, parameter in named_parameters(node, inner).items():
        inner.values[name] = parameter
        inner.typedefs[name] = None
    inner.values["__func__"] = inner.values["__FUNCTION__"] = CType(Kind.ARRAY, of=_CONST_CHAR)
    # The body is no scope of its own: a parameter may not be declared again in it (C11 6.2.1 paragraph 4).
    for item in node.body.block_items or ():
        yield from _walk(item, inner, node.decl.name, (node.body,))


def _walk(node: Any, scope: Scope, function: str, around: tuple[Any, ...] = ()) -> Iterator[Event]:  # noqa: ANN401 - see above
    if isinstance(node, (c_ast.Decl, c_ast.Typedef)):
        ctype = scope.declare(node)
        if isinstance(node, c_ast.Decl):
            yield Declared(node, ctype, scope, function)
            if node.init is not None:
                yield from _walk(node.init, scope, function, (*around, node))
        return
    if isinstance(node, (c_ast.Typename, c_ast.Struct, c_ast.Union, c_ast.Enum)):
        scope.type_of(node)
        return
    if isinstance(node, (c_ast.Compound, c_ast.For)):
        scope = scope.inner()
    elif isinstance(node, c_ast.FuncCall):
        yield Called(node, scope, function, around)
    elif isinstance(node, c_ast.Assignment):
        yield Assigned(node, scope, function)
    for _, child in node.children():
        yield from _walk(child, scope, function, (*around, node))


_CONST_CHAR = CType(Kind.INTEGER, "char", qualifiers=frozenset({"const"}))
