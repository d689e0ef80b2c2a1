# SPDX-License-Identifier: GPL-3.0-or-later
"""A refresh says in debian/changelog what it did, where and as dch would."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from debian.changelog import Changelog as Parsed

from _engine import FIELD, Work, semantic
from patchgen.changelog import lines

if TYPE_CHECKING:
    from pathlib import Path

RELEASED = (
    "demo (1.0-1) unstable; urgency=low\n\n  * First.\n\n -- A B <a@example.org>  Fri, 04 Mar 2011 10:00:00 +0100\n"
)
OPEN = (
    "demo (1.0-2) UNRELEASED; urgency=low\n\n  * Mine.\n\n -- A B <a@example.org>  Sat, 05 Mar 2011 10:00:00 +0100\n\n"
    + RELEASED
)
REFRESHED = "  * Refresh the patches on tree:\n    - new: 1-title.patch, 2-field.patch, 3-pass.patch.\n"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DEBFULLNAME", "C Ü")
    monkeypatch.setenv("DEBEMAIL", "c@example.org")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300000000")
    work = Work(tmp_path)
    work.patches = tmp_path / "debian/patches"
    work.patches.parent.mkdir()
    (tmp_path / "debian/changelog").write_text(RELEASED, encoding="utf-8")
    return work


def log(work: Work) -> str:
    return (work.folder / "debian/changelog").read_text(encoding="utf-8")


def test_a_new_entry_is_made_where_the_newest_is_released(work: Work) -> None:
    work.refreshed("--changelog")
    assert log(work) == (
        f"demo (1.0-2) UNRELEASED; urgency=medium\n\n{REFRESHED}\n"
        f" -- C Ü <c@example.org>  Sun, 13 Mar 2011 07:06:40 +0000\n\n{RELEASED}"
    )
    assert str(Parsed(log(work), strict=True)) == log(work)
    said = subprocess.run(
        ["dpkg-parsechangelog", "-l", work.folder / "debian/changelog", "-S", "Version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (said.stdout, said.stderr) == ("1.0-2\n", "")
    after = log(work)
    work.refreshed("--changelog")
    assert log(work) == after, "a refresh that writes nothing says nothing"


def test_an_entry_that_is_not_released_is_added_to(work: Work) -> None:
    (work.folder / "debian/changelog").write_text(OPEN, encoding="utf-8")
    work.refreshed("--changelog")
    assert log(work) == OPEN.replace("  * Mine.\n", f"  * Mine.\n{REFRESHED}", 1)
    work.write({"2-field": semantic(FIELD.replace("16", "32"))})
    work.refreshed("--changelog")
    assert "    - changed: 2-field.patch.\n" in log(work)


def test_without_the_option_nothing_is_said(work: Work) -> None:
    work.refreshed()
    assert work.run("refresh", "--changelog", "--check").status == 0
    assert log(work) == RELEASED


BAD = {
    "gone": None,
    "empty": "",
    "damaged": "demo 1.0-1\n",
    "Latin-1": "x",
    "a version that cannot be counted on": RELEASED.replace("1.0-1", "1.0-1~bpo"),
    "a native version": RELEASED.replace("1.0-1", "1.0"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_changelog_that_cannot_be_added_to_stops_the_refresh(work: Work, case: str) -> None:
    path = work.folder / "debian/changelog"
    text = BAD[case]
    if text is None:
        path.unlink()
    else:
        path.write_bytes(b"\xff" if case == "Latin-1" else text.encode())
    ran = work.refresh("--changelog")
    assert ran.status == 2, ran.out
    assert ran.slugs == {"changelog-unusable"}
    assert not work.patches.exists()


@pytest.mark.parametrize("name", ["DEBFULLNAME", "DEBEMAIL"])
def test_nobody_is_invented(work: Work, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    assert work.refresh("--changelog").slugs == {"changelog-unusable"}
    assert not work.patches.exists()


def test_long_lists_are_wrapped_as_policy_wants() -> None:
    names = [f"a-rather-long-name-{number}.patch" for number in range(9)]
    after = "".join(f"{name}\n" for name in names).encode()
    found = lines(b"gone.patch\n", after, [*names, "series"], "git:../x@v1")
    assert max(map(len, found)) < 80
    assert " ".join(" ".join(found).split()).endswith("a-rather-long-name-8.patch. - left out: gone.patch.")
    assert lines(after, after, ["series", ".rendered-on"], "x") == []
