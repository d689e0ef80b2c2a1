# SPDX-License-Identifier: GPL-3.0-or-later
"""Random makefiles for make-variable: make itself says what the variables are."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from edits.same import Trial, picked, written

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from edits.harness import Files

__all__ = ["make_variable"]

RUNS = ("", "NOPE=1", "V=given", "W=given")
"""What is set on the command line of each run."""

BASES = ("V = -la\n", "V := -la\n", "V ?= -la\n", "V=-la -gg\n", "export V = -la\n", "V = -la # all\n", "V\t=\t-la\t\n", "V =\n", "V = -la \\\n\t-lb\n",
         "V ::= -la\n", "V = $(X) -la\n", "override V = -la\n", "V = -la \\\n\t-lb \\\n\t-lc # c\n", "V = $(subst a,b,-la -x)\n", "V = -la\\#b\n")  # fmt: skip
WORDS = {
    "a word": "V += -g\n",
    "set anew": "V := $(V) -g\n",
    "in an arm": "ifdef NOPE\nV += -g\nelse\nV += -x\nendif\n",
    "in both arms": "ifdef NOPE\nV += -g -y\nelse\nV += -x -g\nendif\n",
    "another": "VV = -g\nV_V += -g\n",
    "uses it": "W += $(V)\n",
    "uses it at once": "W := $(V) w\n",
    "a part of it": "W += $(filter -la,$(V))\n",
    "a comment": "# V = -g\n",
    "a comment that goes on": "# V = -g \\\nV = -g\n",
    "for another target": "other: V = -g\n",
    "for a pattern": "%.o: V += -g\n",
    "in a recipe": "other:\n\techo V = -g; V=-g true\n",
    "exported": "export V\n",
    "if not set": "V ?= -g\n",
    "over lines": "V += -x \\\n  -g \\\n  -z\n",
    "a longer word": "V += -gg --g -g=1\n",
    "in a reference": "V += $(addprefix -g,x) -g\n",
    "before a comment": "V += -g# -g\n",
    "indented": "  V += -g\n",
    "never": "ifeq (1,2)\nV += -g\nendif\n",
    "not if given": "ifndef NOPE\nV += -g\nendif\n",
    "another system's line": "U = -g\r\n",
}
HARD_WORDS = {
    "a definition": "define V\n-g\nendef\n",
    "in a definition": "define D\nV = -g\nendef\n",
    "evaluated": "define D\nV += -g\nendef\n$(eval $(D))\n",
    "what a command prints": "V != echo -g\n",
    "taken back": "undefine V\nV = -g\n",
    "an override": "override V += -g\n",
    "twice": "V += -g -g\n",
}
EDITS = {
    "append": 'append = "-lm"\n',
    "append to the first": 'append = "-lm"\noperator = "="\n',
    "replace": 'replace = "-g"\nby = "-O2"\n',
    "a word more": 'replace = "-g"\nby = "-g -O2"\n',
    "a new one": 'value = "yes"\nafter = "W"\n',
    "a new one before": 'value = "yes"\nbefore = "W"\noperator = ":="\n',
}
SHOW = "show:\n\t@echo 'V $(V)'\n\t@echo 'W $(W)'\n\t@echo 'VV $(VV) $(V_V) $(U)'\n\t@echo 'NEW $(NEW)'\n"


def made(files: Files, folder: Path) -> str | None:
    """Return what make prints in each of the runs, or None if one fails."""
    written(files, folder)
    out = []
    for variable in RUNS:
        words = ("make", "-s", "-f", "Makefile", "show", *variable.split())
        done = subprocess.run(words, cwd=folder, env={"PATH": os.environ["PATH"]}, capture_output=True, check=False)
        if done.returncode:
            return None
        out.append(f"run {variable}\n" + done.stdout.decode())
    return "".join(out)


def _plain(text: str, *without: str) -> list[list[str]]:
    return [[word for word in line.split() if word not in without] for line in text.splitlines()]


def _set_in_first_run(text: str, name: str) -> list[str]:
    return next(words[1:] for words in _plain(text) if words[:1] == [name])


def appended(before: str, after: str) -> bool:
    """Say whether the word is there, and all else as it was."""
    there = "-lm" in _set_in_first_run(after, "V")
    return there and appended_to_one(before, after)


def appended_to_one(before: str, after: str) -> bool:
    """Say whether all but the word is as it was: the value that it was put into may be set anew."""
    return _plain(before) == _plain(after, "-lm")


def replaced(before: str, after: str) -> bool:
    """Say whether no variable but V, and what V is in, has changed, and in these nothing but that word."""
    old, new = _plain(before), _plain(after)
    return all(
        one == other or ([("-O2" if word == "-g" else word) for word in one] == other and one[0] in {"V", "W"})
        for one, other in zip(old, new, strict=True)
    ) and "-g" not in _set_in_first_run(after, "V")


def added(before: str, after: str) -> bool:
    """Say whether there is one word more for each of the others."""
    there = "-O2" in after or "-g" not in _set_in_first_run(after, "V")
    return there and _plain(before) == _plain(after, "-O2")


def new(before: str, after: str) -> bool:
    """Say whether the new variable is there, and all else as it was."""
    return re.sub(r"(?m)^NEW $", "NEW yes", before) == after


RIGHT = {"append": appended, "append to the first": appended_to_one, "replace": replaced, "a word more": added, "a new one": new, "a new one before": new}  # fmt: skip


def make_variable(chance: random.Random) -> Trial:
    """Return a change of a variable in a makefile."""
    kind = chance.choice(list(EDITS))
    text = chance.choice(BASES) + "W = w\n" + picked(WORDS, 3, chance, indent="")
    if chance.random() < 0.4:
        text += picked(HARD_WORDS, 1, chance, indent="")
    toml = (
        f'kind = "make-variable"\nfiles = ["Makefile"]\nvariable = "{"NEW" if "new" in kind else "V"}"\nsites = SITES\n'
    )
    return Trial(toml + EDITS[kind], {"Makefile": text + SHOW}, RIGHT[kind], made)
