# SPDX-License-Identifier: GPL-3.0-or-later
"""Structs: where one is defined, its members, and initialisers that depend on their order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax.parsed import ancestors, tokens

from .spelled import Initialiser, Spelled, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from .parse import C

__all__ = [
    "Held",
    "Member",
    "Struct",
    "aliases",
    "held",
    "initialisers",
    "positional",
    "spelled_behind",
    "struct_at",
    "struct_names",
    "struct_of",
]

_BEFORE = frozenset({"type_qualifier", "storage_class_specifier", "attribute_specifier"})
_OPENS_LITERAL = re.compile(rb"\s*(?:\[[^]]*\]\s*)*\)\s*\{")
_INITIALISERS = frozenset({"initializer_list", "identifier", "call_expression"})


@dataclass(frozen=True, slots=True)
class Member:
    """One member; a declaration of several names makes one each.

    :param type: the tokens of its declaration without its own and its neighbours' names.
    :param node: the whole member declaration.
    """

    name: str
    type: tuple[bytes, ...]
    bound: tuple[bytes, ...]
    node: Node


@dataclass(frozen=True, slots=True)
class Struct:
    """The definition of a struct or a union.

    :param names: its tag and its typedef names.
    :param body: the list of members in braces.
    """

    names: frozenset[str]
    body: Node
    members: tuple[Member, ...]

    def member(self, name: str) -> Member | None:
        """Return the member called *name*."""
        return next((member for member in self.members if member.name == name), None)


@dataclass(frozen=True, slots=True)
class Held:
    """A member by which a struct holds another one by value.

    :param depth: in how many dimensions it is an array.
    :param members: the members on the way to it, where structs without a name lie between.
    :param names: the names of the structs around it.
    :param nameless: the members in braces of the structs around it that have no name.
    """

    member: str
    depth: int
    members: frozenset[str]
    names: frozenset[str]
    nameless: tuple[Node, ...]


def struct_at(parsed: C, name: Node) -> Struct | None:
    """Return the struct that is defined where its tag or typedef *name* stands, or None."""
    outer = name.parent
    if outer is None:
        return None
    specifier = outer
    if outer.type == "type_definition" and name in outer.children_by_field_name("declarator"):
        inner = outer.child_by_field_name("type")
        if inner is None:
            return None
        specifier = inner
    elif outer.child_by_field_name("name") != name:
        return None
    body = specifier.child_by_field_name("body")
    if specifier.type not in {"struct_specifier", "union_specifier"} or body is None:
        return None
    return Struct(frozenset(_names(parsed, specifier)), body, tuple(_members(parsed, body)))


def struct_of(parsed: C, member: Node) -> Struct | None:
    """Return the struct that the member declaration *member* defines as its type, or None."""
    type_ = member.child_by_field_name("type")
    body = type_.child_by_field_name("body") if type_ is not None else None
    if type_ is None or body is None or type_.type not in {"struct_specifier", "union_specifier"}:
        return None
    return Struct(frozenset(_names(parsed, type_)), body, tuple(_members(parsed, body)))


def initialisers(parsed: C, name: Node) -> Iterator[Initialiser]:
    """Yield what variables whose type is *name* are initialised with; for a struct without one, its members in braces.

    Where the grammar does not see to it, they are read by their tokens: behind an attribute or a macro, and
    where *name* is an argument of a macro that declares.
    """
    outer = _declared_with(name)
    if outer is None or outer.type not in {"declaration", "field_declaration", "type_definition"} or not _sound(outer):
        yield from spelled_behind(parsed, name).initialisers
    elif outer.type == "declaration":
        for declarator in outer.children_by_field_name("declarator"):
            value = declarator.child_by_field_name("value")
            inner = declarator.child_by_field_name("declarator")
            of_it = inner is not None and inner.type != "pointer_declarator"
            if of_it and value is not None and value.type in _INITIALISERS:
                yield Initialiser(parsed, value, _dimensions(inner))
    if outer is not None and outer.type == "type_descriptor" and outer.parent is not None:
        value = outer.parent.child_by_field_name("value")
        if outer.parent.type == "compound_literal_expression" and value is not None:
            yield Initialiser(parsed, value, _dimensions(outer.child_by_field_name("declarator")))
    elif outer is not None and outer.is_error and _OPENS_LITERAL.match(parsed.data, name.end_byte):
        yield Initialiser(parsed, None, None)


def spelled_behind(parsed: C, name: Node) -> Spelled:
    """Return what the tokens behind the type *name* say."""
    outer = name.parent
    is_tag = outer is not None and outer.type in {"struct_specifier", "union_specifier"}
    return spelled(parsed, outer.end_byte if outer is not None and is_tag else name.end_byte)


def _sound(declaration: Node) -> bool:
    """Whether a declaration parsed: but for what is between the braces of its type and its values."""
    for child in declaration.children:
        if child.is_error or child.is_missing:
            return False
        parts = child.children if child.type == "init_declarator" else [child]
        trusted = {child.child_by_field_name("value"), declaration.child_by_field_name("type")}
        if any(part.has_error for part in parts if part not in trusted):
            return False
    return True


def aliases(parsed: C, name: Node) -> Iterator[tuple[str, int]]:
    """Yield each typedef that stands for the type *name* itself, and in how many dimensions it is an array."""
    outer = _declared_with(name)
    if outer is None or outer.type != "type_definition":
        return
    for declarator in outer.children_by_field_name("declarator"):
        at: Node | None = declarator
        while at is not None and at.type == "array_declarator":
            at = at.child_by_field_name("declarator")
        if at is not None and at.type == "type_identifier" and at != name:
            yield parsed.text(at).decode("latin-1"), _dimensions(declarator)


def positional(parsed: C, values: Node) -> bool:
    """Whether an initialiser gives members by their order; ``{}`` and ``{0}`` do not."""
    listed = [child for child in values.named_children if child.type != "comment"]
    if len(listed) == 1 and parsed.text(listed[0]) in {b"0", b"NULL"}:
        return False
    return any(child.type != "initializer_pair" for child in listed)


def held(parsed: C, name: Node) -> Iterator[Held]:
    """Yield the members of the type *name* itself, not of a pointer to it, and the structs that they are of."""
    outer = _declared_with(name)
    if outer is None or outer.type != "field_declaration":
        return
    names: set[str] = set()
    members: set[str] = set()
    nameless: list[Node] = []
    for at in ancestors(outer):
        if at.type in {"struct_specifier", "union_specifier"}:
            called, body = set(_names(parsed, at)), at.child_by_field_name("body")
            names.update(called)
            nameless += [body] if body is not None and not called else []
        elif at.type == "field_declaration":
            for declarator in at.children_by_field_name("declarator"):
                members.update(parsed.text(word).decode("latin-1") for word in _field_names(declarator))
    for declarator in outer.children_by_field_name("declarator"):
        word = next(_field_names(declarator), None)
        if declarator.type not in {"pointer_declarator", "function_declarator"} and word is not None:
            member, depth = parsed.text(word).decode("latin-1"), _dimensions(declarator)
            yield Held(member, depth, frozenset(members), frozenset(names), tuple(nameless))
    if not outer.children_by_field_name("declarator"):
        yield Held("", 0, frozenset(members), frozenset(names), tuple(nameless))


def _declared_with(name: Node) -> Node | None:
    """Return what a type name is the type of: the node around it, or around its ``struct`` specifier."""
    outer = name.parent
    if outer is not None and outer.type in {"struct_specifier", "union_specifier"}:
        return outer.parent
    return outer


def _dimensions(declarator: Node | None) -> int:
    count = 0
    while declarator is not None:
        count += declarator.type in {"array_declarator", "abstract_array_declarator"}
        declarator = declarator.child_by_field_name("declarator")
    return count


def struct_names(parsed: C, member: Node) -> frozenset[str]:
    """Return the names of the structs that a member declaration stands in, the outer ones too."""
    specifiers = [at for at in ancestors(member) if at.type in {"struct_specifier", "union_specifier"}]
    return frozenset(name for at in specifiers for name in _names(parsed, at))


def _names(parsed: C, specifier: Node) -> Iterator[str]:
    tag = specifier.child_by_field_name("name")
    if tag is not None:
        yield parsed.text(tag).decode("latin-1")
    outer = specifier.parent
    if outer is not None and outer.type == "type_definition":
        for declarator in outer.children_by_field_name("declarator"):
            if declarator.type == "type_identifier":
                yield parsed.text(declarator).decode("latin-1")


def _members(parsed: C, body: Node) -> Iterator[Member]:
    stack = list(reversed(body.named_children))
    while stack:
        node = stack.pop()
        if node.type.startswith("preproc_"):
            stack.extend(reversed(node.named_children))
        elif node.type == "field_declaration":
            type_ = node.child_by_field_name("type")
            declarators = node.children_by_field_name("declarator")
            inner = type_.child_by_field_name("body") if type_ is not None else None
            if not declarators and inner is not None:  # C11 6.7.2.1p13: its members are members of this struct
                stack.extend(reversed(inner.named_children))
            for declarator in declarators:
                name = next(_field_names(declarator), None)
                if name is not None and type_ is not None:
                    yield _member(parsed, node, declarator, name)


def _member(parsed: C, node: Node, declarator: Node, name: Node) -> Member:
    word = parsed.text(name)
    shape = [token for token in tokens(parsed, declarator) if token != word]
    kind = [token for child in node.named_children if child.type in _BEFORE for token in tokens(parsed, child)]
    type_ = node.child_by_field_name("type")
    kind += tokens(parsed, type_) if type_ is not None else ()
    width = declarator.next_named_sibling
    if width is not None and width.type == "bitfield_clause":
        shape += tokens(parsed, width)
    array = declarator
    while array.type == "pointer_declarator":  # an array of pointers is an array
        array = array.child_by_field_name("declarator") or node
    bound = tokens(parsed, array) if array.type == "array_declarator" else ()
    return Member(word.decode("latin-1"), tuple(kind + shape), tuple(t for t in bound if t != word), node)


def _field_names(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        at = stack.pop()
        if at.type == "field_identifier":
            yield at
        elif at.type != "parameter_list":
            stack.extend(reversed(at.named_children))
