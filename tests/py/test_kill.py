# SPDX-License-Identifier: GPL-3.0-or-later
"""A refresh that is killed, or meets a full disk, a read-only file system or a second refresh, leaves one whole series."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
FILE_SYSTEMS = {
    "ext4": "truncate -s 12M {0}/image && mke2fs -q -t ext4 -m 0 {0}/image && mount -o loop {0}/image {0}/place",
    "tmpfs": "mount -t tmpfs -o size=4m tmpfs {0}/place",
    "overlayfs": "mount -t tmpfs -o size=4m tmpfs {0}/layers && mkdir -p {0}/layers/upper {0}/layers/work {0}/lower/patches"
    " && mount -t overlay -o lowerdir={0}/lower,upperdir={0}/layers/upper,workdir={0}/layers/work overlay {0}/place",
}
"""How each is mounted, in a name space of its own; that of a folder of the lower layer cannot be exchanged."""


def disturbed(folder: Path, kind: str, turns: int, seed: int) -> dict[str, int]:
    """Disturb so many refreshes on a file system, and return what was counted."""
    for name in ("place", "layers", "scratch"):
        (folder / name).mkdir()
    mount = FILE_SYSTEMS[kind].format(folder)
    words = [sys.executable, "-m", "kill", f"{folder}/place", str(turns), str(seed), f"{folder}/scratch"]
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        ["unshare", "--mount", *user, "sh", "-ec", f'{mount} && exec "$@"', "sh", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counted: dict[str, int] = json.loads(done.stdout)
    return counted


def told(counted: dict[str, int], turns: int) -> None:
    """See that the disturbances were some."""
    assert counted["old"] + counted["new"] == turns
    assert min(counted["old"], counted["new"]) > turns // 10, counted
    for event in ("kill", "kill near the writing", "full", "read-only", "second"):
        assert counted.get(event), counted
    assert counted["was full"], counted


@pytest.mark.parametrize("kind", FILE_SYSTEMS)
def test_one_whole_series_at_some_instants(tmp_path: Path, kind: str) -> None:
    """17 instants on each of three file systems; 500 are in check-all."""
    told(disturbed(tmp_path, kind, 17, 3), 17)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", FILE_SYSTEMS)
def test_one_whole_series_at_five_hundred_instants(tmp_path: Path, kind: str) -> None:
    counted = disturbed(tmp_path, kind, 500, 5)
    told(counted, 500)
    assert counted["left something beside"] > 10, counted
    assert counted["became read-only"] > 10, counted
