# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind add-element: the place is the type's own sequence, the form that of its siblings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, tree_of, unchanged
from patchgen.edits import Reason, State

WSDL = Path(__file__).parents[2] / "c/reference/wsdl"
XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="urn:t" targetNamespace="urn:t"'


def schema(*lines: str, attributes: str = XS) -> str:
    return f"<xs:schema {attributes}>\n" + "".join(f"{line}\n" for line in lines) + "</xs:schema>\n"


def type_(name: str, *lines: str) -> tuple[str, ...]:
    return f'  <xs:complexType name="{name}">', "    <xs:sequence>", *lines, "    </xs:sequence>", "  </xs:complexType>"


def edit(
    place: str = 'after = "b"', name: str = "new", xml_type: str = "xs:string", more: str = "min-occurs = 0"
) -> str:
    return f'kind = "add-element"\nfiles = ["*.xsd"]\ntype = "T"\nelement = "{name}"\nxml-type = "{xml_type}"\n{place}\n{more}\n'


B = '      <xs:element name="b" type="xs:int"/>'
C = '      <xs:element name="c" type="xs:int" minOccurs="0"/>'
NEW = '      <xs:element name="new" type="xs:string" minOccurs="0"/>'


@pytest.mark.parametrize(
    ("place", "before", "expected"),
    [
        pytest.param('after = "b"', (B, C), (B, NEW, C), id="after"),
        pytest.param('after = ["x", "c"]', (B, C), (B, C, NEW), id="alternatives"),
        pytest.param('before = "c"', (B, C), (B, NEW, C), id="before"),
        pytest.param('at = "end"', (B, C), (B, C, NEW), id="end"),
        pytest.param('at = "start"', (B, C), (NEW, B, C), id="start"),
        pytest.param('at = "end"', (), (NEW,), id="empty sequence"),
        pytest.param('after = "b"', (B + " <!-- why -->", C), (B + " <!-- why -->", NEW, C), id="trailing comment"),
        pytest.param(
            'after = "b"',
            ("\t<xs:element minOccurs='1' name='b' type='xs:int' />",),
            (
                "\t<xs:element minOccurs='1' name='b' type='xs:int' />",
                "\t<xs:element minOccurs='0' name='new' type='xs:string' />",
            ),
            id="order, quotes and blanks",
        ),
        pytest.param(
            'after = "b"',
            ('  <xs:element name="b" type="xs:int"></xs:element>',),
            (
                '  <xs:element name="b" type="xs:int"></xs:element>',
                '  <xs:element name="new" type="xs:string" minOccurs="0"></xs:element>',
            ),
            id="two tags",
        ),
        pytest.param(
            'after = "b"',
            ('<xs:element name="b" type="xs:int"/><xs:element name="c" type="xs:int"/>',),
            (f'<xs:element name="b" type="xs:int"/>{NEW.strip()}<xs:element name="c" type="xs:int"/>',),
            id="on one line",
        ),
    ],
)
def test_it_is_written_as_its_siblings_are(place: str, before: tuple[str, ...], expected: tuple[str, ...]) -> None:
    files = {"a.xsd": schema(*type_("T", *before))}
    assert after(edit(place), files) == {"a.xsd": schema(*type_("T", *expected))}


@pytest.mark.parametrize(("prefix", "become"), [("xsd:", 'type="xsd:string"'), ("", 'type="string"')])
def test_the_prefix_is_that_of_the_document(prefix: str, become: str) -> None:
    binding = f"xmlns:{prefix}".rstrip(":")
    text = schema(*type_("T", B)).replace("xmlns:xs", binding).replace("xs:", prefix)
    assert become in after(edit(), {"a.xsd": text})["a.xsd"]


def test_tns_means_the_target_namespace() -> None:
    text = schema(*type_("T", B), *type_("U", B)).replace(" xmlns:tns=", " xmlns:my=")
    assert 'type="my:U"' in after(edit(xml_type="tns:U"), {"a.xsd": text})["a.xsd"]


@pytest.mark.parametrize(
    ("holder", "closing"),
    [
        (
            '<xs:complexType name="T"><xs:complexContent><xs:extension base="tns:U">',
            "</xs:extension></xs:complexContent></xs:complexType>",
        ),
        ('<xs:element name="T"><xs:complexType>', "</xs:complexType></xs:element>"),
        ('<xs:group name="T">', "</xs:group>"),
    ],
)
def test_the_sequence_may_be_within_something_else(holder: str, closing: str) -> None:
    lines = (f"  {holder}<xs:sequence>", B, f"  </xs:sequence>{closing}")
    assert NEW in after(edit(), {"a.xsd": schema(*lines)})["a.xsd"]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        pytest.param(schema(*type_("U", B)), "not-found", id="no such type"),
        pytest.param(schema(*type_("T", B), *type_("T", B)), "several-places", id="the type twice"),
        pytest.param(schema(*type_("T", C)), "no-anchor", id="no such sibling"),
        pytest.param(schema(*type_("T", f"<!-- {B} -->")), "no-anchor", id="the sibling is in a comment"),
        pytest.param(schema(*type_("T", B, B)), "several-places", id="the sibling twice"),
        pytest.param(schema(*type_("T", B)).replace("sequence", "choice"), "no-sequence", id="a choice"),
        pytest.param(schema('  <xs:complexType name="T"/>'), "no-sequence", id="an empty type"),
        pytest.param(schema(*type_("T", B)).replace("</xs:schema>", ""), "document-not-edited", id="not well formed"),
        pytest.param("<!DOCTYPE x>\n" + schema(*type_("T", B)), "document-not-edited", id="a document type"),
        pytest.param(schema(*type_("T", B)).replace("xs:int", "&x;"), "document-not-edited", id="an entity"),
        pytest.param(schema(*type_("T", "<y:z/>", B)), "document-not-edited", id="a prefix of nothing"),
        pytest.param(
            '<?xml version="1.0" encoding="x-none"?>' + schema(*type_("T", B)), "document-not-edited", id="an encoding"
        ),
        pytest.param(schema(*type_("T", B, NEW.replace("string", "int"))), "differs", id="another type"),
        pytest.param(schema(*type_("T", B, NEW.replace(' minOccurs="0"', ""))), "differs", id="another occurrence"),
        pytest.param(schema(*type_("T", NEW, B)), "differs", id="on the other side"),
        pytest.param(schema(*type_("T", B, "<xs:choice>", NEW, "</xs:choice>")), "differs", id="in a choice"),
        pytest.param("<a>" * 5000 + "T" + "</a>" * 5000, "document-not-edited", id="nested deeply"),
    ],
)
def test_what_is_not_certain_is_refused(text: str, slug: str) -> None:
    plan = unchanged(edit(), {"a.xsd": text})
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


def test_no_element_follows_a_wildcard() -> None:
    assert slugs(unchanged(edit('at = "end"'), {"a.xsd": schema(*type_("T", B, "<xs:any/>"))})) == {"no-anchor"}


def test_a_fault_is_shown_where_it_is() -> None:
    plan = unchanged(edit(), {"a.xsd": schema(*type_("T", B, "<b>"))})
    assert plan.findings[0].place is not None
    assert plan.findings[0].place.line == 6


@pytest.mark.parametrize(
    ("head", "newline"),
    [
        ("", "\r\n"),
        ("\ufeff", "\n"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><!-- \udce9 -->', "\n"),
        ("<?pi x?>", "\n"),
    ],
)
def test_bytes_around_stay(head: str, newline: str) -> None:
    text = (head + schema(*type_("T", B, "      <?in x?>", C))).replace("\n", newline)
    assert after(edit(), {"a.xsd": text})["a.xsd"] == text.replace(B, B + newline + NEW)


def test_every_occurrence_has_a_verdict() -> None:
    text = schema(
        "<!-- T new -->",
        '<xs:element name="new" type="tns:T"/>',
        '<xs:element name="T" type="tns:T"/>',
        *type_("T", B),
        *type_("U", NEW),
    )
    plan, tree = plan_of(edit(), {"a.xsd": text, "b.c": "int new;"})
    found = sorted((o.path, o.start, o.name, o.reason) for o in plan.occurrences)
    assert [(name, reason) for path, _, name, reason in found if path == "a.xsd"] == [
        ("T", Reason.COMMENT),
        ("new", Reason.COMMENT),
        ("new", Reason.OTHER_BINDING),
        ("T", Reason.UNCHANGED_USE),
        ("T", Reason.OTHER_BINDING),
        ("T", Reason.UNCHANGED_USE),
        ("T", None),
        ("new", Reason.OTHER_BINDING),
    ]
    assert "b.c" not in tree.edited(plan.replacements).touched(tree)


@pytest.mark.parametrize(
    "key", ['type = "a b"', 'element = "x:y"', 'xml-type = "string"', "max-occurs = -1", 'at = "top"']
)
def test_an_unusable_table_says_so(key: str) -> None:
    name = key.split(" ", maxsplit=1)[0]
    lines = [line for line in edit().splitlines() if not line.startswith(name + " ")]
    with pytest.raises(ValueError, match=r"\S"):
        edit_of("\n".join([*lines, key]))


@pytest.mark.parametrize(
    ("type_name", "place", "line_before"),
    [("ncRunInstanceType", 'after = "ramdiskURL"', "ramdiskURL"), ("instanceType", 'at = "end"', "serviceTag")],
)
def test_trap_identical_lines_in_two_types(type_name: str, place: str, line_before: str) -> None:
    text = (WSDL / "eucalyptus_nc.wsdl").read_text()
    table = edit(place, "archId").replace("*.xsd", "*.wsdl").replace('"T"', f'"{type_name}"')
    edited = after(table, {"nc.wsdl": text})["nc.wsdl"].splitlines()
    at = next(n for n, line in enumerate(edited) if "archId" in line)
    assert f'name="{line_before}"' in edited[at - 1]
    assert edited[at - 1].replace(line_before, "archId") == edited[at]
    assert edited[:at] + edited[at + 1 :] == text.splitlines()
    heads = [line for line in edited[:at] if "<xs:complexType" in line]
    assert f'name="{type_name}"' in heads[-1]


def test_trap_dead_elements_in_a_comment() -> None:
    text = (WSDL / "eucalyptus_nc.wsdl").read_text()
    table = (
        edit('after = "privateMacAddress"', "archId").replace("*.xsd", "*.wsdl").replace('"T"', '"ncRunInstanceType"')
    )
    assert slugs(unchanged(table, {"nc.wsdl": text})) == {"no-anchor"}


@given(st.text(alphabet="<>/\"'= abT:xs!-?&;\n"))
def test_any_text_is_judged(text: str) -> None:
    """Whatever stands in a file, the plan is made, and what it edits it then finds."""
    files = {"a.xsd": schema(*type_("T", B)) + text}
    plan, tree = plan_of(edit(), files)
    if plan.state is State.ABSENT:
        again = edit_of(edit()).plan(tree.edited(plan.replacements))
        assert again.state is State.PRESENT


@given(st.permutations([B, C, B.replace('"b"', '"d"')]), st.sampled_from(["\n", "\r\n"]))
def test_taking_the_line_away_gives_the_file_back(lines: list[str], newline: str) -> None:
    """The edit adds one line, and nothing else changes."""
    text = schema(*type_("T", *lines)).replace("\n", newline)
    tree = tree_of({"a.xsd": text})
    edited = tree.edited(edit_of(edit()).plan(tree).replacements).read("a.xsd").decode()
    assert edited.replace(NEW + newline, "", 1) == text
