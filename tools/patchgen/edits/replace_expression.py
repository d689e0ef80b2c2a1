# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``replace-expression``: an expression of a function becomes another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from patchgen.planning.anchors import Anchor
from patchgen.planning.bind import bound, filled, given_by
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.functions import EVERY, the_functions
from patchgen.planning.ledger import Book
from patchgen.planning.replacing import Forms, check_forms
from patchgen.syntax.c.patterns import Pattern

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.tree import Tree

__all__ = ["ReplaceExpression"]


class ReplaceExpression(Edit, frozen=True, tag="replace-expression"):
    """Replace each expression of the form `expression` in the function `in` by `with`.

    `in` may be a list of alternatives: the first that the tree defines; or ``"*"``, with `files` and without `bind`,
    for every function of these files. `bind` lists patterns of
    expressions that the function must hold; what they bind, both texts can use. `expression` is C in which
    `$name` stands for any expression or name; `with` can use what it bound. Whole expressions are
    replaced, in conditions and initialisers too. What the two texts have in common is left as it
    stands, line breaks and comments included. Where a part would bind more loosely than its place
    needs, it gets parentheses. `within` limits the edit to what an ``if``, an ``else``, a loop or a
    ``switch`` governs.

    `sites` is the number of places of either form, 1 if not said: a place that has the form of
    `with` is done. Refused: no place, or another number of them; a place that is part of another;
    one with a directive of the preprocessor in it. A comment that is lost is a warning.

    Owns no name: its places are those that have one of the two forms.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "replace-expression"\nin = "load"\nexpression = "malloc($size)"\nwith = "calloc(1, $size)"\n',
            before={
                "l.c": "char *load(int n)\n{\n    char *b = malloc (n *\n        sizeof (int));\n    return b;\n}\n"
            },
            after={
                "l.c": "char *load(int n)\n{\n    char *b = calloc (1, n *\n        sizeof (int));\n    return b;\n}\n"
            },
        ),
        Example(
            edit='kind = "replace-expression"\nin = "area"\nexpression = "twice($x)"\nwith = "2 * $x"\n',
            before={"a.c": "int area(int a, int b)\n{\n\treturn twice(a + b) / 3;\n}\n"},
            after={"a.c": "int area(int a, int b)\n{\n\treturn 2 * (a + b) / 3;\n}\n"},
        ),
    )

    in_: OneOrMany
    expression: str
    with_: str = msgspec.field(name="with")
    within: Anchor | None = None
    bind: tuple[str, ...] = ()
    sites: int = 1

    def __post_init__(self) -> None:
        placeholders = {name: f"bound_{name}".encode() for name in given_by(self.bind)}
        check_forms(*(Pattern.expression(filled(text, placeholders)) for text in (self.expression, self.with_)))
        if self.in_ == EVERY and (self.bind or not self.files):
            msg = '`in = "*"` goes with `files`, and not with `bind`'
            raise ValueError(msg)
        if self.sites < 1:
            msg = "`sites` is the number of places, at least 1"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return nothing: no name is owned."""
        return frozenset()

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in many(self.in_) if name != EVERY)

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        found = the_functions(self, book, self.in_) if self.bind else []
        bindings = bound(book, found[0].place, self.bind, self.expression, self.with_) if found else {}
        if book.refused or bindings is None:
            return book.plan()
        old, new = (filled(text, bindings) for text in (self.expression, self.with_))
        forms = Forms(Pattern.expression(old), Pattern.expression(new), new)
        return forms.plan(self, tree, self.in_, self.within, self.sites)
