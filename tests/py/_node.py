# SPDX-License-Identifier: GPL-3.0-or-later
"""A node controller on a real libvirtd, and guests for it that cost nothing: an ARM processor that only waits."""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from buildcheck.guest.boot import BRIDGE, MAC
from buildcheck.guest.service import Service, until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from buildcheck.guest.installation import Built
    from buildcheck.libvirt import Libvirt

__all__ = ["ARM", "LIMIT", "X86", "Node", "Small", "node"]

NS = "{http://eucalyptus.ucsb.edu/}"
LIMIT = 120.0
"""Seconds for anything that is waited for: emulated guests, on a machine that others use too."""

_DOMAIN = """\
<domain type='{type}'>
    <name>NAME</name>
    <os><type arch='{arch}' machine='{machine}'>hvm</type>{kernel}</os>
    <features>{features}</features>
    <memory>MEMORY</memory>
    <vcpu>VCPUS</vcpu>
    <devices>
        <emulator>{emulator}</emulator>
        <disk type='file' device='disk'>
            <driver name='qemu' type='raw'/><source file='BASEPATH/disk'/><target dev='vda' bus='virtio'/>
        </disk>
        {controllers}
        <interface type='bridge'><source bridge='BRIDGEDEV'/><mac address='PRIVMACADDR'/><model type='virtio'/></interface>
        <serial type='file'><source path='BASEPATH/console.log'/></serial>
    </devices>
</domain>
"""


@dataclass(frozen=True, slots=True)
class Small:
    """A guest that starts at once and then waits for an interrupt for ever.

    :param image: its disk, which a boot sector makes a whole one; :param kernel: its kernel.
    :param domain: what a generator prints for it, with the words of the tree's generator.
    """

    image: bytes
    kernel: bytes
    domain: str

    @classmethod
    def arm(cls) -> Small:
        """Return a 32-bit ARM guest: wfi, and back to it (ARM Architecture Reference Manual, A8)."""
        parts = {"type": "qemu", "arch": "armv7l", "machine": "virt", "emulator": "/usr/bin/qemu-system-arm"}
        # Hot-plugging takes a free port.
        ports = "<controller type='pci' index='0' model='pcie-root'/>"
        ports += "".join(f"<controller type='pci' index='{at}' model='pcie-root-port'/>" for at in range(1, 7))
        text = _DOMAIN.format(**parts, kernel="<kernel>BASEPATH/kernel</kernel>", features="", controllers=ports)
        return cls(_disk(b""), struct.pack("<2I", 0xE320F003, 0xEAFFFFFD), text)

    @classmethod
    def x86(cls, accelerator: str) -> Small:
        """Return a PC that boots from its disk and halts: cli, hlt, and back to it.

        :param accelerator: kvm or qemu.
        """
        parts = {"type": accelerator, "arch": "x86_64", "machine": "pc", "emulator": "/usr/bin/qemu-system-x86_64"}
        return cls(
            _disk(b"\xfa\xf4\xeb\xfc"), b"\0", _DOMAIN.format(**parts, kernel="", features="<acpi/>", controllers="")
        )


def _disk(code: bytes) -> bytes:
    return code.ljust(510, b"\0") + b"\x55\xaa" + bytes(1 << 20)


ARM = Small.arm()
X86 = Small.x86


class Node(Service):
    """The node controller, with what a test asks of it."""

    def configure(self, **settings: str) -> None:
        """Install it, or another build of it over what is there, with these lines in its configuration."""
        # PCI express has no place for the SCSI controller that a volume would else be on.
        self.install({"VNET_BRIDGE": BRIDGE, "USE_VIRTIO_DISK": "1", **settings})

    @property
    def generator(self) -> Path:
        """The generator of libvirt XML: a file of the installation, which may be another one."""
        return self.home / "usr/share/eucalyptus/gen_kvm_libvirt_xml"

    def folder_of(self, name: str) -> Path:
        """Return the folder of an instance of the user that the client is."""
        return self.home / "instances/eucalyptus" / name

    def use(self, small: Small) -> None:
        """Have its guests be small ones: the generator is a file of the installation."""
        images = self.home / "images"
        images.mkdir(exist_ok=True)
        (images / "root").write_bytes(small.image)
        (images / "kernel").write_bytes(small.kernel)
        (images / "ramdisk").write_bytes(b"none")
        path = self.generator
        path.unlink()
        path.write_text(f"#!/bin/sh\ncat <<'END'\n{small.domain}END\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(self, name: str, *words: str, mac: str = MAC, images: Path | None = None) -> tuple[int, str]:
        """Have its client ask it for an instance; return the client's status, and what it said."""
        at = images or self.home / "images"
        options = ("-m", f"emi:file://{at}/root", "-k", f"eki:file://{at}/kernel", "-r", f"eri:file://{at}/ramdisk")
        return self.ask("-i", name, "-a", mac, *options, *words, "runInstance")

    def ask(self, *words: str) -> tuple[int, str]:
        """Return the status of its client, and what it said."""
        done = self.client("-n", self.address, *words)
        return done.status, (done.out + done.err).decode("utf-8", "replace")

    def instances(self) -> dict[str, Mapping[str, str]]:
        """Return what it says of each instance on the wire: the texts of all elements, volumes and net below it."""
        body = b"<ncDescribeInstances xmlns='http://eucalyptus.ucsb.edu/'><userId>eucalyptus</userId></ncDescribeInstances>"
        soap = b"http://schemas.xmlsoap.org/soap/envelope/"
        status, answer = self.post(b"<s:Envelope xmlns:s='%b'><s:Body>%b</s:Body></s:Envelope>" % (soap, body))
        assert status == 200, answer
        found: dict[str, Mapping[str, str]] = {}
        for one in etree.fromstring(answer).iter(f"{NS}instances"):
            texts: dict[str, str] = {}
            for element in one.iter():
                if not len(element):
                    name = etree.QName(element).localname
                    texts[name] = " ".join(filter(None, (texts.get(name), element.text)))
            found[texts["instanceId"]] = texts
        return found

    def state(self, name: str) -> str:
        """Return the state of an instance: Pending, Extant, Teardown; "" where it knows none of that name."""
        return self.instances().get(name, {}).get("stateName", "")

    def becomes(self, name: str, state: str) -> None:
        """Wait until it says so of an instance."""
        ends = (state, "Teardown", "")
        assert until(lambda: self.state(name) in ends, LIMIT, 0.2), (name, state, self.told())
        assert self.state(name) == state, (name, self.told())

    def told(self) -> str:
        """Return the end of its log, without what is said of every look at the instances."""
        return "\n".join([line for line in self.said.splitlines() if "doDescribeInstances" not in line][-40:])

    def domains(self) -> dict[str, str]:
        """Return what libvirt has running, with the number that each start has of its own."""
        done = self.host.virsh("list", "--name")
        assert done.status == 0, done.err
        names = done.out.decode().split()
        return {name: self.host.virsh("domid", name).out.decode().strip() for name in names}

    def started(self, name: str) -> None:
        """Wait until an instance has its domain, and the node says so."""
        self.becomes(name, "Extant")
        assert name in self.domains(), self.told()


def node(built: Built, home: Path, host: Libvirt, ip: str = "127.0.0.1", **settings: str) -> Node:
    """Return a node controller, installed in *home* and not started yet."""
    home.mkdir(parents=True, exist_ok=True)
    made = Node("nc", built, home, host, ip=ip)
    made.configure(**settings)
    return made
