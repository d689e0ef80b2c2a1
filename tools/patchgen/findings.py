# SPDX-License-Identifier: GPL-3.0-or-later
"""What patchgen and buildcheck report: findings, the one error root, exit codes, presenters.

A *finding* reads ``file:line:col: level: message [slug]``, then the source line, a marker under
the place, and a line of help. Lines and columns count from one; a column counts characters, not
bytes, so that a marker behind a non-ASCII character stands where a person sees it.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Exit",
    "Finding",
    "Level",
    "PatchgenError",
    "Place",
    "Slug",
    "as_json",
    "as_sarif",
    "as_text",
    "listed",
    "printable",
    "worst",
]


class Exit(enum.IntEnum):
    """The exit statuses; no status means two things."""

    CLEAN = 0
    """Everything is as it should be."""
    FINDINGS = 1
    """The tree or the series is not as it should be: a refusal, a finding, or it would change."""
    UNUSABLE = 2
    """The command, a semantic patch, a policy file or the environment cannot be used."""


class Level(enum.Enum):
    """How much a finding weighs. Only an error makes the exit status 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Slug:
    """The short stable name of one sort of finding, with the text that ``explain`` prints."""

    name: str
    explanation: str

    @classmethod
    def define(cls, name: str, explanation: str) -> Slug:
        """Make a slug and enter it in the register; a name is defined once.

        :raises ValueError: the name is defined already.
        """
        if name in _REGISTER:
            msg = f"the slug {name!r} is defined twice"
            raise ValueError(msg)
        slug = _REGISTER[name] = cls(name, " ".join(explanation.split()))
        return slug

    @staticmethod
    def known() -> dict[str, Slug]:
        """Return every slug that the modules imported so far define, by name."""
        return dict(sorted(_REGISTER.items()))

    def __str__(self) -> str:
        return self.name


_REGISTER: dict[str, Slug] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: a line, and the characters ``column`` up to ``end_column`` of it.

    :param path: as a person would type it; relative to the tree for a file of the tree.
    :param line: from 1; 0 when the finding is about the whole file.
    :param column: from 1, in characters; 0 when the finding is about the whole line.
    :param end_column: one past the last character; at least ``column``.
    :param source: the text of the line, without its end.
    """

    path: str
    line: int = 0
    column: int = 0
    end_column: int = 0
    source: str = ""

    @classmethod
    def of(cls, path: str, data: bytes, start: int, end: int | None = None) -> Place:
        """Return the place of the half-open byte span ``[start, end)`` of *data*.

        Of a span over several lines the marker covers the part on the first.
        """
        start = min(max(start, 0), len(data))
        end = start if end is None else end
        begin = data.rfind(b"\n", 0, start) + 1
        stop = data.find(b"\n", start)
        stop = len(data) if stop < 0 else stop
        end = max(start, min(end, stop))
        return cls(
            path=path,
            line=data.count(b"\n", 0, start) + 1,
            column=len(_decode(data[begin:start])) + 1,
            end_column=len(_decode(data[begin:end])) + 1,
            source=_decode(data[begin:stop]).rstrip("\r"),
        )

    def __str__(self) -> str:
        parts = [printable(self.path)]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check or a refusal reports.

    :param related: other places to look at, where the cause may be.
    """

    slug: Slug
    level: Level
    message: str
    place: Place | None = None
    help: str = ""
    related: tuple[Place, ...] = ()

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        lines = [f"{where}{self.level.value}: {printable(self.message)} [{self.slug}]"]
        if self.place and self.place.source and self.place.column:
            lines += _marked(self.place)
        if self.help:
            lines.append(f"  help: {printable(self.help)}")
        if self.related:
            lines.append(f"  see: {listed(self.related)}")
        return "\n".join(lines)


class PatchgenError(Exception):
    """The root of all errors that patchgen raises on purpose: it carries its finding.

    The command line prints the finding and exits with ``status``.
    """

    status = Exit.UNUSABLE

    def __init__(self, slug: Slug, message: str, place: Place | None = None, help: str = "") -> None:
        self.finding = Finding(slug, Level.ERROR, message, place, help)
        super().__init__(str(self.finding))


def worst(findings: Iterable[Finding]) -> Exit:
    """Return the exit status that *findings* ask for: only errors make it :attr:`Exit.FINDINGS`."""
    errors = any(finding.level is Level.ERROR for finding in findings)
    return Exit.FINDINGS if errors else Exit.CLEAN


def printable(text: str) -> str:
    """Return *text* with control characters written as escapes: a tree may not drive a terminal."""
    return "".join(c if c.isprintable() or c in "\t\n" else c.encode("unicode_escape").decode() for c in text)


def as_text(findings: Iterable[Finding]) -> str:
    """Return the findings as a person reads them, each ended by a newline."""
    return "".join(f"{finding}\n" for finding in findings)


def as_json(findings: Iterable[Finding]) -> str:
    """Return the findings as a JSON array; absent places and helps are null."""
    return json.dumps([_plain(finding) for finding in findings], indent=2, ensure_ascii=False) + "\n"


def as_sarif(findings: Iterable[Finding], tool: str, version: str) -> str:
    """Return the findings as one SARIF 2.1.0 run of *tool* (OASIS SARIF 2.1.0, section 3)."""
    listed = list(findings)
    slugs = sorted({finding.slug.name: finding.slug for finding in listed}.values(), key=str)
    rules = [{"id": slug.name, "fullDescription": {"text": slug.explanation}} for slug in slugs]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": tool, "version": version, "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(finding) for finding in listed],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def listed(places: Iterable[Place]) -> str:
    """Return places as a person reads them: each file once, with its lines."""
    lines: dict[str, list[str]] = {}
    for place in places:
        lines.setdefault(printable(place.path), []).append(str(place.line))
    return "; ".join(f"{path}:{', '.join(dict.fromkeys(found))}" for path, found in lines.items())


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _marked(place: Place) -> list[str]:
    """Return the source line and the marker below it, as wide tabs and all."""
    source = printable(place.source)
    width = max(1, place.end_column - place.column)
    before = place.source[: place.column - 1]
    indent = "".join("\t" if c == "\t" else " " * len(printable(c)) for c in before)
    return [f"  {source}", f"  {indent}{'~' * (width - 1)}^"]


def _plain(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "slug": finding.slug.name,
        "level": finding.level.value,
        "message": finding.message,
        "place": None if place is None else _plain_place(place),
        "help": finding.help or None,
        "related": [_plain_place(one) for one in finding.related],
    }


def _plain_place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line or None,
        "column": place.column or None,
        "end_column": place.end_column or None,
    }


def _sarif_result(finding: Finding) -> dict[str, Any]:
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.slug.name,
        "level": finding.level.value,
        "message": {"text": text},
    }
    if finding.place is not None:
        result["locations"] = [_sarif_location(finding.place)]
    if finding.related:
        result["relatedLocations"] = [_sarif_location(place) for place in finding.related]
    return result


def _sarif_location(place: Place) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.path)}}
    if place.line:
        location["region"] = {"startLine": place.line}
        if place.column:
            location["region"] |= {"startColumn": place.column, "endColumn": place.end_column}
    return {"physicalLocation": location}


def _uri(path: str) -> str:
    from urllib.parse import quote  # noqa: PLC0415 - only SARIF needs it, and it is slow to import

    return quote(path)
