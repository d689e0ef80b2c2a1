# SPDX-License-Identifier: GPL-3.0-or-later
"""A subject of the matrix, what its parts are called, and one of its trees while it drifts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from . import ctext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from .ctext import Function

__all__ = ["Files", "NotHereError", "Roles", "Scene", "Struct", "Target"]

Files = dict[str, bytes]
"""A tree: the bytes of each file, by path."""


class NotHereError(Exception):
    """The subject has nothing that this kind of change could happen to."""


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The function that the series gives a parameter.

    :param ours: the name of the parameter; :param index: its place among the arguments; :param argument: what is passed.
    :param call: the arguments of a call that upstream could add, before the series.
    :param declared: the new parameter as it is declared; :param anchor: the parameter that it stands behind.
    :param other: a parameter that is no anchor of the series, and may be renamed.
    :param caller: a function that calls it; :param local: a local variable of that which nothing names but it.
    :param set_: whether the series changes the argument in that caller.
    :param free_file: a source file that can see it; :param move_to: one that it could be moved to.
    """

    name: str
    source: str
    header: str
    ours: str
    declared: str
    index: int
    argument: str
    call: list[str]
    anchor: str
    other: str
    caller: str
    caller_file: str
    local: str
    free_file: str
    move_to: str
    set_: bool = False


class Each(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the series does something for each member of a type: the file, and the line for its own member."""

    file: str
    line: str


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The struct that the series gives a last member.

    :param last: the declaration of upstream's last member; :param ours: that of the series.
    :param user: a file that could hold the struct in another one.
    :param each: where each member of that type counts, also one of upstream's.
    """

    name: str
    header: str
    last: str
    first: str
    ours: str
    tag: bool = True
    each: Each | None = None


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Other files that the series changes: globs are not needed, there are few."""

    xml: list[str] = []
    perl: list[str] = []
    make: list[str] = []
    element: str = ""
    element_type: str = ""
    option: str = ""
    variable: str = ""


class Build(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How units are compiled, where the tree's Makefiles are not asked.

    :param skip: units that do not compile in the unpatched tree; :param session: a script that runs the program.
    """

    arguments: list[str] = []
    skip: list[str] = []
    session: str = ""


class Roles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of a subject plays which role."""

    title: str
    target: Target
    struct: Struct
    text: Text = Text()
    build: Build = Build()
    spatch: list[str] = []

    @classmethod
    def read(cls, path: Path) -> Roles:
        """Return the roles that a TOML file gives."""
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), cls)


@dataclass
class Scene:
    """One tree of a subject, to which a change happens.

    :param patched: whether the series is on it, so that what upstream adds must have what the series gives.
    :param stages: the tree after none, one, two ... patches.
    :param unanswerable: the change leaves a question that only a person can answer, so that a refusal is right.
    :param root: the folder that all of the tree lies in now.
    """

    roles: Roles
    files: Files
    patched: bool
    stages: tuple[Files, ...] = field(repr=False, default=())
    unanswerable: bool = False
    root: str = ""

    @property
    def upstream(self) -> Files:
        """The tree before any patch, and before the change."""
        return self.stages[0]

    @property
    def target(self) -> Target:
        """The function that gets a parameter."""
        return self.roles.target

    def change(self, path: str, *how: Callable[[bytes], bytes]) -> None:
        """Change one file; it must be there, and must become another."""
        if path not in self.files:
            raise NotHereError(path)
        data = self.files[path]
        for step in how:
            data = step(data)
        if data == self.files[path]:
            raise NotHereError(path)
        self.files[path] = data

    def each(self, paths: Iterable[str], how: Callable[[bytes], bytes]) -> None:
        """Change those of the files that the change finds something in; it must be one at least."""
        before = dict(self.files)
        for path in paths:
            if path in self.files:
                self.files[path] = how(self.files[path])
        if self.files == before:
            msg = "nothing to change"
            raise NotHereError(msg)

    def replace(self, path: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file."""
        data = self.files.get(path, b"")
        if data.count(old.encode()) != 1:
            msg = f"{old!r} stands {data.count(old.encode())} times in {path}"
            raise NotHereError(msg)
        self.files[path] = data.replace(old.encode(), new.encode())

    def sources(self) -> list[str]:
        """Return the C files of the tree."""
        return [path for path in sorted(self.files) if path.endswith((".c", ".h"))]

    def touched(self) -> list[str]:
        """Return the C files that the series changes."""
        first, last = self.stages[0], self.stages[-1]
        return [path for path in sorted(last) if path.endswith((".c", ".h")) and first.get(path) != last[path]]

    def function(self, path: str, name: str) -> Function:
        """Return the definition of a function."""
        for one in ctext.functions(self.files.get(path, b"")):
            if one.name == name:
                return one
        msg = f"{path} defines no {name}"
        raise NotHereError(msg)

    def call(self, *, blank: str = "", separator: str = ", ") -> str:
        """Return a call of the target as upstream would write it, with what the series adds where it is on."""
        return f"{self.target.name}{blank}({separator.join(self.arguments())})"

    def arguments(self) -> list[str]:
        """Return the arguments of such a call."""
        listed = list(self.target.call)
        if self.patched:
            listed.insert(self.target.index, self.target.argument)
        return listed

    def append(self, path: str, text: str) -> None:
        """Put text at the end of a file."""
        self.change(path, lambda data: data + text.encode())
