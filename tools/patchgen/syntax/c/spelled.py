# SPDX-License-Identifier: GPL-3.0-or-later
"""Declarations read by their tokens, where the grammar loses its way: an attribute, or a macro that declares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .parse import parse

if TYPE_CHECKING:
    from tree_sitter import Node

    from .parse import C

__all__ = ["TYPEOF", "Initialiser", "Spelled", "behind_call", "spelled"]

TYPEOF = frozenset({b"typeof", b"__typeof__", b"__typeof", b"typeof_unqual", b"_Atomic"})
"""What takes a type, or an expression for its type, and stands for that type."""

_NO_MACRO = frozenset(
    {b"", b"sizeof", b"_Alignof", b"alignof", b"__alignof__", b"_Alignas", b"alignas", b"offsetof", b"return"}
    | {b"if", b"while", b"for", b"switch", b"__attribute__", b"_Generic", b"_Static_assert"}
)
_TOKEN = re.compile(
    rb"(?P<skip>\s+|//[^\n]*|/\*.*?\*/|\\\r?\n|^[ \t]*#(?:[^\n]*\\\r?\n)*[^\n]*)"
    rb"|(?P<word>[A-Za-z_]\w*)"
    rb"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[=!<>]=|.",
    re.DOTALL | re.MULTILINE,
)
_OPEN, _CLOSE = frozenset({b"(", b"[", b"{"}), frozenset({b")", b"]", b"}"})
_POINTER = re.compile(rb"\s*(?:\w+\s+)*\*")
_LONGEST = 4096
"""Bytes within which the parenthesis around a type must close."""


@dataclass(frozen=True, slots=True)
class Initialiser:
    """What a variable is initialised with.

    :param values: a list in braces, or a word or call, which may be a macro that stands for one; None if
        it cannot be read.
    :param depth: in how many dimensions the variable is an array; None if that is not known.
    """

    parsed: C
    values: Node | None
    depth: int | None


@dataclass(frozen=True, slots=True)
class Spelled:
    """What follows a type, or a macro that stands for one.

    :param left_open: the macro's body ends before the declaration does, so that more of it follows each use.
    """

    initialisers: tuple[Initialiser, ...] = ()
    left_open: bool = False


@dataclass(slots=True)
class _Declarator:
    named: bool = False
    pointer: bool = False
    depth: int = 0
    value: int = -1
    end: int = -1

    @property
    def is_blank(self) -> bool:
        return not (self.named or self.pointer or self.depth) and self.value < 0


def spelled(parsed: C, start: int, depth: int | None = 0, *, named: bool = False, alone: bool = False) -> Spelled:
    """Read what is declared from *start* on, the end of a type, or of the arguments of a macro around it.

    :param depth: the dimensions that the type has.
    :param named: the macro may have declared the name; :param alone: it did, and begins its declaration.
    """
    data, end = parsed.data, parsed.body[1] if parsed.body is not None else len(parsed.data)
    declared, stop = _declarators(data, start, end, named=named, alone=alone)
    found = [
        Initialiser(*_value(data, one), None if depth is None else depth + one.depth)
        for one in declared
        if one.value >= 0 and not one.pointer and (one.named or named)
    ]
    if data[stop : stop + 1] == b")" and stop < end and not declared[0].pointer:
        macro = _called(data, start)
        if macro in TYPEOF:
            return spelled(parsed, stop + 1, declared[0].depth)
        if macro not in _NO_MACRO:
            return spelled(parsed, stop + 1, None, named=True)
    is_open = stop == end and parsed.body is not None and not declared[-1].pointer and declared[-1].value < 0
    return Spelled(tuple(found), is_open)


def behind_call(data: bytes, start: int) -> tuple[int, bool]:
    """Return where the use of a macro ends whose name ends at *start*, and whether it has arguments."""
    depth = 0
    for token in _TOKEN.finditer(data, start):
        if token["skip"] is None:
            depth += (token[0] == b"(") - (token[0] == b")")
            if not depth:
                return (token.end(), True) if token[0] == b")" else (start, False)
    return start, False


def _declarators(data: bytes, start: int, end: int, *, named: bool, alone: bool) -> tuple[list[_Declarator], int]:
    """Return what is declared from *start* on, and where that ends: *end*, or a token that ends it."""
    found = [_Declarator()]
    declares, depth = True, 0
    for token in _TOKEN.finditer(data, start, end):
        text, one = token[0], found[-1]
        if token["skip"] is not None:
            continue
        if not declares and token.start() > start + _LONGEST:
            return found, start
        if depth:
            depth += (text in _OPEN) - (text in _CLOSE)
            continue
        if text in _CLOSE or text == b";" or (text == b"{" and one.value < 0):
            one.end = token.start()
            return found, token.start()
        if text == b",":
            one.end = token.start()
            declares = declares and (alone or not (one.is_blank and one is found[0]))
            if declares:
                found.append(_Declarator())
        elif declares and one.value < 0:
            declares = _take(data, token, one, named=named)
        depth += text in _OPEN
    found[-1].end = end
    return found, end


def _take(data: bytes, token: re.Match[bytes], one: _Declarator, *, named: bool) -> bool:
    """Take one more token of a declarator; whether it can be one."""
    text = token[0]
    if text == b"=":
        one.value = token.end()
        return one.named or named
    if text == b"(" and _POINTER.match(data, token.end()):
        one.pointer = True
    one.named = one.named or token["word"] is not None or text == b"("
    one.pointer = one.pointer or text == b"*"
    one.depth += text == b"["
    return token["word"] is not None or text in {b"(", b"[", b"*"}


def _value(data: bytes, one: _Declarator) -> tuple[C, Node | None]:
    text = data[one.value : one.end].rstrip()
    parsed = parse(b"int v = " + text + b";")
    declaration = parsed.root.named_children[0] if parsed.root.named_children else None
    declarator = declaration.child_by_field_name("declarator") if declaration is not None else None
    value = declarator.child_by_field_name("value") if declarator is not None else None
    whole = value is not None and value.end_byte == len(parsed.data) - 1
    return parsed, value if whole else None


def _called(data: bytes, at: int) -> bytes:
    """Return the word before the parenthesis that is open at *at*."""
    depth, low = 0, max(0, at - _LONGEST)
    for offset in range(at - 1, low, -1):
        byte = data[offset : offset + 1]
        if byte in {b";", b"{", b"}"}:
            return b""
        depth += (byte == b")") - (byte == b"(")
        if depth < 0:
            word = re.search(rb"(\w+)\s*\Z", data[low:offset])
            return word[1] if word is not None else b""
    return b""
