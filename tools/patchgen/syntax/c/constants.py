# SPDX-License-Identifier: GPL-3.0-or-later
"""Integer constants as they are written: numbers and characters (C17 6.4.4), so that ``97`` and ``'a'`` are one."""

from __future__ import annotations

import re

from .strings import value_of

__all__ = ["constant"]

_NUMBER = re.compile(rb"(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)[uUlL]*")
_CHARACTER = re.compile(rb"'((?:\\.[^'\\]*|[^'\\]))'")


def constant(text: bytes) -> int | None:
    """Return the value of an integer or character constant, with a sign or in parentheses; None for all else.

    A character of one byte; a value that a plain ``char`` cannot have without its sign is None.
    """
    bare = text.strip()
    while bare[:1] == b"(" and bare[-1:] == b")":
        bare = bare[1:-1].strip()
    if bare[:1] in {b"-", b"+"}:
        value = constant(bare[1:])
        return value if value is None or bare[:1] == b"+" else -value
    number = _NUMBER.fullmatch(bare)
    if number is not None:
        digits = number[1].decode("ascii")
        return int(digits, 8 if re.fullmatch("0[0-7]+", digits) else 0)
    character = _CHARACTER.fullmatch(bare)
    if character is None:
        return None
    inner = character[1].decode("latin-1")
    said = value_of('\\"' if inner == '"' else inner)
    one = said[0] if len(said) == 1 else None
    return one[0] if one is not None and len(one) == 1 and one[0] < _SIGN else None


_SIGN = 0x80
