# SPDX-License-Identifier: GPL-3.0-or-later
"""Macros of the tree, read by their text: which ones use a word, and which names they paste together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.tree import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchgen.syntax.parsed import Span
    from patchgen.tree import Tree

    from .edit import Edit

__all__ = ["Define", "defines", "parted", "pasted", "using"]

_DEFINE = re.compile(
    rb"^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)(\([^()]*\))?((?:/\*(?:[^*]|\*(?!/))*\*/|\\\r?\n|[^\n])*)", re.MULTILINE
)
_NOT_CODE = re.compile(rb"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
_JOINED = re.compile(rb"\\\r?\n")
_PASTES = re.compile(rb"\w+(?:\s*##\s*\w+)+")
_PASTE = re.compile(rb"\s*##\s*")
_WORD = re.compile(rb"(?<![\w.])(?<!->)[A-Za-z_]\w*")
_MARK = re.compile(rb"""[(),]|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|/\*.*?\*/""", re.DOTALL)
_WHOLE = re.compile(rb"\s*([A-Za-z_]\w*)\s*(?:\(.*\)\s*)?", re.DOTALL)
_LONGEST = 4096
"""Bytes within which the list of a macro's use must close."""
_QUIET = frozenset({c.Role.COMMENT, c.Role.STRING, c.Role.DEAD, c.Role.INCLUDE, c.Role.PRAGMA})


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
    for match in _DEFINE.finditer(data):
        listed = None
        if match[2] is not None:
            listed = tuple(part.strip().removesuffix(b"...").strip() for part in match[2][1:-1].split(b","))
        body = _NOT_CODE.sub(b" ", _JOINED.sub(b" ", match[3]))
        variadic = match[2] is not None and b"..." in match[2]
        yield Define(path, match[1], listed, body, match.span(1), match.span(3), variadic)


def using(tree: Tree, word: bytes, seen: frozenset[str]) -> frozenset[bytes]:
    """Return the macros, defined in one of the files *seen*, whose bodies come to use the identifier *word*."""
    found: set[bytes] = set()
    todo = [word]
    while todo:
        wanted = todo.pop()
        for path in filter(c.is_c, tree.mentioning([wanted])):
            if path in seen:
                for one in defines(path, tree.read(path)):
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
    for path in filter(c.is_c, tree.mentioning([name]) if name else ()):
        for one in defines(path, tree.read(path)):
            if one.name == name and _has_commas(one.body):
                return name
    return b""


def _has_commas(body: bytes) -> bool:
    """Whether a comma stands in a macro's body outside of parentheses."""
    depth = 0
    for mark in _MARK.findall(body):
        depth += (mark == b"(") - (mark == b")")
        if mark == b"," and depth == 0:
            return True
    return False


def pasted(edit: Edit, tree: Tree, name: str) -> Iterator[tuple[str, Span]]:
    """Yield where a macro is used that pastes *name* together (C17 6.10.3.3), so that it is used and nowhere named."""
    word = name.encode()
    for path in filter(c.is_c, edit.mentioning(tree, "##")):
        for one in defines(path, tree.read(path)):
            for needed in _needs(one, word):
                yield from _given(edit, tree, one, needed, set())


def _needs(one: Define, word: bytes) -> Iterator[Mapping[bytes, bytes]]:
    """Yield what the parameters of a macro must be for its body to have *word* pasted together."""
    parameters = frozenset(one.parameters or ())
    for chain in _PASTES.findall(one.body):
        parts = _PASTE.split(chain)
        if not parameters.intersection(parts):
            if b"".join(parts) == word:
                yield {}
            continue
        known: dict[bytes, str] = {}
        pattern = ""
        for part in parts:
            if part not in parameters:
                pattern += re.escape(part.decode("latin-1"))
            elif part in known:
                pattern += f"(?P={known[part]})"
            else:
                known[part] = f"p{len(known)}"
                pattern += rf"(?P<{known[part]}>\w*)"
        yield from _ways(re.compile(pattern.encode("latin-1")), word, known)


def _ways(pattern: re.Pattern[bytes], word: bytes, known: Mapping[bytes, str]) -> Iterator[Mapping[bytes, bytes]]:
    match = pattern.fullmatch(word)
    if match is None:
        return
    if len(known) == 1:
        yield {parameter: match[group] for parameter, group in known.items()}
        return
    # Several parameters side by side can share a word in many ways: any of them will do.
    yield dict.fromkeys(known, b"")


def _given(
    edit: Edit, tree: Tree, one: Define, needed: Mapping[bytes, bytes], done: set[tuple[bytes, bytes]]
) -> Iterator[tuple[str, Span]]:
    """Yield the uses of a macro that give its parameters what is *needed*, through other macros too."""
    key = (one.name, repr(sorted(needed.items())).encode())
    if key in done:
        return
    done.add(key)
    for path in filter(c.is_c, edit.mentioning(tree, one.name.decode("latin-1"))):
        data = tree.read(path)
        around = list(defines(path, data))
        for start, end in mentions(data, [one.name]):
            listed = _arguments(data, end) if one.parameters is not None else ()
            if (path, (start, end)) == (one.path, one.span) or listed is None:
                continue
            given = dict(zip(one.parameters or (), listed, strict=False))
            holder = next((define for define in around if _holds(data, define, start)), None)
            own = frozenset(holder.parameters or ()) if holder is not None else frozenset[bytes]()
            fits = all(
                value in {given.get(parameter), b""} or given.get(parameter) in own
                for parameter, value in needed.items()
            )
            if not fits or c.use_at(c.parse(data), start, end).role in _QUIET:
                continue
            if holder is None:
                if b"" not in needed.values() or _may_be(one, given, edit):
                    yield path, (start, end)
                continue
            handed = {given[parameter]: value for parameter, value in needed.items() if given.get(parameter) in own}
            yield from _given(edit, tree, holder, handed, done)


def _may_be(one: Define, given: Mapping[bytes, bytes], edit: Edit) -> bool:
    """Whether what a use gives, put into the body, pastes a name of the edit together."""
    owned = {name.encode() for name in edit.names()}
    for chain in _PASTES.findall(one.body):
        if b"".join(given.get(part, part) for part in _PASTE.split(chain)) in owned:
            return True
    return False


def _holds(data: bytes, define: Define, offset: int) -> bool:
    """Whether *offset* is in the body of a macro of the same file."""
    match = _DEFINE.match(data, data.rfind(b"\n", 0, define.span[0]) + 1)
    return match is not None and define.span[1] <= offset < match.end()


def _arguments(data: bytes, at: int) -> tuple[bytes, ...] | None:
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
