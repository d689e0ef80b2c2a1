# SPDX-License-Identifier: GPL-3.0-or-later
"""A macro that is nothing but another name of a function is followed; any other use of the name is refused."""

from __future__ import annotations

import pytest

from edits.harness import after, slugs, unchanged
from patchgen.edits import State

FLAG = """
kind = "add-parameter"
function = "f"
parameter = "int z"
after = "a"
argument = "0"
"""
F = "int f(int a, int b);\n"


@pytest.mark.parametrize(
    "define",
    [
        "#define other f\n",
        "#define other f /* the same */\n",
        "#define other(...) f(__VA_ARGS__)\n",
        "#define other( ... ) \\\n\tf (__VA_ARGS__)\n",
        "#define other(args...) f(args)\n",
        "#define first f\n#define other first\n",
        "#define first(...) f(__VA_ARGS__)\n#define other first\n",
    ],
)
def test_the_calls_of_another_name_get_the_argument(define: str) -> None:
    files = {"f.h": F + define, "g.c": '#include "f.h"\nint g(void)\n{\n\treturn other(1, 2) + f(3, 4);\n}\n'}
    done = after(FLAG, files)
    assert done["f.h"] == files["f.h"].replace("int a,", "int a, int z,")
    assert "other(1, 0, 2) + f(3, 0, 4)" in done["g.c"]


@pytest.mark.parametrize(
    ("define", "use"),
    [
        ("#define other f\n", "return call(other);"),
        ("#define other (f)\n", "return call(other);"),
        ("#ifdef A\n#define other f\n#else\n#define other g\n#endif\n", "return other(1, 2);"),
        ("#define other f\n#undef other\n#define other k\n", "return other(1, 2);"),
        ("#define other(...) f(1, __VA_ARGS__)\n", "return other(2);"),
        ("#define other f + 1\n", "return other(1);"),
    ],
)
def test_what_is_more_than_another_name_is_refused_or_left(define: str, use: str) -> None:
    files = {"f.h": F + define, "g.c": f'#include "f.h"\nint k(void)\n{{\n\t{use}\n}}\n'}
    plan = unchanged(FLAG, files) if "f(1, __VA" not in define else None
    if plan is not None:
        assert plan.state is State.REFUSED
        assert slugs(plan) & {"indirect-use", "unresolved-call"}
    else:
        assert "f(1, 0, __VA_ARGS__)" in after(FLAG, files)["f.h"]
