# SPDX-License-Identifier: GPL-3.0-or-later
"""Function declarations: prototypes, definitions, members that point to functions, and their parameters."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax.parsed import ancestors, descendants, enclosing, tokens
from patchgen.tree import mentions

from .lists import items
from .names import Role, use_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from .names import Use
    from .parse import C

__all__ = [
    "Declaration",
    "Kind",
    "Parameter",
    "declaration_at",
    "enclosing_function",
    "function_around",
    "function_named",
    "functions",
    "is_macro_block",
]


class Kind(enum.Enum):
    """How a function is declared."""

    DEFINITION = "definition"
    PROTOTYPE = "prototype"
    MEMBER = "function-pointer member"
    POINTER = "function pointer"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as declared.

    :param name: "" where the declaration gives none.
    :param type: the tokens of the declaration without the name.
    """

    name: str
    type: tuple[bytes, ...]
    node: Node


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration of a function.

    :param node: the whole declaration or definition.
    :param list: the parenthesised parameter list.
    :param struct: for a member, the tag or the typedef of its struct; "" if it has neither.
    """

    name: str
    kind: Kind
    node: Node
    list: Node
    parameters: tuple[Parameter, ...]
    static: bool
    struct: str = ""
    old_style: bool = False

    def index(self, name: str) -> int | None:
        """Return the position, from 0, of the parameter called *name*."""
        return next((at for at, parameter in enumerate(self.parameters) if parameter.name == name), None)

    @property
    def variadic(self) -> bool:
        """Whether the list ends in ``...``."""
        return bool(self.parameters) and self.parameters[-1].type == (b"...",)


def declaration_at(use: Use) -> Declaration:
    """Return the declaration that *use*, of role ``DECLARES_FUNCTION``, is the name of.

    :raises ValueError: it is the name of no function declaration.
    """
    function = use.outer
    node = next((at for at in ancestors(use.node) if at.type in _KINDS), None)
    parameters = function.child_by_field_name("parameters") if function is not None else None
    if function is None or node is None or parameters is None:
        msg = "not the name of a declared function"
        raise ValueError(msg)
    parsed = use.parsed
    kind = _KINDS[node.type]
    if kind is Kind.PROTOTYPE and any(at.type == "pointer_declarator" for at in _between(use.node, function)):
        kind = Kind.POINTER
    listed = items(parameters)
    old_style = bool(listed) and all(item.type == "identifier" for item in listed)
    static = any(child.type == "storage_class_specifier" and parsed.text(child) == b"static" for child in node.children)
    return Declaration(
        name=parsed.text(use.node).decode("latin-1"),
        kind=kind,
        node=node,
        list=parameters,
        parameters=tuple(_parameter(parsed, item) for item in listed),
        static=static,
        struct=_struct_name(parsed, node) if kind is Kind.MEMBER else "",
        old_style=old_style,
    )


def functions(parsed: C) -> Iterator[Declaration]:
    """Yield every function definition of the file, in order, also those within ``#if`` arms."""
    for node in descendants(parsed.root, "function_definition"):
        name = _name_of(node)
        if name is not None:
            use = use_at(parsed, name.start_byte, name.end_byte)
            if use.role is Role.DECLARES_FUNCTION:
                yield declaration_at(use)


def function_named(parsed: C, name: str) -> list[Declaration]:
    """Return the live definitions of the function *name* in the file."""
    found: list[Declaration] = []
    for start, end in mentions(parsed.data, [name.encode()]):
        use = use_at(parsed, start, end)
        if use.role is Role.DECLARES_FUNCTION and not use.member:
            declaration = declaration_at(use)
            if declaration.kind is Kind.DEFINITION:
                found.append(declaration)
    return found


def enclosing_function(parsed: C, node: Node) -> str:
    """Return the name of the function that *node* stands in, or "" at file level and in a macro."""
    if parsed.body is not None:
        return ""
    definition = function_around(node)
    name = _name_of(definition) if definition is not None else None
    return parsed.text(name).decode("latin-1") if name is not None else ""


def function_around(node: Node) -> Node | None:
    """Return the definition of the function that *node* stands in: the nearest, None at file level.

    A block behind a macro within a function, ``EACH (x) { }``, which the grammar takes for a definition, is none.
    """
    outer = None
    for at in (node, *ancestors(node)):
        if at.type == "function_definition":
            outer = at
            if not is_macro_block(at):
                return at
    return outer


def is_macro_block(definition: Node) -> bool:
    """Whether a ``function_definition`` has no parameter list: ``EACH (x) { }``, a macro before a block."""
    declarator = definition.child_by_field_name("declarator")
    return declarator is None or not any(descendants(declarator, "function_declarator"))


_KINDS = {
    "function_definition": Kind.DEFINITION,
    "declaration": Kind.PROTOTYPE,
    "field_declaration": Kind.MEMBER,
}


def _between(node: Node, outer: Node) -> Iterator[Node]:
    for at in ancestors(node):
        if at == outer:
            return
        yield at


def _name_of(declaration: Node) -> Node | None:
    at: Node | None = declaration.child_by_field_name("declarator")
    while at is not None and at.type != "identifier":
        inner = at.child_by_field_name("declarator")
        if inner is None:
            inner = next(
                (child for child in at.named_children if child.type.endswith(("declarator", "identifier"))), None
            )
        at = inner
    return at


def _parameter(parsed: C, node: Node) -> Parameter:
    name = node if node.type == "identifier" else _name_of(node)
    if name is None:
        return Parameter("", tokens(parsed, node), node)
    text = tokens(parsed, node)
    word = parsed.text(name)
    # The name is the last token that equals it: a type of the same word comes before.
    at = len(text) - 1 - text[::-1].index(word)
    return Parameter(word.decode("latin-1"), text[:at] + text[at + 1 :], node)


def _struct_name(parsed: C, member: Node) -> str:
    struct = enclosing(member, "struct_specifier", "union_specifier")
    if struct is None:
        return ""
    tag = struct.child_by_field_name("name")
    if tag is not None:
        return parsed.text(tag).decode("latin-1")
    outer = struct.parent
    declarator = outer.child_by_field_name("declarator") if outer is not None else None
    return parsed.text(declarator).decode("latin-1") if declarator is not None else ""
