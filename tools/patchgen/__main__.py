# SPDX-License-Identifier: GPL-3.0-or-later
"""Run patchgen as ``python -m patchgen``."""

from __future__ import annotations

import sys
from pathlib import Path

# Python puts the current folder first, which may be an upstream tree: nothing of it is run, no module either.
if sys.path and Path(sys.path[0] or ".").resolve() == Path.cwd() != Path(__file__).resolve().parents[1]:
    del sys.path[0]

from .cli import main

main()
