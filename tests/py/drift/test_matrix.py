# SPDX-License-Identifier: GPL-3.0-or-later
"""Twelve kinds of upstream change, other ones for each state of the engine; `make drift` runs all, and the peers.

Nothing may be silently wrong, what is refused must be listed in ``bench/drift/failing`` with its slugs, and what
is listed there must be refused: a fix has to take its file away.
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path

import pytest

from drift.kinds import kinds
from drift.matrix import FAILING, Square, cell, square
from drift.oracle import Judge, OracleError, Verdict
from drift.scene import NotHereError
from drift.subject import COMMITTED, SUBJECTS, Subject
from drift.tools import patchgen

COUNT = 12
ENGINE = Path(__file__).resolve().parents[3] / "tools/patchgen"


@cache
def subject(name: str) -> Subject:
    return Subject.open(name)


def chosen() -> list[str]:
    """Return the kinds whose names, hashed with the engine's own bytes, come first."""
    engine = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(ENGINE.rglob("*.py")))).digest()
    return sorted(kinds(), key=lambda name: hashlib.sha256(engine + name.encode()).digest())[:COUNT]


@pytest.mark.parametrize("kind", chosen())
@pytest.mark.parametrize("name", COMMITTED)
def test_a_kind_of_change_is_followed_or_refused_as_listed(name: str, kind: str) -> None:
    found = cell(subject(name), kinds()[kind], peers=False)
    if found is None:  # the subject has nothing that it could happen to: then another one must have
        return
    assert not found.fault, found.said
    assert found.churn == 0


def test_there_are_sixty_kinds_at_least() -> None:
    assert len(kinds()) >= 60
    assert all(kind.what for kind in kinds().values())


def test_what_is_listed_as_refused_is_a_kind_and_has_slugs_and_a_reason() -> None:
    for path in FAILING.rglob("*.toml"):
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
        assert path.parent.name in SUBJECTS
        assert path.stem in kinds()
        assert listed["slugs"]
        assert len(listed["why"].split()) > 4, path


WRONG = {
    "a call left out": ("queue.c", b"owner, colour, copies);\n    if", b"owner, copies);\n    if"),
    "an argument at another place": ("queue.c", b"owner, colour, copies);\n    if", b"colour, owner, copies);\n    if"),
    "a member elsewhere": ("spool.h", b"    int number;\n    char title", b"    char number;\n    char title"),
    "an element elsewhere": ("spool.xsd", b'<xs:element name="number"', b'<xs:element name="numbers"'),
    "a word in Perl": ("gen_ticket.pl", b"my $colour = ''", b"my $colour = 1"),
    "a variable of make": ("Makefile", b"-DWITH_COLOUR", b"-DWITH_COLOURS"),
}


@pytest.mark.parametrize(("path", "old", "new"), WRONG.values(), ids=WRONG)
def test_the_oracle_sees(path: str, old: bytes, new: bytes) -> None:
    spool = subject("spool")
    right = spool.series.stages[-1]
    judge = Judge(spool.compiler, right, right)
    assert judge.wrong(dict(right)) == ""
    assert old in right[path]
    assert judge.wrong({**right, path: right[path].replace(old, new)})


def test_the_oracle_does_not_mind_layout_and_order() -> None:
    spool = subject("spool")
    right = spool.series.stages[-1]
    other = {**right, "job.c": right["job.c"].replace(b"    ", b"\t").replace(b"job_new(", b"job_new (")}
    assert Judge(spool.compiler, right, right).wrong(other) == ""


def test_a_change_that_breaks_the_program_itself_is_no_square() -> None:
    spool = subject("spool")
    right = dict(spool.series.stages[-1])
    right["job.c"] = right["job.c"].replace(b"int length", b"int lengths")
    with pytest.raises(OracleError):
        Judge(spool.compiler, right, right).check(spool.series.stages[-1])


def test_each_square_changes_something_and_what_upstream_adds_is_in_both() -> None:
    spool, found = subject("spool"), list[Square]()
    for name in ("calls-in-a-new-function", "structs-member-last", "parameters-added-last", "merged-all-of-the-series"):
        try:
            found.append(square(spool, kinds()[name]))
        except NotHereError:
            pytest.fail(name)
    assert all(one.drifted != spool.files for one in found)
    assert b"drift_probe" in found[0].right["queue.c"]
    assert found[-1].right == spool.series.stages[-1]


def test_a_refusal_is_no_right_answer_but_where_only_a_person_can_say() -> None:
    spool = subject("spool")
    found = cell(spool, kinds()["merged-the-member-of-another-type"], peers=False)
    assert found is not None
    assert found.verdicts["patchgen"] is Verdict.RIGHT
    assert patchgen(spool.series, square(spool, kinds()["merged-the-member-of-another-type"]).drifted).files is None
