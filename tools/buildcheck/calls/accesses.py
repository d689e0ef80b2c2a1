# SPDX-License-Identifier: GPL-3.0-or-later
"""How a unit uses the accessors of generated types: what is set from what, and what is read into what.

The accessors are those that :mod:`buildcheck.adb` writes, ``adb_TYPE_VERB_ELEMENT``. They are read behind the
preprocessor, so that one which a macro puts together counts like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from pycparser import c_ast

from buildcheck.sema.ctype import Kind, decayed
from buildcheck.sema.expression import own_name, type_of

from .spot import Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildcheck.sema.scope import Scope
    from buildcheck.sema.walk import Assigned, Called

__all__ = ["PREFIX", "Access", "Stored", "access", "stored_by_assignment", "stored_by_call"]

PREFIX = "adb_"
_OBJECT_AND_ENVIRONMENT = 2
"""Arguments of every accessor; what is set or added comes behind them."""
_COPIES = frozenset({"strcpy", "strncpy", "memcpy", "memmove", "strcat", "strncat", "strlcpy", "strlcat"})
_WANT_TEXT = {
    **dict.fromkeys(
        ("strcpy", "strncpy", "strcat", "strncat", "strcmp", "strncmp", "strcasecmp", "strncasecmp"), (0, 1)
    ),
    **dict.fromkeys(("strlen", "strdup", "strndup", "atoi", "atol", "atoll", "atof", "strtol", "strtoul"), (0,)),
    **dict.fromkeys(("strstr", "strpbrk", "strspn", "strcspn"), (0, 1)),
    **dict.fromkeys(("strchr", "strrchr"), (0,)),
}
"""Which arguments of C's own functions must not be NULL (C11 7.1.4, 7.24.1, 7.22.1)."""


class Access(msgspec.Struct, frozen=True):
    """A use of an accessor.

    :param name: what is set is called so, or what is read goes into a variable or member of that name; "" for
        what has no name of its own.
    :param record, member: the struct and the member of it that this is, where it is one.
    :param to: what is read is passed to that function, as its argument *index*, a parameter called *name*.
    :param guarded: what is set is tested by a condition round the call.
    :param untested: what is read gets to that function of C, which takes no NULL, without a test.
    :param null: what is set is a null pointer constant.
    """

    callee: str
    function: str
    spot: Spot
    name: str = ""
    record: str = ""
    member: str = ""
    to: str = ""
    index: int = -1
    guarded: bool = False
    untested: str = ""
    null: bool = False


class Stored(msgspec.Struct, frozen=True):
    """In *function*, the variable or parameter *name* is put into a member of a struct."""

    function: str
    name: str
    record: str
    member: str


def access(event: Called, spot: Spot, *, null: bool) -> Access:
    """Return the use of an accessor that a call is.

    :param null: its last argument is a null pointer constant.
    """
    arguments = event.node.args.exprs if event.node.args is not None else []
    callee = own_name(event.node.name)
    if len(arguments) > _OBJECT_AND_ENVIRONMENT and "_at" not in callee[-3:]:
        value = arguments[_OBJECT_AND_ENVIRONMENT]
        record, member = _member(value, event.scope)
        return Access(
            callee, event.function, spot, _name(value), record, member, guarded=_guarded(event, value), null=null
        )
    return _read(event, Access(callee, event.function, spot))


def stored_by_call(event: Called) -> Stored | None:
    """Return what a call of one of C's copying functions puts into a member."""
    arguments = event.node.args.exprs if event.node.args is not None else []
    if own_name(event.node.name) not in _COPIES or len(arguments) < 2:  # noqa: PLR2004 - where to, and what
        return None
    return _stored(event, arguments[0], arguments[1])


def stored_by_assignment(event: Assigned) -> Stored | None:
    """Return what an assignment puts into a member."""
    return _stored(event, event.node.lvalue, event.node.rvalue) if event.node.op == "=" else None


def _stored(event: Called | Assigned, target: Any, value: Any) -> Stored | None:  # noqa: ANN401 - pycparser's nodes
    record, member = _member(target, event.scope)
    name = own_name(value)
    return Stored(event.function, name, record, member) if record and name else None


def _read(event: Called, found: Access) -> Access:
    """Return *found* with what becomes of the value that is read."""
    child = event.node
    for node in reversed(event.around):
        if isinstance(node, (c_ast.Cast, c_ast.TernaryOp, c_ast.ExprList)):
            if isinstance(node, c_ast.TernaryOp) and node.cond is child:
                return found
        elif isinstance(node, c_ast.Decl):
            return msgspec.structs.replace(found, name=node.name or "", untested=_later(event, node.name))
        elif isinstance(node, c_ast.Assignment):
            record, member = _member(node.lvalue, event.scope)
            name = _name(node.lvalue)
            untested = "" if record else _later(event, name)
            return msgspec.structs.replace(found, name=name, record=record, member=member, untested=untested)
        elif isinstance(node, c_ast.FuncCall):
            return _passed(event, node, child, found)
        else:
            return found
        child = node
    return found


def _passed(event: Called, call: Any, child: Any, found: Access) -> Access:  # noqa: ANN401 - see above
    """Return *found* with the function that the value is passed to."""
    arguments = call.args.exprs if call.args is not None else []
    at = next((n for n, one in enumerate(arguments) if event.node in _all(one)), -1)
    to = own_name(call.name)
    if to in _COPIES and at == 1:
        record, member = _member(arguments[0], event.scope)
        untested = to if at in _WANT_TEXT.get(to, ()) else ""
        return msgspec.structs.replace(found, name=_name(arguments[0]), record=record, member=member, untested=untested)
    if at in _WANT_TEXT.get(to, ()):
        return msgspec.structs.replace(found, untested=to)
    function = event.scope.value(to)
    parameters = function.parameters or () if function is not None else ()
    name = parameters[at].name if 0 <= at < len(parameters) else ""
    return msgspec.structs.replace(found, name=name, to=to, index=at) if child is not None else found


def _later(event: Called, name: str | None) -> str:
    """Return the function of C that a variable gets to without a test of it anywhere in this function."""
    if not name or not event.around or any(name in _names(one) for one in _conditions(event.around[0])):
        return ""
    for node in _all(event.around[0]):
        if isinstance(node, c_ast.FuncCall) and node.args is not None:
            callee = own_name(node.name)
            for at in _WANT_TEXT.get(callee, ()):
                if at < len(node.args.exprs) and own_name(node.args.exprs[at]) == name:
                    return callee
    return ""


def _guarded(event: Called, value: Any) -> bool:  # noqa: ANN401 - see above
    """Whether a condition round the call, or in the value, is about what is set."""
    mentioned = _names(value)
    conditions = [node.cond for node in event.around if isinstance(node, (c_ast.If, c_ast.TernaryOp))]
    return any(mentioned & _names(condition) for condition in conditions)


def _conditions(node: Any) -> Iterator[Any]:  # noqa: ANN401 - see above
    for one in _all(node):
        if isinstance(one, (c_ast.If, c_ast.TernaryOp, c_ast.While, c_ast.For)) and one.cond is not None:
            yield one.cond
        elif isinstance(one, c_ast.BinaryOp) and one.op in {"&&", "||"}:
            yield one.left


def _member(node: Any, scope: Scope) -> tuple[str, str]:  # noqa: ANN401 - see above
    """Return the struct and the member of it that an expression is; of an element of an array, the array."""
    while isinstance(node, (c_ast.Cast, c_ast.ArrayRef)) or (isinstance(node, c_ast.UnaryOp) and node.op == "&"):
        node = node.name if isinstance(node, c_ast.ArrayRef) else node.expr
    if not isinstance(node, c_ast.StructRef):
        return "", ""
    record = decayed(type_of(node.name, scope))
    record = record.target if record.kind is Kind.POINTER else record
    return (record.name, node.field.name) if record.kind is Kind.RECORD else ("", "")


def _name(node: Any) -> str:  # noqa: ANN401 - see above
    while isinstance(node, c_ast.ArrayRef):
        node = node.name
    return own_name(node)


def _names(node: Any) -> set[str]:  # noqa: ANN401 - see above
    return {one.name for one in _all(node) if isinstance(one, c_ast.ID)}


def _all(node: Any) -> Iterator[Any]:  # noqa: ANN401 - see above
    stack: list[Any] = [node]
    while stack:
        one = stack.pop()
        yield one
        stack += _children(one)


def _children(node: Any) -> Sequence[Any]:  # noqa: ANN401 - see above
    return [child for _, child in node.children()]
