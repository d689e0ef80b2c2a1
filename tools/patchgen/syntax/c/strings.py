# SPDX-License-Identifier: GPL-3.0-or-later
"""String literals, concatenated ones too: what they say, and where each character of it stands (C17 6.4.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .patterns import Pattern, leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.parsed import Span

    from .parse import C

__all__ = ["STRINGS", "Character", "String", "value_of"]

STRINGS = ("string_literal", "concatenated_string")
"""The types of the nodes that are strings."""

_ESCAPE = re.compile(rb"\\(?:x[0-9A-Fa-f]+|[0-7]{1,3}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r?\n|.)|[^\\]", re.DOTALL)
_SIMPLE = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))


@dataclass(frozen=True, slots=True)
class Character:
    """One character of a string: its value, None for what a macro stands for, and its bytes in the text."""

    value: bytes | None
    start: int
    end: int


@dataclass(frozen=True)
class String:
    """One string: a literal, or several in a row that the compiler joins."""

    parsed: C
    node: Node

    @cached_property
    def pieces(self) -> tuple[Node, ...]:
        """The literals and the macros between them, in order."""
        return tuple(leaves(self.node))

    @cached_property
    def characters(self) -> tuple[Character, ...]:
        """The characters of all literals, in order; a macro is one without a value."""
        return tuple(character for piece in self.pieces for character in self._characters(piece))

    @property
    def value(self) -> tuple[bytes | None, ...]:
        """What the string says, character by character."""
        return tuple(character.value for character in self.characters)

    def inside(self, piece: Node) -> Span:
        """Return the span between the quotes of a literal."""
        text = self.parsed.text(piece)
        return piece.start_byte + text.index(b'"') + 1, piece.end_byte - 1

    def is_literal(self, piece: Node) -> bool:
        """Whether *piece* is a literal without a prefix, and no macro."""
        return piece.type == "string_literal" and self.parsed.text(piece).startswith(b'"')

    def find(self, wanted: tuple[bytes | None, ...]) -> list[int]:
        """Return the places in :attr:`value` where *wanted* stands."""
        value, size = self.value, len(wanted)
        return [at for at in range(len(value) - size + 1) if value[at : at + size] == wanted]

    def _characters(self, piece: Node) -> Iterator[Character]:
        if piece.type != "string_literal":
            yield Character(None, piece.start_byte, piece.end_byte)
            return
        start, end = self.inside(piece)
        for match in _ESCAPE.finditer(self.parsed.data, start, end):
            value = _decoded(match[0])
            if value != b"":
                yield Character(value, *match.span())


def value_of(text: str) -> tuple[bytes | None, ...]:
    """Return what the inside of a string literal says.

    :raises ValueError: *text* is not the inside of one.
    """
    msg = f"{text!r} is not the inside of a string literal in C"
    try:
        pattern = Pattern.expression(f'"{text}"')
    except ValueError as error:
        raise ValueError(msg) from error
    root = pattern.roots[0]
    if root.type != "string_literal" or "\n" in text:
        raise ValueError(msg)
    return String(pattern.parsed, root).value


def _decoded(source: bytes) -> bytes:
    """Return the value of a character or an escape; empty for a line that is continued."""
    if len(source) == 1:
        return source
    body = source[1:]
    if body.strip() == b"":
        return b""
    if body[:1] == b"x":
        return b"%c" % (int(body[1:], 16) & 0xFF)
    if body[:1].isdigit():
        return b"%c" % (int(body, 8) & 0xFF) if re.fullmatch(rb"[0-7]+", body) else body
    if body[:1] in {b"u", b"U"} and len(body) > 1:
        return source
    return b"%c" % _SIMPLE[body[0]] if body[0] in _SIMPLE else body
