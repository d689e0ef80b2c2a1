# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to gcc and clang: a unit compiled, its diagnostics read, and all that it was made from remembered.

What a compiler said is kept under the compiler, its options and the unit, with the digest of every
file that it read. It is said again without the compiler where all of these are the same, on this
prefix of the series or another.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from patchgen.findings import Level, PatchgenError, Slug

from . import clang, gcc, programs
from .diagnostics import Diagnostic, located
from .recipes import MARKER
from .store import key, own

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .store import Store
    from .units import Unit

__all__ = ["WARNINGS", "Compiled", "Compiler", "CompilerError", "Stage", "States", "dependencies", "relative", "stamp"]

WARNINGS = ("-Wall", "-Wextra", "-Wno-unused-parameter")
"""The warnings that every unit is compiled with."""

_SPEECHLESS = Slug.define(
    "compiler-speechless",
    """A compiler ended without diagnostics that can be read, or for a reason that is none of the source:
    a signal, no memory, no room. Nothing is known of the unit.""",
)
_KEPT = 48
"""How many states of a unit are remembered, the latest first."""

Name = Literal["gcc", "clang"]


class CompilerError(PatchgenError):
    """A compiler says nothing that can be used."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A tree that units are compiled in.

    :param files: the digest of each file of it, generated ones included.
    :param folder: gives the folder that it lies in; made when it is first asked for.
    :param read: gives the bytes of a file of it, None for any other path.
    """

    files: Mapping[str, str]
    folder: Callable[[], Path]
    read: Callable[[str], bytes | None]
    _headers: list[str] = field(default_factory=list)

    def headers(self) -> str:
        """Return a digest of which headers there are: one more may hide another."""
        if not self._headers:
            self._headers.append(key(*sorted(path for path in self.files if path.endswith(".h"))))
        return self._headers[0]


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of a unit.

    :param object: the name of its object file in the store; "" where there is none.
    :param fresh: the compiler ran for it.
    """

    diagnostics: tuple[Diagnostic, ...]
    object: str = ""
    fresh: bool = False

    @property
    def failed(self) -> bool:
        """Whether there is an error among the diagnostics."""
        return any(one.level is Level.ERROR for one in self.diagnostics)


@dataclass(frozen=True, slots=True)
class Compiler:
    """gcc, which makes objects, or clang, which only looks."""

    name: Name
    store: Store

    def states(self, unit: Unit) -> States:
        """Return what is remembered of *unit*.

        :raises ProgramError: the compiler is not there.
        """
        versions = (own("compiler", "diagnostics", "gcc", "clang"), programs.identity(self.name))
        name = key("unit", *versions, *self._arguments(unit), unit.folder, unit.source)
        known = self.store.recall(name)
        return States(self, unit, name, known if isinstance(known, list) else [])

    def _arguments(self, unit: Unit) -> list[str]:
        # Behind the tree's own options: they may switch a warning off, and that is not theirs to choose.
        return [*unit.arguments, *WARNINGS]

    def run(self, unit: Unit, stage: Stage, name: str) -> tuple[Compiled, dict[str, str] | None, dict[str, str]]:
        """Run the compiler on *unit* in *stage*; return what it said, and what it read in the tree and outside of it.

        :param name: what an object file is named by, beside what was read.
        :raises CompilerError: it says nothing that can be used.
        :raises ProgramError: it does not end.
        """
        root = stage.folder()
        with self.store.scratch() as scratch:
            made, used, told = (Path(scratch) / word for word in ("object", "used", "told"))
            arguments = (word.replace(MARKER, str(root)) for word in self._arguments(unit))
            command: list[str | Path] = [self.name, *arguments, "-MD", "-MF", used, "-MT", "unit"]
            if self.name == "gcc":
                command += [*gcc.OPTIONS, "-c", "-o", made]
            else:
                command += ["-fsyntax-only", "--serialize-diagnostics", told]
            done = programs.run([*command, unit.source], root / unit.folder)
            try:
                said = gcc.read(done.err) if self.name == "gcc" else clang.read(told.read_bytes())
            except (OSError, ValueError) as error:
                raise CompilerError(_SPEECHLESS, f"{self.name} on {unit.path}: {done.last_words}") from error
            if done.status and not any(one.level is Level.ERROR for one in said):
                raise CompilerError(_SPEECHLESS, f"{self.name} on {unit.path}: {done.last_words}")
            inside, outside = dependencies(used, unit, root, stage)
            diagnostics = located((_placed(one, unit.folder, root) for one in said), stage.read)
            object_name = ""
            if inside is not None and self.name == "gcc" and not done.status:
                object_name = key(name, *(text for entry in sorted(inside.items()) for text in entry), repr(outside))
                self.store.keep(made, self.store.object(object_name))
        return Compiled(tuple(diagnostics), object_name, fresh=True), inside, outside


@dataclass(slots=True)
class States:
    """What is remembered of a unit: what the compiler said, and of what files."""

    compiler: Compiler
    unit: Unit
    name: str
    known: list[Any]
    _new: bool = False

    def compile(self, stage: Stage) -> Compiled:
        """Return what the compiler says of the unit on *stage*, from memory where that is certain.

        :raises CompilerError: it says nothing that can be used.
        :raises ProgramError: it does not end.
        """
        for state in self.known:
            with contextlib.suppress(LookupError, TypeError, ValueError, AttributeError):
                if self._holds(state, stage):
                    return _thawed(state)
        compiled, inside, outside = self.compiler.run(self.unit, stage, self.name)
        if inside is not None:  # else what it read is not known
            diagnostics = [asdict(one) | {"level": one.level.value} for one in compiled.diagnostics]
            state = {"headers": stage.headers(), "inside": inside, "outside": outside}
            self.known.insert(0, state | {"object": compiled.object, "diagnostics": diagnostics})
            self._new = True
        return compiled

    def close(self) -> None:
        """Write down what is new."""
        if self._new:
            self.compiler.store.remember(self.name, self.known[:_KEPT])

    def _holds(self, state: Mapping[str, Any], stage: Stage) -> bool:
        """Whether everything is as it was in *state*."""
        files = stage.files
        return (
            state["headers"] == stage.headers()
            and all(files.get(path) == seen for path, seen in state["inside"].items())
            and all(stamp(path) == seen for path, seen in state["outside"].items())
            and (not state["object"] or self.compiler.store.object(state["object"]).exists())
        )


def _thawed(state: Mapping[str, Any]) -> Compiled:
    diagnostics = (Diagnostic(**(one | {"level": Level(one["level"])})) for one in state["diagnostics"])
    return Compiled(tuple(diagnostics), state["object"])


def _placed(diagnostic: Diagnostic, folder: str, root: Path) -> Diagnostic:
    path = relative(diagnostic.path, folder, root)
    return Diagnostic(**(_fields(diagnostic) | {"path": path}))


def _fields(diagnostic: Diagnostic) -> dict[str, Any]:
    return {name: getattr(diagnostic, name) for name in diagnostic.__dataclass_fields__}


def relative(path: str, folder: str, root: Path) -> str:
    """Return *path*, as a compiler names it in *folder*, relative to the tree; one outside, as it is."""
    if not path or path.startswith("<"):
        return path
    whole = posixpath.normpath(posixpath.join(root, folder, path))
    inside = posixpath.relpath(whole, root)
    return whole if inside.startswith("../") else inside


def dependencies(
    used: Path | str, unit: Unit, root: Path, stage: Stage
) -> tuple[dict[str, str] | None, dict[str, str]]:
    """Return the digests of the files of the tree that were read, and the stamps of those outside of it.

    A compiler that stopped early says not what it read: then the first is None.
    """
    inside, outside = {unit.path: stage.files[unit.path]}, {}
    try:
        names = _rule(Path(used).read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return None, {}
    for name in names:
        path = relative(name, unit.folder, root)
        if path in stage.files:
            inside[path] = stage.files[path]
        else:
            outside[path] = stamp(path)
    return inside, outside


def _rule(text: str) -> Sequence[str]:
    """Return the prerequisites of the one rule that ``-MD`` wrote; blanks in names are escaped there."""
    body = text.partition(":")[2].replace("\\\n", " ").replace("\\ ", "\0").replace("\\#", "#").replace("$$", "$")
    return [word.replace("\0", " ") for word in body.split()]


_STAMPS: dict[str, str] = {}
_LOCK = threading.Lock()


def stamp(path: str) -> str:
    """Return what changes when a file of the system does; it is looked at once in a run."""
    known = _STAMPS.get(path)
    if known is None:
        try:
            status = os.stat(path)  # noqa: PTH116 - many of them
            known = f"{status.st_size} {status.st_mtime_ns}"
        except OSError:
            known = "gone"
        with _LOCK:
            _STAMPS[path] = known
    return known
