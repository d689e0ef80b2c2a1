# SPDX-License-Identifier: GPL-3.0-or-later
"""A unified diff, read strictly: every line is accounted for, every count is right, every target is in the tree.

GNU patch guesses where a diff is damaged, and skips what it does not know. Here both are errors, so
that a patch which passes does the same everywhere. Rule sources: the unified format in "Comparing and
Merging Files" (GNU diffutils), GNU patch 2.7 ``pch.c``, and ``Dpkg::Source::Patch::analyze``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NoReturn

from patchgen._preamble import READS_AS_DIFF, diff_start, hazards
from patchgen.findings import Exit, PatchgenError, Place, Slug

__all__ = ["DiffError", "FileDiff", "Hunk", "parse_diff", "unsafe"]

_MALFORMED = Slug.define(
    "diff-malformed",
    """A patch is not a well-formed unified diff: the counts in a hunk's header do not agree with its
    lines, a line begins with none of blank, plus, minus and backslash, or the patch ends too early.
    GNU patch might ignore the lines that are too many. Refresh the patch with quilt.""",
)
_UNSUPPORTED = Slug.define(
    "diff-unsupported",
    """A patch has something in it that is not a unified diff of text: a context diff, a renaming, a
    binary file, a change of mode alone, compression. dpkg-source does not apply it, or not everywhere.
    Write it as a unified diff (quilt refresh), or do the change in debian/rules.""",
)
_TARGET = Slug.define(
    "diff-target",
    """A patch names its target in a way that GNU patch, quilt and dpkg-source would understand
    differently, or that leaves the tree: two different names, an absolute one, "..", a file under
    debian/ or .pc/, a quoted name, a name with a blank and no tab behind it.""",
)

_HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(?: [^\n]*)?\n")
_NORMAL = re.compile(rb"\d+(?:,\d+)?[acd]\d+(?:,\d+)?\s*$")
_GARBLED = re.compile(rb"[ \tX]*(?:(?:- )*--- |\+\+\+ |\*\*\* |@@ -|Prereq:)")
_FOREIGN = re.compile(rb"(?:rename|copy) (?:from|to) |GIT binary patch|Binary files |Only in |Files .* differ$")
# GNU patch takes any time within a day of it, for the time may be a local one.
_EPOCH = re.compile(rb"1970-01-01 |1969-12-31 |\w+ (?:Jan +1 [0-9:]+ 1970|Dec 31 [0-9:]+ 1969)")
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd", b"LZIP", b"]\x00\x00")
_MARKS = frozenset({b" ", b"+", b"-", b"\\", b"@", b"\t"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class DiffError(PatchgenError, ValueError):
    """A patch is damaged, or names a target that it must not, or does not apply exactly."""

    status = Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk: *old* lines at line *start* (from 1) become *new* ones at *new_start*.

    :param start: the first old line; where there is none, the line before (as the header has it).
    :param old: context and removed lines, each with its line feed unless the file ends without one.
    :param above: how many lines of context the hunk begins with; *below*, ends with.
    :param place: the hunk's header in the patch.
    """

    start: int
    new_start: int
    old: tuple[bytes, ...]
    new: tuple[bytes, ...]
    above: int
    below: int
    place: Place

    def reversed(self) -> Hunk:
        """Return the hunk that takes this one off again."""
        return replace(self, start=self.new_start, new_start=self.start, old=self.new, new=self.old)


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a patch does to one file.

    :param path: relative to the tree, one component of the names in the patch stripped.
    :param creates: the old name is /dev/null; *removes*: the new one is.
    :param place: the first line of the diff in the patch.
    """

    path: str
    creates: bool
    removes: bool
    hunks: tuple[Hunk, ...]
    place: Place

    def reversed(self) -> FileDiff:
        """Return the diff that takes this one off again."""
        hunks = tuple(hunk.reversed() for hunk in self.hunks)
        return replace(self, creates=self.removes, removes=self.creates, hunks=hunks)


def unsafe(path: str) -> str:
    """Return why a patch must not name *path* in the tree, or nothing."""
    components = path.split("/")
    reasons = (
        (path.startswith("/"), "it is absolute"),
        (path.startswith("-"), "programs would take it for an option"),
        (".." in components, "it leaves the tree"),
        ("" in components or "." in components, "it is not in its plain form"),
        (_CONTROL.search(path) is not None, "it has a control character in it"),
        (components[0] == "debian", "what is under debian/ is not upstream's, and dpkg-source keeps it elsewhere"),
        (components[0] == ".pc", ".pc/ is quilt's own"),
        (path.endswith(" "), "GNU patch does not see a blank at its end"),
        (path.endswith(".dpkg-orig"), "dpkg-source uses that ending for itself"),
    )
    return next((reason for wrong, reason in reasons if wrong), "")


def parse_diff(data: bytes, path: str) -> list[FileDiff]:
    """Return what the patch *data* does, file by file; nothing for a patch that is a header alone.

    :param data: the whole patch, with its header, so that lines are those of the file.
    :param path: what the person calls the patch, for places.
    :raises DiffError: the patch is not one that every tool reads the same way; it has the place.
    """
    return _Reader(data, path).read()


class _Reader:
    """Reads one patch from its start to its end."""

    def __init__(self, data: bytes, path: str) -> None:
        self._data, self._path = data, path
        self._at = self._line = 0
        self._diffs: list[FileDiff] = []
        self._index: bytes | None = None
        self._pending: Place | None = None
        """A ``diff --git`` or ``Index:`` line that no diff of text has followed so far."""

    def read(self) -> list[FileDiff]:
        data = self._data
        if data.startswith(_PACKED):
            self._fail(_UNSUPPORTED, "the patch is compressed", "dpkg-source takes plain patches only")
        start = diff_start(data)
        for begin, end in hazards(data[:start]):
            place = Place.of(self._path, data, begin, end)
            raise DiffError(READS_AS_DIFF, "GNU patch reads this line of the header as one of a diff", place)
        self._at, self._line = start, data.count(b"\n", 0, start)
        fresh = False
        while self._at < len(data):
            if data.startswith(b"--- ", self._at):
                self._file()
                fresh = True
            else:
                fresh = self._between(fresh=fresh)
        self._finish_pending()
        if start < len(data) and not self._diffs:
            self._at, self._line = start, data.count(b"\n", 0, start)
            self._fail(_MALFORMED, "no hunk follows", "refresh the patch with quilt")
        return self._diffs

    def _peek(self) -> bytes:
        end = self._data.find(b"\n", self._at)
        return self._data[self._at : len(self._data) if end < 0 else end + 1]

    def _take(self, line: bytes) -> None:
        self._at += len(line)
        self._line += 1

    def _place(self, line: bytes = b"") -> Place:
        """Return the place of the line at hand."""
        line = line or self._peek()
        return replace(Place.of(self._path, line, 0, len(line)), line=self._line + 1)

    def _fail(self, slug: Slug, message: str, hint: str) -> NoReturn:
        raise DiffError(slug, message, self._place(), hint)

    def _finish_pending(self) -> None:
        if self._pending is not None:
            message = "the patch changes no text here: a mode, a name, a binary or an empty file"
            raise DiffError(_UNSUPPORTED, message, self._pending, "dpkg-source would not apply it; do it another way")

    def _between(self, *, fresh: bool) -> bool:
        """Pass over a line between diffs; *fresh* while it could still be a stray line of a hunk."""
        line = self._peek()
        if _FOREIGN.match(line):
            self._fail(_UNSUPPORTED, "this is no diff of text", "write the change as a unified diff")
        if line.startswith((b"*** ", b"***\t")) or _NORMAL.match(line):
            self._fail(_UNSUPPORTED, "only unified diffs are understood", "write it again with quilt refresh")
        if _GARBLED.match(line):
            self._fail(_MALFORMED, "the line of a diff stands where none belongs", "refresh the patch with quilt")
        if fresh and line[:1] in _MARKS and line.rstrip() != b"--":  # which begins the signature of a mail
            self._fail(_MALFORMED, "the hunk goes on past the counts in its header", "refresh the patch with quilt")
        if line.startswith(b"Index:"):
            self._finish_pending()
            self._pending, self._index = self._place(), line[len(b"Index:") :].strip()
        elif line.startswith(b"diff --git "):
            if self._index is None:
                self._finish_pending()
            self._pending = self._pending or self._place()
        self._take(line)
        return fresh and not line.strip()

    def _file(self) -> None:
        place = self._place()
        old, made = self._name(b"--- ")
        if not self._data.startswith(b"+++ ", self._at):
            self._fail(_MALFORMED, "+++ and the new name belong here", "refresh the patch with quilt")
        new, gone = self._name(b"+++ ")
        path = new or old
        if path is None:
            raise DiffError(_TARGET, "both names are /dev/null", place)
        if old and new and old != new:
            message = f"two names, {old} and {new}: which of them is patched depends on the tree"
            raise DiffError(_TARGET, message, place, "write the same path behind --- and behind +++")
        index = (self._index or b"").decode(errors="surrogateescape").partition("/")[2]
        if index and index != path:
            message = f"Index: names {index}, but the diff is of {path}"
            raise DiffError(_TARGET, message, self._pending or place, "take the Index: line away")
        self._index = self._pending = None
        hunks: list[Hunk] = []
        while self._data.startswith(b"@@", self._at):
            hunks.append(self._hunk())
        if not hunks:
            self._fail(_MALFORMED, "a hunk belongs here", "refresh the patch with quilt")
        creates = old is None or (made and not hunks[0].start)
        removes = new is None or (gone and not hunks[0].new_start)
        self._diffs.append(FileDiff(path, creates, removes, tuple(hunks), place))

    def _name(self, mark: bytes) -> tuple[str | None, bool]:
        """Take a line that names a file.

        Return the path in the tree, or None for /dev/null, and whether the time of the file is the
        epoch: so says ``diff -N`` that there is none.
        """
        line = self._peek()
        text = line[len(mark) :].rstrip(b"\n")
        if text.endswith(b"\r"):
            self._fail(_TARGET, "a carriage return is behind the name", "save the patch with plain line ends")
        name, tab, time = text.partition(b"\t")
        whole = name.strip(b" ").decode(errors="surrogateescape")
        if whole.startswith('"'):
            self._fail(_TARGET, "dpkg-source does not take quoted names", "write the name as it is")
        if " " in whole and not tab:
            self._fail(_TARGET, "GNU patch ends the name at the blank", "put a tab behind the name")
        self._check(whole)
        self._take(line)
        epoch = _EPOCH.match(time) is not None
        return None if whole == "/dev/null" else whole.partition("/")[2], epoch

    def _check(self, name: str) -> None:
        """Refuse a name whose first component cannot be stripped, or whose rest must not be patched."""
        if name == "/dev/null":
            return
        root, _, rest = name.partition("/")
        problem = unsafe(rest) if root and rest else "there is no component to strip" if root else "it is absolute"
        if root == ".." or problem:
            why = problem or "it leaves the tree"
            self._fail(_TARGET, f"{name!r} cannot be a target: {why}", "name it a/PATH and b/PATH")

    def _hunk(self) -> Hunk:
        place = self._place()
        header = self._peek()
        found = _HUNK.fullmatch(header)
        if found is None:
            self._fail(_MALFORMED, "this is no header of a hunk", "@@ -LINE,COUNT +LINE,COUNT @@")
        start, count, new_start, new_count = (1 if number is None else int(number) for number in found.groups())
        if (count and not start) or (new_count and not new_start) or not count + new_count:
            self._fail(_MALFORMED, "the header of the hunk names line 0, or no line", "refresh the patch with quilt")
        self._take(header)
        body = _Body(count, new_count)
        while body.wanted or self._data.startswith(b"\\", self._at):
            line = self._peek()
            problem = "the patch ends in the middle of a line" if line and line[-1:] != b"\n" else body.add(line)
            if problem:
                self._fail(_MALFORMED, problem, f"the hunk of line {place.line} has -{count} and +{new_count} lines")
            self._take(line)
        return Hunk(start, new_start, tuple(body.old), tuple(body.new), body.above, body.below, place)


class _Body:
    """The lines of one hunk, as they come."""

    __slots__ = ("_left", "_marks", "_new_left", "_touched", "new", "old")

    def __init__(self, count: int, new_count: int) -> None:
        self._left, self._new_left = count, new_count
        self.old: list[bytes] = []
        self.new: list[bytes] = []
        self._marks = bytearray()
        self._touched: tuple[list[bytes], ...] = ()

    @property
    def wanted(self) -> bool:
        return self._left > 0 or self._new_left > 0

    def add(self, line: bytes) -> str:
        """Take one line of the patch; return what is wrong with it, or nothing."""
        mark = line[:1]
        if mark == b"\\":
            return self._incomplete()
        # A context line that is empty may have lost its blank; GNU patch and dpkg-source take it.
        old, new = mark in {b" ", b"-", b"\n"}, mark in {b" ", b"+", b"\n"}
        if not line:
            return "the patch ends in the middle of a hunk"
        if not (old or new):
            return "a line of a hunk begins with a blank, a plus or a minus"
        if (old and not self._left) or (new and not self._new_left):
            return "the hunk has more lines of this sort than its header says"
        text = line if mark == b"\n" else line[1:]
        self._touched = tuple(side for side, wanted in ((self.old, old), (self.new, new)) if wanted)
        for side in self._touched:
            if side and not side[-1].endswith(b"\n"):
                return "a line follows the one that is said to end the file"
            side.append(text)
        self._left -= old
        self._new_left -= new
        self._marks += b" " if mark == b"\n" else mark
        return ""

    @property
    def above(self) -> int:
        return len(self._marks) - len(self._marks.lstrip(b" "))

    @property
    def below(self) -> int:
        return len(self._marks) - len(self._marks.rstrip(b" "))

    def _incomplete(self) -> str:
        if not self._touched or not self._touched[0][-1].endswith(b"\n"):
            return "no line is here that could end the file"
        if self._touched[0][-1] == b"\n":
            return "an empty line without an end is no line"
        for side in self._touched:
            side[-1] = side[-1][:-1]
        self._touched = ()
        return ""
