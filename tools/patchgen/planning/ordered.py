# SPDX-License-Identifier: GPL-3.0-or-later
"""Initialisers that go by the order of a struct's members, so that a new member would shift what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.c.spelled import TYPEOF, Initialiser, behind_call, spelled
from patchgen.syntax.c.structs import aliases, held, initialisers, positional, spelled_behind
from patchgen.syntax.parsed import ancestors, descendants
from patchgen.tree import mentions

from .ledger import Book
from .occurrences import Mention, occurrences, settle_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tree_sitter import Node

    from patchgen.tree import Tree

    from .edit import Edit

__all__ = ["ordered", "ordered_nameless", "type_uses"]

_DIRECTIVE = re.compile(rb"(?:#[ \t]*(?:if|ifdef|ifndef|elif|else|endif)\b[^\n]*\s*)+")
_ZERO = frozenset({b"0", b"NULL"})
_OTHER_NAME = re.compile(rb"\s*(?:struct\s+|union\s+)?([A-Za-z_]\w*)\s*\Z")
_NO_NAME = frozenset({b"void", b"char", b"short", b"int", b"long", b"unsigned", b"signed", b"float", b"double"})
_DEFINED = re.compile(rb"#[ \t]*define[ \t]+(\w+)(?:\([^()]*\))?(?:[ \t]|\\\r?\n|/\*[^*]*\*/)*\Z")
_DECLARED = re.compile(rb"[^;={}]*")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_BEGUN = re.compile(rb"(?:\A|[;{}:)\n/]|\b(?:static|extern|const|volatile|register))\s*\Z")
"""What stands before a macro that begins a declaration."""
_LONGEST_HEAD = 4096
_PLAIN = frozenset({c.Role.COMMENT, c.Role.DEAD, c.Role.STRING, c.Role.INCLUDE, c.Role.PRAGMA, c.Role.PASTED})


def type_uses(edit: Edit, book: Book, names: Iterable[str]) -> Iterator[tuple[Mention, int]]:
    """Yield each use of *names*, of typedefs that stand for them and of what macros make of them, with the array depth.

    Occurrences that are no use in code get their verdict in *book* on the way.
    """
    depths = dict.fromkeys(names, 0)
    todo = sorted(depths)
    while todo:
        name = todo.pop(0)
        for mention in occurrences(edit, book, name):
            if settle_plain(book, mention):
                continue
            if mention.use.role is c.Role.TYPE:
                for alias, depth in aliases(mention.use.parsed, mention.use.node):
                    if alias not in depths:
                        depths[alias] = depths[name] + depth
                        todo.append(alias)
            elif (other := _other_name(mention)) and other not in depths:
                depths[other] = depths[name]
                todo.append(other)
            yield mention, depths[name]


def ordered(edit: Edit, tree: Tree, uses: Iterable[tuple[Mention, int]], *, at_end: bool) -> Iterator[Mention]:
    """Yield the uses of a struct, and of structs that hold it by value, that a new member would make wrong.

    :param at_end: the member goes to the end, so that only initialisers without the struct's own
        braces are shifted.
    """
    inner: set[str] = set()  # the members that lead to the struct, outside of it
    direct: dict[str, int] = {}  # of these, those of the struct's own type, with their array depth
    holders: list[str] = []
    nameless: list[tuple[Mention, Node]] = []
    uses = list(uses)
    for mention, found in _initialised(edit, tree, uses):
        if found.values is None or _shifted(tree, found.parsed, found.values, found.depth, at_end=at_end):
            yield mention
    for mention, depth in uses:
        for holder in held(mention.use.parsed, mention.use.node):
            inner |= holder.members
            direct[holder.member] = max(holder.depth + depth, direct.get(holder.member, 0))
            holders += sorted(holder.names)
            nameless += [(mention, body) for body in holder.nameless]
    yield from _ordered_holders(edit, tree, holders, nameless, _Way(inner, direct, at_end))


def ordered_nameless(tree: Tree, parsed: c.C, member: Node) -> bool:
    """Whether a variable of a struct without a name, that *member* stands in, is initialised by the order of members."""
    bodies = [
        at.child_by_field_name("body")
        for at in ancestors(member)
        if at.type in {"struct_specifier", "union_specifier"} and at.child_by_field_name("name") is None
    ]
    return any(
        found.values is None or _shifted(tree, found.parsed, found.values, found.depth, at_end=False)
        for body in bodies
        if body is not None
        for found in initialisers(parsed, body)
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """What is known of the members that lead from outer structs to the one that is edited."""

    inner: set[str]
    direct: dict[str, int]
    at_end: bool


def _ordered_holders(
    edit: Edit, tree: Tree, holders: list[str], nameless: list[tuple[Mention, Node]], way: _Way
) -> Iterator[Mention]:
    done: set[str] = set()
    while holders:
        name = holders.pop(0)
        if name in done:
            continue
        done.add(name)
        uses = list(type_uses(edit, Book(edit, tree), [name]))
        for mention, found in _initialised(edit, tree, uses):
            if found.values is None or _holder_shifted(tree, found.parsed, found.values, found.depth, way):
                yield mention
        for mention, _ in uses:
            for holder in held(mention.use.parsed, mention.use.node):
                way.inner.update(holder.members, {holder.member})
                holders += sorted(holder.names)
                nameless += [(mention, body) for body in holder.nameless]
    for mention, body in nameless:
        for found in initialisers(mention.use.parsed, body):
            if found.values is None or _holder_shifted(tree, found.parsed, found.values, found.depth, way):
                yield mention


def _initialised(edit: Edit, tree: Tree, uses: list[tuple[Mention, int]]) -> Iterator[tuple[Mention, Initialiser]]:
    """Yield what variables of a type are initialised with, and the words that declare them."""
    variables: set[bytes] = set()
    for mention, depth in uses:
        parsed, node = mention.use.parsed, mention.use.node
        for found in (*initialisers(parsed, node), *_behind_typeof(parsed, node)):
            yield mention, _deeper(found, depth)
        if mention.use.in_macro and spelled_behind(parsed, node).left_open:
            for use, found in _of_macro(edit, tree, mention):
                yield use, _deeper(found, depth)
        if mention.use.role is c.Role.TYPE:
            head = _DECLARED.match(parsed.data, mention.span[1], mention.span[1] + _LONGEST_HEAD)
            variables.update(_WORD.findall(head[0]) if head is not None else ())
    if variables:
        yield from _of_typeof(edit, tree, variables)


def _behind_typeof(parsed: c.C, type_: Node) -> Iterator[Initialiser]:
    """Yield what is initialised as of the type of an expression that names the type: ``typeof(*(struct s *)0) x = ...``."""
    for at in ancestors(type_):
        called = at.child_by_field_name("function") if at.type == "call_expression" else None
        if called is not None and parsed.text(called) in TYPEOF:
            yield from spelled(parsed, at.end_byte, None).initialisers


def _deeper(found: Initialiser, depth: int) -> Initialiser:
    return Initialiser(found.parsed, found.values, None if found.depth is None else found.depth + depth)


def _of_macro(edit: Edit, tree: Tree, mention: Mention) -> Iterator[tuple[Mention, Initialiser]]:
    """Yield what is initialised behind the uses of the macro whose body *mention* stands in, and of macros of it."""
    todo, done = [_macro_around(mention)], {b""}
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        for use in _code(edit, tree, name):
            start, is_call = behind_call(use.parsed.data, use.span[1])
            alone = (
                is_call and _BEGUN.search(use.parsed.data, max(0, use.span[0] - _LONGEST_HEAD), use.span[0]) is not None
            )
            read = spelled(use.use.parsed, start, None if is_call else 0, named=is_call, alone=alone)
            for found in read.initialisers:
                yield use, found
            if read.left_open:
                todo.append(_macro_around(use))


def _of_typeof(edit: Edit, tree: Tree, variables: set[bytes]) -> Iterator[tuple[Mention, Initialiser]]:
    """Yield what is initialised as of the type of an expression that ends in one of *variables*."""

    def wanted(data: bytes, end: int) -> bool:
        start, is_call = behind_call(data, end)
        of_what = data[end:start].strip(b"() \t\r\n")
        words = _WORD.findall(re.sub(rb"\[[^]]*\]|\([^()]*\)", b"", of_what)) or _WORD.findall(of_what)
        return is_call and bool(words) and words[-1] in variables and words[0] not in {b"struct", b"union"}

    for use in _code(edit, tree, *TYPEOF, wanted=wanted):
        for found in spelled(use.use.parsed, behind_call(use.parsed.data, use.span[1])[0], None).initialisers:
            yield use, found


def _code(
    edit: Edit, tree: Tree, *words: bytes, wanted: Callable[[bytes, int], bool] = lambda _data, _end: True
) -> Iterator[Mention]:
    """Yield the uses of *words* in code that are *wanted*, by their text: a file without any is not parsed."""
    for path in filter(c.is_c, edit.mentioning(tree, *(word.decode("latin-1") for word in words))):
        data = tree.read(path)
        for start, end in mentions(data, words):
            if wanted(data, end):
                parsed = c.parse(data)
                use = c.use_at(parsed, start, end)
                if use.role not in _PLAIN and not (use.role is c.Role.MACRO and not use.in_macro):
                    yield Mention(path, use, parsed, start, end)


def _macro_around(mention: Mention) -> bytes:
    """Return the name of the macro in whose body *mention* stands, b"" for none."""
    body = mention.use.parsed.body
    if body is None:
        return b""
    match = _DEFINED.search(mention.use.parsed.data, max(0, body[0] - _LONGEST_HEAD), body[0])
    return match[1] if match is not None else b""


def _other_name(mention: Mention) -> str:
    """Return what a macro that is called like the type makes of its name, "" for nothing."""
    define = mention.use.node.parent
    if mention.use.role is not c.Role.MACRO or define is None or define.type != "preproc_def":
        return ""
    value = define.child_by_field_name("value")
    match = _OTHER_NAME.match(mention.parsed.text(value)) if value is not None else None
    return match[1].decode("latin-1") if match is not None and match[1] not in _NO_NAME else ""


def _shifted(tree: Tree, parsed: c.C, values: Node, depth: int | None, *, at_end: bool) -> bool:
    """Whether an initialiser of the struct, or of an array of it in *depth* dimensions, goes by the order."""
    if depth is None:
        return _may_be_shifted(parsed, values, at_end=at_end) or (not at_end and _by_macro(tree, parsed, values))
    rows = [values]
    for _ in range(depth):
        lists = [row for row in rows if row.type == "initializer_list"]
        if any(_flat(parsed, row) for row in rows if row.type != "initializer_list" and row is not values):
            return True
        rows = [_value(child) for row in lists for child in row.named_children if child.type != "comment"]
    for row in rows:
        if row.type == "initializer_list":
            if not at_end and positional(parsed, row):
                return True
        elif row is not values and _flat(parsed, row):
            return True
    return not at_end and _by_macro(tree, parsed, values)


def _may_be_shifted(parsed: c.C, values: Node, *, at_end: bool) -> bool:
    """Whether an initialiser of the struct, or of an array of it in any number of dimensions, may go by the order."""
    for child in values.named_children if values.type == "initializer_list" else ():
        designators = child.children_by_field_name("designator") if child.type == "initializer_pair" else []
        if child.type == "comment" or any(one.type == "field_designator" for one in designators):
            continue
        row = _value(child)
        if row.type != "initializer_list" and _flat(parsed, row):
            return True
        if not at_end and _may_be_shifted(parsed, row, at_end=False):
            return True
    return False


def _holder_shifted(tree: Tree, parsed: c.C, values: Node, depth: int | None, way: _Way) -> bool:
    if _shifted(tree, parsed, values, depth, at_end=False):
        return True
    for pair in descendants(values, "initializer_pair"):
        designators = pair.children_by_field_name("designator")
        value = pair.child_by_field_name("value")
        last = max((at for at, one in enumerate(designators) if one.type == "field_designator"), default=-1)
        if value is None or last < 0:
            continue
        name = parsed.text(designators[last]).lstrip(b". \t").decode("latin-1")
        if name in way.direct:
            depth = max(0, way.direct[name] - (len(designators) - 1 - last))
            if _shifted(tree, parsed, value, depth, at_end=way.at_end):
                return True
        elif name in way.inner and value.type == "initializer_list" and positional(parsed, value):
            return True
    return False


def _flat(parsed: c.C, row: Node) -> bool:
    if row.is_error and _DIRECTIVE.fullmatch(parsed.text(row)):
        return False
    return row.type != "compound_literal_expression" and parsed.text(row) not in _ZERO


def _value(row: Node) -> Node:
    return (row.child_by_field_name("value") or row) if row.type == "initializer_pair" else row


def _by_macro(tree: Tree, parsed: c.C, values: Node) -> bool:
    """Whether the initialiser is a macro of the tree that stands for values in their order."""
    word = values.child_by_field_name("function") if values.type == "call_expression" else values
    if word is None or word.type != "identifier":
        return False
    name = parsed.text(word)
    define = re.compile(
        rb"^[ \t]*#[ \t]*define[ \t]+" + re.escape(name) + rb"(?:\([^)\n]*\))?[ \t]+((?:[^\n]*\\\r?\n)*[^\n]*)",
        re.MULTILINE,
    )
    for path in filter(c.is_c, tree.mentioning([name])):
        for match in define.finditer(tree.read(path)):
            body = re.sub(rb"\\\r?\n|/\*.*?\*/", b" ", match[1], flags=re.DOTALL).strip()
            if body.startswith(b"{") and not re.match(rb"\{\s*(?:[.\[]|(?:0|NULL)?\s*,?\s*\})", body):
                return True
    return False
