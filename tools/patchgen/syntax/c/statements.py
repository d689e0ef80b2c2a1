# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements: which one holds a node, and how new ones are written in the style around them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from patchgen.syntax.parsed import ancestors, ancestors_within
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from .parse import C

__all__ = [
    "Style",
    "ends_control",
    "first_in",
    "insert_after",
    "insert_before",
    "is_value",
    "last_in",
    "last_tokens",
    "never_returns",
    "parted",
    "stands_free",
    "statement_of",
    "statements_in",
    "style_at",
    "with_comments",
    "written",
]

_ARMS = frozenset({"preproc_if", "preproc_ifdef", "preproc_elif", "preproc_elifdef", "preproc_else"})
_OPENED = re.compile(rb"^([ \t]*)[^\n]*\{[ \t]*\r?\n(?:[ \t]*\r?\n)*([ \t]+)(?=\S)", re.MULTILINE)
"""A line that ends in an opening brace, and the first line of text below it: the indentation of both."""

_CALL = re.compile(rb"\b(?!(?:if|for|while|switch|return|sizeof|do|else|case|defined)\b)[A-Za-z_]\w*([ \t]*)\((?!\*)")
"""What looks like a call: what is between the name and the parenthesis."""

_BLOCKS = frozenset({"compound_statement", "case_statement"}) | _ARMS
_HEADS = ("value", "condition", "name")
_JUMPS = frozenset({"return_statement", "break_statement", "continue_statement", "goto_statement"})
_NEVER_RETURN = frozenset(b"exit _exit _Exit abort longjmp pthread_exit __builtin_unreachable __builtin_trap".split())
_JUMP = re.compile(rb"\b(?:return|goto|break|continue)\b")
_LOOPS = frozenset({"while_statement", "do_statement", "for_statement"})
_TOKEN = re.compile(
    rb"""(?P<directive>^[ \t]*\#(?:\\\r?\n|/\*.*?\*/|//[^\n]*|[^\n])*)
    |(?P<blank>\n|[^\S\n]+|\\\r?\n|/\*.*?\*/|//(?:\\\r?\n|[^\n])*)
    |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\w+|.""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_PRAGMA = re.compile(
    rb"[ \t]*#[ \t]*pragma\b(?![ \t]+(?:once|pack|message|region|endregion|STDC|GCC[ \t]+(?:diagnostic|push_options|pop_options|poison|warning|error|visibility))\b)"
)
"""A pragma that may be about the statement behind it: nothing goes between the two."""
_FOR_NEXT = b"#pragma"
_CONDITIONAL = re.compile(rb"[ \t]*#[ \t]*(if|el|endif)(se)?")
_COMPLETE = frozenset({b";", b"{", b"}", b":"})
"""What a statement can be begun behind: the end of another, of a label, or the start of a block."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a piece of C is written.

    :param unit: the bytes of one level of indentation.
    :param newline: the end of a line.
    :param call_blank: whether a blank stands between a called name and the parenthesis.
    """

    unit: bytes = b"    "
    newline: bytes = b"\n"
    call_blank: bool = False


def statement_of(node: Node, scope: Node | None = None, *, labels: bool = False) -> Node | None:
    """Return the statement in a block that holds *node*: the nearest ancestor whose parent is one.

    An arm of an ``#if`` within a block is a block of its own.

    None where there is none, or where *node* stands in the branch of an ``if``, a loop or a label
    that has no braces: what is put beside such a statement would not share its condition.

    :param scope: a block that holds *node*, if one is at hand: it saves steps up from far below.
    :param labels: a statement with a label is one, label and all.
    """
    at = node
    for parent in ancestors(node) if scope is None else ancestors_within(node, scope):
        if parent.type in _BLOCKS:
            in_head = parent.type != "compound_statement" and any(
                at == parent.child_by_field_name(head) for head in _HEADS
            )
            return None if in_head or (parent.type == "case_statement" and _has_no_braces(parent)) else at
        if parent.type in {
            "if_statement",
            "while_statement",
            "for_statement",
            "do_statement",
            "switch_statement",
        } and at in (
            parent.child_by_field_name("consequence"),
            parent.child_by_field_name("body"),
        ):
            return None
        if parent.type == "else_clause" or (parent.type == "labeled_statement" and not labels):
            return None
        at = parent
    return None


def _has_no_braces(case: Node) -> bool:
    """Whether a ``case`` stands where one statement does: what is behind its own is not governed by the ``switch``."""
    outer = case.parent
    braced = outer is not None and outer.type in _BLOCKS
    return not braced or all(at.type != "switch_statement" for at in ancestors(case))


def statements_in(block: Node) -> list[Node]:
    """Return the statements of a block, of a ``case`` or of an arm of an ``#if``, in order."""
    heads = [block.child_by_field_name(field) for field in (*_HEADS, "alternative")]
    left_out = {head.id for head in heads if head is not None}
    return [child for child in block.named_children if child.type != "comment" and child.id not in left_out]


def is_value(statement: Node) -> bool:
    """Whether *statement* ends a block in parentheses, ``({ ... })``, whose value is then its own (GNU C)."""
    block = statement.parent
    if block is None or block.parent is None or block.parent.type != "parenthesized_expression":
        return False
    return block.type == "compound_statement" and statements_in(block)[-1:] == [statement]


def stands_free(parsed: C, first: Node, last: Node | None = None) -> bool:
    """Whether *first* (to *last*) is controlled by nothing but its block, and takes no ``else``, in every ``#if`` arm.

    A head may stand in another arm of an ``#if`` than the statement that it controls, and the macro of a
    loop is no head to the parser: then what is put beside the statement would not share its condition.
    """
    end = last if last is not None else first
    above = first.prev_named_sibling
    while above is not None and above.type == "comment":
        above = above.prev_named_sibling
    if above is not None and above.is_error:
        return False
    return parted(parsed, first.start_byte, first, behind_pragma=True) and parted(parsed, end.end_byte, first)


def parted(parsed: C, offset: int, within: Node, *, behind_pragma: bool = False) -> bool:
    """Whether a statement may be begun at *offset*, in every arm of an ``#if`` before it, and no ``else`` follows.

    :param within: a node of the function.
    :param behind_pragma: also behind a pragma that may be about the next statement.
    """
    scope = within
    for at in (within, *ancestors(within)):
        if at.type == "compound_statement":
            scope = at
    return _order(parsed, scope.start_byte, scope.end_byte).parts(offset, behind_pragma=behind_pragma)


def last_tokens(parsed: C, offset: int) -> frozenset[bytes]:
    """Return the tokens of which each is the last before *offset* in some arm of the ``#if`` there, at file level."""
    return _order(parsed, 0, len(parsed.data)).before(offset)


def never_returns(parsed: C, statement: Node) -> bool:
    """Whether *statement* is a call of a function that is known never to return (exit(3), abort(3), ...)."""
    call = (
        statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
    )
    callee = call.child_by_field_name("function") if call is not None and call.type == "call_expression" else None
    return callee is not None and parsed.text(callee) in _NEVER_RETURN


def ends_control(parsed: C, statement: Node) -> bool:
    """Whether what stands behind *statement* is never reached from it, as far as its form tells."""
    stack: list[Node | None] = [statement]
    while stack:
        at = stack.pop()
        if at is None:
            return False
        if at.type in _JUMPS or never_returns(parsed, at) or _is_macro_head(parsed, at) or _jumps_in_cut(parsed, at):
            continue
        if at.type == "compound_statement" or at.type in _ARMS:
            held = statements_in(at)
            stack.append(held[-1] if held else None)
            if at.type not in {"compound_statement", "preproc_else"}:
                stack.append(at.child_by_field_name("alternative"))
        elif at.type in {"labeled_statement", "else_clause"}:
            stack.append(at.named_children[-1])
        elif at.type == "if_statement":
            stack += [at.child_by_field_name(part) for part in ("consequence", "alternative")]
        elif at.type not in _LOOPS or not _is_endless(parsed, at):
            return False
    return True


def _jumps_in_cut(parsed: C, statement: Node) -> bool:
    """Whether a conditional cuts it, with a jump in the lines of which one arm only was read."""
    return any(
        _JUMP.search(parsed.data, start, end) is not None
        for start, end in parsed.cuts
        if start < statement.end_byte and statement.start_byte < end
    )


def _is_macro_head(parsed: C, statement: Node) -> bool:
    """Whether it is a macro without a semicolon, read as a loop around what follows: nobody knows what it is."""
    return statement.type == "while_statement" and parsed.text(statement.children[0]) != b"while"


def _is_endless(parsed: C, loop: Node) -> bool:
    condition, body = loop.child_by_field_name("condition"), loop.child_by_field_name("body")
    text = parsed.text(condition).strip(b"() \t") if condition is not None else b"1"
    if body is None or text not in {b"1", b"true", b"TRUE"} or loop.has_error:
        return False
    stack = [body]
    while stack:
        at = stack.pop()
        if at.type == "break_statement":
            return False
        if at.type not in _LOOPS and at.type != "switch_statement":
            stack.extend(at.children)
    return True


def with_comments(parsed: C, statement: Node) -> Node:
    """Return the first of the comments that stand on lines of their own directly above *statement*, else it."""
    at = statement
    while (above := at.prev_sibling) is not None and above.type == "comment":
        between = parsed.data[above.end_byte : at.start_byte]
        own_line = not parsed.data[line_start(parsed.data, above.start_byte) : above.start_byte].strip()
        if not own_line or between.strip() or between.count(b"\n") != 1:
            break
        at = above
    return at


def style_at(parsed: C, node: Node) -> Style:
    """Return the style of the function that *node* stands in, or of the file at file level."""
    scope = next((at for at in (node, *ancestors(node)) if at.type == "function_definition"), parsed.root)
    return _style(parsed, scope.start_byte, scope.end_byte)


def written(text: str, indent: bytes, style: Style) -> bytes:
    """Return the lines of *text*, each behind *indent*, ended by a newline, in the given style.

    Tabs that begin a line of *text* count levels and become the style's own unit. Directives of
    the preprocessor stay at the left, and empty lines stay empty.
    """
    lines: list[bytes] = []
    for line in text.strip("\n").split("\n"):
        body = line.lstrip("\t")
        if not body.strip():
            lines.append(b"")
        elif body.startswith("#"):
            lines.append(body.encode())
        else:
            lines.append(indent + style.unit * (len(line) - len(body)) + _calls(body, style).encode())
    return b"".join(line + style.newline for line in lines)


def insert_before(parsed: C, statement: Node, text: str) -> Replacement:
    """Return the replacement that puts the statements *text* before *statement* of a block."""
    data, style = parsed.data, style_at(parsed, statement)
    start = line_start(data, statement.start_byte)
    indent = data[start : statement.start_byte]
    if indent.strip():
        return Replacement(statement.start_byte, statement.start_byte, _inline(text, style) + b" ")
    return Replacement(start, start, written(text, indent, style))


def insert_after(parsed: C, statement: Node, text: str) -> Replacement:
    """Return the replacement that puts the statements *text* behind *statement* of a block.

    A comment that ends the statement's line stays with it.
    """
    data, style = parsed.data, style_at(parsed, statement)
    start, end = line_start(data, statement.start_byte), line_end(data, statement.end_byte)
    rest = re.sub(rb"/\*.*?\*/|//[^\n]*", b"", data[statement.end_byte : end]).strip()
    indent = data[start : statement.start_byte]
    if rest:
        return Replacement(statement.end_byte, statement.end_byte, b" " + _inline(text, style))
    lead = re.match(rb"[ \t]*", indent)
    indent = lead[0] if lead else b""
    missing = b"" if data[:end].endswith(b"\n") else style.newline
    return Replacement(end, end, missing + written(text, indent, style))


def first_in(parsed: C, block: Node, text: str) -> Replacement:
    """Return the replacement that puts *text* first in a block in braces."""
    data, style = parsed.data, style_at(parsed, block)
    inner = [child for child in block.named_children if child.type != "comment"]
    if inner and not data[line_start(data, inner[0].start_byte) : inner[0].start_byte].strip():
        return insert_before(parsed, inner[0], text)
    opening = block.children[0].end_byte
    end = line_end(data, opening)
    outer = re.match(rb"[ \t]*", data[line_start(data, block.children[-1].start_byte) :])
    indent = (outer[0] if outer else b"") + style.unit
    if data[opening:end].strip():
        return Replacement(opening, opening, b" " + _inline(text, style))
    return Replacement(end, end, written(text, indent, style))


def last_in(parsed: C, block: Node, text: str) -> Replacement:
    """Return the replacement that puts *text* last in a block in braces."""
    inner = [child for child in block.named_children if child.type != "comment"]
    return insert_after(parsed, inner[-1], text) if inner else first_in(parsed, block, text)


def _inline(text: str, style: Style) -> bytes:
    return " ".join(_calls(line.strip(), style) for line in text.strip().split("\n")).encode()


def _calls(line: str, style: Style) -> str:
    """Write calls with a blank before the parenthesis where the code around does."""
    if not style.call_blank:
        return line
    keywords = r"(?!(?:if|for|while|switch|return|sizeof|do|else|case)\b)"
    parts = re.split(r'("(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|//.*|/\*.*?\*/)', line)
    parts[::2] = [re.sub(rf"(?<![\w.>])({keywords}[A-Za-z_]\w*)\((?!\*)", r"\1 (", part) for part in parts[::2]]
    return "".join(parts)


@lru_cache(maxsize=1024)
def _style(parsed: C, start: int, end: int) -> Style:
    text = parsed.data[start:end]
    newline = b"\r\n" if b"\r\n" in text[:4096] else b"\n"
    blanks = [bool(blank) for blank in _CALL.findall(text)]
    return Style(_unit(text), newline, sum(blanks) * 2 > len(blanks))


def _unit(text: bytes) -> bytes:
    """Return what the first line of a block has more than the line that opens it, most often."""
    found = Counter(
        inner[len(outer) :] for outer, inner in _OPENED.findall(text) if inner.startswith(outer) and inner != outer
    )
    return min(found, key=lambda unit: (-found[unit], unit)) if found else b"    "


class _Order:
    """The tokens of a function, and those that may stand next to each in some arm of every ``#if``."""

    def __init__(self, parsed: C, start: int, end: int) -> None:
        found: list[tuple[int, int, bytes]] = []
        for match in _TOKEN.finditer(parsed.data, start, end):
            if match["directive"] is not None:
                word = _CONDITIONAL.match(match[0])
                if word is not None:
                    found.append((match.start(), match.start() + word.end(), match[0]))
                elif _PRAGMA.match(match[0]) and not parsed.is_dead(match.start()):
                    found.append((match.start(), match.end(), _FOR_NEXT))
            elif match["blank"] is None:
                dead = parsed.is_dead(match.start())
                found.append((*match.span(), b"" if dead else match[0]))
        self._starts = [start for start, _, _ in found]
        self._ends = [end for _, end, _ in found]
        self._texts = [text for _, _, text in found]
        self._before = [frozenset[bytes](), *_passed(self._texts, _opens, _closes)]

    @cached_property
    def _behind(self) -> list[frozenset[bytes]]:
        return [frozenset[bytes](), *_passed(reversed(self._texts), _closes, _opens)][::-1]

    def before(self, offset: int) -> frozenset[bytes]:
        """Return which tokens may be the last before *offset*, by the arms there are."""
        return self._before[bisect_right(self._ends, offset)]

    def parts(self, offset: int, *, behind_pragma: bool) -> bool:
        """Whether *offset* parts two statements, in every arm."""
        before = self.before(offset)
        behind = self._behind[bisect_left(self._starts, offset)]
        return before <= (_COMPLETE | {_FOR_NEXT} if behind_pragma else _COMPLETE) and b"else" not in behind


@lru_cache(maxsize=64)
def _order(parsed: C, start: int, end: int) -> _Order:
    return _Order(parsed, start, end)


def _passed(
    texts: Iterable[bytes], opens: Callable[[bytes], bool], closes: Callable[[bytes], bool]
) -> Iterable[frozenset[bytes]]:
    """Yield, for the place behind each token, which tokens may be the last before it, by the arms there are."""
    last: frozenset[bytes] = frozenset()
    stack: list[tuple[frozenset[bytes], frozenset[bytes], bool]] = []  # before the first arm; behind the others; all
    for text in texts:
        if not text:  # in an arm that is never compiled
            last = frozenset()
        elif text == _FOR_NEXT:
            last = frozenset({_FOR_NEXT}) if last <= _COMPLETE else last
        elif not _CONDITIONAL.match(text):
            last = frozenset({text})
        elif opens(text):
            stack.append((last, frozenset(), False))
        elif stack:
            before, arms, exhaustive = stack.pop()
            exhaustive = exhaustive or _conditional(text) == (b"el", b"se")
            if closes(text):
                last = arms | last | (frozenset() if exhaustive else before)
            else:
                stack.append((before, arms | last, exhaustive))
                last = before
        yield last


def _conditional(directive: bytes) -> tuple[bytes, bytes]:
    match = _CONDITIONAL.match(directive)
    return (match[1], match[2] or b"") if match else (b"", b"")


def _opens(directive: bytes) -> bool:
    return _conditional(directive)[0] == b"if"


def _closes(directive: bytes) -> bool:
    return _conditional(directive)[0] == b"endif"
