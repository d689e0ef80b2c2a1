# SPDX-License-Identifier: GPL-3.0-or-later
"""How much an upstream tarball may ask for."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a tarball may ask for before it is taken for a bomb."""

    unpacked: int = 4 << 30
    """Bytes of the whole archive, unpacked. The Linux kernel has 1.5 GB; beyond this, give a folder."""
    members: int = 1_000_000
    """Members. The Linux kernel has 90,000."""
    ratio: int = 250
    """Unpacked to packed bytes. Sources stay below 20, ones with much generated text below 100; gzip
    can reach 1,032, bzip2, xz and zstd much more."""
    ratio_from: int = 32 << 20
    """Unpacked bytes below which the ratio says nothing, and would do no harm."""
