# SPDX-License-Identifier: GPL-3.0-or-later
"""Mend what the grammar cannot know: words that the preprocessor takes away, and arms of an ``#if`` that cut a statement.

A text that did not parse is masked further, byte for byte, and taken only where less of it is broken then:

- a word in capitals before a declaration at file level (``API int f(void);``) becomes blanks;
- a macro with a list and no semicolon on a line of its own, in a body (``EACH (x)``), becomes a loop around the
  statement behind it: nothing is put beside that statement, for it may share the macro's condition;
- a bit-field without a name behind others (``int a : 3, : 2;``) becomes blanks;
- where all arms of an ``#if`` open or close as many braces, or are as many items of a list, the first arm stands for
  all, and the directives and the other arms become blanks. These lines are *cut*: nothing in them is edited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tree_sitter import Tree

    from patchgen.syntax.parsed import Span

__all__ = ["Mended", "mended"]

_WORD = re.compile(
    rb"^(?:(?:static|extern)[ \t]+)?([A-Z][A-Z0-9_]{2,})[ \t]+(?=(?:[A-Za-z_]\w*[ \t*]+)+[A-Za-z_]\w*[ \t]*\()",
    re.MULTILINE,
)
_HEAD = re.compile(
    rb"^[ \t]+(?!(?:while|switch|return|sizeof|defined)\b)([A-Za-z_]\w{4,})[ \t]*"
    rb"\((?:[^(){};\n]|\((?:[^(){};\n]|\([^(){};\n]*\))*\))*\)[ \t]*(?:/\*[^\n]*\*/[ \t]*)?\r?\n(?=[ \t]*[A-Za-z_*+(-])",
    re.MULTILINE,
)
_UNNAMED = re.compile(rb",[ \t]*:[ \t]*\w+(?=[ \t]*[,;])")
_LOOP = b"while"
_TOKEN = re.compile(
    rb"""(?P<directive>^[ \t]*\#(?:\\\r?\n|/\*.*?\*/|//[^\n]*|[^\n])*)
    |(?:/\*.*?\*/|//(?:\\\r?\n|[^\n])*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(?P<mark>[][{}(),])""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_CONDITIONAL = re.compile(rb"[ \t]*#[ \t]*(if|el|endif)(se)?")
_MOST = 16
"""How many places of one kind are tried one by one, where all together do not help."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A masked text that parses better.

    :param words: those before declarations that were taken away.
    :param cuts: the lines, from an ``#if`` to its ``#endif``, of which the first arm stands for all.
    """

    tree: Tree
    cuts: tuple[Span, ...]
    words: tuple[Span, ...]


@dataclass(slots=True)
class _Arm:
    start: int
    braces: int = 0
    lists: int = 0
    commas: int = 0
    lowest: int = 0
    end: int = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.braces, self.lists, self.commas


@dataclass(slots=True)
class _Group:
    start: int
    listed: int
    arms: list[_Arm] = field(default_factory=list)
    exhaustive: bool = False


_Mask = tuple[int, int, bytes]


def mended(text: bytes, tree: Tree, parse: Callable[[bytes], Tree]) -> Mended | None:
    """Return *text*, which *tree* is of, masked so that less of it is broken; None where nothing helps."""
    best, cuts = _Try(text, tree, _faults(tree)), tuple[_Cut, ...]()
    for cut in _cuts(text):
        tried = best.masked(cut.masks, parse)
        if tried is not None:
            best, cuts = tried, (*cuts, cut)
    for found in (_words(best.text), _unnamed(best.text), _heads(best.text)):
        best = _tried(best, list(found), parse)
    if best.text == text:
        return None
    words = tuple((start, end) for start, end, _ in _words(text) if not best.text[start:end].strip())
    return Mended(best.tree, tuple(cut.span for cut in cuts), words)


@dataclass(frozen=True, slots=True)
class _Try:
    text: bytes
    tree: Tree
    faults: int

    def masked(self, masks: Iterable[_Mask], parse: Callable[[bytes], Tree]) -> _Try | None:
        """Return the text with more masks, None where that does not help."""
        text = bytearray(self.text)
        for start, end, new in masks:
            text[start:end] = new
        tree = parse(bytes(text))
        faults = _faults(tree)
        return _Try(bytes(text), tree, faults) if faults < self.faults else None


def _tried(best: _Try, masks: list[_Mask], parse: Callable[[bytes], Tree]) -> _Try:
    together = best.masked(masks, parse) if masks and best.faults else None
    if together is not None and not together.faults:
        return together
    for mask in masks[:_MOST] if best.faults and len(masks) > 1 else ():
        best = best.masked([mask], parse) or best
    return together if together is not None and together.faults <= best.faults else best


def _faults(tree: Tree) -> int:
    """Return how much is broken: the nodes that did not parse, and the bytes in them."""
    if not tree.root_node.has_error:
        return 0
    count, stack = 0, [tree.root_node]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            count += 8 + node.end_byte - node.start_byte
        stack.extend(child for child in node.children if child.has_error or child.is_missing)
    return count


def _words(text: bytes) -> Iterable[_Mask]:
    for match in _WORD.finditer(text):
        yield match.start(1), match.end(1), b" " * len(match[1])


def _unnamed(text: bytes) -> Iterable[_Mask]:
    for match in _UNNAMED.finditer(text):
        yield match.start(), match.end(), b" " * len(match[0])


def _heads(text: bytes) -> Iterable[_Mask]:
    for match in _HEAD.finditer(text):
        name = match[1]
        if name not in {b"while", b"switch"}:
            yield match.start(1), match.end(1), _LOOP + b" " * (len(name) - len(_LOOP))


@dataclass(frozen=True, slots=True)
class _Cut:
    span: Span
    masks: Sequence[_Mask]


def _cuts(text: bytes) -> Iterable[_Cut]:
    """Yield the conditionals of which the first arm can stand for all."""
    stack: list[_Group] = []
    listed = 0
    for token in _TOKEN.finditer(text):
        word = _CONDITIONAL.match(token["directive"] or b"")
        if word is not None and word[1] == b"if":
            stack.append(_Group(token.start(), listed, [_Arm(token.end())]))
        elif word is not None and stack:
            group = stack[-1]
            group.arms[-1].end = token.start()
            if word[1] == b"el":
                group.exhaustive = word[2] is not None
                group.arms.append(_Arm(token.end()))
                listed = group.listed
                continue
            stack.pop()
            if stack:  # what is around it sees its first arm
                _carry(stack[-1].arms[-1], group.arms[0])
            if _is_cut(group):
                yield _cut(text, group, token.end())
        elif (mark := token["mark"]) is not None:
            listed += (mark in b"([") - (mark in b")]")
            if stack:
                _count(stack[-1].arms[-1], mark)


def _carry(outer: _Arm, inner: _Arm) -> None:
    outer.braces += inner.braces
    outer.lists += inner.lists
    outer.commas += inner.commas


def _count(arm: _Arm, mark: bytes) -> None:
    arm.braces += (mark == b"{") - (mark == b"}")
    arm.lists += (mark in b"([") - (mark in b")]")
    arm.lowest = min(arm.lowest, arm.lists, arm.braces)
    arm.commas += mark == b"," and not arm.lists


def _is_cut(group: _Group) -> bool:
    first = group.arms[0]
    if not group.exhaustive or any(arm.shape != first.shape for arm in group.arms):
        return False
    in_list = group.listed > 0 and not first.lists and not first.lowest
    return in_list or (bool(first.braces) and not first.lists)


def _cut(text: bytes, group: _Group, end: int) -> _Cut:
    first = group.arms[0]
    spans = ((group.start, first.start), (first.end, end))
    masks = [(start, stop, re.sub(rb"[^\n]", b" ", text[start:stop])) for start, stop in spans]
    return _Cut((group.start, end), masks)
