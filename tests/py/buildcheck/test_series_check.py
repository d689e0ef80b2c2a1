# SPDX-License-Identifier: GPL-3.0-or-later
"""The check ``series``: whatever quilt, dpkg-source or DEP-3 would stumble over is found, each by its own name."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from _buildcheck import HEADER, TREE, patch
from buildcheck.assembled import NAME, Assembled, differences, lay

if TYPE_CHECKING:
    from pathlib import Path

    from _buildcheck import Desk

GREET = TREE["util/greet.c"]
LOUDER = GREET.replace(b"puts(name)", b"puts(name) + 1")


def errors(found: list[dict[str, Any]]) -> set[str]:
    """Return the slugs of the errors."""
    return {one["slug"] for one in found if one["level"] == "error"}


def test_a_good_series_is_proved_step_by_step(desk: Desk) -> None:
    desk.add("louder.patch", {"util/greet.c": LOUDER})
    desk.add("new.patch", {"util/new.h": b"#define NEW\n", "node/own.c": None})
    ran = desk.run("series", "--format", "junit")
    assert ran.status == 0
    for step in (
        "quilt",
        "dpkg-source --before-build",
        "dpkg-source --after-build",
        "dpkg-source -b",
        "dpkg-source -x",
    ):
        assert f'name="{step}"/>' in ran.out, step
    assert "patch new.patch" in ran.out


def test_a_patch_that_needs_fuzz_is_refused(desk: Desk) -> None:
    exact = patch(TREE, {"util/greet.c": LOUDER})
    assert exact.count(b" \n int greet") == 1
    desk.put("fuzzy.patch", exact.replace(b" \n int greet", b" /* moved */\n int greet"))
    # GNU patch takes it, with fuzz: that is what is to be found.
    words = ["patch", "-p1", "--dry-run", "-i", str(desk.patches / "fuzzy.patch")]
    assert b"fuzz" in subprocess.run(words, cwd=desk.tree, capture_output=True, check=True).stdout
    ran = desk.run("series", "--format", "json")
    assert ran.status == 1
    found = ran.of("quilt-refuses")
    assert found
    assert found[0]["place"]["path"].endswith("fuzzy.patch")
    assert "Hunk #1" in found[0]["message"]
    assert "dpkg-source-refuses" in errors(ran.found)


@pytest.mark.parametrize("path", ["debian/control", "debian/patches/x"])
def test_a_patch_that_touches_debian_is_found(desk: Desk, path: str) -> None:
    text = f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n".encode()
    desk.put("debian.patch", HEADER + text)
    ran = desk.run("series", "--format", "json")
    assert ran.status == 1
    found = ran.of("touches-debian")
    assert found
    assert found[0]["place"]["path"].endswith("debian.patch")


@pytest.mark.parametrize(
    ("header", "slug"),
    [
        (b"", "dep3-missing-field"),
        (b"Description: x\n\n", "dep3-missing-field"),
        (HEADER.replace(b"Forwarded: no", b"Forwarded: not yet"), "dep3-forwarded"),
        (HEADER.replace(b"2026-01-01", b"January"), "dep3-last-update"),
    ],
)
def test_a_header_that_is_not_dep3_is_found(desk: Desk, header: bytes, slug: str) -> None:
    desk.add("headless.patch", {"util/greet.c": LOUDER}, header)
    assert desk.run("series", "--format", "json").of(slug)


@pytest.mark.parametrize("name", ["greet.c.orig", "greet.c.rej"])
def test_what_gnu_patch_leaves_is_found_wherever_it_lies(desk: Desk, name: str) -> None:
    desk.add("leaves.patch", {"util/greet.c": LOUDER, f"util/{name}": b"left\n"})
    ran = desk.run("series", "--format", "json")
    assert ran.status == 1
    assert {one["place"]["path"].rpartition("/")[2] for one in ran.of("stray-file")} == {"leaves.patch", name}


def test_a_reject_among_the_patches_is_found(desk: Desk) -> None:
    desk.add("louder.patch", {"util/greet.c": LOUDER})
    (desk.patches / "louder.patch.rej").write_text("x", encoding="utf-8")
    ran = desk.run("series", "--format", "json")
    assert [one["place"]["path"] for one in ran.of("stray-file")] == [str(desk.patches / "louder.patch.rej")]


def test_a_patch_that_is_not_there_is_found_at_its_line(desk: Desk) -> None:
    desk.add("louder.patch", {"util/greet.c": LOUDER})
    (desk.patches / "series").write_text("louder.patch\nabsent.patch\n", encoding="utf-8")
    ran = desk.run("series", "--format", "json")
    assert ran.status == 1
    (found,) = ran.of("patch-absent")
    assert (found["place"]["path"], found["place"]["line"]) == (str(desk.patches / "series"), 2)


@pytest.mark.parametrize("option", ["-p0", "-R"])
def test_an_option_that_dpkg_source_does_not_obey_is_found(desk: Desk, option: str) -> None:
    desk.add("louder.patch", {"util/greet.c": LOUDER})
    (desk.patches / "series").write_text(f"louder.patch {option}\n", encoding="utf-8")
    ran = desk.run("series", "--format", "json")
    assert ran.status == 1
    assert ran.of("patch-options")


def test_a_series_that_names_nothing_is_unusable(desk: Desk) -> None:
    (desk.patches / "series").write_text("# nothing\n", encoding="utf-8")
    ran = desk.run("series")
    assert (ran.status, "[no-series]" in ran.err) == (2, True)


def test_the_settings_of_a_person_do_not_reach_quilt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk.add("louder.patch", {"util/greet.c": LOUDER})
    (tmp_path / ".quiltrc").write_text("QUILT_PATCHES=elsewhere\nQUILT_PUSH_ARGS='--fuzz=9 -q'\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("QUILT_PC", "elsewhere")
    monkeypatch.setenv("QUILT_PUSH_ARGS", "--nonsense")
    assert desk.run("series").status == 0
    assert not (tmp_path / "elsewhere").exists()
    assert not (desk.tree / ".pc").exists()


def test_the_second_run_remembers_and_a_changed_patch_is_looked_at_again(desk: Desk) -> None:
    desk.add("louder.patch", {"util/greet.c": LOUDER})
    first = desk.run("series", "--format", "junit")
    memory = desk.folder / "cache/buildcheck/memory"
    kept = {path: path.read_bytes() for path in memory.iterdir()}
    assert kept
    again = desk.run("series", "--format", "junit")
    assert first.out.count("<testcase") == again.out.count("<testcase")
    (desk.patches / "louder.patch").write_bytes((desk.patches / "louder.patch").read_bytes().replace(b"+ 1", b"+ 2"))
    desk.run("series")
    assert len(list(memory.iterdir())) == len(kept) + 1


def test_the_differences_of_a_tree_are_all_seen(desk: Desk, tmp_path: Path) -> None:
    desk.add("louder.patch", {"util/greet.c": LOUDER})
    first, last = desk.prefixes().all
    lay(tmp_path / "laid", first)
    assert not list(differences(tmp_path / "laid", first))
    (tmp_path / "laid/debian").mkdir()
    (tmp_path / "laid/debian/x").touch()
    (tmp_path / "laid/util/more").touch()
    (tmp_path / "laid/node/own.c").unlink()
    found = {one.path: one.what for one in differences(tmp_path / "laid", last)}
    assert found.keys() == {"util/more", "node/own.c", "util/greet.c"}


def test_links_and_programs_of_a_tree_survive_the_source_package(desk: Desk) -> None:
    (desk.tree / "tools/run").write_bytes(b"#!/bin/sh\n")
    (desk.tree / "tools/link").symlink_to("run")
    desk.add("louder.patch", {"util/greet.c": LOUDER})
    assert desk.run("series").status == 0


def test_an_assembled_source_has_the_patches_as_the_series_has_them(desk: Desk, tmp_path: Path) -> None:
    desk.add("b.patch", {"util/greet.c": LOUDER})
    subject = desk.subject()
    work = Assembled.of(tmp_path / "work", subject.prefixes.all[0], subject.patches)
    assert (work.tree / "debian/patches/series").read_text(encoding="utf-8") == "b.patch\n"
    assert (tmp_path / f"work/{NAME}_0.orig.tar.gz").exists()
