# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of a tree that runs in a sandbox with a libvirtd of its own: started, asked, stopped, started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck import programs
from patchgen.findings import PatchgenError, Slug

from .installation import cloud, install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from buildcheck.libvirt import Libvirt

    from .installation import Built

__all__ = ["Service", "ServiceError", "until"]

_NO_SERVICE = Slug.define(
    "service-not-started",
    """A service of the tree, installed in a folder of its own, does not start, does not end, or does not answer.
    The message has the last that it said; its log is below the folder of its installation.""",
)
_SECONDS = 60.0
_POST = """\
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1], timeout=60)
connection.request("POST", sys.argv[2], sys.stdin.buffer.read(), {"Content-Type": "text/xml; charset=UTF-8"})
answer = connection.getresponse()
sys.stdout.buffer.write(b"%d\\n" % answer.status + answer.read())
"""


class ServiceError(PatchgenError):
    """A service does not do what any service does."""


@dataclass(slots=True)
class Service:
    """A service, and the folder that it is installed in; what is in that folder outlives it.

    :param name: a table of ``cloud.toml``.
    :param host: where it runs. Its network is the sandbox's own, so that its port is free.
    :param environment: beside what it needs.
    :param ip: of the loopback interface, for a second one of the same name.
    """

    name: str
    built: Built
    home: Path
    host: Libvirt
    environment: Mapping[str, str] = field(default_factory=dict)
    ip: str = "127.0.0.1"
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """Where it listens, inside the sandbox: HOST:PORT."""
        return f"{self.ip}:{cloud()[self.name]['port']}"

    @property
    def said(self) -> str:
        """Its log, whole; in it is what every life of it said."""
        path = self.home / cloud()[self.name]["log"]
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def install(self, settings: Mapping[str, str]) -> None:
        """Install it, or upgrade what is installed: see :func:`buildcheck.guest.installation.install`."""
        install(self.built, self.home, settings, self.name)

    @contextlib.contextmanager
    def running(self) -> Iterator[Service]:
        """Run it while the block runs."""
        self.start()
        try:
            yield self
        finally:
            self.kill()

    def start(self) -> None:
        """Start it, and wait until it listens.

        :raises ServiceError: it does not.
        """
        words = (*self.built.serve(self.name), "--listen", self.address)
        errors = self.home / "said"
        with errors.open("ab") as file:
            self._process = subprocess.Popen(  # noqa: S603 - words of ours
                self.host.sandbox.command(words, self.home),
                cwd=self.home,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file,
                start_new_session=True,
            )
        out = self._process.stdout
        if out is None or b" listening on " not in out.readline():
            self.kill()
            lines = errors.read_text(encoding="utf-8", errors="replace").splitlines()
            raise ServiceError(_NO_SERVICE, f"{self.name} does not start: {lines[-1] if lines else 'it says nothing'}")

    def stop(self) -> None:
        """Ask it to end, and wait until it has; guests run on.

        :raises ServiceError: it does not end, or not well.
        """
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(_inside(process.pid), signal.SIGTERM)
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ServiceError(_NO_SERVICE, f"{self.name} does not end within {_SECONDS:.0f} seconds") from error
        finally:
            self.kill()
        if process.returncode:
            raise ServiceError(_NO_SERVICE, f"{self.name} ended with {process.returncode}")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        process, self._process = self._process, None
        if process is None:
            return
        for pid in (_inside(process.pid), process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def restart(self) -> None:
        """End it, and start it again; what is installed now is what starts."""
        self.stop()
        self.start()

    def client(self, *words: str | Path, seconds: float = _SECONDS) -> programs.Done:
        """Return what its client did, run in the installation's folder.

        :raises ProgramError: it did not end in *seconds*.
        """
        command = (self.built.client(self.name), *words)
        return self.host.sandbox.run(command, self.home, self._environment(), seconds=seconds)

    def post(self, body: bytes) -> tuple[int, bytes]:
        """Return the HTTP status and the body of its answer to a SOAP message; 0 where there is no answer."""
        words = (sys.executable, "-c", _POST, self.address, cloud()[self.name]["path"])
        command = self.host.sandbox.command(words, self.home)
        done = programs.run(command, self.home, stdin=body, seconds=2 * _SECONDS)
        status, _, answer = done.out.partition(b"\n")
        return (int(status), answer) if not done.status else (0, done.err)

    def _environment(self) -> dict[str, str]:
        own = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        own |= {"LC_ALL": "C", "HOME": str(self.home), "AXIS2C_HOME": "/nowhere", "ADB_CLIENT_TIMEOUT": "60"}
        return own | {cloud()["home"]["variable"]: str(self.home), **self.environment}


def _inside(pid: int) -> int:
    """Return the process that nsenter(1) runs for us in the sandbox: it passes no signal on."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return pid
    return int(children[0]) if children else pid


def until(true: Callable[[], object], seconds: float, step: float = 0.05) -> bool:
    """Return whether the function *true* says so within *seconds*."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True
