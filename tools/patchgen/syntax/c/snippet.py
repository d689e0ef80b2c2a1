# SPDX-License-Identifier: GPL-3.0-or-later
"""The pieces of C that a person writes in a semantic patch: parsed before any tree is looked at."""

from __future__ import annotations

from patchgen.syntax.parsed import tokens

from .functions import Parameter, declaration_at
from .names import Role, use_at
from .parse import C, parse
from .structs import Member, struct_at

__all__ = ["check_expression", "expression_tokens", "member_of", "parameter_of"]


def parameter_of(text: str) -> Parameter:
    """Return the parameter that *text* declares.

    :raises ValueError: it is not one parameter with a name.
    """
    parsed = parse(b"void f(" + text.encode() + b");")
    use = use_at(parsed, 5, 6)
    if not parsed.faults and use.role is Role.DECLARES_FUNCTION:
        parameters = declaration_at(use).parameters
        if len(parameters) == 1 and parameters[0].name and len(parameters[0].type) > 0:
            return parameters[0]
    msg = f"{text!r} is not one named parameter in C"
    raise ValueError(msg)


def check_expression(text: str) -> None:
    """Check that *text* is one expression, fit for an argument.

    :raises ValueError: it is not.
    """
    parsed = parse(b"int f(){g(\n" + text.encode() + b"\n);}")
    call = _only_call(parsed)
    inline = parse(b"int f(){g(" + text.encode() + b");}")  # a // comment would swallow what follows
    if parsed.faults or inline.faults or call != 1:
        msg = f"{text!r} is not one expression in C"
        raise ValueError(msg)


def expression_tokens(text: str) -> tuple[bytes, ...]:
    """Return the tokens of an expression, for a comparison that ignores blanks and comments."""
    parsed = parse(b"int f(){g(\n" + text.encode() + b"\n);}")
    return tokens(parsed, parsed.root)[7:-3]


def _only_call(parsed: C) -> int:
    node = parsed.root.named_child(0)
    body = node.child_by_field_name("body") if node is not None else None
    if body is None or body.named_child_count != 1:
        return 0
    statement = body.named_child(0)
    call = statement.named_child(0) if statement is not None else None
    arguments = call.child_by_field_name("arguments") if call is not None and call.type == "call_expression" else None
    if arguments is None:
        return 0
    return sum(child.type != "comment" for child in arguments.named_children)


def member_of(text: str) -> Member:
    """Return the member that *text* declares.

    :raises ValueError: it is not the declaration of one named member.
    """
    parsed = parse(b"struct s {\n" + text.encode() + b"\n};")
    struct = struct_at(parsed, parsed.node_at(7, 8))
    if parsed.faults or struct is None or len(struct.members) != 1 or struct.body.named_child_count != 1:
        msg = f"{text!r} is not the declaration of one member in C"
        raise ValueError(msg)
    return struct.members[0]
