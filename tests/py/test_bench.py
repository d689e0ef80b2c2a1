# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark's own arithmetic and files. Nothing is timed here: `make bench` does that."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

import clutter
from guests import starts
from measure import BenchError, Command, Median, Row, alternate, table
from patchgen.syntax import faults
from proving import proving
from soap import round_trips, times

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("ours", "theirs", "target", "missed"),
    [(1.0, 2.0, 0.5, False), (1.01, 2.0, 0.5, True), (9.0, 1.0, None, False), (-0.1, 1.0, 0.5, False)],
)
def test_a_target_is_missed_above_it(ours: float, theirs: float, target: float | None, missed: bool) -> None:
    assert Row("x", ours, "peer", theirs, target).missed == missed


def test_the_table_marks_what_is_missed() -> None:
    rows = [Row("a", 1, "peer", 4, 0.5), Row("b", 3, "peer", 4, 0.5), Row("c", 2 << 20, "bound", 4 << 20, unit="B")]
    assert table(rows).splitlines() == [
        "what     ours  beside   theirs  ratio  target",
        "a     1.000 s  peer    4.000 s   0.25  <= 0.5  met",
        "b     3.000 s  peer    4.000 s   0.75  <= 0.5  missed",
        "c        2 MB  bound      4 MB   0.50",
    ]


def test_the_commands_take_turns_and_are_prepared(tmp_path: Path) -> None:
    seen: list[str] = []
    commands = [
        Command(name, (sys.executable, "-c", "pass"), tmp_path, prepare=partial(seen.append, name))
        for name in ("ours", "peer")
    ]
    found = alternate(commands, 2)
    assert seen == ["ours", "peer"] * 2
    assert found.keys() == {"ours", "peer"}
    assert all(isinstance(one, Median) and one.seconds > 0 and one.peak > 1 << 20 for one in found.values())


@pytest.mark.parametrize(("words", "status"), [("raise SystemExit(3)", 0), ("print('no')", 0), ("pass", 1)])
def test_a_command_that_does_not_do_its_work_is_not_timed(words: str, status: int, tmp_path: Path) -> None:
    command = Command("x", (sys.executable, "-c", words), tmp_path, check=lambda said: b"no" not in said, status=status)
    with pytest.raises(BenchError, match="x did not do its work"):
        alternate([command], 1)


def test_the_other_files_are_c_of_the_promised_size_and_always_the_same(tmp_path: Path) -> None:
    for place in ("one", "two"):
        clutter.write(tmp_path / place, 101)
    files = {path.relative_to(tmp_path / "one"): path.read_bytes() for path in (tmp_path / "one").rglob("*.c")}
    assert len(files) == 101
    assert all(data.count(b"\n") == clutter.LINES for data in files.values())
    assert files == {path.relative_to(tmp_path / "two"): path.read_bytes() for path in (tmp_path / "two").rglob("*.c")}
    assert not any(faults(str(path), data) for path, data in files.items())


def test_the_round_trip_says_what_it_measured() -> None:
    assert times("generated 1500 ns\nlibxml2 by hand 1000 ns\nratio 1.50\n") == (1.5, 1.0)
    with pytest.raises(BenchError, match="does not say what it measured"):
        times("")


def test_the_round_trip_is_built_and_both_sides_agree(root: Path, tmp_path: Path) -> None:
    """The program compares the values that both end with; a time says nothing here, but that there is one."""
    (row,) = round_trips(root, tmp_path, rounds=20)
    assert row.ours > 0
    assert row.theirs > 0
    assert row.target == 2.0


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_guest_is_started_both_ways(root: Path, tmp_path: Path) -> None:
    """Each start ends with the guest's own line; a time says nothing here, but that there is one."""
    (row,) = starts(root, tmp_path, rounds=1)
    assert row.ours > 0
    assert row.theirs > 0
    assert row.target == 1.3


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_layout_and_calls_are_timed_and_the_peers_name_the_new_member(root: Path, tmp_path: Path) -> None:
    """Each command proves, or shows, what it is timed for; a time says nothing here, but that there is one."""
    rows = list(proving(root, root / "patches", tmp_path, rounds=1))
    assert [row.target for row in rows] == [15, 2, 1, None, None]
    assert all(row.ours > 0 and row.theirs > 0 for row in rows)
