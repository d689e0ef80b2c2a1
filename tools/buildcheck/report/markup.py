# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements of HTML, made as a tree: text is text whatever is in it, so that nothing has to be escaped by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from patchgen.findings import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["drawing", "element", "page"]


def element(tag: str, *children: etree._Element | str | None, **attributes: str) -> etree._Element:
    """Return an element; ``None`` among the children is nothing.

    Control characters and what else is not printable become escapes, as on a terminal.

    :param attributes: ``class_`` and ``for_`` stand for class and for; ``aria_label`` for aria-label.
    """
    made = etree.Element(tag)
    for name, value in attributes.items():
        made.set(name.rstrip("_").replace("_", "-"), printable(value))
    for child in children:
        if isinstance(child, str):
            _append(made, printable(child))
        elif child is not None:
            made.append(child)
    return made


def drawing(svg: str) -> etree._Element:
    """Return a picture as a part of the page.

    :raises lxml.etree.XMLSyntaxError: it is no well-formed SVG.
    """
    return etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False, no_network=True))


def page(head: Iterable[etree._Element], body: etree._Element) -> bytes:
    """Return the document, in UTF-8."""
    root = element("html", element("head", *head), body, lang="en")
    return etree.tostring(root, method="html", doctype="<!DOCTYPE html>", encoding="utf-8") + b"\n"


def _append(parent: etree._Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
