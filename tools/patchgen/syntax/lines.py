# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of any language: how they end, what they begin with, and how new ones are written beside them."""

from __future__ import annotations

from patchgen.tree import line_end, line_start

__all__ = ["indent_at", "is_text", "lead_at", "levels", "newline_at", "rest_of_line"]

_SNIFFED = 8192


def is_text(data: bytes) -> bool:
    """Whether *data* looks like text: nothing binary in what it begins with."""
    return b"\0" not in data[:_SNIFFED]


def newline_at(data: bytes, offset: int) -> bytes:
    """Return the end of the line that *offset* is in; of a line without one, that of the first line."""
    stop = line_end(data, offset)
    if not data[:stop].endswith(b"\n"):
        stop = line_end(data, 0)
    return b"\r\n" if data[:stop].endswith(b"\r\n") else b"\n"


def lead_at(data: bytes, offset: int) -> bytes:
    """Return the blanks that the line of *offset* begins with, up to *offset*."""
    head = data[line_start(data, offset) : offset]
    return head[: len(head) - len(head.lstrip(b" \t"))]


def indent_at(data: bytes, offset: int) -> bytes | None:
    """Return what stands before *offset* on its line, or None where that is more than blanks."""
    head = data[line_start(data, offset) : offset]
    return None if head.strip(b" \t\xef\xbb\xbf") else head.lstrip(b"\xef\xbb\xbf")


def rest_of_line(data: bytes, offset: int) -> bytes:
    """Return what follows *offset* on its line, without the end of the line and blanks around."""
    return data[offset : line_end(data, offset)].strip()


def levels(text: str, indent: bytes, unit: bytes, newline: bytes) -> bytes:
    """Return the lines of *text*, each behind *indent* and ended by *newline*.

    Tabs that begin a line count levels and become *unit*; empty lines stay empty.
    """
    lines: list[bytes] = []
    for line in text.strip("\n").split("\n"):
        body = line.lstrip("\t")
        lines.append(indent + unit * (len(line) - len(body)) + body.encode() if body.strip() else b"")
    return b"".join(line + newline for line in lines)
