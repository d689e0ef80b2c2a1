# SPDX-License-Identifier: GPL-3.0-or-later
"""Preprocessed text cut into its external declarations, without a parser.

A header says the same in each unit that includes it. Cut like this, it has to be parsed once for all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .lines import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Chunk", "Pragma", "chunks"]

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<pragma>^[ \t]*\#[ \t]*pragma\b[^\n]*)
    |(?P<line>^[ \t]*\#[^\n]*)
    |(?P<mark>[{}();])""",
    re.VERBOSE | re.MULTILINE,
)
_NO_CODE = re.compile(r"(?:\s|^[ \t]*#[^\n]*$)*", re.MULTILINE)
"""What stands before a declaration and is none of it."""
_OLD_STYLE = re.compile(
    r"\(\s*\w+(?:\s*,\s*\w+)*\s*\)\s*(?!_*(?:attribute|asm|extension)\b|_*attribute_*|_*asm_*)[A-Za-z_]"
)
_HELD = 64
"""How many declarations of parameters an old-style definition may have."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """An external declaration as the text has it.

    :param start: the offset of its first character.
    :param function: it is the definition of a function.
    """

    start: int
    text: str
    function: bool = False


@dataclass(frozen=True, slots=True)
class Pragma:
    """A ``#pragma`` line between external declarations."""

    start: int
    text: str


def chunks(text: str) -> Iterator[Chunk | Pragma]:
    """Yield the external declarations and the pragmas between them, in order; no character of code is left out."""
    held: list[Chunk] = []
    for piece in _Cutter(text).pieces():
        if isinstance(piece, Chunk):
            if piece.function and piece.text.startswith("{") and held:
                start = held[0].start
                piece = Chunk(start, text[start : piece.start + len(piece.text)], function=True)  # noqa: PLW2901
                held = []
            elif not piece.function and (_OLD_STYLE.search(piece.text) or 0 < len(held) < _HELD):
                if _OLD_STYLE.search(piece.text):
                    yield from held
                    held = []
                # It may be the head of an old-style definition, with the parameters declared
                # behind it (C99 6.9.1): the next brace tells.
                held.append(piece)
                continue
        yield from held
        held = []
        yield piece
    yield from held


class _Cutter:
    """One pass over what opens, closes and ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.begin = 0
        self.braces = 0
        self.parens = 0
        self.body = False

    def pieces(self) -> Iterator[Chunk | Pragma]:
        for match in _TOKEN.finditer(self.text):
            kind = match.lastgroup
            if kind == "mark":
                if self._ends(match[0], match.start()):
                    yield self._chunk(match.end())
            elif kind == "pragma" and self._first() >= match.end():
                yield Pragma(match.start(), match[0].strip())
                self.begin = match.end()
        end = len(self.text.rstrip())
        if self._first() < end:
            yield self._chunk(end)

    def _chunk(self, end: int) -> Chunk:
        start = self._first()
        chunk = Chunk(start, self.text[start:end], self.body)
        self.begin, self.body = end, False
        return chunk

    def _first(self) -> int:
        """Return where the code begins that no chunk has yet."""
        found = _NO_CODE.match(self.text, self.begin)
        return found.end() if found else self.begin

    def _ends(self, mark: str, at: int) -> bool:
        """Follow one of the marks; whether a declaration ends behind it."""
        if mark == "(":
            self.parens += 1
        elif mark == ")":
            self.parens = max(0, self.parens - 1)
        elif mark == "{":
            if not self.braces and not self.parens:
                before = _code_before(self.text, self.begin, at)
                self.body = not before or before.endswith(")")
            self.braces += 1
        elif mark == "}":
            self.braces = max(0, self.braces - 1)
            return not self.braces and self.body
        else:
            return not self.braces and not self.parens
        return False


def _code_before(text: str, begin: int, end: int) -> str:
    """Return the code in front of *end*, without attributes, markers and blanks at its end."""
    code = MARKER.sub("", text[begin:end]).rstrip()
    while code.endswith(")"):
        word = code[: _opening(code)].rstrip()
        if not word.endswith(("__attribute__", "__attribute")):
            break
        code = word.removesuffix("__").removesuffix("__attribute").rstrip()
    return code


def _opening(code: str) -> int:
    """Return where the parenthesis opens that closes at the end of *code*."""
    depth = 0
    for at in range(len(code) - 1, -1, -1):
        depth += (code[at] == ")") - (code[at] == "(")
        if not depth:
            return at
    return 0
