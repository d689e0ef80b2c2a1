# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of a program that prints domains: what it answers to every choice of its options."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from patchgen.findings import Finding, Level, Place, Slug

from .domain_generators import ARCH, LIST, Generator, Row, answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .programs import Done

__all__ = ["HOSTILE", "Asked", "Asker", "broken"]

_CHANGED = Slug.define(
    "domain-changed",
    """Without --arch, a program that prints libvirt domains answers otherwise than in the unpatched tree: guests
    that have no architecture would not start as before.""",
)
_OPTION = Slug.define(
    "generator-option-missing",
    """The programs that print libvirt domains are called with the same options, and one of them does not take
    --arch where another does: every guest of its hypervisor would fail. Or --arch is taken, but no program says
    with --list-arches which words there are.""",
)
_WORD = Slug.define(
    "architecture-word",
    """A word for --arch is answered otherwise than the contract says: the words of a row of --list-arches mean the
    same, and one that is answered is not complained of on standard error; any other word is an error with nothing on standard output, and with the known ones on standard error.""",
)

HOSTILE = (
    "no-such-architecture",
    "ARM",
    "arm ",
    "x" * 10_000,
    "a\0b",
    "arm\n",
    "'/><evil a='",
    "&amp;",
    "$(id);`id`|id",
    "../../etc/passwd",
    "%s%n",
)
"""Words that are no architectures; none of them may reach the domain, a shell or the message."""
_SHOWN = 24


@dataclass(frozen=True)
class Asked:
    """A generator, and what it answers.

    :param rows: of ``--list-arches``, of this or a sister of it.
    :param answers: by arguments.
    """

    generator: Generator
    rows: tuple[Row, ...]
    answers: dict[tuple[str, ...], Done]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every word of the rows."""
        return tuple(word for row in self.rows for word in row.words)

    @cached_property
    def distinct(self) -> tuple[tuple[str, ...], ...]:
        """The first arguments that make each different domain."""
        first: dict[bytes, tuple[str, ...]] = {}
        for words, answer in self.answers.items():
            if not answer.status and HOSTILE[0] not in words:
                first.setdefault(answer.out, words)
        return tuple(first.values())

    def accepted(self) -> tuple[str, ...]:
        """Return the words that it answers with a domain."""
        return tuple(word for word in self.words if not self.answers[ARCH, word].status)


@dataclass(slots=True)
class Asker:
    """Asks generators, each that is the same as one before only once."""

    known: dict[tuple[bytes, tuple[Row, ...]], Asked] = field(default_factory=dict)

    def all(self, generators: Iterable[Generator]) -> list[Asked]:
        """Ask all generators of a tree, each with the rows that any of them lists.

        :raises GeneratorError: one cannot be run.
        """
        listed = list(generators)
        rows = tuple(row for one in listed for row in one.rows())
        for one in listed:
            if (one.data, rows) not in self.known:
                self.known[one.data, rows] = _asked(one, rows)
        return [replace(self.known[one.data, rows], generator=one) for one in listed]


def _asked(generator: Generator, rows: tuple[Row, ...]) -> Asked:
    """Ask for every choice of the flags, without --arch and with each word, and for words that nobody knows."""
    choices = generator.combinations()
    calls: list[tuple[str, ...]] = list(choices)
    if ARCH in generator.takes:
        words = [word for row in rows for word in row.words]
        calls += [(ARCH, word, *choice) for word in words for choice in choices]
        calls += [(ARCH, word) for word in HOSTILE]
    return Asked(generator, rows, dict(zip(calls, answers(generator.program, calls), strict=True)))


def broken(one: Asked, before: Asked | None, sisters: Sequence[Asked]) -> Iterator[Finding]:
    """Yield where it does not keep the contract.

    :param before: the same generator in the unpatched tree.
    :param sisters: all generators of the tree.
    """
    if before is not None:
        yield from _changed(one, before)
    takers = [sister for sister in sisters if ARCH in sister.generator.takes]
    if takers and one not in takers:
        message = f"it does not take {ARCH}, which {takers[0].generator.path} does"
        yield _finding(_OPTION, one, message)
    if one in takers:
        for row in one.rows:
            if not row.text:
                yield _finding(_WORD, one, f"{LIST} says nothing of {row.words[0]}")
        if not one.rows:
            yield _finding(_OPTION, one, f"it takes {ARCH}, but nothing here has {LIST}")
        elif not one.accepted():
            yield _finding(_WORD, one, f"it takes {ARCH}, and answers no word of {LIST}")
        yield from _rows(one)
        yield from _unknown(one)


def _changed(one: Asked, before: Asked) -> Iterator[Finding]:
    for words, old in before.answers.items():
        if words and words[0] == ARCH:
            continue
        new = one.answers.get(words)
        if new is None or (new.status, new.out, new.err) != (old.status, old.out, old.err):
            call = " ".join(words) or "no options"
            what = "it does not take them any more" if new is None else "its answer is another one"
            yield _finding(_CHANGED, one, f"with {call}, {what} than in the unpatched tree")
            return


def _rows(one: Asked) -> Iterator[Finding]:
    for word, count in Counter(one.words).items():
        if count > 1:
            yield _finding(_WORD, one, f"{_short(word)} is in several rows")
    for row in one.rows:
        for word in row.words:
            for choice in one.generator.combinations():
                answer = one.answers[ARCH, word, *choice]
                first = one.answers[ARCH, row.words[0], *choice]
                if (answer.status, answer.out) != (first.status, first.out):
                    yield _finding(_WORD, one, f"{_short(word)} is not answered as {row.words[0]} is, of the same row")
                    break
                if not answer.status and answer.err != one.answers[choice].err:
                    said = answer.err.decode("utf-8", "replace").strip()
                    yield _finding(_WORD, one, f"{_short(word)} is answered, and complained of: {said}")
                    break
            else:
                yield from _refusal(one, word)


def _unknown(one: Asked) -> Iterator[Finding]:
    for word in HOSTILE:
        answer = one.answers[ARCH, word]
        if not answer.status:
            yield _finding(_WORD, one, f"{_short(word)} is accepted")
        else:
            yield from _refusal(one, word)


def _refusal(one: Asked, word: str) -> Iterator[Finding]:
    """Yield what is wrong with the refusal of a word; nothing where it is accepted."""
    answer = one.answers[ARCH, word]
    if not answer.status:
        return
    if answer.status != 1 or answer.out:
        yield _finding(_WORD, one, f"{_short(word)} ends with status {answer.status} and {len(answer.out)} bytes")
    said = set(answer.err.decode("utf-8", "replace").replace(",", " ").split())
    missing = [known for known in one.accepted() if known not in said]
    if missing:
        yield _finding(_WORD, one, f"the error for {_short(word)} does not name {missing[0]}")


def _finding(slug: Slug, one: Asked, message: str) -> Finding:
    return Finding(slug, Level.ERROR, message, Place(one.generator.path))


def _short(word: str) -> str:
    return repr(word if len(word) <= _SHOWN else f"{word[:_SHOWN]}...")
