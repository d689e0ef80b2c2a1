# SPDX-License-Identifier: GPL-3.0-or-later
"""Where something stands in a file of the tree, as far as the preprocessor leaves it known."""

from __future__ import annotations

import msgspec

__all__ = ["Spot"]


class Spot(msgspec.Struct, frozen=True):
    """Where something stands, as far as the preprocessor leaves it known: a line, and a word on it.

    :param path: relative to the tree.
    :param word: the name to look for in the line; *nth* of those that are called there, from 0.
    :param argument: which argument of the call, from 0; -1 for the word itself.
    """

    path: str
    line: int
    word: str = ""
    nth: int = 0
    argument: int = -1
