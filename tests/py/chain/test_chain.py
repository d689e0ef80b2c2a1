# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole chain: the cluster's client, the cluster controller, its forked child, the node controller, libvirt.

Both services are the real ones of a prefix of the series, compiled with sanitizers; libvirt is its test driver.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from _cloud import Recorder, Settings, cloud, until
from _guest import domain, x86_guest
from _programs import LAST, built, names_of_patches

if TYPE_CHECKING:
    from pathlib import Path

    from _cloud import Cloud, Exchange

PATCHES = names_of_patches()
EACH = [
    pytest.param(number, id=name, marks=() if number in {0, len(PATCHES)} else pytest.mark.slow)
    for number, name in enumerate(("unpatched", *PATCHES))
]
"""Every prefix; those between the first and the last are for `make check-all`."""
FIRST = 0
NS = "{http://eucalyptus.ucsb.edu/}"
ROOM = Settings(node={"MAX_CORES": "16"})
"""What a node has taken and not told of yet is counted twice for a moment."""
A, B = "i-0A1B2C3D", "i-4E5F6071"


def body(message: bytes) -> etree._Element:
    """Return the element in the body of what went over the wire."""
    envelope = etree.fromstring(message.partition(b"\r\n\r\n")[2])
    return envelope[-1][0]


def words(element: etree._Element, name: str) -> list[str | None]:
    """Return the texts of all elements of that name below."""
    return [one.text for one in element.iter(f"{NS}{name}")]


def names(element: etree._Element) -> list[str]:
    """Return the names of the children."""
    return [etree.QName(child).localname for child in element]


def ran(one: Cloud, name: str) -> Exchange:
    """Return what went over the wire when the node took the instance."""
    until(lambda: one.wire.of("ncRunInstance"), f"the node is asked for {name}", one)
    found = [
        exchange for exchange in one.wire.of("ncRunInstance") if name in words(body(exchange.request), "instanceId")
    ]
    assert len(found) == 1, (found, one.log("nc")[-3000:])
    return found[0]


@pytest.mark.parametrize("number", EACH)
def test_an_x86_guest_runs_and_ends(number: int, tmp_path: Path) -> None:
    """Of every prefix: what the node has, the start, the look at it from both sides, the end."""
    with cloud(tmp_path, built(number)) as one:
        x86_guest(one)


ROWS = {"arm": ("armv6l", "versatilepb"), "armhf": ("armv7l", "virt"), "aarch64": ("aarch64", "virt"), "i686": ("", "")}
"""The table's words, and what libvirt is told of them; of an x86 word nothing new."""


def test_the_architecture_goes_all_the_way_and_comes_back(tmp_path: Path) -> None:
    """CC, child, wire, NC, generator, libvirt; and back over the wire, through the pipe, each time that it is asked."""
    instances = {f"i-0000000{number}": word for number, word in enumerate(ROWS)}
    with cloud(tmp_path, built(LAST), settings=ROOM) as one:
        for name, word in instances.items():
            one.run(name, word)
        for name, word in instances.items():
            took = ran(one, name)
            request, answer = body(took.request), body(took.answer)
            assert names(request)[names(request).index("ramdiskURL") + 1] == "archId"
            assert words(request, "archId") == [word]
            instance = answer.find(f"{NS}instance")
            assert instance is not None
            assert names(instance)[-1] == "archId"
            assert words(instance, "archId") == [word]
            one.becomes(name, "Extant")
            kind = domain(one, name).find("os/type")
            assert kind is not None
            assert (kind.get("arch", ""), kind.get("machine", "")) == ROWS[word]
        until(lambda: told(one) == instances, "the node tells of all", one)
        said = one.cc_client("terminateInstances", *instances).stdout
        assert [line for line in said.splitlines() if line.endswith(" yes")] == [
            f"TERMINATED {name} yes" for name in instances
        ]


def told(one: Cloud) -> dict[str | None, str | None]:
    """Return the architectures of the instances in the last answer of the node."""
    answer = body(one.wire.of("ncDescribeInstances")[-1].answer)
    return {found.findtext(f"{NS}instanceId"): found.findtext(f"{NS}archId") for found in answer.iter(f"{NS}instances")}


def test_without_an_architecture_the_bytes_to_the_node_are_those_of_the_unpatched_cluster(tmp_path: Path) -> None:
    """No element, and an empty one, are no architecture: not a byte of any request differs, nor of the domain."""
    sent: dict[str, dict[str, list[bytes]]] = {}
    domains: dict[str, bytes] = {}
    with Recorder() as wire:
        for which, number, word in (("unpatched", FIRST, None), ("none", LAST, None), ("empty", LAST, "")):
            before = {name: len(wire.of(name)) for name in OPERATIONS}
            with cloud(tmp_path / "one", built(number), wire=wire) as one:
                one.run(A, word)
                one.becomes(A, "Extant")
                domains[which] = (one.instance(A) / "libvirt.xml").read_bytes()
                one.cc_client("terminateInstances", A)
                one.becomes(A, "Teardown")
            shutil.rmtree(tmp_path / "one")
            sent[which] = {name: [one.request for one in wire.of(name)[before[name] :]] for name in OPERATIONS}
    for which in ("none", "empty"):
        for name in OPERATIONS:
            assert sent["unpatched"][name], name
            assert set(sent[which][name]) == set(sent["unpatched"][name]), (which, name)
        assert domains[which] == domains["unpatched"]
    assert len(sent["none"]["ncRunInstance"]) == 1


OPERATIONS = ("ncDescribeResource", "ncDescribeInstances", "ncStartNetwork", "ncRunInstance", "ncTerminateInstance")


def test_the_node_is_upgraded_first_and_x86_guests_run(tmp_path: Path) -> None:
    """One guest: with two the unpatched cluster loses step in its pipe on any Linux since 5.5."""
    with cloud(tmp_path, built(LAST), built(FIRST)) as one:
        one.run(A)
        one.becomes(A, "Extant")
        assert b"archId" not in ran(one, A).answer
        assert one.cc_client("terminateInstances", A).stdout.startswith(f"TERMINATED {A} yes\n")
        one.becomes(A, "Teardown")


def test_the_cluster_is_upgraded_first_and_x86_guests_run(tmp_path: Path) -> None:
    with cloud(tmp_path, built(FIRST), built(LAST)) as one:
        one.run(A)
        one.run(B, ramdisk=False)
        for name in (A, B):
            one.becomes(name, "Extant")
            assert b"archId" not in ran(one, name).request
        said = one.nc_client("describeInstances").stdout
        assert {line.split()[0] for line in said.splitlines()} == {f"instanceId={A}", f"instanceId={B}"}
        assert one.cc_client("terminateInstances", A, B).stdout.startswith(f"TERMINATED {A} yes\nTERMINATED {B} yes\n")


def test_an_unpatched_cluster_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    """Its schema has no such element; Axis2/C may be less strict, and drop it."""
    with cloud(tmp_path, built(LAST), built(FIRST)) as one:
        with pytest.raises(AssertionError, match="RunInstances: no answer"):
            one.run(A, "armhf")
        assert one.state(A) == ""


def test_an_unpatched_node_refuses_an_architecture_that_it_does_not_know(tmp_path: Path) -> None:
    """Likewise, and then nothing runs: better than an ARM image that is started as x86."""
    with cloud(tmp_path, built(FIRST), built(LAST), Settings(cluster={"POWER_WAKETHRESH": "1"})) as one:
        one.run(A, "armhf")
        one.becomes(A, "Teardown")
        assert b"archId" in one.wire.of("ncRunInstance")[0].answer
        assert one.nc_client("describeInstances").stdout == ""


WRONG = ("sparc", "armhf ", "ARMHF", "arm;id", "$(id)", "x" * 600)


def test_a_word_that_is_not_in_the_table_is_refused_by_the_node(tmp_path: Path) -> None:
    """Before it has anything of the instance; the cluster gives up when its time is over, and says so."""
    instances = {f"i-0000000{number}": word for number, word in enumerate(WRONG)}
    with cloud(
        tmp_path, built(LAST), settings=Settings(node={"MAX_CORES": "9"}, cluster={"POWER_WAKETHRESH": "1"})
    ) as one:
        for name, word in instances.items():
            one.run(name, word)
        for name in instances:
            one.becomes(name, "Teardown")
            assert f"did not take {name}" in one.log("cc")
        asked = {
            (words(body(one.request), "instanceId")[0], words(body(one.request), "archId")[0])
            for one in one.wire.of("ncRunInstance")
        }
        assert asked == set(instances.items())
        assert not any(b"<n:instance>" in exchange.answer for exchange in one.wire.of("ncRunInstance"))
        assert one.nc_client("describeInstances").stdout == ""
        assert not [*(tmp_path / "nc/instances").iterdir()]


def test_a_node_of_another_architecture_needs_no_new_cluster(tmp_path: Path) -> None:
    """NC_GUEST_ARCH: a zone of an architecture, with a CC and a CLC that know nothing of it.

    The node tells of no architecture that no request has named; so even a reader that refuses whatever its schema does
    not know, as that of this CC, sees the guest.
    """
    with cloud(tmp_path, built(LAST), built(FIRST), Settings(node={"NC_GUEST_ARCH": "arm64"})) as one:
        one.run(A)
        one.becomes(A, "Extant")
        kind = domain(one, A).find("os/type")
        assert kind is not None
        assert kind.get("arch") == "aarch64"
        assert told(one) == {A: None}
        assert not any(b"archId" in exchange.answer for exchange in one.wire.of("ncDescribeInstances"))
