# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``mirror``: what is copied, where the copy goes, and when it is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, unchanged
from patchgen.edits import Reason, State, Verdict

HEAD = 'kind = "mirror"\nin = "f"\nlike = "url"\nas = "arch"\n'
STRUCT = "struct box {\n\tchar url[8];\n\tchar arch[8];\n};\n\n"


def toml(sites: int = 1, more: str = "") -> str:
    return f"{HEAD}sites = {sites}\n{more}"


def body(text: str) -> str:
    """Return a file whose function ``f`` has the lines of *text*, a tab before each."""
    lines = "".join(f"\t{line}\n" if line else "\n" for line in text.split("\n"))
    return f"{STRUCT}void f(struct box *b, char *url, char *arch, char *other)\n{{\n{lines}}}\n"


def test_the_declaration_of_a_parameter_is_not_copied() -> None:
    """Of a K&R definition it stands where a statement might; add-parameter is what adds one."""
    text = "char *f(url, arch)\n\tchar *url;\n\tchar *arch;\n{\n\tset_url(url);\n}\n"
    assert after(toml(), {"f.c": text})["f.c"] == text.replace(
        "\tset_url(url);\n", "\tset_url(url);\n\tset_arch(arch);\n"
    )


COPIED = [
    ("a-declaration", 1, "", "int g = get_url(b);\nchar *url2_of = 0;\nchar *url = box_get_url(b);", None),
    ("an-assignment", 1, "", "url = 0;\nb->x = 1;", "url = 0;\narch = 0;\nb->x = 1;"),
    ("a-member", 1, "", "b->url[0] = 0;", "b->url[0] = 0;\nb->arch[0] = 0;"),
    ("a-callee", 1, "", "box_set_url(b, env, url);", "box_set_url(b, env, url);\nbox_set_arch(b, env, arch);"),
    ("the-only-argument", 1, "", "free(url);", "free(url);\nfree(arch);"),
    ("a-cast-to-void", 1, "", "(void) set_url(b);", "(void) set_url(b);\n(void) set_arch(b);"),
    ("a-destination", 1, "", "strncpy(b->url, url, N);", "strncpy(b->url, url, N);\nstrncpy(b->arch, arch, N);"),
    ("its-address", 1, "", "memcpy(&(b->url), url, N);", "memcpy(&(b->url), url, N);\nmemcpy(&(b->arch), arch, N);"),
    ("a-plain-destination", 1, "", "memset(url, 0, N);", "memset(url, 0, N);\nmemset(arch, 0, N);"),
    (
        "the-word-in-a-string",
        1,
        "",
        'put_url(b, "url=%s", url);',
        'put_url(b, "url=%s", url);\nput_arch(b, "arch=%s", arch);',
    ),
    (
        "no-comment",
        1,
        "",
        "set_url(b, /* the url */ url); // url",
        "set_url(b, /* the url */ url); // url\nset_arch(b, arch);",
    ),
    (
        "several-lines",
        1,
        "",
        "set_url(b,\n\t  // where from\n\t  url);",
        "set_url(b,\n\t  // where from\n\t  url);\nset_arch(b,\n\t  arch);",
    ),
    ("behind-another-on-the-line", 1, "", "g(); set_url(b); h();", "g(); set_url(b); set_arch(b); h();"),
    ("before-a-comment-line", 1, "", "set_url(b);\n// next", "set_url(b);\nset_arch(b);\n// next"),
    ("two", 2, "", "b->url[0] = 0;\nput_url(b);", "b->url[0] = 0;\nb->arch[0] = 0;\nput_url(b);\nput_arch(b);"),
    (
        "of-one-role",
        1,
        'role = ["call"]\n',
        "b->url[0] = 0;\nput_url(b);",
        "b->url[0] = 0;\nput_url(b);\nput_arch(b);",
    ),
    (
        "under-another-condition",
        1,
        "",
        "if (other) {\n\tset_url(b);\n}",
        "if (other) {\n\tset_url(b);\n\tset_arch(b);\n}",
    ),
    (
        "in-each-pass-of-a-loop",
        1,
        "",
        "for (i = 0; i < n; i++) {\n\tset_url(b + i);\n}",
        "for (i = 0; i < n; i++) {\n\tset_url(b + i);\n\tset_arch(b + i);\n}",
    ),
    ("in-an-arm", 1, "", "#ifdef A\nset_url(b);\n#endif", "#ifdef A\nset_url(b);\nset_arch(b);\n#endif"),
    (
        "with-a-guard",
        1,
        'guard = "arch && arch[0]"\n',
        "set_url(b,\n\turl);",
        "set_url(b,\n\turl);\nif (arch && arch[0]) {\n\tset_arch(b,\n\t\tarch);\n}",
    ),
    (
        "with-a-guard-in-the-style-around",
        1,
        'guard = "arch"\n',
        "if(other)\n{\n\tg();\n}\nset_url(b);",
        "if(other)\n{\n\tg();\n}\nset_url(b);\nif(arch)\n{\n\tset_arch(b);\n}",
    ),
    (
        "and-then",
        1,
        'then = ["b->arch[7] = 0;"]\n',
        "set_url(b);",
        "set_url(b);\nset_arch(b);\nb->arch[7] = 0;",
    ),
    (
        "and-then-under-the-guard",
        1,
        'guard = "arch"\nthen = ["h();"]\n',
        "set_url(b);",
        "set_url(b);\nif (arch) {\n\tset_arch(b);\n\th();\n}",
    ),
    (
        "a-guard-of-two-statements-about-it",
        1,
        "",
        "if (url) {\n\tset_url(b);\n\tb->url[7] = 0;\n} else {\n\tb->url[0] = 0;\n}",
        (
            "if (url) {\n\tset_url(b);\n\tb->url[7] = 0;\n} else {\n\tb->url[0] = 0;\n}\n"
            "if (arch) {\n\tset_arch(b);\n\tb->arch[7] = 0;\n} else {\n\tb->arch[0] = 0;\n}"
        ),
    ),
    (
        "a-guard-in-a-guard",
        1,
        "",
        "if (url != NULL)\n\tif (strlen(url) < MAX)\n\t\tset_url(b);",
        "if (url != NULL)\n\tif (strlen(url) < MAX)\n\t\tset_url(b);\nif (arch != NULL)\n\tif (strlen(arch) < MAX)\n\t\tset_arch(b);",
    ),
    (
        "the-member-is-tested",
        1,
        "",
        "if (b->url[0])\n\tput(b->url);",
        "if (b->url[0])\n\tput(b->url);\nif (b->arch[0])\n\tput(b->arch);",
    ),
]


@pytest.mark.parametrize(("sites", "more", "before", "then"), [pytest.param(*case[1:], id=case[0]) for case in COPIED])
def test_copies(sites: int, more: str, before: str, then: str | None) -> None:
    if then is None:  # the copy declares arch, so the function must not have a parameter of that name
        before_text = body(before).replace(", char *arch", "")
        assert after(toml(sites, more), {"a.c": before_text})["a.c"].count("char *arch = box_get_arch(b);") == 1
    else:
        assert after(toml(sites, more), {"a.c": body(before)}) == {"a.c": body(then)}


REFUSED = [
    ("left-in-a-longer-word", "set_url(b, myurls);", "old-word-left"),
    ("left-in-a-string", 'set_url(b, "theurl");', "old-word-left"),
    ("tests-a-sibling", "if (url && other)\n\tset_url(b);", "guard-tests-more"),
    ("tests-a-sibling-further-out", "if (url && other) {\n\tif (other) {\n\t\tset_url(b);\n\t}\n}", "guard-tests-more"),
    ("does-other-things", "if (url) {\n\tset_url(b);\n\tg();\n}", "guard-does-more"),
    ("does-other-things-else", "if (url) {\n\tset_url(b);\n} else {\n\tg();\n}", "guard-does-more"),
    ("guarded-from-afar", "if (url) {\n\tif (other) {\n\t\tset_url(b);\n\t}\n}", "guard-does-more"),
    ("a-loop-on-the-word", "while (*url) {\n\tset_url(b);\n}", "guard-does-more"),
    ("no-braces", "if (other)\n\tset_url(b);", "no-place-beside"),
    ("an-else-if", "if (other)\n\tg();\nelse if (url)\n\tset_url(b);", "no-place-beside"),
    ("behind-a-label", "out: set_url(b);", "no-place-beside"),
    ("one-of-several-declared", "char *x, *url_of;", "one-of-several"),
    ("chained", "other = url = 0;", "one-of-several"),
    ("in-a-condition", "if ((url = g()) == 0)\n\th();", "one-of-several"),
    ("unparsed", "set_url(b, );", "unparsed-statement"),
    ("in-a-macro", "#define X url\nset_url(b);", "word-in-macro-body"),
    ("under-a-head-in-an-arm", "#ifdef A\n\tif (other)\n#endif\n\tset_url(b);", "no-place-beside"),
    ("an-arm-under-a-head", "if (other)\n#ifdef A\n\tset_url(b);\n#else\n\tg();\n#endif", "no-place-beside"),
    ("an-arm-under-a-head-of-the-word", "if (url)\n#ifdef A\n\tset_url(b);\n#endif\ng();", "no-place-beside"),
    ("under-one-of-two-arms", "#ifdef A\n\tg();\n#else\n\tif (other)\n#endif\n\tset_url(b);", "no-place-beside"),
    ("a-loop-macro-under-an-else", "if (other) { g(); }\nelse each(b)\n\tset_url(b);", "no-place-beside"),
    ("an-else-in-an-arm", "if (url) {\n\tset_url(b);\n}\n#ifdef A\nelse\n\tg();\n#endif", "no-place-beside"),
    ("steps-a-counter", "b->url[b->n++] = *url++;", "shared-side-effect"),
    ("steps-a-counter-in-an-argument", 'snprintf(b->url, 8, "%s-%d", url, b->n++);', "shared-side-effect"),
    ("assigns-another-too", "url = other = g();", "shared-side-effect"),
    ("goes-out-before", "if (!url) goto out;\nset_url(b);\nout:\nreturn;", "guard-before"),
    ("breaks-before", "for (;;) {\n\tif (url) break;\n\tset_url(b);\n}", "guard-before"),
    (
        "returns-before-and-further-out",
        "if (!url) {\n\tg();\n\treturn;\n}\nif (other) {\n\tset_url(b);\n}",
        "guard-before",
    ),
    ("returns-before-in-an-arm", "#ifdef A\nif (!b->url[0])\n\treturn;\n#endif\nset_url(b);", "guard-before"),
    ("taken", "set_url(b, 1);\nset_arch(b, 2);", "role-taken"),
    ("taken-otherwise", "strcpy(b->url, url);\nb->arch[0] = 0;", "role-taken"),
    ("taken-under-a-guard", "set_url(b);\nif (arch && other) {\n\tset_arch(b);\n}", "role-taken"),
    ("a-parameter-of-that-name", "char *url_b = 0;\nchar *arch_b;", "role-taken"),
    ("other-number", "set_url(b);\nset_url(b + 1);", "wrong-number-of-sites"),
    ("nothing", "g(url);\ng(b, url);", None),
]


@pytest.mark.parametrize(("text", "slug"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_refuses(text: str, slug: str | None) -> None:
    plan = unchanged(toml(1 if slug else 2), {"a.c": body(text)})
    assert plan.state is State.REFUSED
    assert slugs(plan) == {slug or "wrong-number-of-sites"}


def test_the_function_is_nowhere() -> None:
    assert slugs(unchanged(toml(), {"a.c": "void g(void);\n"})) == {"not-found"}


def test_the_function_is_in_two_files() -> None:
    assert slugs(unchanged(toml(), {"a.c": body("set_url(b);"), "b.c": body("set_url(b);")})) == {
        "function-defined-twice"
    }


def test_files_choose_between_two() -> None:
    files = {"a.c": body("set_url(b);"), "b.c": body("set_url(b);")}
    assert after(toml(1, 'files = ["b.c"]\n'), files) == files | {"b.c": body("set_url(b);\nset_arch(b);")}


def test_alternatives_of_the_function() -> None:
    text = toml().replace('in = "f"', 'in = ["send", "f"]')
    assert after(text, {"a.c": body("set_url(b);")}) == {"a.c": body("set_url(b);\nset_arch(b);")}


def test_a_declaration_cannot_have_a_guard() -> None:
    plan = unchanged(toml(1, 'guard = "b"\n'), {"a.c": "void f(int b)\n{\n\tchar *url = 0;\n}\n"})
    assert slugs(plan) == {"guarded-declaration"}


def test_then_must_be_statements() -> None:
    assert slugs(unchanged(toml(1, 'then = ["if ("]\n'), {"a.c": body("set_url(b);")})) == {"unfit-copy"}


def test_an_old_word_in_other_letters_is_a_warning() -> None:
    plan, _ = plan_of(toml(), {"a.c": body("set_url(b, URL_MAX);")})
    assert plan.state is State.ABSENT
    assert slugs(plan) == {"old-word-perhaps-left"}


@pytest.mark.parametrize(
    "wrong",
    ['like = "arch_id"\nas = "arch"', 'like = "arch"\nas = "arch_id"', 'like = "a b"\nas = "arch"'],
)
def test_unusable(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"part of the other|not an identifier"):
        edit_of(f'kind = "mirror"\nin = "f"\nsites = 1\n{wrong}\n')


def test_a_role_that_does_not_count_does_not_refuse() -> None:
    text = body("char *x, *url_of;\nother = url = 0;\nset_url(b);")
    assert after(toml(1, 'role = ["call"]\n'), {"a.c": text}) == {
        "a.c": text.replace("(b);\n", "(b);\n\tset_arch(b);\n")
    }


def test_half_done_is_partial() -> None:
    half = body("set_url(b);\nset_arch(b);\nput_url(b);")
    plan, _ = plan_of(toml(2), {"a.c": half})
    assert (plan.state, plan.sites, plan.present) == (State.PARTIAL, 1, 1)
    assert after(toml(2), {"a.c": half}) == {"a.c": body("set_url(b);\nset_arch(b);\nput_url(b);\nput_arch(b);")}


def test_upstream_put_the_copy_elsewhere_in_the_block() -> None:
    plan = unchanged(toml(), {"a.c": body("set_arch(b);\ng();\nset_url(b);")})
    assert plan.state is State.PRESENT


def test_equal_statements_need_a_copy_each() -> None:
    plan, _ = plan_of(toml(2), {"a.c": body("set_url(b);\nset_arch(b);\nset_url(b);")})
    assert (plan.sites, plan.present) == (1, 1)


def test_both_arms_of_a_function() -> None:
    one = "#ifdef A\nvoid f(void) { set_url(1); }\n#else\nvoid f(void) { set_url(2); }\n#endif\n"
    edited = after(toml(2), {"a.c": one})["a.c"]
    assert "set_url(1); set_arch(1);" in edited
    assert "set_url(2); set_arch(2);" in edited


def test_crlf_and_odd_indentation_stay() -> None:
    text = "void f(int b)\r\n{\r\n \t  set_url(b,\r\n\t   1);\r\n}\r\n"
    edited = after(toml(), {"a.c": text})["a.c"]
    assert edited == text.replace("}\r\n", " \t  set_arch(b,\r\n\t   1);\r\n}\r\n")


def test_every_occurrence_has_a_verdict() -> None:
    text = body(
        '/* url */ set_url(b);\ng("url", url);\n#if 0\nurl();\n#endif\nif (url && other)\n\tg();\nint arch_b = 0;'
    )
    plan, tree = plan_of(toml(), {"a.c": text})
    assert plan.state is State.ABSENT
    found = {(one.start, one.end) for one in plan.occurrences}
    data = tree.read("a.c")
    start = data.index(b"void f")
    assert found == {
        (at, at + len(w)) for w in (b"url", b"arch") for at in range(start, len(data)) if data.startswith(w, at)
    }
    reasons = [one.reason for one in plan.occurrences if one.verdict is Verdict.EXCUSED]
    assert {Reason.COMMENT, Reason.STRING, Reason.UNCHANGED_USE} == set(reasons)


# -- the traps of upstream's real text (real-text.md section 4)


def test_trap_01_the_accessor_is_renamed_too() -> None:
    edited = after(toml(), {"a.c": body("adb_nc_type_set_url(b, env, url);")})["a.c"]
    assert "adb_nc_type_set_arch(b, env, arch);" in edited


def test_trap_01_the_old_word_is_never_left() -> None:
    assert slugs(unchanged(toml(), {"a.c": body("adb_set_url(b, sizeof(xurl_t));")})) == {"old-word-left"}


def test_trap_02_a_pass_through_is_no_site() -> None:
    text = body(
        "box = allocate(a,\n\tadb_get_url(b),\n\turl,\n\tother);\nstruct m m = {url, other};\nlog(INFO, url);\nset_url(b);"
    )
    assert after(toml(), {"a.c": text})["a.c"].count("arch") == text.count("arch") + 1


def test_trap_03_three_occurrences_are_one_if() -> None:
    plan, _ = plan_of(toml(), {"a.c": body("if (url != NULL) {\n\tstrncpy(b->url, url, 8);\n}")})
    assert plan.sites == 1


def test_trap_03_a_sibling_in_the_condition_refuses() -> None:
    plan = unchanged(toml(), {"a.c": body("if (url && other) {\n\tset_url(b);\n}")})
    assert slugs(plan) == {"guard-tests-more"}


def test_trap_04_another_number_of_sites_refuses() -> None:
    assert slugs(unchanged(toml(2), {"a.c": body("set_url(b);")})) == {"wrong-number-of-sites"}


def test_trap_10_a_line_of_its_own_and_no_trailing_blank() -> None:
    assert after(toml(), {"a.c": body("set_url(b); \ng();")}) == {"a.c": body("set_url(b); \nset_arch(b);\ng();")}


@pytest.mark.parametrize("bound", ["4", "8*2", "SIZE"])
def test_trap_13_another_bound_refuses(bound: str) -> None:
    text = body("strncpy(b->url, url, 8);").replace("arch[8]", f"arch[{bound}]")
    assert slugs(unchanged(toml(), {"a.c": text})) == {"member-unlike"}


def test_trap_13_no_such_member_refuses() -> None:
    text = body("strncpy(b->url, url, 8);").replace("\tchar arch[8];\n", "")
    assert slugs(unchanged(toml(), {"a.c": text})) == {"not-found"}


def test_trap_13_the_struct_is_that_of_the_variable() -> None:
    other = "struct lid {\n\tchar url[8];\n\tint arch;\n};\n"
    files = {"a.h": other, "a.c": body("strncpy(b->url, url, 8);")}
    assert after(toml(), files)["a.c"] == body("strncpy(b->url, url, 8);\nstrncpy(b->arch, arch, 8);")


def test_trap_14_a_guard_of_its_own() -> None:
    edited = after(toml(1, 'guard = "b->arch[0]"\n'), {"a.c": body("adb_set_url(b, env, b->url);")})
    assert edited == {
        "a.c": body("adb_set_url(b, env, b->url);\nif (b->arch[0]) {\n\tadb_set_arch(b, env, b->arch);\n}")
    }


def test_trap_16_two_statements_of_one_extraction() -> None:
    text = "void f(va_list al)\n{\n\tchar *url = NULL;\n\tint n = 0;\n\n\turl = va_arg(al, char *);\n\tn = va_arg(al, int);\n}\n"
    assert after(toml(2), {"a.c": text}) == {
        "a.c": "void f(va_list al)\n{\n\tchar *url = NULL;\n\tchar *arch = NULL;\n\tint n = 0;\n\n"
        "\turl = va_arg(al, char *);\n\tarch = va_arg(al, char *);\n\tn = va_arg(al, int);\n}\n"
    }


def test_trap_17_neighbours_parted_by_blank_lines() -> None:
    before = body("// the url\nif (url != NULL)\n\tset_url(b);\n\nif (other != NULL)\n\tg();").replace(
        "{\n\t//", "{\n\th();\n\n\t//"
    )
    edited = after(toml(), {"a.c": before})["a.c"]
    assert "\t\tset_url(b);\n\n\tif (arch != NULL)\n\t\tset_arch(b);\n\n\tif (other" in edited


def test_trap_17_comments_are_not_copied() -> None:
    before = body("set_url(b); //!< the url\n/* url */\ng();")
    assert after(toml(), {"a.c": before}) == {"a.c": body("set_url(b); //!< the url\nset_arch(b);\n/* url */\ng();")}


BESIDE_AN_EXIT = [
    ("mirrored", "if (!url) return;\nif (!arch) return;\nset_url(b);"),
    ("of-both", "if (!url || !arch) return;\nset_url(b);"),
    ("of-another", "if (!other) return;\nset_url(b);"),
    ("in-another-arm", "#ifdef A\nif (!url) return;\ng();\n#else\nset_url(b);\n#endif"),
    ("that-goes-on", "if (!url) g();\nset_url(b);"),
    ("behind", "set_url(b);\nif (!url) return;"),
]


@pytest.mark.parametrize("text", [row[1] for row in BESIDE_AN_EXIT], ids=[row[0] for row in BESIDE_AN_EXIT])
def test_an_exit_that_is_not_on_the_word_alone_is_no_guard(text: str) -> None:
    assert after(toml(), {"a.c": body(text)}) == {"a.c": body(text.replace("set_url(b);", "set_url(b);\nset_arch(b);"))}


def test_a_copy_that_stands_behind_the_exit_is_present() -> None:
    plan = unchanged(toml(), {"a.c": body("if (!url) return;\nset_url(b);\nset_arch(b);")})
    assert plan.state is State.PRESENT


def test_a_step_of_the_word_itself_is_copied() -> None:
    text = "b->url[0] = *url++;"
    assert after(toml(), {"a.c": body(text)}) == {"a.c": body(f"{text}\n{text.replace('url', 'arch')}")}


# -- properties

_STATEMENTS = st.sampled_from(
    [
        "g();",
        "set_url(b);",
        "url = 0;",
        "if (url)\n\tput(url);",
        "h(b, url);",
        "// url",
        "",
        "b->url[0] = 0;",
        's = "url";',
        "b->x = 1;",
    ]
)


@given(st.lists(_STATEMENTS, min_size=1, max_size=8))
def test_taking_the_copies_out_again_is_the_identity(lines: list[str]) -> None:
    """What the edit adds are whole lines, each a copy; without them the file is what it was."""
    text = body("\n".join(lines))
    sites = sum(line in {"set_url(b);", "url = 0;", "if (url)\n\tput(url);", "b->url[0] = 0;"} for line in lines)
    if not sites:
        return
    plan, tree = plan_of(toml(sites), {"a.c": text})
    assert (plan.state, plan.sites) == (State.ABSENT, sites)
    data = tree.read("a.c")
    for replacement in plan.replacements["a.c"]:
        assert replacement.start == replacement.end
        assert data[replacement.start - 1 : replacement.start] == b"\n"
        assert b"url" not in replacement.new
    after(toml(sites), {"a.c": text})


@pytest.mark.parametrize("kind", ["struct inner", "inner_t"])
def test_a_member_of_a_member_needs_the_new_one_beside_it(kind: str) -> None:
    inner = (
        f"typedef struct inner {{{{\n\tchar url[8];\n\t{{}}\n}}}} inner_t;\nstruct outer {{{{\n\t{kind} in;\n}}}};\n"
    )
    text = "void f(struct outer *o)\n{\n\tset(o->in.url);\n}\n"
    one = {"a.c": STRUCT + inner.format("int n;") + text}
    assert slugs(unchanged(toml(), one)) == {"not-found"}
    both = {"a.c": STRUCT + inner.format("char arch[8];") + text}
    assert "\tset(o->in.arch);\n" in after(toml(), both)["a.c"]


def test_a_copy_that_would_pass_the_new_parameter_over_is_refused() -> None:
    toml = 'kind = "mirror"\nin = "make"\nlike = "owner"\nas = "colour"\nsites = 1\n'
    text = (
        "struct s { char owner[9]; char colour[9]; };\n"
        "void make(struct s *s, const char *who, const char *colour)\n{\n\tstrncpy(s->owner, who, 8);\n}\n"
    )
    assert slugs(unchanged(toml, {"a.c": text})) == {"mirrored-value"}
    plain = text.replace("who,", "owner,")
    assert "strncpy(s->colour, colour, 8);" in after(toml, {"a.c": plain})["a.c"]
