# SPDX-License-Identifier: GPL-3.0-or-later
"""Units of C held together by the check ``calls``, without a preprocessor and without make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildcheck.calls.across import across
from buildcheck.calls.protocol import Protocol
from buildcheck.calls.reader import facts_of
from buildcheck.ctree import Parser, TranslationUnit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildcheck.calls.facts import Facts
    from patchgen.findings import Finding

__all__ = ["PROTOCOLS", "calls", "facts"]

PROTOCOLS = {"send": Protocol("send", "op", "{word}Stub")}
"""What the policy of these tests says."""


def facts(text: str, protocols: Mapping[str, Protocol], path: str = "main.c", parser: Parser | None = None) -> Facts:
    """Return the facts of a unit of that text."""
    tree = TranslationUnit(path, ".", f'# 1 "{path}"\n{text}', parser or Parser(), {path: text.encode()}.get)
    found = facts_of(tree, protocols)
    assert not found.unread
    return found


def calls(units: Mapping[str, str]) -> list[Finding]:
    """Return what is found in units that are linked together; *units* are their texts by path."""
    data = {path: text.encode() for path, text in units.items()}
    parser = Parser()
    listed = [facts(text, PROTOCOLS, path, parser) for path, text in units.items()]
    return [said.finding(data.get) for said in across([listed])]
