# SPDX-License-Identifier: GPL-3.0-or-later
"""What a struct holds of one kind: its members, those of the structs in it, and those of the arrays of both.

Behind a pointer is another object; nothing there belongs to the struct.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.c.structs import struct_at, struct_of
from patchgen.syntax.parsed import ancestors_within, descendants, enclosing, tokens
from patchgen.tree import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.syntax.c.structs import Member, Struct
    from patchgen.tree import Tree

__all__ = ["Reach", "Reached", "UnknownType", "element_of"]

_BEHIND = frozenset({b"*", b"("})
_WORDS = frozenset(
    b"void char short int long float double signed unsigned _Bool _Complex const volatile register".split()
)
_TAGS = frozenset({b"struct", b"union"})
_SCALARS = frozenset(
    b"bool size_t ssize_t off_t time_t clock_t pid_t uid_t gid_t mode_t dev_t ino_t id_t key_t suseconds_t "
    b"pthread_t socklen_t intptr_t uintptr_t ptrdiff_t wchar_t".split()
    + [f"{sign}int{bits}_t".encode() for sign in ("", "u") for bits in (8, 16, 32, 64)]
)
"""Types of the C library (C17 7.8, 7.18 to 7.20; POSIX.1 sys/types.h) that are numbers, or may be taken for one."""
_DEEPEST = 8


class UnknownType(ValueError):  # noqa: N818 - named for what was invalid
    """It cannot be said what a member holds. The message says why."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One member on the way, or one that was looked for.

    :param name: the member's name. :param extents: the texts between the brackets of the array of structs (or of
        what is looked for) that it is, the outermost first.
    :param inner: what is reached in the struct that it is; empty where it is itself what was looked for.
    """

    name: str
    extents: tuple[str, ...] = ()
    inner: tuple[Reached, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """Looks for arrays of one element type in the structs of a tree.

    :param element: the tokens of the type that an array is looked for of.
    :param opaque: types, by name, that hold none.
    """

    tree: Tree
    element: tuple[bytes, ...]
    opaque: frozenset[str] = frozenset()

    def of(self, name: str) -> tuple[Reached, ...]:
        """Return what is reached in the struct or union called *name*, in the order of its members.

        :raises UnknownType: the tree has no such struct, or a member's type that it does not tell anything of.
        """
        found = self._struct(name)
        if found is None:
            msg = f"{name} is no struct in the tree, or is several that differ"
            raise UnknownType(msg)
        return self._in(*found, name, _DEEPEST)

    def _in(self, parsed: C, struct: Struct, name: str, depth: int) -> tuple[Reached, ...]:
        if depth == 0:
            msg = f"{name} is nested too deep"
            raise UnknownType(msg)
        if struct.body.has_error:
            msg = f"not all of {name} parsed"
            raise UnknownType(msg)
        found = [
            reached
            for member in struct.members
            if (reached := self._member(parsed, struct, member, name, depth)) is not None
        ]
        parent = struct.body.parent
        if found and parent is not None and parent.type == "union_specifier":
            msg = f"{name} is a union: which of its members counts, nobody can tell from here"
            raise UnknownType(msg)
        return tuple(found)

    def _member(self, parsed: C, struct: Struct, member: Member, owner: str, depth: int) -> Reached | None:
        shape = member.bound
        base = member.type[: len(member.type) - len(shape)] if shape else member.type
        inner = struct_of(parsed, member.node)
        if inner is not None and not _BEHIND & set(member.type[-len(shape) - 1 :]):
            reached = self._in(parsed, inner, f"{owner}.{member.name}", depth - 1)
            found = (tuple(_extents(shape)), reached) if reached else None
        else:
            found = self._typed(tuple(word for word in base if word not in {b"const", b"volatile"}), shape, depth)
        if found is None:
            return None
        if any(at.type.startswith("preproc_") for at in ancestors_within(member.node, struct.body)):
            msg = f"{owner} has its member {member.name} in an arm of an #if"
            raise UnknownType(msg)
        return Reached(member.name, *found)

    def _typed(
        self, base: tuple[bytes, ...], shape: tuple[bytes, ...], depth: int
    ) -> tuple[tuple[str, ...], tuple[Reached, ...]] | None:
        """Return extents and what is reached in them, of something of that type; None for nothing."""
        extents = tuple(_extents(shape))
        if _BEHIND & {*base, *_outside(shape)} or b":" in base:
            return None
        if base == self.element:
            return (extents[:-1], ()) if extents else None
        if not set(base) - _WORDS or (len(base) == 1 and base[0] in _SCALARS) or base[:1] == (b"enum",):
            return None
        if b"{" in base or len(base) != 1 + (base[0] in _TAGS):
            msg = f"{b' '.join(base[:3]).decode('utf-8', 'replace')}: a type without a name"
            raise UnknownType(msg)
        name = base[-1].decode("latin-1")
        if name in self.opaque:
            return None
        found = self._struct(name)
        if found is not None:
            inner = self._in(*found, name, depth - 1)
            return (extents, inner) if inner else None
        return self._aliased(name, shape, depth)

    def _aliased(
        self, name: str, shape: tuple[bytes, ...], depth: int
    ) -> tuple[tuple[str, ...], tuple[Reached, ...]] | None:
        found = {_meaning(parsed, node) for parsed, node in self._places(name)} - {None}
        meaning = found.pop() if len(found) == 1 else None
        if meaning is None or depth == 0:
            msg = f"what the type {name} is, the tree does not say"
            raise UnknownType(msg)
        base, inner_shape = meaning
        return self._typed(base, (*shape, *inner_shape), depth - 1)

    def _struct(self, name: str) -> tuple[C, Struct] | None:
        """Return the struct called *name*; None where there is none, or where several differ."""
        found: dict[tuple[bytes, ...], tuple[C, Struct]] = {}
        for parsed, node in self._places(name):
            struct = struct_at(parsed, node)
            if struct is not None:
                found[tokens(parsed, struct.body)] = parsed, struct
        return next(iter(found.values())) if len(found) == 1 else None

    def _places(self, name: str) -> Iterator[tuple[C, Node]]:
        for path in filter(c.is_c, self.tree.mentioning([name.encode()])):
            parsed = c.parse(self.tree.read(path))
            for span in mentions(parsed.data, [name.encode()]):
                if not parsed.is_dead(span[0]):
                    yield parsed, parsed.node_at(*span)


def element_of(text: str) -> tuple[bytes, ...]:
    """Return the tokens of an element type such as ``char``.

    :raises ValueError: *text* is not the name of a type.
    """
    words = tuple(text.encode().split())
    if not words or not all(word.isidentifier() for word in text.split()):
        msg = f"{text!r} is not the name of a type"
        raise ValueError(msg)
    return words


def _outside(shape: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield the tokens of a declarator that stand in no brackets."""
    depth = 0
    for token in shape:
        depth += (token == b"[") - (token == b"]")
        if not depth and token != b"]":
            yield token


def _extents(shape: tuple[bytes, ...]) -> Iterator[str]:
    """Yield the texts between the brackets of a declarator's tokens."""
    depth, words = 0, []
    for token in shape:
        depth -= token == b"]"
        if depth:
            words.append(token.decode("utf-8", "replace"))
        elif token == b"]":
            yield " ".join(words)
            words = []
        depth += token == b"["


def _meaning(parsed: C, node: Node) -> tuple[tuple[bytes, ...], tuple[bytes, ...]] | None:
    """Return the tokens of type and declarator of the typedef that *node* is the name of, None where it is none."""
    outer = enclosing(node, "type_definition")
    type_ = outer.child_by_field_name("type") if outer is not None else None
    if outer is None or type_ is None or node.type != "type_identifier":
        return None
    for declarator in outer.children_by_field_name("declarator"):
        names = (
            [declarator] if declarator.type == "type_identifier" else list(descendants(declarator, "type_identifier"))
        )
        if names and names[-1] == node:
            shape = tuple(token for token in tokens(parsed, declarator) if token != parsed.text(node))
            base = (b"enum",) if type_.type == "enum_specifier" else tokens(parsed, type_)
            return (*base, *shape) if _BEHIND & set(shape) else base, () if _BEHIND & set(shape) else shape
    return None
