# SPDX-License-Identifier: GPL-3.0-or-later
"""How a string is extended: where the new text goes, whether it is there, and what the string then says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax.c.patterns import Pattern
from patchgen.syntax.c.statements import style_at
from patchgen.syntax.c.strings import String, value_of
from patchgen.tree import Replacement, line_end, line_start

from .spots import Unfit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

__all__ = ["Stretch", "options"]

_TRIGRAPH = re.compile(rb"\?\?[=/'()!<>-]")
_Value = tuple[bytes | None, ...]


@dataclass(frozen=True)
class Stretch:
    """One string that gets more text: at its ``start`` or ``end``, or beside a text that it holds."""

    string: String
    text: str
    at: str = ""
    after: str = ""
    before: str = ""

    def present(self) -> bool:
        """Whether the string has the text at its place.

        :raises Unfit: it has the text at another place.
        """
        value, new = self.string.value, value_of(self.text)
        if self.at:
            there = (value[: len(new)] if self.at == "start" else value[-len(new) :]) == new
        else:
            there = bool(self.string.find(value_of(self.after) + new + value_of(self.before)))
        if not there and self.string.find(new):
            msg = "the string has the new text already, at another place"
            raise Unfit(msg)
        return there

    @property
    def extended(self) -> _Value:
        """What the string says with the new text.

        :raises Unfit: the place is not in it, or is there twice.
        """
        value, index = self.string.value, self._index()
        return value[:index] + value_of(self.text) + value[index:]

    def insertion(self, *, line: bool) -> Replacement:
        """Return the replacement that puts the text in; with *line*, as a literal on a line of its own.

        :raises Unfit: there is no such place, or the text would become something else there.
        """
        index = self._index()
        if b"\0" in self.string.value[:index]:
            msg = "a NUL stands before the place, which ends the string for most that read it"
            raise Unfit(msg)
        behind = bool(self.after) or self.at == "end"
        piece = self._piece(index - 1 if behind else index)
        replacement = self._as_line(index, piece, behind=behind) if line else self._inside(index, piece, behind=behind)
        node, data = self.string.node, self.string.parsed.data
        source = data[node.start_byte : replacement.start] + replacement.new + data[replacement.end : node.end_byte]
        trigraph = _TRIGRAPH.search(source) and not _TRIGRAPH.search(self.string.parsed.text(node))
        if trigraph or (replacement.start <= node.end_byte and _value(source) != self.extended):
            msg = "together with what stands beside it, the new text would mean something else"
            raise Unfit(msg, "spell escapes at the ends of the text otherwise")
        return replacement

    def _index(self) -> int:
        if self.at:
            return 0 if self.at == "start" else len(self.string.value)
        wanted = value_of(self.after or self.before)
        found = self.string.find(wanted)
        if len(found) != 1:
            msg = f"{self.after or self.before!r} stands in the string {len(found)} times, and not once"
            raise Unfit(msg)
        return found[0] + len(wanted) if self.after else found[0]

    def _piece(self, index: int) -> Node:
        """Return the literal that holds the character *index*."""
        pieces = self.string.pieces
        piece = pieces[0] if index <= 0 else pieces[-1]
        if 0 <= index < len(self.string.characters):
            offset = self.string.characters[index].start
            piece = next(piece for piece in pieces if piece.start_byte <= offset < piece.end_byte)
        if not self.string.is_literal(piece):
            msg = "at the place stands a macro, or a literal with a prefix"
            raise Unfit(msg)
        return piece

    def _inside(self, index: int, piece: Node, *, behind: bool) -> Replacement:
        characters = self.string.characters
        if not characters:
            at = self.string.inside(piece)[0]
        else:
            at = characters[index - 1].end if behind else characters[index].start
        return Replacement(at, at, self.text.encode())

    def _as_line(self, index: int, piece: Node, *, behind: bool) -> Replacement:
        data, characters = self.string.parsed.data, self.string.characters
        beyond = index if behind else index - 1
        if 0 <= beyond < len(characters) and piece.start_byte <= characters[beyond].start < piece.end_byte:
            msg = "the place is in the midst of a literal, so that the new text cannot be one of its own"
            raise Unfit(msg, "leave `line` out")
        newline = style_at(self.string.parsed, self.string.node).newline
        literal = b'"' + self.text.encode() + b'"'
        start, indent = line_start(data, piece.start_byte), self._indent()
        if not behind:
            if not data[start : piece.start_byte].strip():
                return Replacement(start, start, indent + literal + newline)
            return Replacement(piece.start_byte, piece.start_byte, literal + newline + indent)
        end = line_end(data, piece.end_byte)
        rest = data[piece.end_byte : end]
        if rest.strip() and not re.sub(rb"/\*.*?\*/|//[^\n]*", b"", rest).strip():
            return Replacement(end, end, indent + literal + newline)
        return Replacement(piece.end_byte, piece.end_byte, newline + indent + literal)

    def _indent(self) -> bytes:
        """Return what the lines of the string's literals begin with; below the first where it has but one line."""
        data = self.string.parsed.data
        for piece in reversed(self.string.pieces):
            start = line_start(data, piece.start_byte)
            if not data[start : piece.start_byte].strip():
                return data[start : piece.start_byte]
        first = self.string.pieces[0].start_byte
        return re.sub(rb"[^\t]", b" ", data[line_start(data, first) : first])


def options(value: Sequence[bytes | None]) -> dict[bytes, int]:
    """Return the letters of an option string, each with the number of colons behind it (getopt(3))."""
    found: dict[bytes, int] = {}
    letter = None
    for character in value:
        if character == b":" and letter is not None:
            found[letter] += 1
        elif character is not None and character.isalnum():
            letter = character
            found[letter] = 0
    return found


def _value(source: bytes) -> _Value | None:
    try:
        pattern = Pattern.expression(source.decode("utf-8", "surrogateescape"))
    except ValueError:
        return None
    return String(pattern.parsed, pattern.roots[0]).value
