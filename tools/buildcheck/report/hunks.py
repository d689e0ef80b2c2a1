# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change does to files, as a page shows it: hunks of lines, and in the lines what became of what."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from patchgen import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchgen.tree import Tree

__all__ = ["FileHunks", "Hunk", "Line", "Part", "Side", "between"]

_HEAD = re.compile(rb"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_WORD = re.compile(r"\w+|\s+|.")
_WORDS = 600
"""Words of a line up to which two lines are compared word by word; it takes the square of their number."""


class Side(enum.Enum):
    """Which of the two files has a line."""

    BOTH = " "
    BEFORE = "-"
    AFTER = "+"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line; *changed* where the line beside it has something else."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a hunk, with its number before and after; 0 on the side that has it not."""

    side: Side
    before: int
    after: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that change, with what is around them."""

    lines: tuple[Line, ...]

    @property
    def start(self) -> int:
        """The number of the first line after the change; where nothing is left, before it."""
        return next((line.after for line in self.lines if line.after), self.lines[0].before)


@dataclass(frozen=True, slots=True)
class FileHunks:
    """The hunks of one file."""

    path: str
    hunks: tuple[Hunk, ...]


def between(before: Tree, after: Tree) -> tuple[FileHunks, ...]:
    """Return what changed from one tree to the other, by path.

    :raises patchgen.render.Unrenderable: a change is none that a diff can show.
    """
    found = []
    for path in after.touched(before):
        old = before.read(path) if path in before else None
        new = after.read(path) if path in after else None
        if old != new:
            found.append(FileHunks(path, tuple(_hunks(render.file_diff(path, old, new)))))
    return tuple(found)


def _hunks(diff: bytes) -> Iterator[Hunk]:
    """Yield the hunks of a diff of one file as :func:`patchgen.render.file_diff` writes it."""
    lines = diff.split(b"\n")[2:-1]
    heads = [at for at, line in enumerate(lines) if line.startswith(b"@@ ")]
    for at, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        head = _HEAD.match(lines[at])
        if head is not None:
            yield Hunk(tuple(_numbered(lines[at + 1 : end], int(head[1]), int(head[2]))))


def _numbered(lines: Sequence[bytes], before: int, after: int) -> Iterator[Line]:
    for side, text in _compared([(Side(chr(line[0])), _text(line[1:])) for line in lines if line[:1] in b" +-"]):
        old, new = side is not Side.AFTER, side is not Side.BEFORE
        yield Line(side, before if old else 0, after if new else 0, text)
        before += old
        after += new


def _compared(lines: Sequence[tuple[Side, str]]) -> Iterator[tuple[Side, tuple[Part, ...]]]:
    """Yield the lines; where as many go as come, each beside the one in its place."""
    at = 0
    while at < len(lines):
        gone = _run(lines, at, Side.BEFORE)
        come = _run(lines, at + len(gone), Side.AFTER)
        if not gone and not come:
            yield Side.BOTH, (Part(lines[at][1]),)
            at += 1
            continue
        pairs = [_words(*pair) for pair in zip(gone, come, strict=True)] if len(gone) == len(come) else []
        alone = [((Part(text),), (Part(text),)) for text in (*gone, *come)]
        yield from ((Side.BEFORE, pair[0]) for pair in pairs or alone[: len(gone)])
        yield from ((Side.AFTER, pair[1]) for pair in pairs or alone[len(gone) :])
        at += len(gone) + len(come)


def _run(lines: Sequence[tuple[Side, str]], at: int, wanted: Side) -> list[str]:
    found = []
    while at < len(lines) and lines[at][0] is wanted:
        found.append(lines[at][1])
        at += 1
    return found


def _words(old: str, new: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Return the parts of two lines, the one in the place of the other."""
    olds, news = _WORD.findall(old), _WORD.findall(new)
    if max(len(olds), len(news)) > _WORDS:
        return (Part(old),), (Part(new),)
    codes = SequenceMatcher(None, olds, news, autojunk=False).get_opcodes()
    before = [Part("".join(olds[start:end]), tag != "equal") for tag, start, end, _, _ in codes if end > start]
    after = [Part("".join(news[start:end]), tag != "equal") for tag, _, _, start, end in codes if end > start]
    return tuple(before), tuple(after)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
