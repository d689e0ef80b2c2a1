# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of gcc: which change a layout, which do not, and how they are written.

The names are those of the manual of gcc, "Declaring Attributes of Functions", "of Variables", "of Types".
A name that is in neither list makes a struct *not proved*: it may be anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HARMLESS", "Attribute", "attributes"]

HARMLESS = frozenset(
    """access alias alloc_align alloc_size always_inline artificial assume_aligned cleanup cold common const
    constructor copy deprecated designated_init destructor error externally_visible fallthrough fd_arg flatten
    format format_arg gnu_inline hot ifunc leaf malloc may_alias maybe_unused naked no_instrument_function
    no_sanitize no_sanitize_address no_stack_protector nodiscard noclone nocommon noinline noipa nonnull
    nonstring noplt noreturn nothrow null_terminated_string_arg objc_nullability optimize pure retain
    returns_nonnull returns_twice section sentinel simd stack_protect symver target target_clones tls_model
    transparent_union unavailable unused used visibility warn_if_not_aligned warn_unused_result warning weak
    weakref zero_call_used_regs cdecl stdcall fastcall regparm sysv_abi ms_abi pcs tainted_args strict_flex_array
    enum_extensibility flag_enum""".split()  # noqa: SIM905 - a list of words is read more easily
)
"""Attributes that change neither size nor place of anything."""

_NAME = re.compile(r"\s*(?:(?P<space>\w+)\s*::\s*)?(?P<name>\w+)\s*(?P<rest>\(.*\))?\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its name without the underscores round it, and the text of its arguments."""

    name: str
    arguments: str = ""


def attributes(text: str) -> Iterator[Attribute]:
    """Yield the attributes in ``__attribute__((...))`` or ``[[...]]``; what cannot be read has the name "?"."""
    begin = re.match(r"(?:__attribute(?:__)?\s*\(\s*\(|\[\s*\[)", text)
    inner = text[begin.end() :].rstrip()[:-1].rstrip()[:-1] if begin else text
    for part in _parts(inner):
        if not part.strip():
            continue
        found = _NAME.fullmatch(part)
        if not found:
            yield Attribute("?", part.strip())
            continue
        name = found["name"]
        if len(name) > len("____") and name.startswith("__") and name.endswith("__"):
            name = name[2:-2]
        if found["space"] not in {None, "gnu", "__gnu__"}:
            name = f"{found['space']}::{name}"
        yield Attribute(name, (found["rest"] or "()")[1:-1].strip())


def _parts(text: str) -> Iterator[str]:
    """Yield what stands between the commas, those in parentheses and strings left alone."""
    depth, start = 0, 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[(),\[\]{}]', text):
        mark = match[0]
        depth += (mark in {"(", "[", "{"}) - (mark in {")", "]", "}"})
        if mark == "," and not depth:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]
