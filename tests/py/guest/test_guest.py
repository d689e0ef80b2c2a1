# SPDX-License-Identifier: GPL-3.0-or-later
"""`buildcheck guest`: what it is made of, the same bytes of the same packages, and what is refused."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from _ordinary import in_child, open_place
from buildcheck.guest.cli import guest as command
from buildcheck.guest.image import GuestError, make_guest
from buildcheck.guest.machines import MACHINES
from buildcheck.guest.packages import Package, PackageError, Packages
from buildcheck.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from buildcheck.guest.image import Guest

FILES = ("guest.json", "kernel", "ramdisk", "root")


def a_store(folder: Path, store: Store) -> Store:
    """Return an empty store with the packages of another one."""
    made = Store(folder / "buildcheck")
    for name in ("scratch", "memory", "guests"):
        (made.folder / name).mkdir(parents=True)
    shutil.copytree(store.folder / "packages/armhf", made.folder / "packages/armhf", copy_function=os.link)
    return made


def listed(archive: bytes) -> dict[str, list[str]]:
    """Return what cpio says of each file of a ramdisk: mode, links, user, group, size, time."""
    words = ["cpio", "--list", "--verbose", "--numeric-uid-gid", "--quiet"]
    done = subprocess.run(
        words, input=gzip.decompress(archive), capture_output=True, check=True, env={**os.environ, "TZ": "UTC"}
    )
    rows = [line.split(maxsplit=8) for line in done.stdout.decode().splitlines()]
    return {row[8]: row[:8] for row in rows}


def test_a_guest_has_what_it_needs_and_nothing_of_who_made_it(armhf: Guest) -> None:
    """The machine's own package state is not asked: armhf is no architecture of it."""
    assert sorted(path.name for path in armhf.folder.iterdir()) == list(FILES)
    described = json.loads((armhf.folder / "guest.json").read_text(encoding="utf-8"))
    assert described["architecture"] == "armhf"
    assert [name.partition("_")[0].rstrip("0123456789.-") for name in described["made of"]] != []
    assert all(name.endswith("_armhf.deb") for name in described["made of"])
    order = described["modules"]
    assert order.index("jbd2") < order.index("ext4")
    assert {"virtio_blk", "virtio_net", "virtio_pci"} <= set(order)
    files = listed(armhf.ramdisk.read_bytes())
    assert {f"lib/modules/{name}.ko" for name in order} < set(files)
    assert {(row[2], row[3]) for row in files.values()} == {("0", "0")}
    assert len({tuple(row[5:]) for row in files.values()}) == 1, "one time for all"
    init = subprocess.run(
        ["cpio", "--extract", "--to-stdout", "--quiet", "init"],
        input=gzip.decompress(armhf.ramdisk.read_bytes()),
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert init.startswith("#!/bin/busybox sh\n")
    assert init.count("\n") == 6, "five lines below the first"
    root = subprocess.run(
        ["/sbin/debugfs", "-R", "stat name", armhf.root], capture_output=True, text=True, check=True, errors="replace"
    ).stdout
    assert "User:     0   Group:     0" in root
    foreign = subprocess.run(["dpkg", "--print-foreign-architectures"], capture_output=True, text=True, check=True)
    assert "armhf" not in foreign.stdout.split()


def test_the_same_packages_give_the_same_bytes(armhf: Guest, store: Store) -> None:
    """Somebody else, elsewhere, with another umask and another clock zone."""

    def again() -> dict[str, bytes]:
        os.umask(0o077)
        os.environ["TZ"] = "Asia/Tokyo"
        made = make_guest(MACHINES["armhf"], other)
        return {name: (made.folder / name).read_bytes() for name in FILES}

    with open_place() as place:
        other = a_store(place, store)
        for path in [place / "buildcheck", *(place / "buildcheck").rglob("*")]:
            if path.is_dir():
                path.chmod(0o777)
        for path in (place / "buildcheck/packages/armhf").glob("*"):
            if path.is_file():
                # Not through a link: they are the other store's own.
                data = path.read_bytes()
                path.unlink()
                path.write_bytes(data)
                path.chmod(0o666)
        found = in_child(again)
    for name in FILES:
        assert found[name] == (armhf.folder / name).read_bytes(), name


@pytest.mark.parametrize("word", ["yesterday", "-1", "1 ", "99999999999", "\u0661"])
def test_a_time_that_is_none_is_refused(word: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", word)
    with pytest.raises(GuestError, match="SOURCE_DATE_EPOCH is no number of seconds"):
        make_guest(MACHINES["armhf"], store)


def test_the_command_puts_the_three_files_there(tmp_path: Path, armhf: Guest) -> None:
    done = CliRunner().invoke(command, ["armhf", "-o", str(tmp_path / "new/folder")])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{tmp_path}/new/folder: a guest for armhf, made of linux-image-")
    for name in FILES:
        assert (tmp_path / "new/folder" / name).read_bytes() == (armhf.folder / name).read_bytes()


@pytest.mark.parametrize("words", [["sparc", "-o", "x"], ["armhf"], ["armhf", "-o", "/proc/version/x"], []])
def test_what_cannot_be_done_ends_with_two_and_a_reason(words: list[str]) -> None:
    done = CliRunner().invoke(command, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "rror: " in done.stderr


@pytest.mark.slow
def test_a_package_that_no_mirror_has_is_named(tmp_path: Path, store: Store) -> None:
    """Each asks the mirrors for their lists again."""
    packages = Packages(a_store(tmp_path, store).folder / "packages/armhf", "armhf")
    with pytest.raises(PackageError, match="no-such-package-at-all for armhf: "):
        packages.get("no-such-package-at-all")
    with pytest.raises(PackageError, match=r"busybox-static for armhf: it depends on no busybox-\*"):
        packages._target("busybox-static")  # noqa: SLF001 - what is behind a package that stands for no other


def test_a_damaged_package_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a_1_armhf.deb").write_bytes(b"!<arch>\nno package")
    with pytest.raises(PackageError, match=r"a_1_armhf\.deb: "):
        Package(tmp_path / "a_1_armhf.deb").files(lambda _: True)
