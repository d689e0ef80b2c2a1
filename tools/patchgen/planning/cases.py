# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of a ``switch``: their labels, what falls into what, and how another one is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.syntax.c.constants import constant
from patchgen.syntax.c.patterns import Pattern
from patchgen.syntax.c.statements import never_returns, statements_in, style_at, with_comments, written
from patchgen.syntax.parsed import clean, tokens
from patchgen.tree import Replacement, line_end, line_start

from .spots import JUMPS, Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from patchgen.syntax.c import C

__all__ = ["DEFAULT", "Cases"]

DEFAULT = "default"

_NEIGHBOUR = "take another case as the neighbour"


class Cases:
    """The cases of one ``switch``."""

    def __init__(self, parsed: C, block: Node) -> None:
        """Take the body of the ``switch``."""
        self._parsed, self._block = parsed, block
        self._direct = statements_in(block) if block.type == "compound_statement" else []

    @staticmethod
    def check_body(body: Pattern) -> None:
        """Check that *body* can be that of a case between others.

        :raises ValueError: it begins with a declaration, or its end is reached.
        """
        if body.roots[0].type == "declaration":
            msg = "a label cannot be followed by a declaration (C17 6.8.1): give the body braces"
            raise ValueError(msg)
        if not _jumps(body.parsed, body.roots[-1]):
            msg = "the body must end in a jump (break, return, continue, goto), or it would fall into the next case"
            raise ValueError(msg)

    def labelled(self, label: str) -> list[Node]:
        """Return the cases of this switch that have *label*, also those in arms of an ``#if``."""
        return [case for case in self._all() if self._has_label(case, label)]

    def has(self, labels: Sequence[str], body: Pattern) -> bool:
        """Whether the cases of *labels* stand in a row, and the last has *body* and nothing else."""
        first = self.labelled(labels[0])
        if len(first) != 1 or first[0] not in self._direct:
            return False
        index = self._direct.index(first[0])
        row = self._direct[index : index + len(labels)]
        if len(row) != len(labels) or not all(
            self._has_label(case, label) for case, label in zip(row, labels, strict=True)
        ):
            return False
        inner = statements_in(row[-1])
        bare = not any(statements_in(case) for case in row[:-1])
        return bare and len(inner) == len(body.roots) and body.match(self._parsed, inner[0]) is not None

    def index(self, after: str, before: str) -> int:
        """Return where a new case goes among those of the switch.

        :raises Unfit: there is no such place.
        """
        if not after and not before:
            at_default = bool(self._direct) and self._has_label(self._direct[-1], DEFAULT)
            return len(self._direct) - at_default
        found = self.labelled(after or before)
        if len(found) != 1 or found[0] not in self._direct:
            msg = f"the switch has {len(found)} cases {after or before}, and one is needed that stands in no #if"
            raise Unfit(msg, _NEIGHBOUR)
        return self._direct.index(found[0]) + bool(after)

    def insertion(self, index: int, labels: Sequence[str], body: str) -> Replacement:
        """Return the replacement that puts a case before the one of *index*, or at the end.

        :raises Unfit: the one before it falls into it, or one of the two did not parse or shares its line.
        """
        before = self._direct[index - 1] if index else None
        after = self._direct[index] if index < len(self._direct) else None
        for neighbour in (before, after):
            if neighbour is not None and not clean(neighbour):
                msg = "the case beside the place did not parse"
                raise Unfit(msg, _NEIGHBOUR)
        if before is not None and (before.type != "case_statement" or not _falls_nowhere(self._parsed, before)):
            msg = "the case before the place does not end in a jump, so that it would fall into the new one"
            raise Unfit(msg, _NEIGHBOUR)
        text = self._written(before, after, labels, body)
        newline = style_at(self._parsed, self._block).newline
        parting = newline if self._parted(index) else b""
        data = self._parsed.data
        if after is not None:
            return self._above(with_comments(self._parsed, after), text + parting)
        stop = before.end_byte if before is not None else self._block.children[0].end_byte
        end = line_end(data, stop)
        if re.sub(rb"/\*.*?\*/|//[^\n]*", b"", data[stop:end]).strip():
            msg = "the last case shares its line with what follows the switch"
            raise Unfit(msg)
        return Replacement(end, end, parting + text)

    def _above(self, node: Node, text: bytes) -> Replacement:
        start = line_start(self._parsed.data, node.start_byte)
        if self._parsed.data[start : node.start_byte].strip():
            msg = "the case behind the place shares its line with another"
            raise Unfit(msg, _NEIGHBOUR)
        return Replacement(start, start, text)

    def _all(self) -> Iterator[Node]:
        stack = list(reversed(self._block.named_children))
        while stack:
            at = stack.pop()
            if at.type == "case_statement" and not self._parsed.is_dead(at.start_byte):
                yield at
            if at.type != "switch_statement":
                stack += reversed(at.named_children)

    def _has_label(self, case: Node, label: str) -> bool:
        if case.type != "case_statement":
            return False
        value = case.child_by_field_name("value")
        if value is None:
            return label == DEFAULT
        if label == DEFAULT:
            return False
        wanted = Pattern.expression(label)
        if tokens(self._parsed, value) == tokens(wanted.parsed, wanted.roots[0]):
            return True
        number = constant(label.encode())
        if number is None:
            return False
        return number in self._values(case, value)

    def _values(self, case: Node, value: Node) -> range:
        """Return the values of a label that is a constant, or a range of GNU C; none of any other."""
        text = self._parsed.data[case.children[0].end_byte : value.end_byte]
        low, _, high = text.partition(b"...")
        first, last = constant(low), constant(high or low)
        return range(first, last + 1) if first is not None and last is not None else range(0)

    def _parted(self, index: int) -> bool:
        """Whether a blank line parts the two cases beside the place, or else the last two."""
        pair = self._direct[index - 1 : index + 1] if 0 < index < len(self._direct) else self._direct[-2:]
        if len(pair) < 2:  # noqa: PLR2004 - a pair
            return False
        return re.search(rb"\n[ \t]*\r?\n", self._parsed.data[pair[0].end_byte : pair[1].start_byte]) is not None

    def _written(self, before: Node | None, after: Node | None, labels: Sequence[str], body: str) -> bytes:
        """Return the lines of the new case, written as the case beside it."""
        style = style_at(self._parsed, self._block)
        models = [case for case in (before, after, *self._direct) if case is not None and statements_in(case)]
        models = [case for case in models if case.type == "case_statement"]
        outer = self._outer(before if before is not None else after, style.unit)
        lines = [written(f"case {label}:", outer, style) for label in labels]
        gap = self._one_line_gap(models[0]) if models else None
        if gap is not None and "\t" not in body and "//" not in body:
            lines[-1] = lines[-1].rstrip() + gap + written(" ".join(body.split("\n")).strip(), b"", style)
        else:
            lines.append(written(body, self._inner(models, outer + style.unit), style))
        return b"".join(lines)

    def _outer(self, case: Node | None, unit: bytes) -> bytes:
        if case is not None and case.type == "case_statement":
            return self._lead(case.start_byte)
        return self._lead(self._block.children[-1].start_byte) + unit

    def _inner(self, models: Sequence[Node], otherwise: bytes) -> bytes:
        """Return what the statements of a case begin their lines with."""
        for case in models:
            for statement in statements_in(case):
                start = line_start(self._parsed.data, statement.start_byte)
                if not self._parsed.data[start : statement.start_byte].strip():
                    return self._parsed.data[start : statement.start_byte]
        return otherwise

    def _one_line_gap(self, case: Node) -> bytes | None:
        """Return what stands behind the colon of a case that is all on one line; None for others."""
        colon = next((child for child in case.children if child.type == ":"), None)
        text = self._parsed.text(case)
        if colon is None or b"\n" in text:
            return None
        return self._parsed.data[colon.end_byte : statements_in(case)[0].start_byte]

    def _lead(self, offset: int) -> bytes:
        match = re.match(rb"[ \t]*", self._parsed.data[line_start(self._parsed.data, offset) :])
        return match[0] if match else b""


def _falls_nowhere(parsed: C, case: Node) -> bool:
    inner = statements_in(case)
    return bool(inner) and _jumps(parsed, inner[-1])


def _jumps(parsed: C, statement: Node) -> bool:
    """Whether the end of *statement* is never reached, as far as its last part tells."""
    at: Node | None = statement
    while at is not None and at.type in {"compound_statement", "labeled_statement"}:
        inner = statements_in(at) if at.type == "compound_statement" else at.named_children
        at = inner[-1] if inner else None
    return at is not None and (at.type in JUMPS or never_returns(parsed, at))
