# SPDX-License-Identifier: GPL-3.0-or-later
"""The program is what it was, and its text is not: moved, indented, wrapped and styled otherwise."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from drift import ctext

from .kind import kind

if TYPE_CHECKING:
    from drift.scene import Scene

_NOTES = b"/* a note of upstream's, line after line\n" + b" * that says nothing\n" * 39 + b" */\n"
_LICENCE = b"/* Copyright (C) upstream. All of the licence was written anew, and is now\n * longer than it was by a few lines.\n *\n * It is the same licence.\n */\n"


@kind("layout", "moved-down")
def moved_down(scene: Scene) -> None:
    """Forty lines go in at the top of each file."""
    scene.each(scene.touched(), lambda data: _NOTES + data)


@kind("layout", "functions-between")
def functions_between(scene: Scene) -> None:
    """A new function goes in before each one."""
    for path in scene.touched():
        there = {one.name for one in ctext.functions(scene.upstream.get(path, b""))}
        found = [one for one in ctext.functions(scene.files[path]) if one.name in there]
        new = "static inline int drift_{}(int a)\n{{\n    return a + 1;\n}}\n\n"
        changes = [(one.start, one.start, new.format(one.name).encode()) for one in found]
        scene.files[path] = ctext.replaced(scene.files[path], changes)


@kind("layout", "tabs")
def tabs(scene: Scene) -> None:
    """Four blanks at the start of a line become a tab."""
    scene.each(scene.touched(), lambda data: re.sub(rb"(?m)^(?: {4})+", lambda m: b"\t" * (len(m[0]) // 4), data))


@kind("layout", "blanks")
def blanks(scene: Scene) -> None:
    """Tabs become eight blanks."""
    scene.each(scene.touched(), lambda data: re.sub(rb"(?m)^\t+", lambda m: b" " * (8 * len(m[0])), data))


@kind("layout", "half-indented")
def half_indented(scene: Scene) -> None:
    """Two blanks a level in the place of four, or of a tab."""
    scene.each(
        scene.touched(),
        lambda data: re.sub(
            rb"(?m)^[ \t]+(?=\S)", lambda m: b" " * (len(m[0].replace(b"\t", b"    ")) // 4 * 2 or 2), data
        ),
    )


@kind("layout", "crlf")
def crlf(scene: Scene) -> None:
    """Each line ends in CRLF."""
    scene.each(scene.touched(), lambda data: re.sub(rb"\r?\n", rb"\r\n", data))


@kind("layout", "trailing-blanks")
def trailing_blanks(scene: Scene) -> None:
    """Blanks at the ends of lines go in and out."""
    scene.each(scene.touched(), lambda data: re.sub(rb"(?m)(;|\))[ \t]*$", rb"\1  ", data))


@kind("layout", "no-last-newline")
def no_last_newline(scene: Scene) -> None:
    """The last line of each file has no end."""
    scene.each(scene.touched(), lambda data: data.rstrip(b"\n"))


@kind("layout", "blank-lines")
def blank_lines(scene: Scene) -> None:
    """There is a blank line before each line that ends a statement."""
    scene.each(
        [path for path in scene.touched() if path.endswith(".c")],
        lambda data: re.sub(rb"(?m)^([ \t]+\w[^\n#\\]*;[ \t]*\n)(?=[ \t]+\w[^\n]*;)", rb"\1\n", data),
    )


def _indent(*options: str) -> object:
    def change(data: bytes) -> bytes:
        words = ("indent", *options, "-st")
        done = subprocess.run(words, input=data, capture_output=True, check=False)  # noqa: S603 - no word is foreign
        return done.stdout or data

    return change


def _formatted(style: str) -> object:
    def change(data: bytes) -> bytes:
        words = ("clang-format", "--assume-filename=a.c", f"--style={style}")
        return subprocess.run(words, input=data, capture_output=True, check=True).stdout  # noqa: S603 - as above

    return change


for _name, _what, _how in (
    ("indent-gnu", "GNU indent, GNU style", _indent("-gnu", "-nfca")),
    ("indent-kr", "GNU indent, Kernighan and Ritchie", _indent("-kr", "-nfca")),
    ("indent-linux", "GNU indent, the kernel's style", _indent("-linux", "-nfca")),
    ("clang-format-llvm", "clang-format, LLVM", _formatted("{BasedOnStyle: LLVM, SortIncludes: Never}")),
    ("clang-format-gnu", "clang-format, GNU", _formatted("{BasedOnStyle: GNU, SortIncludes: Never}")),
    ("clang-format-webkit", "clang-format, WebKit", _formatted("{BasedOnStyle: WebKit, SortIncludes: Never}")),
    (
        "clang-format-one-a-line",
        "clang-format, a parameter a line",
        _formatted(
            "{BasedOnStyle: Mozilla, BinPackParameters: false, BinPackArguments: false, ColumnLimit: 60, SortIncludes: Never}"
        ),
    ),
    (
        "clang-format-endless",
        "clang-format, lines of any length",
        _formatted("{BasedOnStyle: LLVM, ColumnLimit: 0, SortIncludes: Never}"),
    ),
):

    def _styled(scene: Scene, how: object = _how) -> None:
        assert callable(how)  # noqa: S101 - for mypy
        scene.each(scene.touched(), how)

    _styled.__doc__ = f"{_what}."
    kind("layout", _name)(_styled)


@kind("layout", "list-joined")
def list_joined(scene: Scene) -> None:
    """The list of the function, and of its calls, goes onto one line."""
    _lists(scene, b", ".join)


@kind("layout", "list-one-a-line")
def list_one_a_line(scene: Scene) -> None:
    """The list of the function, and of its calls, has one item a line."""
    _lists(scene, lambda listed: b"\n" + b",\n".join(b"\t\t\t" + item for item in listed))


@kind("layout", "list-leading-commas")
def list_leading_commas(scene: Scene) -> None:
    """The list has its commas at the starts of lines."""
    _lists(scene, b"\n\t\t, ".join)


@kind("layout", "list-commented")
def list_commented(scene: Scene) -> None:
    """Each item of the list has a comment of its own."""
    _lists(scene, lambda listed: b", ".join(b"/* a, b */ " + item for item in listed))


@kind("layout", "list-line-comments")
def list_line_comments(scene: Scene) -> None:
    """Each item of the list has a comment to the end of its line."""

    def write(listed: list[bytes]) -> bytes:
        *most, last = listed
        return (
            b"\n" + b"".join(b"\t\t" + item + b", // of (a, b)\n" for item in most) + b"\t\t" + last + b" // last\n\t"
        )

    _lists(scene, write)


def _lists(scene: Scene, write: object) -> None:
    assert callable(write)  # noqa: S101 - for mypy
    name = scene.target.name

    def change(data: bytes) -> bytes:
        changes = []
        for call in ctext.calls(data, name):
            inner = data[slice(*call.list)]
            listed = [data[slice(*item)] for item in ctext.items(data, call.list)]
            nested = name.encode() in inner
            if listed and not nested and b"\n#" not in inner:
                changes.append((*call.list, write(listed)))
        return ctext.replaced(data, changes)

    scene.each(scene.touched(), change)


@kind("layout", "paren-blank")
def paren_blank(scene: Scene) -> None:
    """A blank goes in before the parenthesis of each call, or out."""
    word = scene.target.name.encode()
    scene.each(
        scene.touched(),
        lambda data: re.sub(rb"\b%b( ?)\(" % word, lambda m: word + (b"(" if m[1] else b" ("), data),
    )


@kind("layout", "stars")
def stars(scene: Scene) -> None:
    """A star stands beside the type, not beside the name."""

    def change(data: bytes) -> bytes:
        return re.sub(
            rb"(?m)(\b(?:char|int|void|struct \w+|\w+_t|\w+[cC]onfig|ncMetadata|ncInstance)) ?\*(?=\w)", rb"\1* ", data
        )

    scene.each(scene.touched(), change)


@kind("comments", "licence")
def licence(scene: Scene) -> None:
    """The licence at the top of each file is another text."""

    def change(data: bytes) -> bytes:
        return _LICENCE + re.sub(rb"\A(?:\s*(?:/\*.*?\*/|//[^\n]*\n))+", b"", data, flags=re.DOTALL)

    scene.each(scene.touched(), change)


@kind("comments", "removed")
def comments_removed(scene: Scene) -> None:
    """All comments are gone."""

    def change(data: bytes) -> bytes:
        return b"".join(b" " if token.kind == "comment" else token.text for token in ctext.lex(data))

    scene.each(scene.touched(), change)


@kind("comments", "line-to-block")
def line_to_block(scene: Scene) -> None:
    """Comments of one line become comments between marks."""

    def change(data: bytes) -> bytes:
        return b"".join(
            b"/*" + token.text[2:].rstrip().replace(b"*/", b"") + b" */"
            if token.text.startswith(b"//") and token.kind == "comment"
            else token.text
            for token in ctext.lex(data)
        )

    scene.each(scene.sources(), change)


@kind("comments", "calls-mentioned")
def calls_mentioned(scene: Scene) -> None:
    """Comments and strings mention the function, with its list."""
    target = scene.target
    text = f'/* see {target.name} (a, b), and\n * {target.name}(c); too */\nconst char *drift_said = "{target.name} (a, b);";\n'
    scene.append(target.source, text)


@kind("comments", "at-the-sites")
def at_the_sites(scene: Scene) -> None:
    """Each line that the function is named on has a comment at its end."""
    word = scene.target.name.encode()
    scene.each(
        scene.touched(),
        lambda data: re.sub(rb"(?m)^([^\n#]*\b%b\b[^\n\\*\"]*[,;{])[ \t]*$" % word, rb"\1 /* here, too */", data),
    )


@kind("comments", "latin-1")
def latin_1(scene: Scene) -> None:
    """Comments hold names in Latin-1."""
    scene.each(scene.touched(), lambda data: b"/* J\xfcrgen M\xfcller, \xa9 2011 */\n" + data + b"/* \xe9\xe8 */\n")
