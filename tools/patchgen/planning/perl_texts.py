# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``perl-heredoc`` and ``perl-string`` share: the quoted texts of the files, and a piece of one that changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax.parsed import ancestors
from patchgen.tree import Replacement

from .perl import perl_files, scopes, settle
from .perl_quotes import found_in, in_code, run_together
from .words import ANCHOR, DIFFERS, SEVERAL, UNREADABLE, one_of, spans_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from patchgen.syntax.parsed import Span
    from patchgen.syntax.perl import Perl

    from .edit import Edit
    from .ledger import Book
    from .perl_quotes import Quoted

__all__ = ["Target", "judge_piece", "quoted_texts", "settle_rest"]

_TOGETHER = Slug.define(
    "runs-together",
    """What stands before the place, or the new text, ends in a variable or a backslash that takes in what follows:
    ``$name`` and ``[0]`` are an element (perlop(1)). Write the variable as ``${name}``, or take more of the text into the edit.""",
)
_FORMATS = frozenset({b"printf", b"sprintf"})
_NO_ARGUMENT = re.compile(rb"[\s(]*(?:\{?\$?\w+\}?\s+)?")


@dataclass(frozen=True, slots=True)
class Target:
    """A quoted text of a file, and how the ledger names it: by what announces it."""

    path: str
    parsed: Perl
    quoted: Quoted

    @property
    def span(self) -> Span:
        """The bytes that stand for the text in the ledger."""
        return self.quoted.node.start_byte, self.quoted.node.end_byte


def quoted_texts(
    edit: Edit,
    book: Book,
    texts: Callable[[Perl, Node], list[Quoted]],
    *,
    sub: str,
    nth: int = 0,
) -> list[Target]:
    """Return the quoted texts that the edit may mean: those of the sub, or only the *nth* of them."""
    found: list[Target] = []
    listed = sorted(word.decode() for word in edit.words())
    for path, parsed in perl_files(edit, book, listed, sorted(edit.names())):
        for scope in scopes(book, path, parsed, sub):
            inner = [Target(path, parsed, quoted) for quoted in texts(parsed, scope)]
            found += inner[nth - 1 : nth] if nth else inner
        for span in spans_of(parsed.data, edit.names()):
            if not _is_in(found, path, span):
                settle(book, path, parsed, span)
    return found


def judge_piece(book: Book, target: Target, pieces: tuple[str, ...], by: str, *, interpolate: bool) -> None:
    """Put *by* in the place of the one of *pieces* that a quoted text holds, which must be there once."""
    parsed, quoted = target.parsed, target.quoted
    new = quoted.escaped(by, interpolate=interpolate)
    if new is None or any(node.is_error for node in (quoted.node, *ancestors(quoted.node))):
        book.refuse(target.path, target.span, UNREADABLE, "text that would mean what the edit says cannot go in here")
        return
    done = found_in(parsed, quoted, new)
    for piece in pieces:
        found = [span for span in found_in(parsed, quoted, piece.encode()) if not _within(span, done)]
        if len(found) == 1 and not done:
            _replace(book, target, found[0], new, interpolate=interpolate)
            return
        for span in found:
            if done:
                book.refuse(target.path, span, DIFFERS, f"this text has {by} already, and still {piece}")
            else:
                book.refuse(target.path, span, SEVERAL, f"{piece} is {len(found)} times in this text")
        if found:
            return
    if len(done) == 1:
        book.present(target.path, done[0])
    else:
        problem = f"this text has {by} {len(done)} times" if done else f"this text does not hold {one_of(pieces)}"
        book.refuse(target.path, target.span, SEVERAL if done else ANCHOR, problem)


def _replace(book: Book, target: Target, span: Span, new: bytes, *, interpolate: bool) -> None:
    """Put *new* in the place of a piece, unless it would mean something else there."""
    parsed, quoted = target.parsed, target.quoted
    data, (start, end) = parsed.data, quoted.body
    head, tail = data[start : span[0]], data[span[1] : end]
    if run_together(quoted, head + new, tail) or run_together(quoted, head, new + tail):
        book.refuse(target.path, span, _TOGETHER, "what the edit puts here would run together with what is beside it")
    elif not interpolate and (in_code(parsed, quoted, span[0]) or (b"%" in new and _is_format(parsed, quoted.node))):
        book.refuse(target.path, span, UNREADABLE, "text would not mean itself here: this is code, or a format")
    else:
        book.edit(target.path, span, Replacement(*span, new))


def _is_format(parsed: Perl, string: Node) -> bool:
    """Whether a string is the first argument of a call that formats."""
    call = next((at for at in ancestors(string) if at.type.endswith("call_expression")), None)
    name = call.named_children[0] if call is not None else None
    between = parsed.data[name.end_byte : string.start_byte] if name is not None else b""
    return name is not None and parsed.text(name) in _FORMATS and _NO_ARGUMENT.fullmatch(between) is not None


def settle_rest(book: Book, targets: Iterable[Target], names: Iterable[str]) -> None:
    """Enter the mentions in quoted texts that the edit did not settle."""
    seen: set[tuple[str, Span]] = set()
    words = list(names)
    for target in targets:
        if (target.path, target.quoted.body) in seen or not words:
            continue
        seen.add((target.path, target.quoted.body))
        for start, end in spans_of(target.parsed.data, words):
            if target.quoted.body[0] <= start < target.quoted.body[1] and not book.has(target.path, (start, end)):
                settle(book, target.path, target.parsed, (start, end))


def _is_in(targets: list[Target], path: str, span: Span) -> bool:
    return any(t.path == path and t.quoted.body[0] <= span[0] and span[1] <= t.quoted.body[1] for t in targets)


def _within(span: Span, others: list[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)
