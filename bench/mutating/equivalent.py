# SPDX-License-Identifier: GPL-3.0-or-later
"""The mutants that change nothing anybody can observe, each with the reason why, as a person found it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .mutant import mutants

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .mutant import Mutant
    from .right import Right

__all__ = ["Equivalents"]


@dataclass(frozen=True, slots=True)
class _Entry:
    """Mutants of *operator* whose right lines match *was* and whose wrong ones match *became*.

    :param patch: that they are of; "" for any.
    """

    operator: str
    was: str
    became: str
    reason: str
    patch: str = ""

    def fits(self, mutant: Mutant) -> bool:
        return (
            self.operator == mutant.operator
            and self.patch in {"", mutant.patch}
            and re.search(self.was, mutant.was, re.MULTILINE) is not None
            and re.search(self.became, mutant.became, re.MULTILINE) is not None
        )


@dataclass(frozen=True, slots=True)
class Equivalents:
    """The list."""

    entries: tuple[_Entry, ...]

    @classmethod
    def read(cls, path: Path) -> Equivalents:
        """Read the list.

        :raises ValueError: it is no such list.
        """
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(_Entry(**{"became": "", **entry}) for entry in document["equivalent"]))

    def reason(self, mutant: Mutant) -> str:
        """Return why nobody can observe *mutant*; nothing where somebody should."""
        return next((entry.reason for entry in self.entries if entry.fits(mutant)), "")

    def unused(self, right: Right) -> Iterator[str]:
        """Yield a line for each entry that no mutant fits any more."""
        made = list(mutants(right))
        for entry in self.entries:
            if not any(entry.fits(mutant) for mutant in made):
                yield f"equivalent.toml: no mutant of {entry.operator} fits {entry.was!r} any more"
