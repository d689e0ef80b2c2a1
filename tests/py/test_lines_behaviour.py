# SPDX-License-Identifier: GPL-3.0-or-later
"""The C tests on the other lines of upstream: those of 2.0, on each tree with our whole series on it."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from _lines import LINES, ROOT, made
from _programs import broken, case, subject
from buildcheck.checks import behaviour
from buildcheck.suite import Suite
from patchgen.cli import main as patchgen

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildcheck.subject import Subject

TESTS = ROOT / "tests/c/behaviour"
BREAKAGES = tomllib.loads((ROOT / "tests/c/breakages-of-lines.toml").read_text(encoding="utf-8"))["breakage"]
BROKEN = [(line, one) for one in BREAKAGES for line in one["lines"]]

NOT_FOR: dict[str, set[str]] = {
    "1.6": set(),
    "trunk": {"beside/a_name_fits_or_is_none", "beside/what_is_committed_is_said_as_write_says_it"},
    "3.x": {
        "beside/a_name_fits_or_is_none",  # storage.c has no checkpoint
        "beside/what_is_committed_is_said_as_write_says_it",
        "sweep/what_libvirt_knows_stays",  # there is no sweep
        "sweep/while_libvirt_cannot_be_asked_everything_stays",
        "sweep/while_libvirt_is_in_trouble_everything_stays",
        "node/a_hostile_word_of_an_instance_reaches_nothing",  # nor a shell that makes the domain
        "node/an_option_that_does_not_fit_is_refused",
        "node/a_good_word_reaches_the_generator_as_it_is",
    },
}
"""The C tests that a line has nothing for."""


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Subject]:
    """Return what makes the series on a line, once."""

    @cache
    def on(line: str) -> Subject:
        folder = tmp_path_factory.mktemp("behaviour")
        tree, patches = made(line, folder / line), folder / "patches"
        places = ["--upstream", str(tree), "--semantic", str(ROOT / "semantic"), "--patches", str(patches)]
        done = CliRunner().invoke(patchgen, ["refresh", "-q", *places])
        assert done.exit_code == 0, done.output
        return subject(tree, patches)

    return on


def names() -> set[str]:
    return {f"{program.name}/{test}" for program in Suite.open(TESTS).programs for test in program.tests}


def ran(whole: Subject, only: tuple[str, ...] = ()) -> set[str]:
    """Return the names of the C tests that ran on the whole series, and passed."""
    of = replace(whole, tests=TESTS, chosen=(whole.prefixes.all[0], whole.prefixes.last), only=only)
    cases = list(behaviour.run(of))
    wrong = [one for case in cases for one in case.findings if one.slug.name not in {"test-not-for", "only-some-tests"}]
    assert not wrong, "\n".join(map(str, wrong))
    return {case.name.partition(", ")[0] for case in cases} & names()


def test_what_a_line_has_nothing_for_is_named() -> None:
    assert set(NOT_FOR) == set(LINES)
    assert set().union(*NOT_FOR.values()) <= names()


IN_CHECK = (
    "allocate/nothing_is_given",
    "allocate/each_argument_lands_in_its_member",
    "allocate/each_argument_is_left_out",
    "client/its_architecture_too",
    "client/without_architecture_every_byte_is_as_before",
    "checkpoint/one_of_the_unpatched_version_is_adopted",
    "node/what_cannot_run_here_is_refused",
    "node/a_good_word_of_a_request_goes_all_the_way",
)
"""One or two of each part of the way of an architecture."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("line", LINES)
def test_an_architecture_comes_from_the_wire_to_the_domain(series: Callable[[str], Subject], line: str) -> None:
    assert ran(series(line), IN_CHECK) == set(IN_CHECK)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("line", LINES)
def test_every_c_test_that_is_for_it_passes(series: Callable[[str], Subject], line: str) -> None:
    assert ran(series(line)) == names() - NOT_FOR[line]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("line", "one"), BROKEN, ids=[f"{line} {one['name']}" for line, one in BROKEN])
def test_the_named_test_fails(series: Callable[[str], Subject], line: str, one: dict[str, str]) -> None:
    whole = series(line)
    prefix = broken(whole.prefixes.last, one["file"], one["find"], one["replace"])
    assert [finding.slug.name for finding in case(whole, prefix, one["fails"]).findings] == ["test-fails"]
