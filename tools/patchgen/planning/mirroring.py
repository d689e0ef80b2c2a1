# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirroring in one function: copies what is to be copied, and enters every occurrence of both words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax.c import Role, use_at
from patchgen.syntax.parsed import enclosing
from patchgen.tree import mentions

from .copies import copy_of, without_comments
from .ledger import Reason
from .likeness import Likeness
from .members import check_members
from .occurrences import Mention, settle_plain
from .units import About, Unfit, obstacle, statements_about

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from patchgen.syntax.parsed import Span

    from .copies import Copy
    from .functions import Function
    from .ledger import Book
    from .units import Unit

__all__ = ["Mirroring"]

_OTHER_VALUE = Slug.define(
    "mirrored-value",
    """The function has a parameter of the new name, and none of the old one. The statement to be mirrored takes
    its value from a parameter of a third name, so that the copy would pass the new parameter over.""",
)
_LEFT = Slug.define(
    "old-word-left",
    """A copy of the mirrored statement would keep the old word inside a longer one, where it cannot be
    told what it should become. A copy that still uses the old name compiles and does the wrong thing.""",
)
_PERHAPS_LEFT = Slug.define(
    "old-word-perhaps-left",
    """A copy of the mirrored statement has a word that holds the old one in other letters: a macro, or a
    key. Look whether that is right.""",
)
_TAKEN = Slug.define(
    "role-taken",
    """Something is done for the new name already, in the same role, and it is not what the edit would
    write. Nothing is written over it, and nothing beside it.""",
)
_GUARDED = Slug.define(
    "guarded-declaration",
    """A declaration cannot be put under a condition: what it declares would be gone behind it.""",
)
_NO_COPY = Slug.define("unfit-copy", """The copy, with its guard and what follows it, would not be C.""")
_MACRO = Slug.define(
    "word-in-macro-body",
    """The word stands in the body of a macro that is defined inside the function. What becomes of the
    macro is not followed.""",
)

_USES = {
    Role.VALUE: "read, or passed on as an argument",
    Role.CALL: "called for its value, which is read or passed on",
    Role.DECLARES_OTHER: "a parameter, or a declaration that is not mirrored",
    Role.ASSIGNED: "assigned to, and not mirrored",
}


class Mirroring:
    """The mirroring of one word in one function, entered into the book."""

    def __init__(self, book: Book, function: Function, words: Likeness) -> None:
        self._book, self._words = book, words
        self._path, self._parsed, self._definition = function.path, function.parsed, function.declaration

    def copies(self, found: Iterable[Unit | Unfit], guard: str = "", then: tuple[str, ...] = ()) -> list[Copy]:
        """Return the copies of the units; those that cannot be copied are refused."""
        copies: list[Copy] = []
        for one in found:
            if isinstance(one, Unfit):
                self._refuse(one.node, one.slug, one.message)
            elif guard and About.DECLARATION in one.kinds:
                self._refuse(
                    one.node, _GUARDED, f"the copy of this declaration of {self._words.like} cannot have a guard"
                )
            else:
                copies += self._copied(one, guard, then)
        return copies

    def settle(self, copies: Iterable[Copy]) -> tuple[list[Copy], list[Copy]]:
        """Sort copies into those that stand already and those to be made; refuse where the role is taken.

        The caller enters them as sites by :meth:`present` and :meth:`edit`.
        """
        standing: list[Copy] = []
        absent: list[Copy] = []
        taken: list[Node] = []
        for copy in copies:
            run = copy.standing(self._parsed, {node.id for node in taken})
            taken += run
            (standing if run else absent).append(copy)
        others = [copy for copy in absent if not self._role_is_taken(copy, taken) and not self._is_obstructed(copy)]
        for copy in standing:
            for span in self._spans(copy.unit.node)[1:]:
                self._book.excuse(self._path, span, Reason.PRESENT)
        for node in taken:
            for span in self._new_spans(node):
                self._book.excuse(self._path, span, Reason.PRESENT)
        return standing, others

    def present(self, copy: Copy, *, site: bool = True) -> None:
        """Enter a copy that stands already: a site, or a part of one entered elsewhere."""
        first = self._first(copy.unit.node)
        if site:
            self._book.present(self._path, first)
        else:
            self._book.excuse(self._path, first, Reason.PRESENT)

    def edit(self, copy: Copy, *, site: bool = True) -> None:
        """Enter the copy: a site, or a part of one entered elsewhere."""
        first, *rest = self._spans(copy.unit.node)
        if site:
            self._book.edit(self._path, first, copy.replacement)
        else:
            self._book.mark(self._path, first)
            self._book.also(self._path, copy.replacement)
        for span in rest:
            self._book.mark(self._path, span)

    def judge_rest(self, node: Node) -> None:
        """Enter every occurrence of both words in *node* that has no verdict yet."""
        for span in sorted({*self._spans(node), *self._new_spans(node)}):
            if self._book.has(self._path, span):
                continue
            use = use_at(self._parsed, *span)
            mention = Mention(self._path, use, self._parsed, *span)
            if settle_plain(self._book, mention):
                continue
            if use.in_macro or use.role is Role.MACRO:
                message = f"{mention.name} stands in a macro that is defined here"
                self._book.refuse(self._path, span, _MACRO, message, function=self._definition.name)
            else:
                self._book.excuse(self._path, span, Reason.UNCHANGED_USE, _USES.get(use.role, use.role.value))

    def _copied(self, unit: Unit, guard: str, then: tuple[str, ...]) -> list[Copy]:
        words, node = self._words, unit.node
        text = without_comments(self._parsed.text(node))
        left = words.left(text)
        if left:
            self._refuse(node, _LEFT, f"a copy of this would still say {left}, with {words.like} in it")
            return []
        other = self._other_source(node)
        if other:
            message = f"the copy would take its value from {other}, and {words.new} is a parameter of the same type"
            self._refuse(node, _OTHER_VALUE, message)
            return []
        unlike = check_members(self._book.tree, self._parsed, self._definition.node, node, words)
        if unlike is not None:
            self._refuse(node, *unlike)
            return []
        try:
            copy = copy_of(self._parsed, unit, words, guard, then)
        except ValueError as error:
            self._refuse(node, _NO_COPY, str(error))
            return []
        perhaps = words.left(text, any_case=True)
        if perhaps:
            message = f"a copy of this says {perhaps}, which looks like {words.like}"
            self._book.warn(self._path, self._first(node), _PERHAPS_LEFT, message)
        return [copy]

    def _other_source(self, node: Node) -> str:
        """Return the parameter that *node* takes the value from, where a parameter of the new name is passed over."""
        index = self._definition.index(self._words.new)
        if index is None or self._definition.index(self._words.like) is not None:
            return ""
        new = self._definition.parameters[index]
        others = [one.name for one in self._definition.parameters if one.type == new.type and one.name != new.name]
        for start, end in mentions(self._parsed.data[: node.end_byte], [name.encode() for name in others if name]):
            use = use_at(self._parsed, start, end)
            if start >= node.start_byte and not use.member and use.role in {Role.VALUE, Role.TEST}:
                return self._parsed.data[start:end].decode("latin-1")
        return ""

    def _is_obstructed(self, copy: Copy) -> bool:
        unfit = obstacle(self._parsed, self._definition.node, copy.unit, self._words)
        if unfit is not None:
            self._refuse(unfit.node, unfit.slug, unfit.message)
        return unfit is not None

    def _role_is_taken(self, copy: Copy, taken: list[Node]) -> bool:
        for node in self._rivals(copy):
            if not any(run.start_byte <= node.start_byte < run.end_byte for run in taken):
                line = self._parsed.data.count(b"\n", 0, node.start_byte) + 1
                message = f"line {line} does this for {self._words.new} already, otherwise than the edit would"
                self._refuse(copy.unit.node, _TAKEN, message)
                return True
        return False

    def _rivals(self, copy: Copy) -> Iterator[Node]:
        """Yield what does for the new word, where the copy would, something in the role of the copy."""
        new = Likeness(self._words.new, self._words.new)
        keys = {tuple(self._words.renamed(token) for token in key) for key in copy.unit.keys}
        for statement, about in statements_about(self._parsed, self._definition.node, new):
            if about.key in keys and _share_a_block(statement, copy.unit.node):
                yield statement
        declared = {key[1] for key in keys if key[0] == b"declares"}
        for span in self._new_spans(self._definition.node):
            name = self._parsed.node_at(*span)
            if self._parsed.text(name) in declared and use_at(self._parsed, *span).role is Role.DECLARES_OTHER:
                parameter = self._definition.list.start_byte <= span[0] < self._definition.list.end_byte
                if parameter or _share_a_block(name, copy.unit.node):
                    yield name

    def _refuse(self, node: Node, slug: Slug, message: str) -> None:
        self._book.refuse(self._path, self._first(node), slug, message, function=self._definition.name)

    def _first(self, node: Node) -> Span:
        return self._spans(node)[0]

    def _spans(self, node: Node) -> list[Span]:
        return list(self._words.spans(self._parsed.data, node.start_byte, node.end_byte))

    def _new_spans(self, node: Node) -> list[Span]:
        new = Likeness(self._words.new, self._words.new)
        return list(new.spans(self._parsed.data, node.start_byte, node.end_byte))


def _share_a_block(one: Node, other: Node) -> bool:
    """Whether one of two nodes stands in the innermost block of the other, at any depth."""
    for first, second in ((one, other), (other, one)):
        block = enclosing(first, "compound_statement")
        if block is not None and block.start_byte <= second.start_byte < block.end_byte:
            return True
    return False
