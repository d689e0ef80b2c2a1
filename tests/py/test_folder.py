# SPDX-License-Identifier: GPL-3.0-or-later
"""At any instant the folder holds the old files or the new ones, and what is not ours stays what it is."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _ordinary import in_child, open_place, started
from patchgen.findings import Exit
from patchgen.folder import BusyError, FolderError, _disk, _exchange, _journal, recover, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from patchgen.findings import PatchgenError

WAYS = ["exchange", "journal"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the test with the exchange, and with a file system that has none."""
    if request.param == "journal":
        monkeypatch.setattr(_exchange, "exchange", lambda *_: False)
    return str(request.param)


def held(folder: Path) -> dict[str, bytes]:
    """Return the files in *folder*, links by what they say."""
    return {
        path: os.fsencode((folder / path).readlink()) if stat.S_ISLNK(status.st_mode) else (folder / path).read_bytes()
        for path, status in _disk.listed(folder).items()
        if not stat.S_ISDIR(status.st_mode)
    }


def made(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def alone(folder: Path) -> bool:
    """Say whether nothing lies beside the folder."""
    return [entry.name for entry in folder.parent.iterdir()] == [folder.name]


def refused(folder: Path, files: dict[str, bytes], ours: Collection[str] | None = None) -> PatchgenError:
    with pytest.raises((FolderError, BusyError)) as caught:
        replace(folder, files, ours=files if ours is None else ours)
    assert caught.value.status is Exit.UNUSABLE
    return caught.value


# --- what is written and what stays ------------------------------------------------------------

OLD = {"series": b"a\nb\n", "a.patch": b"old a", "b.patch": b"old b", "sub/c.patch": b"old c", "README": b"a person's"}
NEW = {"series": b"a\nsub/c\n", "a.patch": b"old a", "sub/c.patch": b"new c", "deep/er/d.patch": b"new d"}
OURS = {"series", "a.patch", "b.patch", "sub/c.patch", "not/there"}


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.usefixtures("way")
def test_the_files_are_replaced(tmp_path: Path, linked: bool) -> None:
    folder = made(tmp_path / "beside/patches", OLD)
    (folder / "link").symlink_to("README")
    (folder / "empty").mkdir()
    os.mkfifo(folder / "pipe")
    named = folder
    if linked:
        named = tmp_path / "debian-patches"
        named.symlink_to("beside/patches")
    before = _disk.listed(folder)
    assert replace(named, NEW, ours=OURS)
    (folder / "pipe").unlink()
    assert held(folder) == NEW | {"README": b"a person's", "link": b"README"}
    after = _disk.listed(folder)
    assert "empty" in after
    for same in ("README", "a.patch", "link"):
        assert (after[same].st_ino, after[same].st_mtime_ns) == (before[same].st_ino, before[same].st_mtime_ns), same
    assert named.is_symlink() == linked
    assert alone(folder)


@pytest.mark.usefixtures("way")
def test_the_same_again_writes_nothing(tmp_path: Path) -> None:
    folder = made(tmp_path / "patches", OLD)
    replace(folder, NEW, ours=OURS)
    before = (folder.stat(), _disk.listed(folder), tmp_path.stat())
    assert not replace(folder, NEW, ours=NEW)
    after = (folder.stat(), _disk.listed(folder), tmp_path.stat())
    assert [before[0].st_ctime_ns, before[2].st_ctime_ns] == [after[0].st_ctime_ns, after[2].st_ctime_ns]
    assert {p: s.st_ctime_ns for p, s in before[1].items()} == {p: s.st_ctime_ns for p, s in after[1].items()}


@pytest.mark.usefixtures("way")
def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert replace(tmp_path / "patches", NEW, ours=())
    finally:
        os.umask(before)
    assert held(tmp_path / "patches") == NEW
    modes = {path: stat.S_IMODE((tmp_path / "patches" / path).stat().st_mode) for path in ("", "sub", "series")}
    assert modes == {"": 0o750, "sub": 0o750, "series": 0o640}
    assert alone(tmp_path / "patches")


@pytest.mark.usefixtures("way")
def test_modes_and_owners_stay(tmp_path: Path) -> None:
    folder = made(tmp_path / "patches", OLD)
    for path, mode in {"series": 0o600, "sub/c.patch": 0o664, "sub": 0o2775, "": 0o1770}.items():
        if os.geteuid() == 0:
            os.chown(folder / path, 1234, 4321)
        (folder / path).chmod(mode)
    names = ("series", "sub/c.patch", "sub", "")
    before = {path: (folder / path).stat() for path in names}
    replace(folder, NEW, ours=OURS)
    for path in names:
        after = (folder / path).stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (
            before[path].st_mode,
            before[path].st_uid,
            before[path].st_gid,
        )


@pytest.mark.usefixtures("way")
def test_a_subfolder_that_the_change_empties_goes(tmp_path: Path) -> None:
    folder = made(tmp_path / "patches", {"one/two/x": b"", "kept/x": b"", "kept/y": b"", "series": b""})
    replace(folder, {"series": b"new"}, ours={"one/two/x", "kept/x", "series"})
    assert sorted(_disk.listed(folder)) == ["kept", "kept/y", "series"]


@pytest.mark.usefixtures("way")
def test_a_file_of_ours_may_become_a_folder(tmp_path: Path) -> None:
    folder = made(tmp_path / "patches", {"x": b"file"})
    (folder / "x").chmod(0o600)
    replace(folder, {"x/y": b"below"}, ours={"x"})
    assert held(folder) == {"x/y": b"below"}
    assert (folder / "x").stat().st_mode & 0o100


@pytest.mark.usefixtures("way")
def test_a_link_of_ours_is_removed_and_not_what_it_leads_to(tmp_path: Path) -> None:
    target = made(tmp_path / "elsewhere", {"f": b"f"})
    folder = made(tmp_path / "there/patches", {"series": b""})
    (folder / "a.patch").symlink_to(target / "f")
    (folder / "sub").symlink_to(target)
    replace(folder, {"series": b"1"}, ours={"series", "a.patch", "sub/f"})
    assert held(folder) == {"series": b"1", "sub": os.fsencode(target)}
    assert held(target) == {"f": b"f"}


NAMES = st.sampled_from(["a", "b", "c/d", "c/e", "f/g/h", "series"])
FOLDERS = st.dictionaries(NAMES, st.binary(max_size=3))


@given(old=FOLDERS, new=FOLDERS, ours=st.frozensets(NAMES), way=st.sampled_from(WAYS))
def test_the_result_is_ours_and_what_was_not(
    old: dict[str, bytes], new: dict[str, bytes], ours: frozenset[str], way: str
) -> None:
    """Rule: afterwards the folder holds the new files and the old ones that are not ours; or nothing changed."""
    with open_place() as place, pytest.MonkeyPatch.context() as patch:
        if way == "journal":
            patch.setattr(_exchange, "exchange", lambda *_: False)
        folder = made(place / "patches", old)
        folder.mkdir(exist_ok=True)
        if any(path in old and old[path] != data and path not in ours for path, data in new.items()):
            assert str(refused(folder, new, ours).finding.slug) == "not-ours"
            assert held(folder) == old
        else:
            kept = {path: data for path, data in old.items() if path not in ours}
            assert replace(folder, new, ours=ours) == (kept | new != old)
            assert held(folder) == kept | new
        assert alone(folder)


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../x", "out of the tree"),
        ("a/../../x", "out of the tree"),
        ("/etc/x", "absolute"),
        ("", "empty part"),
        ("a//b", "empty part"),
        ("./a", "empty part"),
        ("a/", "empty part"),
        ("a\0b", "zero byte"),
        (".patchgen-stage", "reserved"),
        (".patchgen-stage/0", "reserved"),
        ("README/x", "README is no folder"),
        ("link/x", "link is no folder"),
        ("link", "no regular file"),
        ("sub", "no regular file"),
        ("README", "patchgen did not write it"),
        ("series/x", "series is no folder"),
    ],
)
@pytest.mark.usefixtures("way")
def test_a_path_that_is_not_ours_to_write_is_refused(tmp_path: Path, path: str, why: str) -> None:
    folder = made(tmp_path / "patches", OLD)
    (folder / "link").symlink_to("/")
    before = held(folder)
    error = refused(folder, {"series": b"new", path: b"x"}, {"series"})
    assert str(error.finding.slug) == "not-ours"
    assert why in error.finding.message
    assert held(folder) == before
    assert alone(folder)


@pytest.mark.parametrize("case", ["file", "dangling", "loop", "root", "no parent", "below a file", "long"])
def test_what_is_no_folder_is_refused(tmp_path: Path, case: str) -> None:
    made(tmp_path, {"file": b""})
    (tmp_path / "dangling").symlink_to("none")
    (tmp_path / "loop").symlink_to("loop")
    name = {"root": Path("/"), "no parent": tmp_path / "none/patches", "below a file": tmp_path / "file/x"}
    name["long"] = tmp_path / ("x" * 300)
    assert str(refused(name.get(case, tmp_path / case), NEW).finding.slug) == "cannot-write"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["dangling", "file", "loop"]


@pytest.mark.parametrize("which", ["", "patches", "patches/sub"])
@pytest.mark.usefixtures("way")
def test_without_permission_nothing_changes(which: str) -> None:
    with open_place() as place:

        def attempt() -> tuple[str, bool]:
            folder = made(place / "beside/patches", OLD)
            (place / "beside" / which).chmod(0o555)
            error = refused(folder, NEW, OURS)
            return f"{error.finding.slug}: {error.finding.message}", held(folder) == OLD and alone(folder)

        message, untouched = in_child(attempt)
    assert message.startswith("cannot-write: ")
    assert "Permission denied" in message
    assert untouched


def test_without_a_change_no_permission_is_needed() -> None:
    with open_place() as place:
        folder = made(place / "patches", OLD)
        place.chmod(0o555)
        assert in_child(lambda: replace(folder, OLD, ours=OLD)) is False
        assert in_child(lambda: recover(folder)) is None


@pytest.mark.usefixtures("way")
def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stops a write as a full disk does, for root too."""
    folder = made(tmp_path / "patches", OLD)

    def full() -> str:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        return str(refused(folder, NEW | {"z.patch": b"z" * 9999}, OURS).finding.slug)

    assert in_child(full, ordinary=False) == "cannot-write"
    assert held(folder) == OLD
    assert alone(folder)


STEPS = ["open", "mkdir", "rename", "fsync", "link", "write", "chmod", "scandir"]


def failing_at(
    count: int, calls: Iterator[int], step: Callable[..., object], /, *args: object, **more: object
) -> object:
    if next(calls) == count:
        raise OSError(errno.ENOSPC, "full")
    return step(*args, **more)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.usefixtures("way")
def test_a_step_that_fails_leaves_old_or_new(tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call of each system call fails once; then the next command brings the folder in order."""
    for count in range(200):
        folder = made(tmp_path / str(count) / "patches", OLD)
        calls = iter(range(1000))
        with monkeypatch.context() as patch:
            patch.setattr(os, step, partial(failing_at, count, calls, getattr(os, step)))
            try:
                replace(folder, NEW, ours=OURS)
            except FolderError as error:
                slug = str(error.finding.slug)
                assert slug in {"cannot-write", "half-written"}
                if slug == "cannot-write":
                    assert held(folder) == OLD
                assert slug == "half-written" or alone(folder)
        reached = next(calls)
        recover(folder)
        assert held(folder) in (OLD, NEW | {"README": OLD["README"]})
        assert alone(folder)
        if reached <= count:
            return
    pytest.fail("the step never succeeded")


@pytest.mark.parametrize("number", [errno.EPERM, errno.EXDEV, errno.EMLINK])
def test_without_hard_links_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    folder = made(tmp_path / "patches", OLD)
    (folder / "link").symlink_to("README")
    (folder / "README").chmod(0o640)
    before = _disk.listed(folder)

    def link(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", link)
    replace(folder, NEW, ours=OURS)
    assert held(folder) == NEW | {"README": b"a person's", "link": b"README"}
    after = _disk.listed(folder)
    for path in ("README", "link"):
        assert (after[path].st_mtime_ns, after[path].st_mode) == (before[path].st_mtime_ns, before[path].st_mode)
    os.mkfifo(folder / "pipe")
    assert str(refused(folder, {"series": b"x"}, {"series"}).finding.slug) == "cannot-write"


# --- another process ---------------------------------------------------------------------------


def test_two_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    folder = made(tmp_path / "patches", OLD)
    made(tmp_path, {".patches.patchgen-lock": b"", ".patches.patchgen-new/half": b""})
    with (tmp_path / ".patches.patchgen-lock").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert str(refused(folder, NEW).finding.slug) == "busy"
        with pytest.raises(BusyError):
            recover(folder)
        assert (tmp_path / ".patches.patchgen-new/half").exists()
    recover(folder)
    assert alone(folder)


def test_many_runs_at_once_end_with_one_of_them(tmp_path: Path) -> None:
    """Rule: whoever is not told that the folder is busy has written all of its files, and no other's."""
    folder = tmp_path / "patches"
    children = [started(partial(many, folder, way, seed, turns=60)) for seed, way in enumerate(WAYS * 2)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    recover(folder)
    assert whole(folder)
    assert alone(folder)


@pytest.mark.usefixtures("way")
def test_a_change_by_someone_else_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "patches", OLD)
    build = _disk.sync

    def meanwhile(name: Path) -> None:
        (folder / "a.patch").write_bytes(b"edited by a person")
        build(name)

    monkeypatch.setattr(_disk, "sync", meanwhile)
    assert str(refused(folder, NEW, OURS).finding.slug) == "folder-changed"
    assert held(folder) == OLD | {"a.patch": b"edited by a person"}
    assert alone(folder)


# --- kills -------------------------------------------------------------------------------------


def many(folder: Path, way: str, seed: int, *, turns: int = 1_000_000) -> None:
    """Replace the files again and again, each time some of six names and a list of them."""
    if way == "journal":
        _exchange.exchange = lambda *_: False
    names = ["series", "a", "b", "sub/c", "sub/deep/d", "e"]
    pick = random.Random(seed)  # noqa: S311 - the same numbers in each run
    for _ in range(turns):
        stamp = b"%d" % pick.randrange(10**9)
        chosen = sorted(pick.sample(names, pick.randint(1, 6)))
        files = dict.fromkeys(chosen, stamp) | {"list": b"%b\n%b" % ("\n".join(chosen).encode(), stamp)}
        with suppress(BusyError):
            recover(folder)
            replace(folder, files, ours={*names, "list"})


def whole(folder: Path) -> bool:
    """Say whether all files in the folder are of one change, and none of it is missing."""
    files = held(folder)
    *names, stamp = files.pop("list").decode().split("\n")
    files.pop("README", None)
    return files == dict.fromkeys(names, stamp.encode())


@pytest.mark.parametrize("kind", WAYS)
def test_a_kill_at_any_instant_leaves_old_or_new(tmp_path: Path, kind: str) -> None:
    """Rule: after a kill and recover, the folder is one of the states that were asked for, whole."""
    folder = tmp_path / "patches"
    pick = random.Random(20)  # noqa: S311 - the same in each run
    unfinished = 0
    replace(folder, {"list": b"0"}, ours=())
    (folder / "README").write_bytes(b"a person's")
    number = folder.joinpath("README").stat().st_ino
    for turn in range(50):
        child = started(partial(many, folder, kind, turn))
        time.sleep(0.01 + pick.random() * 0.05)
        os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        if kind == "exchange":
            assert whole(folder), "with the exchange the folder is whole even before anything is recovered"
        unfinished += not alone(folder)
        recover(folder)
        assert whole(folder)
        assert (folder / "README").stat().st_ino == number
    assert unfinished > 25, "the kills hit between the steps"
    replace(folder, {"list": b"last"}, ours={*held(folder)} - {"README"})
    assert alone(folder)


def test_leftovers_that_are_links_are_not_followed(tmp_path: Path) -> None:
    victim = made(tmp_path / "victim", {"f": b"f"})
    folder = made(tmp_path / "there/patches", OLD)
    for name in (".patches.patchgen-new", ".patches.patchgen-journal-new", "patches/.patchgen-stage"):
        (folder.parent / name).symlink_to(victim)
    recover(folder)
    assert held(victim) == {"f": b"f"}
    assert alone(folder)
    assert held(folder) == OLD


JOURNALS: dict[str, tuple[str, str]] = {
    "no JSON": ("{", "damaged"),
    "another thing": ("[]", "damaged"),
    "newer": ('{"format": 2, "put": {}, "drop": []}', "not known"),
    "numbers": ('{"format": 1, "put": {}, "drop": [1]}', "not known"),
    "drop outside": ('{"format": 1, "put": {}, "drop": ["../victim/f"]}', "outside"),
    "put outside": ('{"format": 1, "put": {"/tmp/x": "0"}, "drop": []}', "outside"),
    "take from outside": ('{"format": 1, "put": {"x": "../../victim/f"}, "drop": []}', "outside"),
    "drop behind a link": ('{"format": 1, "put": {}, "drop": ["link/f"]}', "symbolic link"),
    "put behind a link": ('{"format": 1, "put": {"link/f": "0"}, "drop": []}', "symbolic link"),
    "stage gone": ('{"format": 1, "put": {"y": "0"}, "drop": []}', "missing"),
}


@pytest.mark.parametrize("case", JOURNALS)
def test_a_journal_that_cannot_be_trusted_is_refused(tmp_path: Path, case: str) -> None:
    victim = made(tmp_path / "victim", {"f": b"f"})
    folder = made(tmp_path / "there/patches", OLD)
    (folder / "link").symlink_to(victim)
    text, why = JOURNALS[case]
    (folder.parent / ".patches.patchgen-journal").write_text(text)
    with pytest.raises(FolderError) as caught:
        recover(folder)
    assert str(caught.value.finding.slug) == "half-written"
    assert why in caught.value.finding.message
    assert held(victim) == {"f": b"f"}
    assert held(folder) == OLD | {"link": os.fsencode(victim)}
    assert not (folder / _journal.STAGE).exists()


# --- real file systems -------------------------------------------------------------------------

IMPORTS = "import sys; from pathlib import Path; from patchgen.folder import _exchange; from patchgen.folder import *; "


def mounted(place: Path, mount: str, code: str) -> dict[str, bytes]:
    """Run *code* on the folder ``p`` of a file system mounted for it alone, and return what the folder holds then.

    An ordinary user may mount in a user namespace, root also where there are none.
    """
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    made(place, {"merged/x": b"", "upper/x": b"", "work/x": b"", "out/x": b""})
    script = f'{mount} {place}/merged && "$@" && tar c -C {place}/merged/patches .'
    words = ["unshare", "--mount", *user, "sh", "-ec", script, "sh", sys.executable, "-c", f"{IMPORTS}{code}"]
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    name = str(place / "merged/patches")
    done = subprocess.run([*words, name], env=path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    subprocess.run(["tar", "x", "-C", str(place / "out")], input=done.stdout, check=True)
    (place / "out/x").unlink()
    return held(place / "out")


def test_the_journal_is_used_where_the_file_system_cannot_exchange(tmp_path: Path) -> None:
    """On overlayfs, with its own refusal to exchange a folder of the lower layer."""
    made(tmp_path / "lower/patches", {"series": b"old", "old": b"", "sub/kept": b"kept"})
    layers = f"lowerdir={tmp_path}/lower,upperdir={tmp_path}/upper,workdir={tmp_path}/work"
    mount = f"rm {tmp_path}/work/x && mount -t overlay none -o {layers}" + (",userxattr" if os.geteuid() else "")
    code = (
        "p = Path(sys.argv[1]); o = p.parent / 'o'; o.mkdir(); assert not _exchange.exchange(p, o); o.rmdir();"
        "replace(p, {'series': b'new', 'sub/x': b'x'}, ours={'series', 'old'}); recover(p);"
        "assert sorted(x.name for x in p.parent.iterdir()) == ['patches', 'x']"
    )
    assert mounted(tmp_path, mount, code) == {"series": b"new", "sub/x": b"x", "sub/kept": b"kept"}


@pytest.mark.parametrize("way", WAYS)
def test_a_full_file_system_changes_nothing(tmp_path: Path, way: str) -> None:
    lines = [
        "p = Path(sys.argv[1])",
        "p.mkdir()",
        "(p / 'series').write_bytes(b'old')",
        "_exchange.exchange = (lambda *_: False) if WAY else _exchange.exchange".replace("WAY", str(way == "journal")),
        "try: replace(p, {'series': b'new', 'big': bytes(200000)}, ours={'series'})",
        "except FolderError as e: assert 'No space left' in str(e) and e.finding.slug.name == 'cannot-write'",
        "else: sys.exit('it was written')",
        "assert [x.name for x in p.parent.iterdir()] == ['patches']",
    ]
    assert mounted(tmp_path, "mount -t tmpfs -o size=100k none", "\n" + "\n".join(lines)) == {"series": b"old"}
