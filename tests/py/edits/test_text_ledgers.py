# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledgers of the kinds for XML, make and Perl: they hold what a plain search finds, name by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from edits.harness import edit_of, tree_of
from patchgen import edits

if TYPE_CHECKING:
    from patchgen.edits import Example

NOISE = {
    "notes.txt": "{names}\n",
    "noise.c": "int {names};\n",
    "noise.xml": "<a>{names}</a>\n",
    "noise.pl": "#!/usr/bin/perl\n# {names}\n",
    "noise.mk": "# {names}\n",
    "bin/noise": "\0{names}\n",
}
KINDS = [name for name in edits.kinds() if name.startswith(("add-element", "make-", "perl-"))]
EXAMPLES = [
    pytest.param(example, id=f"{name}-{at}")
    for name in KINDS
    for at, example in enumerate(edits.kinds()[name].EXAMPLES)
]


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_ledger_holds_what_a_plain_search_finds(example: Example, everywhere: bool) -> None:
    toml = re.sub(r"^files = .*\n", "", example.edit, flags=re.MULTILINE) if everywhere else example.edit
    names = sorted(edit_of(toml).names())
    noise = {path: text.format(names=" ".join(names)) for path, text in NOISE.items()}
    tree = tree_of({**noise, **example.before})
    plan = edit_of(toml).plan(tree)
    assert plan.replacements
    held = {(o.path, o.start, o.end) for o in plan.occurrences}
    for path in filter(edit_of(toml).covers, tree.paths()):
        for name in names:
            pattern = rb"(?<![\w$\x80-\xff])" + re.escape(name.encode()) + rb"(?![\w$\x80-\xff])"
            for match in re.finditer(pattern, tree.read(path)):
                assert (path, *match.span()) in held
