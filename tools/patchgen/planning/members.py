# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a new name is a member of the structs that an old one is a member of, declared alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import c
from patchgen.syntax.c.structs import struct_at
from patchgen.syntax.parsed import descendants, enclosing
from patchgen.tree import mentions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.syntax.c.structs import Struct
    from patchgen.tree import Tree

    from .likeness import Likeness

__all__ = ["check_members", "structs_called", "structs_with"]

_UNLIKE = Slug.define(
    "member-unlike",
    """The mirrored word and the new one are members of one struct, and they are declared otherwise: a
    copied statement would carry the wrong bound or type.""",
)

_QUALIFIERS = frozenset({b"const", b"volatile", b"struct", b"union"})


def check_members(tree: Tree, parsed: C, function: Node, node: Node, words: Likeness) -> tuple[Slug, str] | None:
    """Return why *node*, a statement of *function*, cannot be copied for a member, None if it can.

    Where the word is used as a member, the struct is that of the variable's declared type; where
    the type cannot be seen here, every struct of the tree with both members counts.
    """
    for field in descendants(node, "field_identifier"):
        old = parsed.text(field)
        if words.names(old):
            reason = _check(
                tree,
                _type_of(tree, parsed, function, field),
                old.decode("latin-1"),
                words.renamed(old).decode("latin-1"),
            )
            if reason is not None:
                return reason
    return None


def _check(tree: Tree, type_: str, old: str, new: str) -> tuple[Slug, str] | None:
    both = [struct for struct in structs_with(tree, new) if struct.member(old) is not None]
    own = [struct for struct in both if type_ in struct.names]
    if not own and type_ and any(struct.member(old) is not None for struct in structs_called(tree, type_)):
        return Slug.known()["not-found"], f"{type_} has a member {old}, and no member {new}"
    if not both:
        return Slug.known()["not-found"], f"no struct in the tree has both members, {old} and {new}"
    for struct in own or both:
        first, second = struct.member(old), struct.member(new)
        if first is not None and second is not None and first.type != second.type:
            shapes = " and ".join(b" ".join(member.type).decode("utf-8", "replace") for member in (first, second))
            return _UNLIKE, f"the members {old} and {new} of {min(struct.names, default='a struct')} differ: {shapes}"
    return None


def _type_of(tree: Tree, parsed: C, function: Node, field: Node) -> str:
    """Return the type of the variable or member whose member *field* is, "" where it cannot be seen."""
    at = field.parent.child_by_field_name("argument") if field.parent is not None else None
    while at is not None and at.type in {"parenthesized_expression", "pointer_expression", "subscript_expression"}:
        at = at.child_by_field_name("argument") or at.named_child(0)
    if at is None or at.type not in {"identifier", "field_expression"}:
        return ""
    outer = at.child_by_field_name("field")
    if outer is not None:
        name = parsed.text(outer).decode("latin-1")
        return _type_of_member(tree, _type_of(tree, parsed, function, outer), name)
    found = set()
    for declaration in descendants(function, "parameter_declaration", "declaration"):
        type_ = declaration.child_by_field_name("type")
        names = {
            parsed.text(name)
            for declarator in declaration.children_by_field_name("declarator")
            for name in descendants(declarator, "identifier")
        }
        if type_ is not None and parsed.text(at) in names:
            found.add(parsed.text(type_.child_by_field_name("name") or type_).decode("latin-1"))
    return found.pop() if len(found) == 1 else ""


def _type_of_member(tree: Tree, type_: str, name: str) -> str:
    """Return the type of the member *name* of the structs called *type_*, "" where it has no name or several."""
    structs = structs_called(tree, type_) if type_ else structs_with(tree, name)
    found: set[str] = set()
    for struct in structs:
        member = struct.member(name)
        words = [word for word in member.type if word not in _QUALIFIERS] if member is not None else []
        found.update(word.decode("latin-1") for word in words[:1])
    return found.pop() if len(found) == 1 else ""


_NO_STRUCT = frozenset(
    ["", "_Bool", "_Complex", "char", "double", "float", "int", "long", "short", "signed", "unsigned", "void"]
)
"""The words that name a type of the language (C17 6.7.2), which no struct is called by."""


def structs_with(tree: Tree, member: str) -> Iterator[Struct]:
    """Yield the structs of the tree that have a member of that name."""
    for parsed, name in _places(tree, member):
        specifier = enclosing(name, "struct_specifier", "union_specifier") if name.type == "field_identifier" else None
        declared = enclosing(name, "field_declaration") if specifier is not None else None
        if specifier is not None and declared is not None:
            struct = _struct(parsed, specifier)
            if struct is not None and struct.member(member) is not None:
                yield struct


def structs_called(tree: Tree, name: str) -> Iterator[Struct]:
    """Yield the structs of the tree that are defined by that tag or typedef, or that a typedef makes of another."""
    todo, done = [name], {*_NO_STRUCT}
    while todo:
        called = todo.pop()
        if called in done:
            continue
        done.add(called)
        for parsed, node in _places(tree, called, _may_define):
            struct = struct_at(parsed, node)
            outer = node.parent
            if struct is not None:
                yield struct
            elif (
                outer is not None
                and outer.type == "type_definition"
                and node in outer.children_by_field_name("declarator")
            ):
                type_ = outer.child_by_field_name("type")
                named = type_.child_by_field_name("name") or type_ if type_ is not None else None
                todo += [parsed.text(named).decode("latin-1")] if named is not None else []


def _may_define(data: bytes, name: str) -> bool:
    """Whether a file may define a struct of that name: most that have it only use it, and need not be parsed."""
    word = rb"(?<![\w$])%b\s*" % re.escape(name.encode())
    return re.search(word + rb"[{/\\]", data) is not None or (
        b"typedef" in data and re.search(word + rb"(?:[;,\[]|__)", data) is not None
    )


def _places(tree: Tree, word: str, where: Callable[[bytes, str], bool] = lambda *_: True) -> Iterator[tuple[C, Node]]:
    """Yield the places of a word in code."""
    for path in filter(c.is_c, tree.mentioning([word.encode()])):
        data = tree.read(path)
        if not where(data, word):
            continue
        parsed = c.parse(data)
        for span in mentions(parsed.data, [word.encode()]):
            if not parsed.is_dead(span[0]):
                yield parsed, parsed.node_at(*span)


def _struct(parsed: C, specifier: Node) -> Struct | None:
    outer = specifier.parent
    names = [specifier.child_by_field_name("name")]
    if outer is not None and outer.type == "type_definition":
        names += outer.children_by_field_name("declarator")
    return next(
        (struct for name in names if name is not None and (struct := struct_at(parsed, name)) is not None), None
    )
