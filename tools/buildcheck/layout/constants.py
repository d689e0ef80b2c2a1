# SPDX-License-Identifier: GPL-3.0-or-later
"""Integer constant expressions of C (C99 6.6): lengths of arrays, widths of bit-fields, values of enumerators."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pycparser import c_ast

from .types import CType, Sort, UnprovedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .models import Model

__all__ = ["Asked", "Value", "evaluate"]

_ESCAPES = {"n": 10, "t": 9, "r": 13, "0": 0, "a": 7, "b": 8, "f": 12, "v": 11, "e": 27}
_CHARACTER = re.compile(r"'(?:([^'\\])|\\(?:x([0-9a-fA-F]+)|([0-7]{1,3})|(.)))'")
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([uUlL]*)")


class Asked(Protocol):
    """Who knows the names that stand in an expression."""

    model: Model

    def type_of(self, typename: c_ast.Node) -> CType:
        """Return the type that a Typename names."""

    def enumerator(self, name: str) -> int:
        """Return the value of an enumeration constant; raises UnprovedError where there is none."""

    def alignment(self, type_: CType, node: c_ast.Node) -> int:
        """Return what an ``_Alignof`` says, in bytes."""

    def member(self, type_: CType, designator: c_ast.Node) -> int:
        """Return the offset of a member in bytes."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of an integer type: *size* bytes, signed or not."""

    number: int
    size: int = 4
    signed: bool = True

    def fitted(self) -> Value:
        """Return it as the type can hold it."""
        bits = 8 * self.size
        number = self.number & ((1 << bits) - 1)
        if self.signed and number >> (bits - 1):
            number -= 1 << bits
        return Value(number, self.size, self.signed)


def evaluate(node: c_ast.Node, asked: Asked) -> int:
    """Return the value of an expression.

    :raises UnprovedError: it is none that can be computed here.
    """
    return _value(node, asked).number


def _value(node: c_ast.Node, asked: Asked) -> Value:
    if isinstance(node, c_ast.Constant):
        return _constant(node, asked)
    if isinstance(node, c_ast.ID):
        return Value(asked.enumerator(node.name), 4 if -(1 << 31) <= asked.enumerator(node.name) < 1 << 31 else 8)
    if isinstance(node, c_ast.Cast):
        return _cast(_value(node.expr, asked), asked.type_of(node.to_type))
    if isinstance(node, c_ast.UnaryOp):
        return _unary(node, asked)
    if isinstance(node, c_ast.BinaryOp):
        return _binary(node, asked)
    if isinstance(node, c_ast.TernaryOp):
        return _value(node.iftrue if _value(node.cond, asked).number else node.iffalse, asked)
    if isinstance(node, c_ast.FuncCall) and isinstance(node.name, c_ast.ID) and node.name.name == "offsetof":
        typename, designator = node.args.exprs
        return Value(asked.member(asked.type_of(typename), designator), asked.model.pointer.size or 8, signed=False)
    msg = f"buildcheck does not evaluate this expression ({type(node).__name__})"
    raise UnprovedError(msg)


def _constant(node: c_ast.Constant, asked: Asked) -> Value:
    text = node.value
    found = _NUMBER.fullmatch(text)
    if found:
        digits, suffix = found[1], found[2].lower()
        octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
        number = int(digits, 8) if octal else int(digits, 0)
        word = asked.model.pointer.size or 8
        size = 8 if "ll" in suffix else word if "l" in suffix else 4
        decimal = digits == "0" or digits[0] != "0"
        signed = "u" not in suffix
        if signed and number >> (8 * size - 1):
            signed, size = (True, 8) if decimal or number < 1 << 31 else (number >> (8 * size) != 0, size)
            if number >> (8 * size):
                signed, size = number < 1 << 63, 8
        elif not signed and number >> (8 * size):
            size = 8
        return Value(number, size, signed)
    character = _CHARACTER.fullmatch(text)
    if character:
        plain, hexadecimal, octals, escape = character.groups()
        if plain:
            return Value(ord(plain))
        number = (
            int(hexadecimal, 16) if hexadecimal else int(octals, 8) if octals else _ESCAPES.get(escape, ord(escape))
        )
        return Value(Value(number, 1, asked.model.char_signed).fitted().number)
    msg = f"{text} is no integer"
    raise UnprovedError(msg)


def _cast(value: Value, type_: CType) -> Value:
    if type_.size is None or type_.sort not in {Sort.INTEGER, Sort.ENUM, Sort.POINTER}:
        msg = f"a cast to {type_.name} is not computed here"
        raise UnprovedError(msg)
    return Value(value.number, type_.size, type_.signed).fitted()


def _unary(node: c_ast.UnaryOp, asked: Asked) -> Value:
    word = asked.model.pointer.size or 8
    if node.op in {"sizeof", "_Alignof"}:
        if isinstance(node.expr, c_ast.Typename):
            type_ = asked.type_of(node.expr)
        elif node.op == "sizeof" and isinstance(node.expr, c_ast.Constant) and node.expr.type == "string":
            return Value(_length(node.expr.value), word, signed=False)
        else:
            msg = "the size of an expression is not computed here"
            raise UnprovedError(msg)
        if type_.unproved or type_.size is None:
            msg = f"the size of {type_.name} is not known"
            raise UnprovedError(msg)
        number = type_.size if node.op == "sizeof" else asked.alignment(type_, node)
        return Value(number, word, signed=False)
    value = _value(node.expr, asked)
    if node.op == "!":
        return Value(int(not value.number))
    actions: Mapping[str, Callable[[int], int]] = {"-": operator.neg, "+": operator.pos, "~": operator.invert}
    if node.op not in actions:
        msg = f"the operator {node.op} is not computed here"
        raise UnprovedError(msg)
    wide = _promoted(value)
    return Value(actions[node.op](wide.number), wide.size, wide.signed).fitted()


_COMPARING: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_COMPUTING: dict[str, Callable[[int, int], int]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip


def _binary(node: c_ast.BinaryOp, asked: Asked) -> Value:
    left = _value(node.left, asked)
    if node.op in {"&&", "||"}:
        decided = bool(left.number) == (node.op == "||")
        return Value(int(bool(left.number) if decided else bool(_value(node.right, asked).number)))
    left, right = _promoted(left), _promoted(_value(node.right, asked))
    if node.op in {"<<", ">>"}:
        if not 0 <= right.number < 8 * left.size:
            msg = "a shift by more bits than there are"
            raise UnprovedError(msg)
        number = left.number << right.number if node.op == "<<" else left.number >> right.number
        return Value(number, left.size, left.signed).fitted()
    size = max(left.size, right.size)
    signed = all(one.signed or one.size < size for one in (left, right))
    one, two = Value(left.number, size, signed).fitted().number, Value(right.number, size, signed).fitted().number
    if node.op in _COMPARING:
        return Value(int(_COMPARING[node.op](one, two)))
    if node.op in {"/", "%"}:
        if not two:
            msg = "a division by zero"
            raise UnprovedError(msg)
        quotient = abs(one) // abs(two) * (1 if (one < 0) == (two < 0) else -1)
        return Value(quotient if node.op == "/" else one - quotient * two, size, signed).fitted()
    if node.op not in _COMPUTING:
        msg = f"the operator {node.op} is not computed here"
        raise UnprovedError(msg)
    return Value(_COMPUTING[node.op](one, two), size, signed).fitted()


def _promoted(value: Value) -> Value:
    """Return a value of a type as small as that of int, or smaller, as an int (C99 6.3.1.1)."""
    return value if value.size >= 4 else Value(value.number)  # noqa: PLR2004 - the size of int everywhere here


def _length(text: str) -> int:
    inner = text[text.index('"') + 1 : -1]
    return len(re.findall(r"\\(?:x[0-9a-fA-F]+|[0-7]{1,3}|.)|[^\\]", inner)) + 1
