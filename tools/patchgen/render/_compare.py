# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lines of two texts differ, by the rules of GNU diff, so that the answer is the same as its.

The rules are those of GNU diffutils 3.8, ``src/analyze.c`` (lines that match nothing or too much are
set aside, then a longest common subsequence, then changes are moved as far down as they go) and of
gnulib's ``diffseq.h`` (Myers, "An O(ND) Difference Algorithm and its Variations", Algorithmica 1,
1986), both GPL-3.0-or-later, Free Software Foundation. Only the bound on the cost is our own.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Run", "compare"]

_BUDGET = 1_000_000
"""About how many steps one comparison may take: the bound on the edits that are searched for falls with the lines."""
_MOST, _LEAST = 4096, 32
"""Where that bound ends; the upper one is GNU diff's, so that the answer is its own up to some thousand edits."""

_Text: TypeAlias = "str | Sequence[int]"
"""Lines by number: characters, or numbers where there are more than characters."""

_KEEP, _DISCARD, _PROVISIONAL = 0, 1, 2
_SET = re.compile(rb"\x01+")
_RUN = re.compile(rb"\x01(?:[\x01\x02]*\x01)?")
"""Lines to be discarded, whose first and last are not provisional."""


@dataclass(frozen=True, slots=True)
class Run:
    """Lines ``[start, end)`` of the old text became ``[new_start, new_end)`` of the new one."""

    start: int
    end: int
    new_start: int
    new_end: int


def compare(old: Sequence[bytes], new: Sequence[bytes]) -> list[Run]:
    """Return the runs of lines in which *old* and *new* differ, in order, with a common line between them.

    The cost is linear in the number of lines where few differ. Where many do, the search for the
    shortest difference ends at a bound, so that the result may be longer than need be, but not wrong.
    """
    names: dict[bytes, int] = {}
    first = [names.setdefault(line, len(names)) for line in old]
    second = [names.setdefault(line, len(names)) for line in new]
    changed = _discards(first, second), _discards(second, first)
    kept = [[at for at, flag in enumerate(flags) if not flag] if any(flags) else range(len(flags)) for flags in changed]
    search = _Search(
        _text(first, kept[0]),
        _text(second, kept[1]),
        max(_LEAST, min(_MOST, _BUDGET // (len(kept[0]) + len(kept[1]) + 1))),
    )
    search.run()
    # One more flag, always clear, stands behind the last line, and so also before the first (at -1).
    flags = [bytearray(len(first) + 1), bytearray(len(second) + 1)]
    for side in range(2):
        flags[side][:-1] = changed[side]
        for found in _SET.finditer(search.differs[side]):
            for at in range(*found.span()):
                flags[side][kept[side][at]] = 1
    _shift(first, flags[0], flags[1])
    _shift(second, flags[1], flags[0])
    return list(_runs(flags[0], flags[1]))


def _text(lines: Sequence[int], kept: Sequence[int]) -> _Text:
    """Return the kept lines as a text with a character for each, so that stretches are compared by memcmp."""
    chosen = lines if len(kept) == len(lines) else [lines[at] for at in kept]
    return chosen if max(chosen, default=0) > sys.maxunicode else "".join(map(chr, chosen))


def _ahead(old: _Text, new: _Text, across: int, down: int, most: int) -> int:
    """Return how many items, at most *most*, are the same from these two on."""
    same, stride = 0, 4
    while same < most and old[across + same] == new[down + same]:
        same += 1
        if same == stride:
            while same < most and stride:
                step = min(stride, most - same)
                if old[across + same : across + same + step] == new[down + same : down + same + step]:
                    same, stride = same + step, stride * 2
                else:
                    stride = step // 2
                    most = same + step
            break
    return same


def _behind(old: _Text, new: _Text, across: int, down: int, most: int) -> int:
    """Return how many items, at most *most*, are the same before these two."""
    same, stride = 0, 4
    while same < most and old[across - same - 1] == new[down - same - 1]:
        same += 1
        if same == stride:
            while same < most and stride:
                step = min(stride, most - same)
                end, new_end = across - same, down - same
                if old[end - step : end] == new[new_end - step : new_end]:
                    same, stride = same + step, stride * 2
                else:
                    stride = step // 2
                    most = same + step
            break
    return same


def _discards(lines: Sequence[int], other: Sequence[int]) -> bytearray:
    """Return a flag a line: whether it is set aside, because it matches no line, or too many, of *other*."""
    many, size = 5, len(lines) // 64 >> 2
    while size > 0:
        many, size = many * 2, size >> 2
    matches = Counter(other)
    verdicts = {
        line: _DISCARD if not matches[line] else _PROVISIONAL if matches[line] > many else _KEEP for line in set(lines)
    }
    flags = bytearray(map(verdicts.__getitem__, lines))
    settled = bytearray(len(flags))
    for run in _RUN.finditer(flags):
        settled[run.start() : run.end()] = _settle(bytearray(run[0]))
    return settled


def _settle(run: bytearray) -> bytearray:
    """Decide which provisional discards of a run stand; its first and last line are not provisional."""
    length = len(run)
    if run.count(_PROVISIONAL) * 4 > length:
        return run.replace(b"\x02", b"\x00")
    # About the square root of a quarter of the length: so many in a row do not stand.
    minimum, size = 1, length >> 4
    while size > 0:
        minimum, size = minimum << 1, size >> 2
    minimum += 1
    run = bytearray(re.sub(rb"\x02{%d,}" % minimum, lambda found: bytes(len(found[0])), run))
    for order in (range(length), range(length - 1, -1, -1)):
        consecutive = 0
        for steps, at in enumerate(order):
            if steps >= 8 and run[at] == _DISCARD:  # noqa: PLR2004 - GNU diff's own number
                break
            consecutive = consecutive + 1 if run[at] == _DISCARD else 0
            if run[at] == _PROVISIONAL:
                run[at] = _KEEP
            if consecutive == 3:  # noqa: PLR2004 - likewise
                break
    return run


class _Search:
    """The search for a longest common subsequence of two lists, in linear space."""

    __slots__ = ("_backward", "_bound", "_forward", "_new", "_old", "differs")

    def __init__(self, old: _Text, new: _Text, bound: int) -> None:
        self._old, self._new, self._bound = old, new, bound
        size = len(old) + len(new) + 3
        # Diagonals run from -len(new)-1 to len(old)+1; those below zero count from the end of the list.
        self._forward, self._backward = [0] * size, [0] * size
        self.differs = bytearray(len(old)), bytearray(len(new))

    def run(self) -> None:
        """Set a flag in ``differs`` for each line that is not of the subsequence."""
        old, new = self._old, self._new
        todo = [(0, len(old), 0, len(new), False)]
        while todo:
            left, right, top, bottom, minimal = todo.pop()
            same = _ahead(old, new, left, top, min(right - left, bottom - top))
            left, top = left + same, top + same
            same = _behind(old, new, right, bottom, min(right - left, bottom - top))
            right, bottom = right - same, bottom - same
            if left == right or top == bottom:
                self.differs[0][left:right] = b"\x01" * (right - left)
                self.differs[1][top:bottom] = b"\x01" * (bottom - top)
                continue
            across, down, low, high = self._middle(left, right, top, bottom, minimal=minimal)
            todo.append((left, across, top, down, low))
            todo.append((across, right, down, bottom, high))

    def _middle(  # noqa: C901, PLR0912 - the two halves of one search; apart they would be slower and no clearer
        self, left: int, right: int, top: int, bottom: int, *, minimal: bool
    ) -> tuple[int, int, bool, bool]:
        """Return the middle of the shortest way, and whether its two halves are known to be minimal."""
        old, new, forward, backward = self._old, self._new, self._forward, self._backward
        lowest, highest = left - bottom, right - top
        start, goal = left - top, right - bottom
        odd = (start - goal) & 1
        fmin = fmax = start
        bmin = bmax = goal
        forward[start], backward[goal] = left, right
        beyond = len(old) + len(new) + 2
        cost = 0
        while True:
            cost += 1
            if fmin > lowest:
                fmin -= 1
                forward[fmin - 1] = -1
            else:
                fmin += 1
            if fmax < highest:
                fmax += 1
                forward[fmax + 1] = -1
            else:
                fmax -= 1
            for diagonal in range(fmax, fmin - 1, -2):
                across = max(forward[diagonal - 1] + 1, forward[diagonal + 1])
                down = across - diagonal
                if across < right and down < bottom and old[across] == new[down]:
                    same = _ahead(old, new, across, down, min(right - across, bottom - down))
                    across, down = across + same, down + same
                forward[diagonal] = across
                if odd and bmin <= diagonal <= bmax and backward[diagonal] <= across:
                    return across, down, True, True
            if bmin > lowest:
                bmin -= 1
                backward[bmin - 1] = beyond
            else:
                bmin += 1
            if bmax < highest:
                bmax += 1
                backward[bmax + 1] = beyond
            else:
                bmax -= 1
            for diagonal in range(bmax, bmin - 1, -2):
                across = min(backward[diagonal - 1], backward[diagonal + 1] - 1)
                down = across - diagonal
                if left < across and top < down and old[across - 1] == new[down - 1]:
                    same = _behind(old, new, across, down, min(across - left, down - top))
                    across, down = across - same, down - same
                backward[diagonal] = across
                if not odd and fmin <= diagonal <= fmax and across <= forward[diagonal]:
                    return across, down, True, True
            if not minimal and cost >= self._bound:
                return self._best(left, right, top, bottom, range(fmax, fmin - 1, -2), range(bmax, bmin - 1, -2))

    def _best(
        self, left: int, right: int, top: int, bottom: int, fores: range, backs: range
    ) -> tuple[int, int, bool, bool]:
        """Return the point that is farthest from its corner, when the search costs too much."""
        ahead: tuple[int, int] = (-1, 0)
        for diagonal in fores:
            across = min(self._forward[diagonal], right, bottom + diagonal)
            ahead = max(ahead, (2 * across - diagonal, across), key=lambda point: point[0])
        behind: tuple[int, int] = (2 * (right + bottom) + 1, 0)
        for diagonal in backs:
            across = max(left, self._backward[diagonal], top + diagonal)
            behind = min(behind, (2 * across - diagonal, across), key=lambda point: point[0])
        if right + bottom - behind[0] < ahead[0] - (left + top):
            return ahead[1], ahead[0] - ahead[1], True, False
        return behind[1], behind[0] - behind[1], False, True


def _shift(lines: Sequence[int], flags: bytearray, other: bytearray) -> None:  # noqa: C901 - GNU diff's loop, whole
    """Move each run of changed lines down as far as it goes, or to a run of the other text that it can meet."""
    end = len(lines)
    at = there = 0
    while (start := flags.find(1, at)) >= 0:
        there = _past(other, there, start - at)
        at = start
        while flags[at]:
            at += 1
        while other[there]:
            there += 1
        length = -1
        meeting = end
        while length != at - start:
            length = at - start
            while start and lines[start - 1] == lines[at - 1]:
                start, at = start - 1, at - 1
                flags[start], flags[at] = 1, 0
                while flags[start - 1]:
                    start -= 1
                there -= 1
                while other[there]:
                    there -= 1
            meeting = at if other[there - 1] else end
            while at != end and lines[start] == lines[at]:
                flags[start], flags[at] = 0, 1
                start, at = start + 1, at + 1
                while flags[at]:
                    at += 1
                there += 1
                while other[there]:
                    meeting = at
                    there += 1
        while meeting < at:
            start, at = start - 1, at - 1
            flags[start], flags[at] = 1, 0
            there -= 1
            while other[there]:
                there -= 1


def _past(flags: bytearray, at: int, unchanged: int) -> int:
    """Return the offset just behind so many clear flags from *at* on."""
    while unchanged:
        run = flags.find(1, at)
        if run < 0 or run - at >= unchanged:
            return at + unchanged
        unchanged -= run - at
        at = flags.index(0, run)
    return at


def _runs(old: bytearray, new: bytearray) -> Iterator[Run]:
    """Yield the runs that the flags of the two texts tell of; the last flag of each is clear."""
    here = there = 0
    while True:
        found = [at - start for at, start in ((old.find(1, here), here), (new.find(1, there), there)) if at >= 0]
        if not found:
            return
        ahead = min(found)
        here, there = here + ahead, there + ahead
        end, new_end = old.index(0, here), new.index(0, there)
        yield Run(here, end, there, new_end)
        here, there = end, new_end
