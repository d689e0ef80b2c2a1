# SPDX-License-Identifier: GPL-3.0-or-later
"""Run buildcheck as ``python -m buildcheck``."""

from __future__ import annotations

from .cli import main

main()
