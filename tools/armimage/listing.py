# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of packages that an image is made of: written beside the image, and given back to make it again.

The first line is ``# armimage ARCHITECTURE SUITE SECONDS MEGABYTES [PACKAGE...]``: the time that every newer file of
the image is given, the size of its root file system, and the packages that were asked for beside what every image
has. Each other line is a package and its version.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.findings import Exit, Finding, Level, PatchgenError, Place, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Listing", "ListingError", "OtherPackagesError", "installed"]

_BAD = Slug.define(
    "package-list-unreadable",
    """The list of packages that was given is not one that armimage wrote: its first line says the architecture, the
    suite, the time, the size and what was asked for, and each other line a package and its version.""",
)
_OTHER = Slug.define(
    "package-list-differs",
    """The image that was made does not have the packages of the list that was given: the mirrors have other versions
    by now, or the package depends on others. It was thrown away. An older state of a mirror has the older versions.""",
)
_NAME = r"[a-z0-9][a-z0-9+.-]+"  # Debian Policy 5.6.1
_HEAD = re.compile(
    rf"# armimage ([a-z0-9]{{1,32}}) ([a-z][a-z0-9.-]{{1,63}}) ([0-9]{{1,12}}) ([0-9]{{1,5}})((?: {_NAME})*)"
)
_LINE = re.compile(rf"({_NAME}) ([A-Za-z0-9.+:~-]+)")  # Debian Policy 5.6.12
_MOST = 4 << 20


class ListingError(PatchgenError, ValueError):
    """A list is none."""


class OtherPackagesError(PatchgenError):
    """An image is not made of the packages of the list that was given."""

    status = Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class Listing:
    """What an image is made of.

    :param seconds: since 1970, the time of its newest files.
    :param megabytes: of the root file system.
    :param included: the packages that were asked for beside what every image has.
    :param versions: by the name of the package.
    """

    architecture: str
    suite: str
    seconds: int
    megabytes: int
    included: tuple[str, ...]
    versions: Mapping[str, str]

    def __str__(self) -> str:
        lines = [f"{name} {self.versions[name]}\n" for name in sorted(self.versions)]
        head = " ".join((self.architecture, self.suite, str(self.seconds), str(self.megabytes), *self.included))
        return f"# armimage {head}\n{''.join(lines)}"

    @classmethod
    def read(cls, path: Path) -> Listing:
        """Read a list.

        :raises ListingError: it is none.
        """
        try:
            with path.open("rb") as file:
                data = file.read(_MOST + 1)
            text = data.decode("ascii")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no ASCII"
            raise ListingError(_BAD, f"it cannot be read: {why}", Place(str(path))) from error
        lines = text.splitlines()
        head = _HEAD.fullmatch(lines[0]) if lines and len(data) <= _MOST else None
        if head is None:
            raise ListingError(_BAD, "the first line is not that of a list", Place(str(path), 1))
        versions: dict[str, str] = {}
        for number, line in enumerate(lines[1:], start=2):
            match = _LINE.fullmatch(line)
            if match is None or match[1] in versions:
                raise ListingError(_BAD, "this is no package and its version", Place(str(path), number))
            versions[match[1]] = match[2]
        if not versions:
            raise ListingError(_BAD, "it names no package", Place(str(path), 1))
        return cls(head[1], head[2], int(head[3]), int(head[4]), tuple(head[5].split()), versions)

    def pins(self) -> str:
        """Return apt preferences that leave no other version (apt_preferences(5))."""
        return "".join(
            f"Package: {name}\nPin: version {version}\nPin-Priority: 1001\n\n"
            for name, version in sorted(self.versions.items())
        )

    def compare(self, other: Listing) -> None:
        """See that *other* has the same packages.

        :raises OtherPackagesError: it has not; the message has the first that differs, the help how many do.
        """
        found = list(self._differences(other))
        if found:
            raise OtherPackagesError(_OTHER, found[0].message, help=f"{len(found)} packages differ")

    def _differences(self, other: Listing) -> Iterator[Finding]:
        for name in sorted(self.versions.keys() | other.versions.keys()):
            wanted, there = self.versions.get(name), other.versions.get(name)
            if wanted != there:
                text = f"{name}: {wanted or 'none'} is wanted, {there or 'none'} is there"
                yield Finding(_OTHER, Level.ERROR, text)


def installed(status: bytes) -> dict[str, str]:
    """Return the versions of the packages of which dpkg's file ``status`` says that they are installed."""
    from debian.deb822 import Deb822  # noqa: PLC0415 - reading a list needs it not

    return {
        str(one["Package"]): str(one["Version"])
        for one in Deb822.iter_paragraphs(status.decode("utf-8", "replace"), use_apt_pkg=False)
        if one.get("Status") == "install ok installed"
    }
