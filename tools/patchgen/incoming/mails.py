# SPDX-License-Identifier: GPL-3.0-or-later
"""Mails as ``git am`` takes them become patches of the series, all of them or none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchgen import dep3, folder, history, render
from patchgen.findings import Exit, Finding, Level, PatchgenError, Place, Slug
from patchgen.mail import NOT_A_MAIL, Mail, MailError, is_mail, separated
from patchgen.record import FILE
from patchgen.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Imported", "import_mails", "mails_in"]

_THERE = Slug.define(
    "patch-there-already",
    """A patch of that name is in the folder already, with other bytes. It is never overwritten by an import
    without --overwrite.""",
)
_EDITED = Slug.define(
    "mail-edited",
    """The mail says something else than the header of the patch that came with it, below the rule: somebody
    changed one of the two. The header is taken, which is what the patch said when the mail was made.""",
)
_LIMIT = 256 << 20


class ImportRefusedError(PatchgenError, ValueError):
    """A patch would overwrite another."""

    status = Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do.

    :param patches: the names, in the order of the mails.
    :param changed: the files of the folder that changed, sorted.
    """

    patches: tuple[str, ...]
    changed: tuple[str, ...]
    findings: tuple[Finding, ...]
    written: bool


def mails_in(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield each mail of files, mailboxes and folders of them, with what the person calls it.

    :raises MailError: a file is no mail. :raises OSError: one cannot be read.
    """
    for path in paths:
        files = sorted(entry for entry in path.iterdir() if entry.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.stat().st_size > _LIMIT:
                raise _unusable(str(file), f"larger than {_LIMIT >> 20} MiB")
            data = file.read_bytes()
            if not is_mail(data):
                raise _unusable(str(file), "it does not begin as a mail of git does, or a mailbox")
            for number, mail in enumerate(separated(data), start=1):
                yield (f"{file}, mail {number}" if number > 1 else str(file)), mail


def import_mails(
    path: Path, series_name: str, mails: Iterable[tuple[str, bytes]], *, overwrite: bool, check: bool
) -> Imported:
    """Put the patches of *mails* into the folder *path* and at the end of its series, in their order.

    A patch that is there with the same bytes stays; its place in the series does, too.

    :param overwrite: take the mail's patch where another is there; *check* write nothing.
    :raises MailError: a mail has no patch; :raises DiffError: its diff is damaged.
    :raises ImportRefusedError: another patch of the name is there. :raises FolderError: it cannot be written.
    """
    folder.recover(path)
    found = [(where, _named(Mail.parse(data, where), where)) for where, data in mails]
    names = tuple(mail.patch for _, mail in found)
    before = {name: _bytes(path / name) for name in (series_name, *names)}
    series = Series.parse(before[series_name] or b"")
    files: dict[str, bytes] = {}
    findings: list[Finding] = []
    for where, mail in found:
        render.parse_diff(mail.data, where)
        if mail.patch in {series_name, FILE} or mail.patch.startswith("."):
            raise _unusable(where, f"its patch is called {mail.patch}, which is a file of the series itself")
        there = files.get(mail.patch, before[mail.patch])
        if there is not None and there != mail.data and not (overwrite and mail.patch not in files):
            message = f"{mail.patch} is there already, and is another"
            raise ImportRefusedError(_THERE, message, Place(where), "--overwrite takes the one of the mail")
        if mail.differs:
            message = f"the mail's {mail.differs} is not that of the header that came with it"
            findings.append(Finding(_EDITED, Level.WARNING, message, Place(where)))
        files[mail.patch] = mail.data
        series = series if mail.patch in series else series.insert(mail.patch)
    files[series_name] = bytes(series)
    changed = tuple(sorted(name for name, data in files.items() if data != before[name]))
    written = False
    if changed and not check:
        written, warned = history.write(path, files, before, "import")
        findings += warned
    return Imported(names, changed, tuple(findings), written)


def _named(mail: Mail, where: str) -> Mail:
    """Return the mail with a name for its patch: its own, else one made of its subject, as git makes it."""
    if mail.patch:
        return mail
    words = re.sub(r"[^\w.]+", "-", dep3.Header.parse(mail.header).description).strip("-.")
    if not words:
        raise _unusable(where, "no name for its patch can be made of its subject")
    return replace(mail, patch=f"{words[:60].rstrip('-.')}.patch")


def _unusable(where: str, message: str) -> MailError:
    return MailError(NOT_A_MAIL, message, Place(where))


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
