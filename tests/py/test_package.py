# SPDX-License-Identifier: GPL-3.0-or-later
"""patchgen source: an orig tarball, the packaging and the rendered series become a source package, or nothing does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from patchgen.cli import main

ROOT = Path(__file__).parents[2]
SEMANTIC = """
[dep3]
Description = "say two"
Author = "A <a@example.org>"
Forwarded = "no"

[[edit]]
kind = "text"
file = "a.txt"
find = "one"
replace = "two"
why = "a test"
"""
CHANGELOG = (
    "demo ({version}) unstable; urgency=low\n\n  * A test.\n\n -- A <a@example.org>  Thu, 01 Jan 2026 00:00:00 +0000\n"
)


@dataclass(frozen=True)
class Desk:
    """A folder with a packaging, semantic patches and tarballs."""

    folder: Path

    def tarball(self, name: str, files: dict[str, str]) -> Path:
        tree = self.folder / "unpacked" / "demo-1.0"
        shutil.rmtree(tree.parent, ignore_errors=True)
        for path, text in files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text)
        subprocess.run(["tar", "-caf", self.folder / name, "-C", tree.parent, tree.name], check=True)
        return self.folder / name

    def changelog(self, *versions: str) -> None:
        text = "\n".join(CHANGELOG.format(version=version) for version in versions)
        (self.folder / "debian/changelog").write_text(text)

    def run(self, tarball: Path, *words: str) -> tuple[int, list[str], str]:
        """Return the status, the slugs, and what was said."""
        places = ["--semantic", str(self.folder / "semantic"), "--patches", str(self.folder / "patches")]
        debian = [] if "--debian" in words else ["--debian", str(self.folder / "debian")]
        command = ["source", "--upstream", str(tarball), *places, *debian, "-o", str(self.folder / "out"), *words]
        told = CliRunner().invoke(main, [*command, "--format", "json"])
        findings = json.loads(told.stdout) if told.stdout.startswith("[") else []
        slugs = [finding["slug"] for finding in findings]
        return told.exit_code, slugs, told.output

    def made(self) -> list[str]:
        out = self.folder / "out"
        return sorted(path.name for path in out.iterdir()) if out.exists() else []


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    debian = tmp_path / "debian"
    (debian / "source").mkdir(parents=True)
    (debian / "source/format").write_text("3.0 (quilt)\n")
    (debian / "control").write_text(
        "Source: demo\nMaintainer: A <a@example.org>\nStandards-Version: 4.6.2\n\n"
        "Package: demo\nArchitecture: all\nDescription: a test\n more\n"
    )
    (debian / "rules").write_text("#!/usr/bin/make -f\n%:\n\tdh $@\n")
    (debian / "copyright").write_text("Format: x\nFiles-Excluded: lib\n")
    semantic = tmp_path / "semantic"
    semantic.mkdir()
    (semantic / "say-two.toml").write_text(SEMANTIC)
    (semantic / "series").write_text("say-two\n")
    (debian / "semantic").symlink_to(semantic)
    made = Desk(tmp_path)
    made.changelog("1.0-1")
    return made


def test_the_package_unpacks_to_the_patched_tree(desk: Desk, tmp_path: Path) -> None:
    orig = desk.tarball("demo_1.0.orig.tar.xz", {"a.txt": "one\n", "debian/old": "upstream's own\n"})
    assert desk.run(orig)[:2] == (0, [])
    assert desk.made() == ["demo_1.0-1.debian.tar.xz", "demo_1.0-1.dsc", "demo_1.0.orig.tar.xz"]
    subprocess.run(["dpkg-source", "--no-check", "-x", tmp_path / "out/demo_1.0-1.dsc", tmp_path / "x"], check=True)
    assert (tmp_path / "x/a.txt").read_text() == "two\n"
    assert sorted(path.name for path in (tmp_path / "x/debian/patches").iterdir()) == ["say-two.patch", "series"]
    assert (tmp_path / "x/debian/semantic/say-two.toml").is_file()
    assert not (tmp_path / "x/debian/semantic").is_symlink()
    assert not (tmp_path / "x/debian/old").exists()


@pytest.mark.parametrize(("changed", "slugs"), [(False, set()), (True, {"patch-changed-by-hand"})])
def test_a_newer_tarball_takes_what_was_rendered_and_not_what_a_person_changed(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, changed: bool, slugs: set[str]
) -> None:
    orig = desk.tarball("demo_1.0.orig.tar.xz", {"a.txt": "one\n"})
    assert desk.run(orig)[:2] == (0, [])
    newer = desk.tarball("demo_1.1.orig.tar.xz", {"a.txt": "zero\none\n"})
    subprocess.run(["dpkg-source", "--no-check", "-x", tmp_path / "out/demo_1.0-1.dsc", tmp_path / "x"], check=True)
    patch = tmp_path / "x/debian/patches/say-two.patch"
    if changed:
        patch.write_text(patch.read_text().replace("+two", "+three"))
    before = patch.read_text()
    monkeypatch.chdir(tmp_path / "x")
    done = CliRunner().invoke(main, ["refresh", "--upstream", str(newer), "--patches", "debian/patches"])
    assert {*re.findall(r"\[([\w-]+)\]$", done.output, re.MULTILINE)} == slugs, done.output
    assert (patch.read_text() == before) is changed


def test_the_second_run_finds_the_same_files(desk: Desk) -> None:
    orig = desk.tarball("demo_1.0.orig.tar.gz", {"a.txt": "one\n"})
    assert desk.run(orig)[0] == 0
    assert desk.run(orig)[0] == 0, "another time in a tarball would make another file, which is not overwritten"
    assert len(desk.made()) == 3


def test_a_hand_made_patch_is_in_it(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "patches").mkdir()
    (tmp_path / "patches/series").write_text("mine.patch\nsay-two.patch\n")
    (tmp_path / "patches/mine.patch").write_text("--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-b\n+c\n")
    orig = desk.tarball("demo_1.0.orig.tar.gz", {"a.txt": "one\n", "b.txt": "b\n"})
    assert desk.run(orig)[0] == 0
    subprocess.run(["dpkg-source", "--no-check", "-x", tmp_path / "out/demo_1.0-1.dsc", tmp_path / "x"], check=True)
    assert (tmp_path / "x/b.txt").read_text() == "c\n"


@pytest.mark.parametrize(
    ("name", "files", "versions", "status", "slug"),
    [
        ("demo_1.1.orig.tar.gz", {"a.txt": "one\n"}, ["1.0-1"], 1, "changelog-out-of-step"),
        ("demo-1.1-src-offline.tar.gz", {"a.txt": "one\n"}, ["1.0-1"], 1, "changelog-out-of-step"),
        ("demo_1.0.orig.tar.gz", {"a.txt": "one\n"}, ["1.0-1", "1.0-2"], 1, "version-sorts-wrongly"),
        ("demo_1.0.orig.tar.gz", {"a.txt": "one\n", "lib/a.jar": "x"}, ["1.0-1"], 0, "files-excluded"),
        ("demo_1.0+dfsg.orig.tar.gz", {"a.txt": "one\n", "lib/a.jar": "x"}, ["1.0+dfsg-1"], 1, "files-excluded"),
    ],
)
def test_what_does_not_fit(
    desk: Desk, name: str, files: dict[str, str], versions: list[str], status: int, slug: str
) -> None:
    desk.changelog(*versions)
    code, slugs, _ = desk.run(desk.tarball(name, files))
    assert (code, slugs) == (status, [slug])
    assert bool(desk.made()) is (status == 0)


@pytest.mark.parametrize("files", [{"a.txt": "three\n"}, {"other/README": "one\n"}], ids=["line", "project"])
def test_a_tarball_of_another_project_or_line_is_told(desk: Desk, files: dict[str, str]) -> None:
    code, slugs, said = desk.run(desk.tarball("demo_1.0.orig.tar.gz", files))
    assert (code, slugs[0]) == (1, "another-project")
    assert len(slugs) > 1, "and why, for each edit"
    assert "give the orig tarball of demo 1.0" in said
    assert not desk.made()


def test_a_series_that_was_rendered_for_another_tarball_is_told_with_the_command(desk: Desk) -> None:
    first = desk.tarball("demo_1.0.orig.tar.gz", {"a.txt": "one\n"})
    places = ["--semantic", str(desk.folder / "semantic"), "--patches", str(desk.folder / "patches")]
    assert CliRunner().invoke(main, ["refresh", "--upstream", str(first), *places]).exit_code == 0
    second = desk.tarball("demo_1.1.orig.tar.gz", {"a.txt": "zero\none\n"})
    told = CliRunner().invoke(main, ["lint", "--upstream", str(second), *places])
    assert told.exit_code == 1
    assert "[rendered-elsewhere]" in told.output
    (line,) = [line for line in told.output.splitlines() if line.startswith("  help: patchgen refresh")]
    words = line.removeprefix("  help: patchgen ").split()
    assert CliRunner().invoke(main, [*words, *places[:2]]).exit_code == 0, "the command that is given does it"
    assert CliRunner().invoke(main, ["lint", "--upstream", str(second), *places]).exit_code == 0


def test_what_of_debian_is_left_out_is_said(desk: Desk) -> None:
    (desk.folder / "debian/.gitignore").write_text("x\n")
    code, slugs, _ = desk.run(desk.tarball("demo_1.0.orig.tar.gz", {"a.txt": "one\n"}))
    assert (code, slugs) == (0, ["left-out-of-debian"])


def test_the_root_of_this_repository_is_never_laid_over_a_tree(desk: Desk) -> None:
    orig = desk.tarball("demo_1.0.orig.tar.gz", {"a.txt": "one\n"})
    code, _, said = desk.run(orig, "--debian", str(ROOT))
    assert code == 2
    assert "[packaging]" in said
    assert not desk.made()


@pytest.mark.parametrize("name", ["demo_1.0.orig.zip", "demo_1.0.orig.tar"])
def test_what_is_no_orig_tarball(desk: Desk, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    code, _, said = desk.run(tmp_path / name)
    assert code == 2
    assert "[packaging]" in said


def test_a_file_that_is_there_is_never_overwritten(desk: Desk, tmp_path: Path) -> None:
    orig = desk.tarball("demo_1.0.orig.tar.gz", {"a.txt": "one\n"})
    (tmp_path / "out").mkdir()
    (tmp_path / "out/demo_1.0-1.dsc").write_text("a person's\n")
    code, _, said = desk.run(orig)
    assert code == 2
    assert "[package-exists]" in said
    assert desk.made() == ["demo_1.0-1.dsc"]
    assert (tmp_path / "out/demo_1.0-1.dsc").read_text() == "a person's\n"


def test_a_changelog_that_names_nothing(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "debian/changelog").write_text("nothing\n")
    code, _, said = desk.run(desk.tarball("demo_1.0.orig.tar.gz", {"a.txt": "one\n"}))
    assert code == 2
    assert "Traceback" not in said
