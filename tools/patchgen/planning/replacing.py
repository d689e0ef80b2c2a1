# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``replace-expression`` and ``replace-statement`` share: an old form and a new one, and who has which."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import c
from patchgen.syntax.c.patterns import leaves
from patchgen.syntax.c.precedence import PRIMARY, level
from patchgen.syntax.c.rewrite import lost_comments, rewritten
from patchgen.syntax.parsed import ancestors, enclosing

from .anchors import in_its_own_code, matches, scopes
from .evaluated import effect, not_once
from .functions import EVERY, functions_with, the_functions
from .ledger import Book
from .macros import becomes
from .scope import shadowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.syntax.c.patterns import Match, Pattern
    from patchgen.tree import Tree

    from .anchors import Anchor
    from .edit import Edit, OneOrMany
    from .functions import Function
    from .ledger import Plan

__all__ = ["Forms", "check_forms", "names_of"]

_NESTED = Slug.define(
    "nested-matches",
    """The pattern fits an expression and also a part of it, so that it cannot be told which one is to
    be replaced. Give the pattern more words.""",
)
_UNFIT = Slug.define(
    "unfit-replacement",
    """The new text cannot be put in the place of the old with certainty: a directive of the preprocessor
    stands within, or together with what is around it the text would mean something else.""",
)
_COMMENT = Slug.define(
    "comment-lost",
    """A comment stands within what is replaced, and the new text has no place for it.""",
)

_TIGHT = frozenset({"call_expression", "subscript_expression", "field_expression", "sizeof_expression"})
_PLACES = frozenset(
    {
        "subscript_expression",
        "field_expression",
        "parenthesized_expression",
        "pointer_expression",
        "compound_literal_expression",
    }
)
_COMMAS = re.compile(rb"""[(),]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""", re.DOTALL)
_META = re.compile(rb"\$(\w+)")
_LITERALS = frozenset({"number_literal", "char_literal"})


def check_forms(old: Pattern, new: Pattern) -> None:
    """Check that a place of the old form and one of the new can be told apart.

    :raises ValueError: they cannot.
    """
    if old.bare or new.bare:
        msg = "a pattern that is nothing but a metavariable fits every place: it needs a word or an operator of its own"
        raise ValueError(msg)
    unbound = new.metavariables - old.metavariables
    if unbound:
        msg = f"the pattern binds no ${min(unbound)}"
        raise ValueError(msg)
    first = new.match(new.parsed, new.roots[0])
    same = old.match(new.parsed, new.roots[0]) if len(old.roots) == len(new.roots) else None
    if first is None or same is not None:
        msg = "what has the new form has the old one too, so that nobody could tell whether it was replaced"
        raise ValueError(msg)


class Forms:
    """The places of one function, or of part of it, that have the old form, and those that have the new."""

    def __init__(
        self, old: Pattern, new: Pattern, text: str, check: Callable[[Tree, Function, Match], None] = lambda *_: None
    ) -> None:
        """Take the two forms.

        :param text: the new form as the semantic patch has it.
        :param check: raises ValueError where a place cannot be edited.
        """
        self._old, self._new, self._text, self._check = old, new, text, check

    def plan(self, edit: Edit, tree: Tree, names: OneOrMany, within: Anchor | None, sites: int) -> Plan:
        """Plan the edit: each place of the old form gets the new one."""
        book = Book(edit, tree)
        everywhere = names == EVERY
        if everywhere:
            functions = functions_with(edit, book, self._old.word, self._new.word)
        else:
            functions = the_functions(edit, book, names, several=sites > 1)
        for function in functions:
            found = 0
            for scope in scopes(book, function, within):
                new = list(_live(book, function, self._new.find(function.parsed, scope)))
                old = list(_live(book, function, matches(book, function, scope, self._old)))
                old = [match for match in old if not _part_of_any(match, new)]
                new = [match for match in new if not _part_of_any(match, old)]
                found += len(old) + len(new)
                self._enter(book, function, old, new)
            if not found and not everywhere and not book.refused:
                book.missing(f"{self._old.text} in {function.name}")
        if everywhere and not book.sites and not book.refused:
            book.missing(f"{self._old.text} in any function")
        return book.plan(sites)

    def _enter(self, book: Book, function: Function, old: list[Match], new: list[Match]) -> None:
        path, parsed = function.path, function.parsed
        for match in new:
            book.present(path, match.span)
        for match in old:
            if any(other is not match and _within(match, other.span) for other in old):
                book.refuse(
                    path,
                    match.span,
                    _NESTED,
                    "this is a part of another place of the same form",
                    function=function.name,
                )
                continue
            try:
                self._check(book.tree, function, match)
                self._check_repeated(parsed, match)
                self._check_once(book.tree, parsed, match)
                self._check_shadowed(book.tree, path, parsed, match)
                self._check_written(book.tree, parsed, match)
                text = f"({self._text.strip()})" if self._is_loose_argument(book.tree, parsed, match) else self._text
                replacement = rewritten(parsed, match, self._old, text, partial(becomes, book.tree))
            except ValueError as error:
                book.refuse(path, match.span, _UNFIT, str(error), function=function.name)
                continue
            book.edit(path, match.span, replacement)
            for comment in lost_comments(parsed, match, replacement):
                book.warn(
                    path, (comment.start_byte, comment.end_byte), _COMMENT, "this comment goes with what is replaced"
                )

    def _check_repeated(self, parsed: C, match: Match) -> None:
        """Check that the new form does nothing more or less often than the old one.

        :raises ValueError: it does.
        """
        before, then = _evaluated(self._old), _evaluated(self._new)
        for name, node in match.bound.items():
            done = effect(parsed, node) if then[name] != before[name] else None
            if done is not None:
                text = parsed.text(done).decode("utf-8", "replace")
                msg = f"${name} would be evaluated {then[name]} times, not {before[name]}, and {text} may do something"
                raise ValueError(msg)

    def _check_once(self, tree: Tree, parsed: C, match: Match) -> None:
        """Check that an effect that only the new form has is had once.

        :raises ValueError: it is not.
        """
        root = self._new.roots[0]
        if effect(self._new.parsed, root) is None or effect(self._old.parsed, self._old.roots[0]) is not None:
            return
        reason = not_once(tree, parsed, match.node)
        if reason:
            msg = f"the new form does something, and what stands here {reason}"
            raise ValueError(msg)

    def _check_shadowed(self, tree: Tree, path: str, parsed: C, match: Match) -> None:
        """Check that the names of both forms mean at *match* what they mean elsewhere in the function.

        :raises ValueError: one is that of an inner variable there.
        """
        words = dict.fromkeys(word for pattern in (self._old, self._new) for word in names_of(pattern))
        word = shadowed(tree, path, parsed, match.node, words)
        if word is not None:
            msg = f"{word.decode('latin-1')} means an inner variable here, which hides another of that name"
            raise ValueError(msg)

    def _check_written(self, tree: Tree, parsed: C, match: Match) -> None:
        """Check that an expression that is written to, or whose address is taken, becomes one that can be (C17 6.3.2.1).

        :raises ValueError: it does not.
        """
        root = self._new.roots[0]
        callee = root.child_by_field_name("function")
        place = root.type in _PLACES or (callee is not None and _is_macro(tree, self._new.parsed.text(callee)))
        value = root.type.endswith("expression") or root.type in _LITERALS
        if value and not place and _is_written(parsed, match.node):
            msg = f"{parsed.text(match.node).decode('utf-8', 'replace')} is written to here, or its address taken"
            raise ValueError(msg)

    def _is_loose_argument(self, tree: Tree, parsed: C, match: Match) -> bool:
        """Whether the new form would be an argument of a macro, which may put it beside any operator, or be taken for several.

        A comma divides arguments outside of parentheses, in braces too (C17 6.10.3p11).
        """
        root, arguments = self._new.roots[0], match.node.parent
        call = arguments.parent if arguments is not None and arguments.type == "argument_list" else None
        callee = call.child_by_field_name("function") if call is not None else None
        loose = level(self._new.parsed, root) < PRIMARY and root.type not in _TIGHT
        if self._splits(match) and _in_macro(tree, parsed, match.node):
            return True
        return loose and callee is not None and callee.type == "identifier" and _is_macro(tree, parsed.text(callee))

    def _splits(self, match: Match) -> bool:
        """Whether the new form has a comma outside of parentheses, as a compound literal does."""
        depth = 0
        text = _META.sub(lambda name: match.bindings.get(name[1].decode(), b""), self._text.encode())
        for token in _COMMAS.finditer(text):
            depth += (token[0] == b"(") - (token[0] == b")")
            if token[0] == b"," and not depth:
                return True
        return False


def _in_macro(tree: Tree, parsed: C, node: Node) -> bool:
    """Whether *node* stands in an argument of a macro, with no parentheses around it but those of the macro."""
    for outer in ancestors(node):
        if outer.type == "argument_list":
            callee = outer.parent.child_by_field_name("function") if outer.parent is not None else None
            return callee is not None and callee.type == "identifier" and _is_macro(tree, parsed.text(callee))
        if outer.type in {"parenthesized_expression", "compound_statement"}:
            return False
    return False


def _is_written(parsed: C, node: Node) -> bool:
    """Whether an expression stands where only something with an address can."""
    at = node
    while at.parent is not None and at.parent.type == "parenthesized_expression":
        at = at.parent
    outer = at.parent
    if outer is None:
        return False
    if outer.type == "assignment_expression":
        return outer.child_by_field_name("left") == at
    return outer.type == "update_expression" or (
        outer.type == "pointer_expression" and parsed.text(outer.children[0]) == b"&"
    )


def _is_macro(tree: Tree, name: bytes) -> bool:
    """Whether *name* is that of a macro: in capitals, or defined as one in the tree."""
    if name == name.upper():
        return True
    defined = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+" + re.escape(name) + rb"\(", re.MULTILINE)
    return any(defined.search(tree.read(path)) for path in filter(c.is_c, tree.mentioning([name])))


def names_of(pattern: Pattern) -> Iterator[bytes]:
    """Yield the identifiers of a pattern that are no metavariables: those of variables, functions and macros."""
    for root in pattern.roots:
        for leaf in leaves(root):
            text = pattern.parsed.text(leaf)
            if leaf.type == "identifier" and text[:1] != b"$":
                yield text


def _evaluated(pattern: Pattern) -> Counter[str]:
    """Count how often each metavariable of a pattern is evaluated; the operand of ``sizeof`` is not."""
    found = (
        pattern.parsed.text(leaf)[1:].decode()
        for root in pattern.roots
        for leaf in leaves(root)
        if pattern.parsed.text(leaf)[:1] == b"$" and enclosing(leaf, "sizeof_expression") is None
    )
    return Counter(found)


def _live(book: Book, function: Function, found: Iterable[Match]) -> Iterable[Match]:
    for match in found:
        if in_its_own_code(book, function, match.node, match.span):
            yield match


def _part_of_any(match: Match, others: list[Match]) -> bool:
    """Whether *match* is a fixed part of one of *others*, and not in what a metavariable of it stands for."""
    return any(
        _within(match, other.span)
        and not any(_within(match, (node.start_byte, node.end_byte)) for node in other.bound.values())
        for other in others
    )


def _within(match: Match, span: tuple[int, int]) -> bool:
    return span[0] <= match.span[0] and match.span[1] <= span[1]
