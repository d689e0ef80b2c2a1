# SPDX-License-Identifier: GPL-3.0-or-later
"""What a series does to the structs of a tree, and whether that is right for those that outlive a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildcheck.ctree import Target
from buildcheck.policy import Allow
from patchgen.findings import Finding, Level, Place, Slug

from .compare import compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildcheck.policy import Policy, Struct

    from .compare import Comparison
    from .defined import Defined
    from .records import Record

__all__ = ["allowed", "verdicts"]

_CHANGES = Slug.define(
    "layout-changes",
    """A patch changes the layout of a struct that no policy protects. It is for your information: whoever
    includes the header is compiled again with it.""",
)
_GROWS = Slug.define(
    "layout-appended",
    """A patch appends members to a struct that is persisted or transported, and the policy allows that: every
    old member is where it was. Whoever reads it must still take what an older program wrote, which is shorter.""",
)
_BREAKS = Slug.define(
    "layout-breaks",
    """A patch changes a struct that is persisted or transported in a way that the policy does not allow: a
    member moves, changes its size or type, goes away, or the struct grows. What an older program wrote is
    misread.""",
)


def verdicts(
    before: int, after: int, defined: Mapping[tuple[int, Target], Defined], policy: Policy | None
) -> Iterator[Finding]:
    """Yield what changes between two prefixes, given by their numbers: a finding a struct, with its targets."""
    rules = {struct.name: struct for struct in policy.structs} if policy is not None else {}
    said: dict[tuple[str, str], list[Target]] = {}
    places: dict[tuple[str, str], Record] = {}
    judged: dict[tuple[str, str], tuple[Slug, Level, str]] = {}
    for target in Target:
        old, new = defined.get((before, target), {}), defined.get((after, target), {})
        for record in dict.fromkeys(old.values()):
            comparison = _comparison(record, new.get(record.name))
            names = {record.name, *record.aliases, record.name.partition(" ")[2]}
            struct = next((rules[name] for name in rules if name in names), None)
            if comparison is None and struct is None:
                continue
            found = _judged(record, new.get(record.name), comparison, struct)
            if found is not None:
                where = (record.name, found[2])
                said.setdefault(where, []).append(target)
                places[where] = new.get(record.name) or record
                judged[where] = found
    for where, targets in said.items():
        slug, level, message = judged[where]
        record = places[where]
        names_ = "all targets" if len(targets) == len(Target) else ", ".join(target.value for target in targets)
        place = Place(record.path, record.line, record.column, record.column)
        yield Finding(slug, level, f"{names_}: {message}", place)


def allowed(struct: Struct, comparison: Comparison) -> bool:
    """Return whether the policy allows what became of a struct."""
    return comparison.same or (struct.allow is Allow.APPEND and comparison.appended_only)


def _comparison(before: Record, after: Record | None) -> Comparison | None:
    """Return what changed, None where nothing did or it is not known."""
    if after is None or before.layout is None or after.layout is None:
        return None
    found = compare(before.layout, after.layout)
    return None if found.same else found


def _judged(
    before: Record, after: Record | None, comparison: Comparison | None, struct: Struct | None
) -> tuple[Slug, Level, str] | None:
    name = before.name
    if struct is None:
        return (_CHANGES, Level.NOTE, f"{name}: {comparison}") if comparison is not None else None
    where = f"{name} ({struct.use})"
    if after is None:
        return _BREAKS, Level.ERROR, f"{where} is not there any more"
    if before.layout is None or after.layout is None:
        return _BREAKS, Level.ERROR, f"{where} is not proved, so that nothing is known of the change"
    if comparison is None:
        return None
    if allowed(struct, comparison):
        return _GROWS, Level.NOTE, f"{where}: {comparison}"
    only = "members may be appended only" if struct.allow is Allow.APPEND else "it may not change"
    return _BREAKS, Level.ERROR, f"{where}: {comparison}; {only}"
