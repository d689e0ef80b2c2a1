# SPDX-License-Identifier: GPL-3.0-or-later
"""Comments within ``#define``: the grammar ends the body of a macro where one begins.

What is behind the comment would be lost, and with it each call there. So these comments are masked
before parsing, and remembered; the same is done to what only looks like one, within a string.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.syntax.parsed import Span

__all__ = ["comments_in_defines", "mask_defines"]

_DEFINE = re.compile(rb"^[ \t]*#[ \t]*define\b", re.MULTILINE)
_PERHAPS = re.compile(rb"^[ \t]*#[ \t]*define\b(?:[^\n\\]|\\(?:\r?\n)?)*?/\*", re.MULTILINE)
_TOKEN = re.compile(
    rb"""(?P<block>/\*.*?(?:\*/|\Z)) | (?P<line>//(?:[^\n\\]|\\.)*) | (?P<string>"(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*')
    | (?P<define>^[ \t]*\#[ \t]*define\b) | (?P<joined>\\\r?\n) | (?P<end>\n)""",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)


def comments_in_defines(data: bytes) -> tuple[Span, ...]:
    """Return the spans of the block comments that stand in a ``#define``, in order."""
    return tuple(span for kind, span in _found(data) if kind == "block")


def mask_defines(data: bytes) -> bytes:
    """Return the text with the comments in its ``#define`` lines blanked; no byte moves, lines may."""
    found = _found(data)
    if not found:
        return data
    masked = bytearray(data)
    for kind, (start, end) in found:
        # The line ends of a comment go too: it carries the directive on (C17 5.1.1.2p1).
        masked[start:end] = b" " * (end - start) if kind == "block" else data[start:end].replace(b"/*", b"_*")
    return bytes(masked)


@lru_cache(maxsize=8)
def _found(data: bytes) -> tuple[tuple[str, Span], ...]:
    return tuple(_walk(data)) if _PERHAPS.search(data) else ()


def _walk(data: bytes) -> Iterator[tuple[str, Span]]:
    within = False
    for token in _TOKEN.finditer(data):
        kind = token.lastgroup or ""
        if kind == "define":
            within = True
        elif kind == "end":
            within = False
        elif within and (kind == "block" or (kind == "string" and b"/*" in token[0])):
            yield kind, token.span()
