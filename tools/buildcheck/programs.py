# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to other programs: found on PATH, named with their Debian package when they are not there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["PACKAGES", "Done", "ProgramError", "failed", "find", "identity", "need", "run"]

_MISSING = Slug.define(
    "missing-program",
    """A check needs a program that is not installed. Nothing of the check was done: it is not skipped,
    the run ends with status 2. Install the Debian package that the finding names.""",
)
_ENDLESS = Slug.define("program-endless", """A program that a check runs did not end in the time that it was given.""")

PACKAGES: Mapping[str, str] = {
    "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
    "apt-cache": "apt",
    "apt-get": "apt",
    "ar": "binutils",
    "arm-linux-gnueabi-gcc": "gcc-arm-linux-gnueabi",
    "arm-linux-gnueabihf-gcc": "gcc-arm-linux-gnueabihf",
    "clang": "clang",
    "debugfs": "e2fsprogs",
    "diffoscope": "diffoscope-minimal",
    "dpkg-buildpackage": "dpkg-dev",
    "dpkg-deb": "dpkg",
    "dpkg-source": "dpkg-dev",
    "gcc": "gcc",
    "i686-linux-gnu-gcc": "gcc-i686-linux-gnu",
    "ip": "iproute2",
    "ld": "binutils",
    "libvirtd": "libvirt-daemon-system",
    "make": "make",
    "mke2fs": "e2fsprogs",
    "modinfo": "kmod",
    "mount": "mount",
    "newuidmap": "uidmap",
    "nice": "coreutils",
    "nsenter": "util-linux",
    "patch": "patch",
    "perl": "perl",
    "perlcritic": "libperl-critic-perl",
    "prlimit": "util-linux",
    "quilt": "quilt",
    "runuser": "util-linux",
    "sh": "dash",
    "tune2fs": "e2fsprogs",
    "unshare": "util-linux",
    "virsh": "libvirt-clients",
    "x86_64-linux-gnu-gcc": "gcc-x86-64-linux-gnu",
    "xml2-config": "libxml2-dev",
    "xz": "xz-utils",
}
"""Which Debian package has a program."""

_FAILED = Slug.define("program-failed", """A program that a check runs ended in a way that it does not document.""")

_SECONDS = 600.0
_KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH")
"""What programs see of the environment; a person's settings for quilt, make or the compiler are none of it."""


class ProgramError(PatchgenError):
    """A program is not there, or did not end."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended, and what it said."""

    status: int
    out: bytes
    err: bytes

    @property
    def last_words(self) -> str:
        """The last line that it said, on standard error if anything."""
        lines = (self.err.strip() or self.out.strip()).decode("utf-8", "replace").splitlines()
        return lines[-1].strip() if lines else f"nothing, and status {self.status}"


def find(name: str) -> str:
    """Return where the program is.

    :raises ProgramError: it is not installed.
    """
    path = _where(name)
    if path is None:
        package = PACKAGES.get(name, name)
        raise ProgramError(_MISSING, f"the program {name} is not there", help=f"apt-get install {package}")
    return path


def need(names: Iterable[str]) -> None:
    """See that all programs are there.

    :raises ProgramError: of those that are not, the first; its help names the packages of all.
    """
    missing = [name for name in names if _where(name) is None]
    if missing:
        packages = " ".join(sorted({PACKAGES.get(name, name) for name in missing}))
        word, verb = ("program", "is") if len(missing) == 1 else ("programs", "are")
        raise ProgramError(
            _MISSING, f"the {word} {', '.join(missing)} {verb} not there", help=f"apt-get install {packages}"
        )


def _path() -> str:
    """Return PATH; where it is an ordinary user's, with the folders behind it where daemons are."""
    path = os.environ.get("PATH", os.defpath)
    folders = path.split(":")
    return path if "/usr/bin" not in folders or "/usr/sbin" in folders else f"{path}:/usr/sbin:/sbin"


def _where(name: str) -> str | None:
    return shutil.which(name, path=_path())


def failed(done: Done, name: str) -> ProgramError:
    """Return the error for a program that ended in a way that it does not document."""
    return ProgramError(_FAILED, f"{name} ended with status {done.status}: {done.last_words}")


@cache
def identity(name: str) -> str:
    """Return what changes when another version of the program is installed: its place, size and time.

    :raises ProgramError: it is not installed.
    """
    path = Path(find(name)).resolve()
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def run(
    words: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    stdin: bytes = b"",
    seconds: float = _SECONDS,
) -> Done:
    """Run a program in *folder* with an environment of our own, in the C locale, and wait for its end.

    :param seconds: how long it may take; then it and its children are killed.
    :raises ProgramError: it is not there, or did not end.
    """
    own = {name: os.environ[name] for name in _KEPT if name in os.environ}
    own |= {"PATH": _path(), "LC_ALL": "C", "HOME": str(folder)} | dict(environment or {})
    command = [find(str(words[0])), *map(str, words[1:])]
    with subprocess.Popen(  # noqa: S603 - the program was looked up, the arguments are ours
        command,
        cwd=folder,
        env=own,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(stdin, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise ProgramError(_ENDLESS, f"{words[0]} did not end within {seconds:.0f} seconds") from error
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return Done(process.returncode, out, err)
