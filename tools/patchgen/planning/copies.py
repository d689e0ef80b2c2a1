# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies: the text of a mirrored statement, where it goes, and whether it stands there already."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax.c import parse
from patchgen.syntax.c.statements import style_at, written
from patchgen.syntax.parsed import descendants, enclosing, tokens
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tree_sitter import Node

    from patchgen.syntax.c import C

    from .likeness import Likeness
    from .units import Unit

__all__ = ["Copy", "copy_of"]

_COMMENT = re.compile(
    rb"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|[ \t]*(?:/\*.*?\*/|//(?:\\\r?\n|[^\n])*)""", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy of a unit.

    :param replacement: puts it directly behind the unit.
    :param statements: the tokens of each statement that it consists of.
    """

    unit: Unit
    replacement: Replacement
    statements: tuple[tuple[bytes, ...], ...]

    def standing(self, parsed: C, taken: AbstractSet[int]) -> list[Node]:
        """Return the statements of the unit's own block that are the copy, [] for none.

        :param taken: ids of nodes that are the copy of another unit.
        """
        block = self.unit.node.parent
        siblings = [child for child in block.named_children if child.type != "comment"] if block is not None else []
        at = siblings.index(self.unit.node) + 1
        for first in (at, *range(at), *range(at + 1, len(siblings))):
            run = siblings[first : first + len(self.statements)]
            if not taken & {node.id for node in run} and tuple(tokens(parsed, node) for node in run) == self.statements:
                return run
        return []


def without_comments(text: bytes) -> bytes:
    """Return *text* without its comments, and without the lines that held nothing else."""
    marked = _COMMENT.sub(lambda match: match[1] or b"\0", text)
    kept = [line for line in marked.split(b"\n") if b"\0" not in line or line.replace(b"\0", b"").strip()]
    return re.sub(rb"(?<=\w)\0(?=\w)", b" ", b"\n".join(kept)).replace(b"\0", b"")


def copy_of(parsed: C, unit: Unit, words: Likeness, guard: str = "", then: tuple[str, ...] = ()) -> Copy:
    """Return the copy of *unit*: byte for byte what it is, but for the word and without comments.

    :param guard: a condition of the copy's own; with it, ``then`` is under that condition, too.
    :param then: statements to follow the copy.
    :raises ValueError: the copy, with guard and statements, is not C.
    """
    data, node = parsed.data, unit.node
    if parsed.is_cut(node.start_byte, node.end_byte):
        msg = "an #if cuts the statement, and only one of its arms was read"
        raise ValueError(msg)
    body = words.renamed(without_comments(parsed.text(node)))
    start, end = line_start(data, node.start_byte), line_end(data, node.end_byte)
    lead = data[start : node.start_byte]
    if not lead.strip() and not _COMMENT.sub(b"", data[node.end_byte : end]).strip():
        newline = style_at(parsed, node).newline
        text = _lines(parsed, unit, body, guard, then)
        blank = newline if _parted(data, start, end) else b""
        missing = b"" if data[:end].endswith(b"\n") else newline
        replacement = Replacement(end, end, missing + blank + text)
    else:
        follow = b" ".join([body, *(line.encode() for line in then)])
        text = b" " + (b"if (" + guard.encode() + b") { " + follow + b" }" if guard else follow)
        replacement = Replacement(node.end_byte, node.end_byte, text)
    return Copy(unit, replacement, _statements(text))


def _lines(parsed: C, unit: Unit, body: bytes, guard: str, then: tuple[str, ...]) -> bytes:
    style = style_at(parsed, unit.node)
    newline = style.newline
    lead = parsed.data[line_start(parsed.data, unit.node.start_byte) : unit.node.start_byte]
    inner = lead + style.unit if guard else lead
    follow = b"".join(written(text, inner, style) for text in then)
    if not guard:
        return lead + body + newline + follow
    first, *rest = body.split(b"\n")
    deeper = [style.unit + line if line.strip() else line for line in rest]
    keyword, brace = _guard_style(parsed, unit.node)
    head = lead + keyword + b"(" + guard.encode() + b")" + (newline + lead if brace else b" ") + b"{" + newline
    return head + inner + b"\n".join([first, *deeper]) + newline + follow + lead + b"}" + newline


def _guard_style(parsed: C, node: Node) -> tuple[bytes, bool]:
    """Return how the function writes ``if``: the keyword, and whether the brace has a line to itself."""
    function = enclosing(node, "function_definition") or parsed.root
    blanks: Counter[bytes] = Counter()
    braces: Counter[bool] = Counter()
    for statement in descendants(function, "if_statement"):
        condition, branch = statement.child_by_field_name("condition"), statement.child_by_field_name("consequence")
        if condition is not None:
            blanks[parsed.data[statement.start_byte : condition.start_byte]] += 1
            if branch is not None and branch.type == "compound_statement":
                braces[b"\n" in parsed.data[condition.end_byte : branch.start_byte]] += 1
    keyword = b"if" if blanks[b"if"] > blanks[b"if "] else b"if "
    return keyword, braces[True] > braces[False]


def _parted(data: bytes, start: int, end: int) -> bool:
    """Whether a blank line parts the lines ``[start, end)``, with the comment above, from their neighbours."""
    below = data[end : line_end(data, end)].strip()
    while start:
        begin = line_start(data, start - 1)
        above = data[begin:start].strip()
        if not above.startswith((b"//", b"/*")):
            return not above and below[:1] in {b"", b"}"}
        start = begin
    return False


def _statements(text: bytes) -> tuple[tuple[bytes, ...], ...]:
    parsed = parse(b"void f(void)\n{\n" + text + b"\n}\n")
    block = parsed.root.named_children[0].child_by_field_name("body")
    if parsed.faults or block is None or parsed.root.named_child_count != 1:
        msg = "the copy would not be C: " + text.decode("utf-8", "replace").strip()
        raise ValueError(msg)
    return tuple(tokens(parsed, child) for child in block.named_children if child.type != "comment")
