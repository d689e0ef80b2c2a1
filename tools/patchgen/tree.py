# SPDX-License-Identifier: GPL-3.0-or-later
"""A read-only view of an upstream tree, and an in-memory overlay of edits on it.

A :class:`Source` is where the bytes come from (``upstream`` opens them). A :class:`Tree` is a
source with edits laid over it. Trees are values: an edit makes a new tree, and the old one stays
what it was, so that any two stages of a series can be compared.

Paths are relative, with ``/``. Spans are half-open byte offsets.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from posixpath import basename
from typing import TYPE_CHECKING, Protocol, TypeVar

from ._cuts import cut_words, has_cut_words
from ._index import Index, matching
from .findings import PatchgenError, Slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .findings import Finding

__all__ = [
    "Change",
    "OverlapError",
    "Replacement",
    "Source",
    "Tree",
    "changes",
    "compose",
    "cut_words",
    "mentions",
    "word_pattern",
]

_OVERLAP = Slug.define(
    "overlap",
    """Two byte replacements of one edit touch the same bytes, so that their order would matter.
    The edit is refused; split it, or give its anchors more words.""",
)

T = TypeVar("T")

_WORD = rb"[0-9A-Za-z_$\x80-\xff]"
_WORD_BYTES = frozenset(bytes([byte]) for byte in range(256) if re.match(_WORD, bytes([byte])))


class Source(Protocol):
    """Where the bytes of an upstream tree come from: a folder, a tarball, a revision."""

    @property
    def label(self) -> str:
        """What the person called it."""

    @property
    def links(self) -> Mapping[str, str]:
        """The symbolic links: path to target, as written in the link."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What could not be read, and why: each makes the ledger incomplete."""

    def paths(self) -> Sequence[str]:
        """Return the paths of all regular files, sorted."""

    def __contains__(self, path: object) -> bool:
        """Whether there is a regular file at *path*."""

    def read(self, path: str) -> bytes:
        """Return the bytes of the file at *path*."""

    def digest(self) -> str:
        """Return a digest of all paths, links and bytes, the same for any form of the source."""


@dataclass(frozen=True, slots=True, order=True)
class Replacement:
    """Put *new* in the place of the bytes ``[start, end)``; an insertion where they are equal."""

    start: int
    end: int
    new: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """Bytes ``[start, end)`` of the old text became ``[new_start, new_end)`` of the new one."""

    start: int
    end: int
    new_start: int
    new_end: int


class OverlapError(PatchgenError, ValueError):
    """Two replacements of one edit touch the same bytes."""

    def __init__(self, first: Replacement, second: Replacement) -> None:
        super().__init__(_OVERLAP, f"two replacements overlap: {first} and {second}")
        self.first, self.second = first, second


@dataclass(frozen=True, slots=True)
class _Layer:
    """One file as an edit left it.

    :param changes: what the edit changed in the bytes that *below* left (None: those of the source).
    """

    data: bytes | None
    changes: tuple[Change, ...]
    below: _Layer | None


@dataclass(frozen=True, slots=True)
class Tree:
    """A source with edits laid over it."""

    source: Source
    _layers: Mapping[str, _Layer] = field(default_factory=dict)
    _index: Index | None = field(default=None, compare=False, repr=False)

    @property
    def index(self) -> Index:
        """What is remembered of the source; all trees that edits made of this one share it."""
        index = self._index
        if index is None:
            index = Index(self.source)
            object.__setattr__(self, "_index", index)
        return index

    @property
    def links(self) -> Mapping[str, str]:
        """The symbolic links of the source that no edit replaced by a file."""
        return self.source.links

    def paths(self) -> Sequence[str]:
        """Return the paths of all files, sorted."""
        added = {path for path, layer in self._layers.items() if layer.data is not None and path not in self.source}
        removed = {path for path, layer in self._layers.items() if layer.data is None}
        if not added and not removed:
            return self.source.paths()
        return sorted({*self.source.paths(), *added} - removed)

    def named(self, name: str) -> list[str]:
        """Return, sorted, the paths whose last part is *name*."""
        found = {path for path in self.index.by_name.get(name, ()) if path in self}
        found.update(path for path, layer in self._layers.items() if layer.data is not None and basename(path) == name)
        return sorted(found)

    def __contains__(self, path: str) -> bool:
        layer = self._layers.get(path)
        return path in self.source if layer is None else layer.data is not None

    def read(self, path: str) -> bytes:
        """Return the bytes of *path* as the edits left them.

        :raises KeyError: there is no such file.
        """
        layer = self._layers.get(path)
        if layer is not None:
            if layer.data is None:
                raise KeyError(path)
            return layer.data
        return self.index.read(path)

    def edited(self, edits: Mapping[str, Sequence[Replacement]]) -> Tree:
        """Return a tree with the replacements made; their offsets count in this tree's bytes.

        :raises OverlapError: two replacements of one file touch the same bytes.
        """
        layers = dict(self._layers)
        for path, replacements in edits.items():
            old = self.read(path)
            new, made = _replace(old, replacements)
            if new != old:
                layers[path] = _Layer(new, made, self._layers.get(path))
        return Tree(self.source, layers, self.index)

    def with_files(self, files: Mapping[str, bytes | None]) -> Tree:
        """Return a tree in which *files* have the given bytes; None takes a file away."""
        layers = dict(self._layers)
        for path, data in files.items():
            whole = Change(0, len(self.read(path)) if path in self else 0, 0, len(data or b""))
            layers[path] = _Layer(data, (whole,), self._layers.get(path))
        return Tree(self.source, layers, self.index)

    def touched(self, since: Tree) -> Iterator[str]:
        """Yield, sorted, each path whose bytes differ from those in *since*, a tree of one source."""
        for path in sorted(self._layers):
            mine, theirs = self._layers[path], since._layers.get(path)
            if theirs is not mine:
                old = since.read(path) if path in since else None
                if old != mine.data:
                    yield path

    def mentioning(self, words: Iterable[bytes]) -> list[str]:
        """Return, sorted, the paths of the files whose bytes hold one of *words* anywhere.

        It is a superset of the files with an occurrence: a word may be part of a longer one.
        Each file of the source is read once for all words asked for in one call.
        """
        wanted = set(words)
        return self._with_layers(self.index.mentioning(wanted), wanted)

    def naming(self, words: Iterable[bytes]) -> list[str]:
        """Return, sorted, the paths of the files that hold one of *words* as a whole word, and maybe some others.

        What :meth:`mentioning` says, for hundreds of words at the cost of some.
        """
        wanted = set(words)
        return self._with_layers(self.index.naming(wanted), wanted)

    def _with_layers(self, found: set[str], words: set[bytes]) -> list[str]:
        """Return, sorted, those of the paths found in the source that are not edited, and the edited files' own."""
        edited = {
            path
            for path, layer in self._layers.items()
            if layer.data is not None and any(word in layer.data for word in words)
        }
        return sorted(found - self._layers.keys() | edited)

    def with_cut_words(self) -> list[str]:
        """Return, sorted, the paths of the files in which a backslash at the end of a line cuts a word."""
        found = self.index.with_cut_words - self._layers.keys()
        edited = (path for path, layer in self._layers.items() if layer.data is not None and has_cut_words(layer.data))
        return sorted(found.union(edited))

    def matching(self, patterns: tuple[str, ...]) -> list[str]:
        """Return, sorted, the paths that match one of the globs."""
        removed = {path for path, layer in self._layers.items() if layer.data is None}
        return sorted({*self.index.matching(patterns), *matching(self._layers, patterns)} - removed)


def word_pattern(words: Iterable[bytes]) -> re.Pattern[bytes]:
    """Return a pattern that finds each of *words* as a whole word.

    A word is made of ASCII letters, digits, ``_`` and ``$``, and of any byte above 0x7f.
    """
    return _pattern(tuple(sorted(set(words), key=len, reverse=True)))


@lru_cache(maxsize=4096)
def _pattern(words: tuple[bytes, ...]) -> re.Pattern[bytes]:
    either = b"|".join(map(re.escape, words))
    return re.compile(rb"(?<!" + _WORD + rb")(?:" + either + rb")(?!" + _WORD + rb")")


def mentions(data: bytes, words: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the span of each whole-word occurrence of one of *words* in *data*, in order."""
    found: list[tuple[int, int]] = []
    for word in {*words} - {b""}:
        at = data.find(word)
        while at >= 0:
            end = at + len(word)
            if not (_is_word(data[at - 1 : at]) if at else False) and not _is_word(data[end : end + 1]):
                found.append((at, end))
            at = data.find(word, at + 1)
    return iter(sorted(found))


def _is_word(byte: bytes) -> bool:
    return byte in _WORD_BYTES


def compose(first: Sequence[Change], second: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes from the oldest to the newest text, given those of each of two steps.

    Changes are in order and apart; the result's are too. Touching changes are joined.
    """
    # Every boundary of the middle text either lies in an unchanged stretch of the other step, and
    # moves by a constant, or inside one of its changes, and then both changes become one.
    result: list[Change] = []
    one, two = list(first), list(second)
    shift_old = shift_new = 0  # old minus middle, new minus middle, before the next change of each
    while one or two:
        start = min(
            one[0].new_start if one else two[0].start,
            two[0].start if two else one[0].new_start,
        )
        end = start
        old_start, new_start = start + shift_old, start + shift_new
        while (one and one[0].new_start <= end) or (two and two[0].start <= end):
            if one and one[0].new_start <= end:
                change = one.pop(0)
                end = max(end, change.new_end)
                shift_old = change.end - change.new_end
            else:
                change = two.pop(0)
                end = max(end, change.end)
                shift_new = change.new_end - change.end
        result.append(Change(old_start, end + shift_old, new_start, end + shift_new))
    return tuple(result)


def changes(tree: Tree, since: Tree, path: str) -> tuple[Change, ...]:
    """Return the changes of *path* from *since* to *tree*, which edits made from *since*."""
    steps: list[tuple[Change, ...]] = []
    layer, oldest = tree._layers.get(path), since._layers.get(path)  # noqa: SLF001 - this module's own class
    while layer is not None and layer is not oldest:
        steps.append(layer.changes)
        layer = layer.below
    made: tuple[Change, ...] = ()
    for step in reversed(steps):
        made = compose(made, step)
    return made


def line_start(data: bytes, offset: int) -> int:
    """Return the offset of the first byte of the line that *offset* is in."""
    return data.rfind(b"\n", 0, offset) + 1


def line_end(data: bytes, offset: int) -> int:
    """Return the offset just behind the newline of the line that *offset* is in, or the end."""
    stop = data.find(b"\n", offset)
    return len(data) if stop < 0 else stop + 1


def line_number(starts: Sequence[int], offset: int) -> int:
    """Return the line, from 1, of *offset*, given the offsets where the lines start."""
    return bisect_right(starts, offset)


def _replace(data: bytes, replacements: Sequence[Replacement]) -> tuple[bytes, tuple[Change, ...]]:
    pieces: list[bytes] = []
    made: list[Change] = []
    at = length = 0
    last: Replacement | None = None
    for replacement in sorted(replacements):
        if last is not None and (replacement.start < last.end or replacement.start == last.start):
            raise OverlapError(last, replacement)
        kept = data[at : replacement.start]
        new_start = length + len(kept)
        length = new_start + len(replacement.new)
        pieces += [kept, replacement.new]
        made.append(Change(replacement.start, replacement.end, new_start, length))
        at, last = replacement.end, replacement
    pieces.append(data[at:])
    return b"".join(pieces), tuple(made)
