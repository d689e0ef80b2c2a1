# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabulary: one module an edit kind. A new kind is a new module here, and nothing else.

A kind says which names it owns, where its sites are, whether the tree has the change already, and
which bytes to replace. All of that is one pure function of a tree, :meth:`Edit.plan`. The module of
the kind ``add-field`` is ``add_field``. What kinds share is in :mod:`patchgen.planning`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from patchgen.planning.edit import Edit, Example, Excuse
from patchgen.planning.facts import Fact
from patchgen.planning.ledger import Occurrence, Plan, Reason, State, Verdict

__all__ = [
    "Edit",
    "Example",
    "Excuse",
    "Fact",
    "Occurrence",
    "Plan",
    "Reason",
    "State",
    "Verdict",
    "kind",
    "kinds",
    "names",
]


@cache
def names() -> tuple[str, ...]:
    """Return the names of the edit kinds, in alphabetical order."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))


@cache
def kind(name: str) -> type[Edit]:
    """Return the edit kind called *name*; only its module is loaded.

    :raises KeyError: there is none.
    """
    if name not in names():
        raise KeyError(name)
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Edit) and value.__struct_config__.tag == name
    )


def kinds() -> dict[str, type[Edit]]:
    """Return every edit kind by its name in TOML, in alphabetical order."""
    return {name: kind(name) for name in names()}
