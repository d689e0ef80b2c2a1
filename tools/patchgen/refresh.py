# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the series again on an upstream tree, prove it, and put it in the place of the old one.

The one orchestration: it reads the folder of patches, plays the series (:mod:`patchgen.stages`),
checks every patch with GNU patch, and writes all or nothing (:mod:`patchgen.folder`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import dep3, folder, history, render
from .edits import Verdict
from .findings import Finding, Level, PatchgenError, Place, Slug
from .gnupatch import Workshop
from .proof import Proof, bytes_of
from .record import FILE, Record, digest_of
from .semantic import parsed
from .series import Series
from .shelf import RETIRED
from .stages import HandMade, Stage, StageState, play

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from .semantic import SemanticPatch
    from .shelf import SemanticFolder, Shelf
    from .tree import Source, Tree

__all__ = ["Options", "Refreshed", "played", "refresh"]

_ABSENT = Slug.define(
    "patch-not-there",
    """The series names a patch that is not in the folder, and no semantic patch renders it.""",
)
_STRIP = Slug.define(
    "patch-strip",
    """A hand-made patch has an option other than -p1 in the series. dpkg-source does not take it.""",
)
_BY_HAND = Slug.define(
    "patch-changed-by-hand",
    """The diff of a patch is not what patchgen last wrote: a person changed it, or wrote it. A refresh
    would overwrite that. Move the change to a patch of its own in the series, or to the semantic
    patch; `refresh --overwrite` discards it.""",
)
_OTHER_TREE = Slug.define(
    "rendered-on-another-tree",
    """The series in the folder was rendered on another upstream tree than the one given. A refresh
    writes over it only where --patches names the folder.""",
)
_STANDS = Slug.define(
    "stands-on-refused",
    """The patch touches a file that a refused patch touches, so that it would be rendered on bytes that
    the series does not give. With `refresh --keep-going` it stays as it was.""",
)
_MERGED = Slug.define(
    "merged",
    """Every edit of the patch is in the upstream tree already. The patch is left out of the series, in
    which a comment keeps its place; it comes back when a tree needs it.""",
)
_OBSOLETE = Slug.define(
    "obsolete",
    """The semantic patch says by its `when` that it is not for this tree. The patch is left out of the
    series, in which a comment keeps its place.""",
)


@dataclass(frozen=True, slots=True)
class Options:
    """How to refresh.

    :param named: the person named the folder of patches on the command line.
    :param headers: take the headers of the semantic patches, not those in the patches.
    :param keep_going: write what has no refusal and stands on none.
    :param overwrite: discard what a person changed in the diffs.
    :param check: write nothing, say what would change.
    :param recorded: keep what the folder held before, for ``patchgen undo``.
    """

    named: bool = False
    headers: bool = False
    keep_going: bool = False
    overwrite: bool = False
    check: bool = False
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did, or would do.

    :param changed: the files of the folder that changed, sorted; *written* whether they did already.
    """

    stages: tuple[Stage, ...]
    findings: tuple[Finding, ...]
    changed: tuple[str, ...]
    written: bool


def played(source: Source, semantic: SemanticFolder, shelf: Shelf) -> Iterator[Stage]:
    """Play the series of *shelf* on *source*."""
    ours = {patch.patch: patch for patch in parsed(semantic)}
    entries = [
        ours.get(line.patch) or HandMade(line.patch, shelf.files.get(line.patch), line.strip, line.reversed)
        for line in shelf.series
    ]
    return play(source, entries, _apply_by_hand)


def refresh(source: Source, semantic: SemanticFolder, shelf: Shelf, options: Options) -> Refreshed:
    """Render the series of *shelf* on *source* and write it.

    A refusal writes nothing, unless ``keep_going``; a second run with the same input writes nothing.

    :raises PatchgenError: the folder cannot be read or written, or the self-check fails.
    """
    with Proof() as proof:
        stages = tuple(proof.of(stage) for stage in played(source, semantic, shelf))
    findings = [*source.findings, *(finding for stage in stages for finding in stage.findings)]
    findings += _notes(stages)
    findings += _protected(source, shelf, stages, options)
    held = _held(stages, shelf) if options.keep_going else {}
    findings += held.values()
    refused = any(finding.level is Level.ERROR for finding in findings)
    files, ours = _contents(source, semantic, shelf, _without(stages, held), options)
    changed = tuple(sorted(name for name in ours if files.get(name) != shelf.files.get(name)))
    blocked = any(finding.level is Level.ERROR and finding.slug in {_BY_HAND, _OTHER_TREE} for finding in findings)
    write = changed and not options.check and (not refused or (options.keep_going and not blocked))
    if write:
        before = {name: shelf.files.get(name) for name in ours}
        if options.recorded:
            findings += history.write(shelf.path, files, before, "refresh")[1]
        else:
            folder.replace(shelf.path, files, ours=ours, expect=before)
    return Refreshed(stages, tuple(findings), changed, bool(write))


def _contents(
    source: Source, semantic: SemanticFolder, shelf: Shelf, stages: Sequence[Stage], options: Options
) -> tuple[dict[str, bytes], frozenset[str]]:
    """Return the files that the folder gets, and the names that are ours in it."""
    patches = {patch.patch: patch for patch in parsed(semantic)}
    series = shelf.series
    files: dict[str, bytes] = {}
    digests: dict[str, str] = {}
    for stage in stages:
        if stage.patch not in patches:
            continue
        old, keep = shelf.files.get(stage.patch), False
        if stage.state is StageState.RENDERED:
            header = _header(patches[stage.patch], old, options)
            files[stage.patch] = render.patch(header, [_diff(stage, old)])
            digests[stage.patch] = digest_of(stage.diff)
        elif stage.state in {StageState.MERGED, StageState.OBSOLETE}:
            series = _retired(series, stage)
            keep = old is not None and dep3.split(old)[0] != dep3.render(patches[stage.patch].dep3)
        else:
            keep = old is not None
            series = series if keep else series.remove(stage.patch)
        if keep and old is not None:  # of a patch that is left out, for the header that a person wrote
            files[stage.patch] = old
            if stage.patch in shelf.record.patches:
                digests[stage.patch] = shelf.record.patches[stage.patch]
    files[shelf.series_name] = bytes(series)
    files[FILE] = bytes(Record(source.digest(), digests))
    return files, frozenset({*patches, shelf.series_name, FILE})


def _diff(stage: Stage, old: bytes | None) -> bytes:
    """Return the diff of a stage; the one that lies there if it differs in the names of functions only."""
    there = dep3.split(old)[1] if old is not None else b""
    return there if render.without_sections(there) == stage.diff else stage.diff


def _held(stages: Iterable[Stage], shelf: Shelf) -> dict[str, Finding]:
    """Return what is said of each rendered patch that stands on a refused one: it touches a file that one touches."""
    taken: dict[str, str] = {}
    held: dict[str, Finding] = {}
    for stage in stages:
        if stage.state is StageState.REFUSED:
            taken |= dict.fromkeys(_paths_of(stage, shelf), stage.patch)
        elif stage.state is StageState.RENDERED:
            touched = list(stage.after.touched(stage.before))
            path = next((path for path in touched if path in taken), None)
            if path is not None:
                message = f"{stage.patch} stays as it was: {path} is also touched by {taken[path]}, which is refused"
                held[stage.patch] = Finding(_STANDS, Level.WARNING, message)
                taken |= dict.fromkeys(touched, taken[path])
    return held


def _paths_of(stage: Stage, shelf: Shelf) -> set[str]:
    """Return the files that a refused patch would touch, and those that it touches as it lies in the folder."""
    found = {
        occurrence.path
        for report in stage.edits
        for occurrence in report.plan.occurrences
        if occurrence.verdict is not Verdict.EXCUSED
    }
    with suppress(PatchgenError):
        found |= {
            diff.path for diff in render.parse_diff(dep3.split(shelf.files.get(stage.patch, b""))[1], stage.patch)
        }
    return found


def _without(stages: Iterable[Stage], held: Container[str]) -> list[Stage]:
    """Return the stages with those that are held back refused."""
    return [replace(stage, state=StageState.REFUSED) if stage.patch in held else stage for stage in stages]


def _header(patch: SemanticPatch, old: bytes | None, options: Options) -> bytes:
    if old is not None and not options.headers:
        return dep3.split(old)[0]
    return dep3.render(patch.dep3)


def _protected(source: Source, shelf: Shelf, stages: Iterable[Stage], options: Options) -> Iterator[Finding]:
    """Yield what a refresh must not write over: another tree's series, a person's diff."""
    if shelf.record.tree not in {"", source.digest()} and not options.named:
        message = f"the series in {shelf.path} was rendered on another tree"
        yield Finding(_OTHER_TREE, Level.ERROR, message, Place(str(shelf.path / FILE)), f"--patches {shelf.path}")
    for stage in stages:
        old = shelf.files.get(stage.patch)
        if old is None or stage.state is StageState.HAND_MADE or options.overwrite:
            continue
        diff = dep3.split(old)[1]
        known = {render.without_sections(stage.diff), shelf.record.patches.get(stage.patch)}
        if not {render.without_sections(diff), digest_of(render.without_sections(diff))} & known:
            message = f"{stage.patch} is not as patchgen last wrote it"
            yield Finding(
                _BY_HAND, Level.ERROR, message, Place(str(shelf.path / stage.patch)), "--overwrite discards it"
            )


def _notes(stages: Iterable[Stage]) -> Iterator[Finding]:
    for stage in stages:
        if stage.state is StageState.MERGED:
            yield Finding(_MERGED, Level.NOTE, f"{stage.patch} is merged upstream: left out of the series")
        elif stage.state is StageState.OBSOLETE:
            yield Finding(_OBSOLETE, Level.NOTE, f"{stage.patch} is not for this tree: left out of the series")


def _apply_by_hand(patch: HandMade, tree: Tree) -> dict[str, bytes | None]:
    """Apply a hand-made patch with GNU patch; return the files that it leaves."""
    if patch.data is None:
        raise PatchgenError(_ABSENT, f"the series names {patch.patch}, which is not there")
    if patch.strip != "1":
        raise PatchgenError(_STRIP, f"{patch.patch} is applied with -p{patch.strip}", help="make it a -p1 patch")
    diffs = render.parse_diff(patch.data, patch.patch)
    paths = sorted({diff.path for diff in diffs})
    with Workshop() as workshop:
        workshop.lay({path: bytes_of(tree, path) for path in paths})
        workshop.apply(patch.patch, patch.data, reverse=patch.reverse)
        return {path: workshop.read(path) for path in paths}


def _retired(series: Series, stage: Stage) -> Series:
    """Return the series with a comment in the place of a patch that this tree does not need."""
    end = f": {stage.state.value},{RETIRED}".encode()
    return Series(
        tuple(
            replace(line, indent=b"", name=b"", rest=b"# " + line.name + line.rest + end)
            if line.patch == stage.patch
            else line
            for line in series.lines
        )
    )
