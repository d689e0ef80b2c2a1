# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof of a series: GNU patch, with fuzz 0, leads from each stage to the next and back.

Each patch is proved for itself on the files that it touches, in a thread that waits for GNU patch
while the next patch is being rendered.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Self

from .findings import PatchgenError, Place, Slug
from .gnupatch import Workshop

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from .stages import Stage
    from .tree import Tree

__all__ = ["Proof", "bytes_of"]

_SELF_CHECK = Slug.define(
    "self-check",
    """GNU patch, with fuzz 0, does not make of the pristine tree exactly the bytes that were rendered,
    or does not bring the original back. Nothing is written; this is a defect of patchgen.""",
)


class Proof:
    """Proves stages as they come; leaving the context waits, and raises what the first failure was."""

    def __init__(self) -> None:
        self._stages: queue.SimpleQueue[Stage | None] = queue.SimpleQueue()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stages.put(None)
        self._thread.join()
        if error is None and self._failure is not None:
            raise self._failure

    def of(self, stage: Stage) -> Stage:
        """Have *stage* proved, and return it."""
        if stage.diff:
            self._stages.put(stage)
        return stage

    def _run(self) -> None:
        while (stage := self._stages.get()) is not None:
            if self._failure is None:
                try:
                    _prove(stage)
                except BaseException as failure:  # noqa: BLE001 - raised again where the proof is awaited
                    self._failure = failure


def bytes_of(tree: Tree, path: str) -> bytes | None:
    """Return the bytes of a file of the tree, None if it is not there."""
    return tree.read(path) if path in tree else None


def _prove(stage: Stage) -> None:
    paths = list(stage.after.touched(stage.before))
    with Workshop() as workshop:
        workshop.lay({path: bytes_of(stage.before, path) for path in paths})
        workshop.apply(stage.patch, stage.diff, reverse=stage.reverse)
        _compare(workshop, stage.after, paths, stage.patch)
        workshop.apply(stage.patch, stage.diff, reverse=not stage.reverse)
        _compare(workshop, stage.before, paths, stage.patch)


def _compare(workshop: Workshop, tree: Tree, paths: Iterable[str], patch: str) -> None:
    for path in paths:
        if workshop.read(path) != bytes_of(tree, path):
            raise PatchgenError(_SELF_CHECK, f"{patch} does not give the bytes that were rendered", Place(path))
