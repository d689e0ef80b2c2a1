# SPDX-License-Identifier: GPL-3.0-or-later
"""A chunk parsed by pycparser, once for each text and what its words mean there."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pycparser import CParser, c_ast
from pycparser.c_lexer import CLexer, Token
from pycparser.c_parser import ParseError

from .carry import FOREIGN_TYPES, Carried, Kind, Masked, carried_name, mask
from .tokens import identifiers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Failure", "Parsed", "Parser"]

_RECURSION = 12_000
"""Python's limit while pycparser runs: it takes about fifteen calls for each level that an expression is nested."""
_COORDINATES = re.compile(r"^[^\n:]*:(?:(\d+)(?::(\d+))?:)? *")


_FIRST = 2
"""The line that pycparser sees the chunk begin in: before it stand the names of types."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a chunk was not parsed, and where: an offset in its text, -1 where pycparser does not say."""

    message: str
    offset: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a chunk is.

    :param nodes: pycparser's external declarations. They are shared by all units that have the same
        chunk: nobody changes them. A coordinate counts lines from 2 and columns from 1; :meth:`offset`
        gives the place in the text of the chunk.
    :param ends: where each struct and union closes, by the offset of its node; empty where nothing was carried.
    """

    nodes: tuple[c_ast.Node, ...]
    carried: tuple[Carried, ...]
    ends: dict[int, int]
    failure: Failure | None = None
    _lines: tuple[int, ...] = field(default=(), repr=False)

    def offset(self, node: c_ast.Node) -> int:
        """Return where *node* begins in the text of the chunk, -1 where pycparser does not say."""
        return _offset(self._lines, node.coord.line, node.coord.column or 1) if node.coord else -1

    def typedefs(self) -> Iterator[str]:
        """Yield the names of types that the chunk declares at file scope."""
        for node in self.nodes:
            if isinstance(node, c_ast.Typedef):
                yield node.name


class _Lexer(CLexer):
    """pycparser's, that knows how far it got."""

    reached = (0, 0)

    def token(self) -> Token | None:
        token = super().token()
        if token is not None:
            self.reached = token.lineno, token.column
        return token


class Parser:
    """pycparser, and what it made of the chunks so far."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[str, ...]], Parsed] = {}
        self._parser = CParser(lexer=_Lexer)

    def parse(self, text: str, typedefs: Collection[str]) -> Parsed:
        """Return what the chunk *text* is where *typedefs* are names of types."""
        words = identifiers(text)
        used = tuple(sorted((words & FOREIGN_TYPES) | words.intersection(typedefs)))
        known = self._known.get((text, used))
        if known is None:
            known = self._known[text, used] = self._parsed(text, used)
        return known

    def _parsed(self, text: str, used: tuple[str, ...]) -> Parsed:
        masked = mask(text)
        names = [*used, *_typeofs(masked)]
        first = f"typedef int {', '.join(names)};" if names else ""
        lines = _starts(text)
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _RECURSION))
        try:
            tree = self._parser.parse(f"{first}\n{masked.text}")
        except ParseError as error:
            return Parsed((), masked.carried, {}, _failure(str(error), lines, self._reached()))
        except RecursionError:
            return Parsed((), masked.carried, {}, Failure("it is nested too deeply for pycparser", -1))
        except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
            # What pycparser itself did not think of.
            return Parsed((), masked.carried, {}, Failure(f"pycparser fails: {error!r}", -1))
        finally:
            sys.setrecursionlimit(limit)
        return Parsed(tuple(tree.ext[len(names) :]), masked.carried, masked.ends, None, lines)

    def _reached(self) -> tuple[int, int]:
        lexer = self._parser.clex
        return lexer.reached if isinstance(lexer, _Lexer) else (0, 0)


def _typeofs(masked: Masked) -> Iterator[str]:
    """Yield the names that stand for types that nobody named."""
    count = sum(one.kind is Kind.TYPEOF for one in masked.carried)
    for number in range(count):
        yield carried_name(number)


def _starts(text: str) -> tuple[int, ...]:
    return (0, *(match.end() for match in re.finditer("\n", text)))


def _offset(lines: tuple[int, ...], line: int, column: int) -> int:
    """Return the offset of a place that pycparser names; its first line is the one with the names of types."""
    number = line - _FIRST
    return lines[number] + column - 1 if 0 <= number < len(lines) else -1


def _failure(said: str, lines: tuple[int, ...], reached: tuple[int, int]) -> Failure:
    """Return what a ParseError says; it has its place in its text only, and not always: else that of the last token."""
    found = _COORDINATES.match(said)
    line, column = (int(found[1]), int(found[2] or 1)) if found and found[1] else reached
    offset = _offset(lines, line, column)
    return Failure(said[found.end() :] if found else said, offset)
