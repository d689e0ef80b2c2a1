# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for one project and no other: a small TOML file that the checks read, named by ``patchgen.toml``.

A ``[[struct]]`` is one that outlives the program that wrote it, or leaves it: in a file, through a pipe, in shared
memory. ``name`` is its tag (``struct tag``) or a typedef of it, ``use`` says where it goes, for messages, and ``allow``
what a patch may do to it: ``append`` members behind all others, or ``nothing``.

A ``[[varargs]]`` is a function with ``...`` whose calls are compared with what it takes out and hands on. A ``[[wire]]``
is an element of a message that the tree need not set or read, because another program does; an ``[[order]]`` is one that
another program expects directly behind a second one.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, NoReturn

import msgspec

from patchgen.findings import PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Allow", "Order", "Policy", "PolicyError", "Struct", "Varargs", "Way", "Wire"]

_UNUSABLE = Slug.define(
    "policy",
    """The policy file cannot be used: it is not TOML, has a key that buildcheck does not know, or a value of
    another form. docs/buildcheck.md says what it may hold.""",
)
_UNKNOWN = Slug.define(
    "policy-unknown-name",
    """The policy file names something that no tree has which is looked at. It is misspelt, or was renamed
    upstream: what the policy protects is not protected any more.""",
)


class PolicyError(PatchgenError, ValueError):
    """The policy file cannot be used."""


class Allow(enum.Enum):
    """What a patch may do to a struct that outlives its program."""

    APPEND = "append"
    NOTHING = "nothing"


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A struct that is persisted or transported."""

    name: str
    use: str
    allow: Allow = Allow.NOTHING


class Varargs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A function with ``...`` that takes out other arguments for each word.

    :param selector: the parameter that it compares with the words.
    :param forward: the name of the function that it hands them on to, with ``{word}`` in it.
    """

    function: str
    selector: str
    forward: str


class Way(enum.Enum):
    """What is done with an element of a message."""

    SET = "set"
    READ = "read"


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An element of a type that is never set or read in the tree, and why."""

    type: str
    element: str
    never: Way
    reason: str


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An element of a type that stands directly behind another one, where the type has it, and why."""

    type: str
    element: str
    behind: str
    reason: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    struct: tuple[Struct, ...] = ()
    varargs: tuple[Varargs, ...] = ()
    wire: tuple[Wire, ...] = ()
    order: tuple[Order, ...] = ()


class Policy:
    """A policy file that was read.

    :param path: for places.
    """

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        try:
            self._file = msgspec.toml.decode(text, type=_File)
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError) as error:
            raise PolicyError(_UNUSABLE, f"not usable: {error}", self._place_of_error(str(error))) from error

    @classmethod
    def read(cls, path: Path) -> Policy:
        """Read the file.

        :raises PolicyError: it cannot be read, or used.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise PolicyError(_UNUSABLE, f"it cannot be read: {error}", Place(str(path))) from error
        return cls(str(path), text)

    @property
    def structs(self) -> tuple[Struct, ...]:
        """The structs that are persisted or transported."""
        return self._file.struct

    @property
    def varargs(self) -> tuple[Varargs, ...]:
        """The functions with ``...`` whose arguments are compared."""
        return self._file.varargs

    @property
    def wire(self) -> tuple[Wire, ...]:
        """The elements that another program sets or reads."""
        return self._file.wire

    @property
    def order(self) -> tuple[Order, ...]:
        """The places of elements that another program relies on."""
        return self._file.order

    def place(self, name: str) -> Place:
        """Return where *name* is given, as a string; the whole file where it is not."""
        data = self._text.encode()
        found = re.search(rb"[\"']" + re.escape(name.encode()) + rb"[\"']", data)
        return Place.of(self._path, data, found.start(), found.end()) if found else Place(self._path)

    def need(self, name: str, known: Iterable[str]) -> None:
        """See that *name* is one of the names that are there.

        :raises PolicyError: it is not.
        """
        if name not in set(known):
            raise PolicyError(
                _UNKNOWN, f"no tree that is looked at has {name}", self.place(name), "correct the name, or take it out"
            )

    def refuse(self, name: str, message: str, help_: str = "") -> NoReturn:
        """Say what is wrong with *name*.

        :raises PolicyError: always.
        """
        raise PolicyError(_UNKNOWN, message, self.place(name), help_)

    def _place_of_error(self, said: str) -> Place:
        line = re.search(r"line (\d+)(?:, column (\d+))?", said)
        key = re.search(r"(?:unknown field|Invalid enum value) [`'](\w+)[`']", said)
        if line:
            return Place(self._path, int(line[1]), int(line[2] or 0), int(line[2] or 0) + 1)
        table = re.search(r"\$\.(\w+)\[(\d+)\]", said)
        heads = list(re.finditer(rf"^[ \t]*\[\[ *{table[1]} *\]\]", self._text, re.MULTILINE)) if table else []
        word = re.search(rf"\b{key[1]}\b", self._text) if key else None
        if word is None and table and int(table[2]) < len(heads):
            word = heads[int(table[2])]
        if word is None:
            return Place(self._path)
        start = len(self._text[: word.start()].encode())
        return Place.of(self._path, self._text.encode(), start, start + len(word[0].encode()))
