# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``insert-statement``: statements go into a function, at a place named by structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from patchgen.findings import Slug
from patchgen.planning.anchors import Anchor
from patchgen.planning.bind import bound, given_by
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.functions import the_functions
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.locals import check_captures, declared_by, hides
from patchgen.planning.replacing import names_of
from patchgen.planning.scope import inner_meaning, out_of_scope
from patchgen.planning.spots import Unfit, spot_at, spot_beside, spot_in
from patchgen.syntax.c.patterns import Pattern, metavariables, substitute

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchgen.planning.anchors import Hit
    from patchgen.planning.functions import Function
    from patchgen.planning.ledger import Plan
    from patchgen.planning.spots import Spot
    from patchgen.syntax.c.patterns import Match
    from patchgen.syntax.parsed import Span
    from patchgen.tree import Tree

__all__ = ["InsertStatement"]

_UNFIT = Slug.define(
    "unfit-anchor",
    """The statement that the edit names is there, but nothing can be put beside it or into it with
    certainty: it is the branch of an if or a loop without braces, it did not parse, or what is put
    there would never be reached.""",
)
_ELSEWHERE = Slug.define(
    "statement-elsewhere",
    """The function has the very statements that the edit inserts, but not at the place that the edit
    names. Upstream may have put them where they do the same. If they are needed a second time, say
    so with `again = true`.""",
)
_DECLARED = Slug.define(
    "name-declared",
    """The inserted statements declare a variable of a name that the function has already, as a local variable or
    as something of the file, which the new one would hide; or one that hides what a metavariable stands for.""",
)
_BINDINGS = Slug.define(
    "unfit-binding",
    """What a metavariable of the anchor stands for cannot be written into the new text.""",
)


class InsertStatement(Edit, frozen=True, tag="insert-statement"):
    """Put statements into the function `in` (or the first of several alternatives that the tree defines).

    The place is exactly one of: `before` or `after` an anchor; `first-in` or `last-in` the block that
    an ``if``, an ``else``, a loop or a ``switch`` governs; `at` the ``start`` of the function, its
    ``end``, or ``after-declarations`` (declarations go behind the last of the first declarations,
    other statements before the first statement that is none). `before` goes above the comments that
    stand directly above the statement.

    An anchor is a table with one of: ``call`` (the statement that holds a call of this function),
    ``declaration`` (of this local variable), ``statement``, ``expression`` (the statement that holds
    it), ``if``, ``else``, ``loop``, ``switch`` (patterns of the condition), ``return`` (a pattern, or true for
    any), ``label``; and, if wanted, ``within``, another anchor that governs it. In patterns, `$name`
    stands for any expression or name; `statement` can use what the anchor bound.

    `bind` lists patterns of expressions that the function must hold, and whose metavariables `statement` can use
    too. `statement` is C, a tab a level. `sites` is the number of places, 1 if not said.

    Owns, of an anchor with ``call``, the called name in the function. Refused: an anchor that is not
    there or there more often than `sites`; the branch of an ``if`` or a loop without braces; a place
    behind a jump; statements that the function has elsewhere (unless `again`); a variable that the
    function declares already.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "insert-statement"\nin = "load"\nbefore = { call = "read" }\n'
            'statement = """\nif (fd < 0)\n\treturn -1;\n"""\n',
            before={
                "l.c": "int load(int fd, char *b)\n{\n    /* all of it */\n    int n = read(fd, b, 9);\n    return n;\n}\n"
            },
            after={
                "l.c": "int load(int fd, char *b)\n{\n    if (fd < 0)\n        return -1;\n"
                "    /* all of it */\n    int n = read(fd, b, 9);\n    return n;\n}\n"
            },
        ),
        Example(
            edit='kind = "insert-statement"\nin = "load"\nfirst-in = { if = "$n <= 0" }\nstatement = "note($n);"\n',
            before={"l.c": "int load(int got)\n{\n\tif (got <= 0) {\n\t\treturn -1;\n\t}\n\treturn 0;\n}\n"},
            after={
                "l.c": "int load(int got)\n{\n\tif (got <= 0) {\n\t\tnote(got);\n\t\treturn -1;\n\t}\n\treturn 0;\n}\n"
            },
        ),
    )

    in_: OneOrMany
    statement: str
    before: Anchor | None = None
    after: Anchor | None = None
    first_in: Anchor | None = None
    last_in: Anchor | None = None
    at: Literal["", "start", "end", "after-declarations"] = ""
    bind: tuple[str, ...] = ()
    sites: int = 1
    again: bool = False

    def __post_init__(self) -> None:
        anchors = [anchor for anchor in (self.before, self.after, self.first_in, self.last_in) if anchor is not None]
        if len(anchors) + bool(self.at) != 1:
            msg = "give exactly one of: before, after, first-in, last-in, at"
            raise ValueError(msg)
        block = self.first_in or self.last_in
        if block is not None and not block.governs:
            msg = "`first-in` and `last-in` take an if, an else, a loop or a switch"
            raise ValueError(msg)
        Pattern.statements(self.statement)
        unbound = (
            metavariables(self.statement) - (anchors[0].metavariables if anchors else frozenset()) - given_by(self.bind)
        )
        if unbound:
            msg = f"neither the anchor nor `bind` binds ${min(unbound)}"
            raise ValueError(msg)
        if self.sites < 1:
            msg = "`sites` is the number of places, at least 1"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the called name of the anchor: it is owned in the function."""
        return frozenset({self._anchor.call}) if self._anchor is not None and self._anchor.call else frozenset()

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in many(self.in_))

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        for function in the_functions(self, book, self.in_, several=self.sites > 1):
            self._plan_in(book, function)
        return book.plan(self.sites)

    @property
    def _anchor(self) -> Anchor | None:
        return self.before or self.after or self.first_in or self.last_in

    def _plan_in(self, book: Book, function: Function) -> None:
        book.within(function.path, (function.body.start_byte, function.body.end_byte))
        given = bound(book, function.place, self.bind, self.statement)
        if given is None:
            return
        path, tried = function.path, [self._tried(function, given, *hit) for hit in self._hits(book, function)]
        there = [place.found.span for place in tried if place.found is not None]
        absent: list[_Tried] = []
        seen: set[tuple[int, int]] = set()
        for place in tried:
            if any(start <= place.span[0] < end for start, end in there):
                book.excuse(path, place.span, Reason.PRESENT, "in what the edit inserts")
            elif place.spot is None:
                book.refuse(path, place.span, place.slug, place.message, place.help, function.name)
            elif place.spot.key in seen:
                book.mark(path, place.span)
            else:
                seen.add(place.spot.key)
                if place.found is None:
                    absent.append(place)
                else:
                    book.present(path, place.span)
        if not tried and not book.refused:
            book.missing(f"{self._anchor} in {function.name}")
        for place in absent:
            if len(seen) > self.sites:
                book.edit(path, place.span)  # one too many, so that the plan is refused
            else:
                self._insert(book, function, place, there)

    def _tried(
        self, function: Function, given: Mapping[str, bytes], span: Span, bindings: Mapping[str, bytes], hit: Hit | None
    ) -> _Tried:
        """Return what stands at a place, or why nothing can be put there."""
        try:
            spot = self._spot(function, hit)
            check_captures(self.statement, {**given, **bindings})
            pattern = Pattern.statements(substitute(self.statement, {**given, **bindings}))
        except Unfit as unfit:
            return _Tried(span, slug=_UNFIT, message=str(unfit), help=unfit.help)
        except ValueError as error:
            return _Tried(span, slug=_BINDINGS, message=str(error))
        return _Tried(span, spot, pattern, spot.find(function.parsed, pattern))

    def _hits(self, book: Book, function: Function) -> Iterator[tuple[Span, Mapping[str, bytes], Hit | None]]:
        if self._anchor is None:
            yield function.span, {}, None
            return
        for hit in list(self._anchor.hits(book, function)):
            yield hit.span, hit.bindings, hit

    def _spot(self, function: Function, hit: Hit | None) -> Spot:
        new = Pattern.statements(self.statement)
        if hit is None:
            return spot_at(function, self.at, new)
        if self.before is not None or self.after is not None:
            return spot_beside(function, hit, new, after=self.after is not None)
        return spot_in(function.parsed, hit.blocks[0] if hit.blocks else None, new, last=self.last_in is not None)

    def _insert(self, book: Book, function: Function, place: _Tried, there: list[Span]) -> None:
        path, parsed, spot, pattern = function.path, function.parsed, place.spot, place.pattern
        if spot is None or pattern is None:
            return
        for match in () if self.again else pattern.find(parsed, function.body):
            if match.span not in there and not parsed.is_dead(match.span[0]):
                message = f"{function.name} has these statements here, and not where the edit puts them"
                book.refuse(
                    path, match.span, _ELSEWHERE, message, "say `again = true` if both are wanted", function.name
                )
                return
        for name in declared_by(pattern):
            if (other := hides(book.tree, function, spot.block, name)) is not None:
                message = f"{function.name} has something called {name.decode('latin-1')} already"
                book.refuse(path, other, _DECLARED, message, function=function.name)
                return
        if (inner := inner_meaning(parsed, spot.node, names_of(pattern))) is not None:
            message = f"{inner.decode('latin-1')} means an inner variable here, which hides another of that name"
            book.refuse(path, place.span, _UNFIT, message, function=function.name)
            return
        words = [word for word in names_of(pattern) if word not in declared_by(pattern)]
        if (word := out_of_scope(book.tree, path, parsed, spot.node, words)) is not None:
            message = (
                f"{word.decode('latin-1')} means what the file has here, and elsewhere in the function a local variable"
            )
            book.refuse(path, place.span, _UNFIT, message, function=function.name)
            return
        try:
            replacement = spot.insertion(parsed, pattern.text)
        except Unfit as unfit:
            book.refuse(path, place.span, _UNFIT, str(unfit), unfit.help, function.name)
            return
        book.edit(path, place.span, replacement)


@dataclass(frozen=True, slots=True)
class _Tried:
    """One place that the anchor fits: where the statements go, or why they cannot; and they themselves, if they are there."""

    span: Span
    spot: Spot | None = None
    pattern: Pattern | None = None
    found: Match | None = None
    slug: Slug = _UNFIT
    message: str = ""
    help: str = ""
