# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of what each binary package should be: a TOML file, data of the packaging and not of this tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from patchgen.findings import PatchgenError, Place, Slug

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Expected", "Table", "TableError"]

_UNUSABLE = Slug.define(
    "package-table",
    """The table of the packages cannot be used: it is not TOML, has a key that is unknown or a value of a wrong
    type, or names a package twice. docs/buildcheck.md has the keys.""",
)


class TableError(PatchgenError, ValueError):
    """The table cannot be used."""


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a binary package should be. ``{name}`` and ``{version}`` in a text are those of the package.

    :param files: globs (``*`` goes over ``/``); one that ends in ``/`` is a folder with nothing in it.
    :param modes: of a file that is not ``0644``, ``0755`` or a link of ``root root``: mode, user and group.
    :param conffiles: what dpkg asks about before it overwrites it (deb-conffiles(5)).
    :param scripts: the maintainer's, such as ``postinst``.
    :param says: words of the first line of the description.
    :param depends: and the others: entries of that field. One without a version stands for every version.
    """

    name: str
    files: tuple[str, ...]
    modes: dict[str, str] = {}
    conffiles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    pre_depends: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    suggests: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()


class _Common(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all packages have."""

    files: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    package: tuple[Expected, ...]
    common: _Common = _Common()
    version: str = ""


class Table:
    """A table that was read.

    :param path: for places.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        try:
            self._file = msgspec.toml.decode(text, type=_File)
        except (msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError) as error:
            raise TableError(_UNUSABLE, f"not usable: {error}", Place(path)) from error
        names = self.names
        for name in names:
            if names.count(name) > 1:
                raise TableError(_UNUSABLE, f"{name} is in it twice", Place(path))

    @classmethod
    def read(cls, path: Path) -> Table:
        """Read the file.

        :raises TableError: it cannot be read, or used.
        """
        try:
            return cls(str(path), path.read_text(encoding="utf-8"))
        except OSError as error:
            raise TableError(_UNUSABLE, f"it cannot be read: {error.strerror}", Place(str(path))) from error
        except UnicodeDecodeError as error:
            raise TableError(_UNUSABLE, f"it is no text: {error}", Place(str(path))) from error

    @property
    def names(self) -> list[str]:
        """The names of the packages, in the order of the file."""
        return [one.name for one in self._file.package]

    @property
    def version(self) -> str:
        """How every version ends, "" where that is not said."""
        return self._file.version

    def expected(self, name: str) -> Expected | None:
        """Return what the package of that name should be, with what all have; None where it should not be."""
        common = self._file.common
        for one in self._file.package:
            if one.name == name:
                files, says = (*common.files, *one.files), (*common.says, *one.says)
                return msgspec.structs.replace(one, files=files, says=says)
        return None
