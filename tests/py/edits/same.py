# SPDX-License-Identifier: GPL-3.0-or-later
"""Random programs, each run before an edit and after it: what it prints must be the same.

A program is made of contexts that are known to be hard, with noise between its tokens. The compiler knows
nothing of patchgen: it judges. An edit may be refused, but not too often.
"""

from __future__ import annotations

import difflib
import random
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edits.harness import edit_of, tree_of
from patchgen.edits import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from edits.harness import Files

__all__ = ["Trial", "compiled", "noisy", "tried"]

_TOKEN = re.compile(
    r"""  "(?:\\.|[^"\\\n])*"          # a string, a character, comments
        | '(?:\\.|[^'\\\n])*'
        | //[^\n]* | /\*.*?\*/
        | [A-Za-z_]\w* | \.?\d[\w.]*   # a word, a number
        | \\\n | \.\.\. | -> | <<=? | >>=? | \+\+ | -- | && | \|\| | \#\# | [-+*/%&|^<>=!]=
        | \s+ | .
    """,
    re.VERBOSE | re.DOTALL,
)
_LINE = re.compile(r"(?:[^\n]*\\\n)*[^\n]*\n|[^\n]+")
_BETWEEN_TOKENS = (" ", "\n", "\n\n", "\t", "\f", " \\\n ", "/* , */", "/* ) */", "/*(*/", "/* ' */", '/* " */',
                   "// f(1, 2)\n", "/* more\n * f(1, 2); g(a);\n */")  # fmt: skip
_IN_DIRECTIVES = (" \\\n ", " /* f(8, 9) g(a) */ ")

_HEAD = 6
"""The tokens of a directive that stay together: ``#define f(x)`` is no macro of another sort."""


@dataclass(frozen=True, slots=True)
class Trial:
    """An edit, and a program to make it in.

    :param toml: the edit; ``SITES`` stands for how many sites it has.
    :param right: whether the program may print this (before the edit, after it).
    """

    toml: str
    files: Files
    right: Callable[[str, str], bool]


def noisy(text: str, chance: random.Random, rate: float) -> str:
    """Return the C text with blanks, comments and spliced lines behind some tokens. It means the same."""
    return "".join("".join(_noisy_line(line, chance, rate)) for line in _LINE.findall(text))


def _noisy_line(line: str, chance: random.Random, rate: float) -> Iterable[str]:
    directive = line.lstrip().startswith("#")
    tokens = _TOKEN.findall(line)
    for number, (token, following) in enumerate(zip(tokens, [*tokens[1:], ""], strict=True)):
        yield token
        if token.isspace() or token.startswith(("//", "\\\n")) or chance.random() >= rate:
            continue
        if not directive:
            yield chance.choice(_BETWEEN_TOKENS)
        elif number > _HEAD and token not in {"#", "##"} and following != "(":
            yield chance.choice(_IN_DIRECTIVES)


def compiled(files: Files, folder: Path) -> str | None:
    """Return what the program of the C files prints, or None if they are no program."""
    _write(files, folder)
    units = [path for path in files if path.endswith(".c")]
    strict = ("-Werror=incompatible-pointer-types", "-Werror=implicit-function-declaration", "-Werror=int-conversion")
    words = ("gcc", "-std=gnu11", "-O0", "-w", *strict, "-I.", "-Iinclude", *units, "-o", "program")
    if subprocess.run(words, cwd=folder, capture_output=True, check=False).returncode:
        return None
    done = subprocess.run(folder / "program", cwd=folder, capture_output=True, timeout=30, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def _write(files: Files, folder: Path) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogateescape"))


def tried(
    trial: Callable[[random.Random], Trial], seeds: range, run: Callable[[Files, Path], str | None], folder: Path
) -> None:
    """Assert of the program of every seed that it does the same after the edit, and that half of them were edited."""
    done = 0
    for seed in seeds:
        one = trial(random.Random(seed))  # noqa: S311 - a test
        before = run(one.files, folder)
        assert before is not None, f"seed {seed} is no program:\n" + _texts(one.files)
        files = _edited(one)
        if files is None:
            continue
        done += 1
        after = run(files, folder)
        told = f"seed {seed}:\n{one.toml}\n{_difference(one.files, files)}\n{before}\n{after}"
        assert after is not None, f"no program any more, {told}"
        assert one.right(before, after), f"another program, {told}"
    assert 2 * done >= len(seeds), f"{done} of {len(seeds)} edited: refusing most of them is no answer"


def _edited(trial: Trial) -> Files | None:
    """Return the files after the edit, which is found again in them; None if it is refused or was there before."""
    tree = tree_of(trial.files)
    for sites in range(1, 4):
        edit = edit_of(trial.toml.replace("SITES", str(sites)))
        plan = edit.plan(tree)
        if plan.state is State.REFUSED:
            assert plan.findings, "a refusal says why"
            continue
        if plan.state is State.PRESENT:
            return None
        edited = tree.edited(plan.replacements)
        files = {path: edited.read(path).decode("utf-8", "surrogateescape") for path in edited.paths()}
        assert edit.plan(edited).state is State.PRESENT, _difference(trial.files, files)
        return files
    return None


def _texts(files: Files) -> str:
    return "".join(f"--- {path}\n{text}" for path, text in files.items())


def _difference(before: Files, after: Files) -> str:
    return "\n".join(difflib.unified_diff(_texts(before).splitlines(), _texts(after).splitlines(), lineterm="", n=4))
