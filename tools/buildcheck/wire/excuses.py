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
    """See that the WSDL files have the types and elements that are excused.

    :raises PolicyError: they have not.
    """
    for one in policy.wire:
        types = [wsdl.types[one.type] for wsdl in wsdls if one.type in wsdl.types]
        if not types:
            policy.refuse(one.type, f"no WSDL file of the tree has a type {one.type}")
        if not any(element.name == one.element for type_ in types for element in type_.elements):
            policy.refuse(one.element, f"{one.type} has no element {one.element}")
