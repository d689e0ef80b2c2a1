# SPDX-License-Identifier: GPL-3.0-or-later
"""A libvirtd of our own, in a sandbox: it shares nothing with one that the machine runs, and ends with the sandbox.

Inside, its URI is the usual one (``qemu:///system``), so that a program that knows no other finds it. From
outside it is reached through its socket (:attr:`Libvirt.uri`).
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Slug

from . import programs
from . import sandbox as namespaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .programs import Done

__all__ = ["NEEDS", "Libvirt", "LibvirtError", "libvirt"]

NEEDS = (*namespaces.NEEDS, "libvirtd", "virsh")
"""The programs that it runs."""

_NO_LIBVIRT = Slug.define(
    "no-libvirt", """libvirtd, started for a check with folders of its own, does not start, or does not answer."""
)

# What libvirt does for a machine that is shared, and what a namespace does not allow an ordinary user, is off
# (libvirt's own qemu.conf says what each is).
_QEMU = """\
security_driver = "none"
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
"""
_LIBVIRTD = """\
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_group = "root"
unix_sock_rw_perms = "0700"
"""
_FOLDERS = {"run": "/run/libvirt", "etc": "/etc/libvirt", "lib": "/var/lib/libvirt", "log": "/var/log/libvirt"}
_CACHE = "/var/cache/libvirt"


class LibvirtError(PatchgenError):
    """libvirtd does not start."""


@dataclass(frozen=True, slots=True)
class Libvirt:
    """A running libvirtd.

    :param folder: its folders: ``etc``, ``lib``, ``log``, ``run`` and ``cache``.
    :param sandbox: where it runs, and where what is to see its guests' network must be run.
    """

    folder: Path
    sandbox: namespaces.Sandbox

    @property
    def uri(self) -> str:
        """Where it is reached from outside the sandbox; inside it is ``qemu:///system``."""
        return f"qemu+unix:///system?socket={self.folder}/run/libvirt-sock"

    def virsh(self, *words: str | Path, seconds: float = 60.0) -> Done:
        """Run a command of virsh, which connects to it through its socket.

        :raises ProgramError: it did not end in *seconds*.
        """
        command = ("virsh", "--quiet", "--connect", self.uri, *words)
        return programs.run(command, self.folder, seconds=seconds)

    def start(self) -> None:
        """Start libvirtd; the guests that run are found again.

        :raises LibvirtError: it does not start, or does not answer.
        """
        done = self.sandbox.run(("libvirtd", "--daemon", "--pid-file", "/run/libvirtd.pid"), self.folder)
        answer = done if done.status else self.virsh("list")
        if answer.status:
            raise LibvirtError(_NO_LIBVIRT, f"libvirtd does not start: {answer.last_words}")

    def stop(self) -> None:
        """Stop libvirtd, and wait until it has ended; guests run on.

        :raises ProgramError: it does not end.
        """
        script = 'pid=$(cat /run/libvirtd.pid); kill "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done'
        self.sandbox.run(("sh", "-c", script), self.folder)


@contextlib.contextmanager
def libvirt(bridges: Sequence[str] = (), *, own_network: bool = True, cache: Path | None = None) -> Iterator[Libvirt]:
    """Yield a libvirtd; when it is left, it and its guests are killed and its folders removed.

    :param bridges: the network bridges that its guests are on; each is made, and gone afterwards.
    :param own_network: see :func:`buildcheck.sandbox.sandbox`.
    :param cache: where it keeps what it knows of each qemu, about a second's work; by default it forgets.
    :raises PatchgenError: there are no namespaces to be had, or libvirtd does not start.
    """
    # Its own place, for the path of a socket has at most 107 characters (unix(7)).
    folder = Path(tempfile.mkdtemp(prefix="buildcheck-"))
    try:
        mounts = {inside: folder / name for name, inside in _FOLDERS.items()}
        mounts[_CACHE] = cache or folder / "cache"
        for place in mounts.values():
            place.mkdir(parents=True, exist_ok=True)
        (folder / "etc/qemu.conf").write_text(_QEMU, encoding="ascii")
        (folder / "etc/libvirtd.conf").write_text(_LIBVIRTD, encoding="ascii")
        with namespaces.sandbox(folder, mounts, bridges, own_network=own_network) as where:
            made = Libvirt(folder, where)
            made.start()
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
