# SPDX-License-Identifier: GPL-3.0-or-later
"""Places that know where the members of a struct lie, so that a new one would make them wrong without a word from the compiler.

A cast between two structs that begin alike, members that are gone through like an array from the address of one, and a number
that stands for the size of the struct or of some of its members. The type of a variable is what its declaration in the same
file says; a place whose types cannot be seen there is not found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.findings import Slug
from patchgen.syntax import c
from patchgen.syntax.c import function_around
from patchgen.syntax.c.lists import items
from patchgen.syntax.parsed import descendants

from .members import structs_called, structs_with
from .numbers import number, number_of_text
from .objects import Object, bare, described, object_of, stars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.syntax.c.structs import Member, Struct
    from patchgen.tree import Tree

    from .ledger import Book
    from .occurrences import Mention

__all__ = ["Growing", "refuse_laid_out"]

_ALIKE = Slug.define(
    "struct-cast",
    """A pointer to the struct is cast to one to another struct that begins with the same members, or the reverse. With the new
    member they would not begin alike, or it would lie where the other struct has a member of its own. Give the other struct the
    member too, and excuse the place.""",
)
_SPANS = Slug.define(
    "members-as-array",
    """Several members are reached from the address of one, as if they were an array, or copied by a size that stands for several of
    them. The new member would come between. Excuse the place where it may.""",
)
_SIZE = Slug.define(
    "size-as-number",
    """The size of the struct, or a place in it, stands as a number, and would be another then. Write it with sizeof or offsetof,
    or excuse the place.""",
)

_BYTES = {"char": 1, "short": 2, "int": 4, "long": 8, "float": 4, "double": 8, "unsigned": 4}
"""Sizes where they are largest, in bytes; a number beyond one of these takes in another member on every machine."""
_POINTER = 8
_MOVES = re.compile(rb"\w*mem(?:cpy|move|set|cmp|pcpy)\w*|bzero|bcopy|p?read|p?write|fread|fwrite|recv\w*|send\w*")
_MOVE = re.compile(rb"\b(?:%b)\s*\(" % _MOVES.pattern)
_CAST = re.compile(rb"\(\s*(?:\w+\s+)*\w+\s*\*\s*(?:const\s*)?\)")
_ENDS = frozenset({"comment", "string_literal", "compound_statement", "translation_unit"})
_NO_STRUCT = frozenset(
    {"char", "void", "int8_t", "uint8_t", "u_char", "short", "int", "long", "unsigned", "float", "double"}
)
_BYTE = frozenset({"char", "void", "int8_t", "uint8_t", "u_char"})
_FEWEST = 2
"""Members that two structs must begin with, for a cast from a pointer to anything to be one between them."""


@dataclass(frozen=True, slots=True)
class Growing:
    """A struct, by all its names, and before which of its members, counted from 0, the new one goes."""

    struct: Struct
    names: frozenset[str]
    at: int

    @property
    def is_union(self) -> bool:
        """Whether all members lie at the same place."""
        return self.struct.body.parent is not None and self.struct.body.parent.type == "union_specifier"

    @property
    def at_end(self) -> bool:
        """Whether the new member goes behind all others."""
        return self.at == len(self.struct.members)

    def parts_with(self, other: Struct, *, named: bool) -> bool:
        """Whether the struct and *other* begin alike, and would no longer, or would not agree on what comes then.

        :param named: whether the members must have the same names too.
        """
        alike = 0
        for mine, theirs in zip(self.struct.members, other.members, strict=False):
            if mine.type != theirs.type or (named and mine.name != theirs.name):
                break
            alike += 1
        whole = alike == len(self.struct.members)
        if named and alike < _FEWEST:
            return False
        return self.at < alike or (whole and bool(alike) and len(other.members) > alike)


def refuse_laid_out(book: Book, growing: Growing, uses: Iterable[Mention]) -> None:
    """Refuse each place that knows where members lie, in the files in which the struct is named.

    :param uses: where its names stand.
    """
    parsed = {mention.path: mention.parsed for mention in uses}
    for mention in uses:
        _judge_union(book, growing, mention)
        if mention.use.in_macro:
            _judge_file(book, growing, mention.path, mention.use.parsed)
    for path, one in sorted(parsed.items()):
        _judge_file(book, growing, path, one)


def _judge_file(book: Book, growing: Growing, path: str, parsed: C) -> None:
    for cast in _nodes(parsed, _CAST, "cast_expression"):
        _judge_cast(book, growing, path, parsed, cast)
    for call in _nodes(parsed, _MOVE, "call_expression"):
        _judge_size(book, growing, path, parsed, call)
    if growing.at_end or growing.is_union:
        return
    names = b"|".join(re.escape(member.name.encode()) for member in growing.struct.members[: growing.at])
    for node in _nodes(parsed, re.compile(rb"(?:->|\.)\s*(?:%b)\b" % names), "field_expression") if names else ():
        member = _member_of(growing, parsed, node)
        if member is not None:
            _judge_member(book, growing, path, parsed, node, member)


def _nodes(parsed: C, pattern: re.Pattern[bytes], type_: str) -> Iterator[Node]:
    """Yield the nodes of a type whose text may begin, or have its operator, where *pattern* fits: not every node is visited."""
    start, end = parsed.body or (0, len(parsed.data))
    for found in pattern.finditer(parsed.data, start, end):
        node: Node | None = parsed.node_at(found.start(), found.start() + 1)
        while node is not None and node.type != type_ and node.type not in _ENDS:
            node = node.parent
        if node is not None and node.type == type_:
            yield node


# --- casts -------------------------------------------------------------------------------------------------------


def _judge_cast(book: Book, growing: Growing, path: str, parsed: C, cast: Node) -> None:
    to, value = cast.child_by_field_name("type"), cast.child_by_field_name("value")
    into = described(parsed, to) if to is not None else None
    if into is None or into.stars != 1 or value is None:
        return
    known = object_of(parsed, value)
    if into.name in growing.names:
        other = known if known is not None and known.stars == 1 and known.name != "void" else None
    elif known is not None and known.stars == 1 and known.name in growing.names:
        other = into
    else:
        return
    if other is not None and other.name in growing.names:
        return
    if other is not None and other.name in _NO_STRUCT:
        if into.name not in growing.names:
            _judge_numbers(book, growing, path, parsed, cast, into)
        return
    # What a macro is given, or a pointer to anything, may come from each struct that begins alike.
    anything = known.name == "void" if known is not None else parsed.body is not None
    twins = (
        structs_called(book.tree, other.name) if other is not None else _twins(book.tree, growing) if anything else ()
    )
    for twin in twins:
        if twin.names.isdisjoint(growing.names) and growing.parts_with(twin, named=other is None):
            name = min(twin.names, default="a struct without a name")
            message = f"{_called(growing)} and {name} begin alike, and a pointer to one may be cast to the other here"
            _refuse(book, path, parsed, cast, _ALIKE, message)
            return


def _judge_numbers(book: Book, growing: Growing, path: str, parsed: C, cast: Node, into: Object) -> None:
    """Refuse a cast to bytes or numbers by which one of them, or one after the other, is taken."""
    offset = _fixed_offset(book.tree, parsed, cast)
    if offset is not None:
        message = f"what lies {offset} behind the start of {_called(growing)} is taken here by that number"
        _refuse(book, path, parsed, cast, _SIZE, message)
        return
    at = cast
    while at.parent is not None and at.parent.type == "parenthesized_expression":
        at = at.parent
    if into.name not in _BYTE and not growing.at_end and not growing.is_union and _goes_on(book.tree, parsed, at):
        message = f"the members of {_called(growing)} are gone through as an array of {into.name} here"
        _refuse(book, path, parsed, cast, _SPANS, message)


def _twins(tree: Tree, growing: Growing) -> Iterator[Struct]:
    if growing.struct.members:
        yield from structs_with(tree, growing.struct.members[0].name)


def _fixed_offset(tree: Tree, parsed: C, cast: Node) -> int | None:
    """Return the number, other than 0, that is added to what a cast makes or that it is subscripted with."""
    at = cast
    while at.parent is not None and at.parent.type == "parenthesized_expression":
        at = at.parent
    outer = at.parent
    if outer is None:
        return None
    other = None
    if outer.type == "subscript_expression" and outer.child_by_field_name("argument") == at:
        other = outer.child_by_field_name("index")
    elif outer.type == "binary_expression" and parsed.text(outer.children[1]) == b"+":
        left, right = outer.child_by_field_name("left"), outer.child_by_field_name("right")
        other = right if left == at else left
    value = number(tree, parsed, other) if other is not None else None
    return value or None


# --- unions ------------------------------------------------------------------------------------------------------


def _judge_union(book: Book, growing: Growing, mention: Mention) -> None:
    """Refuse a union that lays numbers, or a struct that begins alike, over the struct."""
    parsed, type_ = mention.use.parsed, mention.use.node
    if type_.parent is not None and type_.parent.type in {"struct_specifier", "union_specifier"}:
        type_ = type_.parent
    own = type_.parent
    body = own.parent if own is not None and own.type == "field_declaration" else None
    union = body.parent if body is not None else None
    if (
        own is None
        or body is None
        or union is None
        or union.type != "union_specifier"
        or described(parsed, own) is None
    ):
        return
    if not any(stars(one) == 0 for one in own.children_by_field_name("declarator")):
        return
    for other in body.named_children:
        if (
            other != own
            and other.type == "field_declaration"
            and (name := _laid_over(book.tree, growing, parsed, other))
        ):
            message = f"a union lays {name} over {_called(growing)}"
            book.refuse(mention.path, mention.span, _SPANS, message)
            return


def _laid_over(tree: Tree, growing: Growing, parsed: C, member: Node) -> str:
    """Return the member of a union that knows where the members of the struct lie, "" for none."""
    known = described(parsed, member)
    for declarator in member.children_by_field_name("declarator") if known is not None else ():
        word = next(descendants(declarator, "field_identifier"), None)
        name = parsed.text(word).decode("latin-1") if word is not None else ""
        if declarator.type == "array_declarator":
            size = declarator.child_by_field_name("size")
            if size is not None and b"sizeof" not in parsed.text(size):
                return name
        elif declarator.type == "field_identifier" and known is not None:
            structs = list(structs_called(tree, known.name))
            if any(not growing.at_end and growing.parts_with(one, named=False) for one in structs):
                return name
            if not structs and growing.at == 0:
                return name
    return ""


# --- sizes -------------------------------------------------------------------------------------------------------


def _judge_size(book: Book, growing: Growing, path: str, parsed: C, call: Node) -> None:
    """Refuse a call that moves bytes of the whole struct, as many as a number says."""
    given = _moved(parsed, call)
    if any(_is_whole(growing, object_of(parsed, _uncast(one))) for one in given):
        for one in given:
            size = number(book.tree, parsed, one)
            if size is not None and size > _POINTER // 2:
                message = f"{size} bytes of {_called(growing)} are moved here, however many it has"
                _refuse(book, path, parsed, one, _SIZE, message)


def _is_whole(growing: Growing, known: Object | None) -> bool:
    return known is not None and known.stars == 1 and known.name in growing.names


def _moved(parsed: C, call: Node) -> list[Node]:
    """Return the arguments of a call that moves bytes; nothing for other calls."""
    called, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if called is None or arguments is None or not _MOVES.fullmatch(parsed.text(called)):
        return []
    return list(items(arguments))


def _uncast(node: Node) -> Node:
    at = bare(node)
    while at.type == "cast_expression" and (value := at.child_by_field_name("value")) is not None:
        at = bare(value)
    return at


# --- from one member to the next ---------------------------------------------------------------------------------


def _member_of(growing: Growing, parsed: C, node: Node) -> Member | None:
    """Return the member of the struct, before the new one, that *node* names."""
    base, field = node.child_by_field_name("argument"), node.child_by_field_name("field")
    if base is None or field is None:
        return None
    member = next(
        (one for one in growing.struct.members[: growing.at] if one.name.encode() == parsed.text(field)), None
    )
    if member is None:
        return None
    known = object_of(parsed, base)
    through = 1 if parsed.text(node.children[1]) == b"->" else 0
    return member if known is not None and known.name in growing.names and known.stars == through else None


def _judge_member(book: Book, growing: Growing, path: str, parsed: C, node: Node, member: Member) -> None:
    at = _address(parsed, node)
    if at is None and not member.bound:
        return
    if at is not None and not member.bound and _goes_on(book.tree, parsed, at):
        message = f"what lies behind {member.name} in {_called(growing)} is reached from its address here"
        _refuse(book, path, parsed, node, _SPANS, message)
        return
    arguments = (at or node).parent
    call = arguments.parent if arguments is not None and arguments.type == "argument_list" else None
    if arguments is None or call is None:
        return
    beside = [one for one in items(arguments) if one != (at or node)]
    moves = bool(_moved(parsed, call))
    if moves and any(_spans(book.tree, parsed, one, member) for one in beside):
        message = (
            f"more than {member.name} of {_called(growing)} is moved here by a size that stands for several members"
        )
        _refuse(book, path, parsed, node, _SPANS, message)
    elif at is not None and any(_counts_on(book.tree, parsed, growing, member, one) for one in beside):
        message = f"several members of {_called(growing)} from {member.name} on are given away here as an array"
        _refuse(book, path, parsed, node, _SPANS, message)


def _address(parsed: C, node: Node) -> Node | None:
    """Return the expression that is the address of *node*, with the parentheses and casts around it."""
    at = node
    while at.parent is not None and at.parent.type == "parenthesized_expression":
        at = at.parent
    taken = at.parent
    if taken is None or taken.type != "pointer_expression" or parsed.text(taken.children[0]) != b"&":
        return None
    while taken.parent is not None and taken.parent.type in {"parenthesized_expression", "cast_expression"}:
        taken = taken.parent
    return taken


def _goes_on(tree: Tree, parsed: C, address: Node) -> bool:
    """Whether more than the one member is reached from its address: directly, or by the variable that it goes to."""
    if _steps(tree, parsed, address):
        return True
    outer = address.parent
    if outer is None or outer.type not in {"init_declarator", "assignment_expression"}:
        return False
    target = outer.child_by_field_name("declarator") or outer.child_by_field_name("left")
    names = list(descendants(target, "identifier")) if target is not None else []
    function = function_around(address)
    if len(names) != 1 or function is None:
        return False
    word = parsed.text(names[0])
    return any(parsed.text(one) == word and _steps(tree, parsed, one) for one in descendants(function, "identifier"))


def _steps(tree: Tree, parsed: C, pointer: Node) -> bool:
    """Whether a pointer is subscripted, moved, or added to: by more than 0, or by what is not known."""
    at = pointer
    while at.parent is not None and at.parent.type == "parenthesized_expression":
        at = at.parent
    outer = at.parent
    if outer is None:
        return False
    if outer.type == "subscript_expression" and outer.child_by_field_name("argument") == at:
        index = outer.child_by_field_name("index")
        return index is None or number(tree, parsed, index) != 0
    if outer.type == "binary_expression":
        return parsed.text(outer.children[1]) == b"+"
    if outer.type == "assignment_expression":
        return outer.child_by_field_name("left") == at and parsed.text(outer.children[1]) in {b"+=", b"-="}
    return outer.type == "update_expression"


def _spans(tree: Tree, parsed: C, size: Node, member: Member) -> bool:
    """Whether a size is that of more than the member: a number, or a sum or a product with ``sizeof`` in it."""
    text = parsed.text(size)
    if b"offsetof" in text:
        return False
    known = _bytes_of(tree, member)
    value = number(tree, parsed, size)
    if value is not None:
        return known is not None and value > known
    if b"sizeof" not in text or bare(size).type != "binary_expression":
        return False
    return not member.bound and parsed.text(bare(size).children[1]) in {b"+", b"*"}


def _bytes_of(tree: Tree, member: Member) -> int | None:
    """Return the most bytes that a member can have; None where that is not known."""
    words = [word.decode("latin-1") for word in member.type if re.fullmatch(rb"[A-Za-z_]\w*", word)]
    one = _POINTER if b"*" in member.type else max((_BYTES.get(word, 0) for word in words), default=0)
    if not one or not {*words} <= {*_BYTES, "signed", "const", "volatile"}:
        return _POINTER if b"*" in member.type and not member.bound else None
    if not member.bound:
        return one
    inner = b"".join(member.bound)
    bounds = [number_of_text(tree, text) for text in re.findall(rb"\[([^]]*)\]", inner)]
    for bound in bounds:
        if bound is None:
            return None
        one *= bound
    return one


def _counts_on(tree: Tree, parsed: C, growing: Growing, member: Member, argument: Node) -> bool:
    """Whether a number beside the address of a member is that of several of its type in a row, with the new one among them."""
    count = number(tree, parsed, argument)
    members = growing.struct.members
    first = members.index(member)
    run = 0
    for one in members[first:]:
        if one.type != member.type or one.bound:
            break
        run += 1
    return count is not None and _FEWEST <= count <= run and first < growing.at < first + count


def _called(growing: Growing) -> str:
    return min(growing.struct.names, default="the struct")


def _refuse(book: Book, path: str, parsed: C, node: Node, slug: Slug, message: str) -> None:
    span = node.start_byte, node.end_byte
    if not parsed.is_dead(span[0]):
        book.refuse(path, span, slug, message, function=c.enclosing_function(parsed, node))
