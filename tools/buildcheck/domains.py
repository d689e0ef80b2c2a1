# SPDX-License-Identifier: GPL-3.0-or-later
"""A libvirt domain as a generator prints it: filled in by the role of each value, and proved on libvirt and qemu.

A generator leaves placeholders for what differs from guest to guest. Which text is one is told by the place
where it stands (libvirt's page "Domain XML format"): a memory size that is no number, a MAC address that is none,
a path that is not absolute. So no placeholder's name has to be known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from patchgen.findings import PatchgenError, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .libvirt import Libvirt

__all__ = ["SCHEMA", "Domain", "DomainError", "Problem", "Step", "filled", "prove", "schema_problems"]

SCHEMA = Path("/usr/share/libvirt/schemas/domain.rng")
"""libvirt's own RELAX NG schema of domains, which comes with the library."""

_NO_SCHEMA = Slug.define(
    "no-domain-schema",
    """libvirt's RELAX NG schema of domains is not on this machine, or cannot be read. It comes with the Debian
    package libvirt0.""",
)
_KIB = "262144"  # 256 MiB: what the smallest of the machines can have
_MAC = "d0:0d:5e:ed:00:01"
_MAC_FORM = re.compile(r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")
_DISK_BYTES = 64 << 20
_BOOTED = ("kernel", "initrd", "dtb")
_RUNS = frozenset({"kvm", "qemu"})
_SECONDS = 120.0


class DomainError(PatchgenError):
    """Domains cannot be looked at here."""


class Step(StrEnum):
    """What is tried with a domain; each is tried only where those before went well."""

    XML = "it is no well-formed XML"
    SCHEMA = "libvirt's schema does not allow it"
    ABSENT = "the installed qemu has not what it asks for"
    NATIVE = "libvirt cannot say how to start it"
    DEFINE = "libvirt does not define it"
    START = "qemu does not start it"


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with a domain: at which step, and in whose words."""

    step: Step
    reason: str


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain that is filled in.

    :param runs: whether it is one for qemu; others need a hypervisor of their own.
    :param emulator: the program that it names; "" where it leaves that to libvirt.
    """

    xml: bytes
    runs: bool
    emulator: str


def filled(xml: bytes, name: str, folder: Path, bridge: str) -> Domain | Problem:
    """Return the domain with a value in the place of each placeholder, or why it is no XML.

    :param folder: where its files are, which are made; guests that are not started do not mind their content.
    """
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        return Problem(Step.XML, error.msg or "it is empty")
    for tag, value in (("name", name), ("memory", _KIB), ("currentMemory", _KIB), ("vcpu", "1")):
        for element in root.findall(tag):
            if tag == "name" or not (element.text or "").strip().isdigit():
                element.text = value
    for element in root.iterfind(".//mac[@address]"):
        if not _MAC_FORM.fullmatch(element.get("address", "")):
            element.set("address", _MAC)
    for element in root.iterfind(".//source[@bridge]"):
        element.set("bridge", bridge)
    _paths(root, folder)
    emulator = root.findtext("devices/emulator") or ""
    return Domain(etree.tostring(root), root.get("type") in _RUNS, emulator.strip())


def _paths(root: etree._Element, folder: Path) -> None:
    """Put a file of ours to every path that is not absolute."""
    for tag in _BOOTED:
        for element in root.iterfind(f"os/{tag}"):
            if element.text and not element.text.startswith("/"):
                path = folder / Path(element.text).name
                path.write_bytes(_boots())
                element.text = str(path)
    for element in root.iterfind(".//source"):
        for attribute in ("file", "path"):
            value = element.get(attribute)
            if value and not value.startswith("/"):
                path = folder / Path(value).name
                element.set(attribute, str(path))
                if attribute == "file":
                    with path.open("ab") as file:
                        file.truncate(_DISK_BYTES)


@cache
def _boots() -> bytes:
    """Return what qemu takes for a kernel: nothing but the header of Linux on x86 ("The Linux/x86 Boot Protocol").

    For ARM any bytes are an image.
    """
    image = bytearray(8192)
    image[0x1F1] = 4  # setup_sects
    image[0x1FE:0x200] = b"\x55\xaa"
    image[0x202:0x206] = b"HdrS"
    image[0x206:0x208] = (0x020C).to_bytes(2, "little")  # the version of the protocol
    image[0x211] = 1  # loadflags: LOADED_HIGH
    image[0x22C:0x230] = (0x37FFFFFF).to_bytes(4, "little")  # initrd_addr_max
    return bytes(image)


def schema_problems(domain: Domain) -> Iterator[Problem]:
    """Yield what libvirt's schema has against it.

    :raises DomainError: there is no schema.
    """
    schema = _schema(SCHEMA)
    if not schema.validate(etree.fromstring(domain.xml)):
        last = schema.error_log.last_error
        yield Problem(Step.SCHEMA, last.message if last is not None else "it says no more")


@cache
def _schema(path: Path) -> etree.RelaxNG:
    try:
        return etree.RelaxNG(etree.parse(path))
    except (OSError, etree.LxmlError) as error:
        raise DomainError(
            _NO_SCHEMA, f"{path} cannot be read: {error}", help="apt-get install --reinstall libvirt0"
        ) from error


def prove(domain: Domain, name: str, folder: Path, host: Libvirt) -> Problem | None:
    """Return the first thing that libvirt or qemu has against it, None where it starts.

    :param name: the one that it was filled in with; no domain of that name is left.
    """
    path = folder / f"{name}.xml"
    path.write_bytes(domain.xml)
    absent = _absent(domain.xml, host)
    if absent:
        return Problem(Step.ABSENT, absent)
    done = host.virsh("domxml-to-native", "qemu-argv", path)
    if done.status:
        return Problem(Step.NATIVE, _reason(done.err))
    done = host.virsh("define", path)
    if done.status:
        return Problem(Step.DEFINE, _reason(done.err))
    host.virsh("undefine", name)
    done = host.virsh("create", "--paused", path, seconds=_SECONDS)
    if done.status:
        return Problem(Step.START, _reason(done.err))
    done = host.virsh("destroy", name, seconds=_SECONDS)
    return Problem(Step.START, f"it cannot be ended: {_reason(done.err)}") if done.status else None


def _absent(xml: bytes, host: Libvirt) -> str:
    """Return what the installed qemu has not: the machine, the CPU model or a disk's bus; "" where all is there."""
    root = etree.fromstring(xml)
    kind = root.find("os/type")
    emulator = root.findtext("devices/emulator") or ""
    asked = {"--virttype": root.get("type"), "--emulatorbin": emulator if emulator.startswith("/") else None}
    if kind is not None:
        asked |= {"--arch": kind.get("arch"), "--machine": kind.get("machine")}
    machine = asked.get("--machine") or "the default machine"
    done = host.virsh("domcapabilities", *(word for name, value in asked.items() if value for word in (name, value)))
    if done.status:
        return f"the machine {machine}: {_reason(done.err)}"
    can = etree.fromstring(done.out)
    model = root.findtext("cpu/model")
    if model and model not in {one.text for one in can.iterfind("cpu/mode[@name='custom']/model")}:
        return f"the CPU {model} on {machine}"
    buses = {one.text for one in can.iterfind("devices/disk/enum[@name='bus']/value")}
    for target in root.iterfind("devices/disk/target[@bus]"):
        if target.get("bus") not in buses:
            return f"the bus {target.get('bus')} on {machine}"
    return ""


def _reason(err: bytes) -> str:
    """Return the last line that virsh says, which is the one of libvirt or qemu."""
    lines = err.decode("utf-8", "replace").strip().splitlines() or ["it says nothing"]
    return lines[-1].removeprefix("error: ").strip()
