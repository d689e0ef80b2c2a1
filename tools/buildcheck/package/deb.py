# SPDX-License-Identifier: GPL-3.0-or-later
"""A binary package as a file: what is in it, and what it says of itself (deb(5), deb-control(5))."""

from __future__ import annotations

import lzma
import posixpath
import tarfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["FIELDS", "Deb", "DebError", "Member"]

_UNREADABLE = Slug.define(
    "package-unreadable",
    """A file that should be a binary package of Debian cannot be read as one: it is damaged, is something else, or
    is larger than a package of this project can be.""",
)
FIELDS = ("Pre-Depends", "Depends", "Recommends", "Suggests", "Conflicts", "Breaks", "Replaces", "Provides")
"""The fields that name other packages (Debian Policy 7.2 to 7.6)."""

_MOST = 500_000
_LARGEST = 2**30
_OTHERS = 0o022
_SPECIAL = 0o7000
_READ = 0o444


class DebError(PatchgenError, ValueError):
    """The file is no binary package."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file, link or folder of a package.

    :param path: from ``/`` on; that of a folder ends in ``/``.
    """

    path: str
    mode: int
    user: str
    group: str
    link: str = ""

    @property
    def ownership(self) -> str:
        """Mode, user and group, as a table of modes has them."""
        return f"{self.mode:04o} {self.user} {self.group}"

    @property
    def usual(self) -> bool:
        """Whether everybody may read it, root alone may write it, and it gives no rights that its user has not."""
        ours = (self.user, self.group) == ("root", "root")
        return bool(self.link) or (ours and not self.mode & (_OTHERS | _SPECIAL) and self.mode & _READ == _READ)


@dataclass(frozen=True, slots=True)
class Deb:
    """A binary package.

    :param relations: of each field of :data:`FIELDS` its entries, with the blanks as Debian writes them.
    """

    path: Path
    name: str
    version: str
    description: str
    debug: bool
    members: tuple[Member, ...] = field(repr=False)
    relations: Mapping[str, tuple[str, ...]] = field(repr=False)
    conffiles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Deb:
        """Read the package at *path*; nothing of it is unpacked to the disk.

        :raises DebError: it is none.
        """
        from debian.arfile import ArError  # noqa: PLC0415 - only packages need it
        from debian.debfile import DebFile  # noqa: PLC0415 - only packages need it

        if path.is_file() and path.stat().st_size > _LARGEST:
            raise DebError(_UNREADABLE, f"it has more than {_LARGEST} bytes", Place(str(path)))
        try:
            with DebFile(str(path)) as deb:
                members = tuple(_members(deb.data.tgz(), path))
                control = deb.control.debcontrol()
                named = {name.removeprefix("./") for name in deb.control.tgz().getnames()}
                text = str(deb.control.get_content("conffiles", encoding="utf-8")) if "conffiles" in named else ""
                scripts = tuple(sorted(named & {"preinst", "postinst", "prerm", "postrm", "config"}))
        except DebError:
            raise
        except (
            OSError,
            ArError,
            LookupError,
            ValueError,
            EOFError,
            tarfile.TarError,
            lzma.LZMAError,
            zlib.error,
        ) as error:
            raise DebError(_UNREADABLE, f"it cannot be read: {error}", Place(str(path))) from error
        relations = {name: _entries(str(control.get(name, ""))) for name in FIELDS}
        missing = [name for name in ("Package", "Version") if not control.get(name)]
        if missing:
            raise DebError(_UNREADABLE, f"it has no {missing[0]}", Place(str(path)))
        return cls(
            path,
            str(control["Package"]),
            str(control["Version"]),
            str(control.get("Description", "")).partition("\n")[0],
            control.get("Auto-Built-Package") == "debug-symbols",
            members,
            relations,
            tuple(text.split("\n")[:-1]),
            scripts,
        )


def _members(archive: tarfile.TarFile, path: Path) -> list[Member]:
    found: list[Member] = []
    for one in archive:
        if len(found) == _MOST:
            raise DebError(_UNREADABLE, f"it has more than {_MOST} files", Place(str(path)))
        name = posixpath.normpath(f"/{one.name}")
        if one.isdir():
            name = name.rstrip("/") + "/"
        link = one.linkname if one.issym() or one.islnk() else ""
        found.append(Member(name, one.mode, one.uname or str(one.uid), one.gname or str(one.gid), link))
    return found


def _entries(text: str) -> tuple[str, ...]:
    return tuple(" ".join(entry.split()) for entry in text.split(",") if entry.strip())
