# SPDX-License-Identifier: GPL-3.0-or-later
"""All that patchgen reads, fuzzed: no error but a PatchgenError, no hang, no memory beyond a bound."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fuzz import __main__ as program
from fuzz.targets import CORPUS, TARGETS, seeds
from patchgen.findings import PatchgenError

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent


def fuzz(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fuzz", "--found", folder / "found", *words],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_of_the_corpus_does_harm(target: str) -> None:
    kept = seeds(target)
    assert len(kept) > 1 or target == "recognise"
    assert sum(map(len, kept)) < 200_000, "the corpus is kept small"
    taken = 0
    for data in kept:
        try:
            TARGETS[target](data)
            taken += 1
        except PatchgenError:
            continue
    assert taken, "some of it is taken, so that what is made of it is not all refused at the door"


def test_each_target_has_a_folder_or_files_of_this_repository() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} <= {*TARGETS}


def test_some_thousand_changes_do_no_harm(tmp_path: Path) -> None:
    done = fuzz(tmp_path, "--runs", "8000", "--seed", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8000 runs, 0 sorts of wrong" in done.stdout


def spin(_: bytes) -> None:
    while True:
        pass


def grow(_: bytes) -> None:
    bytes(4 << 30)


def fail(_: bytes) -> None:
    raise IndexError


@pytest.mark.parametrize("target", [spin, grow, fail])
def test_what_goes_wrong_is_noticed(
    tmp_path: Path, target: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process of its own, for it limits the memory."""
    monkeypatch.setattr(program, "_SECONDS", 0.2)
    pid = os.fork()
    if pid == 0:
        TARGETS["series"] = target  # which has few files to begin with
        status = 2
        try:
            status = program.main(["--runs", "1", "--target", "series", "--found", str(tmp_path)])
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    assert list(tmp_path.glob("series-*"))


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_million_changes_do_no_harm(tmp_path: Path) -> None:
    done = fuzz(tmp_path, "--runs", "1000000")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
