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

NEEDS = ("arm-linux-gnueabi-gcc", "bc", "bison", "flex", "make", "perl", "tar", "xz")
"""The programs that building it needs."""

_NO_KERNEL = Slug.define(
    "kernel-not-built",
    """The kernel for an armel guest is built from Debian's linux-source package, and that failed: the
    package has not the shape that it had, an option could not be set, or the compiler says no. The
    message has what make said last. Nothing of it is kept.""",
)

SOURCE = "linux-source-6.1"
"""The Debian package, the same for every architecture."""

_SECONDS = 4 * 3600.0
_DEVICE_TREE = "versatile-pb.dtb"
_BOARD = ("AEABI", "ARCH_MULTI_V5", "ARCH_VERSATILE", "ARM_APPENDED_DTB", "ARM_ATAG_DTB_COMPAT", "MMU", "VFP")
_DEVICES = (
    *("BLK_DEV_SD", "BLOCK", "E1000", "ETHERNET", "INET", "NET", "NETDEVICES", "NET_VENDOR_INTEL", "PCI"),
    *("PCI_VERSATILE", "SCSI", "SCSI_LOWLEVEL", "SCSI_SYM53C8XX_2", "SERIAL_AMBA_PL011", "SERIAL_AMBA_PL011_CONSOLE"),
)
_SYSTEM = (
    *("BINFMT_ELF", "BINFMT_SCRIPT", "BLK_DEV_INITRD", "DEVTMPFS", "DEVTMPFS_MOUNT", "EXT4_FS", "PRINTK", "PROC_FS"),
    *("RD_GZIP", "SYSFS", "TMPFS", "TTY"),
)
_WANTED = (*_BOARD, *_DEVICES, *_SYSTEM)
"""All that is switched on: versatile_defconfig is three times as much, none of which a guest has."""
_WITHOUT = ("ARCH_MULTI_V7",)
"""Switched off, because it is on by default and keeps the board out."""


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
    wanted = "".join(f"CONFIG_{name}=y\n" for name in _WANTED)
    (scratch / "wanted").write_text(wanted + "".join(f"# CONFIG_{name} is not set\n" for name in _WITHOUT), "utf-8")
    _make(tree, f"KCONFIG_ALLCONFIG={scratch}/wanted", "allnoconfig")
    settled = (tree / ".config").read_text(encoding="utf-8").splitlines()
    lacking = [name for name in _WANTED if f"CONFIG_{name}=y" not in settled]
    if lacking:
        raise VersatileError(_NO_KERNEL, f"this kernel's source has no such option, or not here: {', '.join(lacking)}")
    _make(tree, f"-j{os.cpu_count()}", "zImage", _DEVICE_TREE)
    trees = sorted((tree / "arch/arm/boot/dts").rglob(_DEVICE_TREE))
    if len(trees) != 1:
        raise VersatileError(_NO_KERNEL, f"make built {len(trees)} files {_DEVICE_TREE}")
    image = scratch / "kernel"
    image.write_bytes((tree / "arch/arm/boot/zImage").read_bytes() + trees[0].read_bytes())
    return image


def _make(tree: Path, *targets: str) -> None:
    # The same source gives the same kernel: no time, name or machine of ours is in it.
    ours = ("KBUILD_BUILD_TIMESTAMP=@1", "KBUILD_BUILD_USER=buildcheck", "KBUILD_BUILD_HOST=buildcheck")
    _run(tree, "make", "ARCH=arm", "CROSS_COMPILE=arm-linux-gnueabi-", *ours, *targets)


def _run(folder: Path, *words: str) -> None:
    done = programs.run(words, folder, seconds=_SECONDS)
    if done.status:
        raise VersatileError(_NO_KERNEL, f"{' '.join(words[:2])}: {done.last_words}")
