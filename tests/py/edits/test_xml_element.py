# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind xml-element: the element is told by its attributes, and nothing else of the document moves."""

from __future__ import annotations

import pytest

from edits.harness import after, edit_of, plan_of, slugs
from patchgen.edits import Reason, State

SET = 'having = { file = "$dir/a.jar" }\nset = { file = "$dir", type = "dir" }'
DELETE = 'having = { dir = "lib" }\nwithin = { element = "target", having = { name = "distclean" } }\ndelete = true'
FIRST = 'first = \'<property name="level" value="8"/>\''


def edit(element: str, what: str) -> str:
    return f'kind = "xml-element"\nfiles = ["*.xml"]\nelement = "{element}"\n{what}\n'


def document(*lines: str) -> str:
    return "<project>\n" + "".join(f"{line}\n" for line in lines) + "</project>\n"


@pytest.mark.parametrize(
    ("element", "what", "before", "expected"),
    [
        pytest.param("get", SET, ('  <get file="l/a.jar"/>',), ('  <get file="l" type="dir"/>',), id="set"),
        pytest.param(
            "get",
            SET,
            ("  <get\n     file='${x}/a.jar' />", '  <get file="l/b.jar"/>'),
            ("  <get\n     file='${x}' type='dir' />", '  <get file="l/b.jar"/>'),
            id="quotes, layout and a neighbour stay",
        ),
        pytest.param(
            "get",
            SET,
            ('  <get type="file" file="l/a.jar">x</get>',),
            ('  <get type="dir" file="l">x</get>',),
            id="an attribute that is there is changed",
        ),
        pytest.param(
            "delete",
            DELETE,
            ('  <target name="distclean">', '    <delete dir="lib"/>', "    <echo/>", "  </target>"),
            ('  <target name="distclean">', "    <echo/>", "  </target>"),
            id="a line of its own goes whole",
        ),
        pytest.param(
            "delete",
            DELETE,
            (
                '  <target name="clean"><delete dir="lib"/></target>',
                '  <target name="distclean"><delete dir="lib">\n x</delete><delete dir="o"/></target>',
            ),
            (
                '  <target name="clean"><delete dir="lib"/></target>',
                '  <target name="distclean"><delete dir="o"/></target>',
            ),
            id="only within, and with its content",
        ),
        pytest.param(
            "project",
            FIRST,
            ("\t<!-- a project -->", "\t<target/>"),
            ('\t<property name="level" value="8"/>', "\t<!-- a project -->", "\t<target/>"),
            id="first child",
        ),
    ],
)
def test_what_becomes_of_a_document(
    element: str, what: str, before: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    files = {"a.xml": document(*before)}
    assert after(edit(element, what), files) == {"a.xml": document(*expected)}
    again, _ = plan_of(edit(element, what), {"a.xml": document(*expected)})
    assert (again.state, again.present) == (State.PRESENT, 1)


@pytest.mark.parametrize(
    ("element", "what", "before", "expected"),
    [
        pytest.param("get", SET, ("  <put/>",), ["wrong-number-of-sites"], id="none"),
        pytest.param("get", SET, ('  <get file="l/a.jar"/>',) * 2, ["wrong-number-of-sites"], id="two"),
        pytest.param("delete", DELETE, ('  <delete dir="lib"/>',), ["not-found"], id="nothing around"),
        pytest.param("delete", DELETE, ('  <target name="distclean"/>',) * 2, ["several-places"], id="two around"),
        pytest.param(
            "project", FIRST, ('  <property name="level" value="7"/>',), ["differs"], id="another of the name"
        ),
        pytest.param("get", SET, ('  <get file="l/a.jar">',), ["unreadable-text"], id="not well formed"),
    ],
)
def test_what_is_refused(element: str, what: str, before: tuple[str, ...], expected: list[str]) -> None:
    plan, _ = plan_of(edit(element, what), {"a.xml": document(*before)})
    assert plan.state is State.REFUSED
    assert [slug.split(":")[0] for slug in slugs(plan)] == expected


def test_a_comment_with_the_element_is_excused() -> None:
    text = document('  <!-- <get file="l/a.jar"/> -->', '  <get file="l/a.jar"/>')
    plan, _ = plan_of(edit("get", SET), {"a.xml": text})
    assert plan.state is State.ABSENT
    assert [entry.reason for entry in plan.occurrences if entry.reason] == [Reason.COMMENT]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("", "give one of"),
        (f"{SET}\ndelete = true", "give one of"),
        ('having = { dir = "x" }\ndelete = true', "delete needs within"),
        ('having = { a = "$x/$y" }\nset = { a = "$x" }', "one item at the most"),
        ('having = { a = "b" }\nset = { a = "$x" }', "stands nowhere"),
        ('set = { a = "<" }', "cannot have as it is"),
        ('set = { "a b" = "c" }', "not a name in XML"),
        ("first = '<a><b/></a>'", "not one empty element"),
    ],
)
def test_an_edit_that_says_nothing_usable(what: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        edit_of(edit("get", what))


def test_a_first_child_without_attributes() -> None:
    files = {"a.xml": document("  <a/>")}
    assert after(edit("project", "first = '<p/>'"), files) == {"a.xml": document("  <p/>", "  <a/>")}
