# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command that is one check says: its report in each format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.findings import Level, as_json, as_sarif, as_text

from .report import findings, summary

if TYPE_CHECKING:
    from .report import Report

__all__ = ["FORMATS", "as_format"]

FORMATS = ("text", "json", "sarif", "junit")


def as_format(report: Report, format_: str, *, quiet: bool) -> str:
    """Return *report* as the format of that name has it, ended by a newline.

    :param quiet: of the text, errors and warnings only.
    """
    found = findings([report])
    if format_ == "json":
        return as_json(found)
    if format_ == "sarif":
        from . import __version__

        return as_sarif(found, "buildcheck", __version__)
    if format_ == "junit":
        from .junit import as_junit

        return as_junit([report])
    shown = [finding for finding in found if not quiet or finding.level is not Level.NOTE]
    return as_text(shown) + ("" if quiet else summary([report]))
