# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade loses no instance on any line: what the unpatched program saved, the patched one loads, whatever the struct is."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from _lines import LINES, ROOT, lay_patched, made, stages

if TYPE_CHECKING:
    from pathlib import Path

DRIVER = r"""
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <storage.h>
#ifdef BACKING
#include <backing.h>
#define SAVE save_instance_struct
#define LOAD load_instance_struct
#else
#define SAVE scSaveInstanceInfo
#define LOAD scRecoverInstanceInfo
#endif

/* save | load, oldest; the struct, or a number, goes to standard output */
int main(int argc, char **argv)
{
    ncInstance *instance = NULL;

    if (argc != 2 || scSetInstancePath(".") != OK)
        return 2;
#ifdef PATCHED
    if (!strcmp(argv[1], "oldest")) {
        printf("%zu", offsetof(ncInstance, archId));
        return 0;
    }
#endif
    if (!strcmp(argv[1], "save")) {
        instance = malloc(sizeof *instance);
        memset(instance, 'x', sizeof *instance);
        strcpy(instance->instanceId, "i-1");
        strcpy(instance->userId, "user");
        instance->groupNamesSize = instance->volumesSize = 1;
        SAVE(instance);
    } else {
        instance = LOAD("i-1");
    }
    if (instance == NULL)
        return 3;
    fwrite(instance, sizeof *instance, 1, stdout);
    free(instance);
    return 0;
}
"""


def built(tree: Path, folder: Path, *, patched: bool) -> Path:
    """Return the driver, with the storage of a tree, under the sanitizers."""
    source, program = folder / "driver.c", folder / "driver"
    folder.mkdir()
    source.write_text(DRIVER, encoding="utf-8")
    backing = tree / "storage/backing.c"
    units = [tree / "storage/storage.c", *([backing] if backing.exists() else [])]
    units += [tree / f"util/{name}.c" for name in ("misc", "data", "ipc", "euca_auth")]
    words = ["gcc", "-g", "-w", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    words += [*(["-DBACKING"] if backing.exists() else []), *(["-DPATCHED"] if patched else [])]
    words += [f"-I{tree}/storage", f"-I{tree}/util", "-o", str(program), str(source), *map(str, units)]
    subprocess.run([*words, "-lcurl", "-lssl", "-lcrypto", "-lpthread"], check=True)
    return program


@pytest.fixture(scope="session", params=["2.0", *LINES])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the driver of a line without the series and with it."""
    folder = tmp_path_factory.mktemp("checkpoint")
    line: str = request.param
    before = ROOT / "tests/c/reference" if line == "2.0" else made(line, folder / "tree")
    assert stages(before)["nc-instance-archid.patch"].state.value == "rendered"
    after = lay_patched(before, folder / "patched")
    return built(before, folder / "old", patched=False), built(after, folder / "new", patched=True)


def run(program: Path, what: str, folder: Path, status: int = 0) -> bytes:
    (folder / "user/i-1").mkdir(parents=True, exist_ok=True)
    done = subprocess.run([program, what], cwd=folder, capture_output=True, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout


def checkpoint(folder: Path) -> Path:
    """Return the one file that there is in the instance's folder."""
    (path,) = (folder / "user/i-1").iterdir()
    return path


def test_one_of_the_unpatched_program_is_taken_whole(pair: tuple[Path, Path], tmp_path: Path) -> None:
    """All that upstream has in it, behind volumesSize too; our own member is empty, also where padding lay."""
    old, new = pair
    saved = run(old, "save", tmp_path)
    assert checkpoint(tmp_path).stat().st_size == len(saved)
    loaded = run(new, "load", tmp_path)
    oldest = int(run(new, "oldest", tmp_path))
    assert len(saved) - 8 < oldest <= len(saved) < len(loaded)
    assert not any(loaded[oldest:])
    changed = [at for at in range(oldest) if saved[at] != loaded[at]]
    assert all(loaded[at] == 0 for at in changed)  # ends of strings, and stateCode
    assert 15 < len(changed) < 3000


def test_one_of_the_patched_program_is_read_by_the_unpatched_one(pair: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = pair
    saved = run(new, "save", tmp_path)
    loaded = run(old, "load", tmp_path)
    state = [at for at in range(len(loaded)) if saved[at] != loaded[at]]
    assert len(state) <= 4
    assert run(new, "load", tmp_path)[: len(loaded) - 8].count(b"x") > len(loaded) // 2


def test_a_shorter_one_is_rejected(pair: tuple[Path, Path], tmp_path: Path) -> None:
    _, new = pair
    run(new, "save", tmp_path)
    oldest = int(run(new, "oldest", tmp_path))
    with checkpoint(tmp_path).open("r+b") as file:
        file.truncate(oldest)
        run(new, "load", tmp_path)
        file.truncate(oldest - 1)
        run(new, "load", tmp_path, status=3)


def test_writing_over_an_older_one_leaves_nothing_of_it(pair: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = pair
    run(new, "save", tmp_path)
    run(old, "save", tmp_path)  # does not truncate
    saved = run(new, "save", tmp_path)
    assert checkpoint(tmp_path).read_bytes() == saved
