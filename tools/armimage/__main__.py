# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m armimage``."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main()
