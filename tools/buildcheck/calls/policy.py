# SPDX-License-Identifier: GPL-3.0-or-later
"""The functions with ``...`` that a policy file names, as the check of calls needs them, and whether they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildcheck.policy import Policy, PolicyError

from .protocol import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .facts import Facts

__all__ = ["declared", "protocols_of", "readable"]


def protocols_of(policy: Policy) -> dict[str, Protocol]:
    """Return the protocols of *policy* by the name of the function.

    :raises PolicyError: one cannot be used.
    """
    found: dict[str, Protocol] = {}
    for one in policy.varargs:
        if "{word}" not in one.forward:
            policy.refuse(one.forward, f"forward of {one.function} has no {{word}} in it, for the selector word")
        if one.function in found:
            policy.refuse(one.function, f"{one.function} is there twice")
        found[one.function] = Protocol(one.function, one.selector, one.forward)
    return found


def readable(path: Path | None) -> dict[str, Protocol]:
    """Return the protocols of a policy file, none where it cannot be used.

    For a check that needs them only to read units as the check of calls does, which says what is wrong with the file.
    """
    try:
        return protocols_of(Policy.read(path)) if path is not None else {}
    except PolicyError:
        return {}


def declared(policy: Policy, units: Iterable[Facts]) -> None:
    """See that the tree has what the policy names: functions with ``...``, their selectors, and what they hand on to.

    :raises PolicyError: it has not.
    """
    listed = list(units)
    functions = {one.name: one for unit in listed for one in unit.functions if one.defined}
    called = {call.callee for unit in listed for call in unit.calls}
    for one in policy.varargs:
        function = functions.get(one.function)
        if function is None:
            policy.refuse(one.function, f"no function of the tree is called {one.function}")
        if not function.type.variadic:
            policy.refuse(one.function, f"{one.function} takes no ...")
        if one.selector not in function.names:
            known = ", ".join(function.names)
            policy.refuse(one.selector, f"{one.function} has no parameter {one.selector}", f"it has {known}")
        words = {arm.word for unit in listed for arm in unit.branches if arm.function == one.function and arm.word}
        if not words:
            policy.refuse(one.selector, f"{one.function} compares {one.selector} with no word")
        if not any(one.forward.replace("{word}", word) in called for word in words):
            policy.refuse(one.forward, f"{one.function} calls no function of such a name")
