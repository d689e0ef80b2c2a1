# SPDX-License-Identifier: GPL-3.0-or-later
"""The patched node controller on a real libvirtd: an ARM guest's whole life, and what is refused before it begins."""

from __future__ import annotations

import gzip
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from _node import ARM, LIMIT, node
from buildcheck.guest.boot import MAC, Boot
from buildcheck.guest.image import make_guest
from buildcheck.guest.machines import MACHINES
from buildcheck.guest.messages import run_instance
from buildcheck.guest.service import until

if TYPE_CHECKING:
    from pathlib import Path

    from _node import Node
    from buildcheck.guest.image import Guest
    from buildcheck.guest.installation import Built
    from buildcheck.libvirt import Libvirt
    from buildcheck.store import Store
    from buildcheck.subject import Subject

A, B = "i-AAAAAAA1", "i-BBBBBBB2"
NS = "{http://eucalyptus.ucsb.edu/}"

pytestmark = pytest.mark.timeout(900)


def greeted(one: Node, boot: Boot, name: str) -> str:
    """Wait for the guest's own line on the console of an instance."""
    console = one.folder_of(name) / "console.log"

    def line() -> str:
        return boot.line(console.read_text(encoding="utf-8", errors="replace")) if console.exists() else ""

    assert until(line, 2 * LIMIT), (one.told(), console.read_text(errors="replace")[-2000:])
    return line()


def test_a_guest_lives_through_restart_and_reboot_and_ends(
    patched: Built, subject: Subject, armhf: Guest, host: Libvirt, tmp_path: Path
) -> None:
    """Asked for by the node's own client with its new option, down to the guest's own line, twice."""
    boot = Boot(subject, armhf, tmp_path)
    line = f"guest armhf: armv7l on /dev/vda1 with {MAC}"
    one = node(patched, tmp_path / "nc", host)
    with one.running():
        status, said = one.run(A, "-A", "armhf", images=armhf.folder)
        assert status == 0, (said, one.told())
        assert greeted(one, boot, A) == line
        one.becomes(A, "Extant")
        assert one.instances()[A]["archId"] == "armhf"
        written = (one.folder_of(A) / "libvirt.xml").read_text(encoding="utf-8")
        assert "<type arch='armv7l' machine='virt'>hvm</type>" in written
        domains = one.domains()

        one.restart()
        assert one.instances()[A]["archId"] == "armhf"
        assert one.state(A) == "Extant"
        assert one.domains() == domains, "the guest has not noticed"
        assert f"adopted {A} of user eucalyptus" in one.said

        assert one.ask("-i", A, "rebootInstance") == (0, "")
        assert until(lambda: one.domains().get(A) not in {None, domains[A]}, LIMIT), one.told()
        assert greeted(one, boot, A) == line
        assert one.instances()[A]["archId"] == "armhf"
        assert (one.folder_of(A) / "libvirt.xml").read_text(encoding="utf-8") == written

        status, said = one.ask("-i", A, "terminateInstance")
        assert status == 0, said
        one.becomes(A, "Teardown")
        assert until(lambda: not one.folder_of(A).exists(), LIMIT), one.told()
        assert one.domains() == {}


# --- what is refused before anything is allocated ---------------------------------------------------------------

_LONG = "armhf" * 2000
HOSTILE = {
    "unknown": "vax",
    "an old spelling": "ARMHF",
    "a blank behind": "armhf ",
    "a shell's": "armhf; touch hostile",
    "a substitution": "$(touch hostile)",
    "backticks": "`id`",
    "XML": "armhf'/><disk/>&amp;<!--",
    "an option": "--list-arches",
    "a path": "../../../etc/passwd",
    "a format": "%s%n%x",
    "a newline": "armhf\n",
    "a tab": "arm\thf",
    "a carriage return": "\rarmhf",
    "not ASCII": "\u0430rmhf",
    "10,000 characters": _LONG[:10000],
    "511 characters": "a" * 511,
    "512 characters": "a" * 512,
}


def untouched(one: Node, name: str = A) -> None:
    """Fail if anything was made for an instance."""
    assert one.instances() == {}
    assert one.domains() == {}
    assert not one.folder_of(name).exists()


def refused(one: Node, message: bytes) -> None:
    """Fail unless the node says no to a request, in an answer that its client understands."""
    status, answer = one.post(message)
    assert status == 200, answer
    said = etree.fromstring(answer)
    assert [element.text for element in said.iter(f"{NS}return")] == ["false"], answer
    assert list(said.iter(f"{NS}instance")) == []


def test_what_cannot_run_is_refused_before_anything_is_made(
    patched: Built, armhf: Guest, host: Libvirt, tmp_path: Path
) -> None:
    """Words of all kinds, too much memory, too many processors, no emulator: an error for the client, a line in the log."""
    one = node(patched, tmp_path / "nc", host)
    with one.running():
        one.use(ARM)
        for what, word in HOSTILE.items():
            before = len(one.said)
            refused(one, run_instance(armhf, A, MAC, word))
            told = one.said[before:]
            assert f"{A}: unknown architecture in the request" in told, (what, told)
            assert word not in told, "nor does the log get what came over the wire"
            untouched(one)
        # NUL cannot be written in XML at all: the message is refused as a whole.
        status, answer = one.post(run_instance(armhf, A, MAC, "arm-x").replace(b"arm-x", b"arm\0hf"))
        assert status != 200, answer
        status, answer = one.post(run_instance(armhf, A, MAC, "arm-x").replace(b"arm-x", b"arm&#0;hf"))
        assert status != 200, answer
        untouched(one)
        # On the command line of the client.
        for word in ("vax", _LONG, "a\nb", "$(id)", "'\"<&"):
            status, said = one.run(A, "-A", word)
            assert (status, f"{A} was not started" in said) == (1, True), said
        untouched(one)
        for word, values, reason in (
            ("arm", {"memory": "257"}, "257 MB are too many, arm guests can have 256"),
            ("armel", {"memory": "2147483647"}, "2147483647 MB are too many, armel guests can have 256"),
            ("armv5tel", {"memory": "128", "cores": "2"}, "2 cores are too many, armv5tel guests can have 1"),
        ):
            refused(one, run_instance(armhf, A, MAC, word, **values))
            assert f"{A}: {reason}" in one.said
            untouched(one)
        hidden = "/usr/bin/qemu-system-aarch64"
        assert host.sandbox.run(("mount", "--bind", "/dev/null", hidden), tmp_path).status == 0
        refused(one, run_instance(armhf, A, MAC, "arm64"))
        assert f"{A}: no arm64 guests here, there is no {hidden}" in one.said
        untouched(one)
        # It is none the worse for it.
        status, said = one.run(B, "-A", "armhf")
        assert status == 0, (said, one.told())
        one.started(B)
    assert not list(tmp_path.rglob("hostile")), "no shell has read a word"


def test_the_configuration_gives_an_architecture_to_whoever_brings_none(
    patched: Built, armhf: Guest, host: Libvirt, tmp_path: Path
) -> None:
    """NC_GUEST_ARCH, with no element on the wire, and with an empty one; one in the request goes first."""
    one = node(patched, tmp_path / "nc", host, NC_GUEST_ARCH="armhf")
    with one.running():
        message = run_instance(armhf, A, MAC, "", memory="64")
        assert b"archId" not in message
        assert one.post(message)[0] == 200
        one.becomes(A, "Extant")
        assert "archId" not in one.instances()[A], "nothing is told that no request has named"
        assert "arch='armv7l'" in (one.folder_of(A) / "libvirt.xml").read_text(encoding="utf-8")
        message = run_instance(armhf, B, MAC, "vax").replace(b">vax<", b"><")
        assert b"archId></" in message
        status, said = one.run(B, "-A", "vax")
        assert (status, "unknown architecture in the request" in one.said) == (1, True), said
        assert one.post(message)[0] == 200
        one.becomes(B, "Extant")
        assert "archId" not in one.instances()[B]
        assert "arch='armv7l'" in (one.folder_of(B) / "libvirt.xml").read_text(encoding="utf-8")


# --- volumes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["armhf", "arm64"])
def test_volumes_are_attached_for_as_long_as_there_are_ports(
    word: str, patched: Built, host: Libvirt, tmp_path: Path
) -> None:
    """The tree's own generator; no guest has to be awake for it. Of its fifteen ports disk and NIC have two."""
    one = node(patched, tmp_path / "nc", host)
    with one.running():
        good = one.generator.read_bytes()
        one.use(ARM)  # for what it boots
        one.generator.write_bytes(good)
        status, said = one.run(A, "-A", word)
        assert status == 0, (said, one.told())
        one.started(A)
        assert f"arch='{'armv7l' if word == 'armhf' else 'aarch64'}'" in (one.folder_of(A) / "libvirt.xml").read_text()
        for number in range(14):
            volume = tmp_path / f"volume-{number}"
            volume.write_bytes(bytes(1 << 20))
            words = ("-V", f"vol-{number}", "-R", str(volume), "-L", f"/dev/sd{chr(ord('b') + number)}")
            status, said = one.ask("-i", A, *words, "attachVolume")
            assert (status == 0) == (number < 13), (number, said, one.told())
        assert "No more available PCI slots" in one.said
        assert one.instances()[A]["volumeId"].split() == [f"vol-{number}" for number in range(13)]
        listed = host.virsh("domblklist", A).out.decode().split()
        assert [name for name in listed if name.startswith("vd")] == [f"vd{letter}" for letter in "abcdefghijklmn"]


@pytest.mark.slow
def test_a_guest_sees_its_volumes_come(
    patched: Built, subject: Subject, store: Store, host: Libvirt, tmp_path: Path
) -> None:
    """Debian's kernel for arm64 looks for new PCI devices by itself, and says what it has found."""
    guest = make_guest(MACHINES["arm64"], store)
    boot = Boot(subject, guest, tmp_path)
    one = node(patched, tmp_path / "nc", host)
    with one.running():
        assert one.post(run_instance(guest, A, MAC, "arm64"))[0] == 200
        one.becomes(A, "Extant")
        assert greeted(one, boot, A) == f"guest arm64: aarch64 on /dev/vda1 with {MAC}"
        console = one.folder_of(A) / "console.log"
        for number in range(3):
            volume = tmp_path / f"volume-{number}"
            volume.write_bytes(bytes((number + 1) << 20))
            device = f"sd{chr(ord('b') + number)}"
            words = ("-V", f"vol-{number}", "-R", str(volume), "-L", f"/dev/{device}")
            assert one.ask("-i", A, *words, "attachVolume")[0] == 0, one.told()
            found = f"[vd{device[-1]}] {(number + 1) * 2048} 512-byte logical blocks"
            assert until(lambda: found in console.read_text(errors="replace"), LIMIT), console.read_text()[-2000:]  # noqa: B023


# What the small guest does behind its line: qemu's ports have their PCI Express capability at 0x54, and so the
# second byte of the slot control register (PCI Express Base Specification, 7.8.10) at 109.
_POWER = """\
while :; do
    for port in /sys/bus/pci/devices/0000:00:*; do
        [ "$(cat $port/class)" != 0x060400 ] || printf '\\001' | dd of=$port/config bs=1 seek=109 conv=notrunc 2>/dev/null
    done
    echo 1 >/sys/bus/pci/rescan; sleep 5
done
"""


@pytest.mark.slow
def test_a_kernel_without_hot_plugging_sees_them_when_it_gives_them_power(
    patched: Built, subject: Subject, armhf: Guest, host: Libvirt, tmp_path: Path
) -> None:
    """Debian's kernel for armhf: what is docs/guests.md's advice."""
    folder = tmp_path / "guest"
    folder.mkdir()
    for name in ("kernel", "ramdisk", "root"):
        shutil.copy(armhf.folder / name, folder / name)
    unpack = ["cpio", "--extract", "--to-stdout", "--quiet", "init"]
    data = gzip.decompress((folder / "ramdisk").read_bytes())
    init = subprocess.run(unpack, input=data, capture_output=True, check=True).stdout.decode()
    assert "exec sleep" in init
    (tmp_path / "init").write_text(init.replace("exec sleep", f"{_POWER}exec sleep"))
    (tmp_path / "init").chmod(0o755)
    pack = ["cpio", "--create", "--quiet", "--format=newc"]
    more = subprocess.run(pack, input=b"init\n", cwd=tmp_path, capture_output=True, check=True).stdout
    with (folder / "ramdisk").open("ab") as file:
        file.write(gzip.compress(more))  # of two files of one name, the kernel takes the later
    one = node(patched, tmp_path / "nc", host)
    with one.running():
        assert one.post(run_instance(replace(armhf, folder=folder), A, MAC, "armhf"))[0] == 200
        one.becomes(A, "Extant")
        assert greeted(one, Boot(subject, armhf, tmp_path), A)
        console = one.folder_of(A) / "console.log"
        (tmp_path / "volume").write_bytes(bytes(3 << 20))
        words = ("-i", A, "-V", "vol-1", "-R", str(tmp_path / "volume"), "-L", "/dev/sdb")
        assert one.ask(*words, "attachVolume")[0] == 0, one.told()
        assert until(lambda: "[vdb] 6144 512-byte" in console.read_text(errors="replace"), LIMIT), console.read_text()


# --- what goes wrong later --------------------------------------------------------------------------------------


def test_a_full_disk_leaves_the_old_checkpoint_and_the_guest(patched: Built, host: Libvirt, tmp_path: Path) -> None:
    """A volume is attached, and there is no room to write it down: what was written before is still whole."""
    one = node(patched, tmp_path / "nc", host)
    there = one.home / "instances"
    assert host.sandbox.run(("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", there), tmp_path).status == 0

    def inside(*words: str) -> str:
        done = host.sandbox.run(words, tmp_path)
        return done.out.decode().strip() if done.status == 0 else ""

    with one.running():
        one.use(ARM)
        status, said = one.run(A, "-A", "armhf")
        assert status == 0, (said, one.told())
        one.started(A)
        checkpoint = f"{one.folder_of(A)}/instance-checkpoint"
        before = inside("sha256sum", checkpoint)
        assert before
        host.sandbox.run(("sh", "-c", f"cat /dev/zero >{there}/full"), tmp_path)
        assert inside("df", "--output=avail", str(there)).split()[-1] == "0"
        (tmp_path / "volume").write_bytes(bytes(1 << 20))
        one.ask("-i", A, "-V", "vol-1", "-R", str(tmp_path / "volume"), "-L", "/dev/sdc", "attachVolume")
        assert inside("sha256sum", checkpoint) == before
        assert inside("ls", str(one.folder_of(A))).split() == sorted(
            ["console.log", "disk", "instance-checkpoint", "kernel", "libvirt.xml", "ramdisk"]
        ), "no half of a new one is left"
        assert "checkpoint" in one.said, one.told()
        domains = one.domains()
        one.restart()
        assert one.state(A) == "Extant", one.told()
        assert one.domains() == domains


def test_a_qemu_that_dies_at_its_start_ends_the_instance(patched: Built, host: Libvirt, tmp_path: Path) -> None:
    """Five times over, as often as the node tries; the request had been taken, so the instance ends, with its files."""
    one = node(patched, tmp_path / "nc", host)
    with one.running():
        one.use(ARM)
        path = one.generator
        good = path.read_text(encoding="utf-8")
        # qemu cannot load a kernel that is a folder, and says so when it has begun.
        path.write_text(good.replace("<kernel>BASEPATH/kernel<", "<kernel>BASEPATH<"), encoding="utf-8")
        status, said = one.run(A, "-A", "armhf")
        assert status == 0, said
        one.becomes(A, "Teardown")
        assert f"{A}: the hypervisor refused 5 times" in one.said
        assert "process exited while connecting to monitor" in one.said, one.told()
        assert until(lambda: not one.folder_of(A).exists(), LIMIT), one.told()
        assert one.domains() == {}


@pytest.mark.slow
def test_a_qemu_that_dies_later_ends_the_instance(patched: Built, host: Libvirt, tmp_path: Path) -> None:
    """The node looks six times, five seconds apart, before it believes it."""
    one = node(patched, tmp_path / "nc", host)
    with one.running():
        one.use(ARM)
        status, said = one.run(B, "-A", "armhf")
        assert status == 0, said
        one.started(B)
        assert until(lambda: f"{B}: from Booting to Running" in one.said, LIMIT), one.told()
        pid = int(host.sandbox.run(("cat", f"/run/libvirt/qemu/{B}.pid"), tmp_path).out)
        assert host.sandbox.run(("kill", f"-{signal.SIGKILL:d}", str(pid)), tmp_path).status == 0
        one.becomes(B, "Teardown")
        assert until(lambda: not one.folder_of(B).exists(), LIMIT), one.told()


def test_guests_and_node_live_through_a_restart_of_libvirtd(patched: Built, host: Libvirt, tmp_path: Path) -> None:
    one = node(patched, tmp_path / "nc", host)
    with one.running():
        one.use(ARM)
        status, said = one.run(A, "-A", "armhf")
        assert status == 0, (said, one.told())
        one.started(A)
        domains = one.domains()
        host.stop()
        time.sleep(6)  # the node looks at its guests every five seconds
        assert one.state(A) == "Extant", one.told()
        status, said = one.run(B, "-A", "armhf")
        host.start()
        assert one.domains() == domains
        assert until(lambda: "opening another" in one.said, LIMIT), one.told()
        one.becomes(A, "Extant")
        assert one.folder_of(A).is_dir()
        status, said = one.ask("-i", A, "terminateInstance")
        assert status == 0, (said, one.told())
        assert until(lambda: not one.folder_of(A).exists(), LIMIT), one.told()
        # Where the hypervisor cannot be reached an instance does not start, and the node says so.
        assert B not in one.domains()
        assert one.state(B) in {"", "Teardown"}


def test_a_generator_that_is_too_old_for_the_node_is_an_error_and_no_x86_guest(
    patched: Built, unpatched: Built, host: Libvirt, tmp_path: Path
) -> None:
    """Half an upgrade: the unpatched generator knows no --arch, prints nothing, and the instance ends."""
    one = node(patched, tmp_path / "nc", host)
    with one.running():
        one.use(ARM)
        path = one.generator
        path.unlink()
        shutil.copy(unpatched.script(path.name), path)
        status, said = one.run(A, "-A", "armhf")
        assert status == 0, said
        one.becomes(A, "Teardown")
        assert "no XML came from: " in one.said
        assert one.domains() == {}
