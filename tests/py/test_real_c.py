# SPDX-License-Identifier: GPL-3.0-or-later
"""Semantic patches on the kernel that Debian ships: rendered, pushed, built, and refused where they must be.

The patches are in ``tests/real/semantic``; what is refused, and why, in ``tests/real/refusals.toml``.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tomllib
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import pytest

from _real import Objects, copied, found, kernel, patched, plain, run
from patchgen.edits import State
from patchgen.edits.add_parameter import AddParameter
from patchgen.edits.mirror import Mirror
from patchgen.findings import Level
from patchgen.refresh import played
from patchgen.shelf import SemanticFolder, Shelf
from patchgen.stages import Stage, StageState
from patchgen.syntax.c import parse
from patchgen.syntax.c.functions import functions
from patchgen.tree import Tree
from patchgen.upstream import open_upstream

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from patchgen.edits import Plan

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

OBJECTS = ("fs/affs/", "fs/coda/", "fs/fat/", "fs/minix/", "fs/nilfs2/", "lib/parser.o", "scripts/mod/")
"""What is built, before and after: every source file that a patch changes is among it."""
EVERY_FUNCTION = OBJECTS[:2] + OBJECTS[3:5]
"""The folders of which every function gets a parameter."""
UNBUILT = {"fs/nilfs2/Makefile", "scripts/mod/modpost.c"}
"""What is changed and is compiled into no object of its own name: a makefile, and a program of one file."""
MEMORY = 1_500_000
"""Kilobytes that patchgen may take for 78,000 files."""


@pytest.fixture(scope="session")
def linux() -> Path:
    """Return the kernel's source."""
    return kernel()


def stages_of(semantic: Path, tree: Path) -> list[Stage]:
    """Return what becomes of the semantic patches of a folder."""
    folder = SemanticFolder.open(semantic)
    return list(played(open_upstream(str(tree)), folder, Shelf.empty(folder)))


def test_the_series_pushes_and_everything_builds_before_and_after(root: Path, linux: Path, tmp_path: Path) -> None:
    run(root, "tools/need", "bc", "bison", "flex", "gcc", "make", "quilt")
    patches = tmp_path / "patches"
    assert _refreshed(root, linux, patches).startswith("patch ")
    named = patched(patches)
    assert len(named) >= 10
    assert {path.stem for path in (root / "tests/real/semantic").glob("*.toml")} == {name[:-6] for name in named}
    assert _refreshed(root, linux, patches).endswith("nothing refused, nothing to write\n")
    with copied(linux) as copy:
        objects = Objects(copy)
        _, before = objects.build(*OBJECTS)
        environment = {"QUILT_PATCHES": str(patches)}
        run(copy, "quilt", "push", "-a", "--fuzz=0", **environment)
        compiled, after = objects.build(*OBJECTS)
        changed = {path for paths in named.values() for path in paths}
        wanted = {re.sub(r"\.c$", ".o", path) for path in changed - UNBUILT if path.endswith(".c")}
        assert wanted <= compiled, "what a patch changes is not built, so that nothing is proved of it"
        assert "scripts/mod/modpost.o" in compiled
        assert not Counter(after) - Counter(before), "the patches make the compiler warn"
        run(copy, "quilt", "pop", "-a", **environment)
        for path in changed:
            assert (copy / path).read_bytes() == (linux / path).read_bytes(), path


def _refreshed(root: Path, tree: Path, patches: Path) -> str:
    """Return what a refresh says; it is clean, and its memory is bounded."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ("--upstream", str(tree), "--semantic", str(root / "tests/real/semantic"), "--patches", str(patches))
    done = subprocess.run(
        [sys.executable, "-m", "patchgen", "refresh", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"XDG_CACHE_HOME": str(patches.parent)},
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout
    assert after.ru_maxrss < MEMORY
    print(f"{after.ru_utime - before.ru_utime:.0f} s, {after.ru_maxrss >> 10} MB")  # noqa: T201 - with pytest -s
    return done.stdout


def test_the_ledger_is_what_a_plain_search_finds(root: Path, linux: Path) -> None:
    stages = stages_of(root / "tests/real/semantic", linux)
    assert {stage.state for stage in stages} == {StageState.RENDERED}
    names = {name for stage in stages for report in stage.edits for name in report.plan.names}
    places = found(linux, names)
    compared = Counter[str]()
    for stage in stages:
        for report in stage.edits:
            plan, tree = report.plan, report.tree
            edited = {*tree.touched(Tree(tree.source))}
            wanted = set[tuple[str, int, str]]()
            for name in plan.names:
                pattern = _part(name) if isinstance(report.edit, Mirror) else plain(name)
                for path in {*places[name], *edited, *(scope[0] for scope in plan.scopes)}:
                    if report.edit.covers(path):
                        starts = (match.start() for match in pattern.finditer(tree.read(path)))
                        wanted |= {(path, at, name) for at in starts if _within(plan, path, at)}
            entered = {(o.path, o.start, o.name) for o in plan.occurrences if o.name in plan.names}
            assert entered == wanted, (stage.patch, report.edit)
            compared[type(report.edit).__name__] += len(entered)
    # By kind, so that none is compared with nothing; a parameter's function has at least twenty callers.
    assert compared["AddParameter"] > 30
    assert compared["AddField"] > 250
    assert {"AddRow", "InsertDefinition", "Mirror", "SetArgument"} <= {
        kind for kind, count in compared.items() if count
    }


def _part(name: str) -> re.Pattern[bytes]:
    """Return what finds a name as a whole word, and as the part of one between underscores."""
    return re.compile(rb"(?<![A-Za-z0-9$])%b(?![A-Za-z0-9$])" % re.escape(name.encode()))


def _within(plan: Plan, path: str, at: int) -> bool:
    return not plan.scopes or any(scope == path and start <= at < end for scope, start, end in plan.scopes)


def test_every_refusal_is_in_the_list_with_a_reason(root: Path, linux: Path) -> None:
    listed = tomllib.loads((root / "tests/real/refusals.toml").read_text())["refusal"]
    wanted = set[tuple[str, str, str]]()
    for entry in listed:
        assert len(entry["why"].split()) > 5, entry
        files = _searched(linux, entry["search"]) if "search" in entry else entry["files"]
        assert files, entry
        wanted |= {(entry["patch"], entry["slug"], file) for file in files}
    refused = set[tuple[str, str, str]]()
    for stage in stages_of(root / "tests/real/refused", linux):
        assert stage.state is StageState.REFUSED, stage.patch
        errors = [finding for finding in stage.findings if finding.level is Level.ERROR]
        name = stage.patch.removesuffix(".patch")
        refused |= {(name, finding.slug.name, finding.place.path if finding.place else "") for finding in errors}
    assert refused == wanted


def test_every_function_gets_a_parameter_or_is_refused_and_what_was_edited_builds(root: Path, linux: Path) -> None:
    """The compiler sees a call, a prototype or a definition that was edited wrongly, or left out."""
    run(root, "tools/need", "bc", "bison", "flex", "gcc", "make")
    explained = tomllib.loads((root / "tests/real/refusals.toml").read_text())["every-function"]
    with copied(linux) as copy:
        tree = _some_of(copy, EVERY_FUNCTION)
        refused, edited, calls = Counter[str](), 0, 0
        for number, name in enumerate(_functions(tree)):
            table = {"kind": "add-parameter", "function": name, "at": "end", "argument": "'z'"}
            edit = msgspec.convert(table | {"parameter": f"unsigned char zz_{number}"}, AddParameter)
            plan = edit.plan(tree)
            if plan.state is State.REFUSED:
                refused.update({finding.slug.name for finding in plan.findings if finding.level is Level.ERROR})
            else:
                tree, edited, calls = tree.edited(plan.replacements), edited + 1, calls + plan.sites
        assert {*refused} == {*explained}
        assert edited > 650
        assert calls > 3 * edited
        changed = list(tree.touched(Tree(tree.source)))
        for path in changed:
            (copy / path).unlink()
            (copy / path).write_bytes(tree.read(path))
        compiled, warnings = Objects(copy).build(*EVERY_FUNCTION)
    assert not warnings
    included = {"fs/minix/itree_common.o"}
    assert {re.sub(r"\.c$", ".o", path) for path in changed if path.endswith(".c")} - compiled <= included


def _some_of(copy: Path, folders: Iterable[str]) -> Tree:
    """Return a tree of some folders of a copy."""
    part = copy.parent / "part"
    part.mkdir()
    run(copy, "cp", "--archive", "--link", "--parents", *folders, str(part))
    return Tree(open_upstream(str(part)))


def _functions(tree: Tree) -> list[str]:
    """Return the names of the functions that are defined in a tree, each once."""
    files = (tree.read(path) for path in tree.paths() if path.endswith((".c", ".h")))
    return list(dict.fromkeys(declaration.name for data in files for declaration in functions(parse(data))))


def _searched(tree: Path, pattern: str) -> set[str]:
    """Return the C files that have a line that begins like *pattern*: grep's search, not ours."""
    words = ("--recursive", "--extended-regexp", "--files-with-matches", "--include=*.[ch]", "--", pattern, ".")
    return {line.removeprefix("./") for line in run(tree, "grep", *words).splitlines()}
