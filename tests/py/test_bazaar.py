# SPDX-License-Identifier: GPL-3.0-or-later
"""The series as revisions on a maintainer's branch, a merge directive that upstream can merge, and bzr: as upstream."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from _engine import TREE, Work, tree_bytes
from patchgen.upstream import open_upstream

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = "bzr://example.org/upstream"


@pytest.fixture(autouse=True)
def _person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let brz know a person, and that one have a hook which must never run."""
    home = tmp_path / "home"
    (home / "plugins/evil").mkdir(parents=True)
    (home / "plugins/evil/__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.setenv("BRZ_HOME", str(home))
    monkeypatch.setenv("BRZ_EMAIL", "M. <m@example.org>")
    for name in ("CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))


def brz(folder: Path, *words: str) -> str:
    environment = {**os.environ, "BRZ_LOG": "/dev/null", "BRZ_PLUGIN_PATH": "-user", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["brz", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def branch(folder: Path, tree: Path) -> Path:
    """Return a branch with *tree* as its second revision."""
    folder.mkdir()
    brz(folder, "init", "-q")
    (folder / ".bzrignore").write_text("*.o\n")
    (folder / "old").write_text("old\n")
    brz(folder, "add", "-q")
    brz(folder, "commit", "-q", "-m", "older")
    (folder / "old").unlink()
    shutil.copytree(tree, folder, dirs_exist_ok=True)
    brz(folder, "add", "-q")
    brz(folder, "commit", "-q", "-m", "release")
    return folder


def merged(upstream: Path, directive: Path, to: Path) -> dict[str, bytes]:
    """Merge the directive into a fresh branch of upstream's, and return its files."""
    brz(upstream.parent, "branch", "-q", str(upstream), str(to))
    brz(to, "merge", "-q", str(directive))
    return {name: data for name, data in tree_bytes(to).items() if not name.startswith(".bzr")}


def test_our_series_becomes_revisions_that_upstream_merges(tmp_path: Path, home: dict[str, str]) -> None:
    """One revision a patch, with author, day and text; the directive gives upstream the tree that quilt gives."""
    upstream = branch(tmp_path / "upstream", ROOT / "tests/c/reference")
    brz(tmp_path, "branch", "-q", "upstream", "mine")
    before = tree_bytes(tmp_path / "mine")
    onto, new = str(tmp_path / "mine"), str(tmp_path / "new")
    words = ["--to", "bzr", "--onto", onto, "--target", str(upstream), "--public", PUBLIC, "-o", new]
    subprocess.run(["patchgen", "export", *words], cwd=ROOT, env={**os.environ, **home}, check=True)
    pushed = tmp_path / "pushed"
    shutil.copytree(ROOT / "tests/c/reference", pushed)
    names = (ROOT / "patches/series").read_text(encoding="utf-8").split()
    for name in names:
        patch = (ROOT / "patches" / name).read_bytes()
        subprocess.run(["patch", "-sp1", "-F0"], cwd=pushed, input=patch, check=True)
    directive = tmp_path / "new.merge"
    assert f"# target_branch: {PUBLIC}\n" in directive.read_text(encoding="utf-8")
    assert merged(upstream, directive, tmp_path / "theirs") == tree_bytes(pushed)
    log = brz(tmp_path / "new", "log", "--forward", "--timezone=utc", "-r", "3..")
    assert log.count("author: Debian Eucalyptus Maintainers <pkg-euca") == len(names)
    assert log.count("timestamp: Sun 2026-11-22 00:00:00 +0000") == len(names)
    assert log.count("committer: M. <m@example.org>") == len(names)
    assert log.count("branch nick: new") == len(names)
    firsts = [(ROOT / "patches" / name).read_text().partition("\n")[0].partition(": ")[2] for name in names]
    assert [line.strip() for line in log.splitlines() if line.strip() in firsts] == firsts
    assert open_upstream(f"bzr:{tmp_path}/new@-1").digest() == open_upstream(str(pushed)).digest()
    assert not brz(tmp_path / "new", "status")
    assert tree_bytes(tmp_path / "mine") == before
    assert not (tmp_path / "ran").exists()


class Here:
    """A small series, and branches for it."""

    def __init__(self, folder: Path) -> None:
        self.work = Work(folder)
        self.upstream = branch(folder / "upstream", self.work.tree)
        self.mine = folder / "mine"
        brz(folder, "branch", "-q", "upstream", "mine")
        self.new = folder / "new"
        self.work.refreshed()

    def export(self, onto: Path, *words: str) -> tuple[int, str]:
        ran = self.work.run("export", "--to", "bzr", "--onto", str(onto), "-o", str(self.new), *words)
        return ran.status, ran.out


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


def nothing_made(here: Here) -> bool:
    return not list(here.new.parent.glob("new*")) and not list(here.new.parent.glob(".patchgen*"))


def test_a_branch_of_an_imported_tarball_is_refused_with_the_reason(here: Here) -> None:
    imported = branch(here.new.parent / "imported", here.work.tree)
    status, out = here.export(imported, "--target", str(here.upstream), "--public", PUBLIC)
    assert status == 1
    assert "[no-common-ancestor]" in out
    assert "can never be merged" in out
    assert nothing_made(here)


def test_a_branch_with_another_tree_is_refused(here: Here) -> None:
    (here.mine / "doc/README").write_text("mine\n")
    brz(here.mine, "commit", "-q", "-m", "mine")
    status, out = here.export(here.mine, "--target", str(here.upstream), "--public", PUBLIC)
    assert (status, "[branch-is-another-tree]" in out) == (1, True), out
    assert nothing_made(here)
    ran = here.work.child("refresh", "--upstream", f"bzr:{here.mine}@-1", *here.work.options[2:])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert here.export(here.mine, "--target", str(here.upstream), "--public", PUBLIC) == (
        0,
        f"wrote 3 patches to {here.new}\n",
    )


def test_the_public_location_is_the_branchs_own_or_asked_for(here: Here) -> None:
    status, out = here.export(here.mine)
    assert (status, "[no-public-location]" in out) == (1, True), out
    assert nothing_made(here)
    brz(here.mine, "config", f"parent_location={PUBLIC}")
    status, out = here.export(here.mine)
    assert (status, "[ancestor-not-checked]" in out) == (0, True), out
    text = (here.new.parent / "new.merge").read_text(encoding="utf-8")
    assert f"# target_branch: {PUBLIC}\n" in text
    status, out = here.export(here.mine)
    assert (status, "[branch-exists]" in out) == (1, True), out


def test_files_that_a_patch_makes_and_removes_go_along(here: Here) -> None:
    patch = (
        b"Description: x\nAuthor: A <a@example.org>\nLast-Update: 2011-03-04\n\n"
        b"--- /dev/null\n+++ b/new/file.o\n@@ -0,0 +1 @@\n+new\n--- a/doc/README\n+++ /dev/null\n@@ -1 +0,0 @@\n-greet says hello\n"
    )
    (here.work.patches / "hand.patch").write_bytes(patch)
    with (here.work.patches / "series").open("a") as series:
        series.write("hand.patch\n")
    assert here.export(here.mine, "--target", str(here.upstream), "--public", PUBLIC)[0] == 0
    files = merged(here.upstream, here.new.parent / "new.merge", here.new.parent / "theirs")
    assert files["new/file.o"] == b"new\n"
    assert "doc/README" not in files


def test_a_revision_of_bazaar_is_an_upstream_tree(here: Here) -> None:
    assert open_upstream(f"bzr:{here.mine}@2").digest() == open_upstream(str(here.work.tree)).digest()
    assert open_upstream(f"bzr:{here.mine}@1").paths() == ("old",)
    assert set(open_upstream(f"bzr:{here.mine}@-1").paths()) == set(TREE)


@pytest.mark.parametrize(
    "text",
    [
        "bzr:{}/mine@77",
        "bzr:{}/mine@",
        "bzr:{}/mine",
        "bzr:{}/tree@1",
        "bzr:{}/far@1",
        "bzr:{}/mine@1..2",
        "bzr:bzr://example.org/x@1",
    ],
)
def test_what_is_no_revision_here_is_refused(here: Here, text: str) -> None:
    far = here.new.parent / "far/.bzr/branch"
    far.mkdir(parents=True)
    (far / "location").write_text("bzr://example.org/far")
    ran = here.work.run("status", "--upstream", text.format(here.new.parent))
    assert ran.status == 2, ran.out
    assert ran.slugs & {"no-upstream", "brz-fails", "no-branch"}


def test_without_brz_the_package_is_named(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(here.new.parent))
    ran = here.work.run("status", "--upstream", f"bzr:{here.mine}@-1")
    assert (ran.status, "apt-get install brz" in ran.out) == (2, True)
