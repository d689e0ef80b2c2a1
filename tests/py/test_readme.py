# SPDX-License-Identifier: GPL-3.0-or-later
"""The front page tells the truth: its transcripts are run, its paths and targets are there.

An indented block of README.source whose first line starts with ``$ `` is a transcript: commands,
each followed by what it prints. A line of three dots stands for any lines, three dots in a line for
any text. A block without a command is only read.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.source").read_text(encoding="utf-8")


def blocks() -> list[str]:
    """Return the indented blocks, without their indentation; one blank line does not end a transcript."""
    found = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", README, re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in found]


TRANSCRIPTS = [block for block in blocks() if block.startswith("$ ")]


@pytest.fixture
def desk(clone: Path) -> Path:
    """Return the clone, with the reference tree beside it as the tarball and as the package."""
    (clone / "build").mkdir()
    tarball = clone.parent / "eucalyptus_2.0.3.orig.tar.gz"
    subprocess.run([clone / "tools/reference-tarball", tarball], check=True)
    package = clone.parent / "eucalyptus-2.0.3"
    (package / "debian").mkdir(parents=True)
    subprocess.run(["tar", "-xzf", tarball, "-C", package, "--strip-components=1"], check=True)
    return clone


def transcript(block: str, folder: Path, environment: dict[str, str]) -> str:
    """Run the commands of *block* in one shell, and return what a person would see."""
    script = ["exec 2>&1"]
    for line in block.splitlines():
        if line.startswith("$ "):
            # The status must still be that of the command before: `echo $?` is one of the commands.
            script += [f"(s=$?; cat <<'END'\n{line}\nEND\nexit $s)", line[2:]]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout


def pattern(block: str) -> re.Pattern[str]:
    """Return what a transcript must look like; blank lines between two commands are for the eye."""
    lines = re.sub(r"\n+(?=\$ )", "\n", block.rstrip("\n")).split("\n")
    return re.compile("".join(r"(?:.*\n)*?" if line == "..." else _line(line) + r"\n" for line in lines))


def _line(text: str) -> str:
    return re.escape(text).replace(r"\.\.\.", ".*").replace(r"\ .*\ ", r"\ (?:.*\ )?")


def test_the_transcripts_of_the_front_page_are_true(desk: Path, home: dict[str, str]) -> None:
    assert len(TRANSCRIPTS) > 5
    for block in TRANSCRIPTS:
        seen = transcript(block, desk, home)
        assert pattern(block).fullmatch(seen), f"the front page says:\n{block}\nbut this is so:\n{seen}"


@pytest.mark.parametrize(
    ("block", "seen", "fits"),
    [
        ("$ a\nx ... z\n", "$ a\nx y z\n", True),
        ("$ a\nx ... z\n", "$ a\nx z\n", True),
        ("$ a\nx\n", "$ a\ny\n", False),
        ("$ a\n...\nz\n", "$ a\nx\ny\nz\n", True),
        ("$ a\n...\nz\n", "$ a\nz\n", True),
        ("$ a\n...\nz\n", "$ a\nz\ny\n", False),
        ("$ a\n\n$ b\n", "$ a\n$ b\n", True),
        ("$ a\nx.y\n", "$ a\nx-y\n", False),
    ],
)
def test_a_transcript_fits_what_it_says_and_nothing_else(block: str, seen: str, *, fits: bool) -> None:
    assert bool(pattern(block).fullmatch(seen)) == fits


def test_the_front_page_names_the_two_commands_first() -> None:
    assert blocks()[0] == "make demo\nmake check\n"


def test_the_ci_runs_the_test_command_of_the_front_page_and_nothing_else() -> None:
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if not line.startswith("#")]
    assert commands == ['cd "$(dirname "$0")/.." && exec make check']
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_what_the_front_page_points_to_is_there() -> None:
    named = set(re.findall(r"(?<![\w./-])((?:docs|tests|tools|semantic|patches|bench|changes)/[\w./-]*)", README))
    missing = sorted(name for name in named if "NAME" not in name and not (ROOT / name.rstrip(".")).exists())
    assert not missing
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([\w-]+)`", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_no_line_of_the_front_page_is_too_long_to_read() -> None:
    prose = [line for line in README.splitlines() if not line.startswith("    ")]
    assert max(map(len, prose)) <= 112
