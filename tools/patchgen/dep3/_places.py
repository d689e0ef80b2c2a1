# SPDX-License-Identifier: GPL-3.0-or-later
"""The places of many spans in one file, found without counting its lines again for each."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate

from patchgen._lines import split_lines
from patchgen.findings import Place

__all__ = ["Places"]


@dataclass(frozen=True, slots=True)
class Places:
    """A file, and where each of its lines begins."""

    path: str
    lines: list[bytes]
    starts: list[int]

    @classmethod
    def of(cls, path: str, data: bytes) -> Places:
        """Return the places of the file that the person calls *path*."""
        lines = split_lines(data) or [b""]
        return cls(path, lines, list(accumulate(map(len, lines), initial=0))[:-1])

    def at(self, start: int, end: int) -> Place:
        """Return the place of the half-open byte span ``[start, end)``, as :meth:`Place.of` does."""
        index = bisect_right(self.starts, start) - 1
        begin = self.starts[index]
        return replace(Place.of(self.path, self.lines[index], start - begin, end - begin), line=index + 1)
