# SPDX-License-Identifier: GPL-3.0-or-later
"""A struct before and after: which members moved, which grew, which were appended or taken out."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .types import Layout, Member

__all__ = ["Change", "Comparison", "What", "compare", "folded", "in_bytes"]


class What(enum.Enum):
    """What became of a member."""

    SAME = "same"
    MOVED = "moved"
    RESIZED = "resized"
    RETYPED = "retyped"
    APPENDED = "appended"
    INSERTED = "inserted"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One member, before and after; None where it is not there."""

    what: What
    before: Member | None
    after: Member | None

    @property
    def name(self) -> str:
        """The member's name."""
        member = self.after or self.before
        return member.path if member else ""

    def __str__(self) -> str:
        before, after = self.before, self.after
        if before is None or after is None:
            return f"{self.name} {self.what.value}"
        if self.what is What.MOVED:
            return f"{self.name} moved from {_at(before.offset)} to {_at(after.offset)}"
        if self.what is What.RESIZED:
            return f"{self.name} resized from {_at(before.size)} to {_at(after.size)}"
        if self.what is What.RETYPED:
            return f"{self.name} was {before.type}, is {after.type}"
        return f"{self.name} {self.what.value}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All members, in the order of the struct after, what was taken out behind; sizes are bytes."""

    changes: tuple[Change, ...]
    size_before: int
    size_after: int

    @property
    def changed(self) -> tuple[Change, ...]:
        """What is not the same."""
        return tuple(one for one in self.changes if one.what is not What.SAME)

    @property
    def same(self) -> bool:
        """Whether nothing changed, the size included."""
        return not self.changed and self.size_before == self.size_after

    @property
    def appended_only(self) -> bool:
        """Whether every old member is where it was, and what is new lies behind all of them."""
        return all(one.what is What.APPENDED for one in self.changed) and self.size_after >= self.size_before

    def __str__(self) -> str:
        said = [str(one) for one in self.changed]
        shown = ", ".join(said[:_SHOWN]) + (f" and {len(said) - _SHOWN} more" if len(said) > _SHOWN else "")
        sizes = f"{self.size_before} to {self.size_after} bytes" if self.size_before != self.size_after else ""
        return "; ".join(part for part in (shown, sizes) if part)


def compare(before: Layout, after: Layout) -> Comparison:
    """Compare two layouts of one struct, member by member, by name."""
    old = {member.path: member for member in before.members if member.path}
    end = max((member.offset + member.size for member in before.members), default=0)
    changes = []
    for member in after.members:
        if not member.path:
            continue
        was = old.pop(member.path, None)
        changes.append(Change(_what(was, member, end), was, member))
    changes += [Change(What.REMOVED, was, None) for was in old.values()]
    return Comparison(tuple(changes), before.size, after.size)


def folded(changes: Sequence[Change]) -> Iterator[Change | int]:
    """Yield the changes; of a run of the same ones only the first and the last, and how many are between."""
    run: list[Change] = []
    for change in [*changes, None]:
        if change is not None and change.what is What.SAME:
            run.append(change)
            continue
        if len(run) > _RUN:
            yield run[0]
            yield len(run) - 2
            yield run[-1]
        else:
            yield from run
        run = []
        if change is not None:
            yield change


def in_bytes(bits: int) -> str:
    """Return a number of bits as bytes; ``4.3`` is four bytes and three bits."""
    return f"{bits // 8}" if bits % 8 == 0 else f"{bits // 8}.{bits % 8}"


def _what(before: Member | None, after: Member, end: int) -> What:
    if before is None:
        return What.APPENDED if after.offset >= end else What.INSERTED
    if before.size != after.size:
        return What.RESIZED
    if before.offset != after.offset:
        return What.MOVED
    return What.SAME if before.type == after.type else What.RETYPED


def _at(bits: int) -> str:
    return f"{bits // 8}" if bits % 8 == 0 else f"{bits // 8} bytes and {bits % 8} bits"


_SHOWN, _RUN = 6, 4
