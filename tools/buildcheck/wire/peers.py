# SPDX-License-Identifier: GPL-3.0-or-later
"""A WSDL file before and after: what an older peer, which has the file as it was, would not take.

What is assumed of a peer is the strictest that one can be: it refuses a message with an element that it does not
know, wherever that stands, and one in which an element that it requires is missing, or stands in another order
(XML Schema part 1, 3.8.4). So the message to it may change only where it has something to say that an older peer
could not say at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildcheck.adb.model import UNBOUNDED, Kind
from buildcheck.calls.said import Said
from buildcheck.calls.spot import Spot
from patchgen.findings import Level, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildcheck.adb.model import Element, Operation, Type

    from .schema import Wsdl

__all__ = ["added", "compared"]

_BREAKS = Slug.define(
    "wire-breaks-peer",
    """A change of a WSDL file makes a message that one side sends and a peer with the file as it was does not take,
    or the other way round: an element is gone, has another type, order or number, or is new and required. A new
    element has to have minOccurs 0, and to be left out where there is nothing new to say.""",
)


def compared(before: Sequence[Wsdl], after: Sequence[Wsdl]) -> Iterator[Said]:
    """Yield what breaks a peer that has the files as they were."""
    now = {wsdl.path: wsdl for wsdl in after}
    for old in before:
        new = now.get(old.path)
        if new is None:
            continue  # it could not be read, which is said, or is gone: then no code is generated from it
        if old.service.namespace != new.service.namespace:
            said = f"the namespace was {old.service.namespace} and is {new.service.namespace}"
            yield _breaks(said, Spot(new.path, 1))
        yield from _operations(old, new)
        for type_ in old.service.types:
            if type_.name in new.types:
                yield from _type(type_, new.types[type_.name], new)
            else:
                yield _breaks(f"the type {type_.name} is gone", Spot(new.path, 0))


def added(before: Sequence[Wsdl], after: Sequence[Wsdl]) -> set[tuple[str, str, str]]:
    """Return the file, the type and the name of each element that is new in a type that was there."""
    olds = {
        (wsdl.path, one.name): {element.name for element in one.elements}
        for wsdl in before
        for one in wsdl.types.values()
    }
    return {
        (wsdl.path, one.name, element.name)
        for wsdl in after
        for one in wsdl.types.values()
        if (wsdl.path, one.name) in olds
        for element in one.elements
        if element.name not in olds[wsdl.path, one.name]
    }


def _operations(old: Wsdl, new: Wsdl) -> Iterator[Said]:
    now = {operation.name: operation for operation in new.service.operations}
    for operation in old.service.operations:
        found = now.get(operation.name)
        if found is None:
            yield _breaks(f"the operation {operation.name} is gone", Spot(new.path, 0))
        elif found != operation:
            yield _breaks(f"{operation.name}: {_changed(operation, found)}", Spot(new.path, found.line, operation.name))


def _changed(old: Operation, new: Operation) -> str:
    changes = [
        f"its {what} was {before or 'empty'} and is {after or 'empty'}"
        for what, before, after in (
            ("SOAPAction", old.action, new.action),
            ("input", old.input, new.input),
            ("output", old.output, new.output),
        )
        if before != after
    ]
    return ", ".join(changes)


def _type(old: Type, new: Type, wsdl: Wsdl) -> Iterator[Said]:
    """Yield what breaks a peer in a type; its elements are those of its base and its own, in their order."""
    now = {element.name: element for element in new.elements}
    before = {element.name for element in old.elements}
    for element in old.elements:
        if element.name not in now:
            help_ = f"{new.name} had it; an older peer " + ("requires" if element.least else "may send") + " it"
            yield _breaks(f"{new.name}: the element {element.name} is gone", wsdl.spot(new), help_)
        elif change := _element(element, now[element.name]):
            yield _breaks(f"{new.name}: {element.name} {change}", wsdl.spot(new, now[element.name]))
    for element in new.elements:
        if element.name not in before and element.least:
            said = f"{new.name}: the new element {element.name} is required, and an older peer does not send it"
            yield _breaks(said, wsdl.spot(new, element), 'give it minOccurs="0"')
    order = [element.name for element in old.elements if element.name in now]
    kept = [element.name for element in new.elements if element.name in before]
    if order != kept:
        first = next(name for name, other in zip(kept, order, strict=True) if name != other)
        said = f"{new.name}: {first} stands at another place among the elements that an older peer knows"
        yield _breaks(said, wsdl.spot(new, now[first]), f"their order was {', '.join(order)}")


def _element(old: Element, new: Element) -> str:
    """Return what changed of an element that breaks a peer, "" where nothing does."""
    if old.type != new.type:
        return f"was {_name(old.type)} and is {_name(new.type)}"
    if old.least != new.least:
        return f"had minOccurs {old.least} and has {new.least}"
    if old.most != new.most:
        return f"had maxOccurs {_most(old)} and has {_most(new)}"
    if old.qualified != new.qualified:
        return "is in another namespace"
    return "was nillable or is it now" if old.nillable != new.nillable else ""


def _name(type_: Kind | str) -> str:
    return f"xs:{type_.value}" if isinstance(type_, Kind) else type_


def _most(element: Element) -> str:
    return "unbounded" if element.most == UNBOUNDED else str(element.most)


def _breaks(said: str, spot: Spot, help_: str = "") -> Said:
    return Said(_BREAKS, Level.ERROR, said, spot, help_=help_)
