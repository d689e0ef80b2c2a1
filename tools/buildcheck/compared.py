# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check says of each prefix, held against the unpatched tree and against the prefix before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .calls.said import Said, difference, together
from .report import Case, pre_existing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from patchgen.findings import Finding

    from .prefixes import Prefix
    from .subject import Subject

__all__ = ["Looked", "cases"]


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of one prefix.

    :param said: what is wrong with it.
    :param unproved: what of it could not be looked at: an error, whether or not it was so before.
    :param read: gives the bytes of a file of it.
    """

    prefix: Prefix
    said: tuple[Said, ...]
    unproved: tuple[Finding, ...]
    read: Callable[[str], bytes | None]


def cases(subject: Subject, looked: Sequence[Looked], name: str) -> Iterator[Case]:
    """Yield a case for each prefix.

    Of the unpatched tree only what could not be looked at counts. Of a prefix what is new counts, once, for
    the patch that brings it; of the last one what the unpatched tree has too is listed as notes.

    :param looked: the chosen prefixes of *subject*, in order.
    """
    for number, one in enumerate(looked):
        title = f"{name}, {one.prefix}"
        base = looked[0] if subject.compared and number else None
        if base is None and subject.compared:
            yield Case(title, one.unproved, patch=one.prefix.patch)
            continue
        before = looked[number - 1] if base is not None and number > 1 else None
        new, known = difference(one.said, base.said) if base is not None else (together(one.said), [])
        if before is not None:
            new, _ = difference(new, before.said)
        earlier = [finding for other in (base, before) if other is not None for finding in other.unproved]
        found = [finding for finding in one.unproved if finding not in earlier]
        found += [said.finding(one.read) for said in new]
        found = [_brought(finding, subject, one.prefix.patch) for finding in found]
        last = number == len(looked) - 1
        found += [pre_existing(said.finding(one.read)) for said in together(known)] if last else []
        yield Case(title, tuple(found), len(known) if last else 0, one.prefix.patch)


def _brought(finding: Finding, subject: Subject, patch: str) -> Finding:
    """Return *finding* with the patch that brings it, where that is known."""
    if not subject.patches or not patch:
        return finding
    each = len(subject.chosen) > len(subject.patches)
    where = f"since {patch}" if each else "--each says since which patch"
    return replace(finding, help=f"{finding.help}; {where}" if finding.help else where)
