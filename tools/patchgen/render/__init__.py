# SPDX-License-Identifier: GPL-3.0-or-later
"""From two versions of files to a patch, in the form that quilt writes; and the check of it in memory.

A diff is written as ``quilt refresh -p ab --no-timestamps --no-index`` writes it: ``a/`` and ``b/``
before the paths, three lines of context, no function names; the same lines that GNU diff chooses. What
quilt, GNU patch or dpkg-source could not carry to the other side byte for byte is refused.

:func:`parse_diff`, :func:`apply` and :func:`reverse` are strict where GNU patch is generous.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen._lines import back, forth, split_lines
from patchgen.findings import PatchgenError, Place, Slug
from patchgen.tree import Change

from ._apply import apply, reverse
from ._compare import Run, compare
from ._diff import DiffError, FileDiff, Hunk, parse_diff, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "DiffError",
    "FileDiff",
    "Hunk",
    "Unrenderable",
    "apply",
    "file_diff",
    "parse_diff",
    "patch",
    "reverse",
    "without_sections",
]

_PATH = Slug.define(
    "unrenderable-path",
    """A file has a path that a patch cannot name: it leaves the tree, it is under debian/ or .pc/, it
    has a control character in it, it ends in a blank, or in .dpkg-orig. GNU patch and dpkg-source
    would patch another file, or none.""",
)
_EMPTY = Slug.define(
    "unrenderable-empty-file",
    """An edit empties a file, fills an empty one, or makes or removes an empty one. A patch cannot
    carry that: quilt cannot tell an empty file from an absent one, and dpkg-source removes a file that
    a patch leaves empty (patch -E). Leave a line in the file, or remove it as a whole.""",
)
_BINARY = Slug.define(
    "unrenderable-binary-file",
    """A file that an edit changes has a NUL byte in it. diff takes such a file for binary, so that
    quilt could not refresh the patch.""",
)

_CONTEXT = 3
"""Lines of context around a change, as diff -u has them."""
_WHOLE = 256 * 1024
"""Bytes between the first and the last change up to which they are compared as one, as GNU diff does."""
_MARGIN = 32
"""Lines around a change that it may be moved over, where changes are compared each for itself."""
_APART = 4 * _MARGIN
"""Lines between two changes that keep them apart whatever way they are moved."""
_INCOMPLETE = b"\n\\ No newline at end of file\n"


class Unrenderable(PatchgenError, ValueError):  # noqa: N818 - named for what was invalid
    """A change that no patch can carry to the other side byte for byte."""


@dataclass(frozen=True, slots=True)
class _Window:
    """Lines of both texts around some changes; *skip* and *spare* lines at its ends are not compared."""

    first: int
    new_first: int
    old: list[bytes]
    new: list[bytes]
    skip: int
    spare: int


def file_diff(path: str, before: bytes | None, after: bytes | None, changes: Sequence[Change] | None = None) -> bytes:
    """Return the diff of one file, or nothing where it did not change.

    :param path: relative, with ``/``.
    :param before: the old bytes; None for a file that is made.
    :param after: the new bytes; None for a file that is removed.
    :param changes: in order and apart, the spans outside of which the bytes are equal. With them the
        cost is linear in what changed, but for counting the lines before it.
    :raises Unrenderable: no patch can carry this change.
    """
    if before == after:
        return b""
    _refuse(path, before, after)
    name = path.encode(errors="surrogateescape")
    tab = b"\t" if b" " in name else b""  # GNU patch ends a name at a blank unless a tab follows it
    old_name = b"/dev/null" if before is None else b"a/" + name + tab
    new_name = b"/dev/null" if after is None else b"b/" + name + tab
    pieces = [b"--- ", old_name, b"\n+++ ", new_name, b"\n"]
    for window in _windows(before or b"", after or b"", changes or ()):
        end, new_end = len(window.old) - window.spare, len(window.new) - window.spare
        skip = window.skip
        runs = [
            Run(run.start + skip, run.end + skip, run.new_start + skip, run.new_end + skip)
            for run in compare(window.old[skip:end], window.new[skip:new_end])
        ]
        for group in _groups(runs):
            pieces += _hunk(window, group)
    return b"".join(pieces)


def patch(header: bytes, diffs: Iterable[bytes]) -> bytes:
    """Return a patch: the header as it is, then the diffs. A header whose last line has no end gets one."""
    end = b"\n" if header and not header.endswith(b"\n") else b""
    return header + end + b"".join(diffs)


def without_sections(diff: bytes) -> bytes:
    """Return a diff without what ``diff -p`` writes behind the numbers of a hunk: the function it is in."""
    return re.sub(rb"^(@@ -[0-9,]+ \+[0-9,]+ @@) [^\n]*", rb"\1", diff, flags=re.MULTILINE)


def _refuse(path: str, before: bytes | None, after: bytes | None) -> None:
    problem = unsafe(path)
    if problem:
        raise Unrenderable(_PATH, f"no patch can name {path!r}: {problem}", Place(path))
    if not before and not after:
        raise Unrenderable(_EMPTY, f"no patch can make or remove the empty file {path}", Place(path))
    if b"" in {before, after}:
        was = "fills the empty file" if before == b"" else "empties the file"
        raise Unrenderable(_EMPTY, f"no patch can be taken off that {was} {path}", Place(path))
    for data in (before or b"", after or b""):
        at = data.find(b"\0")
        if at >= 0:
            raise Unrenderable(_BINARY, "the file has a NUL byte in it", Place.of(path, data, at, at + 1))


def _windows(old: bytes, new: bytes, changes: Sequence[Change]) -> Iterator[_Window]:
    """Yield windows over all changes, in order, with lines that are the same in both texts at their ends."""
    start = back(old, _common_prefix(old, new, changes[0].start if changes else 0), _CONTEXT)
    same = _common_suffix(old, new, len(old) - changes[-1].end if changes else 0, start)
    span = len(old) + len(new) - 2 * (start + same)
    if len(changes) > 1 and span > _WHOLE:
        yield from _apart(old, new, changes)
        return
    end = len(old) - same
    aligned = end == back(old, end, 0) and len(new) - same == back(new, len(new) - same, 0)
    end = forth(old, end, _CONTEXT + (not aligned))
    line = old.count(b"\n", 0, start)
    yield _window(old, new, Change(start, end, start, end + len(new) - len(old)), (line, line))


def _apart(old: bytes, new: bytes, changes: Sequence[Change]) -> Iterator[_Window]:
    """Yield a window over each cluster of changes, so that what lies between them costs nothing but counting."""
    line = new_line = at = 0
    for first, last in _clusters(old, changes):
        start = back(old, first.start, _MARGIN)
        end = forth(old, last.end, _MARGIN + 1)
        between = old.count(b"\n", at, start)
        line, new_line, at = line + between, new_line + between, start
        span = Change(start, end, start + first.new_start - first.start, end + last.new_end - last.end)
        yield _window(old, new, span, (line, new_line))
        # From here on the two texts are equal again, but their lines have other numbers.
        new_line += new.count(b"\n", span.new_start, span.new_end) - old.count(b"\n", start, end)


def _clusters(old: bytes, changes: Sequence[Change]) -> Iterator[tuple[Change, Change]]:
    """Yield the first and the last change of each cluster; clusters are so far apart that they never meet."""
    first = last = changes[0]
    for change in changes[1:]:
        if old.count(b"\n", last.end, change.start) > _APART:
            yield first, last
            first = change
        last = change
    yield first, last


def _window(old: bytes, new: bytes, span: Change, lines: tuple[int, int]) -> _Window:
    """Return the window that compares *span*, and has lines around it for context.

    :param lines: how many lines of each text are before the span.
    """
    begin = back(old, span.start, _CONTEXT)
    end = forth(old, span.end, _CONTEXT)
    skip = old.count(b"\n", begin, span.start)
    return _Window(
        first=lines[0] - skip,
        new_first=lines[1] - skip,
        old=split_lines(old[begin:end]),
        new=split_lines(new[begin + span.new_start - span.start : end + span.new_end - span.end]),
        skip=skip,
        spare=len(split_lines(old[span.end : end])),
    )


def _common_prefix(old: bytes, new: bytes, known: int) -> int:
    """Return how many bytes are the same at the start, at least the *known* ones."""
    limit = min(len(old), len(new))
    step = 64
    while known < limit and step:
        # memcmp does the work: wider strides while they are equal, narrower ones to find the byte.
        stride = min(step, limit - known)
        if old[known : known + stride] == new[known : known + stride]:
            known, step = known + stride, step * 2
        else:
            step = stride // 2
            limit = known + stride
    return known


def _common_suffix(old: bytes, new: bytes, known: int, start: int) -> int:
    """Return how many bytes are the same at the end, not counting any before *start* of either text."""
    limit = min(len(old), len(new)) - start
    known = min(known, limit)
    end, new_end = len(old), len(new)
    step = 64
    while known < limit and step:
        stride = min(step, limit - known)
        if old[end - known - stride : end - known] == new[new_end - known - stride : new_end - known]:
            known, step = known + stride, step * 2
        else:
            step = stride // 2
            limit = known + stride
    return known


def _groups(runs: Sequence[Run]) -> Iterator[Sequence[Run]]:
    """Yield the runs of each hunk: those whose context would touch or overlap."""
    start = 0
    for at in range(1, len(runs) + 1):
        if at == len(runs) or runs[at].start - runs[at - 1].end > 2 * _CONTEXT:
            yield runs[start:at]
            start = at


def _hunk(window: _Window, runs: Sequence[Run]) -> Iterator[bytes]:
    """Yield the pieces of one hunk."""
    old, new = window.old, window.new
    above = min(runs[0].start, _CONTEXT)
    below = min(len(old) - runs[-1].end, _CONTEXT)
    start, end = runs[0].start - above, runs[-1].end + below
    new_start, new_end = runs[0].new_start - above, runs[-1].new_end + below
    old_range = _range(window.first + start, end - start)
    new_range = _range(window.new_first + new_start, new_end - new_start)
    yield b"@@ -%s +%s @@\n" % (old_range, new_range)
    at = start
    for run in runs:
        yield from _marked(b" ", old[at : run.start])
        yield from _marked(b"-", old[run.start : run.end])
        yield from _marked(b"+", new[run.new_start : run.new_end])
        at = run.end
    yield from _marked(b" ", old[at:end])


def _range(before: int, count: int) -> bytes:
    """Return the range of a hunk's header: the first line and the count, or the line before an empty one."""
    if count == 1:
        return b"%d" % (before + 1)
    return b"%d,%d" % (before + 1 if count else before, count)


def _marked(mark: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark
        yield line
        if not line.endswith(b"\n"):
            yield _INCOMPLETE
