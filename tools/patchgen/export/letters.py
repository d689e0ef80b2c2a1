# SPDX-License-Identifier: GPL-3.0-or-later
"""The series as mails: one file each, or all in one mailbox."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.findings import PatchgenError, Place, Slug
from patchgen.mail import Mail

if TYPE_CHECKING:
    from .chosen import Chosen

__all__ = ["letters", "mailbox"]

_NOT_THE_SAME = Slug.define(
    "mail-not-faithful",
    """A mail that was made of a patch does not turn back into its bytes. Nothing is written; this is a defect of
    patchgen, or the patch has a name that no mail can carry.""",
)


def letters(patches: Chosen) -> dict[str, bytes]:
    """Return the mails by the name of their file, as ``git format-patch`` numbers them.

    Each was read again, and turned back into the bytes of its patch.

    :raises MailError: a header lacks what a mail needs. :raises PatchgenError: a mail is not faithful.
    """
    count = len(patches.patches)
    made: dict[str, bytes] = {}
    for number, (name, data) in enumerate(patches.patches, start=1):
        where = patches.where(name)
        try:
            letter = Mail.of(name, data).written(number, count)
        except PatchgenError as error:
            found = error.finding
            raise type(error)(found.slug, found.message, Place(where), found.help) from error
        back = Mail.parse(letter, where)
        if (back.patch, back.data, back.differs) != (name, data, ""):
            raise PatchgenError(_NOT_THE_SAME, "the mail does not turn back into the patch", Place(where))
        stem = re.sub(r"[^\w.+-]+", "-", name.removesuffix(".patch").removesuffix(".diff"))
        made[f"{number:04}-{stem}.patch"] = letter
    return made


def mailbox(patches: Chosen) -> bytes:
    """Return all mails, one behind the other (the format mboxrd needs no change of ours: RFC 4155)."""
    return b"".join(letters(patches).values())
