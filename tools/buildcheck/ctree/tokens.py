# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens of preprocessed C, as far as brackets and words go."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Token", "identifiers", "tokens"]

_TOKEN = re.compile(
    r"""(?P<directive>^[ \t]*\#[^\n]*)
    |(?P<string>(?:\b(?:L|u8?|U))?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<number>\.?[0-9](?:[eEpP][+-]|[\w.])*)
    |(?P<word>[A-Za-z_$][\w$]*)
    |(?P<mark>\.\.\.|&&|\|\||->|[^\s\w])""",
    re.VERBOSE | re.MULTILINE,
)
_WORDS = re.compile(r"[A-Za-z_$][\w$]*")


class Token(NamedTuple):
    """A token: its half-open span, its text, and which sort it is."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Return the tokens of *text*; a directive is one of them, whole."""
    return [Token(match.lastgroup or "", match[0], *match.span()) for match in _TOKEN.finditer(text)]


def identifiers(text: str) -> set[str]:
    """Return every word of *text* that may be a name, those in strings among them."""
    return set(_WORDS.findall(text))
