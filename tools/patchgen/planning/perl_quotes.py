# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that a Perl program quotes: here-documents and strings, and what text going into them must escape."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from patchgen.syntax.lines import lead_at
from patchgen.syntax.parsed import descendants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.parsed import Span
    from patchgen.syntax.perl import Perl

__all__ = ["Quoted", "found_in", "fragment", "heredocs", "in_code", "run_together", "strings", "unit_in"]

_VARIABLE = re.compile(rb"(?<!\\)(?:\\\\)*[$@](?:\{\s*\^?\w+\s*\}|(?:\w|::)+)(?:(?:->)?(?:\[[^][]*\]|\{[^{}]*\}))*\Z")
"""A variable, perhaps an element, at the end of a text."""
_GOES_ON = re.compile(rb"\w|::\w|'\w|(?:->)?[\[{]")
_CODE = re.compile(rb"(?<!\\)(?:\\\\)*[$@]\{")
_NAME_ALONE = re.compile(rb"\s*\^?\w+\s*\}")
_FAR = 256
"""Bytes that a variable with its subscripts may have."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A piece of quoted text.

    :param body: its bytes, without quotes or terminator.
    :param special: the bytes that are not themselves in it and need a backslash; None where no text can go in.
    :param terminator: the line that would end a here-document, "" of a string.
    """

    node: Node
    body: Span
    special: bytes | None
    interpolates: bool
    terminator: bytes = b""

    def escaped(self, text: str, *, interpolate: bool) -> bytes | None:
        """Return *text* as it must stand here to mean itself, or to interpolate; None where it cannot."""
        raw = text.encode()
        if self.special is None or (interpolate and not self.interpolates):
            return None
        if interpolate:
            return raw
        if not self.special:
            return raw
        return re.sub(rb"[" + re.escape(self.special) + rb"]", rb"\\\g<0>", raw)


def heredocs(parsed: Perl, scope: Node) -> list[Quoted]:
    """Return the here-documents announced in *scope*; one that is a command cannot be added to."""
    found: list[Quoted] = []
    for heredoc in parsed.heredocs:
        if scope.start_byte <= heredoc.token.start_byte < scope.end_byte:
            special = {"'": b"", "`": None}.get(heredoc.quote, b"\\$@")
            stop = parsed.data.find(b"\n", heredoc.body[1])
            terminator = parsed.data[heredoc.body[1] : stop if stop >= 0 else None].strip()
            found.append(Quoted(heredoc.token, heredoc.body, special, heredoc.interpolates, terminator))
    return found


def strings(parsed: Perl, scope: Node) -> list[Quoted]:
    """Return the strings in *scope*, also those written with q and qq."""
    found: list[Quoted] = []
    for node in descendants(scope, "string_literal", "interpolated_string_literal"):
        opening, closing = node.children[0], node.children[-1]
        interpolates = node.type == "interpolated_string_literal"
        delimiters = parsed.data[opening.end_byte - 1 : opening.end_byte] + parsed.text(closing)
        special = delimiters + (b"\\$@" if interpolates else b"\\")
        found.append(Quoted(node, (opening.end_byte, closing.start_byte), special, interpolates))
    return found


def found_in(parsed: Perl, quoted: Quoted, piece: bytes) -> list[Span]:
    """Return where *piece* stands in *quoted*, not as a part of longer words; nowhere for an empty piece."""
    if not piece:
        return []
    before = rb"(?<![\w$@%])" if re.match(rb"\w", piece) else b""
    after = rb"(?!\w)" if re.match(rb"\w", piece[-1:]) else b""
    pattern = re.compile(before + re.escape(piece) + after)
    return [match.span() for match in pattern.finditer(parsed.data, *quoted.body)]


def run_together(quoted: Quoted, before: bytes, after: bytes) -> bool:
    """Whether two texts mean something else beside each other: a backslash, or a variable, takes in what follows.

    perlop(1), "Gory details of parsing quoted constructs": ``$name`` goes on as long as it can.
    """
    if (len(before) - len(before.rstrip(b"\\"))) % 2 and quoted.special != b"":
        return True
    return quoted.interpolates and bool(_GOES_ON.match(after)) and bool(_VARIABLE.search(before[-_FAR:]))


def in_code(parsed: Perl, quoted: Quoted, offset: int) -> bool:
    r"""Whether *offset* is within a block of code in a text that interpolates: ``@{[ ... ]}``, ``${\ ... }``."""
    for match in _CODE.finditer(parsed.data, *quoted.body) if quoted.interpolates else ():
        if _NAME_ALONE.match(parsed.data, match.end()):
            continue
        depth, at = 1, match.end()
        while depth and at < quoted.body[1]:
            depth += {b"{": 1, b"}": -1}.get(parsed.data[at : at + 1], 0)
            at += 1
        if match.end() <= offset < at:
            return True
    return False


def fragment(text: str) -> str:
    """Return the longest piece of *text* that no quoting changes: a file that has the text has it."""
    return max(re.split(r"[^A-Za-z0-9_ =./<>-]", text), key=len)


def unit_in(parsed: Perl, listed: list[Quoted]) -> bytes:
    """Return what a line of the texts is indented more than the line before, most often."""
    found: Counter[bytes] = Counter()
    for quoted in listed:
        leads = [lead_at(parsed.data, at) for at in _line_texts(parsed.data, quoted.body)]
        for one, two in pairwise(leads):
            if two.startswith(one) and two != one:
                found[two[len(one) :]] += 1
    return min(found, key=lambda unit: (-found[unit], unit)) if found else b"    "


def _line_texts(data: bytes, body: Span) -> Iterator[int]:
    """Yield where the text of each line that is not empty begins."""
    for match in re.compile(rb"^[ \t]*(?=\S)", re.MULTILINE).finditer(data, *body):
        yield match.end()
