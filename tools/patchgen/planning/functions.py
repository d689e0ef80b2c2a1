# SPDX-License-Identifier: GPL-3.0-or-later
"""The function that an edit works in: its definition, found without parsing every file that calls it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import c
from patchgen.syntax.parsed import enclosing
from patchgen.tree import mentions

from .bind import Place
from .edit import many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.parsed import Span

    from .edit import Edit, OneOrMany
    from .ledger import Book

__all__ = ["EVERY", "Function", "functions_named", "functions_with", "the_functions"]

EVERY = "*"
"""In the place of a function's name: every function of the files that the edit covers."""

_TWICE = Slug.define(
    "function-defined-twice",
    """The function that the edit works in is defined more than once in what the edit covers. Limit the
    edit with `files`; for the arms of an #if in one file, say with `sites` how many places there are.""",
)
_UNPARSED = Slug.define(
    "unparsed-function",
    """What looks like the definition of the function that the edit works in did not parse. What did not
    parse is never edited.""",
)

_SKIPPED = re.compile(rb"(?:\s|\\\r?\n|/\*.*?\*/|//[^\n]*)*", re.DOTALL)
_STEP = re.compile(rb'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|[()]|[^()/"\']+|.', re.DOTALL)
# What follows a call or a prototype that needs no second look; most do.
_PLAIN_CALL = re.compile(rb"\s*\((?:[^()\"'/#]|\((?:[^()\"'/#]|\([^()\"'/#]*\))*\))*\)\s*[;,)\]}?:.=+*&|<>!%^-]")
_NOT_BEHIND_A_HEAD = frozenset(bytes([byte]) for byte in b";,)]}?:.=+*&|<>!%^-")
_DOUBTFUL = frozenset({c.Role.BROKEN, c.Role.TYPE, c.Role.VALUE, c.Role.CALL})


@dataclass(frozen=True, slots=True)
class Function:
    """One definition of a function.

    :param span: the bytes of its name; :param body: the block in braces.
    """

    path: str
    parsed: c.C
    declaration: c.Declaration
    body: Node
    span: Span

    @property
    def name(self) -> str:
        """The function's name."""
        return self.declaration.name

    @property
    def extent(self) -> Span:
        """The bytes of the whole definition."""
        return self.declaration.node.start_byte, self.declaration.node.end_byte

    @property
    def place(self) -> Place:
        """The function as a place to bind metavariables in."""
        return Place(self.path, self.span, self.parsed, self.declaration.node, self.name)


def the_functions(edit: Edit, book: Book, names: OneOrMany, *, several: bool = False) -> list[Function]:
    """Return the definition of the first of *names* that the tree defines; nothing after a refusal.

    :param several: whether one file may define it more than once, in the arms of an ``#if``.
    """
    for name in many(names):
        found = list(functions_named(edit, book, name))
        if book.refused:
            return []
        if len(found) > 1 and not (several and len({function.path for function in found}) == 1):
            for function in found:
                book.refuse(function.path, function.span, _TWICE, f"{name} is defined {len(found)} times")
            return []
        if found:
            return found
    book.missing(f"a definition of {' or '.join(many(names))}")
    return []


def functions_with(edit: Edit, book: Book, *words: bytes) -> list[Function]:
    """Return the functions, in the C files that the edit covers, in which one of *words* stands."""
    found: dict[str, None] = {}
    for path in filter(c.is_c, edit.mentioning(book.tree, *(word.decode("latin-1") for word in words))):
        parsed = c.parse(book.tree.read(path))
        for span in mentions(parsed.data, words):
            name = c.enclosing_function(parsed, parsed.node_at(*span))
            if name:
                found.setdefault(name)
    return [function for name in found for function in the_functions(edit, book, name)]


def functions_named(edit: Edit, book: Book, name: str) -> Iterator[Function]:
    """Yield the definitions of *name* in the C files that the edit covers; refuse those that did not parse."""
    for path in filter(c.is_c, edit.mentioning(book.tree, name)):
        data = book.tree.read(path)
        for span in mentions(data, [name.encode()]):
            if not _may_define(data, span[1]):
                continue
            use = c.use_at(c.parse(data), *span)
            if (
                use.role in _DOUBTFUL
                and enclosing(use.node, "compound_statement") is None
                and _opens_body(data, span[1])
            ):
                book.refuse(
                    path, span, _UNPARSED, f"this may be a definition of {name}, and it did not parse", function=name
                )
            elif use.role is c.Role.DECLARES_FUNCTION and not use.member and not use.in_macro:
                declaration = c.declaration_at(use)
                body = declaration.node.child_by_field_name("body")
                if declaration.kind is c.Kind.DEFINITION and body is not None and body.type == "compound_statement":
                    yield Function(path, use.parsed, declaration, body, span)


def _may_define(data: bytes, offset: int) -> bool:
    """Whether what follows the name that ends at *offset* is not that of a call or a prototype for certain."""
    if _PLAIN_CALL.match(data, offset):
        return False
    at = _behind_blanks(data, offset)
    if data[at : at + 1] == b")":
        return True
    if data[at : at + 1] != b"(":
        return False
    depth = 0
    for step in _STEP.finditer(data, at):
        depth += {b"(": 1, b")": -1}.get(step[0], 0)
        if not depth:
            behind = _behind_blanks(data, step.end())
            return data[behind : behind + 1] not in _NOT_BEHIND_A_HEAD
    return False


def _opens_body(data: bytes, offset: int) -> bool:
    """Whether a block follows the parameter list behind the name that ends at *offset*, with words between at most."""
    for step in _STEP.finditer(data, offset):
        found = None if step[0][:1] in {b"/", b'"', b"'"} else re.search(rb"[{;=}]", step[0])
        if found is not None:
            return found[0] == b"{"
    return False


def _behind_blanks(data: bytes, offset: int) -> int:
    match = _SKIPPED.match(data, offset)
    return match.end() if match else offset
