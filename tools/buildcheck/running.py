# SPDX-License-Identifier: GPL-3.0-or-later
"""One check run on a subject; one that cannot do its work says so, and the others still run."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

from patchgen.findings import Exit, Finding, Level, PatchgenError, Slug, worst

from . import checks
from .programs import need
from .report import Case, Report

if TYPE_CHECKING:
    from .subject import Subject

__all__ = ["run"]

_LEFT_OUT = Slug.define(
    "not-a-series",
    """A patched tree was given, and the check is about a series on an unpatched one: it was left out. Give
    --upstream and --patches to have it done.""",
)


def run(name: str, subject: Subject, *, first: bool = False) -> Report:
    """Return what the check called *name* says of *subject*.

    An error of the check itself is a case of the report, never an exception.

    :param first: stop at the first case that has an error, and do not look at the others.
    """
    start = time.monotonic()
    cases: list[Case] = []
    unusable = False
    if subject.prefixes.findings:
        cases.append(Case("the series on the tree", subject.prefixes.findings))
    try:
        check = checks.check(name)
        if check.OF_SERIES and not subject.patches:
            left_out = Finding(_LEFT_OUT, Level.NOTE, f"{name} was left out: there is no series")
            return Report(name, (Case(f"{name} itself", (left_out,)),))
        need(check.NEEDS)
        with closing(check.run(subject)) as found:
            for case in found:
                cases.append(case)
                if first and worst(case.findings) is Exit.FINDINGS:
                    break
    except PatchgenError as error:
        cases.append(Case(f"{name} itself", (error.finding,)))
        unusable = error.status is Exit.UNUSABLE
    return Report(name, tuple(cases), unusable, time.monotonic() - start)
