# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of a tree that print libvirt domains: which there are, what options they take, what they answer.

A generator is a Perl program with the opening tag of a domain in it. Which options it takes it says itself: it is
run up to its call of ``GetOptions``. Two options have a meaning here: ``--arch WORD`` asks for the domain of a
guest of an architecture, and ``--list-arches`` prints a line for each sort of guest: the words that ask for it,
separated by blanks, then a colon, and what a person wants to know.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import Exit, PatchgenError, Place, Slug

from . import programs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .prefixes import Prefix
    from .programs import Done
    from .store import Store

__all__ = ["ARCH", "LIST", "NEEDS", "Generator", "GeneratorError", "Row", "answers", "generators", "many"]

NEEDS = ("perl",)
"""The programs that it runs."""
ARCH = "--arch"
LIST = "--list-arches"

_MANY = Path(__file__).parent / "many.pl"
_DOMAIN = re.compile(rb"<domain\b")
_PERL = re.compile(rb"#!\s*\S*perl\b|#!\s*\S*env\s+perl\b")
_SPECIFICATION = re.compile(
    r"([\w-]+)(?:\|[^=:!+]*)?([=:!+].*)?"
)  # Getopt::Long(3), "Summary of Option Specifications"
_TOO_MANY = 12  # flags, and so 4096 runs for each word

_FAILS = Slug.define(
    "generator-fails",
    """A program that prints libvirt domains does not run to its end: Perl does not compile it, or it does not
    come to GetOptions, so that nobody can say what options it takes.""",
)


class GeneratorError(PatchgenError):
    """A generator cannot be asked."""

    status = Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class Row:
    """A sort of guest: the words that ask for it, and what the list says of it."""

    words: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Generator:
    """A program that prints domains.

    :param path: in the tree.
    :param program: where it lies on the disk.
    :param data: its bytes.
    :param options: what it gives to GetOptions, in its order.
    """

    path: str
    program: Path
    data: bytes
    options: tuple[str, ...]

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """The options without a value, but for that which lists the architectures."""
        found = (_SPECIFICATION.fullmatch(option) for option in self.options)
        names = (f"--{match[1]}" for match in found if match and not (match[2] or "").startswith(("=", ":")))
        return tuple(name for name in names if name != LIST)

    @cached_property
    def takes(self) -> frozenset[str]:
        """The names of all options."""
        found = (_SPECIFICATION.fullmatch(option) for option in self.options)
        return frozenset(f"--{match[1]}" for match in found if match)

    def combinations(self, flags: Sequence[str] | None = None) -> tuple[tuple[str, ...], ...]:
        """Return every choice of *flags*, by default all of its own.

        :raises GeneratorError: there are too many to try.
        """
        flags = self.flags if flags is None else flags
        if len(flags) > _TOO_MANY:
            raise GeneratorError(_FAILS, f"it has {len(flags)} options: too many to try them all", Place(self.path))
        sizes = range(len(flags) + 1)
        return tuple(choice for size in sizes for choice in itertools.combinations(flags, size))

    def rows(self) -> tuple[Row, ...]:
        """Return what ``--list-arches`` prints; nothing where there is no such option.

        :raises GeneratorError: it fails.
        """
        if LIST not in self.takes:
            return ()
        (done,) = answers(self.program, [(LIST,)])
        if done.status or done.err:
            raise GeneratorError(_FAILS, f"{LIST} fails: {done.last_words}", Place(self.path))
        lines = done.out.decode("utf-8", "replace").splitlines()
        split = (line.partition(":") for line in lines if line.strip())
        return tuple(Row(tuple(words.split()), text.strip()) for words, _, text in split)


def generators(prefix: Prefix, store: Store) -> Iterator[Generator]:
    """Yield the generators of the tree of *prefix*.

    :raises GeneratorError: one cannot be asked for its options.
    """
    for path in sorted(prefix.files):
        data = prefix.tree.read(path)
        if _PERL.match(data) and _DOMAIN.search(data):
            program = store.tree({path: data}, {}) / path
            yield Generator(path, program, data, _options(path, program))


def answers(program: Path, runs: Iterable[Sequence[str]]) -> list[Done]:
    """Run the generator once for each list of arguments; a word may hold what a command line cannot.

    :raises GeneratorError: the runs did not come to their end.
    """
    lines = [" ".join(f"x{word.encode('utf-8', 'surrogateescape').hex()}" for word in words) for words in runs]
    return many(program, lines)


def many(program: Path, lines: Sequence[str]) -> list[Done]:
    """Run the generator once for each line, as ``many.pl`` says.

    :raises GeneratorError: the runs did not come to their end.
    """
    stdin = "".join(f"{line}\n" for line in lines).encode("ascii")
    done = programs.run(("perl", _MANY, program), program.parent, stdin=stdin)
    if done.status:
        raise GeneratorError(_FAILS, f"it cannot be run: {done.last_words}", Place(str(program)))
    return list(_split(done.out))


def _split(said: bytes) -> Iterator[Done]:
    at = 0
    while at < len(said):
        end = said.index(b"\n", at)
        status, out, err = map(int, said[at:end].split())
        at = end + 1
        yield programs.Done(status, said[at : at + out], said[at + out : at + out + err])
        at += out + err


def _options(path: str, program: Path) -> tuple[str, ...]:
    (done,) = many(program, ["?"])
    if done.status or _DOMAIN.search(done.out):
        why = done.last_words if done.status else "it never calls GetOptions"
        raise GeneratorError(_FAILS, f"it cannot be asked for its options: {why}", Place(path))
    return tuple(done.out.decode("utf-8", "replace").split())
