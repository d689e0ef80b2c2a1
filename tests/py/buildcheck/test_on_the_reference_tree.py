# SPDX-License-Identifier: GPL-3.0-or-later
"""buildcheck on the reference tree with the series of this repository: the whole way, with the generated code."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from buildcheck.generator import Generator
from buildcheck.recipes import FOLDERS, record
from buildcheck.store import Store
from buildcheck.subject import Subject
from buildcheck.units import links, units

if TYPE_CHECKING:
    from pathlib import Path

    from _buildcheck import Desk

DEFAULT = {
    "util/euca_rootwrap", "gatherlog/libEucalyptusGL.so", "gatherlog/GLclient", "node/libEucalyptusNC.so", "node/NCclient",
    "node/NCclient_local", "node/test_nc", "node/test", "cluster/libEucalyptusCC.so", "cluster/CCclient",
}  # fmt: skip
"""What the default target of the tree links."""


def test_what_the_makefiles_ask_for_is_the_whole_default_target(root: Path) -> None:
    store = Store.usual()
    subject = Subject.of_series(str(root / "tests/c/reference"), root / "patches", "series", store, each=False)
    recipes = record(subject.prefixes.last, Generator(store), store)
    assert not recipes.findings
    assert {link.output for link in links(recipes.commands)} == DEFAULT
    made = units(recipes.commands)
    written = {path for path in subject.prefixes.last.files if path.endswith(".c") and path.split("/")[0] in FOLDERS}
    assert {unit.path for unit in made if not unit.generated} == written
    by = {unit.path: unit for unit in made}
    order = [word for word in by["cluster/handlers.c"].arguments if word.startswith("-I.")]
    assert order == ["-I.", "-I./generated", "-I../util", "-I../net", "-I../node"], "two folders have a handlers.h"
    assert any(path.startswith("node/generated/axis2_skel_") for path in recipes.generated)
    assert b"Marshal(" in recipes.generated["node/generated/axis2_skel_EucalyptusNC.c"]
    assert b"EUCA_AUTHENTICATE" in recipes.generated["node/generated/axis2_svc_skel_EucalyptusNC.c"]


def test_each_patch_of_the_series_can_be_pushed_and_packed(root: Path, desk: Desk) -> None:
    ran = desk.raw("series", "--upstream", str(root / "tests/c/reference"), "--patches", str(root / "patches"))
    assert ran.status == 0, ran.out


@pytest.mark.slow
def test_every_prefix_is_proved_on_the_tarball_and_the_second_run_costs_a_tenth(
    root: Path, desk: Desk, tmp_path: Path
) -> None:
    tarball = tmp_path / "eucalyptus_2.0.3.orig.tar.gz"
    subprocess.run([root / "tools/reference-tarball", tarball], check=True)
    policy = ("--policy", str(root / "policy.toml"))
    words = ("all", "--each", "--upstream", str(tarball), "--patches", str(root / "patches"), *policy)
    start = time.monotonic()
    first = desk.raw(*words)
    middle = time.monotonic()
    second = desk.raw(*words)
    end = time.monotonic()
    assert first.status == 0, first.out
    assert second.out == first.out
    assert end - middle <= (middle - start) / 10


@pytest.mark.slow
def test_a_caller_that_a_patch_of_the_series_forgets_is_found(root: Path, desk: Desk) -> None:
    patches = desk.folder / "broken"
    shutil.copytree(root / "patches", patches)
    patch = patches / "cc-archid.patch"
    tree = patch.read_bytes()
    before = tree.index(b"--- a/cluster/server-marshal.c")
    after = tree.index(b"--- a/", before + 1)
    patch.write_bytes(tree[:before] + tree[after:])
    ran = desk.raw(
        "compile", "--upstream", str(root / "tests/c/reference"), "--patches", str(patches), "--format", "json"
    )
    assert ran.status == 1
    errors = [one for one in ran.of("compiler-says") if one["level"] == "error"]
    assert {one["place"]["path"] for one in errors} >= {"cluster/server-marshal.c"}
    assert any("RunInstancesMarshal" in one["message"] and "doRunInstances" in one["message"] for one in errors)
