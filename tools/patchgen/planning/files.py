# SPDX-License-Identifier: GPL-3.0-or-later
"""The one C file that an edit at file level works in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import c

if TYPE_CHECKING:
    from .edit import Edit
    from .ledger import Book

__all__ = ["the_file"]

_SEVERAL = Slug.define(
    "several-files",
    """The `file` of the edit matches several C files, and the edit works in one. Give more of the path.""",
)


def the_file(edit: Edit, book: Book, patterns: tuple[str, ...]) -> str | None:
    """Return the only C file that the first fitting one of *patterns* matches, None after a refusal."""
    for pattern in patterns:
        found = [path for path in book.tree.matching((pattern,)) if c.is_c(path) and edit.covers(path)]
        if len(found) > 1:
            book.refuse_edit(_SEVERAL, f"{pattern} matches {', '.join(found[:5])}")
            return None
        if found:
            return found[0]
    book.missing(f"a C file {' or '.join(patterns)}")
    return None
