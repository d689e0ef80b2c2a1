# SPDX-License-Identifier: GPL-3.0-or-later
"""A mutant: the series with one thing wrong in one patch, and where that is in the tree that it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError

from .operators import OPERATORS
from .right import Unmappable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildcheck.prefixes import Patch

    from .right import Edit, Right, Run

__all__ = ["Mutant", "chosen", "mutants"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong series.

    :param name: says what it is; the same for the same series.
    :param number: of the wrong patch, from 1.
    :param edits: what is wrong, in the tree after that patch.
    :param was: the right lines; *became*, the wrong ones.
    """

    name: str
    operator: str
    number: int
    patch: str
    edits: tuple[Edit, ...]
    was: str
    became: str

    @property
    def path(self) -> str:
        """The file that is wrong."""
        return self.edits[0].path

    def series(self, right: Right) -> tuple[Patch, ...]:
        """Return the patches of the wrong series.

        :raises Unmappable: a later patch changes the same lines.
        """
        return right.wrong(self.number, self.edits)


def mutants(right: Right) -> Iterator[Mutant]:
    """Yield every mutant that the operators make and that differs from the others, in a fixed order."""
    seen: set[tuple[int, tuple[Edit, ...]]] = set()
    for run in right.runs:
        for operator, function in OPERATORS.items():
            for edits in function(run):
                made = tuple(edits)
                if (run.number, made) in seen or not _differs(run, made):
                    continue
                seen.add((run.number, made))
                yield _mutant(right, run, operator, made)


def chosen(right: Right, each: int) -> list[Mutant]:
    """Return *each* mutants of every operator, picked by a hash of what they are; 0 for all.

    One whose lines a later patch changes is none: what is wrong with it does not last.
    """
    by: dict[str, list[Mutant]] = {}
    for mutant in sorted(mutants(right), key=lambda mutant: mutant.name):
        listed = by.setdefault(mutant.operator, [])
        if (not each or len(listed) < each) and _lasts(mutant, right):
            listed.append(mutant)
    return [mutant for listed in by.values() for mutant in listed]


def _lasts(mutant: Mutant, right: Right) -> bool:
    try:
        mutant.series(right)
    except (Unmappable, PatchgenError):
        return False
    return True


def _differs(run: Run, edits: Sequence[Edit]) -> bool:
    return any(run.file[edit.start : edit.end] != edit.lines for edit in edits)


def _mutant(right: Right, run: Run, operator: str, edits: tuple[Edit, ...]) -> Mutant:
    patch = right.patches[run.number - 1].name
    was = "".join(line for edit in edits for line in run.file[edit.start : edit.end])
    became = "".join(line for edit in edits for line in edit.lines)
    likes = (_ordinal(run, edit) for edit in edits)
    text = "\0".join((operator, patch, run.path, was, became, *likes))
    return Mutant(
        f"{blake2b(text.encode(), digest_size=4).hexdigest()}-{operator}",
        operator,
        run.number,
        patch,
        edits,
        was,
        became,
    )


def _ordinal(run: Run, edit: Edit) -> str:
    """Return the line that the edit begins at, and how many like it stand before: it moves with what is above."""
    line = run.file[edit.start] if edit.start < len(run.file) else ""
    return f"{run.file[: edit.start].count(line)} {line}"
