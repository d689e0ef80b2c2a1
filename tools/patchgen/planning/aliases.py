# SPDX-License-Identifier: GPL-3.0-or-later
"""Macros that are nothing but another name of a function: ``#define g f``, ``#define g(...) f(__VA_ARGS__)``.

A call of such a macro is a call of the function, with the same arguments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.c.includes import Inclusions

from .ledger import Reason
from .macros import defines, named
from .occurrences import occurrences, settle_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchgen.tree import Tree

    from .edit import Edit
    from .ledger import Book
    from .occurrences import Mention

__all__ = ["followed", "other_names"]


def followed(edit: Edit, book: Book, name: str, uses: Iterable[Mention]) -> Iterator[Mention]:
    """Yield the uses of the function *name*, where a macro is only another name of it the uses of that macro."""
    done = {name}
    todo = [(name, mention) for mention in uses]
    while todo:
        known, mention = todo.pop(0)
        alias = _alias(book, known, mention)
        if not alias:
            yield mention
            continue
        book.excuse(mention.path, mention.span, Reason.UNCHANGED_USE, f"{alias} is another name of it, and followed")
        if alias in done:
            continue
        done.add(alias)
        book.owns(alias)
        for other in occurrences(edit, book, alias):
            if settle_plain(book, other):
                continue
            if other.use.role is c.Role.MACRO:
                book.excuse(other.path, other.span, Reason.OTHER_BINDING, "the macro's own name")
            else:
                todo.append((alias, other))


def other_names(tree: Tree, path: str, name: str) -> frozenset[str]:
    """Return the macros, in files that *path* can see, that are nothing but another name of *name*, or may be."""
    sees = Inclusions(tree).of(path)
    found: set[str] = set()
    todo = [name]
    while todo:
        known = todo.pop()
        plain, handed = _forms(known)
        for other in filter(c.is_c, tree.mentioning([known.encode()])):
            for one in defines(other, tree.read(other)) if other in sees else ():
                call = handed.fullmatch(one.body) if one.variadic else None
                alias = one.name.decode("latin-1")
                if alias not in {*found, name} and (call or (one.parameters is None and plain.fullmatch(one.body))):
                    found.add(alias)
                    todo.append(alias)
    return frozenset(found)


def _forms(name: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Return what the body of a macro is that stands for *name*, without a list and with one."""
    word = re.escape(name.encode())
    return re.compile(rb"\s*%b\s*" % word), re.compile(rb"\s*%b\s*\(\s*(__VA_ARGS__|\w+)\s*\)\s*" % word)


def _alias(book: Book, name: str, mention: Mention) -> str:
    """Return the only macro that is another name of *name*, and in whose body *mention* stands; "" for none."""
    if not mention.use.in_macro:
        return ""
    plain, handed = _forms(name)
    for one in defines(mention.path, mention.parsed.data):
        if not one.extent[0] <= mention.span[0] < one.extent[1]:
            continue
        call = handed.fullmatch(one.body)
        if one.parameters is None:
            is_alias = plain.fullmatch(one.body) is not None
        else:  # GNU C gives the dots a name
            spread = one.parameters[0] or b"__VA_ARGS__"
            is_alias = one.variadic and len(one.parameters) == 1 and call is not None and call[1] == spread
        if is_alias and not _is_defined_again(book, one.name, one.body):
            return one.name.decode("latin-1")
    return ""


def _is_defined_again(book: Book, name: bytes, body: bytes) -> bool:
    found = [(one.parameters, one.body.split()) for one in named(book.tree, name)]
    return len(found) != 1 or found[0][1] != body.split()
