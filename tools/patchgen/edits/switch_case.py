# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``switch-case``: a ``switch`` gets another case."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from patchgen.findings import Slug
from patchgen.planning.anchors import Anchor
from patchgen.planning.cases import DEFAULT, Cases
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.functions import the_functions
from patchgen.planning.ledger import Book
from patchgen.planning.spots import Unfit
from patchgen.syntax.c.patterns import Pattern

if TYPE_CHECKING:
    from patchgen.planning.anchors import Hit
    from patchgen.planning.functions import Function
    from patchgen.planning.ledger import Plan
    from patchgen.tree import Tree

__all__ = ["SwitchCase"]

_TAKEN = Slug.define(
    "case-taken",
    """The switch has a case of that label already, and it does not do what the edit would write.""",
)
_NO_CASE = Slug.define(
    "no-place-for-case",
    """The new case cannot be put where the edit says: there is no such case, or the one before the
    place falls into the next, so that a case between the two would change what it does.""",
)


class SwitchCase(Edit, frozen=True, tag="switch-case"):
    """Give a ``switch`` of the function `in` (or of the first of several alternatives) a case.

    `switch` is a pattern of the switched value; the function must have exactly one such switch.
    `case` is the label, or a list of labels that share one `body`: C, a tab a level, that ends in a
    jump. The place is `after` or `before` the case of a label (``default`` is one), or, if neither is said,
    at the end: before a final ``default``. The new case is written as its neighbour is: on one line
    with its label, or below it.

    Owns the labels in the switch. Refused: a label that is there and does something else; a place
    behind a case that does not end in a jump.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "switch-case"\nin = "main"\nswitch = "c"\ncase = "\'a\'"\nafter = "\'k\'"\n'
            'body = """\narch = optarg;\nbreak;\n"""\n',
            before={
                "m.c": "int main(int c)\n{\n\tswitch (c) {\n\tcase 'k':\n\t\tkernel = optarg;\n\t\tbreak;\n"
                "\tdefault:\n\t\tusage();\n\t}\n}\n"
            },
            after={
                "m.c": "int main(int c)\n{\n\tswitch (c) {\n\tcase 'k':\n\t\tkernel = optarg;\n\t\tbreak;\n"
                "\tcase 'a':\n\t\tarch = optarg;\n\t\tbreak;\n\tdefault:\n\t\tusage();\n\t}\n}\n"
            },
        ),
        Example(
            edit='kind = "switch-case"\nin = "name"\nswitch = "$colour"\ncase = "BLUE"\nbody = "return \\"blue\\";"\n',
            before={
                "n.c": 'char *name(int n)\n{\n  switch (n) {\n    case RED: return "red";\n    default: return "?";\n  }\n}\n'
            },
            after={
                "n.c": 'char *name(int n)\n{\n  switch (n) {\n    case RED: return "red";\n    case BLUE: return "blue";\n'
                '    default: return "?";\n  }\n}\n'
            },
        ),
    )

    in_: OneOrMany
    switch: str
    case: OneOrMany
    body: str
    after: str = ""
    before: str = ""
    at: Literal["", "end"] = ""

    def __post_init__(self) -> None:
        for text in (
            self.switch,
            *many(self.case),
            *(label for label in (self.after, self.before) if label not in {"", DEFAULT}),
        ):
            Pattern.expression(text)
        if bool(self.after) + bool(self.before) + bool(self.at) > 1:
            msg = "give one of: after, before, at"
            raise ValueError(msg)
        if not many(self.case):
            msg = "`case` is empty"
            raise ValueError(msg)
        Cases.check_body(Pattern.statements(self.body))

    def names(self) -> frozenset[str]:
        """Return nothing: what is owned are the labels in the switch."""
        return frozenset()

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in many(self.in_))

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        for function in the_functions(self, book, self.in_):
            hits = list(Anchor(switch=self.switch).hits(book, function))
            if not hits and not book.refused:
                book.missing(f"a switch of {self.switch} in {function.name}")
            for hit in hits:
                self._plan_in(book, function, hit)
        return book.plan(1)

    def _plan_in(self, book: Book, function: Function, hit: Hit) -> None:
        path, labels = function.path, many(self.case)
        cases = Cases(function.parsed, hit.blocks[0])
        there = [case for label in labels for case in cases.labelled(label)]
        if there:
            span = there[0].start_byte, there[0].children[-1].start_byte
            if cases.has(labels, Pattern.statements(self.body)):
                book.present(path, hit.span)
            else:
                message = f"the switch has a case {' or '.join(labels)} that is not what the edit would write"
                book.refuse(path, span, _TAKEN, message, function=function.name)
            return
        try:
            index = cases.index(self.after, self.before)
            replacement = cases.insertion(index, labels, self.body)
        except Unfit as unfit:
            book.refuse(path, hit.span, _NO_CASE, str(unfit), unfit.help, function.name)
            return
        book.edit(path, hit.span, replacement)
