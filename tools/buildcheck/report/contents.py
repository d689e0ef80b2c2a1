# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page says, gathered as values: the series with its ledger and edits, and what the checks say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildcheck.layout import picture
from patchgen import dep3, status, summary
from patchgen.findings import Finding, Level, PatchgenError, Place, Slug
from patchgen.stages import StageState

from . import structs
from .hunks import FileHunks, between

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildcheck.prefixes import Prefix
    from buildcheck.subject import Subject
    from patchgen.config import Places
    from patchgen.edits import Occurrence
    from patchgen.stages import EditReport, Stage
    from patchgen.tree import Tree

    from . import Report

__all__ = ["Contents", "EditPart", "Entry", "PatchPart", "Picture", "contents"]

_STEP = Slug.define(
    "patch-out-of-step",
    """The semantic patch and the patch of the series do not leave the same bytes: what the page shows as
    edits and ledger is not what the checks looked at. `patchgen refresh` writes the patch again.""",
)
_NO_LEDGER = Slug.define(
    "no-ledger",
    """No folder of semantic patches was given, so that there is no ledger: each patch is shown as one change.
    Give --semantic, or name the folder in patchgen.toml.""",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger: a place, the name that stands there, and the verdict on it."""

    place: Place
    name: str
    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class EditPart:
    """One edit: what it is about, what became of it, its ledger and what it changes.

    :param kind: that of the edit; "" for the whole of a patch that no semantic patch renders.
    """

    kind: str
    about: str
    state: str
    sites: int = 0
    ledger: tuple[Entry, ...] = ()
    files: tuple[FileHunks, ...] = ()

    def count(self, verdict: str) -> int:
        """Return how many occurrences have that verdict."""
        return sum(entry.verdict == verdict for entry in self.ledger)


@dataclass(frozen=True, slots=True)
class PatchPart:
    """One patch of the series."""

    name: str
    state: str
    description: str
    explanation: str
    edits: tuple[EditPart, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A struct before and after the series.

    :param svg: "" where there are not two layouts to draw; the title says why.
    """

    struct: str
    svg: str


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the page says.

    :param findings: what is wrong with the series itself.
    """

    upstream: str
    folder: str
    patches: tuple[PatchPart, ...]
    reports: tuple[Report, ...]
    findings: tuple[Finding, ...] = ()
    pictures: tuple[Picture, ...] = ()


def contents(places: Places, subject: Subject, reports: Sequence[Report]) -> Contents:
    """Gather what is to be said of the series that *subject* is.

    :raises PatchgenError: the semantic patches cannot be read.
    """
    upstream = places.need_upstream()
    stages: tuple[Stage, ...] = ()
    findings: list[Finding] = []
    if places.semantic is None:
        findings.append(Finding(_NO_LEDGER, Level.WARNING, "there are no semantic patches, and so there is no ledger"))
    else:
        board = status.played(places, upstream)
        stages = board.stages
        findings += board.findings
    by = {stage.patch: stage for stage in stages}
    steps = dict(zip((patch.name for patch in subject.patches), subject.prefixes.all[1:], strict=False))
    parts = []
    for number, patch in enumerate(subject.patches):
        header = dep3.Header.parse(dep3.split(patch.data or b"")[0])
        stage, after = by.get(patch.name), steps.get(patch.name)
        before = subject.prefixes.all[number] if after is not None else None
        part = PatchPart(patch.name, "does not apply", header.description, header.explanation, ())
        if stage is not None:
            step = _out_of_step(stage, before, after)
            part = replace(part, state=stage.state.value, edits=tuple(_edits(stage)), findings=step)
            findings += step
        elif before is not None and after is not None:
            part = replace(part, state="applied", edits=(_whole(before.tree, after.tree),))
        parts.append(part)
    findings += subject.prefixes.findings
    pictures = tuple(_pictures(reports))
    return Contents(upstream, subject.folder, tuple(parts), tuple(reports), tuple(dict.fromkeys(findings)), pictures)


def _pictures(reports: Sequence[Report]) -> Iterator[Picture]:
    """Yield each struct that a check has before and after, on the targets on which it lies alike."""
    for number, pair in enumerate(structs(reports), start=1):
        names = ", ".join(target.value for target in pair.targets)
        title = f"{pair.struct.name} ({pair.struct.use}), {names}: {pair.verdict.value}"
        if pair.before is not None and pair.after is not None and pair.comparison is not None:
            yield Picture(title, picture(pair.before, pair.after, f"struct-{number}"))
        else:
            yield Picture(title, "")


def _out_of_step(stage: Stage, before: Prefix | None, after: Prefix | None) -> tuple[Finding, ...]:
    """Return a finding where the patch of the series leaves other bytes than the stage."""
    if before is None or after is None or stage.state is StageState.REFUSED:
        return ()
    for path in sorted({*stage.after.touched(stage.before), *after.tree.touched(before.tree)}):
        ours = stage.after.read(path) if path in stage.after else None
        theirs = after.tree.read(path) if path in after.tree else None
        if ours != theirs:
            message = f"{stage.patch} does not leave what its semantic patch says"
            return (Finding(_STEP, Level.WARNING, message, Place(path)),)
    return ()


def _edits(stage: Stage) -> Iterator[EditPart]:
    if not stage.edits:
        yield _whole(stage.before, stage.after)
        return
    for report in stage.edits:
        try:
            files = between(report.tree, report.tree.edited(report.plan.replacements))
        except PatchgenError:  # the stage was refused for it, and its finding says so
            files = ()
        ledger = tuple(_entry(report, one) for one in report.plan.occurrences)
        kind = str(type(report.edit).__struct_config__.tag)
        yield EditPart(kind, report.edit.about(), report.plan.state.value, report.plan.sites, ledger, files)


def _whole(before: Tree, after: Tree) -> EditPart:
    """Return the whole of a patch as one edit."""
    try:
        return EditPart("", "the whole patch", "applied", files=between(before, after))
    except PatchgenError as error:
        return EditPart("", f"the whole patch, which no diff can show: {error.finding.message}", "applied")


def _entry(report: EditReport, occurrence: Occurrence) -> Entry:
    reason = occurrence.reason.value if occurrence.reason else ""
    why = ": ".join(filter(None, (reason, occurrence.detail)))
    return Entry(summary.place(report, occurrence), occurrence.name, occurrence.verdict.value, why)
