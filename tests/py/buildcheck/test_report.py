# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: what is on it, that nothing in it can do harm, and what a browser and a screen reader make of it."""

from __future__ import annotations

import re
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from _accessible import COMPLAINTS
from _browser import Browser
from _buildcheck import TREE, patch
from buildcheck.cli import main
from buildcheck.ctree import Target
from buildcheck.layout import Layout, Member, Record, picture
from buildcheck.layout.pairs import Pair
from buildcheck.policy import Allow, Struct
from buildcheck.report import Case, Report
from buildcheck.report.contents import Contents, EditPart, Entry, PatchPart, Picture, contents
from buildcheck.report.hunks import FileHunks, Hunk, Line, Part, Side, between
from buildcheck.report.matrix import matrix
from buildcheck.report.page import as_html
from buildcheck.running import run
from buildcheck.store import Store
from buildcheck.subject import Subject
from patchgen.config import Places
from patchgen.findings import Finding, Level, Place, Slug
from patchgen.tree import Tree
from patchgen.upstream import open_upstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _buildcheck import Desk

SLUG = next(iter(Slug.known().values()))
HOSTILE = (
    "</code></style><script>window.harm = 1</script><img src='https://example.org/x' onerror='window.harm = 1'>&amp;\"'"
)
EDIT = '[dep3]\nDescription = "greet: again"\nAuthor = "A <a@example.org>"\n\n[[edit]]\nkind = "add-parameter"\nfunction = "greet"\nparameter = "int often"\nafter = "name"\nargument = "1"\n'


def laid_out(name: str, *members: str, unproved: str = "") -> Record:
    """Return a struct of these members, each an int."""
    lie = tuple(Member(one, "int", 32 * number, 32) for number, one in enumerate(members))
    return Record(name, "key", "a.h", 1, 1, None if unproved else Layout(4 * len(members), 4, lie), unproved=unproved)


def shown(text: str = "kept") -> Report:
    """Return what layout says of four structs: appended to, changed, unproved, and one of which nothing is known before."""
    struct = Struct(text, text, Allow.APPEND)
    old, new = laid_out(text, text, "b"), laid_out(text, text, "b", f"{text}2")
    two = (Target.AMD64, Target.ARM64)
    pairs = (
        Pair(struct, two, old, new, compared=True),
        Pair(struct, (Target.I386,), new, old, compared=True),
        Pair(struct, (Target.ARMHF,), old, laid_out(text, unproved=text or "?"), compared=True),
        Pair(struct, two, None, new, compared=True),
    )
    return Report("layout", (Case("structs of the policy", structs=pairs),))


def made(text: str) -> Contents:
    """Return contents with *text* in every place that a tree or a patch has a say in."""
    finding = Finding(SLUG, Level.ERROR, text, Place(text or "-", 3, 1, 2, text), text)
    line = Line(Side.AFTER, 0, 7, (Part(text, changed=True), Part(text)))
    edit = EditPart(
        "add-field",
        text,
        "absent",
        1,
        (Entry(Place(text, 1, 1), text, "edited", text), Entry(Place(text), text, "excused", text)),
        (FileHunks(text, (Hunk((line,)),)),),
    )
    part = PatchPart(text, "rendered", text, text, (edit, edit), (finding,))
    cases = (Case(text, (finding,), 1, text), Case(text), Case("whole", (replace(finding, level=Level.WARNING),)))
    report = Report("series", cases)
    drawn = picture(laid_out(text, text), laid_out(text, text, f"{text}2"))
    return Contents(text, text, (part,), (report,), (finding,), (Picture(text, drawn), Picture(text, "")))


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of the series of this repository, with what one check says of it."""
    root = Path(__file__).resolve().parents[3]
    places = Places((str(root / "tests/c/reference"),), root / "semantic", root / "patches", named=True)
    subject = Subject.of_series(places.upstream[0], root / "patches", "series", Store.usual(), each=True)
    gathered = contents(places, subject, [run("series", subject), shown()])
    assert len(gathered.patches) == len(subject.patches)
    assert not gathered.findings
    page = tmp_path_factory.mktemp("page") / "report.html"
    assert [bool(one.svg) for one in gathered.pictures] == [True, True, False, False]
    page.write_bytes(as_html(gathered))
    return page


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


# ----------------------------------------------------------------------------------------------- in the browser


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("dark", [False, True])
def test_a_browser_has_nothing_to_complain_of(series: Path, browser: Browser, dark: bool, width: int) -> None:
    page = browser.open(series, dark=dark, width=width)
    page.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.run(COMPLAINTS) == []
    assert page.requests() == []
    assert page.complaints() == []
    paper = page.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", paper))) < 3 * 128) == dark


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (("<main", "<div"), "not one main"),
        (('scope="row"', ""), "a header cell without a scope"),
        (("<caption>", "<caption hidden><!--"), "a table without a caption"),
        (("--soft: #545c6b", "--soft: #a5adbc"), "contrast"),
        (('href="#matrix"', 'href="#nowhere"'), "a link to nowhere"),
        (("<h3", "<h5"), "a level of headings"),
        (('lang="en"', ""), "no language"),
        (('id="slugs"', 'id="matrix"'), "the id matrix twice"),
        (('role="img"', ""), "a picture without a name"),
        (("flex-wrap: wrap", "white-space: pre; width: 99rem"), "pixels wide"),
    ],
)
def test_the_browser_would_complain(
    series: Path, browser: Browser, tmp_path: Path, broken: tuple[str, str], rule: str
) -> None:
    text = series.read_text(encoding="utf-8")
    assert broken[0] in text
    worse = tmp_path / "worse.html"
    worse.write_text(text.replace(*broken), encoding="utf-8")
    found = browser.open(worse, width=320).run(COMPLAINTS)
    assert [complaint for complaint in found if complaint.startswith(rule) or rule in complaint.partition(": ")[0]]


def test_a_screen_reader_is_told_of_landmarks_headings_and_tables(series: Path, browser: Browser) -> None:
    nodes = browser.open(series).tree()
    roles = [node["role"]["value"] for node in nodes]
    names = {(node["role"]["value"], node.get("name", {}).get("value")) for node in nodes}
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert roles.count(role) == 1, role
    assert ("heading", "Patches against checks") in names
    assert ("table", "What each check says of each patch") in names
    assert {("columnheader", "series"), ("rowheader", "cc-archid.patch")} <= names
    assert {name for role, name in names if role == "image"} == {
        "kept, before and after kept2 appended; 8 to 12 bytes",
        "kept, before and after kept2 removed; 12 to 8 bytes",
    }


def test_the_keyboard_skips_to_the_contents_and_opens_an_edit(series: Path, browser: Browser) -> None:
    page = browser.open(series)

    def press(key: str, code: int) -> None:
        text = {"text": "\r"} if key == "Enter" else {}
        for what in ("keyDown", "keyUp"):
            page.ask("Input.dispatchKeyEvent", type=what, key=key, code=key, windowsVirtualKeyCode=code, **text)

    press("Tab", 9)
    assert page.run("document.activeElement.className") == "skip"
    assert page.run("document.activeElement.getBoundingClientRect().top >= 0")
    press("Enter", 13)
    assert page.run("document.activeElement.id") == "main"
    page.run("document.querySelector('details.edit summary').focus()")
    press("Enter", 13)
    assert page.run("document.querySelector('details.edit').open")


def test_without_scripts_everything_is_there(series: Path, browser: Browser) -> None:
    page = browser.open(series, script=False)
    text = page.run("document.body.textContent")
    assert "timeread_whole" in text
    assert page.run("document.scripts.length") == 0
    assert page.run("document.querySelectorAll('details.edit').length") > 20


def test_nothing_that_a_tree_or_a_patch_says_does_anything(browser: Browser, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.html"
    hostile.write_bytes(as_html(made(HOSTILE)))
    page = browser.open(hostile)
    assert page.run("window.harm") is None
    assert page.run("document.querySelectorAll('script, img').length") == 0
    assert HOSTILE in page.run("document.querySelector('h3:last-of-type ~ ul, .findings').textContent")
    assert page.requests() == []
    assert page.complaints() == []
    assert page.run(COMPLAINTS) == []


def test_what_is_written_into_the_page_after_all_is_stopped_by_its_policy(browser: Browser, tmp_path: Path) -> None:
    data = as_html(made("x")).replace(b"</h1>", b"</h1>" + HOSTILE.encode())
    (tmp_path / "page.html").write_bytes(data)
    page = browser.open(tmp_path / "page.html")
    assert page.run("window.harm") is None
    assert "Content Security Policy" in " ".join(page.complaints())


# -------------------------------------------------------------------------------------------------- what it says


def test_the_page_has_each_edit_and_each_line_of_the_ledger(series: Path) -> None:
    page = html.parse(str(series)).getroot()
    root = Path(__file__).resolve().parents[3]
    upstream = str(root / "tests/c/reference")
    from patchgen.status import played  # noqa: PLC0415 - here only

    board = played(Places((upstream,), root / "semantic", root / "patches", named=True), upstream)
    reports = [report for stage in board.stages for report in stage.edits]
    assert len(page.find_class("edit")) == len(reports)
    rows = [len(table.xpath("./tbody/tr")) for table in page.find_class("ledger")]
    assert rows == [len(report.plan.occurrences) for report in reports if report.plan.occurrences]
    added = {line.xpath("string(.//span[@class='text'])").rstrip("\n") for line in page.xpath("//ins")}
    for stage in board.stages:
        lines = [line for line in stage.diff.decode().splitlines() if line.startswith("+") and line[:4] != "+++ "]
        assert {line[1:] for line in lines} <= added, stage.patch


@given(text=st.text())
def test_any_text_stays_text(text: str) -> None:
    """Whatever text a tree or a patch has, the page has the same elements, and nothing else."""
    page, plain = (html.fromstring(as_html(made(one))) for one in (text, "x"))
    if text.strip():  # an empty description has no paragraph
        tags = [[one.tag for one in root.iter() if one.tag != "p"] for root in (page, plain)]
        assert tags[0] == tags[1]
    assert not page.xpath("//script|//@onerror|//body//link|//body//style")


def test_the_same_contents_give_the_same_bytes_and_no_time_is_in_them() -> None:
    one = made("x")
    later = replace(one, reports=tuple(replace(report, seconds=9.0) for report in one.reports))
    assert as_html(one) == as_html(later)


def test_words_that_changed_are_marked_in_their_line(desk: Desk) -> None:
    before = Tree(open_upstream(str(desk.tree)))
    after = before.with_files(
        {"node/own.c": TREE["node/own.c"].replace(b"twice(const char *name)", b"twice(char *name)")}
    )
    ((line, other),) = (
        [line for line in hunk.lines if line.side is not Side.BOTH]
        for file in between(before, after)
        for hunk in file.hunks
    )
    assert [part.text for part in line.parts if part.changed] == ["const", " "] or [
        part.text for part in line.parts if part.changed
    ] == ["const "]
    assert (line.before, line.after, other.before, other.after) == (3, 0, 0, 3)
    assert not [part for part in other.parts if part.changed]


@given(
    old=st.lists(st.text("ab ", max_size=4), max_size=30),
    new=st.lists(st.text("ab ", max_size=4), min_size=1, max_size=30),
)
def test_the_hunks_hold_every_change(tmp_path_factory: pytest.TempPathFactory, old: list[str], new: list[str]) -> None:
    """Take the lines that go from the old file, put those that come, and the new one is there."""
    folder = tmp_path_factory.mktemp("tree")
    (folder / "f").write_text("".join(f"{line}\n" for line in ["first", *old]), encoding="utf-8")
    before = Tree(open_upstream(str(folder)))
    after = before.with_files({"f": "".join(f"{line}\n" for line in ["first", *new]).encode()})
    lines = dict(enumerate(["first", *old], start=1))
    kept: dict[int, str] = {}
    for file in between(before, after):
        for line in (line for hunk in file.hunks for line in hunk.lines):
            text = "".join(part.text for part in line.parts)
            if line.before:
                assert lines.pop(line.before) == text
            if line.after:
                kept[line.after] = text
    rest = iter(lines.values())
    assert [kept[at] if at in kept else next(rest) for at in range(1, len(new) + 2)] == ["first", *new]


def test_the_matrix_has_a_cell_for_each_patch_and_check() -> None:
    error, warning = (Finding(SLUG, level, "m") for level in (Level.ERROR, Level.WARNING))
    one = Report("one", (Case("a", (), 0, ""), Case("b", (error, warning), 2, "p"), Case("c", (warning,), 0, "q")))
    two = Report("two", (Case("whole"),))
    rows = matrix(("p", "q"), (one, two))
    assert [row.patch for row in rows] == ["", "p", "q", None]
    assert [[cell.state for cell in row.cells] for row in rows] == [
        ["proved", "none"],
        ["not-proved", "none"],
        ["warned", "none"],
        ["none", "proved"],
    ]
    assert (rows[1].cells[0].errors, rows[1].cells[0].warnings, rows[1].cells[0].known) == (1, 1, 2)


# -------------------------------------------------------------------------------------------------- the command


def report(desk: Desk, *words: str) -> tuple[int, str, str]:
    """Run the command on the series of *desk*; return its status, what it said, and the page's text."""
    page = desk.folder / "out" / "page.html"
    given = ["report", "-o", str(page), "--upstream", str(desk.tree), "--patches", str(desk.patches), *words]
    (desk.folder / "behaviour.toml").write_text("program = []\n", encoding="utf-8")
    given += ["--tests", str(desk.folder)]
    with chdir(desk.folder):  # where no patchgen.toml says anything
        done = CliRunner().invoke(main, given)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    text = html.fromstring(page.read_bytes()).text_content() if page.exists() else ""
    return done.exit_code, done.output, text


def test_the_command_shows_what_the_checks_found_and_ends_like_them(desk: Desk) -> None:
    desk.add("worse.patch", {"node/own.c": TREE["node/own.c"].replace(b"greet(name) +", b"greet(5) +")})
    status, said, text = report(desk)
    assert status == 1
    assert re.search(r"^compile +not proved", said, re.MULTILINE)
    assert "The series is not proved" in text
    assert "node/own.c:5:" in text
    assert "return greet(5) + greet(name);" in text
    assert "there is no ledger" in text, "without semantic patches, and it is said"


def test_a_semantic_patch_has_its_ledger_and_one_that_is_out_of_step_is_named(desk: Desk) -> None:
    semantic = desk.folder / "semantic"
    semantic.mkdir()
    (semantic / "again.toml").write_text(EDIT, encoding="utf-8")
    (semantic / "series").write_text("again\n", encoding="utf-8")
    after = {
        path: data.replace(b"(const char *name)", b"(const char *name, int often)")
        .replace(b'greet("you")', b'greet("you", 1)')
        .replace(b"greet(name)", b"greet(name, 1)")
        .replace(b"twice(const char *name, int often)", b"twice(const char *name)")
        for path, data in TREE.items()
        if b"greet(" in data
    }
    desk.add("again.patch", after)
    _, _, text = report(desk, "--semantic", str(semantic))
    assert re.search(r"rendered; 1 edit, occurrences: 5 edited, \d excused, 0 refused", text), text
    assert "out-of-step" not in text
    desk.put("again.patch", patch(TREE, after | {"net/Makefile": TREE["net/Makefile"] + b"# more\n"}))
    desk.names = desk.names[:1]
    desk.put("other.patch", patch({}, {"net/other.c": b"int other;\n"}))
    _, _, text = report(desk, "--semantic", str(semantic))
    assert "patch-out-of-step" in text
    assert "again.patch does not leave what its semantic patch says" in text


def test_a_patch_that_does_not_apply_is_on_the_page(desk: Desk) -> None:
    desk.put("stale.patch", patch({"net/none.c": b"a\n"}, {"net/none.c": b"b\n"}))
    status, _, text = report(desk)
    assert status == 1
    assert "does not apply" in text


def test_a_page_that_cannot_be_written_is_an_error_and_leaves_nothing(desk: Desk) -> None:
    desk.add("good.patch", {"net/Makefile": TREE["net/Makefile"] + b"#\n"})
    (desk.folder / "out").write_text("a file", encoding="utf-8")
    status, said, _ = report(desk)
    assert (status, "[environment]" in said) == (2, True)
    assert (desk.folder / "out").read_text(encoding="utf-8") == "a file"


def test_a_struct_that_a_patch_changes_is_drawn(desk: Desk, browser: Browser) -> None:
    header = TREE["util/greet.h"] + b"struct guest { char name[8]; int size; };\n"
    desk.upstream({"util/greet.h": header})
    desk.add("grown.patch", {"util/greet.h": header.replace(b"int size; }", b"int size; char arch[16]; }")})
    _, _, text = report(desk)
    assert "struct guest, on amd64" in text
    page = browser.open(desk.folder / "out/page.html", dark=True)
    assert "arch" in page.run("document.querySelector('figure svg').textContent")
    assert page.run(COMPLAINTS) == []


@pytest.mark.parametrize("words", [["report"], ["report", "-o", "x", "--nonsense"]])
def test_a_report_that_makes_no_sense_is_unusable(desk: Desk, words: list[str]) -> None:
    assert desk.raw(*words).status == 2


@pytest.mark.slow
def test_the_whole_report_of_the_series(root: Path, desk: Desk, browser: Browser) -> None:
    page = desk.folder / "whole.html"
    given = [
        "report",
        "-o",
        str(page),
        "--upstream",
        str(root / "tests/c/reference"),
        "--patches",
        str(root / "patches"),
        "--semantic",
        str(root / "semantic"),
        "--tests",
        str(root / "tests/c/behaviour"),
        "--policy",
        str(root / "policy.toml"),
    ]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 0, done.output
    opened = browser.open(page, dark=True)
    assert opened.run(COMPLAINTS) == []
    assert opened.requests() == []
