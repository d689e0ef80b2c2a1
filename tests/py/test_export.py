# SPDX-License-Identifier: GPL-3.0-or-later
"""The series goes out as mails or a diff, comes back, and what was written is undone."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from _engine import HAND, PASS, Work, semantic
from _git import committed, git
from patchgen import history
from patchgen.findings import PatchgenError
from patchgen.folder import _exchange

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Return a rendered series of three patches, with a record of nothing but that."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    work = Work(tmp_path)
    work.refreshed()
    return work


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(".")}


# --- mails ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["git-am", "mbox"])
def test_our_series_goes_through_git_and_back(tmp_path: Path, form: str, home: dict[str, str]) -> None:
    """Every patch of patches/: out as mails, taken by git am, back into the same bytes in the same order."""
    out, back = tmp_path / "out", tmp_path / "back"
    subprocess.run(["patchgen", "export", "--to", form, "-o", out], cwd=ROOT, env=home, check=True)
    subprocess.run(["patchgen", "import", "--patches", back, out], cwd=ROOT, env=home, check=True)
    assert files(back) == files(ROOT / "patches")
    shutil.copytree(ROOT / "tests/c/reference", tmp_path / "git")
    repository = committed(tmp_path / "git")
    mails = sorted(out.iterdir()) if out.is_dir() else [out]
    git(repository, "am", "-q", *map(str, mails))
    shutil.copytree(ROOT / "tests/c/reference", tmp_path / "pushed")
    for name in (ROOT / "patches/series").read_text(encoding="utf-8").split():
        patch = (ROOT / "patches" / name).read_bytes()
        subprocess.run(["patch", "-sp1", "-F0"], cwd=tmp_path / "pushed", input=patch, check=True)
    subprocess.run(["diff", "-r", "--exclude=.git", repository, tmp_path / "pushed"], check=True)


def test_one_patch_goes_out_by_name(work: Work) -> None:
    ran = work.run("export", "--to", "git-am", "-o", str(work.folder / "out"), "2-field")
    assert (ran.status, ran.out) == (0, f"wrote one patch to {work.folder}/out\n")
    assert list(files(work.folder / "out")) == ["0001-2-field.patch"]


def test_fields_are_updated_when_asked_and_not_else(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1300000000")
    before = work.contents()
    work.run("export", "--to", "mbox", "-o", str(work.folder / "plain"))
    assert work.contents() == before
    ran = work.run("export", "--to", "mbox", "-o", str(work.folder / "sent"), "--forwarded", "https://example.org/1")
    assert ran.status == 0, ran.out
    for name, data in before.items():
        wanted = data.replace(b"Forwarded: no", b"Forwarded: https://example.org/1")
        assert work.contents()[name] == wanted.replace(b"Last-Update: 2026-01-01", b"Last-Update: 2011-03-13")
    assert b"Date: Sun, 13 Mar 2011 00:00:00 +0000" in (work.folder / "sent").read_bytes()
    back = work.folder / "back"
    work.child("import", *work.options, "--patches", str(back), str(work.folder / "sent"))
    assert files(back) == files(work.patches)
    assert work.run("export", "--to", "mbox", "-o", str(work.folder / "3"), "--last-update", "2012-02-29").status == 0
    assert b"Last-Update: 2012-02-29" in work.contents()["2-field.patch"]
    assert work.run("undo").status == 0
    assert work.run("undo").status == 0
    assert work.contents() == before


REFUSED = {
    "no such patch": (["--to", "mbox", "nothing"], "nothing-to-export", 1),
    "no folder": (["--to", "git-am"], "no-output", 2),
    "a date that is none": (["--to", "mbox", "--last-update", "2011-02-30"], "dep3-last-update", 2),
    "a field of two lines": (["--to", "mbox", "--forwarded", "yes\a"], "dep3-field", 2),
    "an address that is none": (["--to", "mbox", "-o", "OUT", "--onto", "x"], "output-exists", 2),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_go_out_is_refused(work: Work, case: str) -> None:
    words, slug, status = REFUSED[case]
    there = work.folder / "there"
    there.write_bytes(b"a person's")
    before = work.snapshot()
    ran = work.run("export", *[str(there) if word == "OUT" else word for word in words])
    assert (ran.status, slug in ran.out) == (status, True), ran.out
    assert work.snapshot() == before
    assert there.read_bytes() == b"a person's"


@pytest.mark.parametrize("line", ["hand.patch -p0", "hand.patch -R", "gone.patch"])
def test_a_line_of_the_series_that_others_read_otherwise_is_refused(work: Work, line: str) -> None:
    with (work.patches / "series").open("a", encoding="utf-8") as series:
        series.write(f"{line}\n")
    (work.patches / "hand.patch").write_bytes(HAND)
    ran = work.run("export", "--to", "mbox")
    assert ran.status == 1, ran.out
    assert ran.slugs & {"series-option", "nothing-to-export", "not-for-export"}


def test_a_header_without_author_is_named(work: Work) -> None:
    (work.patches / "hand.patch").write_bytes(HAND)
    with (work.patches / "series").open("a", encoding="utf-8") as series:
        series.write("hand.patch\n")
    ran = work.run("export", "--to", "git-am", "-o", str(work.folder / "out"))
    assert ran.status == 1
    assert "patches/hand.patch: error: the header has no Author" in ran.out
    assert not (work.folder / "out").exists()


def test_an_import_never_overwrites_by_itself(work: Work) -> None:
    out = work.folder / "out"
    work.run("export", "--to", "git-am", "-o", str(out))
    patch = work.patches / "2-field.patch"
    patch.write_bytes(patch.read_bytes() + b"a person's note\n")
    before = work.snapshot()
    ran = work.run("import", str(out))
    assert (ran.status, ran.slugs) == (1, {"patch-there-already"})
    assert work.snapshot() == before
    assert work.run("import", "--overwrite", "--check", str(out)).status == 1
    assert work.snapshot() == before
    assert work.run("import", "--overwrite", str(out)).out == "wrote 2-field.patch\n"
    assert work.run("import", str(out)).out == "nothing refused, nothing to write\n"


@pytest.mark.parametrize("name", ["../evil.patch", "/etc/x", "series", ".rendered-on", "-x.patch", "a b"])
def test_a_mail_cannot_name_a_file_that_is_no_patch(work: Work, name: str) -> None:
    out = work.folder / "out"
    work.run("export", "--to", "mbox", "-o", str(out), "2-field")
    out.write_bytes(out.read_bytes().replace(b"X-Patchgen-Name: 2-field.patch", f"X-Patchgen-Name: {name}".encode()))
    before = work.snapshot()
    ran = work.run("import", str(out))
    assert ran.status == 1, ran.out
    assert work.snapshot() == before


def test_a_mail_from_git_gets_a_header_and_a_name(work: Work) -> None:
    repository = committed(work.tree)
    (repository / "doc/README").write_bytes(b"greet says good day\n")
    git(repository, "commit", "-qam", "doc: be polite\n\nIt costs nothing.")
    (work.folder / "mail").write_bytes(git(repository, "format-patch", "--stdout", "-1"))
    assert work.run("import", str(work.folder / "mail")).status == 0
    data = work.contents()["doc-be-polite.patch"]
    assert data.startswith(
        b"Description: doc: be polite\n It costs nothing.\nAuthor: C <c@example.org>\nLast-Update: 20"
    )
    assert work.series()[-1] == "doc-be-polite.patch"
    git(repository, "reset", "-q", "--hard", "HEAD~")
    work.pushed()


# --- debdiff ----------------------------------------------------------------------------------------


def test_a_debdiff_makes_the_patches_of_the_package_ours(work: Work) -> None:
    package = work.folder / "package"
    shutil.copytree(work.tree, package)
    (package / "debian/patches").mkdir(parents=True)
    old = {"series": b"gone.patch\n2-field.patch\n", "gone.patch": HAND, "2-field.patch": HAND}
    for name, data in old.items():
        (package / "debian/patches" / name).write_bytes(data)
    (package / "debian/patches/README").write_bytes(b"kept\n")
    new = work.folder / "new.debdiff"
    ran = work.run("export", "--to", "debdiff", "--onto", str(package / "debian"), "-o", str(new))
    assert ran.status == 0, ran.out
    subprocess.run(["patch", "-sp1", "-F0"], cwd=package, input=new.read_bytes(), check=True)
    assert files(package / "debian/patches") == files(work.patches) | {"README": b"kept\n"}


def test_a_debdiff_without_a_package_makes_all(work: Work) -> None:
    package = work.folder / "package"
    package.mkdir()
    done = work.child("export", *work.options, "--to", "debdiff")
    subprocess.run(["patch", "-sp1"], cwd=package, input=done.stdout, text=True, check=True)
    assert files(package / "debian/patches") == files(work.patches)


# --- undo -------------------------------------------------------------------------------------------


def test_undo_brings_each_series_back_in_turn(work: Work) -> None:
    first = work.contents()
    work.write({"3-pass": semantic(PASS.replace('"title"', '"\\"sir\\""', 1), description="another")})
    work.semantic.joinpath("4-more.toml").write_text(
        semantic('kind = "add-field"\nstruct = "person"\nfield = "int more;"\nat = "end"\n')
    )
    (work.semantic / "3-pass.toml").unlink()
    (work.patches / "3-pass.patch").unlink()
    series = work.patches / "series"
    series.write_text(series.read_text().replace("3-pass.patch\n", ""))
    between = work.contents()
    work.refreshed("--overwrite")
    assert "4-more.patch" in work.contents()
    ran = work.run("undo", "--check")
    assert ran.status == 1
    assert "would undo the last refresh: " in ran.out
    assert work.run("undo").status == 0
    assert work.contents() == between
    ran = work.run("undo")
    assert (ran.status, ran.slugs) == (1, {"changed-since"})
    assert work.contents() == between
    (work.patches / "3-pass.patch").write_bytes(first["3-pass.patch"])
    (work.patches / "series").write_bytes(first["series"])
    assert work.run("undo").status == 0
    assert work.contents() == {}
    ran = work.run("undo")
    assert (ran.status, ran.slugs) == (1, {"nothing-to-undo"})


@pytest.mark.parametrize("change", ["a patch", "the series", "gone"])
def test_undo_refuses_what_a_person_changed(work: Work, change: str) -> None:
    if change == "gone":
        (work.patches / "2-field.patch").unlink()
    else:
        with (work.patches / ("series" if change == "the series" else "2-field.patch")).open("ab") as file:
            file.write(b"# mine\n")
    before = work.snapshot()
    ran = work.run("undo")
    assert (ran.status, ran.slugs) == (1, {"changed-since"})
    assert work.snapshot() == before


def test_undo_leaves_a_persons_own_files(work: Work) -> None:
    (work.patches / "README").write_bytes(b"mine")
    assert work.run("undo").status == 0
    assert work.contents() == {"README": b"mine"}


def test_a_refresh_that_was_killed_before_it_wrote_is_passed_over(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    first = work.contents()
    (work.semantic / "4.toml").write_text(
        semantic('kind = "add-field"\nstruct = "person"\nfield = "int x;"\nat = "end"\n')
    )

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_exchange, "exchange", killed)
        assert work.refresh().status == 2
    assert work.contents() == first
    assert work.run("undo").status == 0
    assert work.contents() == {}


def test_a_refresh_without_a_place_for_its_record_says_so(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    (work.folder / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_STATE_HOME", str(work.folder / "file"))
    work.write({"2-field": semantic('kind = "add-field"\nstruct = "person"\nfield = "int x;"\nat = "end"\n')})
    ran = work.refreshed()
    assert "not-recorded" in ran.slugs
    assert b"int x;" in work.contents()["2-field.patch"]


DAMAGED = {
    "no JSON": "{",
    "a list": "[]",
    "newer": '{"format": 2, "command": "x", "before": {}, "after": {}}',
    "no base64": '{"format": 1, "command": "x", "before": {"a": "*"}, "after": {}}',
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_record_is_refused(work: Work, case: str) -> None:
    (record,) = (work.folder / "state").rglob("*.json")
    record.write_text(DAMAGED[case])
    before = work.snapshot()
    ran = work.run("undo")
    assert (ran.status, ran.slugs) == (1, {"record-damaged"})
    assert work.snapshot() == before


def test_a_record_cannot_write_outside_of_the_folder(work: Work) -> None:
    (record,) = (work.folder / "state").rglob("*.json")
    text = json.loads(record.read_text())
    text["before"]["../evil"], text["after"]["../evil"] = "eA==", None
    record.write_text(json.dumps(text))
    ran = work.run("undo")
    assert ran.status != 0
    assert not (work.folder / "evil").exists()


def test_only_the_newest_records_are_kept(work: Work) -> None:
    for number in range(40):
        before = {"n": b"%d" % number if number else None}
        history.write(work.folder / "many", {"n": b"%d" % (number + 1)}, before, "refresh")
        (work.folder / "many").mkdir(exist_ok=True)
    for number in range(39, 7, -1):
        history.undo(work.folder / "many")
        assert (work.folder / "many/n").read_bytes() == b"%d" % number
    with pytest.raises(PatchgenError, match="nothing-to-undo"):
        history.undo(work.folder / "many")


def test_a_series_that_changed_since_it_was_read_is_not_written_over(work: Work) -> None:
    before = work.contents()
    (work.patches / "2-field.patch").write_bytes(b"a person's")
    with pytest.raises(PatchgenError, match="folder-changed"):
        history.write(work.patches, before | {"series": b"new\n"}, before, "refresh")
    assert (work.patches / "2-field.patch").read_bytes() == b"a person's"
    assert len(list((work.folder / "state").rglob("*.json"))) == 1
    assert not list(work.folder.glob(".patches*"))
