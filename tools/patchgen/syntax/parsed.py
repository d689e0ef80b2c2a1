# SPDX-License-Identifier: GPL-3.0-or-later
"""What every language shares: a parsed text, its faults, and ways to walk its nodes.

Nothing is ever printed from a syntax tree. A tree tells *where*; the bytes stay the bytes.
Spans are half-open byte offsets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node, Tree

__all__ = [
    "Parsed",
    "Span",
    "ancestors",
    "ancestors_within",
    "clean",
    "descendants",
    "enclosing",
    "first_named",
    "siblings_between",
    "tokens",
]

Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Parsed:
    """A text and its syntax tree. Offsets of nodes are offsets in ``data``."""

    data: bytes
    tree: Tree

    @property
    def root(self) -> Node:
        """The root node."""
        return self.tree.root_node

    @cached_property
    def faults(self) -> tuple[Span, ...]:
        """The spans of all ERROR and MISSING nodes, in order; what did not parse."""
        if not self.root.has_error:
            return ()
        return tuple((node.start_byte, node.end_byte) for node in _faulty(self.root))

    def text(self, node: Node) -> bytes:
        """Return the bytes of *node*."""
        return self.data[node.start_byte : node.end_byte]

    def node_at(self, start: int, end: int) -> Node:
        """Return the smallest node that covers the span.

        :raises LookupError: the span is not within the text.
        """
        node = self.root.descendant_for_byte_range(start, end)
        if node is None:
            raise LookupError((start, end))
        return node


def _faulty(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            yield node
        stack.extend(child for child in reversed(node.children) if child.has_error or child.is_missing)


def clean(node: Node) -> bool:
    """Whether nothing in *node* failed to parse."""
    return not node.has_error


def ancestors(node: Node) -> Iterator[Node]:
    """Yield the ancestors of *node*, the nearest first."""
    at = node.parent
    while at is not None:
        yield at
        at = at.parent


def ancestors_within(node: Node, scope: Node) -> Iterator[Node]:
    """Yield the ancestors of *node* up to *scope*, the nearest first.

    However deep *node* stands: a step up costs the whole way down, a step down costs little.
    """
    path: list[Node] = []
    at: Node | None = scope
    while at is not None and at != node:
        path.append(at)
        at = at.child_with_descendant(node)
    yield from reversed(path)


def enclosing(node: Node, *types: str) -> Node | None:
    """Return the nearest ancestor of *node*, or itself, of one of *types*."""
    if node.type in types:
        return node
    return next((at for at in ancestors(node) if at.type in types), None)


def descendants(node: Node, *types: str) -> Iterator[Node]:
    """Yield, in order of the text, *node* and what is below it, of one of *types*."""
    stack = [node]
    while stack:
        at = stack.pop()
        if at.type in types:
            yield at
        stack.extend(reversed(at.children))


def first_named(node: Node) -> Node | None:
    """Return the first named child of *node* that is no comment, None if there is none."""
    return next((child for child in node.named_children if child.type != "comment"), None)


def siblings_between(node: Node, wanted: Callable[[Node], bool]) -> list[Node]:
    """Return the named children of *node* that are wanted, in order."""
    return [child for child in node.named_children if wanted(child)]


def tokens(parsed: Parsed, node: Node) -> tuple[bytes, ...]:
    """Return the tokens of *node* without comments: two texts with equal tokens say the same."""
    found: list[bytes] = []
    stack = [node]
    while stack:
        at = stack.pop()
        if at.type == "comment":
            continue
        if at.child_count == 0 or at.type in {"string_literal", "char_literal", "system_lib_string"}:
            text = parsed.text(at).replace(b"\r\n", b"\n").strip()  # the body of a macro is one token
            if text:
                found.append(text)
        else:
            stack.extend(reversed(at.children))
    return tuple(found)
