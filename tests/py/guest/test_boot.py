# SPDX-License-Identifier: GPL-3.0-or-later
"""`buildcheck boot`: from what the tree says of a domain to the guest's own line, and what keeps it from coming."""

from __future__ import annotations

import re
import shutil
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from buildcheck import libvirt
from buildcheck.guest.boot import BRIDGE, MAC, Boot, BootError, PlaceError, Through
from buildcheck.guest.cli import boot as command
from buildcheck.guest.image import make_guest
from buildcheck.guest.installation import build
from buildcheck.guest.machines import MACHINES
from buildcheck.guest.service import until

if TYPE_CHECKING:
    from pathlib import Path

    from buildcheck.guest.image import Guest
    from buildcheck.store import Store
    from buildcheck.subject import Subject

LIMIT = 240
"""Seconds for a guest: an emulated one, on a machine that others use too."""


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(command, [*words, "--limit", str(LIMIT)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.stdout, done.stderr


def on_the_series(root: Path) -> tuple[str, ...]:
    return "--upstream", str(root / "tests/c/reference"), "--patches", str(root / "patches")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("arch", "through"),
    [
        ("armhf", "virsh"),
        ("arm64", "cc"),
        pytest.param("arm64", "nc", marks=pytest.mark.slow),
        pytest.param("arm", "virsh", marks=pytest.mark.slow),
        pytest.param("arm", "cc", marks=pytest.mark.slow),
    ],
)
def test_a_guest_boots(arch: str, through: str, root: Path) -> None:
    """From the request to the line, which the guest prints with its disk and its NIC before it."""
    status, out, err = run("--arch", arch, "--through", through, *on_the_series(root))
    assert (status, err) == (0, "")
    line, last = out.splitlines()
    disk = "/dev/sda1" if arch == "arm" else "/dev/vda1"
    assert line == f"guest {arch}: {MACHINES[arch].says} on {disk} with {MAC}"
    assert re.fullmatch(rf"booted through {through} in \d+\.\d s", last)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("lacking", ["interface", pytest.param("disk", marks=pytest.mark.slow)])
def test_without_its_disk_or_its_nic_it_says_nothing(
    lacking: str, armhf: Guest, subject: Subject, tmp_path: Path
) -> None:
    """The guest comes up, waits, and its own line does not come."""
    built = build(subject, subject.prefixes.last, ())
    one = Boot(subject, armhf, tmp_path, LIMIT)
    path = one.prepare(built)
    xml = path.read_text(encoding="utf-8")
    cut = re.sub(rf"(?s) *<{lacking} .*?</{lacking}>\n", "", xml)
    assert cut != xml
    path.write_text(cut, encoding="utf-8")
    console = tmp_path / "console.log"

    def said(text: str) -> bool:
        return console.exists() and text in console.read_text(encoding="utf-8", errors="replace")

    with libvirt.libvirt((BRIDGE,), cache=subject.store.folder / "libvirt") as host:
        assert host.virsh("create", path).status == 0
        # The last thing that the kernel says, whichever of the two there is.
        assert until(lambda: said("Run /init as init process"), LIMIT), console.read_text(errors="replace")
        assert until(lambda: said("vda1") or lacking == "disk", LIMIT)
        time.sleep(8)
        assert one.line(console.read_text(encoding="utf-8", errors="replace")) == ""
        assert "is not there" not in host.virsh("list").out.decode()


def test_a_guest_that_is_silent_is_reported_with_the_end_of_its_console(
    armhf: Guest, subject: Subject, tmp_path: Path
) -> None:
    one = Boot(subject, armhf, tmp_path, 0.2)
    with pytest.raises(BootError) as caught:
        one.run(Through.VIRSH)
    assert caught.value.status == 1
    assert caught.value.finding.slug.name in {"guest-silent", "guest-not-started"}
    assert caught.value.finding.help


def test_a_console_is_believed_only_where_the_line_is_whole(armhf: Guest, subject: Subject, tmp_path: Path) -> None:
    one = Boot(subject, armhf, tmp_path)
    line = f"guest armhf: armv7l on /dev/vda1 with {MAC}"
    assert one.line(f"[    1.0] x\r\n{line}\r\n") == line
    for text in ("", line, f"# {line}\n", f"guest arm64: {line}\n", line.replace("armhf:", "armhf") + "\n"):
        assert one.line(text) == "", text


def test_a_guest_that_is_another_one_is_no_proof(
    armhf: Guest, subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("buildcheck.guest.boot.MAC", "d0:0d:00:00:00:02")
    one = Boot(subject, armhf, tmp_path, LIMIT)
    (tmp_path / "console.log").write_text(f"guest armhf: armv7l on /dev/vda1 with {MAC}\n", encoding="utf-8")
    with pytest.raises(BootError, match=f"the guest says: guest armhf: armv7l on /dev/vda1 with {MAC}"):
        one._awaited(tmp_path, time.monotonic(), lambda: "")  # noqa: SLF001 - what looks at every console


@pytest.mark.parametrize("name", ["a b", "a&b", "a'b", "$(id)", "\u00e9", "a\nb"])
def test_a_folder_whose_name_would_have_to_be_quoted_is_refused(
    name: str, armhf: Guest, subject: Subject, tmp_path: Path
) -> None:
    """It would get into a shell's command line, into XML or into an address."""
    (tmp_path / name).mkdir()
    with pytest.raises(PlaceError, match="would have to be quoted") as caught:
        Boot(subject, armhf, tmp_path / name).run(Through.NC)
    assert caught.value.status == 2


BAD = {
    "no architecture": (["--through", "nc"], "Give --arch: arm, arm64, armhf; or --image."),
    "an unknown one": (["--arch", "vax"], "'vax' is not one of"),
    "an unknown way": (["--arch", "arm", "--through", "xm"], "'xm' is not one of"),
    "a tree and patches": (["--arch", "arm", "--tree", "x", "--patches", "y"], "--tree is a tree that is patched"),
    "no tree": (["--arch", "armhf", "--tree", "/nowhere"], "nowhere"),
    "no time": (["--arch", "armhf", "--limit", "0"], "0"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_command_ends_with_two(what: str) -> None:
    words, message = BAD[what]
    done = CliRunner().invoke(command, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("through", "message"),
    [
        ("virsh", "gen_kvm_libvirt_xml: error: gen_kvm_libvirt_xml says: Unknown option: arch [guest-not-started]"),
        ("nc", "error: the node's client says: "),
    ],
)
def test_a_tree_without_the_architecture_is_a_finding(through: str, message: str, root: Path) -> None:
    """The unpatched one: neither its generator nor its client has such an option."""
    status, out, err = run("--arch", "armhf", "--through", through, "--tree", str(root / "tests/c/reference"))
    assert (status, out) == (1, "")
    assert err.startswith(message)
    assert "option" in err
    assert err.rstrip().endswith("[guest-not-started]")


def test_a_tree_whose_service_does_not_compile_is_refused(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "tests/c/reference", tmp_path / "tree")
    path = tmp_path / "tree/storage/storage.c"
    path.write_text(path.read_text(encoding="utf-8") + "\nint broken(void) { return none; }\n", encoding="utf-8")
    status, out, err = run("--arch", "armhf", "--through", "nc", "--tree", str(tmp_path / "tree"))
    assert (status, out) == (2, "")
    assert "storage/storage.c: error: \u2018none\u2019 undeclared" in err or "'none' undeclared" in err
    assert "[not-built]" in err


def test_the_store_keeps_what_was_made(store: Store, armhf: Guest) -> None:
    start = time.monotonic()
    assert make_guest(MACHINES["armhf"], store) == armhf
    assert time.monotonic() - start < 5
