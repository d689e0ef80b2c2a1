# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of debian/changelog about a refresh: what dch(1) would be told by hand.

They go into the entry at the top where that is not released (UNRELEASED), else into a new one for the next
revision, as dch does. Rule sources: Debian Policy 4.4, deb-changelog(5), dch(1).
"""

from __future__ import annotations

import os
import re
import textwrap
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .findings import Exit, PatchgenError, Place, Slug
from .folder import _disk
from .series import Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .config import Places

__all__ = ["Changelog", "lines"]

_UNUSABLE = Slug.define(
    "changelog-unusable",
    """debian/changelog cannot be added to: it is not there, it is damaged, its newest version is not one that can be
    counted on by one, or it is not known who writes. Nothing was written, the series included. An entry for
    UNRELEASED made with dch is always added to; DEBFULLNAME and DEBEMAIL say who you are.""",
)
_WIDTH = 80


class ChangelogError(PatchgenError, ValueError):
    """The changelog cannot be added to."""

    status = Exit.UNUSABLE


def lines(before: bytes, after: bytes, changed: Iterable[str], upstream: str) -> list[str]:
    """Return the lines that say what a refresh did, or none where no patch changed.

    :param before, after: the series file. :param changed: the files that were written.
    :param upstream: what the person calls the upstream tree.
    """
    old, new = Series.parse(before).patches, Series.parse(after).patches
    listed = {
        "new": [name for name in new if name not in old],
        "changed": [name for name in new if name in old and name in set(changed)],
        "left out": [name for name in old if name not in new],
    }
    if not any(listed.values()):
        return []
    found = _wrapped(f"Refresh the patches on {Path(upstream).name or upstream}:", "  * ", "    ")
    for word, names in listed.items():
        found += _wrapped(f"{word}: {', '.join(names)}.", "    - ", "      ") if names else []
    return found


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH - 1, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


@dataclass(frozen=True, slots=True)
class Changelog:
    """A changelog that can be added to.

    :param head: all before the place where lines go; *tail* all behind it.
    """

    path: Path
    data: bytes
    head: str
    tail: str

    @classmethod
    def of(cls, places: Places) -> Changelog:
        """Return the changelog of the packaging: beside the folder of patches, else in the folder that is configured.

        That of the configuration is not meant where the command line names the folder of patches.

        :raises ChangelogError: it cannot be added to. :raises NotGivenError: it is not known where it is.
        """
        path = places.need_patches().parent / "changelog"
        if not path.is_file() and not places.named:
            path = places.need_debian() / "changelog"
        try:
            data = path.read_bytes()
            text = data.decode()
        except (OSError, UnicodeDecodeError) as error:
            raise ChangelogError(_UNUSABLE, f"cannot be read: {error}", Place(str(path))) from error
        return cls(path, data, *_place(path, text))

    def write(self, added: Sequence[str]) -> None:
        """Put the lines in; the file is the old one or the new one at any instant.

        :raises ChangelogError: somebody changed the file meanwhile. :raises OSError: it cannot be written.
        """
        if self.path.read_bytes() != self.data:
            raise ChangelogError(_UNUSABLE, "somebody changed it meanwhile", Place(str(self.path)))
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            text = self.head + "".join(f"{line}\n" for line in added) + self.tail
            _disk.write(draft, text.encode(), self.path.stat())
            draft.replace(self.path.resolve())
            _disk.sync(self.path.resolve().parent)
        finally:
            with suppress(OSError):
                draft.unlink()


def _place(path: Path, text: str) -> tuple[str, str]:
    """Return what is before and behind the place for new lines; a new entry is made where one is needed."""
    from debian.changelog import Changelog as Parsed  # noqa: PLC0415 - slow to import, and only asked for here
    from debian.changelog import ChangelogParseError  # noqa: PLC0415 - likewise

    try:
        parsed = Parsed(text, strict=True)
        block = parsed[0]
    except (ChangelogParseError, IndexError, ValueError) as error:
        raise ChangelogError(_UNUSABLE, f"damaged: {error}", Place(str(path))) from error
    if str(parsed) != text:
        raise ChangelogError(_UNUSABLE, "it is not in the form that python-debian writes", Place(str(path)))
    if block.distributions == "UNRELEASED":
        trailer = text.index("\n -- ")
        before = text[:trailer].rstrip("\n")
        return f"{before}\n", text[len(before) + 1 :]
    revision = re.fullmatch(r"(.*-(?:.*\D)?)(\d+)", str(block.version))
    if revision is None:
        message = f"{block.version} has no revision that can be counted on"
        raise ChangelogError(_UNUSABLE, message, Place(str(path), 1), "dch -i makes the entry")
    version = f"{revision[1]}{int(revision[2]) + 1}"
    head = f"{block.package} ({version}) UNRELEASED; urgency=medium\n\n"
    return head, f"\n -- {_author(path)}  {format_datetime(_now())}\n\n{text}"


def _author(path: Path) -> str:
    name, address = (os.environ.get(key, "").strip() for key in ("DEBFULLNAME", "DEBEMAIL"))
    found = re.fullmatch(r"([^<>\n]*)<([^<>\s]+)>", address)
    name, address = (name or found[1].strip(), found[2]) if found else (name, address)
    if not name or "@" not in address or "\n" in name:
        raise ChangelogError(_UNUSABLE, "it is not known who writes", Place(str(path)), "set DEBFULLNAME and DEBEMAIL")
    return f"{name} <{address}>"


def _now() -> datetime:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
