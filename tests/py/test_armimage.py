# SPDX-License-Identifier: GPL-3.0-or-later
"""armimage: what it is told, what it takes from where, and that what it makes boots to a login prompt."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from armimage import binfmt, mirrors
from armimage.architectures import ARCHITECTURES
from armimage.cli import main
from armimage.listing import Listing, ListingError, OtherPackagesError, installed
from armimage.manifest import manifest
from armimage.mirrors import Source
from armimage.running import Way
from armimage.system import hooks
from buildcheck.guest.cli import boot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSIONS = {"apt": "2.6.1", "libc6": "2.36-9+deb12u13", "zlib": "1:2~3"}
LISTING = Listing("armhf", "bookworm", 1_700_000_000, 900, ("less", "vim-tiny"), VERSIONS)
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


def there(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, status: int = 0) -> None:
    """Put a program of that name before all others, which only ends."""
    (folder / name).write_text(f"#!/bin/sh\nexit {status}\n")
    (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=str)
def test_without_a_handler_the_one_line_for_root_is_said(
    architecture: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program arch-test that knows no architecture stands for a kernel that does not."""
    assert architecture in ARCHITECTURES.values()
    there(tmp_path, monkeypatch, "arch-test", 1)
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
    assert path.read_text().splitlines()[:2] == ["# armimage armhf bookworm 1700000000 900 less vim-tiny", "apt 2.6.1"]


def test_the_list_says_what_it_is_a_list_of_and_nobody_may_say_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "packages"
    path.write_text(str(LISTING))
    for words in (("-a", "arm64"), ("-s", "trixie"), ("--size", "1024"), ("--include", "less")):
        status, _, err = run("-o", tmp_path / "out", "--packages", path, *words)
        assert (status, "The list is for bookworm on armhf, 900 MB with less vim-tiny." in err) == (2, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("# armimage vax bookworm 1 900", "The list is for vax: images are for armhf or arm64."),
        ("# armimage armhf bookworm 1 99999", "The list is for 99999 MB: images have 256 to 65536."),
        ("# armimage armhf bookworm 1", "1: error: the first line is not that of a list"),
        ("# armimage armhf bookworm 1 900 $(id)", "1: error: the first line is not that of a list"),
        ("# armimage armhf -o 1 900", "1: error: the first line is not that of a list"),
    ],
)
def test_a_list_that_nobody_could_have_asked_for_is_refused(head: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "packages"
    path.write_text(f"{head}\napt 2.6.1\n")
    status, out, err = run("-o", tmp_path / "out", "--packages", path)
    assert (status, out, message in err) == (2, "", True), err


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
    there = replace(LISTING, versions=installed(STATUS))
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


def test_a_folder_may_be_named_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is relative is below another folder for apt; with a suite that no mirror has, nothing is made."""
    there(tmp_path, monkeypatch, "arch-test")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    status, out, err = run("-a", "armhf", "-s", "no-such-suite", "-o", "out")
    assert (status, out) == (2, "")
    assert re.search(r"no-such-suite for armhf is not to be had: .*no-such-suite", err), err
    assert list((tmp_path / "here/out").iterdir()) == []


def test_the_hooks_write_what_a_system_of_the_cloud_has_and_take_away_what_is_its_own(tmp_path: Path) -> None:
    """Each is run by mmdebstrap with the folder of the system behind it, whatever its name is."""
    system = tmp_path / "a system's"
    own = system / "etc/ssh/ssh_host_rsa_key"
    own.parent.mkdir(parents=True)
    own.write_text("secret")
    (system / "etc/hostname").symlink_to("elsewhere")

    def run_hooks(when: str) -> None:
        for option in hooks(LISTING.pins()):
            name, _, line = option.partition("=")
            if name == f"--{when}-hook" and "update-initramfs" not in line:
                subprocess.run(["sh", "-euc", line, "sh", system], check=True)

    run_hooks("setup")
    assert (system / "etc/apt/preferences.d/armimage").read_text() == LISTING.pins()
    run_hooks("essential")
    assert own.read_text() == "", "there is one, so that no program makes one"
    script = system / "etc/initramfs-tools/hooks/cloud"
    assert subprocess.run([script, "prereqs"], check=True, capture_output=True).stdout == b""
    assert "MODULES=list" in (system / "etc/initramfs-tools/conf.d/cloud").read_text()
    run_hooks("customize")
    assert not own.exists()
    assert not (system / "etc/apt/preferences.d/armimage").exists()
    assert (system / "etc/hostname").read_text() == "guest\n"
    assert not (system / "etc/elsewhere").exists()
    assert not [option for option in hooks("") if "setup-hook" in option]


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


def test_the_bar_lives_while_nothing_is_said() -> None:
    script = "import time; from armimage.cli import _Bar\nwith _Bar(quiet=False) as bar:\n    bar(0.5, 'half')\n    time.sleep(2.5)\n"
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", script], stderr=theirs, check=True)
    os.close(theirs)
    said = os.read(ours, 10_000)
    os.close(ours)
    assert re.findall(rb"50%    (\d) s  half", said)[:3] == [b"0", b"1", b"2"]


def test_the_bar_goes_by_the_packages_that_are_set_up() -> None:
    """The words are those of mmdebstrap 1.3 and apt; what is unknown does no harm, and it never goes back."""
    way = Way()
    steps = [
        ("I: installing essential packages...", "installing essential packages..."),
        ("Get:1 http://mirror bookworm/main armhf dash armhf 0.5.12-2 [94 kB]", ""),
        ("Get:2 http://mirror bookworm/main armhf sed armhf 4.9-1 [300 kB]", ""),
        ("Setting up dash (0.5.12-2) ...", "Setting up dash (0.5.12-2) ..."),
        ("I: installing remaining packages inside the chroot...", "installing remaining packages inside the chroot..."),
        ("Get:1 http://mirror bookworm/main armhf udev armhf 252 [1 MB]", ""),
        ("what nobody expects", ""),
        ("Setting up udev (252) ...", "Setting up udev (252) ..."),
        ("Setting up udev (252) ...", "Setting up udev (252) ..."),
    ]
    seen = []
    for line, what in steps:
        assert way.hears(f"{line}\n") == what
        seen.append(way.done)
    assert seen == sorted(seen)
    assert (seen[3], seen[4], seen[-1]) == (0.175, 0.35, 1.0)


@pytest.fixture
def handlers() -> Iterator[None]:
    """Have the kernel told what ARM programs are run with; untell it what it was not told before."""
    told = []
    for one in ARCHITECTURES.values():
        place = f"/proc/sys/fs/binfmt_misc/{one.emulator}"
        if not os.path.exists(place):  # noqa: PTH110 - of a file of the kernel's
            subprocess.run(["sh", "-c", binfmt.registration(one)], check=True)
            told.append(place)
    yield
    for place in told:
        subprocess.run(["sh", "-c", f"echo -1 >{place}"], check=True)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("handlers")
def test_an_image_is_made_twice_of_the_same_bytes_and_boots_to_a_login_prompt(root: Path, tmp_path: Path) -> None:
    """The second one is made of nothing but the first one's list; then the cluster controller starts it."""
    first, second = tmp_path / "first", tmp_path / "second"
    status, out, err = run("-a", "armhf", "-s", "bookworm", "--size", "900", "--include", "less", "-o", first)
    assert status == 0, err
    assert re.search(r"bookworm for armhf, \d+ packages", out)
    assert (first / "root").stat().st_size == 900 << 20
    assert re.search(r"(?m)^less \S+$", (first / "packages").read_text())
    status, _, err = run("-o", second, "--packages", first / "packages")
    assert status == 0, err
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(path.name for path in second.iterdir())
    assert [name for name in names if (first / name).read_bytes() != (second / name).read_bytes()] == []
    series = ("--upstream", str(root / "tests/c/reference"), "--patches", str(root / "patches"))
    done = CliRunner().invoke(boot, ["--image", str(first), "--through", "cc", "--limit", "1800", *series])
    assert (done.exit_code, done.stdout.partition("\n")[0]) == (0, "guest login:"), done.stderr


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.usefixtures("handlers")
def test_an_image_for_64_bits_boots_to_a_login_prompt(root: Path, tmp_path: Path) -> None:
    status, _, err = run("-a", "arm64", "-o", tmp_path / "image")
    assert status == 0, err
    series = ("--upstream", str(root / "tests/c/reference"), "--patches", str(root / "patches"))
    words = ["--arch", "arm64", "--image", str(tmp_path / "image"), "--through", "nc", "--limit", "1800", *series]
    done = CliRunner().invoke(boot, words)
    assert (done.exit_code, done.stdout.partition("\n")[0]) == (0, "guest login:"), done.stderr
