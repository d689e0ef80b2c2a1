# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a place in preprocessed text comes from: the line markers of the preprocessor, read once."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MARKER", "Lines"]

MARKER = re.compile(r'^#(?:line)? (\d+) "((?:[^"\\\n]|\\.)*)"[^\n]*$', re.MULTILINE)
"""A line marker: ``# LINE "FILE" FLAGS`` (the GNU C preprocessor's manual, section 9)."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of preprocessed text, and the markers among them."""

    _starts: Sequence[int] = field(repr=False)
    _markers: Sequence[int] = field(repr=False)
    _origins: Sequence[tuple[str, int]] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Lines:
        """Return the lines of *text*."""
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        markers, origins = [], []
        for match in MARKER.finditer(text):
            markers.append(bisect_right(starts, match.start()))
            name = match[2].replace('\\"', '"').replace("\\\\", "\\")
            origins.append((name, int(match[1])))
        return cls(starts, markers, origins)

    def origin(self, offset: int) -> tuple[str, int, int]:
        """Return the file, the line and the column in the preprocessed line, both from 1, of an offset.

        The file is as the preprocessor names it, "" where no marker comes before.
        """
        number = bisect_right(self._starts, offset)
        column = offset - self._starts[number - 1] + 1
        at = bisect_right(self._markers, number - 1)
        if not at:
            return "", number, column
        name, line = self._origins[at - 1]
        return name, line + (number - self._markers[at - 1] - 1), column
