# SPDX-License-Identifier: GPL-3.0-or-later
"""An upstream tree is the same tree whatever its form, and what is hostile or damaged is refused."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import subprocess
import sys
import tarfile
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _ordinary import in_child, open_place
from _trees import committed, content, fill, refused, run
from patchgen.findings import Level
from patchgen.upstream import UpstreamError, open_upstream

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from patchgen.findings import Finding

LONG = "/".join(["d" * 60] * 4) + "/" + "n" * 120
FILES = {
    "Makefile": b"all:\n\tcc\r\n",
    "empty": b"",
    "node/handlers.c": b"int x;\n" * 200,
    "node/no-newline": b"\xff\0end",
    "odd/caf\udce9 \n name": b"latin-1 name",
    "odd/\u00e9": b"utf-8 name",
    "odd/\U0001f600\uffee": b"sorts otherwise as bytes than as UTF-16",
    LONG: b"long",
    "sub/debian/kept": b"only the top one is left out",
}
LINKS = {"link": "node/handlers.c", "node/up": "../Makefile", "node/loop": "loop", "nowhere": "not/there", "here": "."}
LEFT_OUT = {"debian/rules": b"#", "node/.svn/entries": b"8", ".hg/x": b"", ".bzr/x": b"", ".pc/.version": b"2\n"}


# --- one content, many forms -------------------------------------------------------------------

TARS = ["--format=gnu", "--format=pax", "--format=ustar", "--format=v7"]
PACKERS = {"": "cat", "gz": "gzip -n", "bz2": "bzip2", "xz": "xz -0", "zst": "zstd -q"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("whole") / "eucalyptus-2.0.3", FILES | LEFT_OUT, LINKS)


def test_a_folder_is_what_lies_in_it(whole: Path) -> None:
    source = open_upstream(str(whole))
    assert content(source) == (FILES, LINKS)
    assert source.paths() == tuple(sorted(FILES))
    assert not source.findings
    assert source.label == str(whole)
    assert "Makefile" in source
    assert "link" not in source
    with pytest.raises(KeyError):
        source.read("debian/rules")


@pytest.mark.parametrize("form", TARS)
def test_a_tarball_of_any_format_is_the_folder(whole: Path, tmp_path: Path, form: str) -> None:
    left_out = ["--exclude=d" + "d" * 59] if form in {"--format=ustar", "--format=v7"} else []
    run(whole.parent, "tar", form, "-cf", str(tmp_path / "x"), *left_out, "eucalyptus-2.0.3")
    files = {path: data for path, data in FILES.items() if path != LONG or not left_out}
    assert content(open_upstream(str(tmp_path / "x"))) == (files, LINKS)


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("member", ["eucalyptus-2.0.3", "./eucalyptus-2.0.3", "."])
def test_packing_and_top_folder_change_nothing(whole: Path, tmp_path: Path, packer: str, member: str) -> None:
    name = tmp_path / "tree.with.any.name"
    where = whole if member == "." else whole.parent
    name.write_bytes(run(where, "sh", "-c", f"tar c {member} | {PACKERS[packer]}"))
    source, folder = open_upstream(str(name)), open_upstream(str(whole))
    if packer:
        name.write_bytes(b"changed afterwards")
    assert source.digest() == folder.digest()
    assert content(source) == (FILES, LINKS)


def test_zstd_is_unpacked_by_the_module_where_it_is_installed(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either way is tried here: the one that is there, and the message when none is."""
    name = tmp_path / "x.tar.zst"
    name.write_bytes(run(whole, "sh", "-c", "tar c . | zstd -q"))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert content(open_upstream(str(name))) == (FILES, LINKS)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "install the program zstd" in str(refused(name))


def test_a_revision_is_the_folder(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = committed(fill(tmp_path / "repo@home", FILES | LEFT_OUT, LINKS))
    run(repo, "git", "tag", "-am", "annotated", "v1")
    (repo / "Makefile").write_bytes(b"not committed")
    run(tmp_path, "git", "clone", "-q", "--bare", str(repo), "bare.git")
    monkeypatch.chdir(repo / "node")
    digest = open_upstream(str(whole)).digest()
    for text in (f"git:{repo}@HEAD", f"git:{repo}@v1", f"git:{repo}@HEAD@{{0}}", "git:@HEAD", "git:../../bare.git@v1"):
        source = open_upstream(text)
        assert content(source) == (FILES, LINKS)
        assert source.digest() == digest
        assert (source.label, list(source.findings)) == (text, [])


def test_git_archive_has_the_same_digest(tmp_path: Path) -> None:
    repo = committed(fill(tmp_path / "repo", FILES, LINKS))
    run(repo, "git", "archive", "--prefix=top/", "-o", str(tmp_path / "x.tar.gz"), "HEAD")
    assert open_upstream(str(tmp_path / "x.tar.gz")).digest() == open_upstream(str(repo)).digest()


def test_the_digest_is_the_documented_one(whole: Path) -> None:
    digest = hashlib.sha256(b"patchgen tree 1\n")
    files = [(os.fsencode(path), b"F", data) for path, data in FILES.items()]
    links = [(os.fsencode(path), b"L", target.encode()) for path, target in LINKS.items()]
    for path, kind, data in sorted(files + links):
        digest.update(kind + path + b"\0" + hashlib.sha256(data).digest())
    assert open_upstream(str(whole)).digest() == digest.hexdigest()


PATH = st.lists(st.text("ab\u00e9\udcff.", min_size=1, max_size=3), min_size=1, max_size=3).map("/".join)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path in draw(st.lists(PATH, min_size=1, max_size=5)):
        parts = path.split("/")
        above = {"/".join(parts[:count]) for count in range(1, len(parts) + 1)}
        below = any(other.startswith(path + "/") for other in files)
        if not {".", ".."} & set(parts) and not above & files.keys() and not below:
            files[path] = draw(st.binary(max_size=600))
    return files or {"a": b""}


def packed(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT, top: str = "top/") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form, encoding="utf-8", errors="surrogateescape") as tar:
        for path, data in files.items():
            member = tarfile.TarInfo(top + path)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@given(files=trees(), form=st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]))
def test_what_tarfile_packs_is_read_back(
    files: dict[str, bytes], form: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rule: read(pack(tree)) is the tree, and its digest that of the unpacked folder."""
    place = tmp_path_factory.mktemp("property")
    (place / "x.tar").write_bytes(packed(files, form))
    source = open_upstream(str(place / "x.tar"))
    assert content(source) == (files, {})
    assert source.digest() == open_upstream(str(fill(place / "folder", files))).digest()


@given(one=trees(), other=trees())
def test_the_digest_is_of_paths_and_bytes(
    one: dict[str, bytes], other: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rule: two trees have the same digest just when they are equal."""
    place = tmp_path_factory.mktemp("property")
    digests = []
    for name, files in (("one", one), ("other", other)):
        digests.append(open_upstream(str(fill(place / name, files))).digest())
    assert (digests[0] == digests[1]) == (one == other)


@pytest.mark.parametrize("commands", ["chmod 755 a", "touch -d @1 a", "mkdir folder", "mkdir debian; touch debian/x"])
def test_what_does_not_count_for_the_digest(tmp_path: Path, commands: str) -> None:
    tree = fill(tmp_path / "tree", {"a": b"a"}, {"l": "a"})
    before = open_upstream(str(tree)).digest()
    run(tree, "sh", "-c", commands)
    assert open_upstream(str(tree)).digest() == before


@pytest.mark.parametrize(
    "commands", ["echo >a", "mv a b", "ln -sf b l", "rm l; cp a l", "touch b", "rm l", "ln -s b m"]
)
def test_what_counts_for_the_digest(tmp_path: Path, commands: str) -> None:
    tree = fill(tmp_path / "tree", {"a": b"a"}, {"l": "a"})
    before = open_upstream(str(tree)).digest()
    run(tree, "sh", "-c", commands)
    assert open_upstream(str(tree)).digest() != before


# --- folders -----------------------------------------------------------------------------------


def test_special_files_are_noted_and_never_opened(tmp_path: Path) -> None:
    fill(tmp_path, {"a": b"a"})
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "sock"))
        source = open_upstream(str(tmp_path))
    assert content(source) == ({"a": b"a"}, {})
    assert [(f.level, str(f.slug), f.place and f.place.path) for f in source.findings] == [
        (Level.NOTE, "special-file", "pipe"),
        (Level.NOTE, "special-file", "sock"),
    ]


def seen(tree: Path) -> tuple[Sequence[Finding], Sequence[str]]:
    source = open_upstream(str(tree))
    return source.findings, source.paths()


def test_what_cannot_be_read_is_an_error_each() -> None:
    with open_place() as place:
        tree = fill(place / "tree", {"a": b"a", "secret": b"s", "closed/x": b"x", "listed/x": b"x"})
        (tree / "secret").chmod(0)
        (tree / "closed").chmod(0)
        (tree / "listed").chmod(0o444)  # names can be listed, and nothing behind them reached
        findings, paths = in_child(partial(seen, tree))
        tree.chmod(0)
        slug = in_child(lambda: str(refused(tree).finding.slug))
    assert [(str(f.slug), f.level, f.place and f.place.path) for f in findings] == [
        ("unreadable", Level.ERROR, name) for name in ("closed", "listed/x", "secret")
    ]
    assert paths == ("a",)
    assert slug == "no-upstream"


@pytest.mark.parametrize("first", ["read", "listed"])
@pytest.mark.parametrize(
    "commands",
    ["rm $f", "ln -sf /etc/passwd $f", "rm $f; mkfifo $f", "rm $f; mkdir $f", "rm -r ${f%/*}", "truncate -s 1 $f"],
)
def test_a_file_that_changes_meanwhile_is_an_error(tmp_path: Path, commands: str, first: str) -> None:
    source = open_upstream(str(fill(tmp_path / "tree", {"d/a": b"a" * 9})))
    if first == "read" or "truncate" in commands:  # bytes that nobody has read may change
        source.read("d/a")
    run(tmp_path, "sh", "-c", f"f=tree/d/a; {commands}")
    with pytest.raises(UpstreamError) as caught:
        source.read("d/a")
    assert str(caught.value.finding.slug) == "upstream-changed"
    assert caught.value.finding.place is not None
    assert caught.value.finding.place.path == "d/a"


def test_a_folder_stays_what_it_is_when_the_current_one_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "tree", {"a": b"a"})
    monkeypatch.chdir(tmp_path)
    source = open_upstream("tree")
    monkeypatch.chdir("/")
    assert source.read("a") == b"a"


def test_opening_a_folder_imports_little(tmp_path: Path) -> None:
    fill(tmp_path, {"a": b"a"})
    code = (
        "import sys; from patchgen.upstream import open_upstream; open_upstream(sys.argv[1]).digest();"
        "print(sorted({'git', 'tarfile', 'subprocess', 'tempfile', 'lzma', 'bz2', 'shutil'} & sys.modules.keys()))"
    )
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=path, capture_output=True, check=True)
    assert done.stdout == b"[]\n"


# --- revisions ---------------------------------------------------------------------------------


def test_a_submodule_is_noted(tmp_path: Path) -> None:
    repo = committed(fill(tmp_path / "repo", {"a": b"a"}))
    run(repo, "git", "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib/other")
    run(repo, "git", "commit", "-qm", "submodule")
    source = open_upstream(f"git:{repo}@HEAD")
    assert source.paths() == ("a",)
    assert [(str(f.slug), f.level, f.place and f.place.path) for f in source.findings] == [
        ("submodule", Level.NOTE, "lib/other")
    ]


@pytest.mark.parametrize(
    ("revision", "why"),
    [
        ("none", "there is no revision 'none'"),
        ("--output=x", "is no name of a revision"),
        ("-x", "is no name of a revision"),
        ("", "is no name of a revision"),
        ("HEAD:a", "there is no revision"),
        ("HEAD..HEAD", "there is no revision"),
    ],
)
def test_a_revision_that_is_none(tmp_path: Path, revision: str, why: str) -> None:
    repo = committed(fill(tmp_path / "repo", {"a": b"a"}))
    assert why in str(refused(f"git:{repo}@{revision}"))


def test_a_tree_that_leads_out_is_refused(tmp_path: Path) -> None:
    repo = committed(fill(tmp_path / "repo", {"a": b"a"}))
    blob = run(repo, "git", "rev-parse", "HEAD:a").strip()
    entry = b"100644 x\0" + bytes.fromhex(blob.decode())
    inner = run(repo, "git", "hash-object", "-w", "--literally", "-t", "tree", "--stdin", stdin=entry).strip()
    outer = b"40000 ..\0" + bytes.fromhex(inner.decode())
    tree = run(repo, "git", "hash-object", "-w", "--literally", "-t", "tree", "--stdin", stdin=outer).strip()
    commit = run(repo, "git", "commit-tree", "-m", "x", tree.decode()).strip().decode()
    assert "out of the tree" in str(refused(f"git:{repo}@{commit}"))


def test_a_missing_object_is_an_error_and_nothing_is_fetched(tmp_path: Path) -> None:
    repo = committed(fill(tmp_path / "repo", {"a": b"a"}))
    blob = run(repo, "git", "rev-parse", "HEAD:a").decode().strip()
    (repo / ".git/objects" / blob[:2] / blob[2:]).unlink()
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(repo)),
        ("remote.origin.uploadpack", f"touch {tmp_path}/fetched; false"),
    ):
        run(repo, "git", "config", key, value)
    error = refused(f"git:{repo}@HEAD")
    assert not (tmp_path / "fetched").exists()
    assert blob in str(error) or "its files cannot be read" in str(error)


# --- what is no upstream tree ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no upstream tree was named"),
        ("none", "no such file or folder"),
        ("a/b\0c", "cannot be opened"),
        ("x" * 300, "File name too long"),
        ("/dev/null", "neither a folder nor a file"),
        ("pipe", "neither a folder nor a file"),
        ("loop", "Too many levels"),
        ("text", "no tar archive"),
        ("nothing", "cut off"),
        ("x.zip", "no tar archive"),
        ("bzr:dir@1", "no branch of Bazaar"),
        ("svn:dir@1", "no form of revision known"),
        ("git:repo", "the revision is missing"),
        ("git:none@HEAD", "no git repository at none"),
        ("git:text@HEAD", "no git repository at text"),
        ("git:https://example.org/x@HEAD", "does not use the network"),
        ("git:", "the revision is missing"),
    ],
)
def test_nonsense_is_refused_with_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str) -> None:
    fill(tmp_path, {"text": b"words\n" * 200, "nothing": b"", "x.zip": b"PK\3\4" + bytes(600)}, {"loop": "loop"})
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    error = refused(text)
    assert why in error.finding.message
    assert error.finding.help


@pytest.mark.parametrize("name", ["git:x@y", "bzr:x", "git:@HEAD"])
def test_what_exists_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    fill(tmp_path / name, {"a": b"a"})
    monkeypatch.chdir(tmp_path)
    assert content(open_upstream(name)) == ({"a": b"a"}, {})
