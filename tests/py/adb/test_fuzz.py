# SPDX-License-Identifier: GPL-3.0-or-later
"""The fuzz target, for a moment: its kept corpus, and the same few thousand changes of it each time."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from adb.harness import FUZZ, fuzzer

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = FUZZ / "corpus/soap"


def fuzz(folder: Path, *options: str) -> str:
    (folder / "found").mkdir()
    done = subprocess.run(
        [fuzzer(), "-close_fd_mask=2", f"-dict={FUZZ / 'soap.dict'}", *options, folder / "found", CORPUS],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stderr


def test_nothing_of_the_corpus_does_harm(tmp_path: Path) -> None:
    files = len(list(CORPUS.iterdir()))
    assert files > 20
    assert f"seed corpus: files: {files} " in fuzz(tmp_path, "-runs=0")


def test_a_few_thousand_changes_do_no_harm(tmp_path: Path) -> None:
    said = fuzz(tmp_path, "-runs=10000", "-seed=3", "-max_len=4096")
    assert "Done 10000 runs" in said


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_million_changes_do_no_harm(tmp_path: Path) -> None:
    assert "Done 1000000 runs" in fuzz(tmp_path, "-runs=1000000", "-max_len=4096")
