# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade under running guests, and back: nothing of theirs is lost, and without the checkpoint patches it is.

The guests are small ones of type qemu, because the checkpoint is what is under test; once more with KVM
in `make check-all`, where it works.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from _node import ARM, LIMIT, X86, node
from buildcheck.guest.installation import build
from buildcheck.guest.service import until
from buildcheck.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from _node import Node, Small
    from buildcheck.guest.installation import Built
    from buildcheck.libvirt import Libvirt
    from buildcheck.store import Store

A, B, C = "i-AAAAAAA1", "i-BBBBBBB2", "i-CCCCCCC3"
MAC_A, MAC_B, MAC_C = "d0:0d:00:00:00:0a", "d0:0d:00:00:00:0b", "d0:0d:00:00:00:0c"
CHECKPOINT = ("nc-checkpoint-save-whole", "nc-checkpoint-adopt-older", "nc-sweep-spares-running")
"""The patches that an upgrade under load is safe by."""

pytestmark = pytest.mark.timeout(900)


def two_guests(one: Node, small: Small, folder: Path) -> None:
    """Start two instances on a running node, the first with a volume."""
    one.use(small)
    volume = folder / "volume"
    volume.write_bytes(bytes(1 << 20))
    for name, mac in ((A, MAC_A), (B, MAC_B)):
        status, said = one.run(name, "-U", f"data of {name}", "-G", "default:web", mac=mac)
        assert status == 0, (said, one.told())
        one.started(name)
    status, said = one.ask("-i", A, "-V", "vol-1", "-R", str(volume), "-L", "/dev/sdc", "attachVolume")
    assert status == 0, (said, one.told())


def upgraded(one: Node, built: Built, small: Small) -> None:
    """Stop the node, install another build of it over the first, and start that."""
    one.stop()
    one.built = built
    one.configure()
    one.use(small)
    one.start()


def kept(found: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return what has to be the same afterwards: all but the state's inner workings."""
    return {name: {k: v for k, v in texts.items() if k != "archId"} for name, texts in found.items()}


def files(one: Node) -> set[str]:
    """Return the files of all instances, which may be going away."""
    return {f"{folder}/{name}" for folder, _, names in os.walk(one.home / "instances") for name in names}


def kvm_works(host: Libvirt, folder: Path) -> bool:
    """Whether libvirt can start a PC with KVM here."""
    (folder / "disk").write_bytes(b"\0" * 1024)
    xml = X86("kvm").domain
    words = {"BASEPATH": str(folder), "NAME": "probe", "PRIVMACADDR": MAC_A, "BRIDGEDEV": "guests0", "MEMORY": "65536"}
    for word, value in (words | {"VCPUS": "1"}).items():
        xml = xml.replace(word, value)
    (folder / "probe.xml").write_text(xml, encoding="utf-8")
    works = host.virsh("create", folder / "probe.xml").status == 0
    host.virsh("destroy", "probe")
    return works


@pytest.mark.parametrize("kind", ["arm", pytest.param("x86", marks=pytest.mark.slow)])
def test_guests_live_through_an_upgrade_and_back(
    kind: str, unpatched: Built, patched: Built, host: Libvirt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the unpatched node has started the patched one takes over, and what both have the unpatched one."""
    small = ARM
    if kind == "x86":
        accelerator = "kvm" if kvm_works(host, tmp_path) else "qemu"
        with capsys.disabled():
            print(f"\nupgrade under load: real x86 guests of type {accelerator}")  # noqa: T201 - which, the issue asks
        small = X86(accelerator)
    one = node(unpatched, tmp_path / "nc", host)
    with one.running():
        two_guests(one, small, tmp_path)
        before, domains, there = one.instances(), one.domains(), files(one)
        assert (before[A]["volumeId"], before[A]["localDev"]) == ("vol-1", "/dev/sdc")
        assert {name: before[name]["privateMacAddress"] for name in before} == {A: MAC_A, B: MAC_B}
        assert set(domains) == {A, B}
        assert {f"{one.folder_of(name)}/instance-checkpoint" for name in domains} <= there

        upgraded(one, patched, small)
        assert kept(one.instances()) == kept(before)
        assert (one.domains(), files(one)) == (domains, there)
        # It is in charge of them: it runs another one beside them, and takes the volume off again.
        status, said = one.run(C, "-A", "armhf", mac=MAC_C)
        assert status == 0, (said, one.told())
        one.started(C)
        both, domains, there = one.instances(), one.domains(), files(one)
        assert both[C]["archId"] == "armhf"

        upgraded(one, unpatched, small)
        assert kept(one.instances()) == kept(both)
        assert (one.domains(), files(one)) == (domains, there)
        for name in (A, B, C):
            status, said = one.ask("-i", name, "terminateInstance")
            assert status == 0, (said, one.told())
        assert until(lambda: not files(one), LIMIT), files(one)
        assert one.domains() == {}


@pytest.fixture(scope="session")
def without_checkpoint(root: Path, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Return the node of a series that lacks the checkpoint patches, and the edits of others that are about them."""
    folder = tmp_path_factory.mktemp("series")
    shutil.copytree(root / "semantic", folder / "semantic")
    series = folder / "semantic/series"
    lines = series.read_text(encoding="utf-8").splitlines(keepends=True)
    left = [line for line in lines if line.strip() not in CHECKPOINT]
    assert len(lines) - len(left) == len(CHECKPOINT)
    series.write_text("".join(left), encoding="utf-8")
    for name in CHECKPOINT:
        (folder / f"semantic/{name}.toml").unlink()
    path = folder / "semantic/nc-instance-archid.toml"
    head, *edits = path.read_text(encoding="utf-8").split("[[edit]]\n")
    theirs = ("terminate_strings", "oldest_checkpoint")
    kept_ = [edit for edit in edits if not any(name in edit for name in theirs)]
    assert len(kept_) == len(edits) - len(theirs)
    path.write_text("[[edit]]\n".join((head, *kept_)), encoding="utf-8")
    upstream = str(root / "tests/c/reference")
    words = [sys.executable, "-m", "patchgen", "refresh", "--upstream", upstream]
    words += ["--semantic", str(folder / "semantic"), "--patches", str(folder / "patches")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    subject = Subject.of_series(upstream, folder / "patches", "series", store, each=False)
    assert not subject.prefixes.findings, subject.prefixes.findings
    return build(subject, subject.prefixes.last, ("nc",))


def test_without_the_checkpoint_patches_the_upgrade_costs_the_guests_their_disks(
    unpatched: Built, without_checkpoint: Built, host: Libvirt, tmp_path: Path
) -> None:
    """The same upgrade with a longer struct and the old loader: this is what the three patches are for."""
    one = node(unpatched, tmp_path / "nc", host)
    with one.running():
        two_guests(one, ARM, tmp_path)
        domains = one.domains()
        assert one.folder_of(A).is_dir()
        upgraded(one, without_checkpoint, ARM)
        assert one.instances() == {}
        assert one.domains() == domains, "they run on"
        assert not one.folder_of(A).exists()
        assert not one.folder_of(B).exists()
