# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kind of upstream change is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from drift.scene import Scene

__all__ = ["Kind", "kind", "registered"]

registered: dict[str, Kind] = {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of upstream change.

    :param change: changes a scene in place: the upstream tree, or that with the series on it.
    :param what: what upstream did, in a few words.
    """

    name: str
    family: str
    change: Callable[[Scene], None]
    what: str


def kind(family: str, name: str) -> Callable[[Callable[[Scene], None]], Callable[[Scene], None]]:
    """Register the function below as a kind; its docstring says what upstream did."""

    def register(change: Callable[[Scene], None]) -> Callable[[Scene], None]:
        what = (change.__doc__ or "").split("\n")[0].rstrip(".")
        full = f"{family}-{name}"
        if full in registered:
            msg = f"two kinds are called {full}"
            raise ValueError(msg)
        registered[full] = Kind(full, family, change, what)
        return change

    return register
