# SPDX-License-Identifier: GPL-3.0-or-later
"""What a packaging says of itself, and how an orig tarball fits it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import Finding, Level, PatchgenError, Place, Slug

from .programs import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Debian", "Orig", "PackageError"]

_UNUSABLE = Slug.define(
    "packaging",
    """The folder is not the packaging of a source package: control, changelog, rules or source/format is not
    there or cannot be read, or it is the root of a project that has its packaging below it. Such a root is never
    laid over an upstream tree: its Makefile and tools would take the place of upstream's.""",
)
_OUT_OF_STEP = Slug.define(
    "changelog-out-of-step",
    """The version of the orig tarball, by its name, is not the upstream version that debian/changelog begins with.""",
)
_SORTS = Slug.define(
    "version-sorts-wrongly",
    """The newest version in debian/changelog does not sort after the one below it (deb-version(7)), so that no
    machine would upgrade to it.""",
)
_EXCLUDED = Slug.define(
    "files-excluded",
    """The orig tarball has files that Files-Excluded in debian/copyright names (uscan(1)): it is upstream's own
    and not a repacked one. That is an error only where the version says that it was repacked.""",
)

_NEEDED = ("changelog", "control", "rules", "source/format")
_NAMED = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9.+-]*?)[_-](?P<version>\d[A-Za-z0-9.+~]*?)"
    r"(?:-src(?:-\w+)?)?(?:\.orig)?\.(?P<suffix>tar(?:\.(?:gz|bz2|xz|zst|lzma))?|tgz)"
)
_REPACKED = re.compile(r"[+~](?:dfsg|ds|repack)[0-9.]*\Z")
_REVISION = re.compile(r"(?:\A\d+:|-[A-Za-z0-9+.~]+\Z)")


class PackageError(PatchgenError, ValueError):
    """The packaging or the tarball cannot be used."""


@dataclass(frozen=True, slots=True)
class Orig:
    """An orig tarball.

    :param version: by its name, "" where that says none; *suffix* from ``tar`` on.
    """

    path: Path
    version: str
    suffix: str

    @classmethod
    def of(cls, text: str) -> Orig:
        """Return what the name of a tarball says.

        :raises PackageError: it is no file, or none that may be an orig tarball (dpkg-source(1), 3.0 (quilt)).
        """
        path = Path(text)
        match = _NAMED.fullmatch(path.name)
        suffixes = re.search(r"\.(tar\.(?:gz|bz2|xz|lzma)|tgz)\Z", path.name)
        if not path.is_file() or suffixes is None:
            message = "an orig tarball is a file whose name ends in .tar.gz, .tar.bz2, .tar.xz or .tgz"
            raise PackageError(_UNUSABLE, message, Place(text), "--upstream ../NAME_VERSION.orig.tar.gz")
        return cls(path, match["version"] if match else "", "tar.gz" if suffixes[1] == "tgz" else suffixes[1])


@dataclass(frozen=True, slots=True)
class Debian:
    """The packaging.

    :param version: the newest; *before* the one below it, "" for none; *epoch* the time of the newest.
    """

    folder: Path
    source: str
    version: str
    before: str
    epoch: str
    excluded: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path) -> Debian:
        """Read the packaging in *folder*.

        :raises PackageError: it is none. :raises ProgramError: dpkg-parsechangelog fails.
        """
        missing = [name for name in _NEEDED if not (folder / name).is_file()]
        if missing:
            raise PackageError(_UNUSABLE, f"{' and '.join(missing)} not there", Place(str(folder)), "--debian FOLDER")
        log = folder / "changelog"
        source, version, epoch = (_changelog(log, field) for field in ("Source", "Version", "Timestamp"))
        before = _changelog(log, "Version", 1)
        if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", source) or not re.fullmatch(r"[A-Za-z0-9.+~:-]+", version):
            raise PackageError(_UNUSABLE, "its first line names no package and version", Place(str(log), 1))
        return cls(folder, source, version, before, epoch, _excluded(folder / "copyright"))

    @property
    def upstream_version(self) -> str:
        """The version without epoch and revision (Debian Policy 5.6.12)."""
        return _REVISION.sub("", self.version)

    def fits(self, orig: Orig, paths: Sequence[str]) -> Iterator[Finding]:
        """Yield what is against building the package of this tarball, whose files have these paths."""
        changelog = Place(str(self.folder / "changelog"), 1)
        if orig.version and orig.version != self.upstream_version:
            message = f"it begins with {self.version}, and the tarball is {orig.version}"
            help_ = f'dch -v {orig.version}-1 "New upstream release."'
            yield Finding(_OUT_OF_STEP, Level.ERROR, message, changelog, help_)
        if self.before and not _sorts_after(self.version, self.before):
            yield Finding(_SORTS, Level.ERROR, f"{self.version} does not sort after {self.before}", changelog)
        found = [path for path in paths if self._excludes(path)]
        if found:
            repacked = _REPACKED.search(self.upstream_version) is not None
            message = f"{len(found)} files that Files-Excluded names are in it, {found[0]} the first"
            help_ = f"mk-origtargz --repack --repack-suffix +dfsg {orig.path} takes them out"
            level = Level.ERROR if repacked else Level.NOTE
            yield Finding(_EXCLUDED, level, message, Place(str(orig.path)), help_)

    def _excludes(self, path: str) -> bool:
        return any(fnmatchcase(path, glob) or fnmatchcase(path, f"{glob}/*") for glob in self.excluded)


def _changelog(path: Path, field: str, offset: int = 0) -> str:
    words = ["dpkg-parsechangelog", "-l", str(path), "-S", field, "--count", "1", "--offset", str(offset)]
    return run(words, Path()).strip()


def _sorts_after(new: str, old: str) -> bool:
    return run(["dpkg", "--compare-versions", new, "gt", old], Path(), quiet=True) is not None


def _excluded(path: Path) -> tuple[str, ...]:
    """Return the globs of Files-Excluded in the first paragraph of debian/copyright (uscan(1))."""
    from debian.deb822 import Deb822  # noqa: PLC0415 - only a source package needs it

    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", errors="replace") as lines:
        return tuple(str(Deb822(lines).get("Files-Excluded", "")).split())
