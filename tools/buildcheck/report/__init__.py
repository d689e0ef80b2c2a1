# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks say: cases with findings, what of it was there before the patches, and the exit status."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from patchgen.findings import Exit, Finding, Level, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildcheck.layout.pairs import Pair

__all__ = ["Case", "Cases", "Report", "findings", "frozen", "pre_existing", "status", "structs", "summary", "thawed"]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a check looked at, such as a compiler on one prefix of the series.

    :param name: says what was looked at; the same for the same input.
    :param findings: what is wrong with it; none when it is proved.
    :param known: how many of them the unpatched tree has too.
    :param patch: the patch that it is about, or that the tree ended with; "" is the unpatched tree, and
        None the series as a whole.
    :param structs: what it says of structs before and after, which is shown beside the findings.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    known: int = 0
    patch: str | None = None
    structs: tuple[Pair, ...] = ()


Cases = Generator[Case, None, None]
"""What a check yields. Who has seen enough closes it, and what is left is not looked at."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one check says.

    :param unusable: it could not do its work: a program is missing.
    """

    check: str
    cases: tuple[Case, ...] = ()
    unusable: bool = False
    seconds: float = field(default=0.0, compare=False)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all its cases."""
        return tuple(finding for case in self.cases for finding in case.findings)


def structs(reports: Iterable[Report]) -> list[Pair]:
    """Return what the checks say of structs before and after."""
    return [pair for report in reports for case in report.cases for pair in case.structs]


def pre_existing(finding: Finding) -> Finding:
    """Return *finding* as one that the unpatched tree has too: a note."""
    return replace(finding, level=Level.NOTE, message=f"{finding.message} (the unpatched tree has it too)")


def findings(reports: Iterable[Report]) -> list[Finding]:
    """Return the findings of all checks, in order; one that several cases have is listed once."""
    return list(dict.fromkeys(finding for report in reports for finding in report.findings))


def status(reports: Sequence[Report], *, strict: bool) -> Exit:
    """Return the exit status.

    :param strict: a warning or a pre-existing finding counts as well.
    """
    if any(report.unusable for report in reports):
        return Exit.UNUSABLE
    for report in reports:
        for case in report.cases:
            wrong = {finding.level for finding in case.findings}
            if Level.ERROR in wrong or (strict and (case.known or Level.WARNING in wrong)):
                return Exit.FINDINGS
    return Exit.CLEAN


def summary(reports: Sequence[Report]) -> str:
    """Return a line for each check: what it looked at and what it found."""
    width = max((len(report.check) for report in reports), default=0)
    lines = []
    for report in reports:
        levels = [finding.level for finding in report.findings]
        known = sum(case.known for case in report.cases)
        errors, warnings = levels.count(Level.ERROR), levels.count(Level.WARNING)
        verdict = "not proved" if report.unusable or errors else "proved"
        counts = [(len(report.cases), "case"), (errors, "error"), (warnings, "warning"), (known, "pre-existing")]
        said = ", ".join(_counted(count, word) for count, word in counts if count or word == "case")
        lines.append(f"{report.check:{width}}  {verdict:10}  {said}\n")
    return "".join(lines)


def frozen(cases: Iterable[Case]) -> object:
    """Return the cases as JSON can hold them; :func:`thawed` gives them back."""
    return [
        asdict(case)
        | {"findings": [asdict(one) | {"slug": one.slug.name, "level": one.level.value} for one in case.findings]}
        for case in cases
    ]


def thawed(kept: Any) -> list[Case] | None:  # noqa: ANN401 - what JSON holds
    """Return the cases that :func:`frozen` kept; None where it is something else."""
    slugs = Slug.known()
    try:
        return [
            Case(
                case["name"],
                tuple(
                    Finding(
                        slugs[one["slug"]],
                        Level(one["level"]),
                        one["message"],
                        Place(**one["place"]) if one["place"] else None,
                        one["help"],
                    )
                    for one in case["findings"]
                ),
                case["known"],
                case["patch"],
            )
            for case in kept
        ]
    except (LookupError, TypeError, ValueError):
        return None


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count != 1 and not word.startswith('pre') else ''}"
