# SPDX-License-Identifier: GPL-3.0-or-later
"""What a function does to the outside, as far as its text tells: calls, writes, directives, assembler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax.c import Role, use_at
from patchgen.syntax.parsed import ancestors, descendants, enclosing, first_named

from .locals import declaration_in
from .reads import acting_macros, volatile_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.parsed import Span
    from patchgen.tree import Tree

    from .functions import Function

__all__ = ["Effect", "effects"]

_WRITES = ("assignment_expression", "update_expression")
_ASSEMBLER = ("gnu_asm_expression", "ms_asm_block", "asm_statement")
_PATH = frozenset(
    {"field_expression", "subscript_expression", "pointer_expression", "parenthesized_expression", "cast_expression"}
)


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a body does.

    :param does: the verb; :param name: what it does it to; :param span: where.
    :param is_read: whether it is had by naming something, so that a body that names it has it too.
    """

    does: str
    name: str
    span: Span
    is_read: bool = False


def effects(tree: Tree, function: Function) -> Iterator[Effect]:
    """Yield what the body of *function* does to the outside: what it calls and writes, then what it reads.

    Arms that are never compiled do nothing. What is written through a parameter, or through a local
    variable, is not seen as an effect; a static variable is. What is volatile is read as an effect.
    """
    parsed = function.parsed
    for node in descendants(
        function.body, "call_expression", "expression_statement", "while_statement", *_WRITES, *_ASSEMBLER, *_DIRECTIVES
    ):
        if parsed.is_dead(node.start_byte):
            continue
        effect = _effect(function, node)
        if effect is not None:
            yield effect
    yield from _reads(tree, function)


def _reads(tree: Tree, function: Function) -> Iterator[Effect]:
    """Yield each read of something volatile, and each macro that stands like a variable and acts."""
    parsed = function.parsed
    names = [
        node
        for node in descendants(function.body, "identifier", "field_identifier", "type_qualifier")
        if not parsed.is_dead(node.start_byte)
    ]
    volatile = volatile_names(tree, function.path)
    macros = acting_macros(tree, function.path, {parsed.text(node) for node in names if node.type == "identifier"})
    for node in names:
        word = parsed.text(node)
        if node.type == "type_qualifier":
            if word.strip(b"_") == b"volatile" and enclosing(node, "cast_expression") is not None:
                yield _at("reads, by a cast, what is", function, node, is_read=True)
        elif word in volatile:
            use = use_at(parsed, node.start_byte, node.end_byte).role
            if use not in {Role.DECLARES_OTHER, Role.SIZEOF}:
                yield _at("reads the volatile", function, node, is_read=True)
        elif word in macros:
            yield _at("uses the macro", function, node, is_read=True)


_DIRECTIVES = tuple(
    f"preproc_{word}" for word in ("if", "ifdef", "elif", "elifdef", "else", "def", "function_def", "include", "call")
)


def _effect(function: Function, node: Node) -> Effect | None:
    if node.type in _DIRECTIVES:
        return _at("has the directive", function, node.children[0])
    if node.type == "while_statement":
        macro = node.children[0]
        is_macro = function.parsed.text(macro) != b"while"
        return _at("uses the macro", function, macro) if is_macro else None
    if node.type in _ASSEMBLER:
        return _at("has the assembler code", function, node.children[0])
    if node.type == "call_expression":
        callee = _inner(node.child_by_field_name("function"))
        named = (
            callee.child_by_field_name("field") if callee is not None and callee.type == "field_expression" else callee
        )
        return _at("calls", function, named) if named is not None else None
    if node.type == "expression_statement":
        # A name alone does nothing, so that it must be a macro.
        alone = [child for child in node.named_children if child.type == "identifier"]
        return _at("uses the macro", function, alone[0]) if alone else None
    base = _base(node.child_by_field_name("left") or node.child_by_field_name("argument"))
    if base is None or base.type != "identifier" or _is_own(function, base):
        return None
    return _at("writes", function, base)


def _inner(node: Node | None) -> Node | None:
    while node is not None and node.type == "parenthesized_expression":
        node = first_named(node)
    return node


def _base(node: Node | None) -> Node | None:
    """Return the name at the start of ``a.b``, ``a->b``, ``a[i]``, ``*a``."""
    while node is not None and node.type in _PATH:
        node = node.child_by_field_name("argument") or node.child_by_field_name("value") or first_named(node)
    return node


def _is_own(function: Function, name: Node) -> bool:
    """Whether *name* is a parameter, or a local variable that does not outlive the call."""
    parsed = function.parsed
    span = declaration_in(function, parsed.text(name))
    if span is None:
        return False
    declaration = next((at for at in ancestors(parsed.node_at(*span)) if at.type == "declaration"), None)
    specifiers = (
        declaration.children if declaration is not None and declaration.start_byte > function.body.start_byte else ()
    )
    return not any(
        child.type == "storage_class_specifier" and parsed.text(child) in {b"static", b"extern"} for child in specifiers
    )


def _at(does: str, function: Function, node: Node, *, is_read: bool = False) -> Effect:
    return Effect(does, function.parsed.text(node).decode("latin-1"), (node.start_byte, node.end_byte), is_read)
