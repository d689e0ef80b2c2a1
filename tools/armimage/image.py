# SPDX-License-Identifier: GPL-3.0-or-later
"""A Debian image, made by mmdebstrap: the tarball of a system, and of it kernel, ramdisk and root file system.

The same packages give the same bytes: files are no newer than the time in the list of packages, what a
system makes for itself at its first start is not there, and the file system is filled in the order of the tarball.
"""

from __future__ import annotations

import re
import shutil
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildcheck import programs
from patchgen.findings import PatchgenError, Slug

from . import __version__
from .listing import Listing, installed
from .manifest import manifest
from .mirrors import proxies
from .running import followed
from .system import ENVIRONMENT, PACKAGES, hooks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from .architectures import Architecture
    from .mirrors import Source

__all__ = ["NEEDS", "Image", "ImageError", "Order"]

NEEDS = ("mmdebstrap", "genext2fs", "tune2fs")
"""The programs that this runs."""

_NOT_MADE = Slug.define(
    "image-not-made",
    """mmdebstrap, or a program that makes the file system of an image, failed. What it said last is in the message.
    As an ordinary user, mmdebstrap needs the Debian package uidmap and subordinate ids (subuid(5)).""",
)
_TOO_SMALL = Slug.define(
    "image-too-small", """What is installed does not fit into a root file system of the size that was asked for."""
)
_BLOCK = 4096
_PER_INODE = 8192
_MIB = 1 << 20
_UUID = "7a6f2d1c-0000-4000-8000-000000000001"
_SECONDS = 7200.0
_TAIL = 12
_STATUS = "./var/lib/dpkg/status"
_BOOT = (("kernel", re.compile(r"\./boot/vmlinuz-[^/]+")), ("ramdisk", re.compile(r"\./boot/initrd\.img-[^/]+")))


class ImageError(PatchgenError):
    """There is no image."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made.

    :param packages: beside what every image has.
    :param megabytes: of the root file system.
    :param seconds: since 1970: no file of the image is newer.
    :param listing: the packages that it has to be made of; None for the newest.
    """

    architecture: Architecture
    suite: str
    sources: Sequence[Source]
    packages: Sequence[str]
    megabytes: int
    seconds: int
    listing: Listing | None = None

    def made_of(self, status: bytes) -> Listing:
        """Return the list of what dpkg's file ``status`` says was made of this order."""
        made = installed(status)
        return Listing(self.architecture.debian, self.suite, self.seconds, self.megabytes, tuple(self.packages), made)


@dataclass(frozen=True, slots=True)
class Image:
    """An image that was made: ``kernel``, ``ramdisk``, ``root``, their manifests, and the list ``packages``."""

    folder: Path
    listing: Listing

    @classmethod
    def make(cls, order: Order, folder: Path, progress: Callable[[float, str], None]) -> Image:
        """Make an image in the empty *folder*.

        :param progress: is told how much is done, from 0 to 1, and what is being done.
        :raises ImageError: a program fails, or it does not fit.
        :raises OtherPackagesError: the image has not the packages of the list.
        """
        tarball = folder / "system.tar"
        command = _command(order, folder, tarball)
        environment = {"SOURCE_DATE_EPOCH": str(order.seconds), **ENVIRONMENT, **proxies()}
        done = followed(command, folder, environment, _SECONDS, lambda part, what: progress(part * 0.9, what))
        if done.status:
            raise ImageError(_NOT_MADE, f"mmdebstrap: {_telling(done)}", help=_end(done))
        progress(0.9, "taking kernel and ramdisk out")
        listing = order.made_of(_taken_out(tarball, folder))
        if order.listing is not None:
            order.listing.compare(listing)
        (folder / "packages").write_text(str(listing), encoding="ascii")
        progress(0.93, "making the root file system")
        _root(order, tarball, folder / "root")
        tarball.unlink()
        progress(0.98, "writing the manifests")
        for name, kind in (("kernel", "kernel"), ("ramdisk", "ramdisk"), ("root", "machine")):
            written = manifest(folder / name, kind, order.architecture.debian, __version__)
            (folder / f"{name}.manifest.xml").write_bytes(written)
        progress(1.0, "done")
        return cls(folder, listing)


def _command(order: Order, folder: Path, tarball: Path) -> list[str | Path]:
    """Return the words that call mmdebstrap(1), with the hooks that make the system one of a cloud."""
    sources = folder / "sources.list"
    sources.write_text("".join(f"{source}\n" for source in order.sources), encoding="utf-8")
    include = ",".join((*PACKAGES, order.architecture.kernel, *order.packages))
    return [
        "mmdebstrap",
        "--verbose",
        f"--architectures={order.architecture.debian}",
        "--variant=minbase",
        "--format=tar",
        f"--include={include}",
        *hooks(order.listing.pins() if order.listing else ""),
        order.suite,
        tarball,
        sources,
    ]


def _taken_out(tarball: Path, folder: Path) -> bytes:
    """Write kernel and ramdisk of the tarball into *folder*; return dpkg's file ``status``."""
    status = b""
    found: dict[str, str] = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            if not member.isfile() or (opened := archive.extractfile(member)) is None:
                continue
            if member.name == _STATUS:
                status = opened.read()
            for name, pattern in _BOOT:
                if pattern.fullmatch(member.name):
                    if name in found:
                        raise ImageError(_NOT_MADE, f"there are two: {found[name]} and {member.name}")
                    found[name] = member.name
                    with (folder / name).open("wb") as file:
                        shutil.copyfileobj(opened, file)
    for name, _ in _BOOT:
        if name not in found:
            raise ImageError(_NOT_MADE, f"the system has no {name}")
    return status


def _root(order: Order, tarball: Path, root: Path) -> None:
    """Make the root file system, ext3, of the tarball."""
    environment = {"SOURCE_DATE_EPOCH": str(order.seconds), "E2FSPROGS_FAKE_TIME": str(order.seconds)}
    blocks = str(order.megabytes * _MIB // _BLOCK)
    inodes = str(order.megabytes * _MIB // _PER_INODE)
    fill = ("genext2fs", "-B", str(_BLOCK), "-b", blocks, "-N", inodes, "-m", "1", "-f", "-a", tarball, root)
    done = programs.run(fill, root.parent, environment)
    if done.status:
        raise ImageError(_TOO_SMALL, f"genext2fs: {done.last_words}", help="--size gives it more megabytes")
    done = programs.run(("tune2fs", "-j", "-U", _UUID, root), root.parent, environment)
    if done.status:
        raise ImageError(_NOT_MADE, f"tune2fs: {done.last_words}")


def _telling(done: programs.Done) -> str:
    """Return the first error of what mmdebstrap said; those behind it follow from it."""
    lines = done.err.decode("utf-8", "replace").splitlines()
    return next((line[2:].strip() for line in lines if line.startswith("E:")), done.last_words)


def _end(done: programs.Done) -> str:
    """Return the end of what a program said, as a help."""
    return "\n".join(done.err.decode("utf-8", "replace").splitlines()[-_TAIL:])
