# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``perl-insert``: statements, a table or a sub go into a Perl program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import msgspec

from patchgen.findings import Slug
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.perl import perl_files, scopes, settle
from patchgen.planning.perl_text import beside, inside, runs, statements_of
from patchgen.planning.words import ANCHOR, DIFFERS, SEVERAL, UNREADABLE, one_of, spans_of
from patchgen.syntax import perl
from patchgen.syntax.parsed import descendants
from patchgen.tree import mentions

if TYPE_CHECKING:
    from tree_sitter import Node

    from patchgen.planning.ledger import Plan
    from patchgen.planning.perl_text import Statements
    from patchgen.syntax.parsed import Span
    from patchgen.syntax.perl import Perl
    from patchgen.tree import Tree

__all__ = ["PerlAnchor", "PerlInsert"]

_VALUE = Slug.define(
    "takes-the-value",
    """The statements would stand behind the expression whose value a sub gives, or behind its return: the sub would
    give another value, or they would never be reached. Put them before it.""",
)
_FOR_EFFECT = frozenset({b"print", b"printf", b"say", b"warn", b"close", b"push", b"unshift", b"unlink", b"binmode"})
"""Functions of Perl that are hardly called for what they return."""


class PerlAnchor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which statement of a scope is meant; exactly one key, its value a name or alternatives.

    :param variable: the one that declares this variable (with its sigil); :param sub: that defines this sub.
    :param call: that calls this function; :param use: the ``use`` line of this module.
    :param user: the first one that uses this variable, its declaration not counted.
    :param heredoc: the one with the here-document that holds this text.
    """

    variable: OneOrMany = ()
    sub: OneOrMany = ()
    call: OneOrMany = ()
    use: OneOrMany = ()
    user: OneOrMany = ()
    heredoc: OneOrMany = ()

    def __post_init__(self) -> None:
        given = [key for key in self.__struct_fields__ if getattr(self, key)]
        if len(given) != 1:
            msg = f"an anchor has exactly one of: {', '.join(self.__struct_fields__)}"
            raise ValueError(msg)

    @property
    def kind(self) -> str:
        """The key that is given."""
        return next(key for key in self.__struct_fields__ if getattr(self, key))

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names or texts that are given."""
        return many(getattr(self, self.kind))


class PerlInsert(Edit, frozen=True, tag="perl-insert"):
    r"""Insert statements, a table or a sub into a Perl program.

    `text` is Perl, with one TAB for a level of indentation; it is written with the indentation and
    the line ends of the place. An empty line that it begins or ends with is kept. The scope is the
    body of the sub `in`, else the file; the place is a statement directly in it: `after` or `before`
    an anchor (a table with one of the keys variable, sub, call, use, user, heredoc), or `at = "start"`
    or `"end"`. A statement in which the anchor stands deeper (an ``if`` round the call) counts as a whole.

    Owns what `text` declares (a variable in all its spellings: ``%x``, ``$x{…}``, ``@x{…}``), else the
    name in the anchor, in the files it covers. Present when the scope has the statements, one after
    the other and on the right side of the anchor. Refused when the scope, or one around it, declares
    one of the names already, or when what is put in would capture a use of the name that is there.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "perl-insert"\nfiles = ["greet.pl"]\nafter = { variable = "$name" }\n'
            "text = '''\nmy %titles = (\n\tmr => 'Mr',\n);\n'''\n",
            before={"greet.pl": "use strict;\nmy $name = 'you'; # who\nprint $name;\n"},
            after={
                "greet.pl": "use strict;\nmy $name = 'you'; # who\nmy %titles = (\n    mr => 'Mr',\n);\nprint $name;\n",
            },
        ),
    )

    text: str
    after: PerlAnchor | None = None
    before: PerlAnchor | None = None
    at: str = ""
    in_: str = ""

    def __post_init__(self) -> None:
        statements_of(self.text)
        given = (self.after is not None) + (self.before is not None) + bool(self.at)
        if self.at not in {"", "start", "end"} or given != 1:
            msg = 'give one of: after, before, at = "start", at = "end"'
            raise ValueError(msg)
        if self.at and not self.in_ and not self.files:
            msg = "give files or in: else there is no name that says which file is meant"
            raise ValueError(msg)

    @property
    def _anchor(self) -> PerlAnchor | None:
        return self.after or self.before

    def names(self) -> frozenset[str]:
        """Return the names that the text declares, bare and as a scalar or element; else those of the anchor."""
        new = statements_of(self.text).declares
        if new:
            bare = {name.lstrip("$@%") for name in new}
            return frozenset(bare | {f"${name.lstrip('$@%')}" for name in new if name[0] in "$@%"})
        return frozenset(self._anchor_words() or ({self.in_} if self.in_ else ()))

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in (*self.names(), *self._anchor_words(), *filter(None, [self.in_])))

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book, new = Book(self, tree), statements_of(self.text)
        names = sorted(self.names())
        places: list[_Place] = []
        anywhere = bool(self.at) and not self.in_  # a file that has none of the names may be meant
        words = [] if anywhere else sorted(word.decode() for word in self.words())
        for path, parsed in perl_files(self, book, words, names):
            inner = scopes(book, path, parsed, self.in_)
            places += [place for scope in inner for place in self._places(path, parsed, scope)]
            self._survey(book, _Looked(path, parsed, inner), names, new)
        if len(places) == 1:
            self._judge(book, places[0], new)
        elif not places and not book.refused:
            book.refuse_edit(ANCHOR, f"{self._description()} is nowhere in the files of this edit")
        for place in places if len(places) > 1 else ():
            book.refuse(place.path, place.span, SEVERAL, f"{self._description()} fits {len(places)} statements")
        return book.plan()

    # -- the place

    def _anchor_words(self) -> tuple[str, ...]:
        anchor = self._anchor
        return anchor.wanted if anchor is not None else ()

    def _description(self) -> str:
        anchor = self._anchor
        where = f" in {self.in_}" if self.in_ else ""
        return f"the {anchor.kind} {one_of(anchor.wanted)}{where}" if anchor is not None else f"the {self.at}{where}"

    def _places(self, path: str, parsed: Perl, scope: Node) -> list[_Place]:
        """Return the statements of *scope* that the anchor fits."""
        anchor = self._anchor
        if anchor is None:
            return [_Place(path, parsed, scope, None, (scope.start_byte, scope.start_byte + 1))]
        own = {statement.start_byte for statement in self._run(parsed, scope)}
        for name in anchor.wanted:
            found: dict[int, _Place] = {}
            for node in _anchors(parsed, scope, anchor.kind, name):
                statement = perl.statement_in(scope, node)
                if statement is not None and statement.start_byte not in own:
                    span = (node.start_byte, node.end_byte)
                    found.setdefault(statement.start_byte, _Place(path, parsed, scope, statement, span))
            if found:
                return list(found.values())[: 1 if anchor.kind == "user" else None]
        return []

    def _run(self, parsed: Perl, scope: Node) -> list[Node]:
        """Return the statements of *scope* that say what the text says, one after the other; none if it has not."""
        wanted, have = statements_of(self.text).tokens, runs(parsed, scope)
        for at in range(len(have) - len(wanted) + 1):
            if have[at : at + len(wanted)] == wanted:
                return perl.statements(scope)[at : at + len(wanted)]
        return []

    def _judge(self, book: Book, place: _Place, new: Statements) -> None:
        parsed, scope, statement = place.parsed, place.scope, place.statement
        if statement is not None and not all(
            map(perl.is_sound, _touched(scope, statement, before=self.before is not None))
        ):
            book.refuse(place.path, place.span, UNREADABLE, "the statement did not parse, or the one before it")
            return
        listed = self._run(parsed, scope)
        if listed:
            right = statement is None or (
                listed[0].start_byte > statement.start_byte
                if self.after
                else listed[-1].end_byte <= statement.start_byte
            )
            if not right:
                book.refuse(place.path, place.span, DIFFERS, "the statements are on the other side of this")
                return
            book.present(place.path, place.span)
            return
        taken = self._taken(place, new)
        for name, node in taken:
            span = (node.start_byte, node.end_byte)
            book.refuse(place.path, span, DIFFERS, f"{name} is declared here already, and not as the edit would")
        if taken:
            return
        if not self.before and self.at != "start":
            last = next(reversed(perl.statements(scope)), None)
            gives = _is_value if self.in_ else _is_constant
            if last is not None and statement in {None, last} and gives(parsed, last):
                message = f"this is what {self.in_ or 'the file'} gives, and what stands behind it would take its place"
                book.refuse(place.path, (last.start_byte, last.end_byte), _VALUE, message, "put them before it")
                return
        if statement is None:
            replacement = inside(parsed, scope, new, first=self.at == "start")
        else:
            replacement = beside(parsed, statement, new, before=self.before is not None)
        if replacement is None:
            book.refuse(place.path, place.span, UNREADABLE, "the statement shares its line with another one")
        else:
            book.edit(place.path, place.span, replacement)

    def _taken(self, place: _Place, new: Statements) -> list[tuple[str, Node]]:
        """Return the declarations of the new names in the scope and in those around it."""
        found: list[tuple[str, Node]] = []
        for name, node, block in place.parsed.declarations:
            if name in new.declares and (
                block.start_byte <= place.scope.start_byte and block.end_byte >= place.scope.end_byte
            ):
                found.append((name, node))
        return found

    # -- the ledger

    def _survey(self, book: Book, looked: _Looked, names: list[str], new: Statements) -> None:
        """Enter the mentions of the names in one file."""
        path, parsed = looked.path, looked.parsed
        for span in spans_of(parsed.data, names):
            role = perl.role_at(parsed, *span)
            variable = perl.variable_at(parsed, *span) if role is perl.Role.CODE else None
            word = parsed.data[span[0] : span[1]].decode("latin-1")
            if role is not perl.Role.CODE:
                settle(book, path, parsed, span)
            elif not new.declares:
                book.excuse(path, span, Reason.UNCHANGED_USE, "where the edit takes its place from, or another use")
            elif variable is not None and variable[0] in new.declares:
                _judge_variable(book, looked, span, *variable)
            elif variable is None and word in new.declares:
                book.excuse(path, span, Reason.UNCHANGED_USE, "the sub")
            else:
                settle(book, path, parsed, span)


def _is_value(parsed: Perl, statement: Node) -> bool:
    """Whether the last statement of a sub says what the sub gives: an expression that is not there for its effect.

    perlsub: "If no return is found and if the last statement is an expression, its value is returned."
    """
    expression = statement.named_children[0] if statement.type == "expression_statement" else None
    if expression is None or expression.type == "assignment_expression":
        return False
    called = next((child for child in expression.named_children if child.type == "function"), None)
    return called is None or parsed.text(called) not in _FOR_EFFECT


def _is_constant(parsed: Perl, statement: Node) -> bool:
    """Whether a statement is but a true constant, as the last of a module is (perlfunc, require)."""
    return (
        re.fullmatch(rb"[\"']?\w+[\"']?\s*;?", parsed.text(statement)) is not None
        and statement.type == "expression_statement"
    )


def _judge_variable(book: Book, looked: _Looked, span: Span, name: str, node: Node) -> None:
    """Enter a mention of a variable of a new name: a use of it, or one of the same name elsewhere."""
    path, parsed = looked.path, looked.parsed
    own = perl.binding(parsed, name, node)
    if own is not None and own.block not in looked.scopes:
        book.excuse(path, span, Reason.OTHER_BINDING, f"declared in line {own.node.start_point[0] + 1}")
    elif own is not None and own.node.start_byte <= node.start_byte < own.node.end_byte:
        book.excuse(path, span, Reason.PRESENT, "declared here")
    elif own is not None or b"use strict" in parsed.data or "::" in name:
        book.excuse(path, span, Reason.UNCHANGED_USE)
    elif not any(_below(scope, node) for scope in looked.scopes):
        book.excuse(path, span, Reason.OTHER_BINDING, "a global variable")
    else:
        book.refuse(path, span, DIFFERS, f"{name} is used here as a global variable, which the new one would hide")


@dataclass(frozen=True, slots=True)
class _Looked:
    """A file, and the scopes in it that the edit looks into."""

    path: str
    parsed: Perl
    scopes: list[Node]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the text may go: beside a statement of a scope, or into a scope; and what stands for it in the ledger."""

    path: str
    parsed: Perl
    scope: Node
    statement: Node | None
    span: Span


def _anchors(parsed: Perl, scope: Node, kind: str, name: str) -> list[Node]:
    """Return the nodes in *scope* that an anchor means."""
    if kind in {"variable", "sub"}:
        return [found.node for found in parsed.declarations if found.name == name and found.block == scope]
    if kind == "heredoc":
        return [
            h.token for h in parsed.heredocs if name.encode() in parsed.data[slice(*h.body)] and _below(scope, h.token)
        ]
    if kind == "call":
        return [node for node in descendants(scope, "function", "method") if parsed.text(node) == name.encode()]
    if kind == "use":
        return [node for node in descendants(scope, "package") if _is_used(node) and parsed.text(node) == name.encode()]
    declared = {(d.node.start_byte, d.node.end_byte) for d in parsed.declarations if d.name == name}
    return [
        node
        for span in mentions(
            parsed.data, [name.encode(), name.lstrip("$@%").encode(), b"$" + name.lstrip("$@%").encode()]
        )
        if _below(scope, node := parsed.node_at(*span))
        and (found := perl.variable_at(parsed, *span)) is not None
        and found[0] == name
        and not any(start <= span[0] < end for start, end in declared)
    ]


def _touched(scope: Node, statement: Node, *, before: bool) -> list[Node]:
    """Return the statements that the text goes beside: one that is cut off above takes in what follows it."""
    listed = perl.statements(scope)
    at = listed.index(statement) if statement in listed else 0
    return listed[max(0, at - 1) : at + 1] if before else [statement]


def _is_used(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "use_statement"


def _below(scope: Node, node: Node) -> bool:
    return scope.start_byte <= node.start_byte and node.end_byte <= scope.end_byte
