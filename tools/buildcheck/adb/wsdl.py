# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a WSDL 1.1 file with one XML Schema in it, document/literal, and refuse what is not understood.

Rules: W3C Note WSDL 1.1; XML Schema part 1, 3.3 to 3.9. Whatever a schema can say beyond sequences of
elements and extensions of them is refused by its line: code that ignores it would be wrong on the wire.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

from lxml import etree

from .errors import AdbError
from .model import UNBOUNDED, Element, Kind, Operation, Service, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read", "read_bytes"]

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
_SCHEMA_URI = "http://www.w3.org/2001/XMLSchema"
_XS = f"{{{_SCHEMA_URI}}}"
_LARGEST = 4 << 20
_DEEPEST = 100
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TAKEN = {"field", "kind", "object", "operation", "service", "soap_media", "stub", "type"}
"""Names that the runtime has itself, with adb_ before them."""
_SIMPLE = {kind.value: kind for kind in Kind}


def read(path: Path) -> Service:
    """Return the service that the WSDL file at *path* describes.

    :raises AdbError: it cannot be read, or is not understood.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise AdbError(str(path), 0, error.strerror or "it cannot be read") from error
    if len(data) > _LARGEST:
        raise AdbError(str(path), 0, f"more than {_LARGEST} bytes is no WSDL file")
    return read_bytes(data, str(path))


def read_bytes(data: bytes, path: str) -> Service:
    """Return the service that *data* describes; *path* is for messages, and its last part for the output.

    :raises AdbError: it is not understood.
    """
    _refuse_doctype(data, path)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise AdbError(path, error.lineno or 0, error.msg or "not well-formed") from error
    return _Reader(root, path).service()


class _Prolog(Exception):  # noqa: N818 - no error: the part that is looked at is over
    """The root element begins: a document type declaration cannot come any more."""


def _refuse_doctype(data: bytes, path: str) -> None:
    """Refuse a document type declaration before any of it is read, and with it every entity bomb."""
    parser = expat.ParserCreate()

    def doctype(*_: object) -> None:
        raise AdbError(path, parser.CurrentLineNumber, "a document type declaration is not taken")

    def start(*_: object) -> None:
        raise _Prolog

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)  # noqa: FBT003 - positional only
    except _Prolog:
        return
    except expat.ExpatError as error:
        raise AdbError(path, error.lineno, expat.ErrorString(error.code)) from error
    except (LookupError, ValueError) as error:
        if isinstance(error, AdbError):
            raise
        raise AdbError(path, 1, f"its encoding is not understood: {error}") from error


class _Reader:
    """One file, taken apart from the service down to the simple types."""

    def __init__(self, root: etree._Element, path: str) -> None:
        self.root = root
        self.path = path
        self.uri = ""
        self.qualified = False
        self.complex: dict[str, etree._Element] = {}
        self.elements: dict[str, etree._Element] = {}
        self.done: dict[str, Type] = {}
        self.pending: list[str] = []

    def service(self) -> Service:
        """Return what the whole file says."""
        if self.root.tag != f"{_WSDL}definitions":
            raise self._error(self.root, "not a WSDL 1.1 file: its root is no wsdl:definitions")
        self._read_schema()
        messages = self._messages()
        service = self._only(self.root, f"{_WSDL}service")
        name = self._name(service)
        port = self._only(service, f"{_WSDL}port")
        binding = self._named(port, "binding", f"{_WSDL}binding")
        operations = tuple(self._operations(binding, messages))
        if not operations:
            raise self._error(binding, "there is no operation")
        types = self._types()
        self._check_functions(types)
        return Service(Path(self.path).name, name, self.uri, types, operations)

    # --- places and names -----------------------------------------------------------------------------

    def _error(self, node: etree._Element, reason: str) -> AdbError:
        return AdbError(self.path, node.sourceline or 0, reason)

    def _attribute(self, node: etree._Element, name: str) -> str:
        value = node.get(name)
        if value is None:
            raise self._error(node, f"{_tag(node)} has no {name}")
        return value

    def _name(self, node: etree._Element) -> str:
        """Return the name of *node*, which becomes a part of names in C."""
        name = self._attribute(node, "name")
        if not _IDENTIFIER.fullmatch(name):
            raise self._error(node, f"{name!r} cannot be a part of a name in C")
        return name

    def _type_name(self, node: etree._Element) -> str:
        """Return the name of a type or a global element, for which there will be ``adb_NAME_t``."""
        name = self._name(node)
        if name in _TAKEN:
            raise self._error(node, f"adb_{name} is a name of the runtime")
        return name

    def _reference(self, node: etree._Element, attribute: str) -> tuple[str, str]:
        """Return the namespace and the local part of the name in *attribute*."""
        word = self._attribute(node, attribute).strip()
        prefix, colon, local = word.rpartition(":")
        uri = node.nsmap.get(prefix or None)
        if colon and uri is None:
            raise self._error(node, f"nothing declares the prefix of {word}")
        return uri or "", local

    def _only(self, parent: etree._Element, tag: str) -> etree._Element:
        found = parent.findall(tag)
        if len(found) != 1:
            how_many = "no" if not found else "more than one"
            raise self._error(found[1] if found else parent, f"there is {how_many} {_short(tag)} in {_tag(parent)}")
        return found[0]

    def _by_name(self, nodes: list[etree._Element]) -> dict[str, etree._Element]:
        found: dict[str, etree._Element] = {}
        for node in nodes:
            name = self._attribute(node, "name")
            if name in found:
                first = found[name].sourceline
                raise self._error(node, f"{_tag(node)} {name} is there twice, first in line {first}")
            found[name] = node
        return found

    def _named(self, node: etree._Element, attribute: str, tag: str) -> etree._Element:
        """Return the child of the root that *attribute* of *node* names."""
        uri, local = self._reference(node, attribute)
        found = self._by_name(self.root.findall(tag))
        if uri != self.root.get("targetNamespace", "") or local not in found:
            raise self._error(node, f"there is no {_short(tag)} {local}")
        return found[local]

    # --- messages and operations ----------------------------------------------------------------------

    def _messages(self) -> dict[str, str]:
        """Return the global element of each message."""
        messages: dict[str, str] = {}
        for name, message in self._by_name(self.root.findall(f"{_WSDL}message")).items():
            part = self._only(message, f"{_WSDL}part")
            if part.get("element") is None:
                raise self._error(part, "a part without an element is not document/literal")
            uri, local = self._reference(part, "element")
            if uri != self.uri or local not in self.elements:
                raise self._error(part, f"the schema has no element {local}")
            messages[name] = local
        return messages

    def _operations(self, binding: etree._Element, messages: dict[str, str]) -> Iterator[Operation]:
        style = self._only(binding, f"{_SOAP}binding")
        if style.get("style", "document") != "document":
            raise self._error(style, "a style other than document is not understood")
        port_type = self._named(binding, "type", f"{_WSDL}portType")
        bound = self._by_name(binding.findall(f"{_WSDL}operation"))
        abstract = self._by_name(port_type.findall(f"{_WSDL}operation"))
        for name, node in bound.items():
            if name not in abstract:
                raise self._error(node, f"the port type has no operation {name}")
        inputs: dict[str, str] = {}
        for name, node in abstract.items():
            if name not in bound:
                raise self._error(node, f"the binding has no operation {name}")
            soap = self._only(bound[name], f"{_SOAP}operation")
            if soap.get("style", "document") != "document":
                raise self._error(soap, "a style other than document is not understood")
            operation = Operation(
                self._name(node),
                self._action(soap),
                self._message(node, "input", bound[name], messages),
                self._message(node, "output", bound[name], messages),
                node.sourceline or 0,
            )
            if operation.input in inputs:
                raise self._error(node, f"{name} takes the same element as {inputs[operation.input]}")
            inputs[operation.input] = name
            yield operation

    def _action(self, soap: etree._Element) -> str:
        action = soap.get("soapAction", "")
        if not re.fullmatch(r"[!#-\[\]-~]*", action, re.ASCII):
            raise self._error(soap, f"{action!r} cannot be a SOAPAction")
        return action

    def _message(self, operation: etree._Element, way: str, bound: etree._Element, messages: dict[str, str]) -> str:
        """Return the global element that goes one *way*."""
        node = self._only(operation, f"{_WSDL}{way}")
        body = self._only(self._only(bound, f"{_WSDL}{way}"), f"{_SOAP}body")
        if self._attribute(body, "use") != "literal":
            raise self._error(body, "a use other than literal is not understood")
        uri, local = self._reference(node, "message")
        if uri != self.root.get("targetNamespace", "") or local not in messages:
            raise self._error(node, f"there is no message {local}")
        return messages[local]

    # --- the schema -----------------------------------------------------------------------------------

    def _read_schema(self) -> None:
        schema = self._only(self._only(self.root, f"{_WSDL}types"), f"{_XS}schema")
        self.uri = self._attribute(schema, "targetNamespace")
        self.qualified = self._form(schema, "elementFormDefault", "unqualified") == "qualified"
        for node in schema:
            if node.tag not in (f"{_XS}complexType", f"{_XS}element", f"{_XS}annotation"):
                raise self._error(node, f"{_tag(node)} is not understood")
        self.complex = self._by_name(schema.findall(f"{_XS}complexType"))
        self.elements = self._by_name(schema.findall(f"{_XS}element"))
        for name, node in self.elements.items():
            if name in self.complex:
                line = self.complex[name].sourceline
                raise self._error(node, f"{name} is the name of a type too, in line {line}: both would be adb_{name}_t")

    def _form(self, node: etree._Element, attribute: str, default: str) -> str:
        form = node.get(attribute, default)
        if form not in ("qualified", "unqualified"):
            raise self._error(node, f"{form!r} is no form")
        return form

    def _types(self) -> tuple[Type, ...]:
        """Return all types, each behind those that it uses: the wrappers come last."""
        for name in self.complex:
            self._type(name)
        wrappers = []
        for name, node in self.elements.items():
            self._check(node, {"name", "type"}, set())
            self._type_name(node)
            line = node.sourceline or 0
            wrappers.append(Type(name, (Element(name, self._type_of(node), line=line),), line))
        return (*self.done.values(), *wrappers)

    def _type(self, name: str) -> Type:
        node = self.complex[name]
        if name in self.done:
            return self.done[name]
        if name in self.pending:
            circle = " -> ".join([*self.pending[self.pending.index(name) :], name])
            raise self._error(node, f"types go in a circle: {circle}")
        if len(self.pending) == _DEEPEST:
            raise self._error(node, f"types nest deeper than {_DEEPEST}")
        self.pending.append(name)
        self._type_name(node)
        self._check(node, {"name", "abstract"}, {"sequence", "complexContent"})
        elements = tuple(self._content(node))
        self.pending.pop()
        seen: set[str] = set()
        for element in elements:
            if element.name in seen:
                raise self._error(self._declared(node, element.name), f"{name} has two elements {element.name}")
            seen.add(element.name)
        self.done[name] = Type(name, elements, node.sourceline or 0)
        return self.done[name]

    def _declared(self, node: etree._Element, name: str) -> etree._Element:
        """Return the last place below *node* that declares an element *name*, or *node*."""
        return next((found for found in reversed(list(node.iter(f"{_XS}element"))) if found.get("name") == name), node)

    def _content(self, node: etree._Element) -> Iterator[Element]:
        """Yield the elements of a type, those of its base first (XML Schema part 1, 3.4.2)."""
        for child in node:
            if child.tag == f"{_XS}sequence":
                yield from self._sequence(child)
            elif child.tag == f"{_XS}complexContent":
                self._check(child, set(), {"extension"})
                yield from self._extension(self._only(child, f"{_XS}extension"))

    def _extension(self, node: etree._Element) -> Iterator[Element]:
        self._check(node, {"base"}, {"sequence"})
        uri, local = self._reference(node, "base")
        if uri != self.uri or local not in self.complex:
            raise self._error(node, f"the schema has no complex type {local}")
        yield from self._type(local).elements
        for sequence in node.findall(f"{_XS}sequence"):
            yield from self._sequence(sequence)

    def _sequence(self, node: etree._Element) -> Iterator[Element]:
        self._check(node, set(), {"element"})
        for child in node.findall(f"{_XS}element"):
            yield self._element(child)

    def _element(self, node: etree._Element) -> Element:
        self._check(node, {"name", "type", "minOccurs", "maxOccurs", "form", "nillable"}, set())
        least, most = self._occurs(node, "minOccurs"), self._occurs(node, "maxOccurs")
        if least == UNBOUNDED or most == 0 or (most != UNBOUNDED and least > most):
            raise self._error(node, f"{node.get('name')} cannot be there {node.get('minOccurs', 1)} to {most} times")
        nillable = node.get("nillable", "false")
        if nillable not in ("true", "false", "1", "0"):
            raise self._error(node, f"{nillable!r} is no boolean")
        default = "qualified" if self.qualified else "unqualified"
        return Element(
            self._name(node),
            self._type_of(node),
            least,
            most,
            self._form(node, "form", default) == "qualified",
            nillable in ("true", "1"),
            node.sourceline or 0,
        )

    def _occurs(self, node: etree._Element, attribute: str) -> int:
        word = node.get(attribute, "1")
        if word == "unbounded":
            return UNBOUNDED
        if not re.fullmatch(r"[0-9]{1,9}", word, re.ASCII):
            raise self._error(node, f"{word!r} is no number of elements")
        return int(word)

    def _type_of(self, node: etree._Element) -> Kind | str:
        uri, local = self._reference(node, "type")
        if uri == _SCHEMA_URI:
            if local not in _SIMPLE:
                known = ", ".join(sorted(_SIMPLE))
                raise self._error(node, f"the type xs:{local} is unknown; there are {known}")
            return _SIMPLE[local]
        if uri != self.uri or local not in self.complex:
            raise self._error(node, f"the schema has no type {local}")
        return self._type(local).name

    def _check(self, node: etree._Element, attributes: set[str], children: set[str]) -> None:
        """Refuse what the code would have to do something about, and does not."""
        for name in node.attrib:
            if name not in attributes:
                raise self._error(node, f"{name} of {_tag(node)} is not understood")
        found = [child for child in node if child.tag != f"{_XS}annotation"]
        for child in found:
            if child.tag not in {f"{_XS}{name}" for name in children}:
                raise self._error(child, f"{_tag(child)} in {_tag(node)} is not understood")
        if len(found) > 1 and _tag(node) != "sequence":
            raise self._error(found[1], f"a second {_tag(found[1])} in {_tag(node)} is not understood")

    # --- names in C -----------------------------------------------------------------------------------

    def _check_functions(self, types: tuple[Type, ...]) -> None:
        """Refuse two types or two elements that would give one name in C."""
        seen: dict[str, str] = {}
        for type_ in types:
            for function in _functions(type_):
                if function in seen:
                    node = self.complex.get(type_.name, self.elements.get(type_.name, self.root))
                    raise self._error(node, f"{function} would be a function of {seen[function]} and of {type_.name}")
                seen[function] = type_.name


def _functions(type_: Type) -> Iterator[str]:
    """Yield the names in C that a type takes."""
    for verb in ("type", "t", "create", "free"):
        yield f"adb_{type_.name}_{verb}"
    for element in type_.elements:
        for pattern in ("sizeof_{}", "get_{}_at", "add_{}") if element.is_list else ("get_{}", "set_{}"):
            yield f"adb_{type_.name}_{pattern.format(element.name)}"


def _short(tag: str) -> str:
    return tag.rpartition("}")[2]


def _tag(node: etree._Element) -> str:
    return _short(str(node.tag))
