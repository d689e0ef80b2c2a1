# SPDX-License-Identifier: GPL-3.0-or-later
"""The other lines of upstream: their trees are what the sheets say, and one series serves them all."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from _lines import LINES, ROOT, made, stages
from buildcheck.cli import main as buildcheck
from patchgen.cli import main as patchgen

if TYPE_CHECKING:
    from pathlib import Path

    from patchgen.edits import Edit
    from patchgen.stages import EditReport

FOLDER = ROOT / "tests/c/lines"
TRAPS = [
    line.split("\t", 3)
    for line in (FOLDER / "TRAPS").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]

ONLY_ELSEWHERE: dict[str, set[str]] = {
    "2.0": set(),
    "1.6": set(),
    "trunk": set(),
    "3.x": {"nc-sweep-spares-running.patch"},  # there is no sweep
}
"""The patches that are not for a line, for a fact of its tree."""


@pytest.fixture(scope="session")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the tree of each line, the one of 2.0 too."""
    folder = tmp_path_factory.mktemp("lines")
    return {"2.0": ROOT / "tests/c/reference", **{name: made(name, folder / name) for name in LINES}}


def reports(tree: Path, patch: str) -> list[EditReport]:
    """Return the edits of a patch on a tree, but for those that are not for it."""
    return [report for report in stages(tree)[patch].edits if report.plan.state.value != "obsolete"]


def edits(tree: Path, patch: str) -> list[Edit]:
    return [report.edit for report in reports(tree, patch)]


def patched(tree: Path, patch: str, path: str) -> str:
    """Return a file as a patch of the series leaves it."""
    return stages(tree)[patch].after.read(path).decode()


# --- the trees --------------------------------------------------------------------------------------------------


def test_every_line_is_here() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(LINES)
    assert {path.stem for path in FOLDER.glob("*.patch")} == set(LINES)


@pytest.mark.parametrize("line", LINES)
def test_its_patch_is_what_the_tool_keeps(line: str, tmp_path: Path) -> None:
    """Else the next who keeps a tree would change what nobody changed."""
    script = (
        f"import runpy; tool = runpy.run_path({str(ROOT / 'tools/line')!r}); from pathlib import Path; "
        f"folder = tool['made']({line!r}, Path({str(tmp_path / 'tree')!r}), plain=True); "
        f"assert tool['kept']({line!r}, folder) == (tool['LINES'] / '{line}.patch').read_bytes()"
    )
    subprocess.run(["python3", "-c", script], check=True)


@pytest.mark.parametrize(("line", "path", "pattern", "text"), TRAPS, ids=[f"{one[0]} {one[3]}" for one in TRAPS])
def test_it_is_what_the_sheets_say(trees: dict[str, Path], line: str, path: str, pattern: str, text: str) -> None:
    found = re.search(pattern.removeprefix("!"), (trees[line] / path).read_text(encoding="utf-8"), re.MULTILINE)
    assert (found is None) == pattern.startswith("!"), text
    assert text.strip()


# --- the series on them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", LINES)
def test_nothing_is_refused_and_only_what_is_not_for_it_is_left_out(trees: dict[str, Path], line: str) -> None:
    found = stages(trees[line])
    assert {name for name, stage in found.items() if stage.state.value == "obsolete"} == ONLY_ELSEWHERE[line]
    assert {stage.state.value for stage in found.values()} <= {"rendered", "obsolete"}


@pytest.mark.parametrize("line", ["2.0", *LINES])
def test_alternatives_are_exhaustive_and_exclude_each_other(trees: dict[str, Path], line: str) -> None:
    """Of two edits at one place that are conditional, one is for the tree, and not both."""
    found = dict.fromkeys(CHOICES, 0)
    for patch, kind, about in CHOICES:
        for edit in edits(trees[line], patch):
            found[patch, kind, about] += edit.__struct_config__.tag == kind and about in str(edit)
    assert set(found.values()) == {1}, found


CHOICES = [
    ("nc-run-instance-archid.patch", "insert-statement", "settle_guest_arch (instanceId, params"),
    ("nc-run-instance-archid.patch", "insert-statement", '"NC_GUEST_ARCH");'),
    ("nc-run-instance-archid.patch", "insert-statement", "is_x86_guest (archId)"),
]
"""Patch, kind and a piece of the text of edits of which each tree needs exactly one."""


@pytest.mark.parametrize("line", ["2.0", *LINES])
def test_a_string_of_an_instance_ends_whatever_it_is_called(trees: dict[str, Path], line: str) -> None:
    """Every array of char of the struct, and of what it holds, as a reader of its own finds them."""
    header = patched(trees[line], "nc-instance-archid.patch", "util/data.h")
    source = stages(trees[line])["nc-instance-archid.patch"].after
    body = "".join(
        source.read(path).decode() for path in source.mentioning([b"terminate_strings"]) if path.endswith(".c")
    )
    body = body[body.index("terminate_strings") :]
    body = body[: body.index("\n}\n")]
    wanted = set(strings_of(header, "ncInstance_t", "instance->"))
    assert set(re.findall(r"TERMINATE ?\((.*?)\);", body)) == wanted
    assert len(wanted) > 15
    assert "instance->archId" in wanted


def strings_of(header: str, tag: str, before: str) -> list[str]:
    """Return the arrays of char in a struct, by a reader that knows no more than this header's style."""
    match = re.search(
        rf"\b{tag}\s*\{{(.*?)\n\s*\}}\s*(\w+);", re.sub(r"/\*.*?\*/|//[^\n]*", "", header, flags=re.DOTALL), re.DOTALL
    )
    assert match is not None, tag
    found = []
    for declaration in match[1].split(";"):
        parted = re.match(r"\s*([\w ]*\w)\s+([*\w][^(]*)$", declaration, re.DOTALL)
        if parted is None:
            continue
        type_ = parted[1].split()[-1]
        for name in re.split(r",(?![^\[]*\])", parted[2]):
            word = re.match(r"\s*(\**)\s*(\w+)((?:\[[^\]]*\])*)", name)
            if word is None or word[1]:
                continue
            dimensions = word[3].count("[")
            if type_ == "char" and dimensions:
                found.append(before + word[2] + "[i]" * (dimensions - 1))
            elif re.search(rf"struct {type_}_t\s*\{{", header):
                found += strings_of(header, f"{type_}_t", f"{before}{word[2]}{'[i]' * dimensions}.")
    return found


@pytest.mark.parametrize("line", ["2.0", *LINES])
def test_an_older_checkpoint_ends_where_our_member_begins(trees: dict[str, Path], line: str) -> None:
    """Whatever upstream's own last member is: volumesSize in 2.0, and others behind it later."""
    tree = stages(trees[line])["nc-instance-archid.patch"].after
    (path,) = [path for path in tree.mentioning([b"oldest_checkpoint"]) if path.endswith(".c")]
    assert re.search(r"return offsetof ?\(struct ncInstance_t, archId\);", tree.read(path).decode())
    assert re.search(r"archId\[CHAR_BUFFER_SIZE\];\s*\} ncInstance;", tree.read("util/data.h").decode())


@pytest.mark.parametrize("line", ["1.6", "2.0", "trunk"])
def test_the_command_line_is_held_against_its_own_buffer(trees: dict[str, Path], line: str) -> None:
    """In 1.6 it has 512 bytes, and MAX_PATH is 4096."""
    text = patched(trees[line], "nc-arch-domain-xml.patch", "node/handlers.c")
    body = text[text.index("\nget_instance_xml(") :]
    inserted = body[body.index("guest_arch_word") : body.index("system_output")]
    assert inserted.count("sizeof (cmd)") == 2
    assert "MAX_PATH" not in inserted


def test_trunk_writes_no_arm_domain_for_a_block_device(trees: dict[str, Path], tmp_path: Path) -> None:
    generator = tmp_path / "generator"
    generator.write_text(patched(trees["trunk"], "gen-libvirt-xml-arch.patch", "tools/gen_kvm_libvirt_xml"))
    for words, status in ((["--arch", "armhf"], 0), (["--arch", "armhf", "--blockroot"], 1), (["--blockroot"], 0)):
        done = subprocess.run(["perl", generator, *words], capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        assert bool(done.stdout) == (status == 0)
        assert bool(done.stderr) == (status == 1)
    assert (
        "DEVNAME"
        in subprocess.run(["perl", generator, "--blockroot"], capture_output=True, text=True, check=True).stdout
    )


@pytest.mark.parametrize("line", LINES)
def test_it_pushes_and_pops_with_quilt(trees: dict[str, Path], line: str, tmp_path: Path) -> None:
    patches, copy = tmp_path / "patches", tmp_path / "tree"
    done = CliRunner().invoke(
        patchgen,
        [
            "refresh",
            "-q",
            "--upstream",
            str(trees[line]),
            "--semantic",
            str(ROOT / "semantic"),
            "--patches",
            str(patches),
        ],
    )
    assert done.exit_code == 0, done.output
    subprocess.run(["cp", "-r", trees[line], copy], check=True)
    environment = {**os.environ, "QUILT_PATCHES": str(patches), "HOME": str(tmp_path), "LC_ALL": "C"}
    for words in (["push", "-a", "--fuzz=0"], ["pop", "-a"]):
        ran = subprocess.run(
            ["quilt", "--quiltrc=-", *words], cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert not [*copy.rglob("*.rej"), *copy.rglob("*.orig")]
    subprocess.run(["diff", "-r", "--exclude=.pc", trees[line], copy], check=True)


def test_our_texts_speak_as_upstream_does(trees: dict[str, Path], tmp_path: Path) -> None:
    """3.3 has other words for logging and for results; what is put in must not bring the old ones back."""
    tree = tmp_path / "tree"
    subprocess.run(["cp", "-r", trees["3.x"], tree], check=True)
    for path in tree.rglob("*.[ch]"):
        text = re.sub(r"logprintfl ?\(EUCA(\w+), ?", r"LOG\1(", path.read_text(encoding="utf-8"))
        text = re.sub(r"\b(OK|ERROR)\b", r"EUCA_\1", re.sub(r"\bEUCA(?=ERROR|INFO|WARN|FATAL|DEBUG)", "LEVEL_", text))
        path.write_text(text, encoding="utf-8")
    added = "".join(
        line
        for stage in stages(tree).values()
        for line in stage.diff.decode().splitlines(keepends=True)
        if line.startswith("+") and not line.lstrip("+ ").startswith(("*", "/*"))
    )
    assert {stage.state.value for stage in stages(tree).values()} == {"rendered", "obsolete"}
    assert added.count("LOGERROR(") + added.count("LOGERROR (") >= 7
    assert "return EUCA_ERROR;" in added
    assert not re.search(r"logprintfl|EUCAERROR|(?<!\w)(?:return|!=) (?:OK|ERROR)\b", added)


def test_status_shows_the_lines_beside_each_other(trees: dict[str, Path]) -> None:
    words = [word for tree in trees.values() for word in ("--upstream", str(tree))]
    done = CliRunner().invoke(patchgen, ["status", *words, "--semantic", str(ROOT / "semantic")])
    assert done.exit_code == 0, done.output
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert rows["nc-sweep-spares-running.patch"] == ["rendered", "rendered", "rendered", "obsolete"]
    assert rows["cc-archid.patch"] == ["rendered"] * 4


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("line", LINES)
def test_buildcheck_proves_it(trees: dict[str, Path], line: str, tmp_path: Path) -> None:
    patches = tmp_path / "patches"
    places = ["--upstream", str(trees[line]), "--patches", str(patches)]
    done = CliRunner().invoke(patchgen, ["refresh", "-q", *places, "--semantic", str(ROOT / "semantic")])
    assert done.exit_code == 0, done.output
    ran = CliRunner().invoke(buildcheck, ["compile", "layout", "calls", "wire", "series", *places])
    assert ran.exit_code == 0, "\n".join(
        one for one in ran.output.splitlines() if "(the unpatched tree has it too)" not in one
    )
