# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: one HTML file that needs nothing else, for a browser, a printer and a screen reader.

It has no script and asks for nothing; its own policy forbids both to whatever might get into it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from buildcheck import __version__
from patchgen.findings import Level

from . import _findings, _series
from .markup import drawing, element, page
from .matrix import matrix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml import etree

    from . import Report
    from .contents import Contents
    from .matrix import Cell, Row

__all__ = ["as_html"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_STATES = {"proved": "proved", "warned": "proved", "not-proved": "not proved", "none": "no case"}


def as_html(contents: Contents) -> bytes:
    """Return the page, in UTF-8; the same contents give the same bytes.

    :raises lxml.etree.XMLSyntaxError: a picture is no SVG.
    """
    sections = [_checks(contents), _matrix(contents), _findings.section(contents), _series.section(contents)]
    if contents.pictures:
        sections.append(_pictures(contents))
    sections.append(_findings.words(contents))
    listed = [(section.get("id", ""), section[0].text or "") for section in sections]
    body = element(
        "body",
        element("a", "Skip to the contents", href="#main", class_="skip"),
        _header(contents),
        element(
            "nav",
            element("ul", *(element("li", element("a", name, href=f"#{id_}")) for id_, name in listed)),
            aria_label="On this page",
        ),
        element("main", *sections, id="main", tabindex="-1"),
        element(
            "footer",
            element("p", f"Written by buildcheck {__version__}. Nothing on this page is loaded from elsewhere."),
        ),
    )
    return page(_head(contents), body)


def _head(contents: Contents) -> Iterable[etree._Element]:
    style = element("style")
    style.text = "\n" + (files(__package__) / "style.css").read_text(encoding="utf-8")
    yield element("meta", charset="utf-8")
    yield element("meta", http_equiv="Content-Security-Policy", content=_POLICY)
    yield element("meta", name="viewport", content="width=device-width, initial-scale=1")
    yield element("meta", name="color-scheme", content="light dark")
    yield element("title", f"buildcheck: {_verdict(contents)[0]}: {contents.folder} on {contents.upstream}")
    yield element("link", rel="icon", href="data:,")
    yield style


def _verdict(contents: Contents) -> tuple[str, str]:
    """Return the verdict on everything in two words, and the class of its colour."""
    unusable = any(report.unusable for report in contents.reports)
    found = [*contents.findings, *(one for report in contents.reports for one in report.findings)]
    if unusable or not contents.reports or any(one.level is Level.ERROR for one in found):
        return "not proved", "not-proved"
    return "proved", "proved"


def _header(contents: Contents) -> etree._Element:
    word, class_ = _verdict(contents)
    count = len(contents.patches)
    return element(
        "header",
        element("p", "buildcheck", class_="program"),
        element("h1", "The series is ", element("span", word, class_=f"word {class_}")),
        element(
            "p",
            f"{count} {'patch' if count == 1 else 'patches'} in ",
            element("code", contents.folder),
            " on the upstream tree ",
            element("code", contents.upstream),
        ),
    )


def _checks(contents: Contents) -> etree._Element:
    rows = [_check(report) for report in contents.reports]
    heads = ("check", "verdict", "cases", "errors", "warnings", "pre-existing")
    return element(
        "section",
        element("h2", "Verdict of each check"),
        element(
            "p",
            "A case is one thing that a check looked at. What the unpatched tree has too is pre-existing, and does "
            "not count against the series.",
        ),
        _table("What each check says", heads, rows, wide="verdict"),
        id="checks",
    )


def _check(report: Report) -> etree._Element:
    levels = [finding.level for finding in report.findings]
    errors, warnings = levels.count(Level.ERROR), levels.count(Level.WARNING)
    known = sum(case.known for case in report.cases)
    state = "not-proved" if report.unusable or errors else "proved"
    word = "could not work" if report.unusable else _STATES[state]
    numbers = (len(report.cases), errors, warnings, known)
    return element(
        "tr",
        element("th", element("a", report.check, href=f"#check-{report.check}"), scope="row"),
        element("td", element("span", word, class_=f"word {state}")),
        *(element("td", str(number), class_="number") for number in numbers),
    )


def _matrix(contents: Contents) -> etree._Element:
    names = [part.name for part in contents.patches]
    rows = [_row(at, row) for at, row in enumerate(matrix(names, contents.reports))]
    heads = ("the tree after", *(report.check for report in contents.reports))
    return element(
        "section",
        element("h2", "Patches against checks"),
        element(
            "p",
            "Each row is the tree after one more patch. What a check finds at a row was brought by the patch of that "
            "row; “no case” means that the check looks at the series as a whole, in the last row.",
        ),
        _table("What each check says of each patch", heads, rows, wide="matrix"),
        id="matrix",
    )


def _row(at: int, row: Row) -> etree._Element:
    if row.patch is None:
        name: etree._Element | str = "the series as a whole"
    else:
        name = element("a", row.patch, href=f"#patch-{at}") if row.patch else "no patch"
    return element("tr", element("th", name, scope="row"), *map(_cell, row.cells))


def _cell(cell: Cell) -> etree._Element:
    counts = ((cell.errors, "error"), (cell.warnings, "warning"), (cell.known, "known"))
    said = [_counted(number, word) for number, word in counts if number]
    word = element("span", _STATES[cell.state], class_=f"word {cell.state}")
    return element("td", word, element("span", ", ".join(said), class_="counts") if said else None)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 or word == "known" else f"{number} {word}s"


def _table(caption: str, heads: Iterable[str], rows: Iterable[etree._Element], wide: str) -> etree._Element:
    """Return a table in a frame that scrolls by itself, for the keyboard too, where the window is narrow."""
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *rows),
        class_=wide,
    )
    return element("div", table, class_="wide", role="group", aria_label=caption, tabindex="0")


def _pictures(contents: Contents) -> etree._Element:
    figures = [
        element("figure", element("figcaption", one.struct), _scrolled(one.svg, one.struct) if one.svg else None)
        for one in contents.pictures
    ]
    return element("section", element("h2", "Structs before and after"), *figures, id="structs")


def _scrolled(svg: str, label: str) -> etree._Element:
    """Return a picture in a frame that scrolls by itself, for the keyboard too, where the window is narrow."""
    return element("div", drawing(svg), class_="wide", role="group", aria_label=label, tabindex="0")
