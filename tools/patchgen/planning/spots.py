# SPDX-License-Identifier: GPL-3.0-or-later
"""Spots: places between the statements of a block where others can be put, and how to tell that they are there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from patchgen.syntax.c.statements import (
    ends_control,
    first_in,
    insert_after,
    insert_before,
    is_value,
    parted,
    stands_free,
    statement_of,
    statements_in,
    with_comments,
)
from patchgen.syntax.parsed import ancestors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.syntax.c.patterns import Match, Pattern
    from patchgen.tree import Replacement

    from .anchors import Hit
    from .functions import Function

__all__ = ["JUMPS", "Spot", "Unfit", "spot_at", "spot_beside", "spot_in"]

JUMPS = frozenset({"return_statement", "break_statement", "continue_statement", "goto_statement"})
_ARM = ("preproc_if", "preproc_ifdef", "preproc_elif", "preproc_elifdef", "preproc_else")
_TARGETS = frozenset({"labeled_statement", "case_statement"})
_NO_BRACES = "give the branch braces first, or take the whole statement as the anchor"
_NOT_FREE = (
    "what stands before the place is unfinished (an if, an else, a loop, or a macro), "
    "in some arm of an #if at least, or an else follows"
)


class Unfit(ValueError):  # noqa: N818 - named for what was invalid
    """Nothing can be put at a place with certainty. The message says why."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class Spot:
    """The place before ``siblings[index]`` of *block*.

    :param start: the index of the first of the new statements where they are there already.
    :param above: new statements go directly above the next statement, not directly below the last.
    """

    block: Node
    siblings: Sequence[Node]
    index: int
    start: int
    above: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """What is equal for equal places."""
        return self.block.id, self.index

    @property
    def node(self) -> Node:
        """What stands behind the place: the next statement, or the end of the block."""
        return self.siblings[self.index] if self.index < len(self.siblings) else self.block.children[-1]

    def find(self, parsed: C, pattern: Pattern) -> Match | None:
        """Return the statements of *pattern* where they stand at this place, else None."""
        if not 0 <= self.start < len(self.siblings):
            return None
        first = self.siblings[self.start]
        while _is_labelled(first) and not _is_labelled(pattern.roots[0]):
            first = first.named_children[-1]
        return pattern.match(parsed, first)

    def insertion(self, parsed: C, text: str) -> Replacement:
        """Return the replacement that puts the statements *text* here.

        :raises Unfit: what stands around the place did not parse, or shares its line with *text*'s comment.
        """
        before = self.siblings[self.index - 1] if self.index else None
        after = self.siblings[self.index] if self.index < len(self.siblings) else None
        self._check_neighbours(before, after)
        self._check_parted(parsed, before, after)
        if after is not None and (self.above or before is None):
            replacement = insert_before(parsed, with_comments(parsed, after), text)
        elif before is not None:
            replacement = insert_after(parsed, before, text)
        else:
            replacement = first_in(parsed, self.block, text)
        if b"\n" not in replacement.new and re.search(r"//|^[ \t]*#", text, re.MULTILINE):
            msg = "the place shares its line with other code, which a comment or a directive would cut"
            raise Unfit(msg)
        return replacement

    def _check_neighbours(self, before: Node | None, after: Node | None) -> None:
        if before is None and self.block.type in _ARM:
            before = self.block.prev_named_sibling
        broken = (before is not None and (_broken(before) or _ends_broken(before))) or (
            after is not None and _broken(after)
        )
        if broken or any(at.is_error for at in chain((self.block,), ancestors(self.block))):
            msg = "what stands directly beside the place did not parse"
            raise Unfit(msg)

    def _check_parted(self, parsed: C, before: Node | None, after: Node | None) -> None:
        if after is not None and (self.above or before is None):
            offset = after.start_byte
        else:
            offset = before.end_byte if before is not None else self.block.children[0].end_byte
        if not parted(parsed, offset, self.block):
            raise Unfit(_NOT_FREE, _NO_BRACES)


def spot_beside(function: Function, hit: Hit, new: Pattern, *, after: bool) -> Spot:
    """Return the place before or behind the statement that holds *hit*.

    :raises Unfit: there is none.
    """
    statement = statement_of(hit.last if after else hit.node, function.body, labels=True)
    if not after and statement is not None and statement not in {hit.node, hit.last} and _is_labelled(statement):
        return _behind_label(statement, new)
    block = statement.parent if statement is not None else None
    if statement is None or block is None or block.start_byte < function.body.start_byte:
        msg = "what the anchor names is the branch of an if, an else or a loop without braces"
        raise Unfit(msg, _NO_BRACES)
    if hit.node.type == "declaration" and statement != hit.node:
        msg = "the variable is declared in the head of a loop"
        raise Unfit(msg)
    siblings = _siblings(block)
    index = siblings.index(statement)
    if after:
        _check_reached(function.parsed, statement, new)
        if is_value(statement):
            msg = "the statement is the value of the block around it, and what is put behind it would take its place"
            raise Unfit(msg)
        if not stands_free(function.parsed, statement):
            raise Unfit(_NOT_FREE, _NO_BRACES)
        return Spot(block, siblings, index + 1, index + 1)
    return Spot(block, siblings, index, index - len(new.roots), above=True)


def _is_labelled(statement: Node) -> bool:
    return statement.type == "labeled_statement"


def _behind_label(statement: Node, new: Pattern) -> Spot:
    """Return the place between a label and what it labels: who jumps there comes through what is put before that."""
    if _declares(new.roots[0]):
        msg = "what the anchor names has a label, behind which no declaration can be (C17 6.8.1)"
        raise Unfit(msg, "take the label as the anchor")
    labelled = statement.named_children[-1]
    if _is_labelled(labelled):
        return _behind_label(labelled, new)
    return Spot(statement, (labelled,), 0, -1, above=True)


def spot_in(parsed: C, block: Node | None, new: Pattern, *, last: bool) -> Spot:
    """Return the place at the start or the end of *block*.

    :raises Unfit: it has no braces, or its end is not reached.
    """
    if block is None or block.type != "compound_statement":
        msg = "the branch has no braces"
        raise Unfit(msg, _NO_BRACES)
    if block.parent is not None and block.parent.type == "switch_statement":
        msg = "before its first case nothing in a switch is reached, and its end belongs to the last case"
        raise Unfit(msg, "take a statement of a case as the anchor")
    siblings = statements_in(block)
    if not last:
        return Spot(block, siblings, 0, 0, above=True)
    start = len(siblings) - len(new.roots)
    if siblings and (start < 0 or new.match(parsed, siblings[start]) is None):
        _check_reached(parsed, siblings[-1], new)
    return Spot(block, siblings, len(siblings), start)


def spot_at(function: Function, at: str, new: Pattern) -> Spot:
    """Return the place at the ``start``, ``after-declarations`` or at the ``end`` of the function.

    :raises Unfit: its end is not reached.
    """
    if at != "after-declarations":
        return spot_in(function.parsed, function.body, new, last=at == "end")
    siblings = statements_in(function.body)
    leading, own = _leading_declarations(siblings), _leading_declarations(new.roots)
    return Spot(function.body, siblings, leading, leading - own, above=not own)


@lru_cache(maxsize=16)
def _siblings(block: Node) -> tuple[Node, ...]:
    return tuple(statements_in(block))


def _check_reached(parsed: C, statement: Node, new: Pattern) -> None:
    if ends_control(parsed, statement) and new.roots[0].type not in _TARGETS:
        msg = "the statement before the place is a jump, or ends in one on every way, or never ends: what is put there would never be reached"
        raise Unfit(msg, "take the jump as the anchor, with `before`")


def _leading_declarations(nodes: Sequence[Node]) -> int:
    return next((count for count, node in enumerate(nodes) if not _declares(node)), len(nodes))


def _declares(node: Node) -> bool:
    """Whether *node* is a declaration, or an ``#if`` with nothing but declarations."""
    stack = [node]
    while stack:
        at = stack.pop()
        if at.type in _ARM:
            alternative = at.child_by_field_name("alternative")
            stack += [*statements_in(at), *([alternative] if alternative is not None else [])]
        elif at.type not in {
            "declaration",
            "type_definition",
            "struct_specifier",
            "preproc_def",
            "preproc_function_def",
        }:
            return False
    return True


def _broken(node: Node) -> bool:
    """Whether *node* is an ERROR, or a statement that holds no others and did not parse."""
    return node.is_error or (
        node.has_error and (node.type in JUMPS or node.type in {"declaration", "expression_statement"})
    )


def _ends_broken(node: Node) -> bool:
    """Whether *node* is an ERROR, or ends in something that did not parse."""
    at: Node | None = node
    while at is not None:
        if at.is_error or at.is_missing:
            return True
        at = at.children[-1] if at.children else None
    return False
