# SPDX-License-Identifier: GPL-3.0-or-later
"""The check ``layout``: what a patch does to a struct, on each target, and what cannot be proved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from _buildcheck import TREE

if TYPE_CHECKING:
    from pathlib import Path

    from _buildcheck import Desk, Ran

GREET, HEADER = TREE["util/greet.c"], TREE["util/greet.h"]
KEPT = HEADER + b"typedef struct kept_t {\n    char name[16];\n    long count;\n} kept;\nstruct other { int a; };\n"
POLICY = '[[struct]]\nname = "kept"\nuse = "the file of greetings"\nallow = "append"\n'


def check(desk: Desk, policy: str = POLICY, *words: str) -> Ran:
    """Run the check on the series with this policy."""
    path = desk.folder / "policy.toml"
    path.write_text(policy, encoding="utf-8")
    return desk.run("layout", "--policy", str(path), "--format", "json", *words)


@pytest.fixture
def kept(desk: Desk) -> Desk:
    """Return a tree with a struct that is written to a file."""
    desk.upstream({"util/greet.h": KEPT})
    return desk


CHANGES: dict[str, tuple[bytes, bytes, str, str, str]] = {
    "appended": (b"count;", b"count;\n    char arch[8];", "layout-appended", "note", "arch appended"),
    "in the middle": (b"    long count", b"    char arch[8];\n    long count", "layout-breaks", "error", "arch inserted"),
    "grown": (b"[16]", b"[32]", "layout-breaks", "error", "name resized from 16 to 32"),
    "another type": (b"long count", b"void *count", "layout-breaks", "error", "count was long, is pointer"),
    "taken out": (b"    long count;\n", b"", "layout-breaks", "error", "count removed"),
    "swapped": (b"    char name[16];\n    long count;", b"    long count;\n    char name[16];", "layout-breaks", "error", "moved"),
    "another struct": (b"int a;", b"char b; int a;", "layout-changes", "note", "struct other: b inserted, a moved from 0 to 4"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "slug", "level", "said"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_a_struct_has_a_verdict(
    kept: Desk, old: bytes, new: bytes, slug: str, level: str, said: str
) -> None:
    assert old in KEPT
    kept.add("change.patch", {"util/greet.h": KEPT.replace(old, new)})
    ran = check(kept)
    found = [one for one in ran.found if one["slug"].startswith("layout-")]
    assert {(one["slug"], one["level"]) for one in found} == {(slug, level)}
    assert said in found[0]["message"]
    assert found[0]["place"]["path"] == "util/greet.h"
    assert ran.status == (1 if level == "error" else 0)


def test_what_the_policy_does_not_allow_at_all(kept: Desk) -> None:
    kept.add("append.patch", {"util/greet.h": KEPT.replace(b"count;", b"count;\n    char arch[8];")})
    found = check(kept, POLICY.replace("append", "nothing")).of("layout-breaks")
    assert found
    assert all("(the file of greetings): arch appended; " in one["message"] for one in found)
    assert all("it may not change" in one["message"] for one in found)
    assert kept.run("layout").status == 0, "without a policy it is a note"


def test_the_structs_of_the_policy_are_shown_before_and_after(kept: Desk) -> None:
    kept.add("append.patch", {"util/greet.h": KEPT.replace(b"count;", b"count;\n    char arch[8];")})
    (kept.folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    words = ("layout", "--policy", str(kept.folder / "policy.toml"))
    shown = kept.run(*words).out.split("\n\n")
    assert shown[1].splitlines() == [
        "kept (the file of greetings), amd64, arm64: 24 to 32 bytes: the policy allows this",
        "  member  type      offset  size  offset after  size after  verdict",
        "  name    char[16]       0    16             0          16  same",
        "  count   long          16     8            16           8  same",
        "  arch    char[8]        -     -            24           8  appended",
    ]
    assert shown[2].splitlines()[0] == (
        "kept (the file of greetings), i386, armhf: 20 to 28 bytes: the policy allows this"
    )
    assert "before" not in kept.run(*words, "--quiet").out
    assert shown[1].replace(">", "&gt;") in kept.run(*words, "--format", "junit").out
    assert kept.run(*words, "--structs", "--format", "sarif").status == 2


def test_the_structs_are_values_beside_the_findings(kept: Desk) -> None:
    kept.add("middle.patch", {"util/greet.h": KEPT.replace(b"    long", b"    unsigned arch : 3;\n    long")})
    plain, both = check(kept), check(kept, POLICY, "--structs")
    assert plain.status == both.status == 1
    found = json.loads(both.out)
    assert found["findings"] == plain.found
    wide, narrow = found["structs"]
    assert (wide["struct"], wide["allow"], wide["verdict"]) == ("kept", "append", "forbidden")
    assert (wide["targets"], narrow["targets"]) == (["amd64", "arm64"], ["i386", "armhf"])
    assert (wide["before"]["size"], wide["after"]["size"], wide["after"]["line"]) == (24, 32, 2)
    assert [(one["member"], one["verdict"], one["allowed"]) for one in wide["members"]] == [
        ("name", "same", True),
        ("arch", "inserted", False),
        ("count", "moved", False),
    ]
    assert wide["members"][1]["before"] is None
    assert wide["members"][1]["after"] == {"type": "unsigned int", "offset_bits": 128, "size_bits": 3}


def test_a_struct_that_goes_away_and_one_of_a_tree_alone(kept: Desk) -> None:
    alone = ("--tree", str(kept.tree), "--policy", str(kept.folder / "policy.toml"), "--structs")
    kept.add("gone.patch", {"util/greet.h": HEADER})
    (gone, _) = json.loads(check(kept, POLICY, "--structs").out)["structs"]
    assert (gone["verdict"], gone["after"], {one["verdict"] for one in gone["members"]}) == (
        "removed",
        None,
        {"removed"},
    )
    ran = kept.raw("layout", *alone)
    assert ran.status == 0
    assert ran.out.splitlines()[1:5] == [
        "kept (the file of greetings), amd64, arm64: 24 bytes: one tree, with nothing to compare it with",
        "  member  type      offset  size",
        "  name    char[16]       0    16",
        "  count   long          16     8",
    ]


def test_a_long_run_of_members_that_stay_is_told_in_one_line(kept: Desk) -> None:
    many = b"".join(b"    int m%d;\n" % number for number in range(9))
    kept.upstream({"util/greet.h": KEPT.replace(b"    long count;\n", many)})
    kept.add("nothing.patch", {"net/Makefile": TREE["net/Makefile"] + b"#\n"})
    (kept.folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    words = ("layout", "--policy", str(kept.folder / "policy.toml"))
    folded, whole = kept.run(*words).out, kept.run(*words, "--structs").out
    assert "52 bytes: nothing changes" in folded
    assert "  ... 8 members that stay as they are" in folded.splitlines()
    assert "m4" not in folded
    assert [line.split()[0] for line in whole.splitlines() if line.startswith("  m")] == [
        "member",
        *(f"m{number}" for number in range(9)),
    ]


@pytest.mark.parametrize(
    ("policy", "slug", "line"),
    [
        (POLICY.replace('"kept"', '"kpet"'), "policy-unknown-name", 2),
        (POLICY.replace("allow =", "allows ="), "policy", 4),
        (POLICY.replace('"append"', '"all"'), "policy", 4),
        ("[[struct]\n", "policy", 1),
        ("[[struct]]\nname = 1\n", "policy", 1),
    ],
)
def test_a_policy_that_cannot_be_used_ends_with_2_and_its_place(kept: Desk, policy: str, slug: str, line: int) -> None:
    kept.add("nothing.patch", {"net/Makefile": TREE["net/Makefile"] + b"#\n"})
    ran = check(kept, policy)
    assert ran.status == 2
    (one,) = ran.of(slug)
    assert (one["place"]["path"].rpartition("/")[2], one["place"]["line"]) == ("policy.toml", line)


def test_a_struct_that_two_units_lay_out_differently_is_an_error(desk: Desk) -> None:
    header = HEADER + b"struct shared {\n    char a;\n#ifdef WIDE\n    long b;\n#endif\n    int c;\n};\n"
    desk.upstream({"util/greet.h": HEADER + b"struct shared { char a; int c; };\n"})
    desk.add("wide.patch", {"util/greet.h": header, "node/own.c": b"#define WIDE\n" + TREE["node/own.c"]})
    ran = desk.run("layout", "--format", "json")
    assert ran.status == 1
    found = ran.of("layout-two-ways")
    assert {one["message"].partition(":")[0] for one in found} == {"amd64", "i386", "armhf", "arm64"}
    assert all(one["place"]["path"] == "util/greet.h" and one["place"]["line"] == 2 for one in found)
    assert "struct shared is laid out in two ways" in found[0]["message"]


BAD: dict[str, tuple[bytes, str, int]] = {
    "does not preprocess": (b"#error not today\n", "does-not-preprocess", 1),
    "an attribute nobody knows": (GREET + b"struct odd {\n    int a __attribute__((frobnicate));\n};\n", "layout-not-proved", 8),
    "no C": (GREET + b"\nstruct { this is no C at all ;\n};\n", "layout-not-parsed", 9),
    "nested too deeply": (GREET + b"struct s { int a[" + b"(" * 3000 + b"1" + b")" * 3000 + b"]; };\n", "layout-not-parsed", 8),
    "in a parameter": (GREET + b"int odd(struct inner { int a; } *p);\n", "layout-not-proved", 8),
}  # fmt: skip


@pytest.mark.parametrize(("text", "slug", "line"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_proved_is_a_finding_with_its_place_and_the_rest_is_proved(
    desk: Desk, text: bytes, slug: str, line: int
) -> None:
    desk.upstream(
        {"util/greet.c": text, "node/own.c": TREE["node/own.c"] + b"struct wrong { int a[BAD]; };\nenum { BAD };\n"}
    )
    ran = desk.raw("layout", "--tree", str(desk.tree), "--format", "json")
    assert ran.status == 1
    found = [one for one in ran.of(slug) if one["place"]["path"] == "util/greet.c"]
    assert {one["message"].partition(":")[0] for one in found} == {"amd64", "i386", "armhf", "arm64"}
    assert {one["place"]["line"] for one in found} == {line}
    assert any("BAD" in one["message"] and one["place"]["path"] == "node/own.c" for one in ran.of("layout-not-proved"))


def test_an_old_style_definition_and_ten_levels_are_no_trouble(desk: Desk) -> None:
    deep = b"struct deep { " + b"struct { char c; " * 10 + b"int x; " + b"} m; " * 10 + b"};\n"
    desk.upstream({"util/greet.c": b"int greet(name)\n    const char *name;\n{\n    struct local { char a; long b; } v;\n    return name[sizeof v];\n}\n" + deep})  # fmt: skip
    ran = desk.raw("layout", "--tree", str(desk.tree), "--format", "json")
    assert ran.status == 0, ran.out


def test_a_second_run_asks_no_compiler(kept: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.add("append.patch", {"util/greet.h": KEPT.replace(b"count;", b"count;\n    char arch[8];")})
    first = check(kept)
    monkeypatch.setattr("buildcheck.programs.run", None)
    second = check(kept)
    assert (second.status, second.out) == (first.status, first.out)


def test_every_struct_of_the_reference_tree_is_proved_and_archid_is_the_last_member(root: Path, desk: Desk) -> None:
    words = ("--upstream", str(root / "tests/c/reference"), "--patches", str(root / "patches"))
    ran = desk.raw("layout", *words, "--policy", str(root / "policy.toml"), "--format", "json")
    assert ran.status == 0, ran.out
    assert {one["slug"] for one in ran.found} == {"layout-appended", "borrowed-headers"}
    assert all("archId appended" in one["message"] for one in ran.of("layout-appended"))
