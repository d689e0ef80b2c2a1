# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages of another architecture, fetched by apt beside the machine's own package state.

The mirrors are those of the machine's apt sources, and apt checks what comes from them as it always
does; the lists, the status file and the cache are folders of ours (apt.conf(5), Dir::State and
Dir::Cache). What was fetched once is used again without the network.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildcheck import programs
from patchgen.findings import PatchgenError, Slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["NEEDS", "Package", "PackageError", "Packages"]

NEEDS = ("apt-get", "apt-cache", "dpkg-deb")
"""The programs that this runs."""

_PROXIES = ("http_proxy", "https_proxy", "no_proxy")
"""What apt may know of the environment."""

_NOT_FETCHED = Slug.define(
    "package-not-fetched",
    """A Debian package that a guest is made of cannot be had from the mirrors of this machine's apt
    sources: there is no network, no such package, or a list and the mirror do not agree. What apt said
    is in the message. Nothing was installed, and the machine's own package state is untouched.""",
)
_NOT_A_PACKAGE = Slug.define(
    "package-damaged", """A Debian package that was fetched cannot be unpacked. Remove it, and it is fetched anew."""
)


class PackageError(PatchgenError):
    """A package cannot be fetched or unpacked."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package file as it came from a mirror; its name has the version in it."""

    path: Path

    @property
    def name(self) -> str:
        """The name of the package."""
        return self.path.name.partition("_")[0]

    def files(self, wanted: Callable[[str], bool]) -> Mapping[str, tuple[bytes, int]]:
        """Return the plain files that are *wanted*, by their paths without a leading slash: bytes and mtime.

        :raises PackageError: it cannot be unpacked.
        """
        done = programs.run(("dpkg-deb", "--fsys-tarfile", self.path), self.path.parent)
        try:
            with tarfile.open(fileobj=io.BytesIO(done.out)) as archive:
                return {path: (data, mtime) for path, data, mtime in _members(archive, wanted)}
        except tarfile.TarError as error:
            raise PackageError(
                _NOT_A_PACKAGE, f"{self.path.name}: {done.last_words}", help=f"rm {self.path}"
            ) from error


def _members(archive: tarfile.TarFile, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes, int]]:
    for member in archive:
        path = member.name.removeprefix("./")
        if member.isfile() and wanted(path) and (file := archive.extractfile(member)) is not None:
            yield path, file.read(), int(member.mtime)


@dataclass(frozen=True, slots=True)
class Packages:
    """What was fetched for one architecture.

    :param folder: ours alone; several processes may use it at once.
    """

    folder: Path
    architecture: str

    def get(self, name: str) -> Package:
        """Return the package of that name, the one that is here or else the newest one.

        :raises PackageError: it cannot be fetched.
        :raises ProgramError: apt is not there.
        """
        with self._held():
            return self._noted(name) or self._fetched(name, name)

    def behind(self, name: str) -> Package:
        """Return the package that the package *name* is only a name for, as its field Depends says.

        ``linux-image-arm64`` stands for the newest kernel, ``linux-image-6.1.0-50-arm64`` for one.

        :raises PackageError: it cannot be fetched.
        :raises ProgramError: apt is not there.
        """
        with self._held():
            return self._noted(name) or self._fetched(name, None)

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        programs.need(NEEDS)
        for part in ("files", "lists/partial", "cache/archives/partial", "state"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        os.utime(self.folder)  # the store keeps what is used
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _noted(self, name: str) -> Package | None:
        with contextlib.suppress(OSError):
            path = self.folder / "files" / (self.folder / f"{name}.is").read_text(encoding="utf-8")
            if path.is_file():
                return Package(path)
        return None

    def _fetched(self, name: str, actual: str | None) -> Package:
        try:
            return self._downloaded(name, actual)
        except PackageError as error:
            # No lists, or old ones. One source that fails then is no matter where another has the package.
            updated = self._apt("apt-get", "update")
            try:
                return self._downloaded(name, actual)
            except PackageError as again:
                hint = updated.last_words if updated.status else ""
                finding = again.finding
                raise PackageError(finding.slug, finding.message, help=hint) from error

    def _downloaded(self, name: str, actual: str | None) -> Package:
        actual = actual or self._target(name)
        done = self._apt("apt-get", "download", actual)
        files = sorted((self.folder / "files").glob(f"{actual}_*.deb"), key=lambda path: path.stat().st_mtime_ns)
        if done.status or not files:
            said = done.last_words if done.status else "apt-get says that it fetched it, and it is not there"
            raise PackageError(_NOT_FETCHED, f"{actual} for {self.architecture}: {said}")
        (self.folder / f"{name}.is").write_text(files[-1].name, encoding="utf-8")
        return Package(files[-1])

    def _target(self, name: str) -> str:
        done = self._apt("apt-cache", "show", "--no-all-versions", name)
        start = name.partition("-")[0] + "-"
        for line in done.out.decode("utf-8", "replace").splitlines():
            field, _, value = line.partition(":")
            for words in map(str.split, value.split(",")):
                if field == "Depends" and words and words[0].startswith(start):
                    return words[0]
        said = done.last_words if done.status else f"it depends on no {start}*"
        raise PackageError(_NOT_FETCHED, f"{name} for {self.architecture}: {said}")

    def _apt(self, program: str, *words: str) -> programs.Done:
        proxies = {name: os.environ[name] for name in _PROXIES if name in os.environ}
        return programs.run((program, *self._options(), *words), self.folder / "files", proxies)

    def _options(self) -> list[str]:
        options = {
            "APT::Architecture": self.architecture,
            "APT::Architectures": self.architecture,
            "APT::Sandbox::User": "",
            "Acquire::Languages": "none",
            "Dir::Cache": self.folder / "cache",
            "Dir::State": self.folder / "state",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::State::status": self.folder / "status",
        }
        return [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
