# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that a refresh changed and need not have: in the files, and in the patches."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from . import ctext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .scene import Files
    from .tools import Series

__all__ = ["bytes_lost", "patches_changed"]


def bytes_lost(before: Files, after: Files, right: Files) -> int:
    """Return how many bytes of a tree a series took away, beyond those of the tokens that it had to.

    What is put in is judged by what it means; what is taken away must be tokens that the right tree
    has not. Blanks and comments are never among them, but for the blanks beside such a token.
    """
    lost = 0
    for path, old in before.items():
        new = after.get(path, b"")
        if new != old and new != right.get(path):
            lost += max(0, _taken(old, new) - _needed(old, right.get(path, b"")))
    return lost


def _lines(old: bytes, new: bytes) -> list[tuple[list[bytes], list[bytes]]]:
    """Return the lines taken away, and those in their place, of each change."""
    one, other = old.splitlines(keepends=True), new.splitlines(keepends=True)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return [(one[a:b], other[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag in {"replace", "delete"}]


def _taken(old: bytes, new: bytes) -> int:
    lost = 0
    for gone, come in _lines(old, new):
        one, other = b"".join(gone), b"".join(come)
        matcher = SequenceMatcher(None, one, other, autojunk=False)
        lost += sum(b - a for tag, a, b, _, _ in matcher.get_opcodes() if tag in {"replace", "delete"})
    return lost


def _needed(old: bytes, new: bytes) -> int:
    one, other = ctext.tokens(old), ctext.tokens(new)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return sum(
        sum(len(token) + 1 for token in one[a:b])
        for tag, a, b, _, _ in matcher.get_opcodes()
        if tag in {"replace", "delete"}
    )


_HEAD = re.compile(rb"(?m)^(?=--- )")
_HUNK = re.compile(rb"(?m)^(@@ [^@]*@@)[^\n]*$")


def patches_changed(
    series: Series, drifted: Files, patches: Mapping[str, bytes], follows: Mapping[str, str] | None = None
) -> int:
    """Return how many bytes of the patches changed in what they do to files that upstream left as they were.

    :param follows: files in which the series does something for each member of a struct, with the one that declares it.
    """
    follows = follows or {}
    upstream = series.stages[0]
    changed = 0
    for name, diff in series.diffs:
        if name not in patches or not patches[name]:
            continue
        old, new = _by_file(diff), _by_file(patches[name])
        for path in old.keys() & new.keys():
            left = all(upstream.get(one) == drifted.get(one) for one in (path, follows.get(path, path)))
            if left and old[path] != new[path]:
                changed += sum(a != b for a, b in zip(old[path], new[path], strict=False)) + abs(
                    len(old[path]) - len(new[path])
                )
    return changed


def _by_file(diff: bytes) -> dict[str, bytes]:
    found = {}
    for part in _HEAD.split(diff):
        match = re.search(rb"(?m)^\+\+\+ b/(\S+)", part)
        if match is not None:
            found[match[1].decode("utf-8", "surrogateescape")] = _HUNK.sub(rb"\1", part)
    return found
