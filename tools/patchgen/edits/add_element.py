# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``add-element``: a type of an XML schema, in a WSDL or on its own, gets an element."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from patchgen.findings import Slug
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.elements import Particle, insertion, prefixed
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.words import ANCHOR, DIFFERS, SEVERAL, UNREADABLE, in_language, one_of, spans_of
from patchgen.syntax import xml
from patchgen.syntax.parsed import clean, enclosing

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.syntax.parsed import Span
    from patchgen.syntax.xml import Element, Xml
    from patchgen.tree import Tree

__all__ = ["AddElement"]

_DOCUMENT = Slug.define(
    "document-not-edited",
    """The document is not well formed, is written in an unknown encoding, or has a document type
    definition, whose entities and defaults may make the text mean something other than it says.""",
)
_NO_SEQUENCE = Slug.define(
    "no-sequence",
    """The type has no sequence of its own that an element could be added to: it is a choice, a
    restriction of another type, has simple content, or is empty.""",
)

_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_QNAME = re.compile(r"[A-Za-z_][\w.-]*:[A-Za-z_][\w.-]*", re.ASCII)
_OCCURS = re.compile(r"\d+|unbounded")
_HOLDERS = ("complexType", "group", "element")


class AddElement(Edit, frozen=True, tag="add-element"):
    """Add an element to the sequence of a type in an XML schema (WSDL, XSD).

    The place is the sequence of the ``complexType`` named `type` (where there is none: of the group,
    or of the element with a type of its own, of that name), also where it is inside ``complexContent/extension``; in
    it, behind `after` or before `before` (the name of a sibling, or alternatives), or `at = "end"`.
    A line is never the anchor, and what stands in a comment is no element. The new element is
    written as its siblings are: prefix, order and quoting of attributes, indentation, form of tag.
    In `xml-type` the prefixes ``xs`` and ``xsd`` mean XML Schema, and ``tns`` the schema's own
    namespace, whatever the document calls them.

    Owns the names `type` and `element` in the files it covers. Present when the type has an element
    of that name, with the same type and occurrence, on the right side of the anchor; refused when it
    is another, when the type is there twice, when no sibling has the anchor's name, and in a
    document that is not well formed or has a DTD.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "add-element"\nfiles = ["shop.xsd"]\ntype = "orderType"\nelement = "colour"\n'
            'xml-type = "xs:string"\nmin-occurs = 0\nafter = "size"\n',
            before={
                "shop.xsd": '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">\n'
                '  <xsd:complexType name="orderType">\n    <xsd:sequence>\n'
                '      <xsd:element name="size" type="xsd:int"/>\n'
                '      <xsd:element name="note" type="xsd:string" minOccurs="0"/>\n'
                "    </xsd:sequence>\n  </xsd:complexType>\n</xsd:schema>\n",
            },
            after={
                "shop.xsd": '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">\n'
                '  <xsd:complexType name="orderType">\n    <xsd:sequence>\n'
                '      <xsd:element name="size" type="xsd:int"/>\n'
                '      <xsd:element name="colour" type="xsd:string" minOccurs="0"/>\n'
                '      <xsd:element name="note" type="xsd:string" minOccurs="0"/>\n'
                "    </xsd:sequence>\n  </xsd:complexType>\n</xsd:schema>\n",
            },
        ),
    )

    type: str
    element: str
    xml_type: str
    min_occurs: int | None = None
    max_occurs: int | str | None = None
    after: OneOrMany = ()
    before: OneOrMany = ()
    at: str = ""

    def __post_init__(self) -> None:
        for name in (self.type, self.element):
            if not _NAME.fullmatch(name):
                msg = f"{name!r} is not a name in XML, without prefix and in ASCII"
                raise ValueError(msg)
        if not _QNAME.fullmatch(self.xml_type):
            msg = f"xml-type {self.xml_type!r} is not a type with its prefix, such as xs:string or tns:orderType"
            raise ValueError(msg)
        for occurs in (self.min_occurs, self.max_occurs):
            if occurs is not None and not _OCCURS.fullmatch(str(occurs)):
                msg = f"{occurs!r} is not a number of occurrences"
                raise ValueError(msg)
        if self.at not in {"", "start", "end"} or bool(self.after) + bool(self.before) + bool(self.at) != 1:
            msg = 'give one of: after, before, at = "start", at = "end"'
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the names of the type and of the element: owned in the files that the edit covers."""
        return frozenset({self.type, self.element})

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        found: list[_Site] = []
        for path, data in in_language(self, book, (self.type, self.element), xml.is_xml, "an XML document"):
            found += self._survey(book, path, data)
        types = [site for site in found if site.holder.local == "complexType"] or found
        if len(types) == 1:
            self._judge(book, types[0])
        elif not types and not book.refused:
            book.missing(f"a type {self.type} with elements of its own")
        for path, span, _ in types if len(types) > 1 else ():
            book.refuse(path, span, SEVERAL, f"{self.type} is defined {len(types)} times in the files of this edit")
        self._settle_rest(book, [site.path for site in found])
        return book.plan()

    # -- the ledger

    def _survey(self, book: Book, path: str, data: bytes) -> list[_Site]:
        """Enter what stands in one document; return where it defines the type."""
        spans = spans_of(data, (self.type, self.element))
        if not any(data[start:end] == self.type.encode() for start, end in spans):
            for span in spans:
                book.excuse(path, span, Reason.OTHER_BINDING, f"in a document without {self.type}")
            return []
        fault = xml.fault(data)
        if fault is not None:
            book.refuse(path, (fault.offset, fault.offset), _DOCUMENT, f"{path} cannot be edited: {fault.message}")
            for span in spans:
                book.refuse(path, span, _DOCUMENT, "this stands in a document that cannot be edited")
            return []
        parsed = xml.parse(data)
        held = [(span, self._settle(book, path, parsed, span)) for span in spans]
        return [_Site(path, span, holder) for span, holder in held if holder is not None]

    def _settle(self, book: Book, path: str, parsed: Xml, span: Span) -> Element | None:
        """Enter one occurrence, unless it names a definition of the type: return that."""
        node = parsed.node_at(*span)
        if any(start <= span[0] < end for start, end in parsed.instructions):
            book.excuse(path, span, Reason.STRING, "a processing instruction")
        elif enclosing(node, "ERROR") is not None:
            book.refuse(path, span, UNREADABLE, "this stands in text that did not parse")
        elif enclosing(node, "Comment") is not None:
            book.excuse(path, span, Reason.COMMENT)
        elif enclosing(node, "STag", "EmptyElemTag", "ETag") is None:
            book.excuse(path, span, Reason.STRING, "text")
        elif (owner := parsed.attribute_owner(node)) is None:
            book.excuse(path, span, Reason.OTHER_BINDING, "a tag")
        else:
            return self._value(book, path, span, owner)
        return None

    def _value(self, book: Book, path: str, span: Span, owner: Element) -> Element | None:
        """Enter an occurrence in an attribute of *owner*, unless that defines the type: then return it."""
        data = owner.parsed.data
        is_type = data[slice(*span)] == self.type.encode()
        named = owner.attributes.get("name")
        if named is None or named.value_span != span:
            exact = data[span[0] - 1 : span[0]] in b"\"':" and data[span[1] : span[1] + 1] in b"\"'"
            if exact and is_type:
                book.excuse(path, span, Reason.UNCHANGED_USE, "refers to it")
            else:
                book.excuse(path, span, Reason.OTHER_BINDING, "another name")
        elif is_type and owner.is_schema(*_HOLDERS) and (owner.local != "element" or _type_of(owner)):
            return owner
        elif is_type or not owner.is_schema("element"):
            book.excuse(path, span, Reason.OTHER_BINDING, f"the name of another {owner.local}")
        return None

    def _settle_rest(self, book: Book, paths: list[str]) -> None:
        """Enter the names of elements of other types, which the judgement of the type left."""
        for path in paths:
            for span in spans_of(book.tree.read(path), (self.type, self.element)):
                if not book.has(path, span):
                    book.excuse(path, span, Reason.OTHER_BINDING, "the name of something else")

    # -- the site

    def _judge(self, book: Book, site: _Site) -> None:
        path, span = site.path, site.span
        sequence, why = _sequence_of(site.holder)
        if sequence is None:
            book.refuse(path, span, _NO_SEQUENCE, f"{self.type} has no sequence to add to: {why}")
            return
        if not clean(sequence.node):
            book.refuse(path, span, UNREADABLE, f"something in the sequence of {self.type} did not parse")
            return
        new = self._particle(book, site, sequence)
        if new is None:
            return
        same = [child for child in _elements_below(site.holder) if child.get("name") == self.element]
        anchor = self._anchor(book, site, sequence)
        if anchor is None and not self.at:
            return
        if same:
            self._compare(book, site, new, anchor, same)
        else:
            replacement = insertion(sequence, anchor, new, before=bool(self.before) or self.at == "start")
            book.edit(path, span, replacement)

    def _particle(self, book: Book, site: _Site, sequence: Element) -> Particle | None:
        """Return the new element as this document would write it, or None after a refusal."""
        qualified = prefixed(sequence, self.xml_type)
        if qualified is None:
            book.refuse(
                site.path, site.span, UNREADABLE, f"no prefix is bound here to the namespace that {self.xml_type} means"
            )
            return None
        named = {"name": self.element, "type": qualified}
        occurs = {"minOccurs": self.min_occurs, "maxOccurs": self.max_occurs}
        return Particle(named | {key: str(value) for key, value in occurs.items() if value is not None})

    def _anchor(self, book: Book, site: _Site, sequence: Element) -> Element | None:
        """Return the sibling that gives the place; None where there is none, or after a refusal."""
        children = [child for child in sequence.children if not child.is_schema("annotation")]
        others = [child for child in children if child.get("name") != self.element]
        if self.at:
            last = others[-1 if self.at == "end" else 0] if others else None
            if last is not None and self.at == "end" and last.is_schema("any"):
                book.refuse(site.path, last.span, ANCHOR, "no element may follow this wildcard; give a place before it")
            return last
        wanted = many(self.after or self.before)
        for name in wanted:
            named = [child for child in others if name in {child.get("name"), child.get("ref").rpartition(":")[2]}]
            if len(named) == 1:
                return named[0]
            for child in named:
                book.refuse(site.path, child.span, SEVERAL, f"{self.type} has {len(named)} elements {name}")
            if named:
                return None
        book.refuse(site.path, site.span, ANCHOR, f"{self.type} has no element {one_of(wanted)} in this sequence")
        return None

    def _compare(self, book: Book, site: _Site, new: Particle, anchor: Element | None, same: list[Element]) -> None:
        """Judge the elements of the type that have the new one's name already."""
        child = same[0]
        place = child.attributes["name"].value_span
        wrong_side = anchor is not None and (
            (child.span < anchor.span) if self.after else (child.span > anchor.span) if self.before else False
        )
        if len(same) > 1:
            message = f"{self.type} has {len(same)} elements {self.element}"
        elif child.node not in [direct.node for direct in _direct(site.holder)]:
            message = f"{self.element} is not directly in the sequence of {self.type}"
        elif child.means(child.get("type")) != child.means(new.attributes["type"]):
            message = (
                f"{self.element} has the type {child.get('type') or 'of its own'}, and the edit says {self.xml_type}"
            )
        elif [child.get(key) or "1" for key in _OCCURRENCE] != [new.attributes.get(key, "1") for key in _OCCURRENCE]:
            message = f"{self.element} may occur another number of times than the edit says"
        elif wrong_side:
            message = f"{self.element} is on the other side of {anchor.get('name') if anchor else ''}"
        else:
            book.present(site.path, site.span)
            book.excuse(site.path, place, Reason.PRESENT)
            return
        for one in same:
            book.refuse(site.path, one.attributes["name"].value_span, DIFFERS, message)


class _Site(NamedTuple):
    """Where the type is defined: the span of its name there."""

    path: str
    span: Span
    holder: Element


_OCCURRENCE = ("minOccurs", "maxOccurs")


def _type_of(element: Element) -> Element | None:
    """Return the type that an element defines within itself, or None."""
    return next((child for child in element.children if child.is_schema("complexType")), None)


def _sequence_of(holder: Element) -> tuple[Element | None, str]:
    """Return the sequence that holds a type's own elements, or None and why there is none."""
    at = _type_of(holder) if holder.is_schema("element") else holder
    while at is not None:
        inner = [child for child in at.children if not child.is_schema("annotation")]
        for child in inner:
            if child.is_schema("sequence", "all"):
                return child, ""
            if child.is_schema("choice", "restriction", "simpleContent", "group"):
                return None, f"it is a {child.local}"
        at = next((child for child in inner if child.is_schema("complexContent", "extension")), None)
    return None, "it is empty"


def _direct(holder: Element) -> tuple[Element, ...]:
    """Return what stands directly in the sequence of a type."""
    sequence, _ = _sequence_of(holder)
    return sequence.children if sequence is not None else ()


def _elements_below(holder: Element) -> list[Element]:
    """Return the elements of a type, also those in nested groups, but not those of types within it."""
    found: list[Element] = []
    stack = [_type_of(holder) or holder] if holder.is_schema("element") else [holder]
    while stack:
        for child in stack.pop().children:
            if child.is_schema("element"):
                found.append(child)
            else:
                stack.append(child)
    return sorted(found, key=lambda element: element.span)
