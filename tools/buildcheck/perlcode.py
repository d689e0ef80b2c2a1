# SPDX-License-Identifier: GPL-3.0-or-later
"""What Perl and Perl::Critic say of a program."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["NEEDS", "SEVERITY", "Remark", "new", "refusal", "remarks"]

NEEDS = ("perl", "perlcritic")
"""The programs that it runs."""
SEVERITY = 3
"""The agreed level: Perl::Critic's "harsh", the strictest that upstream's own programs pass but for a habit
(bare here-documents), which is pre-existing wherever it is."""

_FORM = r"%p\t%l\t%c\t%r\t%m\n"  # perlcritic(1), --verbose
_CLEAN, _FOUND = 0, 2


@dataclass(frozen=True, slots=True)
class Remark:
    """What Perl::Critic has to say: the policy, the place, the source there, and why."""

    policy: str
    line: int
    column: int
    source: str
    message: str


def refusal(program: Path) -> str:
    """Return why Perl does not compile the program, "" where it does."""
    done = programs.run(("perl", "-c", program), program.parent)
    lines = done.err.decode("utf-8", "replace").strip().splitlines()
    return lines[0].replace(f"{program}", program.name) if done.status else ""


def remarks(program: Path) -> tuple[Remark, ...]:
    """Return what Perl::Critic says at the agreed level, with nobody's own settings.

    :raises ProgramError: it is not there, or ends in another way than it documents.
    """
    words = ("perlcritic", "--noprofile", f"--severity={SEVERITY}", "--quiet", f"--verbose={_FORM}", program)
    done = programs.run(words, program.parent)
    if done.status not in {_CLEAN, _FOUND}:
        raise programs.failed(done, "perlcritic")
    return tuple(_read(done.out.decode("utf-8", "replace").splitlines()))


def _read(lines: Sequence[str]) -> Iterator[Remark]:
    for line in lines:
        parts = line.split("\t", 3)
        source, _, message = parts[3].rpartition("\t")
        yield Remark(parts[0], int(parts[1]), int(parts[2]), source, message)


def new(said: Sequence[Remark], before: Sequence[Remark]) -> tuple[Remark, ...]:
    """Return what of *said* is not in *before*; policy and source count, and how often, but not the line."""
    left = Counter((one.policy, one.source) for one in before)
    found = []
    for one in said:
        if left[one.policy, one.source]:
            left[one.policy, one.source] -= 1
        else:
            found.append(one)
    return tuple(found)
