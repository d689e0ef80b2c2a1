# SPDX-License-Identifier: GPL-3.0-or-later
"""What a name does where it stands: the role of one occurrence of a word in a C file."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax.parsed import ancestors, descendants

if TYPE_CHECKING:
    from tree_sitter import Node

    from .parse import C

__all__ = ["Role", "Use", "use_at"]


class Role(enum.Enum):
    """The part that a word plays."""

    COMMENT = "in a comment"
    STRING = "in a string"
    INCLUDE = "in the name of an included file"
    PRAGMA = "in a pragma or a message of the preprocessor"
    DEAD = "in an arm that is never compiled"
    DECLARES_FUNCTION = "declares or defines a function, or a pointer to one"
    DECLARES_OTHER = "declares something that is no function"
    CALL = "is called"
    ASSIGNED = "is assigned to"
    DESIGNATOR = "designates a member in an initialiser"
    TEST = "is tested"
    SIZEOF = "is measured by sizeof"
    VALUE = "is used as a value"
    TYPE = "names a type"
    MACRO = "names a macro"
    PASTED = "is pasted together with another word by the preprocessor"
    BROKEN = "stands in text that did not parse"


@dataclass(frozen=True, slots=True)
class Use:
    """One occurrence of a word.

    :param node: the node of the word itself.
    :param parsed: the text that *node* is of: the file's, or that of the macro body around it.
    :param member: whether it is named as a member (``x.NAME``, ``p->NAME``, ``.NAME =``).
    :param outer: for a call, the call expression; for a declaration, the declarator.
    """

    role: Role
    node: Node
    parsed: C
    member: bool = False
    outer: Node | None = None

    @property
    def in_macro(self) -> bool:
        """Whether it stands in the body of a macro."""
        return self.parsed.body is not None


_DECLARATORS = frozenset(
    {
        "pointer_declarator",
        "parenthesized_declarator",
        "array_declarator",
        "function_declarator",
        "attributed_declarator",
        "init_declarator",
    }
)
_DECLARATIONS = frozenset(
    {"declaration", "field_declaration", "parameter_declaration", "function_definition", "type_definition"}
)
_LITERALS = frozenset(
    {"string_content", "string_literal", "char_literal", "character", "escape_sequence", "concatenated_string"}
)
_MESSAGES = frozenset(
    {b"pragma", b"error", b"warning", b"line", b"ident", b"sccs", b"assert", b"unassert", b"include_next", b"import"}
)
"""What stands in these directives (C17 6.10, The GNU C Preprocessor) is no code."""
_PARTS = (
    ("call_expression", "function", Role.CALL),
    ("assignment_expression", "left", Role.ASSIGNED),
    ("conditional_expression", "condition", Role.TEST),
)
_TESTS = frozenset({"!", "==", "!=", "&&", "||"})


def use_at(parsed: C, start: int, end: int) -> Use:
    """Say what the word at ``[start, end)`` does; macro bodies are parsed as statements for it."""
    node = parsed.node_at(start, end)
    if parsed.comment_at(node, start) is not None:
        return Use(Role.COMMENT, node, parsed)
    if parsed.is_dead(start):
        return Use(Role.DEAD, node, parsed)
    if node.type == "preproc_arg":
        return _in_directive(parsed, node, start, end)
    if node.type == "system_lib_string" or (node.type in _LITERALS and _within(node, "preproc_include")):
        return Use(Role.INCLUDE, node, parsed)
    if node.type in _LITERALS:
        return Use(Role.STRING, node, parsed)
    return _in_code(parsed, node)


def _in_directive(parsed: C, node: Node, start: int, end: int) -> Use:
    parent = node.parent
    if parent is None or parent.type not in {"preproc_def", "preproc_function_def"}:
        directive = parent.child_by_field_name("directive") if parent else None
        if directive is None:
            return Use(Role.BROKEN, node, parsed)
        word = parsed.text(directive).lstrip(b"# \t")
        messages = word in _MESSAGES or word.isdigit()
        role = Role.MACRO if word == b"undef" else Role.PRAGMA if messages else Role.BROKEN
        return Use(role, node, parsed)
    body = parsed.macro_body(node)
    before, after = parsed.data[node.start_byte : start].rstrip(), parsed.data[end : node.end_byte].lstrip()
    if before.endswith(b"##") or after.startswith(b"##"):
        return Use(Role.PASTED, node, body)
    parameters = parent.child_by_field_name("parameters")
    word = parsed.data[start:end]
    if parameters is not None and any(parsed.text(child) == word for child in parameters.named_children):
        return Use(Role.DECLARES_OTHER, node, body)
    inner = body.node_at(start, end)
    if inner.type == "comment":
        return Use(Role.COMMENT, inner, body)
    if inner.type in _LITERALS:
        return Use(Role.STRING, inner, body)
    return _in_code(body, inner)


def _in_code(parsed: C, node: Node) -> Use:
    parent = node.parent
    if parent is None or parent.is_error or not node.type.endswith("identifier"):
        return Use(Role.BROKEN, node, parsed)
    if node.type == "type_identifier":
        return Use(Role.TYPE, node, parsed)
    if parent.type.startswith("preproc_"):
        return Use(Role.MACRO, node, parsed)
    if node.type == "statement_identifier" or parent.type == "enumerator":
        return Use(Role.DECLARES_OTHER, node, parsed)
    declared = _declared(parsed, node)
    return declared or _used(parsed, node)


def _declared(parsed: C, node: Node) -> Use | None:
    """Return the use of *node* if it is the name that a declarator declares."""
    at, function = node, None
    while (parent := at.parent) is not None:
        if parent.type in _DECLARATORS:
            if parent.child_by_field_name("declarator") != at and parent.type not in {
                "parenthesized_declarator",
                "attributed_declarator",
            }:
                return None
            if parent.type == "function_declarator" and function is None:
                function = parent
            at = parent
            continue
        if parent.type == "parameter_list":  # a K&R list of names, or a macro that is called at file level
            return Use(Role.DECLARES_OTHER if _declares_old_style(parsed, parent, node) else Role.BROKEN, node, parsed)
        if parent.type not in _DECLARATIONS or at not in parent.children_by_field_name("declarator"):
            return None
        if function is None and parent.type == "function_definition":  # of MACRO(f) { }
            return Use(Role.BROKEN, node, parsed)
        if function is None or parent.type in {"parameter_declaration", "type_definition"}:
            return Use(Role.DECLARES_OTHER, node, parsed)
        return Use(Role.DECLARES_FUNCTION, node, parsed, node.type == "field_identifier", function)
    return None


def _declares_old_style(parsed: C, names: Node, name: Node) -> bool:
    """Whether a list of names is that of a K&R definition, which declares *name* before its body (C17 6.9.1p6)."""
    definition = next((at for at in ancestors(names) if at.type in {"function_definition", "compound_statement"}), None)
    word = parsed.text(name)
    return definition is not None and any(
        parsed.text(declared) == word
        for declaration in definition.children
        if declaration.type == "declaration"
        for declared in descendants(declaration, "identifier")
    )


def _used(parsed: C, node: Node) -> Use:
    at: Node = node
    parent = node.parent
    member = False
    if parent is not None and parent.type == "field_expression" and node.type == "field_identifier":
        at, parent, member = parent, parent.parent, True
    if parent is not None and parent.type == "field_designator":
        outer = parent.parent
        return Use(Role.DESIGNATOR, node, parsed, member=True, outer=outer)
    value, cast = at, False
    while parent is not None and parent.type in {"parenthesized_expression", "pointer_expression", "cast_expression"}:
        cast = cast or parent.type == "cast_expression"
        if parent.type == "parenthesized_expression" and parent.parent is not None and _is_condition(parent):
            return Use(Role.TEST, node, parsed, member)
        value, parent = parent, parent.parent
    if parent is None or parent.is_error:
        return Use(Role.BROKEN, node, parsed, member)
    role = _role_within(parsed, parent, value)
    if role is Role.CALL and cast:
        role = Role.VALUE  # through a cast it is called with the parameters of the type that is cast to
    return Use(role, node, parsed, member, parent)


def _role_within(parsed: C, outer: Node, value: Node) -> Role:
    """Return what *value*, an expression, does directly within *outer*."""
    for type_, name, role in _PARTS:
        if outer.type == type_ and outer.child_by_field_name(name) == value:
            return role
    operator = outer.child_by_field_name("operator")
    if operator is not None and parsed.text(operator).decode("latin-1") in _TESTS:
        return Role.TEST
    return Role.SIZEOF if outer.type == "sizeof_expression" else Role.VALUE


def _is_condition(node: Node) -> bool:
    outer = node.parent
    return (
        outer is not None
        and outer.type in {"if_statement", "while_statement", "do_statement"}
        and outer.child_by_field_name("condition") == node
    )


def _within(node: Node, type_: str) -> bool:
    return any(at.type == type_ for at in ancestors(node))
