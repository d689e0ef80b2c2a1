# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks run on a wrong series, the cheapest first, until one notices."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from buildcheck import checks
from buildcheck.prefixes import prefixes
from buildcheck.running import run
from buildcheck.store import Store
from buildcheck.subject import Subject
from patchgen.findings import Finding, Level
from patchgen.upstream import open_upstream

from .right import Right, Unmappable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from buildcheck.prefixes import Patch
    from patchgen.config import Places

    from .mutant import Mutant

__all__ = ["CHEAPEST", "Caught", "Hunter", "Near", "WrongAlreadyError"]

CHEAPEST = ("compile", "calls", "wire", "layout", "domain", "behaviour", "series")
"""The order of the checks, by what they take; one that is not named goes before series."""
_LONG = frozenset({"domain", "behaviour"})
"""What stops at the first error: its cases take long, and say of a wrong tree what others say of it."""
_NEAR = 30
"""Lines between a place and what is wrong there that a person sees at a glance."""


class WrongAlreadyError(Exception):
    """The right series has errors, or a check cannot do its work: nothing could be learned from wrong ones."""


@dataclass(frozen=True, slots=True)
class Near:
    """How near to what is wrong a finding points.

    :param lines: apart in the same file; infinite where the finding names no line, or another file.
    :param same: whether it names the file.
    """

    place: str
    lines: float = float("inf")
    same: bool = False

    @property
    def word(self) -> str:
        """Return what the table says."""
        return "at it" if self.lines <= _NEAR else "in the file" if self.same else "elsewhere"


@dataclass(frozen=True, slots=True)
class Caught:
    """What became of a mutant.

    :param check: that noticed; "" for a survivor.
    :param seconds: that this check took; *total*, all of them.
    :param errors: how many errors it had.
    """

    check: str
    seconds: float
    total: float
    errors: int = 0
    finding: Finding | None = None
    near: Near | None = None


@dataclass(frozen=True)
class Hunter:
    """The right series, and what the checks say of it."""

    right: Right
    places: Places
    store: Store
    names: tuple[str, ...]
    known: dict[str, frozenset[Finding]] = field(default_factory=dict)

    @classmethod
    def of(cls, places: Places, names: Sequence[str] = ()) -> Hunter:
        """Return the hunter for the series of *places*.

        :param names: of the checks; none for all of them.
        :raises PatchgenError: the series or the tree cannot be read.
        """
        right = Right.open(places.need_upstream(), places.need_patches())
        cost = {name: at for at, name in enumerate(CHEAPEST)}
        ordered = sorted(names or checks.names(), key=lambda name: (cost.get(name, len(cost) - 1.5), name))
        return cls(right, places, Store.usual(), tuple(ordered))

    def prepare(self, progress: Callable[[str], None] = lambda _: None) -> None:
        """Run every check on the right series.

        :raises WrongAlreadyError: one has an error.
        """
        subject = self._subject(self.right.patches)
        for name in self.names:
            progress(f"{name} on the right series")
            report = run(name, subject)
            errors = [finding for finding in report.findings if finding.level is Level.ERROR]
            if errors or report.unusable:
                message = f"{name} does not find the right series right:\n" + "\n".join(map(str, errors[:5]))
                raise WrongAlreadyError(message)

    def hunt(self, mutant: Mutant) -> Caught:
        """Run the checks on the wrong series until one notices."""
        subject = self._subject(mutant.series(self.right))
        total = 0.0
        for name in self.names:
            start = time.monotonic()
            report = run(name, subject, first=name in _LONG)
            seconds = time.monotonic() - start
            total += seconds
            errors = [finding for finding in report.findings if finding.level is Level.ERROR]
            if errors:
                finding = min(errors, key=lambda one: (self._near(mutant, one).lines, not self._near(mutant, one).same))
                return Caught(name, seconds, total, len(errors), finding, self._near(mutant, finding))
        return Caught("", total, total)

    def _subject(self, patches: Sequence[Patch]) -> Subject:
        """Return the tree with the whole series on it, beside the one without."""
        made = prefixes(open_upstream(self.right.upstream), patches, str(self.right.folder))
        return replace(
            Subject(made, (made.all[0], made.last), compared=True, store=self.store),
            patches=tuple(patches),
            folder=str(self.right.folder),
            jobs=1,
            tests=self.places.tests,
            policy=self.places.policy,
        )

    def _near(self, mutant: Mutant, finding: Finding) -> Near:
        places = [place for place in (finding.place, *finding.related) if place is not None]
        apart = [
            abs(place.line - line)
            for path, line in self._lines(mutant)
            for place in places
            if path == place.path and place.line
        ]
        same = any(place.path == edit.path for edit in mutant.edits for place in places)
        return Near(str(finding.place or ""), min(apart, default=float("inf")), same)

    def _lines(self, mutant: Mutant) -> Iterator[tuple[str, int]]:
        for edit in mutant.edits:
            try:
                yield edit.path, self.right.line(mutant.number, edit)
            except Unmappable:
                yield edit.path, edit.start + 1
