# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes Debian images for ARM guests of a cloud: kernel, ramdisk and root file system, with their manifests."""

from __future__ import annotations

from patchgen import __version__

__all__ = ["__version__"]
