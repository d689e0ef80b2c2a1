# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``perl-option``: a Perl program takes one more option."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.abbreviations import clash, refuse_abbreviated
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.options import calls, insert_after, insert_before, spec_of, written
from patchgen.planning.perl import perl_files, scopes, settle, snippet
from patchgen.planning.words import ANCHOR, DIFFERS, UNREADABLE, one_of, spans_of
from patchgen.syntax import perl

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.planning.options import Call, Row
    from patchgen.syntax.perl import Perl
    from patchgen.tree import Tree

__all__ = ["PerlOption"]

_NO_TARGET = Slug.define(
    "option-without-target",
    """The call of GetOptions does not begin with a hash, so that every option needs a target of its own,
    and the edit gives none.""",
)


class PerlOption(Edit, frozen=True, tag="perl-option"):
    r"""Add an option to a call of ``GetOptions`` (Getopt::Long; also ``GetOptionsFromArray`` and full names).

    `option` is a specification such as ``arch=s`` or ``a|arch=s``, `target` what it is stored in, such
    as ``\$arch`` (left out only where the call stores into a hash). The new row goes behind the row of
    the option `after` or before that of `before` (a name, or alternatives), otherwise behind the last.
    `in` limits the edit to the sub of that name. There must be one call, or as many as `sites` says.
    The row is written as its neighbour is: indentation, quotes, arrow, line of its own or not.

    Owns every name of the option, in the files it covers. Present when the call has a row of the same
    specification and target; a row that shares a name with it and says something else is refused, and
    so is a call of the program in the tree that abbreviates an old option as the new one could be.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "perl-option"\nfiles = ["greet.pl"]\noption = "title=s"\ntarget = "\\\\$title"\nafter = "loud"\n',
            before={
                "greet.pl": "use Getopt::Long;\nmy ($loud, $name, $title);\nGetOptions(\n"
                "    'loud' => \\$loud,  # rude\n    'name=s' => \\$name,\n) or exit(1);\n"
            },
            after={
                "greet.pl": "use Getopt::Long;\nmy ($loud, $name, $title);\nGetOptions(\n"
                "    'loud' => \\$loud,  # rude\n    'title=s' => \\$title,\n    'name=s' => \\$name,\n) or exit(1);\n"
            },
        ),
    )

    option: str
    target: str = ""
    after: OneOrMany = ()
    before: OneOrMany = ()
    in_: str = ""
    sites: int = 1

    def __post_init__(self) -> None:
        if spec_of(self.option) is None:
            msg = f"option {self.option!r} is no specification of Getopt::Long"
            raise ValueError(msg)
        if self.target:
            snippet(f"f('x' => {self.target});")
        if self.after and self.before:
            msg = "give after or before, not both"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the names of the option: owned in the files that the edit covers."""
        spec = spec_of(self.option)
        return spec.names if spec is not None else frozenset()

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in self.names()) | {b"GetOptions"}

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        found = 0
        names = sorted(self.names())
        for path, parsed in perl_files(self, book, [*names, "GetOptions"], names):
            for scope in scopes(book, path, parsed, self.in_):
                for call in calls(parsed, scope):
                    found += 1
                    self._judge(book, path, parsed, call)
            for span in spans_of(parsed.data, names):
                if not book.has(path, span):
                    settle(book, path, parsed, span)
        if not found and not book.refused:
            book.missing("a call of GetOptions" + (f" in {self.in_}" if self.in_ else ""))
        return book.plan(self.sites)

    def _judge(self, book: Book, path: str, parsed: Perl, call: Call) -> None:
        name = (call.name.start_byte, call.name.end_byte)
        rows = call.rows
        if rows is None or not perl.is_sound(call.node) or not rows:
            book.refuse(path, name, UNREADABLE, "the options of this call cannot be told apart, or there are none")
            return
        new = spec_of(self.option)
        same = [row for row in rows if new is not None and clash(parsed.data, row.spec, new)]
        if same:
            self._compare(book, path, parsed, call, same)
            return
        if not self.target and not call.hashed:
            book.refuse(path, name, _NO_TARGET, f"{self.option} needs a target here")
            return
        anchor = self._anchor(book, path, call, rows)
        if anchor is not None:
            text = written(parsed, call, anchor, self.option, self.target)
            place = insert_before(parsed, anchor, text) if self.before else insert_after(parsed, call, anchor, text)
            if new is not None:
                refuse_abbreviated(book, path, name, (row.spec for row in rows), new)
            if place:
                book.edit(path, name, *place)
            else:
                book.refuse(path, name, UNREADABLE, "it cannot be told where the last option ends")

    def _anchor(self, book: Book, path: str, call: Call, rows: tuple[Row, ...]) -> Row | None:
        wanted = many(self.after or self.before)
        if not wanted:
            return rows[-1]
        for name in wanted:
            for row in rows:
                if name in row.spec.names:
                    return row
        span = (call.name.start_byte, call.name.end_byte)
        book.refuse(path, span, ANCHOR, f"this call has no option {one_of(wanted)}")
        return None

    def _compare(self, book: Book, path: str, parsed: Perl, call: Call, same: list[Row]) -> None:
        """Judge the rows that share a name with the option."""
        row = same[0]
        target = perl.tokens(parsed, row.target) if row.target is not None else ()
        wanted = snippet_tokens(self.target) if self.target else ()
        fits = len(same) == 1 and row.spec == spec_of(self.option) and target == wanted
        if fits:
            book.present(path, (call.name.start_byte, call.name.end_byte))
        for other in same:
            text = parsed.text(other.key)
            for start, end in spans_of(text, self.names()) or [(0, len(text))]:
                span = (other.key.start_byte + start, other.key.start_byte + end)
                if fits:
                    book.excuse(path, span, Reason.PRESENT)
                else:
                    message = f"this call has the option {text.decode('latin-1')} already, and not {self.option} with that target"
                    book.refuse(path, span, DIFFERS, message)


def snippet_tokens(target: str) -> tuple[bytes, ...]:
    """Return the tokens of the target of an option."""
    parsed = snippet(f"f('x' => {target});")
    call = next(iter(perl.statements(parsed.root))).named_children[0]
    items = call.named_children[-1].named_children
    return perl.tokens(parsed, items[-1])
