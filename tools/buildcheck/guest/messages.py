# SPDX-License-Identifier: GPL-3.0-or-later
"""The SOAP messages that no client of the tree sends: requests with an architecture in them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .image import Guest

__all__ = ["run_instance", "run_instances"]

_BESIDE = 4 << 20  # bytes
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@cache
def _messages() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "messages.toml").read_text(encoding="utf-8"))


def run_instances(guest: Guest, name: str, mac: str, arch: str, **others: str) -> bytes:
    """Return the request to a cluster controller; an empty *arch* is one without that element."""
    return _message("cluster", guest, name=name, mac=mac, arch=arch, **others)


def run_instance(guest: Guest, name: str, mac: str, arch: str, **others: str) -> bytes:
    """Return the request to a node controller.

    :param others: values of the message (``memory``, ``cores``) that are to be others than usual.
    """
    return _message("node", guest, name=name, mac=mac, arch=arch, **others)


def _message(which: str, guest: Guest, **values: str) -> bytes:
    said = _messages()
    images = {kind: f"file://{guest.folder}/{kind}" for kind in ("kernel", "ramdisk", "root")}
    sizes = {"memory": str(guest.machine.megabytes), "disk": _gigabytes(guest)}
    filled = {**said["usual"], **images, **sizes, **values}
    envelope = etree.Element(f"{{{_SOAP}}}Envelope")
    body = etree.SubElement(envelope, f"{{{_SOAP}}}Body")
    _fill(etree.SubElement(body, f"{{{said['namespace']}}}{said[which]['element']}"), said[which]["content"], filled)
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)


def _gigabytes(guest: Guest) -> str:
    """Return what an instance needs for the root file system, a partition table before it, and the usual swap space."""
    needed = (guest.root.stat().st_size + _BESIDE) >> 30
    return str(needed + 1)


def _fill(node: etree._Element, content: Mapping[str, Any], values: Mapping[str, str]) -> None:
    """Put the elements of a table into *node*: a table is an element with elements in it.

    A text in braces stands for a value; where that is empty, the element is left out.
    """
    namespace = etree.QName(node).namespace
    for name, text in content.items():
        if isinstance(text, dict):
            _fill(etree.SubElement(node, f"{{{namespace}}}{name}"), text, values)
        elif text.startswith("{") and text.endswith("}"):
            if values[text[1:-1]]:
                etree.SubElement(node, f"{{{namespace}}}{name}").text = values[text[1:-1]]
        else:
            etree.SubElement(node, f"{{{namespace}}}{name}").text = text
