# SPDX-License-Identifier: GPL-3.0-or-later
"""The accessors that the tree uses, held against the WSDL files and against the structs that they fill."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildcheck.adb.model import Kind
from buildcheck.calls.said import Said
from buildcheck.policy import Way
from patchgen.findings import Level, Slug

from .schema import Accessor, accessor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from buildcheck.adb.model import Element, Type
    from buildcheck.calls.accesses import Access
    from buildcheck.calls.facts import Facts
    from buildcheck.calls.spot import Spot

    from .schema import Wsdl

__all__ = ["Use", "uses", "wrong"]

_NO_ELEMENT = Slug.define(
    "wire-no-element",
    """The marshalling code uses an accessor that the WSDL has not: no such type, no such element in it, or one of
    another number, so that the accessor has another name (get and set for one, add, sizeof and get_..._at for a
    list).""",
)
_NEVER_SET = Slug.define(
    "wire-never-set",
    """The tree fills messages of this type and never sets this element: it is never on the wire, whatever reads it.""",
)
_NEVER_READ = Slug.define(
    "wire-never-read",
    """The tree reads messages of this type and never reads this element: what is sent in it gets lost.""",
)
_OTHER = Slug.define(
    "wire-other-element",
    """What is set in an element, or what an element is read into, has the exact name of another element of the same
    type: most likely the accessor is the wrong one. The compiler sees strings on both sides.""",
)
_MEMBERS = Slug.define(
    "wire-members",
    """An element is filled from one member of a struct, and is read into another one of the same struct, so that it
    does not come back as what it was.""",
)
_NULL = Slug.define(
    "wire-null",
    """An element that may be absent reads as NULL, and is given to a function of C that takes no NULL without a test:
    a message without it ends the process.""",
)
_UNASKED = Slug.define(
    "wire-unasked",
    """A new element is set without a condition on what is set, so that messages have it that an older peer could
    take before: a strict one refuses an element that it does not know. An empty string is sent too.""",
)


@dataclass(frozen=True, slots=True)
class Use:
    """A use of an accessor, and what it is about where the WSDL files have that.

    :param known: the names of the elements of the type.
    """

    access: Access
    accessor: Accessor
    wsdl: Wsdl | None = None
    type: Type | None = None
    element: Element | None = None

    @property
    def sets(self) -> bool:
        """Whether it fills the element."""
        return self.accessor.verb in {"set", "add"}

    @property
    def key(self) -> tuple[str, str, str]:
        """The file, the type and the element."""
        return self.wsdl.path if self.wsdl is not None else "", self.accessor.type, self.accessor.element


def uses(facts: Iterable[Access], wsdls: Sequence[Wsdl], sources: Mapping[str, str]) -> Iterator[Use]:
    """Yield the uses of accessors in a unit.

    :param sources: the WSDL file, without its folders, of each type that the unit can include.
    """
    by = {wsdl.service.source: wsdl for wsdl in wsdls}
    for access in facts:
        found = accessor(access.callee, sources)
        if found is None:
            continue
        wsdl = by.get(sources.get(found.type, ""))
        type_ = wsdl.types.get(found.type) if wsdl is not None else None
        element = next((one for one in type_.elements if one.name == found.element), None) if type_ else None
        yield Use(access, found, wsdl, type_, element)


def wrong(
    units: Sequence[tuple[Facts, list[Use]]],
    new: AbstractSet[tuple[str, str, str]],
    excuses: Mapping[tuple[str, str, Way], str],
    forgotten: Level = Level.ERROR,
) -> Iterator[Said]:
    """Yield what is wrong with the uses of a tree, each thing once.

    :param new: the elements that the unpatched tree has not, by file, type and name.
    :param excuses: why an element of a type need not be set or read, by type, name and way.
    :param forgotten: how much it weighs that an element is: of a tree alone nobody can tell whether that is new.
    """
    return iter(dict.fromkeys(_Tree(units, new, excuses, forgotten).all()))


@dataclass(frozen=True, slots=True)
class _Tree:
    units: Sequence[tuple[Facts, list[Use]]]
    new: AbstractSet[tuple[str, str, str]]
    excuses: Mapping[tuple[str, str, Way], str]
    forgotten: Level
    filled: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    """The elements that are set of each type, by file and name of the type; *read* likewise."""
    read: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def all(self) -> Iterator[Said]:
        for _, listed in self.units:
            for use in listed:
                yield from self._use(use)
        yield from self._never()
        yield from self._members()

    def _use(self, use: Use) -> Iterator[Said]:
        if use.type is None or use.element is None or not _fits(use.accessor, use.element):
            yield _unknown(use)
            return
        side = self.filled if use.sets else self.read
        side[use.key[:2]].add(use.accessor.element)
        yield from _named(use, use.type)
        access, text = use.access, f"{use.accessor.type}: {use.accessor.element}"
        optional = not use.element.least and use.element.type in {Kind.TEXT, Kind.TIME}
        if access.untested and not use.sets and (optional or use.accessor.at):
            said = f"{text} may be absent, and what is read goes to {access.untested} without a test"
            yield Said(_NULL, Level.ERROR, said, access.spot, access.function, f"test it before {access.untested}")
        if use.sets and use.key in self.new and not access.guarded and not access.null and use.accessor.verb == "set":
            said = f"{text} is new, and is set without a condition on {access.name or 'what is set'}"
            help_ = "set it only where there is something to say, and not the empty string"
            yield Said(_UNASKED, Level.ERROR, said, access.spot, access.function, help_)

    def _never(self) -> Iterator[Said]:
        """Yield the elements that are left out of the messages that the tree fills and reads."""
        wsdls = {use.key[:2]: use for _, listed in self.units for use in listed if use.type is not None}
        for slug, side, way in ((_NEVER_SET, self.filled, Way.SET), (_NEVER_READ, self.read, Way.READ)):
            for key, known in sorted(side.items()):
                use = wsdls[key]
                if use.wsdl is None or use.type is None:
                    continue
                for element in use.type.elements:
                    if element.name not in known:
                        yield self._left_out(slug, way, use.wsdl.spot(use.type, element), use.type.name)

    def _left_out(self, slug: Slug, way: Way, spot: Spot, type_: str) -> Said:
        reason = self.excuses.get((type_, spot.word, way))
        said = f"{spot.word} is never {way.value} in"
        if reason is not None:
            return Said(slug, Level.NOTE, f"{said} {type_}; excused: {reason}", spot)
        return Said(slug, self.forgotten, said, spot, of=(type_,))

    def _members(self) -> Iterator[Said]:
        """Yield the elements that go from one member to another."""
        put: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        places: dict[tuple[str, int], str] = {}
        for facts, _ in self.units:
            for one in facts.stored:
                put[one.function, one.name].add((one.record, one.member))
            for function in facts.functions:
                places |= (
                    {(function.name, at): name for at, name in enumerate(function.names)} if function.defined else {}
                )
        from_: dict[tuple[str, str, str], set[tuple[str, str]]] = defaultdict(set)
        into: dict[tuple[str, str, str], list[tuple[Use, set[tuple[str, str]]]]] = defaultdict(list)
        for _, listed in self.units:
            for use in listed:
                access = use.access
                direct = {(access.record, access.member)} if access.record else set()
                if use.sets:
                    from_[use.key] |= direct
                else:
                    parameter = places.get((access.to, access.index), "")
                    reached = (
                        direct
                        or put.get((access.to, parameter), set())
                        or put.get((access.function, access.name), set())
                    )
                    into[use.key].append((use, reached))
        for key, reads in into.items():
            for use, reached in reads:
                yield from _elsewhere(use, from_.get(key, set()), reached)


def _elsewhere(use: Use, from_: set[tuple[str, str]], reached: set[tuple[str, str]]) -> Iterator[Said]:
    same = {record for record, _ in from_} & {record for record, _ in reached}
    for record in sorted(same):
        ours = {member for one, member in from_ if one == record}
        theirs = {member for one, member in reached if one == record}
        if not ours & theirs:
            text = f"{use.accessor.type}: {use.accessor.element}"
            said = (
                f"{text} is filled from {', '.join(sorted(ours))} of {record} and read into {', '.join(sorted(theirs))}"
            )
            yield Said(_MEMBERS, Level.ERROR, said, use.access.spot, use.access.function)


def _fits(accessor_: Accessor, element: Element) -> bool:
    if element.is_list:
        return accessor_.verb in {"add", "sizeof"} or (accessor_.verb == "get" and accessor_.at)
    return accessor_.verb in {"get", "set"} and not accessor_.at


def _unknown(use: Use) -> Said:
    access, name = use.access, use.accessor
    if use.type is None:
        said, help_ = f"{access.callee}: no WSDL file of this folder has a type {name.type}", ""
    elif use.element is None:
        said = f"{access.callee}: {name.type} has no element {name.element}"
        help_ = f"it has {', '.join(element.name for element in use.type.elements)}"
    else:
        number = "a list" if use.element.is_list else "no list"
        said, help_ = f"{access.callee}: {name.element} is {number}, and has no such accessor", ""
    return Said(_NO_ELEMENT, Level.ERROR, said, access.spot, access.function, help_)


def _named(use: Use, type_: Type) -> Iterator[Said]:
    """Yield that what is set or read is named like another element of the same type."""
    name, own = use.access.name, use.accessor.element
    if not name or name == own or use.accessor.verb == "sizeof" or use.element is None:
        return
    others = [one for one in type_.elements if one.name == name]
    if others and others[0].type == use.element.type and others[0].is_list == use.element.is_list:
        way = f"is set from {name}" if use.sets else f"is read into {name}"
        said = f"{use.accessor.type}: {own} {way}, and {name} is another element of the same type"
        help_ = f"use the accessor of {name}, or call it otherwise"
        yield Said(_OTHER, Level.ERROR, said, use.access.spot, use.access.function, help_)
