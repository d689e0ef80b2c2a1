# SPDX-License-Identifier: GPL-3.0-or-later
"""Since which patch of the series something is wrong, and what of the tree that patch changed.

A test that fails says what does not work, and not where it was broken. The series does: each patch is small, and
what fails with one and not without it is in what it changed.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from patchgen.findings import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .prefixes import Prefix

__all__ = ["changed", "first_wrong"]


def first_wrong(prefixes: Sequence[Prefix], is_wrong: Callable[[Prefix], bool]) -> Prefix:
    """Return the first of *prefixes* that is wrong, of which the last is known to be.

    What is wrong is taken to stay wrong, so that few of them are looked at.
    """
    low, high = 0, len(prefixes) - 1
    while low < high:
        middle = (low + high) // 2
        if is_wrong(prefixes[middle]):
            high = middle
        else:
            low = middle + 1
    return prefixes[low]


def changed(before: Prefix, after: Prefix, now: Prefix) -> Iterator[Place]:
    """Yield the places, in the tree *now*, of what differs from *before* to *after*, the first line of each.

    What a later patch took away again has no place.
    """
    for path in sorted(after.files):
        if path not in now.files or before.files.get(path) == after.files[path]:
            continue
        old, new, here = (_lines(prefix, path) for prefix in (before, after, now))
        there = {
            block.a + at: block.b + at
            for block in SequenceMatcher(None, new, here, autojunk=False).get_matching_blocks()
            for at in range(block.size)
        }
        for kind, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            # Of lines that were taken away, the place is the line that follows.
            lines = [there[at] for at in range(start, max(end, start + 1)) if at in there]
            if kind != "equal" and lines:
                yield Place(path, lines[0] + 1)


def _lines(prefix: Prefix, path: str) -> list[bytes]:
    return prefix.tree.read(path).splitlines() if path in prefix.files else []
