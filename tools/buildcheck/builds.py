# SPDX-License-Identifier: GPL-3.0-or-later
"""Every chosen prefix compiled and linked, each thing once, on all cores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchgen.findings import Finding, PatchgenError, Place

from .compiler import Compiled, Compiler, Stage
from .linker import Linked, link, service
from .recipes import FOLDERS, Recipes, identity, record
from .store import digest
from .units import links, units

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from .compiler import Name
    from .diagnostics import Diagnostic
    from .generator import Generator
    from .prefixes import Prefix
    from .subject import Subject
    from .units import Link, Unit

__all__ = ["COMPILERS", "Builder", "Built", "Task", "compilers_of", "recipes_of", "stage_of"]

COMPILERS: tuple[Name, ...] = ("gcc", "clang")

Task = tuple["Name", "Unit"]
"""A compiler and what it compiles."""


@dataclass(frozen=True, slots=True)
class Built:
    """What became of one prefix.

    :param said: the diagnostics of each compiler.
    :param failures: why something could not be looked at.
    :param linked: what the linker said, by program or library.
    """

    prefix: Prefix
    recipes: Recipes
    said: Mapping[Name, Sequence[Diagnostic]]
    failures: tuple[Finding, ...]
    linked: Mapping[str, Linked]

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file of the tree, generated or not; None where there is none."""
        return _read(self.prefix, self.recipes, path)


@dataclass(frozen=True, slots=True)
class Builder:
    """Compiles and links the prefixes that a subject chose."""

    subject: Subject
    generator: Generator
    stages: dict[int, Stage] = field(default_factory=dict)
    done: dict[Task, Mapping[int, Compiled | Finding]] = field(default_factory=dict)
    """What became of each task, by the number of the prefix."""

    def builds(self) -> list[Built]:
        """Return what became of each prefix, in order."""
        chosen = self.subject.chosen
        with ThreadPoolExecutor(self.subject.jobs) as pool:
            recipes = recipes_of(self.subject, self.generator, pool)
            wanted = [units(one.commands) for one in recipes]
            for prefix, recipe in zip(chosen, recipes, strict=True):
                self.stages[prefix.number] = stage_of(self.subject, prefix, recipe, {})
            # A task is a unit on all prefixes, one after the other, so that what it is on the one is
            # remembered for the next, and every core has something to do to the end.
            every = dict.fromkeys(unit for listed in wanted for unit in listed)
            tasks = [(name, unit) for unit in every for name in compilers_of(unit)]
            sets = [frozenset(listed) for listed in wanted]
            self.done.update(zip(tasks, pool.map(lambda task: self._compiled(task, sets), tasks), strict=True))
            jobs = [
                pool.submit(self._built, prefix, recipe, listed)
                for prefix, recipe, listed in zip(chosen, recipes, wanted, strict=True)
            ]
            return [job.result() for job in jobs]

    def _compiled(self, task: Task, wanted: Sequence[frozenset[Unit]]) -> dict[int, Compiled | Finding]:
        name, unit = task
        compiler = Compiler(name, self.subject.store)
        states = compiler.states(unit)
        found: dict[int, Compiled | Finding] = {}
        for prefix, units_ in zip(self.subject.chosen, wanted, strict=True):
            if unit in units_:
                try:
                    found[prefix.number] = states.compile(self.stages[prefix.number])
                except PatchgenError as error:
                    found[prefix.number] = replace(error.finding, place=Place(unit.path))
        states.close()
        self.subject.progress(f"{name} {unit.path}")
        return found

    def _built(self, prefix: Prefix, recipe: Recipes, wanted: Sequence[Unit]) -> Built:
        said: dict[Name, dict[Diagnostic, None]] = {name: {} for name in COMPILERS}
        failures: list[Finding] = []
        objects: dict[Unit, Compiled] = {}
        for unit in wanted:
            for name in compilers_of(unit):
                result = self.done[name, unit][prefix.number]
                if isinstance(result, Finding):
                    failures.append(result)
                    continue
                # What a header says it says in every unit that includes it: once is enough.
                said[name].update(dict.fromkeys(result.diagnostics))
                if name == "gcc":
                    objects[unit] = result
        store = self.subject.store
        linked = {one.output: link(one, objects, self.generator, store) for one in self._links(recipe)}
        return Built(prefix, recipe, {name: list(told) for name, told in said.items()}, tuple(failures), linked)

    def _links(self, recipe: Recipes) -> Iterator[Link]:
        for wanted in links(recipe.commands):
            yield wanted
            program = service(wanted, self.generator)
            if program is not None:
                yield program


def recipes_of(subject: Subject, generator: Generator, pool: ThreadPoolExecutor) -> list[Recipes]:
    """Return the recipes of each chosen prefix; where nothing changed that they depend on, they are learned once."""
    names = [identity(prefix, generator) for prefix in subject.chosen]
    firsts = dict(zip(reversed(names), reversed(subject.chosen), strict=True))
    made = pool.map(lambda prefix: record(prefix, generator, subject.store), firsts.values())
    by = dict(zip(firsts, made, strict=True))
    return [by[name] for name in names]


def compilers_of(unit: Unit) -> tuple[Name, ...]:
    """Return the compilers of a unit: of what is generated, and not the tree's own text, gcc only."""
    return ("gcc",) if unit.generated else COMPILERS


def _read(prefix: Prefix, recipe: Recipes, path: str) -> bytes | None:
    if path in recipe.generated:
        return recipe.generated[path]
    return prefix.tree.read(path) if path in prefix.files else None


def stage_of(subject: Subject, prefix: Prefix, recipe: Recipes, beside: Mapping[str, bytes]) -> Stage:
    """Return the tree of *prefix* as units are compiled in it: its C side, what is generated, and what is put *beside*."""
    made_here = {path: digest(data) for path, data in (*recipe.generated.items(), *beside.items())}
    files = {path: seen for path, seen in prefix.files.items() if _is_c_side(path)} | made_here
    links_ = {path: target for path, target in prefix.tree.links.items() if _is_c_side(path)}
    made: list[Path] = []

    def read(path: str) -> bytes | None:
        return beside[path] if path in beside else _read(prefix, recipe, path)

    def folder() -> Path:
        with subject.lock:
            if not made:
                content = {path: data for path in files if (data := read(path)) is not None}
                made.append(subject.store.tree(content, links_))
            return made[0]

    return Stage(files, folder, read)


def _is_c_side(path: str) -> bool:
    return path.partition("/")[0] in FOLDERS
