# SPDX-License-Identifier: GPL-3.0-or-later
"""The structs of the policy before and after, as a table for people and as values for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchgen.findings import printable

from .compare import Change, What, folded, in_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .pairs import Pair
    from .records import Record
    from .types import Member

__all__ = ["as_data", "as_table"]

_HEADS = ("member", "type", "offset", "size", "offset after", "size after", "verdict")
_ALONE = ("member", "type", "offset", "size")
_NUMBERS = frozenset({"offset", "size", "offset after", "size after"})


def as_table(pairs: Iterable[Pair], *, whole: bool = False) -> str:
    """Return a table for each pair; offsets and sizes are bytes, ``4.3`` is four bytes and three bits.

    :param whole: every member has a row, also in a long run of members that stay as they are.
    """
    return "".join("\n".join([*_lines(pair, whole=whole), "", ""]) for pair in pairs)


def as_data(pairs: Iterable[Pair]) -> list[dict[str, Any]]:
    """Return the pairs as JSON can hold them; sizes of structs are bytes, what is called ``_bits`` is bits."""
    return [
        {
            "struct": pair.struct.name,
            "use": pair.struct.use,
            "allow": pair.struct.allow.value,
            "targets": [target.value for target in pair.targets],
            "verdict": pair.verdict.name.lower(),
            "before": _struct(pair.before),
            "after": _struct(pair.after),
            "members": [_member(pair, change) for change in _changes(pair)],
        }
        for pair in pairs
    ]


def _lines(pair: Pair, *, whole: bool) -> Iterator[str]:
    names = ", ".join(target.value for target in pair.targets)
    yield printable(f"{pair.struct.name} ({pair.struct.use}), {names}: {_sizes(pair)}: {pair.verdict.value}")
    changes = list(_changes(pair))
    alone = pair.comparison is None
    for record in (pair.before, pair.after):
        if record is not None and record.unproved:
            yield f"  {printable(record.unproved)}"
    if changes:
        rows = [_cells(pair, row) for row in (changes if whole or alone else folded(changes))]
        yield from _aligned(_ALONE if alone else _HEADS, rows)


def _sizes(pair: Pair) -> str:
    sizes = [one.layout.size for one in (pair.before, pair.after) if one is not None and one.layout is not None]
    return f"{' to '.join(dict.fromkeys(map(str, sizes))) or 'unknown'} bytes"


def _changes(pair: Pair) -> Iterator[Change]:
    """Yield the members; those of one tree alone, or of a struct that is not there on one side, as they are."""
    if pair.comparison is not None:
        yield from pair.comparison.changes
        return
    if pair.before is not None and pair.after is not None:
        return
    for record, what in ((pair.before, What.REMOVED), (pair.after, What.APPENDED if pair.compared else What.SAME)):
        for member in record.layout.members if record is not None and record.layout is not None else ():
            if member.path:
                yield Change(what, *((member, None) if record is pair.before else (None, member)))


def _cells(pair: Pair, row: Change | int) -> tuple[str, ...]:
    if isinstance(row, int):
        return (f"... {row} members that stay as they are",)
    member = row.after or row.before
    kind = member.type if member is not None else ""
    if pair.comparison is None:
        return (row.name, kind, *_place(member))
    verdict = row.what.value if pair.allows(row) else f"{row.what.value}, not allowed"
    return (row.name, kind, *_place(row.before), *_place(row.after), verdict)


def _place(member: Member | None) -> tuple[str, str]:
    return ("-", "-") if member is None else (in_bytes(member.offset), in_bytes(member.size))


def _aligned(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    full = [heads, *(row for row in rows if len(row) > 1)]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    for row in (heads, *rows):
        if len(row) == 1:
            yield f"  {row[0]}"
            continue
        cells = zip(row, widths, heads, strict=True)
        yield (
            "  "
            + "  ".join(
                text.rjust(width) if head in _NUMBERS else text.ljust(width) for text, width, head in cells
            ).rstrip()
        )


def _struct(record: Record | None) -> dict[str, Any] | None:
    if record is None:
        return None
    layout = record.layout
    return {
        "name": record.name,
        "path": record.path,
        "line": record.line,
        "size": layout.size if layout is not None else None,
        "align": layout.align if layout is not None else None,
        "unproved": record.unproved or None,
    }


def _member(pair: Pair, change: Change) -> dict[str, Any]:
    known = pair.comparison is not None
    return {
        "member": change.name,
        "verdict": change.what.value if known or pair.compared else None,
        "allowed": pair.allows(change) if known else None,
        "before": _lies(change.before),
        "after": _lies(change.after),
    }


def _lies(member: Member | None) -> dict[str, Any] | None:
    return None if member is None else {"type": member.type, "offset_bits": member.offset, "size_bits": member.size}
