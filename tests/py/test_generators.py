# SPDX-License-Identifier: GPL-3.0-or-later
"""The generators: for x86 they print what they printed, byte for byte; for ARM what DESIGN says; else nothing."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from _generators import KVM, XEN, Pair, pair, run
from buildcheck.contract import HOSTILE
from buildcheck.domain_generators import answers
from buildcheck.libvirt import Libvirt, libvirt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPTIONS = {
    KVM: ("--ramdisk", "--ephemeral", "--virtionet", "--virtioroot"),
    XEN: ("--ramdisk", "--ephemeral"),
}
X86 = ("i386", "i486", "i586", "i686", "amd64", "x86_64")
ARM, ARMHF, ARM64 = ("arm", "armel", "armv5tel"), ("armhf", "armv7l"), ("arm64", "aarch64")
WORDS = (*ARM, *ARMHF, *ARM64)
# DESIGN.md, section 6, "Rows": arch, machine, CPU, emulator, disk, bus, NIC
ROWS = {
    ARM: ("armv6l", "versatilepb", "arm926", "/usr/bin/qemu-system-arm", "sda", "scsi", "e1000"),
    ARMHF: ("armv7l", "virt", "cortex-a15", "/usr/bin/qemu-system-arm", "vda", "virtio", "virtio"),
    ARM64: ("aarch64", "virt", "cortex-a57", "/usr/bin/qemu-system-aarch64", "vda", "virtio", "virtio"),
}
HOSTS = {ARM: ("armv5tel", "armv6l"), ARMHF: ("armv7l",), ARM64: ("aarch64",)}
BRIDGE = "buildcheck0"
# A module that is loaded before the generator, and gives it another machine to look at.
MACHINE = """\
package Machine;
*CORE::GLOBAL::open = sub (*;$@) {{
    my (undef, $mode, $path, @more) = @_;
    return CORE::open($_[0], '<', '{kvm}') if "$mode$path" eq '+</dev/kvm' && !@more;
    return CORE::open($_[0], '<', '{told}') if "$mode$path" eq '</proc/sys/kernel/arch' && !@more;
    return CORE::open($_[0], '-|', 'echo', '{asked}') if "$mode$path@more" eq '-|/bin/uname-m';
    die "what is opened is $path with $mode\\n";
}};
1;
"""


@pytest.fixture(scope="module")
def kvm(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return pair(KVM, tmp_path_factory.mktemp("kvm"))


@pytest.fixture(scope="module")
def xen(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return pair(XEN, tmp_path_factory.mktemp("xen"))


@pytest.fixture(scope="module")
def host() -> Iterator[Libvirt]:
    with libvirt((BRIDGE,)) as made:
        yield made


def choices(options: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return every choice of the options."""
    sizes = range(len(options) + 1)
    return [order for size in sizes for order in itertools.combinations(options, size)]


def attributes(root: etree._Element, path: str) -> dict[str, str]:
    found = root.find(path)
    assert found is not None, path
    return {str(name): str(value) for name, value in found.attrib.items()}


@pytest.mark.parametrize("path", [KVM, XEN])
def test_for_x86_and_without_a_word_each_byte_is_as_it_was(path: str, kvm: Pair, xen: Pair) -> None:
    both = kvm if path == KVM else xen
    old = choices(OPTIONS[path])
    assert len(old) == 2 ** len(OPTIONS[path])
    before = answers(both.before, old)
    assert all(not one.status and one.out.endswith(b"</domain>\n") for one in before)
    assert len({one.out for one in before}) == (8 if path == KVM else 4)  # one option of the first does nothing
    assert answers(both.after, old) == before
    words = ("", *X86)
    assert answers(both.after, [("--arch", word, *call) for word in words for call in old]) == before * len(words)
    assert answers(both.after, [(*call, f"--arch={word}") for word in X86 for call in old]) == before * len(X86)


def test_what_one_process_answers_to_many_calls_is_what_each_call_answers(kvm: Pair, xen: Pair) -> None:
    calls = [("--ramdisk",), ("--arch", "armhf"), ("--list-arches",), ("--arch", "x"), ("--nonsense",), ("--arch",)]
    for both in (kvm, xen):
        for words, many in zip(calls, answers(both.after, calls), strict=True):
            once = run(both.after, *words)
            assert (many.status, many.out.decode(), many.err.decode()) == (once.returncode, once.stdout, once.stderr)


@pytest.mark.parametrize("words", ROWS, ids=lambda words: words[0])
def test_an_arm_row_is_as_the_design_says(words: tuple[str, ...], kvm: Pair) -> None:
    arch, machine, cpu, emulator, disk, bus, nic = ROWS[words]
    calls = [("--arch", word, *choice) for word in words for choice in choices(OPTIONS[KVM])]
    for call, one in zip(calls, answers(kvm.after, calls), strict=True):
        assert (one.status, one.err) == (0, b"")
        root = etree.fromstring(one.out)
        assert root.get("type") == "qemu"  # the machine that runs the tests is no ARM
        assert attributes(root, "os/type") == {"arch": arch, "machine": machine}
        assert root.findtext("cpu/model") == cpu
        assert root.findtext("devices/emulator") == emulator
        assert attributes(root, "devices/disk/target") == {"dev": disk, "bus": bus}
        assert attributes(root, "devices/interface/model") == {"type": nic}
        assert root.findtext("os/cmdline") == f"root=/dev/{disk}1 console=ttyAMA0"
        assert (root.find("os/initrd") is not None) == ("--ramdisk" in call)
        assert root.find("os/dtb") is None
        assert root.find("features") is None
        controllers = [dict(one.attrib) for one in root.iterfind("devices/controller")]
        ports = [{"type": "pci", "index": str(at), "model": "pcie-root-port"} for at in range(1, 16)]
        scsi = [{"type": "scsi", "index": "0", "model": "lsilogic"}]
        assert controllers == (ports if machine == "virt" else scsi)


def test_the_list_has_every_row_with_its_words_and_what_the_guests_kernel_must_have(kvm: Pair) -> None:
    done = run(kvm.after, "--list-arches")
    assert (done.returncode, done.stderr) == (0, "")
    rows = {tuple(line.partition(":")[0].split()): line for line in done.stdout.splitlines()}
    assert set(rows) == {*ROWS, X86}
    assert all("; kernel: " in line for line in rows.values())
    assert "LPAE" in rows[ARMHF]
    assert "at most 256 MB and 1 CPU" in rows[ARM]
    assert "versatile-pb.dtb" in rows[ARM]


@pytest.mark.parametrize("word", [word for word in HOSTILE if "\0" not in word], ids=lambda word: ascii(word[:12]))
def test_an_unknown_word_is_an_error_that_names_the_known_ones_and_nothing_else(
    word: str, kvm: Pair, xen: Pair
) -> None:
    for both, known in ((kvm, {*WORDS, *X86}), (xen, set(X86))):
        for words in (("--arch", word), (f"--arch={word}", "--ramdisk"), ("--arch", "arm64", "--arch", word)):
            done = run(both.after, *words)
            assert (done.returncode, done.stdout) == (1, "")
            assert known <= set(done.stderr.replace(",", " ").split())
            assert len(done.stderr.splitlines()) == 1
            assert len(done.stderr) < 300  # nothing of the word is in it


@given(words=st.lists(st.text(st.characters(codec="utf-8"), min_size=1) | st.sampled_from((*WORDS, *X86)), max_size=40))
@settings(max_examples=20)  # each is two processes and 40 words
def test_no_other_word_is_taken(words: list[str], kvm: Pair, xen: Pair) -> None:
    """A word that is in no row, NUL and newlines and all, is an error with nothing on standard output."""
    for both, known in ((kvm, {*WORDS, *X86}), (xen, set(X86))):
        for word, one in zip(words, answers(both.after, [(f"--arch={word}",) for word in words]), strict=True):
            assert (one.status, bool(one.out)) == ((0, True) if word in known else (1, False))


@pytest.mark.parametrize("words", [("--arch",), ("--list-arches=x",), ("--architecture", "arm")])
def test_options_that_are_none_print_nothing(words: tuple[str, ...], kvm: Pair) -> None:
    done = run(kvm.after, *words)
    assert (done.returncode, done.stdout) == (1, "")


def test_xen_refuses_arm(xen: Pair) -> None:
    for word in WORDS:
        done = run(xen.after, "--arch", word)
        assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("device", ["kvm", "no such device"])
@pytest.mark.parametrize("tells", [True, False], ids=["Linux 6.1", "before"])
@pytest.mark.parametrize("machine", ["x86_64", "armv5tel", "armv6l", "armv7l", "aarch64", "armv7lx"])
def test_kvm_is_taken_where_the_host_is_of_the_row_and_dev_kvm_opens(
    machine: str, device: str, kvm: Pair, tmp_path: Path, *, tells: bool
) -> None:
    (tmp_path / "kvm").touch()
    told = tmp_path / "arch"
    if tells:
        told.write_text(f"{machine}\n")
    module = MACHINE.format(told=told, asked="nobody" if tells else machine, kvm=tmp_path / device)
    (kvm.after.parent / "Machine.pm").write_text(module)
    for words in ROWS:
        done = run(kvm.after, "--arch", words[-1], preloaded="Machine")
        assert (done.returncode, done.stderr) == (0, "")
        root = etree.fromstring(done.stdout)
        native = device == "kvm" and machine in HOSTS[words]
        assert root.get("type") == ("kvm" if native else "qemu")
        assert attributes(root, "cpu") == (
            {"mode": "host-passthrough"} if native else {"mode": "custom", "match": "exact"}
        )
        assert (root.find("cpu/model") is None) == native


@pytest.mark.parametrize("word", ["arm", "armhf", "arm64"])
def test_alone_as_in_2011_with_the_placeholders_filled_in_virsh_takes_it(
    word: str, kvm: Pair, host: Libvirt, tmp_path: Path
) -> None:
    for name in ("kernel", "ramdisk", "disk"):
        (tmp_path / name).write_bytes(bytes(1 << 20))
    script = (
        '"$0" --arch "$1" --ramdisk | sed -e "s#BASEPATH#$2#g" -e s/NAME/by-hand/ -e s/PRIVMACADDR/d0:0d:01:02:03:04/'
        f" -e s/BRIDGEDEV/{BRIDGE}/ -e s/MEMORY/262144/ -e s/VCPUS/1/ >guest.xml && virsh create --paused guest.xml"
        " && virsh destroy by-hand"
    )
    done = host.sandbox.run(("sh", "-c", script, kvm.after, word, tmp_path), tmp_path)
    assert (done.status, done.err) == (0, b"")
    assert (tmp_path / "console.log").exists()
