# SPDX-License-Identifier: GPL-3.0-or-later
"""The text that makes a compiler say how it lays records out: its answers are constants in a section of an object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildcheck.ctree import TranslationUnit

    from .records import Record

__all__ = ["BITS", "SECTION", "Question", "probe", "questions"]

SECTION = ".buildcheck"
"""The section of the answers; those of local records are in sections of their own, a number behind it."""
BITS = "buildcheck_bits_"
"""How a pointer to a record with bit-fields is called, its number behind it: DWARF says where they lie."""

_FILE = "<buildcheck>"
_KIND = "const unsigned long long"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about one record: expressions of C, and what the engine says they are."""

    expressions: tuple[str, ...]
    expected: tuple[int, ...]
    about: tuple[str, ...]


def questions(record: Record) -> Question:
    """Return what is asked about *record*, which has a layout and a probe; bit-fields are asked for elsewhere."""
    layout, type_ = record.layout, record.probe
    asked = [f"sizeof({type_})", f"_Alignof({type_})"]
    expected = [layout.size if layout else 0, record.probe_align]
    about = ["its size", "its alignment"]
    for member in layout.members if layout else ():
        if member.bits or not member.path:
            continue
        asked.append(f"__builtin_offsetof({type_}, {member.path})")
        expected.append(member.offset // 8)
        about.append(f"the offset of {member.path}")
        if member.sized:
            asked.append(f"sizeof((({type_} *)0)->{member.path})")
            expected.append(member.size // 8)
            about.append(f"the size of {member.path}")
    return Question(tuple(asked), tuple(expected), tuple(about))


def probe(unit: TranslationUnit, records: Sequence[Record], *, whole: bool = False) -> str:
    """Return a text to compile: the declarations of *unit*, and a question about each record on a line of its own.

    :param whole: the bodies of functions stay, where a declaration needs what only they declare.
    """
    local: dict[int, list[int]] = {}
    for number, record in enumerate(records):
        if record.function:
            local.setdefault(record.chunk, []).append(number)
    parts: list[str] = []
    at = 0
    for external in unit.externals:
        chunk = external.chunk
        parts.append(unit.text[at : chunk.start])
        at = chunk.start + len(chunk.text)
        if external.number in local:
            parts.append(_asked_inside(chunk.text, [(n, records[n]) for n in local[external.number]]))
        elif whole or not chunk.function:
            parts.append(chunk.text)
    parts.append(unit.text[at:])
    asked = [(number, record) for number, record in enumerate(records) if not record.function]
    parts.append("\n#pragma pack()\n" if "pragma" in unit.text else "\n")
    parts.append(f'{_KIND} buildcheck_answers[] __attribute__((section("{SECTION}"), used)) = {{\n')
    parts += [f'# {number + 1} "{_FILE}"\n{", ".join(questions(record).expressions)},\n' for number, record in asked]
    parts.append("0 };\n")
    parts += [f'# {n + 1} "{_FILE}"\n{record.probe} *{BITS}{n};\n' for n, record in asked if record.has_bits]
    return "".join(parts)


def _asked_inside(text: str, records: Sequence[tuple[int, Record]]) -> str:
    """Return a function with the questions about its own records behind their declarations."""
    parts, at = [], 0
    for number, record in sorted(records, key=lambda one: one[1].after):
        name = f"buildcheck_answers_{number}"
        asked = ", ".join(questions(record).expressions)
        parts.append(text[at : record.after])
        parts.append(f'\n# {number + 1} "{_FILE}"\n')
        parts.append(f'static {_KIND} {name}[] __attribute__((section("{SECTION}.{number}"), used)) = {{ {asked} }};')
        if record.has_bits:
            parts.append(f" static {record.probe} *{BITS}{number} __attribute__((used));")
        parts.append("\n")
        at = record.after
    parts.append(text[at:])
    return "".join(parts)


def asked_line(path: str, line: int) -> int | None:
    """Return the number of the record that a diagnostic at this place is about, None for any other place."""
    return line - 1 if path == _FILE else None
