# SPDX-License-Identifier: GPL-3.0-or-later
"""clang's diagnostics, as its option ``--serialize-diagnostics FILE`` writes them.

The file is an LLVM bitstream (https://llvm.org/docs/BitCodeFormat.html) whose blocks and records
clang/Frontend/SerializedDiagnostics.h names; every clang since 3.3 writes it in the same form. The SARIF
of ``-fdiagnostics-format=sarif`` comes only with clang 15, and is called unstable there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchgen.findings import Level

from .diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read"]

_MAGIC = b"DIAG"
_BLOCKINFO, _DIAG = 0, 9
_END, _ENTER, _DEFINE, _UNABBREVIATED = 0, 1, 2, 3
_SETBID = 1
_DIAGNOSTIC, _RANGE, _FLAG, _FILENAME = 2, 3, 4, 6
_LEVELS = {2: Level.WARNING, 3: Level.ERROR, 4: Level.ERROR}
"""clang's severities; 1 is a note, which belongs to another diagnostic, and 5 a remark."""
_FATAL = 4
_LITERAL, _FIXED, _VBR, _ARRAY, _CHAR6, _BLOB = 0, 1, 2, 3, 4, 5
_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._"


def read(data: bytes) -> list[Diagnostic]:
    """Return the diagnostics in a file of serialised diagnostics, paths as clang names them.

    :raises ValueError: it is no such file, or it is cut off.
    """
    if data[:4] != _MAGIC:
        msg = "no serialised diagnostics of clang"
        raise ValueError(msg)
    try:
        return list(_diagnostics(list(_Reader(data).records())))
    except (LookupError, RecursionError, UnicodeError) as error:
        msg = f"the serialised diagnostics of clang are damaged: {error}"
        raise ValueError(msg) from error


@dataclass(frozen=True, slots=True)
class _Record:
    """A record of a diagnostic block, *depth* of them deep: notes lie in the block of their diagnostic."""

    depth: int
    code: int
    values: tuple[int, ...]
    blob: bytes


def _diagnostics(records: list[_Record]) -> Iterator[Diagnostic]:
    names: dict[int, str] = {0: ""}
    flags: dict[int, str] = {0: ""}
    pending: tuple[_Record, list[tuple[int, ...]]] | None = None
    for record in records:
        if record.code == _FILENAME:
            names[record.values[0]] = record.blob.decode("utf-8", "surrogateescape")
        elif record.code == _FLAG:
            flags[record.values[0]] = record.blob.decode("utf-8", "replace")
        elif record.code == _RANGE and record.depth == 1 and pending:
            pending[1].append(record.values)
        elif record.code == _DIAGNOSTIC and record.depth == 1:
            if pending:
                yield from _diagnostic(*pending, names, flags)
            pending = (record, [])
    if pending:
        yield from _diagnostic(*pending, names, flags)


def _diagnostic(
    record: _Record, ranges: list[tuple[int, ...]], names: dict[int, str], flags: dict[int, str]
) -> Iterator[Diagnostic]:
    severity, file, line, column, _, _, flag = record.values[:7]
    if severity not in _LEVELS:
        return
    # A range is two locations of file, line, column and offset; the second is one past its end.
    ends = [end[6] for end in ranges if end[0] == file and end[1] == line == end[5] and end[2] <= column < end[6]]
    yield Diagnostic(
        path=names.get(file, ""),
        line=line,
        column=column,
        end=max([*ends, column + 1]),
        level=_LEVELS[severity],
        text=record.blob.decode("utf-8", "replace"),
        option=f"-W{flags[flag]}" if flags.get(flag) else "",
        fatal=severity == _FATAL,
    )


_Operand = tuple[int, int]
"""An encoding and its value: the literal itself, or a width in bits."""


@dataclass(slots=True)
class _Block:
    number: int
    width: int
    abbreviations: list[list[_Operand]] = field(default_factory=list)


class _Reader:
    """Reads the records of a bitstream: 32-bit words, the least significant bit first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._bit = 32  # behind the magic
        self._size = len(data) * 8
        self._known: dict[int, list[list[_Operand]]] = {}

    def records(self) -> Iterator[_Record]:
        """Yield the records of all diagnostic blocks, in the order of the file."""
        blocks = [_Block(-1, 2)]
        about = -1
        while self._bit + blocks[-1].width <= self._size:
            block = blocks[-1]
            code = self._fixed(block.width)
            if code == _ENTER:
                number, width = self._vbr(8), self._vbr(4)
                self._align()
                self._fixed(32)
                blocks.append(_Block(number, width, list(self._known.get(number, ()))))
            elif code == _END:
                self._align()
                blocks.pop()
                if not blocks:
                    msg = "a block ends that never began"
                    raise LookupError(msg)
            elif code == _DEFINE:
                made = self._abbreviation()
                target = self._known.setdefault(about, []) if block.number == _BLOCKINFO else block.abbreviations
                target.append(made)
            else:
                number, values, blob = self._record(block, code)
                if block.number == _BLOCKINFO and number == _SETBID:
                    about = values[0]
                elif block.number == _DIAG:
                    yield _Record(sum(one.number == _DIAG for one in blocks), number, tuple(values), blob)

    def _record(self, block: _Block, code: int) -> tuple[int, list[int], bytes]:
        if code == _UNABBREVIATED:
            number, count = self._vbr(6), self._vbr(6)
            self._room(count)
            return number, [self._vbr(6) for _ in range(count)], b""
        operands = block.abbreviations[code - 4]
        values: list[int] = []
        blob = b""
        at = 0
        while at < len(operands):
            kind, value = operands[at]
            if kind == _ARRAY:
                count = self._vbr(6)
                self._room(count)
                values += [self._scalar(operands[at + 1]) for _ in range(count)]
                at += 1
            elif kind == _BLOB:
                count = self._vbr(6)
                self._align()
                start = self._bit // 8
                self._room(count * 8)
                blob = self._data[start : start + count]
                self._bit += count * 8
                self._align()
            else:
                values.append(self._scalar((kind, value)))
            at += 1
        return values[0], values[1:], blob

    def _scalar(self, operand: _Operand) -> int:
        kind, value = operand
        if kind == _LITERAL:
            return value
        if kind == _FIXED:
            return self._fixed(value)
        if kind == _VBR:
            return self._vbr(value)
        return ord(_CHARACTERS[self._fixed(6)])

    def _abbreviation(self) -> list[_Operand]:
        made: list[_Operand] = []
        for _ in range(self._vbr(5)):
            if self._fixed(1):
                made.append((_LITERAL, self._vbr(8)))
            else:
                kind = self._fixed(3)
                made.append((kind, self._vbr(5) if kind in {_FIXED, _VBR} else 0))
        return made

    def _fixed(self, width: int) -> int:
        self._room(width)
        first, last = self._bit // 8, (self._bit + width + 7) // 8
        word = int.from_bytes(self._data[first:last], "little") >> (self._bit % 8)
        self._bit += width
        return word & ((1 << width) - 1)

    def _vbr(self, width: int) -> int:
        value = shift = 0
        more = 1 << (width - 1)
        while True:
            part = self._fixed(width)
            value |= (part & (more - 1)) << shift
            if not part & more:
                return value
            shift += width - 1

    def _align(self) -> None:
        self._bit = (self._bit + 31) // 32 * 32

    def _room(self, bits: int) -> None:
        if self._bit + bits > self._size:
            msg = "the file is cut off"
            raise LookupError(msg)
