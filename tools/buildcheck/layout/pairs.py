# SPDX-License-Identifier: GPL-3.0-or-later
"""The structs that the policy declares, each before and after a series, with the verdict on it and on each member."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildcheck.ctree import Target
from buildcheck.policy import Allow

from .compare import What, compare
from .verdicts import allowed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildcheck.policy import Policy, Struct

    from .compare import Change, Comparison
    from .defined import Defined
    from .records import Record

__all__ = ["Pair", "Verdict", "pairs"]


class Verdict(enum.Enum):
    """What became of a struct, held against what the policy allows."""

    SAME = "nothing changes"
    ALLOWED = "the policy allows this"
    FORBIDDEN = "the policy does not allow this"
    UNPROVED = "not proved"
    ADDED = "not there before"
    REMOVED = "not there any more"
    ALONE = "one tree, with nothing to compare it with"


@dataclass(frozen=True, slots=True)
class Pair:
    """A struct before and after, on the targets on which it lies alike.

    :param before: None where it is not there, or where one tree is looked at alone; :param after: likewise.
    :param compared: whether there is a tree before.
    """

    struct: Struct
    targets: tuple[Target, ...]
    before: Record | None
    after: Record | None
    compared: bool

    @property
    def comparison(self) -> Comparison | None:
        """All members beside each other; None where one of the two is not there or not proved."""
        before, after = self.before, self.after
        if before is None or after is None or before.layout is None or after.layout is None:
            return None
        return compare(before.layout, after.layout)

    @property
    def verdict(self) -> Verdict:
        """What the policy says of it."""
        if any(one is not None and one.layout is None for one in (self.before, self.after)):
            return Verdict.UNPROVED
        comparison = self.comparison
        if comparison is None:
            if not self.compared:
                return Verdict.ALONE
            return Verdict.REMOVED if self.after is None else Verdict.ADDED
        if comparison.same:
            return Verdict.SAME
        return Verdict.ALLOWED if allowed(self.struct, comparison) else Verdict.FORBIDDEN

    def allows(self, change: Change) -> bool:
        """Return whether the policy allows what became of one member."""
        appended = self.struct.allow is Allow.APPEND and change.what is What.APPENDED
        return appended or change.what is What.SAME


def pairs(
    before: int | None, after: int, defined: Mapping[tuple[int, Target], Defined], policy: Policy
) -> Iterator[Pair]:
    """Yield each struct of the policy, once for all targets on which it lies alike.

    :param before: the number of a prefix; None where one tree is looked at alone; :param after: likewise.
    """
    for struct in policy.structs:
        alike: dict[object, list[tuple[Target, Record | None, Record | None]]] = {}
        for target in Target:
            old = defined.get((before, target), {}).get(struct.name) if before is not None else None
            new = defined.get((after, target), {}).get(struct.name)
            if old is not None or new is not None:
                alike.setdefault((_shape(old), _shape(new)), []).append((target, old, new))
        for found in alike.values():
            _, old, new = found[0]
            yield Pair(struct, tuple(target for target, _, _ in found), old, new, before is not None)


def _shape(record: Record | None) -> object:
    """Return what two targets must have in common to be told of as one."""
    return None if record is None else (record.layout, record.unproved)
