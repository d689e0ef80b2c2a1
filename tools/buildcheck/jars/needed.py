# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of JARs that a build needs: a TOML file, data of the project and not of this tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from patchgen.findings import PatchgenError, Place, Slug

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Needed", "NeededError", "read"]

_UNUSABLE = Slug.define(
    "jars-list",
    """The list of the JARs that the build needs cannot be used: it is not TOML, has a key that is unknown, or a value of a
    wrong type. docs/buildcheck.md has the keys.""",
)


class NeededError(PatchgenError, ValueError):
    """The list cannot be used."""


class Needed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JAR that the build needs.

    :param name: of the library, without its version, or one of several that will do.
    :param classes: what it has to have.
    :param why: for messages.
    """

    name: str | tuple[str, ...]
    classes: tuple[str, ...] = ()
    why: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names, any of which will do."""
        return (self.name,) if isinstance(self.name, str) else self.name


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    jar: tuple[Needed, ...]


def read(path: Path) -> tuple[Needed, ...]:
    """Return the list in the file.

    :raises NeededError: it cannot be read, or used.
    """
    try:
        return msgspec.toml.decode(path.read_text(encoding="utf-8"), type=_File).jar
    except (OSError, msgspec.DecodeError, msgspec.ValidationError, ValueError, RecursionError) as error:
        raise NeededError(_UNUSABLE, f"not usable: {error}", Place(str(path))) from error
