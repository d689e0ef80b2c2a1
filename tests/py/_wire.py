# SPDX-License-Identifier: GPL-3.0-or-later
"""A WSDL file and units of C held together by the check ``wire``, without a preprocessor and without make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from _calls import facts
from buildcheck.adb.wsdl import read_bytes
from buildcheck.ctree import Parser
from buildcheck.wire.peers import added, compared
from buildcheck.wire.schema import Wsdl
from buildcheck.wire.uses import uses, wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildcheck.policy import Way
    from patchgen.findings import Finding

__all__ = ["WSDL", "read", "wire"]

WSDL = """\
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t">
<wsdl:types><xs:schema targetNamespace="urn:t" elementFormDefault="qualified">
<xs:complexType name="base"><xs:sequence>
<xs:element name="who" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType>
<xs:complexType name="runType"><xs:complexContent><xs:extension base="t:base"><xs:sequence>
<xs:element name="kernel" type="xs:string"/>
<xs:element name="disk" type="xs:string" minOccurs="0"/>
<xs:element name="size" type="xs:int"/>
<xs:element name="group" type="xs:string" minOccurs="0" maxOccurs="8"/>
</xs:sequence></xs:extension></xs:complexContent></xs:complexType>
<xs:element name="run" type="t:runType"/>
<xs:element name="runResponse" type="t:base"/>
</xs:schema></wsdl:types>
<wsdl:message name="in"><wsdl:part name="p" element="t:run"/></wsdl:message>
<wsdl:message name="out"><wsdl:part name="p" element="t:runResponse"/></wsdl:message>
<wsdl:portType name="pt"><wsdl:operation name="run">
<wsdl:input message="t:in"/><wsdl:output message="t:out"/></wsdl:operation></wsdl:portType>
<wsdl:binding name="b" type="t:pt"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
<wsdl:operation name="run"><soap:operation soapAction="urn:run"/>
<wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>
</wsdl:operation></wsdl:binding>
<wsdl:service name="Guests"><wsdl:port name="p" binding="t:b"><soap:address location="http://x/"/></wsdl:port></wsdl:service>
</wsdl:definitions>
"""


def read(text: str) -> Wsdl:
    """Return the WSDL file of that text."""
    service = read_bytes(text.encode(), "guests.wsdl")
    return Wsdl("wsdl/guests.wsdl", service, {one.name: one for one in service.types})


def wire(
    units: Mapping[str, str],
    wsdl: str = WSDL,
    before: str = WSDL,
    excuses: Mapping[tuple[str, str, Way], str] | None = None,
) -> list[Finding]:
    """Return what is found in units that use the accessors of *wsdl*, which was *before*."""
    data = {path: text.encode() for path, text in units.items()} | {"wsdl/guests.wsdl": wsdl.encode()}
    parser, now, old = Parser(), read(wsdl), read(before)
    listed = []
    for path, text in units.items():
        found = facts(text, {}, path, parser)
        listed.append((found, list(uses(found.accesses, [now], dict.fromkeys(now.types, "guests.wsdl")))))
    said = [*compared([old], [now]), *wrong(listed, added([old], [now]), excuses or {})]
    return [one.finding(data.get) for one in said]
