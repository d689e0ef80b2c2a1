# SPDX-License-Identifier: GPL-3.0-or-later
"""What the edit kinds for make share: the makefiles, pieces of a recipe, and the plain verdicts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import make
from patchgen.syntax.make import Kind
from patchgen.tree import line_end, line_start

from .ledger import Reason
from .words import UNREADABLE, in_language, spans_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchgen.syntax.make import Makefile

    from .edit import Edit
    from .ledger import Book

__all__ = ["Span", "check_line", "makefiles", "pieces_in", "refuse_set_later", "settle", "shell_pieces"]

Span = tuple[int, int]

_LATER = Slug.define(
    "set-later",
    """The new text is expanded where make reads it (a prerequisite, or the value of a ``:=``), and names a variable that this
    makefile sets only further down, so that it would be empty (GNU make manual, 3.7 "How make Reads a Makefile").""",
)
_REFERENCE = re.compile(r"\$\$|\$[({]([\w.-]+)[)}:]|\$(\w)")


def makefiles(edit: Edit, book: Book, words: Iterable[str], owned: Sequence[str]) -> Iterator[tuple[str, Makefile]]:
    """Yield each makefile that the edit covers and that holds one of *words*; one that cannot be read is refused."""
    for path, data in in_language(edit, book, sorted(words), make.is_make, "a makefile", owned):
        makefile = make.parse(data)
        if makefile.unusual:
            for span in spans_of(data, owned) or [(0, 0)]:
                book.refuse(path, span, UNREADABLE, f"the lines of {path} cannot be told apart: {makefile.unusual}")
        else:
            yield path, makefile


def settle(book: Book, path: str, makefile: Makefile, owned: Iterable[str]) -> None:
    """Enter each mention of the names in a makefile that has no verdict yet."""
    for span in spans_of(makefile.data, owned):
        if book.has(path, span):
            continue
        kind = makefile.line_at(span[0]).kind
        if makefile.is_comment(span[0]):
            book.excuse(path, span, Reason.COMMENT)
        elif kind is Kind.DEFINE and _matters(makefile, span):
            word = makefile.text(span)
            book.refuse(path, span, UNREADABLE, f"{word} stands in a define, which is only read where it is expanded")
        else:
            book.excuse(path, span, Reason.UNCHANGED_USE, f"in {kind.value}")


def refuse_set_later(book: Book, path: str, makefile: Makefile, span: Span, text: str, at: int) -> None:
    """Refuse each variable in *text*, which make expands at once at the offset *at*, that is set only behind it."""
    for match in _REFERENCE.finditer(text):
        name = match[1] or match[2] or ""
        places = makefile.values_of(name)
        if places and all(start > at for start, _ in places):
            book.refuse(path, span, _LATER, f"{text} is expanded here, and {name} is set only further down")


def _matters(makefile: Makefile, span: Span) -> bool:
    """Whether a mention in a define may be an assignment, a target or a command: anything but a reference or a word."""
    data = makefile.data
    if data[max(0, span[0] - 2) : span[0]] in {b"$(", b"${"}:
        return False
    head, tail = data[line_start(data, span[0]) : span[0]], data[span[1] : line_end(data, span[1])]
    several_words = b" " in data[slice(*span)]
    return several_words or (not head.startswith(b"\t") and bool(re.match(rb"[^\n]*[:=]", tail)))


def pieces_in(data: bytes, span: Span, piece: str) -> list[Span]:
    """Return where *piece* stands in ``[start, end)`` of a makefile, not as a part of longer words.

    A dash before it makes a longer word (an option), except that which begins a recipe line. What follows a
    reference without a blank makes a longer word too: ``$(NAME)`` is no piece of ``$(NAME)_local``.
    """
    raw = piece.encode()
    before = rb"(?<![\w./])" if re.match(rb"\w", raw) else b""
    after = rb"(?![\w.-])" if re.match(rb"[\w)}]", raw[-1:]) else b""
    found = [match.span() for match in re.compile(before + re.escape(raw) + after).finditer(data, *span)]
    if not before:
        return found
    heads = [(data[span[0] : start], (start, end)) for start, end in found]
    return [place for head, place in heads if not head.endswith(b"-") or not head.strip(b" \t@+-")]


def check_line(*texts: str) -> None:
    """Check that each text is a piece of one line.

    :raises ValueError: one is empty or has several lines.
    """
    for text in texts:
        if not text.strip() or "\n" in text:
            msg = f"{text!r} is not a piece of one line"
            raise ValueError(msg)


def shell_pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield what parts the commands of a recipe line, with its offset: ``;``, ``&&``, ``||``, ``|``, ``&``, ``)``.

    What is quoted, and what a reference of make's or the shell's holds, parts nothing; nor does ``2>&1``.
    """
    pattern = re.compile(
        r"\\(?:\r?\n|.)|[<>]&|&>|>\||'[^']*'|\"(?:\\.|[^\"\\])*\"|\$\([^()]*(?:\([^()]*\)[^()]*)*\)|\$\{[^{}]*\}|(&&|\|\||;;|[;|&()])|`[^`]*`",
        re.DOTALL,
    )
    for match in pattern.finditer(text):
        if match[1]:
            yield match.start(), match[1]
