# SPDX-License-Identifier: GPL-3.0-or-later
"""A source package built: once as a person would, and once more where everything round it is different.

sbuild(1) builds in a chroot of its own (mode unshare), and is run by an ordinary user; root lends it one.
dpkg-buildpackage(1) builds on this machine, which must have the build dependencies.
"""

from __future__ import annotations

import enum
import os
import pwd
import shlex
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck import programs
from patchgen.findings import Exit, PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildcheck.programs import Done

__all__ = ["NEEDS", "SUFFIXES", "Build", "BuildError", "Builder", "Tool", "sources"]

_FAILS = Slug.define(
    "package-build-fails",
    """The source package cannot be built: sbuild or dpkg-buildpackage ends with an error, or makes no .changes file.
    The whole of what it said is in the log that the finding names.""",
)
_DESCRIPTION = Slug.define(
    "package-no-source",
    """The file is no description of a source package (.dsc, dsc(5)) and no .changes file, or a file that it names is not
    beside it.""",
)
_USER = Slug.define(
    "package-no-user",
    """sbuild in its mode unshare is run by an ordinary user with subordinate ids (subuid(5)). root has to say which
    user it lends: --user NAME.""",
)

_SECONDS = 3 * 3600.0
_VARIED = "/usr/local/bin/buildcheck-varied"
_LOCALE = "fr_CH.UTF-8"
_LATER = "+397d 7h 13m"
_CONFIG = f"$build_env_cmnd = '{_VARIED}';\n1;\n"
SUFFIXES = (".deb", ".ddeb")
"""Those of binary packages."""
_KEPT = (*SUFFIXES, ".changes", ".buildinfo")


class BuildError(PatchgenError):
    """The package cannot be built."""


class BuildFailedError(BuildError):
    """The build ends with an error: that is the package's, and not the environment's."""

    status = Exit.FINDINGS


class Tool(enum.Enum):
    """What builds."""

    SBUILD = "sbuild"
    DPKG = "dpkg-buildpackage"


NEEDS: Mapping[Tool, tuple[str, ...]] = {
    Tool.SBUILD: ("sbuild", "newuidmap"),
    Tool.DPKG: ("dpkg-buildpackage", "dpkg-source"),
}
"""The programs that each runs."""


@dataclass(frozen=True, slots=True)
class Build:
    """What a build left.

    :param changes: the .changes file, beside the files that it names.
    :param log: all that was said; None where nobody kept it.
    :param debs: the binary packages.
    """

    changes: Path
    log: Path | None
    debs: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Builder:
    """How to build.

    :param profiles: build profiles, with commas between them.
    :param chroot: the tarball of a chroot for sbuild; None for the one that it finds itself.
    :param user: who runs sbuild; "" for whoever asks.
    """

    tool: Tool
    profiles: str = ""
    chroot: Path | None = None
    user: str = ""
    suite: str = ""

    def build(self, source: Path, out: Path, *, varied: bool) -> Build:
        """Build *source*, a .dsc file, and put what it made and the log into *out*.

        :param varied: with another path, locale, time zone, umask and time; else as usual.
        :raises BuildError: it cannot be built. :raises ProgramError: a program is not there, or does not end.
        """
        out.mkdir(parents=True, exist_ok=True)
        log = out / f"{source.stem}.log"
        with self._workshop() as work:
            for path in (source, *sources(source)):
                self._give(Path(shutil.copy(path, work)))
            done = self._sbuild(source, work, varied) if self.tool is Tool.SBUILD else self._dpkg(source, work, varied)
            # Where nobody looks at it, sbuild puts what it would say into a file beside what it builds.
            beside = (path.read_bytes() for path in sorted(work.glob("*.build")) if not path.is_symlink())
            log.write_bytes(b"".join((done.out, done.err, *beside)))
            made = [path for path in sorted(work.rglob("*")) if path.suffix in _KEPT and path.is_file()]
            changes = [path for path in made if path.suffix == ".changes"]
            if done.status or len(changes) != 1:
                raise BuildFailedError(_FAILS, f"{self.tool.value}: {_why(done)}", Place(str(log)))
            for path in made:
                shutil.copyfile(path, out / path.name)
        debs = tuple(out / path.name for path in made if path.suffix in SUFFIXES)
        return Build(out / changes[0].name, log, debs)

    @contextmanager
    def _workshop(self) -> Iterator[Path]:
        """Give a folder that the user of the build may write, and remove it afterwards."""
        with tempfile.TemporaryDirectory(prefix="buildcheck-", dir="/var/tmp", ignore_cleanup_errors=True) as folder:
            self._give(Path(folder))
            yield Path(folder)

    def _give(self, path: Path) -> None:
        if self._lends:
            owner = pwd.getpwnam(self.user)
            os.chown(path, owner.pw_uid, owner.pw_gid)

    @property
    def _lends(self) -> bool:
        return bool(self.user) and os.geteuid() == 0

    def _as_user(self, environment: Mapping[str, str]) -> list[str]:
        """Return the words in front of a command that the user of the build runs."""
        if os.geteuid() == 0 and not self.user:
            raise BuildError(_USER, "sbuild is not for root", help="--user NAME, or --with dpkg-buildpackage")
        try:
            home = pwd.getpwnam(self.user).pw_dir if self._lends else str(Path.home())
        except KeyError:
            raise BuildError(
                _USER, f"there is no user {self.user}", help=f"useradd --create-home {self.user}"
            ) from None
        own = {"HOME": home, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", **environment}
        lent = ["runuser", "-u", self.user, "--"] if self._lends else []
        return [*lent, "env", "-i", *(f"{name}={value}" for name, value in own.items())]

    def _sbuild(self, source: Path, work: Path, varied: bool) -> Done:  # noqa: FBT001 - of our own
        words = ["sbuild", "--chroot-mode=unshare", "--no-run-lintian", "--no-source", "--arch-any", "--arch-all"]
        words += [f"--chroot={self.chroot}"] if self.chroot else []
        words += [f"--dist={self.suite}"] if self.suite else []
        words += [f"--profiles={self.profiles}"] if self.profiles else []
        environment = {}
        if varied:
            (work / "sbuild.conf").write_text(_CONFIG, encoding="utf-8")
            (work / "sbuild.conf").chmod(0o644)
            environment["SBUILD_CONFIG"] = str(work / "sbuild.conf")
            script = shlex.quote(_script())
            words += ["--build-path=/srv/elsewhere/and-deeper", "--add-depends=faketime, locales"]
            setup = f"printf %s {script} > {_VARIED} && chmod 755 {_VARIED} && localedef -i fr_CH -f UTF-8 {_LOCALE}"
            words += [f"--starting-build-commands={setup.replace('%', '%%')}"]
        return programs.run([*self._as_user(environment), *words, source.name], work, seconds=_SECONDS)

    def _dpkg(self, source: Path, work: Path, varied: bool) -> Done:  # noqa: FBT001 - likewise
        inside = work / ("elsewhere/and-deeper" if varied else "build")
        inside.mkdir(parents=True)
        done = programs.run(["dpkg-source", "--no-check", "-x", work / source.name, inside / "tree"], work)
        if done.status:
            return done
        words = ["dpkg-buildpackage", "-us", "-uc", "-b", *([f"-P{self.profiles}"] if self.profiles else [])]
        environment = {"HOME": str(work), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
        if varied:
            (work / "varied").write_text(_script(), encoding="utf-8")
            words = ["sh", str(work / "varied"), *words]
        done = programs.run(words, inside / "tree", environment, seconds=_SECONDS)
        return replace(done, out=done.out + done.err, err=b"")


def sources(description: Path) -> tuple[Path, ...]:
    """Return the files that a .dsc or .changes file names.

    :raises BuildError: it is none, or one of them is not beside it.
    """
    from debian.deb822 import Changes, Dsc  # noqa: PLC0415 - only packages need it

    kind = Changes if description.suffix == ".changes" else Dsc
    try:
        with description.open(encoding="utf-8") as lines:
            names = [str(one["name"]) for one in kind(lines).get("Files", ())]
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise BuildError(_DESCRIPTION, f"it cannot be read: {error}", Place(str(description))) from error
    if not names:
        raise BuildError(_DESCRIPTION, "it names no files", Place(str(description)))
    for name in names:
        if "/" in name or not (description.parent / name).is_file():
            raise BuildError(_DESCRIPTION, f"{name}, which it names, is not beside it", Place(str(description)))
    return tuple(description.parent / name for name in names)


def _script() -> str:
    """Return a script that runs its arguments with another locale, time zone, umask and time."""
    return (
        "#!/bin/sh\numask 0002\n"
        f"export LC_ALL={_LOCALE} LANG={_LOCALE} LANGUAGE=fr_CH:fr TZ=GMT-14 DONT_FAKE_MONOTONIC=1\n"
        f"exec faketime -f '{_LATER}' \"$@\"\n"
    )


def _why(done: Done) -> str:
    """Return the line that says most: the first error of make, dpkg or the resolver, else the last."""
    lines = [line.strip() for line in (done.out + done.err).decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if ": error:" in line or "***" in line or line.startswith("E: ")]
    return (telling or lines[-1:] or [f"status {done.status}"])[0]
