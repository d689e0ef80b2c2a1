# SPDX-License-Identifier: GPL-3.0-or-later
"""One C test run: in a folder of its own, with the programs that it runs beside it, and remembered when it passed.

A test runs in a process of its own, so that one that crashes or leaks is that one and no other. Its folder
has ``bin/`` with the programs of the suite built for its prefix, ``base/`` with those of the unpatched
tree, and ``tree/`` with the files that behaviour.toml says it reads.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import Finding, Level, PatchgenError, Place, Slug

from . import cmocka, programs
from .report import Case
from .store import key, own
from .suite import PEER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .prefixes import Prefix
    from .subject import Subject
    from .suite import Program, Suite
    from .testbuild import Linked

__all__ = ["Test", "TestRunner"]

_FAILS = Slug.define(
    "test-fails",
    """A C test of the patched tree failed: an assertion, a sanitizer's report, a leak, a signal, or no end in
    its time. The place is that of the assertion, or the one that the sanitizer names.""",
)
_ENVIRONMENT = {
    # What malloc() gives is filled, all of it, so that what is never written is not zero by chance.
    "ASAN_OPTIONS": "detect_leaks=1:exitcode=99:detect_stack_use_after_return=1:log_path=sanitizer"
    ":max_malloc_fill_size=16777216:malloc_fill_byte=190",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99:log_path=sanitizer",
    "CMOCKA_MESSAGE_OUTPUT": "XML",
    "CMOCKA_XML_FILE": "result.xml",
}
_LIST = "--list"
_THOROUGH = "BEHAVIOUR_THOROUGH"
"""Is set for a test that is to do all that it can."""

_MORE_TIME = 20
_LARGEST = 1 << 32
"""Bytes in a file that a test may write, so that a loop without an end does not fill the disk (SIGXFSZ). A service
may map a cache that is larger than memory, with holes in it."""


@dataclass(frozen=True, slots=True)
class Test:
    """One test on one prefix."""

    __test__ = False  # pytest takes it for a test

    prefix: Prefix
    program: Program
    name: str

    @property
    def needs(self) -> frozenset[str]:
        """The facts that it needs."""
        return frozenset((*self.program.needs, *self.program.tests[self.name]))

    def __str__(self) -> str:
        return f"{self.program.name}/{self.name}"


@dataclass(frozen=True, slots=True)
class TestRunner:
    """Runs tests of a suite whose programs are built.

    :param built: the programs by name, for each prefix by its number.
    :param place: makes the path of a file what a person knows it by.
    :param under: a program and its options that each test is run under.
    """

    __test__ = False

    suite: Suite
    subject: Subject
    built: Mapping[int, Mapping[str, Linked]]
    place: Callable[[str], str]
    under: tuple[str, ...] = ()

    def can_run(self, test: Test) -> bool:
        """Whether everything that the test runs is built."""
        return all(linked.path is not None for linked in self._programs(test).values())

    def tests_of(self, prefix: Prefix, program: Program) -> frozenset[str] | None:
        """Return the names of the tests that are in a program; None where it is not built.

        :raises ProgramError: it does not end.
        """
        linked = self.built[prefix.number][program.name]
        if linked.path is None:
            return None
        name = key("tests", linked.identity)
        known = self.subject.store.recall(name)
        if not isinstance(known, list):
            with self.subject.store.scratch() as scratch:
                done = programs.run((linked.path, _LIST), Path(scratch), _ENVIRONMENT)
            known = done.out.decode("utf-8", "replace").split() if not done.status else []
            if known:
                self.subject.store.remember(name, known)
        return frozenset(known)

    def case(self, test: Test) -> Case:
        """Return the case of a test; one that passed is not run again while nothing is another."""
        name = self._key(test)
        title = f"{test}, {test.prefix}"
        if self.subject.store.recall(name) == "passed":
            return Case(title, patch=test.prefix.patch)
        try:
            failure = self._run(test)
        except PatchgenError as error:
            failure = cmocka.Failure(error.finding.message)
        self.subject.progress(title)
        if failure is None:
            self.subject.store.remember(name, "passed")
            return Case(title, patch=test.prefix.patch)
        place = Place(self.place(failure.path or f".behaviour-tests/{test.program.sources[0]}"), failure.line)
        found = Finding(_FAILS, Level.ERROR, f"{test}: {failure.message}", place, self._help(test))
        return Case(title, (found,), patch=test.prefix.patch)

    def _help(self, test: Test) -> str:
        return f"on the tree with {test.prefix}" if test.prefix.patch and self.subject.patches else ""

    def _programs(self, test: Test) -> dict[str, Linked]:
        """Return what the test can run, by the path in its folder."""
        names = (test.program.name, *test.program.runs)
        found = {f"bin/{name}": self.built[test.prefix.number][name] for name in names}
        base = self.subject.baseline
        if base is not None and PEER in test.needs:
            found |= {f"base/{name}": self.built[base.number][name] for name in names}
        return found

    def _read(self, test: Test) -> dict[str, bytes]:
        """Return the files that the test reads, by the path in its folder."""
        tree = test.prefix.tree
        listed = (path for path in test.prefix.files if any(fnmatchcase(path, glob) for glob in test.program.reads))
        found = {f"tree/{path}": tree.read(path) for path in listed}
        return found | {f"data/{name}": self.suite.files[name] for name in test.program.data}

    def _key(self, test: Test) -> str:
        parts: list[str | bytes] = [
            "test",
            own("testrun", "cmocka"),
            test.name,
            str(self.subject.thorough),
            *self.under,
        ]
        for path, linked in self._programs(test).items():
            parts += [path, linked.identity]
        for path, data in self._read(test).items():
            parts += [path, data]
        return key(*parts)

    def _run(self, test: Test) -> cmocka.Failure | None:
        """Run the test; return why it failed, None where it passed.

        :raises ProgramError: it does not end.
        """
        with self.subject.store.scratch() as scratch:
            folder = Path(scratch)
            for path, linked in self._programs(test).items():
                (folder / path).parent.mkdir(exist_ok=True)
                (folder / path).symlink_to(linked.path or "")
            for path, data in self._read(test).items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
                (folder / path).chmod(0o755 if data.startswith(b"#!") else 0o644)
            bounded = ("prlimit", f"--fsize={_LARGEST}")
            words: list[str | Path] = [*bounded, *self.under, folder / f"bin/{test.program.name}", test.name]
            thorough = {_THOROUGH: "1"} if self.subject.thorough else {}
            seconds = test.program.seconds * (_MORE_TIME if thorough or self.under else 1)
            done = programs.run(words, folder, _ENVIRONMENT | thorough, seconds=seconds)
            return _verdict(folder, test.name, done)


def _verdict(folder: Path, name: str, done: programs.Done) -> cmocka.Failure | None:
    """Return why the test failed: the assertion, else the sanitizer (a failed assertion leaks, too), else its end."""
    failure: cmocka.Failure | None = None
    try:
        failure = cmocka.read((folder / "result.xml").read_bytes(), name)
    except FileNotFoundError:
        failure = cmocka.Failure("it ended before it had a result")
    except (OSError, ValueError) as error:
        failure = cmocka.Failure(f"its result cannot be read: {error}")
    found = list(_reports(folder))
    if failure is not None and failure.line:
        # A program that the test runs may be the cause; that the failed test itself leaks is none.
        more = (one for where, one in found if where != folder or "leak" not in one.message)
        return replace(
            failure, message="; ".join([failure.message, *(f"{m.path}:{m.line}: {m.message}" for m in more)])
        )
    if found:
        return found[0][1]
    if done.status < 0:
        return cmocka.Failure(f"ended by {signal.Signals(-done.status).name}: {done.last_words}")
    if done.status:
        return cmocka.summary(done.err.decode("utf-8", "replace")) or failure or _ended(done)
    return failure


def _reports(folder: Path) -> Iterator[tuple[Path, cmocka.Failure]]:
    """Yield what the sanitizers said of each process, with the folder that it ran in."""
    for path in sorted(folder.rglob("sanitizer.*")):
        text = path.read_text(encoding="utf-8", errors="replace")
        yield path.parent, cmocka.summary(text) or cmocka.Failure(f"a sanitizer says: {text.strip()[:200]}")


def _ended(done: programs.Done) -> cmocka.Failure:
    return cmocka.Failure(f"ended with status {done.status}: {done.last_words}")
