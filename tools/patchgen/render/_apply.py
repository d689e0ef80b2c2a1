# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying a diff in memory, as GNU patch does with fuzz 0, but never where it could go in two places.

Rule source: GNU patch 2.7, ``locate_hunk()`` in ``patch.c``.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from patchgen._lines import split_lines
from patchgen.findings import Slug

from ._diff import DiffError, FileDiff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ._diff import Hunk

__all__ = ["apply", "reverse"]

_FAILS = Slug.define(
    "patch-does-not-apply",
    """A hunk of a patch does not apply: the lines that it wants to change are not there, or not in the
    order of the hunks, or the file is absent (or present, where the patch makes it). The patch was
    made for another text. Refresh it with quilt on this tree.""",
)
_AMBIGUOUS = Slug.define(
    "patch-ambiguous",
    """The lines that a hunk wants to change are not where it says, and stand in several other places.
    GNU patch would take the nearest and say nothing. Refresh the patch with quilt on this tree, so that
    its line numbers are right, or give it more context.""",
)


def apply(diffs: Iterable[FileDiff], read: Callable[[str], bytes | None]) -> dict[str, bytes | None]:
    """Return the bytes of each file that *diffs* touch, as they leave it; None for a file that is removed.

    A hunk goes where its header says, moved by as much as the one before it; else to the one place
    where its old lines stand.

    :param read: gives the bytes of a file of the tree, or None where there is none.
    :raises DiffError: a hunk does not apply, or could go in more than one place; its place is the hunk's.
    """
    done: dict[str, bytes | None] = {}
    for diff in diffs:
        before = done[diff.path] if diff.path in done else read(diff.path)
        done[diff.path] = _applied(diff, before)
    return done


def reverse(diffs: Iterable[FileDiff]) -> list[FileDiff]:
    """Return the diffs that take *diffs* off again.

    An empty file that a diff fills is removed, not emptied: in a patch the two are the same.
    """
    return [diff.reversed() for diff in reversed(list(diffs))]


def _applied(diff: FileDiff, before: bytes | None) -> bytes | None:
    if diff.creates and before:
        raise DiffError(_FAILS, f"the patch makes {diff.path}, which is there already", diff.place)
    if before is None and any(hunk.old for hunk in diff.hunks):
        raise DiffError(_FAILS, f"the patch changes {diff.path}, which is not there", diff.place)
    target = _Target.of(before or b"")
    pieces: list[bytes] = []
    at = shift = 0
    for number, hunk in enumerate(diff.hunks, start=1):
        what = f"hunk {number} of {len(diff.hunks)} for {diff.path}"
        line = target.locate(hunk, shift, at, what)
        shift = line - _first(hunk)
        pieces += target.bytes(at, line), b"".join(hunk.new)
        at = line + len(hunk.old)
    pieces.append(target.bytes(at, len(target.lines)))
    pieces = [piece for piece in pieces if piece]
    if any(not piece.endswith(b"\n") for piece in pieces[:-1]):
        message = f"the patch puts lines behind the unfinished last line of {diff.path}"
        raise DiffError(_FAILS, message, diff.place)
    after = b"".join(pieces)
    if not diff.removes:
        return after
    if after:
        raise DiffError(_FAILS, f"the patch removes {diff.path}, but does not take all of its lines", diff.place)
    return None


def _first(hunk: Hunk) -> int:
    """Return how many lines are above the hunk, by its header."""
    return hunk.start - 1 if hunk.old else hunk.start


@dataclass(frozen=True, slots=True)
class _Target:
    """A file to be patched: its bytes, its lines, and where each begins (and the last ends)."""

    data: bytes
    lines: list[bytes]
    starts: list[int]

    @classmethod
    def of(cls, data: bytes) -> _Target:
        lines = split_lines(data)
        return cls(data, lines, list(accumulate(map(len, lines), initial=0)))

    def bytes(self, start: int, end: int) -> bytes:
        """Return the bytes of the lines ``[start, end)``."""
        return self.data[self.starts[start] : self.starts[end]]

    def locate(self, hunk: Hunk, shift: int, frozen: int, what: str) -> int:
        """Return how many lines are above the place of *hunk*.

        :param shift: by how many lines the hunk before went elsewhere than its header says.
        :param frozen: how many lines are dealt with already.
        """
        guess = _first(hunk) + shift
        if not hunk.old:
            if frozen <= guess <= len(self.lines):
                return guess
            raise DiffError(_FAILS, f"{what} belongs at line {guess + 1}, which is not there", hunk.place)
        last = len(self.lines) - len(hunk.old)
        # With fuzz 0, a hunk with less context at one end than at the other belongs at that end of the file.
        only_start = hunk.above < hunk.below and hunk.start <= 1
        only_end = hunk.below < hunk.above
        if only_start or only_end:
            line = 0 if only_start else last
            if not (frozen <= line <= last and self._matches(hunk, line)):
                where = "start" if only_start else "end"
                message = f"{what} belongs at the {where} of the file, and its lines are not there"
                raise DiffError(_FAILS, message, hunk.place, "refresh the patch with quilt on this tree")
            return line
        if frozen <= guess <= last and self._matches(hunk, guess):
            return guess
        found = self._everywhere(hunk, frozen)
        if not found:
            message = f"{what} does not apply: its lines are not there"
            raise DiffError(_FAILS, message, hunk.place, "refresh the patch with quilt on this tree")
        if len(found) > 1:
            lines = " and ".join(str(line + 1) for line in found)
            message = f"{what} is not at line {guess + 1}, and fits at lines {lines} at least"
            raise DiffError(_AMBIGUOUS, message, hunk.place, "refresh the patch with quilt on this tree")
        return found[0]

    def _matches(self, hunk: Hunk, line: int) -> bool:
        return self.data.startswith(b"".join(hunk.old), self.starts[line]) and self._complete(hunk, line)

    def _complete(self, hunk: Hunk, line: int) -> bool:
        """Return whether the hunk's last line is a whole line of the file."""
        return self.lines[line + len(hunk.old) - 1] == hunk.old[-1]

    def _everywhere(self, hunk: Hunk, frozen: int) -> list[int]:
        """Return the first two places, as lines above, where the old lines of *hunk* stand."""
        wanted = b"".join(hunk.old)
        found: list[int] = []
        at = self.data.find(wanted, self.starts[min(frozen, len(self.lines))])
        while at >= 0 and len(found) < 2:  # noqa: PLR2004 - two are too many
            line = bisect_left(self.starts, at)
            if self.starts[line] == at and self._complete(hunk, line):
                found.append(line)
            at = self.data.find(wanted, at + 1)
        return found
