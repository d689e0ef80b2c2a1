# SPDX-License-Identifier: GPL-3.0-or-later
"""Render a quilt series from semantic patches, on any upstream tree."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
