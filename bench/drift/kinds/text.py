# SPDX-License-Identifier: GPL-3.0-or-later
"""XML, Perl and makefiles: moved, re-styled, and with more in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drift.scene import NotHereError

from .kind import kind

if TYPE_CHECKING:
    from drift.scene import Scene


@kind("xml", "indented")
def xml_indented(scene: Scene) -> None:
    """The schema is indented by tabs, deeper than it was."""
    scene.each(
        scene.roles.text.xml,
        lambda data: (
            re.sub(rb"(?m)^ *(?=<)", lambda m: b"\t" * (1 + len(m[0]) // 2), data)
            if not data.startswith(b"<?xml")
            else re.sub(rb"(?m)(?<=\n) *(?=<)", lambda m: b"\t" * (1 + len(m[0]) // 2), data)
        ),
    )


@kind("xml", "prefix")
def xml_prefix(scene: Scene) -> None:
    """XML Schema has another prefix."""

    def change(data: bytes) -> bytes:
        found = re.search(rb'xmlns:(\w+)="http://www.w3.org/2001/XMLSchema"', data)
        if found is None:
            return data
        return re.sub(rb'(?<=[<"/:])%b(?=[:=])' % found[1], b"drift", data)

    scene.each(scene.roles.text.xml, change)


@kind("xml", "attributes-in-another-order")
def xml_attributes(scene: Scene) -> None:
    """Elements have their type before their name, in single quotes."""
    scene.each(
        scene.roles.text.xml,
        lambda data: re.sub(rb'(<\w+:element) name="([^"]*)" type="([^"]*)"', rb"\1 type='\3' name='\2'", data),
    )


@kind("xml", "tags-closed")
def xml_tags_closed(scene: Scene) -> None:
    """Elements have a closing tag."""
    scene.each(scene.roles.text.xml, lambda data: re.sub(rb"<(\w+:element)( [^<>]*?)[ ]*/>", rb"<\1\2></\1>", data))


@kind("xml", "element-behind-the-anchor")
def xml_element(scene: Scene) -> None:
    """A type has one more element, at its end."""
    text = scene.roles.text
    if not text.element_type:
        msg = "no schema"
        raise NotHereError(msg)
    pattern = re.compile(
        rb'(<(\w+):complexType[ \t]+name="%b">.*?)([ \t]*)(</\2:sequence>)' % text.element_type.encode(), re.DOTALL
    )
    scene.each(
        text.xml,
        lambda data: pattern.sub(rb'\1\3  <\2:element name="drift" type="\2:int" minOccurs="0"/>\n\3\4', data, count=1),
    )


@kind("xml", "comments")
def xml_comments(scene: Scene) -> None:
    """Comments stand between the elements, with old elements in them."""

    def change(data: bytes) -> bytes:
        parts = re.split(rb"(<!--.*?-->)", data, flags=re.DOTALL)
        new = [
            re.sub(rb"(?m)^([ \t]*)(<\w+:element [^\n]*/>)$", rb"\1<!-- was: \2 -->\n\1\2", part) for part in parts[::2]
        ]
        parts[::2] = new
        return b"".join(parts)

    scene.each(scene.roles.text.xml, change)


@kind("perl", "indented")
def perl_indented(scene: Scene) -> None:
    """Four blanks at the start of a line become a tab, but in here-documents."""
    scene.each(
        scene.roles.text.perl,
        lambda data: _outside(data, lambda text: re.sub(rb"(?m)^(?: {4}|\t| {2})(?=\S)", b"\t\t", text)),
    )


@kind("perl", "moved-down")
def perl_moved(scene: Scene) -> None:
    """A page of comments and a sub go in before the first statement."""
    text = b"# a note\n" * 30 + b"sub drift_first {\n    return 1;\n}\n\n"
    scene.each(scene.roles.text.perl, lambda data: re.sub(rb"(?m)^(?=(?:my|use) )", lambda _: text, data, count=1))


@kind("perl", "option-added")
def perl_option(scene: Scene) -> None:
    """The program takes one more option, first of all."""
    scene.each(
        scene.roles.text.perl,
        lambda data: re.sub(rb"(GetOptions\s*\(\s*\n?)([ \t]*)", rb"\1\2'drift=s' => \\my $drift,\n\2", data, count=1),
    )


@kind("perl", "quotes")
def perl_quotes(scene: Scene) -> None:
    """Options are written in the other quotes."""

    def change(data: bytes) -> bytes:
        new = re.sub(rb"'([\w-]+=?[si]?)'(?=\s*=>\s*\\)", rb"<\1>", data)
        new = re.sub(rb'"([\w-]+=?[si]?)"(?=\s*=>\s*\\)', rb"'\1'", new)
        return re.sub(rb"<([\w-]+=?[si]?)>(?=\s*=>\s*\\)", rb'"\1"', new)

    scene.each(scene.roles.text.perl, change)


def _outside(data: bytes, how: object) -> bytes:
    """Change what stands in no here-document."""
    assert callable(how)  # noqa: S101 - for mypy
    parts = re.split(rb"(<<[\"']?(\w+)[\"']?[^\n]*\n.*?^\2$)", data, flags=re.DOTALL | re.MULTILINE)
    kept = [
        part
        for number, part in enumerate(parts)
        if number % 3 != 2  # noqa: PLR2004 - a piece, a here-document and its mark take turns
    ]
    return b"".join(part if number % 2 else bytes(how(part)) for number, part in enumerate(kept))


@kind("make", "continued")
def make_continued(scene: Scene) -> None:
    """Each value of several words is continued over lines."""
    scene.each(
        scene.roles.text.make,
        lambda data: re.sub(rb"(?m)^(\w+[ \t]*[:+?]?=[ \t]*\S+) (\S[^\n\\]*)$", rb"\1 \\\n\t\2", data),
    )


@kind("make", "blanks-around-the-sign")
def make_blanks(scene: Scene) -> None:
    """Variables are set without blanks around the sign, or with them."""
    scene.each(
        scene.roles.text.make,
        lambda data: re.sub(
            rb"(?m)^(\w+)([ \t]*)([:+?]?=)[ \t]*", lambda m: m[1] + (m[3] if m[2] else b" " + m[3] + b" "), data
        ),
    )


@kind("make", "variable-before")
def make_variable(scene: Scene) -> None:
    """There are more variables and a rule before all others."""
    text = b"DRIFT = 1\nDRIFTS := $(DRIFT) 2\n\ndrift_all: all\n\ndrift:\n\t@echo $(DRIFTS)\n\n"
    scene.each(scene.roles.text.make, lambda data: text + data)


@kind("make", "comments")
def make_comments(scene: Scene) -> None:
    """Comments stand above and behind each variable."""
    scene.each(
        scene.roles.text.make,
        lambda data: re.sub(
            rb"(?m)^(\w+[ \t]*[:+?]?=[^\n\\#]*[^\n\\# \t])$", rb"# says what it is = not this\n\1", data
        ),
    )
