# SPDX-License-Identifier: GPL-3.0-or-later
"""What upstream has already drops out: an edit out of its patch, a patch out of the series, and back on an older tree."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from _engine import FIELD, PASS, TITLE, TREE, Work, semantic

if TYPE_CHECKING:
    from pathlib import Path

HAS_FIELD = {"greet.h": TREE["greet.h"].replace(b"int age;\n", b"int age;\n    char title[16];\n")}
HAS_TITLE = {
    "greet.h": TREE["greet.h"].replace(b"char *name, int", b"char *name, char *title, int"),
    "greet.c": TREE["greet.c"].replace(b"char *name, int", b"char *name, char *title, int"),
    "main.c": TREE["main.c"].replace(b"(argv[1], 1)", b"(argv[1], NULL, 1)"),
}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Work(tmp_path)


def test_an_edit_that_is_present_drops_out_of_its_patch(work: Work) -> None:
    for path in work.semantic.iterdir():
        path.unlink()
    work.write({"all": semantic(TITLE, FIELD, PASS)})
    work.refreshed()
    whole = work.pushed()
    work.upstream(HAS_FIELD)
    ran = work.refreshed()
    assert "[merged]" not in ran.out
    diff = work.contents()["all.patch"]
    assert b"+    char title[16];" not in diff
    assert work.pushed() == whole


def test_a_patch_whose_edits_are_all_present_is_left_out_with_a_note(work: Work) -> None:
    work.refreshed()
    whole = work.pushed()
    work.upstream(HAS_FIELD)
    ran = work.refreshed()
    assert "note: 2-field.patch is merged upstream: left out of the series [merged]" in ran.out
    assert work.series() == ["1-title.patch", "3-pass.patch"]
    assert not (work.patches / "2-field.patch").exists()
    lines = (work.patches / "series").read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("# 2-field.patch: merged,")
    assert work.pushed() == whole
    # The next refresh has nothing to do, and lint has nothing to say.
    before = work.snapshot()
    assert "[merged]" in work.refreshed().out
    assert work.snapshot() == before
    assert work.run("lint").status == 0


TWICE = 'kind = "insert-definition"\nfile = "greet.c"\nbefore = { definition = "greet" }\ntext = "static int twice(int x)\\n{\\n\\treturn x;\\n}"\n'
DOUBLED = 'kind = "replace-expression"\nin = "twice"\nexpression = "x"\nwith = "2 * x"\nsites = 1\n'


@pytest.mark.parametrize("taken", ["the first", "all", "all, in other words"])
def test_a_definition_of_ours_is_there_in_each_form_that_the_series_gives_it(work: Work, taken: str) -> None:
    """The first patch adds it, the second changes it: upstream has the one or the other, or the first only."""
    for path in work.semantic.iterdir():
        path.unlink()
    work.write({"1-twice": semantic(TWICE), "2-doubled": semantic(DOUBLED)})
    work.refreshed()
    whole = work.pushed()["greet.c"]
    one = whole.replace(b"2 * x", b"x")
    work.upstream(
        {"greet.c": {"the first": one, "all": whole, "all, in other words": whole.replace(b"2 *", b"3 *")}[taken]}
    )
    if taken == "all, in other words":
        work.refused("name-taken")
        return
    work.refreshed()
    assert work.series() == ([] if taken == "all" else ["2-doubled.patch"])
    assert taken == "all" or work.pushed()["greet.c"] == whole


def test_it_comes_back_at_its_place_on_the_older_tree(work: Work) -> None:
    work.refreshed()
    before = work.contents()
    work.upstream(HAS_FIELD)
    work.refreshed()
    work.upstream(TREE)
    work.refreshed()
    assert work.contents() == before


def test_the_header_that_a_person_wrote_outlives_the_merge(work: Work) -> None:
    work.refreshed()
    path = work.patches / "2-field.patch"
    path.write_bytes(b"Bug-Debian: https://bugs.debian.org/1\n" + path.read_bytes())
    before = work.contents()
    work.upstream(HAS_FIELD)
    work.refreshed()
    assert work.series() == ["1-title.patch", "3-pass.patch"]
    assert path.read_bytes().startswith(b"Bug-Debian: ")
    assert "patch-not-in-series" not in work.run("lint").slugs
    work.upstream(TREE)
    work.refreshed()
    assert work.contents() == before


def test_its_line_in_the_series_comes_back_with_its_options_and_comment(work: Work) -> None:
    work.refreshed()
    series = "# mine\n\n1-title.patch\n2-field.patch -p1 # see: the bug\n\n3-pass.patch\n"
    (work.patches / "series").write_text(series, encoding="utf-8")
    work.upstream(HAS_FIELD)
    work.refreshed()
    kept = (work.patches / "series").read_text(encoding="utf-8")
    assert kept.startswith("# mine\n\n1-title.patch\n# 2-field.patch -p1 # see: the bug: merged,")
    assert work.series() == ["1-title.patch", "3-pass.patch"]
    work.upstream(TREE)
    work.refreshed()
    assert (work.patches / "series").read_text(encoding="utf-8") == series


def test_a_merged_patch_on_a_fresh_folder_is_left_out_too(work: Work) -> None:
    work.upstream(HAS_FIELD)
    work.refreshed()
    assert work.series() == ["1-title.patch", "3-pass.patch"]
    work.upstream(TREE)
    work.refreshed()
    assert work.series() == ["1-title.patch", "2-field.patch", "3-pass.patch"]


def test_the_middle_of_a_chain_can_be_merged(work: Work) -> None:
    """What comes behind stands on the merged change as it would have stood on ours."""
    work.refreshed()
    whole = work.pushed()
    work.upstream(HAS_TITLE)
    work.refreshed()
    assert work.series() == ["2-field.patch", "3-pass.patch"]
    assert work.pushed() == whole


def test_half_merged_by_site_is_finished(work: Work) -> None:
    """Upstream has the parameter, and a static function of the same member has not: each form for itself."""
    half = (
        b"struct ops { int (*greet)(char *name, char *title, int loud); };\nstatic int greet(char *name, int loud);\n"
    )
    for path in work.semantic.iterdir():
        path.unlink()
    work.write({"title": semantic(TITLE)})
    for name in ("greet.c", "greet.h", "main.c"):
        (work.tree / name).unlink()
    work.upstream({"ops.c": half + b"int go(struct ops *o) { return o->greet(0, NULL, 1) + greet(0, 1); }\n"})
    work.refreshed()
    ran = work.run("status")
    assert "partial" in ran.out
    assert work.pushed()["ops.c"] == half.replace(b"(char *name, int", b"(char *name, char *title, int") + (
        b"int go(struct ops *o) { return o->greet(0, NULL, 1) + greet(0, NULL, 1); }\n"
    )


def test_a_new_caller_that_upstream_brought_is_edited_like_the_others(work: Work) -> None:
    work.refreshed()
    work.upstream({"late.c": b'#include "greet.h"\nint late(void) { return greet("x", 1); }\n'})
    work.refreshed()
    assert work.pushed()["late.c"].endswith(b'return greet("x", NULL, 1); }\n')


def test_a_new_caller_of_a_merged_function_that_lacks_the_argument_is_refused(work: Work) -> None:
    work.upstream(HAS_TITLE | {"late.c": b'#include "greet.h"\nint late(void) { return greet("x", 1); }\n'})
    ran = work.refresh()
    assert ran.status == 1
    assert "late.c:2:25: error: this call of greet has 2 arguments" in ran.out


def test_everything_merged_leaves_an_empty_series(work: Work) -> None:
    work.refreshed()
    work.upstream({path: data for path, data in work.pushed().items() if path in TREE})
    ran = work.refreshed()
    assert ran.out.count("[merged]") == 3
    assert work.series() == []
    assert set(work.contents()) == {"series", ".rendered-on"}


def test_what_a_person_changed_in_a_merged_patch_is_not_thrown_away(work: Work) -> None:
    work.refreshed()
    path = work.patches / "2-field.patch"
    path.write_bytes(path.read_bytes().replace(b"title[16]", b"title[64]"))
    work.upstream(HAS_FIELD)
    work.refused("patch-changed-by-hand")


def test_merged_is_never_inferred_from_a_name_that_is_missing(work: Work) -> None:
    work.refreshed()
    work.upstream({"greet.h": TREE["greet.h"].replace(b"person", b"human")})
    work.refused("not-found")


def test_obsolete_is_what_the_semantic_patch_says(work: Work) -> None:
    work.write({"2-field": semantic(FIELD + 'when = { function = "greet_politely" }\n')})
    ran = work.refreshed()
    assert "note: 2-field.patch is not for this tree: left out of the series [obsolete]" in ran.out
    assert work.series() == ["1-title.patch", "3-pass.patch"]
    work.upstream({"polite.c": b"int greet_politely(void) { return 0; }\n"})
    work.refreshed()
    assert work.series() == ["1-title.patch", "2-field.patch", "3-pass.patch"]


def test_status_shows_two_trees_side_by_side(work: Work) -> None:
    shutil.copytree(work.tree, work.folder / "newer")
    (work.folder / "newer/greet.h").write_bytes(HAS_FIELD["greet.h"])
    ran = work.run("status", "--upstream", str(work.folder / "newer"))
    rows = {line.split()[0]: line.split()[1:] for line in ran.out.splitlines() if line[:1].isdigit()}
    assert rows == {
        "1-title.patch": ["rendered", "rendered"],
        "2-field.patch": ["rendered", "merged"],
        "3-pass.patch": ["rendered", "rendered"],
    }


def test_of_several_trees_each_finding_says_which_it_is_about(work: Work) -> None:
    newer = work.folder / "newer"
    shutil.copytree(work.tree, newer)
    (newer / "greet.h").write_bytes(TREE["greet.h"].replace(b"person", b"human"))
    ran = work.run("status", "--upstream", str(newer))
    errors = [line for line in ran.out.splitlines() if "error: " in line]
    assert (ran.status, bool(errors)) == (1, True)
    assert all(f"error: on {newer}: " in line for line in errors)
