# SPDX-License-Identifier: GPL-3.0-or-later
"""The place of a call or an argument in the text as it was written, found again from a line and a word.

The preprocessor keeps lines and loses columns. What a macro makes has no place of its own in the text:
then the line is the place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.findings import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from .facts import Spot

__all__ = ["place_of"]

_TOKEN = re.compile(
    rb"""/\*.*?(?:\*/|\Z)|//(?:\\\n|[^\n])*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[A-Za-z_]\w*|[()\[\]{},]""",
    re.DOTALL,
)
_OPEN, _CLOSE = (b"(", b"[", b"{"), (b")", b"]", b"}")


def place_of(spot: Spot, read: Callable[[str], bytes | None]) -> Place:
    """Return the place of *spot*.

    :param read: gives the bytes of a file of the tree, None for any other.
    """
    data = read(spot.path)
    if data is None or spot.line < 1:
        return Place(spot.path, max(spot.line, 0))
    start = _line(data, spot.line)
    if start < 0:
        return Place(spot.path, spot.line)
    stop = data.find(b"\n", start)
    stop = len(data) if stop < 0 else stop
    word = spot.word.encode("utf-8", "replace")
    found = list(re.finditer(rb"\b" + re.escape(word) + rb"\b", data[start:stop])) if word else []
    calls = [one for one in found if re.match(rb"\s*\(", data[start + one.end() :])] if spot.argument >= 0 else found
    if not calls:
        return _whole(spot, data, start, stop)
    at = calls[min(spot.nth, len(calls) - 1)]
    span = (start + at.start(), start + at.end())
    if spot.argument >= 0:
        arguments = _arguments(data, span[1])
        if spot.argument < len(arguments):
            span = arguments[spot.argument]
    return Place.of(spot.path, data, *span)


def _whole(spot: Spot, data: bytes, start: int, stop: int) -> Place:
    place = Place.of(spot.path, data, start, stop)
    return Place(spot.path, spot.line, source=place.source)


def _line(data: bytes, number: int) -> int:
    at = 0
    for _ in range(number - 1):
        at = data.find(b"\n", at) + 1
        if not at:
            return -1
    return at


def _arguments(data: bytes, at: int) -> list[tuple[int, int]]:
    """Return the spans of the arguments of the call whose parenthesis comes next; comments are none."""
    found: list[tuple[int, int]] = []
    depth, begin = 0, -1
    for token in _TOKEN.finditer(data, at):
        text = token.group()
        if text.startswith((b"/*", b"//")):
            continue
        if text in _OPEN:
            depth += 1
            if depth == 1:
                begin = token.end()
        elif text in _CLOSE:
            depth -= 1
        if depth == 0 or (depth == 1 and text == b","):
            found.append(_trimmed(data, begin, token.start()))
            begin = token.end()
        if depth == 0:
            break
    return found


def _trimmed(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return the span without the blanks and comments at its two ends."""
    while leading := re.compile(rb"\s+|/\*.*?\*/|//[^\n]*\n", re.DOTALL).match(data, start, end):
        start = leading.end()
    text = re.sub(rb"/\*.*?\*/|//[^\n]*", lambda found: b" " * len(found.group()), data[start:end], flags=re.DOTALL)
    return start, start + len(text.rstrip())
