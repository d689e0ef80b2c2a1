# SPDX-License-Identifier: GPL-3.0-or-later
"""``#pragma pack`` followed through a preprocessed text (the manual of gcc, "Structure-Layout Pragmas")."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Packing"]

_PACK = re.compile(r"^[ \t]*#[ \t]*pragma[ \t]+pack\b([^\n]*)", re.MULTILINE)
_POWERS = frozenset({1, 2, 4, 8, 16})


@dataclass(frozen=True, slots=True)
class Packing:
    """How many bytes a member is aligned to at most, from one place to the next; 0 is: no bound."""

    _starts: Sequence[int]
    _bounds: Sequence[int]

    @classmethod
    def of(cls, text: str) -> Packing:
        """Follow the pragmas of *text*."""
        starts, bounds = [], [0]
        for start, bound in _changes(text):
            starts.append(start)
            bounds.append(bound)
        return cls(starts, bounds)

    def at(self, offset: int) -> int:
        """Return the bound at an offset of the text."""
        return self._bounds[bisect_right(self._starts, offset)]


def _changes(text: str) -> Iterator[tuple[int, int]]:
    stack: list[tuple[str, int]] = []
    bound = 0
    for match in _PACK.finditer(text):
        inner = match[1].strip()
        if not (inner.startswith("(") and ")" in inner):
            continue  # the compiler warns and ignores it
        words = [word.strip() for word in inner[1 : inner.index(")")].split(",")]
        number = int(words[-1], 0) if words[-1].isdigit() else None
        if number is not None and number not in _POWERS | {0}:
            continue
        if words[0] == "push":
            name = next((word for word in words[1:] if not word.isdigit()), "")
            stack.append((name, bound))
            bound = bound if number is None else number
        elif words[0] == "pop":
            bound = _popped(stack, words[1:], bound)
        elif words == [""]:
            bound = 0
        elif number is not None:
            bound = number
        yield match.start(), bound


def _popped(stack: list[tuple[str, int]], words: Sequence[str], bound: int) -> int:
    """Return what the bound is after a ``pop``, of a name where one is given."""
    name = next((word for word in words if word and not word.isdigit()), "")
    names = [one for one, _ in stack]
    if not stack or (name and name not in names):
        return bound
    at = len(names) - 1 - names[::-1].index(name) if name else len(stack) - 1
    before = stack[at][1]
    del stack[at:]
    return before
