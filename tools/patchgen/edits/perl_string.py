# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``perl-string``: a piece of a string in a Perl program changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.ledger import Book
from patchgen.planning.perl_quotes import found_in, fragment, strings
from patchgen.planning.perl_texts import judge_piece, quoted_texts, settle_rest
from patchgen.planning.words import ANCHOR, one_of

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.planning.perl_texts import Target
    from patchgen.tree import Tree

__all__ = ["PerlString"]


class PerlString(Edit, frozen=True, tag="perl-string"):
    r"""Replace a piece of the strings of a Perl program.

    In each string (also of ``q`` and ``qq``) that holds `replace` (a piece of the program text, found as
    a whole word, or alternatives), and `contains` where it is given, that piece becomes `by`. `in` limits
    the edit to a sub. There must be one such string, or as many as `sites` says. `by` means itself:
    quotes, ``$``, ``@`` and backslash get a backslash where the string needs it. With
    `interpolate = true` it is taken as it is, and a string that does not interpolate is refused.

    Owns `replace` in the files it covers. Present in a string that has `by` and not `replace`.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "perl-string"\nfiles = ["greet.pl"]\nreplace = "world"\nby = "$name"\ninterpolate = true\n',
            before={"greet.pl": 'my $name = shift;\nprint "Hello, world!\\n";\n'},
            after={"greet.pl": 'my $name = shift;\nprint "Hello, $name!\\n";\n'},
        ),
    )

    replace: OneOrMany
    by: str
    contains: OneOrMany = ()
    in_: str = ""
    interpolate: bool = False
    sites: int = 1

    def __post_init__(self) -> None:
        if not self.by or any(
            "\n" in text or not text for text in (*many(self.replace), *many(self.contains), self.by)
        ):
            msg = "replace, by and contains are pieces of one line, and not empty"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the pieces: owned in the files that the edit covers."""
        return frozenset(many(self.replace))

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(
            text.encode() for text in (*many(self.replace), *many(self.contains), fragment(self.by)) if text
        )

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        texts = quoted_texts(self, book, strings, sub=self.in_)
        found = [target for target in texts if self._fits(target)]
        for target in found:
            judge_piece(book, target, many(self.replace), self.by, interpolate=self.interpolate)
        if not found and not book.refused:
            book.refuse_edit(ANCHOR, f"no string here holds {one_of(many(self.replace))}")
        settle_rest(book, texts, self.names())
        return book.plan(self.sites)

    def _fits(self, target: Target) -> bool:
        """Whether a string is one that the edit means, before or after the edit."""
        new = target.quoted.escaped(self.by, interpolate=self.interpolate)
        pieces = [piece.encode() for piece in many(self.replace)] + ([new] if new else [])
        if not any(found_in(target.parsed, target.quoted, piece) for piece in pieces):
            return False
        body = target.parsed.data[slice(*target.quoted.body)]
        return not self.contains or any(text.encode() in body for text in many(self.contains))
