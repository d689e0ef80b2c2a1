# SPDX-License-Identifier: GPL-3.0-or-later
"""A kernel for the Versatile boards, which Debian has none for: built from Debian's linux-source, and kept.

What it must have is what the row ``arm`` of the generator's table says: its device tree behind the
image, because the domain names no <dtb>; E1000, because libvirt cannot have the board's own NIC; and
SYM53C8XX_2 for the lsilogic disk.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck import programs
from buildcheck.store import key
from patchgen.findings import PatchgenError, Slug

if TYPE_CHECKING:
    from buildcheck.store import Store

    from .packages import Package

__all__ = ["NEEDS", "SOURCE", "VersatileError", "versatile_kernel"]

NEEDS = ("arm-linux-gnueabi-gcc", "bash", "bc", "bison", "flex", "make", "nice", "perl", "tar", "xz")
"""The programs that building it needs."""

_NO_KERNEL = Slug.define(
    "kernel-not-built",
    """The kernel for an armel guest is built from Debian's linux-source package, and that failed: the
    package has not the shape that it had, an option could not be set, or the compiler says no. The
    message has what make said last. Nothing of it is kept.""",
)

SOURCE = "linux-source-6.1"
"""The Debian package, the same for every architecture."""

_SECONDS = 3600.0
_DEVICE_TREE = "versatile-pb.dtb"
_WANTED = (
    *("ARM_APPENDED_DTB", "ARM_ATAG_DTB_COMPAT", "BLK_DEV_INITRD", "BLK_DEV_SD", "DEVTMPFS", "DEVTMPFS_MOUNT"),
    *("E1000", "EXT4_FS", "PCI", "PCI_VERSATILE", "RD_GZIP", "SCSI", "SCSI_SYM53C8XX_2", "TMPFS"),
)
"""Switched on beside what versatile_defconfig has."""
_WITHOUT = ("MODULES", "DEBUG_INFO", "SOUND", "FB", "DRM", "MTD", "USB_SUPPORT", "WIRELESS", "NETWORK_FILESYSTEMS")
"""Switched off: no guest here has them, and they cost minutes."""


class VersatileError(PatchgenError):
    """The kernel cannot be built."""


def versatile_kernel(package: Package, store: Store) -> bytes:
    """Return the image with its device tree behind it, built now (minutes) or before of the same source.

    :param package: the one called :data:`SOURCE`.
    :raises VersatileError: it cannot be built.
    :raises ProgramError: a program is not there.
    """
    kept = store.folder / "kernels" / key("versatile", package.path.name, *_WANTED, "without", *_WITHOUT)
    if not kept.exists():
        programs.need(NEEDS)
        with store.scratch() as scratch:
            built = _build(package.path, Path(scratch))
            kept.parent.mkdir(exist_ok=True)
            store.keep(built, kept)
    os.utime(kept)
    return kept.read_bytes()


def _build(package: Path, scratch: Path) -> Path:
    _run(scratch, "dpkg-deb", "--extract", str(package), "data")
    archives = sorted(scratch.glob("data/usr/src/linux-source-*.tar.xz"))
    if len(archives) != 1:
        raise VersatileError(_NO_KERNEL, f"{package.name} has {len(archives)} archives of a kernel's source")
    tree = scratch / "linux"
    tree.mkdir()
    _run(tree, "tar", "--extract", "--strip-components=1", "--no-same-owner", f"--file={archives[0]}")
    archives[0].unlink()
    _make(tree, "versatile_defconfig")
    options = [word for name in _WANTED for word in ("--enable", name)]
    _run(tree, "bash", "scripts/config", *options, *(word for name in _WITHOUT for word in ("--disable", name)))
    _make(tree, "olddefconfig")
    settled = (tree / ".config").read_text(encoding="utf-8").splitlines()
    lacking = [name for name in _WANTED if f"CONFIG_{name}=y" not in settled]
    if lacking:
        raise VersatileError(_NO_KERNEL, f"this kernel's source has no such option, or not here: {', '.join(lacking)}")
    _make(tree, f"-j{os.cpu_count()}", "zImage", "dtbs")
    (trees,) = sorted((tree / "arch/arm/boot/dts").rglob(_DEVICE_TREE)) or (None,)
    if trees is None:
        raise VersatileError(_NO_KERNEL, f"make built no {_DEVICE_TREE}")
    image = scratch / "kernel"
    image.write_bytes((tree / "arch/arm/boot/zImage").read_bytes() + trees.read_bytes())
    return image


def _make(tree: Path, *targets: str) -> None:
    # The same source gives the same kernel: no time, name or machine of ours is in it.
    ours = ("KBUILD_BUILD_TIMESTAMP=@1", "KBUILD_BUILD_USER=buildcheck", "KBUILD_BUILD_HOST=buildcheck")
    _run(tree, "nice", "make", "ARCH=arm", "CROSS_COMPILE=arm-linux-gnueabi-", *ours, *targets)


def _run(folder: Path, *words: str) -> None:
    done = programs.run(words, folder, seconds=_SECONDS)
    if done.status:
        raise VersatileError(_NO_KERNEL, f"{' '.join(words[:2])}: {done.last_words}")
