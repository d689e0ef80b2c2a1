# SPDX-License-Identifier: GPL-3.0-or-later
"""Structural patterns: C text with metavariables, and the places of a file that have its form.

A *metavariable*, ``$name``, stands for any one expression or name; where it stands twice, both
places must say the same. A pattern and a place are compared by their syntax trees and tokens:
comments, blanks and line breaks do not count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING

from patchgen.syntax.parsed import ancestors, ancestors_within, clean, descendants, first_named, tokens
from patchgen.tree import word_pattern

from .names import Role, use_at
from .parse import parse
from .precedence import PRIMARY, level, required

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node

    from patchgen.syntax.parsed import Span

    from .parse import C

__all__ = ["Match", "Pattern", "expression_level", "leaves", "metavariables", "peers", "substitute", "well_parsed"]

_TYPES = frozenset(
    {
        "type_identifier",
        "primitive_type",
        "sized_type_specifier",
        "struct_specifier",
        "union_specifier",
        "enum_specifier",
    }
)
_STRINGS = frozenset({"string_literal", "char_literal", "system_lib_string"})
_QUIET = frozenset({"comment", "string_content", "character", "escape_sequence", "preproc_arg", *_STRINGS})
_HOLDERS = frozenset(
    {f"{word}_statement" for word in ("if", "while", "for", "do", "switch", "compound", "case", "labeled")}
)
_MACROS = frozenset({"macro_type_specifier", "function_declarator"})
_EXPRESSED = frozenset({Role.CALL, Role.ASSIGNED, Role.TEST, Role.SIZEOF, Role.VALUE})
_NEAR = 12
_META = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|//[^\n]*|/\*.*?\*/)|\$(\w+)""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Match:
    """A place that has the form of a pattern.

    :param nodes: the expression, or the statements one after the other.
    :param bound: the node that each metavariable stands for, by name without ``$``.
    :param aligned: what is equal: nodes of the pattern and their counterparts, in the order of the text.
    """

    nodes: tuple[Node, ...]
    bound: Mapping[str, Node]
    aligned: tuple[tuple[Node, Node], ...]
    bindings: Mapping[str, bytes]

    @property
    def node(self) -> Node:
        """The first node."""
        return self.nodes[0]

    @property
    def span(self) -> Span:
        """The bytes from the first node to the last."""
        return self.nodes[0].start_byte, self.nodes[-1].end_byte


@dataclass(frozen=True, eq=False)
class Pattern:
    """One expression, or one or more statements in a row, with metavariables."""

    text: str
    parsed: C
    roots: tuple[Node, ...]

    @staticmethod
    def expression(text: str) -> Pattern:
        """Return the pattern of one expression.

        :raises ValueError: *text* is not one.
        """
        return _expression(text)

    @staticmethod
    def statements(text: str) -> Pattern:
        """Return the pattern of one or more statements of a block, declarations among them.

        :raises ValueError: *text* is something else.
        """
        return _statements(text)

    @staticmethod
    def statement(text: str) -> Pattern:
        """Return the pattern of one statement.

        :raises ValueError: *text* is not one.
        """
        pattern = _statements(text)
        if len(pattern.roots) != 1:
            msg = f"{text!r} is not one statement in C"
            raise ValueError(msg)
        return pattern

    @property
    def metavariables(self) -> frozenset[str]:
        """The names of the metavariables, without ``$``."""
        return metavariables(self.text)

    @property
    def bare(self) -> bool:
        """Whether the pattern is nothing but a metavariable, so that it fits everything."""
        return len(self.roots) == 1 and _meta(self.parsed, self.roots[0]) is not None

    @property
    def word(self) -> bytes:
        """A word that each place must hold as a token of its own: the longest; empty if there is none."""
        return self._key()[0]

    def match(self, parsed: C, node: Node) -> Match | None:
        """Return the match that begins at *node*, None if it has another form."""
        nodes = peers(node)[: len(self.roots)] if len(self.roots) > 1 else [node]
        bound: dict[str, Node] = {}
        aligned: list[tuple[Node, Node]] = []
        for root, at in zip_longest(self.roots, nodes):
            if at is None or not clean(at) or not _same(self.parsed, root, parsed, at, bound, aligned):
                return None
        if len(nodes) == 1 and node.type == "identifier" and not _is_expression(parsed, node):
            return None
        bindings = {name: parsed.text(value) for name, value in bound.items()}
        return Match(tuple(nodes), bound, tuple(aligned), bindings)

    def find(self, parsed: C, scope: Node) -> Iterator[Match]:
        """Yield the matches within *scope*, in order of the text; a match may stand within another."""
        found = {}
        for node in self._candidates(parsed, scope):
            key = (node.start_byte, -node.end_byte, node.id)
            if key not in found:
                found[key] = self.match(parsed, node)
        for key in sorted(found):
            if (match := found[key]) is not None:
                yield match

    def doubtful(self, parsed: C, scope: Node) -> Iterator[Span]:
        """Yield where the pattern's words stand in code of *scope* that did not parse, or in a macro body there.

        Nobody can tell whether such a place has the form.
        """
        words = {text for leaf in leaves(self.roots[0]) if re.fullmatch(rb"\w+", text := self.parsed.text(leaf))}
        word = self.word
        for match in word_pattern([word]).finditer(parsed.data, scope.start_byte, scope.end_byte) if word else ():
            node = parsed.node_at(*match.span())
            unclear = node.type == "preproc_arg" or (node.type not in _QUIET and not well_parsed(node, scope))
            if unclear and all(word in _around(parsed, node) for word in words):
                yield match.span()

    def _candidates(self, parsed: C, scope: Node) -> Iterator[Node]:
        root, (word, depth) = self.roots[0], self._key()
        if not word:
            yield from descendants(scope, root.type) if not self.bare else ()
            return
        for match in word_pattern([word]).finditer(parsed.data, scope.start_byte, scope.end_byte):
            node = parsed.node_at(*match.span())
            if node.type in _QUIET:
                continue
            # The trees are alike down to the word, but for a type that is parsed as a name, or the reverse.
            for height, at in enumerate(chain((node,), ancestors(node))):
                if height > depth + 1 or at == scope.parent:
                    break
                if at.type == root.type:
                    yield at

    def _key(self) -> tuple[bytes, int]:
        """Return the word to search for, and how deep it stands below the first root."""
        best = (b"", 0)
        for leaf in leaves(self.roots[0]):
            text = self.parsed.text(leaf)
            if len(text) > len(best[0]) and re.fullmatch(rb"\w+", text):
                best = (text, _depth(leaf, self.roots[0]))
        return best


def metavariables(text: str) -> frozenset[str]:
    """Return the names of the metavariables in C text, without ``$``; those in strings and comments are none."""
    return frozenset(match[2] for match in _META.finditer(text) if match[2])


def substitute(text: str, bindings: Mapping[str, bytes]) -> str:
    """Return C text with each metavariable replaced by what it is bound to, in parentheses where it needs them.

    :raises ValueError: one is not bound, or its text is not UTF-8.
    """
    head = b"int f(){\n"
    parsed = parse(head + text.encode("utf-8", "surrogateescape") + b"\n;}")

    def value(match: re.Match[str]) -> str:
        if match[2] is None:
            return match[0]
        if match[2] not in bindings:
            msg = f"nothing is bound to ${match[2]}"
            raise ValueError(msg)
        bound = bindings[match[2]]
        start = len(head) + len(text[: match.start()].encode("utf-8", "surrogateescape"))
        node = parsed.node_at(start, start + len(match[0]))
        loose = _meta(parsed, node) is not None and expression_level(bound) < required(parsed, node)
        return f"({bound.decode()})" if loose else bound.decode()

    return _META.sub(value, text)


def expression_level(text: bytes) -> int:
    """Return how tightly an expression binds; what is none, a name or a type, needs no parentheses."""
    try:
        pattern = _expression(text.decode("utf-8", "surrogateescape"))
    except ValueError:
        return PRIMARY
    return level(pattern.parsed, pattern.roots[0])


def leaves(node: Node) -> Iterator[Node]:
    """Yield the tokens of *node* as nodes, in order; strings are one token, comments none."""
    stack = [node]
    while stack:
        at = stack.pop()
        if at.type == "comment":
            continue
        if at.child_count == 0 or at.type in _STRINGS:
            if at.end_byte > at.start_byte:
                yield at
        else:
            stack.extend(reversed(at.children))


def peers(node: Node) -> Sequence[Node]:
    """Return *node* and what follows it in its block, without comments; a label before it is no block."""
    parent = node.parent
    if parent is None:
        return [node]
    own = [child for child in parent.named_children if child.type != "comment" and child.start_byte >= node.start_byte]
    return [*own, *peers(parent)[1:]] if parent.type == "labeled_statement" else own


@lru_cache(maxsize=4096)
def _expression(text: str) -> Pattern:
    parsed = parse(b"int f(){g(\n" + text.encode("utf-8", "surrogateescape") + b"\n);}")
    body = _body(parsed)
    statement = body[0] if len(body) == 1 else None
    call = first_named(statement) if statement is not None and statement.type == "expression_statement" else None
    arguments = call.child_by_field_name("arguments") if call is not None else None
    listed = _uncommented(arguments) if arguments is not None else []
    if len(listed) != 1 or _names_a_directive(parsed):
        msg = f"{text!r} is not one expression in C"
        raise ValueError(msg)
    return Pattern(text, parsed, tuple(listed))


@lru_cache(maxsize=4096)
def _statements(text: str) -> Pattern:
    parsed = parse(b"int f(){\n" + text.encode("utf-8", "surrogateescape") + b"\n}")
    roots = _body(parsed)
    if not roots or any(root.type == "function_definition" for root in roots):
        msg = f"{text!r} is not a sequence of statements in C"
        raise ValueError(msg)
    return Pattern(text, parsed, tuple(roots))


def _body(parsed: C) -> list[Node]:
    """Return what stands in the body of the only function of a text; nothing where that is not all."""
    functions = _uncommented(parsed.root)
    if parsed.root.has_error or len(functions) != 1:
        return []
    body = functions[0].child_by_field_name("body")
    return _uncommented(body) if body is not None else []


def _uncommented(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def _names_a_directive(parsed: C) -> bool:
    return re.search(rb"^[ \t]*#", parsed.data, re.MULTILINE) is not None


def _same(theirs: C, root: Node, ours: C, node: Node, bound: dict[str, Node], aligned: list[tuple[Node, Node]]) -> bool:
    stack = [(root, node)]
    while stack:
        wanted, at = stack.pop()
        name = _meta(theirs, wanted)
        if name is not None:
            if not _fits(wanted, at) or (name in bound and tokens(ours, bound[name]) != tokens(ours, at)):
                return False
            bound.setdefault(name, at)
            aligned.append((wanted, at))
        elif b"$" not in theirs.text(wanted):
            texts = theirs.text(wanted), ours.text(at)
            if texts[0][:1] != texts[1][:1] or (
                texts[0] != texts[1] and _spelling(theirs, wanted) != _spelling(ours, at)
            ):
                return False
            aligned.append((wanted, at))
        else:
            pairs = list(zip_longest(_children(wanted), _children(at)))
            if wanted.type != at.type or not pairs or any(None in pair for pair in pairs):
                return False
            stack.extend(reversed(pairs))
    return True


def _children(node: Node) -> list[Node]:
    return [child for child in node.children if child.type != "comment"]


def _meta(parsed: C, node: Node) -> str | None:
    """Return the name of the metavariable that *node* is, None if it is none."""
    if node.child_count or not node.type.endswith("identifier"):
        return None
    text = parsed.text(node)
    return text[1:].decode() if text[:1] == b"$" and len(text) > 1 else None


def _fits(wanted: Node, node: Node) -> bool:
    """Whether the metavariable *wanted* can stand for *node*."""
    if wanted.type == "type_identifier":
        return node.type in _TYPES
    if wanted.type != "identifier" or _is_declared(wanted):
        return node.type == wanted.type
    return node.is_named and node.type != "type_descriptor" and not node.type.endswith("declarator")


def _is_declared(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    return parent.type in {"parenthesized_declarator", "parameter_list"} or node in parent.children_by_field_name(
        "declarator"
    )


def _spelling(parsed: C, node: Node) -> list[bytes]:
    """Return the tokens of *node*; a type that was masked for the parser is spelt with single blanks."""
    return [
        b" ".join(re.findall(rb"\w+|\*", text)) if re.match(rb"\w+[\s*]", text) else text
        for text in tokens(parsed, node)
    ]


def _is_expression(parsed: C, name: Node) -> bool:
    return use_at(parsed, name.start_byte, name.end_byte).role in _EXPRESSED


def _depth(leaf: Node, root: Node) -> int:
    return next((depth for depth, at in enumerate(chain((leaf,), ancestors(leaf))) if at == root), 0)


def _around(parsed: C, node: Node) -> bytes:
    """Return the text of the statement around *node*, and of what stands beside it: an ERROR may be a part of it."""
    if node.type == "preproc_arg":
        return parsed.text(node)
    at = node
    for parent in ancestors(node):
        if parent.type in {"compound_statement", "translation_unit"}:
            break
        at = parent
    before, after = at.prev_sibling, at.next_sibling
    start = before.start_byte if before is not None else at.start_byte
    return parsed.data[start : after.end_byte if after is not None else at.end_byte]


def well_parsed(node: Node, scope: Node) -> bool:
    """Whether the statement around *node* parsed, or the head of it, and no ERROR stands around it up to *scope*."""
    statement, inner = None, node
    # Where all of the scope parsed, only a declaration close by can make a difference.
    near = None if scope.has_error else _NEAR
    for at in islice(chain((node,), ancestors_within(node, scope)), near):
        if at.is_error:
            return False
        if at.type == "compound_statement" and inner.type.endswith(("identifier", "declarator", "type_specifier")):
            return False  # a name with nothing around it: the rest of its statement is the ERROR beside it
        if at.type == "declaration" and any(child.type in _MACROS for child in at.children):
            return False  # in a body it may well be a macro without a semicolon, and a call or an assignment behind it
        if statement is None and at.type.endswith(("_statement", "declaration")):
            statement = inner if at.type in _HOLDERS else at
        inner = at
    return statement is None or clean(statement)
