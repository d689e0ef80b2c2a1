# SPDX-License-Identifier: GPL-3.0-or-later
"""What an x86 guest has to be through on every prefix, as upstream has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from _cloud import until

if TYPE_CHECKING:
    from _cloud import Cloud

__all__ = ["NAME", "domain", "x86_guest"]

NAME = "i-0A1B2C3D"


def domain(one: Cloud, name: str) -> etree._Element:
    """Return the domain that libvirt was given."""
    return etree.parse(one.instance(name) / "libvirt.xml").getroot()


def x86_guest(one: Cloud) -> None:
    """See what the node has, run a guest, look at it from both sides, and end it; nobody speaks of an architecture."""
    resources = one.cc_client("describeResources")
    assert resources.stdout.splitlines() == [
        "RESOURCE max=4 available=4",
        f"NODE http://{one.wire.address}/axis2/services/EucalyptusNC",
        "DescribeResources: success (OK)",
    ]
    assert one.cc_client("describeInstances").stdout == "DescribeInstances: success (OK)\n"
    one.run(NAME)
    one.becomes(NAME, "Extant")
    said = one.cc_client("describeInstances", NAME).stdout
    assert "\n  image=emi-12345678 kernel=eki-12345678 ramdisk=eri-12345678 owner=eucalyptus key= " in said
    assert "\n  type=m1.small mem=128 disk=2 cores=1\n  mac=D0:0D:0A:1B:2C:3D " in said
    assert "\n  group=default\n" in said
    assert one.nc_client("describeInstances").stdout.startswith(f"instanceId={NAME} state=Extant (0) user=eucalyptus ")
    until(lambda: "available=3" in one.cc_client("describeResources").stdout, "the node counts it", one)
    assert domain(one, NAME).findtext("name") == NAME
    assert domain(one, NAME).find("os/type").attrib == {}  # type: ignore[union-attr]
    assert one.cc_client("terminateInstances", NAME).stdout.startswith(f"TERMINATED {NAME} yes\n")
    one.becomes(NAME, "Teardown")
    until(lambda: not (one.folder / f"nc/instances/eucalyptus/{NAME}").exists(), "its files go", one)
    assert "archId" not in repr(
        [exchange for name in ("ncRunInstance", "ncDescribeInstances") for exchange in one.wire.of(name)]
    )
