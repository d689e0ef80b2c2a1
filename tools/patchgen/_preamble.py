# SPDX-License-Identifier: GPL-3.0-or-later
"""The text before the diff of a patch: where it ends, and what in it GNU patch would take for a diff."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .findings import Slug

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["READS_AS_DIFF", "diff_start", "hazards"]

READS_AS_DIFF = Slug.define(
    "header-reads-as-diff",
    """A line before the diff begins, after blanks, like a line of a diff (---, +++, ***, @@, Index:,
    Prereq:, diff --git). GNU patch looks through the blanks: it would take a file name from the line,
    or apply an example in a description as if it were meant. Write the line another way, for example
    with a bar or a quotation mark before it.""",
)

# quilt(1), patch_header(): the header of a patch ends before the first such line.
_START = re.compile(rb"^(?:(?:---|\*\*\*|Index:)[ \t][^ \t\n]|diff -)", re.MULTILINE)

# GNU patch 2.7, intuit_diff_type(): blanks and X are indentation, "- " is the quoting of RFC 934.
_HAZARD = re.compile(rb"^[ \tX]*((?:- )*--- |\+\+\+ |\*\*\* |@@ -|Index:|Prereq:|diff --git )[^\n]*", re.MULTILINE)


def diff_start(patch: bytes) -> int:
    """Return the offset where the diff begins: the length of the header, by quilt's own rule."""
    found = _START.search(patch)
    return found.start() if found else len(patch)


def hazards(header: bytes) -> Iterator[tuple[int, int]]:
    """Yield the byte span of each line of *header*, without its blanks, that reads as a diff's."""
    for found in _HAZARD.finditer(header):
        yield found.start(1), found.end()
