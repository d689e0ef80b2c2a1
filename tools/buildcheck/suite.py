# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of C tests: ``behaviour.toml`` says how they are built against a tree, and which of them are for it.

Nothing here knows what the tests are about. Which of them are for a tree is decided by facts of that tree.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from patchgen.findings import PatchgenError, Place, Slug
from patchgen.planning.facts import Fact

from .store import digest, key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from patchgen.tree import Tree

__all__ = ["FILE", "PEER", "Program", "Suite", "SuiteError"]

FILE = "behaviour.toml"
PEER = "unpatched"
"""What a test needs that runs a program of the unpatched tree, which is there unless one tree alone is looked at."""

_UNUSABLE = Slug.define(
    "tests-unusable",
    """The folder of C tests cannot be used: it has no behaviour.toml, or that is not TOML, has a key that is
    unknown, a value of a wrong type, or a name that it does not define. docs/buildcheck.md has the keys.""",
)


class SuiteError(PatchgenError, ValueError):
    """The folder of C tests cannot be used."""


class Program(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program that tests are in, or that a test runs.

    :param sources: its C files in the folder of tests.
    :param like: a C file of the tree: the program's own are compiled in its folder and with its options.
    :param objects: a program or library that the Makefiles of the tree link: all its objects and libraries are
        linked, but for the C files in ``without``. "" for ``like`` alone.
    :param wrap: functions for the linker's ``--wrap``.
    :param options: further options for the compiler, such as ``-ldl``.
    :param runs: other programs of the suite that its tests run.
    :param reads: files of the tree that its tests read, as globs.
    :param data: files of the suite that its tests read.
    :param service: it has the ``main()`` of a service, and no tests.
    :param seconds: for each test.
    :param tests: the facts that each test needs, by its name.
    :param needs: the facts without which the program cannot be built; every test of it needs them too.
    """

    name: str
    sources: tuple[str, ...]
    like: str
    objects: str = ""
    without: tuple[str, ...] = ()
    wrap: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    service: bool = False
    seconds: float = 60.0
    needs: tuple[str, ...] = ()
    tests: dict[str, tuple[str, ...]] = {}


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of behaviour.toml."""

    program: list[Program]
    facts: dict[str, Fact] = {}


@dataclass(frozen=True, slots=True)
class Suite:
    """The folder, as read.

    :param label: what a person called it.
    :param files: everything in it.
    :param facts: by the macro that C files see where the fact holds.
    """

    label: str
    files: Mapping[str, bytes] = field(repr=False)
    facts: Mapping[str, Fact]
    programs: tuple[Program, ...]

    @classmethod
    def open(cls, folder: Path) -> Suite:
        """Read the folder.

        :raises SuiteError: it cannot be used.
        """
        path = folder / FILE
        try:
            files = {one.name: one.read_bytes() for one in sorted(folder.iterdir()) if one.is_file()}
            document = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _Document)
        except (OSError, ValueError, RecursionError) as error:
            raise SuiteError(_UNUSABLE, f"not usable: {error}", Place(str(path))) from error
        suite = cls(str(folder), files, document.facts, tuple(document.program))
        for problem in suite._problems():
            raise SuiteError(_UNUSABLE, problem, Place(str(path)))
        return suite

    def program(self, name: str) -> Program:
        """Return the program of that name."""
        return next(one for one in self.programs if one.name == name)

    def holding(self, tree: Tree) -> frozenset[str]:
        """Return the facts that hold for *tree*."""
        return frozenset(name for name, fact in self.facts.items() if fact.is_true(tree))

    def identity(self) -> str:
        """Return a digest of every file."""
        return key(*(text for name, data in self.files.items() for text in (name, digest(data))))

    def _problems(self) -> list[str]:
        found = []
        names = [one.name for one in self.programs]
        found += [f"two programs are called {name}" for name in sorted(set(names)) if names.count(name) > 1]
        for program in self.programs:
            found += [
                f"{program.name}: there is no {name}"
                for name in (*program.sources, *program.data)
                if name not in self.files
            ]
            found += [f"{program.name}: {name} is no program here" for name in program.runs if name not in names]
            needed = {*program.needs, *(need for needs in program.tests.values() for need in needs)}
            found += [f"{program.name}: {need} is no fact here" for need in sorted(needed - {*self.facts, PEER})]
        return found
