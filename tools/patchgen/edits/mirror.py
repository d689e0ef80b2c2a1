# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``mirror``: do for one name what a function does for another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from patchgen.planning.bind import bound, given_by
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.functions import the_functions
from patchgen.planning.ledger import Book
from patchgen.planning.likeness import Likeness
from patchgen.planning.mirroring import Mirroring
from patchgen.planning.units import About, units
from patchgen.syntax.c.patterns import metavariables, substitute
from patchgen.syntax.c.snippet import check_expression

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.tree import Tree

__all__ = ["Mirror"]


class Mirror(Edit, frozen=True, tag="mirror"):
    """Do for one name (`as`) what a function (`in`, or alternatives) does for another (`like`).

    Each statement that is about `like` is copied, and the copy goes directly behind it: a
    declaration of it alone; an assignment to it, or to the member or element of that name; a call
    with the word in the callee's name; a call that writes into the member of that name. Where it is
    one of several arguments of a call it is only passed on, and nothing is copied. `role` limits
    this to some of ``declaration``, ``assignment``, ``call``, ``destination``.

    An ``if`` that tests only the word and holds only statements about it is copied with them; one
    that tests or does more refuses the edit. The old word is renamed as a whole word and as a part
    of an identifier between underscores, also in strings; if it is left in another word, the edit
    is refused. Comments are not copied; blank lines that part neighbours are.

    `sites` is the number of copies, done and to be done. `guard` is a condition for the copies, and
    `then` a list of statements to follow each (under the guard, if there is one); metavariables
    (`$name`) in them stand for what the patterns of `bind`, expressions of the function, bind. Where the word is
    a member, the new one must be a member of the same struct, declared alike.

    Owns `like` and `as` in the function, also as parts of identifiers.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "mirror"\nin = "paint"\nlike = "colour"\nas = "shape"\nsites = 1\n',
            before={
                "p.c": "void paint(struct box *b, char *colour, char *shape)\n{\n\tif (colour != NULL)\n"
                "\t\tbox_set_colour(b, colour); // required\n}\n"
            },
            after={
                "p.c": "void paint(struct box *b, char *colour, char *shape)\n{\n\tif (colour != NULL)\n"
                "\t\tbox_set_colour(b, colour); // required\n\tif (shape != NULL)\n\t\tbox_set_shape(b, shape);\n}\n"
            },
        ),
        Example(
            edit='kind = "mirror"\nin = "send"\nlike = "colour"\nas = "shape"\nguard = "b->shape[0]"\nsites = 1\n',
            before={
                "s.c": "struct box { char colour[8]; char shape[8]; };\n\nvoid send(struct box *b)\n{\n    put_colour(b->colour);\n}\n"
            },
            after={
                "s.c": "struct box { char colour[8]; char shape[8]; };\n\nvoid send(struct box *b)\n{\n    put_colour(b->colour);\n"
                "    if (b->shape[0]) {\n        put_shape(b->shape);\n    }\n}\n"
            },
        ),
    )

    in_: OneOrMany
    like: str
    as_: str
    sites: int
    guard: str = ""
    then: tuple[str, ...] = ()
    bind: tuple[str, ...] = ()
    role: tuple[About, ...] = tuple(About)

    def __post_init__(self) -> None:
        Likeness(self.like, self.as_).check()
        if self.guard:
            check_expression(self.guard)
        unbound = frozenset[str]().union(*map(metavariables, (self.guard, *self.then))) - given_by(self.bind)
        if unbound:
            msg = f"`bind` binds no ${min(unbound)}"
            raise ValueError(msg)
        if self.sites < 1:
            msg = "`sites` is the number of statements to mirror, at least 1"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return both words: they are owned inside the function."""
        return frozenset({self.like, self.as_})

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in (*many(self.in_), self.as_))

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        words = Likeness(self.like, self.as_)
        for function in the_functions(self, book, self.in_, several=True):
            book.within(function.path, function.extent)
            work = Mirroring(book, function, words)
            bindings = bound(book, function.place, self.bind, self.guard, *self.then)
            if bindings is None:
                continue
            found = units(function.parsed, function.declaration.node, words, self.role)
            then = tuple(substitute(text, bindings) for text in self.then)
            standing, absent = work.settle(work.copies(found, substitute(self.guard, bindings), then))
            for copy in standing:
                work.present(copy)
            for copy in absent:
                work.edit(copy)
            work.judge_rest(function.declaration.node)
        return book.plan(self.sites)
