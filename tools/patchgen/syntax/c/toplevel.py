# SPDX-License-Identifier: GPL-3.0-or-later
"""The file level of C: what a file defines and declares, its includes, and the ``#if`` arms around them.

An include guard is no arm, and ``extern "C" { … }`` is no level of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from patchgen.syntax.parsed import ancestors, descendants
from patchgen.tree import line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.parsed import Span

    from .parse import C

__all__ = [
    "Item",
    "Named",
    "asks_for_features",
    "closing",
    "guard_of",
    "items_of",
    "leading_includes",
    "lines_of",
    "unconditional_includes",
    "with_comment",
]

_ARMS = frozenset({"preproc_if", "preproc_ifdef"})
_OTHER_ARMS = frozenset({"preproc_else", "preproc_elif", "preproc_elifdef"})
_SPECIFIERS = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})
_MACROS = frozenset({"preproc_def", "preproc_function_def"})
_NAMES = ("identifier", "type_identifier")
_FEATURE = re.compile(r"_\w+_SOURCE|_FILE_OFFSET_BITS|_TIME_BITS|__STDC_\w+|_FORTIFY_SOURCE")
_NOT_DEFINED = re.compile(
    rb"^#[ \t]*(?:ifndef[ \t]+(\w+)|if[ \t]+!\s*defined\s*\(?\s*(\w+)\s*\)?[ \t]*$)", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Named:
    """A name that an item gives: the word and where it stands."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    """One definition or declaration at file level, or a macro.

    :param declares: whether it only declares: a prototype, an extern variable.
    :param arms: for each ``#if`` around it, outermost first, the arm that it is in and the whole ``#if``.
    """

    node: Node
    names: tuple[Named, ...]
    declares: bool
    arms: tuple[tuple[Node, Node], ...]

    @property
    def is_function(self) -> bool:
        """Whether it is the definition of a function."""
        return self.node.type == "function_definition"


@lru_cache(maxsize=256)
def items_of(parsed: C) -> tuple[Item, ...]:
    """Return the live items of a file in order."""
    return tuple(item for item in _items(parsed) if not parsed.is_dead(item.node.start_byte))


def guard_of(parsed: C) -> Node | None:
    """Return the ``#ifndef`` that is the include guard of the file, None if it has none."""
    outer = [node for node in parsed.root.named_children if node.type != "comment"]
    if len(outer) != 1 or outer[0].type not in _ARMS:
        return None
    match = _NOT_DEFINED.match(parsed.data, outer[0].start_byte)
    first = next((child for child in outer[0].named_children if child.type.startswith("preproc_")), None)
    if match is None or first is None or first.type != "preproc_def":
        return None
    name = first.child_by_field_name("name")
    return outer[0] if name is not None and parsed.text(name) == (match[1] or match[2]) else None


def unconditional_includes(parsed: C) -> list[Node]:
    """Return the includes of the file that stand in no arm, also those behind definitions."""
    found: list[Node] = []
    for node in descendants(parsed.root, "preproc_include"):
        arms = [at for at in ancestors(node) if at.type in _ARMS | _OTHER_ARMS and at != guard_of(parsed)]
        if not arms and not parsed.is_dead(node.start_byte):
            found.append(node)
    return found


def leading_includes(parsed: C) -> list[Node]:
    """Return the includes, outside any arm, before the first definition or declaration of the file."""
    found: list[Node] = []
    holder = guard_of(parsed) or parsed.root
    for node in holder.named_children:
        if node.type == "preproc_include":
            found.append(node)
        elif not node.type.startswith("preproc_") and node.type not in {"comment", "identifier"}:
            break
    return found


def lines_of(parsed: C, node: Node) -> Span:
    """Return the lines of an item: from the start of its first to the end of its last, trailing comments with it.

    :raises ValueError: something else stands on its first or last line.
    """
    data = parsed.data
    start, stop = line_start(data, node.start_byte), node.end_byte
    at: Node | None = node
    while (at := at.next_sibling if at is not None else None) is not None:
        if data[stop : at.start_byte].strip() or b"\n" in data[max(stop - 1, node.start_byte) : at.start_byte]:
            break
        if at.type not in {";", "comment"}:
            break
        stop = at.end_byte
    end = stop if data[stop - 1 : stop] == b"\n" else line_end(data, stop)
    if not parsed.begins(start, node.start_byte) or data[stop:end].strip():
        msg = "it shares a line with something else"
        raise ValueError(msg)
    return start, end


def with_comment(parsed: C, node: Node) -> int:
    """Return where the comments begin that stand directly above the item, else where its line does."""
    data = parsed.data
    start = line_start(data, node.start_byte)
    at = node.prev_sibling
    while at is not None and at.type == "comment":
        between = data[at.end_byte : start]
        begin = line_start(data, at.start_byte)
        if between.strip() or between.count(b"\n") != 1 or data[begin : at.start_byte].strip():
            break
        start, at = begin, at.prev_sibling
    return start


def asks_for_features(item: Item) -> bool:
    """Whether an item defines a macro that the system's headers ask for, and that must stand before them: feature_test_macros(7)."""
    return item.node.type == "preproc_def" and all(_FEATURE.fullmatch(named.name) for named in item.names)


def closing(parsed: C) -> int:
    """Return where the file's own level ends: at the ``#endif`` of its include guard, else at its end."""
    guard = guard_of(parsed)
    if guard is None or guard.children[-1].type != "#endif":
        return len(parsed.data)
    return line_start(parsed.data, guard.children[-1].start_byte)


def _items(parsed: C) -> Iterator[Item]:
    guard = guard_of(parsed)
    stack: list[tuple[Node, tuple[tuple[Node, Node], ...]]] = [(node, ()) for node in reversed(parsed.root.children)]
    while stack:
        node, arms = stack.pop()
        if node.type in _ARMS and node != guard:
            stack += [(child, (*arms, (node, node))) for child in reversed(node.children)]
        elif node.type in _OTHER_ARMS:
            whole = arms[-1][1] if arms else node
            stack += [(child, (*arms[:-1], (node, whole))) for child in reversed(node.children)]
        elif node == guard or node.type in {"linkage_specification", "declaration_list"}:
            stack += [(child, arms) for child in reversed(node.children)]
        else:
            names, declares = _named(parsed, node)
            if names:
                yield Item(node, tuple(names), declares, arms)


def _named(parsed: C, node: Node) -> tuple[list[Named], bool]:
    """Return the names that a node at file level gives, and whether it only declares them."""
    if node.type in _MACROS:
        name = node.child_by_field_name("name")
        return ([_word(parsed, name)] if name is not None else []), False
    if node.type in _SPECIFIERS:
        return list(_tags(parsed, node)), False
    if node.type not in {"function_definition", "declaration", "type_definition"}:
        return [], False
    declarators = node.children_by_field_name("declarator")
    found = [_word(parsed, name) for declarator in declarators if (name := _declared(declarator)) is not None]
    type_ = node.child_by_field_name("type")
    found += _tags(parsed, type_) if type_ is not None and type_.type in _SPECIFIERS else ()
    return found, node.type == "declaration" and _only_declares(parsed, node, declarators)


def _only_declares(parsed: C, node: Node, declarators: list[Node]) -> bool:
    if any(child.type == "storage_class_specifier" and parsed.text(child) == b"extern" for child in node.children):
        return True
    return bool(declarators) and all(_is_prototype(declarator) for declarator in declarators)


def _is_prototype(declarator: Node) -> bool:
    at: Node | None = declarator
    while at is not None and at.type == "pointer_declarator":
        at = at.child_by_field_name("declarator")
    return at is not None and at.type == "function_declarator"


def _declared(declarator: Node) -> Node | None:
    at: Node | None = declarator
    while at is not None and at.type not in _NAMES:
        inner = at.child_by_field_name("declarator")
        at = inner or next(
            (child for child in at.named_children if child.type.endswith(("declarator", "identifier"))), None
        )
    return at


def _tags(parsed: C, specifier: Node) -> Iterator[Named]:
    if specifier.child_by_field_name("body") is None:
        return
    tag = specifier.child_by_field_name("name")
    if tag is not None:
        yield _word(parsed, tag)
    for enumerator in descendants(specifier, "enumerator"):
        name = enumerator.child_by_field_name("name")
        if name is not None:
            yield _word(parsed, name)


def _word(parsed: C, name: Node) -> Named:
    return Named(parsed.text(name).decode("latin-1"), (name.start_byte, name.end_byte))
