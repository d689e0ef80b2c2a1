# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of upstream change: each a function that changes a scene, registered by its module."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from .kind import Kind, registered

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Kind", "kinds"]


def kinds() -> Mapping[str, Kind]:
    """Return all kinds by name, in the order of their families."""
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
    return dict(sorted(registered.items(), key=lambda item: (item[1].family, item[0])))
