# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkpoint's C tests on i386, whose struct is laid out in another way, and all C tests under valgrind."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from _programs import LAST, ROOT, subject
from buildcheck.builds import stage_of
from buildcheck.checks import behaviour
from buildcheck.generator import Generator
from buildcheck.recipes import record
from buildcheck.store import key, own
from buildcheck.suite import Suite

TESTS = ROOT / "tests/c/behaviour"
OWN = ("checkpoint.c", "behaviour.c", "cmocka_alone.c")
READ = (*OWN, "behaviour.h", "line.h")
THEIRS = ("storage/storage.c", "util/data.c", "util/misc.c")
"""What the checkpoint is made of. What storage.c calls beside it, curl and OpenSSL, is not there for i386, and not called."""


def program() -> dict[str, tuple[str, ...]]:
    return Suite.open(TESTS).program("checkpoint").tests


@cache
def i386(number: int) -> Path:
    """Return the checkpoint's program for i386, of the prefix of that number."""
    whole = subject()
    prefix = whole.prefixes.all[number]
    store = whole.store
    tree = stage_of(whole, prefix, record(prefix, Generator(store), store), {}).folder()
    facts = [f"-D{name}=1" for name in sorted(Suite.open(TESTS).holding(prefix.tree))]
    wrapped = [f"-Wl,--wrap={name}" for name in Suite.open(TESTS).program("checkpoint").wrap]
    made = store.object(key("i386", tree.name, own("testbuild"), *((TESTS / name).read_bytes() for name in READ)))
    if not made.exists():
        with store.scratch() as scratch:
            words = ["i686-linux-gnu-gcc", "-std=gnu99", "-g", "-O1", "-static", "-fsanitize=undefined"]
            words += ["-fsanitize-undefined-trap-on-error", "-Wl,--unresolved-symbols=ignore-all", *facts, *wrapped]
            # The headers of cmocka and curl are the same for every architecture; those of libc are not.
            words += ["-idirafter/usr/include", "-idirafter/usr/include/x86_64-linux-gnu", f"-I{TESTS}"]
            words += [f"-I{tree / folder}" for folder in ("util", "net", "storage")]
            words += [str(TESTS / name) for name in OWN] + [str(tree / name) for name in THEIRS]
            subprocess.run([*words, "-o", f"{scratch}/program"], check=True)
            store.keep(Path(scratch) / "program", made)
    return made


@pytest.mark.parametrize("name", program())
def test_a_checkpoint_of_i386(name: str, tmp_path: Path) -> None:
    for folder, number in (("bin", LAST), ("base", 0)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "checkpoint").symlink_to(i386(number))
    done = subprocess.run(["bin/checkpoint", name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{name} passed\n"), done.stderr


def test_the_layout_of_i386_is_another_one(tmp_path: Path) -> None:
    """upstream/nc.md, 1.2: 714,688 bytes where a long has four, 714,696 where it has eight."""
    subprocess.run([i386(0), "--role", "save", "1"], cwd=tmp_path, check=True)
    assert (tmp_path / "instances/user/i-checkpoint/instance-checkpoint").stat().st_size == 714688


VALGRIND = ("valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite")


@pytest.mark.slow
def test_valgrind_has_nothing_to_say() -> None:
    """Memory that is used and was never written, which the sanitizers do not see."""
    whole = subject()
    trees = whole.prefixes.all[0], whole.prefixes.last
    of = replace(whole, tests=TESTS, chosen=trees)
    found = [finding for case in behaviour.run(of, ("-g", "-O1"), VALGRIND) for finding in case.findings]
    assert not [str(one) for one in found if one.level.value == "error"]
