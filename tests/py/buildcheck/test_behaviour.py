# SPDX-License-Identifier: GPL-3.0-or-later
"""The check `behaviour` itself: what it runs, what it says of a test that fails, and that it leaves none out in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from _buildcheck import TREE
from buildcheck import cmocka

if TYPE_CHECKING:
    from _buildcheck import Desk, Ran

MAIN = b"""\
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "greet.h"

static void a_test(void **state)
{
    (void)state;
    BODY
}

int main(int argc, char **argv)
{
    const struct CMUnitTest test = cmocka_unit_test(a_test);

    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return puts("a_test") < 0;
    return _cmocka_run_group_tests("group", &test, 1, NULL, NULL);
}
"""
MANIFEST = """\
[facts.HAVE_LOUD]
file = "util/greet.c"
function = "greet"
parameter = "loud"

[[program]]
name = "hello"
sources = ["hello.c"]
like = "util/greet.c"
tests = { a_test = [] }
"""
GOOD = b'assert_true(greet("you") >= 0);'


class Suite:
    """A folder of one C test beside a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.folder = desk.folder / "tests"
        self.folder.mkdir()
        desk.add("some.patch", {"net/Makefile": TREE["net/Makefile"] + b"#\n"})
        self.write(GOOD)
        self.manifest(MANIFEST)

    def write(self, body: bytes) -> None:
        """Put *body* into the test."""
        (self.folder / "hello.c").write_bytes(MAIN.replace(b"BODY", body))

    def manifest(self, text: str) -> None:
        """Write behaviour.toml."""
        (self.folder / "behaviour.toml").write_text(text, encoding="utf-8")

    def run(self, *words: str) -> Ran:
        """Run the check; what it finds is read."""
        return self.desk.run("behaviour", "--tests", str(self.folder), "--format", "json", *words)


@pytest.fixture
def suite(desk: Desk) -> Suite:
    return Suite(desk)


def test_a_test_that_passes_is_proved_and_remembered_and_one_that_fails_is_run_again(suite: Suite) -> None:
    assert (suite.run().status, suite.run().found) == (0, [])
    suite.write(b'assert_int_equal(access("bin/hello", X_OK), 0); assert_int_equal(access("stamp", F_OK), 0);')
    assert [suite.run().status for _ in range(2)] == [1, 1]


@pytest.mark.parametrize(
    ("body", "said", "line"),
    [
        (b'assert_int_equal(greet("you"), -5);', "!= 0xfffffffffffffffb", 15),
        (
            b"volatile char *volatile four = malloc(4); four[4] = 1; free((void *)four);",
            "heap-buffer-overflow in a_test",
            15,
        ),
        (b'volatile int most = 0x7fffffff; most += greet("you") + 1;', "signed integer overflow", 15),
        (b"for (int i = 0; i < 9; i++) { char *volatile lost = malloc(5); assert_non_null(lost); }", "leaked in ", 0),
        (b'greet("you"); abort();', "ended by SIGABRT", 0),
        (b'assert_int_equal(ftruncate(fileno(fopen("big", "w")), 1L << 40), 0);', "ended by SIGXFSZ", 0),
        (b"skip();", "it was skipped", 0),
        (b'exit(greet("you") < 0);', "it ended before it had a result", 0),
        (b"_exit(7);", "ended before it had a result", 0),
    ],
)
def test_what_is_wrong_is_said_with_its_place(suite: Suite, body: bytes, said: str, line: int) -> None:
    suite.write(body)
    ran = suite.run()
    (found,) = ran.found
    assert (ran.status, found["slug"], found["level"]) == (1, "test-fails", "error")
    assert said in found["message"]
    assert found["place"]["path"] == f"{suite.folder}/hello.c"
    assert found["place"]["line"] == (line or None)


def test_a_test_without_an_end_is_ended(suite: Suite) -> None:
    suite.manifest(MANIFEST.replace("tests =", "seconds = 1.0\ntests ="))
    suite.write(b"for (;;) pause();")
    (found,) = suite.run().of("test-fails")
    assert "did not end within 1 seconds" in found["message"]


def test_what_does_not_compile_or_link_is_found(suite: Suite) -> None:
    suite.write(b"greet(1, 2);")
    assert {one["place"]["line"] for one in suite.run().of("test-not-built")} == {15}
    suite.write(b"int unused;")
    (found,) = suite.run().of("test-not-built")
    assert "unused" in found["message"]
    suite.write(b"extern int nowhere(void); nowhere();")
    assert any("nowhere" in one["message"] for one in suite.run().of("test-not-built"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('like = "util/greet.c"', 'like = "util/gone.c"'),
        ('like = "util/greet.c"', 'like = "util/greet.c"\nobjects = "node/gone"'),
        ('like = "util/greet.c"', 'like = "node/main.c"\nobjects = "node/greeter"\nwithout = ["node/gone.c"]'),
    ],
)
def test_a_tree_without_what_the_tests_link_is_found(suite: Suite, before: str, after: str) -> None:
    suite.manifest(MANIFEST.replace(before, after))
    (found,) = suite.run().of("test-not-built")
    assert "gone" in found["message"]


def test_the_objects_of_a_program_are_linked_without_its_main(suite: Suite) -> None:
    suite.manifest(
        MANIFEST.replace(
            'like = "util/greet.c"', 'like = "node/main.c"\nobjects = "node/greeter"\nwithout = ["node/main.c"]'
        )
    )
    assert suite.run().status == 0


def test_a_test_that_one_side_does_not_know_is_found(suite: Suite) -> None:
    suite.manifest(MANIFEST.replace("a_test = []", "a_test = [], another = []"))
    (found,) = suite.run().of("test-not-listed")
    assert "has no test another" in found["message"]
    suite.manifest(MANIFEST.replace("a_test = []", ""))
    assert suite.run().status == 0, "a program without tests is not built"
    suite.manifest(MANIFEST.replace("a_test = []", "another = []"))
    assert {one["message"].partition(", ")[0] for one in suite.run().of("test-not-listed")} == {
        "hello: has no test another",
        "hello: behaviour.toml does not list a_test",
    }


def test_what_is_not_for_a_tree_is_listed_and_comes_when_its_fact_holds(suite: Suite) -> None:
    suite.manifest(MANIFEST.replace("a_test = []", 'a_test = ["HAVE_LOUD"]'))
    (found,) = suite.run().of("test-not-for")
    assert (found["level"], suite.run("--strict").status) == ("warning", 1)
    assert "HAVE_LOUD, hello/a_test" in found["message"]
    loud = TREE["util/greet.c"].replace(b"*name)", b"*name, int loud)")
    header = TREE["util/greet.h"].replace(b"*name)", b"*name, int loud)")
    calls = {
        path: TREE[path].replace(b'"you")', b'"you", 1)').replace(b"(name)", b"(name, 1)")
        for path in ("node/main.c", "node/own.c")
    }
    suite.desk.add("loud.patch", {"util/greet.c": loud, "util/greet.h": header, **calls})
    suite.write(b'#ifdef HAVE_LOUD\nassert_true(greet("you", 1) >= 0);\n#endif')
    ran = suite.run("--each")
    assert [(one["slug"], one["level"]) for one in ran.found] == [("test-not-for", "note")]
    assert "some.patch" in ran.found[0]["message"]


def test_a_tree_alone_has_no_unpatched_one(suite: Suite) -> None:
    suite.manifest(MANIFEST.replace("a_test = []", 'a_test = ["unpatched"]'))
    assert suite.run().status == 0
    words = ("behaviour", "--tests", str(suite.folder), "--format", "json", "--tree", str(suite.desk.tree))
    (found,) = suite.desk.raw(*words).of("test-not-for")
    assert "without unpatched" in found["message"]


def test_a_test_has_the_programs_and_files_that_it_asks_for(suite: Suite) -> None:
    text = MANIFEST.replace("a_test = []", 'a_test = ["unpatched"]')
    suite.manifest(text.replace("tests =", 'reads = ["util/*.h"]\ndata = ["words"]\ntests ='))
    (suite.folder / "words").write_bytes(b"words")
    names = ("bin/hello", "base/hello", "tree/util/greet.h", "data/words")
    body = "".join(f'assert_int_equal(access("{name}", R_OK), 0);' for name in names)
    suite.write(body.encode() + b'assert_int_not_equal(access("tree/util/greet.c", R_OK), 0);')
    assert suite.run().found == []


def test_only_one_is_run_and_that_is_said(suite: Suite) -> None:
    ran = suite.run("--only", "hello/a_test")
    assert [(one["slug"], one["level"]) for one in ran.found] == [("only-some-tests", "note")]
    gone = suite.run("--only", "hello/gone")
    assert (gone.status, [one["slug"] for one in gone.found]) == (2, ["unknown-test"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[program]",
        "[[program]]\nname = 5\n",
        MANIFEST + "extra = 1\n",
        MANIFEST.replace("hello.c", "gone.c"),
        MANIFEST.replace("a_test = []", 'a_test = ["HAVE_NOTHING"]'),
        MANIFEST + MANIFEST.partition("\n\n")[2],
        MANIFEST.replace("tests =", 'runs = ["nobody"]\ntests ='),
    ],
)
def test_a_folder_that_cannot_be_used_ends_with_2(suite: Suite, text: str) -> None:
    suite.manifest(text)
    ran = suite.run()
    assert (ran.status, [one["slug"] for one in ran.found]) == (2, ["tests-unusable"])


def test_no_folder_ends_with_2(desk: Desk) -> None:
    desk.add("some.patch", {"net/Makefile": TREE["net/Makefile"] + b"#\n"})
    (desk.folder / "patchgen.toml").unlink()
    ran = desk.run("behaviour", "--format", "json")
    assert (ran.status, [one["slug"] for one in ran.found]) == (2, ["no-tests"])


@pytest.mark.parametrize(
    "data", [b"", b"<testsuites/>", b"<a><testcase name='t'/><testcase name='t'/></a>", b"<a", b"\xff"]
)
def test_a_result_that_is_none_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        cmocka.read(data, "t")


GREET = TREE["util/greet.c"]
WRONG = GREET.replace(b"return puts(name);", b"return -puts(name);")


@pytest.mark.parametrize("form", ["json", "sarif", "text"])
def test_a_failure_is_traced_to_the_patch_that_it_came_with_and_to_what_that_changed(suite: Suite, form: str) -> None:
    """The last patch moves the lines: the places are those of the tree that was looked at."""
    suite.desk.add("wrong.patch", {"util/greet.c": WRONG})
    suite.desk.add(
        "later.patch", {"util/greet.c": b"/* later */\n" + WRONG, "util/greet.h": b"\n" + TREE["util/greet.h"]}
    )
    ran = suite.run("--format", form)
    assert ran.status == 1
    if form == "json":
        (found,) = ran.of("test-fails")
        assert found["help"] == "it passes without wrong.patch"
        assert [(one["path"], one["line"]) for one in found["related"]] == [("util/greet.c", 7)]
    else:
        assert {"sarif": '"startLine": 7', "text": "see: util/greet.c:7"}[form] in ran.out


def test_a_test_that_never_passed_is_traced_to_the_first_patch_that_it_is_for(suite: Suite) -> None:
    suite.manifest(MANIFEST.replace("a_test = []", 'a_test = ["HAVE_LOUD"]'))
    loud = {
        "util/greet.c": WRONG.replace(b"const char *name", b"const char *name, int loud"),
        "util/greet.h": b"int greet(const char *name, int loud);\n",
        "node/own.c": TREE["node/own.c"].replace(b"greet(name)", b"greet(name, 0)"),
        "node/main.c": TREE["node/main.c"].replace(b'greet("you")', b'greet("you", 1)'),
    }
    suite.write(b'assert_true(greet("you", 1) >= 0);')
    suite.desk.add("loud.patch", loud)
    suite.desk.add("other.patch", {"net/Makefile": suite.desk.content["net/Makefile"] + b"#\n"})
    (found,) = suite.run().of("test-fails")
    assert found["help"] == "loud.patch is the first that the test is for"
    assert {one["path"] for one in found["related"]} >= {"util/greet.c", "util/greet.h"}
