# SPDX-License-Identifier: GPL-3.0-or-later
"""The series played on an upstream tree for a person to look at; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .refresh import played as play_series
from .shelf import SemanticFolder, Shelf
from .upstream import open_upstream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .config import Places
    from .findings import Finding
    from .stages import Stage

__all__ = ["Board", "findings", "played"]


@dataclass(frozen=True, slots=True)
class Board:
    """The stages of the series on one upstream tree."""

    upstream: str
    stages: tuple[Stage, ...]
    findings: tuple[Finding, ...]


def played(places: Places, upstream: str) -> Board:
    """Play the series on the tree that *upstream* names.

    Without a folder of patches, or before it is there, the series is that of the semantic patches.

    :raises PatchgenError: the tree, the semantic patches or the patches cannot be read.
    """
    semantic = SemanticFolder.open(places.need_semantic())
    shelf = Shelf.open(places.patches, semantic, places.series) if places.patches else Shelf.empty(semantic)
    source = open_upstream(upstream)
    stages = tuple(play_series(source, semantic, shelf))
    findings = (*source.findings, *(finding for stage in stages for finding in stage.findings))
    return Board(upstream, stages, findings)


def findings(boards: Sequence[Board]) -> tuple[Finding, ...]:
    """Return what is found on all trees; of several, each finding says on which."""
    if len(boards) == 1:
        return boards[0].findings
    return tuple(
        replace(finding, message=f"on {board.upstream}: {finding.message}")
        for board in boards
        for finding in board.findings
    )
