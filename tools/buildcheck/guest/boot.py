# SPDX-License-Identifier: GPL-3.0-or-later
"""A guest booted with what a tree says of its domain: straight to libvirt, or through the services of the tree.

It has booted when its own line is on its console, which it prints only when it has seen its disk and its
NIC and mounted its root file system (:mod:`buildcheck.guest.image`); an image that somebody made, when it asks who
logs in, which it does only when all of its system is up.
"""

from __future__ import annotations

import enum
import re
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildcheck import libvirt, programs
from patchgen.findings import Exit, PatchgenError, Place, Slug

from . import installation
from .installation import build, cloud
from .messages import run_instance, run_instances
from .service import Service, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from buildcheck.libvirt import Libvirt
    from buildcheck.subject import Subject

    from .image import Guest
    from .installation import Built

__all__ = ["BRIDGE", "MAC", "Boot", "BootError", "Booted", "PlaceError", "Through", "needs"]

BRIDGE = "guests0"
"""The bridge of the sandbox that guests are on."""

MAC = "d0:0d:00:00:00:01"
"""What the NIC of a guest is called; its line has to name it."""

_SILENT = Slug.define(
    "guest-silent",
    """A guest was started and did not print its line in the time that it was given: its kernel does not come up
    on this machine, its disk or its NIC is not there, or its root file system cannot be mounted. The end of its
    console says where it stopped. `buildcheck guest` says what it is made of; --limit gives it more time.""",
)
_NOT_STARTED = Slug.define(
    "guest-not-started",
    """A guest that was asked for does not run: the generator printed no domain, libvirt or qemu refuses it, or the
    service refuses the request. The message has what was said last, the help the end of the log.""",
)
_GREETED_WRONGLY = Slug.define(
    "guest-not-the-one",
    """A guest came up, and its line says that it is not as it was asked for: its processor is another one, or its
    NIC has another address.""",
)
_PLACE = Slug.define(
    "place-needs-quoting",
    """A folder that a guest is started from has a character in its name that is not a letter, a digit or one of
    /._+-. The services of the tree put such names into shell commands, XML and addresses as they are. Set TMPDIR
    or XDG_CACHE_HOME to another place.""",
)
_PLAIN = re.compile(r"[A-Za-z0-9/._+-]+")
_LOGIN = re.compile(r"(?:^|[\r\n])([A-Za-z0-9.-]{1,64} login:)(?: |[\r\n])")  # agetty(8)
_NAME = "i-0B007ED0"
_TAIL = 12
"""How many lines of a console or a log go into a help."""


class BootError(PatchgenError, ValueError):
    """A guest does not boot: something of the tree is not as it should be."""

    status = Exit.FINDINGS


class PlaceError(PatchgenError, ValueError):
    """A folder cannot be used: it is the environment, and not the tree, that is unusable."""


class Through(enum.Enum):
    """Which way a guest is started."""

    VIRSH = "virsh"
    NC = "nc"
    CC = "cc"

    @property
    def services(self) -> tuple[str, ...]:
        """The services that take part."""
        return {"virsh": (), "nc": ("nc",), "cc": ("nc", "cc")}[self.value]


def needs(through: Through) -> tuple[str, ...]:
    """Return the programs that a boot runs, beside what emulates the guest."""
    return (*libvirt.NEEDS, "perl", *(installation.NEEDS if through.services else ()))


@dataclass(frozen=True, slots=True)
class Booted:
    """A guest that has come up.

    :param line: what it printed.
    :param seconds: from the request to its line.
    """

    line: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Boot:
    """What is needed to boot a guest.

    :param folder: for everything that is written.
    :param limit: seconds for the guest.
    """

    subject: Subject
    guest: Guest
    folder: Path
    limit: float = 120.0

    def run(self, through: Through) -> Booted:
        """Boot the guest, see its line, and end it.

        :raises BootError: it does not boot.
        :raises PlaceError: the name of a folder would have to be quoted.
        :raises PatchgenError: the tree cannot be built, or there is no libvirtd to be had.
        """
        programs.need(needs(through))
        for place in (self.folder, self.guest.folder):
            if not _PLAIN.fullmatch(str(place)):
                raise PlaceError(_PLACE, "this name would have to be quoted", Place(str(place)))
        built = build(self.subject, self.subject.prefixes.last, through.services)
        with libvirt.libvirt((BRIDGE,), cache=self.subject.store.folder / "libvirt") as host:
            start = time.monotonic()
            if through is Through.VIRSH:
                return self._with_virsh(built, host)
            home = self.folder / "nc"
            nc = Service("nc", built, home, host)
            nc.install({"VNET_BRIDGE": BRIDGE})
            with nc.running():
                start = time.monotonic()
                if through is Through.NC:
                    self.ask_node(nc)
                    return self._awaited(home, start, lambda: nc.said)
                cc = Service("cc", built, self.folder / "cc", host)
                cc.install({})
                with cc.running():
                    start = time.monotonic()
                    self.ask_cluster(cc)
                    return self._awaited(home, start, lambda: nc.said + cc.said)

    # --- straight to libvirt ------------------------------------------------------------------------------

    def _with_virsh(self, built: Built, host: Libvirt) -> Booted:
        xml = self.prepare(built)
        start = time.monotonic()
        done = host.virsh("create", xml)
        if done.status:
            raise BootError(_NOT_STARTED, f"virsh create: {done.last_words}", Place(xml.name))
        return self._awaited(self.folder, start, lambda: "")

    def prepare(self, built: Built) -> Path:
        """Make the disk and the domain of the guest by the tree's own scripts; return the file of the domain.

        :raises BootError: the generator knows no such architecture, or a script fails.
        """
        said = cloud()["domain"]
        for name in ("kernel", "ramdisk"):
            shutil.copy(self.guest.folder / name, self.folder / name)
        self._script(built, said["disk-maker"], str(self.guest.root), str(self.folder / "disk"), "64")
        xml = self._script(built, said["generator"], "--ramdisk", "--arch", self.guest.machine.word)
        memory = str(self.guest.machine.megabytes * 1024)
        values = (str(self.folder), str(self.folder), _NAME, MAC, BRIDGE, memory, "1")
        for word, value in zip(said["words"], values, strict=True):
            xml = xml.replace(word, value)
        path = self.folder / "libvirt.xml"
        path.write_text(xml, encoding="utf-8")
        return path

    def _script(self, built: Built, name: str, *words: str) -> str:
        done = programs.run(("perl", built.script(name), *words), self.folder)
        if done.status:
            raise BootError(_NOT_STARTED, f"{name} says: {done.last_words}", Place(name))
        return done.out.decode("utf-8", "replace")

    # --- through the services -----------------------------------------------------------------------------

    def ask_node(self, nc: Service, name: str = _NAME, word: str | None = None) -> None:
        """Have the node's client ask it to run the guest as the instance *name*; for a whole system, ask it ourselves.

        :param word: the architecture that is asked for; the guest's own by default, "" for none.
        :raises BootError: it says no.
        """
        arch = self.guest.machine.word if word is None else word
        if self.guest.login:
            # The client gives every instance 64 MB.
            self._posted(nc, run_instance(self.guest, name, MAC, arch), "the node controller")
            return
        images = ("-m", f"emi:file://{self.guest.root}", "-k", f"eki:file://{self.guest.kernel}")
        options = (*images, "-r", f"eri:file://{self.guest.ramdisk}", *(("-A", arch) if arch else ()))
        done = nc.client("-n", nc.address, "-i", name, "-a", MAC, *options, "runInstance")
        if done.status:
            # The last line is the last of its usage, or only says that there was an error.
            first = (done.err.strip() or b"nothing").decode("utf-8", "replace").splitlines()[0]
            raise BootError(_NOT_STARTED, f"the node's client says: {first}", help=_tail(nc.said))

    def ask_cluster(self, cc: Service, name: str = _NAME, word: str | None = None) -> None:
        """Ask the cluster controller to run the guest; its own client knows nothing of architectures.

        :raises BootError: it says no, or does not know its node in time.
        """
        arch = self.guest.machine.word if word is None else word
        self._posted(cc, run_instances(self.guest, name, MAC, arch), "the cluster controller")

    def _posted(self, service: Service, message: bytes, what: str) -> None:
        status, answer = service.post(message)
        if status != 200:  # noqa: PLR2004 - HTTP's own
            text = answer.decode("utf-8", "replace")
            raise BootError(_NOT_STARTED, f"{what} answers {status}: {text[-300:]}", help=_tail(service.said))

    # --- the guest's line ---------------------------------------------------------------------------------

    def _awaited(self, below: Path, start: float, log: Callable[[], str]) -> Booted:
        def found() -> str:
            return next(filter(None, (self.line(text) for text in _consoles(below))), "")

        until(found, self.limit)
        line, seconds = found(), time.monotonic() - start
        if not line:
            consoles = list(_consoles(below))
            if not consoles:
                raise BootError(_NOT_STARTED, f"there is no guest after {self.limit:.0f} seconds", help=_tail(log()))
            what = "did not ask who logs in" if self.guest.login else "printed no line of its own"
            message = f"the {self.guest.machine.word} guest {what} in {self.limit:.0f} seconds"
            raise BootError(_SILENT, message, help=_tail(consoles[0]) or "its console is empty")
        greeted = line.startswith(self.guest.machine.greeting) and line.endswith(f" with {MAC}")
        if not self.guest.login and not greeted:
            raise BootError(_GREETED_WRONGLY, f"the guest says: {line}")
        return Booted(line, seconds)

    def line(self, console: str) -> str:
        """Return the guest's own line on a console, or its question who logs in; "" where there is none yet."""
        if self.guest.login:
            found = _LOGIN.search(console)
            return found[1] if found else ""
        start = f"guest {self.guest.machine.word}: "
        whole = console.rpartition("\n")[0]
        return next((line.strip() for line in whole.splitlines() if line.startswith(start)), "")


def _consoles(below: Path) -> Iterator[str]:
    for path in below.rglob("console.log"):
        yield path.read_text(encoding="utf-8", errors="replace")


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-_TAIL:])
