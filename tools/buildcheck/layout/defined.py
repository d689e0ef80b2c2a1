# SPDX-License-Identifier: GPL-3.0-or-later
"""The structs that a tree itself defines, by name, and those that it defines in two ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildcheck.units import links
from patchgen.findings import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildcheck.units import Unit

    from .records import Record
    from .surveys import Surveyed

__all__ = ["Clash", "Defined", "clashes", "definitions"]

Defined = dict[str, "Record"]
"""Records by their name and every other name of theirs."""


@dataclass(frozen=True, slots=True)
class Clash:
    """One struct that two units lay out differently."""

    message: str
    place: Place


def definitions(one: Surveyed) -> Defined:
    """Return the records at file scope that a prefix defines on a target, generated files not counted.

    Where a name is defined twice, the first counts; :func:`clashes` says whether that is right.
    """
    found: Defined = {}
    for record in _own(one):
        for name in (record.name, *record.aliases):
            found.setdefault(name, record)
            found.setdefault(name.partition(" ")[2] or name, record)
    return found


def _own(one: Surveyed) -> Iterator[Record]:
    for facts in one.facts.values():
        for record in facts.records:
            if not record.path.startswith("/") and "/generated/" not in record.path and not record.function:
                yield record


def clashes(one: Surveyed) -> Iterator[Clash]:
    """Yield each struct that has two layouts where units share it: one definition read in two ways, or two in a program.

    Two units that are linked into no program together may each have their own.
    """
    programs = [
        {word for word in link.arguments if not isinstance(word, str)} for link in links(one.wood.recipes.commands)
    ]
    by_name: dict[str, list[tuple[Unit, Record]]] = {}
    for unit, facts in one.facts.items():
        for record in facts.records:
            if record.layout is not None and not record.function and " without a name" not in record.name:
                by_name.setdefault(record.name, []).append((unit, record))
    for name, places in by_name.items():
        yield from _of_one(name, places, programs)


def _shape(record: Record) -> str:
    """Return what two layouts of the same bytes have in common; a member may be called otherwise."""
    layout = record.layout
    if layout is None:
        return ""
    return repr((layout.size, layout.align, [(one.offset, one.size) for one in layout.members]))


def _of_one(name: str, places: list[tuple[Unit, Record]], programs: list[set[Unit]]) -> Iterator[Clash]:
    kinds: Mapping[str, tuple[Unit, Record]] = {_shape(record): (unit, record) for unit, record in places[::-1]}
    if len(kinds) == 1:
        return
    told: set[tuple[str, str]] = set()
    for unit, record in places:
        for other_unit, other in kinds.values():
            if _shape(record) == _shape(other) or (other.path, record.path) in told:
                continue
            header = record.path.endswith(".h") and other.path.endswith(".h")
            together = any(unit in program and other_unit in program for program in programs)
            if (record.path, record.line) == (other.path, other.line) or (header and together):
                told |= {(other.path, record.path), (record.path, other.path)}
                sizes = " and ".join(
                    f"{each.layout.size if each.layout else 0} bytes in {where.path}"
                    for where, each in ((other_unit, other), (unit, record))
                )
                yield Clash(
                    f"{name} is laid out in two ways: {sizes}",
                    Place(record.path, record.line, record.column, record.column),
                )
