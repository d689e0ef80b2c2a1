# SPDX-License-Identifier: GPL-3.0-or-later
"""What the edit kinds for languages other than C share: the files of the language, and the plain refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax.lines import is_text
from patchgen.tree import mentions

from .ledger import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .edit import Edit
    from .ledger import Book

__all__ = ["ANCHOR", "DIFFERS", "SEVERAL", "UNREADABLE", "in_language", "one_of", "spans_of"]

SEVERAL = Slug.define(
    "several-places",
    """The edit needs one place, and the tree has several that fit. Limit the edit with `files` or `in`,
    name a place that is there once, or say with `sites` how many there are.""",
)
ANCHOR = Slug.define(
    "no-anchor",
    """What the edit takes its place from is not where the edit looks for it. Anchors are names and
    pieces of the upstream text; give alternatives as a list where upstream's lines differ.""",
)
DIFFERS = Slug.define(
    "differs",
    """The tree has something of the name or in the role of what the edit would write, and it is not
    that. It is never overwritten: see whether upstream did the same thing in another way.""",
)
UNREADABLE = Slug.define(
    "unreadable-text",
    """The text around the place did not parse in its language, or is written in a way that this edit
    kind does not understand. What did not parse is never edited.""",
)


def in_language(
    edit: Edit,
    book: Book,
    words: Sequence[str],
    known: Callable[[str, bytes], bool],
    what: str,
    owned: Sequence[str] | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of each file of a language, covered by the edit, that holds one of *words*.

    A file is of the language when *known* says so of its path and bytes, or when ``files`` names it without a
    wildcard. In other files the words (of which only those *owned* are in the ledger) are excused:
    what they mean there is something else. Without *words* every file that the edit covers is yielded.
    """
    for path in edit.mentioning(book.tree, *words) if words else filter(edit.covers, book.tree.paths()):
        data = book.tree.read(path)
        if is_text(data) and (known(path, data) or path in edit.files):
            yield path, data
            continue
        for span in spans_of(data, words if owned is None else owned):
            book.excuse(path, span, Reason.OTHER_BINDING, f"not {what}")


def spans_of(data: bytes, names: Iterable[str]) -> list[tuple[int, int]]:
    """Return the span of each whole-word occurrence of one of *names*; none without names."""
    words = [name.encode() for name in names]
    return list(mentions(data, words)) if words else []


def one_of(names: tuple[str, ...]) -> str:
    """Return alternatives as a message says them."""
    return " or ".join(names)
