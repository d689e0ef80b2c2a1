# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks found, case by case, and what the slugs of it mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.findings import Finding, Level
from patchgen.findings import listed as places

from .markup import element

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml import etree

    from . import Report
    from .contents import Contents

__all__ = ["listed", "section", "words"]

_ORDER = (Level.ERROR, Level.WARNING, Level.NOTE)


def section(contents: Contents) -> etree._Element:
    """Return the findings of each check, and what it looked at without one."""
    made = element("section", element("h2", "What each check found"), id="findings")
    if contents.findings:
        made.append(element("h3", "the series itself", id="check-of-the-series"))
        made.append(listed(contents.findings))
    for report in contents.reports:
        made.extend(_check(report))
    return made


def _check(report: Report) -> Iterable[etree._Element]:
    yield element("h3", report.check, id=f"check-{report.check}")
    cases: dict[Finding, list[str]] = {}
    for case in report.cases:
        for finding in case.findings:
            cases.setdefault(finding, []).append(case.name)
    heavy = [finding for finding in cases if finding.level is not Level.NOTE]
    notes = [finding for finding in cases if finding.level is Level.NOTE]
    if heavy:
        yield listed(heavy, cases)
    else:
        yield element("p", "No error and no warning.", class_="quiet")
    if notes:
        yield element("details", element("summary", f"{len(notes)} {_plural('note', notes)}"), listed(notes, cases))
    clean = [case.name for case in report.cases if not case.findings]
    if clean:
        summary = element("summary", f"{len(clean)} {_plural('case', clean)} with nothing to say")
        yield element("details", summary, element("ul", *(element("li", name) for name in clean), class_="cases"))


def _plural(word: str, many: Sequence[object]) -> str:
    return word if len(many) == 1 else f"{word}s"


def listed(findings: Iterable[Finding], cases: dict[Finding, list[str]] | None = None) -> etree._Element:
    """Return a list of findings, the heaviest first.

    :param cases: the names of the cases that each was found in.
    """
    ordered = sorted(findings, key=lambda finding: _ORDER.index(finding.level))
    return element("ul", *(_finding(one, (cases or {}).get(one, [])) for one in ordered), class_="findings")


def _finding(finding: Finding, cases: Sequence[str]) -> etree._Element:
    level = finding.level.value
    place = element("code", str(finding.place), class_="place") if finding.place else None
    return element(
        "li",
        element(
            "p",
            element("span", level, class_=f"word {level}"),
            " ",
            place,
            " " if place is not None else None,
            finding.message,
            " ",
            element("a", str(finding.slug), href=f"#slug-{finding.slug}", class_="slug"),
        ),
        _source(finding),
        element("p", f"Help: {finding.help}", class_="help") if finding.help else None,
        element("p", f"See: {places(finding.related)}", class_="help") if finding.related else None,
        element("p", f"Found in: {', '.join(cases)}", class_="help") if cases else None,
        class_=f"finding {level}",
    )


def _source(finding: Finding) -> etree._Element | None:
    place = finding.place
    if place is None or not place.source or not place.column:
        return None
    start, end = place.column - 1, max(place.end_column - 1, place.column)
    text = place.source
    return element("pre", element("code", text[:start], element("mark", text[start:end]), text[end:]), class_="source")


def words(contents: Contents) -> etree._Element:
    """Return what the slugs on the page mean."""
    found = [*contents.findings, *(one for report in contents.reports for one in report.findings)]
    found += [one for part in contents.patches for one in part.findings]
    slugs = sorted({one.slug.name: one.slug for one in found}.values(), key=str)
    made = element("section", element("h2", "What the slugs mean"), id="slugs")
    if not slugs:
        made.append(element("p", "There is no finding, and so no slug.", class_="quiet"))
        return made
    meanings = element("dl")
    for slug in slugs:
        meanings.append(element("dt", element("code", slug.name), id=f"slug-{slug}"))
        meanings.append(element("dd", slug.explanation))
    made.append(meanings)
    return made
