# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``varargs-protocol``: callers and extraction sites in step, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import State

if TYPE_CHECKING:
    from edits.harness import Files

ASK = """int ask(int fd, char *what, ...)
{
	va_list al;

	va_start(al, what);
	if (fork() == 0) {
		if (!strcmp(what, "stop")) {
			int how = va_arg(al, int);
			stop(how);
		} else if (!strcmp(what, "run")) {
			char *id = va_arg(al, char *);
			char *url = va_arg(al, char *);
			struct net *net = va_arg(al, struct net *);
			run(id, url, net);
		}
	}
	if (strcmp(what, "stop") == 0) {
		log("run");
	} else if (strcmp(what, "run") == 0) {
		char *id = NULL;
		char *url = NULL;
		struct net *net;
		id = va_arg(al, char *);
		url = va_arg(al, char *);
		net = va_arg(al, struct net *);
	}
	va_end(al);
	return 0;
}
"""
CALLS = """int start(char *id, char *url)
{
	ask(1, "stop", 2);
	ask(1, "run", id, url, &net);
	return ask(2, "run", "x",
			url,
			NULL);
}
"""
DONE_ASK = (
    ASK.replace(
        "\t\t\tchar *url = va_arg(al, char *);\n",
        "\t\t\tchar *url = va_arg(al, char *);\n\t\t\tchar *arch = va_arg(al, char *);\n",
    )
    .replace("\t\tchar *url = NULL;\n", "\t\tchar *url = NULL;\n\t\tchar *arch = NULL;\n")
    .replace(
        "\t\turl = va_arg(al, char *);\n\t\tnet",
        "\t\turl = va_arg(al, char *);\n\t\tarch = va_arg(al, char *);\n\t\tnet",
    )
)
DONE_CALLS = CALLS.replace("url, &net", "url, NULL, &net").replace("\t\t\turl,\n", "\t\t\turl,\n\t\t\tNULL,\n")


def toml(callers: int = 2, extractions: int = 2, more: str = "") -> str:
    return (
        'kind = "varargs-protocol"\nfunction = "ask"\nselector = "run"\nselector-parameter = "what"\nlike = "url"\nas = "arch"\n'
        f'argument = "NULL"\ncallers = {callers}\nextractions = {extractions}\n{more}'
    )


def files(ask: str = ASK, calls: str = CALLS) -> Files:
    return {"ask.c": ask, "ask.h": "int ask(int fd, char *what, ...);\n", "start.c": f'#include "ask.h"\n{calls}'}


def test_callers_and_extractions_become_one_longer() -> None:
    assert after(toml(), files()) == files(DONE_ASK, DONE_CALLS)


def test_sites_are_callers_and_branches() -> None:
    plan, _ = plan_of(toml(), files())
    assert (plan.state, plan.sites) == (State.ABSENT, 4)


def test_the_extractions_alone_are_there() -> None:
    plan, _ = plan_of(toml(), files(DONE_ASK))
    assert (plan.state, plan.sites, plan.present) == (State.PARTIAL, 2, 2)
    assert after(toml(), files(DONE_ASK)) == files(DONE_ASK, DONE_CALLS)


def test_what_the_callers_pass_may_have_changed_since() -> None:
    plan = unchanged(toml(), files(DONE_ASK, DONE_CALLS.replace("url, NULL, &net", "url, wanted, &net")))
    assert plan.state is State.PRESENT


def test_an_argument_of_its_own() -> None:
    more = 'arguments = [{ argument = "guess(id)", function = "start" }]\n'
    assert after(toml(more=more), files())["start.c"].count("guess(id)") == 2


def test_a_macro_for_the_selector() -> None:
    calls = '#define RUN "run"\n#define STOP "stop"\n' + CALLS.replace('"stop"', "STOP").replace('(1, "run"', "(1, RUN")
    assert "RUN, id, url, NULL, &net" in after(toml(), files(calls=calls))["start.c"]


def test_a_declaration_outside_the_branch_is_mirrored_first() -> None:
    ask = ASK.replace("\t\tchar *url = NULL;\n", "").replace("\tva_list al;\n", "\tva_list al;\n\tchar *url;\n")
    assert slugs(unchanged(toml(), files(ask))) == {"tangled-extraction"}
    mirror = 'kind = "mirror"\nin = "ask"\nlike = "url"\nas = "arch"\nrole = ["declaration"]\nsites = 1\n'
    first = ask.replace(
        "\t\t\tchar *url = va_arg(al, char *);\n", "\t\t\tchar *url = get(al);\n"
    )  # its own branch aside
    assert "\tchar *url;\n\tchar *arch;\n" in after(mirror.replace("sites = 1", "sites = 2"), files(first))["ask.c"]


REFUSED = [
    ("a-caller-too-short", ASK, CALLS.replace("url, &net", "url"), "protocol-out-of-step"),
    ("a-caller-too-long", ASK, CALLS.replace("url, &net", "url, 7, &net"), "protocol-out-of-step"),
    ("the-anchor-elsewhere", ASK, CALLS.replace("id, url, &net", "url, id, &net"), "protocol-out-of-step"),
    ("the-anchor-twice", ASK, CALLS.replace("id, url, &net", "url, url, &net"), "protocol-out-of-step"),
    ("no-anchor", ASK, CALLS.replace("id, url, &net", "id, 0, &net"), "protocol-out-of-step"),
    ("a-branch-too-short", ASK.replace("\t\tnet = va_arg(al, struct net *);\n", ""), CALLS, "protocol-out-of-step"),
    ("a-branch-in-another-order", ASK.replace("int how", "int url").replace('"stop")) {', '"run")) {', 1), CALLS, "protocol-out-of-step"),
    ("a-branch-of-other-types", ASK.replace("\t\tnet = va_arg(al, struct net *)", "\t\tnet = va_arg(al, int)"), CALLS, "protocol-out-of-step"),
    ("the-new-one-elsewhere", DONE_ASK.replace("arch = va_arg(al, char *);\n\t\tnet = va_arg(al, struct net *);", "net = va_arg(al, struct net *);\n\t\tarch = va_arg(al, char *);"), CALLS, "protocol-out-of-step"),
    ("the-new-one-of-another-type", DONE_ASK.replace("arch = va_arg(al, char *);\n\t\tnet", "arch = va_arg(al, int);\n\t\tnet"), CALLS, "protocol-out-of-step"),
    ("a-selector-in-a-variable", ASK, CALLS.replace('(1, "run"', "(1, op"), "unknown-selector"),
    ("a-condition-more", ASK.replace('!strcmp(what, "run")', '!strcmp(what, "run") && fd'), CALLS, "tangled-extraction"),
    ("the-other-way-round", ASK.replace('!strcmp(what, "run")', 'strcmp(what, "run")'), CALLS, "tangled-extraction"),
    ("under-a-condition", ASK.replace("\t\tnet = va", "\t\tif (fd) net = va"), CALLS, "tangled-extraction"),
    ("in-one-expression", ASK.replace("\t\tnet = va_arg(al, struct net *);", "\t\tg(va_arg(al, int), va_arg(al, int));"), CALLS, "tangled-extraction"),
    ("not-variadic", ASK.replace(", ...", ""), CALLS, "not-variadic"),
    ("no-branch", ASK.replace('"run"', '"walk"'), CALLS, "not-found"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "calls", "slug"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_refuses(ask: str, calls: str, slug: str) -> None:
    plan = unchanged(toml(), files(ask, calls))
    assert plan.state is State.REFUSED
    assert slug in slugs(plan)


@pytest.mark.parametrize(("callers", "extractions"), [(1, 2), (2, 1), (3, 2)])
def test_another_number_of_places_refuses(callers: int, extractions: int) -> None:
    assert slugs(unchanged(toml(callers, extractions), files())) == {"wrong-number-of-protocol-sites"}


def test_an_excuse_for_a_caller_that_is_known_to_be_wrong() -> None:
    calls = CALLS + 'int wrong(void)\n{\n\treturn ask(1, "run", 1);\n}\n'
    more = 'excuse = [{ file = "start.c", function = "wrong", reason = "not compiled" }]\n'
    assert 'ask(1, "run", 1)' in after(toml(callers=3, more=more), files(calls=calls))["start.c"]


def test_unusable() -> None:
    with pytest.raises(ValueError, match="without quotes"):
        edit_of(toml().replace('selector = "run"', "selector = '\"run\"'"))


def test_trap_01_va_arg_of_a_pointer_is_no_error() -> None:
    """tree-sitter takes ``va_arg(al, char **)`` for an error; the type is masked, and the bytes are kept."""
    ask = ASK.replace("struct net *", "struct net **").replace(
        "char *url = va_arg(al, char *)", "char **url = va_arg(al, char **)"
    )
    ask = ask.replace("char *url = NULL", "char **url = NULL").replace(
        "url = va_arg(al, char *);\n\t\tnet", "url = va_arg(al, char **);\n\t\tnet"
    )
    assert "char **arch = va_arg(al, char **);" in after(toml(), files(ask))["ask.c"]


def test_trap_08_the_anchor_is_the_arguments_text() -> None:
    calls = CALLS.replace('"run", id, url', '"run", instanceId, url')
    assert "instanceId, url, NULL, &net" in after(toml(), files(calls=calls))["start.c"]


def test_trap_16_upstreams_slip_is_caught() -> None:
    """A caller that leaves out what the callee fetches is named, with the place of the extraction."""
    plan = unchanged(toml(), files(calls=CALLS.replace("url, &net", "url")))
    (finding,) = [one for one in plan.findings if one.slug.name == "protocol-out-of-step"]
    assert finding.place is not None
    assert (finding.place.path, finding.place.line) == ("start.c", 5)
    assert "3 are fetched at ask.c:10" in finding.message
