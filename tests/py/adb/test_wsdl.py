# SPDX-License-Identifier: GPL-3.0-or-later
"""WSDL files: what is understood, and that everything else is refused by file and line, never by a traceback."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adb.harness import ADB, REFERENCE, service_of
from buildcheck.adb import UNBOUNDED, AdbError, Kind, read, read_bytes
from buildcheck.adb.cli import main

if TYPE_CHECKING:
    from pathlib import Path

GL = REFERENCE / "wsdl/eucalyptus_gl.wsdl"
NC = REFERENCE / "wsdl/eucalyptus_nc.wsdl"


def test_a_base_comes_first_and_each_type_behind_those_that_it_uses() -> None:
    service = service_of("nc")
    assert (service.name, service.namespace) == ("EucalyptusNC", "http://eucalyptus.ucsb.edu/")
    types = {type_.name: type_ for type_ in service.types}
    names = [element.name for element in types["ncRunInstanceType"].elements]
    assert names[:6] == ["correlationId", "userId", "return", "nodeName", "statusMessage", "imageId"]
    groups = types["ncRunInstanceType"].elements[-1]
    assert (groups.name, groups.type, groups.least, groups.most) == ("groupNames", Kind.TEXT, 0, 64)
    maps = types["virtualMachineType"].elements[-1]
    assert (maps.type, maps.least, maps.most) == ("deviceMapType", 0, UNBOUNDED)
    seen: set[str] = set()
    for type_ in service.types:
        assert all(element.type in seen for element in type_.elements if isinstance(element.type, str))
        seen.add(type_.name)
    assert [operation.action for operation in service.operations][:1] == ["EucalyptusNC#ncRunInstance"]


def test_the_status_message_is_a_number_at_the_nodes_and_a_text_at_the_cluster() -> None:
    for name, kind in (("nc", Kind.INT), ("cc", Kind.TEXT)):
        base = next(type_ for type_ in service_of(name).types if type_.name == "eucalyptusMessage")
        assert {element.name: element.type for element in base.elements}["statusMessage"] is kind


STRING = '<xs:element minOccurs="0" name="correlationId" type="xs:string"/>'
SCHEMA = '<xs:schema elementFormDefault="qualified" targetNamespace="http://eucalyptus.ucsb.edu/">'
TAG = '<xs:element name="serviceTag" type="xs:string"/>'
CYCLE = """<xs:complexType name="aType"><xs:sequence><xs:element name="b" type="tns:bType"/></xs:sequence></xs:complexType>
<xs:complexType name="bType"><xs:sequence><xs:element minOccurs="0" name="a" type="tns:aType"/></xs:sequence></xs:complexType>
"""
EXTENDS_ITSELF = """<xs:complexType name="aType"><xs:complexContent><xs:extension base="tns:aType"><xs:sequence/>
</xs:extension></xs:complexContent></xs:complexType>"""
CHAIN = "".join(
    f'<xs:complexType name="t{at}"><xs:sequence><xs:element name="a" type="tns:t{at + 1}"/></xs:sequence>'
    "</xs:complexType>\n"
    for at in range(2000)
)

BAD = {
    # what: old text of the GL file, new text, line, message
    "a cycle": (SCHEMA, SCHEMA + CYCLE, 4, "types go in a circle: aType -> bType -> aType"),
    "a type that extends itself": (SCHEMA, SCHEMA + EXTENDS_ITSELF, 4, "types go in a circle: aType -> aType"),
    "a very long chain": (SCHEMA, SCHEMA + CHAIN, 104, "types nest deeper than 100"),
    "an unknown type": (STRING, STRING.replace("tns:", "").replace("xs:string", "tns:other"), 9, "has no type other"),
    "an unknown simple type": (STRING, STRING.replace("string", "decimal"), 9, "the type xs:decimal is unknown; there"),
    "an unknown prefix": (
        STRING,
        STRING.replace("xs:string", "q:string"),
        9,
        "nothing declares the prefix of q:string",
    ),
    "an unknown base": (
        SCHEMA,
        SCHEMA + EXTENDS_ITSELF.replace("tns:aType", "tns:other"),
        4,
        "the schema has no complex type other",
    ),
    "no type": (STRING, STRING.replace(' type="xs:string"', ""), 9, "element has no type"),
    "no name": (STRING, STRING.replace(' name="correlationId"', ""), 9, "element has no name"),
    "a name that is none in C": (STRING, STRING.replace("correlationId", "a-b"), 9, "'a-b' cannot be a part of a name"),
    "a name beyond ASCII": (STRING, STRING.replace("correlationId", "\u00fc"), 9, "cannot be a part of a name in C"),
    "two elements of a name": (STRING, STRING + "\n" + STRING, 10, "GetLogsType has two elements correlationId"),
    "two types of a name": ('name="GetKeysType"', 'name="GetLogsType"', 30, "complexType GetLogsType is there twice"),
    "two elements": (
        '<xs:element name="GetKeys" ',
        '<xs:element name="GetLogs" ',
        29,
        "element GetLogs is there twice, first in line 6",
    ),
    "a type and an element of a name": ('name="GetKeysType"', 'name="GetLogs"', 6, "GetLogs is the name of a type too"),
    "two functions of a name": (
        TAG,
        '<xs:element name="a_at" type="xs:string"/><xs:element maxOccurs="2" name="a" type="xs:string"/>',
        7,
        "adb_GetLogsType_get_a_at would be a function of GetLogsType and of GetLogsType",
    ),
    "a name of the runtime": ('"GetLogsType"', '"object"', 7, "adb_object is a name of the runtime"),
    "no schema": ("xs:schema", "xs:annotation", 3, "there is no schema in types"),
    "two schemas": ("</xs:schema>", "</xs:schema>\n<xs:schema/>", 50, "there is more than one schema in types"),
    "no types": ("wsdl:types", "wsdl:documentation", 1, "there is no types in definitions"),
    "no namespace": (SCHEMA, "<xs:schema>", 4, "schema has no targetNamespace"),
    "an import": (SCHEMA, SCHEMA + '<xs:import namespace="a"/>', 4, "import is not understood"),
    "a simple type": (SCHEMA, SCHEMA + '<xs:simpleType name="a"/>', 4, "simpleType is not understood"),
    "a choice": (
        "<xs:sequence>\n" + "\t  " + STRING,
        "<xs:choice/><xs:sequence>" + STRING,
        8,
        "choice in complexType is",
    ),
    "an any": (STRING, "<xs:any/>", 9, "any in sequence is not understood"),
    "an attribute": (
        SCHEMA,
        SCHEMA + '<xs:complexType name="a"><xs:attribute name="b"/></xs:complexType>',
        4,
        "attribute in",
    ),
    "a default": (STRING, STRING.replace("/>", ' default="a"/>'), 9, "default of element is not understood"),
    "an inner type": (
        STRING,
        STRING.replace("/>", "><xs:simpleType/></xs:element>"),
        9,
        "simpleType in element is not",
    ),
    "too few": (STRING, STRING.replace('"0"', '"2"'), 9, "correlationId cannot be there 2 to 1 times"),
    "none at all": (STRING, STRING.replace("/>", ' maxOccurs="0"/>'), 9, "correlationId cannot be there 0 to 0 times"),
    "no number": (STRING, STRING.replace('"0"', '"-1"'), 9, "'-1' is no number of elements"),
    "a huge number": (STRING, STRING.replace('"0"', '"9999999999"'), 9, "'9999999999' is no number of elements"),
    "no boolean": (STRING, STRING.replace("/>", ' nillable="a"/>'), 9, "'a' is no boolean"),
    "no form": (STRING, STRING.replace("/>", ' form="a"/>'), 9, "'a' is no form"),
    "no part": ('<wsdl:part element="tns:GetLogs" name="parameters"/>', "", 51, "there is no part in message"),
    "two parts": (
        '<wsdl:part element="tns:GetLogs" name="parameters"/>',
        '<wsdl:part element="tns:GetLogs" name="a"/>\n<wsdl:part element="tns:GetLogs" name="b"/>',
        53,
        "there is more than one part in message",
    ),
    "a part with a type": (
        '<wsdl:part element="tns:GetLogs"',
        '<wsdl:part type="tns:GetLogs"',
        52,
        "not document/literal",
    ),
    "a part of nothing": (
        '<wsdl:part element="tns:GetLogs"',
        '<wsdl:part element="tns:x"',
        52,
        "schema has no element x",
    ),
    "two messages of a name": (
        'name="GetKeysRequest"',
        'name="GetLogsRequest"',
        57,
        "message GetLogsRequest is there twice",
    ),
    "no message": ('message="tns:GetLogsRequest"', 'message="tns:x"', 65, "there is no message x"),
    "no input": ('<wsdl:input message="tns:GetLogsRequest"/>', "", 64, "there is no input in operation"),
    "no port type": ('type="tns:EucalyptusGLPortType"', 'type="tns:x"', 73, "there is no portType x"),
    "no binding": ('binding="tns:EucalyptusGLBinding"', 'binding="tns:x"', 95, "there is no binding x"),
    "no service": ("wsdl:service", "wsdl:documentation", 1, "there is no service in definitions"),
    "an operation that is not bound": (
        '<wsdl:operation name="GetKeys">\n\t',
        '<wsdl:operation name="x">\n\t',
        84,
        "no operation",
    ),
    "rpc": ('style="document" transport', 'style="rpc" transport', 74, "a style other than document is not understood"),
    "encoded": ('use="literal"', 'use="encoded"', 78, "a use other than literal is not understood"),
    "two operations of one element": (
        'element="tns:GetKeys" ',
        'element="tns:GetLogs" ',
        68,
        "takes the same element as",
    ),
    "a strange action": ("EucalyptusGL#GetLogs", "a&#10;b", 76, "cannot be a SOAPAction"),
    "an entity bomb": (
        "?>",
        '?><!DOCTYPE a [<!ENTITY a "b">\n<!ENTITY b "&a;&a;">]>',
        1,
        "a document type declaration is not",
    ),
    "an entity": (STRING, "&other;" + STRING, 9, "Entity 'other' not defined"),
    "not well-formed": ("</wsdl:types>", "</xs:types>", 50, "Opening and ending tag mismatch"),
    "nothing": ("", "", 0, ""),
    "no WSDL": ("wsdl:definitions", "wsdl:other", 1, "its root is no wsdl:definitions"),
}
del BAD["nothing"]


@pytest.mark.parametrize("what", BAD)
def test_what_is_not_understood_is_refused_by_its_line(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, line, message = BAD[what]
    text = GL.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "bad.wsdl"
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert main(["wsdl2c", "-uri", str(path), "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{path}:{line}: error: "), said.err
    assert message in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", ":1: error: no element found"),
        (b"\0\1\2", ":1: error: not well-formed (invalid token)"),
        (b"<a>" * 100_000, ":1: error: Excessive depth in document"),
        (b"<a/>", ":1: error: not a WSDL 1.1 file"),
        (b'<a b="&c;"/>', ":1: error: "),
        (b"<?xml version='1.0' encoding='utf-7'?><a/>", ":1: error: "),
    ],
)
def test_what_is_no_wsdl_file_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(AdbError) as caught:
        read_bytes(data, "a.wsdl")
    assert str(caught.value).startswith(f"a.wsdl{message}")


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AdbError, match="No such file"):
        read(tmp_path / "a.wsdl")
    with (tmp_path / "b.wsdl").open("wb") as file:
        file.truncate(5 << 20)
    with pytest.raises(AdbError, match="more than 4194304 bytes is no WSDL file"):
        read(tmp_path / "b.wsdl")
    with pytest.raises(AdbError, match="Is a directory"):
        read(tmp_path)


@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever becomes of a word of the file: a service or an AdbError with the file's name, and nothing else."""
    text = NC.read_text(encoding="utf-8")
    words = list(re.finditer(r'"[^"]*"|[\w:]+|[<>/=]', text))
    for _ in range(data.draw(st.integers(1, 3))):
        old, new = data.draw(st.sampled_from(words)), data.draw(st.sampled_from(words))
        text = text[: old.start()] + new[0] + text[old.end() :]
    try:
        read_bytes(text.encode(), "damaged.wsdl")
    except AdbError as error:
        assert str(error).startswith("damaged.wsdl:")  # noqa: PT017 - both ends are right


@pytest.mark.parametrize("words", [["-m", "adb"], [str(ADB)]])
def test_it_runs_from_a_copy_with_nothing_but_lxml(words: list[str], tmp_path: Path) -> None:
    copy = tmp_path / "debian/adb"
    shutil.copytree(ADB, copy, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-W", "error", *(words if words[0] == "-m" else [str(copy)])]
    done = subprocess.run(
        [*command, "wsdl2c", "-uri", NC, "-sd", "-ss", "-d", "adb", "-u", "-uw", "-f", "-o", "out"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path / "debian",
        env={"PATH": "/usr/bin:/bin"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"adb: EucalyptusNC: 96 files of 10 operations from {NC}\n"
    assert (tmp_path / "debian/out/axis2_svc_skel_EucalyptusNC.c").exists()
    done = subprocess.run([*command, "wsdl2c"], capture_output=True, text=True, check=False, cwd=tmp_path / "debian")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_only_lxml_and_the_standard_library_are_imported() -> None:
    for path in ADB.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.match(r"\s*(?:from|import) (\.*)([\w.]*)", line):
                outside = found[2].split(".")[0]
                assert found[1] == "." or outside in {*sys.stdlib_module_names, "lxml"}, (path, line)
