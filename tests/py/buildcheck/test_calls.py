# SPDX-License-Identifier: GPL-3.0-or-later
"""The check ``calls``: each kind of mistake is found where it is, and a tree without one is clean."""

from __future__ import annotations

import itertools
import subprocess
from typing import TYPE_CHECKING

import pytest

from _calls import calls

if TYPE_CHECKING:
    from pathlib import Path

    from patchgen.findings import Finding

SHARED = """\
typedef struct guest { char id[8]; int size; } guest;
typedef __builtin_va_list va_list;
int strcmp(const char *, const char *);
int put(const char *kernel, const char *disk, int size);
int keep(guest *g, char **names, long when);
int send(int where, char *op, ...);
int runStub(int where, char *kernel, char *disk, int size, guest *out);
int stopStub(int where, char *kernel);
struct table { int (*put)(const char *kernel, const char *disk, int size); int (*stop)(int); };
"""
MAIN = (
    SHARED
    + """\
static int stop(int how) { return how; }
static struct table ours = { .put = put, .stop = stop };
int start(guest *g, const char *kernel, const char *disk, char **names)
{
    guest found;
    put(kernel, disk, g->size);
    keep(g, names, 5);
    ours.put(kernel, disk, 2);
    send(1, "run", kernel, disk, 3, &found);
    return send(1, "stop", kernel) + stop(1);
}
"""
)
SEND = (
    SHARED
    + """\
int put(const char *kernel, const char *disk, int size) { return size; }
int keep(guest *g, char **names, long when) { return 0; }
int runStub(int where, char *kernel, char *disk, int size, guest *out) { return 0; }
int stopStub(int where, char *kernel) { return 0; }
int send(int where, char *op, ...)
{
    va_list al;
    if (where) {
        if (!strcmp(op, "run")) {
            char *kernel = __builtin_va_arg(al, char *);
            char *disk = __builtin_va_arg(al, char *);
            int size = __builtin_va_arg(al, int);
            guest *out = __builtin_va_arg(al, guest *);
            return runStub(where, kernel, disk, size, out);
        } else if (strcmp(op, "stop") == 0) {
            char *kernel = __builtin_va_arg(al, char *);
            return stopStub(where, kernel);
        }
    }
    if (!strcmp(op, "run")) {
        char *kernel, *disk;
        kernel = __builtin_va_arg(al, char *);
        disk = __builtin_va_arg(al, char *);
        int size = __builtin_va_arg(al, int);
        guest *out = __builtin_va_arg(al, guest *);
        return size && out && kernel && disk;
    }
    return 0;
}
"""
)
TREE = {"main.c": MAIN, "send.c": SEND}

MISTAKES = {
    "an argument less": ("main.c", "put(kernel, disk, g->size)", "put(kernel, g->size)", "call-arity"),
    "an argument more": ("main.c", "stop(1);", "stop(1, 2);", "call-arity"),
    "one less through a table": ("main.c", "ours.put(kernel, disk, 2)", "ours.put(kernel, 2)", "call-arity"),
    "a number for a pointer": ("main.c", "put(kernel, disk, g", "put(kernel, 7, g", "call-type"),
    "a pointer for a number": ("main.c", "disk, g->size", "disk, g", "call-type"),
    "a pointer to something else": ("main.c", "keep(g, names", "keep(names, names", "call-type"),
    "a pointer less": ("main.c", "keep(g, names, 5)", "keep(g, *names, 5)", "call-type"),
    "a struct for a pointer to it": ("main.c", "keep(g, names", "keep(*g, names", "call-type"),
    "const is lost": ("main.c", "keep(g, names, 5)", "stopStub(1, disk)", "call-type"),
    "a character for a pointer": ("main.c", "put(kernel, disk, g", "put(kernel, '\\0', g", "call-conversion"),
    "bits are cut": ("main.c", "disk, g->size)", "disk, 3000000000L + g->size)", "call-conversion"),
    "a fraction is cut": ("main.c", "disk, g->size)", "disk, 0.5 * g->size)", "call-conversion"),
    "neighbours are swapped": ("main.c", "put(kernel, disk, g", "put(disk, kernel, g", "argument-of-another-parameter"),
    "one stands for the other": ("main.c", "put(kernel, disk, g", "put(kernel, kernel, g", "argument-of-another-parameter"),
    "swapped through a table": ("main.c", "ours.put(kernel, disk", "ours.put(disk, kernel", "argument-of-another-parameter"),
    "nothing is handed on to a parameter of the same name": ("main.c", "put(kernel, disk, g", "put(kernel, (void *)0, g", "argument-left-out"),
    "nothing is handed on through a table": ("main.c", "ours.put(kernel, disk", "ours.put((void *)0, disk", "argument-left-out"),
    "nothing is handed on over ...": ("main.c", '"run", kernel, disk,', '"run", kernel, (void *)0,', "argument-left-out"),
    "swapped behind a cast": ("main.c", "put(kernel, disk, g", "put((char *)disk, kernel, g", "argument-of-another-parameter"),
    "swapped in the definition": ("send.c", "int put(const char *kernel, const char *disk, int size) {", "int put(const char *disk, const char *kernel, int size) {", "parameter-order"),
    "another type in the definition": ("send.c", "int keep(guest *g, char **names, long when) {", "int keep(guest *g, char **names, int when) {", "prototype-differs"),
    "one less in the definition": ("send.c", "int stopStub(int where, char *kernel) {", "int stopStub(int where) {", "prototype-differs"),
    "another table entry": ("main.c", ".stop = stop", ".stop = put", "table-entry"),
    "a table entry by position": ("main.c", "{ .put = put, .stop = stop }", "{ put, put }", "table-entry"),
    "swapped in a table's function": ("main.c", "int (*put)(const char *kernel, const char *disk", "int (*put)(const char *disk, const char *kernel", "parameter-order"),
    "no prototype": ("main.c", "int keep(guest *g, char **names, long when);\n", "\n", "call-without-prototype"),
    "an argument less over ...": ("main.c", "kernel, disk, 3, &found", "kernel, disk, &found", "varargs-count"),
    "an argument more over ...": ("main.c", '"stop", kernel)', '"stop", kernel, 1)', "varargs-count"),
    "another type over ...": ("main.c", "disk, 3, &found", "disk, 3L, &found", "varargs-type"),
    "a bare 0 over ...": ("main.c", "kernel, disk, 3,", "kernel, 0, 3,", "varargs-type"),
    "a pointer to something else over ...": ("main.c", "3, &found)", "3, names)", "varargs-type"),
    "swapped over ...": ("main.c", '"run", kernel, disk,', '"run", disk, kernel,', "varargs-order"),
    "a word that nobody knows": ("main.c", '"stop", kernel', '"halt", kernel', "varargs-word"),
    "a selector that is no literal": ("main.c", '"stop", kernel', "names[0], kernel", "varargs-word"),
    "one branch takes out less": ("send.c", "        disk = __builtin_va_arg(al, char *);\n", "        disk = kernel;\n", "varargs-branches"),
    "one branch has another order": ("send.c", "        kernel = __builtin_va_arg(al, char *);\n        disk", "        disk = __builtin_va_arg(al, char *);\n        kernel", "varargs-branches"),
    "one branch has another type": ("send.c", "        int size = __builtin_va_arg(al, int);\n        guest", "        int size = __builtin_va_arg(al, long);\n        guest", "varargs-branches"),
    "what is taken out is not handed on": ("send.c", "runStub(where, kernel, disk, size", "runStub(where, kernel, 0, size", "varargs-forward"),
    "handed on in another order": ("send.c", "runStub(where, kernel, disk", "runStub(where, disk, kernel", "varargs-forward"),
    "handed on twice": ("send.c", "runStub(where, kernel, disk", "runStub(where, kernel, kernel", "varargs-forward"),
    "nothing is handed on": ("send.c", "return stopStub(where, kernel)", "return !kernel", "varargs-forward"),
    "taken out outside of a branch": ("send.c", "    if (where) {", "    int first = __builtin_va_arg(al, int);\n    if (where) {", "varargs-not-proved"),
    "a definition of old": ("send.c", "int stopStub(int where, char *kernel) {", "int stopStub(where, kernel) int where; char *kernel; {", "old-style-definition"),
}  # fmt: skip
"""What is changed in which file, and what is to be found; nothing but the change is wrong."""


def line_of(path: str, old: str, new: str) -> int:
    """Return the line in which the new text is there first."""
    same = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))))
    text = TREE[path]
    return text.count("\n", 0, text.index(old) + same) + 1


def test_the_tree_itself_is_clean() -> None:
    assert calls(TREE) == []


@pytest.mark.parametrize(("path", "old", "new", "slug"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_found_where_it_is(path: str, old: str, new: str, slug: str) -> None:
    assert TREE[path].count(old) == 1
    found = calls(TREE | {path: TREE[path].replace(old, new)})
    assert slug in {str(one.slug) for one in found}, found
    elsewhere = {"parameter-order", "table-entry", "prototype-differs", "call-without-prototype", "varargs-forward"}
    at = [one.place for one in found if str(one.slug) == slug]
    assert all(place is not None and place.line and place.path for place in at)
    if slug not in elsewhere:
        line = 29 if new.endswith("disk = kernel;\n") else line_of(path, old, new)  # the branch that lacks it
        assert (path, line) in {(place.path, place.line) for place in at if place is not None}


def only(found: list[Finding], slug: str) -> str:
    (one,) = [str(one) for one in found if str(one.slug) == slug]
    return one


def test_a_finding_shows_the_argument_and_says_what_to_do() -> None:
    wrong = MAIN.replace("put(kernel, disk, g->size);", "put(disk,\n        kernel, g->size);")
    first = calls(TREE | {"main.c": wrong})[0]
    assert str(first).splitlines() == [
        (
            "main.c:15:9: error: in start: put: the argument disk is given to parameter kernel, and disk is another of"
            " the same type [argument-of-another-parameter]"
        ),
        "      put(disk,",
        "          ~~~^",
        "  help: give disk to disk, or call it otherwise",
    ]


def test_a_null_pointer_for_what_the_caller_has_not_is_no_mistake() -> None:
    others = "static int other;\nint none(guest *disk, int kernel) { return put(0, (void *)0, kernel + disk->size); }\n"
    assert calls(TREE | {"main.c": MAIN + others}) == []


def test_what_is_missing_over_dots_is_named() -> None:
    found = calls(TREE | {"main.c": MAIN.replace("disk, 3, &found", "disk, 3")})
    text = only(found, "varargs-count")
    assert "with run, 3 arguments are passed and 4 are taken out; out is taken out all the same" in text
    assert "help: it takes out char *kernel, char *disk, int size, guest *out" in text


def test_a_call_without_a_prototype_is_compared_with_the_definition() -> None:
    undeclared = MAIN.replace("int keep(guest *g, char **names, long when);\n", "int keep();\n")
    assert calls(TREE | {"main.c": undeclared.replace("names, 5)", "names, 5L)")}) == []
    found = calls(TREE | {"main.c": undeclared.replace("keep(g, names, 5)", "keep(g, names)")})
    assert "2 arguments where it has 3 parameters" in only(found, "call-arity")
    found = calls(TREE | {"main.c": undeclared.replace("keep(g, names, 5)", "keep(names, names, 5)")})
    assert "it points to something else" in only(found, "call-type")


def test_what_cannot_be_told_is_said() -> None:
    wrong = MAIN.replace("put(kernel, disk, g->size)", "put(kernel, disk, g->nothing)")
    assert "its type cannot be told" in only(calls(TREE | {"main.c": wrong}), "call-not-proved")
    omitted = MAIN.replace("put(kernel, disk, g->size)", "put(kernel ?: disk, disk, g->size)")
    assert "its type cannot be told" in only(calls(TREE | {"main.c": omitted}), "call-not-proved")


def test_two_static_functions_of_one_name_are_two() -> None:
    more = "static int stop(char *why, int how) { return how; }\nint other(void) { return stop(0, 1); }\n"
    assert calls(TREE | {"other.c": more}) == []


TABLES = {
    "no inner braces": "struct table all[] = { put, stop, put, %s };",
    "inner braces": "struct table all[] = { { put, stop }, { put, %s } };",
    "a designator": "struct table all[] = { [1] = { .put = put, .stop = %s } };",
    "a designator of a designator": "struct table all[] = { [1].put = put, [1].stop = %s };",
    "behind a designator": "struct table one = { .put = put, %s };",
    "in a struct": "struct deep { int n; struct table t; int m; } one = { 1, put, %s, 2 };",
    "in an array in a struct": "struct deep { struct table t[2]; int m; } one = { put, stop, put, %s, 2 };",
    "an assignment": "void fill(struct table *t) { t->stop = %s; }",
}
"""Initialisers; what stands for %s is a pointer to what stop is."""


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_a_table_is_read_as_c_reads_it(text: str) -> None:
    before = f"{SHARED}int stop(int how);\n"
    assert calls({"main.c": before + text % "stop"}) == []
    (found,) = calls({"main.c": before + text % "put"})
    assert str(found.slug) == "table-entry"
    assert "it has 3 parameters, and 1 are wanted" in found.message


TYPES = {
    "int": "i", "unsigned int": "u", "long": "l", "char": "c", "double": "d", "char *": "cp", "const char *": "kp",
    "unsigned char *": "ucp", "void *": "vp", "int *": "ip", "char **": "cpp", "struct s *": "sp", "const struct s *": "ksp",
    "struct s": "s", "enum e": "e", "int (*)(int)": "f",
}  # fmt: skip


def test_gcc_and_we_say_the_same_of_every_pair_of_types(tmp_path: Path) -> None:
    """Every argument type against every parameter type: wrong for us is what gcc has a diagnostic for."""

    def named(ctype: str, name: str) -> str:
        return ctype.replace("(*)", f"(*{name})") if "(*)" in ctype else f"{ctype} {name}"

    lines = ["struct s { int x; };", "enum e { E };"]
    lines += [f"extern {named(ctype, name)};" for ctype, name in TYPES.items()]
    lines += [f"void take_{name}({named(ctype, 'it')});" for ctype, name in TYPES.items()]
    begin = len(lines) + 3
    pairs = list(itertools.product(TYPES.values(), TYPES.values()))
    lines += ["void all(void)", "{", *(f"    take_{to}({of});" for to, of in pairs), "}"]
    text = "\n".join(lines) + "\n"
    (tmp_path / "a.c").write_text(text, encoding="utf-8")
    words = ["gcc", "-fsyntax-only", "-std=gnu99", "-Wall", "-Wextra", "-Wpointer-sign", "-fmax-errors=0", "a.c"]
    said = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
    )
    theirs = {
        int(line.split(":")[1]) for line in said.stderr.splitlines() if ": error:" in line or ": warning:" in line
    }
    ours = {one.place.line for one in calls({"a.c": text}) if str(one.slug) == "call-type" and one.place is not None}
    assert len(theirs) > 50
    differ = {pairs[line - begin] for line in ours ^ theirs}
    assert not differ
