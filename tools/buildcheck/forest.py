# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of each chosen prefix, and the tree that each is compiled in: what checks of C begin with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .builds import recipes_of, stage_of
from .units import units

if TYPE_CHECKING:
    from .compiler import Stage
    from .generator import Generator
    from .prefixes import Prefix
    from .recipes import Recipes
    from .subject import Subject
    from .units import Unit

__all__ = ["Wood", "forest"]


@dataclass(frozen=True, slots=True)
class Wood:
    """One prefix: its units, in the order in which its Makefiles compile them.

    :param recipes: what its Makefiles ask for; their findings say what they could not do.
    """

    prefix: Prefix
    recipes: Recipes
    units: tuple[Unit, ...]
    stage: Stage


def forest(subject: Subject, generator: Generator) -> list[Wood]:
    """Return each chosen prefix of *subject*, in order.

    :raises PatchgenError: the stand-in for Axis2/C cannot be built, or a program is missing.
    """
    with ThreadPoolExecutor(subject.jobs) as pool:
        made = recipes_of(subject, generator, pool)
    return [
        Wood(prefix, recipes, tuple(units(recipes.commands)), stage_of(subject, prefix, recipes, {}))
        for prefix, recipes in zip(subject.chosen, made, strict=True)
    ]
