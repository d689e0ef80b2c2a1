# SPDX-License-Identifier: GPL-3.0-or-later
"""The cells of the matrix: one kind of change, one subject, and what each tool makes of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from . import churn
from .oracle import Judge, OracleError, Verdict
from .scene import NotHereError, Scene
from .tools import PEERS, patchgen, spatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .kinds import Kind
    from .scene import Files
    from .subject import Subject

__all__ = ["FAILING", "Cell", "Square", "cell", "square"]

FAILING = Path(__file__).resolve().parent / "failing"
"""What is refused today: SUBJECT/KIND.toml with the slug and the reason. Each must be refused, or the file must go."""


@dataclass(frozen=True, slots=True)
class Square:
    """A drifted tree, and what the series must make of it.

    :param unanswerable: only a person can say what the series should do here: to refuse is right.
    """

    drifted: Files
    right: Files
    root: str
    unanswerable: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of one kind of change on one subject.

    :param verdicts: by tool; :param said: why, by tool; :param slugs: of patchgen's refusal.
    :param churn: bytes that patchgen changed and need not have.
    :param fault: what is wrong with the cell itself, so that the matrix fails.
    """

    kind: str
    subject: str
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    churn: int = 0
    fault: str = ""


def square(subject: Subject, kind: Kind) -> Square:
    """Return the square of a kind on a subject.

    :raises NotHereError: the subject has nothing that it could happen to.
    :raises OracleError: the change is none, or what should be right does not compile.
    """
    stages = subject.series.stages
    below = Scene(subject.roles, dict(stages[0]), patched=False, stages=stages)
    above = Scene(subject.roles, dict(stages[-1]), patched=True, stages=stages)
    kind.change(below)
    kind.change(above)
    if below.files == stages[0]:
        msg = "the change changes nothing"
        raise OracleError(msg)
    return Square(below.files, above.files, below.root, below.unanswerable)


def cell(subject: Subject, kind: Kind, *, peers: bool) -> Cell | None:
    """Return what becomes of the series of a subject under a kind of change; None where it cannot happen there."""
    verdicts: dict[str, Verdict] = {}
    said: dict[str, str] = {}
    try:
        made = square(subject, kind)
        judge = Judge(subject.compiler, made.right, {**subject.files, **subject.series.stages[-1]}, made.root)
        if not made.unanswerable:
            judge.check(subject.series.stages[-1])
    except NotHereError:
        return None
    except OracleError as error:
        return Cell(kind.name, subject.name, fault=f"the change is wrong: {error}")
    outcome = patchgen(subject.series, made.drifted)
    verdicts["patchgen"], said["patchgen"] = _judged(judge, made, outcome.files, outcome.said)
    lost = churn.bytes_lost(made.drifted, outcome.files, made.right) if outcome.files is not None else 0
    struct = subject.roles.struct
    follows = {struct.each.file: struct.header} if struct.each is not None else {}
    lost += churn.patches_changed(subject.series, made.drifted, outcome.patches, follows)
    if peers:
        for name, peer in PEERS.items():
            result = peer(subject.series, made.drifted)
            verdicts[name], said[name] = _judged(judge, made, result.files, result.said)
        verdict = _spatch(subject, kind, made)
        if verdict is not None:
            verdicts["spatch"], said["spatch"] = verdict
    fault = _fault(subject.name, kind.name, verdicts["patchgen"], outcome.slugs)
    return Cell(kind.name, subject.name, verdicts, said, lost, fault)


def _judged(judge: Judge, made: Square, files: Files | None, said: str) -> tuple[Verdict, str]:
    if made.unanswerable:
        return (
            (Verdict.RIGHT, said)
            if files is None
            else (Verdict.WRONG, "done, where only a person can say what is right")
        )
    if files is None:
        return Verdict.REFUSED, said
    wrong = judge.wrong(files)
    return (Verdict.WRONG, wrong) if wrong else (Verdict.RIGHT, "")


def _spatch(subject: Subject, kind: Kind, made: Square) -> tuple[Verdict, str] | None:
    """Judge spatch by what its own rules make of the tree before the drift, with the drift upon that."""
    if not subject.rules.exists():
        return None
    done = spatch(subject.rules, subject.files)
    result = spatch(subject.rules, made.drifted)
    if done.files is None or result.files is None:
        return Verdict.REFUSED, result.said or done.said
    stages = (subject.files, done.files)
    above = Scene(subject.roles, dict(done.files), patched=True, stages=stages)
    try:
        kind.change(above)
    except (NotHereError, ValueError):
        return None
    wrong = Judge(subject.compiler, above.files, {**subject.files, **done.files}, made.root).wrong(result.files)
    return (Verdict.WRONG, wrong) if wrong else (Verdict.RIGHT, "")


def _fault(subject: str, kind: str, verdict: Verdict, slugs: frozenset[str]) -> str:
    """Return in what way a cell is not what ``failing/`` says of it."""
    path = FAILING / subject / f"{kind}.toml"
    if verdict is Verdict.WRONG:
        return "silently wrong"
    if not path.exists():
        return f"refused ({', '.join(sorted(slugs))}), and not in failing/" if verdict is Verdict.REFUSED else ""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    if verdict is Verdict.RIGHT:
        return "right, and still in failing/: remove its file"
    if {*listed["slugs"]} != slugs:
        return f"refused for {', '.join(sorted(slugs))}, where failing/ says {', '.join(listed['slugs'])}"
    return ""
