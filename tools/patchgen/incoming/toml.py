# SPDX-License-Identifier: GPL-3.0-or-later
"""A semantic patch written as TOML 1.0, so that it reads back as it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["written"]


def written(fields: Mapping[str, str], edits: Sequence[Mapping[str, Any]], comments: Sequence[str] = ()) -> str:
    """Return the TOML of a semantic patch; *comments* are its first lines."""
    lines = [f"# {comment}" for comment in comments]
    lines += ["", "[dep3]"] if lines else ["[dep3]"]
    lines += [f"{name} = {_value(value)}" for name, value in fields.items()]
    for edit in edits:
        lines += ["", "[[edit]]"]
        lines += [f"{key} = {_value(value)}" for key, value in edit.items()]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return (
            _lines(value) if "\n" in value.rstrip("\n") or (len(value) > 1 and value.endswith("\n")) else _string(value)
        )
    if isinstance(value, dict):
        return (
            "{ "
            + ", ".join(
                f"{key} = {_string(inner) if isinstance(inner, str) else _value(inner)}" for key, inner in value.items()
            )
            + " }"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_string(str(inner)) for inner in value) + "]"
    raise TypeError(value)


def _string(text: str) -> str:
    """Return a basic string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _lines(text: str) -> str:
    r"""Return a string of several lines; tabs and quotation marks stay readable."""
    pieces = (_string(line)[1:-1].replace("\\t", "\t").replace('\\"', '"') for line in text.split("\n"))
    return '"""\n' + "\n".join(pieces).replace('"""', '""\\"') + '"""'
