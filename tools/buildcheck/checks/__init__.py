# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks: one module a check. A new check is a new module here, and nothing else.

A module has what :class:`Check` says. What begins with an underscore is shared by checks.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildcheck.report import Cases
    from buildcheck.subject import Subject

__all__ = ["Check", "check", "names"]


class Check(Protocol):
    """What the module of a check has."""

    SUMMARY: str
    """A line that says what the check proves."""
    NEEDS: Sequence[str]
    """The programs that it runs."""
    OF_SERIES: bool
    """Whether it is about patches, and not about a tree."""

    @staticmethod
    def run(subject: Subject) -> Cases:
        """Yield the cases; raises PatchgenError where the check cannot do its work at all."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of the checks, in alphabetical order."""
    modules = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name.replace("_", "-") for name in modules if not name.startswith("_")))


@cache
def check(name: str) -> Check:
    """Return the check called *name*; only its module is loaded.

    :raises KeyError: there is none.
    """
    if name not in names():
        raise KeyError(name)
    return cast("Check", importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))
