# SPDX-License-Identifier: GPL-3.0-or-later
"""C: parse a file, say what a name does where it stands, read declarations and lists."""

from __future__ import annotations

from .functions import (
    Declaration,
    Kind,
    Parameter,
    declaration_at,
    enclosing_function,
    function_around,
    function_named,
    functions,
    is_macro_block,
)
from .lists import Items, items
from .names import Role, Use, use_at
from .parse import SUFFIXES, C, is_c, looks_like_c, parse, parse_again

__all__ = [
    "SUFFIXES",
    "C",
    "Declaration",
    "Items",
    "Kind",
    "Parameter",
    "Role",
    "Use",
    "declaration_at",
    "enclosing_function",
    "function_around",
    "function_named",
    "functions",
    "is_c",
    "is_macro_block",
    "items",
    "looks_like_c",
    "parse",
    "parse_again",
    "use_at",
]
