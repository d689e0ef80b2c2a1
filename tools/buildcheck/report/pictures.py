# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the structs that the series changes, on the first of the targets that layouts are known for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from buildcheck.ctree.targets import Target
from buildcheck.forest import forest
from buildcheck.generator import Generator
from buildcheck.layout.compare import compare
from buildcheck.layout.defined import definitions
from buildcheck.layout.picture import picture
from buildcheck.layout.surveys import surveys
from patchgen.findings import PatchgenError

from .contents import Picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildcheck.layout.defined import Defined
    from buildcheck.subject import Subject

__all__ = ["pictures"]


def pictures(subject: Subject) -> tuple[Picture, ...]:
    """Return a picture of each struct that is laid out otherwise after the series than before it.

    Where layouts cannot be had at all, for want of a compiler say, there are none: the check ``layout`` says so.
    """
    first, last = subject.prefixes.all[0], subject.prefixes.last
    if first is last:
        return ()
    target = next(iter(Target))
    try:
        woods = forest(replace(subject, chosen=(first, last)), Generator(subject.store))
        before, after = map(definitions, surveys(woods, [target], subject))
    except PatchgenError:
        return ()
    return tuple(_pictures(before, after, target))


def _pictures(before: Defined, after: Defined, target: Target) -> Iterator[Picture]:
    for old in dict.fromkeys(before.values()):
        new = after.get(old.name)
        if new is None or old.layout is None or new.layout is None or compare(old.layout, new.layout).same:
            continue
        yield Picture(f"{old.name}, on {target.value}", picture(old, new))
