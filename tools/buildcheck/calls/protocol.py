# SPDX-License-Identifier: GPL-3.0-or-later
"""A protocol over ``...``: what a call passes, what the function takes out for that selector word, what it hands on.

No compiler looks after any of it. The function compares a parameter, the selector, with words, and takes out
in the arm of each what the calls with that word pass (C11 7.16.1.1: the same number, order and types).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from buildcheck.sema.ctype import UNKNOWN, Kind, decayed
from buildcheck.sema.expression import own_name, value_of

from .facts import Branch, Forward, Site, Spot, Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from buildcheck.sema.scope import Scope
    from buildcheck.sema.walk import Called

    Spotter = Callable[[Any, str], Spot | None]

__all__ = ["Protocol", "branches", "site"]

_TAKE = "__builtin_va_arg"
_COMPARE = frozenset({"strcmp", "strncmp", "strcasecmp", "strncasecmp", "__builtin_strcmp", "__builtin_strncmp"})


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a policy file says of a function with ``...``.

    :param selector: the parameter that it compares with words.
    :param forward: the name of the function that an arm hands on to, with ``{word}`` for the selector word.
    """

    function: str
    selector: str
    forward: str


def branches(definition: Any, protocol: Protocol, scope: Scope, spot: Spotter) -> Iterator[Branch]:
    """Yield each arm of the function, and one with the word "" for what is taken out outside of them."""
    reader = _Arms(protocol, scope, spot, frozenset(_lists(definition.body)))
    reader.look(definition.body, None)
    for arm in reader.arms:
        at = spot(arm.node if arm.node is not None else definition.decl, protocol.selector)
        if at is not None and (arm.word or arm.taken):
            yield Branch(protocol.function, arm.word, at, tuple(arm.taken), tuple(arm.forwards))


def site(name: str, protocol: Protocol, event: Called, spot: Spot) -> Site:
    """Return a call of the function: its word, and what it passes behind the named parameters."""
    arguments = event.node.args.exprs if event.node.args is not None else []
    declared = event.scope.value(name)
    parameters = declared.parameters or () if declared is not None else ()
    named = [parameter.name for parameter in parameters]
    at = named.index(protocol.selector) if protocol.selector in named else len(named) - 1
    word = _text(arguments[at]) if 0 <= at < len(arguments) else None
    rest = arguments[len(named) :]
    values = tuple(value_of(argument, event.scope) for argument in rest)
    names = tuple(own_name(argument) for argument in rest)
    mine = event.scope.locals() if any(value.null for value in values) else {}
    own = tuple(sorted(own for own, ctype in mine.items() if decayed(ctype).kind is Kind.POINTER))
    return Site(name, len(named), word, event.function, spot, values, names, own)


@dataclass(slots=True)
class _Arm:
    word: str
    node: Any
    taken: list[Taken] = field(default_factory=list)
    forwards: list[Forward] = field(default_factory=list)


@dataclass(slots=True)
class _Arms:
    """The body of the function, gone through for arms and what they do."""

    protocol: Protocol
    scope: Scope
    spot: Spotter
    lists: frozenset[str]
    """The names of what things are taken out of."""
    arms: list[_Arm] = field(default_factory=list)

    def look(self, node: Any, arm: _Arm | None, target: str = "") -> None:
        """Look through *node*, which is in *arm*; what is taken out goes into *target*."""
        if isinstance(node, c_ast.If) and (words := _words(node.cond, self.protocol.selector)):
            for word in words:
                inner = _Arm(word, node.cond)
                self.arms.append(inner)
                self.look(node.iftrue, inner)
            if node.iffalse is not None:
                self.look(node.iffalse, arm)
            return
        if isinstance(node, c_ast.FuncCall):
            self._call(node, arm, target)
        if isinstance(node, c_ast.Decl):
            target = node.name or ""
        elif isinstance(node, c_ast.Assignment):
            target = own_name(node.lvalue)
        elif isinstance(node, (c_ast.Compound, c_ast.If, c_ast.For, c_ast.While)):
            target = ""
        for _, child in node.children():
            self.look(child, arm, target)

    def _call(self, node: Any, arm: _Arm | None, target: str) -> None:
        name = own_name(node.name)
        arguments = node.args.exprs if node.args is not None else []
        if name == _TAKE:
            self._outside(arm).taken.append(self._taken(node, target))
        elif any(self._is_list(argument) for argument in arguments) and not name.startswith("__builtin_va_"):
            at = self.spot(node, name) or Spot("", 0)
            self._outside(None).taken.append(Taken(f"{name}()", UNKNOWN, at))
        elif arm is not None and name == self.protocol.forward.replace("{word}", arm.word):
            known = {one.name for one in arm.taken if one.name}
            given = tuple(tuple(_mentioned(argument, known)) for argument in arguments)
            arm.forwards.append(Forward(name, given, self.spot(node, name) or Spot("", 0)))

    def _taken(self, node: Any, target: str) -> Taken:
        ctype = self.scope.type_of(node.args.exprs[-1] if node.args is not None else None)
        return Taken(target, ctype, self.spot(node, target) or Spot("", 0))

    def _is_list(self, node: Any) -> bool:
        return isinstance(node, c_ast.ID) and node.name in self.lists

    def _outside(self, arm: _Arm | None) -> _Arm:
        if arm is not None:
            return arm
        found = next((one for one in self.arms if not one.word), None)
        if found is None:
            found = _Arm("", None)
            self.arms.append(found)
        return found


def _lists(body: Any) -> Iterator[str]:
    for node in _all(body):
        if isinstance(node, c_ast.FuncCall) and own_name(node.name) == _TAKE and node.args is not None:
            yield own_name(node.args.exprs[0])


def _words(condition: Any, selector: str) -> list[str]:
    """Return the words with one of which the selector is equal where *condition* is true."""
    if isinstance(condition, c_ast.UnaryOp) and condition.op == "!":
        return _compared(condition.expr, selector)
    if isinstance(condition, c_ast.BinaryOp):
        if condition.op == "==":
            sides = (condition.left, condition.right)
            zero = [side for side in sides if isinstance(side, c_ast.Constant) and side.value == "0"]
            return [word for side in sides if zero and side is not zero[0] for word in _compared(side, selector)]
        if condition.op in {"||", "&&"}:
            return [*_words(condition.left, selector), *_words(condition.right, selector)]
    return []


def _compared(node: Any, selector: str) -> list[str]:
    if not isinstance(node, c_ast.FuncCall) or own_name(node.name) not in _COMPARE or node.args is None:
        return []
    if selector not in map(own_name, node.args.exprs):
        return []
    return [word for argument in node.args.exprs if (word := _text(argument)) is not None]


def _text(node: Any) -> str | None:
    """Return what a string literal says; pycparser has joined neighbours."""
    if isinstance(node, c_ast.Constant) and node.type == "string":
        return str(node.value)[1:-1]
    return None


def _mentioned(node: Any, known: set[str]) -> list[str]:
    """Return the names of *known* that an argument has in it, each once; *outInst is not outInst but counts."""
    return list(dict.fromkeys(one.name for one in _all(node) if isinstance(one, c_ast.ID) and one.name in known))


def _all(node: Any) -> Iterator[Any]:
    yield node
    for _, child in node.children():
        yield from _all(child)
