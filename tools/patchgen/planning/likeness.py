# SPDX-License-Identifier: GPL-3.0-or-later
"""Likeness: a word, the word that stands for it in a copy, and the renaming between them.

A word is renamed where it is a whole identifier and where it is a part of one between underscores
(``box_set_colour``), also inside string literals. Whatever holds the old word in another way, such
as ``mycolour``, cannot be renamed with certainty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.syntax.parsed import Span

__all__ = ["Likeness"]

_LETTER = rb"[0-9A-Za-z$\x80-\xff]"


@dataclass(frozen=True)
class Likeness:
    """The word *like*, and the word *new* that a copy has in its place."""

    like: str
    new: str

    def check(self) -> None:
        """Check that copies cannot be taken for what they are copies of.

        :raises ValueError: a word is no identifier, or one is a part of the other.
        """
        for word in (self.like, self.new):
            if not re.fullmatch(r"[A-Za-z_]\w*", word, re.ASCII):
                msg = f"{word!r} is not an identifier of C"
                raise ValueError(msg)
        if self.names(self.new.encode()) or Likeness(self.new, self.new).names(self.like.encode()):
            msg = f"one of {self.like!r} and {self.new!r} is a part of the other"
            raise ValueError(msg)

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        return re.compile(rb"(?<!" + _LETTER + rb")" + re.escape(self.like.encode()) + rb"(?!" + _LETTER + rb")")

    def spans(self, data: bytes, start: int, end: int) -> Iterator[Span]:
        """Yield the span of each place in ``[start, end)`` where the old word would be renamed."""
        for match in self._pattern.finditer(data, start, end):
            yield match.span()

    def names(self, text: bytes) -> bool:
        """Whether *text*, an identifier or more, has the old word where it would be renamed."""
        return self._pattern.search(text) is not None

    def renamed(self, text: bytes) -> bytes:
        """Return *text* with the old word renamed."""
        return self._pattern.sub(self.new.encode(), text)

    def left(self, text: bytes, *, any_case: bool = False) -> str:
        """Return the first word of *text* that would keep the old word in it, "" for none."""
        rest = self._pattern.sub(b"\0", text)
        held = re.escape(self.like.encode())
        match = re.search(rb"[\w$\x80-\xff]*" + held + rb"[\w$\x80-\xff]*", rest, re.IGNORECASE if any_case else 0)
        return match[0].decode("utf-8", "replace") if match else ""
