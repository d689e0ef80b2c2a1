# SPDX-License-Identifier: GPL-3.0-or-later
"""A struct before and after, as a picture: SVG that stands alone, or in a page, in dark and in light.

What a colour says a word says too; the picture has a title and a description, and takes its ink from ``currentColor``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from patchgen.findings import printable

from .compare import What, compare, folded, in_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .compare import Change
    from .records import Record
    from .types import Member

__all__ = ["picture"]

_ROW, _WIDTH, _TOP = 22, 340, 52
_SHADES = {
    What.APPENDED: "#2e7d32",
    What.INSERTED: "#c62828",
    What.REMOVED: "#c62828",
    What.MOVED: "#b26a00",
    What.RESIZED: "#c62828",
    What.RETYPED: "#b26a00",
}


def picture(before: Record, after: Record, label: str = "") -> str:
    """Return an SVG of two layouts of one struct, side by side: a row for each member, with offset, size and type.

    Rows that did not change and have no neighbour that did are drawn as one.

    :param label: what its ids begin with, in a page with others.
    :raises ValueError: one of the two has no layout.
    """
    if before.layout is None or after.layout is None:
        msg = f"{after.name} has no layout"
        raise ValueError(msg)
    comparison = compare(before.layout, after.layout)
    rows = list(folded(comparison.changes))
    height = _TOP + _ROW * len(rows) + _ROW
    title = f"{after.name}, before and after"
    said = str(comparison) or "nothing changes"
    label = label or f"st-{after.key[:12]}"
    root = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {2 * _WIDTH + 60} {height}",
        "role": "img",
        "aria-labelledby": f"{label}-title {label}-desc",
        "fill": "none",
        "font-family": "monospace",
        "font-size": "12",
    }
    parts = [
        f"<svg {' '.join(f'{name}={quoteattr(value)}' for name, value in root.items())}>",
        f'<title id="{label}-title">{_escaped(title)}</title>',
        f'<desc id="{label}-desc">{_escaped(said)}</desc>',
        _text(10, 18, f"{before.name}: {before.layout.size} bytes"),
        _text(_WIDTH + 50, 18, f"{after.layout.size} bytes"),
        _text(10, 38, "offset  size  member"),
        _text(_WIDTH + 50, 38, "offset  size  member"),
    ]
    for number, row in enumerate(rows):
        parts += _row(row, _TOP + number * _ROW)
    return "".join([*parts, "</svg>"])


def _row(row: Change | int, top: int) -> Iterator[str]:
    if isinstance(row, int):
        yield _text(10, top + 15, f"... {row} members that stay as they are")
        return
    shade = _SHADES.get(row.what)
    for member, left in ((row.before, 5), (row.after, _WIDTH + 45)):
        if member is None:
            continue
        fill = f' fill="{shade}" fill-opacity="0.18"' if shade else ""
        yield f'<rect x="{left}" y="{top}" width="{_WIDTH}" height="{_ROW - 2}" stroke="currentColor"{fill}/>'
        word = f" ({row.what.value})" if shade and (member is row.after or row.after is None) else ""
        yield _text(
            left + 5, top + 15, f"{in_bytes(member.offset):>6}  {in_bytes(member.size):>5} {_name(member)}{word}"
        )
    if row.before is not None and row.after is not None:
        middle = top + _ROW // 2 - 1
        yield f'<path d="M{_WIDTH + 7} {middle}h36" stroke="currentColor"/>'


def _name(member: Member) -> str:
    text = f"{member.path}: {member.type}"
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 3]}..."


def _text(left: int, base: int, text: str) -> str:
    return f'<text x="{left}" y="{base}" fill="currentColor" xml:space="preserve">{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    """Return *text* as XML can hold it: a path of a tree may have any byte in it."""
    return escape(printable(text))


_LETTERS = 30
