# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of patches against checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.findings import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from . import Case, Report

__all__ = ["Cell", "Row", "matrix"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one check says of one patch.

    :param cases: how many things it looked at; 0 where it looked at nothing.
    """

    cases: int
    errors: int
    warnings: int
    known: int

    @property
    def state(self) -> str:
        """One word: not-proved, warned, proved, or none where nothing was looked at."""
        if not self.cases:
            return "none"
        return "not-proved" if self.errors else "warned" if self.warnings else "proved"


@dataclass(frozen=True, slots=True)
class Row:
    """A patch, and what each check says of it; "" is the unpatched tree, None the series as a whole."""

    patch: str | None
    cells: tuple[Cell, ...]


def matrix(patches: Sequence[str], reports: Sequence[Report]) -> tuple[Row, ...]:
    """Return a row for the unpatched tree, each patch, and the series as a whole, in this order."""
    return tuple(
        Row(patch, tuple(_cell(case for case in report.cases if case.patch == patch) for report in reports))
        for patch in ("", *patches, None)
    )


def _cell(cases: Iterable[Case]) -> Cell:
    listed = list(cases)
    levels = [finding.level for case in listed for finding in case.findings]
    known = sum(case.known for case in listed)
    return Cell(len(listed), levels.count(Level.ERROR), levels.count(Level.WARNING), known)
