# SPDX-License-Identifier: GPL-3.0-or-later
"""The one C file that an edit at file level works in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import c
from patchgen.syntax.c.toplevel import items_of

if TYPE_CHECKING:
    from .edit import Edit
    from .ledger import Book

__all__ = ["the_file", "the_file_with"]

_SEVERAL = Slug.define(
    "several-files",
    """The `file` of the edit matches several C files, or several hold what the place is named after, and the edit
    works in one. Give more of the path.""",
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


def the_file_with(edit: Edit, book: Book, names: tuple[str, ...], *, declares: bool) -> str | None:
    """Return the only C file that defines (or, with *declares*, declares) the first of *names* that one does.

    None after a refusal.
    """
    for name in names:
        found = [
            path
            for path in edit.mentioning(book.tree, name)
            if c.is_c(path)
            and any(
                item.declares == declares and name in {named.name for named in item.names}
                for item in items_of(c.parse(book.tree.read(path)))
            )
        ]
        if len(found) > 1:
            what = "declare" if declares else "define"
            book.refuse_edit(_SEVERAL, f"{', '.join(sorted(found)[:5])} {what} {name}")
            return None
        if found:
            return found[0]
    book.missing(f"a C file with {' or '.join(names)}")
    return None
