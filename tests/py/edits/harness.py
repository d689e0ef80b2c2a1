# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans edits on trees that are written in the test."""

from __future__ import annotations

import functools
import operator
import tomllib
from typing import TYPE_CHECKING

import msgspec

from patchgen import edits
from patchgen.edits import State
from patchgen.tree import Tree
from patchgen.upstream import InMemory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchgen.edits import Edit, Plan

__all__ = ["Files", "after", "edit_of", "plan_of", "slugs", "tree_of", "unchanged"]

Files = dict[str, str]


def edit_of(toml: str) -> Edit:
    """Return the edit of a table in TOML; ValueError if it is unusable."""
    union = functools.reduce(operator.or_, edits.kinds().values())
    edit: Edit = msgspec.convert(tomllib.loads(toml), union)
    return edit


def tree_of(files: Files, links: Mapping[str, str] | None = None) -> Tree:
    """Return a tree of the files; characters from U+DC80 are bytes that are not UTF-8."""
    return Tree(InMemory({path: text.encode("utf-8", "surrogateescape") for path, text in files.items()}, links))


def plan_of(toml: str, files: Files) -> tuple[Plan, Tree]:
    """Return the plan of an edit on the files, and the tree before it."""
    tree = tree_of(files)
    return edit_of(toml).plan(tree), tree


def after(toml: str, files: Files) -> Files:
    """Return the files after the edit. It was to be done, and then is present at as many sites."""
    plan, tree = plan_of(toml, files)
    assert plan.state in {State.ABSENT, State.PARTIAL}, plan.findings
    edited = tree.edited(plan.replacements)
    again = edit_of(toml).plan(edited)
    assert (again.state, again.present) == (State.PRESENT, plan.sites + plan.present), again.findings
    return {path: edited.read(path).decode("utf-8", "surrogateescape") for path in edited.paths()}


def unchanged(toml: str, files: Files) -> Plan:
    """Return the plan of an edit that changes nothing."""
    plan, _ = plan_of(toml, files)
    assert not plan.replacements
    return plan


def slugs(plan: Plan) -> set[str]:
    """Return the names of the findings' slugs."""
    return {finding.slug.name for finding in plan.findings}
