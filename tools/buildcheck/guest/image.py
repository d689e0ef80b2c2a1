# SPDX-License-Identifier: GPL-3.0-or-later
"""A small guest: a kernel, a ramdisk of busybox and five lines, a root file system.

The guest prints its line only when it has come all the way up: its disk is there and its NIC, and the
line itself stands on the root file system, which is mounted from that disk. The same packages give the
same bytes, whoever makes it, where and when: the times in it are ``SOURCE_DATE_EPOCH``, else that of the
kernel in its package.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck import programs
from buildcheck.store import key, own
from patchgen.findings import PatchgenError, Slug

from .packages import Package, Packages
from .versatile import SOURCE, versatile_kernel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildcheck.store import Store

    from .machines import Machine

__all__ = ["NEEDS", "Guest", "GuestError", "make_guest"]

NEEDS = ("cpio", "debugfs", "mke2fs", "modinfo")
"""The programs that this runs, beside apt's."""

_INCOMPLETE = Slug.define(
    "guest-not-made",
    """A guest cannot be made of the Debian packages that it is made of: a kernel, a module or busybox is
    not where it should be in them, or a program that makes the file systems fails.""",
)

_INIT = b"""\
#!/bin/busybox sh
/bin/busybox --install -s /bin; mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys
while read -r module; do insmod "/lib/modules/$module"; done </lib/modules/order
root=$(sed 's/.*root=\\([^ ]*\\).*/\\1/' /proc/cmdline); until [ -b "$root" ] && [ -e /sys/class/net/eth0 ]; do sleep 0.1; done
mount -o ro "$root" /mnt && echo "$(cat /mnt/name) $(uname -m) on $root with $(cat /sys/class/net/eth0/address)"
exec sleep 2147483647
"""
_BUSYBOX = "bin/busybox"
_ROOT_KIB = 4096
_UUID = "00000000-0000-4000-8000-000000000001"
_EPOCH_OF_A_BUILT_KERNEL = 1
_DEPENDS = re.compile(rb"\A[\w,-]*\Z")


class GuestError(PatchgenError):
    """A guest cannot be made."""


@dataclass(frozen=True, slots=True)
class Guest:
    """The three files of a guest, called as the generator of libvirt XML calls them.

    :param packages: the file names of the packages that it was made of.
    :param login: whether it is a whole system, which asks who logs in; else it prints a line of its own.
    """

    machine: Machine
    folder: Path
    packages: tuple[str, ...]
    login: bool = False

    @property
    def kernel(self) -> Path:
        """The kernel image; with its device tree behind it, where the machine wants one."""
        return self.folder / "kernel"

    @property
    def ramdisk(self) -> Path:
        """The compressed cpio archive with ``/init``."""
        return self.folder / "ramdisk"

    @property
    def root(self) -> Path:
        """The root file system, an ext4 one without a partition table."""
        return self.folder / "root"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a guest is made of.

    :param modules: in the order in which they have to be loaded.
    :param epoch: seconds, for every time in the guest.
    """

    kernel: bytes
    busybox: bytes
    modules: Mapping[str, bytes]
    epoch: int


def make_guest(machine: Machine, store: Store) -> Guest:
    """Return a guest, made now or before of the same parts.

    :raises PackageError: a Debian package cannot be fetched.
    :raises GuestError: it cannot be made of them.
    :raises ProgramError: a program is not there.
    """
    programs.need(NEEDS)
    packages = Packages(store.folder / "packages" / machine.debian, machine.debian)
    busybox = packages.get("busybox-static")
    kernel = packages.behind(machine.kernel) if machine.kernel else packages.get(SOURCE)
    names = (kernel.path.name, busybox.path.name)
    given = _given_epoch()
    name = key("guest", own("guest/image"), machine.word, str(given), *names)
    folder = store.folder / "guests" / name
    if not (folder / "guest.json").exists():
        parts = _parts(machine, kernel, busybox, store)
        epoch = parts.epoch if given is None else given
        with store.scratch() as scratch:
            made = Path(scratch) / "guest"
            made.mkdir()
            _fill(made, machine, replace(parts, epoch=epoch), names)
            folder.parent.mkdir(exist_ok=True)
            try:
                made.rename(folder)
            except OSError:  # another run was faster
                if not (folder / "guest.json").exists():
                    raise
    os.utime(folder)
    return Guest(machine, folder, names)


def _parts(machine: Machine, kernel: Package, busybox: Package, store: Store) -> _Parts:
    programs_ = list(busybox.files(lambda path: path.endswith(_BUSYBOX)).values())
    if len(programs_) != 1:
        raise GuestError(_INCOMPLETE, f"{busybox.path.name} has {len(programs_)} files {_BUSYBOX}")
    if not machine.kernel:
        return _Parts(versatile_kernel(kernel, store), programs_[0][0], {}, _EPOCH_OF_A_BUILT_KERNEL)
    files = kernel.files(lambda path: path.startswith("boot/vmlinuz-") or path.endswith(".ko"))
    kernels = [found for path, found in files.items() if path.startswith("boot/")]
    if len(kernels) != 1:
        raise GuestError(_INCOMPLETE, f"{kernel.path.name} has {len(kernels)} files boot/vmlinuz-*")
    modules = {Path(path).stem.replace("-", "_"): data for path, (data, _) in files.items() if path.endswith(".ko")}
    return _Parts(kernels[0][0], programs_[0][0], _ordered(machine, modules, store), kernels[0][1])


def _given_epoch() -> int | None:
    """Return the time that is asked for (https://reproducible-builds.org/specs/source-date-epoch/)."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given and not (given.isascii() and given.isdigit() and len(given) <= len("9999999999")):
        raise GuestError(_INCOMPLETE, f"SOURCE_DATE_EPOCH is no number of seconds: {given[:40]!r}")
    return int(given) if given else None


def _ordered(machine: Machine, modules: Mapping[str, bytes], store: Store) -> dict[str, bytes]:
    """Return the modules that the machine's need, those first that others depend on."""
    found: dict[str, bytes] = {}
    with store.scratch() as scratch:

        def add(name: str) -> None:
            if name in found:
                return
            if name not in modules:
                raise GuestError(_INCOMPLETE, f"the kernel of {machine.word} has no module {name}")
            file = Path(scratch) / f"{name}.ko"
            file.write_bytes(modules[name])
            done = programs.run(("modinfo", "-F", "depends", file), Path(scratch))
            wanted = done.out.strip()
            if done.status or not _DEPENDS.match(wanted):
                raise GuestError(_INCOMPLETE, f"modinfo does not say what {name} depends on: {done.last_words}")
            for other in filter(None, wanted.decode().replace("-", "_").split(",")):
                add(other)
            found[name] = modules[name]

        for name in machine.modules:
            add(name)
    return found


def _fill(folder: Path, machine: Machine, parts: _Parts, packages: tuple[str, ...]) -> None:
    (folder / "kernel").write_bytes(parts.kernel)
    (folder / "ramdisk").write_bytes(_ramdisk(folder / "tree", parts))
    _root(folder, f"guest {machine.word}:", parts.epoch)
    described = {"architecture": machine.word, "made of": packages, "modules": list(parts.modules)}
    (folder / "guest.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


def _ramdisk(tree: Path, parts: _Parts) -> bytes:
    """Return the archive that the kernel unpacks (cpio, format newc, as its initramfs wants it)."""
    order = "".join(f"{name}.ko\n" for name in parts.modules)
    files = {
        "bin/busybox": (parts.busybox, 0o755),
        "init": (_INIT, 0o755),
        "lib/modules/order": (order.encode(), 0o644),
        **{f"lib/modules/{name}.ko": (data, 0o644) for name, data in parts.modules.items()},
    }
    folders = ["bin", "dev", "lib", "lib/modules", "mnt", "proc", "sys"]
    for name in folders:
        (tree / name).mkdir(parents=True)
    for name, (data, mode) in files.items():
        (tree / name).write_bytes(data)
        (tree / name).chmod(mode)
    names = sorted((*folders, *files))
    for name in reversed(names):
        if name in folders:
            (tree / name).chmod(0o755)
        os.utime(tree / name, (parts.epoch, parts.epoch))
    words = ("cpio", "--create", "--quiet", "--null", "--reproducible", "--format=newc", "--owner=+0:+0")
    done = programs.run(words, tree, stdin="".join(f"{name}\0" for name in names).encode())
    if done.status:
        raise GuestError(_INCOMPLETE, f"cpio: {done.last_words}")
    for name in files:
        (tree / name).unlink()
    for name in reversed(folders):
        (tree / name).rmdir()
    tree.rmdir()
    return gzip.compress(done.out, 6, mtime=0)


def _root(folder: Path, name: str, epoch: int) -> None:
    """Make the root file system, without being root: one file in it, which says whose it is.

    mke2fs(8) -d would give the file to whoever runs it; debugfs(8) gives it to root.
    """
    (folder / "name").write_text(f"{name}\n", encoding="utf-8")
    (folder / "name").chmod(0o644)
    environment = {"E2FSPROGS_FAKE_TIME": str(epoch), "MKE2FS_CONFIG": os.devnull}
    options = f"root_owner=0:0,hash_seed={_UUID},lazy_itable_init=0"
    commands = (
        (
            "mke2fs",
            "-q",
            "-F",
            "-t",
            "ext4",
            "-O",
            "none,filetype,extent",
            "-b",
            "1024",
            "-m",
            "0",
            "-U",
            _UUID,
            "-E",
            options,
            "root",
            str(_ROOT_KIB),
        ),
        ("debugfs", "-w", "-R", "write name name", "root"),
    )
    for words in commands:
        done = programs.run(words, folder, environment)
        if done.status:
            raise GuestError(_INCOMPLETE, f"{words[0]}: {done.last_words}")
    done = programs.run(("debugfs", "-R", "cat name", "root"), folder)
    if done.out.decode("utf-8", "replace") != f"{name}\n":  # debugfs ends with 0 whatever it did
        raise GuestError(_INCOMPLETE, f"debugfs: {done.last_words}")
    (folder / "name").unlink()
