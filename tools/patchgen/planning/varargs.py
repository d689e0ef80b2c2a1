# SPDX-License-Identifier: GPL-3.0-or-later
"""A protocol that runs through ``...``: the branches that a selector word chooses, and what they fetch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax import c
from patchgen.syntax.c.lists import items
from patchgen.syntax.c.strings import value_of
from patchgen.syntax.parsed import ancestors, descendants, enclosing
from patchgen.tree import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.syntax.c import C
    from patchgen.syntax.parsed import Span
    from patchgen.tree import Tree

__all__ = ["Branch", "Fetch", "Tangled", "branches", "selected"]

_COMPARES = frozenset({b"strcmp", b"strncmp", b"strcasecmp", b"strncasecmp"})
_VA_ARG = frozenset({b"va_arg", b"__builtin_va_arg"})
_STRING = re.compile(rb'"((?:\\.|[^"\\\n])*)"')
_UNCERTAIN = re.compile(
    r"^(?:if|for|while|do|switch|case|labeled)_statement$|^conditional_expression$|^else_clause$|^preproc_"
)


class Tangled(ValueError):  # noqa: N818 - named for what was found, as the others
    """The order of what is fetched, or what chooses a branch, cannot be read off the text."""

    def __init__(self, node: Node, message: str) -> None:
        super().__init__(message)
        self.node, self.message = node, message


@dataclass(frozen=True, slots=True)
class Fetch:
    """One ``va_arg``: the type it fetches, and the variable that it is put into, "" for none."""

    node: Node
    type: tuple[bytes, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Branch:
    """What is done for the selector: the block, and what it fetches in order.

    :param selector: the span of the selector word, without its quotes where it is plain.
    :param likewise: what else chooses the branch, where the comparison reads but a part, or minds no capitals.
    """

    block: Node
    selector: Span
    fetches: tuple[Fetch, ...]
    likewise: re.Pattern[str] | None = None

    def index(self, name: str) -> int | None:
        """Return the position of the only fetch into the variable *name*, None for no or several."""
        found = [at for at, fetch in enumerate(self.fetches) if fetch.name == name]
        return found[0] if len(found) == 1 else None


def branches(tree: Tree, parsed: C, body: Node, parameter: str, selector: str) -> list[Branch]:
    """Return the branches in *body* that are taken when the string *parameter* is *selector*, however that is spelt.

    :raises Tangled: a comparison that chooses no plain branch, or fetches in no certain order.
    """
    found = []
    for call in descendants(body, "call_expression"):
        literal = _compared(parsed, call, parameter)
        said = selected(tree, parsed, literal) if literal is not None else None
        if literal is None or said is None or parsed.is_dead(call.start_byte):
            continue
        likewise = _likewise(parsed, call, said)
        if said != selector:
            if likewise is not None and likewise.match(selector):
                raise Tangled(call, "this comparison with another word may choose its branch for the selector too")
            continue
        block = _chosen(parsed, call)
        span = literal.start_byte, literal.end_byte
        if parsed.text(literal) == b'"' + selector.encode() + b'"':
            span = span[0] + 1, span[1] - 1
        found.append(Branch(block, span, tuple(_fetches(parsed, block)), likewise))
    return found


def selected(tree: Tree, parsed: C, argument: Node) -> str | None:
    """Return the string that *argument* is, None where it is no literal and no macro for one."""
    text = parsed.text(argument)
    if argument.type == "identifier":
        bodies = {
            body
            for path in filter(c.is_c, tree.mentioning([text]))
            for body in _macro_bodies(c.parse(tree.read(path)), text)
        }
        text = bodies.pop() if len(bodies) == 1 else b""
    pieces = [match[1].decode("utf-8", "surrogateescape") for match in _STRING.finditer(text)]
    if not pieces or _STRING.sub(b"", text).strip():
        return None
    said = [character for piece in pieces for character in value_of(piece)]
    return b"".join(character or b"" for character in said).decode("utf-8", "replace")


def _macro_bodies(parsed: C, name: bytes) -> Iterator[bytes]:
    for span in mentions(parsed.data, [name]):
        node = parsed.node_at(*span)
        if (
            node.parent is not None
            and node.parent.type == "preproc_def"
            and node == node.parent.child_by_field_name("name")
        ):
            value = node.parent.child_by_field_name("value")
            yield parsed.text(value).strip() if value is not None else b""


def _compared(parsed: C, call: Node, parameter: str) -> Node | None:
    """Return what a call compares the selector parameter with, None for another call."""
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or arguments is None or parsed.text(function) not in _COMPARES:
        return None
    pair = items(arguments)[:2]
    others = [item for item in pair if parsed.text(item) != parameter.encode()]
    return others[0] if len(pair) - len(others) == 1 else None


def _likewise(parsed: C, call: Node, said: str) -> re.Pattern[str] | None:
    """Return what fits all strings that *call* takes for *said*, None if that is *said* alone."""
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    name = parsed.text(function) if function is not None else b""
    if name == b"strcmp" or arguments is None:
        return None
    pattern = re.escape(said) + r"\Z"
    if name.startswith(b"strn"):
        count = [parsed.text(item) for item in items(arguments)[2:3]]
        pattern = re.escape(said[: int(count[0])] if count and count[0].isdigit() else said)
        if count and count[0].isdigit() and int(count[0]) > len(said):
            pattern += r"\Z"
    return re.compile(pattern, re.IGNORECASE if b"case" in name else 0)


def _chosen(parsed: C, call: Node) -> Node:
    """Return the block that is run when the comparison *call* says equal, and only then."""
    equal = False
    at = call
    for outer in ancestors(call):
        if outer.type == "parenthesized_expression":
            pass
        elif outer.type == "unary_expression" and outer.children[0].type == "!":
            equal = not equal
        elif (
            outer.type == "binary_expression"
            and outer.children[1].type in {"==", "!="}
            and _other(parsed, outer, at) == b"0"
        ):
            equal = equal if outer.children[1].type == "!=" else not equal
        elif outer.type == "if_statement" and at == outer.child_by_field_name("condition"):
            block = outer.child_by_field_name("consequence")
            if equal and block is not None and block.type == "compound_statement":
                return block
            break
        else:
            break
        at = outer
    raise Tangled(call, "this comparison with the selector does not choose a block in braces by itself")


def _other(parsed: C, comparison: Node, side: Node) -> bytes:
    operands = [comparison.child_by_field_name("left"), comparison.child_by_field_name("right")]
    return b"".join(parsed.text(operand) for operand in operands if operand is not None and operand != side)


def _fetches(parsed: C, block: Node) -> Iterator[Fetch]:
    statements = set()
    for call in descendants(block, "call_expression"):
        function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        if function is None or arguments is None or parsed.text(function) not in _VA_ARG:
            continue
        listed = items(arguments)
        if len(listed) != 2 or call.has_error:  # noqa: PLR2004 - va_arg takes a list and a type
            raise Tangled(call, "this va_arg did not parse")
        for at in ancestors(call):
            if at == block:
                break
            if _UNCERTAIN.match(at.type):
                raise Tangled(call, "this va_arg is not fetched in every run of the branch, or more than once")
        statement = enclosing(call, "expression_statement")
        if statement is not None and statement.id in statements:
            raise Tangled(call, "several va_arg stand in one expression, whose order is not certain")
        statements.add(statement.id if statement is not None else 0)
        statements.discard(0)
        yield Fetch(call, tuple(re.findall(rb"\w+|\*", parsed.text(listed[1]))), _receiver(parsed, call))


def _receiver(parsed: C, call: Node) -> str:
    for at in ancestors(call):
        if at.type == "init_declarator":
            name = next(descendants(at, "identifier"), None)
            return parsed.text(name).decode("latin-1") if name is not None else ""
        if at.type == "assignment_expression":
            left = at.child_by_field_name("left")
            return parsed.text(left).decode("latin-1") if left is not None else ""
        if at.type not in {"parenthesized_expression", "cast_expression"}:
            break
    return ""
