# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``add-field``: a struct gets a member."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from patchgen.findings import Slug
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.laid_out import Growing, refuse_laid_out
from patchgen.planning.ledger import Book, Plan, Reason
from patchgen.planning.members import structs_called
from patchgen.planning.numbers import number_of_text
from patchgen.planning.occurrences import Mention, occurrences, settle_plain
from patchgen.planning.ordered import ordered, type_uses
from patchgen.syntax.c import Role
from patchgen.syntax.c.snippet import member_of
from patchgen.syntax.c.statements import first_in, insert_after, insert_before, style_at, with_comments, written
from patchgen.syntax.c.structs import Member, Struct, struct_at, struct_of
from patchgen.syntax.parsed import clean
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from patchgen.syntax.c import C
    from patchgen.tree import Tree

__all__ = ["AddField"]

_TWICE = Slug.define(
    "struct-defined-twice",
    """The struct is defined at more than one place: in two files, or in two arms of an #if. Limit the
    edit with `files`.""",
)
_TAKEN = Slug.define(
    "member-differs",
    """The struct has a member of that name already, and it is declared otherwise.""",
)
_NO_MEMBER = Slug.define(
    "no-such-member",
    """The struct has no member of the name that `after` or `before` gives.""",
)
_POSITIONAL = Slug.define(
    "positional-initialiser",
    """A variable of the struct is initialised by the order of its members, so that a new member would
    shift what follows it.""",
)
_FLEXIBLE = Slug.define(
    "flexible-array-member",
    """The struct ends in an array without a size, or of one element, which by an old custom stands for as many as were
    allocated. Nothing can follow it (C17 6.7.2.1p18).""",
)
_BODY = Slug.define(
    "unparsed-struct",
    """Something between the braces of the struct did not parse, so that the place cannot be trusted.""",
)
_CONDITIONAL = Slug.define(
    "conditional-member",
    """The member that the edit needs or would add is declared within an #if, so that only some
    configurations have it, or within a struct or union without a name inside this one.""",
)
_MACRO_MEMBER = Slug.define(
    "macro-of-that-member",
    """A macro has the name of the new member, so that the declaration would mean something else.""",
)

_ANY = re.compile(rb"FLEX|ANY_?SIZE|VAR_?(?:LEN|SIZE)|VARIABLE", re.IGNORECASE)
"""Macros of other projects for the bound of such an array, which depend on the compiler."""
_NO_NAME = frozenset({b"struct", b"union", b"const", b"volatile"})


class AddField(Edit, tag="add-field", frozen=True):
    """Give a struct or a union a member.

    `struct` is its tag or typedef name (or a list of alternatives), `field` the whole declaration.
    The place is `at = "end"` or `"start"`, or `after` or `before` a member (a name, or
    alternatives). A member on its own line gets the new one on a line below it, behind its comment.

    Owns the names of the struct and of the member in the whole tree. Anywhere but at the end, a
    positional initialiser refuses the edit; uses of sizeof are listed in the ledger for a person. Refused, too, where the
    program knows where members lie: a cast to a struct that begins alike, members that are gone through as an array, the size as a
    number.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "add-field"\nstruct = "person"\nfield = "char title[16];"\nat = "end"\n',
            before={"p.h": "struct person {\n  char name[32]; // as given\n};\n"},
            after={"p.h": "struct person {\n  char name[32]; // as given\n  char title[16];\n};\n"},
        ),
    )

    struct: OneOrMany
    field: str
    after: OneOrMany = ()
    before: OneOrMany = ()
    at: str = ""

    def __post_init__(self) -> None:
        member_of(self.field)
        if self.at not in {"", "start", "end"} or bool(self.after) + bool(self.before) + bool(self.at) != 1:
            msg = 'give one of: after, before, at = "start", at = "end"'
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the names of the struct and of the member: they are owned in the whole tree."""
        return frozenset({*many(self.struct), member_of(self.field).name})

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        mentions = list(self._mentions(book, *many(self.struct)))
        found = self._definition(book, mentions)
        if found is None:
            return book.plan()
        where, struct = found
        uses = list(type_uses(self, book, struct.names))
        book.owns(*struct.names, *(mention.name for mention, _ in uses))
        known = {(mention.path, mention.span) for mention, _ in uses}
        mentions = [mention for mention in mentions if (mention.path, mention.span) not in known]
        added = self._place(book, where, struct)
        self._judge_uses(book, uses)
        if added is not None:
            at = sum(1 for member in struct.members if member.node.end_byte <= added.start)
            names = frozenset({*struct.names, *(mention.name for mention, _ in uses)})
            refuse_laid_out(book, Growing(struct, names, at), [mention for mention, _ in uses])
        self._judge_uses(book, [(mention, 0) for mention in mentions])
        self._judge_member_name(book, where, struct)
        return book.plan()

    def _mentions(self, book: Book, *names: str) -> list[Mention]:
        if not names:
            return []
        return [mention for mention in occurrences(self, book, *names) if not settle_plain(book, mention)]

    def _definition(self, book: Book, mentions: list[Mention]) -> tuple[Mention, Struct] | None:
        found: dict[tuple[str, int], tuple[Mention, Struct]] = {}
        for mention in mentions:
            struct = struct_at(mention.use.parsed, mention.use.node)
            if struct is not None:
                found.setdefault((mention.path, struct.body.start_byte), (mention, struct))
        if len(found) > 1:
            for mention, _ in found.values():
                book.refuse(mention.path, mention.span, _TWICE, f"{mention.name} is defined at {len(found)} places")
        elif not found and not book.refused:
            book.missing(f"a definition of the struct {' or '.join(many(self.struct))}")
        return next(iter(found.values())) if len(found) == 1 else None

    def _place(self, book: Book, where: Mention, struct: Struct) -> Replacement | None:
        """Enter the place of the new member; return what is put there, None where it is there or cannot be."""
        wanted = member_of(self.field)
        path, span = where.path, where.span
        there = struct.member(wanted.name)
        if not clean(struct.body):
            book.refuse(path, span, _BODY, f"the members of {where.name} did not parse")
        elif there is not None and there.node.parent != struct.body:
            message = f"{where.name} has {wanted.name} only within an #if or an inner struct"
            book.refuse(path, span, _CONDITIONAL, message)
        elif there is not None and there.type == wanted.type:
            book.present(path, span)
        elif there is not None:
            book.refuse(path, span, _TAKEN, f"{where.name} has a member {wanted.name} that is declared otherwise")
        else:
            replacement = self._insertion(book, where, struct)
            if replacement is not None:
                book.edit(path, span, replacement)
            return replacement
        return None

    def _insertion(self, book: Book, where: Mention, struct: Struct) -> Replacement | None:
        if self.at == "start" or not struct.members:
            return self._first(where, struct)
        if self.at == "end":
            return self._last(book, where, struct)
        for name in many(self.after or self.before):
            member = struct.member(name)
            if member is not None:
                return self._beside(book, where, struct, member)
        wanted = " or ".join(many(self.after or self.before))
        book.refuse(where.path, where.span, _NO_MEMBER, f"{where.name} has no member {wanted}")
        return None

    def _first(self, where: Mention, struct: Struct) -> Replacement:
        parsed = where.use.parsed
        first = next((child for child in struct.body.named_children if child.type != "comment"), None)
        if first is None:
            return first_in(parsed, struct.body, self.field)
        return insert_before(parsed, with_comments(parsed, first), self.field)

    def _last(self, book: Book, where: Mention, struct: Struct) -> Replacement | None:
        if _is_flexible(book.tree, where.use.parsed, struct.members[-1]):
            book.refuse(where.path, where.span, _FLEXIBLE, f"{where.name} ends in an array that may have any size")
            return None
        last = [child for child in struct.body.named_children if child.type != "comment"][-1]
        if last.type.startswith("preproc_"):
            return _below_arms(where.use.parsed, struct, self.field)
        return insert_after(where.use.parsed, last, self.field)

    def _beside(self, book: Book, where: Mention, struct: Struct, member: Member) -> Replacement | None:
        parsed = where.use.parsed
        if member.node.parent != struct.body:
            message = f"{where.name} has {member.name} only within an #if or an inner struct"
            book.refuse(where.path, where.span, _CONDITIONAL, message)
            return None
        if self.before:
            return insert_before(parsed, with_comments(parsed, member.node), self.field)
        if _is_flexible(book.tree, parsed, member) and member.node == struct.members[-1].node:
            message = f"{where.name} ends in {member.name}, an array that may have any size"
            book.refuse(where.path, where.span, _FLEXIBLE, message)
            return None
        return insert_after(parsed, member.node, self.field)

    def _judge_uses(self, book: Book, uses: list[tuple[Mention, int]]) -> None:
        for mention in ordered(self, book.tree, uses, at_end=self.at == "end"):
            message = f"a variable of {mention.name} is initialised by the order of its members, or may be"
            book.refuse(mention.path, mention.span, _POSITIONAL, message, function=mention.function)
        for mention, _ in uses:
            use = mention.use
            if struct_at(use.parsed, use.node) is not None:
                book.mark(mention.path, mention.span)
            elif use.in_macro and self.at != "end" and _whole_body(use.parsed, mention):
                message = f"a macro stands for {mention.name}: its variables cannot be seen"
                book.refuse(mention.path, mention.span, _POSITIONAL, message, function=mention.function)
            elif use.role is not Role.TYPE:
                book.excuse(mention.path, mention.span, Reason.OTHER_BINDING, use.role.value)
            else:
                measured = (
                    use.node.parent is not None
                    and b"sizeof" in use.parsed.data[max(0, use.node.start_byte - 16) : use.node.start_byte]
                )
                book.excuse(mention.path, mention.span, Reason.UNCHANGED_USE, "sizeof" if measured else "")

    def _judge_member_name(self, book: Book, where: Mention, struct: Struct) -> None:
        name = member_of(self.field).name
        has = struct.member(name) is not None
        for mention in occurrences(self, book, name):
            if settle_plain(book, mention):
                continue
            path, span = mention.path, mention.span
            if path == where.path and struct.body.start_byte <= span[0] < struct.body.end_byte:
                book.excuse(path, span, Reason.PRESENT)
            elif mention.use.role is Role.MACRO:
                book.refuse(path, span, _MACRO_MEMBER, f"a macro is called {name}, as the new member would be")
            elif has and mention.use.member:
                book.excuse(path, span, Reason.UNCHANGED_USE)
            else:
                book.excuse(path, span, Reason.OTHER_BINDING, mention.use.role.value)


def _below_arms(parsed: C, struct: Struct, text: str) -> Replacement:
    """Put a member below the ``#endif`` that ends a struct, indented as the members are."""
    data, last = parsed.data, [child for child in struct.body.named_children if child.type != "comment"][-1]
    end = line_end(data, last.end_byte - 1)
    starts = [(line_start(data, member.node.start_byte), member.node.start_byte) for member in struct.members]
    indent = next((data[start:stop] for start, stop in reversed(starts) if not data[start:stop].strip()), b"")
    return Replacement(end, end, written(text, indent, style_at(parsed, struct.body)))


def _whole_body(parsed: C, mention: Mention) -> bool:
    """Whether the body of a macro is nothing but the type."""
    start, end = parsed.body or mention.span
    before = parsed.data[start : mention.span[0]].strip()
    return before in {b"", b"struct", b"union"} and not parsed.data[mention.span[1] : end].strip()


def _is_flexible(tree: Tree, parsed: C | None, member: Member, deep: int = 4) -> bool:
    """Whether a last member may have any size: an array without one, or of one element; or a struct that ends in one."""
    if member.bound:
        outermost = b" ".join(member.bound[1:-1]).partition(b"]")[0].strip()
        return not outermost or _ANY.search(outermost) is not None or number_of_text(tree, outermost) in {0, 1}
    if b"*" in member.type or not deep:
        return False
    inner = struct_of(parsed, member.node) if parsed is not None else None
    words = [word.decode("latin-1") for word in member.type if word not in _NO_NAME]
    structs = [inner] if inner is not None else structs_called(tree, words[0]) if len(words) == 1 else ()
    held = parsed if inner is not None else None
    return any(one.members and _is_flexible(tree, held, one.members[-1], deep - 1) for one in structs)
