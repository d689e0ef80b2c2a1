# SPDX-License-Identifier: GPL-3.0-or-later
"""The attributes of a chunk, asked for by what they stand at; what nobody asked for is known too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildcheck.ctree import At, Carried, Kind

from .attributes import HARMLESS, Attribute, attributes
from .types import UnprovedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from buildcheck.ctree import Parsed

__all__ = ["Applied", "Marks"]


@dataclass(slots=True)
class Applied:
    """What the attributes at one thing say.

    :param aligned: bytes, 0 where none says it; :param vector: those of ``vector_size``.
    :param unknown: the name of one that is not known; "" where all are.
    """

    packed: bool = False
    aligned: int = 0
    mode: str = ""
    vector: int = 0
    unknown: str = ""


class Marks:
    """The attributes of a chunk.

    :param number: gives the value of an expression; raises UnprovedError.
    :param most: the bytes of ``aligned`` without a number.
    """

    def __init__(self, parsed: Parsed, number: Callable[[str], int], most: int) -> None:
        self._all = [one for one in parsed.carried if one.kind is Kind.ATTRIBUTE]
        self._ends = parsed.ends
        self._number = number
        self._most = most
        self._used: set[int] = set()
        self._names: dict[tuple[int, int], int] = {}

    def at_type(self, head: int) -> Applied:
        """Return what is said of the type whose node stands at *head*."""
        return self._applied(one for one in self._all if one.at is At.RECORD and one.head == head)

    def at_member(self, head: int, name: int) -> Applied:
        """Return what is said of the member whose name stands at *name*, of the type at *head*.

        The members are asked for in their order, so that the first of a declaration comes first.
        """
        return self._named(head, name)

    def at_name(self, name: int, first: int) -> Applied:
        """Return what is said of a name outside of any record."""
        return self._applied(
            one for one in self._all if one.at is At.SPECIFIERS and one.head < 0 and one.is_at(name, first)
        )

    def first(self, name: int) -> int:
        """Return where the first name stands of the declaration that has one at *name*; they come in their order."""
        for one in self._all:
            if one.at is At.SPECIFIERS and one.head < 0 and one.declaration[0] <= name < one.declaration[1]:
                return self._names.setdefault(one.declaration, name)
        return name

    def stray(self, head: int) -> str:
        """Return an attribute inside the record at *head* that nobody asked for and that may matter; "" without."""
        end = self._ends.get(head, -1)
        inner = [at for at, stop in self._ends.items() if head < at and stop < end]
        for one in self._all:
            if not head <= one.start < end or one.start in self._used:
                continue
            if any(at <= one.start < self._ends[at] for at in inner):
                continue
            for attribute in attributes(one.text):
                if attribute.name not in HARMLESS:
                    return attribute.name
        return ""

    def _named(self, head: int, name: int) -> Applied:
        found: list[Carried] = []
        for one in self._all:
            if one.at is not At.SPECIFIERS or one.head != head or name < 0:
                continue
            if one.declaration[0] <= name < one.declaration[1]:
                first = self._names.setdefault(one.declaration, name)
                if one.is_at(name, first):
                    found.append(one)
                elif first == name:
                    continue
        return self._applied(found)

    def _applied(self, found: Iterable[Carried]) -> Applied:
        applied = Applied()
        for one in found:
            self._used.add(one.start)
            for attribute in attributes(one.text):
                self._apply(attribute, applied)
        return applied

    def _apply(self, attribute: Attribute, applied: Applied) -> None:
        name = attribute.name
        if name == "packed":
            applied.packed = True
        elif name == "aligned":
            aligned = self._number(attribute.arguments) if attribute.arguments else self._most
            if aligned <= 0 or aligned & (aligned - 1):
                msg = f"the alignment {attribute.arguments}"
                raise UnprovedError(msg)
            applied.aligned = max(applied.aligned, aligned)
        elif name == "mode":
            applied.mode = attribute.arguments.strip("_")
        elif name == "vector_size":
            applied.vector = self._number(attribute.arguments)
        elif name not in HARMLESS:
            applied.unknown = name
