# SPDX-License-Identifier: GPL-3.0-or-later
"""The elements that another program sets or reads, which is not in the tree: what a policy file excuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildcheck.policy import Policy, Way

    from .schema import Wsdl

__all__ = ["excuses_of", "settled"]


def excuses_of(policy: Policy | None) -> dict[tuple[str, str, Way], str]:
    """Return the reasons of *policy* by type, element and way."""
    return {(one.type, one.element, one.never): one.reason for one in policy.wire} if policy is not None else {}


def settled(policy: Policy, wsdls: Sequence[Wsdl]) -> None:
    """See that the WSDL files have the types and elements that are excused, or whose places are stated.

    :raises PolicyError: they have not.
    """
    stated = [(one.type, one.element) for one in policy.wire]
    stated += [(one.type, name) for one in policy.order for name in (one.element, one.behind)]
    for name, element in stated:
        types = [wsdl.types[name] for wsdl in wsdls if name in wsdl.types]
        if not types:
            policy.refuse(name, f"no WSDL file of the tree has a type {name}")
        if not any(one.name == element for type_ in types for one in type_.elements):
            policy.refuse(element, f"{name} has no element {element}")
