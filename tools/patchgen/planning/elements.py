# SPDX-License-Identifier: GPL-3.0-or-later
"""How a new element of an XML schema is written among its siblings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchgen.syntax.lines import indent_at, newline_at
from patchgen.syntax.xml import SCHEMA
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchgen.syntax.xml import Element

__all__ = ["Particle", "insertion", "prefixed"]

_ORDER = ("name", "type", "minOccurs", "maxOccurs")


@dataclass(frozen=True, slots=True)
class Particle:
    """The new element: its attributes, in no order of their own."""

    attributes: dict[str, str]


def prefixed(sequence: Element, name: str) -> str | None:
    """Return the type *name* with the prefix that the document uses for its namespace.

    ``xs`` and ``xsd`` mean XML Schema and ``tns`` the target namespace of the schema; another prefix
    means what the document binds it to. None where the document has no prefix for it.
    """
    prefix, _, local = name.partition(":")
    bound = sequence.namespaces
    schema = next((element for element in sequence.above() if element.is_schema("schema")), None)
    if prefix in {"xs", "xsd"}:
        wanted = SCHEMA
    elif prefix == "tns" and schema is not None:
        wanted = schema.get("targetNamespace")
    else:
        wanted = bound.get(prefix, "")
    fitting = [known for known, uri in bound.items() if uri == wanted and wanted]
    used = [child.get("type").rpartition(":")[0] for child in sequence.children if child.get("type")]
    chosen = next((known for known in (*used, *fitting) if known in fitting), None)
    if chosen is None:
        return None
    return f"{chosen}:{local}" if chosen else local


def insertion(sequence: Element, anchor: Element | None, new: Particle, *, before: bool) -> Replacement:
    """Return the replacement that puts *new* beside *anchor*, or into a sequence that has no elements."""
    text = _written(sequence, anchor, new)
    if anchor is None:
        return _into_empty(sequence, text)
    data = sequence.parsed.data
    start = anchor.span[0]
    indent = indent_at(data, start)
    if before:
        if indent is not None:
            at = line_start(data, start)
            at += 3 if data[at : at + 3] == b"\xef\xbb\xbf" else 0
            return Replacement(at, at, indent + text + newline_at(data, start))
        return Replacement(start, start, text + _gap(anchor))
    stop = _past_comments(anchor)
    if indent is not None and not data[stop : line_end(data, stop)].strip():
        newline = newline_at(data, stop)
        at = line_end(data, stop)
        return Replacement(at, at, indent + text + newline)
    return Replacement(stop, stop, _gap(anchor) + text)


def _into_empty(sequence: Element, text: bytes) -> Replacement:
    data, (start, end) = sequence.parsed.data, sequence.span
    outer = indent_at(data, start)
    newline = newline_at(data, start)
    around = next(sequence.above(), None)
    above = indent_at(data, around.span[0]) if around is not None else None
    unit = outer[len(above) :] if outer and above is not None and outer.startswith(above) and outer != above else b"  "
    inside = text if outer is None else newline + outer + unit + text + newline + outer
    if sequence.empty:
        head = data[start:end].removesuffix(b"/>").rstrip()
        return Replacement(start + len(head), end, b">" + inside + b"</" + sequence.name.encode() + b">")
    opened, closing = sequence.tag.end_byte, sequence.node.children[-1].start_byte
    own_line = indent_at(data, closing)
    if own_line is not None and b"\n" in data[opened:closing]:
        at = line_start(data, closing)
        return Replacement(at, at, own_line + unit + text + newline)
    return Replacement(closing, closing, inside)


def _past_comments(anchor: Element) -> int:
    """Return the end of *anchor* and of the comments behind it on its line: they belong to it."""
    data, stop = anchor.parsed.data, anchor.span[1]
    node = anchor.node.next_sibling
    while node is not None and b"\n" not in data[stop : node.start_byte]:
        if node.type == "Comment":
            stop = node.end_byte
        elif node.type != "CharData" or data[node.start_byte : node.end_byte].strip() or b"\n" in (node.text or b""):
            break
        node = node.next_sibling
    return stop


def _gap(anchor: Element) -> bytes:
    """Return the blanks that part *anchor* from a neighbour on its line."""
    data = anchor.parsed.data
    for node in (anchor.node.prev_sibling, anchor.node.next_sibling):
        if node is not None and node.type == "CharData":
            text = data[node.start_byte : node.end_byte]
            if not text.strip(b" \t"):
                return text
    return b""


def _written(sequence: Element, anchor: Element | None, new: Particle) -> bytes:
    """Return the new element in the style of the sibling nearest to the place."""
    siblings = _by_nearness(sequence, anchor)
    prefix = sequence.name.rpartition(":")[0]
    name = siblings[0].name if siblings else f"{prefix}:element" if prefix else "element"
    model = next((sibling for sibling in siblings if sibling.attributes), None)
    quote, equals, gaps, tail = b'"', b"=", [b" "], b"/>"
    if model is not None:
        data, attributes = model.parsed.data, list(model.attributes.values())
        quote = attributes[0].quote
        equals = data[attributes[0].span[0] + len(attributes[0].name) : attributes[0].value_span[0] - 1]
        gaps = [_between(data, model, number) for number in range(len(attributes))]
        whole = data[attributes[-1].span[1] : model.span[1]]
        closed = b"</" + name.encode() + b">"
        if model.empty or whole.replace(b" ", b"") == b">" + closed:
            tail = whole
    order = _order(new.attributes, siblings)
    text = b"<" + name.encode()
    for number, key in enumerate(order):
        text += gaps[min(number, len(gaps) - 1)] if number or len(gaps) == 1 else gaps[0]
        text += key.encode() + equals + quote + new.attributes[key].encode() + quote
    return text + tail


def _between(data: bytes, model: Element, number: int) -> bytes:
    """Return the blanks before the attribute of that number."""
    attributes = list(model.attributes.values())
    start = attributes[number - 1].span[1] if number else model.tag.children[1].end_byte
    return data[start : attributes[number].span[0]]


def _by_nearness(sequence: Element, anchor: Element | None) -> list[Element]:
    """Return the sibling elements, those nearest to the anchor first; the empty ones before the others."""
    found = [child for child in sequence.children if child.is_schema("element")]
    at = anchor.span[0] if anchor is not None else 0
    return sorted(found, key=lambda child: (bool(child.children), abs(child.span[0] - at)))


def _order(keys: Iterable[str], siblings: Sequence[Element]) -> list[str]:
    """Return the attributes in the order that the siblings have; the nearest one that tells decides."""
    result: list[str] = []
    for key in sorted(keys, key=_ORDER.index):
        at = len(result)
        for number, other in enumerate(result):
            if _precedes(key, other, siblings):
                at = number
                break
        result.insert(at, key)
    return result


def _precedes(first: str, second: str, siblings: Sequence[Element]) -> bool:
    for sibling in siblings:
        names = list(sibling.attributes)
        if first in names and second in names:
            return names.index(first) < names.index(second)
    return False
