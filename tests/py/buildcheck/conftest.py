# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk to work at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from _buildcheck import Desk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a small tree, an empty series, and a store that nobody else uses."""
    return Desk(tmp_path, monkeypatch)
