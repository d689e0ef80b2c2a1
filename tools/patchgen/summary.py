# SPDX-License-Identifier: GPL-3.0-or-later
"""Summaries that a person reads: what a refresh did, the state of each edit, the ledger, the matrix."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .findings import Place, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from .edits import Occurrence
    from .stages import EditReport, Stage
    from .status import Board

__all__ = [
    "Row",
    "exported",
    "packaged",
    "place",
    "row",
    "status",
    "status_json",
    "table",
    "undone",
    "written",
]


@dataclass(frozen=True, slots=True)
class Row:
    """One patch in a summary: its state, and how many occurrences got which verdict."""

    patch: str
    state: str
    edits: int
    sites: int
    edited: int
    excused: int
    refused: int


def row(stage: Stage) -> Row:
    """Return the summary of a stage."""
    verdicts = [occurrence.verdict.value for report in stage.edits for occurrence in report.plan.occurrences]
    return Row(
        patch=stage.patch,
        state=stage.state.value,
        edits=len(stage.edits),
        sites=sum(report.plan.sites for report in stage.edits),
        edited=verdicts.count("edited"),
        excused=verdicts.count("excused"),
        refused=verdicts.count("refused"),
    )


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table, with the names of the columns above."""
    cells: list[tuple[str, ...]] = [("patch", "state", "edits", "sites", "edited", "excused", "refused")]
    for entry in rows:
        name = printable(entry.patch)
        if entry.state == "hand-made":
            cells.append((name, entry.state, "", "", "", "", ""))
        else:
            counts = (entry.edits, entry.sites, entry.edited, entry.excused, entry.refused)
            cells.append((name, entry.state, *map(str, counts)))
    return _columns(cells, left=2)


def written(changed: Sequence[str], *, done: bool, check: bool, refused: bool) -> str:
    """Return the sentence that ends a refresh."""
    if not changed:
        return "nothing refused, nothing to write\n" if not refused else "nothing to write\n"
    listed = ", ".join(printable(name) for name in changed)
    if done:
        return f"wrote {listed}\n"
    return f"would write {listed}\n" if check else "nothing was written\n"


def undone(command: str, changed: Sequence[str], *, done: bool) -> str:
    """Return the sentence that ends an undo."""
    listed = ", ".join(printable(name) for name in changed)
    return f"{'undid' if done else 'would undo'} the last {command}: {listed}\n"


def exported(what: str, path: str) -> str:
    """Return the sentence that ends an export."""
    return f"wrote {what} to {printable(path)}\n"


def packaged(files: Sequence[Path]) -> str:
    """Return what a person does next with the files of a source package."""
    if not files:
        return "no package was made\n"
    listed = "".join(f"wrote {printable(str(path))}\n" for path in files)
    (description,) = [path for path in files if path.suffix == ".dsc"]
    orig = next(path for path in files if ".orig." in path.name)
    name = printable(str(description))
    return f"{listed}a new repository:   gbp import-dsc {name}\none that is there:  gbp import-orig {printable(str(orig))}\n"


def status(boards: Sequence[Board], *, ledger: bool) -> str:
    """Return the state of each patch and edit on one tree, or a matrix of patches against trees."""
    if len(boards) > 1:
        return _matrix(boards)
    return "".join(_stage(stage, ledger=ledger) for board in boards for stage in board.stages)


def status_json(boards: Sequence[Board]) -> str:
    """Return everything that is known of the boards, the ledger included."""
    return json.dumps([_board(board) for board in boards], indent=2, ensure_ascii=False) + "\n"


def _stage(stage: Stage, *, ledger: bool) -> str:
    lines = [f"{printable(stage.patch)}: {stage.state.value}\n"]
    cells: list[tuple[str, ...]] = []
    for report in stage.edits:
        entry = _edit(report)
        counts = f"{entry['edited']} edited, {entry['excused']} excused, {entry['refused']} refused"
        cells.append((f"  {entry['kind']}", entry["about"], entry["state"], _count(entry["sites"], "site"), counts))
        if ledger:
            lines.append(_columns(cells, left=5))
            cells = []
            lines += _ledger(report)
    return "".join(lines) + (_columns(cells, left=5) if cells else "")


def _ledger(report: EditReport) -> Iterator[str]:
    for occurrence in report.plan.occurrences:
        reason = occurrence.reason.value if occurrence.reason else ""
        why = ": ".join(filter(None, (reason, occurrence.detail)))
        verdict = occurrence.verdict.value
        where = place(report, occurrence)
        yield f"    {where}: {occurrence.name}: {verdict}{f' ({printable(why)})' if why else ''}\n"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _matrix(boards: Sequence[Board]) -> str:
    names = list(dict.fromkeys(stage.patch for board in boards for stage in board.stages))
    states = [{stage.patch: stage.state.value for stage in board.stages} for board in boards]
    cells = [("patch", *_told_apart([board.upstream for board in boards]))]
    cells += [(name, *(found.get(name, "-") for found in states)) for name in names]
    return _columns([tuple(map(printable, line)) for line in cells], left=len(cells[0]))


def _told_apart(names: Sequence[str]) -> list[str]:
    """Return of each name the last parts, as between slashes, that no other name ends in; all of it where there are none."""
    parted = [name.rstrip("/").split("/") for name in names]
    short = []
    for parts in parted:
        others = [other for other in parted if other != parts]
        count = next((n for n in range(1, len(parts)) if all(other[-n:] != parts[-n:] for other in others)), len(parts))
        short.append("/".join(parts[-count:]))
    return short


def _columns(cells: Iterable[tuple[str, ...]], left: int) -> str:
    """Align the cells: the first *left* columns to the left, the others to the right."""
    lines = list(cells)
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))] if lines else []
    text = ""
    for line in lines:
        parts = [
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        text += "  ".join(parts).rstrip() + "\n"
    return text


def _board(board: Board) -> dict[str, Any]:
    patches = [
        {
            **asdict(row(stage)),
            "edits": [
                _edit(report) | {"ledger": [_occurrence(report, entry) for entry in report.plan.occurrences]}
                for report in stage.edits
            ],
        }
        for stage in board.stages
    ]
    return {"upstream": board.upstream, "patches": patches, "findings": [str(finding) for finding in board.findings]}


def _edit(report: EditReport) -> dict[str, Any]:
    plan = report.plan
    verdicts = [occurrence.verdict.value for occurrence in plan.occurrences]
    return {
        "kind": str(type(report.edit).__struct_config__.tag),
        "about": report.edit.about(),
        "state": plan.state.value,
        "sites": plan.sites,
        "present": plan.present,
        "edited": verdicts.count("edited"),
        "excused": verdicts.count("excused"),
        "refused": verdicts.count("refused"),
    }


def _occurrence(report: EditReport, occurrence: Occurrence) -> dict[str, Any]:
    where = place(report, occurrence)
    return {
        "path": occurrence.path,
        "line": where.line,
        "column": where.column,
        "start": occurrence.start,
        "end": occurrence.end,
        "name": occurrence.name,
        "verdict": occurrence.verdict.value,
        "reason": occurrence.reason.value if occurrence.reason else None,
        "detail": occurrence.detail or None,
    }


def place(report: EditReport, occurrence: Occurrence) -> Place:
    """Return where an occurrence stands, in the tree that the edit was planned on."""
    if occurrence.path in report.tree.links:
        return Place(occurrence.path)
    return Place.of(occurrence.path, report.tree.read(occurrence.path), occurrence.start, occurrence.end)
