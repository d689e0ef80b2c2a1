# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of a source while edits are planned on it: bytes, words, paths.

A source does not change, so that each answer is worked out once, however many trees stand on it.
"""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import fnmatchcase
from functools import cached_property
from posixpath import basename
from typing import TYPE_CHECKING, TypeVar, cast

from ._cuts import has_cut_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from .tree import Source

__all__ = ["Index", "matching"]

T = TypeVar("T")

_ROOM = {False: 128 << 20, True: 512 << 20}
"""Bytes of files that are kept for a next search: of those in which nothing was found, and of the others."""

_NEEDLE = 6
"""Bytes of a needle: enough to be rare, few enough to be shared by several words."""

_MANY = 24
"""So many words are looked up among those of a file; fewer are searched for in it, each for itself."""

_BLANKED = re.sub(rb"[^0-9A-Za-z_$\x80-\xff]", b" ", bytes(range(256)))
"""What makes blanks of the bytes that are in no word, see :func:`patchgen.tree.word_pattern`."""


class Index:
    """Remembers what was read of a source, and where words and globs were found in it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._kept: dict[str, bytes] = {}
        self._room = {**_ROOM}
        self._words: dict[bytes, tuple[str, ...]] = {}
        self._named: dict[bytes, tuple[str, ...]] = {}
        self._cut: dict[str, bool] = {}
        self._globs: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._derived: dict[Callable[[Source], object], object] = {}

    def read(self, path: str) -> bytes:
        """Return the bytes of a file of the source."""
        data = self._kept.get(path)
        if data is None:
            data = self._source.read(path)
            self._keep(path, data, found=True)
        return data

    def _keep(self, path: str, data: bytes, *, found: bool) -> None:
        if len(data) <= self._room[found]:
            self._kept[path] = data
            self._room[found] -= len(data)

    def mentioning(self, words: Iterable[bytes]) -> set[str]:
        """Return the paths of the files whose bytes hold one of *words* anywhere."""
        wanted = set(words)
        missing = wanted - self._words.keys()
        if missing:
            needles = _needles(missing)
            self._words |= self._search(
                missing,
                lambda data: filter(data.__contains__, missing) if any(needle in data for needle in needles) else (),
            )
        return {path for word in wanted for path in self._words[word]}

    def naming(self, words: Iterable[bytes]) -> set[str]:
        """Return the paths of the files that hold one of *words* as a whole word, and maybe some that do not.

        It costs the same for hundreds of words as for some.
        """
        wanted = set(words)
        missing = wanted - self._named.keys()
        if len(missing) < _MANY:
            return self.mentioning(missing).union(*(self._named[word] for word in wanted - missing))
        self._named |= self._search(missing, lambda data: missing.intersection(data.translate(_BLANKED).split()))
        return {path for word in wanted for path in self._named[word]}

    def matching(self, patterns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the paths that match one of the globs."""
        known = self._globs.get(patterns)
        if known is None:
            known = self._globs[patterns] = tuple(matching(self._source.paths(), patterns))
        return known

    @cached_property
    def with_cut_words(self) -> frozenset[str]:
        """The paths of the files in which the end of a line cuts a word."""
        if len(self._cut) < len(self._source.paths()):
            self._search((), lambda _: ())
        return frozenset(path for path, cut in self._cut.items() if cut)

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[str]]:
        """The paths by the last part of them."""
        found: dict[str, list[str]] = {}
        for path in self._source.paths():
            found.setdefault(basename(path), []).append(path)
        return found

    def derived(self, make: Callable[[Source], T]) -> T:
        """Return what *make* makes of the source; it is made once."""
        if make not in self._derived:
            self._derived[make] = make(self._source)
        return cast("T", self._derived[make])

    def _search(self, words: Iterable[bytes], held: Callable[[bytes], Iterable[bytes]]) -> dict[bytes, tuple[str, ...]]:
        """Return the paths of each word.

        :param held: what returns those of the words that the bytes of a file hold.
        """
        hits: dict[bytes, list[str]] = {word: [] for word in words}
        kept = self._kept
        for path in self._source.paths():
            data = kept.get(path)
            fresh = data is None
            if data is None:
                data = self._source.read(path)
            if path not in self._cut:  # while its bytes are at hand
                self._cut[path] = has_cut_words(data)
            found = list(held(data))
            for word in found:
                hits[word].append(path)
            if fresh:
                self._keep(path, data, found=bool(found))
        return {word: tuple(paths) for word, paths in hits.items()}


def matching(paths: Iterable[str], patterns: Iterable[str]) -> Iterator[str]:
    """Yield those of *paths* that match one of the globs."""
    globs = [pattern for pattern in patterns if re.search(r"[*?[]", pattern)]
    plain = {*patterns} - {*globs}
    for path in paths:
        if path in plain or any(fnmatchcase(path, glob) for glob in globs):
            yield path


def _needles(words: Iterable[bytes]) -> list[bytes]:
    """Return a few pieces of which each word holds one: what has none of them has none of the words.

    Most files hold none of the words, and are done with after few searches instead of many.
    """
    left = set(words)
    needles = [word for word in left if len(word) < _NEEDLE]
    left -= {word for word in left if any(needle in word for needle in needles)}
    while left:
        pieces = Counter(
            piece for word in sorted(left) for piece in {word[i : i + _NEEDLE] for i in range(len(word) - _NEEDLE + 1)}
        )
        most = max(pieces.values())
        best = min(piece for piece, count in pieces.items() if count == most)
        needles.append(best)
        left = {word for word in left if best not in word}
    return needles
