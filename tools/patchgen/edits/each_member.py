# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``each-member``: a statement for each array of a kind that a struct holds, whatever it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.functions import the_functions
from patchgen.planning.ledger import Book
from patchgen.planning.reached import Reach, UnknownType, element_of
from patchgen.planning.spots import Unfit, spot_at
from patchgen.syntax.c.patterns import Pattern, substitute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchgen.planning.functions import Function
    from patchgen.planning.ledger import Plan
    from patchgen.planning.reached import Reached
    from patchgen.tree import Tree

__all__ = ["EachMember"]

_UNKNOWN = Slug.define(
    "unknown-member-type",
    """A struct has a member of which the tree does not say what it holds, so that it cannot be said what there is
    to do for it. If there is nothing, name its type in `opaque`.""",
)
_NO_PLACE = Slug.define(
    "no-place-for-members",
    """The statements for the members of a struct cannot be put at the end of the function with certainty.""",
)


class EachMember(Edit, frozen=True, tag="each-member"):
    """Put a statement for each array of a kind that a struct holds at the end of a function.

    `struct` is its tag or typedef name, `object` the expression of such a struct (or, with `pointer`, which is
    so if not said, of a pointer to one) in the function `in` (or the first of several alternatives that the tree
    defines). What is looked for are arrays of the type `arrays-of`, such as `char`: members of the struct, of the structs
    that it holds, and of arrays of these. `statement` is done for each, in the order of the members, with `$member`
    for the array; for arrays of them in a loop, whose variable `index` (one for each depth) the function declares.

    What is behind a pointer belongs to another object. Numbers, enums and what the C library calls so hold nothing;
    any other type must be in the tree, or be named in `opaque`. Refused: a type that is not known, a struct without
    a name, a member that is looked for in a union or in an arm of an ``#if``, and more depth than `index` has names.

    A place is a member of `struct` itself; it is present when the function has its statement already. Owns no name.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "each-member"\nin = "clear"\nstruct = "person"\nobject = "p"\narrays-of = "char"\n'
            'statement = "$member[0] = 0;"\nindex = ["i"]\n',
            before={
                "p.h": "struct pet { char name[8]; int age; };\n"
                "struct person {\n  char name[32];\n  char *home;\n  struct pet pets[4];\n};\n",
                "p.c": '#include "p.h"\nvoid clear(struct person *p)\n{\n  int i;\n}\n',
            },
            after={
                "p.h": "struct pet { char name[8]; int age; };\n"
                "struct person {\n  char name[32];\n  char *home;\n  struct pet pets[4];\n};\n",
                "p.c": '#include "p.h"\nvoid clear(struct person *p)\n{\n  int i;\n  p->name[0] = 0;\n'
                "  for (i = 0; i < 4; i++)\n    p->pets[i].name[0] = 0;\n}\n",
            },
        ),
    )

    in_: OneOrMany
    struct: str
    object: str
    arrays_of: str
    statement: str
    index: tuple[str, ...] = ()
    pointer: bool = True
    opaque: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        element_of(self.arrays_of)
        if Pattern.statement(self.statement).metavariables != {"member"}:
            msg = "`statement` does something with $member, and with no other metavariable"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return nothing: no name is owned."""
        return frozenset()

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in (*many(self.in_), self.struct))

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        for function in the_functions(self, book, self.in_):
            try:
                reached = Reach(tree, element_of(self.arrays_of), frozenset(self.opaque)).of(self.struct)
                texts = [
                    "\n".join(self._lines([one], f"{self.object}{'->' if self.pointer else '.'}", 0)) for one in reached
                ]
            except UnknownType as error:
                book.refuse(function.path, function.span, _UNKNOWN, str(error), function=function.name)
                continue
            self._enter(book, function, texts)
        return book.plan()

    def _enter(self, book: Book, function: Function, texts: Iterable[str]) -> None:
        path, parsed = function.path, function.parsed
        absent: list[str] = []
        for text in texts:
            there = [m for m in Pattern.statements(text).find(parsed, function.body) if not parsed.is_dead(m.span[0])]
            if there:
                book.present(path, there[0].span)
            else:
                absent.append(text)
        if not absent:
            return
        new = Pattern.statements("\n".join(absent))
        try:
            replacement = spot_at(function, "end", new).insertion(parsed, new.text)
        except Unfit as unfit:
            book.refuse(path, function.span, _NO_PLACE, str(unfit), unfit.help, function.name)
            return
        book.edit(path, function.span, replacement)
        for _ in absent[1:]:
            book.edit(path, function.span)

    def _lines(self, members: Iterable[Reached], before: str, depth: int) -> Iterator[str]:
        """Yield the lines for *members* of the object whose text is *before*, a tab a level.

        :raises UnknownType: they lie deeper than `index` has variables.
        """
        for member in members:
            text = before + member.name
            loops: list[str] = []
            for extent in member.extents:
                if depth + len(loops) >= len(self.index):
                    msg = f"{text} lies deeper than there are names in `index`"
                    raise UnknownType(msg)
                variable = self.index[depth + len(loops)]
                loops.append(f"for ({variable} = 0; {variable} < {extent}; {variable}++)")
                text += f"[{variable}]"
            inner = (
                list(self._lines(member.inner, f"{text}.", depth + len(loops)))
                if member.inner
                else [substitute(self.statement, {"member": text.encode()})]
            )
            if not loops:
                yield from inner
                continue
            braced = len([line for line in inner if not line.startswith("\t")]) > 1
            for number, loop in enumerate(loops):
                opened = " {" if braced and number == len(loops) - 1 else ""
                yield "\t" * number + loop + opened
            yield from ("\t" * len(loops) + line for line in inner)
            if braced:
                yield "\t" * (len(loops) - 1) + "}"
