# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts or names the parameters of a function beside their list, and must follow when one is put among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchgen.syntax.c.lists import items
from patchgen.syntax.parsed import descendants
from patchgen.tree import Replacement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.c import C, Declaration

__all__ = ["attributes", "va_starts"]

_COUNTING = re.compile(
    rb"\w*(?:printf|scanf|format|nonnull|alloc_size|alloc_align|access|fd_arg|null_terminated_string_arg)\w*\s*\(+([^()]*)\)",
    re.IGNORECASE,
)
"""An attribute that counts parameters from one, or a macro called after it (GCC, Common Function Attributes)."""
_NUMBER = re.compile(rb"(?<![\w.])\d+(?![\w.])")
_STARTS = frozenset({b"va_start", b"__builtin_va_start"})


def attributes(parsed: C, declaration: Declaration, index: int) -> Iterator[Replacement]:
    """Yield what keeps attributes right when a parameter is put at *index*: ``format (printf, 2, 3)`` counts on."""
    start, end = _around(declaration.node)
    listed = declaration.list
    for attribute in _COUNTING.finditer(parsed.data, start, end):
        if attribute.end() > listed.start_byte and attribute.start() < listed.end_byte:
            continue
        if any(begin <= attribute.start() < stop for begin, stop in parsed.comments):
            continue
        for number in _NUMBER.finditer(parsed.data, attribute.start(1), attribute.end(1)):
            if int(number[0]) > index:
                yield Replacement(number.start(), number.end(), b"%d" % (int(number[0]) + 1))


def va_starts(parsed: C, declaration: Declaration, index: int, name: str) -> Iterator[Replacement]:
    """Yield what names the new parameter, put at *index*, in each ``va_start`` if it is the last before the dots.

    C17 7.16.1.4p4: the second argument is the last named parameter.
    """
    body = declaration.node.child_by_field_name("body")
    if body is None or not declaration.variadic or index != len(declaration.parameters) - 1:
        return
    old = declaration.parameters[index - 1].name.encode() if index else b""
    for call in descendants(body, "call_expression"):
        called, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        if called is None or arguments is None or parsed.text(called) not in _STARTS:
            continue
        listed = items(arguments)
        if old and parsed.text(listed[-1]) == old:
            yield Replacement(listed[-1].start_byte, listed[-1].end_byte, name.encode())


def _around(declaration: Node) -> tuple[int, int]:
    """Return the span of a declaration with what stands before it that the parser did not see, without its body."""
    before = declaration.prev_sibling
    while before is not None and before.type == "comment":
        before = before.prev_sibling
    body = declaration.child_by_field_name("body")
    start = declaration.start_byte
    if before is not None:
        start = before.end_byte
    elif declaration.parent is not None:
        start = declaration.parent.start_byte
    return start, body.start_byte if body is not None else declaration.end_byte
