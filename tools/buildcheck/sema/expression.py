# SPDX-License-Identifier: GPL-3.0-or-later
"""The type of an expression (C11 6.5), and what it is as a value to pass on (6.3)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

from .assign import Value
from .constant import constant, literal
from .ctype import (
    CHAR,
    DOUBLE,
    INT,
    LONG,
    SIZE,
    UNKNOWN,
    VOID,
    CType,
    Kind,
    compatible,
    decayed,
    pointer,
    promoted,
    usual,
)
from .scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["function_of", "own_name", "type_of", "value_of"]

_TRUTH = frozenset({"==", "!=", "<", ">", "<=", ">=", "&&", "||"})
_LITERALS = {
    "string": CType(Kind.ARRAY, of=CHAR),
    "char": INT,
    "float": CType(Kind.FLOATING, "float"),
    "double": DOUBLE,
    "long double": CType(Kind.FLOATING, "long double"),
}
_BUILTINS: Mapping[str, CType] = {
    "__builtin_expect": LONG,
    "__builtin_constant_p": INT,
    "__builtin_types_compatible_p": INT,
    "__builtin_offsetof": SIZE,
    "__builtin_object_size": SIZE,
    "__builtin_strlen": SIZE,
    "__builtin_alloca": pointer(VOID),
    "__builtin_va_start": VOID,
    "__builtin_va_end": VOID,
    "__builtin_va_copy": VOID,
    "__builtin_bswap16": CType(Kind.INTEGER, "unsigned short"),
    "__builtin_bswap32": CType(Kind.INTEGER, "unsigned int"),
    "__builtin_bswap64": CType(Kind.INTEGER, "unsigned long"),
}
"""What GCC's built-in functions return that headers of the system leave in the text."""
_SUFFIX = re.compile(r"[uUlL]*\Z")


def value_of(node: Any, scope: Scope) -> Value:  # noqa: ANN401 - pycparser's nodes have no types
    """Return what *node* is as a value: its type before any conversion, and whether it is a constant."""
    ctype = type_of(node, scope)
    number = constant(node, scope)
    size = isinstance(node, c_ast.UnaryOp) and node.op == "sizeof"
    return Value(ctype, number, null=_is_null(node, ctype, number), character=_is_character(node), size=size)


def type_of(node: Any, scope: Scope) -> CType:  # noqa: ANN401 - see above
    """Return the type of an expression, arrays and functions not decayed; UNKNOWN where it cannot be told."""
    rule = _RULES.get(type(node))
    return rule(node, scope) if rule is not None else UNKNOWN


def own_name(node: Any) -> str:  # noqa: ANN401 - see above
    """Return the name that an argument goes by: of a variable or a member, casts and ``&`` taken off; else ""."""
    while True:
        if isinstance(node, c_ast.Cast) or (isinstance(node, c_ast.UnaryOp) and node.op == "&"):
            node = node.expr
        elif isinstance(node, c_ast.StructRef):
            return str(node.field.name)
        else:
            return str(node.name) if isinstance(node, c_ast.ID) else ""


def _constant(node: Any, _: Scope) -> CType:  # noqa: ANN401 - see above
    return _LITERALS[node.type] if node.type in _LITERALS else _integer(node.value)


def _element(node: Any, scope: Scope) -> CType:  # noqa: ANN401 - see above
    """Return the type of ``a[i]``, which is that of ``i[a]`` (C11 6.5.2.1)."""
    left = decayed(type_of(node.name, scope))
    return left.target if left.kind is Kind.POINTER else decayed(type_of(node.subscript, scope)).target


def _last(node: Any, scope: Scope) -> CType:  # noqa: ANN401 - see above
    return decayed(type_of(node.exprs[-1], scope)) if node.exprs else VOID


def _integer(text: str) -> CType:
    """Return the type of an integer literal (C11 6.4.4.1 paragraph 5), for 64-bit longs."""
    number = literal(text)
    if number is None:
        return UNKNOWN
    found = _SUFFIX.search(text)
    suffix = found.group().lower() if found else ""
    decimal = not text.startswith("0")
    for name, width in (("int", 31), ("long", 63), ("long long", 63)):
        if suffix.count("l") > name.count("long"):
            continue
        if "u" not in suffix and number < 1 << width:
            return CType(Kind.INTEGER, name)
        if ("u" in suffix or not decimal) and number < 1 << (width + 1):
            return CType(Kind.INTEGER, f"unsigned {name}")
    return CType(Kind.INTEGER, "__int128")


def _member(node: Any, scope: Scope) -> CType:  # noqa: ANN401 - see above
    record = type_of(node.name, scope)
    if node.type == "->":
        record = decayed(record).target
    return scope.member(record, node.field.name) if record.kind is Kind.RECORD else UNKNOWN


def function_of(node: Any, scope: Scope) -> CType:  # noqa: ANN401 - see above
    """Return the function type that a call goes to; UNKNOWN where it is none that is declared."""
    callee = type_of(node.name, scope)
    while callee.kind is Kind.POINTER:
        callee = callee.target
    return callee if callee.kind is Kind.FUNCTION else UNKNOWN


def _result(node: Any, scope: Scope) -> CType:  # noqa: ANN401 - see above
    name = node.name.name if isinstance(node.name, c_ast.ID) else ""
    if name == "__builtin_va_arg" and node.args is not None:
        return scope.type_of(node.args.exprs[-1])
    if name == "__builtin_choose_expr" and node.args is not None and len(node.args.exprs) > 1:
        return type_of(node.args.exprs[1], scope)
    if name in _BUILTINS and scope.value(name) is None:
        return _BUILTINS[name]
    function = function_of(node, scope)
    return function.target if function is not UNKNOWN else UNKNOWN


def _unary(node: Any, scope: Scope) -> CType:  # noqa: ANN401 - see above
    if node.op in {"sizeof", "_Alignof", "alignof"}:
        return SIZE
    if node.op == "!":
        return INT
    inner = type_of(node.expr, scope)
    if node.op == "&":
        return pointer(inner) if inner is not UNKNOWN else UNKNOWN
    if node.op == "*":
        inner = decayed(inner)
        return inner.target if inner.kind is Kind.POINTER else UNKNOWN
    if node.op in {"+", "-", "~"}:
        return _arithmetic(inner)
    return inner  # ++ and --


def _binary(node: Any, scope: Scope) -> CType:  # noqa: ANN401 - see above
    if node.op in scope.unit.unsure:
        return UNKNOWN
    if node.op in _TRUTH:
        return INT
    left, right = decayed(type_of(node.left, scope)), decayed(type_of(node.right, scope))
    if node.op in {"<<", ">>"}:
        return _arithmetic(left)
    if left.kind is Kind.POINTER or right.kind is Kind.POINTER:
        if node.op == "-" and left.kind is right.kind:
            return LONG
        found = left if left.kind is Kind.POINTER else right
        other = right if found is left else left
        return found if node.op in {"+", "-"} and other.is_integer else UNKNOWN
    return usual(left, right)


def _ternary(node: Any, scope: Scope) -> CType:  # noqa: ANN401 - see above
    left, right = value_of(node.iftrue or node.cond, scope), value_of(node.iffalse, scope)
    one, other = decayed(left.type), decayed(right.type)
    if one.is_arithmetic and other.is_arithmetic:
        return usual(one, other)
    if Kind.UNKNOWN in {one.kind, other.kind}:
        return UNKNOWN
    if one.kind is Kind.POINTER and (right.null or other.kind is not Kind.POINTER):
        return one if right.null else UNKNOWN
    if other.kind is Kind.POINTER and (left.null or one.kind is not Kind.POINTER):
        return other if left.null else UNKNOWN
    if one.kind is Kind.POINTER:
        return _both(one.target, other.target)
    return one.plain() if compatible(one.plain(), other.plain()) else VOID


def _both(one: CType, other: CType) -> CType:
    """Return the pointer that two pointers of a conditional have in common (C11 6.5.15 paragraph 6)."""
    qualifiers = one.qualifiers | other.qualifiers
    if Kind.VOID in {one.kind, other.kind}:
        return pointer(replace(VOID, qualifiers=qualifiers))
    return pointer(replace(one, qualifiers=qualifiers)) if compatible(one.plain(), other.plain()) else UNKNOWN


def _statement(node: Any, scope: Scope) -> CType:  # noqa: ANN401 - see above
    """Return the type of GCC's statement expression: that of its last statement."""
    inner = scope.inner()
    for one in node.block_items or ():
        if isinstance(one, (c_ast.Decl, c_ast.Typedef)):
            inner.declare(one)
    return decayed(type_of(node.block_items[-1], inner)) if node.block_items else VOID


def _arithmetic(ctype: CType) -> CType:
    if ctype.kind is Kind.ENUM:
        return INT
    return promoted(ctype) if ctype.is_arithmetic and ctype.kind is not Kind.FLOATING else ctype.plain()


def _is_null(node: Any, ctype: CType, number: int | None) -> bool:  # noqa: ANN401 - see above
    """Whether it is a null pointer constant: 0 of an integer type, or that cast to ``void *``."""
    if isinstance(node, c_ast.Cast) and ctype.kind is Kind.POINTER and ctype.target == VOID:
        return _is_zero(node.expr)
    return number == 0 and ctype.is_integer


def _is_zero(node: Any) -> bool:  # noqa: ANN401 - see above
    while isinstance(node, c_ast.Cast):
        node = node.expr
    return constant(node, _NOWHERE) == 0


def _is_character(node: Any) -> bool:  # noqa: ANN401 - see above
    return isinstance(node, c_ast.Constant) and node.type == "char"


_RULES: Mapping[type, Callable[[Any, Scope], CType]] = {
    c_ast.ID: lambda node, scope: scope.value(node.name) or UNKNOWN,
    c_ast.Constant: _constant,
    c_ast.StructRef: _member,
    c_ast.FuncCall: _result,
    c_ast.Cast: lambda node, scope: scope.type_of(node.to_type),
    c_ast.ArrayRef: _element,
    c_ast.UnaryOp: _unary,
    c_ast.BinaryOp: _binary,
    c_ast.TernaryOp: _ternary,
    c_ast.Assignment: lambda node, scope: type_of(node.lvalue, scope).plain(),
    c_ast.ExprList: _last,
    c_ast.CompoundLiteral: lambda node, scope: scope.type_of(node.type),
    c_ast.Compound: _statement,
}


_NOWHERE = Scope()
"""A scope in which nothing has a name."""
