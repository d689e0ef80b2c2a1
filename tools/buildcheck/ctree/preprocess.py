# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to the preprocessor: a unit as the tree's own build would preprocess it, for each target.

What a unit was made of is remembered, and a digest of what came out. So whoever found something out
about a text keeps it under :attr:`Preprocessed.digest`, and asks for the text only where nothing is kept.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from buildcheck import gcc, programs
from buildcheck.compiler import dependencies, relative, stamp
from buildcheck.recipes import MARKER
from buildcheck.store import digest, key, own
from patchgen.findings import Finding, Level, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from buildcheck.compiler import Stage
    from buildcheck.store import Store
    from buildcheck.units import Unit

    from .targets import Target

__all__ = ["Preprocessed", "Preprocessor"]

_FAILS = Slug.define(
    "does-not-preprocess",
    """A unit of the tree does not preprocess for a target: a header is not there, or #error, or a macro that
    cannot be. Nothing is known of its structs and calls there, so that it is not proved.""",
)
_KEPT = 24
"""How many states of a unit are remembered, the latest first."""


@dataclass(frozen=True, slots=True)
class Preprocessed:
    """What the preprocessor made of a unit.

    :param digest: of the text, "" where there is none.
    :param findings: why there is none.
    :param headers: what was read outside of the tree.
    """

    digest: str
    findings: tuple[Finding, ...] = ()
    headers: tuple[str, ...] = ()
    _text: Callable[[], str] = field(default=str, repr=False, compare=False)

    def text(self) -> str:
        """Return the text, a character for each byte; it is made now where it was only remembered.

        :raises ProgramError: the preprocessor is not there, or does not end.
        """
        return self._text()


@dataclass(frozen=True, slots=True)
class Preprocessor:
    """gcc's, for one target; safe for several threads."""

    target: Target
    store: Store
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def run(self, unit: Unit, stage: Stage) -> Preprocessed:
        """Return *unit* preprocessed in *stage*.

        :raises ProgramError: the preprocessor is not there, or does not end.
        """
        name = self._name(unit)
        known = self.store.recall(name)
        states: list[Any] = known if isinstance(known, list) else []
        for state in states:
            with contextlib.suppress(LookupError, TypeError, AttributeError):
                if _holds(state, stage):
                    kept = tuple(state["outside"])
                    return Preprocessed(state["digest"], (), kept, lambda: self._text(unit, stage))
        made, inside, outside = self._made(unit, stage)
        if made.digest and inside is not None:
            state = {"headers": stage.headers(), "inside": inside, "outside": outside, "digest": made.digest}
            self.store.remember(name, [state, *states][:_KEPT])
        return made

    def command(self, unit: Unit, root: Path) -> list[str | Path]:
        """Return the compiler and the unit's own options for this target, in a tree that lies at *root*."""
        arguments = self.target.adapted(unit.arguments)
        return [self.target.compiler, *(word.replace(MARKER, str(root)) for word in arguments)]

    def _name(self, unit: Unit) -> str:
        versions = (own("ctree/preprocess", "ctree/targets", "compiler"), self.target.identity())
        return key("preprocess", *versions, *unit.arguments, unit.folder, unit.source)

    def _text(self, unit: Unit, stage: Stage) -> str:
        return self._made(unit, stage)[0].text()

    def _made(self, unit: Unit, stage: Stage) -> tuple[Preprocessed, Mapping[str, str] | None, Mapping[str, str]]:
        """Run the preprocessor; return also what it read in the tree, and outside of it."""
        root = stage.folder()
        with self.store.scratch() as scratch:
            used = f"{scratch}/used"
            words = [*self.command(unit, root), "-E", "-MD", "-MF", used, "-MT", "unit", *gcc.OPTIONS, unit.source]
            done = programs.run(words, root / unit.folder)
            if done.status:
                return Preprocessed("", tuple(self._failures(done, unit, root, stage))), None, {}
            inside, outside = dependencies(used, unit, root, stage)
        # The place where the tree happens to lie is no part of what it says.
        data = done.out.replace(str(root).encode("utf-8", "surrogateescape"), MARKER.encode())
        text = data.decode("latin-1")
        return Preprocessed(digest(data), (), tuple(outside), lambda: text), inside, outside

    def _failures(self, done: programs.Done, unit: Unit, root: Path, stage: Stage) -> list[Finding]:
        """Return why the preprocessor gave up, at the places that it names, else at the unit."""
        with contextlib.suppress(ValueError):
            found = [one for one in gcc.read(done.err) if one.level is Level.ERROR]
            if found:
                return [
                    Finding(_FAILS, Level.ERROR, f"{self.target.value}: {one.text}", _at(one, unit, root, stage))
                    for one in found
                ]
        return [Finding(_FAILS, Level.ERROR, f"{self.target.value}: {done.last_words}", Place(unit.path))]


def _at(diagnostic: Any, unit: Unit, root: Path, stage: Stage) -> Place:  # noqa: ANN401 - a Diagnostic
    path = relative(diagnostic.path, unit.folder, root)
    data = stage.read(path)
    lines = data.split(b"\n") if data is not None else []
    if not 0 < diagnostic.line <= len(lines):
        return Place(path or unit.path, diagnostic.line)
    start = sum(len(line) + 1 for line in lines[: diagnostic.line - 1]) + max(diagnostic.column, 1) - 1
    return Place.of(path, data or b"", start, start + max(diagnostic.end - diagnostic.column, 1))


def _holds(state: Mapping[str, Any], stage: Stage) -> bool:
    """Whether everything is as it was in *state*."""
    return (
        bool(state["digest"])
        and state["headers"] == stage.headers()
        and all(stage.files.get(path) == seen for path, seen in state["inside"].items())
        and all(stamp(path) == seen for path, seen in state["outside"].items())
    )
