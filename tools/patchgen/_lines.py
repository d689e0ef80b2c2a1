# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of bytes, as diff and patch count them: only a line feed ends one."""

from __future__ import annotations

__all__ = ["back", "forth", "split_lines"]


def split_lines(data: bytes) -> list[bytes]:
    """Return the lines of *data*, each with its line feed; a last one without it has none."""
    if b"\r" not in data:
        return data.splitlines(keepends=True)  # which ends a line at a carriage return, too
    pieces = data.split(b"\n")
    last = pieces.pop()
    lines = [piece + b"\n" for piece in pieces]
    return [*lines, last] if last else lines


def back(data: bytes, offset: int, lines: int) -> int:
    """Return the start of the line that *offset* is in, or of one so many *lines* above it."""
    offset = data.rfind(b"\n", 0, offset) + 1
    for _ in range(lines):
        if not offset:
            break
        offset = data.rfind(b"\n", 0, offset - 1) + 1
    return offset


def forth(data: bytes, offset: int, lines: int) -> int:
    """Return the offset behind so many line feeds at or after *offset*, or the end."""
    for _ in range(lines):
        found = data.find(b"\n", offset)
        if found < 0:
            return len(data)
        offset = found + 1
    return offset
