# SPDX-License-Identifier: GPL-3.0-or-later
"""A thing that a check has to say of a tree, and what of it the tree before had too."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchgen.findings import Finding, Level, Slug

from .caret import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .facts import Spot

__all__ = ["Said", "difference", "together"]


@dataclass(frozen=True, slots=True)
class Said:
    """Something that is wrong in a tree.

    :param function: the function that it is in, "" outside of any.
    :param of: what it is about, behind the text: the same of others is listed with it where all are known.
    """

    slug: Slug
    level: Level
    text: str
    spot: Spot
    function: str = ""
    help_: str = ""
    of: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it the same in two versions of a tree: the line does not count."""
        return self.slug.name, self.spot.path, self.function, self.whole

    @property
    def whole(self) -> str:
        """The text, with what it is about."""
        return f"{self.text} {', '.join(self.of)}" if self.of else self.text

    def finding(self, read: Callable[[str], bytes | None]) -> Finding:
        """Return it as a finding.

        :param read: gives the bytes of a file of the tree.
        """
        where = f"in {self.function}: " if self.function else ""
        return Finding(self.slug, self.level, where + self.whole, place_of(self.spot, read), self.help_)


def difference(after: Iterable[Said], before: Iterable[Said]) -> tuple[list[Said], list[Said]]:
    """Return what of *after* is new, and what *before* has too, each in its order; as often as it is said."""
    there = Counter(one.identity for one in before)
    new: list[Said] = []
    known: list[Said] = []
    for one in after:
        if there[one.identity] > 0:
            there[one.identity] -= 1
            known.append(one)
        else:
            new.append(one)
    return new, known


def together(listed: Iterable[Said]) -> list[Said]:
    """Return the list with those joined that say the same of several things at one place."""
    found: dict[Said, tuple[str, ...]] = {}
    for one in listed:
        bare = replace(one, of=())
        found[bare] = (*found.get(bare, ()), *one.of)
    return [replace(one, of=of) for one, of in found.items()]
