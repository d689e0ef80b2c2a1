# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks look at: the prefixes of a series on an upstream tree, or one tree as it lies there."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Slug
from patchgen.upstream import open_upstream

from .prefixes import Patch, Prefix, Prefixes, patches_of, prefixes
from .unpacked import Unpacked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from patchgen.config import Places

    from .store import Store

__all__ = ["Subject", "SubjectError"]

_EITHER = Slug.define(
    "nothing-to-check",
    """buildcheck looks at a series on an upstream tree (--upstream and --patches), or at a tree that is
    patched already (--tree), alone or beside the upstream tree.""",
)


class SubjectError(PatchgenError, ValueError):
    """It is not said what to look at."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks look at.

    :param prefixes: of the series, the unpatched tree first; or that and the patched tree.
    :param chosen: which of them are looked at: all, or the first and the last.
    :param compared: whether the first is an unpatched tree that the others are compared with.
    :param patches: the series; none where a patched tree was given.
    :param folder: that of the patches, for places.
    :param tests: the folder of C tests; None where it is not said.
    :param only: the C tests that are asked for, as ``PROGRAM/TEST``; none for all of them.
    :param thorough: C tests that can do more do all that they can.
    :param policy: the policy file; None where none is given.
    """

    prefixes: Prefixes
    chosen: tuple[Prefix, ...]
    compared: bool
    store: Store
    patches: tuple[Patch, ...] = ()
    folder: str = ""
    series_name: str = "series"
    tests: Path | None = None
    only: tuple[str, ...] = ()
    thorough: bool = False
    policy: Path | None = None
    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    progress: Callable[[str], None] = lambda _: None
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while a tree is being laid out."""

    @property
    def baseline(self) -> Prefix | None:
        """The unpatched tree, None where there is nothing to compare with."""
        return self.prefixes.all[0] if self.compared else None

    @property
    def proved(self) -> tuple[Prefix, ...]:
        """What is to be proved: what is chosen, without the baseline."""
        return self.chosen[1:] if self.compared else self.chosen

    @classmethod
    def of_series(cls, upstream: str, folder: Path, series_name: str, store: Store, *, each: bool) -> Subject:
        """Return the series in *folder* on the tree *upstream*.

        :param each: every prefix is looked at.
        :raises PatchgenError: one of the two cannot be read.
        """
        patches = patches_of(folder, series_name)
        made = prefixes(open_upstream(upstream), patches, str(folder))
        chosen = made.all if each else (made.all[0], *made.all[1:][-1:])
        return cls(
            made, chosen, compared=True, store=store, patches=patches, folder=str(folder), series_name=series_name
        )

    @classmethod
    def of_places(cls, places: Places, store: Store, *, each: bool) -> Subject:
        """Return the series that the command line and patchgen.toml name.

        :raises PatchgenError: they name none, or something of it cannot be read.
        """
        if not places.upstream or places.patches is None:
            raise cls.unclear()
        named = places.need_upstream(), places.need_patches(), places.series
        return replace(cls.of_series(*named, store, each=each), tests=places.tests, policy=places.policy)

    @classmethod
    def of_tree(cls, tree: str, upstream: str, store: Store) -> Subject:
        """Return the patched tree in the folder *tree*, beside the tree *upstream* where one is given.

        :raises PatchgenError: one of the two cannot be read.
        """
        (patched,) = prefixes(Unpacked.open(tree), ()).all
        if not upstream:
            return cls(Prefixes((patched,)), (patched,), compared=False, store=store)
        (first,) = prefixes(open_upstream(upstream), ()).all
        made = (first, Prefix(1, tree, patched.tree, patched.files))
        return cls(Prefixes(made), made, compared=True, store=store)

    @staticmethod
    def unclear() -> SubjectError:
        """Return the error for a command line that names neither."""
        return SubjectError(
            _EITHER, "it is not said what to check", help="--upstream TREE --patches DIR, or --tree DIR"
        )
