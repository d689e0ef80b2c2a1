# SPDX-License-Identifier: GPL-3.0-or-later
"""The architectures that there are images for, and what an image of each needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ARCHITECTURES", "Architecture"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """An architecture of images.

    :param debian: Debian's name of it, which is also the word for it in a manifest.
    :param kernel: the package that depends on a kernel with which the cloud's guests see their disk and NIC.
    :param emulator: the name of the handler that runs its programs here, see binfmt.d(5).
    """

    debian: str
    kernel: str
    emulator: str


# What a kernel must have, `gen_kvm_libvirt_xml --list-arches` says. armel is not here: Debian has no kernel for the
# Versatile board any more.
ARCHITECTURES: Mapping[str, Architecture] = {
    one.debian: one
    for one in (
        Architecture("armhf", "linux-image-armmp-lpae", "qemu-arm"),
        Architecture("arm64", "linux-image-arm64", "qemu-aarch64"),
    )
}
"""By Debian's name."""
