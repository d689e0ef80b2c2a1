# SPDX-License-Identifier: GPL-3.0-or-later
"""A lossless model of quilt's series file: the order of the patches, and everything between them.

A series takes any bytes and gives them back. What quilt or dpkg-source would read otherwise than a
person does is a finding, never an error of parsing, so that a damaged series can be shown and
repaired. A series is a value: each operation returns a new one in which only the named line differs.

Rule sources: quilt(1) and its ``cat_series`` and ``patch_args``; dpkg-source(1), format 3.0 (quilt),
and ``Dpkg::Source::Quilt::read_patch_list``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .findings import Exit, Finding, Level, PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Line", "Series", "SeriesError"]

_NAME = Slug.define(
    "series-name",
    """A patch in the series has a name that cannot be used: it leaves the folder of patches (an
    absolute name, a component ".."), begins like an option, or has a control character in it.""",
)
_DUPLICATE = Slug.define(
    "series-duplicate",
    """The same patch stands in the series twice. quilt refuses to push it again, and dpkg-source
    fails when it applies it. Take one of the lines away.""",
)
_OPTION = Slug.define(
    "series-option",
    """A line of the series gives its patch an option other than -p1. quilt obeys it, dpkg-source
    does not: it applies every patch with -p1, forwards (dpkg-source(1), format 3.0 (quilt)).""",
)
_COMMENT = Slug.define(
    "series-indented-comment",
    """A comment in the series has blanks before its number sign. dpkg-source takes it for a comment,
    but quilt takes it for a patch whose name is "#". Begin the comment in the first column.""",
)
_CARRIAGE = Slug.define(
    "series-carriage-return",
    """A line of the series ends in a carriage return. quilt takes it for a part of the patch's name
    and does not find the patch. Save the file with plain line ends.""",
)
_ABSENT = Slug.define(
    "series-no-such-patch",
    """The patch that is to be moved, renamed or taken away is not in the series.""",
)

_LINE = re.compile(rb"([ \t]*)([^ \t]*?)([ \t].*?)?(\r?\n|)\Z", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class SeriesError(PatchgenError, ValueError):
    """The series cannot be changed as asked: the patch is absent, there already, or ill-named."""

    status = Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a series file: ``indent + name + rest + end`` are its bytes.

    :param name: the name of the patch, as it stands; empty for a comment or a blank line.
    :param rest: what is behind the name: blanks, options and a comment; or the whole comment.
    :param end: the end of the line, as found: LF, CR LF, or nothing on a last line.
    """

    indent: bytes
    name: bytes
    rest: bytes
    end: bytes

    @classmethod
    def parse(cls, data: bytes) -> Line:
        """Return the line whose bytes, with its end, are *data*."""
        found = _LINE.match(data)
        if found is None:  # the pattern takes any bytes
            raise AssertionError(data)
        indent, name, rest, end = found.groups(b"")
        return cls(indent, b"", name + rest, end) if name.startswith(b"#") else cls(indent, name, rest, end)

    @property
    def patch(self) -> str:
        """The name of the patch; bytes that are not UTF-8 are surrogates, as in file names."""
        return self.name.decode(errors="surrogateescape")

    @property
    def options(self) -> tuple[str, ...]:
        """The options for GNU patch behind the name, such as ``-p0``; a comment ends them."""
        words: list[str] = []
        for word in self.rest.decode(errors="surrogateescape").split() if self.name else ():
            if word.startswith("#"):
                break
            words.append(word)
        return tuple(words)

    @property
    def comment(self) -> str:
        """The comment of the line, from its number sign on; empty where there is none."""
        found = re.search(rb"(?:^|(?<=[ \t]))#.*", self.rest, re.DOTALL)
        return found[0].decode(errors="surrogateescape").rstrip() if found else ""

    @property
    def strip(self) -> str:
        """What the first ``-p`` option says, as quilt reads it; ``1`` without one."""
        return next((word[2:] for word in self.options if word.startswith("-p")), "1")

    @property
    def reversed(self) -> bool:
        """Whether the patch is applied backwards (``-R``)."""
        return "-R" in self.options

    def __bytes__(self) -> bytes:
        return self.indent + self.name + self.rest + self.end


@dataclass(frozen=True, slots=True)
class Series:
    """The lines of a series file, in order."""

    lines: tuple[Line, ...] = field(default=())

    @classmethod
    def parse(cls, data: bytes) -> Series:
        """Return the series whose bytes are *data*; any bytes are taken, and ``bytes()`` gives them back."""
        pieces = data.split(b"\n")
        whole = [piece + b"\n" for piece in pieces[:-1]]
        return cls(tuple(Line.parse(piece) for piece in (*whole, pieces[-1]) if piece))

    def __bytes__(self) -> bytes:
        return b"".join(map(bytes, self.lines))

    def __iter__(self) -> Iterator[Line]:
        """Yield the lines that name a patch, in the order in which they are applied."""
        return (line for line in self.lines if line.name)

    def __contains__(self, patch: object) -> bool:
        return any(line.patch == patch for line in self)

    @property
    def patches(self) -> tuple[str, ...]:
        """The names of the patches, in the order in which they are applied."""
        return tuple(line.patch for line in self)

    def insert(
        self, patch: str, *, before: str | None = None, after: str | None = None, options: Sequence[str] = ()
    ) -> Series:
        """Return the series with *patch* on a line of its own, next to another patch or at the end.

        The line ends as its neighbour does. A last line without an end gets one, for else the two
        would be one name.

        :raises SeriesError: *patch* is there already or cannot be a name; the other is not there, or twice.
        :raises ValueError: both *before* and *after* are given.
        """
        if before is not None and after is not None:
            msg = "give before or after, not both"
            raise ValueError(msg)
        name = self._new_name(patch)
        lines = list(self.lines)
        other = after if before is None else before
        at = len(lines) if other is None else self._index(other) + (before is None)
        neighbour = lines[at if before is not None else at - 1] if lines else Line(b"", b"", b"", b"\n")
        end = neighbour.end or next((line.end for line in lines if line.end), b"\n")
        if at == len(lines) and lines:
            lines[-1] = replace(lines[-1], end=lines[-1].end or end)
        rest = "".join(f" {option}" for option in options).encode(errors="surrogateescape")
        lines.insert(at, Line(b"", name, rest, end))
        return Series(tuple(lines))

    def remove(self, patch: str) -> Series:
        """Return the series without the line of *patch*; nothing else changes.

        :raises SeriesError: *patch* is not there, or twice.
        """
        at = self._index(patch)
        return Series(self.lines[:at] + self.lines[at + 1 :])

    def rename(self, old: str, new: str) -> Series:
        """Return the series with *new* for *old*; options, comment and blanks stay.

        :raises SeriesError: *old* is not there or twice; *new* is there already or cannot be a name.
        """
        at = self._index(old)
        name = self._new_name(new)
        return Series((*self.lines[:at], replace(self.lines[at], name=name), *self.lines[at + 1 :]))

    def findings(self, path: str) -> Iterator[Finding]:
        """Yield, in the order of the file, what quilt or dpkg-source would stumble over.

        :param path: what the person calls the series file.
        """
        seen: set[bytes] = set()
        for number, line in enumerate(self.lines, start=1):
            for slug, message, start, end, hint in _problems(line):
                yield Finding(slug, Level.ERROR, message, _place(path, number, line, start, end), hint)
            if line.name in seen:
                start = len(line.indent)
                place = _place(path, number, line, start, start + len(line.name))
                message = f"{line.patch} is in the series already"
                yield Finding(_DUPLICATE, Level.ERROR, message, place, "take one of the lines away")
            if line.name:
                seen.add(line.name)

    def _index(self, patch: str) -> int:
        found = [at for at, line in enumerate(self.lines) if line.name and line.patch == patch]
        if not found:
            raise SeriesError(_ABSENT, f"{patch} is not in the series")
        if len(found) > 1:
            raise SeriesError(_DUPLICATE, f"{patch} is in the series {len(found)} times")
        return found[0]

    def _new_name(self, patch: str) -> bytes:
        if patch in self:
            raise SeriesError(_DUPLICATE, f"{patch} is in the series already")
        problem = _bad_name(patch)
        if problem:
            raise SeriesError(_NAME, f"{patch!r} cannot be the name of a patch: {problem}")
        return patch.encode(errors="surrogateescape")


def _place(path: str, number: int, line: Line, start: int, end: int) -> Place:
    """Return the place of a byte span of one line, at a cost that does not grow with the file."""
    return replace(Place.of(path, bytes(line), start, end), line=number)


def _bad_name(name: str) -> str:
    """Return what is wrong with the name of a patch, or nothing."""
    reasons = (
        (not name, "it is empty"),
        (name.startswith("/"), "it is absolute"),
        (".." in name.split("/"), "it leaves the folder of patches"),
        (name.startswith("-"), "programs would take it for an option"),
        (_CONTROL.search(name) is not None, "it has a control character in it"),
        (" " in name or name.startswith("#"), "a blank or a number sign ends a name"),
        (name == "series", "it is the series file's own"),
    )
    return next((reason for wrong, reason in reasons if wrong), "")


def _problems(line: Line) -> Iterator[tuple[Slug, str, int, int, str]]:
    """Yield slug, message, byte span and help for each fault of one line by itself."""
    start = len(line.indent)
    stop = start + len(line.name)
    if not line.name and line.rest and line.indent:
        yield _COMMENT, 'quilt takes an indented comment for a patch named "#"', 0, start + 1, "take the blanks away"
    problem = _bad_name(line.patch) if line.name else ""
    if problem:
        yield _NAME, f"{line.patch!r} cannot be the name of a patch: {problem}", start, stop, "rename the patch"
    for found in re.finditer(rb"[^ \t]+", line.rest if line.name else b""):
        if found[0].startswith(b"#"):
            break
        if found[0] != b"-p1":
            text = found[0].decode(errors="surrogateescape")
            span = stop + found.start(), stop + found.end()
            yield _OPTION, f"dpkg-source does not obey {text}", *span, "make the patch one for -p1"
    if line.end == b"\r\n" and (line.name or line.indent or not line.rest):
        at = len(bytes(line)) - len(line.end)
        yield _CARRIAGE, "a carriage return ends the line", at, at + 1, "save the file with plain line ends"
