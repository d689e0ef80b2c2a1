# SPDX-License-Identifier: GPL-3.0-or-later
"""Time the start of a guest through the node controller beside `virsh create` of the same XML, to the same console line."""

from __future__ import annotations

import shutil
import time
from statistics import median
from typing import TYPE_CHECKING

from buildcheck import libvirt
from buildcheck.guest.boot import BRIDGE, Boot
from buildcheck.guest.image import make_guest
from buildcheck.guest.installation import build
from buildcheck.guest.machines import MACHINES
from buildcheck.guest.service import Service, until
from buildcheck.store import Store
from buildcheck.subject import Subject
from measure import BenchError, Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from buildcheck.libvirt import Libvirt

__all__ = ["starts"]

_LIMIT = 300.0
_STEP = 0.02
_NAME = "i-0BE7C4"


def starts(root: Path, scratch: Path, rounds: int) -> Iterator[Row]:
    """Yield the start of an armhf guest, each way in turn; the first of each is not counted.

    :raises BenchError: a guest does not come up.
    """
    store = Store.usual()
    subject = Subject.of_series(str(root / "tests/c/reference"), root / "patches", "series", store, each=False)
    boot = Boot(subject, make_guest(MACHINES["armhf"], store), scratch)
    built = build(subject, subject.prefixes.last, ("nc",))
    ours: list[float] = []
    theirs: list[float] = []
    with libvirt.libvirt((BRIDGE,), cache=store.folder / "libvirt") as host:
        nc = Service("nc", built, scratch / "nc", host)
        nc.install({"VNET_BRIDGE": BRIDGE})
        with nc.running():
            for number in range(rounds + 1):
                name = f"{_NAME}{number:02}"
                ours.append(_through_the_node(boot, nc, name, scratch / "copy"))
                theirs.append(_with_virsh(boot, host, name, scratch / "copy"))
    yield Row("guest start through the NC", median(ours[1:]), "virsh create of its XML", median(theirs[1:]), 1.3)


def _through_the_node(boot: Boot, nc: Service, name: str, copy: Path) -> float:
    """Return the seconds from the request to the line; *copy* is then what the guest was started from."""
    folder = nc.home / "instances/eucalyptus" / name
    start = time.monotonic()
    boot.ask_node(nc, name)
    seconds = _line(boot, folder, start)
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for part in ("kernel", "ramdisk", "libvirt.xml"):
        shutil.copy(folder / part, copy / part)
    xml = (copy / "libvirt.xml").read_text(encoding="utf-8").replace(str(folder), str(copy))
    (copy / "libvirt.xml").write_text(xml, encoding="utf-8")
    # The guest only reads its disk, so that it is the same after the first start; a copy keeps its holes.
    done = nc.host.sandbox.run(("cp", "--sparse=always", folder / "disk", copy / "disk"), copy)
    gone = nc.client("-n", nc.address, "-i", name, "terminateInstance")
    if done.status or gone.status or not until(lambda: not folder.exists(), _LIMIT):
        message = f"{name} does not end: {nc.said[-1000:]}"
        raise BenchError(message)
    return seconds


def _with_virsh(boot: Boot, host: Libvirt, name: str, copy: Path) -> float:
    start = time.monotonic()
    done = host.virsh("create", copy / "libvirt.xml")
    if done.status:
        raise BenchError(done.last_words)
    seconds = _line(boot, copy, start)
    host.virsh("destroy", name)
    return seconds


def _line(boot: Boot, folder: Path, start: float) -> float:
    console = folder / "console.log"

    def there() -> str:
        return boot.line(console.read_text(encoding="utf-8", errors="replace")) if console.exists() else ""

    if not until(there, _LIMIT, _STEP):
        message = f"no line on {console}"
        raise BenchError(message)
    return time.monotonic() - start
