# SPDX-License-Identifier: GPL-3.0-or-later
"""gcc's diagnostics, as its option ``-fdiagnostics-format=json`` writes them (gcc(1), since gcc 9)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from patchgen.findings import Level

from .diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OPTIONS", "read"]

OPTIONS = ("-fdiagnostics-format=json",)
"""What makes gcc write what :func:`read` takes, on standard error."""

_LEVELS = {
    "error": Level.ERROR,
    "fatal error": Level.ERROR,
    "sorry, unimplemented": Level.ERROR,
    "warning": Level.WARNING,
}


def read(said: bytes) -> list[Diagnostic]:
    """Return the diagnostics in what gcc wrote on standard error, paths as it names them.

    Notes belong to the diagnostic before them and are left out.

    :raises ValueError: there is no JSON of gcc's in it.
    """
    # gcc writes the one array on a line of its own; `compilation terminated.` may stand behind it.
    start = said.find(b"[")
    if start < 0:
        msg = "gcc wrote no JSON"
        raise ValueError(msg)
    text = said[start:].decode("utf-8", "replace")
    try:
        found, _ = json.JSONDecoder().raw_decode(text)
        return list(_diagnostics(found))
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        msg = f"gcc wrote JSON of another form: {error}"
        raise ValueError(msg) from error


def _diagnostics(found: list[dict[str, Any]]) -> Iterator[Diagnostic]:
    for one in found:
        level = _LEVELS.get(one["kind"])
        if level is None:
            continue
        spot = one["locations"][0] if one["locations"] else {}
        caret = spot.get("caret", {})
        finish = spot.get("finish", caret)
        column = caret.get("byte-column", caret.get("column", 0))
        same_line = finish.get("line") == caret.get("line")
        end = finish.get("byte-column", finish.get("column", 0)) + 1 if same_line else column + 1
        yield Diagnostic(
            path=caret.get("file", ""),
            line=caret.get("line", 0),
            column=column,
            end=max(end, column + 1),
            level=level,
            text=one["message"],
            option=one.get("option", ""),
            fatal=one["kind"] == "fatal error",
        )
