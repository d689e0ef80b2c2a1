# SPDX-License-Identifier: GPL-3.0-or-later
"""`buildcheck boot --image`: for what architecture an image is, by its manifest, and when it has booted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from armimage.manifest import manifest
from buildcheck.guest.boot import Boot
from buildcheck.guest.cli import boot as command
from buildcheck.guest.given import MANIFEST, GivenError, given_guest
from buildcheck.guest.messages import run_instance

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildcheck.subject import Subject


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Return a folder with the files of an image for arm64, which are empty."""
    folder = tmp_path / "image"
    folder.mkdir()
    for name in ("kernel", "ramdisk", "root"):
        (folder / name).touch()
    (folder / MANIFEST).write_bytes(manifest(folder / "root", "machine", "arm64", "1"))
    return folder


@pytest.mark.parametrize(("said", "word"), [("arm64", "arm64"), ("armhf", "armhf"), ("armel", "arm")])
def test_the_manifest_says_what_an_image_is_for(said: str, word: str, image: Path) -> None:
    (image / MANIFEST).write_bytes(manifest(image / "root", "machine", said, "1"))
    guest = given_guest(image, None)
    assert (guest.machine.word, guest.machine.megabytes, guest.login) == (word, 256, True)
    assert given_guest(image, word) == guest


def without(image: Path) -> None:
    """Take the architecture out of the manifest."""
    data = (image / MANIFEST).read_bytes()
    assert b"<architecture>arm64</architecture>" in data
    (image / MANIFEST).write_bytes(data.replace(b"<architecture>arm64</architecture>", b""))


def test_a_manifest_without_an_architecture_needs_somebody_who_says_it(image: Path) -> None:
    without(image)
    assert given_guest(image, "armhf").machine.word == "armhf"
    (image / MANIFEST).unlink()
    assert given_guest(image, "armhf").machine.word == "armhf"


BAD: dict[str, tuple[Callable[[Path], object], str | None, str]] = {
    "no kernel": (lambda image: (image / "kernel").unlink(), None, "there is no file kernel"),
    "no manifest": (lambda image: (image / MANIFEST).unlink(), None, "it cannot be read: No such file"),
    "no XML": (lambda image: (image / MANIFEST).write_text("<manifest"), "arm64", "it cannot be read: "),
    "no architecture": (without, None, "it does not say an architecture"),
    "an unknown one": (
        lambda image: (image / MANIFEST).write_bytes(manifest(image / "root", "machine", "$(id)" * 99, "1")),
        None,
        "'$(id)$(id)$(id)$(id)$(id)$(id)$(id)$(id)' is no architecture of guests",
    ),
    "an unknown one, and one asked for": (
        lambda image: (image / MANIFEST).write_bytes(manifest(image / "root", "machine", "sparc", "1")),
        "arm64",
        "'sparc' is no architecture of guests",
    ),
    "another one": (lambda _: None, "armhf", "this image is for arm64, and not for armhf"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_image_ends_with_two_and_its_place(what: str, image: Path) -> None:
    breaks, word, message = BAD[what]
    breaks(image)
    with pytest.raises(GivenError) as caught:
        given_guest(image, word)
    assert str(caught.value.finding.place).startswith(str(image))
    words = ["--image", str(image), *(("--arch", word) if word else ()), "--tree", "/nowhere"]
    done = CliRunner().invoke(command, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_system_is_up_when_it_asks_who_logs_in(image: Path, subject: Subject, tmp_path: Path) -> None:
    one = Boot(subject, given_guest(image, None), tmp_path)
    up = "Debian GNU/Linux 12 guest ttyAMA0\r\n\r\nguest login: "
    assert one.line(f"[  OK  ] Reached target\r\n{up}") == "guest login:"
    assert one.line(f"{up}[  64.1] a late word of the kernel's\r\n") == "guest login:"
    for text in ("", "login: ", "Starting the guest login:service", "systemd: user login: yes\r\n", "guest login:"):
        assert one.line(text) == "", text


def test_an_instance_has_room_for_its_root_file_system(image: Path) -> None:
    guest = given_guest(image, None)
    for size, gigabytes in ((0, 1), (900 << 20, 1), (1 << 30, 2), (3 << 30, 4)):
        with guest.root.open("wb") as file:
            file.truncate(size)
        message = run_instance(guest, "i-00000001", "d0:0d:00:00:00:01", "arm64").decode()
        assert f"disk>{gigabytes}</" in message
        assert "memory>256</" in message
