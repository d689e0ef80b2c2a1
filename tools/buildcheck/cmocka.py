# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test program says: cmocka's XML (CMOCKA_MESSAGE_OUTPUT=XML), and the last line of a sanitizer's report.

The sanitizers of gcc have no structured form; the line that begins with ``SUMMARY:`` is the one that their
documentation names as the one for programs.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from lxml import etree

__all__ = ["Failure", "read", "summary"]

_PLACE = re.compile(r"^(?P<path>[^\s:][^:\n]*):(?P<line>[0-9]+): error: ", re.MULTILINE)
_SUMMARY = re.compile(
    r"^SUMMARY: (?P<what>\w+: (?:[\w-]+|[0-9]+ byte.*?))(?: (?P<path>[^\s:]+):(?P<line>[0-9]+)(?::[0-9]+)?(?: in (?P<function>\S+))?)?[ \t]*$",
    re.MULTILINE,
)
_RUNTIME = re.compile(r"^(?P<path>[^\s:]+):(?P<line>[0-9]+):[0-9]+: runtime error: (?P<text>.*)$", re.MULTILINE)

_FRAME = re.compile(r"^\s+#0 \S+ in (?P<function>\S+) (?P<path>[^\s:]+):(?P<line>[0-9]+)", re.MULTILINE)
_LINES = 4


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a test failed.

    :param path: relative to the tree; "" where it is not known.
    :param line: from 1; 0 where it is not known.
    """

    message: str
    path: str = ""
    line: int = 0


def read(data: bytes, name: str) -> Failure | None:
    """Return why the test called *name* failed, None where it passed.

    :raises ValueError: there is nothing of such a test in *data*, or it is no XML of cmocka's.
    """
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    cases = [case for case in root.iter("testcase") if case.get("name") == name]
    if len(cases) != 1:
        msg = f"{len(cases)} results for {name}"
        raise ValueError(msg)
    for child in cases[0]:
        if child.tag == "skipped":
            return Failure("it was skipped")
        text = "".join(map(str, child.itertext())).strip()
        return _failure(text or f"cmocka says {child.get('type') or 'failed'}")
    return None


def summary(report: str) -> Failure | None:
    """Return what a sanitizer found, None where *report* is none of a sanitizer."""
    runtime = _RUNTIME.search(report)
    if runtime:
        # The first line has the file as the compiler was given it, the frame has it as the tree does.
        frame = _FRAME.search(report, runtime.end())
        place = runtime if frame is None else frame
        where = f" in {frame['function']}" if frame else ""
        return Failure(f"undefined behaviour: {runtime['text']}{where}", _normal(place["path"]), int(place["line"]))
    found = _SUMMARY.search(report)
    if not found:
        return None
    where = f" in {found['function']}" if found["function"] else ""
    return Failure(found["what"] + where, _normal(found["path"] or ""), int(found["line"] or 0))


def _failure(text: str) -> Failure:
    place = _PLACE.search(text)
    if place is None:
        return Failure(_line(text))
    said = text[: place.start()].strip() or text[place.end() :].strip()
    return Failure(_line(said), _normal(place["path"]), int(place["line"]))


def _line(text: str) -> str:
    """Return the lines as one, the last ones where there are many: assert_memory_equal() has one for each byte."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "; ".join(lines if len(lines) <= _LINES else ["...", *lines[-_LINES:]])


def _normal(path: str) -> str:
    return posixpath.normpath(path) if path else ""
