# SPDX-License-Identifier: GPL-3.0-or-later
"""Types and accessors: what was set is what comes out at the other end, and lxml reads and writes the same."""

from __future__ import annotations

import ctypes
import functools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adb.codec import Codec, Fault, Session, envelope, read_back, tree_of, values
from buildcheck.adb.model import Element, Kind

NS = "{http://eucalyptus.ucsb.edu/}"
NAMES = ("nc", "cc", "gl", "kinds")


@functools.cache
def codec_of(name: str) -> Codec:
    return Codec(name)


@st.composite
def messages(draw: st.DrawFn, name: str) -> tuple[str, dict[str, Any]]:
    """Return a global element of a service, and a value for it."""
    codec = codec_of(name)
    message = draw(st.sampled_from(codec.messages))
    return message, draw(values(codec, message))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_what_is_set_is_read_back(name: str, data: st.DataObject) -> None:
    """set, write, read, get: the same value, for every type of every message, in both versions of SOAP."""
    codec = codec_of(name)
    message, value = data.draw(messages(name))
    with Session(codec) as session:
        made = session.build(message, value)
        assert session.value(message, made) == read_back(codec, message, value)
        sent = session.write(made, data.draw(st.integers(0, 1)))
        assert session.value(message, session.read(message, sent)) == read_back(codec, message, value)


def flat(root: Any) -> list[tuple[str, dict[str, str], str]]:  # noqa: ANN401 - an element of lxml
    """Return all elements with their attributes and texts, in order."""
    return [(n.tag, dict(n.attrib), "".join(n.xpath("text()"))) for n in root.iter(etree.Element)]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_lxml_reads_what_is_written(name: str, data: st.DataObject) -> None:
    """What goes out is, to a reader that is not ours, exactly the elements that were set, in order."""
    codec = codec_of(name)
    message, value = data.draw(messages(name))
    with Session(codec) as session:
        sent = session.write(session.build(message, value))
    payload = etree.fromstring(sent)[0][0]
    wanted = tree_of(codec, codec.types[message], value)
    assert flat(payload) == flat(wanted)


def as_cdata(node: Any, text: str) -> None:  # noqa: ANN401 - an element of lxml
    """Write a text as CDATA in pieces, with comments between them; only a reference keeps a carriage return."""
    node.text = None
    for piece in text.replace("\r", "\n").split("]]>"):
        etree.SubElement(node, "piece").text = piece
    pieces = [piece.text or "" for piece in node]
    del node[:]
    node.text = etree.CDATA(pieces[0]) if pieces[0] else None
    for piece in pieces[1:]:
        comment = etree.Comment(" between ")
        comment.tail = f"]]>{piece}"
        node.append(comment)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_what_lxml_writes_is_read(name: str, data: st.DataObject) -> None:
    """Other prefixes, CDATA and comments change nothing."""
    codec = codec_of(name)
    message, value = data.draw(messages(name))
    sent = envelope(tree_of(codec, codec.types[message], value, as_cdata if data.draw(st.booleans()) else None))
    with Session(codec) as session:
        again = session.write(session.read(message, sent))
    assert flat(etree.fromstring(again)[0][0]) == flat(etree.fromstring(sent)[0][0])


@given(data=st.data())
def test_a_message_that_lacks_a_required_element_is_a_fault(data: st.DataObject) -> None:
    """MinOccurs 1: reading says which element of which type is missing, writing refuses to leave it out."""
    codec = codec_of("nc")
    value = data.draw(values(codec, "ncRunInstance"))
    required = [e.name for e in codec.types["ncRunInstanceType"].elements if e.least]
    missing = data.draw(st.sampled_from(required))
    root = tree_of(codec, codec.types["ncRunInstance"], value)
    root.remove(root.find(NS + missing))
    with Session(codec) as session:
        with pytest.raises(Fault, match=f"ncRunInstanceType: no {missing}"):
            session.read("ncRunInstance", envelope(root))
        lacking = {"ncRunInstance": value["ncRunInstance"] | {missing: None}}
        with pytest.raises(Fault, match=f"ncRunInstanceType: no {missing} was set"):
            session.write(session.build("ncRunInstance", lacking))


@given(data=st.data())
def test_the_order_of_a_sequence_is_kept(data: st.DataObject) -> None:
    """Two different neighbours that change places are a fault."""
    codec = codec_of("nc")
    root = tree_of(codec, codec.types["ncRunInstance"], data.draw(values(codec, "ncRunInstance")))
    pairs = [at for at in range(len(root) - 1) if root[at].tag != root[at + 1].tag]
    at = data.draw(st.sampled_from(pairs))
    root.insert(at, root[at + 1])
    with Session(codec) as session, pytest.raises(Fault):
        session.read("ncRunInstance", envelope(root))


VALID = (
    b'<n:ncStartNetwork xmlns:n="http://eucalyptus.ucsb.edu/" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
    b' xmlns:x="http://www.w3.org/2001/XMLSchema">%s</n:ncStartNetwork>'
)
PORT = b"<n:remoteHostPort>%s</n:remoteHostPort><n:vlan>1</n:vlan>"


def wrapped(payload: bytes) -> bytes:
    return (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        + payload
        + b"</s:Body></s:Envelope>"
    )


@pytest.mark.parametrize(
    ("inside", "port"),
    [
        (PORT % b" +12\n", 12),
        (PORT % b"-2147483648", -2147483648),
        (PORT % b"00000000000000000012", 12),
        (PORT % b"<![CDATA[1]]><!-- -->2", 12),
        (b"<n:return>1</n:return>" + PORT % b"12", 12),
        (b'<n:userId i:nil="false">u</n:userId>' + PORT % b"12", 12),
        (b'<n:userId i:type="x:string">u</n:userId>' + PORT % b"12", 12),
        (b'<n:userId i:schemaLocation="a b">u</n:userId>' + PORT % b"12", 12),
        (b"<!-- a -->\n\t" + PORT % b"12", 12),
        (b'<userId xmlns="http://eucalyptus.ucsb.edu/">u</userId>' + PORT % b"12", 12),
    ],
)
def test_what_the_schema_allows_is_read(inside: bytes, port: int) -> None:
    with Session(codec_of("nc")) as session:
        got = session.read("ncStartNetwork", wrapped(VALID % inside))
        assert session.value("ncStartNetwork", got)["ncStartNetwork"]["remoteHostPort"] == port


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        (PORT % b"", "remoteHostPort is not an xs:int"),
        (PORT % b"2147483648", "remoteHostPort is not an xs:int"),
        (PORT % b"99999999999999999999999", "remoteHostPort is not an xs:int"),
        (PORT % b"0x10", "remoteHostPort is not an xs:int"),
        (PORT % b"1 2", "remoteHostPort is not an xs:int"),
        (PORT % b"<a/>", "remoteHostPort holds text only, not a"),
        (b"<n:return>yes</n:return>" + PORT % b"1", "return is not an xs:boolean"),
        (b"<n:unknown/>" + PORT % b"1", "no remoteHostPort, but unknown"),
        (PORT % b"1" + b"<n:unknown/>", "no unknown can be there"),
        (PORT % b"1" + b"<n:vlan>2</n:vlan>", "more than 1 vlan"),
        (b"<userId>u</userId>" + PORT % b"1", "no remoteHostPort, but userId"),
        (b'<n:userId xmlns:n="urn:other">u</n:userId>' + PORT % b"1", "no remoteHostPort, but userId"),
        (b"text" + PORT % b"1", "text between the elements of ncStartNetwork"),
        (PORT % b"1" + b"<![CDATA[text]]>", "text between the elements of ncStartNetwork"),
        (b'<n:userId i:nil="true"/>' + PORT % b"1", "userId cannot have that attribute nil"),
        (b'<n:userId i:type="x:int">u</n:userId>' + PORT % b"1", "userId cannot have that attribute type"),
        (b'<n:userId i:type="y:string">u</n:userId>' + PORT % b"1", "userId cannot have that attribute type"),
        (b'<n:userId a="b">u</n:userId>' + PORT % b"1", "userId cannot have that attribute a"),
        (PORT % b"&unknown;", "not well-formed XML in UTF-8"),
        (PORT % b"\xff", "not well-formed XML in UTF-8"),
        (PORT % b"&#0;", "not well-formed XML in UTF-8"),
        (b"<?a b?>" + PORT % b"1", "a processing instruction is not taken"),
        (b"<n:userId>" + 40 * b"<a>" + 40 * b"</a>" + b"</n:userId>", "elements nest too deep"),
    ],
)
def test_what_the_schema_does_not_allow_is_a_fault(inside: bytes, fault: str) -> None:
    with Session(codec_of("nc")) as session, pytest.raises(Fault, match=fault):
        session.read("ncStartNetwork", wrapped(VALID % inside))


GOOD = VALID % (PORT % b"1")
BOMB = b'<!DOCTYPE a [<!ENTITY a "%s">%s]>' % (
    b"x" * 100,
    b"".join(b'<!ENTITY %c "%s">' % (98 + at, b"&%c;" % (97 + at) * 10) for at in range(9)),
)


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (b"", "no message"),
        (b"no xml", "not well-formed XML in UTF-8"),
        (b"\0" + wrapped(GOOD), "not XML in UTF-8"),
        (wrapped(GOOD)[:-1], "not well-formed XML in UTF-8"),
        (BOMB + wrapped(b"<a>&j;</a>"), "a document type declaration is not taken"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + wrapped(GOOD), "a document type declaration is not taken"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + wrapped(GOOD), "not XML in UTF-8"),
        (wrapped(GOOD).decode().encode("utf-16"), "not XML in UTF-8"),
        (GOOD, "not an envelope of SOAP 1.1 or 1.2"),
        (wrapped(GOOD).replace(b"schemas.xmlsoap.org", b"example.org"), "not an envelope of SOAP 1.1 or 1.2"),
        (wrapped(b""), "not one element in the body"),
        (wrapped(GOOD + GOOD), "not one element in the body"),
        (wrapped(b"text"), "text between the elements of Body"),
        (wrapped(GOOD).replace(b"s:Body", b"s:Other"), "not one body, behind at most one header"),
        (wrapped(GOOD).replace(b"</s:Body>", b"</s:Body><s:Body/>"), "not one body, behind at most one header"),
        (
            wrapped(GOOD).replace(b"<s:Body>", b'<s:Header><a s:mustUnderstand="1"/></s:Header><s:Body>'),
            "the header a is not understood",
        ),
        (wrapped(GOOD.replace(b"ncStartNetwork", b"ncPowerDown")), "no ncStartNetwork, but ncPowerDown"),
    ],
)
def test_what_is_no_message_is_a_fault(message: bytes, fault: str) -> None:
    with Session(codec_of("nc")) as session, pytest.raises(Fault, match=fault):
        session.read("ncStartNetwork", message)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2011-04-26T16:00:00Z", "2011-04-26T16:00:00Z"),
        ("2011-04-26T16:00:00", "2011-04-26T16:00:00Z"),
        (" 2011-04-26T16:00:00.5+02:00 ", "2011-04-26T14:00:00.500Z"),
        ("2012-02-29T23:59:59.1239-01:00", "2012-03-01T00:59:59.123Z"),
        ("2011-01-01T00:00:00+14:00", "2010-12-31T10:00:00Z"),
        ("2011-02-29T00:00:00Z", None),
        ("2011-04-26", None),
        ("2011-04-26T24:00:00Z", None),
        ("2011-04-26T16:00:60Z", None),
        ("2011-04-26T16:00:00+14:01", None),
        ("0001-01-01T00:00:00+00:01", None),
        ("2011-04-26T16:00:00.Z", None),
        ("", None),
    ],
)
def test_times_are_in_utc(text: str, time: str | None) -> None:
    inside = f"<n:timestamp>{text}</n:timestamp>".encode()
    message = wrapped(VALID.replace(b"ncStartNetwork", b"GetConsoleOutputResponse") % inside)
    with Session(codec_of("cc")) as session:
        if time is None:
            with pytest.raises(Fault, match="timestamp is not an xs:dateTime"):
                session.read("GetConsoleOutputResponse", message)
        else:
            assert f">{time}<".encode() in session.write(session.read("GetConsoleOutputResponse", message))


def element_of(codec: Codec, type_: str, name: str) -> Element:
    return next(element for element in codec.types[type_].elements if element.name == name)


def test_an_absent_element_reads_as_null_and_a_null_object_as_one_without_elements() -> None:
    codec = codec_of("nc")
    with Session(codec) as session:
        made = session.build("instanceType", {})
        wanted = read_back(codec, "instanceType", {})
        assert session.value("instanceType", made) == wanted
        assert wanted["ramdiskId"] is None
        assert session.value("instanceType", None) == wanted
        assert not session.put("instanceType", None, "set", element_of(codec, "instanceType", "ramdiskId"), "a")


def test_null_takes_an_element_away() -> None:
    codec = codec_of("nc")
    optional, required = (element_of(codec, "instanceType", name) for name in ("ramdiskId", "imageId"))
    with Session(codec) as session:
        made = session.build("instanceType", {"ramdiskId": "a", "imageId": "b"})
        assert session.put("instanceType", made, "set", optional, None)
        assert not session.put("instanceType", made, "set", required, None)
        assert session.value("instanceType", made) == read_back(codec, "instanceType", {})


def test_more_than_there_may_be_is_said_at_once_and_fails_the_message() -> None:
    codec = codec_of("nc")
    groups = element_of(codec, "ncRunInstanceType", "groupNames")
    with Session(codec) as session:
        made = session.build("ncRunInstanceType", {"groupNames": ["g"] * 64})
        assert not session.put("ncRunInstanceType", made, "add", groups, "one more")
        for element in codec.types["ncRunInstanceType"].elements:
            if element.least and isinstance(element.type, Kind):
                session.put("ncRunInstanceType", made, "set", element, "a")
        for name, type_ in (("instanceType", "virtualMachineType"), ("netParams", "netConfigType")):
            net = {"privateMacAddress": "", "privateIp": "", "publicIp": "", "vlan": 1, "networkIndex": 1}
            element = element_of(codec, "ncRunInstanceType", name)
            session.put("ncRunInstanceType", made, "set", element, net if type_ == "netConfigType" else {})
        outer = session.build("ncRunInstance", {})
        session.call(ctypes.c_int, "adb_ncRunInstance_set_ncRunInstance", outer, ctypes.c_void_p(made))
        with pytest.raises(Fault, match="more than 64 groupNames"):
            session.write(outer)


@pytest.mark.parametrize(
    "text", [b"\x01", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xef\xbf\xbf", b"a\xe2\x82"]
)
def test_what_xml_cannot_hold_is_not_sent(text: bytes) -> None:
    value = {"ncTerminateInstance": {"instanceId": text}}
    with Session(codec_of("nc")) as session, pytest.raises(Fault, match=r"instanceId: byte [01] is not a character"):
        session.write(session.build("ncTerminateInstance", value))


def test_a_null_in_a_list_fails_the_message() -> None:
    codec = codec_of("nc")
    ids = element_of(codec, "ncDescribeInstancesType", "instanceIds")
    with Session(codec) as session:
        made = session.build("ncDescribeInstancesType", {"instanceIds": ["a"]})
        assert not session.put("ncDescribeInstancesType", made, "add", ids, None)
        outer = session.build("ncDescribeInstances", {})
        session.call(ctypes.c_int, "adb_ncDescribeInstances_set_ncDescribeInstances", outer, ctypes.c_void_p(made))
        with pytest.raises(Fault, match="instanceIds is NULL"):
            session.write(outer)


def test_an_object_is_part_of_one_other_only(capfd: pytest.CaptureFixture[str]) -> None:
    with Session(codec_of("nc")) as session:
        net = ctypes.c_void_p(session.build("netConfigType", {}))
        first, second = (session.build("instanceType", {}) for _ in range(2))
        assert session.call(ctypes.c_int, "adb_instanceType_set_netParams", first, net)
        assert session.call(ctypes.c_int, "adb_instanceType_set_netParams", first, net)
        assert not session.call(ctypes.c_int, "adb_instanceType_set_netParams", second, net)
        assert not session.call(ctypes.c_int, "adb_netConfigType_free", net.value)
        assert session.call(ctypes.c_int, "adb_instanceType_free", first)
    assert "instanceType: netParams: what is to be set is part of another object" in capfd.readouterr().err
