# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a ``GetOptions`` call (Getopt::Long), and how a new one is written among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax.lines import indent_at, newline_at
from patchgen.syntax.parsed import descendants
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.perl import Perl

__all__ = ["Call", "Row", "Spec", "calls", "insert_after", "insert_before", "spec_of", "written"]

_SPEC = re.compile(r"([\w?-]+(?:\|[\w?-]+)*)([=:!+].*)?", re.ASCII)
_SKIPPED = {"GetOptions": 0, "GetOptionsFromArray": 1, "GetOptionsFromString": 1}
_LITERAL = frozenset({"string_literal", "interpolated_string_literal", "autoquoted_bareword", "bareword"})


@dataclass(frozen=True, slots=True)
class Spec:
    """An option specification: the names of the option, and what follows them (``=s``, ``!``)."""

    names: frozenset[str]
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """One option of a call: the node of its specification, and of its target where it has one."""

    spec: Spec
    key: Node
    target: Node | None

    @property
    def end(self) -> Node:
        """The last node of the row."""
        return self.target or self.key


@dataclass(frozen=True, slots=True)
class Call:
    """One call of GetOptions.

    :param name: the node of the called name; :param outer: that of the list, or of its only item.
    :param hashed: whether the first argument is a hash that takes what has no target of its own.
    :param rows: None where the arguments cannot be told apart.
    """

    name: Node
    node: Node
    outer: Node
    hashed: bool
    rows: tuple[Row, ...] | None


def spec_of(text: str) -> Spec | None:
    """Return the specification that *text* is, or None where it is none."""
    match = _SPEC.fullmatch(text)
    return Spec(frozenset(match[1].split("|")), match[2] or "") if match else None


def calls(parsed: Perl, scope: Node) -> Iterator[Call]:
    """Yield the calls of GetOptions in *scope*, also under its full name and with an array of arguments."""
    for node in descendants(scope, "function_call_expression", "ambiguous_function_call_expression"):
        name = next((child for child in node.children if child.type == "function"), None)
        skipped = _SKIPPED.get(parsed.text(name).decode("latin-1").removeprefix("Getopt::Long::")) if name else None
        if name is None or skipped is None:
            continue
        outer = next((child for child in node.named_children if child.type not in {"function", "comment"}), None)
        if outer is not None:
            yield _call(parsed, name, node, outer, skipped)


def insert_after(parsed: Perl, call: Call, row: Row, text: bytes) -> list[Replacement]:
    """Return the replacements that put the row *text* behind *row*, never behind a comment.

    None where what follows the row belongs to something within it.
    """
    data, start, end = parsed.data, row.key.start_byte, row.end.end_byte
    comma = _comma_after(call, row)
    stop = comma.end_byte if comma is not None else end
    if comma is None and data[end:].lstrip()[:1] == b",":
        return []
    indent, rest = indent_at(data, start), data[stop : line_end(data, stop)].strip()
    if indent is not None and (not rest or rest.startswith(b"#")):
        newline, at = newline_at(data, stop), line_end(data, stop)
        if comma is not None:
            return [Replacement(at, at, indent + text + b"," + newline)]
        return [Replacement(end, end, b","), Replacement(at, at, indent + text + newline)]
    if comma is None:
        gap = (
            b"," + newline_at(data, end) + indent
            if indent is not None and not _shares_line(parsed, call, row)
            else b", "
        )
        return [Replacement(end, end, gap + text)]
    return [Replacement(stop, stop, b" " + text + b",")]


def insert_before(parsed: Perl, row: Row, text: bytes) -> list[Replacement]:
    """Return the replacements that put the row *text* before *row*."""
    data, start = parsed.data, row.key.start_byte
    indent = indent_at(data, start)
    if indent is None:
        return [Replacement(start, start, text + b", ")]
    at = line_start(data, start)
    return [Replacement(at, at, indent + text + b"," + newline_at(data, start))]


def written(parsed: Perl, call: Call, model: Row, spec: str, target: str) -> bytes:
    """Return the row in the style of *model*: its quotes, its arrow, and the column where all arrows stand."""
    rows = call.rows or ()
    quotes = [parsed.data[row.key.start_byte : row.key.start_byte + 1] for row in (model, *rows)]
    quote = next((found for found in quotes if found in {b"'", b'"'}), b"'")
    if quote == b'"' and re.search(r"[$@]", spec):
        quote = b"'"
    key = quote + spec.encode() + quote
    if not target:
        return key
    return key + _arrow(parsed, rows, model, len(key)) + target.encode()


def _arrow(parsed: Perl, rows: tuple[Row, ...], model: Row, width: int) -> bytes:
    """Return what parts key and target: blanks up to the common column of the arrows, if there is one."""
    gaps = [
        (row.key.end_byte - row.key.start_byte, parsed.data[row.key.end_byte : row.target.start_byte])
        for row in (model, *rows)
        if row.target is not None
    ]
    plain = [(size, gap) for size, gap in gaps if re.fullmatch(rb"[ \t]*(?:=>|,)[ \t]*", gap)]
    if not plain:
        return b" => "
    gap = plain[0][1]
    lead = gap[: len(gap) - len(gap.lstrip())]
    columns = {size + len(found) - len(found.lstrip()) for size, found in plain[1:] if b"\t" not in found}
    if b"\t" in lead:
        return gap
    if len(columns) == 1 and len(plain) > 2:  # noqa: PLR2004 - the model is listed twice
        return b" " * max(1 if lead else 0, columns.pop() - width) + gap.lstrip()
    return (b" " if lead else b"") + gap.lstrip()


def _call(parsed: Perl, name: Node, node: Node, outer: Node, skipped: int) -> Call:
    items = [outer]
    if outer.type == "list_expression":
        items = [child for child in outer.named_children if child.type not in {"comment", "heredoc_content", "pod"}]
    items = items[skipped:]
    if items and items[0].type in {"hash", "array"}:  # GetOptions(%options): what it holds is not seen
        return Call(name, node, outer, hashed=False, rows=None)
    hashed = bool(items) and items[0].type not in _LITERAL
    return Call(name, node, outer, hashed, _rows(parsed, items[1:] if hashed else items, hashed=hashed))


def _rows(parsed: Perl, items: list[Node], *, hashed: bool) -> tuple[Row, ...] | None:
    rows: list[Row] = []
    at = 0
    while at < len(items):
        spec = _literal(parsed, items[at])
        if spec is None:
            return None
        following = items[at + 1] if at + 1 < len(items) else None
        target = following if following is not None and not (hashed and following.type in _LITERAL) else None
        if target is None and not hashed:
            return None
        rows.append(Row(spec, items[at], target))
        at += 1 + (target is not None)
    return tuple(rows)


def _literal(parsed: Perl, node: Node) -> Spec | None:
    if node.type not in _LITERAL:
        return None
    text = parsed.text(node).decode("latin-1")
    return spec_of(text[1:-1] if text[:1] in {"'", '"'} else text)


def _comma_after(call: Call, row: Row) -> Node | None:
    """Return the comma that follows *row*; the last row need not have one."""
    for parent in (call.outer, call.node):
        for child in parent.children:
            if child.start_byte >= row.end.end_byte and child.type != "comment":
                if child.type in {",", "=>"}:
                    return child
                break
    return None


def _shares_line(parsed: Perl, call: Call, row: Row) -> bool:
    """Whether rows of the call stand beside each other on a line."""
    return any(other is not row and indent_at(parsed.data, other.key.start_byte) is None for other in call.rows or ())
