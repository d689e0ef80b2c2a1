# SPDX-License-Identifier: GPL-3.0-or-later
"""A lossless model of the header of a patch: DEP-3, in its own style and in that of git format-patch.

A header takes any bytes and gives them back; fields are spans of them. What DEP-3 does not allow is a
finding of :func:`lint`, never an error of parsing. Rule source: DEP-3, "Patch Tagging Guidelines",
https://dep-team.pages.debian.net/deps/dep3/.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen._preamble import READS_AS_DIFF, diff_start, hazards
from patchgen.findings import PatchgenError, Slug

from ._rules import differences, is_known, lint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

__all__ = ["Dep3Error", "Field", "Header", "Style", "differences", "lint", "render", "split"]

_FIELD = Slug.define(
    "dep3-field",
    """The [dep3] table of a semantic patch has a field that cannot be written into the header of a
    patch: the name is not that of a field, the value is empty, or it has a control character or a
    paragraph of a single full stop in it.""",
)

_NAMED = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_MAILBOX = re.compile(rb"From [0-9a-f]{7,64} ")
_NUMBERED = re.compile(r"(?:\[[^\]]*\bPATCH\b[^\]]*\]\s*|\[\d+/\d+\]\s*)+")
_BLANK = " \t\r\n"
"""What may be left out at an end; a no-break space may not."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Dep3Error(PatchgenError, ValueError):
    """A field cannot be written into a header."""


class Style(enum.Enum):
    """How a header is written."""

    FIELDS = "deb822"
    """Fields as in debian/control."""
    MAIL = "git format-patch"
    """A mail: the subject is the description, the body goes on with it."""
    FREE = "free text"
    """No field at all."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a header.

    :param name: as it is written.
    :param value: without the blank at the start of each further line; `` .`` is an empty line.
    :param start: where the field begins in the header; *end*, just behind the line end of its last line.
    """

    name: str
    value: str
    start: int
    end: int

    def __str__(self) -> str:
        """Return the value with the encoded words of a mail (RFC 2047) read."""
        if "=?" not in self.value:
            return self.value
        from email.errors import MessageError  # noqa: PLC0415 - slow to import, and rarely needed
        from email.header import decode_header, make_header  # noqa: PLC0415 - likewise

        try:
            return str(make_header(decode_header(self.value)))
        except (MessageError, LookupError, ValueError):
            return self.value


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a patch: all that is before the diff.

    :param fields: in the order of the header, whatever paragraph they are in.
    :param text: what is in no field, up to a line ``---``; paragraphs apart by an empty line.
    :param stray: the spans of lines that stand among fields and are neither a field nor part of one.
    """

    data: bytes
    style: Style
    fields: tuple[Field, ...]
    text: str
    stray: tuple[tuple[int, int], ...]

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """Return the header whose bytes are *data*; any bytes are taken, and ``bytes()`` gives them back."""
        return _Parser(data).parse()

    def __bytes__(self) -> bytes:
        return self.data

    def all(self, *names: str) -> list[Field]:
        """Return the fields of these names, in the order of the header; case does not matter."""
        wanted = {name.lower() for name in names}
        return [field for field in self.fields if field.name.lower() in wanted]

    def get(self, *names: str) -> str | None:
        """Return the value of the first field of these names, or None; a mail's encoded words are read."""
        found = self.all(*names)
        return str(found[0]) if found else None

    @property
    def description(self) -> str:
        """The short description: the first line of Description, or the subject without ``[PATCH]``."""
        subject = self.all("Description", "Subject")
        if not subject:
            return ""
        if subject[0].name.lower() == "subject":
            text = " ".join(str(subject[0]).split())
            numbered = _NUMBERED.match(text)
            return text[numbered.end() :] if numbered else text
        return str(subject[0]).partition("\n")[0].strip()

    @property
    def explanation(self) -> str:
        """The long description: the further lines of Description, and the text that is in no field."""
        value = self.get("Description") or ""
        return "\n\n".join(part for part in (value.partition("\n")[2].strip("\n"), self.text) if part)

    @property
    def forwarded(self) -> bool:
        """Whether the patch has been sent upstream, as DEP-3 reads it: without the field, where there is a Bug."""
        value = self.get("Forwarded")
        if value is None:
            return bool(self.all("Bug"))
        return value.strip().lower() not in {"no", "not-needed"}

    def with_field(self, name: str, value: str) -> Header:
        """Return the header with *value* in the first field *name*, or in a new one behind the last field.

        No other byte changes.

        :raises Dep3Error: the field cannot be written.
        """
        new = _written(name, value)
        found = self.all(name)
        start, end = (found[0].start, found[0].end) if found else (self._behind_fields(),) * 2
        before = self.data[:start]
        gap = b"\n" if before and not before.endswith(b"\n") else b""
        return Header.parse(before + gap + new + self.data[end:])

    def _behind_fields(self) -> int:
        return self.fields[-1].end if self.fields else 0


def split(patch: bytes) -> tuple[bytes, bytes]:
    """Return the header and the diff of a patch, where quilt itself divides it; together they are *patch*."""
    start = diff_start(patch)
    return patch[:start], patch[start:]


def render(fields: Mapping[str, str | date | Sequence[str]]) -> bytes:
    """Return a new header with *fields*, in their order, and an empty line behind it.

    A value of several lines is folded; a list is written as one field for each of its items; a date as
    YYYY-MM-DD. Blanks at the ends of lines and empty lines at the ends of a value are left out.

    :raises Dep3Error: a field cannot be written, or GNU patch would take a line of it for a diff.
    """
    pieces: list[bytes] = []
    for name, value in fields.items():
        if isinstance(value, str):
            pieces.append(_written(name, value))
        elif isinstance(value, Sequence):
            pieces += [_written(name, item) for item in value]
        else:
            pieces.append(_written(name, value.isoformat()))
    return b"".join(pieces) + b"\n" if pieces else b""


def _written(name: str, value: str) -> bytes:
    """Return the lines of one field."""
    if not _NAME.fullmatch(name):
        raise Dep3Error(_FIELD, f"{name!r} is not the name of a field")
    lines = [line.rstrip(_BLANK) for line in value.strip(_BLANK).split("\n")]
    if not lines[0]:
        raise Dep3Error(_FIELD, f"{name} is empty")
    if _CONTROL.search(value):
        raise Dep3Error(_FIELD, f"{name} has a control character in it")
    if "." in lines[1:]:
        raise Dep3Error(_FIELD, f"{name} has a line of a single full stop, which is how an empty line is written")
    text = f"{name}: " + "\n".join([lines[0], *(f" {line or '.'}" for line in lines[1:])]) + "\n"
    written = text.encode()
    for start, end in hazards(written):
        line = written[start:end].decode(errors="replace")
        raise Dep3Error(READS_AS_DIFF, f"{name} has a line that GNU patch takes for one of a diff: {line}")
    return written


class _Parser:
    """Reads one header, paragraph by paragraph."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._fields: list[Field] = []
        self._text: list[str] = []
        self._stray: list[tuple[int, int]] = []

    def parse(self) -> Header:
        first, below = True, False
        for paragraph in _paragraphs(self._data):
            if paragraph[0][2].rstrip() == b"---":
                below = True
                paragraph = paragraph[1:]  # noqa: PLW2901 - the rule is no part of its paragraph
            if not paragraph:
                continue
            if first and _MAILBOX.match(paragraph[0][2]):
                paragraph = paragraph[1:]  # noqa: PLW2901 - likewise
            if paragraph and (_is_field(paragraph[0][2]) if first else _all_fields(paragraph)):
                self._take_fields(paragraph)
            elif not below:
                self._text.append("\n".join(_decode(line).rstrip(_BLANK) for _, _, line in paragraph))
            first = False
        names = {field.name.lower() for field in self._fields}
        mail = "description" not in names and "subject" in names
        style = Style.MAIL if mail else Style.FIELDS if names else Style.FREE
        return Header(self._data, style, tuple(self._fields), "\n\n".join(self._text), tuple(self._stray))

    def _take_fields(self, paragraph: Sequence[tuple[int, int, bytes]]) -> None:
        name, start, end = "", 0, 0
        values: list[str] = []
        loose: list[str] = []
        for begin, stop, line in paragraph:
            found = _NAMED.match(line)
            if name and line[:1] in {b" ", b"\t"}:
                values.append(_unfolded(_decode(line)))
            elif found:
                if name:
                    self._fields.append(Field(name, "\n".join(values), start, end))
                name, start = _decode(found[1]), begin
                values = [_decode(found[2]).strip(_BLANK)]
            else:
                if name:
                    self._fields.append(Field(name, "\n".join(values), start, end))
                name = ""
                self._stray.append((begin, stop))
                loose.append(_decode(line).strip(_BLANK))
            end = stop
        if name:
            self._fields.append(Field(name, "\n".join(values), start, end))
        if loose:
            self._text.append("\n".join(loose))


def _paragraphs(data: bytes) -> Iterator[list[tuple[int, int, bytes]]]:
    """Yield the paragraphs: the lines between empty ones, each with its span; a line ``---`` begins one."""
    lines: list[tuple[int, int, bytes]] = []
    at = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        line = data[at:end]
        bare = line.rstrip()
        if (not bare or bare == b"---") and lines:
            yield lines
            lines = []
        if bare:
            lines.append((at, end, line.rstrip(b"\r\n")))
        at = end
    if lines:
        yield lines


def _is_field(line: bytes) -> bool:
    return _NAMED.match(line) is not None


def _all_fields(paragraph: Sequence[tuple[int, int, bytes]]) -> bool:
    """Return whether a paragraph further down is one of fields: it begins with one that DEP-3 defines."""
    found = _NAMED.match(paragraph[0][2])
    if found is None:
        return False
    return is_known(_decode(found[1])) and all(line[:1] in {b" ", b"\t"} or _is_field(line) for _, _, line in paragraph)


def _unfolded(line: str) -> str:
    line = line[1:].rstrip(_BLANK)
    return "" if line == "." else line


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
