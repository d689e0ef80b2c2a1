# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``xml-element``: an element of an XML document is changed, taken out or given a first child."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

import msgspec

from patchgen.planning.edit import Edit, Example
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.words import ANCHOR, DIFFERS, SEVERAL, UNREADABLE, in_language, spans_of
from patchgen.syntax import xml
from patchgen.syntax.lines import indent_at, newline_at
from patchgen.syntax.parsed import clean, descendants, enclosing
from patchgen.tree import Replacement, line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchgen.planning.ledger import Plan
    from patchgen.syntax.parsed import Span
    from patchgen.syntax.xml import Element, Xml
    from patchgen.tree import Tree

__all__ = ["Within", "XmlElement"]

_NAME = re.compile(r"[A-Za-z_][\w.:-]*", re.ASCII)
_ITEM = re.compile(r"\$([a-z][a-z0-9_]*)")
_UNSAFE = re.compile(r"[<&\"'\x00-\x1f\x7f]|[^\x00-\x7f]")
_ONE_TAG = re.compile(r"<([A-Za-z_][\w.:-]*)((?:[ ]+[A-Za-z_][\w.:-]*=\"[^\"<&]*\")*)[ ]*/>", re.ASCII)
_PAIR = re.compile(r"([A-Za-z_][\w.:-]*)=\"([^\"]*)\"", re.ASCII)


class Within(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The element around the one that is meant."""

    element: str
    having: dict[str, str] = msgspec.field(default_factory=dict)


class XmlElement(Edit, frozen=True, tag="xml-element"):
    """Change an element of an XML document: its attributes, its being there, or its first child.

    It is the `element` (its name as the document has it, prefix and all) with the attributes `having`, in whose
    values ``$name`` stands for any text, the same wherever the name is the same; with `within`, only below the
    element (and its `having`) given there, which must be there once. One of:

    - `set`: attributes and their new values, which may use what the names stand for; an attribute that
      is not there goes last;
    - `delete = true`, with `within`: the element goes, with its line if that holds nothing else;
    - `first`: an empty element, written as one tag, that becomes the first child.

    There must be one such element, or as many as `sites` says, those that have the change counted in. Owns the
    element's name, within the element of `within` or in the files that the edit covers. Present when the attributes are
    as `set` says; when `within` has no such element; when the child is there. Refused when another child
    of that name has the same ``name``, and in a document that is not well formed or has a DTD.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "xml-element"\nfiles = ["build.xml"]\nelement = "available"\n'
            'having = { file = "$dir/a.jar" }\nset = { file = "$dir", type = "dir" }\n',
            before={
                "build.xml": '<project>\n  <available property="p" file="${lib}/a.jar"/>\n'
                '  <available property="q" file="b.tar"/>\n</project>\n'
            },
            after={
                "build.xml": '<project>\n  <available property="p" file="${lib}" type="dir"/>\n'
                '  <available property="q" file="b.tar"/>\n</project>\n'
            },
        ),
        Example(
            edit='kind = "xml-element"\nfiles = ["build.xml"]\nelement = "delete"\nhaving = { dir = "lib" }\n'
            'within = { element = "target", having = { name = "distclean" } }\ndelete = true\n',
            before={
                "build.xml": '<project>\n  <target name="distclean">\n    <delete dir="lib"/>\n'
                '    <delete dir="out"/>\n  </target>\n</project>\n'
            },
            after={
                "build.xml": '<project>\n  <target name="distclean">\n    <delete dir="out"/>\n  </target>\n</project>\n'
            },
        ),
        Example(
            edit='kind = "xml-element"\nfiles = ["build.xml"]\nelement = "project"\n'
            'first = \'<property name="level" value="8"/>\'\n',
            before={"build.xml": "<project>\n  <target/>\n</project>\n"},
            after={"build.xml": '<project>\n  <property name="level" value="8"/>\n  <target/>\n</project>\n'},
        ),
    )

    element: str
    having: dict[str, str] = msgspec.field(default_factory=dict)
    within: Within | None = None
    set: dict[str, str] = msgspec.field(default_factory=dict)
    delete: bool = False
    first: str = ""
    sites: int = 1

    def __post_init__(self) -> None:
        around = {self.within.element} | self.within.having.keys() if self.within else ()
        for name in (self.element, *self.having, *self.set, *around):
            if not _NAME.fullmatch(name):
                msg = f"{name!r} is not a name in XML, in ASCII"
                raise ValueError(msg)
        if bool(self.set) + self.delete + bool(self.first) != 1:
            msg = "give one of: set, delete = true, first"
            raise ValueError(msg)
        if self.delete and not self.within:
            msg = "delete needs within: else an element that is gone could not be told from one that never was"
            raise ValueError(msg)
        if self.first and not _ONE_TAG.fullmatch(self.first):
            msg = f'first {self.first!r} is not one empty element, such as <property name="a" value="b"/>'
            raise ValueError(msg)
        self._check_values()

    def _check_values(self) -> None:
        values = (*self.having.values(), *self.set.values(), *(self.within.having.values() if self.within else ()))
        for value in values:
            if _UNSAFE.search(value):
                msg = f"{value!r} has a character that an attribute's value cannot have as it is"
                raise ValueError(msg)
        known = {item for value in self.having.values() for item in _ITEM.findall(value)}
        if any(len(_ITEM.findall(value)) > 1 for value in values):
            msg = "a value has one item at the most: of two it could not be said where the first ends"
            raise ValueError(msg)
        for item in (item for value in self.set.values() for item in _ITEM.findall(value)):
            if item not in known:
                msg = f"${item} stands nowhere in having"
                raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the element's name: owned within the element of ``within``."""
        return frozenset({self.element})

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset({self.element.encode()} | ({self.within.element.encode()} if self.within else set()))

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        words = [self.element, self.within.element] if self.within else [self.element]
        scopes: list[tuple[str, Element]] = []
        for path, data in in_language(self, book, words, xml.is_xml, "an XML document", [self.element]):
            fault = xml.fault(data)
            if fault is not None:
                book.refuse(path, (fault.offset, fault.offset), UNREADABLE, f"{path} cannot be edited: {fault.message}")
                continue
            parsed = xml.parse(data)
            scopes += [(path, scope) for scope in self._scopes(parsed)]
        if self.within and len(scopes) != 1:
            if not book.refused:
                _no_scope(book, scopes, _spoken(self.within))
            return book.plan()
        for path, scope in scopes:
            if self.within:
                book.within(path, scope.span)
            self._survey(book, path, scope)
        return book.plan(self.sites)

    # -- where

    def _scopes(self, parsed: Xml) -> list[Element]:
        """Return the elements below which the edit looks: those of ``within``, or the root."""
        found = _elements(parsed)
        if self.within is None:
            return found[:1]
        around, having = self.within.element, self.within.having
        return [element for element in found if element.name == around and _matched(element, having) is not None]

    def _survey(self, book: Book, path: str, scope: Element) -> None:
        """Judge the elements of the name in *scope*, then enter what else has the name."""
        data = scope.parsed.data
        elements = [
            element
            for element in _elements(scope.parsed, scope)
            if element.name == self.element and (not self.within or element.node != scope.node)
        ]
        found = [self._judge(book, path, element) for element in elements]
        if self.delete and not any(found):
            book.present(path, _name_span(scope))
        for start, end in spans_of(data[slice(*scope.span)], [self.element]):
            span = (start + scope.span[0], end + scope.span[0])
            if not book.has(path, span):
                self._rest(book, path, scope.parsed, span)

    def _rest(self, book: Book, path: str, parsed: Xml, span: Span) -> None:
        node = parsed.node_at(*span)
        if enclosing(node, "ERROR") is not None:
            book.refuse(path, span, UNREADABLE, "this stands in text that did not parse")
        elif enclosing(node, "Comment") is not None:
            book.excuse(path, span, Reason.COMMENT)
        elif enclosing(node, "STag", "EmptyElemTag", "ETag") is None:
            book.excuse(path, span, Reason.STRING, "text")
        else:
            book.excuse(path, span, Reason.OTHER_BINDING, "no such element, or another one of the name")

    # -- what

    def _judge(self, book: Book, path: str, element: Element) -> bool:
        """Enter one element of the name; return whether it is the one that is meant."""
        items = _matched(element, self.having)
        if self.set:
            done = _matched(element, self.having | self.set)
            if done is not None and (items is None or not self._changes(element, items)):
                book.present(path, _name_span(element))
                return True
        if items is None:
            return False
        if not clean(element.node):
            book.refuse(path, _name_span(element), UNREADABLE, f"something in this {self.element} did not parse")
        elif self.set:
            book.edit(path, _name_span(element), *self._changes(element, items))
        elif self.delete:
            book.edit(path, _name_span(element), _without(element))
            closing = spans_of(element.parsed.data[slice(*element.span)], [self.element])
            for start, end in closing:
                book.mark(path, (start + element.span[0], end + element.span[0]))
        else:
            self._insert(book, path, element)
        return True

    def _changes(self, element: Element, items: Mapping[str, str]) -> list[Replacement]:
        changes: list[Replacement] = []
        for name, value in self.set.items():
            wanted = _ITEM.sub(lambda match: items[match[1]], value).encode("latin-1")
            known = element.attributes.get(name)
            if known is None:
                last = list(element.attributes.values())[-1:]
                at = last[0].span[1] if last else _name_span(element)[1]
                quote = last[0].quote if last else b'"'
                changes.append(Replacement(at, at, b" " + name.encode() + b"=" + quote + wanted + quote))
            elif known.value.encode("latin-1") != wanted:
                changes.append(Replacement(*known.value_span, wanted))
        return changes

    def _insert(self, book: Book, path: str, element: Element) -> None:
        tag, attributes = self.first[1:-2].split()[0], dict(_PAIR.findall(self.first))
        for child in element.children:
            if child.name != tag:
                continue
            same = {name: attribute.value for name, attribute in child.attributes.items()}
            if same == attributes:
                book.present(path, _name_span(element))
                return
            if same.get("name") is not None and same["name"] == attributes.get("name"):
                book.refuse(path, _name_span(child), DIFFERS, f"{tag} {same['name']} is there, and is another")
                return
        if element.empty:
            book.refuse(path, _name_span(element), ANCHOR, f"this {self.element} is empty: it shows no style to follow")
            return
        data, at = element.parsed.data, element.tag.end_byte
        inner = indent_at(data, element.children[0].span[0]) if element.children else None
        if inner is None or data[at : line_end(data, at)].strip():
            book.edit(path, _name_span(element), Replacement(at, at, self.first.encode()))
            return
        newline = newline_at(data, at)
        stop = line_end(data, at)
        book.edit(path, _name_span(element), Replacement(stop, stop, inner + self.first.encode() + newline))


def _elements(parsed: Xml, below: Element | None = None) -> list[Element]:
    """Return the elements of a document, or *below* and those in it, in their order."""
    nodes = descendants(parsed.root if below is None else below.node, "element")
    found = {node.start_byte: xml.Element(parsed, node) for node in nodes}
    if below is not None:
        found[below.span[0]] = below
    return [found[start] for start in sorted(found)]


def _matched(element: Element, having: Mapping[str, str]) -> dict[str, str] | None:
    """Return what the items of *having* stand for in the element's attributes, or None."""
    items: dict[str, str] = {}
    for name, pattern in having.items():
        head, item, tail = _split(pattern)
        value = element.get(name)
        if name not in element.attributes or (not item and value != pattern):
            return None
        if item:
            stands_for = value[len(head) : len(value) - len(tail)]
            if not value.startswith(head) or not value.endswith(tail) or len(value) <= len(head) + len(tail):
                return None
            if items.setdefault(item, stands_for) != stands_for:
                return None
    return items


def _split(pattern: str) -> tuple[str, str, str]:
    """Return what stands before the item of a pattern, its name ("" for none), and what stands behind it."""
    match = _ITEM.search(pattern)
    return (pattern, "", "") if match is None else (pattern[: match.start()], match[1], pattern[match.end() :])


def _name_span(element: Element) -> Span:
    """Return the bytes of the element's name in its first tag."""
    node = element.tag.children[1]
    return node.start_byte, node.end_byte


def _without(element: Element) -> Replacement:
    """Return the replacement that takes the element away, with its lines if they hold nothing else."""
    data, (start, end) = element.parsed.data, element.span
    if indent_at(data, start) is not None and not data[end : line_end(data, end)].strip():
        return Replacement(line_start(data, start), line_end(data, end), b"")
    return Replacement(start, end, b"")


def _spoken(within: Within) -> str:
    return " ".join([f"<{within.element}", *(f'{name}="{value}"' for name, value in within.having.items())]) + ">"


def _no_scope(book: Book, scopes: list[tuple[str, Element]], wanted: str) -> None:
    """Refuse the edit: the element around is not there, or is there more than once."""
    if not scopes:
        book.missing(wanted)
    for path, scope in scopes:
        book.refuse(path, _name_span(scope), SEVERAL, f"there are {len(scopes)} elements {wanted}")
