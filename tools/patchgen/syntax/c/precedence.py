# SPDX-License-Identifier: GPL-3.0-or-later
"""How tightly C expressions bind (C17 6.5), and so where one needs parentheses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from .parse import C

__all__ = ["PRIMARY", "level", "required"]

_COMMA, _ASSIGNMENT, _CONDITIONAL, _BINARY, _UNARY, _POSTFIX, PRIMARY = 0, 1, 2, 3, 13, 14, 15

_OPERATORS = {
    operator: _BINARY + height
    for height, operators in enumerate(
        (
            ("||",),
            ("&&",),
            ("|",),
            ("^",),
            ("&",),
            ("==", "!="),
            ("<", ">", "<=", ">="),
            ("<<", ">>"),
            ("+", "-"),
            ("*", "/", "%"),
        )
    )
    for operator in operators
}
_LEVELS = {
    "comma_expression": _COMMA,
    "assignment_expression": _ASSIGNMENT,
    "conditional_expression": _CONDITIONAL,
    "cast_expression": _UNARY,
    "unary_expression": _UNARY,
    "pointer_expression": _UNARY,
    "sizeof_expression": _UNARY,
    "alignof_expression": _UNARY,
    "call_expression": _POSTFIX,
    "subscript_expression": _POSTFIX,
    "field_expression": _POSTFIX,
    "compound_literal_expression": _POSTFIX,
}
_PRIMARIES = frozenset(
    {
        "identifier",
        "number_literal",
        "string_literal",
        "char_literal",
        "concatenated_string",
        "parenthesized_expression",
    }
    | {"true", "false", "null", "field_identifier"}
)
# What a part of a node must bind as tightly as; parts are named by their field.
_PARTS = {
    ("assignment_expression", "left"): _UNARY,
    ("assignment_expression", "right"): _ASSIGNMENT,
    ("conditional_expression", "condition"): _BINARY,
    ("conditional_expression", "consequence"): _COMMA,
    ("conditional_expression", "alternative"): _CONDITIONAL,
    ("cast_expression", "value"): _UNARY,
    ("unary_expression", "argument"): _UNARY,
    ("pointer_expression", "argument"): _UNARY,
    ("sizeof_expression", "value"): _UNARY,
    ("update_expression", "argument"): _POSTFIX,
    ("call_expression", "function"): _POSTFIX,
    ("subscript_expression", "argument"): _POSTFIX,
    ("subscript_expression", "index"): _COMMA,
    ("field_expression", "argument"): _POSTFIX,
    ("init_declarator", "value"): _ASSIGNMENT,
    ("initializer_pair", "value"): _ASSIGNMENT,
    ("case_statement", "value"): _CONDITIONAL,
    ("array_declarator", "size"): _ASSIGNMENT,
    ("for_statement", "initializer"): _COMMA,
    ("for_statement", "condition"): _COMMA,
    ("for_statement", "update"): _COMMA,
}
_WHOLE = {
    "argument_list": _ASSIGNMENT,
    "initializer_list": _ASSIGNMENT,
    "parenthesized_expression": _COMMA,
    "expression_statement": _COMMA,
    "return_statement": _COMMA,
    "comma_expression": _ASSIGNMENT,
}


def level(parsed: C, node: Node) -> int:
    """Return how tightly the expression *node* binds: the more, the higher."""
    if node.type in _PRIMARIES:
        return PRIMARY
    if node.type == "binary_expression":
        return _OPERATORS.get(_operator(parsed, node), _COMMA)
    if node.type == "update_expression":
        return (
            _POSTFIX
            if node.child_by_field_name("argument") == node.named_child(0) and node.children[0].is_named
            else _UNARY
        )
    return _LEVELS.get(node.type, _COMMA)


def required(parsed: C, node: Node) -> int:
    """Return how tightly an expression must bind to stand where *node* stands without parentheses.

    Where that is not known, :data:`PRIMARY`: parentheses then do no harm.
    """
    parent = node.parent
    if parent is None:
        return PRIMARY
    if parent.type in _WHOLE:
        return _WHOLE[parent.type]
    if parent.type == "binary_expression":
        own = level(parsed, parent)
        return own if parent.child_by_field_name("left") == node else own + 1
    parts = (part for (type_, part) in _PARTS if type_ == parent.type)
    return next((_PARTS[parent.type, part] for part in parts if parent.child_by_field_name(part) == node), PRIMARY)


def _operator(parsed: C, node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return parsed.text(operator).decode("latin-1") if operator is not None else ""
