# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a type specifier, in the one order that a model goes by (C99 6.7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["builtin"]

_WORDS = frozenset({"signed", "unsigned", "short", "long", "int", "char", "double", "float", "_Complex", "__int128"})


def builtin(words: Sequence[str]) -> str:
    """Return the name of a basic type, "" where the words are none: a typedef's name, for one."""
    if len(words) == 1 and words[0] not in _WORDS:
        return ""
    if not set(words) <= _WORDS:
        return ""
    base = next((word for word in ("char", "__int128", "float", "double") if word in words), "int")
    longs = words.count("long")
    if base == "double":
        base = "long double" if longs else "double"
    elif base == "int":
        base = "short" if "short" in words else ("int", "long", "long long")[min(longs, 2)]
        if "_Complex" in words and set(words) == {"_Complex"}:
            base = "double"
    if "_Complex" in words:
        return f"{base} _Complex"
    if "unsigned" in words:
        return f"unsigned {base}"
    return f"signed {base}" if base == "char" and "signed" in words else base
