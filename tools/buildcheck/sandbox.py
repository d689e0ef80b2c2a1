# SPDX-License-Identifier: GPL-3.0-or-later
"""A place to run daemons in: Linux namespaces of its own, with folders and a network of their own.

Everything in it ends with it: when its first process does, the kernel kills the others, gives the network
back and forgets the mounts (pid_namespaces(7), mount_namespaces(7)). So nothing is left behind, whatever
becomes of the one who made it. root makes the namespaces as they are; an ordinary user is root inside a user
namespace (user_namespaces(7)), which takes subordinate ids (subuid(5)) and newuidmap(1).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Slug

from . import programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["NEEDS", "Sandbox", "SandboxError", "sandbox"]

NEEDS = ("unshare", "nsenter", "mount", "ip")
"""The programs that it runs."""

_NO_SANDBOX = Slug.define(
    "no-sandbox",
    """No namespaces can be had for a daemon of buildcheck's own: the kernel or the container that this runs in
    does not allow them. root can make them; an ordinary user can where user namespaces are allowed, with
    the Debian package uidmap and subordinate ids (subuid(5)).""",
)
_SECONDS = 30.0
_READY = b"ready\n"
_FIRST = """\
import signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
sys.stdin.buffer.read()
"""
"""The first process: it reaps what daemons leave to it, and ends when its standard input does, which is when
the maker goes away, however."""


class SandboxError(PatchgenError):
    """There are no namespaces to be had."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox.

    :param pid: of its first process, as it is seen from outside.
    :param own_network: whether it has a network of its own.
    """

    pid: int
    own_network: bool

    def command(self, words: Sequence[str | Path], folder: Path) -> tuple[str, ...]:
        """Return the command line that runs *words* inside, in *folder*, from outside."""
        user = ("--user", "--preserve-credentials") if os.geteuid() else ()
        network = ("--net",) if self.own_network else ()
        enter = ("nsenter", f"--target={self.pid}", *user, "--mount", "--pid", *network, "--")
        return (*enter, "sh", "-c", 'cd "$0" && exec "$@"', str(folder), *map(str, words))

    def run(
        self,
        words: Sequence[str | Path],
        folder: Path,
        environment: Mapping[str, str] | None = None,
        *,
        seconds: float = 60.0,
    ) -> programs.Done:
        """Run a program inside and wait for its end.

        :raises ProgramError: it is not there, or did not end in *seconds*.
        """
        return programs.run(self.command(words, folder), folder, environment, seconds=seconds)


@contextlib.contextmanager
def sandbox(
    folder: Path, mounts: Mapping[str, Path], bridges: Sequence[str] = (), *, own_network: bool = True
) -> Iterator[Sandbox]:
    """Yield a sandbox; when it is left, everything that runs in it is killed.

    :param folder: where what it says is written down.
    :param mounts: which folders of ours lie where inside. /run is empty but for these.
    :param bridges: the names of network bridges to make in it; only with a network of its own, so that none
        is ever made on the machine.
    :param own_network: whether it has a network of its own, with nothing in it but these and the loopback;
        without one, servers in it can be reached from outside.
    :raises SandboxError: there are no namespaces to be had.
    :raises ValueError: there are bridges, and no network for them.
    """
    if bridges and not own_network:
        msg = "a bridge is only made in a network of the sandbox's own"
        raise ValueError(msg)
    log = folder / "sandbox.log"
    user = ("--user", "--map-root-user", "--map-auto") if os.geteuid() else ()
    words = [
        *(programs.find("unshare"), "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
        *(("--net",) if own_network else ()),
        *user,
        *("sh", "-euc", _script(mounts, bridges, own_network=own_network), sys.executable, _FIRST),
    ]
    with (
        log.open("wb") as said,
        subprocess.Popen(  # noqa: S603 - the program was looked up, the script is ours
            words, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, start_new_session=True
        ) as process,
    ):
        try:
            _await(process, log)
            yield Sandbox(_child(process.pid), own_network)
        finally:
            _end(process)


def _script(mounts: Mapping[str, Path], bridges: Sequence[str], *, own_network: bool) -> str:
    """Return what the shell does inside before it becomes the first process."""
    lines = ["mount --make-rprivate /", "mount -t tmpfs tmpfs /run"]
    for inside, outside in mounts.items():
        if inside.startswith("/run/"):
            lines.append(f"mkdir -p '{inside}'")
        lines.append(f"mount --bind '{outside}' '{inside}'")
    if own_network:
        lines.append("ip link set lo up")
    for bridge in bridges:
        lines += [f"ip link add '{bridge}' type bridge", f"ip link set '{bridge}' up"]
    return "\n".join((*lines, 'exec "$0" -c "$1"'))


def _await(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the word of the first process that all is ready."""
    assert process.stdout is not None  # noqa: S101 - it was opened so
    late = threading.Timer(_SECONDS, process.kill)
    late.start()
    try:
        word = process.stdout.readline()
    finally:
        late.cancel()
    if word != _READY:
        process.wait()
        lines = log.read_text("utf-8", "replace").splitlines() or [f"nothing came of it in {_SECONDS:.0f} seconds"]
        raise SandboxError(
            _NO_SANDBOX,
            f"there is no sandbox: {lines[0]}",
            help="root can make one; an ordinary user with uidmap and subuids",
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the first process, which ends the rest, and wait until nothing of it is left."""
    try:
        process.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _child(pid: int) -> int:
    """Return the one child of the process: the first process of the namespace."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return int(children[0])
