# SPDX-License-Identifier: GPL-3.0-or-later
"""The prefixes of a series: each is the tree that its patches leave, and costs what they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from _buildcheck import TREE
from buildcheck.store import Store, digest
from buildcheck.unpacked import Unpacked

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

    from _buildcheck import Desk

GREET = TREE["util/greet.c"]


def test_each_prefix_is_the_tree_that_its_patches_leave(desk: Desk) -> None:
    desk.add("one.patch", {"util/greet.c": GREET + b"/* one */\n"})
    desk.add("two.patch", {"util/two.c": b"int two;\n", "node/own.c": None})
    none, one, two = desk.prefixes().all
    assert [str(prefix) for prefix in (none, one, two)] == ["the unpatched tree", "one.patch", "two.patch"]
    assert {path: none.tree.read(path) for path in none.files} == TREE
    assert one.tree.read("util/greet.c").endswith(b"/* one */\n")
    assert two.files.keys() == (TREE.keys() | {"util/two.c"}) - {"node/own.c"}
    assert two.files["util/two.c"] == digest(b"int two;\n")
    assert len({none.digest(), one.digest(), two.digest()}) == 3


def test_a_patch_that_does_not_apply_ends_the_prefixes_with_the_hunk_named(desk: Desk) -> None:
    desk.add("one.patch", {"util/greet.c": GREET + b"/* one */\n"})
    desk.put("again.patch", (desk.patches / "one.patch").read_bytes().replace(b" }\n", b" )\n"))
    desk.add("three.patch", {"node/own.c": None})
    made = desk.prefixes()
    assert len(made.all) == 2
    (finding,) = made.findings
    assert finding.place
    assert finding.place.path.endswith("again.patch")
    assert finding.place.line > 5


def test_trees_share_every_file_that_is_the_same(desk: Desk) -> None:
    desk.add("one.patch", {"util/greet.c": GREET + b"/* one */\n"})
    none, one = desk.prefixes().all
    store = Store.usual()
    first, second = (store.tree(prefix.select(["util", "node"]), {}) for prefix in (none, one))
    assert first != second
    files = [path.relative_to(first) for path in first.rglob("*") if path.is_file()]
    different = {str(path) for path in files if (first / path).stat().st_ino != (second / path).stat().st_ino}
    assert different == {"util/greet.c", ".whole"}


def test_a_tree_that_somebody_changed_is_made_right_again(desk: Desk) -> None:
    desk.add("one.patch", {"util/greet.c": GREET + b"/* one */\n"})
    files = desk.prefixes().all[0].select(["util"])
    store = Store.usual()
    tree = store.tree(files, {"util/link": "greet.c"})
    (tree / "util/greet.c").chmod(0o644)
    (tree / "util/greet.c").write_bytes(b"changed, and so is what it is linked to\n")
    again = store.tree(files, {"util/link": "greet.c"})
    assert again == tree
    assert {path: (again / path).read_bytes() for path in files} == files
    assert (again / "util/link").readlink().name == "greet.c"


@pytest.mark.usefixtures("desk")
def test_a_tree_that_another_run_made_in_the_meantime_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other run compiles in it by now."""
    store = Store.usual()
    scratch = Store.scratch
    others = []

    def late(self: Store) -> TemporaryDirectory[str]:
        monkeypatch.setattr(Store, "scratch", scratch)
        others.append(store.tree(TREE, {}).stat().st_ino)
        return scratch(self)

    monkeypatch.setattr(Store, "scratch", late)
    assert [store.tree(TREE, {}).stat().st_ino] == others


def test_a_patched_tree_is_read_as_it_lies_without_what_tools_keep(desk: Desk) -> None:
    for path in (".pc/applied-patches", ".pc/one.patch/util/greet.c", "debian/rules", ".git/HEAD", "util/.svn/x"):
        (desk.tree / path).parent.mkdir(parents=True, exist_ok=True)
        (desk.tree / path).write_text("one.patch\n", encoding="utf-8")
    (desk.tree / "util/debian").mkdir()
    (desk.tree / "util/debian/x").touch()
    (desk.tree / "util/debian.txt").symlink_to("greet.c")
    read = Unpacked.open(str(desk.tree))
    assert set(read.paths()) == {*TREE, "util/debian/x"}
    assert read.read("util/greet.c") == GREET
    assert dict(read.links) == {"util/debian.txt": "greet.c"}
