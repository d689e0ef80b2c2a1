# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts of all units held together: what is wrong with calls, declarations, tables and protocols."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildcheck.sema.assign import Weight, assigned
from buildcheck.sema.ctype import compatible, decayed, declared
from patchgen.findings import Level, Slug

from .facts import Spot, canonical
from .protocols import LEFT_OUT, protocols
from .said import Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from buildcheck.sema.ctype import CType

    from .facts import Call, Entry, Facts, Function

__all__ = ["across"]

_ARITY = Slug.define(
    "call-arity", """A call has more or fewer arguments than the function has parameters (C11 6.5.2.2 paragraph 2)."""
)
_TYPE = Slug.define(
    "call-type",
    """An argument cannot be given to its parameter as C defines it (C11 6.5.2.2, 6.5.16.1): a pointer to
    something else, a number for a pointer, a qualifier that is lost.""",
)
_SUSPICIOUS = Slug.define(
    "call-conversion",
    """C converts the argument without a word, and something may get lost: bits, a fraction, or the meaning of
    an enumerator.""",
)
_UNTOLD = Slug.define(
    "call-not-proved",
    """The type of an argument or of what is called could not be found out, so that the call is not proved.""",
)
_UNSEEN = Slug.define(
    "call-without-prototype",
    """A function of the tree is called where no prototype of it is visible, or only a declaration with (): the
    compiler checks no argument, and takes the result for an int where there is no declaration at all.""",
)
_SWAPPED = Slug.define(
    "argument-of-another-parameter",
    """An argument has the exact name of another parameter of the same type: it most likely stands at the wrong
    place. Neighbours of one type can be swapped without a word from the compiler.""",
)
_ORDER = Slug.define(
    "parameter-order",
    """Two declarations of a function have a parameter of the same name and type at different places, so that
    what the caller means is not what the function gets.""",
)
_DIFFERS = Slug.define(
    "prototype-differs",
    """A prototype, in this file or another, is not compatible with the definition (C11 6.2.7 paragraph 2): calls
    that are right by the one are wrong by the other.""",
)
_TABLE = Slug.define(
    "table-entry",
    """A function is put into a table of pointers to functions that it does not fit: number or types of its
    parameters, or what it returns.""",
)
_OLD = Slug.define(
    "old-style-definition",
    """A function is defined with a list of names, as before C had prototypes. A call of it is not checked and its
    arguments are not converted unless a prototype is visible; here they are compared with what it declares.""",
)
_LEVELS = {
    Weight.WRONG: (_TYPE, Level.ERROR),
    Weight.SUSPICIOUS: (_SUSPICIOUS, Level.WARNING),
    Weight.UNTOLD: (_UNTOLD, Level.ERROR),
}


def across(programs: Iterable[Sequence[Facts]]) -> Iterator[Said]:
    """Yield what is wrong with the calls and the declarations of a tree, each thing once.

    :param programs: the units of each program and library: what has one name in two of them need not be one.
    """
    return iter(dict.fromkeys(said for units in programs for said in _Program.of(units).all()))


@dataclass(frozen=True, slots=True)
class _Program:
    """The units that are linked together, and the functions of them by name."""

    units: Sequence[Facts]
    shared: Mapping[str, Sequence[Function]]
    """The functions that are not static: one name is one function."""

    @classmethod
    def of(cls, units: Sequence[Facts]) -> _Program:
        shared: dict[str, dict[Function, None]] = defaultdict(dict)
        for unit in units:
            statics = _statics(unit)
            for function in unit.functions:
                if function.name not in statics:
                    shared[function.name][function] = None
        return cls(units, {name: list(found) for name, found in shared.items()})

    def all(self) -> Iterator[Said]:
        yield from self._declarations()
        for unit in self.units:
            statics = _statics(unit)
            for call in unit.calls:
                known = statics.get(call.callee) or self.shared.get(call.callee, ())
                yield from _call(call, () if call.member else known)
            for entry in unit.entries:
                known = statics.get(entry.name) or self.shared.get(entry.name, ())
                yield from _entry(entry, known)
        yield from protocols(self.units)

    def _declarations(self) -> Iterator[Said]:
        groups = [list(found) for unit in self.units for found in _statics(unit).values()]
        for group in (*self.shared.values(), *groups):
            definitions = [one for one in group if one.defined]
            for one in definitions:
                if one.old:
                    names = ", ".join(one.names)
                    yield Said(_OLD, Level.WARNING, f"{one.name}({names}) is defined without types", one.spot)
            against = definitions[0] if definitions else group[0]
            for one in group:
                if one is not against:
                    yield from _compared(one, against)


def _statics(unit: Facts) -> dict[str, list[Function]]:
    """Return the static functions of a unit; one declaration says it for all (C11 6.2.2 paragraph 5)."""
    names = {one.name for one in unit.functions if one.static}
    found: dict[str, list[Function]] = {}
    for one in unit.functions:
        if one.name in names:
            found.setdefault(one.name, []).append(one)
    return found


def _compared(one: Function, against: Function) -> Iterator[Said]:
    """Yield in what a declaration differs from the definition, or from another declaration."""
    what = "the definition" if against.defined else "another declaration"
    where = f"in {against.spot.path}"
    if not compatible(one.type, against.type) and not _both_old(one, against):
        said = f"{one.name} is {one.type} here and {against.type} in {what} {where}"
        yield Said(_DIFFERS, Level.ERROR, said, one.spot, help_="make the two the same")
    for at, name, other in _moved(one.names, against.names, one.type, against.type):
        said = f"{one.name}: parameter {name} is number {at} here and number {other} in {what} {where}, of one type"
        yield Said(_ORDER, Level.ERROR, said, one.spot, help_="give the parameters one order")


def _both_old(one: Function, against: Function) -> bool:
    """Whether one of them says nothing of parameters: calls are compared with the definition then."""
    return one.type.parameters is None and compatible(one.type.target, against.type.target)


def _moved(ours: Sequence[str], theirs: Sequence[str], one: CType, other: CType) -> Iterator[tuple[int, str, int]]:
    """Yield the place, the name and the other place of each parameter that stands elsewhere in another list."""
    if len(ours) != len(theirs):
        return
    for at, name in enumerate(ours):
        if name and theirs[at] != name and theirs.count(name) == 1:
            elsewhere = theirs.index(name)
            if _type_at(one, at) == _type_at(other, elsewhere):
                yield at + 1, name, elsewhere + 1


def _type_at(function: CType, at: int) -> str:
    return canonical(decayed((function.parameters or ())[at].type).plain())


# --- calls --------------------------------------------------------------------------------------------


def _call(call: Call, known: Sequence[Function]) -> Iterator[Said]:
    """Yield what is wrong with a call; *known* are the declarations of the function in the program."""
    definition = next((one for one in known if one.defined), None)
    for problem in call.problems:
        if problem.argument < 0:
            slug = _UNTOLD if problem.weight is Weight.UNTOLD else _ARITY
            level = Level.ERROR
        else:
            slug, level = _LEVELS[problem.weight]
        said = f"{call.callee}: {problem.text}"
        yield Said(slug, level, said, _at(call, problem.argument), call.function, _shown(call, definition))
    if call.type is None or call.type.parameters is None:
        yield from _unseen(call, definition)
    for at in call.left:
        name = _name(call, at)
        said = f"{call.callee}: parameter {name} is given a null pointer, and {call.function} has a {name}"
        yield Said(LEFT_OUT, Level.ERROR, said, _at(call, at), call.function, f"hand {name} on")
    yield from _swapped(call, known)


def _name(call: Call, argument: int) -> str:
    """Return the name of a parameter that the visible declaration of what is called gives."""
    return "" if call.type is None else (call.type.parameters or ())[argument].name


def _unseen(call: Call, definition: Function | None) -> Iterator[Said]:
    """Yield what is wrong with a call that no prototype is visible for: it is compared with the definition."""
    if definition is None:
        return
    if call.type is None:
        said = f"{call.callee} is called and not declared"
        yield Said(
            _UNSEEN,
            Level.ERROR,
            said,
            call.spot,
            call.function,
            f"include what declares it: {definition.spot.path} defines it",
        )
    wanted = definition.type.parameters or ()
    given = len(call.values)
    if given < len(wanted) or (given > len(wanted) and not definition.type.variadic):
        said = f"{call.callee}: {given} arguments where it has {len(wanted)} parameters"
        yield Said(_ARITY, Level.ERROR, said, call.spot, call.function, _shown(call, definition))
        return
    for at, (parameter, value) in enumerate(zip(wanted, call.values, strict=False)):
        verdict = assigned(decayed(parameter.type), value)
        if verdict.weight is not Weight.FINE:
            slug, level = _LEVELS[verdict.weight]
            said = f"{call.callee}: parameter {parameter.name} is {parameter.type}, the argument is {decayed(value.type)}: {verdict.why}"
            yield Said(slug, level, said, _at(call, at), call.function, _shown(call, definition))


def _swapped(call: Call, known: Iterable[Function]) -> Iterator[Said]:
    """Yield the arguments that have the name of another parameter of the same type."""
    lists = [] if call.type is None or call.type.parameters is None else [call.type]
    lists += [one.type for one in known if one.type.parameters is not None]
    for at, name in enumerate(call.names):
        if name:
            found = [_elsewhere(name, at, one) for one in lists]
            if found and all(one is not _HERE for one in found) and any(found):
                other = next(one for one in found if one)
                own = (lists[found.index(other)].parameters or ())[at].name
                said = f"{call.callee}: the argument {name} is given to parameter {own or at + 1}, and {other} is another of the same type"
                yield Said(
                    _SWAPPED,
                    Level.ERROR,
                    said,
                    _at(call, at),
                    call.function,
                    f"give {name} to {other}, or call it otherwise",
                )


_HERE = "."


def _elsewhere(name: str, at: int, function: CType) -> str:
    """Return the name of the other parameter that an argument is named like, or "", or _HERE where it is right."""
    parameters = function.parameters or ()
    if at >= len(parameters):
        return ""
    if parameters[at].name == name:
        return _HERE
    for other, parameter in enumerate(parameters):
        if parameter.name == name and _type_at(function, other) == _type_at(function, at):
            return name
    return ""


def _at(call: Call, argument: int) -> Spot:
    return Spot(call.spot.path, call.spot.line, call.spot.word, call.spot.nth, argument)


def _shown(call: Call, definition: Function | None) -> str:
    """Return the parameters of what is called, for a person."""
    function = call.type if call.type is not None and call.type.parameters is not None else None
    if function is None and definition is not None:
        function = definition.type
    if function is None or function.parameters is None:
        return ""
    told = [declared(one.type, one.name) for one in function.parameters] + ["..."] * function.variadic
    return f"its parameters are ({', '.join(told)})"


# --- tables -------------------------------------------------------------------------------------------


def _entry(entry: Entry, known: Sequence[Function]) -> Iterator[Said]:
    if entry.problem:
        said = f"{entry.name} does not fit {entry.member}: {entry.problem}"
        yield Said(
            _TABLE, Level.ERROR, said, entry.spot, entry.function, f"{entry.member} is a pointer to {entry.type}"
        )
    names = [one.name for one in entry.type.parameters or ()]
    for one in known:
        for at, name, other in _moved(one.names, names, one.type, entry.type):
            said = (
                f"{entry.name}: its parameter {name} is number {at}, and number {other} of {entry.member}, of one type"
            )
            yield Said(_ORDER, Level.ERROR, said, entry.spot, entry.function, "give the parameters one order")
