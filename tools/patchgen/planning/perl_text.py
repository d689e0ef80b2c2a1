# SPDX-License-Identifier: GPL-3.0-or-later
"""New statements of Perl: what they declare, and how they are written beside a statement of a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from patchgen.syntax import perl
from patchgen.syntax.lines import indent_at, lead_at, newline_at, rest_of_line
from patchgen.tree import Replacement, line_end, line_start

from .perl import snippet

if TYPE_CHECKING:
    from tree_sitter import Node

    from patchgen.syntax.perl import Perl

__all__ = ["Statements", "beside", "inside", "statements_of"]


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of a semantic patch.

    :param tokens: those of each statement in turn; here-documents count with the statement before.
    :param declares: the variables, with their sigils, and the subs, without any.
    :param fixed: the lines, from 0, that begin inside a string or a here-document.
    """

    text: str
    tokens: tuple[tuple[bytes, ...], ...]
    declares: frozenset[str]
    fixed: frozenset[int]


@lru_cache(maxsize=256)
def statements_of(text: str) -> Statements:
    """Return the statements that *text* is.

    :raises ValueError: it is not Perl, or no statement.
    """
    parsed = snippet(text)
    fixed: set[int] = set()
    stack = [parsed.root]
    while stack:
        node = stack.pop()
        stack.extend(node.children)
        if perl.is_quoted(node) or node.type in {"heredoc_content", "pod"}:
            fixed.update(range(node.start_point[0] + (node.start_point[1] > 0), node.end_point[0] + 1))
    top = [declaration.name for declaration in parsed.declarations if declaration.block == parsed.root]
    return Statements(text, runs(parsed, parsed.root), frozenset(top), frozenset(fixed))


def runs(parsed: Perl, scope: Node) -> tuple[tuple[bytes, ...], ...]:
    """Return the tokens of each statement directly in *scope*, those of its here-documents with it."""
    return tuple(perl.tokens(parsed, node) + bodies(parsed, node) for node in perl.statements(scope))


def bodies(parsed: Perl, statement: Node) -> tuple[bytes, ...]:
    """Return the bodies of the here-documents that *statement* announces and that stand outside of it."""
    return tuple(
        parsed.data[heredoc.body[0] : heredoc.body[1]]
        for heredoc in parsed.heredocs
        if statement.start_byte <= heredoc.token.start_byte < statement.end_byte <= heredoc.body[0]
    )


def beside(parsed: Perl, statement: Node, new: Statements, *, before: bool) -> Replacement | None:
    """Return the replacement that puts *new* before or behind *statement*; None where it cannot be done.

    Comments directly above a statement and behind it on its line belong to it, and so do its
    here-documents. What shares a line with others is only ever put beside on that line.
    """
    data = parsed.data
    indent = indent_at(data, statement.start_byte)
    if before:
        if indent is None:
            return _inline(new, statement.start_byte, b"", b" ")
        at = _above_comments(parsed, statement)
        return _whole_lines(parsed, new, at, indent)
    stop = perl.end_of(statement)
    rest = rest_of_line(data, stop)
    if rest and not rest.startswith(b"#"):
        return _inline(new, stop, b" ", b"")
    at = perl.lines_end(parsed, stop)
    lead = indent if indent is not None else lead_at(data, statement.start_byte)
    return _whole_lines(parsed, new, at, lead)


def inside(parsed: Perl, scope: Node, new: Statements, *, first: bool) -> Replacement | None:
    """Return the replacement that puts *new* first or last in a block or in the file."""
    listed = perl.statements(scope)
    if listed:
        return beside(parsed, listed[0] if first else listed[-1], new, before=first)
    if scope.type != "block":
        return None
    opening, closing = scope.children[0].end_byte, scope.children[-1].start_byte
    outer = lead_at(parsed.data, scope.start_byte)
    newline, unit = newline_at(parsed.data, opening), perl.unit_of(parsed)
    text = newline + _lines(new, outer + unit, unit, newline)
    if parsed.data[opening:closing].strip():
        return None
    return Replacement(opening, closing, text + outer)


def _whole_lines(parsed: Perl, new: Statements, at: int, indent: bytes) -> Replacement:
    """Return the replacement that puts *new* on lines of their own at *at*, the start of a line or the end.

    Of two empty lines that would come together one is left out.
    """
    data, newline = parsed.data, newline_at(parsed.data, max(0, at - 1))
    text = _lines(new, indent, perl.unit_of(parsed), newline)
    if at and not data[line_start(data, at - 1) : at].strip():
        text = text.lstrip(b"\r\n")
    if not data[at : line_end(data, at)].strip():
        text = text.rstrip(b"\r\n") + newline
    missing = b"" if data[:at].endswith(b"\n") or not at else newline
    return Replacement(at, at, missing + text)


def _lines(new: Statements, indent: bytes, unit: bytes, newline: bytes) -> bytes:
    """Return the lines of the text; tabs that begin one count levels, except inside strings and here-documents.

    Empty lines that the text begins or ends with are kept: they part it from its neighbours.
    """
    lines: list[bytes] = []
    for number, line in enumerate(new.text.removesuffix("\n").split("\n")):
        body = line.lstrip("\t")
        if number in new.fixed:
            lines.append(line.encode())
        elif body.strip():
            lines.append(indent + unit * (len(line) - len(body)) + body.encode())
        else:
            lines.append(b"")
    return b"".join(line + newline for line in lines)


def _inline(new: Statements, at: int, lead: bytes, tail: bytes) -> Replacement | None:
    text = new.text.strip()
    if "\n" in text or "#" in text or "<<" in text:
        return None
    return Replacement(at, at, lead + text.encode() + tail)


def _above_comments(parsed: Perl, statement: Node) -> int:
    """Return where the line of *statement* begins, or that of the comments directly above it."""
    at = line_start(parsed.data, statement.start_byte)
    node = statement.prev_sibling
    while node is not None and node.type == "comment":
        start = line_start(parsed.data, node.start_byte)
        shebang = parsed.data[node.start_byte : node.start_byte + 2] == b"#!"
        if (
            shebang
            or parsed.data[start : node.start_byte].strip()
            or parsed.data[node.end_byte : at].strip(b" \t\r") != b"\n"
        ):
            break
        at = start
        node = node.prev_sibling
    return at
