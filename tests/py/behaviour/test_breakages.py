# SPDX-License-Identifier: GPL-3.0-or-later
"""A test of the tests: each thing that tests/c/breakages.toml breaks makes the test fail that it names."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from _cloud import cloud
from _guest import x86_guest
from _programs import LAST, ROOT, broken, built_of, subject
from buildcheck.generator import Generator
from buildcheck.prefixes import Prefixes
from buildcheck.suite import PEER, Suite
from buildcheck.testbuild import SANITIZERS, TestBuilder
from buildcheck.testrun import Test, TestRunner

if TYPE_CHECKING:
    from pathlib import Path

    from buildcheck.prefixes import Prefix
    from buildcheck.report import Case

LISTED = tomllib.loads((ROOT / "tests/c/breakages.toml").read_text(encoding="utf-8"))["breakage"]
IN_C = [one for one in LISTED if one["fails"] != "chain"]
IN_THE_CHAIN = [one for one in LISTED if one["fails"] == "chain"]
NAMED = sorted({one["fails"] for one in IN_C})


def case(prefix: Prefix, name: str) -> Case:
    """Return the case of one C test on a prefix."""
    whole = subject()
    chosen = (whole.prefixes.all[0], prefix)
    of = replace(whole, prefixes=Prefixes(chosen), chosen=chosen)
    suite = Suite.open(ROOT / "tests/c/behaviour")
    builder = TestBuilder(of, suite, Generator(of.store), Generator(of.store, SANITIZERS))
    for one in chosen:
        builder.facts[one.number] = suite.holding(one.tree) | {PEER}
    program = suite.program(name.partition("/")[0])
    programs = [program, *map(suite.program, program.runs)]
    test = Test(prefix, program, name.partition("/")[2])
    numbers = {prefix.number, chosen[0].number} if PEER in test.needs else {prefix.number}
    runner = TestRunner(suite, of, builder.build(dict.fromkeys(numbers, programs)), builder.place)
    assert runner.can_run(test), [one.findings for built in runner.built.values() for one in built.values()]
    return runner.case(test)


def last() -> Prefix:
    return subject().prefixes.all[LAST]


def test_there_are_twelve_and_each_has_a_name_of_its_own() -> None:
    assert len(LISTED) >= 12
    assert len({one["name"] for one in LISTED}) == len(LISTED)


@pytest.mark.parametrize("name", NAMED)
def test_nothing_is_broken_and_the_named_test_passes(name: str) -> None:
    assert case(last(), name).findings == ()


@pytest.mark.parametrize("one", IN_C, ids=lambda one: one["name"])
def test_the_named_test_fails(one: dict[str, str]) -> None:
    found = case(broken(last(), one["file"], one["find"], one["replace"]), one["fails"]).findings
    assert [finding.slug.name for finding in found] == ["test-fails"]


@pytest.mark.parametrize("one", IN_THE_CHAIN, ids=lambda one: one["name"])
def test_an_x86_guest_does_not_get_through(one: dict[str, str], tmp_path: Path) -> None:
    programs = built_of(broken(last(), one["file"], one["find"], one["replace"]), subject())
    with cloud(tmp_path, programs) as there, pytest.raises(AssertionError):
        x86_guest(there)
