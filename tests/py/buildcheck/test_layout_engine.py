# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout engine against each target's compiler: the compiler is right, and a wrong rule is noticed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from _structs import structs
from buildcheck.ctree import Parser, Target, TranslationUnit
from buildcheck.layout import MODELS, Model, Oracle, Record, picture, records_of
from buildcheck.layout.attributes import Attribute, attributes
from buildcheck.store import Store

LINES = '# 1 "a.c"\n'


def laid_out(text: str, model: Model, parser: Parser | None = None) -> tuple[TranslationUnit, list[Record]]:
    """Return a unit of this text and what it defines."""
    parser = parser or Parser()
    unit = TranslationUnit("a.c", ".", text, parser, {"a.c": text.partition("\n")[2].encode()}.get)
    records, failed = records_of(unit, model, parser)
    assert not [str(finding) for external in failed for finding in external.findings()]
    return unit, records


def disagreements(text: str, target: Target, parser: Parser | None = None) -> tuple[int, list[str]]:
    """Return how many records there are, and what the compiler says against them."""
    unit, records = laid_out(text, MODELS[target], parser)
    unproved = [f"{record.name}: {record.unproved}" for record in records if record.layout is None]
    said = Oracle(target, Store.usual()).differences(unit, [record for record in records if record.layout is not None])
    assert said.keys() == {record.key for record in records if record.layout is not None}
    return len(records), unproved + [f"{one.name}: {said[one.key]}" for one in records if said.get(one.key)]


TABLE = {
    "scalars": "struct s { char a; short b; char c; int d; char e; long f; char g; long long h; void *i; _Bool j; };",
    "floats": "struct s { char a; float b; char c; double d; char e; long double f; char g; double _Complex h; };",
    "arrays": "struct s { char a[3]; short b[2][3]; char c; double d[2]; int e[0]; char f[sizeof(int) * 2 - 1]; };",
    "bit-fields": "struct s { int a : 3, b : 30; char c : 7; long long d : 40; int : 0; unsigned e : 1; _Bool f : 1; int : 5; };",
    "bit-field of no width": "struct s { char a; int : 0; char b; }; struct t { char a; long long : 0; char b; };",
    "unions": "union s { char a[5]; int b : 9; double c; }; union t { char a; short : 9; };",
    "nested": "struct s { char a; struct { char b; union { int c; char d[9]; } e; } f[2]; struct { short g; } *h; };",
    "anonymous": "struct s { char a; struct { char b; union { int c; long d; }; int e : 3; }; char f; };",
    "ten levels": "struct s { " + "struct { char c; " * 10 + "long long x; " + "} m; " * 10 + "};",
    "enums": "enum e { A, B = -1 }; enum f { C = 1u << 31 }; struct s { enum e a; char b; enum f c; };",
    "a wide enum": "enum e { A = 0x100000000LL }; struct s { char a; enum e b; };",
    "a packed enum": "enum e { A, B = 300 } __attribute__((packed)); struct s { char a; enum e b; };",
    "packed": "struct __attribute__((packed)) s { char a; int b; struct { char c; int d; } e; int f : 3; long g; };",
    "packed member": "struct s { char a; int b __attribute__((packed)); long c; int d __attribute__((packed)), e; };",
    "packed and aligned": "struct s { char a; int b; } __attribute__((packed, aligned(2)));",
    "aligned": "struct s { char a; char b __attribute__((aligned(32))); short c __attribute__((aligned)); };",
    "alignas": "struct s { char a; _Alignas(16) char b; _Alignas(double) char c; };",
    "aligned typedef": "typedef int T __attribute__((aligned(16))); typedef long long U __attribute__((aligned(2)));"
    " struct s { char a; T b; char c; U d; };",
    "aligned by an expression": "struct s { char a; int b __attribute__((__aligned__ (sizeof(long) * 4))); };",
    "mode": "typedef int T __attribute__((__mode__(__DI__))); struct s { char a; T b; char c; int d __attribute__((mode(HI))); };",
    "pragma pack": "#pragma pack(push, 2)\nstruct s { char a; int b; long long c : 40; };\n#pragma pack(pop)\nstruct t { char a; int b; };",
    "pragma in the struct": "struct s { char a;\n#pragma pack(1)\n int b; };\n#pragma pack()\nstruct t { char a; struct s b; };",
    "flexible": "struct s { int a; char b[]; }; struct t { char a; double b[]; };",
    "of a typedef": "typedef struct { char a; long b; } T; typedef T U; struct s { U a; U b[2]; };",
    "pointers to later ones": "struct s { struct t *a; char b; }; struct t { struct s a; char b; }; typedef struct u V; struct w { V *a; char b; };",
    "completed later": "typedef struct t T; struct t { char a; long b; }; struct s { char a; T b; };",
    "empty": "struct s { }; struct t { char a; struct s b; int c; };",
    "local": "int f(void) { struct s { char a; long b; int c : 3; } v; enum { N = 3 }; typedef struct { char d[N]; } T; { struct s { int q; } w; } return 0; }",
    "by a variable": "struct { char a; int b; } v[2], *p; int z; const struct { char a; struct { char b; } c; } w = { 1, { 2 } };",
    "by a typedef of a pointer": "typedef struct { char a; int b; } *P; typedef struct { char a; int b : 3; } A[2];",
    "constants": "struct q { int q; int r; }; enum { N = (1 << 3) | 2, M = N > 9 ? sizeof(short) : -1, L = 'a' - 'A', K = ~0u >> 30, J = -7 / 2 + 10 };"
    " struct s { char a[N][M]; char b[L]; char c[K]; char d[J]; char e[(unsigned char)257 + __builtin_offsetof(struct q, r)]; char f[_Alignof(double) * 4 + __alignof__(double)]; };",
}  # fmt: skip


@pytest.mark.parametrize("target", Target)
def test_every_form_is_laid_out_as_the_compiler_does(target: Target) -> None:
    parser = Parser()
    wrong = {}
    for name, text in TABLE.items():
        count, said = disagreements(LINES + text + "\n", target, parser)
        assert count, name
        if said:
            wrong[name] = said
    assert wrong == {}


@pytest.mark.parametrize("target", Target)
def test_random_structs_are_laid_out_as_the_compiler_does(target: Target) -> None:
    """Every struct that can be written is laid out as the compiler lays it out (fewer of them than in check-all)."""
    count, wrong = disagreements(structs(1, 300), target)
    assert count >= 300
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_ten_thousand_random_structs_are_laid_out_as_the_compilers_do(seed: int) -> None:
    """Every struct that can be written is laid out as the compiler lays it out, on every target: 1,000 a seed."""
    parser = Parser()
    text = structs(seed, 1000)
    for target in Target:
        count, wrong = disagreements(text, target, parser)
        assert count >= 1000
        assert not wrong, target


@pytest.mark.parametrize(
    ("target", "change", "about"),
    [
        (Target.I386, {"wide_in_struct": 16}, "the offset of"),
        (Target.ARMHF, {"unnamed_count": False}, "its alignment"),
        (Target.AMD64, {"types": MODELS[Target.I386].types}, "the size of"),
        (Target.AMD64, {"unnamed_count": True}, "its alignment"),
    ],
)
def test_a_wrong_rule_is_noticed(target: Target, change: dict[str, object], about: str) -> None:
    text = LINES + "struct s { char a; long long b; long c; }; struct t { char a; int : 5; char b; };\n"
    unit, records = laid_out(text, replace(MODELS[target], **change))  # type: ignore[arg-type] # it is to be wrong
    said = Oracle(target, Store.usual()).differences(unit, records)
    assert any(about in one for one in said.values())


def test_a_bit_field_at_a_wrong_place_is_noticed() -> None:
    unit, (record,) = laid_out(LINES + "struct s { int a : 3; int b : 4; };\n", MODELS[Target.ARM64])
    assert record.layout is not None
    first, second = record.layout.members
    moved = replace(record, layout=replace(record.layout, members=(first, replace(second, offset=4))))
    said = Oracle(Target.ARM64, Store.usual()).differences(unit, [moved])
    assert said[record.key] == "the bit-field b is at bit 3 and not 4"


UNPROVED = {
    "an unknown attribute": ("struct __attribute__((frobnicate)) s { int a; };", "the attribute frobnicate"),
    "one of a member": ('struct s { int a; int b __attribute__((scalar_storage_order("big-endian"))); };', "scalar_storage_order"),
    "one of a typedef": ("typedef int T __attribute__((frobnicate)); struct s { T a; };", "frobnicate"),
    "of another vendor": ("struct [[clang::odd]] s { int a; };", "clang::odd"),
    "in a declarator": ("struct s { int (__attribute__((aligned(8))) *a)[2]; };", "the attribute aligned"),
    "typeof": ("int x; struct s { __typeof__(x) a; };", "not known here"),
    "an unknown type": ("struct s { nosuch_t a; };", "nosuch_t"),
    "an unknown constant": ("struct s { char a[NOSUCH]; };", "NOSUCH"),
    "not complete": ("struct s { struct t a; };", "not complete"),
    "a division by zero": ("struct s { char a[1 / 0]; };", "division"),
    "inside one that is not proved": ("struct s { nosuch_t a; }; struct t { struct s b; };", "not proved"),
    "in a parameter": ("int f(struct s { int a; } *p);", "cannot ask"),
    "ms_struct": ("struct s { char a : 1; int b : 2; } __attribute__((ms_struct));", "ms_struct"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "why"), UNPROVED.values(), ids=UNPROVED.keys())
def test_what_is_not_certain_is_not_proved(text: str, why: str) -> None:
    parser = Parser()
    typedefs = "typedef int nosuch_t;" if "nosuch_t" in text else ""
    unit = TranslationUnit("a.c", ".", LINES + typedefs + text, parser)
    records, _ = records_of(unit, MODELS[Target.AMD64], parser)
    if typedefs:  # pycparser wants to know that it is a type; the engine does not know which
        records, _ = records_of(unit, replace(MODELS[Target.AMD64], types={}), parser)
    assert records
    assert records[-1].layout is None
    assert why in records[-1].unproved or typedefs


def test_what_the_compiler_refuses_is_not_proved_and_the_rest_is() -> None:
    text = LINES + "struct s { char a; int b; };\nstruct t { char a; int b; };\n"
    unit, (first, second) = laid_out(text, MODELS[Target.AMD64])
    said = Oracle(Target.AMD64, Store.usual()).differences(unit, [replace(first, probe="struct nowhere"), second])
    assert "does not answer" in said[first.key]
    assert said[second.key] == ""


@pytest.mark.slow
def test_a_struct_of_a_hundred_thousand_members_is_laid_out() -> None:
    text = LINES + "struct s {\n" + "".join(f"char a{n}; int b{n};\n" for n in range(50_000)) + "};\n"
    _, (record,) = laid_out(text, MODELS[Target.AMD64])
    assert record.layout is not None
    assert (record.layout.size, len(record.layout.members)) == (400_000, 100_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("__attribute__((packed))", [("packed", "")]),
        ("__attribute__ ((__aligned__ (8), unused))", [("aligned", "8"), ("unused", "")]),
        ('__attribute((format(printf, 1, 2), section("a,(b")))', [("format", "printf, 1, 2"), ("section", '"a,(b"')]),
        ('[[gnu::packed, deprecated("no")]]', [("packed", ""), ("deprecated", '"no"')]),
        ("__attribute__(())", []),
        ("__attribute__((a b))", [("?", "a b")]),
    ],
)  # fmt: skip
def test_attributes_are_read(text: str, expected: list[tuple[str, str]]) -> None:
    assert list(attributes(text)) == [Attribute(*one) for one in expected]


def test_a_picture_says_in_words_what_changed_and_stands_alone() -> None:
    before, after = (
        laid_out(f"{LINES}struct s {{ int a, b, c, d, e, f; {more} }};\n", MODELS[Target.AMD64])[1][0]
        for more in ("char name[4]; int bits : 3;", "char name[8]; int bits : 3; char arch[9];")
    )
    svg = etree.fromstring(picture(before, after).encode())
    texts = ["".join(one.itertext()) for one in svg.iter("{*}text")]
    assert svg.get("role") == "img"
    assert svg.findtext("{*}title") == "struct s, before and after"
    said = svg.findtext("{*}desc") or ""
    assert "name resized from 4 to 8" in said
    assert "bits moved from 28 to 32" in said
    assert "arch appended" in said
    assert any("arch: char[9] (appended)" in one for one in texts)
    assert "... 4 members that stay as they are" in texts
    assert all(one.get("fill") == "currentColor" for one in svg.iter("{*}text"))
