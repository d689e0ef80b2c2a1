# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether declarations of one function agree: parameters of compatible types, however these are written.

C17 6.7.6.3: an array is a pointer, a qualifier of the parameter itself does not count (p15), a list without
anything says nothing (p14), and the types of a K&R definition stand behind its list (6.9.1p6).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.parsed import descendants, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchgen.syntax.c import Declaration
    from patchgen.syntax.c.includes import Inclusions
    from patchgen.tree import Tree

    from .occurrences import Mention

__all__ = ["Types", "says_nothing", "the_other_name"]

_QUALIFIERS = frozenset({b"const", b"volatile", b"restrict", b"__restrict", b"__restrict__", b"register", b"__const"})
_INTEGERS = frozenset({b"signed", b"unsigned", b"short", b"long", b"int", b"char", b"__signed__"})
_TYPEDEF = rb"\btypedef\b([^;{}()]*?[\w\s*])\b%b[ \t]*;"
_DEEPEST = 8
"""How many typedefs are followed, one behind the other."""

Type = tuple[bytes, ...]


def says_nothing(declaration: Declaration) -> bool:
    """Whether a declaration that is no definition has an empty list, ``()``, and so says nothing of the parameters."""
    return (
        declaration.kind is not c.Kind.DEFINITION
        and not declaration.parameters
        and not any(child.type not in {"(", ")", "comment"} for child in declaration.list.children)
    )


def the_other_name(declaration: Declaration, named: Declaration, index: int) -> bool:
    """Whether *declaration* calls all parameters as *named* does, and only the one of *index* otherwise."""
    mine = [parameter.name for parameter in declaration.parameters]
    theirs = [parameter.name for parameter in named.parameters]
    if len(mine) != len(theirs):
        return False
    same = [one == other for one, other in zip(mine, theirs, strict=True)]
    return "" not in mine + theirs and len(same) > 1 and [at for at, one in enumerate(same) if not one] == [index]


class Types:
    """The types of parameters, made comparable; typedefs of the tree are looked up where types differ."""

    def __init__(self, tree: Tree, sees: Inclusions) -> None:
        self._tree, self._sees = tree, sees

    def agree(self, one: tuple[Mention, Declaration], other: tuple[Mention, Declaration]) -> bool:
        """Whether two declarations have parameters of the same types."""
        mine, theirs = (_types(*pair) for pair in (one, other))
        if mine == theirs:
            return True
        if len(mine) != len(theirs):
            return False
        return all(
            first == second or self._plain(one[0].path, first) == self._plain(other[0].path, second)
            for first, second in zip(mine, theirs, strict=True)
        )

    def _plain(self, path: str, type_: Type) -> Type:
        """Return a type with the typedefs of the tree in it written out, as far as they name one plain type."""
        for _ in range(_DEEPEST):
            for at, word in enumerate(type_):
                meant = self._meant(path, word) if re.fullmatch(rb"[A-Za-z_]\w*", word) else None
                # A qualifier or a star beside a name that stands for a pointer belongs to the pointer.
                if meant is not None and not (b"*" in meant and (_QUALIFIERS.intersection(type_))):
                    type_ = _normal((*type_[:at], *meant, *type_[at + 1 :]))
                    break
            else:
                return type_
        return type_

    def _meant(self, path: str, word: bytes) -> Type | None:
        sees = self._sees.of(path)
        found = {
            tuple(re.findall(rb"\w+|\*", match))
            for other in self._tree.mentioning([word])
            if other in sees and c.is_c(other)
            for match in re.findall(_TYPEDEF % re.escape(word), self._tree.read(other))
        }
        return found.pop() if len(found) == 1 else None


def _types(mention: Mention, declaration: Declaration) -> Sequence[Type]:
    if not declaration.old_style:
        return [_normal(parameter.type) for parameter in declaration.parameters]
    declared = dict(_declared_behind(mention, declaration))
    return [declared.get(parameter.name, (b"int",)) for parameter in declaration.parameters]


def _declared_behind(mention: Mention, declaration: Declaration) -> Iterator[tuple[str, Type]]:
    """Yield the parameters that a K&R definition declares behind its list, with their types as they arrive."""
    parsed = mention.use.parsed
    for node in declaration.node.named_children:
        if node.type != "declaration":
            continue
        declarators = node.children_by_field_name("declarator")
        taken = {one.id for one in declarators}
        kind = [
            token
            for child in node.children
            if child.id not in taken and child.type not in {",", ";"}
            for token in tokens(parsed, child)
        ]
        for declarator in declarators:
            name = next(descendants(declarator, "identifier"), None)
            if name is not None:
                word = parsed.text(name)
                shape = [token for token in tokens(parsed, declarator) if token != word]
                yield word.decode("latin-1"), _promoted(_normal((*kind, *shape)))


_PROMOTED: Mapping[Type, Type] = {
    (b"char",): (b"int",),
    (b"short",): (b"int",),
    (b"float",): (b"double",),
    (b"_Bool",): (b"int",),
}


def _promoted(type_: Type) -> Type:
    """Return what a parameter of a K&R definition arrives as (C17 6.5.2.2p6)."""
    return _PROMOTED.get(type_, type_)


def _normal(type_: Type) -> Type:
    """Return the tokens of a parameter's type in one of the ways to write it."""
    text = list(type_)
    if b"[" in text and b"(" not in text:
        opening = text.index(b"[")
        closing = text.index(b"]", opening) if b"]" in text[opening:] else len(text) - 1
        rest = text[closing + 1 :]
        text = [*text[:opening], *([b"(", b"*", b")", *rest] if rest else [b"*"])]
    if b"(" not in text:
        last = max((at for at, token in enumerate(text) if token == b"*"), default=-1)
        text = (
            [token for at, token in enumerate(text) if at < last or token not in _QUALIFIERS]
            if last >= 0
            else [token for token in text if token not in _QUALIFIERS]
        )
        first = text.index(b"*") if b"*" in text else len(text)
        text = [*_base(text[:first]), *text[first:]]
    return tuple(text)


def _base(words: Sequence[bytes]) -> list[bytes]:
    """Return the words before the first star: qualifiers first, and integer types in one order (C17 6.7.2p2)."""
    qualifiers = sorted(word for word in words if word in _QUALIFIERS)
    others = [word for word in words if word not in _QUALIFIERS]
    if not others or not _INTEGERS.issuperset(others):
        return [*qualifiers, *others]
    signed = [b"unsigned"] if b"unsigned" in others else []
    if b"char" in others:
        return [*qualifiers, *([b"signed"] if {b"signed", b"__signed__"} & {*others} else signed), b"char"]
    size = [b"short"] if b"short" in others else [b"long"] * others.count(b"long")
    return [*qualifiers, *signed, *(size or [b"int"])]
