# SPDX-License-Identifier: GPL-3.0-or-later
"""What is compiled and what is linked, out of the commands that make asked a compiler for."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .recipes import Command

__all__ = ["Link", "Unit", "is_generated", "links", "units"]

_WITH_VALUE = frozenset({"-o", "-I", "-D", "-U", "-include", "-isystem", "-L", "-l", "-x", "-MF", "-MT", "-MQ"})
_OF_THE_LINKER = ("-l", "-L", "-shared", "-Wl,", "-pie", "-static", "-rdynamic")
_OBJECTS = (".o", ".a", ".so", ".lo")


@dataclass(frozen=True, slots=True)
class Unit:
    """A translation unit: a C file and how it is compiled.

    :param folder: where the compiler runs, relative to the tree; *source*, relative to that folder.
    :param arguments: those of the compiler, without the source, the output, and what is for the linker.
    """

    folder: str
    source: str
    arguments: tuple[str, ...]

    @property
    def path(self) -> str:
        """The C file, relative to the tree."""
        return posixpath.normpath(posixpath.join(self.folder, self.source))

    @property
    def generated(self) -> bool:
        """Whether the file is generated, not written."""
        return is_generated(self.path)


@dataclass(frozen=True, slots=True)
class Link:
    """A program or library that is linked.

    :param output: relative to the tree.
    :param arguments: those of the compiler, in their order, without the output; of a C file and of an
        object file that the tree makes, the unit stands there.
    """

    output: str
    folder: str
    arguments: tuple[str | Unit, ...]

    @property
    def shared(self) -> bool:
        """Whether it is a shared object."""
        return "-shared" in self.arguments


def is_generated(path: str) -> bool:
    """Return whether a file, relative to the tree, is generated from others, and not written."""
    return "generated" in path.split("/")


def units(commands: Iterable[Command]) -> list[Unit]:
    """Return the units that *commands* compile, each once, in their order."""
    found: dict[Unit, None] = {}
    for command in commands:
        parsed = _Parsed.of(command)
        found.update((unit, None) for unit in parsed.units)
    return list(found)


def links(commands: Iterable[Command]) -> list[Link]:
    """Return what *commands* link, in their order.

    An object file that no command before made stays a plain word: the linker will say that it is not there.
    """
    made: dict[str, Unit] = {}
    found: list[Link] = []
    for command in commands:
        parsed = _Parsed.of(command)
        if parsed.only_compiles:
            made.update(parsed.outputs())
            continue
        if not parsed.inputs:
            continue
        by_source = {unit.source: unit for unit in parsed.units}
        arguments: list[str | Unit] = []
        for word in parsed.for_the_linker:
            where = posixpath.normpath(posixpath.join(command.folder, word))
            arguments.append(by_source.get(word) or made.get(where) or word)
        output = posixpath.normpath(posixpath.join(command.folder, parsed.output or "a.out"))
        found.append(Link(output, command.folder, tuple(arguments)))
    return found


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A command, its words sorted."""

    folder: str
    output: str
    only_compiles: bool
    units: tuple[Unit, ...]
    inputs: tuple[str, ...]
    for_the_linker: tuple[str, ...]

    @classmethod
    def of(cls, command: Command) -> _Parsed:
        sources: list[str] = []
        compiling: list[str] = []
        linking: list[str] = []
        output, only_compiles, inputs = "", False, 0
        for group in _groups(command.words):
            first = group[0]
            if first.startswith("-o"):
                output = group[-1].removeprefix("-o") if len(group) == 1 else group[1]
            elif first in {"-c", "-MD", "-MMD"}:
                only_compiles = only_compiles or first == "-c"
            elif first.startswith(_OF_THE_LINKER):
                linking += group
            elif first.startswith("-"):
                compiling += group
            else:
                inputs += 1
                linking.append(first)
                if first.endswith(".c"):
                    sources.append(first)
                elif not first.endswith(_OBJECTS):
                    compiling.append(first)
        made = tuple(Unit(command.folder, source, tuple(compiling)) for source in sources)
        return cls(command.folder, output, only_compiles, made, ("",) * inputs, tuple(linking))

    def outputs(self) -> Iterator[tuple[str, Unit]]:
        """Yield the object file of each unit, relative to the tree, with the unit."""
        for unit in self.units:
            name = self.output or posixpath.basename(unit.source).removesuffix(".c") + ".o"
            yield posixpath.normpath(posixpath.join(self.folder, name)), unit


def _groups(words: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield each option with its value, and each other word for itself."""
    at = 0
    while at < len(words):
        step = 2 if words[at] in _WITH_VALUE and at + 1 < len(words) else 1
        yield list(words[at : at + step])
        at += step
