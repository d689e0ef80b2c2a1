# SPDX-License-Identifier: GPL-3.0-or-later
"""C as text: tokens, functions, lists and calls, read without patchgen's parser.

The matrix judges patchgen, so nothing here is patchgen's. It is simple: a function is a name at the outer level,
a list in parentheses and a body in braces; what the preprocessor does to braces is not followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "Call",
    "Function",
    "Span",
    "Token",
    "calls",
    "functions",
    "items",
    "lex",
    "outer_items",
    "renamed",
    "replaced",
    "tokens",
]

Span = tuple[int, int]

_TOKEN = re.compile(
    rb"""(?P<blank>(?:\s|\\\r?\n)+)
    |(?P<comment>/\*.*?\*/|//(?:\\\r?\n|[^\n])*)
    |(?P<directive>(?<![^\n])[ \t]*\#(?:\\\r?\n|/\*.*?\*/|//[^\n]*|[^\n])*)
    |(?P<string>L?"(?:\\.|[^"\\\n])*"|L?'(?:\\.|[^'\\\n])*')
    |(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
    |(?P<word>[A-Za-z_$\x80-\xff][\w$\x80-\xff]*)
    |(?P<mark>->|\+\+|--|<<=?|>>=?|[-+*/%&|^!=<>]=|&&|\|\||\.\.\.|\#\#|.)""",
    re.DOTALL | re.VERBOSE,
)
_KEYWORDS = frozenset({b"if", b"while", b"for", b"switch", b"return", b"sizeof", b"do", b"else"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of C: ``blank``, ``comment``, ``directive``, ``string``, ``number``, ``word`` or ``mark``."""

    kind: str
    text: bytes
    start: int
    end: int

    @property
    def counts(self) -> bool:
        """Whether the compiler sees it as a token."""
        return self.kind not in {"blank", "comment"}


@dataclass(frozen=True, slots=True)
class Function:
    """A definition.

    :param start: where its lines begin, the comment directly above included; :param end: behind its last line.
    :param list: the parameters without the parentheses; :param body: with the braces.
    """

    name: str
    start: int
    head: int
    list: Span
    body: Span
    end: int


@dataclass(frozen=True, slots=True)
class Call:
    """A name with a list behind it: a call in a body, a declaration outside."""

    name: Span
    list: Span
    depth: int


@lru_cache(maxsize=256)
def lex(data: bytes) -> tuple[Token, ...]:
    """Return all of the text as tokens, in order."""
    return tuple(Token(str(m.lastgroup), m[0], m.start(), m.end()) for m in _TOKEN.finditer(data))


@lru_cache(maxsize=1024)
def tokens(data: bytes) -> tuple[bytes, ...]:
    """Return the tokens that count; those of a directive one by one, behind a mark that no other token is."""
    found: list[bytes] = []
    for token in lex(data):
        if token.kind == "directive":
            inner = token.text.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ").strip()
            found += (b"\n#", *tokens(inner[1:]), b"\n")
        elif token.counts:
            found.append(token.text)
    return tuple(found)


def replaced(data: bytes, changes: Iterable[tuple[int, int, bytes]]) -> bytes:
    """Return *data* with each span replaced; the spans do not overlap."""
    out = data
    for start, end, text in sorted(changes, reverse=True):
        out = out[:start] + text + out[end:]
    return out


def functions(data: bytes) -> list[Function]:
    """Return the definitions of a file, in order."""
    found: list[Function] = []
    listed = [token for token in lex(data) if token.counts and token.kind != "directive"]
    depth = at = 0
    while at < len(listed):
        text = listed[at].text
        if depth == 0 and listed[at].kind == "word" and text not in _KEYWORDS:
            one = _function(data, listed, at)
            if one is not None:
                found.append(one[0])
                at = one[1]
                continue
        depth += (text == b"{") - (text == b"}")
        at += 1
    return found


def _function(data: bytes, listed: Sequence[Token], at: int) -> tuple[Function, int] | None:
    if at + 1 >= len(listed) or listed[at + 1].text != b"(":
        return None
    close = _closing(listed, at + 1)
    opening = close + 1
    if opening >= len(listed) or listed[opening].text != b"{":
        return None
    end = _closing(listed, opening)
    first = at
    while first and listed[first - 1].text not in {b";", b"}", b")"} and b"\n\n" not in _between(data, listed, first):
        first -= 1
    head = data.rfind(b"\n", 0, listed[first].start) + 1
    stop = data.find(b"\n", listed[end].end) + 1 or len(data)
    function = Function(
        name=listed[at].text.decode("latin-1"),
        start=_comment_above(data, head),
        head=head,
        list=(listed[at + 1].end, listed[close].start),
        body=(listed[opening].start, listed[end].end),
        end=stop,
    )
    return function, end + 1


def _between(data: bytes, listed: Sequence[Token], at: int) -> bytes:
    return data[listed[at - 1].end : listed[at].start].replace(b"\r", b"")


def _comment_above(data: bytes, head: int) -> int:
    before = [token for token in lex(data[:head]) if token.kind != "blank"]
    if before and before[-1].kind == "comment" and data[before[-1].end : head].count(b"\n") == 1:
        start = data.rfind(b"\n", 0, before[-1].start) + 1
        if not data[start : before[-1].start].strip():
            return start
    return head


def _closing(listed: Sequence[Token], at: int) -> int:
    pairs = {b"(": b")", b"{": b"}", b"[": b"]"}
    opened, closed = listed[at].text, pairs[listed[at].text]
    depth = 0
    for index in range(at, len(listed)):
        depth += (listed[index].text == opened) - (listed[index].text == closed)
        if not depth:
            return index
    return len(listed) - 1


def calls(data: bytes, name: str) -> list[Call]:
    """Return each place where *name* has a list behind it, macro bodies aside."""
    word = name.encode()
    listed = [token for token in lex(data) if token.counts and token.kind != "directive"]
    found: list[Call] = []
    depth = 0
    for at, token in enumerate(listed[:-1]):
        depth += (token.text == b"{") - (token.text == b"}")
        if token.text == word and listed[at + 1].text == b"(":
            close = _closing(listed, at + 1)
            found.append(Call((token.start, token.end), (listed[at + 1].end, listed[close].start), depth))
    return found


def items(data: bytes, span: Span) -> list[Span]:
    """Return the spans of the items of a list, without blanks and comments around them."""
    found: list[Span] = []
    depth, first, last = 0, -1, -1
    for match in _TOKEN.finditer(data, *span):
        kind, text = match.lastgroup, match[0]
        if kind in {"blank", "comment"}:
            continue
        if text == b"," and not depth:
            found.append((first, last))
            first = -1
            continue
        depth += (text in {b"(", b"[", b"{"}) - (text in {b")", b"]", b"}"})
        first = match.start() if first < 0 else first
        last = match.end()
    return [*found, (first, last)] if first >= 0 else found


def renamed(data: bytes, old: str, new: str, span: Span | None = None) -> bytes:
    """Return *data* with a word renamed, also in directives; comments and strings keep it."""
    start, end = span or (0, len(data))
    changes = []
    for token in lex(data):
        if start <= token.start and token.end <= end:
            if token.kind == "word" and token.text == old.encode():
                changes.append((token.start, token.end, new.encode()))
            elif token.kind == "directive":
                text = re.sub(rb"(?<![\w\"])%b(?![\w\"])" % re.escape(old.encode()), new.encode(), token.text)
                changes.append((token.start, token.end, text))
    return replaced(data, changes)


def outer_items(data: bytes) -> Iterator[tuple[bytes, ...]]:
    """Yield the tokens of each thing at the outer level of a file: a declaration, a definition, a directive."""
    current: list[bytes] = []
    depth = 0
    for token in lex(data):
        if token.kind == "directive" and not depth and not current:
            yield tokens(token.text)
        elif token.kind == "directive":
            current += tokens(token.text)
        elif token.counts:
            current.append(token.text)
            depth += (token.text in {b"{", b"("}) - (token.text in {b"}", b")"})
            head = current[: current.index(b"{")] if b"{" in current else current
            body = token.text == b"}" and not depth and b"=" not in head and b"(" in head
            if not depth and (token.text == b";" or (body and not _is_type(current))):
                yield tuple(current)
                current = []
    if current:
        yield tuple(current)


def _is_type(current: Sequence[bytes]) -> bool:
    return current[0] in {b"typedef", b"struct", b"union", b"enum"} and b"(" not in current[: current.index(b"{")]
