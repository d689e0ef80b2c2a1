# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a tree that an edit can be conditional on: a function, a struct, a file, a word.

A fact is never a version: what matters is what the tree has. Keys of one table must all hold.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from patchgen.syntax import c
from patchgen.syntax.c.patterns import Pattern
from patchgen.syntax.c.structs import struct_at
from patchgen.tree import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchgen.syntax.c import C
    from patchgen.syntax.c.structs import Struct
    from patchgen.tree import Tree

__all__ = ["Fact"]

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A condition on the tree.

    :param function: there is a definition of this function; with ``parameter``, it has one of that name; with
        ``holds``, an expression of that form, in which ``$name`` stands for any one.
    :param struct: there is a definition of the struct or union of that tag or typedef name; with ``member``, it has
        one of that name or, where that is a whole declaration, one that is declared so.
    :param file: there is a file whose path matches this glob; it also limits the other keys.
    :param word: the word stands in code of a C file, or anywhere in another.
    :param all, any, none: further facts, combined.
    """

    function: str | None = None
    parameter: str | None = None
    holds: str | None = None
    struct: str | None = None
    member: str | None = None
    file: str | None = None
    word: str | None = None
    all: tuple[Fact, ...] = ()
    any: tuple[Fact, ...] = ()
    none: tuple[Fact, ...] = ()

    def __post_init__(self) -> None:
        if (self.parameter is not None or self.holds is not None) and self.function is None:
            msg = "`parameter` and `holds` are of a `function`"
            raise ValueError(msg)
        if self.member is not None and self.struct is None:
            msg = "`member` is of a `struct`"
            raise ValueError(msg)
        if self.holds is not None and Pattern.expression(self.holds).bare:
            msg = f"{self.holds!r} fits every place: it needs a word or an operator of its own"
            raise ValueError(msg)
        if self.member is not None and not _NAME.fullmatch(self.member):
            _declared_alone(self.member)

    def words(self) -> frozenset[bytes]:
        """Return the words that the fact is looked up by."""
        own = {word.encode() for word in (self.function, self.struct, self.word) if word}
        return frozenset(own.union(*(fact.words() for fact in (*self.all, *self.any, *self.none))))

    def is_true(self, tree: Tree) -> bool:
        """Whether the fact is true of *tree*."""
        own = [
            looked(tree)
            for asked, looked in (
                (self.function, self._declared),
                (self.struct, self._with_struct),
                (self.word, self._worded),
            )
            if asked is not None
        ]
        if not all(map(any, own)):
            return False
        if not own and self.file is not None and not tree.matching((self.file,)):
            return False
        return (
            all(fact.is_true(tree) for fact in self.all)
            and (not self.any or any(fact.is_true(tree) for fact in self.any))
            and not any(fact.is_true(tree) for fact in self.none)
        )

    def _paths(self, tree: Tree, word: str) -> Iterator[str]:
        for path in tree.mentioning([word.encode()]):
            if self.file is None or fnmatchcase(path, self.file):
                yield path

    def _declared(self, tree: Tree) -> Iterator[str]:
        for path in self._paths(tree, self.function or ""):
            if c.is_c(path):
                parsed = c.parse(tree.read(path))
                for found in c.function_named(parsed, self.function or ""):
                    if (self.parameter is None or found.index(self.parameter) is not None) and self._in(parsed, found):
                        yield path

    def _in(self, parsed: C, found: c.Declaration) -> bool:
        """Whether a definition has what the fact says of its body."""
        if self.holds is None:
            return True
        body = found.node.child_by_field_name("body")
        return body is not None and any(
            not parsed.is_dead(match.span[0]) for match in Pattern.expression(self.holds).find(parsed, body)
        )

    def _with_struct(self, tree: Tree) -> Iterator[str]:
        name = self.struct or ""
        for path in filter(c.is_c, self._paths(tree, name)):
            parsed = c.parse(tree.read(path))
            for span in mentions(parsed.data, [name.encode()]):
                found = struct_at(parsed, parsed.node_at(*span)) if not parsed.is_dead(span[0]) else None
                if found is not None and self._has_member(found):
                    yield path

    def _has_member(self, found: Struct) -> bool:
        if self.member is None:
            return True
        if _NAME.fullmatch(self.member):
            return found.member(self.member) is not None
        wanted = _declared_alone(self.member)
        return any((member.name, member.type) == wanted for member in found.members)

    def _worded(self, tree: Tree) -> Iterator[str]:
        word = (self.word or "").encode()
        for path in self._paths(tree, self.word or ""):
            data = tree.read(path)
            if not c.is_c(path):
                if re.search(rb"(?<!\w)" + re.escape(word) + rb"(?!\w)", data):
                    yield path
                continue
            parsed = c.parse(data)
            dumb = {c.Role.COMMENT, c.Role.STRING, c.Role.DEAD}
            if any(c.use_at(parsed, *span).role not in dumb for span in mentions(data, [word])):
                yield path


def _declared_alone(text: str) -> tuple[str, tuple[bytes, ...]]:
    """Return name and type of one member declaration.

    :raises ValueError: *text* is not one.
    """
    parsed = c.parse(f"struct held {{ {text.rstrip().rstrip(';')}; }};\n".encode())
    specifier = next((node for node in parsed.root.children if node.type == "struct_specifier"), None)
    name = specifier.child_by_field_name("name") if specifier is not None else None
    found = struct_at(parsed, name) if name is not None and not parsed.faults else None
    if found is None or len(found.members) != 1:
        msg = f"{text!r} is not the declaration of one member"
        raise ValueError(msg)
    return found.members[0].name, found.members[0].type
