# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a binary package and what it says of itself, against the table of what it should be."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from patchgen.findings import Finding, Level, Place, Slug

from .deb import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .deb import Deb
    from .table import Expected, Table

__all__ = ["different", "unlisted"]

_CONTENTS = Slug.define(
    "package-contents",
    """A package has a file that the table of the packages does not name, or lacks one that it names; or the file has
    another mode or owner, is a conffile where it should be none or the reverse. Where the package is right, change
    the table.""",
)
_RELATIONS = Slug.define(
    "package-dependencies",
    """A package depends on, recommends, conflicts with or provides something that the table of the packages does not
    name, or does not do so where the table does.""",
)
_DESCRIPTION = Slug.define(
    "package-description",
    """The first line of the description, or the version, does not say of the package what the table wants it to say.""",
)
_PACKAGES = Slug.define(
    "package-list",
    """The build made a package that the table of the packages does not have, or did not make one that it has.""",
)


def unlisted(debs: Sequence[Deb], table: Table) -> Iterator[Finding]:
    """Yield a finding for each package that is too many or too few; those of debugging symbols go with theirs."""
    there = {deb.name for deb in debs if not deb.debug}
    place = Place(table.path)
    for name in table.names:
        if name not in there:
            yield Finding(_PACKAGES, Level.ERROR, f"the package {name} is not there", place)
    for name in sorted(there - set(table.names)):
        yield Finding(_PACKAGES, Level.ERROR, f"the package {name} is there, and not in the table", place)
    for deb in debs:
        if deb.debug and deb.name.removesuffix("-dbgsym") not in there:
            yield Finding(_PACKAGES, Level.ERROR, f"{deb.name} goes with no package", place)


def different(deb: Deb, expected: Expected, version: str) -> Iterator[Finding]:
    """Yield how the package differs from what is expected of it; *version* is how its version should end."""
    yield from _files(deb, expected)
    yield from _relations(deb, expected)
    place = Place(deb.path.name)
    for kind, wanted, found in (
        ("conffile", expected.conffiles, deb.conffiles),
        ("maintainer script", expected.scripts, deb.scripts),
    ):
        for name in sorted(set(wanted) ^ set(found)):
            what = "is not there" if name in wanted else "is there, and not in the table"
            yield Finding(_CONTENTS, Level.ERROR, f"{deb.name}: the {kind} {name} {what}", place)
    for words in expected.says:
        if words not in deb.description:
            message = f'{deb.name}: "{deb.description}" does not say "{words}"'
            yield Finding(_DESCRIPTION, Level.ERROR, message, place)
    if not deb.version.endswith(version):
        yield Finding(_DESCRIPTION, Level.ERROR, f"{deb.name}: {deb.version} does not end in {version}", place)


def _files(deb: Deb, expected: Expected) -> Iterator[Finding]:
    place = Place(deb.path.name)
    globs = [_filled(glob, deb) for glob in expected.files]
    modes = {_filled(path, deb): mode for path, mode in expected.modes.items()}
    paths = {one.path for one in deb.members if not one.path.endswith("/")}
    listed = [*sorted(paths), *sorted(_empty(deb))]
    for path in listed:
        if not any(_matches(path, glob) for glob in globs):
            message = f"{deb.name}: {path} is in it, and not in the table"
            yield Finding(_CONTENTS, Level.ERROR, message, place)
    for glob in globs:
        if not any(_matches(path, glob) for path in listed):
            yield Finding(_CONTENTS, Level.ERROR, f"{deb.name}: {glob} is not in it", place)
    for one in deb.members:
        wanted = modes.pop(one.path, None)
        if wanted is None and one.usual:
            continue
        if one.ownership != wanted:
            message = (
                f"{deb.name}: {one.path} is {one.ownership}, not {wanted or 'what everybody may read and root write'}"
            )
            yield Finding(_CONTENTS, Level.ERROR, message, place)
    for path in modes:
        yield Finding(
            _CONTENTS, Level.ERROR, f"{deb.name}: {path}, which the table has a mode for, is not in it", place
        )


def _empty(deb: Deb) -> set[str]:
    """Return the folders with nothing in them."""
    parents = {f"{parent}/" for one in deb.members for parent in Path(one.path.rstrip("/")).parents}
    return {one.path for one in deb.members if one.path.endswith("/")} - parents - {"//", "/"}


def _matches(path: str, glob: str) -> bool:
    return path.endswith("/") == glob.endswith("/") and fnmatchcase(path, glob)


def _relations(deb: Deb, expected: Expected) -> Iterator[Finding]:
    place = Place(deb.path.name)
    for field in FIELDS:
        texts: Sequence[str] = getattr(expected, field.lower().replace("-", "_"))
        wanted = [_filled(entry, deb) for entry in texts]
        found = deb.relations[field]
        for entry in found:
            if not any(_same(entry, one) for one in wanted):
                message = f"{deb.name}: {field} has {entry}, and the table has not"
                yield Finding(_RELATIONS, Level.ERROR, message, place)
        for one in wanted:
            if not any(_same(entry, one) for entry in found):
                yield Finding(_RELATIONS, Level.ERROR, f"{deb.name}: {field} has no {one}", place)


def _same(entry: str, wanted: str) -> bool:
    """Whether an entry of a field is the one in the table, which may leave the version out."""
    return entry == wanted or ("(" not in wanted and _names(entry) == _names(wanted))


def _names(entry: str) -> list[str]:
    return [_name(part) for part in entry.split("|")]


def _name(part: str) -> str:
    return part.partition("(")[0].strip().removesuffix(":any")


def _filled(text: str, deb: Deb) -> str:
    return text.replace("{name}", deb.name).replace("{version}", deb.version)
