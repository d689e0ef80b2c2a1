# SPDX-License-Identifier: GPL-3.0-or-later
"""Random programs, each run before an edit and after it: what it prints tells whether the edit was right.

A program is made of contexts that are known to be hard, with noise between its tokens. The compiler knows
nothing of patchgen: it judges. An edit may be refused, but not too often.
"""

from __future__ import annotations

import difflib
import itertools
import random
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edits.harness import edit_of, slugs, tree_of
from patchgen.edits import State
from patchgen.stages import certain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from edits.harness import Files

__all__ = ["LIBC", "NOISE", "Trial", "compiled", "noisy", "picked", "same", "tried", "written"]

LIBC = """\
int printf(const char *, ...);
int puts(const char *);
unsigned long strlen(const char *);
void *memset(void *, int, unsigned long);
void *memcpy(void *, const void *, unsigned long);
"""

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

NOISE = (0, 0, 0.03, 0.12)
"""How much noise there may be behind a token: often none, seldom much."""

_GLUED = frozenset({"/"})
"""Tokens that a comment behind them would make another of."""

_MOST_SITES = 9
_MOST_LINES = 60

_HEAD = 6
"""The tokens of a directive that stay together: ``#define f(x)`` is no macro of another sort."""


@dataclass(frozen=True, slots=True)
class Trial:
    """An edit, and a program to make it in.

    :param toml: the edit; ``SITES`` stands for how many sites it has.
    :param right: whether the program may print this (before the edit, after it).
    :param run: what the files print, or None if they are no program; compiled if not said.
    """

    toml: str
    files: Files
    right: Callable[[str, str], bool]
    run: Callable[[Files, Path], str | None] | None = None


def same(before: str, after: str) -> bool:
    """Say whether nothing has changed."""
    return before == after


def picked(table: dict[str, str], most: int, chance: random.Random, indent: str = "\t") -> str:
    """Return one to *most* contexts of a table; I, A and B stand in them for numbers, I for one of its own."""
    lines = []
    for number in range(chance.randint(1, most)):
        text = chance.choice(list(table.values()))
        for word, value in (("I", number), ("A", chance.randint(1, 9)), ("B", chance.randint(1, 9))):
            text = re.sub(rf"(?<![A-Za-z]){word}\b", str(value), text)
        lines.append(f"{indent}{text}\n")
    return "".join(lines)


def noisy(text: str, chance: random.Random, rate: float) -> str:
    """Return the C text with blanks, comments and spliced lines behind some tokens. It means the same."""
    return "".join("".join(_noisy_line(line, chance, rate)) for line in _LINE.findall(text))


def _noisy_line(line: str, chance: random.Random, rate: float) -> Iterable[str]:
    directive = line.lstrip().startswith("#")
    tokens = _TOKEN.findall(line)
    for number, (token, following) in enumerate(zip(tokens, [*tokens[1:], ""], strict=True)):
        yield token
        if token in _GLUED or token.isspace() or token.startswith(("//", "\\\n")) or chance.random() >= rate:
            continue
        if not directive:
            yield chance.choice(_BETWEEN_TOKENS)
        elif number > _HEAD and token not in {"#", "##"} and following != "(":
            yield chance.choice(_IN_DIRECTIVES)


def compiled(files: Files, folder: Path) -> str | None:
    """Return what the program of the C files prints, or None if they are no program."""
    written(files, folder)
    units = [path for path in files if path.endswith(".c")]
    strict = ("-Werror=incompatible-pointer-types", "-Werror=implicit-function-declaration", "-Werror=int-conversion")
    words = ("gcc", "-std=gnu11", "-O0", "-w", *strict, "-I.", "-Iinclude", *units, "-o", "program")
    if subprocess.run(words, cwd=folder, capture_output=True, check=False).returncode:
        return None
    done = subprocess.run(folder / "program", cwd=folder, capture_output=True, timeout=30, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def written(files: Files, folder: Path) -> None:
    """Write the files into the folder."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogateescape"))


def tried(trial: Callable[[random.Random], Trial], seeds: range, folder: Path) -> None:
    """Assert of the program of every seed that it is right after the edit, and that half of them were edited."""
    done = 0
    for seed in seeds:
        one = trial(random.Random(seed))  # noqa: S311 - a test
        run = one.run or compiled
        before = run(one.files, folder)
        assert before is not None, f"seed {seed} is no program:\n" + _texts(one.files)
        files = _edited(one)
        if files is None:
            continue
        done += 1
        after = run(files, folder)
        told = f"seed {seed}:\n{one.toml}\n{_difference(one.files, files)}\n"
        assert after is not None, f"no program any more, {told}"
        assert one.right(before, after), f"another program, {told}{_difference({'': before}, {'': after})}"
    assert 2 * done >= len(seeds), f"{done} of {len(seeds)} edited: refusing most of them is no answer"


def _edited(trial: Trial) -> Files | None:
    """Return the files after the edit; None if it is refused, as a refresh would, or was there before."""
    tree = tree_of(trial.files)
    for sites in range(1, _MOST_SITES + 1 if "SITES" in trial.toml else 2):
        edit = edit_of(trial.toml.replace("SITES", str(sites)))
        plan = certain(edit, edit.plan(tree), tree)
        if plan.state is State.REFUSED:
            assert plan.findings, "a refusal says why"
            if "wrong-number-of-sites" not in slugs(plan):
                return None
            continue
        if plan.state is State.PRESENT:
            return None
        edited = tree.edited(plan.replacements)
        return {path: edited.read(path).decode("utf-8", "surrogateescape") for path in edited.paths()}
    return None


def _texts(files: Files) -> str:
    return "".join(f"--- {path}\n{text}" for path, text in files.items())


def _difference(before: Files, after: Files) -> str:
    lines = difflib.unified_diff(_texts(before).splitlines(), _texts(after).splitlines(), lineterm="", n=4)
    return "\n".join(itertools.islice(lines, _MOST_LINES))
