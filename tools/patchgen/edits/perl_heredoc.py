# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``perl-heredoc``: a line goes into a here-document of a Perl program, or a piece of one changes."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.ledger import Book
from patchgen.planning.perl_quotes import found_in, fragment, heredocs, in_code, unit_in
from patchgen.planning.perl_texts import judge_piece, quoted_texts, settle_rest
from patchgen.planning.words import ANCHOR, DIFFERS, SEVERAL, UNREADABLE, one_of
from patchgen.syntax.lines import levels, newline_at
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.planning.perl_texts import Target
    from patchgen.tree import Tree

__all__ = ["PerlHeredoc"]

_TERMINATES = Slug.define(
    "ends-here-document",
    """A line that the edit would put into a here-document is its terminator, and would end it there.""",
)


class PerlHeredoc(Edit, frozen=True, tag="perl-heredoc"):
    r"""Change the text of a here-document of a Perl program.

    Which here-document: the one that holds the text `contains` (or alternatives), or the `nth` one, from 1,
    of the file or of the sub `in`; without either the one that holds the anchor. What: the lines `text`
    go `after` or `before` the line with the anchor, or `at = "start"` or `"end"`; or the piece `replace`
    becomes `by`. Anchors are pieces of the program text, found as whole words, on one line; a terminator
    is never one. Tabs that begin a line of `text` are levels below the anchor's line.

    What goes in means itself: ``$``, ``@`` and backslash get a backslash where the here-document
    interpolates. With `interpolate = true` it is taken as it is, and a here-document that does not
    interpolate is refused.

    Owns the anchors in the files it covers. Present when the lines stand beside the anchor's line, or
    when the here-document has `by` and not `replace`. Refused when the anchor is in several
    here-documents or on several lines, and in one that is a command.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "perl-heredoc"\nfiles = ["page.pl"]\nafter = "<title>"\ntext = "<meta content=\'a@b\'/>"\n',
            before={"page.pl": "print <<EOF;\n  <head>\n    <title>$title</title>\n  </head>\nEOF\n"},
            after={
                "page.pl": "print <<EOF;\n  <head>\n    <title>$title</title>\n"
                "    <meta content='a\\@b'/>\n  </head>\nEOF\n"
            },
        ),
        Example(
            edit='kind = "perl-heredoc"\nfiles = ["page.pl"]\nreplace = "<html>"\nby = "<html lang=\'$lang\'>"\n'
            "interpolate = true\n",
            before={"page.pl": "print <<EOF;\n<html>\nEOF\n"},
            after={"page.pl": "print <<EOF;\n<html lang='$lang'>\nEOF\n"},
        ),
    )

    contains: OneOrMany = ()
    nth: int = 0
    in_: str = ""
    after: OneOrMany = ()
    before: OneOrMany = ()
    at: str = ""
    text: str = ""
    replace: OneOrMany = ()
    by: str = ""
    interpolate: bool = False

    def __post_init__(self) -> None:
        places = bool(self.after) + bool(self.before) + bool(self.at) + bool(self.replace)
        if places != 1 or self.at not in {"", "start", "end"}:
            msg = 'give one of: after, before, at = "start", at = "end", replace'
            raise ValueError(msg)
        if bool(self.replace) != bool(self.by) or bool(self.replace) == bool(self.text.strip()):
            msg = "text goes with after, before and at, and by with replace"
            raise ValueError(msg)
        if self.at and not self.contains and not self.nth:
            msg = "at needs contains or nth, which say which here-document is meant"
            raise ValueError(msg)
        if self.nth and not self.files and not self.in_:
            msg = "nth needs files or in"
            raise ValueError(msg)
        if self.nth < 0 or any(
            "\n" in text or not text for text in (*self._pieces(), *many(self.contains), self.by or "-")
        ):
            msg = "anchors, replace and by are on one line, and nth counts from 1"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the anchors: owned in the files that the edit covers."""
        return frozenset(self._pieces() or many(self.contains) or ({self.in_} if self.in_ else ()))

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        extra = {*many(self.contains), fragment(self.by), self.in_} - {""}
        return frozenset(name.encode() for name in self.names() | extra)

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        texts = quoted_texts(self, book, heredocs, sub=self.in_, nth=self.nth)
        found = [target for target in texts if self._fits(target)]
        if len(found) == 1:
            self._judge(book, found[0])
        elif not found and not book.refused:
            book.refuse_edit(
                ANCHOR, f"no here-document here holds {one_of(many(self.contains) or self._pieces()) or 'that'}"
            )
        for target in found if len(found) > 1 else ():
            book.refuse(target.path, target.span, SEVERAL, f"{len(found)} here-documents fit this edit")
        settle_rest(book, texts, self.names())
        return book.plan()

    def _pieces(self) -> tuple[str, ...]:
        return many(self.after or self.before or self.replace)

    def _fits(self, target: Target) -> bool:
        """Whether a here-document is one that the edit may mean, before or after the edit."""
        if self.nth:
            return True
        wanted = many(self.contains) or self._pieces()
        new = target.quoted.escaped(self.by, interpolate=self.interpolate) if self.by else None
        pieces = [piece.encode() for piece in wanted] + ([new] if new else [])
        return any(found_in(target.parsed, target.quoted, piece) for piece in pieces)

    def _judge(self, book: Book, target: Target) -> None:
        if self.replace:
            judge_piece(book, target, self._pieces(), self.by, interpolate=self.interpolate)
            return
        path, quoted, data = target.path, target.quoted, target.parsed.data
        escaped = quoted.escaped(self.text, interpolate=self.interpolate)
        if escaped is None:
            book.refuse(path, target.span, UNREADABLE, "text that would mean what the edit says cannot go in here")
            return
        starts = [match.start() for match in re.compile(rb"^.*\n", re.MULTILINE).finditer(data, *quoted.body)]
        anchor = self._line(book, target)
        if anchor is None:
            return
        number = self._number(starts, anchor[0])
        neighbour = (
            starts[min(max(number - bool(self.after or self.at == "end"), 0), len(starts) - 1)]
            if starts
            else quoted.body[0]
        )
        lead = re.compile(rb"[ \t]*").match(data, neighbour) if starts else None
        unit = unit_in(target.parsed, heredocs(target.parsed, target.parsed.root))
        lines = levels(escaped.decode(), lead[0] if lead else b"", unit, newline_at(data, neighbour))
        have = [data[start : line_end(data, start)].strip() for start in starts]
        wanted = [line.strip() for line in lines.splitlines()]
        if quoted.terminator in wanted:
            message = f"the line {quoted.terminator.decode('latin-1')} would end this here-document"
            book.refuse(path, target.span, _TERMINATES, message)
        elif self._stands(have, number, wanted):
            book.present(path, anchor)
        elif any(have[n : n + len(wanted)] == wanted for n in range(len(have))):
            book.refuse(path, anchor, DIFFERS, "the here-document has these lines already, at another place")
        elif in_code(target.parsed, quoted, at := starts[number] if number < len(starts) else quoted.body[1]):
            book.refuse(path, anchor, UNREADABLE, "this line stands in code within the here-document")
        else:
            book.edit(path, anchor, Replacement(at, at, lines))

    def _number(self, starts: list[int], offset: int) -> int:
        """Return the number of the line that the new ones go before."""
        if self.at:
            return 0 if self.at == "start" else len(starts)
        return bisect_right(starts, offset) - (0 if self.after else 1)

    def _stands(self, have: list[bytes], number: int, wanted: list[bytes]) -> bool:
        """Whether the new lines are where they belong already."""
        below = self.after or self.at == "start"
        first = number if below else number - len(wanted)
        return first >= 0 and have[first : first + len(wanted)] == wanted

    def _line(self, book: Book, target: Target) -> tuple[int, int] | None:
        """Return the span of the anchor, or None after a refusal."""
        quoted, parsed = target.quoted, target.parsed
        if self.at:
            return target.span
        for piece in self._pieces():
            found = found_in(parsed, quoted, piece.encode())
            if len({line_start(parsed.data, start) for start, _ in found}) > 1:
                for span in found:
                    book.refuse(target.path, span, SEVERAL, f"{piece} is on {len(found)} lines of this here-document")
                return None
            if found:
                return found[0]
        book.refuse(target.path, target.span, ANCHOR, f"this here-document has no line with {one_of(self._pieces())}")
        return None
