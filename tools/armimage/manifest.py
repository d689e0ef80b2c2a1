# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest of a bundle, as far as it can be known before the bundle is: it carries the architecture.

The cloud takes the architecture of an image from ``/manifest/machine_configuration/architecture`` and from nowhere
else, and takes any word there. Who bundles the image, with keys of his own, fills in the parts, the keys to them and
the signature, and leaves what is there.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["manifest"]

_VERSION = "2007-10-10"
_CHUNK = 1 << 20


def manifest(file: Path, kind: str, architecture: str, version: str) -> bytes:
    """Return the manifest for a file of the image.

    :param kind: what it is: machine, kernel or ramdisk.
    :param version: of what makes it.
    """
    root = etree.Element("manifest")
    _add(root, "version", _VERSION)
    bundler = _add(root, "bundler")
    _add(bundler, "name", "armimage")
    _add(bundler, "version", version)
    _add(_add(root, "machine_configuration"), "architecture", architecture)
    image = _add(root, "image")
    _add(image, "name", file.name)
    _add(image, "type", kind)
    _add(image, "digest", _sha1(file)).set("algorithm", "SHA1")
    _add(image, "size", str(file.stat().st_size))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = text
    return element


def _sha1(file: Path) -> str:
    """Return the digest that the format asks for; nobody trusts it with anything."""
    digest = hashlib.sha1(usedforsecurity=False)
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
