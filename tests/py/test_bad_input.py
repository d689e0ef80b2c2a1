# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: ANN401 - what stands in for a function takes what it is given
"""Whatever comes in: a finding with its place and the right exit status, and the old series is still there."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from _engine import FIELD, HAND, PASS, TITLE, TREE, Ran, Work, edit, semantic
from _ordinary import in_child, open_place, started
from patchgen import cache, upstream

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Return a place with a rendered series in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = Work(tmp_path)
    place.refreshed()
    return place


def only_title(work: Work) -> None:
    """Take the later patches away."""
    for name in ("2-field", "3-pass"):
        (work.semantic / f"{name}.toml").unlink()
        (work.patches / f"{name}.patch").unlink()
    (work.patches / "series").write_bytes(b"1-title.patch\n")


# --- semantic patches ---------------------------------------------------------------------------------------

GOOD = semantic(FIELD)
TOML = {
    "an unknown key": (GOOD + 'colour = "red"\n', "12:1"),
    "an unknown key in a table": (GOOD + 'excuse = [{ file = "x", reason = "y", colour = "red" }]\n', "7:"),
    "an unknown table": ("[colour]\nred = 1\n" + GOOD, "1:"),
    "an unknown kind": (GOOD.replace("add-field", "add-colour"), "8:1"),
    "no kind": (GOOD.replace('kind = "add-field"\n', ""), "7:1"),
    "a missing key": (GOOD.replace('struct = "person"\n', ""), "7:1"),
    "a wrong type": (GOOD.replace('"person"', "7"), "9:1"),
    "a wrong type in [dep3]": (GOOD.replace('"no"', "false"), "1:1"),
    "a number for the edits": ('edit = 3\n[dep3]\nDescription = "x"\n', ""),
    "no edit": ('edit = []\n[dep3]\nDescription = "x"\n', ""),
    "no [dep3]": ("[[edit]]\n" + FIELD, ""),
    "no TOML": ("this is = = no TOML\n", "1:"),
    "a string without an end": (GOOD + 'why = "because\n', "12:"),
    "a key twice": (GOOD + 'at = "end"\n', "12:"),
    "no C": (GOOD.replace("char title[16];", "char title[16"), "7:1"),
    "two places at once": (GOOD + 'after = "name"\n', "7:1"),
    "nothing": ("", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", TOML.values(), ids=TOML)
def test_a_semantic_patch_that_cannot_be_used(work: Work, case: tuple[str, str]) -> None:
    text, place = case
    work.write({"2-field": text})
    ran = work.refused("semantic-patch", status=2)
    assert f"{work.semantic}/2-field.toml" in ran.out
    assert f"2-field.toml:{place}" in ran.out
    for command in ("status", "lint", "explain"):
        assert work.run(command).status == 2, command


RAW = {
    "not UTF-8": b'[dep3]\nDescription = "caf\xe9"\n',
    "a zero byte": b"[dep3]\n\0",
    "UTF-16": GOOD.encode("utf-16"),
    "nested too deeply": b"x = " + b"[" * 100_000,
    "no end": b"[" * 100_000,
}


@pytest.mark.parametrize("data", RAW.values(), ids=RAW)
def test_a_semantic_patch_that_is_no_text(work: Work, data: bytes) -> None:
    (work.semantic / "2-field.toml").write_bytes(data)
    assert "2-field.toml" in work.refused("semantic-patch", status=2).out


def test_a_semantic_patch_that_is_too_large(work: Work) -> None:
    (work.semantic / "2-field.toml").write_bytes(b"#" * (5 << 20))
    work.refused("semantic-folder", status=2)


@pytest.mark.parametrize("field", ['"Bad Name" = "x"', 'Author = ""', 'Bug = "a\\u0000b"', 'Origin = "a\\u001b[2J"'])
def test_a_header_that_cannot_be_written(work: Work, field: str) -> None:
    text = semantic(FIELD.replace("16", "32")).replace('Author = "A <a@example.org>"', field)
    work.write({"2-field": text})
    work.refused("dep3-field", "--headers", status=2)


def test_folders_of_semantic_patches_that_do_not_fit(work: Work) -> None:
    (work.semantic / "series").write_text("1-title\n9-none\n", encoding="utf-8")
    assert "9-none.toml" in work.refused("semantic-folder", status=2).out
    (work.semantic / "series").write_text("1-title\n", encoding="utf-8")
    assert "2-field.toml" in work.refused("semantic-folder", status=2).out
    (work.semantic / "series").unlink()
    (work.semantic / "4-folder.toml").mkdir()
    work.refused("semantic-folder", status=2)
    shutil.rmtree(work.semantic)
    work.refused("semantic-folder", status=2)
    work.semantic.mkdir()
    work.refused("semantic-folder", status=2)
    work.semantic.rmdir()
    work.semantic.write_text("a file", encoding="utf-8")
    work.refused("semantic-folder", status=2)


def test_a_name_that_is_nowhere_and_one_at_two_places(work: Work) -> None:
    work.write({"2-field": semantic(FIELD.replace("person", "nobody"))})
    assert "error: a definition of the struct nobody is nowhere in the tree" in work.refused("not-found").out
    work.write({"2-field": semantic(FIELD)})
    work.upstream({"twice.h": b"struct person { int x; };\n"})
    ran = work.refused("struct-defined-twice")
    assert "greet.h:3:8: error: " in ran.out
    assert "twice.h:1:8: error: " in ran.out
    assert "  struct person { int x; };\n         ~~~~~^" in ran.out


# --- the upstream tree ----------------------------------------------------------------------------------------


def test_binary_files_are_read_over(work: Work) -> None:
    work.upstream({"image.png": b"\x89PNG\0greet\0" * 99, "blob": bytes(range(256)) * 99 + b" greet "})
    work.refreshed()
    assert work.pushed()["image.png"].startswith(b"\x89PNG")


def test_a_c_file_with_a_zero_byte_is_not_edited(work: Work) -> None:
    work.upstream({"odd.c": b'#include "greet.h"\nint odd(void) { return greet("x", 1); }\n/* \0 */\n'})
    assert "odd.c:3:4: error: " in work.refused("unrenderable-binary-file").out


STRANGE = {
    "not UTF-8": b'#include "greet.h"\n// caf\xe9 \xff\xfe\nint odd(void) { return greet("\xe9", 1); }\n',
    "CRLF": b'#include "greet.h"\r\nint odd(void)\r\n{\r\n  return greet("x",\r\n    1);\r\n}\r\n',
    "both": b'#include "greet.h"\r\nint odd(void) { return greet("x", 1); }\nint x;\r\n',
    "carriage returns alone": b'#include "greet.h"\nint a; \rint odd(void) { return greet("x", 1); }\r\n',
    "no final newline": b'#include "greet.h"\nint odd(void) { return greet("x", 1); }',
    "a byte order mark": b'\xef\xbb\xbf#include "greet.h"\nint odd(void) { return greet("x", 1); }\n',
    "a form feed": b'#include "greet.h"\n\f\nint odd(void) { return greet("x", 1); }\n',
    "a line of a megabyte": b'#include "greet.h"\nint odd(void) { /*' + b"x" * (1 << 20) + b'*/ return greet("x", 1); }\n',
}  # fmt: skip


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE)
def test_strange_text_is_edited_and_else_stays(work: Work, data: bytes) -> None:
    work.upstream({"odd.c": data})
    work.refreshed()
    at = data.rindex(b"1);")
    assert work.pushed()["odd.c"] in {data[:at] + new + data[at:] for new in (b"NULL, ", b"NULL,\r\n    ")} or (
        work.pushed()["odd.c"].replace(b" NULL,", b"") == data
    )


@pytest.mark.parametrize("count", [15_000, pytest.param(110_000, marks=pytest.mark.slow)], ids=["one", "ten"])
def test_files_of_megabytes(work: Work, count: int) -> None:
    function = (
        b'int f%d(char *a)\n{\n\t/* one of many */\n\tif (a)\n\t\treturn printf("%%s\\n", a);\n\treturn 0;\n}\n\n'
    )
    big = b"".join(function % number for number in range(count))
    assert len(big) > 90 * count
    work.upstream(
        {
            "big.c": b'#include "greet.h"\n' + big + b'int odd(void) { return greet("x", 1); }\n',
            "other.c": big,
            "big.bin": b"\0greet " + bytes(range(256)) * (count // 3),
        }
    )
    only_title(work)
    begin = time.monotonic()
    work.refreshed()
    assert time.monotonic() - begin < 60  # seconds: a square of the size would take hours
    assert b'+int odd(void) { return greet("x", NULL, 1); }\n' in work.contents()["1-title.patch"]


def test_many_arms_and_comments_cost_no_square(work: Work) -> None:
    """Directives and comments are compared with one another: ten times as many may not cost a hundred times."""

    def seconds(count: int) -> float:
        text = b"/* c */\n#if 0\nint a;\n#endif\n" * count
        work.upstream({"arms.c": b'#include "greet.h"\n' + text + b'int odd(void) { return greet("x", 1); }\n'})
        begin = time.process_time()
        work.refreshed()
        return time.process_time() - begin

    seconds(10)
    base = seconds(2_000)
    assert seconds(20_000) < 30 * base + 1


def test_links_that_lead_nowhere_in_circles_and_out(work: Work) -> None:
    (work.folder / "outside.c").write_bytes(b'int out(void) { return greet("x", 1); }\n')
    for name, target in {
        "loop": "loop",
        "ping.c": "pong.c",
        "pong.c": "ping.c",
        "self": ".",
        "up": "..",
        "gone.c": "nowhere.c",
        "out.c": "../outside.c",
        "abs.c": str(work.folder / "outside.c"),
        "greet-too.c": "greet.c",
    }.items():
        (work.tree / name).symlink_to(target)
    before = work.contents()
    work.refreshed("--patches", str(work.patches))
    after = work.contents()
    assert {name for name in before if before[name] != after[name]} == {".rendered-on"}


def test_a_file_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_place() as place:
        monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))

        def unreadable() -> tuple[Ran, bool]:
            work = Work(place)
            work.refreshed()
            before = work.snapshot()
            (work.tree / "main.c").chmod(0)
            ran = work.refresh()
            (work.tree / "main.c").chmod(0o644)
            (work.tree / "doc").chmod(0)
            again = work.refresh()
            (work.tree / "doc").chmod(0o755)
            assert again.status == 1
            assert "unreadable" in again.slugs
            return ran, work.snapshot() == before

        ran, same = in_child(unreadable)
    assert ran.status in {1, 2}
    assert "main.c: error: " in ran.out
    assert "unreadable" in ran.slugs
    assert same


def test_semantic_patches_and_patches_that_cannot_be_read_or_written(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_place() as place:
        monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))

        def locked() -> dict[str, Ran]:
            inner = place / "work"
            inner.mkdir()
            work = Work(inner)
            work.refreshed()
            found = {}
            for name, path in {
                "semantic-folder": work.semantic / "2-field.toml",
                "patches-unreadable": work.patches / "2-field.patch",
                "cannot-write": inner,
            }.items():
                mode = path.stat().st_mode
                if name == "cannot-write":
                    work.write({"2-field": semantic(FIELD.replace("16", "32"))})
                path.chmod(0o500 if name == "cannot-write" else 0)
                found[name] = work.refresh()
                path.chmod(mode)
            return found

        for slug, ran in in_child(locked).items():
            assert ran.status == 2, ran.out
            assert slug in ran.slugs, ran.out


def test_a_file_that_vanishes_while_patchgen_reads(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    real = upstream.open_upstream

    def vanishing(text: str) -> Any:
        source = real(text)
        (work.tree / "main.c").unlink()
        return source

    monkeypatch.setattr(cache, "open_upstream", vanishing)
    assert "main.c: error: " in work.refused("upstream-changed", status=2).out


def test_what_is_no_file_is_left_out_with_a_note(work: Work) -> None:
    os.mkfifo(work.tree / "pipe.c")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(work.tree)
        try:
            listener.bind("socket.c")
        finally:
            os.chdir(here)
        ran = work.refreshed()
    assert ran.out.count("[special-file]") == 2


def test_odd_names_of_files(work: Work) -> None:
    call = b'#include "greet.h"\nint odd(void) { return greet("x", 1); }\n'
    names = ("with blank.c", "caf\u00e9.c", "quote'.c", "a-dash/-x.c")
    work.upstream(dict.fromkeys(names, call))
    work.refreshed()
    pushed = work.pushed()
    assert all(b"NULL" in pushed[name] for name in names)
    for name, shown in {"new\nline.c": "new\\nline.c", "-dash.c": "-dash.c"}.items():
        work.upstream({name: call})
        assert shown in work.refused("unrenderable-path").out
        (work.tree / name).unlink()


def test_no_upstream_tree(work: Work) -> None:
    for text in ("nowhere", "git:nowhere@HEAD", str(work.folder / "semantic/1-title.toml"), "bzr:x@1", ""):
        ran = work.refresh("--upstream", text)
        if text == "":
            assert ran.status == 0  # the first --upstream counts; status takes several
    work.tree.rename(work.folder / "moved")
    work.refused("no-upstream", status=2)
    work.tree.mkdir()
    assert "is nowhere in the tree" in work.refused("not-found").out


def test_a_tree_may_not_drive_the_terminal(work: Work) -> None:
    work.upstream({"odd\x1b[2J.c": b'void f(void) { call(greet, "\x1b]0;title\x07"); }\n'})
    ran = work.refused("indirect-use")
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out


def test_a_column_is_counted_in_characters(work: Work) -> None:
    work.upstream({"odd.c": 'void f(void) { say("\u2019\u2019"); call(greet); }\n'.encode()})
    ran = work.refused("indirect-use")
    assert "odd.c:1:32: error: " in ran.out
    lines = ran.out.splitlines()
    at = next(number for number, line in enumerate(lines) if "say(" in line)
    assert lines[at].index("greet") == lines[at + 1].index("~")


# --- the folder of patches ---------------------------------------------------------------------------------------

SERIES = {
    "a patch twice": b"1-title.patch\n1-title.patch\n",
    "an absolute name": b"/etc/passwd\n",
    "out of the folder": b"../../tree/greet.c\n",
    "carriage returns": b"1-title.patch\r\n2-field.patch\r\n",
    "an indented comment": b" # mine\n1-title.patch\n",
    "a control character": b"1-title\x01.patch\n",
    "an option for a name": b"--help\n",
    "not applied with -p1": b"1-title.patch -p0\n",
}


@pytest.mark.parametrize("data", SERIES.values(), ids=SERIES)
def test_a_damaged_series(work: Work, data: bytes) -> None:
    (work.patches / "series").write_bytes(data)
    before = work.snapshot()
    ran = work.refresh()
    assert ran.status in {1, 2}
    assert f"{work.patches}/series:" in ran.out
    assert work.snapshot() == before
    assert work.run("lint").status in {1, 2}


@pytest.mark.parametrize("data", [b"\0" * 99, bytes(range(256)), b"\xff\xfe" * 9, b"x" * 100_000])
def test_a_series_that_is_no_text(work: Work, data: bytes) -> None:
    (work.patches / "series").write_bytes(data)
    before = work.snapshot()
    assert work.refresh().status in {1, 2}
    assert work.snapshot() == before


def test_an_empty_series_gets_every_patch(work: Work) -> None:
    (work.patches / "series").write_bytes(b"")
    work.refreshed()
    assert work.series() == ["1-title.patch", "2-field.patch", "3-pass.patch"]


def test_a_series_that_is_a_folder(work: Work) -> None:
    (work.patches / "series").unlink()
    (work.patches / "series").mkdir()
    work.refused("patches-unreadable", status=2)


def test_a_folder_of_patches_that_is_a_file(work: Work) -> None:
    shutil.rmtree(work.patches)
    work.patches.write_text("a file", encoding="utf-8")
    ran = work.refresh()
    assert ran.status == 2
    assert work.patches.read_text(encoding="utf-8") == "a file"
    assert f"{work.patches}" in ran.out


@pytest.mark.parametrize("data", [b"", b"\xff\0", b"tree\npatch\n", b"tree x\npatch y\n"])
def test_a_damaged_record_protects_rather_than_overwrites(work: Work, data: bytes) -> None:
    (work.patches / ".rendered-on").write_bytes(data)
    work.upstream({"main.c": TREE["main.c"].replace(b"argv[1], 1", b"argv[1], 0")})
    ran = work.refresh()
    assert ran.status == 1
    assert "patch-changed-by-hand" in ran.slugs


HAND_MADE = {
    "nothing": b"",
    "no diff": b"Description: nothing\n",
    "garbage": bytes(range(256)) * 9,
    "cut off": HAND[:-20],
    "a wrong count": HAND.replace(b"-1 +1", b"-1,7 +1,9"),
    "another text": HAND.replace(b"hello", b"hullo"),
    "out of the tree": HAND.replace(b"a/doc/README", b"a/../../x").replace(b"b/doc/README", b"b/../../x"),
    "an absolute name": HAND.replace(b"a/doc/README", b"/etc/passwd").replace(b"b/doc/README", b"/etc/passwd"),
    "a file that is not there": HAND.replace(b"doc/README", b"doc/NONE"),
    "a binary patch": b"diff --git a/x b/x\nGIT binary patch\nliteral 3\nKcmZQzWMT\n\n",
    "a file it would make anew": b"--- /dev/null\n+++ b/doc/README\n@@ -0,0 +1 @@\n+new\n",
    "an ed script": b"--- a/doc/README\n+++ b/doc/README\n1d\nw\n!touch sprung\n.\n",
}


@pytest.mark.parametrize("data", HAND_MADE.values(), ids=HAND_MADE)
def test_a_damaged_hand_made_patch(work: Work, data: bytes) -> None:
    (work.patches / "hand.patch").write_bytes(data)
    with (work.patches / "series").open("a", encoding="utf-8") as series:
        series.write("hand.patch\n")
    before = work.snapshot()
    ran = work.refresh()
    if data in (HAND_MADE["nothing"], HAND_MADE["no diff"]):
        assert ran.status in {0, 1}
    else:
        assert ran.status in {1, 2}
        assert "hand.patch" in ran.out
    assert {k: v for k, v in work.snapshot().items() if k != ".rendered-on"} == {
        k: v for k, v in before.items() if k != ".rendered-on"
    }
    assert not list(work.folder.rglob("sprung"))


def test_a_patch_that_a_person_changed_or_truncated(work: Work) -> None:
    path = work.patches / "1-title.patch"
    whole = path.read_bytes()
    for data in (b"", whole[: len(whole) // 2], whole + b"\n--- a/x\n", b"\0\xff" * 99, HAND):
        path.write_bytes(data)
        ran = work.refused("patch-changed-by-hand")
        assert str(path) in ran.out
    assert work.run("lint").status == 1


def test_a_foreign_file_under_the_name_of_a_new_patch(work: Work) -> None:
    (work.patches / "4-new.patch").mkdir()
    work.write({"4-new": semantic(FIELD.replace("title", "other"))})
    before = work.snapshot()
    ran = work.refresh()
    assert ran.status in {1, 2}
    assert "4-new.patch" in ran.out
    assert work.snapshot() == before


# --- the machine ------------------------------------------------------------------------------------------------


def test_a_full_disk(work: Work) -> None:
    """Where it can be mounted a small tmpfs is full; else, and in any case, no file may grow."""
    before = work.snapshot()
    work.write({"2-field": semantic(FIELD.replace("16", "32"), description="long " * 20_000)})

    def limited() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        ran = work.refresh("--headers")
        assert "Traceback" not in ran.out
        return ran.status

    assert in_child(limited, ordinary=False) == 2
    assert work.snapshot() == before
    assert {path.name for path in work.folder.iterdir()} == {"tree", "semantic", "patches", "cache"}
    work.refreshed("--headers")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[tuple[Path, bool]]:
    """Return a folder, and whether it is a file system of its own with room for some files only."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    yield place, mounted
    if mounted:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_file_system_that_is_full(work: Work, small: tuple[Path, bool]) -> None:
    place, mounted = small
    shutil.copytree(work.patches, place / "patches")
    work.patches = place / "patches"
    before = work.snapshot()
    work.write({"2-field": semantic(FIELD.replace("16", "32"), description="long " * 20_000)})
    ran = work.refresh("--headers")
    if mounted:
        assert ran.status == 2
        assert "cannot-write" in ran.slugs
        assert work.snapshot() == before
        assert [path.name for path in place.iterdir()] == ["patches"]
    else:
        assert ran.status == 0


def test_a_full_folder_for_temporary_files(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> str:
        raise OSError(28, "No space left on device", "/tmp")  # noqa: S108 - a text, and no file

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    work.write({"2-field": semantic(FIELD.replace("16", "32"))})
    before = work.snapshot()
    ran = work.refresh()
    assert ran.status == 2
    assert "No space left on device" in ran.out
    assert work.snapshot() == before


def test_no_gnu_patch(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(work.folder))
    work.write({"2-field": semantic(FIELD.replace("16", "32"))})
    assert "apt-get install patch" in work.refused("no-gnu-patch", status=2).out


def test_a_cache_that_cannot_be_used_costs_nothing(work: Work) -> None:
    shutil.rmtree(work.folder / "cache")
    (work.folder / "cache").write_text("a file", encoding="utf-8")
    work.refreshed()
    (work.folder / "cache").unlink()
    work.refreshed()
    for path in (work.folder / "cache/patchgen").iterdir():
        path.write_bytes(b'{"findings": [{}], "rows": 3}')
    work.refreshed()


def test_a_cache_never_hides_a_change(work: Work) -> None:
    work.refreshed()
    assert "nothing to write" in work.refreshed().out
    (work.patches / "2-field.patch").unlink()
    assert "wrote 2-field.patch" in work.refreshed().out
    (work.tree / "late.c").write_bytes(b"void f(void) { call(greet); }\n")
    work.refused("indirect-use")


def test_a_kill_at_any_instant(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each of twenty instants the folder holds the old series or the new one, and the next run works."""
    (work.folder / "cache").mkdir(exist_ok=True)
    monkeypatch.setattr(tempfile, "tempdir", str(work.folder / "cache"))  # a kill leaves what was temporary
    old = work.contents()
    work.write({"2-field": semantic(FIELD.replace("16", "32"))})
    work.upstream({"main.c": TREE["main.c"].replace(b"argv[1], 1", b"argv[1], 0")})
    begin = time.monotonic()
    work.refreshed()
    whole = time.monotonic() - begin
    new = work.contents()
    assert old != new
    chance = random.Random(20240229)  # noqa: S311 - the same in each run
    seen = set()
    for number in range(20):
        shutil.rmtree(work.patches)
        shutil.rmtree(work.folder / "cache", ignore_errors=True)
        (work.folder / "cache").mkdir()
        work.patches.mkdir()
        for name, data in old.items():
            (work.patches / name).write_bytes(data)
        # The later instants, where things are written, get more of the kills than the earlier ones.
        wait = whole * (chance.random() if number % 4 == 0 else 0.7 + 0.6 * chance.random())
        pid = started(work.refresh)
        time.sleep(wait)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        found = {name: data for name, data in work.contents().items() if not name.startswith(".patchgen")}
        assert found in (old, new)
        seen.add(found == new)
        assert "wrote" in work.refreshed().out or found == new
        assert work.contents() == new
        left = {path.name for path in work.folder.iterdir()} - {"cache"}
        assert left == {"tree", "semantic", "patches"}


# --- the command ----------------------------------------------------------------------------------------------------

USAGE = {
    "an unknown command": ["fresh"],
    "an unknown option": ["refresh", "--colour"],
    "an unknown format": ["refresh", "--format", "xml"],
    "too many words": ["refresh", "now"],
    "nothing to explain": ["explain", "no-such-thing"],
}


@pytest.mark.parametrize("words", USAGE.values(), ids=USAGE)
def test_a_command_that_cannot_be_used(work: Work, words: list[str]) -> None:
    done = work.child(*words)
    assert done.returncode == 2
    assert done.stderr
    assert not done.stdout


def test_nothing_is_given(
    work: Work, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    for command in ("refresh", "status", "lint"):
        done = work.child(command)
        assert done.returncode == 2
        assert "[not-given]" in done.stderr


@pytest.mark.parametrize("text", ["upstream = 3\n", "x = 1\n", "upstream = [1]\n", "= =\n", "\udcff"])
def test_a_configuration_that_cannot_be_used(work: Work, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (work.folder / "patchgen.toml").write_text(text, encoding="utf-8", errors="surrogateescape")
    monkeypatch.chdir(work.folder)
    done = work.child("refresh")
    assert done.returncode == 2
    assert "patchgen.toml: error: " in done.stderr


@pytest.mark.parametrize("format_", ["json", "sarif"])
def test_findings_as_data(work: Work, format_: str) -> None:
    work.upstream({"odd.c": 'void f(void) { say("\u2019"); call(greet); }\n'.encode()})
    only_title(work)
    ran = work.refresh("--format", format_)
    assert ran.status == 1
    found = json.loads(ran.out)
    if format_ == "json":
        assert [(entry["slug"], entry["place"]["line"], entry["place"]["column"]) for entry in found] == [
            ("indirect-use", 1, 31)
        ]
    else:
        (result,) = found["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["region"] == {
            "startLine": 1,
            "startColumn": 31,
            "endColumn": 36,
        }


def test_a_reader_that_goes_away(work: Work) -> None:
    read, write = os.pipe()
    os.close(read)
    tools = str(Path(__file__).resolve().parents[2] / "tools")
    done = subprocess.run(
        [sys.executable, "-m", "patchgen", "explain", "--schema"],
        stdout=write,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": tools},
        cwd=work.folder,
        text=True,
        check=False,
    )
    os.close(write)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_interruption(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(cache, "open_upstream", interrupted)
    before = work.snapshot()
    ran = work.refresh()
    assert ran.status == 2
    assert work.snapshot() == before


def test_a_semantic_patch_with_every_kind_of_the_engine_still_says_its_place(work: Work) -> None:
    """A refusal of a later edit names its own place, and what the earlier edits did is not written."""
    late = edit("set-argument", function="greet", parameter="title", in_="main", from_="0", argument="1")
    work.write({"3-pass": semantic(PASS, late)})
    ran = work.refused("other-argument")
    assert "main.c:8:12: error: this call passes title for title, not 0" in ran.out
    assert TITLE


@pytest.mark.parametrize("other", ["upstream", "semantic"])
def test_the_patches_cannot_lie_in_what_they_are_rendered_from(work: Work, other: str) -> None:
    folder = work.tree if other == "upstream" else work.semantic
    before = sorted(folder.rglob("*"))
    ran = work.run("refresh", "--patches", str(folder))
    assert (ran.status, "same-folder" in ran.slugs) == (2, True), ran.out
    assert sorted(folder.rglob("*")) == before
