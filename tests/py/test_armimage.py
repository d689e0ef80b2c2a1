# SPDX-License-Identifier: GPL-3.0-or-later
"""armimage: what it is told, what it takes from where, and that what it makes boots to a login prompt."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from armimage import binfmt, mirrors
from armimage.architectures import ARCHITECTURES
from armimage.cli import main
from armimage.listing import Listing, ListingError, OtherPackagesError
from armimage.manifest import manifest
from armimage.mirrors import Source
from buildcheck.guest.boot import BRIDGE, Boot
from buildcheck.guest.image import Guest
from buildcheck.guest.installation import build
from buildcheck.guest.machines import MACHINES
from buildcheck.guest.service import until
from buildcheck.libvirt import libvirt
from buildcheck.store import Store
from buildcheck.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LISTING = Listing("armhf", "bookworm", 1_700_000_000, {"apt": "2.6.1", "libc6": "2.36-9+deb12u13", "zlib": "1:2~3"})
STATUS = b"""\
Package: apt
Status: install ok installed
Version: 2.6.1

Package: gone
Status: deinstall ok config-files
Version: 1

Package: libc6
Status: install ok installed
Version: 2.36-9+deb12u13
Description: a library
 that has several lines
"""


def run(*words: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, list(map(str, words)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["-o", "out"],
        ["-a", "armel", "-o", "out"],
        ["-a", "armhf"],
        ["-a", "armhf", "-o", "out", "--size", "1"],
        ["-a", "armhf", "-o", "out", "--suite", "bookworm; id"],
        ["-a", "armhf", "-o", "out", "--suite", "$(id)"],
        ["-a", "armhf", "-o", "out", "--include", "a,b"],
        ["-a", "armhf", "-o", "out", "--include", "--hook"],
        ["-a", "armhf", "-o", "out", "--include", "x" * 10_000 + "\n"],
        ["-o", "out", "--packages", "no-such-file"],
    ],
)
def test_a_command_that_makes_no_sense_is_unusable_and_makes_nothing(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert err
    assert not list(tmp_path.iterdir())


def test_a_time_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    status, _, err = run("-a", "armhf", "-o", tmp_path / "out")
    assert (status, "SOURCE_DATE_EPOCH is no number" in err) == (2, True)


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=str)
def test_without_a_handler_the_one_line_for_root_is_said(
    architecture: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program arch-test that knows no architecture stands for a kernel that does not."""
    assert architecture in ARCHITECTURES.values()
    (tmp_path / "arch-test").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "arch-test").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    name = next(key for key, one in ARCHITECTURES.items() if one is architecture)
    status, out, err = run("-a", name, "-o", tmp_path / "out")
    assert (status, out) == (2, "")
    assert "[no-binfmt-handler]" in err
    line = err.partition("as root, once: ")[2].strip()
    assert line.endswith(binfmt.registration(ARCHITECTURES[name]))
    assert subprocess.run(["sh", "-nc", line], check=False).returncode == 0
    assert f"/usr/lib/binfmt.d/{ARCHITECTURES[name].emulator}.conf >/proc/sys/fs/binfmt_misc/register" in line


def test_the_list_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "packages"
    path.write_text(str(LISTING))
    assert Listing.read(path) == LISTING
    assert path.read_text().splitlines()[:2] == ["# armimage armhf bookworm 1700000000", "apt 2.6.1"]


def test_the_list_says_architecture_and_suite(tmp_path: Path) -> None:
    path = tmp_path / "packages"
    path.write_text(str(LISTING))
    for words in (("-a", "arm64"), ("-s", "trixie")):
        status, _, err = run("-o", tmp_path / "out", "--packages", path, *words)
        assert (status, "The list is for bookworm on armhf" in err) == (2, True)


@given(
    data=st.binary(max_size=200) | st.sampled_from([b"", b"# armimage armhf bookworm 1\n", b"\xff", b"# armimage\n"])
)
def test_what_is_no_list_is_refused_with_its_place(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any bytes that armimage did not write are an error that names the file."""
    path = tmp_path_factory.mktemp("list") / "packages"
    path.write_bytes(data)
    with pytest.raises(ListingError) as caught:
        Listing.read(path)
    assert caught.value.finding.place is not None
    assert caught.value.finding.place.path == str(path)


@pytest.mark.parametrize(
    ("line", "number"),
    [("apt 1 2", 5), ("Apt 1", 5), ("apt 2", 5), ("x; id 1", 5), ("apt 1\x00", 5), ("pp 1\nqq $(id)", 6)],
)
def test_a_line_that_is_no_package_is_named(line: str, number: int, tmp_path: Path) -> None:
    path = tmp_path / "packages"
    path.write_text(str(LISTING) + line + "\n")
    with pytest.raises(ListingError) as caught:
        Listing.read(path)
    assert caught.value.finding.place is not None
    assert caught.value.finding.place.line == number


def test_an_image_of_other_packages_is_none_of_the_list() -> None:
    there = Listing.of_status(STATUS, "armhf", "bookworm", 5)
    assert there.versions == {"apt": "2.6.1", "libc6": "2.36-9+deb12u13"}
    there.compare(there)
    with pytest.raises(OtherPackagesError) as caught:
        LISTING.compare(there)
    assert (caught.value.status, caught.value.finding.message) == (1, "zlib: 1:2~3 is wanted, none is there")


def test_the_mirrors_are_those_of_the_machine_for_the_suite_that_is_asked_for() -> None:
    ours = mirrors.machine_sources("bookworm")
    theirs = mirrors.machine_sources("trixie")
    assert [one.site for one in ours] == [one.site for one in theirs]
    assert "trixie" in {one.release for one in theirs}
    assert {one.release.partition("-")[0] for one in theirs} == {"trixie"}
    assert all(one.components for one in ours)


def test_a_mirror_without_the_suite_is_left_out_with_a_warning_or_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    site = f"file:{tmp_path}/empty"
    left = list(mirrors.usable([Source(site, "none-updates", ("main",))], "none", "armhf", tmp_path / "a"))
    assert [str(one).partition(":")[0] for one in left] == ["warning"]
    with pytest.raises(mirrors.MirrorError, match="none for armhf is not to be had"):
        list(mirrors.usable([Source(site, "none", ("main",))], "none", "armhf", tmp_path / "b"))


def test_the_manifest_carries_the_architecture_where_the_cloud_looks_for_it(tmp_path: Path) -> None:
    file = tmp_path / "root"
    file.write_bytes(b"abc")
    root = etree.fromstring(manifest(file, "machine", "arm64", "1.0"))
    assert root.xpath("string(/manifest/machine_configuration/architecture)") == "arm64"
    assert root.xpath("string(/manifest/image/type)") == "machine"
    assert root.xpath("string(/manifest/image/digest)") == "a9993e364706816aba3e25717850c26c9cd0d89d"
    assert root.xpath("number(/manifest/image/size)") == 3


def test_the_bar_is_on_a_terminal_and_nowhere_else() -> None:
    script = (
        "import sys, time; from armimage.cli import _Bar\n"
        "with _Bar(quiet=len(sys.argv) > 1) as bar:\n    bar(0.5, 'half')\n"
    )
    for words, shown in (((), True), (("-q",), False)):
        ours, theirs = pty.openpty()
        subprocess.run([sys.executable, "-c", script, *words], stderr=theirs, check=True)
        os.close(theirs)
        try:
            said = os.read(ours, 1000)
        except OSError:
            said = b""
        os.close(ours)
        assert (b"[############............]  50%" in said) == shown
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stderr == b""


@pytest.fixture
def handler() -> Iterator[None]:
    """Have the kernel told what ARM programs are run with; untell it what it was not told before."""
    place = "/proc/sys/fs/binfmt_misc/qemu-arm"
    there = os.path.exists(place)  # noqa: PTH110 - of a file of the kernel's
    if not there:
        subprocess.run(["sh", "-c", binfmt.registration(ARCHITECTURES["armhf"])], check=True)
    yield
    if not there:
        subprocess.run(["sh", "-c", f"echo -1 >{place}"], check=True)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("handler")
def test_an_image_is_made_twice_of_the_same_bytes_and_boots_to_a_login_prompt(root: Path, tmp_path: Path) -> None:
    """The second one is made of the first one's list of packages."""
    first, second = tmp_path / "first", tmp_path / "second"
    status, out, err = run("-a", "armhf", "-o", first)
    assert status == 0, err
    assert re.search(r"bookworm for armhf, \d+ packages", out)
    assert run("-o", second, "--packages", first / "packages")[0] == 0
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(path.name for path in second.iterdir())
    assert [name for name in names if (first / name).read_bytes() != (second / name).read_bytes()] == []

    store = Store.usual()
    subject = Subject.of_series(str(root / "tests/c/reference"), root / "patches", "series", store, each=False)
    machine = MACHINES["armhf"]
    shutil.rmtree(second)
    folder = tmp_path / "boot"
    folder.mkdir()
    boot = Boot(subject, Guest(machine, first, ()), folder)
    with libvirt((BRIDGE,)) as host:
        done = host.virsh("create", boot.prepare(build(subject, subject.prefixes.last, ())))
        assert done.status == 0, done.err
        console = folder / "console.log"
        start = time.monotonic()
        until(lambda: console.exists() and b"guest login: " in console.read_bytes(), 1800)
        tail = console.read_bytes()[-2000:]
        assert b"guest login: " in tail, (time.monotonic() - start, tail)
