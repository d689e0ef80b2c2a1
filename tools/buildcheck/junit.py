# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports as JUnit's XML, which continuous integration reads: a suite a check, a test case a case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from patchgen.findings import Level, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchgen.findings import Finding

    from .report import Case, Report

__all__ = ["as_junit"]


def as_junit(reports: Sequence[Report]) -> str:
    """Return the reports as one ``testsuites`` document.

    A case with an error is a failure, a check that could not do its work an error; notes and
    warnings are the output of their case.
    """
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", *map(_suite, reports), "</testsuites>", ""]
    )


def _suite(report: Report) -> str:
    failures = 0 if report.unusable else sum(bool(_errors(case.findings)) for case in report.cases)
    errors = sum(bool(_errors(case.findings)) for case in report.cases) if report.unusable else 0
    counts = (
        f'tests="{len(report.cases)}" failures="{failures}" errors="{errors}" skipped="0" time="{report.seconds:.3f}"'
    )
    body = [_case(report, case) for case in report.cases]
    return "\n".join([f"  <testsuite name={_quoted(report.check)} {counts}>", *body, "  </testsuite>"])


def _case(report: Report, case: Case) -> str:
    errors = _errors(case.findings)
    others = [finding for finding in case.findings if finding.level is not Level.ERROR]
    name = f"    <testcase classname={_quoted('buildcheck.' + report.check)} name={_quoted(case.name)}"
    if not case.findings and not case.structs:
        return name + "/>"
    inside = []
    if errors:
        tag = "error" if report.unusable else "failure"
        kind, message = _quoted(errors[0].slug.name), _quoted(errors[0].message)
        inside.append(f"      <{tag} type={kind} message={message}>{_text(as_text(errors))}</{tag}>")
    if others or case.structs:
        inside.append(f"      <system-out>{_text(as_text(others) + _structs(case))}</system-out>")
    return "\n".join([name + ">", *inside, "    </testcase>"])


def _structs(case: Case) -> str:
    if not case.structs:
        return ""
    from .layout.table import as_table  # noqa: PLC0415 - it wants pycparser

    return as_table(case.structs, whole=True)


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.ERROR]


def _text(text: str) -> str:
    return escape(_allowed(text))


def _quoted(text: str) -> str:
    return quoteattr(_allowed(text))


def _allowed(text: str) -> str:
    """Return *text* without what XML 1.0 cannot hold, not even as a reference (section 2.2)."""
    return "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000" else "\ufffd"
        for c in text
    )
