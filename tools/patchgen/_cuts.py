# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that a backslash at the end of a line cuts in two, which C puts together again (C17 5.1.1.2p1, phase 2).

gcc takes a backslash with blanks behind it for one too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cut_words", "has_cut_words"]

_JOINT = rb"\\[ \t\f\v]*\r?\n"
_LETTER = rb"[\w$\x80-\xff]"
_SEEN = re.compile(rb"\\[ \t\f\v]*\r?\n(?=[\\\w$\x80-\xff])")
_JOINTS = re.compile(_JOINT)
_CUT = re.compile(rb"%b+(?:(?:%b)+%b+)+" % (_LETTER, _JOINT, _LETTER))
_IS_LETTER = re.compile(_LETTER)


def has_cut_words(data: bytes) -> bool:
    """Whether a word of the text may be cut: a quick look, as it is taken at every file."""
    return any(_IS_LETTER.match(data, found.start() - 1) for found in _SEEN.finditer(data) if found.start())


def cut_words(data: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield the span of each word that is cut, and the word as the compiler reads it."""
    for found in _CUT.finditer(data):
        yield found.span(), _JOINTS.sub(b"", found[0])
