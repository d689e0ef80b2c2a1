# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``replace-statement``: statements of a function become others."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from patchgen.planning.anchors import Anchor
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.locals import check_captures, declared_by, hides, used_in
from patchgen.planning.replacing import Forms, check_forms
from patchgen.syntax.c.patterns import Pattern
from patchgen.syntax.c.statements import is_value, stands_free, statement_of

if TYPE_CHECKING:
    from patchgen.planning.functions import Function
    from patchgen.planning.ledger import Plan
    from patchgen.syntax.c.patterns import Match
    from patchgen.tree import Tree

__all__ = ["ReplaceStatement"]

_PLAIN = frozenset(
    {"expression_statement", "return_statement", "break_statement", "continue_statement", "goto_statement"}
)


class ReplaceStatement(Edit, frozen=True, tag="replace-statement"):
    """Replace the statements of the form `statement` in the function `in` by the statements `with`.

    As ``replace-expression``, with one statement or several in a row; both texts have a tab a level.
    The branch of an ``if`` or a loop without braces can only be replaced by one plain statement.
    New statements may not declare a variable that the function has already.

    Owns no name: its places are those that have one of the two forms.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "replace-statement"\nin = "store"\nstatement = "write($fd, $b, $n);"\n'
            'with = """\nif (write($fd, $b, $n) != $n)\n\treturn -1;\n"""\n',
            before={"s.c": "int store(int fd, char *b)\n{\n  write(fd, b, 9);\n  return 0;\n}\n"},
            after={
                "s.c": "int store(int fd, char *b)\n{\n  if (write(fd, b, 9) != 9)\n    return -1;\n  return 0;\n}\n"
            },
        ),
    )

    in_: OneOrMany
    statement: str
    with_: str = msgspec.field(name="with")
    within: Anchor | None = None
    sites: int = 1

    def __post_init__(self) -> None:
        check_forms(Pattern.statements(self.statement), Pattern.statements(self.with_))
        if self.sites < 1:
            msg = "`sites` is the number of places, at least 1"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return nothing: no name is owned."""
        return frozenset()

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in many(self.in_))

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        forms = Forms(Pattern.statements(self.statement), Pattern.statements(self.with_), self.with_, self._check)
        return forms.plan(self, tree, self.in_, self.within, self.sites)

    def _check(self, tree: Tree, function: Function, match: Match) -> None:
        """Check that *match* can be replaced.

        :raises ValueError: it cannot.
        """
        new, old = Pattern.statements(self.with_), Pattern.statements(self.statement)
        branch = statement_of(match.node) != match.node
        if branch and not _is_plain(new):
            msg = "this is the branch of an if, an else or a loop without braces: only one plain statement can stand there"
            raise ValueError(msg)
        free = branch or stands_free(function.parsed, match.node, match.nodes[-1])
        if not free and not (_is_plain(new) and _is_plain(old)):
            msg = (
                "what stands before this is unfinished (an if, an else, a loop, or a macro), in some arm of an #if "
                "at least, or an else follows: only one plain statement can take the place of another there"
            )
            raise ValueError(msg)
        if is_value(match.nodes[-1]) and not _is_plain(new):
            msg = "this is the value of the block around it: only one plain statement can stand there"
            raise ValueError(msg)
        check_captures(self.with_, match.bindings)
        self._check_names(tree, function, match)

    def _check_names(self, tree: Tree, function: Function, match: Match) -> None:
        """Check what is declared by the new statements, and by the old ones no more.

        :raises ValueError: the function has something of a new name, or uses an old one elsewhere.
        """
        new, old = (
            {match.bindings.get(name[1:].decode("latin-1"), name) for name in declared_by(Pattern.statements(text))}
            for text in (self.with_, self.statement)
        )
        for name in sorted(new - old):
            if hides(tree, function, match.node, name, match.span) is not None:
                msg = f"{function.name} has something called {name.decode('latin-1')} already"
                raise ValueError(msg)
        for name in sorted(old - new):
            if used_in(function.parsed, function.body, name, outside=match.span) is not None:
                msg = f"{name.decode('latin-1')}, which is declared here, is used elsewhere in {function.name}"
                raise ValueError(msg)


def _is_plain(pattern: Pattern) -> bool:
    return len(pattern.roots) == 1 and pattern.roots[0].type in _PLAIN
