# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: ANN401 - what stands in for a function takes what it is given
"""The twelve rules of the engine (DESIGN.md, section 4), and that each test fails where its rule is broken."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from _engine import FIELD, HAND, PASS, TITLE, TREE, Work, edit, semantic
from patchgen import folder, gnupatch, proof, refresh, render, stages, tree, upstream
from patchgen.edits import Plan, Reason, Verdict, add_parameter
from patchgen.planning import occurrences
from patchgen.semantic import parse as parse_semantic
from patchgen.syntax.c import lists
from patchgen.tree import OverlapError, Replacement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Work(tmp_path)


def fails(check: Callable[[Work], None], work: Work) -> None:
    """Assert that a test fails."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(work)


def diff_of(work: Work, patch: str) -> str:
    text = (work.patches / patch).read_text(encoding="utf-8", errors="surrogateescape")
    return text[text.index("--- a/") :]


# --- 1: a semantic patch is the composition of its edits, diffed once ---------------------------------------


def _rule_01(work: Work) -> None:
    third = edit("add-parameter", function="greet", parameter="int deep", after="title", argument="3")
    work.write({"1-title": semantic(TITLE, PASS, third)})
    for name in ("2-field", "3-pass"):
        (work.semantic / f"{name}.toml").unlink()
    work.refreshed()
    diff = diff_of(work, "1-title.patch")
    assert [line for line in diff.splitlines() if line.startswith("--- ")] == [
        "--- a/greet.c",
        "--- a/greet.h",
        "--- a/main.c",
    ]
    # The later edits worked on what the earlier ones left, and none of the steps between shows.
    assert "+    return greet (argv[1], title, 3, 1);" in diff
    assert "NULL" not in diff


def test_rule_01_the_edits_of_a_patch_are_composed_and_diffed_once(work: Work) -> None:
    _rule_01(work)


def test_rule_01_is_tested_each_edit_must_see_what_the_earlier_ones_left(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tree.Tree.edited
    first: list[Any] = []

    def on_the_first(self: Any, edits: Any) -> Any:
        first.append(self)
        return real(first[0], edits)

    monkeypatch.setattr(tree.Tree, "edited", on_the_first)
    fails(_rule_01, work)


OVERLAPS = [
    [Replacement(0, 3, b"x"), Replacement(2, 5, b"y")],
    [Replacement(1, 1, b"x"), Replacement(1, 1, b"y")],
    [Replacement(0, 5, b"x"), Replacement(2, 2, b"y")],
    [Replacement(2, 2, b"y"), Replacement(2, 4, b"x")],
]


def _rule_01_overlap(work: Work) -> None:
    base = tree.Tree(upstream.open_upstream(str(work.tree)))
    for replacements in OVERLAPS:
        for order in (replacements, replacements[::-1]):
            with pytest.raises(OverlapError):
                base.edited({"greet.c": order})


def test_rule_01_replacements_do_not_overlap_and_their_order_does_not_matter(work: Work) -> None:
    _rule_01_overlap(work)
    base = tree.Tree(upstream.open_upstream(str(work.tree)))
    apart = [Replacement(0, 1, b"AAA"), Replacement(3, 3, b"B"), Replacement(5, 7, b"")]
    assert (
        base.edited({"greet.c": apart}).read("greet.c")
        == b"AAA" + TREE["greet.c"][1:3] + b"B" + TREE["greet.c"][3:5] + TREE["greet.c"][7:]
    )
    assert base.edited({"greet.c": apart}).read("greet.c") == base.edited({"greet.c": apart[::-1]}).read("greet.c")


def test_rule_01_is_tested_overlaps_that_are_let_through(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_replace", lambda data, _: (data, ()))
    fails(_rule_01_overlap, work)


# --- 2: what is not edited stays byte for byte ---------------------------------------------------------------

ODD = b'// caf\xe9 \xe2\x80\x99 \t \r\n#include "greet.h"\r\n\f\nint  odd ( char*p,\tint q ){ return greet( p  ,q ) ;}  \n\n\t\n/* end without one */'


def _rule_02(work: Work) -> None:
    work.upstream({"odd.c": ODD})
    work.refreshed()
    assert work.pushed()["odd.c"] == ODD.replace(b"p  ,q", b"p  ,NULL,q")


def test_rule_02_what_is_not_edited_stays_byte_for_byte(work: Work) -> None:
    _rule_02(work)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.replace(b" \t \r", b"\r"),
        lambda data: data.replace(b"\r\n", b"\n"),
        lambda data: data.replace(b"\xe9", b"?"),
    ],
)
def test_rule_02_is_tested_with_bytes_that_change(
    work: Work, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[bytes], bytes]
) -> None:
    real = tree._replace
    monkeypatch.setattr(tree, "_replace", lambda data, edits: (spoil(real(data, edits)[0]), real(data, edits)[1]))
    fails(_rule_02, work)


# --- 3: new text in the style of its neighbours --------------------------------------------------------------

STYLES = {
    "a line to itself": (b"greet(\r\n \t  p,\r\n\tq)", b"greet(\r\n \t  p,\r\n \t  NULL,\r\n\tq)"),
    "behind a line comment": (b"greet(p, // who\n\tq)", b"greet(p, // who\n\tNULL,\n\tq)"),
    "inline without blanks": (b"greet(p,q)", b"greet(p,NULL,q)"),
    "inline with a blank": (b"greet (p, q)", b"greet (p, NULL, q)"),
}


def _rule_03(work: Work) -> None:
    for before, after in STYLES.values():
        text = b'#include "greet.h"\nint odd(char *p, int q) { return %b; }\n'
        work.upstream({"odd.c": text % before})
        work.refreshed()
        assert work.pushed()["odd.c"] == text % after


def test_rule_03_new_text_is_written_as_its_neighbours_are(work: Work) -> None:
    _rule_03(work)


def test_rule_03_is_tested_with_one_style_for_all(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    def plain(data: bytes, outer: Any, anchor: Any, text: bytes) -> Replacement:  # noqa: ARG001
        return Replacement(anchor.end_byte, anchor.end_byte, b", " + text)

    monkeypatch.setattr(add_parameter, "insert_after", plain)
    fails(_rule_03, work)


# --- 4: the ledger (test_ledger.py compares it with a search of its own) ----------------------------------------


def _rule_04(work: Work) -> None:
    plan = planned(work)
    found = {(o.path, o.verdict, o.reason) for o in plan.occurrences}
    assert found == {
        ("data.bin", Verdict.EXCUSED, Reason.STRING),
        ("doc/README", Verdict.EXCUSED, Reason.OTHER_BINDING),
        ("greet.c", Verdict.EDITED, None),
        ("greet.c", Verdict.EXCUSED, Reason.STRING),
        ("greet.h", Verdict.EDITED, None),
        ("main.c", Verdict.EDITED, None),
        ("main.c", Verdict.EXCUSED, Reason.COMMENT),
        ("main.c", Verdict.EXCUSED, Reason.STRING),
    }
    work.upstream({"late.c": b'#include "greet.h"\nint late(void) { return greet("x", 1) + (*look(greet))(); }\n'})
    work.refused("indirect-use")


def planned(work: Work) -> Plan:
    patch = parse_semantic("semantic/x.toml", semantic(TITLE).encode())
    return patch.edits[0].plan(tree.Tree(upstream.open_upstream(str(work.tree))))


def test_rule_04_every_occurrence_has_a_verdict_and_no_code_is_excused(work: Work) -> None:
    _rule_04(work)


def test_rule_04_is_tested_with_an_occurrence_that_is_overlooked(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tree.mentions

    def short(data: bytes, words: Any) -> Iterator[tuple[int, int]]:
        yield from list(real(data, words))[:-1]

    monkeypatch.setattr(occurrences, "mentions", short)
    fails(_rule_04, work)


def test_rule_04_is_tested_with_an_excuse_that_there_is_not(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        add_parameter, "judge_use", lambda book, _, m: book.excuse(m.path, m.span, Reason.UNCHANGED_USE)
    )
    fails(_rule_04, work)


def test_rule_04_a_call_in_a_comment_is_a_warning(work: Work) -> None:
    work.upstream({"late.c": b"// greet(me, 1);\n"})
    ran = work.refreshed()
    assert "late.c:1:4: warning: this comment holds a call of greet [call-in-comment]" in ran.out


def test_rule_04_a_symbolic_link_is_never_edited(work: Work) -> None:
    (work.tree / "link.c").symlink_to("greet.c")
    work.refreshed()
    assert "link.c" not in diff_of(work, "1-title.patch")


# --- 5: what did not parse is never edited ------------------------------------------------------------------


def _rule_05(work: Work) -> None:
    broken = b'#include "greet.h"\nint odd(void) { return greet("x"\n#ifdef LOUD\n  , 1\n#endif\n  ); }\n'
    work.upstream({"odd.c": broken})
    ran = work.refused("unparsed-list")
    assert "odd.c:2:24: error: " in ran.out
    # An error elsewhere in the file says nothing of this call; nor does a pointer type in va_arg.
    fine = b'#include "greet.h"\nvoid v(va_list al) { char *p = va_arg(al, char *); greet(p, 1); }\nbad bad ( ;\n'
    work.upstream({"odd.c": fine})
    work.refreshed()
    assert work.pushed()["odd.c"] == fine.replace(b"(p, 1)", b"(p, NULL, 1)")


def test_rule_05_what_did_not_parse_is_not_edited_and_the_rest_of_the_file_is(work: Work) -> None:
    _rule_05(work)


def test_rule_05_is_tested_with_a_list_that_is_taken_for_clean(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(add_parameter, "clean", lambda _: True)
    fails(_rule_05, work)


def test_rule_05_is_tested_with_a_file_that_is_given_up(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        add_parameter, "clean", lambda node: not node.has_error and not any(a.has_error for a in _up(node))
    )
    fails(_rule_05, work)


def _up(node: Any) -> Iterator[Any]:
    while (node := node.parent) is not None:
        yield node


# --- 6: after the edit the file is looked at again ---------------------------------------------------------


@pytest.mark.parametrize(("text", "slug"), [(b", ) (", "parses-worse"), (b" + NULL", "not-found-again")])
def test_rule_06_an_edit_that_spoils_the_file_is_refused(
    work: Work, monkeypatch: pytest.MonkeyPatch, text: bytes, slug: str
) -> None:
    _spoiled(monkeypatch, text)
    work.refused(slug)


@pytest.mark.parametrize("text", [b", ) (", b" + NULL"])
def test_rule_06_is_tested_with_edits_that_nobody_looks_at(
    work: Work, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    _spoiled(monkeypatch, text)
    monkeypatch.setattr(stages, "certain", lambda edit, plan, tree: plan)  # noqa: ARG005
    fails(_refused_as_worse, work)


def _refused_as_worse(work: Work) -> None:
    work.refused("parses-worse")


def _spoiled(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    """Make add-parameter put *text* behind the anchor at calls."""

    def bad(data: bytes, outer: Any, anchor: Any, new: bytes) -> Replacement:
        if outer.type == "argument_list":
            return Replacement(anchor.end_byte, anchor.end_byte, text)
        return real(data, outer, anchor, new)

    real = lists.insert_after
    monkeypatch.setattr(add_parameter, "insert_after", bad)


# --- 7: GNU patch is the judge of what was rendered -----------------------------------------------------------

WRONG: dict[str, Callable[[bytes], bytes]] = {
    "another line": lambda diff: diff.replace(
        b"+    return greet (argv[1], NULL, 1);", b"+    return greet (argv[1], NUL, 1);"
    ),
    "context that is not there": lambda diff: diff.replace(b"\n     char *title", b"\n     char *tilte"),
    "a line too few": lambda diff: diff.replace(b"-    return greet (argv[1], 1);\n", b""),
    "another place": lambda diff: diff.replace(b"@@ -5,5 +5,5 @@", b"@@ -50,5 +50,5 @@").replace(
        b"+++ b/main.c", b"+++ b/main.c"
    ),
}


def _rule_07(work: Work) -> None:
    before = work.contents() if work.patches.exists() else {}
    ran = work.refresh()
    assert ran.status == 2
    assert ran.slugs & {"self-check", "patch-fails", "diff"}, ran.out
    assert (work.contents() if work.patches.exists() else {}) == before


@pytest.mark.parametrize("wrong", list(WRONG)[:3])
def test_rule_07_a_wrong_diff_does_not_get_through(work: Work, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    real = render.file_diff
    monkeypatch.setattr(render, "file_diff", lambda *words: WRONG[wrong](real(*words)))
    _rule_07(work)


def test_rule_07_is_tested_with_no_proof(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    real = render.file_diff
    monkeypatch.setattr(render, "file_diff", lambda *words: WRONG["another line"](real(*words)))
    monkeypatch.setattr(proof, "_prove", lambda _: None)
    fails(_rule_07, work)


def test_rule_07_the_proof_goes_both_ways(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[tuple[str, bool]] = []
    real = gnupatch.Workshop.apply

    def apply(self: Any, name: str, patch: bytes, *, reverse: bool = False) -> None:
        runs.append((name, reverse))
        real(self, name, patch, reverse=reverse)

    monkeypatch.setattr(gnupatch.Workshop, "apply", apply)
    work.refreshed()
    names = ["1-title.patch", "2-field.patch", "3-pass.patch"]
    assert sorted(runs) == sorted((name, reverse) for name in names for reverse in (False, True))


# --- 8: the same input, the same bytes; a second refresh writes nothing -----------------------------------------


def _rule_08_twice(work: Work) -> None:
    work.refreshed()
    before = work.snapshot()
    for number in range(2):
        shutil.rmtree(work.folder / "cache", ignore_errors=bool(number))
        assert "nothing to write" in work.refreshed().out
        assert work.snapshot() == before
    assert {path.name for path in work.folder.iterdir()} == {"tree", "semantic", "patches", "cache"}


def test_rule_08_a_second_refresh_writes_nothing(work: Work) -> None:
    _rule_08_twice(work)


def test_rule_08_is_tested_with_a_refresh_that_writes_again(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    real = refresh.refresh

    def again(source: Any, semantic: Any, shelf: Any, options: Any) -> Any:
        result = real(source, semantic, shelf, options)
        for path in shelf.path.iterdir():
            os.utime(path)
        return result

    monkeypatch.setattr(refresh, "refresh", again)
    fails(_rule_08_twice, work)


def test_rule_08_the_same_bytes_in_any_environment(work: Work) -> None:
    work.refreshed()
    wanted = work.contents()
    shims = work.folder / "shims"
    shims.mkdir()
    (shims / "sitecustomize.py").write_text(CLOCK, encoding="utf-8")
    tools = os.pathsep.join([str(shims), str(upstream.__file__.rpartition("/patchgen/")[0])])
    environments: list[dict[str, str]] = [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "LANG": "C", "TZ": "Asia/Tokyo", "UMASK": "077", "PYTHONPATH": tools},
        {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0", "COLUMNS": "20", "TERM": "dumb", "UMASK": "0"},
        {
            "PYTHONHASHSEED": "3",
            "LC_ALL": "POSIX",
            "POSIXLY_CORRECT": "1",
            "PATCH_VERSION_CONTROL": "numbered",
            "SIMPLE_BACKUP_SUFFIX": ".b",
        },
    ]
    for environment in environments:
        shutil.rmtree(work.patches)
        mask = os.umask(int(environment.pop("UMASK", "022"), 8))
        try:
            ran = work.child("refresh", *work.options, **{"XDG_CACHE_HOME": str(work.folder / "none"), **environment})
        finally:
            os.umask(mask)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert work.contents() == wanted
        shutil.rmtree(work.folder / "none")


CLOCK = """
import random, time, os
time.time = lambda: 4102444800.0
time.time_ns = lambda: 4102444800 * 10**9
_scandir, _listdir = os.scandir, os.listdir

class Shuffled(list):
    __enter__ = lambda self: self
    __exit__ = lambda self, *_: None
    close = lambda self: None

def scandir(path="."):
    with _scandir(path) as entries:
        found = Shuffled(entries)
    random.Random(7).shuffle(found)
    return found

os.scandir = scandir
os.listdir = lambda path=".": sorted(_listdir(path), reverse=True)
"""


@pytest.mark.parametrize("seed", range(3))
def test_rule_08_the_order_of_a_folder_does_not_matter(work: Work, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    _rule_08_order(work, monkeypatch, seed)


def test_rule_08_is_tested_with_files_in_the_order_of_the_disk(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree.Tree, "touched", _unsorted)
    fails(lambda work: _rule_08_order(work, monkeypatch, 1), work)


def _unsorted(self: tree.Tree, since: tree.Tree) -> Iterator[str]:
    """Yield what :meth:`Tree.touched` does, in the order in which the disk has it."""
    layers = self._layers
    with os.scandir(Path.cwd() / "tree") as entries:
        order = [entry.name for entry in entries]
    for path in sorted(layers, key=lambda path: order.index(path) if path in order else -1):
        if self.read(path) != since.read(path):
            yield path


class Shuffled(list[os.DirEntry[str]]):
    """The entries of a folder in another order, with what os.scandir's answer can do."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def close(self) -> None:
        """There is nothing to close."""


def _rule_08_order(work: Work, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.chdir(work.folder)
    chance, real = random.Random(seed), os.scandir  # noqa: S311 - the order of files is no secret
    calls: list[str] = []

    def scandir(path: Any = ".") -> Shuffled:
        with real(path) as entries:
            found = Shuffled(sorted(entries, key=lambda entry: str(entry.name), reverse=order == "backwards"))
        if order == "shuffled":
            chance.shuffle(found)
        calls.append(order)
        return found

    monkeypatch.setattr(os, "scandir", scandir)
    results = []
    for order in ("forwards", "backwards", "shuffled"):  # noqa: B007 - scandir reads it
        work.refreshed()
        results.append(work.contents())
        for folder_ in (work.patches, work.folder / "cache"):
            shutil.rmtree(folder_)
    assert set(calls) == {"forwards", "backwards", "shuffled"}
    assert results[0] == results[1] == results[2]


# --- 9: all or nothing ------------------------------------------------------------------------------------------

CALLBACK = b'#include "greet.h"\nvoid late(void) { call(greet); }\n'


def _rule_09(work: Work) -> None:
    work.refreshed()
    work.upstream({"late.c": CALLBACK, "greet.h": TREE["greet.h"].replace(b"    int age;\n", b"    int age, size;\n")})
    ran = work.refused("indirect-use")
    assert "late.c:2:24: error: " in ran.out
    assert "nothing was written" in ran.out


def test_rule_09_a_refused_edit_writes_nothing(work: Work) -> None:
    _rule_09(work)


def test_rule_09_is_tested_with_a_refresh_that_always_goes_on(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    real = refresh.refresh
    monkeypatch.setattr(
        refresh,
        "refresh",
        lambda a, b, c, options: real(a, b, c, refresh.Options(named=options.named, keep_going=True)),
    )
    fails(_rule_09, work)


def test_rule_09_nothing_is_written_the_first_time_either(work: Work) -> None:
    work.upstream({"late.c": CALLBACK})
    assert work.refresh().status == 1
    assert not work.patches.exists()


def test_rule_09_keep_going_writes_what_stands_on_no_refusal(work: Work) -> None:
    work.write({"4-doc": semantic(edit("add-field", struct="other", field="int x;", at="end"))})
    work.upstream({"other.h": b"struct other {\n  int a;\n};\n"})
    work.refreshed()
    before = work.contents()
    changed = {"late.c": CALLBACK, "other.h": b"struct other {\n  int a;\n  int b;\n};\n"}
    work.upstream(changed | {"greet.h": TREE["greet.h"].replace(b"    int age;\n", b"    int age, size;\n")})
    ran = work.refresh("--keep-going")
    assert ran.status == 1
    after = work.contents()
    assert {name for name in after if after[name] != before[name]} == {"4-doc.patch", ".rendered-on"}
    # 1-title is refused; the others touch the files that it touches, and so they stay as they were.
    for name in ("2-field.patch", "3-pass.patch"):
        assert name in ran.out
    assert {"stands-on-refused", "indirect-use"} <= ran.slugs


def test_rule_09_keep_going_leaves_a_new_refused_patch_out(work: Work) -> None:
    work.write({"4-doc": semantic(edit("add-field", struct="other", field="int x;", at="end"))})
    work.upstream({"other.h": b"struct other {\n  int a;\n};\n", "late.c": CALLBACK})
    assert work.refresh("--keep-going").status == 1
    assert work.series() == ["4-doc.patch"]
    assert work.pushed()["other.h"] == b"struct other {\n  int a;\n  int x;\n};\n"


def test_rule_09_check_writes_nothing_and_says_what_would_change(work: Work) -> None:
    ran = work.refresh("--check")
    assert ran.status == 1
    assert "would write .rendered-on, 1-title.patch" in ran.out
    assert not work.patches.exists()
    work.refreshed()
    before = work.snapshot()
    assert work.refresh("--check").status == 0
    (work.semantic / "2-field.toml").write_text(semantic(FIELD.replace("16", "32")), encoding="utf-8")
    assert work.refresh("--check").status == 1
    assert work.snapshot() == before


def test_rule_09_a_link_to_the_folder_stays_and_foreign_files_stay(work: Work) -> None:
    work.refreshed()
    work.patches.rename(work.folder / "real")
    work.patches.symlink_to("real")
    (work.patches / "notes").write_text("mine\n", encoding="utf-8")
    inode = (work.patches / "notes").stat().st_ino
    work.write({"2-field": semantic(FIELD.replace("16", "32"))})
    work.refreshed()
    assert work.patches.is_symlink()
    assert (work.patches / "notes").stat().st_ino == inode
    assert "char title[32]" in diff_of(work, "2-field.patch")


# --- 10: the tree is read, and nothing of it is run -----------------------------------------------------------


def _rule_10(work: Work) -> None:
    trap = work.folder / "sprung"
    script = f"#!/bin/sh\necho $0 >>{trap}\n"
    for name in (
        "configure",
        "patch",
        "make",
        "debian/rules",
        ".git/hooks/post-checkout",
        ".git/hooks/pre-commit",
        "sitecustomize.py",
        "click.py",
        "bin/patch",
    ):
        path = work.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"open({str(trap)!r}, 'a').write('run')\n" if name.endswith(".py") else script, encoding="utf-8"
        )
        path.chmod(0o755)
    work.upstream({"Makefile": f"all:\n\techo make >>{trap}\n$(shell echo parsed >>{trap})\n".encode()})
    (work.tree / ".git/config").write_text(f'[core]\n\tfsmonitor = "echo git >>{trap}"\n', encoding="utf-8")
    fakes = work.folder / "fakes"
    fakes.mkdir()
    for name in ("make", "sh", "git", "cc", "gcc", "perl", "python3", "quilt", "autoconf", "diff"):
        (fakes / name).write_text(script, encoding="utf-8")
        (fakes / name).chmod(0o755)
    (fakes / "patch").symlink_to(shutil.which("patch") or "")
    (work.folder / "patchgen.toml").write_text(
        'upstream = "tree"\nsemantic = "semantic"\npatches = "patches"\n', encoding="utf-8"
    )
    here = Path.cwd()
    os.chdir(work.tree)
    try:
        for command in (["refresh"], ["status", "--ledger"], ["lint"]):
            ran = work.child(*command, *work.options, PATH=str(fakes), GIT_DIR="")
            assert ran.returncode in {0, 1}, ran.stderr
    finally:
        os.chdir(here)
    assert not trap.exists(), trap.read_text(encoding="utf-8")


def test_rule_10_nothing_of_the_tree_is_run(work: Work) -> None:
    _rule_10(work)


def test_rule_10_is_tested_with_a_make_that_is_run(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    real = work.child

    def child(*words: str, **environment: str) -> Any:
        subprocess.run([work.tree / "configure"], check=True)
        return real(*words, **environment)

    monkeypatch.setattr(work, "child", child)
    fails(_rule_10, work)


def test_rule_10_the_tree_is_not_written_to(work: Work) -> None:
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in [work.tree, *work.tree.rglob("*")]}
    work.refreshed()
    assert {
        path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in [work.tree, *work.tree.rglob("*")]
    } == before


def test_rule_10_pushed_patches_are_read_as_popped(work: Work) -> None:
    work.refreshed()
    wanted = work.contents()
    environment = {**os.environ, "QUILT_PATCHES": str(work.patches), "HOME": str(work.folder)}
    subprocess.run(
        ["quilt", "--quiltrc=-", "push", "-aq"], cwd=work.tree, env=environment, check=True, capture_output=True
    )
    assert (work.tree / "main.c").read_bytes() != TREE["main.c"]
    ran = work.refreshed()
    assert "read-as-popped" in ran.slugs
    assert work.contents() == wanted
    # Without quilt's backups it cannot be known what was there.
    shutil.rmtree(work.tree / ".pc/1-title.patch")
    work.refused("patches-pushed", status=2)


# --- 11: the series is the order, and a person's words stay -------------------------------------------------------


def _with_hand_made(work: Work) -> None:
    work.refreshed()
    own = {
        "hand-1.patch": HAND,
        "hand-2.patch": b"--- a/main.c\n+++ b/main.c\n@@ -5,5 +5,5 @@\n {\n     char *title = argc > 2 ? argv[2] : 0;\n \n-    return greet (argv[1], NULL, 1);\n+    return greet (argv[1], NULL, 2);\n }\n",
        "hand-3.patch": b'--- /dev/null\n+++ b/new.c\n@@ -0,0 +1,2 @@\n+#include "greet.h"\n+int late (void) { return greet ("x", NULL, 3); }\n',
        "sub/hand-4.patch": b"--- a/doc/README\n+++ b/doc/README\n@@ -1 +1,2 @@\n greet says good day\n+and more\n",
        "hand-5.patch": b"From: me\nSubject: last\n---\n doc/README | 1 +\n\n--- a/doc/README\n+++ b/doc/README\n@@ -1,2 +1,3 @@\n greet says good day\n and more\n+the end\n",
    }
    (work.patches / "sub").mkdir()
    for name, data in own.items():
        (work.patches / name).write_bytes(data)
    series = "# our series\n\nhand-1.patch\n1-title.patch # the title\n\n# between\nhand-2.patch -p1\nhand-3.patch\n2-field.patch\nsub/hand-4.patch\n3-pass.patch -p1 # passed on\nhand-5.patch # last"
    (work.patches / "series").write_text(series, encoding="utf-8")


def _rule_11(work: Work) -> None:
    _with_hand_made(work)
    before = work.contents()
    ran = work.refreshed()
    after = work.contents()
    # What stands behind the hand-made patches is rendered on their result.
    assert {name for name in before if before[name] != after[name]} == {"3-pass.patch", ".rendered-on"}
    assert "-    return greet (argv[1], NULL, 2);\n+    return greet (argv[1], title, 2);" in diff_of(
        work, "3-pass.patch"
    )
    assert after["series"] == before["series"]
    assert "hand-2.patch      hand-made" in ran.out
    pushed = work.pushed()
    assert pushed["doc/README"] == b"greet says good day\nand more\nthe end\n"
    assert b"greet (argv[1], title, 2)" in pushed["main.c"]
    # One of them changes, and what follows is rendered again.
    changed = before["hand-2.patch"].replace(b"NULL, 2", b"NULL, 7")
    (work.patches / "hand-2.patch").write_bytes(changed)
    work.refreshed()
    assert b"greet (argv[1], title, 7)" in work.pushed()["main.c"]
    assert work.contents()["hand-2.patch"] == changed
    snapshot = work.snapshot()
    work.refreshed()
    assert work.snapshot() == snapshot


def test_rule_11_hand_made_patches_stand_between_ours(work: Work) -> None:
    _rule_11(work)


def test_rule_11_is_tested_with_hand_made_patches_that_are_passed_over(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = stages.play

    def only_ours(source: Any, entries: Any, apply: Any) -> Any:
        return real(source, [entry for entry in entries if not isinstance(entry, stages.HandMade)], apply)

    monkeypatch.setattr(refresh, "play", only_ours)
    fails(_rule_11, work)


def test_rule_11_a_hand_made_patch_that_does_not_apply_names_the_hunk(work: Work) -> None:
    _with_hand_made(work)
    first = b'@@ -1,4 +1,5 @@\n #include "greet.h"\n+/* mine */\n \n /* greet () is called once */\n int main (int argc, char **argv)\n'
    bad = (work.patches / "hand-2.patch").read_bytes().replace(b"argv[1], NULL, 1", b"argv[9], NULL, 1")
    (work.patches / "hand-2.patch").write_bytes(bad.replace(b"@@ -5,5 +5,5", first + b"@@ -5,5 +6,5"))
    ran = work.refused("patch-fails")
    assert "hand-2.patch does not apply: main.c: Hunk #2 FAILED at 6" in ran.out


def test_rule_11_no_fuzz_for_a_hand_made_patch(work: Work) -> None:
    _with_hand_made(work)
    bad = (work.patches / "hand-2.patch").read_bytes().replace(b"\n {\n", b"\n [\n")
    (work.patches / "hand-2.patch").write_bytes(bad)
    work.refused("patch-fails")


def test_rule_11_a_patch_that_is_not_there_is_a_finding(work: Work) -> None:
    _with_hand_made(work)
    (work.patches / "hand-3.patch").unlink()
    ran = work.refused("patch-not-there")
    assert "hand-3.patch" in ran.out


@pytest.mark.parametrize("option", ["-p0", "-p2"])
def test_rule_11_a_hand_made_patch_with_another_strip_level_is_a_finding(work: Work, option: str) -> None:
    _with_hand_made(work)
    series = (work.patches / "series").read_text(encoding="utf-8").replace("hand-3.patch", f"hand-3.patch {option}")
    (work.patches / "series").write_text(series, encoding="utf-8")
    ran = work.refresh()
    assert ran.status != 0
    assert option.removeprefix("-") in ran.out


HEADER = "Description: my own words\n and more  \nForwarded: not-needed\nLast-Update: 2026-01-01\n\nfree text\n"


def _rule_11_header(work: Work) -> None:
    work.refreshed()
    path = work.patches / "1-title.patch"
    path.write_text(HEADER + diff_of(work, "1-title.patch"), encoding="utf-8")
    work.upstream({"late.c": b'#include "greet.h"\nint late(void) { return greet("x", 1); }\n'})
    work.refreshed()
    text = path.read_text(encoding="utf-8")
    assert text.startswith(HEADER + "--- a/greet.c\n")
    assert "+++ b/late.c" in text


def test_rule_11_the_header_is_the_persons_byte_for_byte(work: Work) -> None:
    _rule_11_header(work)


def test_rule_11_is_tested_with_a_header_from_the_toml(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    real = refresh._header  # noqa: SLF001
    monkeypatch.setattr(refresh, "_header", lambda patch, old, options: real(patch, None, options))  # noqa: ARG005
    fails(_rule_11_header, work)


def test_rule_11_lint_shows_a_header_that_differs_and_headers_takes_the_tomls(work: Work) -> None:
    work.refreshed()
    assert "dep3-differs" not in work.run("lint").slugs
    path = work.patches / "1-title.patch"
    first = path.read_bytes()
    path.write_text(HEADER + diff_of(work, "1-title.patch"), encoding="utf-8")
    ran = work.run("lint")
    assert "dep3-differs" in ran.slugs
    assert "1-title.patch" in ran.out
    work.refreshed("--headers")
    assert path.read_bytes() == first


def test_rule_11_a_diff_that_a_person_changed_is_not_overwritten(work: Work) -> None:
    work.refreshed()
    path = work.patches / "1-title.patch"
    changed = path.read_bytes().replace(b"char *title", b"const char *title")
    path.write_bytes(changed)
    work.refused("patch-changed-by-hand")
    assert path.read_bytes() == changed
    work.refused("patch-changed-by-hand", "--keep-going")
    work.refreshed("--overwrite")
    assert b"const" not in path.read_bytes()


# --- 12: what a series was rendered on -----------------------------------------------------------------------


def _rule_12(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    (work.folder / "patchgen.toml").write_text(
        'upstream = "tree"\nsemantic = "semantic"\npatches = "patches"\n', encoding="utf-8"
    )
    monkeypatch.chdir(work.folder)
    monkeypatch.setattr(Work, "options", property(lambda _: []))
    work.refreshed()
    record = (work.patches / ".rendered-on").read_text(encoding="utf-8")
    assert f"tree {upstream.open_upstream('tree').digest()}\n" in record
    assert work.run("lint").status == 0
    # Another tree: refused unless the folder is named; lint fails too.
    shutil.copytree(work.tree, work.folder / "other")
    (work.folder / "other/main.c").write_bytes(TREE["main.c"] + b"/* new */\n")
    ran = work.refused("rendered-on-another-tree", "--upstream", "other")
    assert "--patches" in ran.out
    ran = work.run("lint", "--upstream", "other")
    assert ran.status == 1
    assert "rendered-elsewhere" in ran.slugs
    work.refreshed("--upstream", "other", "--patches", "patches")
    # The same tree in another form is the same tree.
    subprocess.run(["tar", "-caf", "other.tar.gz", "other"], check=True)
    before = work.snapshot()
    work.refreshed("--upstream", "other.tar.gz")
    assert work.snapshot() == before


def test_rule_12_a_series_of_another_tree_is_overwritten_only_where_it_is_named(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    _rule_12(work, monkeypatch)


def test_rule_12_is_tested_with_a_record_that_is_not_read(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "_protected", lambda *_: iter(()))
    fails(lambda work: _rule_12(work, monkeypatch), work)


def test_rule_12_this_repositorys_patches_were_rendered_on_the_reference_tree(root: Path) -> None:
    """What keeps upstream's text out of this repository."""
    record = (root / "patches/.rendered-on").read_text(encoding="utf-8")
    assert f"tree {upstream.open_upstream(str(root / 'tests/c/reference')).digest()}\n" in record


def test_the_folder_is_replaced_by_the_module_that_promises_it(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules 8 and 9 rest on :mod:`patchgen.folder`, whose own tests kill it at every step."""
    calls: list[set[str]] = []
    real = folder.replace

    def replace(path: Path, files: Any, *, ours: Any, expect: Any) -> bool:
        calls.append(set(files))
        return real(path, files, ours=ours, expect=expect)

    monkeypatch.setattr(folder, "replace", replace)
    work.refreshed()
    assert calls == [{"1-title.patch", "2-field.patch", "3-pass.patch", "series", ".rendered-on"}]
