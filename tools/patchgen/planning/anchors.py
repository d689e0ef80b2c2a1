# SPDX-License-Identifier: GPL-3.0-or-later
"""Anchors: the statements of a function that an edit names by what they are, not by where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from patchgen.findings import Slug
from patchgen.syntax import c
from patchgen.syntax.c.includes import Inclusions
from patchgen.syntax.c.patterns import Pattern, well_parsed
from patchgen.syntax.c.statements import statements_in
from patchgen.syntax.parsed import ancestors, ancestors_within, clean, descendants, enclosing, first_named
from patchgen.tree import mentions, word_pattern

from .aliases import other_names
from .bind import is_of
from .ledger import Reason
from .macros import using

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from patchgen.syntax.c.patterns import Match
    from patchgen.syntax.parsed import Span

    from .functions import Function
    from .ledger import Book

__all__ = ["Anchor", "Hit", "in_its_own_code", "matches", "scopes"]

_UNPARSED = Slug.define(
    "anchor-unparsed",
    """A word of what the edit looks for stands in the function in text that did not parse, or in the
    body of a macro there, so that it cannot be told whether this is a place to edit.""",
)
_ALIAS = Slug.define(
    "anchor-by-another-name",
    """The function calls what the edit looks for by another name too, which a macro gives it, so that it has more places than are
    seen. Name the one that is meant by another anchor.""",
)
_UNCLEAR = frozenset({c.Role.BROKEN, c.Role.PASTED, c.Role.CALL, c.Role.DECLARES_FUNCTION, c.Role.TYPE})
_KEYWORDS = frozenset({b"if", b"while", b"for", b"do", b"switch", b"return"})
_OTHERS = frozenset({"field_declaration", "parameter_declaration", "enumerator", "type_definition", "goto_statement"})
_STATEMENTS = ("compound_statement", "expression_statement")
_LOOPS = ("while_statement", "for_statement", "do_statement")
_UNEVALUATED = frozenset({"sizeof_expression", "alignof_expression"})
_QUIET = frozenset({c.Role.COMMENT, c.Role.STRING, c.Role.DEAD, c.Role.INCLUDE, c.Role.PRAGMA})
_ELSE_IN_AN_ARM = re.compile(
    rb"(?:\s|\\\r?\n|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|(?<=\n)[ \t]*#(?:\\\r?\n|[^\n])*\n)*+else\b"
)
_BLOCK_KEYS = frozenset({"if_", "else_", "loop", "switch"})


@dataclass(frozen=True, slots=True)
class Hit:
    """One place that an anchor fits.

    :param node: the call, the expression, or the first statement; :param last: the last statement.
    :param blocks: for an ``if``, an ``else``, a loop or a ``switch``: what it governs.
    :param span: what the ledger enters.
    """

    node: Node
    last: Node
    span: Span
    blocks: tuple[Node, ...] = ()
    bindings: Mapping[str, bytes] = field(default_factory=dict)


class Anchor(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True, dict=True
):
    """A statement, named by exactly one of these keys; conditions and the like are patterns.

    :param call: the statement in a block that holds a call of this function or member.
    :param declaration: the declaration of this local variable.
    :param statement: a statement, or several in a row; :param expression: the statement that holds it.
    :param if_: the ``if`` of that condition; :param else_: the ``else`` of the ``if`` of that condition.
    :param loop: the ``while``, ``for`` or ``do`` of that condition; :param switch: the ``switch`` of that value.
    :param return_: the ``return`` of that value; true for any ``return``.
    :param label: the labeled statement of that label.
    :param within: only within what this ``if``, ``else``, ``loop`` or ``switch`` governs.
    """

    call: str = ""
    declaration: str = ""
    statement: str = ""
    expression: str = ""
    if_: str = ""
    else_: str = ""
    loop: str = ""
    switch: str = ""
    return_: str | bool = False
    label: str = ""
    within: Anchor | None = None

    def __post_init__(self) -> None:
        given = [name for name in self.__struct_fields__ if name != "within" and getattr(self, name)]
        if len(given) != 1:
            msg = "an anchor has exactly one of: call, declaration, statement, expression, if, else, loop, switch, return, label"
            raise ValueError(msg)
        if self.within is not None and not self.within.governs:
            msg = "`within` names an if, an else, a loop or a switch"
            raise ValueError(msg)
        if self._pattern is not None and self._pattern.bare and self._key in {"expression", "statement"}:
            msg = f"{self._pattern.text!r} fits every place: it needs a word or an operator of its own"
            raise ValueError(msg)

    @property
    def governs(self) -> bool:
        """Whether it names something that governs other statements."""
        return self._key in _BLOCK_KEYS

    @property
    def metavariables(self) -> frozenset[str]:
        """The metavariables that it binds."""
        return self._pattern.metavariables if self._pattern is not None else frozenset()

    def __str__(self) -> str:
        value = getattr(self, self._key)
        return self._key.rstrip("_") if value is True else f"{self._key.rstrip('_')} {value}"

    @cached_property
    def _key(self) -> str:
        return next(name for name in self.__struct_fields__ if name != "within" and getattr(self, name))

    @cached_property
    def _pattern(self) -> Pattern | None:
        value = getattr(self, self._key)
        if self._key == "statement":
            return Pattern.statements(value)
        named = self._key in {"call", "declaration", "label"}
        return Pattern.expression(value) if isinstance(value, str) and not named else None

    def hits(self, book: Book, function: Function) -> Iterator[Hit]:
        """Yield the places in *function*; what stands there and is none gets its verdict.

        A place in an arm that is never compiled is excused, and one in a function within the function.
        """
        for scope in scopes(book, function, self.within):
            for hit in self._hits_in(book, function, scope):
                if in_its_own_code(book, function, hit.node, hit.span):
                    yield hit

    def _hits_in(self, book: Book, function: Function, scope: Node) -> Iterator[Hit]:
        if self._key == "call":
            return _calls(book, function, scope, self.call)
        if self._key in {"declaration", "label"}:
            wanted = "declaration" if self._key == "declaration" else "labeled_statement"
            return _named(book, function, scope, self.declaration or self.label, wanted)
        pattern = self._pattern
        if self._key in {"statement", "expression"} and pattern is not None:
            return (
                Hit(m.nodes[0], m.nodes[-1], m.span, (), m.bindings) for m in matches(book, function, scope, pattern)
            )
        if pattern is not None:
            _doubt(book, function, scope, pattern)
        if self.return_ is True:
            _doubt_returns(book, function, scope)
        return _governed(book, function, scope, self._key, pattern)


def scopes(book: Book, function: Function, within: Anchor | None) -> list[Node]:
    """Return the blocks of *function* that an edit works in: the body, or what *within* governs."""
    if within is None:
        return [function.body]
    found = [block for hit in within.hits(book, function) for block in hit.blocks]
    if not found and not book.refused:
        book.missing(f"{within} in {function.name}")
    return found


def in_its_own_code(book: Book, function: Function, node: Node, span: Span) -> bool:
    """Whether *node* is compiled, and belongs to *function* and not to one within it (GCC, Nested Functions).

    Where it does not, it gets its verdict. What looks nested in a function that did not parse may be anything.
    """
    if function.parsed.is_dead(node.start_byte):
        book.excuse(function.path, span, Reason.COMMENT, "in an arm that is never compiled")
        return False
    own = function.declaration.node
    if is_of(own, node):
        return True
    if clean(own):
        book.excuse(function.path, span, Reason.OTHER_BINDING, "in a function within the function")
    else:
        message = f"this may stand in another function than {function.name}, or in a block behind a macro: something did not parse"
        book.refuse(function.path, span, _UNPARSED, message, function=function.name)
    return False


def matches(book: Book, function: Function, scope: Node, pattern: Pattern) -> Iterator[Match]:
    """Yield the matches of *pattern* in *scope*; what cannot be judged is refused."""
    _doubt(book, function, scope, pattern)
    yield from pattern.find(function.parsed, scope)


def _doubt(book: Book, function: Function, scope: Node, pattern: Pattern) -> None:
    for span in pattern.doubtful(function.parsed, scope):
        if not function.parsed.is_dead(span[0]):
            message = f"{pattern.word.decode('latin-1')} stands in text that did not parse, or in a macro"
            book.refuse(function.path, span, _UNPARSED, message, function=function.name)


def _calls(book: Book, function: Function, scope: Node, name: str) -> Iterator[Hit]:
    path, parsed = function.path, function.parsed
    for alias in sorted(other_names(book.tree, path, name)):
        for found in word_pattern([alias.encode()]).finditer(parsed.data, scope.start_byte, scope.end_byte):
            if c.use_at(parsed, *found.span()).role is c.Role.CALL:
                message = f"{alias} is another name of {name}, by a macro: this is a call of it too"
                book.refuse(path, found.span(), _ALIAS, message, function=function.name)
    for match in word_pattern([name.encode()]).finditer(parsed.data, scope.start_byte, scope.end_byte):
        use, span = c.use_at(parsed, *match.span()), match.span()
        if use.role is c.Role.CALL and use.outer is not None and not use.in_macro and clean(use.outer):
            if any(at.type in _UNEVALUATED for at in ancestors_within(use.outer, scope)):
                book.excuse(path, span, Reason.UNCHANGED_USE, "never called: only its type is used")
            else:
                yield Hit(use.outer, use.outer, span)
        elif use.role in {c.Role.COMMENT, c.Role.DEAD}:
            book.excuse(path, span, Reason.COMMENT, use.role.value)
        elif use.role is c.Role.STRING:
            book.excuse(path, span, Reason.STRING)
        elif use.role in _UNCLEAR or not well_parsed(use.node, function.body):
            book.refuse(
                path,
                span,
                _UNPARSED,
                f"{name} stands in text that did not parse, or in a macro",
                function=function.name,
            )
        else:
            book.excuse(path, span, Reason.UNCHANGED_USE, use.role.value)


def _named(book: Book, function: Function, scope: Node, name: str, wanted: str) -> Iterator[Hit]:
    """Yield the declaration of the local variable, or the statement of the label, called *name*.

    :param wanted: the type of the node. One that did not parse is refused.
    """
    parsed = function.parsed
    for start, end in mentions(parsed.data[: scope.end_byte], [name.encode()]):
        if start < scope.start_byte:
            continue
        use = c.use_at(parsed, start, end)
        broken = use.role is c.Role.BROKEN and enclosing(use.node, *_STATEMENTS, wanted)
        if broken and broken.type == wanted and not parsed.is_dead(start):
            _refuse_unread(book, function, (start, end), name)
        if use.role is not c.Role.DECLARES_OTHER or use.in_macro:
            continue
        node = next((at for at in ancestors(use.node) if not at.type.endswith("declarator")), None)
        label = use.node.type == "statement_identifier"
        if node is None or node.type in _OTHERS or label != (wanted == "labeled_statement"):
            continue  # a member, a parameter, an enumerator, a goto; or a label where a variable is wanted, or the reverse
        if node.type == wanted and clean(node):
            yield Hit(node, node, (start, end))
        elif not parsed.is_dead(start):
            _refuse_unread(book, function, (start, end), name)


def _refuse_unread(book: Book, function: Function, span: Span, name: str) -> None:
    book.refuse(function.path, span, _UNPARSED, f"this may be {name}, and it did not parse", function=function.name)


def _doubt_returns(book: Book, function: Function, scope: Node) -> None:
    """Refuse the macros used in *scope* that return: nothing can be put before a return that is not there."""
    parsed, text = function.parsed, function.parsed.text(scope)
    macros = using(book.tree, b"return", Inclusions(book.tree).of(function.path))
    for macro in sorted(name for name in macros if name in text):
        for start, end in mentions(text, [macro]):
            span = scope.start_byte + start, scope.start_byte + end
            if c.use_at(parsed, *span).role not in _QUIET and not parsed.is_dead(span[0]):
                message = f"{macro.decode('latin-1')} is a macro that returns"
                book.refuse(function.path, span, _UNPARSED, message, function=function.name)


def _governed(book: Book, function: Function, scope: Node, key: str, pattern: Pattern | None) -> Iterator[Hit]:
    types = {"if_": ("if_statement",), "else_": ("if_statement",), "loop": _LOOPS}.get(
        key, (f"{key.rstrip('_')}_statement",)
    )
    for node in descendants(scope, *types):
        if function.parsed.text(node.children[0]) not in _KEYWORDS:
            continue  # a macro that was read as a loop
        value = first_named(node) if key == "return_" else _condition(node)
        match = pattern.match(function.parsed, value) if pattern is not None and value is not None else None
        if pattern is not None and match is None:
            continue
        blocks = _blocks(node, key)
        span = node.start_byte, value.end_byte if value is not None else node.end_byte
        hidden = key == "else_" and not function.parsed.is_dead(node.start_byte)
        if hidden and _ELSE_IN_AN_ARM.match(function.parsed.data, node.end_byte):
            message = "an else of this if stands in an arm of an #if"
            book.refuse(function.path, span, _UNPARSED, message, function=function.name)
        if key == "else_" and not blocks:
            continue
        yield Hit(node, node, span, blocks, match.bindings if match is not None else {})


def _condition(node: Node) -> Node | None:
    condition = node.child_by_field_name("condition")
    if condition is None or condition.type != "parenthesized_expression":
        return condition
    return first_named(condition)


def _blocks(node: Node, key: str) -> tuple[Node, ...]:
    if key == "else_":
        clause = node.child_by_field_name("alternative")
        return tuple(statements_in(clause)[:1]) if clause is not None else ()
    block = node.child_by_field_name("consequence" if key == "if_" else "body")
    return (block,) if block is not None else ()
