# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference tree is what the fact sheets say: its traps, its layout, its wire, and that it compiles and runs."""

from __future__ import annotations

import os
import re
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[1] / "c/reference"
LISTS = sorted(REFERENCE.glob("TRAPS*"))


def traps() -> list[tuple[str, str, str, str]]:
    """Return section, file, pattern and description of each trap that is listed."""
    lines = [line for path in LISTS for line in path.read_text(encoding="utf-8").splitlines()]
    entries = [line.split("\t", 3) for line in lines if line and not line.startswith("#")]
    assert all(len(entry) == 4 for entry in entries), [entry for entry in entries if len(entry) != 4]
    return [(section, file, pattern, text) for section, file, pattern, text in entries]


# --- the traps --------------------------------------------------------------------------------------------------


def test_each_trap_that_is_listed_is_found_in_its_file() -> None:
    texts: dict[str, str] = {}
    gone = []
    for section, file, pattern, text in traps():
        if file not in texts:
            texts[file] = (REFERENCE / file).read_text(encoding="utf-8", errors="surrogateescape")
        if re.search(pattern, texts[file], re.MULTILINE) is None:
            gone.append(f"{section} {file}: {text}")
    assert not gone, "\n".join(gone)


def test_no_trap_is_listed_twice_and_none_fits_anywhere() -> None:
    entries = traps()
    assert len({entry[:3] for entry in entries}) == len(entries)
    assert len(entries) > 200
    for section, _, pattern, text in entries:
        says_absent = pattern.startswith((r"\A(?!", r"\A(?:(?!"))
        assert says_absent or re.search(pattern, "", re.MULTILINE) is None, (section, pattern)
        assert text.strip(), section


ASKED = ["nc-1.6", *(f"nc-2.{number}" for number in range(1, 9)), "nc-5.1"]
"""The chapters that issue 2 names."""
LATER_LINES = {11, 17}
"""Of real-text.md, section 4: what only later lines of upstream have. The tests of the edit kinds have them."""


@pytest.mark.parametrize("section", ASKED)
def test_each_chapter_that_the_issue_names_has_its_traps(section: str) -> None:
    assert [entry for entry in traps() if entry[0] == section]


@pytest.mark.parametrize("number", sorted(set(range(1, 22)) - LATER_LINES))
def test_each_trap_of_the_real_text_is_in_the_tree(number: int) -> None:
    assert [entry for entry in traps() if entry[0] == f"real-4.{number}"]


def test_the_traps_of_later_lines_are_tests_of_the_edit_kinds() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "edits").glob("test_*.py"))
    for number in sorted(LATER_LINES):
        assert re.search(rf"def test_\w*trap_{number:02d}\w*\(", tests), number


def test_upstreams_text_is_not_in_the_tree() -> None:
    """Every file is ours and says so; nothing carries upstream's licence or name of a copyright holder."""
    for path in sorted(REFERENCE.rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
            assert "Eucalyptus Systems" not in text, path
            assert "Regents of the University" not in text, path


def test_the_version_sorts_below_the_real_one() -> None:
    version = (REFERENCE / "VERSION").read_text(encoding="utf-8").strip()
    assert version == "2.0.3~reference"


# --- the C ------------------------------------------------------------------------------------------------------

PLAIN = ["util/data", "util/misc", "util/ipc", "util/euca_rootwrap", "net/vnetwork", "node/test"]
"""What needs the C library only."""
WITH_LIBRARIES = [
    "util/euca_auth",
    "storage/storage",
    *(
        f"node/{name}"
        for name in ("handlers", "handlers_kvm", "handlers_xen", "handlers_default", "client-marshal-local", "test_nc")
    ),
]
"""What needs the headers of libvirt, libcurl and OpenSSL, and no generated code."""
WARNED = {
    ("util/data.c", "-Wstringop-truncation"),  # strncpy with the whole size: a trap (nc-1.3)
    ("node/handlers.c", "-Wstringop-overflow="),  # strncat bounded by the whole buffer: a trap (nc-2.2)
    ("node/handlers.c", "-Wstringop-overflow"),
}
"""The warnings that the tree keeps on purpose, as upstream has them."""


def compiled(name: str, to: Path) -> set[tuple[str, str]]:
    """Compile a file as its Makefile does; return the files and options of the warnings."""
    folders = ["node", "storage", "net", "util"] if name.startswith("node/") else [name.partition("/")[0], "util"]
    includes = [f"-I{REFERENCE / folder}" for folder in folders]
    command: list[str | Path] = [
        "gcc",
        "-c",
        "-O2",
        "-Wall",
        "-Wextra",
        "-Wno-unused-parameter",
        *includes,
        f"{REFERENCE / name}.c",
        "-o",
        to / "x.o",
    ]
    done = subprocess.run(command, env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^(\S+?):\d+:\d+: warning: .* \[(-W[^]]+)\]$", done.stderr, re.MULTILINE)
    assert len(found) == done.stderr.count("warning: ")
    return {(Path(path).relative_to(REFERENCE).as_posix(), option) for path, option in found}


@pytest.mark.parametrize("name", PLAIN)
def test_it_compiles_without_an_unlisted_warning(name: str, tmp_path: Path) -> None:
    assert compiled(name, tmp_path) <= WARNED


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_LIBRARIES)
def test_what_needs_libraries_compiles_without_an_unlisted_warning(name: str, tmp_path: Path) -> None:
    """Needs libvirt-dev, libcurl4-openssl-dev and libssl-dev."""
    assert compiled(name, tmp_path) <= WARNED


OFFSETS = {
    "instanceId": 0, "imageId": 512, "imageURL": 1024, "kernelId": 1536, "kernelURL": 2048, "ramdiskId": 2560, "ramdiskURL": 3072,
    "reservationId": 3584, "userId": 4096, "retries": 4608, "stateName": 4612, "stateCode": 5124, "state": 5128, "keyName": 5132,
    "privateDnsName": 7180, "dnsName": 7692, "launchTime": 8204, "bootTime": 8208, "terminationTime": 8212, "params": 8216,
    "ncnet": 20836, "tcb": 20920, "userData": 20928, "launchIndex": 26048, "groupNames": 26560, "groupNamesSize": 59328,
    "volumes": 59332, "volumesSize": 714692,
}  # fmt: skip
"""The members of ncInstance in order, with their offsets on LP64: the table of nc.md, chapter 1.2."""
SIZEOF = 714696


def test_the_layout_is_that_of_the_fact_sheet(tmp_path: Path) -> None:
    """The compiler is the oracle; an instance checkpoint is the raw bytes of this struct."""
    rows = "".join(f'  printf("{name} %zu\\n", offsetof(ncInstance, {name}));\n' for name in OFFSETS)
    program = f'#include <stddef.h>\n#include <stdio.h>\n#include "data.h"\nint main(void)\n{{\n{rows}  printf("%zu\\n", sizeof(ncInstance));\n  return 0;\n}}\n'
    (tmp_path / "layout.c").write_text(program, encoding="utf-8")
    subprocess.run(["gcc", f"-I{REFERENCE / 'util'}", "layout.c", "-o", "layout"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "layout"], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert {line.split()[0]: int(line.split()[1]) for line in lines[:-1]} == OFFSETS
    assert int(lines[-1]) == SIZEOF
    # In this order, and no others between them.
    text = (REFERENCE / "util/data.h").read_text(encoding="utf-8")
    body = re.search(r"typedef struct ncInstance_t \{(.*?)\} ncInstance;", text, re.DOTALL)
    assert body is not None
    members = re.findall(r"(\w+)(?:\[[^\]]*\])*;", re.sub(r"/\*.*?\*/|//[^\n]*", "", body[1], flags=re.DOTALL))
    assert members == list(OFFSETS)


def test_the_parameters_of_allocate_instance_are_in_order() -> None:
    wanted = [
        "instanceId",
        "reservationId",
        "params",
        "imageId",
        "imageURL",
        "kernelId",
        "kernelURL",
        "ramdiskId",
        "ramdiskURL",
        "stateName",
        "stateCode",
        "userId",
        "ncnet",
        "keyName",
        "userData",
        "launchIndex",
        "groupNames",
        "groupNamesSize",
    ]
    for name in ("util/data.h", "util/data.c"):
        text = (REFERENCE / name).read_text(encoding="utf-8")
        found = re.search(r"ncInstance \* allocate_instance ?\((.*?)\)", text, re.DOTALL)
        assert found is not None
        assert [re.findall(r"\w+", parameter)[-1] for parameter in found[1].split(",")] == wanted


def test_the_names_occur_as_often_as_in_upstream() -> None:
    """The totals of real-text.md, chapter 1, in the code of node, util and cluster."""
    counts: Counter[str] = Counter()
    for folder in ("node", "util", "cluster", "storage"):
        for path in (REFERENCE / folder).glob("*.[ch]"):
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
            code = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', " ", text, flags=re.DOTALL)
            counts.update(re.findall(r"\b(?:allocate_instance|get_instance_xml|ncRunInstanceStub)\b", code))
    assert counts == {"allocate_instance": 7, "get_instance_xml": 3, "ncRunInstanceStub": 5}


# --- the wire -----------------------------------------------------------------------------------------------------

NC_RUN = "imageId kernelId ramdiskId imageURL kernelURL ramdiskURL reservationId instanceId instanceType keyName netParams userData launchIndex groupNames"
NC_INSTANCE = (
    "reservationId instanceId imageId kernelId ramdiskId userId keyName instanceType netParams stateName launchTime userData "
    "launchIndex groupNames volumes serviceTag"
)
CC_RUN = (
    "imageId kernelId ramdiskId imageURL kernelURL ramdiskURL instanceType keyName maxCount minCount reservationId instanceIds "
    "netNames macAddresses networkIndexList vlan userData launchIndex"
)
TYPES = {
    ("nc", "ncRunInstanceType"): NC_RUN,
    ("nc", "instanceType"): NC_INSTANCE,
    ("nc", "virtualMachineType"): "name memory cores disk deviceMapping",
    ("nc", "netConfigType"): "privateMacAddress privateIp publicIp vlan networkIndex",
    ("nc", "volumeType"): "volumeId remoteDev localDev state",
    ("nc", "eucalyptusMessage"): "correlationId userId return nodeName statusMessage",
    ("cc", "runInstancesType"): CC_RUN,
    ("cc", "eucalyptusMessage"): "correlationId userId statusMessage return",
}
SCHEMA = "{http://www.w3.org/2001/XMLSchema}"


@pytest.mark.parametrize("key", TYPES, ids=" ".join)
def test_the_types_have_their_elements_in_order(key: tuple[str, str]) -> None:
    root = ET.parse(REFERENCE / f"wsdl/eucalyptus_{key[0]}.wsdl").getroot()  # noqa: S314 - our own file
    (found,) = [element for element in root.iter(f"{SCHEMA}complexType") if element.get("name") == key[1]]
    assert [element.get("name") for element in found.iter(f"{SCHEMA}element")] == TYPES[key].split()


# --- the Perl -----------------------------------------------------------------------------------------------------

PERL = ["add_marshalling.pl", "add_wsdllocation.pl", "gen_kvm_libvirt_xml", "gen_libvirt_xml", "partition2disk"]
PLACEHOLDERS = {"BASEPATH", "NAME", "PRIVMACADDR", "BRIDGEDEV", "MEMORY", "VCPUS"}


@pytest.mark.parametrize("name", PERL)
def test_the_perl_compiles(name: str) -> None:
    done = subprocess.run(["perl", "-wc", REFERENCE / "tools" / name], capture_output=True, text=True, check=False)
    if name.endswith(".pl") or name.startswith("gen_"):
        assert done.returncode == 0, done.stderr
        assert done.stderr.endswith("syntax OK\n"), done.stderr
    else:  # a shell script or Perl: what its first line says
        first = (REFERENCE / "tools" / name).read_text(encoding="utf-8").splitlines()[0]
        assert done.returncode == 0 or "perl" not in first


def generated(name: str, *options: str) -> ET.Element:
    """Return the domain that a generator prints."""
    done = subprocess.run(["perl", REFERENCE / "tools" / name, *options], capture_output=True, text=True, check=True)
    assert not done.stderr
    assert set(re.findall(r"\b[A-Z]{4,}\b", done.stdout)) >= PLACEHOLDERS
    return ET.fromstring(done.stdout)  # noqa: S314 - our own program's


def text_at(domain: ET.Element, path: str, attribute: str = "") -> list[str]:
    return [(element.get(attribute) or "") if attribute else (element.text or "") for element in domain.findall(path)]


def test_the_kvm_generator_obeys_its_options() -> None:
    plain = generated("gen_kvm_libvirt_xml")
    assert plain.get("type") == "kvm"
    assert text_at(plain, "os/type") == ["hvm"]
    assert text_at(plain, "os/cmdline") == ["root=/dev/sda1 console=ttyS0"]
    assert text_at(plain, "devices/disk/target", "dev") == ["sda"]
    assert text_at(plain, "devices/interface/model", "type") == ["e1000"]
    assert not plain.findall("os/initrd")
    whole = generated("gen_kvm_libvirt_xml", "--ramdisk", "--virtionet", "--virtioroot", "--ephemeral")
    assert text_at(whole, "os/initrd") == ["BASEPATH/ramdisk"]
    assert text_at(whole, "os/cmdline") == ["root=/dev/vda1 console=ttyS0"]
    assert text_at(whole, "devices/disk/target", "dev") == ["vda"]
    assert text_at(whole, "devices/interface/model", "type") == ["virtio"]


def test_the_xen_generator_obeys_its_options() -> None:
    plain = generated("gen_libvirt_xml")
    assert plain.get("type") == "xen"
    assert text_at(plain, "devices/disk/target", "dev") == ["sda1", "sda3"]
    whole = generated("gen_libvirt_xml", "--ramdisk", "--ephemeral")
    assert text_at(whole, "os/initrd") == ["BASEPATH/ramdisk"]
    assert text_at(whole, "devices/disk/target", "dev") == ["sda1", "sda2", "sda3"]


@pytest.mark.parametrize("name", ["gen_kvm_libvirt_xml", "gen_libvirt_xml"])
def test_an_unknown_option_ends_a_generator_without_a_word_of_output(name: str) -> None:
    """So that a new node controller with an old generator fails every launch (nc.md, chapter 2.4)."""
    done = subprocess.run(
        ["perl", REFERENCE / "tools" / name, "--arch=arm"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
