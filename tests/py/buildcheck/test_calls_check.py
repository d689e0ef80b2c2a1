# SPDX-License-Identifier: GPL-3.0-or-later
"""The check ``calls`` from the command line: before against after, the policy file, bad input."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from _buildcheck import TREE
from _calls import facts
from buildcheck.calls.policy import declared, protocols_of
from buildcheck.policy import Policy, PolicyError
from patchgen.findings import Exit

if TYPE_CHECKING:
    from _buildcheck import Desk

MAIN, OWN, GREET, HEADER = (TREE[path] for path in ("node/main.c", "node/own.c", "util/greet.c", "util/greet.h"))
SLIP = {"node/own.c": OWN.replace(b"greet(name) +", b"greet(5) +")}
CALLER = b"""\
#include <stdarg.h>
#include <string.h>
#include "greet.h"

int sayStub(char *who, int often) { return greet(who) * often; }

int ask(char *op, ...)
{
    va_list al;
    int rc = 1;

    va_start(al, op);
    if (!strcmp(op, "say")) {
        char *who = va_arg(al, char *);
        int often = va_arg(al, int);
        rc = sayStub(who, often);
    }
    va_end(al);
    return rc;
}

int twice(const char *name)
{
    return ask("say", name, 2);
}
"""
POLICY = '[[varargs]]\nfunction = "ask"\nselector = "op"\nforward = "{word}Stub"\n'


def test_what_the_unpatched_tree_has_too_is_a_note_and_counts_with_strict(desk: Desk) -> None:
    desk.upstream(SLIP)
    desk.add("more.patch", {"util/greet.c": b"/* a line more */\n" + GREET})
    ran = desk.run("calls", "--format", "json")
    assert ran.status == 0
    (one,) = ran.of("call-type")
    assert one["level"] == "note"
    assert one["message"].endswith("(the unpatched tree has it too)")
    assert desk.run("calls", "--strict").status == 1


def test_what_a_patch_brings_is_an_error_with_its_place_and_the_patch(desk: Desk) -> None:
    desk.add("good.patch", {"util/greet.c": b"/* a line more */\n" + GREET})
    desk.add("worse.patch", SLIP)
    ran = desk.run("calls", "--each", "--format", "json")
    assert ran.status == 1
    (one,) = ran.of("call-type")
    assert (one["level"], one["place"]["path"], one["place"]["line"], one["place"]["column"]) == (
        "error",
        "node/own.c",
        5,
        18,
    )
    assert one["help"].endswith("since worse.patch")


def test_a_second_slip_of_the_same_kind_is_new(desk: Desk) -> None:
    desk.upstream(SLIP)
    desk.add("again.patch", {"node/own.c": SLIP["node/own.c"].replace(b"greet(name)", b"greet(5)")})
    ran = desk.run("calls", "--format", "json")
    assert [one["level"] for one in ran.of("call-type")] == ["error", "note"]


def test_a_warning_does_not_set_the_exit_status(desk: Desk) -> None:
    header, body = HEADER.replace(b"name", b"name, char how"), GREET.replace(b"char *name", b"char *name, char how")
    calls = {
        "node/own.c": OWN.replace(b"greet(name)", b"greet(name, 'x')"),
        "node/main.c": MAIN.replace(b'"you"', b'"you", idle'),
    }
    desk.add("worse.patch", {"util/greet.h": header, "util/greet.c": body, **calls})
    ran = desk.run("calls", "--format", "json")
    assert [(one["level"], one["place"]["path"]) for one in ran.of("call-conversion")] == [("warning", "node/main.c")]
    assert ran.status == 0
    assert desk.run("calls", "--strict").status == 1


def test_the_policy_names_what_goes_through_dots(desk: Desk) -> None:
    (desk.folder / "policy.toml").write_text(POLICY)
    desk.upstream({"node/own.c": CALLER})
    desk.add("worse.patch", {"node/own.c": CALLER.replace(b'"say", name, 2', b'"say", name')})
    ran = desk.run("calls", "--policy", "policy.toml", "--format", "json")
    assert ran.status == 1
    (one,) = ran.of("varargs-count")
    assert (one["place"]["path"], one["place"]["line"]) == ("node/own.c", 24)
    without = desk.run("calls", "--format", "json")
    assert without.status == 0
    assert [one["level"] for one in without.of("no-policy")] == ["note"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (POLICY.replace("ask", "tell"), 2, "no function of the tree is called tell"),
        (POLICY.replace('"ask"', '"sayStub"'), 2, "sayStub takes no ..."),
        (POLICY.replace('"op"', '"word"'), 3, "ask has no parameter word"),
        (POLICY.replace("{word}Stub", "{word}Stump"), 4, "ask calls no function of such a name"),
        (POLICY.replace("{word}", ""), 4, "has no {word} in it"),
        (POLICY.replace("selector", "chooser"), 3, "unknown field `chooser`"),
        (POLICY.replace('"op"', "3"), 1, "Expected `str`, got `int`"),
        (POLICY.replace('selector = "op"\n', ""), 1, "missing required field `selector`"),
        (POLICY + POLICY, 2, "ask is there twice"),
        (POLICY + "[[calls]]\n", 5, "unknown field `calls`"),
        ("[[varargs\n", 1, "not usable"),
    ],
)
def test_a_policy_file_that_cannot_be_used_has_a_place(text: str, line: int, message: str) -> None:
    declarations = (
        "int strcmp(const char *, const char *);\ntypedef __builtin_va_list va_list;\nint greet(const char *);\n"
    )
    own = re.sub(r"#include.*\n|    va_(?:start|end).*\n", "", CALLER.decode()).replace("va_arg", "__builtin_va_arg")

    def used() -> None:
        policy = Policy("policy.toml", text)
        declared(policy, [facts(declarations + own, protocols_of(policy))])

    with pytest.raises(PolicyError) as raised:
        used()
    finding = raised.value.finding
    assert raised.value.status is Exit.UNUSABLE
    assert message in finding.message
    assert finding.place is not None
    assert (finding.place.path, finding.place.line) == ("policy.toml", line)


def test_after_a_policy_file_that_cannot_be_used_the_other_checks_still_run(desk: Desk) -> None:
    (desk.folder / "policy.toml").write_text(POLICY.replace("ask", "tell"))
    desk.add("worse.patch", SLIP)
    ran = desk.run("calls", "wire", "--policy", "policy.toml", "--format", "json")
    assert ran.status == 2
    (one,) = ran.of("policy-unknown-name")
    assert (one["place"]["path"], one["place"]["line"]) == ("policy.toml", 2)
    assert ran.of("call-type"), "what was found before is said as well"


def test_a_policy_file_that_is_not_there_is_named(desk: Desk) -> None:
    desk.add("later.patch", {"net/Makefile": TREE["net/Makefile"] + b"#\n"})
    ran = desk.run("calls", "--policy", "nowhere.toml", "--format", "json")
    assert ran.status == 2
    assert ran.of("policy")[0]["message"].startswith("it cannot be read")


@pytest.mark.parametrize(
    ("after", "slug", "place"),
    [
        ({"node/own.c": b"this is no C at all;\n"}, "calls-not-read", ("node/own.c", 1)),
        ({"node/own.c": OWN + b"int more(void) { return [; }\n"}, "calls-not-read", ("node/own.c", 7)),
        ({"node/own.c": b"#error not today\n" + OWN}, "does-not-preprocess", ("node/own.c", 1)),
        ({"node/own.c": b'#include "nowhere.h"\n' + OWN}, "does-not-preprocess", ("node/own.c", 1)),
        ({"util/greet.h": b"int greet();\n", "util/greet.c": GREET.replace(b"greet(const char *name)", b"greet(name)\n    const char *name;")}, "old-style-definition", ("util/greet.c", 4)),
    ],
    ids=["no C", "an expression that is none", "#error", "a header that is not there", "K&R"],
)  # fmt: skip
def test_what_cannot_be_read_has_a_place_and_the_rest_is_looked_at(
    desk: Desk, after: dict[str, bytes], slug: str, place: tuple[str, int]
) -> None:
    desk.add("worse.patch", {**after, "node/main.c": MAIN.replace(b'greet("you")', b"greet(idle)")})
    ran = desk.run("calls", "--format", "json")
    assert ran.status == 1
    assert place in {(one["place"]["path"], one["place"]["line"]) for one in ran.of(slug)}
    assert [one["place"]["path"] for one in ran.of("call-type")] == ["node/main.c"]


def test_a_call_that_is_nested_deeply_is_read(desk: Desk) -> None:
    deep = b"greet(" * 200 + b"name" + b")" * 200
    desk.add("deep.patch", {"node/own.c": OWN.replace(b"greet(name) +", deep + b" +")})
    ran = desk.run("calls", "--format", "json")
    assert ran.status == 1
    assert len(ran.of("call-type")) == 199  # each has a place of its own
    bottomless = b"(" * 20000 + b"name" + b")" * 20000
    desk.add("bottomless.patch", {"node/own.c": OWN.replace(b"greet(name) +", b"greet(" + bottomless + b") +")})
    ran = desk.run("calls", "--format", "json")
    assert ran.status == 1
    assert ran.of("calls-not-read")
