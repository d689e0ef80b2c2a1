# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that do something by being read: volatile variables and members (C17 6.7.3p7), and macros without a list that act."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.c.includes import Inclusions
from patchgen.syntax.parsed import descendants, enclosing
from patchgen.tree import mentions

from .evaluated import PURE
from .macros import defines, using

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.tree import Tree

__all__ = ["acting_macros", "volatile_names"]

_VOLATILE = (b"volatile", b"__volatile__", b"__volatile")
_HOLDERS = ("declaration", "field_declaration", "parameter_declaration", "type_definition")
_CALLED = re.compile(rb"(?<![\w.>])([A-Za-z_]\w*)\s*\(")
_ACTS = re.compile(rb"\+\+|--|(?<![=!<>])=(?!=)")
_QUIET = frozenset({b"sizeof", b"offsetof", b"alignof", b"_Alignof", b"__alignof__", b"defined", b"__builtin_offsetof"})


def volatile_names(tree: Tree, path: str) -> frozenset[bytes]:
    """Return the variables, members and macros that *path* can see and that are volatile, or point to what is.

    A local variable that is itself volatile is none: nobody else sees how often it is read.
    """
    sees = Inclusions(tree).of(path)
    names: set[bytes] = set()
    types = list(_VOLATILE)
    done: set[bytes] = set()
    while types:
        word = types.pop()
        done.add(word)
        for other in filter(c.is_c, tree.mentioning([word])):
            if other in sees:
                parsed = c.parse(tree.read(other))
                for holder, name in _declared(parsed, word):
                    is_type = holder.type == "type_definition"
                    if is_type and name not in done:
                        types.append(name)
                    elif not is_type:
                        names.add(name)
    macros = [using(tree, name, sees) for name in (*names, *done)]
    return frozenset(names).union(*macros)


def _declared(parsed: C, word: bytes) -> Iterator[tuple[Node, bytes]]:
    """Yield what is declared with *word*, a qualifier or a type, and the declaration."""
    for span in mentions(parsed.data, [word]):
        if parsed.is_dead(span[0]):
            continue
        node = parsed.node_at(*span)
        holder = enclosing(node, *_HOLDERS) if node.type != "comment" else None
        for declarator in holder.children_by_field_name("declarator") if holder is not None else ():
            if declarator.start_byte <= span[0] < declarator.end_byte:
                continue  # a qualifier of the pointer, or of a parameter of what is declared
            is_pointer = any(descendants(declarator, "pointer_declarator", "array_declarator"))
            is_local = enclosing(declarator, "compound_statement", "parameter_list") is not None
            is_static = (
                any(parsed.text(child) == b"static" for child in holder.children) if holder is not None else False
            )
            name = next(descendants(declarator, "identifier", "field_identifier", "type_identifier"), None)
            if holder is not None and name is not None and (is_pointer or not is_local or is_static):
                yield holder, parsed.text(name)


def acting_macros(tree: Tree, path: str, words: Iterable[bytes]) -> frozenset[bytes]:
    """Return those of *words* that are macros without a list, which *path* can see, and that call or write something."""
    wanted = frozenset(words)
    sees = Inclusions(tree).of(path)
    return frozenset(
        one.name
        for other in filter(c.is_c, tree.mentioning(wanted) if wanted else ())
        if other in sees
        for one in defines(other, tree.read(other))
        if one.name in wanted and one.parameters is None and _acts(one.body)
    )


def _acts(body: bytes) -> bool:
    called = {name for name in _CALLED.findall(body) if not PURE.fullmatch(name)} - _QUIET
    return any(name != name.upper() for name in called) or _ACTS.search(body) is not None
