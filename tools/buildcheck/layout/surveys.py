# SPDX-License-Identifier: GPL-3.0-or-later
"""Every chosen prefix on every target: preprocessed by threads, looked at by processes, each thing once."""

from __future__ import annotations

from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING

from buildcheck.ctree import Preprocessor
from patchgen.findings import Finding, PatchgenError, Place

from .survey import Facts, Task, examine, recall

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from buildcheck.ctree import Preprocessed, Target
    from buildcheck.forest import Wood
    from buildcheck.store import Store
    from buildcheck.subject import Subject
    from buildcheck.units import Unit

__all__ = ["Surveyed", "surveys"]

_FEW = 12
"""Units that are looked at sooner than other processes have started."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What is known of one prefix on one target.

    :param facts: of each unit that could be looked at.
    :param findings: why others could not.
    :param borrowed: the headers of another architecture that stood in for the target's own.
    """

    wood: Wood
    target: Target
    facts: Mapping[Unit, Facts]
    findings: tuple[Finding, ...]
    borrowed: tuple[str, ...]


@dataclass(slots=True)
class _Work:
    """A prefix on a target while it is being looked at."""

    wood: Wood
    target: Target
    facts: dict[Unit, Facts] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    borrowed: set[str] = field(default_factory=set)
    tasks: list[Task] = field(default_factory=list)
    twins: dict[tuple[Unit, str], None] = field(default_factory=dict)


def surveys(woods: Sequence[Wood], targets: Iterable[Target], subject: Subject) -> list[Surveyed]:
    """Return what is known of each of *woods* on each target, the targets of the first before the second.

    :raises PatchgenError: a compiler is not there.
    """
    works = [_Work(wood, target) for wood in woods for target in targets]
    seen: dict[tuple[Target, Unit, str], Facts | None] = {}
    with ThreadPoolExecutor(subject.jobs) as pool:
        for work in works:
            _prepare(work, subject, pool, seen)
    _examined([work for work in works if work.tasks], subject, seen)
    for work in works:
        for unit, digest in work.twins:
            facts = seen.get((work.target, unit, digest))
            if facts is not None:
                work.facts[unit] = facts
    return [
        Surveyed(work.wood, work.target, work.facts, tuple(work.findings), tuple(sorted(work.borrowed)))
        for work in works
    ]


def _prepare(work: _Work, subject: Subject, pool: Executor, seen: dict[tuple[Target, Unit, str], Facts | None]) -> None:
    """Preprocess the units of a prefix; what is not remembered of them becomes a task."""
    preprocessor = Preprocessor(work.target, subject.store)
    stage = work.wood.stage
    made: list[tuple[Unit, Future[Preprocessed]]] = [
        (unit, pool.submit(preprocessor.run, unit, stage)) for unit in work.wood.units
    ]
    for unit, future in made:
        try:
            preprocessed = future.result()
        except PatchgenError as error:
            work.findings.append(
                Finding(error.finding.slug, error.finding.level, error.finding.message, Place(unit.path))
            )
            continue
        subject.progress(f"{work.target.value} {unit.path}")
        work.findings += preprocessed.findings
        work.borrowed.update(path for path in preprocessed.headers if work.target.borrowed(path))
        if not preprocessed.digest:
            continue
        name = (work.target, unit, preprocessed.digest)
        work.twins[unit, preprocessed.digest] = None
        if name not in seen:
            seen[name] = recall(work.target, subject.store, unit, preprocessed.digest)
            if seen[name] is None:
                work.tasks.append(Task(unit, preprocessed.text(), preprocessed.digest))


def _examined(works: Sequence[_Work], subject: Subject, seen: dict[tuple[Target, Unit, str], Facts | None]) -> None:
    """Do all tasks: in other processes where there are many, because pycparser keeps one busy."""
    if sum(len(work.tasks) for work in works) <= _FEW or subject.jobs == 1:
        for work in works:
            _enter(work, _look(work.target, subject.store, work.tasks, _files(work.wood)), seen)
        return
    # Not by fork: this process has threads.
    with ProcessPoolExecutor(min(subject.jobs, len(works)), get_context("spawn")) as pool:
        jobs = [pool.submit(_look, work.target, subject.store, work.tasks, _files(work.wood)) for work in works]
        for work, job in zip(works, jobs, strict=True):
            _enter(work, job.result(), seen)
            subject.progress(f"{work.target.value}, {work.wood.prefix}")


def _look(target: Target, store: Store, tasks: Sequence[Task], files: Mapping[str, bytes]) -> list[Facts] | Finding:
    try:
        return examine(target, store, tasks, files)
    except PatchgenError as error:
        return error.finding


def _enter(work: _Work, found: list[Facts] | Finding, seen: dict[tuple[Target, Unit, str], Facts | None]) -> None:
    if isinstance(found, Finding):
        work.findings.append(found)
        return
    for task, facts in zip(work.tasks, found, strict=True):
        seen[work.target, task.unit, task.digest] = facts


def _files(wood: Wood) -> dict[str, bytes]:
    """Return the files of the tree that a unit may be made of."""
    return dict(_read(wood))


def _read(wood: Wood) -> Iterator[tuple[str, bytes]]:
    for path in wood.stage.files:
        if path.endswith((".c", ".h")) and (data := wood.stage.read(path)) is not None:
            yield path, data
