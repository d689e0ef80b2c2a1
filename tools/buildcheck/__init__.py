# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove that a patched tree is still consistent and really works."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
