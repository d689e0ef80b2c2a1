# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse C with tree-sitter, after masking what its grammar is known not to take.

A mask writes other bytes of the same number over a piece of text before parsing; no offset moves,
and nothing masked is ever edited, for the edits read the real bytes.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

from patchgen.syntax.parsed import Parsed, Span, descendants

from .defines import comments_in_defines, mask_defines
from .mend import mended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node, Parser

    from patchgen.tree import Change

__all__ = ["SUFFIXES", "C", "is_c", "looks_like_c", "parse", "parse_again"]

SUFFIXES = (".c", ".h", ".inc", ".c.in", ".h.in")
"""What is parsed as C."""

_COUSINS = (
    ".y",
    ".l",
    ".m",
    ".cc",
    ".cpp",
    ".cxx",
    ".C",
    ".hh",
    ".hpp",
    ".hxx",
    ".S",
    ".xs",
    ".pc",
    ".ec",
    ".cu",
    ".def",
)
"""What may call a C function, and is not C: an occurrence in its code cannot be judged."""

_NUMBERS = re.compile(rb"\([ \t]*\d[\d, \t]*\)(?=(?:\s|/\*[^*]*\*/)+[A-Za-z_])")
_ATTRIBUTE = re.compile(
    rb"(?<![\w.>])(?:__[a-z_]*|[A-Z_]*)(?:printf|scanf|format|nonnull|alloc_size|alloc_align|aligned)_*[ \t]*\Z",
    re.IGNORECASE,
)
"""A macro for an attribute with numbers, as the C library, the kernel and libvirt call theirs."""
_VA_ARG = re.compile(rb"\b(?:__builtin_)?va_arg[ \t]*\(")
_BLANK = rb"(?:\s|/\*(?:[^*]|\*(?!/))*\*/)"
_OLD_STARS = re.compile(
    rb"^(?:\w+[ \t]+)*\w+[ \t]*(\*[*\s]*)[A-Za-z_]\w*[ \t]*\(%b*\w+(?:%b*,%b*\w+)*%b*\)"
    rb"(?=%b*(?:[A-Za-z_][^(){};=#/]*;%b*)+\{)" % ((_BLANK,) * 6),
    re.MULTILINE,
)
"""The stars before the name of a K&R definition, which declares its parameters behind the list (C17 6.9.1p6)."""
_LONGEST_NAME = 64
_LIST_MARKS = re.compile(rb"[(),]")
_LONGEST = 512
"""Bytes within which the parenthesis of a ``va_arg`` must close."""
_COMMA_PASTE = re.compile(rb"(,(?:[ \t]|\\\r?\n)*)##(?=(?:[ \t]|\\\r?\n)*\w+(?:[ \t]|\\\r?\n)*\))")
_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b([^\n]*)", re.MULTILINE)
_COMMENT = re.compile(rb"/\*.*?(?:\*/|\Z)|//.*", re.DOTALL)
_CONSTANT = re.compile(rb"^[ \t]*#[ \t]*(?:el)?if[ \t]+[01]\b", re.MULTILINE)


def is_c(path: str) -> bool:
    """Whether *path* is parsed as C."""
    return path.endswith(SUFFIXES)


def looks_like_c(path: str) -> bool:
    """Whether *path* may hold C, or a language that can call it, that is not parsed."""
    return path.endswith(_COUSINS)


@dataclass(frozen=True, eq=False)
class C(Parsed):
    """A parsed C file, or the body of a macro of it.

    :param body: the span of the macro's body; None for a whole file.
    :param cuts: lines in which a conditional cuts a statement, so that nothing in them is edited; see :mod:`.mend`.
    :param words: macros before a declaration, which belong to it and have no node; see there.
    :param mended: whether more was masked than a reading of the bytes tells.
    """

    body: Span | None = None
    cuts: tuple[Span, ...] = ()
    words: tuple[Span, ...] = ()
    mended: bool = False

    @cached_property
    def _comments_in_defines(self) -> tuple[Span, ...]:
        return comments_in_defines(self.data) if self.body is None else ()

    def comment_at(self, node: Node, offset: int) -> Span | None:
        """Return the span of the comment that *offset* is in, None if it is in none.

        :param node: the smallest node there; a comment within a ``#define`` has no node of its own.
        """
        if node.type == "comment":
            return node.start_byte, node.end_byte
        return next(((start, end) for start, end in self._comments_in_defines if start <= offset < end), None)

    @cached_property
    def comments(self) -> tuple[Span, ...]:
        """The spans of the comments, in order."""
        nodes = ((node.start_byte, node.end_byte) for node in descendants(self.root, "comment"))
        return tuple(sorted((*nodes, *self._comments_in_defines)))

    @cached_property
    def dead(self) -> tuple[Span, ...]:
        """The spans of the lines in arms that no configuration compiles: ``#if 0``, ``#if 1 … #else``."""
        return tuple(_dead_arms(self))

    def is_cut(self, start: int, end: int) -> bool:
        """Whether any of the bytes, or the place between two, is within lines that a conditional cuts."""
        return any(start < stop and max(start, begin + 1) <= min(end, stop) for begin, stop in self.cuts)

    def begins(self, line: int, offset: int) -> bool:
        """Whether nothing stands in ``[line, offset)`` but blanks, and macros that belong to what follows."""
        text = bytearray(self.data[line:offset])
        for start, end in self.words:
            if line <= start and end <= offset:
                text[start - line : end - line] = b" " * (end - start)
        return not text.strip()

    def is_dead(self, offset: int) -> bool:
        """Whether *offset* is in an arm that no configuration compiles."""
        return bool(self.dead) and any(start <= offset < end for start, end in self.dead)

    def macro_body(self, body: Node) -> C:
        """Parse the body of a macro as statements; offsets stay those of the file.

        :param body: the ``preproc_arg`` node of a ``#define``.
        """
        return _parse_body(self.data, body.start_byte, body.end_byte)


def parse(data: bytes) -> C:
    """Parse a C file. Never fails: what cannot be parsed is among the faults."""
    known = _parsed.get(data)
    if known is None:
        known = _remember(_parsed_anew(data))
    return known


def _parsed_anew(data: bytes) -> C:
    masked = _masked(data)
    tree = _parser().parse(masked)
    better = mended(masked, tree, _parser().parse) if tree.root_node.has_error else None
    return C(data, better.tree, None, better.cuts, better.words, mended=True) if better is not None else C(data, tree)


def parse_again(old: bytes, new: bytes, changes: Sequence[Change]) -> C:
    """Parse *new*, which the changes made of *old*, at a cost that grows with the changes.

    A text in which something does not parse is parsed as a whole: what the parser makes of an error
    may depend on where it began, and the answer must not.
    """
    known = _parsed.get(old)
    if new in _parsed or known is None or known.root.has_error or known.mended:
        return parse(new)
    before, after = _masked(old), _masked(new)
    if not _same_elsewhere(before, after, changes):
        return parse(new)
    tree = known.tree.copy()
    for change in reversed(changes):
        end = (change.end, _point(before, change.end))
        text = after[change.new_start : change.new_end]
        start = _point(before, change.start)
        tree.edit(change.start, end[0], change.start + len(text), start, end[1], _moved(start, text))
    parsed = C(new, _parser().parse(after, tree))
    return parse(new) if parsed.root.has_error else _remember(parsed)


def _same_elsewhere(before: bytes, after: bytes, changes: Sequence[Change]) -> bool:
    """Whether two masked texts are equal outside of the changes; a change can make a mask elsewhere."""
    at = new_at = 0
    for change in changes:
        if before[at : change.start] != after[new_at : change.new_start]:
            return False
        at, new_at = change.end, change.new_end
    return before[at:] == after[new_at:]


class _Shelf(OrderedDict[bytes, C]):
    """The parsed files, the oldest first."""

    room = 8 << 20
    """Bytes of text that more files than the last may have; a syntax tree takes some thirty times as many."""


_parsed = _Shelf()


def _remember(parsed: C) -> C:
    _parsed[parsed.data] = parsed
    _parsed.room -= len(parsed.data)
    while _parsed.room < 0 and len(_parsed) > 1:
        _parsed.room += len(_parsed.popitem(last=False)[0])
    return parsed


def _point(data: bytes, offset: int) -> tuple[int, int]:
    return data.count(b"\n", 0, offset), offset - data.rfind(b"\n", 0, offset) - 1


def _moved(point: tuple[int, int], text: bytes) -> tuple[int, int]:
    """Return the point behind *text* that begins at *point*."""
    lines = text.count(b"\n")
    return (point[0] + lines, len(text) - text.rfind(b"\n") - 1) if lines else (point[0], point[1] + len(text))


@lru_cache(maxsize=512)
def _parse_body(data: bytes, start: int, end: int) -> C:
    # The body becomes that of a function whose head stands where "#define X" stood, which is
    # never shorter; every other byte of the file becomes a blank, and offsets stay. GNU C's "##" that
    # takes a comma away (", ## args") is masked: the grammar does not have it.
    head = b"f(){"
    blank = re.sub(rb"[^\n]", b" ", data[: start - len(head)])
    text = blank + head + _COMMA_PASTE.sub(rb"\1  ", data[start:end]) + b"\n;}"
    return C(data, _parser().parse(_masked(text)), (start, end))


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_c

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))


@lru_cache(maxsize=8)  # an edited file is parsed again soon after
def _masked(data: bytes) -> bytes:
    """Mask what would mislead the parser.

    The grammar takes a pointer type in ``va_arg`` for an error, and a macro with numbers that stands
    for an attribute (``PRINTF(1, 2)``) for the type of what is declared; then the rest of the file is
    lost. It takes a K&R definition that returns a pointer for several declarations and a block.
    """
    masked = bytearray(mask_defines(data))
    for stars in _OLD_STARS.finditer(data):
        masked[slice(*stars.span(1))] = stars[1].replace(b"*", b" ")
    for numbers in _NUMBERS.finditer(data):
        name = _ATTRIBUTE.search(data, max(0, numbers.start() - _LONGEST_NAME), numbers.start())
        if name is not None:
            masked[name.start() : numbers.end()] = b" " * (numbers.end() - name.start())
    if b"va_arg" not in data:
        return bytes(masked)
    for call in _VA_ARG.finditer(data):
        comma, depth = -1, 1
        for mark in _LIST_MARKS.finditer(data, call.end(), call.end() + _LONGEST):
            depth += {b"(": 1, b")": -1, b",": 0}[mark[0]]
            if depth == 1 and mark[0] == b"," and comma < 0:
                comma = mark.end()
            if not depth:
                if comma >= 0:
                    masked[comma : mark.start()] = _one_word(data[comma : mark.start()])
                break
    return bytes(masked)


def _one_word(type_name: bytes) -> bytes:
    core = type_name.strip()
    if not re.fullmatch(rb"[A-Za-z_][\w \t\n*]*", core):
        return type_name
    lead = len(type_name) - len(type_name.lstrip())
    return type_name[:lead] + re.sub(rb"[^\w]", b"_", core) + type_name[lead + len(core) :]


def _dead_arms(parsed: C) -> list[Span]:
    if not _CONSTANT.search(parsed.data):
        return []
    arms: list[Span] = []
    stack: list[tuple[bool, bool, int]] = []  # this arm is dead; a later arm is dead; where it starts
    for match in _DIRECTIVE.finditer(parsed.data):
        if parsed.node_at(match.start(1), match.end(1)).type == "comment":
            continue
        word, condition = match[1], _COMMENT.sub(b" ", match[2]).strip()
        if word in {b"if", b"ifdef", b"ifndef"}:
            constant = condition if word == b"if" else b""
            stack.append((constant == b"0", constant == b"1", match.end()))
        elif stack:
            dead, rest_dead, start = stack.pop()
            if dead:
                arms.append((start, match.start()))
            if word == b"elif":
                stack.append((rest_dead or condition == b"0", rest_dead or condition == b"1", match.end()))
            elif word == b"else":
                stack.append((rest_dead, rest_dead, match.end()))
    return sorted(arms)
