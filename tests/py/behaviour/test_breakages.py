# SPDX-License-Identifier: GPL-3.0-or-later
"""A test of the tests: each thing that tests/c/breakages.toml breaks makes the test fail that it names."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from _cloud import cloud
from _guest import x86_guest
from _programs import LAST, ROOT, broken, built_of, case, subject

if TYPE_CHECKING:
    from pathlib import Path

    from buildcheck.prefixes import Prefix

LISTED = tomllib.loads((ROOT / "tests/c/breakages.toml").read_text(encoding="utf-8"))["breakage"]
IN_C = [one for one in LISTED if one["fails"] != "chain"]
IN_THE_CHAIN = [one for one in LISTED if one["fails"] == "chain"]
NAMED = sorted({one["fails"] for one in IN_C})


def last() -> Prefix:
    return subject().prefixes.all[LAST]


def test_there_are_twelve_and_each_has_a_name_of_its_own() -> None:
    assert len(LISTED) >= 12
    assert len({one["name"] for one in LISTED}) == len(LISTED)


@pytest.mark.parametrize("name", NAMED)
def test_nothing_is_broken_and_the_named_test_passes(name: str) -> None:
    assert case(subject(), last(), name).findings == ()


@pytest.mark.parametrize("one", IN_C, ids=lambda one: one["name"])
def test_the_named_test_fails(one: dict[str, str]) -> None:
    found = case(subject(), broken(last(), one["file"], one["find"], one["replace"]), one["fails"]).findings
    assert [finding.slug.name for finding in found] == ["test-fails"]


@pytest.mark.parametrize("one", IN_THE_CHAIN, ids=lambda one: one["name"])
def test_an_x86_guest_does_not_get_through(one: dict[str, str], tmp_path: Path) -> None:
    programs = built_of(broken(last(), one["file"], one["find"], one["replace"]), subject())
    with cloud(tmp_path, programs) as there, pytest.raises(AssertionError):
        x86_guest(there)
