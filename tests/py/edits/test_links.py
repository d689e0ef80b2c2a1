# SPDX-License-Identifier: GPL-3.0-or-later
"""A symbolic link is an occurrence of its target, and is never edited (rule 4 of the engine)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from patchgen.edits import Verdict
from patchgen.edits.add_field import AddField
from patchgen.tree import Tree
from patchgen.upstream import open_upstream

if TYPE_CHECKING:
    from pathlib import Path

EDIT = msgspec.convert({"kind": "add-field", "struct": "s", "field": "int b;", "at": "end"}, AddField)


@pytest.mark.parametrize(
    ("link", "target", "listed"),
    [
        pytest.param("beside.h", "d/s.h", True, id="to-the-file"),
        pytest.param("d/inner.h", "s.h", True, id="within-its-folder"),
        pytest.param("folder", "d", True, id="to-the-folder"),
        pytest.param("d/up", "..", True, id="to-a-folder-above"),
        pytest.param("other.h", "o.h", False, id="to-another-file"),
        pytest.param("nowhere", "x/y", False, id="to-nothing"),
    ],
)
def test_a_link_to_what_is_edited_is_in_the_ledger(tmp_path: Path, link: str, target: str, *, listed: bool) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/s.h").write_text("struct s {\n\tint a;\n};\n", encoding="utf-8")
    (tmp_path / "o.h").write_text("int o;\n", encoding="utf-8")
    (tmp_path / link).symlink_to(target)
    plan = EDIT.plan(Tree(open_upstream(str(tmp_path))))
    assert list(plan.replacements) == ["d/s.h"]
    found = [entry for entry in plan.occurrences if entry.path == link]
    assert [(entry.name, entry.verdict) for entry in found] == ([(target, Verdict.EXCUSED)] if listed else [])
