# SPDX-License-Identifier: GPL-3.0-or-later
"""The C tests of a folder, run against every chosen prefix under ASan, UBSan and the leak check."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildcheck.generator import NEEDS as GENERATOR_NEEDS
from buildcheck.generator import Generator
from buildcheck.recipes import NEEDS as RECIPE_NEEDS
from buildcheck.report import Case
from buildcheck.since import changed, first_wrong
from buildcheck.suite import FILE, PEER, Suite
from buildcheck.testbuild import SANITIZERS, TestBuilder
from buildcheck.testrun import Test, TestRunner
from patchgen.findings import Finding, Level, PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from buildcheck.prefixes import Prefix
    from buildcheck.report import Cases
    from buildcheck.subject import Subject
    from buildcheck.suite import Program

__all__ = ["NEEDS", "OF_SERIES", "SUMMARY", "run"]

SUMMARY = "the C tests of --tests pass on every prefix that they are for, under ASan, UBSan and the leak check"
NEEDS = ("gcc", "prlimit", *RECIPE_NEEDS, *GENERATOR_NEEDS)
OF_SERIES = False

_LISTS = Slug.define(
    "test-not-listed",
    """The tests that a program of the C tests has, and those that behaviour.toml says it has for this tree, are
    not the same: one of them would be skipped in silence.""",
)
_NOT_FOR = Slug.define(
    "test-not-for",
    """A C test needs what this tree does not have, as behaviour.toml says, and was not run. Of a prefix of the
    series that is a note: the patch that brings it comes later. Of the whole series, or of a tree that is patched
    already, it is a warning: the tree lacks something that there is a test for.""",
)
_UNKNOWN = Slug.define(
    "unknown-test",
    """--only names a test that the folder of C tests does not have, or that is not for any tree that is looked at.
    A test is called PROGRAM/TEST, as in behaviour.toml.""",
)
_ONLY = Slug.define(
    "only-some-tests", """--only was given: of the C tests, no others were run, and nothing is known of those."""
)
_NO_TESTS = Slug.define(
    "no-tests",
    """It is not said where the C tests are, so that nothing is known of what the tree does when it runs. Give
    --tests DIR, or tests = "DIR" in patchgen.toml.""",
)


def run(subject: Subject, flags: tuple[str, ...] = SANITIZERS, under: tuple[str, ...] = ()) -> Cases:
    """Yield a case for each test on each prefix, and one for what is not for a prefix.

    :param flags: for compiling and linking everything.
    :param under: a program and its options that each test is run under, such as valgrind.
    :raises PatchgenError: the folder of tests, or the stand-in for Axis2/C, cannot be used.
    """
    if subject.tests is None:
        raise PatchgenError(_NO_TESTS, "it is not said where the C tests are", help="--tests DIR")
    suite = Suite.open(subject.tests)
    generator = Generator(subject.store)
    builder = TestBuilder(subject, suite, generator, Generator(subject.store, flags), flags)
    yield from _Run(subject, suite, builder, under).cases()


@dataclass(frozen=True, slots=True)
class _Run:
    """The whole run of a suite."""

    subject: Subject
    suite: Suite
    builder: TestBuilder
    under: tuple[str, ...] = ()

    def cases(self) -> Iterator[Case]:
        """Yield the cases, prefix by prefix."""
        self.builder.generator.home()
        self._learn(self.subject.chosen)
        tests = list(self._asked([Test(at, *found) for at in self.subject.proved for found in self._of(at)]))
        built = self.builder.build(self._wanted(tests))
        runner = TestRunner(self.suite, self.subject, built, self.builder.place, self.under)
        cases = self._left_out() + [self._not_for(prefix) for prefix in self.subject.proved]
        cases += [
            Case(f"{name}, {prefix}", linked.findings, patch=prefix.patch)
            for prefix in self.subject.chosen
            for name, linked in built.get(prefix.number, {}).items()
            if linked.findings
        ]
        yield from cases
        pool = ThreadPoolExecutor(self.subject.jobs)
        try:
            yield from pool.map(lambda one: self._listed(runner, *one), self._lists(tests))
            tests = [test for test in tests if runner.can_run(test)]
            for test, case in zip(tests, pool.map(runner.case, tests), strict=True):
                yield self._traced(test, case) if case.findings else case
        finally:  # where nobody wants the rest
            pool.shutdown(cancel_futures=True)

    def _learn(self, prefixes: Iterable[Prefix]) -> None:
        """Find out which facts hold for prefixes."""
        for prefix in prefixes:
            held = self.suite.holding(prefix.tree)
            self.builder.facts[prefix.number] = held | ({PEER} if self.subject.compared else set())

    def _traced(self, test: Test, case: Case) -> Case:
        """Return the case of a test that fails on the whole series, with the patch that it fails since."""
        every = self.subject.prefixes.all
        if not self.subject.patches or self.subject.proved != (every[-1],) or test.prefix is not every[-1]:
            return case
        self._learn(every)
        there = [prefix for prefix in every[1:] if not self._lacks(prefix, test.program, test.name)]
        first = first_wrong(there, lambda prefix: self._fails(replace(test, prefix=prefix)))
        always = first is there[0]
        before = every[0] if always else every[first.number - 1]
        help = f"{first} is the first that the test is for" if always else f"it passes without {first.patch}"
        related = tuple(changed(before, first, every[-1]))
        return replace(case, findings=tuple(replace(one, help=help, related=related) for one in case.findings))

    def _fails(self, test: Test) -> bool:
        """Whether a test fails on its prefix; one that cannot be built there says nothing, and counts as passed."""
        subject = replace(self.subject, chosen=(self.subject.prefixes.all[0], test.prefix))
        built = replace(self.builder, subject=subject).build(self._wanted([test]))
        runner = TestRunner(self.suite, subject, built, self.builder.place, self.under)
        return runner.can_run(test) and bool(runner.case(test).findings)

    def _asked(self, tests: Sequence[Test]) -> Iterator[Test]:
        """Yield the tests that are asked for.

        :raises PatchgenError: there is none of a name that is asked for.
        """
        names = {str(test) for test in tests}
        for name in self.subject.only:
            if name not in names:
                raise PatchgenError(_UNKNOWN, f"no C test is called {name}, or it is not for what is looked at")
        yield from (test for test in tests if not self.subject.only or str(test) in self.subject.only)

    def _left_out(self) -> list[Case]:
        if not self.subject.only:
            return []
        message = f"only {', '.join(self.subject.only)} of the C tests was asked for"
        return [Case("what was asked for", (Finding(_ONLY, Level.NOTE, message),))]

    def _lacks(self, prefix: Prefix, program: Program, name: str) -> list[str]:
        """Return the facts that a test needs and that do not hold for *prefix*."""
        needs = dict.fromkeys((*program.needs, *program.tests[name]))
        return [need for need in needs if need not in self.builder.facts[prefix.number]]

    def _of(self, prefix: Prefix) -> Iterator[tuple[Program, str]]:
        """Yield the tests that are for *prefix*."""
        for program in self.suite.programs:
            for name in program.tests:
                if not self._lacks(prefix, program, name):
                    yield program, name

    def _not_for(self, prefix: Prefix) -> Case:
        """Return the case of the tests that are not for *prefix*."""
        lacking: dict[str, list[str]] = {}
        for program in self.suite.programs:
            for name in program.tests:
                lacks = self._lacks(prefix, program, name)
                if lacks:
                    lacking.setdefault(" and ".join(lacks), []).append(f"{program.name}/{name}")
        level = Level.WARNING if prefix is self.subject.prefixes.last else Level.NOTE
        place = Place(f"{self.suite.label}/{FILE}")
        findings = [
            Finding(_NOT_FOR, level, f"{prefix}: without {need}, {', '.join(names)}", place)
            for need, names in lacking.items()
        ]
        return Case(f"tests for {prefix}", tuple(findings), patch=prefix.patch)

    def _wanted(self, tests: Sequence[Test]) -> dict[int, list[Program]]:
        """Return which programs are built for which prefix: those with tests, what they run, and the unpatched ones."""
        wanted: dict[int, dict[str, Program]] = {}
        base = self.subject.baseline
        for test in tests:
            programs = [test.program, *map(self.suite.program, test.program.runs)]
            for program in programs:
                wanted.setdefault(test.prefix.number, {})[program.name] = program
                if base is not None and PEER in test.needs:
                    wanted.setdefault(base.number, {})[program.name] = program
        return {number: list(listed.values()) for number, listed in wanted.items()}

    def _lists(self, tests: Sequence[Test]) -> list[tuple[Prefix, Program, frozenset[str]]]:
        """Return each program of each prefix with the names of the tests that it must have."""
        found: dict[tuple[int, str], tuple[Prefix, Program, set[str]]] = {}
        for test in tests:
            entry = found.setdefault((test.prefix.number, test.program.name), (test.prefix, test.program, set()))
            entry[2].add(test.name)
        return [(prefix, program, frozenset(names)) for prefix, program, names in found.values()]

    def _listed(self, runner: TestRunner, prefix: Prefix, program: Program, names: frozenset[str]) -> Case:
        """Return the case of whether a program has the tests that it is said to have, and no others."""
        title = f"{program.name}, {prefix}"
        has = runner.tests_of(prefix, program)
        if has is None:
            return Case(title, patch=prefix.patch)
        place = Place(f"{self.suite.label}/{FILE}")
        findings = [
            Finding(_LISTS, Level.ERROR, f"{program.name}: {text} {name}, on {prefix}", place)
            for text, wrong in (
                ("has no test", names - has),
                ("behaviour.toml does not list", has - program.tests.keys()),
            )
            for name in sorted(wrong)
        ]
        return Case(title, tuple(findings), patch=prefix.patch)
