# SPDX-License-Identifier: GPL-3.0-or-later
"""The compiler as the oracle: each layout of ours beside the one that it uses, member by member.

Nothing that was compiled is run: sizes and offsets are constants in a section of the object, and where
bit-fields lie is in its DWARF. So the compiler of any architecture can be asked.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elftools.common.exceptions import DWARFError, ELFError, ELFParseError
from elftools.elf.elffile import ELFFile

from buildcheck import gcc, programs
from patchgen.findings import Level

from .dwarf import bit_fields
from .probe import SECTION, asked_line, probe, questions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from buildcheck.ctree import Target, TranslationUnit
    from buildcheck.store import Store

    from .records import Record

__all__ = ["Oracle"]

_OPTIONS = ("-x", "cpp-output", "-w", "-O0", "-c", "-fno-toplevel-reorder", *gcc.OPTIONS)
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Oracle:
    """One target's compiler.

    :param arguments: of the unit; only those that may change a layout are passed on.
    """

    target: Target
    store: Store

    def differences(
        self, unit: TranslationUnit, records: Sequence[Record], arguments: Sequence[str] = ()
    ) -> dict[str, str]:
        """Return what the compiler says against each record, by key; "" where it agrees.

        :raises ProgramError: the compiler is not there, or does not end.
        """
        said = {record.key: _NO_NAME for record in records if not record.probe}
        asked = [record for record in records if record.probe and record.layout is not None]
        for tried in range(_TRIES):
            if not asked:
                break
            answers, refused = self._asked(unit, asked, arguments, whole=tried > 0)
            if answers is not None:
                said |= {record.key: _against(record, answers, number) for number, record in enumerate(asked)}
                return said
            for number, message in refused.items():
                said[asked[number].key] = f"the compiler does not answer: {message}"
            asked = [record for number, record in enumerate(asked) if number not in refused]
        said |= {record.key: "the compiler does not compile the unit" for record in asked if record.key not in said}
        return said

    def _asked(
        self, unit: TranslationUnit, records: Sequence[Record], arguments: Sequence[str], *, whole: bool
    ) -> tuple[_Answers | None, Mapping[int, str]]:
        """Return the answers, or which questions the compiler refuses."""
        text = probe(unit, records, whole=whole)
        kept = [word for word in arguments if word.startswith(_OF_LAYOUT)]
        debug = ["-g"] if any(record.has_bits for record in records) else []
        with self.store.scratch() as scratch:
            made = f"{scratch}/probe.o"
            words: list[str | Path] = [self.target.compiler, *kept, *_OPTIONS, *debug, "-o", made, "-"]
            done = programs.run(words, self.store.folder, stdin=text.encode("latin-1"))
            if done.status:
                return None, _refused(done.err)
            with open(made, "rb") as file:  # noqa: PTH123 - a name
                data = file.read()
        try:
            return _Answers.of(data, with_bits=bool(debug)), {}
        except (ELFError, ELFParseError, DWARFError, struct.error, LookupError) as error:
            return None, dict.fromkeys(range(len(records)), f"its object cannot be read: {error!r}")


@dataclass(frozen=True, slots=True)
class _Answers:
    """What an object says: the numbers of the file's records one after the other, those of each local one, the bits."""

    numbers: list[int]
    local: Mapping[int, tuple[int, ...]]
    bits: Mapping[int, Mapping[str, tuple[int, int]]]

    @classmethod
    def of(cls, data: bytes, *, with_bits: bool) -> _Answers:
        elf = ELFFile(io.BytesIO(data))
        numbers: list[int] = []
        local = {}
        for section in elf.iter_sections():
            if section.name == SECTION:
                numbers = list(_numbers(section.data()))[::-1]
            elif section.name.startswith(f"{SECTION}."):
                local[int(section.name.removeprefix(f"{SECTION}."))] = tuple(_numbers(section.data()))
        return cls(numbers, local, bit_fields(elf) if with_bits else {})


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 8}Q", data)


def _against(record: Record, answers: _Answers, number: int) -> str:
    """Return what the compiler says against *record*, "" where nothing."""
    asked = questions(record)
    if record.function:
        said = list(answers.local.get(number, ()))
    else:  # in their order: the first is last
        said = [answers.numbers.pop() for _ in asked.expected if answers.numbers]
    if len(said) != len(asked.expected):
        return "the compiler did not answer"
    wrong = [
        f"{about} is {theirs} bytes and not {ours}"
        for about, ours, theirs in zip(asked.about, asked.expected, said, strict=True)
        if ours != theirs
    ]
    if record.has_bits and record.layout is not None:
        theirs_of = answers.bits.get(number, {})
        for member in record.layout.members:
            if member.bits and member.path and theirs_of.get(member.path) != (member.offset, member.size):
                at = theirs_of.get(member.path)
                wrong.append(
                    f"the bit-field {member.path} is at bit {at[0] if at else 'nowhere'} and not {member.offset}"
                )
    return "; ".join(wrong[:_SHOWN]) + (f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else "")


def _refused(said: bytes) -> dict[int, str]:
    """Return which questions the compiler has an error at, and the error."""
    try:
        found = [one for one in gcc.read(said) if one.level is Level.ERROR]
    except ValueError:
        return {}
    refused: dict[int, str] = {}
    for one in found:
        number = asked_line(one.path, one.line)
        if number is not None:
            refused.setdefault(number, one.text)
    return refused


_SHOWN = 4
_NO_NAME = "nothing in C names it, so that the compiler cannot be asked"
_OF_LAYOUT = ("-m", "-std=", "-fshort", "-fpack", "-funsigned", "-fsigned", "-fms", "-fplan9")
