# SPDX-License-Identifier: GPL-3.0-or-later
"""The check ``compile``: what a patch breaks is found where it is, and nothing else is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from _buildcheck import TREE
from buildcheck.builds import Builder
from buildcheck.compiler import Compiled
from buildcheck.generator import Generator

if TYPE_CHECKING:
    from pathlib import Path

    from _buildcheck import Desk

MAIN, OWN, GREET, HEADER = (TREE[path] for path in ("node/main.c", "node/own.c", "util/greet.c", "util/greet.h"))
LOUD = {
    "util/greet.h": HEADER.replace(b"name)", b"name, int loud)"),
    "util/greet.c": GREET.replace(b"name)\n", b"name, int loud)\n").replace(b"puts(name)", b"loud ? puts(name) : 0"),
    "node/own.c": OWN.replace(b"greet(name)", b"greet(name, 1)"),
    "node/main.c": MAIN.replace(b'"you"', b'"you", 0'),
}
"""A parameter more, and every caller with it."""


def test_a_series_that_changes_every_caller_is_proved(desk: Desk) -> None:
    desk.add("loud.patch", {**LOUD})
    ran = desk.run("compile", "--each", "--format", "json")
    assert ran.status == 0
    assert {one["level"] for one in ran.found} == {"note"}


def test_a_caller_that_a_patch_forgets_is_found_at_its_place_and_with_its_patch(desk: Desk) -> None:
    desk.add("good.patch", {"util/greet.c": GREET.replace(b"puts", b'printf("%s", name) + puts')})
    desk.add(
        "loud.patch",
        {path: data.replace(b'printf("%s", name) + ', b"") for path, data in LOUD.items() if path != "node/main.c"},
    )
    desk.add("later.patch", {"net/Makefile": TREE["net/Makefile"] + b"# later\n"})
    ran = desk.run("compile", "--each", "--format", "json")
    assert ran.status == 1
    said = ran.of("compiler-says")
    errors = [one for one in said if one["level"] == "error"]
    assert [one["message"] for one in errors] == [
        "gcc: in main: too few arguments to function 'greet'",
        "clang: in main: too few arguments to function call, expected 2, have 1",
    ]
    for one in errors:
        assert one["place"]["path"] == "node/main.c"
        assert one["place"]["line"] == 6
        assert one["help"] == "since loud.patch"
    assert [one["message"] for one in ran.of("not-linked")] == [
        "node/greeter is not linked: node/main.c did not compile"
    ]


def test_without_each_only_the_last_prefix_counts(desk: Desk) -> None:
    desk.add("break.patch", {"util/greet.c": GREET.replace(b"return", b"retrun")})
    desk.add("mend.patch", {"util/greet.c": GREET})
    assert desk.run("compile").status == 0
    assert desk.run("compile", "--each").status == 1


def test_what_the_unpatched_tree_has_too_is_a_note(desk: Desk) -> None:
    desk.add("move.patch", {"node/main.c": b"/* a line more */\n" + MAIN})
    ran = desk.run("compile", "--format", "json")
    assert ran.status == 0
    assert [(one["level"], one["place"]["line"]) for one in ran.of("compiler-says")] == [("note", 6), ("note", 6)]
    assert all("the unpatched tree has it too" in one["message"] for one in ran.found)
    assert desk.run("compile", "--strict").status == 1


@pytest.mark.parametrize(
    ("path", "old", "new", "option"),
    [
        ("node/main.c", b"    int idle;\n", b"    int idle;\n    int more;\n", "-Wunused-variable"),
        ("node/own.c", b"greet(name) +", b"greet(5) +", "-Wint-conversion"),
        ("util/greet.c", b"return puts(name);", b"puts(name);", "-Wreturn-type"),
    ],
)
def test_a_warning_more_is_an_error(desk: Desk, path: str, old: bytes, new: bytes, option: str) -> None:
    desk.add("worse.patch", {path: TREE[path].replace(old, new)})
    ran = desk.run("compile", "--format", "json")
    assert ran.status == 1
    new_ones = [one for one in ran.of("compiler-says") if one["level"] == "error"]
    assert {one["message"].partition(":")[0] for one in new_ones} == {"gcc", "clang"}
    assert all(one["place"]["path"] == path and option in one["message"] for one in new_ones)


def test_the_same_warning_once_more_in_the_same_function_is_new(desk: Desk) -> None:
    before = MAIN.replace(b"    return", b"    { int x; }\n    return")
    desk.upstream({"node/main.c": before})
    desk.add("again.patch", {"node/main.c": before.replace(b"    { int x; }\n", b"    { int x; }\n    { int x; }\n")})
    ran = desk.run("compile", "--format", "json")
    assert ran.status == 1
    assert [one["message"] for one in ran.found if one["level"] == "error"] == [
        "gcc: warning: in main: unused variable 'x' (-Wunused-variable)",
        "clang: warning: in main: unused variable 'x' (-Wunused-variable)",
    ]


def test_a_header_that_is_not_there_is_named_with_its_package_and_the_rest_is_checked(desk: Desk) -> None:
    header = b"#include <libvirt/no-such-header.h>\n"
    desk.upstream({"util/greet.c": header + GREET})
    desk.add("worse.patch", {"node/main.c": MAIN.replace(b"int idle", b"int more, idle")})
    ran = desk.run("compile", "--format", "json")
    assert ran.status == 1
    missing = ran.of("missing-header")
    assert {one["help"].partition(";")[0] for one in missing} == {"apt-get install libvirt-dev"}
    assert all(one["level"] == "error" and one["place"]["path"] == "util/greet.c" for one in missing)
    assert any("'more'" in one["message"] for one in ran.of("compiler-says"))


@pytest.mark.parametrize(
    ("include", "help_"),
    [
        (b"<adb_noSuchType.h>", "the WSDL has no such type"),
        (b"<nobody/knows.h>", "does not know which Debian package"),
        (b'"own.h"', "no -I of the Makefile leads to it"),
    ],
)
def test_other_missing_headers_have_their_own_advice(desk: Desk, include: bytes, help_: str) -> None:
    desk.upstream({"node/own.h": b""})
    desk.add("include.patch", {"util/greet.c": b"#include " + include + b"\n" + GREET})
    missing = desk.run("compile", "--format", "json").of("missing-header")
    assert missing
    assert all(help_ in one["help"] for one in missing)


@pytest.mark.parametrize(
    "text",
    [
        b"#if 0\n" + GREET,
        b"#error no\n" + GREET,
        b"#define greet(\n" + GREET,
        b"\0\xff\x80 no C at all",
        b"int greet(const char *name) {" + b"{" * 300,
        b'#include "greet.c"\n' + GREET,
    ],
)
def test_a_unit_that_does_not_preprocess_is_a_finding_with_a_place(desk: Desk, text: bytes) -> None:
    desk.add("good.patch", {"net/Makefile": TREE["net/Makefile"] + b"# more\n"})
    desk.upstream({"util/greet.c": text})
    ran = desk.raw("compile", "--tree", str(desk.tree), "--format", "json")
    assert ran.status == 1
    errors = [one for one in ran.found if one["level"] == "error"]
    assert any((one["place"] or {}).get("path", "").startswith("util/greet.c") for one in errors)
    assert any("'idle'" in one["message"] for one in ran.found), "the other units were compiled"


def test_a_function_that_nothing_defines_does_not_link_even_in_a_shared_object(desk: Desk) -> None:
    own = OWN.replace(b"int twice", b"int elsewhere(void);\n\nint twice").replace(b"return", b"return elsewhere() +")
    desk.add("undefined.patch", {"node/own.c": own})
    ran = desk.run("compile", "--format", "json")
    assert ran.status == 1
    found = ran.of("does-not-link")
    assert any(re.search("undefined reference to .elsewhere'", one["message"]) for one in found)
    assert {one["place"]["path"] for one in found} == {"node/Makefile"}
    assert all(".cache" not in one["message"] and "/objects/" not in one["message"] for one in found)


def test_what_is_not_linked_any_more_is_found(desk: Desk) -> None:
    desk.add("less.patch", {"node/Makefile": TREE["node/Makefile"].replace(b"all: greeter ", b"all: ")})
    ran = desk.run("compile", "--format", "json")
    assert [one["message"] for one in ran.of("does-not-link")] == ["node/greeter is not linked any more"]
    assert ran.status == 1


def test_a_makefile_that_links_with_ldflags_does_so_everywhere(desk: Desk) -> None:
    half = TREE["node/Makefile"].replace(b"-o greeter", b"-o greeter $(LDFLAGS)")
    desk.add("half.patch", {"node/Makefile": half})
    desk.add("whole.patch", {"node/Makefile": half.replace(b"-o $@", b"$(LDFLAGS) -o $@")})
    (found,) = desk.run("compile", "--each", "--format", "json").of("links-without-flags")
    assert found["message"] == "node/libgreet.so is linked without LDFLAGS, and node/greeter with them"
    assert (found["place"]["path"], found["help"]) == ("node/Makefile", "since half.patch")
    assert desk.run("compile").status == 0


def test_a_makefile_that_failed_for_a_reason_of_the_machine_is_run_again(desk: Desk) -> None:
    there = desk.folder / "in-the-way"
    there.touch()
    desk.upstream({"storage/Makefile": f"include ../Makedefs\nall:\n\ttest ! -e {there}\n".encode()})
    desk.add("more.patch", {"util/greet.c": GREET + b"\n"})
    assert desk.run("compile", "--format", "json").of("make-fails")
    there.unlink()
    assert not desk.run("compile", "--format", "json").of("make-fails")


def test_a_makefile_that_fails_is_found_and_what_it_still_does_is_checked(desk: Desk) -> None:
    broken = TREE["node/Makefile"].replace(b"all: greeter", b"all: absent.o greeter")
    desk.add("broken.patch", {"node/Makefile": broken, "node/own.c": OWN.replace(b"greet(name) +", b"greet(5) +")})
    ran = desk.run("compile", "--format", "json")
    assert ran.status == 1
    assert [one["place"]["path"] for one in ran.of("make-fails")] == ["node/Makefile"]
    assert any("-Wint-conversion" in one["message"] for one in ran.of("compiler-says"))


def test_a_tree_of_another_shape_says_what_it_lacks(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/hello.c").write_text("int main(void) { return 0; }\n", encoding="utf-8")
    ran = desk.raw("compile", "--tree", str(tmp_path / "other"), "--format", "json")
    assert ran.status == 1
    assert {one["place"]["path"] for one in ran.of("not-the-shape")} == {
        "Makedefs.in",
        *(f"{folder}/Makefile" for folder in ("util", "net", "storage", "gatherlog", "node", "cluster")),
    }
    assert ran.of("nothing-compiled")


def test_a_patched_tree_alone_has_every_warning_reported(desk: Desk) -> None:
    ran = desk.raw("compile", "--tree", str(desk.tree), "--format", "json")
    assert ran.status == 0
    assert {one["level"] for one in ran.of("compiler-says")} == {"warning"}
    assert desk.raw("compile", "--tree", str(desk.tree), "--strict").status == 1


def test_a_patched_tree_beside_its_upstream_has_only_new_ones_reported(desk: Desk) -> None:
    patched = desk.patched({"node/own.c": OWN.replace(b"greet(name) +", b"greet(5) +")})
    ran = desk.raw("compile", "--tree", str(patched), "--upstream", str(desk.tree), "--format", "json")
    assert ran.status == 1
    assert {one["place"]["path"] for one in ran.of("compiler-says") if one["level"] == "error"} == {"node/own.c"}


def compiled(desk: Desk) -> list[Compiled]:
    """Return what became of all units of all prefixes."""
    subject = desk.subject()
    builder = Builder(subject, Generator(subject.store))
    builder.builds()
    return [one for results in builder.done.values() for one in results.values() if isinstance(one, Compiled)]


def test_only_what_changed_is_compiled_again(desk: Desk) -> None:
    desk.add("own.patch", {"node/own.c": OWN.replace(b"+", b"-")})
    desk.add("makefile.patch", {"net/Makefile": TREE["net/Makefile"] + b"# more\n"})
    # Three units and three prefixes, two compilers; the one patch that changes C changes one unit.
    assert [one.fresh for one in compiled(desk)].count(True) == (3 + 1) * 2
    assert [one.fresh for one in compiled(desk)].count(True) == 0
    desk.add("header.patch", {"util/greet.h": HEADER + b"int other(void);\n"})
    assert [one.fresh for one in compiled(desk)].count(True) == 3 * 2


def test_a_header_more_that_hides_another_is_not_overlooked(desk: Desk) -> None:
    desk.add("nothing.patch", {"net/Makefile": TREE["net/Makefile"] + b"# more\n"})
    assert desk.run("compile").status == 0
    desk.add("hide.patch", {"node/greet.h": b"int greet(int);\n"})
    ran = desk.run("compile", "--format", "json")
    assert {one["place"]["path"] for one in ran.of("compiler-says") if one["level"] == "error"} == {
        "node/main.c",
        "node/own.c",
    }


def test_a_damaged_store_costs_time_and_nothing_else(desk: Desk) -> None:
    desk.add("worse.patch", {"node/own.c": OWN.replace(b"greet(name) +", b"greet(5) +")})
    first = desk.run("compile", "--each")
    store = desk.folder / "cache/buildcheck"
    for kind in ("memory", "blobs", "trees"):
        for path in [one for one in (store / kind).rglob("*") if one.is_file()]:
            path.chmod(0o644)
            path.write_bytes(b"damaged")
    for path in (store / "objects").iterdir():
        path.unlink()
    assert desk.run("compile", "--each") == first


def test_a_store_that_cannot_be_written_is_done_without(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    desk.add("loud.patch", {**LOUD})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert desk.run("compile", "-q").status == 0
    assert not list(tmp_path.glob("buildcheck-*"))
