# SPDX-License-Identifier: GPL-3.0-or-later
"""The value of an integer constant expression (C11 6.6), as far as it needs no sizes."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from pycparser import c_ast

if TYPE_CHECKING:
    from collections.abc import Callable

    from .scope import Scope

__all__ = ["character", "constant", "literal"]

_UNARY: dict[str, Callable[[int], int]] = {
    "+": operator.pos,
    "-": operator.neg,
    "~": operator.invert,
    "!": lambda value: int(not value),
}
_BINARY: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    "&&": lambda a, b: int(bool(a and b)),
    "||": lambda a, b: int(bool(a or b)),
}
_ESCAPES = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11, "\\": 92, "'": 39, '"': 34, "?": 63}
_WIDEST = 128
"""No shift is wider, whatever a hostile file says."""


def constant(node: Any, scope: Scope) -> int | None:  # noqa: ANN401 - pycparser's nodes have no types
    """Return the value of an integer constant expression; None where it is none, or needs sizes."""
    if isinstance(node, c_ast.Constant):
        return character(node.value) if node.type == "char" else literal(node.value) if "int" in node.type else None
    if isinstance(node, c_ast.ID):
        return scope.number(node.name)
    if isinstance(node, c_ast.Cast):
        return constant(node.expr, scope) if scope.type_of(node.to_type).is_integer else None
    if isinstance(node, c_ast.UnaryOp) and node.op in _UNARY:
        value = constant(node.expr, scope)
        return _UNARY[node.op](value) if value is not None else None
    if isinstance(node, c_ast.TernaryOp):
        value = constant(node.cond, scope)
        return None if value is None else constant(node.iftrue if value else node.iffalse, scope)
    if isinstance(node, c_ast.BinaryOp):
        return _binary(node, scope)
    return None


def literal(text: str) -> int | None:
    """Return the value of an integer literal (C11 6.4.4.1), also binary as GCC has it."""
    digits = text.rstrip("uUlL").lower()
    try:
        if digits.startswith("0") and digits[1:].isdigit():
            return int(digits, 8)
        return int(digits, 0)
    except ValueError:
        return None


def character(text: str) -> int | None:
    """Return the value of a character constant (C11 6.4.4.4); None for one of several characters."""
    body = text[text.index("'") + 1 : -1]
    if not body.startswith("\\"):
        return ord(body) if len(body) == 1 else None
    if body[1:] in _ESCAPES:
        return _ESCAPES[body[1:]]
    try:
        return int(f"0{body[1:]}", 16) if body[1:2] == "x" else int(body[1:], 8)
    except ValueError:
        return None


def _binary(node: Any, scope: Scope) -> int | None:  # noqa: ANN401 - see above
    left, right = constant(node.left, scope), constant(node.right, scope)
    if left is None or right is None:
        return None
    if node.op in _BINARY:
        return _BINARY[node.op](left, right)
    if node.op in {"<<", ">>"} and 0 <= right < _WIDEST:
        return left << right if node.op == "<<" else left >> right
    if node.op in {"/", "%"} and right:
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return quotient if node.op == "/" else left - quotient * right
    return None
