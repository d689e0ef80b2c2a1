# SPDX-License-Identifier: GPL-3.0-or-later
"""The series: each patch with its edits, and each edit with what it changes and its ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _findings
from .hunks import Side
from .markup import element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from .contents import Contents, EditPart, Entry, PatchPart
    from .hunks import FileHunks, Hunk, Line

__all__ = ["section"]

_VERDICTS = ("edited", "excused", "refused")
_CLASSES = {"edited": "proved", "excused": "quiet", "refused": "not-proved"}
_BEFORE = {"absent": "absent before", "present": "present before", "partial": "partly there before"}
"""What the state of an edit, which is that of the tree before it, is called beside what it changes."""
_TAGS = {Side.BEFORE: "del", Side.AFTER: "ins", Side.BOTH: "span"}


def section(contents: Contents) -> etree._Element:
    """Return the patches in the order of the series."""
    made = element(
        "section",
        element("h2", "The series, its edits and its ledger"),
        element(
            "p",
            "An edit is one change to the program. Every place where a name stands that the edit owns is in its "
            "ledger: edited, excused for a reason, or refused.",
        ),
        id="series",
    )
    made.extend(_patch(number, part) for number, part in enumerate(contents.patches, start=1))
    return made


def _patch(number: int, part: PatchPart) -> etree._Element:
    heading = f"patch-{number}"
    made = element(
        "article",
        element("h3", f"{number}. {part.name}", id=heading),
        element("p", part.description, class_="description") if part.description else None,
        *(element("p", text) for text in _paragraphs(part.explanation)),
        element("p", f"{part.state}; {_counts(part)}", class_="counts"),
        aria_labelledby=heading,
    )
    if part.findings:
        made.append(_findings.listed(part.findings))
    made.extend(_edit(at, edit) for at, edit in enumerate(part.edits, start=1))
    return made


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a long description (a line with a full stop alone parts them, DEP-3)."""
    lines: list[str] = []
    for line in [*text.splitlines(), "."]:
        if line.strip() in {"", "."}:
            if lines:
                yield " ".join(lines)
            lines = []
        else:
            lines.append(line.strip())


def _counts(part: PatchPart) -> str:
    edits = len(part.edits)
    counts = [f"{sum(edit.count(verdict) for edit in part.edits)} {verdict}" for verdict in _VERDICTS]
    return f"{edits} {'edit' if edits == 1 else 'edits'}, occurrences: {', '.join(counts)}"


def _edit(at: int, edit: EditPart) -> etree._Element:
    counts = [f"{edit.count(verdict)} {verdict}" for verdict in _VERDICTS if edit.count(verdict)]
    said = ", ".join([_BEFORE.get(edit.state, edit.state), *counts])
    kind = (element("code", edit.kind), " ") if edit.kind else ()
    made = element(
        "details",
        element(
            "summary", f"Edit {at}: ", *kind, element("strong", edit.about), " ", element("span", said, class_="counts")
        ),
        class_="edit",
    )
    made.extend(_file(file) for file in edit.files)
    if not edit.files:
        made.append(element("p", "This edit changes nothing here.", class_="quiet"))
    if edit.ledger:
        made.append(_ledger(edit))
    return made


def _file(file: FileHunks) -> etree._Element:
    made = element("div", element("p", element("code", file.path), class_="path"), class_="file")
    made.extend(_hunk(file, hunk) for hunk in file.hunks)
    return made


def _hunk(file: FileHunks, hunk: Hunk) -> etree._Element:
    return element(
        "pre",
        element("code", *map(_line, hunk.lines)),
        class_="diff",
        role="group",
        aria_label=f"{file.path}, from line {hunk.start}",
    )


def _line(line: Line) -> etree._Element:
    number = str(line.after or line.before)
    parts = [element("mark", part.text) if part.changed else part.text for part in line.parts]
    return element(
        _TAGS[line.side],
        element("span", number, class_="at"),
        element("span", line.side.value, class_="sign"),
        element("span", *parts, "\n", class_="text"),
        class_="line",
    )


def _ledger(edit: EditPart) -> etree._Element:
    heads = ("place", "name", "verdict", "reason")
    table = element(
        "table",
        element("caption", f"Ledger: {len(edit.ledger)} {'occurrence' if len(edit.ledger) == 1 else 'occurrences'}"),
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *map(_entry, edit.ledger)),
        class_="ledger",
    )
    return element("div", table, class_="wide", role="group", aria_label=f"Ledger of {edit.about}", tabindex="0")


def _entry(entry: Entry) -> etree._Element:
    return element(
        "tr",
        element("th", element("code", str(entry.place)), scope="row"),
        element("td", element("code", entry.name)),
        element("td", element("span", entry.verdict, class_=f"word {_CLASSES[entry.verdict]}")),
        element("td", entry.why),
    )
