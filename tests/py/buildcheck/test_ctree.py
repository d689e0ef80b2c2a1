# SPDX-License-Identifier: GPL-3.0-or-later
"""ctree: what pycparser cannot parse is carried round it, nothing is dropped, and every node has its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycparser import c_ast

from buildcheck.ctree import (
    At,
    Chunk,
    External,
    Kind,
    Parser,
    Pragma,
    Preprocessor,
    Target,
    TranslationUnit,
    chunks,
    mask,
)
from buildcheck.forest import forest
from buildcheck.generator import Generator

if TYPE_CHECKING:
    from _buildcheck import Desk

LINES = '# 1 "a.c"\n'


def unit(text: str, path: str = "a.c") -> TranslationUnit:
    """Return a unit of this preprocessed text; its file has the same lines without the first."""
    data = text.partition("\n")[2].encode("latin-1")
    return TranslationUnit(path, ".", text, Parser(), {path: data}.get)


GNU = {
    "extension": "__extension__ typedef long long L;",
    "inline": "static __inline __attribute__((__always_inline__)) int f(void) { return 0; }",
    "label of a declaration": 'int f(int) __asm__("" "__f") __attribute__((nothrow));',
    "asm": 'void f(void) { __asm__ volatile ("nop" : : "r"(1) : "memory"); asm("x"); }',
    "asm goto": 'void f(void) { asm goto ("x" :::: out); out: ; }',
    "restrict": "int f(char *__restrict a, const char *__restrict__ b, char *__const c);",
    "typeof": "int a; __typeof__(a) b; typeof (int *) f(__typeof (b) x) { typeof(x + 1) y = x; return 0; }",
    "typeof over lines": "int a; __typeof__(a\n + 1\n) b;",
    "va_arg": "int f(__builtin_va_list l) { return *__builtin_va_arg(l, struct s { int a; } *) .a; }",
    "offsetof": "struct s { int a[3]; }; int o = __builtin_offsetof(struct s, a[1]);",
    "statement expression": "int f(void) { return ({ int x = 1; x; }) + ({ 2; }); }",
    "omitted middle": "int f(int a) { return a ?: a ? : 2; }",
    "case range": "int f(int a) { switch (a) { case 1 ... 5: return 1; } return 0; }",
    "designated range": "int a[9] = { [0 ... 3] = 1, [4] = 2 };",
    "label": "void f(void) { __label__ out; void *p = &&out; out: ; }",
    "types compatible": "int a = __builtin_types_compatible_p(int, char *);",
    "foreign types": "_Float128 a; __int128 b; __builtin_va_list c; _Complex _Float64x d; __complex__ double e;",
    "alignof": "int a = __alignof__(int);",
    "thread": "static __thread int a;",
    "attribute of C23": "struct [[gnu::packed]] s { char a; int b; };",
    "pragma in a struct": "struct s {\n#pragma pack(1)\n int a;\n};",
    "pragma in a function": "void f(void)\n{\n#pragma GCC ivdep\n for (;;) ;\n}",
    "old style": "int f(a, b) int a; char *b; { return a; }",
    "attribute everywhere": "struct __attribute__((packed)) s { __attribute__((aligned(8))) int a __attribute__((aligned)), b; }"
    " __attribute__((aligned(16))) v __attribute__((unused)) = { 1 };",
}


@pytest.mark.parametrize("text", GNU.values(), ids=GNU.keys())
def test_what_pycparser_cannot_parse_is_parsed(text: str) -> None:
    made = unit(LINES + text + "\n")
    assert not list(made.findings())
    assert all(external.nodes for external in made.externals)


@pytest.mark.parametrize("text", GNU.values(), ids=GNU.keys())
def test_the_masked_text_is_as_long_and_what_was_taken_out_is_remembered(text: str) -> None:
    for piece in chunks(text):
        if isinstance(piece, Pragma):
            continue
        masked = mask(piece.text)
        assert len(masked.text) == len(piece.text)
        inside = [at for one in masked.carried for at in range(one.start, one.end)]
        for at, (before, after) in enumerate(zip(piece.text, masked.text, strict=True)):
            assert before == after or at in inside
            assert (before == "\n") == (after == "\n")
        assert all(piece.text[one.start : one.end] == one.text for one in masked.carried)


ATTRIBUTES = {
    "struct __attribute__((A)) s { int m; };": (At.RECORD, "s"),
    "struct __attribute__((A)) { int m; } v;": (At.RECORD, "{"),
    "struct s { int m; } __attribute__((A)) v;": (At.RECORD, "s"),
    "struct { int m; } __attribute__((A));": (At.RECORD, "{"),
    "typedef struct { int m; } __attribute__((A)) T;": (At.RECORD, "{"),
    "typedef struct { int m; } const __attribute__((A)) T;": (At.RECORD, "{"),
    "enum __attribute__((A)) e { m };": (At.RECORD, "enum"),
    "enum e { m } __attribute__((A));": (At.RECORD, "enum"),
    "struct o { struct s { int m; } __attribute__((A)) i; };": (At.RECORD, "s"),
    "struct s { int m __attribute__((A)); };": (At.SPECIFIERS, "s"),
    "struct s { struct t { int q; } i; int m __attribute__((A)), n; };": (At.SPECIFIERS, "s"),
    "int f(int a __attribute__((A)));": (At.ELSEWHERE, ""),
    "int a[] = { sizeof(int __attribute__((A)) *) };": (At.ELSEWHERE, ""),
}


@pytest.mark.parametrize(("text", "expected"), ATTRIBUTES.items())
def test_an_attribute_knows_the_type_that_it_is_at(text: str, expected: tuple[At, str]) -> None:
    (one,) = (one for one in mask(text).carried if one.kind is Kind.ATTRIBUTE)
    place, head = expected
    assert one.at is place
    assert text[one.head :].startswith(head) if head else one.head == -1


DECLARED = {
    "int a __attribute__((A)), b;": "a",
    "int a, b __attribute__((A));": "b",
    "int a, __attribute__((A)) b, c;": "b",
    "int __attribute__((A)) a, b;": "ab",
    "__attribute__((A)) int a, b;": "ab",
    "int * __attribute__((A)) a, b;": "a",
    "int a : 3 __attribute__((A)), b;": "a",
    "int z; int a __attribute__((A)); int y;": "a",
    "struct { int z; } a __attribute__((A)), b;": "a",
    "__attribute__((A)) struct { int z; } a, b;": "ab",
    "int a[2] __attribute__((A)), b;": "a",
}


@pytest.mark.parametrize("record", [False, True])
@pytest.mark.parametrize(("text", "names"), DECLARED.items())
def test_an_attribute_knows_the_names_that_it_is_at(text: str, names: str, record: bool) -> None:
    whole = f"struct q {{ {text} }};" if record else text
    (one,) = (one for one in mask(whole).carried if one.kind is Kind.ATTRIBUTE)
    places = {name: mask(whole).text.find(f" {name}") + 1 for name in "abzy"}
    places["z"] = -1 if "{ int z" in text else places["z"]
    first = places["z"] if text.startswith("int z") and one.declaration[0] < places["z"] else places["a"]
    assert "".join(name for name, at in places.items() if at > 0 and one.is_at(at, first)) == names


def test_the_parts_of_a_text_are_the_text() -> None:
    text = (
        LINES + "int a;\n#pragma pack(2)\nstruct s { int b; } c;\nint f(void) { return 1; }\nint g(x) int x; { }\nint h"
    )
    pieces = list(chunks(text))
    assert [piece.text for piece in pieces] == [
        "int a;", "#pragma pack(2)", "struct s { int b; } c;", "int f(void) { return 1; }", "int g(x) int x; { }", "int h",
    ]  # fmt: skip
    assert [piece.function for piece in pieces if isinstance(piece, Chunk)] == [False, False, True, True, False]
    assert all(text.startswith(piece.text, piece.start) for piece in pieces)


@given(st.text(alphabet="{}();#\"'a \n_=", max_size=60))
def test_no_code_is_left_out_of_the_parts_whatever_the_text_is(text: str) -> None:
    """Every character is in exactly one part, or is a blank or a directive between two."""
    end = 0
    left = ""
    for piece in sorted(chunks(text), key=lambda piece: piece.start):
        assert piece.start >= end
        left += text[end : piece.start] + "\n"
        end = piece.start + len(piece.text)
    left += text[end:]
    assert all(not line.strip() or line.lstrip().startswith("#") for line in left.split("\n"))


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("#pragma pack(2)\nA\n#pragma pack()\nA", [2, 0]),
        ("#pragma pack(push, 1)\nA\n#pragma pack(pop)\nA", [1, 0]),
        ("#pragma pack(4)\n#pragma pack(push)\n#pragma pack(1)\nA\n#pragma pack(pop)\nA", [1, 4]),
        ("#pragma pack(push, one, 1)\n#pragma pack(push, 2)\nA\n#pragma pack(pop, one)\nA", [2, 0]),
        ("#pragma pack(3)\nA\n#pragma pack 1\nA\n#pragma pack(pop)\nA", [0, 0, 0]),
    ],
)
def test_pragma_pack_is_followed(text: str, bounds: list[int]) -> None:
    text = text.replace("A", "int a;")
    assert [external.packed for external in unit(LINES + text).externals] == bounds


def test_a_node_has_the_place_of_its_word_in_the_file_behind_macros_and_markers() -> None:
    text = '# 1 "a.c"\n# 1 "<built-in>"\n# 7 "a.c" 2\n struct  s { char name[512]; int \xe9x, after; };\n'
    data = b"\n" * 6 + " struct  s { char name[SIZE]; int \u00e9x, after; };\n".encode("latin-1")
    made = TranslationUnit("sub/a.c", "sub", text, Parser(), {"sub/a.c": data}.get)
    (external,) = made.externals
    failed = list(external.findings())
    assert [str(one.place) for one in failed] == ["sub/a.c:7:35"]
    made = TranslationUnit(
        "sub/a.c", "sub", text.replace("\xe9", "e"), Parser(), {"sub/a.c": data.replace(b"\xe9", b"e")}.get
    )
    (declared,) = made.externals[0].nodes
    assert isinstance(declared, c_ast.Decl)
    record = declared.type
    assert str(made.externals[0].place(record)) == "sub/a.c:7:10"
    assert [str(made.externals[0].place(one)) for one in record.decls] == [
        "sub/a.c:7:19",
        "sub/a.c:7:35",
        "sub/a.c:7:39",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("int a;\nint b = ;\n", 2),
        ("int a;\nthis is no C\n", 2),
        ("int a;\n\0\x01\xff", 2),
        ("int a;\n\nint b = " + "(" * 9000 + "1" + ")" * 9000 + ";\nint c;\n", 3),
        ("int a;\nint b[] = {" + "{" * 400 + "1" + "}" * 400 + ", @};\n", 2),
        ("int a;\nint f(void) {\n return 1 +;\n}\n", 3),
        ('int a;\nint b = 08 "x";\n', 2),
        ("int a;\nint f(int, ;\n", 2),
        ("int a;\n}\n}\nint b;\n", 2),
    ],
    ids=range(9),
)
def test_what_is_no_c_is_a_finding_with_a_place_and_what_is_before_is_read(text: str, line: int) -> None:
    made = unit(LINES + text)
    found = list(made.findings())
    assert found
    assert all(one.slug.name == "does-not-parse" and one.place is not None for one in found)
    assert next(one.place.line for one in found if one.place) == line
    assert isinstance(made.externals[0].nodes[0], c_ast.Decl)


def statements(external: External) -> list[c_ast.Node]:
    (function,) = external.nodes
    assert isinstance(function, c_ast.FuncDef)
    return list(function.body.block_items)


def test_a_chunk_is_parsed_once_for_all_units_and_anew_where_a_word_means_something_else() -> None:
    parser = Parser()
    first, again, other = (
        TranslationUnit("a.c", ".", text, parser)
        for text in (
            "typedef int T; int f(void) { T * a; }",
            "typedef int T;\n\n int f(void) { T * a; }",
            "int f(void) { T * a; }",
        )
    )
    assert first.externals[1].nodes is again.externals[1].nodes
    assert [type(one) for one in statements(first.externals[1])] == [c_ast.Decl]
    assert [type(one) for one in statements(other.externals[0])] == [c_ast.BinaryOp]


@pytest.mark.parametrize("target", Target)
def test_a_unit_is_preprocessed_and_parsed_for_each_target(desk: Desk, target: Target) -> None:
    text = b'#include <stdio.h>\n#include <pthread.h>\n#include "greet.h"\nunsigned long size = sizeof(void *);\n'
    desk.upstream({"util/greet.c": text})
    subject = desk.subject_of_tree()
    (wood,) = forest(subject, Generator(subject.store))
    by = {one.path: one for one in wood.units}
    preprocessor = Preprocessor(target, subject.store)
    made = preprocessor.run(by["util/greet.c"], wood.stage)
    assert not made.findings
    tree = TranslationUnit("util/greet.c", "util", made.text(), Parser(), wood.stage.read)
    assert not list(tree.findings())
    paths = {external.path() for external in tree.externals}
    assert {"util/greet.h", "util/greet.c"} < paths
    assert any(path.endswith("pthread.h") and path.startswith("/usr/") for path in paths)
    again = preprocessor.run(by["util/greet.c"], wood.stage)
    assert again.digest == made.digest
    assert again.text() == made.text()


def test_a_unit_that_does_not_preprocess_is_a_finding_at_the_place(desk: Desk) -> None:
    desk.upstream({"util/greet.c": b"int a;\n  #error not today\n", "node/own.c": b"#include <no/such.h>\n"})
    subject = desk.subject_of_tree()
    (wood,) = forest(subject, Generator(subject.store))
    by = {one.path: one for one in wood.units}
    preprocessor = Preprocessor(Target.ARM64, subject.store)
    (first,) = preprocessor.run(by["util/greet.c"], wood.stage).findings
    assert (first.slug.name, str(first.place), first.message) == (
        "does-not-preprocess", "util/greet.c:2:4", "arm64: #error not today",
    )  # fmt: skip
    (second,) = preprocessor.run(by["node/own.c"], wood.stage).findings
    assert str(second.place) == "node/own.c:1:10"
