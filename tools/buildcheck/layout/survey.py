# SPDX-License-Identifier: GPL-3.0-or-later
"""What the units of a tree define, on one target, each layout compared with the compiler's; remembered by content."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from buildcheck.ctree import Parser, TranslationUnit
from buildcheck.store import key, own

from .declare import records_of
from .models import MODELS
from .oracle import Oracle
from .records import Record, frozen, thawed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildcheck.ctree import Target
    from buildcheck.store import Store
    from buildcheck.units import Unit

__all__ = ["Facts", "Task", "Unparsed", "examine", "recall"]

_MODULES = (
    *(f"layout/{name}" for name in ("applied", "attributes", "constants", "declare", "dwarf", "engine", "models")),
    *(f"layout/{name}" for name in ("names", "oracle", "probe", "records", "survey", "types")),
    *(f"ctree/{name}" for name in ("carry", "chunks", "lines", "pack", "parse", "targets", "tokens", "unit")),
)


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A declaration that could not be read: where, and why."""

    path: str
    line: int
    column: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What one unit says on one target.

    :param records: what it defines, headers of the system included.
    :param against: what the compiler says against a record, by its key; "" where it agrees.
    """

    records: tuple[Record, ...]
    against: Mapping[str, str]
    unparsed: tuple[Unparsed, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A unit to look at.

    :param text: what the preprocessor made of it; :param digest: of that.
    """

    unit: Unit
    text: str
    digest: str


def recall(target: Target, store: Store, unit: Unit, digest: str) -> Facts | None:
    """Return what is remembered of a preprocessed unit, None where nothing is."""
    kept = store.recall(_name(target, unit, digest))
    with contextlib.suppress(LookupError, TypeError, ValueError):
        return _thawed(kept)
    return None


def examine(target: Target, store: Store, tasks: Sequence[Task], files: Mapping[str, bytes]) -> list[Facts]:
    """Look at each unit, and remember what it says.

    One parser serves all: what units have in common is parsed once, and a layout that the compiler was asked
    about once is not asked about again.

    :param files: those of the tree, for places.
    :raises ProgramError: the compiler is not there, or does not end.
    """
    parser, oracle = Parser(), Oracle(target, store)
    known: dict[str, str] = {}
    found = []
    for task in tasks:
        unit = TranslationUnit(task.unit.path, task.unit.folder, task.text, parser, files.get)
        records, failed = records_of(unit, MODELS[target], parser)
        new = [record for record in records if record.key not in known and record.layout is not None]
        known |= oracle.differences(unit, new, task.unit.arguments)
        unparsed = [_unparsed(finding) for external in failed for finding in external.findings()]
        against = {record.key: known[record.key] for record in records if record.key in known}
        facts = Facts(tuple(records), against, tuple(unparsed))
        store.remember(_name(target, task.unit, task.digest), _frozen(facts))
        found.append(facts)
    return found


def _unparsed(finding: Any) -> Unparsed:  # noqa: ANN401 - a Finding
    place = finding.place
    return Unparsed(place.path, place.line, place.column, place.end_column, finding.message)


def _name(target: Target, unit: Unit, digest: str) -> str:
    return key("layout", own(*_MODULES), target.identity(), *unit.arguments, unit.path, digest)


def _frozen(facts: Facts) -> object:
    return {
        "records": [frozen(record) for record in facts.records],
        "against": dict(facts.against),
        "unparsed": [asdict(one) for one in facts.unparsed],
    }


def _thawed(kept: Any) -> Facts:  # noqa: ANN401 - what JSON holds
    records = tuple(thawed(record) for record in kept["records"])
    return Facts(records, kept["against"], tuple(Unparsed(**one) for one in kept["unparsed"]))
