# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of a folder of C tests, compiled and linked against prefixes of the series, under the sanitizers.

The tree's own sources are compiled again with the same options and the sanitizers' beside them; what belongs
to which program, and which libraries, the Makefiles of the tree say.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchgen.findings import Finding, Level, PatchgenError, Place, Slug

from . import headers, programs
from .builds import stage_of
from .compiler import Compiled, Compiler
from .linker import said
from .recipes import MARKER, identity, record
from .store import key, own
from .units import links, units

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from .compiler import Stage
    from .diagnostics import Diagnostic
    from .generator import Generator
    from .prefixes import Prefix
    from .recipes import Recipes
    from .subject import Subject
    from .suite import Program, Suite
    from .units import Unit

__all__ = ["FOLDER", "SANITIZERS", "Linked", "TestBuilder"]

SANITIZERS = ("-g1", "-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined")
FOLDER = ".behaviour-tests"
"""Where the C tests lie in the tree that they are compiled in."""

_NOT_BUILT = Slug.define(
    "test-not-built",
    """A program of the C tests does not compile or link against the tree, so that none of its tests was run.
    Where the tree's own files do not compile, the check `compile` says more.""",
)


@dataclass(frozen=True, slots=True)
class Linked:
    """A program for one prefix.

    :param path: the executable; None where there is none, and then *findings* say why.
    :param identity: of all that it was made from.
    """

    path: Path | None
    identity: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a program is linked from, on one prefix."""

    words: tuple[str | Unit, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def units(self) -> tuple[Unit, ...]:
        return tuple(one for one in self.words if not isinstance(one, str))


@dataclass(frozen=True, slots=True)
class TestBuilder:
    """Builds a suite for prefixes.

    :param generator: the stand-in for Axis2/C that the Makefiles see; *runtime*, the one that is linked.
    :param flags: for compiling and linking, beside the tree's own.
    """

    __test__ = False  # pytest takes it for a test

    subject: Subject
    suite: Suite
    generator: Generator
    runtime: Generator
    flags: tuple[str, ...] = SANITIZERS
    facts: dict[int, frozenset[str]] = field(default_factory=dict)
    """What holds for each prefix, by its number."""

    def build(self, wanted: Mapping[int, Sequence[Program]]) -> dict[int, dict[str, Linked]]:
        """Return the programs by name, for each prefix by its number.

        :param wanted: which programs, for which prefix.
        :raises PatchgenError: the stand-in for Axis2/C cannot be built.
        """
        self.runtime.home()
        chosen = [prefix for prefix in self.subject.chosen if prefix.number in wanted]
        with ThreadPoolExecutor(self.subject.jobs) as pool:
            recipes = self._recipes(chosen, pool)
            stages = {
                prefix.number: stage_of(self.subject, prefix, recipes[prefix.number], self._beside())
                for prefix in chosen
            }
            plans = {
                (prefix.number, program.name): self._plan(program, recipes[prefix.number], self.facts[prefix.number])
                for prefix in chosen
                for program in wanted[prefix.number]
            }
            tasks: dict[Unit, dict[int, None]] = {}
            for (number, _), plan in plans.items():
                for unit in plan.units:
                    tasks.setdefault(unit, {})[number] = None
            compiled = dict(
                zip(tasks, pool.map(lambda unit: self._compiled(unit, tasks[unit], stages), tasks), strict=True)
            )
            linked = {
                place: pool.submit(self._linked, place, plan, {unit: compiled[unit][place[0]] for unit in plan.units})
                for place, plan in plans.items()
            }
        found: dict[int, dict[str, Linked]] = {number: {} for number in wanted}
        for (number, name), job in linked.items():
            found[number][name] = job.result()
        return found

    def _beside(self) -> dict[str, bytes]:
        return {f"{FOLDER}/{name}": data for name, data in self.suite.files.items() if name.endswith((".c", ".h"))}

    def _recipes(self, chosen: Sequence[Prefix], pool: ThreadPoolExecutor) -> dict[int, Recipes]:
        """Return the recipes of each prefix; where nothing changed that they depend on, they are learned once."""
        names = [identity(prefix, self.generator) for prefix in chosen]
        firsts = dict(zip(reversed(names), reversed(chosen), strict=True))
        made = pool.map(lambda prefix: record(prefix, self.generator, self.subject.store), firsts.values())
        by = dict(zip(firsts, made, strict=True))
        return {prefix.number: by[name] for prefix, name in zip(chosen, names, strict=True)}

    def _plan(self, program: Program, recipes: Recipes, facts: frozenset[str]) -> _Plan:
        """Return what *program* is linked from."""
        every = units(recipes.commands)
        like = next((unit for unit in every if unit.path == program.like), None)
        link = next((one for one in links(recipes.commands) if one.output == program.objects), None)
        if like is None:
            return _Plan(findings=(self._not(program, f"the Makefiles do not compile {program.like}"),))
        if link is None and program.objects:
            return _Plan(findings=(self._not(program, f"the Makefiles do not link {program.objects}"),))
        words = [word for word in (link.arguments if link else (like,)) if word != "-shared"]
        there = {word.path for word in words if not isinstance(word, str)}
        absent = [path for path in program.without if path not in there]
        if absent:
            return _Plan(findings=(self._not(program, f"{program.objects} is not linked from {absent[0]}"),))
        wrapped = [f"-Wl,--wrap={name}" for name in program.wrap]
        own_units = [self._own(source, like, program, facts) for source in program.sources]
        theirs = [
            word if isinstance(word, str) else self._sanitized(word)
            for word in words
            if isinstance(word, str) or word.path not in program.without
        ]
        last = str(self.runtime.main_object()) if program.service else "-lcmocka"
        return _Plan((*own_units, *theirs, *wrapped, *program.options, last))

    def _sanitized(self, unit: Unit) -> Unit:
        # Reports name files as the tree does, and an object is the same wherever the tree lies.
        mapped = (f"-ffile-prefix-map={MARKER}/=", f"-ffile-prefix-map={unit.source}={unit.path}")
        return replace(unit, arguments=(*unit.arguments, *self.flags, *mapped))

    def _own(self, source: str, like: Unit, program: Program, facts: frozenset[str]) -> Unit:
        up = "/".join(".." for _ in like.folder.split("/"))
        defined = (f"-D{name}=1" for name in sorted(facts))
        unit = self._sanitized(replace(like, source=f"{up}/{FOLDER}/{source}"))
        return replace(unit, arguments=(*unit.arguments, f"-I{up}/{FOLDER}", *program.options, *defined))

    def _compiled(
        self, unit: Unit, numbers: Mapping[int, None], stages: Mapping[int, Stage]
    ) -> dict[int, Compiled | Finding]:
        states = Compiler("gcc", self.subject.store).states(unit)
        found: dict[int, Compiled | Finding] = {}
        for number in sorted(numbers):
            try:
                found[number] = states.compile(stages[number])
            except PatchgenError as error:
                found[number] = replace(error.finding, place=Place(self.place(unit.path)))
        states.close()
        self.subject.progress(f"sanitized {unit.path}")
        return found

    def _linked(self, place: tuple[int, str], plan: _Plan, made: Mapping[Unit, Compiled | Finding]) -> Linked:
        program = self.suite.program(place[1])
        findings = [*plan.findings, *self._unbuilt(program, made)]
        if findings:
            return Linked(None, "", tuple(findings))
        store = self.subject.store
        objects = {unit: store.object(one.object) for unit, one in made.items() if isinstance(one, Compiled)}
        words = [one if isinstance(one, str) else str(objects[one]) for one in plan.words]
        folders = self.runtime.folders()
        words += [*self.flags, *folders, *(f"-Wl,-rpath,{word.removeprefix('-L')}" for word in folders)]
        name = key("program", own("testbuild"), programs.identity("gcc"), self.runtime.identity(), *words)
        path = store.object(name)
        if not path.exists():
            with store.scratch() as scratch:
                target = f"{scratch}/linked"
                done = programs.run(("gcc", *words, "-o", target), path.parent)
                if done.status:
                    names = {str(at): self.place(unit.path) for unit, at in objects.items()}
                    lines = said(done, names)
                    return Linked(None, "", tuple(self._not(program, text) for text in lines[:3]))
                path.parent.joinpath(target).replace(path)
        return Linked(path, name)

    def _unbuilt(self, program: Program, made: Mapping[Unit, Compiled | Finding]) -> Iterator[Finding]:
        for result in made.values():
            if isinstance(result, Finding):
                yield result
                continue
            for one in result.diagnostics:
                # A warning counts in a test; in the tree, it is the matter of the check `compile`.
                if one.level is Level.ERROR or one.path.startswith(f"{FOLDER}/"):
                    yield self._said(program, one)

    def _said(self, program: Program, diagnostic: Diagnostic) -> Finding:
        place = Place(self.place(diagnostic.path), diagnostic.line)
        package = headers.package(headers.missing(diagnostic))
        advice = f"apt-get install {package}" if package else ""
        return Finding(_NOT_BUILT, Level.ERROR, f"{program.name} is not built: {diagnostic}", place, advice)

    def _not(self, program: Program, reason: str) -> Finding:
        place = Place(f"{self.suite.label}/{program.sources[0]}")
        return Finding(_NOT_BUILT, Level.ERROR, f"{program.name} is not built: {reason}", place)

    def place(self, path: str) -> str:
        """Return the path of a file as a person knows it: of a test, in the folder of tests."""
        return f"{self.suite.label}/{path.removeprefix(f'{FOLDER}/')}" if path.startswith(f"{FOLDER}/") else path
