# SPDX-License-Identifier: GPL-3.0-or-later
"""The series played on a tree: patch after patch, each on the tree as the earlier ones left it.

Everything here is a function of its arguments; what must run a program is handed in.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from . import render
from .edits import Plan, State
from .findings import Finding, Level, PatchgenError, Place, Slug
from .growth import grown
from .syntax import parses_worse
from .tree import Tree, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from .edits import Edit
    from .semantic import SemanticPatch
    from .tree import Source

__all__ = ["EditReport", "HandMade", "Stage", "StageState", "certain", "play"]

_WORSE = Slug.define(
    "parses-worse",
    """After the edit more of the file fails to parse than before it. The edit is refused.""",
)
_NOT_THERE = Slug.define(
    "not-found-again",
    """After the edit its sites were looked for again and not found where they were put. The edit is
    refused; this is a defect of patchgen or a text that it misreads.""",
)


class StageState(enum.Enum):
    """What became of one patch of the series."""

    RENDERED = "rendered"
    """It has a diff."""
    MERGED = "merged"
    """Every edit is present in the tree: there is nothing left to do."""
    OBSOLETE = "obsolete"
    """The semantic patch says that it is not for this tree."""
    REFUSED = "refused"
    """An edit was refused, or a hand-made patch does not apply."""
    HAND_MADE = "hand-made"
    """A person's own patch, applied as it is."""


@dataclass(frozen=True, slots=True)
class HandMade:
    """A line of the series without a semantic patch.

    :param data: the bytes of the patch, None if the file is not there.
    :param strip: what ``-p`` in the series says; *reverse* whether ``-R`` stands there.
    """

    patch: str
    data: bytes | None
    strip: str = "1"
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class EditReport:
    """One edit and its plan on *tree*, which the edits before it left."""

    edit: Edit
    plan: Plan
    tree: Tree


@dataclass(frozen=True, slots=True)
class Stage:
    """One patch of the series on the tree that it met, and the tree that it left.

    :param diff: the diff of a rendered patch; the whole of a hand-made one.
    :param reverse: the series applies it backwards.
    """

    patch: str
    state: StageState
    before: Tree
    after: Tree
    diff: bytes = b""
    edits: tuple[EditReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    reverse: bool = False


def play(
    source: Source,
    entries: Sequence[SemanticPatch | HandMade],
    apply: Callable[[HandMade, Tree], Mapping[str, bytes | None]],
) -> Iterator[Stage]:
    """Yield the stage of each entry, in order.

    A refused patch leaves the tree as it was, and the later ones are played all the same: each
    says for itself whether it stands without it.

    :param apply: returns the files that a hand-made patch leaves; raises PatchgenError if it fails.
    """
    tree = Tree(source)
    _read_once(tree, entries)
    entries = [entry if isinstance(entry, HandMade) else entry.spelled_for(tree) for entry in entries]
    edits = [() if isinstance(entry, HandMade) else entry.edits for entry in entries]
    for number, entry in enumerate(entries, start=1):
        later = tuple(chain.from_iterable(edits[number:]))
        stage = _hand_made(tree, entry, apply) if isinstance(entry, HandMade) else _semantic(tree, entry, later)
        tree = stage.after
        yield stage


def _read_once(tree: Tree, entries: Iterable[SemanticPatch | HandMade]) -> None:
    """Search the whole tree once for every word that the edits will ask for."""
    words: set[bytes] = set()
    for entry in entries:
        if not isinstance(entry, HandMade):
            words |= entry.words_everywhere()
    if words:
        tree.mentioning(words)


def _semantic(before: Tree, patch: SemanticPatch, later: Sequence[Edit]) -> Stage:
    tree = before
    reports: list[EditReport] = []
    findings: list[Finding] = []
    for number, edit in enumerate(patch.edits, start=1):
        if edit.when is not None and not edit.when.is_true(tree):
            reports.append(EditReport(edit, Plan(State.OBSOLETE), tree))
            continue
        plan = certain(edit, _planned(edit, tree, (*patch.edits[number:], *later)), tree)
        reports.append(EditReport(edit, plan, tree))
        findings += plan.findings
        if plan.state is State.REFUSED:
            return Stage(patch.patch, StageState.REFUSED, before, before, b"", tuple(reports), tuple(findings))
        tree = tree.edited(plan.replacements)
    try:
        diff = b"".join(_diffs(tree, before))
    except render.Unrenderable as error:
        findings.append(error.finding)
        return Stage(patch.patch, StageState.REFUSED, before, before, b"", tuple(reports), tuple(findings))
    return Stage(patch.patch, _state(diff, reports), before, tree, diff, tuple(reports), tuple(findings))


def _planned(edit: Edit, tree: Tree, later: Sequence[Edit]) -> Plan:
    """Return the plan of an edit; it is present, too, in a form that a later one of the series gives it."""
    plan = edit.plan(tree)
    if plan.state is State.REFUSED:
        forms = (form.plan(tree) for form in grown(edit, later, tree))
        return next((form for form in forms if form.state is State.PRESENT), plan)
    return plan


def _state(diff: bytes, reports: Iterable[EditReport]) -> StageState:
    if diff:
        return StageState.RENDERED
    obsolete = all(report.plan.state is State.OBSOLETE for report in reports)
    return StageState.OBSOLETE if obsolete else StageState.MERGED


def _hand_made(before: Tree, patch: HandMade, apply: Callable[[HandMade, Tree], Mapping[str, bytes | None]]) -> Stage:
    try:
        after = before.with_files(apply(patch, before))
    except PatchgenError as error:
        return Stage(patch.patch, StageState.REFUSED, before, before, findings=(error.finding,))
    return Stage(patch.patch, StageState.HAND_MADE, before, after, patch.data or b"", reverse=patch.reverse)


def certain(edit: Edit, plan: Plan, tree: Tree) -> Plan:
    """Return *plan*, or a refusal where its result is not what it should be (rule 6 of the engine).

    What parsed before must parse after, and each site must be found again, done.
    """
    if not plan.replacements:
        return plan
    try:
        after = tree.edited(plan.replacements)
    except PatchgenError as error:
        return _refused(plan, error.finding)
    for path in after.touched(tree):
        if parses_worse(path, tree.read(path), after.read(path), changes(after, tree, path)):
            return _refused(plan, Finding(_WORSE, Level.ERROR, "the edit makes the file parse worse", Place(path)))
    again = edit.plan(after)
    if again.state is not State.PRESENT or again.present != plan.sites + plan.present:
        message = f"of {plan.sites + plan.present} sites, {again.present} are found again"
        why = next((str(finding.message) for finding in again.findings if finding.level is Level.ERROR), "")
        path = min(plan.replacements)
        return _refused(plan, Finding(_NOT_THERE, Level.ERROR, f"{message}; {why}" if why else message, Place(path)))
    return plan


def _refused(plan: Plan, finding: Finding) -> Plan:
    return replace(plan, state=State.REFUSED, replacements={}, findings=(*plan.findings, finding))


def _diffs(after: Tree, before: Tree) -> Iterator[bytes]:
    for path in after.touched(before):
        old = before.read(path) if path in before else None
        new = after.read(path) if path in after else None
        made = changes(after, before, path) if old is not None and new is not None else None
        yield render.file_diff(path, old, new, made)
