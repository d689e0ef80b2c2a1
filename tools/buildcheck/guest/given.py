# SPDX-License-Identifier: GPL-3.0-or-later
"""An image that somebody made, as a guest: kernel, ramdisk and root file system, and the manifest that says for what.

The architecture stands in the manifest at ``/manifest/machine_configuration/architecture``, which is where the cloud
takes it from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from patchgen.findings import PatchgenError, Place, Slug

from .image import Guest
from .machines import MACHINES

if TYPE_CHECKING:
    from pathlib import Path

    from .machines import Machine

__all__ = ["MANIFEST", "GivenError", "given_guest"]

MANIFEST = "root.manifest.xml"
"""The manifest of the root file system."""

_NOT_ONE = Slug.define(
    "image-not-whole",
    """A folder that was given as an image has no kernel, ramdisk or root file system in it, or its manifest is no XML.
    armimage makes such folders.""",
)
_NO_ARCHITECTURE = Slug.define(
    "image-without-architecture",
    """The manifest of an image does not say what architecture the image is for, or says a word that there are no
    guests for, or another one than was asked for. A cloud starts an image without one as it always did: as an x86
    guest, or as what NC_GUEST_ARCH says.""",
)
_PARTS = ("kernel", "ramdisk", "root")
_WHERE = "string(/manifest/machine_configuration/architecture)"
_MEGABYTES = 256
"""Of memory: a whole system needs more than a small guest, and the smallest of the machines has room for no more."""
_MOST = 1 << 20


class GivenError(PatchgenError, ValueError):
    """A folder is no image, or nobody says what for."""


def given_guest(folder: Path, word: str | None) -> Guest:
    """Return the guest of the image in *folder*.

    :param word: the architecture that is asked for; None for the one of the manifest.
    :raises GivenError: there is no image, or what the manifest says is not that.
    """
    for name in _PARTS:
        if not (folder / name).is_file():
            raise GivenError(_NOT_ONE, f"there is no file {name}", Place(str(folder)))
    path = folder / MANIFEST
    said = _said(path) if path.exists() or word is None else ""
    machine = _machine(said)
    if machine is None and (said or word is None):
        what = f"{said[:40]!r} is no architecture of guests" if said else "it does not say an architecture"
        raise GivenError(_NO_ARCHITECTURE, what, Place(str(path)), help=f"known are {', '.join(sorted(MACHINES))}")
    if machine is not None and word not in {None, machine.word}:
        raise GivenError(_NO_ARCHITECTURE, f"this image is for {machine.word}, and not for {word}", Place(str(path)))
    chosen = machine or MACHINES[str(word)]
    return Guest(replace(chosen, megabytes=_MEGABYTES), folder, (), login=True)


def _machine(said: str) -> Machine | None:
    """Return the machine that a word of a manifest stands for: ours, or Debian's."""
    return next((one for one in MACHINES.values() if said in {one.word, one.debian}), None)


def _said(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST)
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (OSError, etree.XMLSyntaxError) as error:
        why = error.strerror if isinstance(error, OSError) else error.msg
        raise GivenError(_NOT_ONE, f"it cannot be read: {why}", Place(str(path))) from error
    return str(root.xpath(_WHERE)).strip()
