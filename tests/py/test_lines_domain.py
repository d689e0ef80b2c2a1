# SPDX-License-Identifier: GPL-3.0-or-later
"""Where upstream makes the domain by a stylesheet: what our patch makes of it, by the real libxml2, libxslt and libvirt."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from _lines import lay_patched, made
from buildcheck.domains import Domain, filled, prove, schema_problems
from buildcheck.libvirt import libvirt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STYLESHEET = "etc/eucalyptus/libvirt.xsl"

DRIVER = r"""
#include <stdarg.h>
#include <stdlib.h>
#include "xml.c"

int logprintfl(int level, const char *format, ...)
{
    va_list list;

    (void)level;
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    return 0;
}

const char *domain_arch_word(const char *archId);
const char *domain_arch_word(const char *archId)
{
    return archId[0] ? archId : NULL;
}

/* ARCHITECTURE RAMDISK */
int main(int argc, char **argv)
{
    ncInstance *instance = calloc(1, sizeof *instance);
    int failed;

    if (argc != 3 || instance == NULL)
        return 2;
    snprintf(instance->instanceId, sizeof instance->instanceId, "%s", "i-12345678");
    snprintf(instance->ramdiskId, sizeof instance->ramdiskId, "%s", argv[2]);
    snprintf(instance->ncnet.privateMac, sizeof instance->ncnet.privateMac, "%s", "d0:0d:12:34:56:78");
    instance->params.mem = 128;
    instance->params.cores = 1;
#ifdef HAVE_ARCHID
    snprintf(instance->archId, sizeof instance->archId, "%s", argv[1]);
#endif
    failed = gen_instance_xml(instance, "kvm", "BASEPATH", "BRIDGEDEV") != OK ||
             gen_libvirt_instance_xml(instance, ".", "BASEPATH") != OK;
    free(instance);
    xsltCleanupGlobals();
    xmlCleanupParser();
    return failed;
}
"""

ROWS: Mapping[str, Mapping[str, str]] = {
    "arm": {
        "os/type/@arch": "armv6l",
        "os/type/@machine": "versatilepb",
        "cpu/model/text()": "arm926",
        "devices/disk/target/@dev": "sda",
        "devices/disk/target/@bus": "scsi",
        "devices/controller/@model": "lsilogic",
        "devices/interface/model/@type": "e1000",
        "os/cmdline/text()": "root=/dev/sda1 console=ttyAMA0",
        "devices/emulator/text()": "/usr/bin/qemu-system-arm",
    },
    "armv7l": {
        "os/type/@arch": "armv7l",
        "os/type/@machine": "virt",
        "cpu/model/text()": "cortex-a15",
        "devices/disk/target/@dev": "vda",
        "devices/disk/target/@bus": "virtio",
        "devices/interface/model/@type": "virtio",
        "os/cmdline/text()": "root=/dev/vda1 console=ttyAMA0",
        "devices/emulator/text()": "/usr/bin/qemu-system-arm",
    },
    "arm64": {
        "os/type/@arch": "aarch64",
        "os/type/@machine": "virt",
        "cpu/model/text()": "cortex-a57",
        "devices/disk/target/@dev": "vda",
        "devices/disk/target/@bus": "virtio",
        "devices/interface/model/@type": "virtio",
        "os/cmdline/text()": "root=/dev/vda1 console=ttyAMA0",
        "devices/emulator/text()": "/usr/bin/qemu-system-aarch64",
    },
}
COMMON = {"@type": "qemu", "os/type/text()": "hvm", "devices/serial/target/@port": "0", "cpu/@mode": "custom"}


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the driver with the unpatched xml.c of 3.x, and with ours, under the sanitizers."""
    folder = tmp_path_factory.mktemp("xml")
    before = made("3.x", folder / "before-tree")
    found = {}
    for name, tree in (("before", before), ("after", lay_patched(before, folder / "after-tree"))):
        source = folder / f"{name}.c"
        source.write_text(DRIVER, encoding="utf-8")
        found[name] = folder / name
        words = ["gcc", "-g", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-fsanitize=address,undefined"]
        words += [
            "-fno-sanitize-recover=all",
            *(["-DHAVE_ARCHID"] if name == "after" else []),
            "-I/usr/include/libxml2",
        ]
        words += [f"-I{tree}/{part}" for part in ("node", "util", "net", "storage")]
        subprocess.run([*words, "-o", found[name], source, "-lxml2", "-lxslt"], check=True)
        found[f"{name}-tree"] = tree
    return found


def run(
    programs: Mapping[str, Path], which: str, folder: Path, arch: str, *, ramdisk: str = "", xsl: str = ""
) -> bytes:
    """Return the libvirt.xml that a driver writes."""
    (folder / "BASEPATH").mkdir(parents=True)
    (folder / STYLESHEET).parent.mkdir(parents=True)
    text = xsl or (programs[f"{which}-tree"] / "tools/libvirt.xsl").read_text(encoding="utf-8")
    (folder / STYLESHEET).write_text(text, encoding="utf-8")
    subprocess.run([programs[which], arch, ramdisk], cwd=folder, check=True)
    return (folder / "BASEPATH/libvirt.xml").read_bytes()


@pytest.mark.parametrize("arch", ["", "i386", "i686", "amd64", "x86_64"])
@pytest.mark.parametrize("ramdisk", ["", "eri-1"])
def test_an_x86_domain_is_what_it_was(programs: dict[str, Path], arch: str, ramdisk: str, tmp_path: Path) -> None:
    before = run(programs, "before", tmp_path / "before", "", ramdisk=ramdisk)
    assert run(programs, "after", tmp_path / "after", arch, ramdisk=ramdisk) == before


@pytest.mark.parametrize("row", ROWS)
def test_an_arm_domain_is_that_of_its_row(programs: dict[str, Path], row: str, tmp_path: Path) -> None:
    root = etree.fromstring(run(programs, "after", tmp_path / "work", row, ramdisk="eri-1"))
    for path, value in {**COMMON, **ROWS[row]}.items():
        assert root.xpath(path) == [value], path
    assert root.xpath("features/acpi | devices/graphics") == []
    assert root.findtext("os/initrd") == "BASEPATH/ramdisk"
    (tmp_path / "files").mkdir()
    domain = filled(etree.tostring(root), "i-12345678", tmp_path / "files", "virbr0")
    assert isinstance(domain, Domain)
    assert list(schema_problems(domain)) == []


ADMINISTRATORS = """\
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="/">
    <domain type="{instance/hypervisor}"><name>x</name>
      <xsl:for-each select="instance/cores"><vcpu><xsl:value-of select="."/></vcpu></xsl:for-each>
      <cpu match="exact"><model>core2duo</model></cpu>
      <features><acpi/><apic/><pae/><privnet/></features>
      <os><type>hvm</type></os>
      <devices>
        <emulator>/usr/bin/kvm</emulator>
        <disk type="file"><source file="a"/><target dev="hda"/></disk>
        <disk type="file"><source file="b"/><target dev="xvdb" bus="xen"/></disk>
        <graphics type="vnc"/><video/><input type="tablet"/>
      </devices>
    </domain>
  </xsl:template>
</xsl:stylesheet>
"""


def test_a_stylesheet_of_an_administrator_is_good_for_it_too(programs: dict[str, Path], tmp_path: Path) -> None:
    root = etree.fromstring(run(programs, "after", tmp_path / "work", "arm64", xsl=ADMINISTRATORS))
    assert root.xpath("cpu/model/text()") == ["cortex-a57"]
    assert root.xpath("os/type/@machine") == ["virt"]
    assert root.xpath("devices/disk/target/@dev") == ["vda", "vdb"]
    assert root.xpath("devices/disk/target/@bus") == ["virtio", "virtio"]
    assert [child.tag for child in root.iterfind("features/*")] == ["privnet"]
    assert root.xpath("devices/graphics | devices/video | devices/input") == []
    assert root.findtext("devices/emulator") == "/usr/bin/qemu-system-aarch64"


@pytest.mark.parametrize(
    "xsl", ["<nothing/>", "", '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>']
)
def test_a_stylesheet_that_makes_no_domain_breaks_nothing(programs: dict[str, Path], xsl: str, tmp_path: Path) -> None:
    (tmp_path / "BASEPATH").mkdir()
    (tmp_path / STYLESHEET).parent.mkdir(parents=True)
    (tmp_path / STYLESHEET).write_text(xsl)
    done = subprocess.run([programs["after"], "arm64", ""], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}
    assert "Sanitizer" not in done.stderr
    assert "runtime error" not in done.stderr


@pytest.mark.slow
def test_libvirt_starts_each(programs: dict[str, Path], tmp_path: Path) -> None:
    with libvirt(("line0",)) as host:
        for row in ROWS:
            files = tmp_path / row / "files"
            made = run(programs, "after", tmp_path / row, row)
            files.mkdir()
            domain = filled(made, "i-12345678", files, "line0")
            assert isinstance(domain, Domain)
            assert prove(domain, "i-12345678", files, host) is None
