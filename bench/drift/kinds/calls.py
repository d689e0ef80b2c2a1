# SPDX-License-Identifier: GPL-3.0-or-later
"""The function is called in a new place, no longer, or in a way that is hard to see."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from drift import ctext
from drift.scene import NotHereError

from .kind import kind

if TYPE_CHECKING:
    from drift.scene import Scene


def _probe(scene: Scene, body: str, head: str = "", name: str = "drift_probe", file: str = "") -> None:
    call = scene.call()
    text = f"\n{head}int {name}(void)\n{{\n    {body.replace('@', call)}\n}}\n"
    scene.append(file or scene.target.free_file, text)


@kind("calls", "in-a-new-function")
def in_a_new_function(scene: Scene) -> None:
    """A new function calls it."""
    _probe(scene, "return @ != 0;")


@kind("calls", "in-a-new-file")
def in_a_new_file(scene: Scene) -> None:
    """A new file calls it."""
    home = scene.target.free_file
    path = home.rsplit("/", 1)[0] + "/drift.c" if "/" in home else "drift.c"
    includes = re.findall(rb"(?m)^#[ \t]*include[^\n]*\n", scene.files[home])
    scene.files[path] = b"".join(includes)
    _probe(scene, "return @ != 0;", file=path)


@kind("calls", "twice-on-a-line")
def twice_on_a_line(scene: Scene) -> None:
    """A new function calls it twice on a line."""
    _probe(scene, "return @ != @;")


@kind("calls", "in-a-condition")
def in_a_condition(scene: Scene) -> None:
    """It is called in conditions, loops and a conditional expression."""
    _probe(
        scene,
        "int n = @ ? 1 : 2;\n    while (n-- && !@)\n        if ((@) == 0 || n)\n            break;\n    return n;",
    )


@kind("calls", "in-an-initialiser")
def in_an_initialiser(scene: Scene) -> None:
    """It is called in the initialisers of an array and of a struct."""
    _probe(
        scene,
        "int all[] = { @ != 0, [2] = @ != 0 };\n    struct { int a, b; } s = { .b = @ != 0 };\n    return all[0] + all[2] + s.b;",
    )


@kind("calls", "as-an-argument")
def as_an_argument(scene: Scene) -> None:
    """It is called within the list of another call."""
    _probe(
        scene,
        "return drift_not (1, @ != 0, (2));",
        "static int drift_not (int a, int b, int c)\n{\n    return a + b + c;\n}\n\n",
    )


@kind("calls", "split-over-lines")
def split_over_lines(scene: Scene) -> None:
    """A new call is split over lines, with comments."""
    target = scene.target
    text = (
        target.name
        + "\n        ("
        + ",\n            ".join(f"{item} /* ( , */" for item in scene.arguments())
        + "\n        )"
    )
    scene.append(target.free_file, f"\nint drift_probe(void)\n{{\n    return {text} != 0;\n}}\n")


@kind("calls", "in-parentheses")
def in_parentheses(scene: Scene) -> None:
    """It is called with its name in parentheses."""
    target = scene.target
    _probe(scene, f"return ({target.name})({', '.join(scene.arguments())}) != 0;")


@kind("calls", "in-a-macro-body")
def in_a_macro_body(scene: Scene) -> None:
    """A macro calls it."""
    _probe(scene, "return DRIFT();", f"#define DRIFT() ({scene.call()} != 0)\n")


@kind("calls", "in-a-macro-of-lines")
def in_a_macro_of_lines(scene: Scene) -> None:
    """A macro of several lines calls it, with one of its own parameters."""
    call = f"{scene.target.name} ( \\\n            {', '.join(scene.arguments())})"
    head = f"#define DRIFT(out) \\\n    do {{ \\\n        (out) = {call} != 0; \\\n    }} while (0)\n"
    _probe(scene, "int n;\n    DRIFT(n);\n    return n;", head)


@kind("calls", "handed-to-a-macro")
def handed_to_a_macro(scene: Scene) -> None:
    """The call is an argument of a macro."""
    _probe(scene, "return DRIFT_BOTH(@ != 0, 2);", "#define DRIFT_BOTH(a, b) ((a) + (b))\n")


@kind("calls", "behind-a-macro-alias")
def behind_a_macro_alias(scene: Scene) -> None:
    """A macro without a list is another name of it, and is called."""
    call = scene.call().replace(scene.target.name, "drift_alias", 1)
    _probe(scene, f"return {call} != 0;", f"#define drift_alias {scene.target.name}\n")


@kind("calls", "behind-a-macro-with-a-list")
def behind_a_macro_with_a_list(scene: Scene) -> None:
    """A macro hands all its arguments on to it."""
    call = scene.call().replace(scene.target.name, "drift_alias", 1)
    _probe(scene, f"return {call} != 0;", f"#define drift_alias(...) {scene.target.name}(__VA_ARGS__)\n")


@kind("calls", "in-a-dead-arm")
def in_a_dead_arm(scene: Scene) -> None:
    """It is called where nothing is ever compiled."""
    target = scene.target
    old = f"{target.name}({', '.join(target.call)})"
    scene.append(target.free_file, f"\n#if 0\nint drift_probe(void)\n{{\n    return {old} != 0;\n}}\n#endif\n")


@kind("calls", "in-an-arm")
def in_an_arm(scene: Scene) -> None:
    """It is called in both arms of an #ifdef."""
    _probe(scene, "int n = 1;\n#ifdef DRIFT\n    n += @ != 0;\n#else\n    n -= @ != 0;\n#endif\n    return n;")


@kind("calls", "in-a-cut-list")
def in_a_cut_list(scene: Scene) -> None:
    """An #ifdef stands within the list of a new call."""
    *most, last = scene.arguments()
    text = f"return {scene.target.name}({', '.join(most)},\n#ifdef DRIFT\n        {last}\n#else\n        {last}\n#endif\n        ) != 0;"
    _probe(scene, text)


@kind("calls", "braces-cut")
def braces_cut(scene: Scene) -> None:
    """Around a new call braces open in two arms of an #ifdef and close once."""
    _probe(
        scene,
        "int n = 0;\n#ifdef DRIFT\n    if (n == 0) {\n#else\n    if (n != 1) {\n#endif\n        n = @ != 0;\n    }\n    return n;",
    )


@kind("calls", "braces-cut-elsewhere")
def braces_cut_elsewhere(scene: Scene) -> None:
    """Braces open in two arms of an #ifdef in another function of the file."""
    text = "int drift_cut(int n)\n{\n#ifdef DRIFT\n    if (n == 0) {\n#else\n    if (n != 1) {\n#endif\n        n = 2;\n    }\n    return n;\n}\n"
    one = scene.function(scene.target.source, scene.target.name)
    scene.change(scene.target.source, lambda data: data[: one.start] + text.encode() + b"\n" + data[one.start :])


@kind("calls", "in-a-loop-macro")
def in_a_loop_macro(scene: Scene) -> None:
    """A macro that is a loop controls it."""
    _probe(
        scene,
        "int n = 0;\n    DRIFT_EACH (n)\n        n += @ != 0;\n    return n;",
        "#define DRIFT_EACH(n) for (; (n) < 3; (n)++)\n",
    )


@kind("calls", "in-a-block-macro")
def in_a_block_macro(scene: Scene) -> None:
    """A macro without a list or a semicolon stands before the block that holds it."""
    _probe(
        scene,
        "int n = 0;\n    DRIFT_ALWAYS {\n        n += @ != 0;\n    }\n    return n;",
        "#define DRIFT_ALWAYS if (1)\n",
    )


@kind("calls", "behind-a-bare-macro")
def behind_a_bare_macro(scene: Scene) -> None:
    """A macro without a semicolon stands on the line before it."""
    _probe(scene, "int n = 0;\n    DRIFT_NOTE(n)\n    n += @ != 0;\n    return n;", "#define DRIFT_NOTE(n) (n)++;\n")


@kind("calls", "through-a-pointer")
def through_a_pointer(scene: Scene) -> None:
    """A pointer to it is called."""
    target = scene.target
    _probe(
        scene,
        f"return drift_pointer ({', '.join(scene.arguments())}) != 0;",
        f"static __typeof__ (&{target.name}) drift_pointer = {target.name};\n\n",
    )


@kind("calls", "in-a-statement-expression")
def in_a_statement_expression(scene: Scene) -> None:
    """It is called in a block that is an expression of GNU C."""
    _probe(scene, "return __extension__ ({ int n = @ != 0; n + 1; });")


@kind("calls", "removed")
def removed(scene: Scene) -> None:
    """A call is gone that the series does nothing else to."""
    target = scene.target
    for path in reversed(scene.touched()):
        for one in ctext.functions(scene.upstream.get(path, b"")) if path.endswith(".c") else []:
            named = [
                c for c in ctext.calls(scene.upstream[path], target.name) if one.body[0] <= c.list[0] < one.body[1]
            ]
            if named and one.name not in {target.caller, target.name}:
                scene.change(path, partial(_emptied, function=one.name, name=target.name))
                return
    msg = "the series names each caller"
    raise NotHereError(msg)


@kind("calls", "removed-that-the-series-names")
def removed_that_the_series_names(scene: Scene) -> None:
    """A call is gone that the series changes by itself: what it is to do now, only its author knows."""
    target = scene.target
    if not target.set_:
        msg = "the series names none"
        raise NotHereError(msg)
    scene.change(target.caller_file, lambda data: _emptied(data, target.caller, target.name))
    scene.unanswerable = True


def _emptied(data: bytes, function: str, name: str) -> bytes:
    """Put 0 in the place of the first call of *name* in *function*."""
    one = next(found for found in ctext.functions(data) if found.name == function)
    call = next(c for c in ctext.calls(data, name) if one.body[0] <= c.list[0] < one.body[1])
    return data[: call.name[0]] + b"0" + data[call.list[1] + 1 :]


@kind("calls", "another-of-the-name")
def another_of_the_name(scene: Scene) -> None:
    """Another file, which cannot see it, has a static function of its name, and calls that."""
    name = scene.target.name
    scene.files["drift_alone.c"] = (
        f"static int {name}(int a)\n{{\n    return a;\n}}\n\nint drift_alone(void)\n{{\n    return {name}(1);\n}}\n".encode()
    )


@kind("calls", "a-local-of-the-name")
def a_local_of_the_name(scene: Scene) -> None:
    """A new function has a variable, a label and a member of its name."""
    name = scene.target.name
    scene.append(
        scene.target.free_file,
        f"\nint drift_local(int (*{name})(int))\n{{\n    return {name} ? {name}(1) : 0;\n}}\n"
        f"\nstruct drift {{ int (*{name}_of)(int); int n; }};\n\nint drift_member(struct drift *{name})\n{{\n    return {name}->{name}_of(2) + {name}->n;\n}}\n",
    )
