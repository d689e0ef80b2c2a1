# SPDX-License-Identifier: GPL-3.0-or-later
"""A comment in the body of a macro hides nothing behind it, and a comment in a condition decides nothing."""

from __future__ import annotations

import pytest

from edits.harness import after, plan_of, slugs
from patchgen.syntax import c
from patchgen.syntax.c.defines import comments_in_defines, mask_defines

ADD = 'kind = "add-parameter"\nfunction = "f"\nparameter = "int v"\nafter = "a"\nargument = "0"\n'
HEAD = "int f(int a, int b);\n"


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        pytest.param("#define M(x) f(/* c */ x, 3)\n", "#define M(x) f(/* c */ x, 0, 3)\n", id="before-an-argument"),
        pytest.param("#define M(x) f(x /* c */, 3)\n", "#define M(x) f(x /* c */, 0, 3)\n", id="behind-an-argument"),
        pytest.param(
            "#define M(x) do { f(x, 3); g(x /* a */); } while (0)\n",
            "#define M(x) do { f(x, 0, 3); g(x /* a */); } while (0)\n",
            id="behind-the-call",
        ),
        pytest.param(
            '#define M(x) g("/*"); f(x, 3); g("*/")\n', '#define M(x) g("/*"); f(x, 0, 3); g("*/")\n', id="in-strings"
        ),
        pytest.param(
            "#define M(x) /* over\n two */ f(x, 3)\nint g(void);\n",
            "#define M(x) /* over\n two */ f(x, 0, 3)\nint g(void);\n",
            id="over-lines",
        ),
        pytest.param(
            "#define M(f) g(/* a */ 1); f(1, 3)\n", "#define M(f) g(/* a */ 1); f(1, 3)\n", id="its-own-parameter"
        ),
        pytest.param("#define M(x) g(x) /* f(x, 3); */\n", "#define M(x) g(x) /* f(x, 3); */\n", id="in-the-comment"),
        pytest.param("/* a\n#define M /* f(1, 3) */\n", "/* a\n#define M /* f(1, 3) */\n", id="no-macro-at-all"),
    ],
)
def test_a_call_beside_a_comment_is_seen(before: str, wanted: str) -> None:
    files = {"a.c": HEAD + before}
    assert after(ADD, files)["a.c"] == "int f(int a, int v, int b);\n" + wanted


@pytest.mark.parametrize(
    "text", [b"#define A /* x\n\ny */ z\n", b'#define Q \'"\' /* */ "/*"\n', b"#define A /*", b"/*\n#define A /* */"]
)
def test_a_mask_moves_nothing(text: bytes) -> None:
    masked = mask_defines(text)
    assert len(masked) == len(text)
    assert all(masked[start:end].isspace() for start, end in comments_in_defines(text))


@pytest.mark.parametrize(
    ("condition", "dead"),
    [("0", True), ("0 /* for now */", True), ("0 // x", True), ("0 /* x */ || 1", False), ("1 /* x */", False)],
)
def test_what_a_comment_says_of_a_condition_does_not_count(condition: str, *, dead: bool) -> None:
    parsed = c.parse(f"#if {condition}\nint f;\n#endif\n".encode())
    assert parsed.is_dead(parsed.data.index(b"int")) is dead


@pytest.mark.parametrize(
    "body", ["return v;", "int v = 1; return v;", "return g(&v);", "for (int v = 0; v < 2; v++) { }", "v(1);"]
)
def test_a_parameter_never_hides_what_the_body_uses(body: str) -> None:
    plan, _ = plan_of(ADD, {"a.c": f"int v;\nint f(int a, int b)\n{{\n\t{body}\n}}\n"})
    assert "parameter-name-taken" in slugs(plan)


def test_a_member_a_label_or_a_word_in_a_comment_is_not_hidden() -> None:
    body = '\tstruct s x = { .v = 1 }; /* v */\n\tgoto v;\nv:\n\treturn x.v + *"v";\n'
    files = {"a.c": f"int f(int a, int b)\n{{\n{body}}}\n"}
    assert after(ADD, files)["a.c"] == f"int f(int a, int v, int b)\n{{\n{body}}}\n"
