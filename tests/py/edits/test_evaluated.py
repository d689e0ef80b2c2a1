# SPDX-License-Identifier: GPL-3.0-or-later
"""A new argument or expression that does something goes only where it is evaluated once, and where C says when."""

from __future__ import annotations

import pytest

from edits.harness import after, slugs, unchanged
from patchgen.edits import State

HEAD = "int f(int a, int b);\nint next(int);\n"
SET = 'kind = "set-argument"\nfunction = "f"\nparameter = "b"\nin = "g"\nfrom = "0"\nargument = "{}"\n'
ADD = 'kind = "add-parameter"\nfunction = "f"\nparameter = "int c"\nat = "end"\nargument = "{}"\n'
REPLACE = 'kind = "replace-expression"\nin = "g"\nexpression = "old($x)"\nwith = "{}"\n'

ELSEWHERE = {
    "twice": "#define SQUARE(x) ((x) * (x))\nint g(int i) { return SQUARE(f(i, 0)); }\n",
    "twice, in a macro of it": "#define SQUARE(x) ((x) * (x))\n#define Q(y) SQUARE((y) + 1)\nint g(int i) { return Q(f(i, 0)); }\n",
    "twice, of two": "#define MAX(x, y) ((x) > (y) ? (x) : (y))\nint g(int i) { return MAX(i, f(i, 0)); }\n",
    "twice, over lines": "#define SQUARE(x) do { \\\n\tshow(x); \\\n\tshow(x); \\\n\t} while (0)\nvoid g(int i) { SQUARE(f(i, 0)); }\n",
    "never": "#define DEBUG(x)\nvoid g(int i) { DEBUG(f(i, 0)); }\n",
    "never in one arm": "#ifdef D\n#define DEBUG(x) x\n#else\n#define DEBUG(x) 0\n#endif\nint g(int i) { return DEBUG(f(i, 0)); }\n",
    "measured": "unsigned long g(int i) { return sizeof f(i, 0); }\n",
    "measured by a macro": "#define SIZE(x) sizeof(x)\nunsigned long g(int i) { return SIZE(f(i, 0)); }\n",
    "asked for its type": "int g(int i) { __typeof__(f(i, 0)) k = 1; return k; }\n",
}


@pytest.mark.parametrize("text", ELSEWHERE.values(), ids=ELSEWHERE)
def test_an_argument_that_does_something_is_evaluated_once(text: str) -> None:
    for toml in (SET, ADD):
        plan = unchanged(toml.format("next(1)"), {"a.c": HEAD + text})
        assert plan.state is State.REFUSED
        assert slugs(plan) == {"argument-evaluated"}, plan.findings
        assert ", 7)" in after(toml.format("7"), {"a.c": HEAD + text})["a.c"]


@pytest.mark.parametrize("text", ELSEWHERE.values(), ids=ELSEWHERE)
def test_an_expression_that_does_something_is_evaluated_once(text: str) -> None:
    files = {"a.c": HEAD + text.replace("f(i, 0)", "v")}
    toml = REPLACE.replace("old($x)", "v")
    if "__typeof__" in text:  # which the grammar does not know
        assert slugs(unchanged(toml.format("w"), files)) == {"anchor-unparsed"}
        return
    assert slugs(unchanged(toml.format("next(1)"), files)) == {"unfit-replacement"}
    assert "w" in after(toml.format("w"), files)["a.c"]


ONCE = {
    "a macro that has it once": "#define SHOW(x) show(#x, (x) + 0 * (int)sizeof(x))\nint g(int i) { return SHOW(f(i, 0)); }\n",
    "a macro that is not there": "int g(int i) { return CHECK(f(i, 0)); }\n",
    "a function": "int show(int x) { return x + x; }\nint g(int i) { return show(f(i, 0)); }\n",
    "another argument of the macro": "#define FIRST(x, y) ((x) + (x) + (y))\nint g(int i) { return FIRST(i, f(i, 0)); }\n",
    "a condition": "int g(int i) { if (f(i, 0) && f(i, 0)) return 1; return 2; }\n",
    "a macro for all arguments": "#define LOG(...) show(__VA_ARGS__)\nint g(int i) { return LOG(i, f(i, 0)); }\n",
}


@pytest.mark.parametrize("text", ONCE.values(), ids=ONCE)
def test_what_is_evaluated_once_may_do_something(text: str) -> None:
    done = after(SET.format("next(1)"), {"a.c": HEAD + text})["a.c"]
    assert done == HEAD + text.replace("f(i, 0)", "f(i, next(1))")


@pytest.mark.parametrize(
    ("text", "new"), [("f(i++, 0)", "i"), ("f(i = 2, 0)", "i + 1"), ("f(i, 0)", "i++"), ("f(--i, 0)", "i--")]
)
def test_what_one_argument_writes_no_other_uses(text: str, new: str) -> None:
    files = {"a.c": HEAD + f"int g(int i) {{ return {text}; }}\n"}
    for toml in (SET, ADD):
        assert slugs(unchanged(toml.format(new), files)) == {"argument-evaluated"}
    assert "j" in after(SET.format("j"), files)["a.c"]


def test_the_argument_that_goes_may_have_written_what_the_new_one_uses() -> None:
    toml = SET.format("i + 1").replace('from = "0"', 'from = "i++"')
    assert "f(1, i + 1)" in after(toml, {"a.c": HEAD + "int g(int i) { return f(1, i++); }\n"})["a.c"]
