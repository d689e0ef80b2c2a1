# SPDX-License-Identifier: GPL-3.0-or-later
"""What a compiler says of a unit, and what of it is new: matched by file, function and text, never by line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from patchgen.findings import Level

__all__ = ["Diagnostic", "difference", "located"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that a compiler says.

    :param path: relative to the tree; absolute for a header of the system.
    :param line: from 1; 0 where it says none. *column* counts bytes from 1, and *end* is one past the last.
    :param text: the message, without the option.
    :param option: the option that asks for it, such as ``-Wunused-variable``; "" for what cannot be switched off.
    :param fatal: the compiler stopped there: what is behind it was not looked at.
    :param function: the function that it is in; "" at file level and in files that are no C of the tree.
    """

    path: str
    line: int
    column: int
    end: int
    level: Level
    text: str
    option: str = ""
    fatal: bool = False
    function: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it the same in two versions of a tree."""
        return self.path, self.function, self.option, self.text

    def __str__(self) -> str:
        where = f"in {self.function}: " if self.function else ""
        return f"{where}{self.text}" + (f" ({self.option})" if self.option else "")


def difference(after: Iterable[Diagnostic], before: Iterable[Diagnostic]) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Return what of *after* is new, and what *before* has too; each in its order.

    The same thing said more often is new as often as it is said more. A warning that became an error
    is new.
    """
    there = Counter((diagnostic.identity, diagnostic.level) for diagnostic in before)
    new: list[Diagnostic] = []
    known: list[Diagnostic] = []
    for diagnostic in after:
        same = diagnostic.identity, diagnostic.level
        if there[same] > 0:
            there[same] -= 1
            known.append(diagnostic)
        else:
            new.append(diagnostic)
    return new, known


def located(diagnostics: Iterable[Diagnostic], read: Callable[[str], bytes | None]) -> list[Diagnostic]:
    """Return the diagnostics, each with the function that its line is in.

    :param read: gives the bytes of a file of the tree, None for any other.
    """
    listed = list(diagnostics)
    spans = {path: _functions(data) for path in {one.path for one in listed} if (data := read(path)) is not None}
    return [replace(one, function=_function(spans, one)) for one in listed]


def _function(spans: Mapping[str, list[tuple[int, int, str]]], diagnostic: Diagnostic) -> str:
    for first, last, name in spans.get(diagnostic.path, ()):
        if first <= diagnostic.line <= last:
            return name
    return ""


def _functions(data: bytes) -> list[tuple[int, int, str]]:
    """Return the first and the last line, from 1, and the name of each function."""
    from patchgen.syntax.c import functions, parse  # noqa: PLC0415 - the parser is loaded where something is said

    found = []
    for declaration in functions(parse(data)):
        node = declaration.node
        found.append((node.start_point.row + 1, node.end_point.row + 1, declaration.name))
    return found
