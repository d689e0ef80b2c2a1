# SPDX-License-Identifier: GPL-3.0-or-later
"""The places of elements that a program outside of the tree relies on, as the policy file states them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildcheck.calls.said import Said
from patchgen.findings import Level, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildcheck.policy import Order

    from .schema import Wsdl

__all__ = ["misplaced"]

_MISPLACED = Slug.define(
    "wire-misplaced",
    """The policy file says which element of a message another one stands behind, because a program that is not in
    the tree writes or reads them in that order, and a WSDL file has it elsewhere (XML Schema part 1, 3.8.4: the
    elements of a sequence come in its order).""",
)


def misplaced(wsdls: Sequence[Wsdl], orders: Sequence[Order]) -> Iterator[Said]:
    """Yield the elements that are there and do not stand directly behind the one that the policy names."""
    for wsdl in wsdls:
        for order in orders:
            type_ = wsdl.types.get(order.type)
            names = [element.name for element in type_.elements] if type_ is not None else []
            if type_ is None or order.element not in names:
                continue
            at = names.index(order.element)
            if at == 0 or names[at - 1] != order.behind:
                said = f"{order.type}: {order.element} does not stand behind {order.behind}"
                yield Said(_MISPLACED, Level.ERROR, said, wsdl.spot(type_, type_.elements[at]), help_=order.reason)
