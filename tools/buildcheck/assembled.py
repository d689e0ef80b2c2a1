# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to quilt and dpkg-source: a tree laid out for them, what they make of it, and what is left behind.

Both see nothing of a person's settings: quilt reads no quiltrc, and no QUILT_* of the environment
reaches it.
"""

from __future__ import annotations

import io
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .prefixes import Patch, Prefix

__all__ = ["NAME", "Assembled", "Difference", "differences", "lay"]

NAME = "eucalyptus-buildcheck"
"""The name of the source package that is assembled; its version is 0-1."""

_OF_TOOLS = frozenset({".pc", "debian"})
_CONTROL = f"""\
Source: {NAME}
Section: misc
Priority: optional
Maintainer: buildcheck <buildcheck@localhost>
Standards-Version: 4.6.2

Package: {NAME}
Architecture: all
Description: a tree and its series, assembled to see whether dpkg-source takes them
 It is never installed.
"""
_CHANGELOG = f"""\
{NAME} (0-1) UNRELEASED; urgency=low

  * Assembled.

 -- buildcheck <buildcheck@localhost>  Sat, 01 Jan 2011 00:00:00 +0000
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that is not as it should be: *what* is wrong with it."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Assembled:
    """An unpacked source package in a scratch folder, its orig tarball beside it.

    :param tree: the folder of the unpacked source.
    """

    folder: Path
    tree: Path

    @classmethod
    def of(cls, folder: Path, original: Prefix, patches: Sequence[Patch]) -> Assembled:
        """Lay out *original* with ``debian/`` in *folder*; the patches as the series has them."""
        tree = folder / f"{NAME}-0"
        lay(tree, original)
        _pack(folder / f"{NAME}_0.orig.tar.gz", original)
        debian = tree / "debian"
        (debian / "source").mkdir(parents=True)
        (debian / "source/format").write_text("3.0 (quilt)\n", encoding="utf-8")
        (debian / "control").write_text(_CONTROL, encoding="utf-8")
        (debian / "changelog").write_text(_CHANGELOG, encoding="utf-8")
        rules = debian / "rules"
        rules.write_text("#!/usr/bin/make -f\n%:\n\tdh $@\n", encoding="utf-8")
        rules.chmod(0o755)
        for patch in patches:
            if patch.data is not None:
                path = debian / "patches" / patch.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(patch.data)
        series = "".join(f"{patch.name}\n" for patch in patches)
        (debian / "patches").mkdir(exist_ok=True)
        (debian / "patches/series").write_text(series, encoding="utf-8", errors="surrogateescape")
        return cls(folder, tree)

    def quilt(self, *words: str) -> programs.Done:
        """Run quilt on the tree; *words* is the command and its arguments.

        :raises ProgramError: it is not there, or does not end.
        """
        environment = {"QUILT_PATCHES": "debian/patches", "QUILT_PC": ".pc", "HOME": str(self.folder)}
        return programs.run(("quilt", "--quiltrc=-", *words), self.tree, environment)

    def dpkg_source(self, *words: str | Path) -> programs.Done:
        """Run dpkg-source in the folder above the tree.

        :raises ProgramError: it is not there, or does not end.
        """
        return programs.run(("dpkg-source", *words), self.folder)

    def without_pc(self) -> list[Difference]:
        """Return what quilt left of its own after a pop of all: nothing but, at most, an empty ``.pc``."""
        names = {".version", ".quilt_patches", ".quilt_series"}
        left = [path for path in (self.tree / ".pc").rglob("*") if path.is_file() and path.name not in names]
        return [Difference(path.relative_to(self.tree).as_posix(), "quilt left it behind") for path in sorted(left)]


def lay(folder: Path, prefix: Prefix) -> None:
    """Write the whole tree of *prefix*, links and all, into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in prefix.files:
        data = prefix.tree.read(path)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        if data.startswith(b"#!"):
            (folder / path).chmod(0o755)
    for path, target in prefix.tree.links.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(target)


def differences(folder: Path, prefix: Prefix) -> Iterator[Difference]:
    """Yield how *folder* differs from the tree of *prefix*; ``debian`` and ``.pc`` do not count."""
    there: Mapping[str, Path] = dict(_files(folder))
    for path in sorted(prefix.files.keys() - there.keys()):
        yield Difference(path, "it is not there")
    for path in sorted(there.keys() - prefix.files.keys() - prefix.tree.links.keys()):
        yield Difference(path, "it should not be there")
    for path in sorted(there.keys() & prefix.files.keys()):
        if there[path].read_bytes() != prefix.tree.read(path):
            yield Difference(path, "it has other bytes than the patches give it")


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for where, folders, names in os.walk(folder):
        inside = os.path.relpath(where, folder)
        if inside == ".":
            folders[:] = [name for name in folders if name not in _OF_TOOLS]
        for name in names:
            yield os.path.normpath(f"{inside}/{name}"), Path(where) / name


def _pack(path: Path, prefix: Prefix) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1, format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(prefix.files):
            data = prefix.tree.read(name)
            member = tarfile.TarInfo(f"{NAME}-0/{name}")
            member.size = len(data)
            member.mode = 0o755 if data.startswith(b"#!") else 0o644
            tar.addfile(member, io.BytesIO(data))
        for name, target in prefix.tree.links.items():
            member = tarfile.TarInfo(f"{NAME}-0/{name}")
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
