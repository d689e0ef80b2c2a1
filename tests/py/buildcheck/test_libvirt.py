# SPDX-License-Identifier: GPL-3.0-or-later
"""A libvirtd of our own: it shares nothing with the machine, outlives its own restart, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildcheck import sandbox as namespaces
from buildcheck.libvirt import Libvirt, libvirt
from buildcheck.sandbox import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator

BRIDGE = "buildcheck0"
GUEST = """\
<domain type='qemu'>
    <name>guest</name>
    <os><type arch='armv7l' machine='virt'>hvm</type><kernel>{kernel}</kernel></os>
    <memory>65536</memory>
    <devices>
        <emulator>/usr/bin/qemu-system-arm</emulator>
        <interface type='bridge'><source bridge='{bridge}'/></interface>
    </devices>
</domain>
"""


@pytest.fixture(scope="module")
def host() -> Iterator[Libvirt]:
    """Return a libvirtd that the tests of this file share."""
    with libvirt((BRIDGE,)) as made:
        yield made


def machine_links() -> set[str]:
    return set(os.listdir("/sys/class/net"))  # noqa: PTH208 - names are wanted


def test_its_bridge_is_in_its_own_network_only(host: Libvirt) -> None:
    inside = host.sandbox.run(("ip", "-brief", "link"), Path("/"))
    assert BRIDGE in inside.out.decode()
    assert BRIDGE not in machine_links()


def test_it_is_reached_from_outside_through_its_socket(host: Libvirt) -> None:
    done = subprocess.run(["virsh", "--connect", host.uri, "uri"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == host.uri


def test_a_guest_outlives_a_restart(host: Libvirt, tmp_path: Path) -> None:
    kernel = tmp_path / "kernel"
    kernel.write_bytes(b"\0" * 64)
    xml = tmp_path / "guest.xml"
    xml.write_text(GUEST.format(kernel=kernel, bridge=BRIDGE))
    created = host.virsh("create", "--paused", xml)
    assert created.status == 0, created.err
    host.stop()
    assert host.virsh("list").status != 0
    host.start()
    assert host.virsh("list", "--name").out.split() == [b"guest"]
    assert host.virsh("destroy", "guest").status == 0


def test_when_it_is_left_nothing_of_it_is_there() -> None:
    with libvirt() as made:
        folder, pid = made.folder, made.sandbox.pid
        assert Path(f"/proc/{pid}").exists()
    assert not folder.exists()
    assert not Path(f"/proc/{pid}").exists()


def test_when_its_maker_is_killed_it_ends_too() -> None:
    script = (
        "import sys; from buildcheck.libvirt import libvirt\n"
        "with libvirt() as made:\n    print(made.sandbox.pid, flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as maker:
        assert maker.stdout is not None
        pid = int(maker.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        os.kill(maker.pid, signal.SIGKILL)
    until = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_bridge_on_the_machine_is_never_made() -> None:
    with pytest.raises(ValueError, match="a bridge is only made"), libvirt((BRIDGE,), own_network=False):
        pass


def test_without_namespaces_it_says_so(tmp_path: Path) -> None:
    mounts = {"/no/such/place": tmp_path}
    with pytest.raises(SandboxError) as caught, namespaces.sandbox(tmp_path, mounts):
        pass
    assert "/no/such/place" in caught.value.finding.message
