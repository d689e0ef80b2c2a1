# SPDX-License-Identifier: GPL-3.0-or-later
"""What a system of the cloud has that a bare Debian has not, and the other way round, as words for mmdebstrap(1)."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ENVIRONMENT", "PACKAGES", "hooks"]

ENVIRONMENT = {"INITRD": "No"}
"""What mmdebstrap has to see: the packages of kernels then make no ramdisk (``/etc/kernel/postinst.d/initramfs-tools``).

Else it would be made twice, for a kernel and at the end of the installation; once is minutes where programs are emulated.
"""

PACKAGES = ("ifupdown", "initramfs-tools", "isc-dhcp-client", "openssh-server", "systemd-sysv", "udev")
"""What a guest of the cloud needs: to come up, to get its address, and to be logged into."""

_MODULES = ("virtio_pci", "virtio_blk", "ext4", "crc32c_generic")
"""What has to be loaded before the root file system is there; whatever else the kernel has is on it.

These are the ones of the rows of the generator's table whose kernels Debian has.
"""
_RAMDISK = """\
#!/bin/sh
# The way to the root file system of a guest of the cloud: initramfs-tools(7), "HOOK SCRIPTS".
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
for module in {modules}; do force_load "$module"; done
"""


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is written into the system; its path starts below the root."""

    path: str
    text: str
    mode: str = "0644"

    def written(self) -> str:
        """Return the line of shell that writes it below the folder "$1"."""
        place = f'"$1"/{self.path}'
        folder = f'"$1"/{Path(self.path).parent}'
        text = f"printf %s {shlex.quote(self.text)} >{place}"
        return f"mkdir -p {folder} && rm -f {place} && {text} && chmod {self.mode} {place}"


_EARLY = (
    # The default looks for every module that any machine may need: thousands of emulated processes, for nothing.
    _File("etc/initramfs-tools/conf.d/cloud", "MODULES=list\nCOMPRESS=gzip\n"),
    _File("etc/initramfs-tools/hooks/cloud", _RAMDISK.format(modules=" ".join(_MODULES)), "0755"),
    # What is there is not made, and to make it is long work for an emulated program; none of it stays.
    *(_File(f"etc/ssh/ssh_host_{kind}_key", "") for kind in ("rsa", "ecdsa", "ed25519")),
)
"""What has to be there before the packages are."""
_LATE = (
    _File("etc/fstab", "/dev/root / ext3 errors=remount-ro 0 0\n"),
    _File("etc/hostname", "guest\n"),
    _File("etc/hosts", "127.0.0.1 localhost guest\n"),
    _File("etc/machine-id", ""),
    _File("etc/network/interfaces", "auto lo\niface lo inet loopback\n"),
    # The name of the NIC depends on the machine.
    _File("etc/network/interfaces.d/cloud", "allow-hotplug /e*=nic\niface nic inet dhcp\n"),
    _File("etc/resolv.conf", ""),
    # A guest that is emulated on a busy machine is slow, and would else be up without a console and without SSH.
    _File(
        "etc/systemd/system.conf.d/cloud.conf",
        "[Manager]\nDefaultDeviceTimeoutSec=30min\nDefaultTimeoutStartSec=30min\n",
    ),
    _File(
        "etc/systemd/system/ssh.service.d/keys.conf", "[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\n"
    ),
)
"""What differs from machine to machine, and what a guest of the cloud is told."""
_MADE_THERE = (
    "etc/ssh/ssh_host_*_key",
    "etc/ssh/ssh_host_*_key.pub",
    "etc/*-",
    "etc/dpkg/dpkg.cfg.d/99mmdebstrap",
    "var/cache/ldconfig/aux-cache",
    "var/lib/dbus/machine-id",
    "var/lib/systemd/random-seed",
    "var/log/alternatives.log",
    "var/log/apt/*",
    "var/log/bootstrap.log",
    "var/log/dpkg.log",
)
"""What a system has for itself alone, or says when it was made."""
_PINS = "etc/apt/preferences.d/armimage"


def hooks(pins: str) -> Iterator[str]:
    """Yield the options of mmdebstrap(1) that make a bare Debian a system of the cloud.

    :param pins: apt preferences that hold while it is made, "" for none.
    """
    # Else the package usrmerge would bring all of Perl, to do the same with it; it is one hook for every suite.
    yield "--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr"
    yield "--dpkgopt=force-unsafe-io"  # who loses power while it is made makes it again
    if pins:
        yield f"--setup-hook={_File(_PINS, pins).written()}"
    yield from (f"--essential-hook={file.written()}" for file in _EARLY)
    yield '--customize-hook=chroot "$1" update-initramfs -c -k all'
    removed = " ".join(f'"$1"/{pattern}' for pattern in (*_MADE_THERE, _PINS))
    yield f"--customize-hook=rm -f {removed}"
    yield from (f"--customize-hook={file.written()}" for file in _LATE)
