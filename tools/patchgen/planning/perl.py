# SPDX-License-Identifier: GPL-3.0-or-later
"""What the edit kinds for Perl share: pieces of Perl in a semantic patch, scopes, and the plain verdicts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from patchgen.syntax import perl
from patchgen.syntax.perl import Role

from .ledger import Reason
from .words import SEVERAL, UNREADABLE, in_language, spans_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from patchgen.syntax.perl import Perl

    from .edit import Edit
    from .ledger import Book

__all__ = ["perl_files", "scopes", "settle", "snippet"]


@lru_cache(maxsize=256)
def snippet(text: str) -> Perl:
    """Return a piece of Perl of a semantic patch, parsed.

    :raises ValueError: it is not Perl, or nothing.
    """
    parsed = perl.parse(text.encode())
    listed = perl.statements(parsed.root)
    if parsed.unusual or parsed.faults or not listed or not all(map(perl.is_sound, listed)):
        msg = f"{text!r} did not parse as Perl"
        raise ValueError(msg)
    return parsed


def perl_files(edit: Edit, book: Book, words: Sequence[str], owned: Sequence[str]) -> Iterator[tuple[str, Perl]]:
    """Yield each Perl file that the edit covers and that holds one of *words*; see :func:`in_language`."""
    for path, data in in_language(edit, book, words, perl.is_perl, "a Perl file", owned):
        parsed = perl.parse(data)
        if parsed.unusual:
            for span in spans_of(data, owned) or [(0, 0)]:
                book.refuse(path, span, UNREADABLE, f"{path} cannot be edited: {parsed.unusual}")
        else:
            yield path, parsed


def scopes(book: Book, path: str, parsed: Perl, sub: str) -> list[Node]:
    """Return the block of the sub of that name in one file, or the file for ""; several are refused."""
    found = perl.scope_of(parsed, sub)
    if len(found) > 1:
        for block in found:
            book.refuse(path, (block.start_byte, block.start_byte + 1), SEVERAL, f"{path} has {len(found)} subs {sub}")
        return []
    return found


def settle(
    book: Book, path: str, parsed: Perl, span: tuple[int, int], detail: str = "something else of that name"
) -> None:
    """Enter an occurrence that no edit for Perl changes: what is code there is another binding."""
    role = perl.role_at(parsed, *span)
    if role is Role.BROKEN:
        word = parsed.data[span[0] : span[1]].decode("latin-1")
        sub = perl.enclosing_sub(parsed, parsed.node_at(*span))
        book.refuse(path, span, UNREADABLE, f"{word} stands in text that did not parse", function=sub)
    elif role in {Role.COMMENT, Role.POD}:
        book.excuse(path, span, Reason.COMMENT, role.value)
    elif role is Role.CODE:
        book.excuse(path, span, Reason.OTHER_BINDING, detail)
    else:
        book.excuse(path, span, Reason.STRING, role.value)
