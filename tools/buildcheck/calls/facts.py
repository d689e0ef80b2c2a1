# SPDX-License-Identifier: GPL-3.0-or-later
"""What one unit says about functions and calls: plain values, so that they can be remembered between runs."""

from __future__ import annotations

import msgspec

from buildcheck.sema.assign import Value, Weight
from buildcheck.sema.ctype import CType, Kind
from patchgen.findings import Finding, Place

from .accesses import Access, Stored
from .spot import Spot

__all__ = [
    "Branch",
    "Call",
    "Entry",
    "Facts",
    "Forward",
    "Function",
    "Problem",
    "Site",
    "Spot",
    "Taken",
    "Unread",
    "canonical",
]


class Function(msgspec.Struct, frozen=True):
    """A declaration or a definition of a function.

    :param old: it is a definition with a list of names for its parameters, as before C had prototypes; *type*
        is then what the declarations below the list say.
    """

    name: str
    type: CType
    spot: Spot
    defined: bool
    static: bool
    old: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(parameter.name for parameter in self.type.parameters or ())


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with one argument, or, where *argument* is -1, with their number."""

    argument: int
    weight: Weight
    text: str


class Call(msgspec.Struct, frozen=True):
    """A call of a function that is declared in the tree, or nowhere.

    :param callee: its name; of a call through a member, the member's.
    :param function: the one that the call is in.
    :param type: the function type that is visible there; None where nothing declares the function.
    :param names: the name that each argument goes by, "" where it has none.
    :param values: the arguments; kept where nothing says what they should be.
    :param member: it goes through a pointer, and not to the function of that name.
    :param left: the arguments that are null pointers, though the caller has what the parameter is called.
    """

    callee: str
    function: str
    spot: Spot
    type: CType | None
    names: tuple[str, ...]
    values: tuple[Value, ...] = ()
    problems: tuple[Problem, ...] = ()
    member: bool = False
    left: tuple[int, ...] = ()


class Entry(msgspec.Struct, frozen=True):
    """A function that is put into a member, a variable or a table of pointers to functions.

    :param member: what it is put into, as a person would write it.
    :param type: the function type that this points to.
    """

    name: str
    function: str
    member: str
    type: CType
    spot: Spot
    problem: str = ""


class Taken(msgspec.Struct, frozen=True):
    """One ``va_arg``: what it is put into, "" where that cannot be told, and the type that it is taken out as."""

    name: str
    type: CType
    spot: Spot


class Forward(msgspec.Struct, frozen=True):
    """A call in a branch that passes on what was taken out: which names each argument mentions."""

    callee: str
    given: tuple[tuple[str, ...], ...]
    spot: Spot


class Branch(msgspec.Struct, frozen=True):
    """The arm of a function with ``...`` that is for one selector word."""

    function: str
    word: str
    spot: Spot
    taken: tuple[Taken, ...] = ()
    forwards: tuple[Forward, ...] = ()


class Site(msgspec.Struct, frozen=True):
    """A call of a function with ``...`` that a policy file names.

    :param word: the selector; None where it is no string literal.
    :param values: the arguments behind the *named* parameters.
    :param own: the pointers that the caller has, by name, where one of the arguments is a null pointer.
    """

    callee: str
    named: int
    word: str | None
    function: str
    spot: Spot
    values: tuple[Value, ...]
    names: tuple[str, ...]
    own: tuple[str, ...] = ()


class Unread(msgspec.Struct, frozen=True):
    """A declaration that could not be parsed: nothing is known of it."""

    text: str
    path: str
    line: int

    @classmethod
    def of(cls, finding: Finding) -> Unread:
        """Return what *finding* says."""
        place = finding.place or Place("")
        return cls(finding.message, place.path, place.line)


class Facts(msgspec.Struct, frozen=True):
    """All that one unit says."""

    functions: tuple[Function, ...] = ()
    calls: tuple[Call, ...] = ()
    entries: tuple[Entry, ...] = ()
    branches: tuple[Branch, ...] = ()
    sites: tuple[Site, ...] = ()
    unread: tuple[Unread, ...] = ()
    accesses: tuple[Access, ...] = ()
    stored: tuple[Stored, ...] = ()


def canonical(ctype: CType) -> str:
    """Return the type in a form that is the same however it was written: no typedefs, no names of parameters."""
    if ctype.kind is Kind.FUNCTION:
        inside = "()" if ctype.parameters is None else ",".join(canonical(one.type) for one in ctype.parameters)
        return f"{canonical(ctype.target)}({inside}{',...' if ctype.variadic else ''})"
    own = "".join(sorted(ctype.qualifiers))
    inner = f"{ctype.kind.value}<{canonical(ctype.of)}>" if ctype.of is not None else ctype.name
    return f"{own} {inner}{ctype.length or ''}"
