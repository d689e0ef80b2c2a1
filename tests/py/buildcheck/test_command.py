# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: what it prints in each form, what it ends with, and that the manual says the same."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import click
import pytest
from click.shell_completion import BashComplete
from hypothesis import given
from hypothesis import strategies as st

from _buildcheck import TREE
from buildcheck import checks
from buildcheck.cli import main
from buildcheck.guest.cli import boot, guest
from buildcheck.jars.cli import jars
from buildcheck.junit import as_junit
from buildcheck.package.cli import package
from buildcheck.programs import PACKAGES
from buildcheck.report import Case, Report, frozen, status, thawed
from buildcheck.report.cli import main as report
from patchgen.findings import Exit, Finding, Level, Place, Slug

if TYPE_CHECKING:
    from pathlib import Path

    from _buildcheck import Desk

OWN = TREE["node/own.c"]
WORSE = {"node/own.c": OWN.replace(b"greet(name) +", b"greet(5) +")}
SLUG = Slug("made-up", "It is made up for a test.")


def test_the_list_has_every_check_and_needs_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "buildcheck", "--list"], cwd="/", capture_output=True, text=True, check=True
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(checks.names())
    assert {"compile", "series"} <= set(checks.names())


def test_text_has_findings_with_their_lines_and_a_summary(desk: Desk) -> None:
    desk.add("worse.patch", WORSE)
    ran = desk.run("all", "--each")
    assert ran.status == 1
    assert "node/own.c:5:" in ran.out
    assert "    return greet(5) + greet(name);" in ran.out
    assert "  help: since worse.patch" in ran.out
    assert re.search(r"^compile +not proved +\d+ cases, 2 errors, 2 pre-existing$", ran.out, re.MULTILINE)
    assert re.search(r"^series +proved ", ran.out, re.MULTILINE)
    quiet = desk.run("all", "--each", "--quiet")
    assert "note:" not in quiet.out
    assert "proved" not in quiet.out
    assert "node/own.c:5:" in quiet.out


def test_sarif_names_rules_and_places(desk: Desk) -> None:
    desk.add("worse.patch", WORSE)
    (run,) = json.loads(desk.run("compile", "--format", "sarif").out)["runs"]
    assert run["tool"]["driver"]["name"] == "buildcheck"
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {"compiler-says"}
    places = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}
    assert places == {"node/own.c", "node/main.c"}


def test_junit_has_a_case_for_each_step_and_the_failure_where_it_is(desk: Desk) -> None:
    desk.add("good.patch", {"net/Makefile": TREE["net/Makefile"] + b"#\n"})
    desk.add("worse.patch", WORSE)
    root = ET.fromstring(desk.run("compile", "--each", "--format", "junit").out)  # noqa: S314 - our own
    (suite,) = root
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("compile", str(3 * 4), "2")
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == ["gcc, worse.patch", "clang, worse.patch"]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["no-such-check"],
        ["all", "--tree", "x", "--patches", "y"],
        ["series", "--tree", "."],
        ["compile", "--nonsense"],
    ],
)
def test_a_command_that_makes_no_sense_is_unusable(desk: Desk, words: list[str]) -> None:
    ran = desk.raw(*words)
    assert ran.status == 2
    assert ran.err


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        (["compile", "--upstream", "absent", "--patches", "absent"], "no-series"),
        (["compile", "--tree", "absent"], "no-tree"),
    ],
)
def test_what_is_not_there_is_named(desk: Desk, words: list[str], slug: str) -> None:
    ran = desk.raw(*words)
    assert (ran.status, f"[{slug}]" in ran.err) == (2, True)


def test_outside_of_everything_it_says_what_to_give(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nowhere").mkdir()
    monkeypatch.chdir(tmp_path / "nowhere")
    ran = desk.raw("all")
    assert (ran.status, "--upstream TREE --patches DIR" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("program", "check"),
    [(name, check) for check in checks.names() for name in checks.check(check).NEEDS],
)
def test_a_program_that_is_missing_is_named_with_its_package_and_the_other_checks_run(
    desk: Desk, program: str, check: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add("good.patch", {"net/Makefile": TREE["net/Makefile"] + b"#\n"})
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    wanted = {name for one in checks.names() for name in checks.check(one).NEEDS}
    for name in wanted - {program}:
        (bin_ / name).symlink_to(shutil.which(name) or "")
    monkeypatch.setenv("PATH", str(bin_))
    ran = desk.run(check, "--format", "json")
    assert ran.status == 2
    (found,) = ran.of("missing-program")
    assert program in found["message"]
    assert PACKAGES[program] in found["help"].split()


def test_a_missing_program_leaves_the_other_checks_to_run(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add("headless.patch", {"net/Makefile": TREE["net/Makefile"] + b"#\n"}, b"")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name in ("quilt", "patch", "dpkg-source", "bash", "sh", "env", "perl", "diff", "tar", "gzip", "xz"):
        (bin_ / name).symlink_to(shutil.which(name) or "")
    monkeypatch.setenv("PATH", f"{bin_}")
    ran = desk.run("all", "--format", "json")
    assert ran.status == 2
    assert ran.of("missing-program")
    assert ran.of("dep3-missing-field")


def test_all_on_a_tree_says_what_it_left_out(desk: Desk) -> None:
    ran = desk.raw("all", "--tree", str(desk.tree), "--format", "json")
    assert [one["level"] for one in ran.of("not-a-series")] == ["note"]


@pytest.mark.parametrize(
    ("levels", "known", "unusable", "strict", "ends"),
    [
        ([], 0, False, True, Exit.CLEAN),
        ([Level.NOTE], 0, False, True, Exit.CLEAN),
        ([Level.NOTE], 1, False, False, Exit.CLEAN),
        ([Level.NOTE], 1, False, True, Exit.FINDINGS),
        ([Level.WARNING], 0, False, False, Exit.CLEAN),
        ([Level.WARNING], 0, False, True, Exit.FINDINGS),
        ([Level.ERROR], 0, False, False, Exit.FINDINGS),
        ([Level.ERROR], 0, True, False, Exit.UNUSABLE),
    ],
)
def test_the_exit_status(levels: list[Level], known: int, unusable: bool, strict: bool, ends: Exit) -> None:
    case = Case("x", tuple(Finding(SLUG, level, "m") for level in levels), known)
    assert status([Report("c", (Case("y"),)), Report("d", (case,), unusable)], strict=strict) is ends


@given(text=st.text())
def test_junit_is_xml_whatever_is_in_it(text: str) -> None:
    """Any text, control characters and lone surrogates too, leaves the document well-formed."""
    finding = Finding(SLUG, Level.ERROR, text, Place(text, 1, 1, 2, text), text)
    note = Finding(SLUG, Level.NOTE, text)
    ET.fromstring(as_junit([Report(text, (Case(text, (finding, note)), Case(text)))]).encode("utf-8"))  # noqa: S314 - our own


def test_what_was_kept_of_cases_comes_back_and_anything_else_does_not() -> None:
    slug = next(iter(Slug.known().values()))
    cases = [
        Case("a", (Finding(slug, Level.ERROR, "m", Place("p", 1, 2, 3, "s"), "h"), Finding(slug, Level.NOTE, "n")), 1),
        Case("b", patch="p"),
    ]
    assert thawed(json.loads(json.dumps(frozen(cases)))) == cases
    others: tuple[object, ...] = (None, 3, [3], [{}], [{"name": "a", "findings": [{}], "known": 0}])
    assert all(thawed(other) is None for other in others)


@pytest.mark.parametrize(
    ("words", "start", "offered"),
    [
        ([], "se", {"series"}),
        (["series"], "", {"all", *checks.names()}),
        (["all"], "--st", {"--strict", "--structs"}),
        (["all", "--format"], "j", {"json", "junit"}),
    ],
)
def test_bash_completes(words: list[str], start: str, offered: set[str]) -> None:
    complete = BashComplete(main, {}, "buildcheck", "_BUILDCHECK_COMPLETE")
    assert {item.value for item in complete.get_completions(words, start)} == offered


def test_adb_is_a_command_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "buildcheck", "adb", "--help"], cwd="/", capture_output=True, text=True, check=True
    )
    assert "wsdl2c" in done.stdout


def plain(root: Path) -> str:
    """Return the manual page as a reader of a terminal sees it."""
    words = ["groff", "-mandoc", "-Tutf8", "-P-cbou", "-rLL=200n", str(root / "docs/man/buildcheck.1")]
    return subprocess.run(words, capture_output=True, check=True).stdout.decode()


def test_the_manual_names_every_check_option_and_choice_and_no_other_option(root: Path) -> None:
    page = plain(root)
    parameters = [
        one
        for command in (main, report, guest, boot, package, jars)
        for one in command.get_params(click.Context(command))
    ]
    options = {text for one in parameters for text in one.opts if isinstance(one, click.Option)}
    choices = {choice for one in parameters if isinstance(one.type, click.Choice) for choice in one.type.choices}
    assert not [word for word in options | choices if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", page)]
    assert set(re.findall(r"--[a-z][a-z-]*", page)) <= options


def test_the_document_has_a_chapter_for_each_check(root: Path) -> None:
    text = (root / "docs/buildcheck.md").read_text(encoding="utf-8")
    assert set(checks.names()) <= set(re.findall(r"^## ([\w-]+)$", text, re.MULTILINE))


def test_every_slug_is_explained() -> None:
    for name in checks.names():
        checks.check(name)
    assert not [name for name, slug in Slug.known().items() if len(slug.explanation) < 30 and name != SLUG.name]
