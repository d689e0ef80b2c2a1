# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``insert-definition``: a function, table, type, macro or prototype at file level."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.files import the_file, the_file_with
from patchgen.planning.ledger import Book
from patchgen.planning.occurrences import occurrences, settle_plain
from patchgen.planning.places import Places
from patchgen.planning.standing import Standing
from patchgen.syntax.c import parse
from patchgen.syntax.c.toplevel import items_of

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.syntax.c import C
    from patchgen.tree import Tree

__all__ = ["Beside", "InsertDefinition"]


_AT_FILE_LEVEL = frozenset(
    {"function_definition", "declaration", "type_definition", "struct_specifier", "union_specifier", "enum_specifier"}
    | {"preproc_def", "preproc_function_def", "preproc_if", "preproc_ifdef", "comment"}
)


class Beside(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the new text stands beside: the definition, or the mere declaration, of a name (or of alternatives)."""

    definition: OneOrMany = ()
    declaration: OneOrMany = ()

    def __post_init__(self) -> None:
        if bool(self.definition) + bool(self.declaration) != 1:
            msg = "an anchor is a definition or a declaration"
            raise ValueError(msg)


class InsertDefinition(Edit, frozen=True, tag="insert-definition"):
    """Put a definition or a declaration (`text`) at file level into one file.

    `text` is C as it stands at file level: functions, tables, types, variables, macros, prototypes, with
    their comments; one tab a level, which becomes the file's own unit. `file` is a glob (or alternatives)
    that matches one file; without it, the file is the one that the place or the users stand in.

    The place is ``before`` or ``after`` an anchor (``{ definition = "F" }``, ``{ declaration = "F" }``), or
    ``at`` the ``"start"`` (behind the leading includes) or ``"end"``. With none of them the text goes before
    the first of its users: the functions in `users`, or, without that key, whatever in the file uses one of
    its names already. It goes into an arm of an ``#if`` only if all users are in that arm, else above (or
    below) the whole ``#if``; and never between an item and the comment directly above it. One-line
    declarations and macros stand close to a one-line anchor; anything else gets a blank line.

    Owns the names that `text` defines, in the whole tree. A definition of a name with the same tokens is
    *present*; another one refuses the edit, also in a file that is included or that includes this one.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "insert-definition"\nfile = "m.c"\nusers = ["main"]\n'
            'text = """\n/* Twice x. */\nstatic int twice(int x)\n{\n\treturn 2 * x;\n}\n"""\n',
            before={"m.c": "#include <stdio.h>\n\n/* Starts here. */\nint main(void)\n{\n  return 0;\n}\n"},
            after={
                "m.c": "#include <stdio.h>\n\n/* Twice x. */\nstatic int twice(int x)\n{\n  return 2 * x;\n}\n\n"
                "/* Starts here. */\nint main(void)\n{\n  return 0;\n}\n"
            },
        ),
        Example(
            edit='kind = "insert-definition"\nfile = "m.h"\nafter = { declaration = "once" }\ntext = "int twice(int x);"\n',
            before={"m.h": "#ifndef M_H\n#define M_H\nint once(int x);\n#endif\n"},
            after={"m.h": "#ifndef M_H\n#define M_H\nint once(int x);\nint twice(int x);\n#endif\n"},
        ),
    )

    text: str
    file: OneOrMany = ()
    before: Beside | None = None
    after: Beside | None = None
    at: str = ""
    users: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self.text)
        if not self.file and not (self.before or self.after or self.users):
            msg = "give `file`, or a place or `users` that tell which file it is"
            raise ValueError(msg)
        if self.at not in {"", "start", "end"} or sum(map(bool, (self.before, self.after, self.at, self.users))) > 1:
            msg = 'give at most one of: before, after, users, at = "start", at = "end"'
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the names that the text defines or declares: they are owned in the whole tree."""
        return frozenset(named.name for item in items_of(_parsed(self.text)) for named in item.names)

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        path = the_file(self, book, many(self.file)) if self.file else self._told(book)
        if path is None:
            return book.plan()
        standing = Standing(book, path, _parsed(self.text))
        for mention in occurrences(self, book, *self.names()):
            if not settle_plain(book, mention):
                standing.judge(mention)
        if standing.absent():
            self._place(Places(book, path, self.text), standing)
        return book.plan()

    def _told(self, book: Book) -> str | None:
        """Return the file that the place, or the users, stand in; None after a refusal."""
        anchor = self.before or self.after
        if anchor is not None:
            return the_file_with(
                self, book, many(anchor.definition or anchor.declaration), declares=bool(anchor.declaration)
            )
        return the_file_with(self, book, self.users, declares=False)

    def _place(self, places: Places, standing: Standing) -> None:
        anchor = self.before or self.after
        if anchor is not None:
            names = many(anchor.definition or anchor.declaration)
            places.beside(names, declares=bool(anchor.declaration), behind=anchor is self.after)
        elif self.at:
            (places.at_start if self.at == "start" else places.at_end)()
        else:
            places.before_users(self.users, standing.users)


def _parsed(text: str) -> C:
    return parse(text.strip("\n").encode() + b"\n")


def _check(text: str) -> None:
    parsed = _parsed(text)
    loose = [node for node in parsed.root.named_children if node.type not in _AT_FILE_LEVEL]
    if parsed.faults or loose or not items_of(parsed):
        msg = f"{text!r} is not a definition or declaration of C at file level"
        raise ValueError(msg)
