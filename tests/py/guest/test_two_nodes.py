# SPDX-License-Identifier: GPL-3.0-or-later
"""A patched cluster controller with two nodes, of which one is not patched yet: where guests go, and what becomes of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from _node import ARM, LIMIT, node
from buildcheck.guest.boot import MAC
from buildcheck.guest.installation import build
from buildcheck.guest.messages import run_instances
from buildcheck.guest.service import Service, until

if TYPE_CHECKING:
    from pathlib import Path

    from _node import Node
    from buildcheck.guest.image import Guest
    from buildcheck.guest.installation import Built
    from buildcheck.libvirt import Libvirt
    from buildcheck.subject import Subject

A, B, C = "i-AAAAAAA1", "i-BBBBBBB2", "i-CCCCCCC3"
OLD, NEW = "127.0.0.2", "127.0.0.1"

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="session")
def cluster(subject: Subject) -> Built:
    """Return the cluster controller with the whole series on it."""
    return build(subject, subject.prefixes.last, ("cc",))


def state(cc: Service, name: str) -> str:
    """Return what the cluster says of an instance."""
    done = cc.client(cc.address, "describeInstances", name)
    found = re.search(rf"^INSTANCE {name} \S+ state=(\w+)", done.out.decode(), re.MULTILINE)
    return found[1] if found else ""


def asked(cc: Service, guest: Guest, name: str, arch: str) -> None:
    """Have the cluster run an instance; it says yes before a node has been asked."""
    status, answer = cc.post(run_instances(guest, name, MAC, arch))
    assert status == 200, answer
    assert name.encode() in answer


@pytest.mark.parametrize("first", ["patched", "unpatched"])
def test_a_request_goes_to_the_first_node_with_room_whichever_it_is(
    first: str, both: dict[str, Built], cluster: Built, armhf: Guest, host: Libvirt, tmp_path: Path
) -> None:
    """The cluster does not know which node can run which guest: nodes have to be patched before it is."""
    new = node(both["patched"], tmp_path / "new", host, NEW)
    old = node(both["unpatched"], tmp_path / "old", host, OLD)
    there: dict[str, Node] = {"patched": new, "unpatched": old}
    order = [there[first], *(one for name, one in there.items() if name != first)]
    cc = Service("cc", cluster, tmp_path / "cc", host)
    cc.install({"NODES": " ".join(one.address for one in order), "SCHEDPOLICY": "GREEDY"})
    with new.running(), old.running():
        for one in (new, old):
            one.use(ARM)
        with cc.running():
            resources = cc.client(cc.address, "describeResources").out.decode()
            assert all(one.address in resources for one in order), resources
            # x86, without the element: either node takes it.
            asked(cc, armhf, A, "")
            assert until(lambda: A in order[0].instances(), LIMIT, 0.2), (cc.said[-3000:], order[0].told())
            order[0].started(A)
            assert until(lambda: state(cc, A) == "Extant", LIMIT, 0.5), cc.said[-3000:]
            # With it:
            asked(cc, armhf, B, "armhf")
            if first == "patched":
                assert until(lambda: B in new.instances(), LIMIT, 0.2), (cc.said[-3000:], new.told())
                new.started(B)
                assert new.instances()[B]["archId"] == "armhf"
            else:
                # The unpatched node refuses the element, and the other one is never asked.
                assert until(lambda: f"did not take {B}" in cc.said, LIMIT, 0.2), cc.said[-3000:]
                assert state(cc, B) == "Teardown"
                assert B not in {**new.instances(), **old.instances()}
                assert B not in new.said + old.said
            assert set(old.instances()) <= {A}
            assert A in order[0].instances(), "who was there before is not touched"
