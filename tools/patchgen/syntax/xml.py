# SPDX-License-Identifier: GPL-3.0-or-later
"""XML: parse a document and read its elements, attributes and namespaces.

tree-sitter tells where things are; whether the document is well formed is expat's to say, for the
grammar takes much that XML does not. Processing instructions are masked with blanks before
parsing: the grammar takes one among the children of an element for an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from patchgen.syntax.parsed import Parsed, ancestors, enclosing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser

    from patchgen.syntax.parsed import Span

__all__ = ["SCHEMA", "SUFFIXES", "Attribute", "Element", "Fault", "Xml", "fault", "is_xml", "parse"]

SUFFIXES = (".xml", ".wsdl", ".xsd", ".xml.in", ".wsdl.in", ".xsd.in")
"""What is parsed as XML."""

SCHEMA = "http://www.w3.org/2001/XMLSchema"
"""The namespace of XML Schema 1.0 (W3C XML Schema Part 1, section 1.3)."""

_DEEPEST = 200
_ASIDE = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|(<\?(?!xml[ \t\r\n]).*?\?>)", re.DOTALL)
_DOCTYPE = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>|(<!DOCTYPE\b)", re.DOTALL)


class Fault(NamedTuple):
    """Why a document is not edited, and the byte where that shows."""

    offset: int
    message: str


@dataclass(frozen=True, eq=False)
class Xml(Parsed):
    """A parsed document.

    :param instructions: the spans of the processing instructions, which the tree does not show.
    """

    instructions: tuple[Span, ...] = ()

    def attribute_owner(self, node: Node) -> Element | None:
        """Return the element that has the attribute that *node* is in the value or the name of, or None."""
        attribute = enclosing(node, "Attribute")
        element = enclosing(attribute, "element") if attribute is not None else None
        return Element(self, element) if element is not None else None


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a tag; the spans are those of the whole and of the value without quotes."""

    name: str
    value: str
    span: Span
    value_span: Span
    quote: bytes


@dataclass(frozen=True, eq=False)
class Element:
    """One element of a document."""

    parsed: Xml
    node: Node

    @property
    def tag(self) -> Node:
        """The start tag, or the only one."""
        return self.node.children[0]

    @property
    def empty(self) -> bool:
        """Whether the element is one self-closing tag."""
        return self.tag.type == "EmptyElemTag"

    @property
    def name(self) -> str:
        """The name as written, with its prefix."""
        return _text(self.parsed, self.tag.children[1])

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]

    @property
    def span(self) -> Span:
        """The bytes from the first tag to the last."""
        return self.node.start_byte, self.node.end_byte

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes in order, by name as written."""
        found = [_attribute(self.parsed, child) for child in self.tag.named_children if child.type == "Attribute"]
        return {attribute.name: attribute for attribute in found}

    def get(self, name: str) -> str:
        """Return the value of an attribute, "" where there is none."""
        return self.attributes[name].value if name in self.attributes else ""

    @cached_property
    def children(self) -> tuple[Element, ...]:
        """The elements directly within."""
        content = next((child for child in self.node.children if child.type == "content"), None)
        inner = content.named_children if content is not None else ()
        return tuple(Element(self.parsed, child) for child in inner if child.type == "element")

    def above(self) -> Iterator[Element]:
        """Yield the elements around this one, the nearest first."""
        return (Element(self.parsed, node) for node in ancestors(self.node) if node.type == "element")

    @cached_property
    def namespaces(self) -> dict[str, str]:
        """The prefixes bound here ("" for the default) and what they stand for, the nearest binding first."""
        found: dict[str, str] = {}
        for element in (self, *self.above()):
            for attribute in element.attributes.values():
                head, _, prefix = attribute.name.partition(":")
                if head == "xmlns":
                    found.setdefault(prefix, attribute.value)
        return found

    def means(self, name: str) -> tuple[str, str]:
        """Return the namespace and the local name of a qualified name that stands in this element."""
        prefix, _, local = name.rpartition(":")
        return self.namespaces.get(prefix, ""), local

    def is_schema(self, *locals_: str) -> bool:
        """Whether this is an element of XML Schema of one of these names."""
        return self.local in locals_ and self.means(self.name)[0] == SCHEMA


def is_xml(path: str, data: bytes = b"") -> bool:  # noqa: ARG001 - the path says enough; other languages need the bytes
    """Whether a file is parsed as XML."""
    return path.endswith(SUFFIXES)


@lru_cache(maxsize=64)
def parse(data: bytes) -> Xml:
    """Parse a document. Never fails: what cannot be parsed is among the faults."""
    instructions: list[Span] = []

    def blank(match: re.Match[bytes]) -> bytes:
        if match[1] is None:
            return match[0]
        instructions.append(match.span())
        return re.sub(rb"[^\r\n]", b" ", match[0])

    masked = _ASIDE.sub(blank, data)
    try:
        data.decode()
    except UnicodeDecodeError:  # another encoding: each byte above ASCII is a letter of some word
        masked = re.sub(rb"[\x80-\xff]", b"_", masked)
    return Xml(data, _parser().parse(masked), tuple(instructions))


@lru_cache(maxsize=64)
def fault(data: bytes) -> Fault | None:
    """Return what is against editing the document: it is not well formed, or has a document type.

    A document type may define entities and defaults of attributes, so that the text is not what it
    says. Namespaces count: a prefix that is bound to nothing is a fault (Namespaces in XML 1.0).
    """
    from xml.parsers import expat

    for match in _DOCTYPE.finditer(data, 0, 65536):
        if match[1]:
            return Fault(match.start(), "it has a document type definition (DTD)")
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def opened(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            message = f"elements are nested more than {_DEEPEST} deep"
            raise RecursionError(message)

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat's signature
    except expat.ExpatError as error:
        return Fault(max(0, parser.ErrorByteIndex), f"it is not well formed: {expat.ErrorString(error.code)}")
    except RecursionError as error:
        return Fault(parser.CurrentByteIndex, str(error))
    except (LookupError, ValueError) as error:  # an encoding that nobody knows
        return Fault(0, f"its encoding cannot be read: {error}")
    return None


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_xml

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_xml.language_xml()))


def _attribute(parsed: Xml, node: Node) -> Attribute:
    name, value = node.named_children[0], node.named_children[-1]
    inner = (value.start_byte + 1, value.end_byte - 1)
    text = parsed.data[inner[0] : inner[1]].decode("latin-1")
    span = (node.start_byte, node.end_byte)
    return Attribute(_text(parsed, name), text, span, inner, parsed.data[value.start_byte : inner[0]])


def _text(parsed: Xml, node: Node) -> str:
    return parsed.text(node).decode("latin-1")
