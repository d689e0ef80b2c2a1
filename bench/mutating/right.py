# SPDX-License-Identifier: GPL-3.0-or-later
"""The right series, as what the operators work on: each stretch of lines that a patch changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING

from buildcheck.prefixes import patches_of, prefixes
from patchgen import dep3, render
from patchgen.upstream import open_upstream

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from buildcheck.prefixes import Patch, Prefix, Prefixes

__all__ = ["Edit", "Right", "Run", "Unmappable", "lines_of"]

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Unmappable(Exception):  # noqa: N818 - named for what was found
    """A later patch changes the lines in question, so that a wrong one cannot be carried on to the end."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines ``[start, end)`` of a file, counted from 0 in the tree after the patch, become *lines*."""

    path: str
    start: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """A stretch of lines that a patch changes.

    :param number: of the patch in the series, from 1.
    :param start: of the new lines in the file, from 0.
    :param file: all lines of the file after the patch.
    """

    number: int
    path: str
    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    file: tuple[str, ...]

    @property
    def end(self) -> int:
        """One past the last new line in the file."""
        return self.start + len(self.new)


@dataclass(frozen=True)
class Right:
    """The right series on its upstream tree."""

    upstream: str
    folder: Path
    patches: tuple[Patch, ...]
    prefixes: Prefixes

    @classmethod
    def open(cls, upstream: str, folder: Path) -> Right:
        """Read the series in *folder*.

        :raises PatchgenError: something cannot be read, or does not apply.
        """
        patches = patches_of(folder)
        made = prefixes(open_upstream(upstream), patches, str(folder))
        return cls(upstream, folder, patches, made)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """What each patch changes, in the order of the series."""
        return tuple(run for prefix in self.prefixes.all[1:] for run in self._runs(prefix))

    def _runs(self, prefix: Prefix) -> Iterator[Run]:
        before = self.prefixes.all[prefix.number - 1]
        for path in prefix.tree.touched(before.tree):
            if path not in prefix.tree:
                continue
            old = lines_of(before, path)
            new = lines_of(prefix, path)
            for tag, start, end, at, until in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
                if tag != "equal":
                    yield Run(prefix.number, path, at, tuple(old[start:end]), tuple(new[at:until]), tuple(new))

    def wrong(self, number: int, edits: Sequence[Edit]) -> tuple[Patch, ...]:
        """Return the series with *edits* made in the patch of that number, and kept to the end.

        :raises Unmappable: a later patch changes those lines.
        """
        texts: dict[int, dict[str, bytes]] = {}
        for path in {edit.path for edit in edits}:
            mine = [edit for edit in edits if edit.path == path]
            known: dict[int, bytes] = {}  # a file that a patch leaves alone is the same object after it
            for prefix in self.prefixes.all[number:]:
                if path not in prefix.tree:
                    raise Unmappable(path)
                data = prefix.tree.read(path)
                if id(data) not in known:
                    known[id(data)] = self._edited(number, prefix, path, mine)
                texts.setdefault(prefix.number, {})[path] = known[id(data)]
        return tuple(
            patch if at < number else self._again(patch, at, texts) for at, patch in enumerate(self.patches, start=1)
        )

    def line(self, number: int, edit: Edit) -> int:
        """Return the line, from 1, of the last tree where *edit*, made in the patch of that number, begins.

        :raises Unmappable: a later patch changes those lines.
        """
        return self._starts(number, self.prefixes.last, edit.path, [edit])[0] + 1

    def _edited(self, number: int, prefix: Prefix, path: str, edits: Sequence[Edit]) -> bytes:
        later = lines_of(prefix, path)
        starts = self._starts(number, prefix, path, edits)
        for at, edit in sorted(zip(starts, edits, strict=True), key=lambda pair: pair[0], reverse=True):
            later[at : at + edit.end - edit.start] = edit.lines
        return "".join(later).encode("latin-1")

    def _starts(self, number: int, prefix: Prefix, path: str, edits: Sequence[Edit]) -> list[int]:
        """Return where the lines of each edit begin in a later tree."""
        after, later = lines_of(self.prefixes.all[number], path), lines_of(prefix, path)
        blocks = SequenceMatcher(None, after, later, autojunk=False).get_matching_blocks()
        found = []
        for edit in edits:
            at = [one.b + edit.start - one.a for one in blocks if one.a <= edit.start and edit.end <= one.a + one.size]
            if not at:
                raise Unmappable(path)
            found.append(at[0])
        return found

    def _again(self, patch: Patch, at: int, texts: dict[int, dict[str, bytes]]) -> Patch:
        """Return the patch at its place, rendered on and to the wrong texts."""
        before, after = self.prefixes.all[at - 1], self.prefixes.all[at]
        wrong = texts[at].keys() if at in texts else ()
        diffs = []
        for path in sorted({*after.tree.touched(before.tree), *wrong}):
            old = texts.get(at - 1, {}).get(path) if path in wrong else None
            if old is None and path in before.tree:
                old = before.tree.read(path)
            new = texts[at][path] if path in wrong else after.tree.read(path) if path in after.tree else None
            if old != new:
                diffs.append(render.file_diff(path, old, new))
        header = dep3.split(patch.data or b"")[0]
        return type(patch)(patch.name, header + b"".join(diffs), patch.place, patch.strip, patch.reverse)


def lines_of(prefix: Prefix, path: str) -> list[str]:
    """Return the lines of a file, with their ends; each byte is one character."""
    return _LINE.findall(prefix.tree.read(path).decode("latin-1")) if path in prefix.tree else []
