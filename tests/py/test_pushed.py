# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree with quilt's patches pushed is read as if they were popped, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from _ordinary import in_child, open_place
from _trees import committed, content, fill, refused, run
from patchgen.findings import Level
from patchgen.upstream import open_upstream

if TYPE_CHECKING:
    from pathlib import Path

UPSTREAM = {
    "a": b"a\n",
    "b": b"b\n",
    "d/c": b"c\n" * 3,
    "x/only": b"goes\n",
    "untouched": b"u\n",
    ".timestamp": b"not quilt's",
}
PATCHES = {
    "one.patch": """\
--- a/a
+++ b/a
@@ -1 +1 @@
-a
+a1
--- /dev/null
+++ b/new/file
@@ -0,0 +1 @@
+new
--- a/x/only
+++ /dev/null
@@ -1 +0,0 @@
-goes
""",
    "sub/two.patch": """\
--- a/a
+++ b/a
@@ -1 +1,2 @@
 a1
+a2
--- a/new/file
+++ b/new/file
@@ -1 +1 @@
-new
+newer
--- a/b
+++ /dev/null
@@ -1 +0,0 @@
-b
""",
    "three": """\
--- /dev/null
+++ b/x
@@ -0,0 +1 @@
+a file where a folder was
""",
}


def quilted(place: Path, pushed: int) -> Path:
    tree = fill(place / "tree", UPSTREAM)
    (tree / "b").chmod(0o755)
    fill(tree, {f"debian/patches/{name}": text.encode() for name, text in PATCHES.items()})
    (tree / "debian/patches/series").write_text("\n".join(PATCHES) + "\n")
    if pushed:
        run(tree, "env", "QUILT_PATCHES=debian/patches", "quilt", "--quiltrc=-", "push", str(pushed))
    return tree


def facts(tree: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.lstat().st_ino, path.lstat().st_ctime_ns) for path in tree.rglob("*")}


@pytest.mark.parametrize("pushed", [0, 1, 2, 3])
def test_a_tree_with_patches_pushed_is_read_as_popped(tmp_path: Path, pushed: int) -> None:
    tree = quilted(tmp_path, pushed)
    before = facts(tree)
    source = open_upstream(str(tree))
    assert content(source) == (UPSTREAM, {})
    notes = [(str(f.slug), f.level, f.message) for f in source.findings]
    words = {1: "one patch is", 2: "2 patches are", 3: "3 patches are"}
    assert notes == (
        [("read-as-popped", Level.NOTE, f"{words[pushed]} pushed: the tree was read as if popped")] if pushed else []
    )
    assert facts(tree) == before


def test_a_backup_of_what_is_left_out_stays_out(tmp_path: Path) -> None:
    tree = quilted(tmp_path, 1)
    fill(tree, {".pc/one.patch/debian/rules": b"a patch that no source package can have"})
    assert content(open_upstream(str(tree))) == (UPSTREAM, {})


def test_popped_is_what_quilt_pops_to_though_files_are_being_edited(tmp_path: Path) -> None:
    tree = quilted(tmp_path, 2)
    fill(tree, {"empty": b""})
    for words in (("new", "mine"), ("add", "a", "untouched", "brand-new", "empty")):
        run(tree, "env", "QUILT_PATCHES=debian/patches", "quilt", "--quiltrc=-", *words)
    fill(tree, {"a": b"edited", "untouched": b"edited", "brand-new": b"edited", "empty": b"edited"})
    read = content(open_upstream(str(tree)))
    run(tree, "env", "QUILT_PATCHES=debian/patches", "quilt", "--quiltrc=-", "pop", "-af")
    assert read == content(open_upstream(str(tree))) == (UPSTREAM, {})


def test_what_dpkg_source_pushed_is_read_as_popped(tmp_path: Path) -> None:
    tree = quilted(tmp_path, 0)
    control = b"Source: s\nMaintainer: M <m@example.org>\n\nPackage: p\nArchitecture: all\nDescription: d\n"
    log = b"s (1-1) unstable; urgency=low\n\n  * x\n\n -- M <m@example.org>  Thu, 01 Jan 1970 00:00:00 +0000\n"
    fill(tree, {"debian/control": control, "debian/changelog": log, "debian/source/format": b"3.0 (quilt)\n"})
    run(tree, "dpkg-source", "--before-build", ".")
    assert (tree / "a").read_bytes() == b"a1\na2\n"
    assert content(open_upstream(str(tree))) == (UPSTREAM, {})


def test_a_backup_without_permissions_stands_for_a_file_that_was_not_there() -> None:
    with open_place() as place:
        tree = quilted(place, 3)
        (tree / ".pc/one.patch/new/file").chmod(0)
        assert in_child(lambda: content(open_upstream(str(tree)))) == (UPSTREAM, {})
        (tree / ".pc/one.patch/a").chmod(0)
        assert "cannot be read" in in_child(lambda: refused(tree).finding.message)


# What is done in .pc, and what is said of it.
PUSHED_BADLY = {
    "no backups": ("rm -r one.patch", "missing"),
    "a file for a folder": ("rm -r three; touch three", "missing"),
    "newer quilt": ("echo 3 > .version", "not the one known (2) but 3"),
    "no version": ("rm .version", "not the one known (2) but none"),
    "up": ("echo ../../etc > applied-patches", "out of the tree"),
    "absolute": ("echo /etc > applied-patches", "absolute"),
    "empty part": ("echo a//b > applied-patches", "empty part"),
    "twice": ("echo three >> applied-patches", "twice"),
    "nested": ("echo sub >> applied-patches", "among those of another"),
    "a link for .pc": ("cd ..; mv .pc ../pc; ln -s ../pc .pc", "symbolic link"),
    "a link for backups": ("mv one.patch x; ln -s x one.patch", "symbolic link"),
    "a link above backups": ("mv sub x; ln -s x sub", "symbolic link"),
    "a link for a backup": ("ln -sf /etc/passwd one.patch/a", "symbolic link"),
    "a link for the list": ("mv applied-patches x; ln -s x applied-patches", "symbolic link"),
    "a pipe for the version": ("rm .version; mkfifo .version", "no regular file"),
    "a pipe for a backup": ("rm three/x; mkfifo three/x", "cannot be used"),
    "a list of a megabyte": ("head -c 1048577 /dev/zero | tr '\\0' x > applied-patches", "has a megabyte"),
    "behind a link": ("ln -s /etc ../l; mkdir three/l; echo > three/l/x", "behind a symbolic link"),
    "a folder there": ("echo > three/d", "where a backup has a folder"),
    "a file there": ("mkdir three/untouched; echo > three/untouched/y", "where a backup has a folder"),
}


@pytest.mark.parametrize("case", PUSHED_BADLY)
def test_pushed_patches_that_cannot_be_taken_off_are_refused(tmp_path: Path, case: str) -> None:
    commands, why = PUSHED_BADLY[case]
    run(quilted(tmp_path, 3) / ".pc", "sh", "-c", commands)
    finding = refused(tmp_path / "tree").finding
    assert str(finding.slug) == "patches-pushed"
    assert why in finding.message
    assert "quilt pop -a" in finding.help


@pytest.mark.parametrize("form", ["tarball", "revision"])
def test_a_tarball_or_revision_with_patches_pushed_is_refused(tmp_path: Path, form: str) -> None:
    tree = quilted(tmp_path, 1)
    if form == "tarball":
        run(tmp_path, "tar", "cf", "x.tar", "tree")
        text = str(tmp_path / "x.tar")
    else:
        text = f"git:{committed(tree)}@HEAD"
    assert str(refused(text).finding.slug) == "patches-pushed"
