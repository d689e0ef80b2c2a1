# SPDX-License-Identifier: GPL-3.0-or-later
"""The architectures that there are guests for: what a guest of each is made of.

Which machine, disk and NIC it gets is not said here: that is what the tree's generator of libvirt XML
says, and what a boot proves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MACHINES", "Machine"]


@dataclass(frozen=True, slots=True)
class Machine:
    """An architecture of guests.

    :param word: how the project calls it.
    :param debian: Debian's name of it, for packages.
    :param says: what ``uname -m`` says in the guest.
    :param kernel: the Debian package that depends on the newest kernel; "" where one has to be built.
    :param modules: of that kernel, those that the guest loads, beside what they depend on.
    :param megabytes: of memory, enough to boot.
    """

    word: str
    debian: str
    says: str
    kernel: str
    modules: tuple[str, ...]
    megabytes: int

    @property
    def greeting(self) -> str:
        """The beginning of the line that only a guest prints that has come all the way up."""
        return f"guest {self.word}: {self.says} "


_VIRTIO = ("virtio_pci", "virtio_blk", "virtio_net", "crc32c_generic", "ext4")

MACHINES: Mapping[str, Machine] = {
    one.word: one
    for one in (
        Machine("armhf", "armhf", "armv7l", "linux-image-armmp-lpae", _VIRTIO, 128),
        Machine("arm64", "arm64", "aarch64", "linux-image-arm64", _VIRTIO, 256),
        # Debian has no kernel for the Versatile boards any more.
        Machine("arm", "armel", "armv5tejl", "", (), 128),
    )
}
"""By the word for it."""
