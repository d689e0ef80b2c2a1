# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated code, called from Python: values into objects, objects into bytes, and back. lxml is the second opinion."""

from __future__ import annotations

import ctypes
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from hypothesis import strategies as st
from lxml import etree

from adb.harness import codec, service_of
from buildcheck.adb.model import UNBOUNDED, Element, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["SOAP", "Codec", "Fault", "Session", "envelope", "tree_of", "values"]

SOAP = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

Value = dict[str, Any]
"""An object: its elements by name. A list for an element that may come again; None, or no key, for none."""

_LIMITS = {Kind.SHORT: 1 << 15, Kind.INT: 1 << 31, Kind.LONG: 1 << 63}
_NUMBERS = {
    Kind.BOOLEAN: ctypes.c_int,
    Kind.SHORT: ctypes.c_short,
    Kind.INT: ctypes.c_int,
    Kind.LONG: ctypes.c_longlong,
}


class Fault(Exception):  # noqa: N818 - what SOAP calls it
    """What the runtime said."""


class _Soap(ctypes.Structure):
    _fields_ = (("version", ctypes.c_int), ("envelope", ctypes.c_void_p), ("payload", ctypes.c_void_p))


class Codec:
    """The types of one service."""

    def __init__(self, name: str) -> None:
        self.service = service_of(name)
        self.types = {type_.name: type_ for type_ in self.service.types}
        self.lib = ctypes.CDLL(str(codec(name)))
        self.messages = sorted({m for o in self.service.operations for m in (o.input, o.output)})

    def call(self, result: Any, name: str, *arguments: Any) -> Any:
        function = self.lib[name]
        function.restype = result
        return function(*arguments)


class Session:
    """An environment, freed at the end."""

    def __init__(self, codec_: Codec) -> None:
        self.codec = codec_
        self.env = ctypes.c_void_p(codec_.call(ctypes.c_void_p, "axutil_env_create_all", None, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.codec.call(None, "axutil_env_free", self.env)

    def call(self, result: Any, name: str, this: int | None, *arguments: Any) -> Any:
        return self.codec.call(result, name, ctypes.c_void_p(this), self.env, *arguments)

    def fault(self) -> Fault:
        text = self.codec.call(ctypes.c_char_p, "adb_fault_text", self.env)
        return Fault(text.decode())

    # --- values into objects ------------------------------------------------------------------------------

    def build(self, name: str, value: Value) -> int:
        """Return a new object of the type *name* with *value* set in it."""
        made: int = self.codec.call(ctypes.c_void_p, f"adb_{name}_create", self.env)
        for element in self.codec.types[name].elements:
            given = value.get(element.name)
            if element.is_list:
                for one in given or ():
                    assert self.put(name, made, "add", element, one)
            elif given is not None:
                assert self.put(name, made, "set", element, given)
        return made

    def put(self, name: str, this: int | None, verb: str, element: Element, one: Any) -> bool:
        """Set or add, and say whether that was a success."""
        return bool(self.call(ctypes.c_int, f"adb_{name}_{verb}_{element.name}", this, self.passed(element, one)))

    def passed(self, element: Element, one: Any) -> Any:
        """Return *one* as C takes it."""
        if one is None:
            return ctypes.c_void_p(None)
        if isinstance(element.type, str):
            return ctypes.c_void_p(self.build(element.type, one))
        if element.type is Kind.TEXT:
            return ctypes.c_char_p(one.encode() if isinstance(one, str) else one)
        if element.type is Kind.TIME:
            made = self.codec.call(ctypes.c_void_p, "axutil_date_time_create", self.env)
            parts = (one.year, one.month, one.day, one.hour, one.minute, one.second, one.microsecond // 1000)
            assert self.call(ctypes.c_int, "axutil_date_time_set_date_time", made, *parts)
            return ctypes.c_void_p(made)
        return _NUMBERS[element.type](one)

    # --- objects into values ------------------------------------------------------------------------------

    def value(self, name: str, this: int | None) -> Value:
        """Return what the getters of an object say."""
        value: Value = {}
        for element in self.codec.types[name].elements:
            if element.is_list:
                count = self.call(ctypes.c_int, f"adb_{name}_sizeof_{element.name}", this)
                got = [self.one(name, this, element, f"get_{element.name}_at", at) for at in range(count)]
                value[element.name] = got
            else:
                value[element.name] = self.one(name, this, element, f"get_{element.name}")
        return value

    def one(self, name: str, this: int | None, element: Element, function: str, *at: int) -> Any:
        function = f"adb_{name}_{function}"
        if element.type is Kind.TEXT:
            text = self.call(ctypes.c_char_p, function, this, *at)
            return None if text is None else text.decode()
        if isinstance(element.type, Kind) and element.type is not Kind.TIME:
            number = self.call(_NUMBERS[element.type], function, this, *at)
            return bool(number) if element.type is Kind.BOOLEAN else number
        got = self.call(ctypes.c_void_p, function, this, *at)
        if got is None:
            return None
        if isinstance(element.type, str):
            return self.value(element.type, got)
        parts = ("year", "month", "date", "hour", "minute", "second")
        year, month, day, *time = (self.call(ctypes.c_int, f"axutil_date_time_get_{part}", got) for part in parts)
        return datetime(year, month, day, time[0], time[1], time[2], tzinfo=UTC)

    # --- bytes --------------------------------------------------------------------------------------------

    def write(self, this: int, version: int = 0) -> bytes:
        """Return the message around an object."""
        node = self.codec.call(ctypes.c_void_p, "adb_write_element", self.env, ctypes.c_void_p(this))
        if node is None:
            raise self.fault()
        length = ctypes.c_size_t()
        text = self.codec.call(
            ctypes.c_void_p, "adb_soap_print", self.env, version, ctypes.c_void_p(node), ctypes.byref(length)
        )
        assert text is not None
        return ctypes.string_at(text, length.value)

    def read(self, name: str, data: bytes) -> int:
        """Return the object of the type *name* that a message holds."""
        soap = _Soap()
        if not self.codec.call(
            ctypes.c_int, "adb_soap_parse", self.env, data, ctypes.c_size_t(len(data)), ctypes.byref(soap)
        ):
            raise self.fault()
        described = ctypes.c_char.in_dll(self.codec.lib, f"adb_{name}_type")
        made: int | None = self.codec.call(
            ctypes.c_void_p, "adb_read_element", self.env, ctypes.byref(described), ctypes.c_void_p(soap.payload)
        )
        if made is None:
            raise self.fault()
        return made


# --- what values there are --------------------------------------------------------------------------------

TEXT = st.text(
    st.one_of(
        st.sampled_from("<>&'\"\r\n\t ]]>\u00e9\u20ac\U0001d11e"),
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
    ),
    max_size=12,
)

_KINDS: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: TEXT,
    Kind.BOOLEAN: st.booleans(),
    Kind.TIME: st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)).map(  # noqa: DTZ001 - made UTC
        lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000, tzinfo=UTC)
    ),
} | {kind: st.integers(-limit, limit - 1) for kind, limit in _LIMITS.items()}


def values(codec_: Codec, name: str) -> st.SearchStrategy[Value]:
    """Return all values that the schema allows for the type *name*."""
    return st.fixed_dictionaries({e.name: _element_values(codec_, e) for e in codec_.types[name].elements})


def _element_values(codec_: Codec, element: Element) -> st.SearchStrategy[Any]:
    one = _KINDS[element.type] if isinstance(element.type, Kind) else values(codec_, element.type)
    if element.is_list:
        most = element.least + 3 if element.most == UNBOUNDED else min(element.most, element.least + 3)
        return st.lists(one, min_size=element.least, max_size=most)
    return one if element.least and not element.nillable else st.none() | one


def read_back(codec_: Codec, name: str, value: Value) -> Value:
    """Return what the getters say of *value*: 0 and false for absent numbers, whole seconds, all keys."""
    return {e.name: _read_back_element(codec_, e, value.get(e.name)) for e in codec_.types[name].elements}


def _read_back_element(codec_: Codec, element: Element, given: Any) -> Any:
    if element.is_list:
        single = Element(element.name, element.type)
        return [_read_back_element(codec_, single, one) for one in given or ()]
    if isinstance(element.type, str):
        return None if given is None else read_back(codec_, element.type, given)
    if element.type is Kind.TIME:
        return None if given is None else given.replace(microsecond=0)
    if element.type is Kind.TEXT:
        return given
    return given or (False if element.type is Kind.BOOLEAN else 0)


# --- the second opinion -----------------------------------------------------------------------------------


def envelope(payload: Any, version: int = 0) -> bytes:
    """Return the message around an element."""
    root = etree.Element(f"{{{SOAP[version]}}}Envelope")
    etree.SubElement(root, f"{{{SOAP[version]}}}Body").append(payload)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def tree_of(codec_: Codec, type_: Type, value: Value, text: Callable[[Any, str], None] | None = None) -> Any:
    """Return the element of a message as lxml makes it; *text* may write the texts in its own way."""
    element = type_.elements[0]
    root = etree.Element(f"{{{codec_.service.namespace}}}{element.name}")
    _fill(codec_, root, element, value[element.name], text)
    return root


def _fill(codec_: Codec, node: Any, element: Element, one: Any, text: Callable[[Any, str], None] | None) -> None:
    if one is None:
        node.set(_NIL, "true")
    elif isinstance(element.type, str):
        for below in codec_.types[element.type].elements:
            given = one.get(below.name)
            nil = below.nillable and below.least
            for each in given if below.is_list else [] if given is None and not nil else [given]:
                namespace = f"{{{codec_.service.namespace}}}" if below.qualified else ""
                _fill(codec_, etree.SubElement(node, f"{namespace}{below.name}"), below, each, text)
    elif element.type is Kind.TEXT and text is not None:
        text(node, one)
    else:
        node.text = lexical(element.type, one)


def lexical(kind: Kind, one: Any) -> str:
    """Return a value as XML Schema writes it."""
    if kind is Kind.BOOLEAN:
        return "true" if one else "false"
    if kind is Kind.TIME:
        fraction = f".{one.microsecond // 1000:03}" if one.microsecond else ""
        return f"{one.replace(microsecond=0, tzinfo=None).isoformat()}{fraction}Z"
    return str(one)
