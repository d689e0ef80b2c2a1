# SPDX-License-Identifier: GPL-3.0-or-later
"""What a terminal is told while a command works."""

from __future__ import annotations

import sys
import time

import click

__all__ = ["Progress"]


class Progress:
    """Says on a terminal what is being done, once it has taken a second."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, text: str) -> None:
        """Show *text* in the place of what was there."""
        if sys.stderr.isatty() and time.monotonic() - self._start > 1:
            click.echo(f"\r\033[K{text}", nl=False, err=True)

    @staticmethod
    def clear() -> None:
        """Take the line away again."""
        if sys.stderr.isatty():
            click.echo("\r\033[K", nl=False, err=True)
