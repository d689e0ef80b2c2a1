# SPDX-License-Identifier: GPL-3.0-or-later
"""Macros of the tree, read by their text: what they become, which ones use a word, what a use gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.c.patterns import expression_level
from patchgen.syntax.c.precedence import PRIMARY
from patchgen.tree import Tree, line_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.syntax.parsed import Span
    from patchgen.tree import Source


__all__ = ["Define", "arguments_at", "becomes", "defines", "holder_of", "named", "parted", "using"]

_DEFINE = re.compile(
    rb"#[ \t]*define[ \t]+([A-Za-z_]\w*)(\([^()]*\))?((?:[^\n/\\]++|/\*(?:[^*]|\*(?!/))*\*/|\\\r?\n|[^\n])*+)"
)
"""A definition, from its mark on: to look for the start of a line first takes eight times as long."""
_NOT_CODE = re.compile(rb"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
_JOINED = re.compile(rb"\\\r?\n")
_WORD = re.compile(rb"(?<![\w.])(?<!->)[A-Za-z_]\w*")
_MARK = re.compile(rb"""[(),]|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|/\*.*?\*/""", re.DOTALL)
_WHOLE = re.compile(rb"\s*([A-Za-z_]\w*)\s*(?:\(.*\)\s*)?", re.DOTALL)
_IN_PARENTHESES = re.compile(rb"\([^()]*\)|\[[^][]*\]")
_LONGEST = 4096
"""Bytes within which the list of a macro's use must close."""


@dataclass(frozen=True, slots=True)
class Define:
    """A ``#define``.

    :param parameters: None for a macro without a list.
    :param variadic: its last parameter, without a name ``""``, stands for any number of arguments.
    :param body: its text, without comments, strings and line ends; :param span: that of the name.
    :param extent: the bytes that the body has in the file.
    """

    path: str
    name: bytes
    parameters: tuple[bytes, ...] | None
    body: bytes
    span: Span
    extent: Span
    variadic: bool = False

    @property
    def words(self) -> frozenset[bytes]:
        """The identifiers of the body that are no members and no parameters of its own."""
        return frozenset(_WORD.findall(self.body)) - frozenset(self.parameters or ())


def defines(path: str, data: bytes) -> Iterator[Define]:
    """Yield the macros that a file defines."""
    return (_define(path, match) for match in _definitions(data))


def named(tree: Tree, name: bytes) -> Iterator[Define]:
    """Yield the macros of that name in the tree."""
    for path in filter(c.is_c, tree.mentioning([name])):
        data = tree.read(path)
        if re.search(rb"define[ \t]+%b(?![\w$])" % re.escape(name), data):
            yield from (one for one in defines(path, data) if one.name == name)


def _definitions(data: bytes) -> Iterator[re.Match[bytes]]:
    at = 0
    while (match := _DEFINE.search(data, at)) is not None:
        begins = not data[line_start(data, match.start()) : match.start()].strip()
        at = match.end() if begins else match.start() + 1
        if begins:
            yield match


def _define(path: str, match: re.Match[bytes]) -> Define:
    listed = None
    if match[2] is not None:
        listed = tuple(part.strip().removesuffix(b"...").strip() for part in match[2][1:-1].split(b","))
    body = _NOT_CODE.sub(b" ", _JOINED.sub(b" ", match[3]))
    variadic = match[2] is not None and b"..." in match[2]
    return Define(path, match[1], listed, body, match.span(1), match.span(3), variadic)


def using(tree: Tree, word: bytes, seen: frozenset[str]) -> frozenset[bytes]:
    """Return the macros, defined in one of the files *seen*, whose bodies come to use the identifier *word*."""
    found: set[bytes] = set()
    todo = [word]
    while todo:
        wanted = todo.pop()
        for path in filter(c.is_c, seen):  # a few of a big tree
            data = tree.read(path)
            if wanted in data:
                for one in defines(path, data):
                    if wanted in one.words and one.name not in found:
                        found.add(one.name)
                        todo.append(one.name)
    return frozenset(found)


def parted(tree: Tree, argument: bytes) -> bytes:
    """Return the macro that an argument consists of and that makes several arguments of it, "" for none.

    Such a macro has a comma in its body outside of parentheses (C standard, 6.10.3: what it becomes is read again).
    """
    match = _WHOLE.fullmatch(argument)
    name = match[1] if match else b""
    edited = (path for path in tree.touched(Tree(tree.source)) if c.is_c(path) and path in tree)
    if name in tree.index.derived(_parting) or any(name in _parting_in(path, tree.read(path)) for path in edited):
        return name
    return b""


def _parting(source: Source) -> frozenset[bytes]:
    """Return the names of the macros of the source that have commas."""
    return frozenset(name for path in filter(c.is_c, source.paths()) for name in _parting_in(path, source.read(path)))


def _parting_in(path: str, data: bytes) -> Iterator[bytes]:
    for match in _definitions(data):
        if b"," in match[3]:
            one = _define(path, match)
            if _has_commas(one.body):
                yield one.name


def becomes(tree: Tree, text: bytes, known: frozenset[bytes] = frozenset()) -> int:
    """Return how tightly that binds which an expression becomes that is the use of a macro of the tree.

    :param known: macros that are being looked at, which are not replaced once more (C17 6.10.3.4).
    """
    match = _WHOLE.fullmatch(text)
    name = match[1] if match else b""
    found = PRIMARY
    for one in named(tree, name) if name and name not in known else ():
        found = min(found, _body_level(tree, one, known | {name}))
    return found


def _body_level(tree: Tree, one: Define, known: frozenset[bytes]) -> int:
    """Return how tightly the body of a macro binds; one that is a parameter binds as loosely as any argument."""
    body = one.body.strip()
    if body in (one.parameters or ()):
        return 0
    outside, count = body, 1
    while count:
        outside, count = _IN_PARENTHESES.subn(b" ", outside)
    return min(expression_level(body), *(becomes(tree, word, known) for word in set(_WORD.findall(outside))), PRIMARY)


def _has_commas(body: bytes) -> bool:
    """Whether a comma stands in a macro's body outside of parentheses."""
    depth = 0
    for mark in _MARK.findall(body):
        depth += (mark == b"(") - (mark == b")")
        if mark == b"," and depth == 0:
            return True
    return False


def holder_of(path: str, data: bytes, offset: int) -> Define | None:
    """Return the macro in whose body *offset* of a file is, None if it is in none."""
    at = offset
    while (at := data.rfind(b"define", 0, at)) >= 0:
        line = line_start(data, at)
        match = _DEFINE.match(data, line + len(data[line:at]) - len(data[line:at].lstrip()))
        if match is not None:
            return _define(path, match) if match.start(3) <= offset < match.end() else None
    return None


def arguments_at(data: bytes, at: int) -> tuple[bytes, ...] | None:
    """Return the arguments of the use of a macro whose name ends at *at*, None where no list follows."""
    opening = re.compile(rb"(?:\s|\\\r?\n)*\(").match(data, at)
    if opening is None:
        return None
    found: list[bytes] = []
    depth, start = 1, opening.end()
    for mark in _MARK.finditer(data, start, start + _LONGEST):
        depth += (mark[0] == b"(") - (mark[0] == b")")
        if not depth or (depth == 1 and mark[0] == b","):
            found.append(data[start : mark.start()].strip())
            start = mark.end()
        if not depth:
            return tuple(found)
    return None
