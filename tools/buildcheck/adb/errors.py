# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error of this package: something with a file, a line and a reason."""

from __future__ import annotations

__all__ = ["NOWHERE", "AdbError"]

NOWHERE = ""
"""The path of what is about no file."""


class AdbError(ValueError):
    """A WSDL file, an option or the machine cannot be used. It prints as ``FILE:LINE: error: REASON``.

    :param path: the file as it was named; NOWHERE when it is about no file.
    :param line: from 1; 0 when it is about the whole file.
    """

    def __init__(self, path: str, line: int, reason: str) -> None:
        self.path = path
        self.line = line
        self.reason = reason
        super().__init__(path, line, reason)

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: error: {_printable(self.reason)}" if where else f"error: {_printable(self.reason)}"


def _printable(text: str) -> str:
    """Return *text* with control characters as escapes: a file may not drive a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
