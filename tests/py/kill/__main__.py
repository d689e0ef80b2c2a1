# SPDX-License-Identifier: GPL-3.0-or-later
"""Disturb refreshes in a folder, and see after each that the folder holds one whole series.

Usage: python -m kill FOLDER TURNS SEED SCRATCH. FOLDER is on the file system under test, which is mounted there; SCRATCH is
elsewhere. Two series are refreshed in turn, and each time one of four things happens: the process is killed at some
instant, the disk is full but for some bytes, the file system becomes read-only at some instant, or a second refresh for the
other series runs at the same time. What was counted is printed as JSON.
"""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from _engine import TREE, edit, semantic
from patchgen import folder
from patchgen.cli import main
from patchgen.folder import FolderError


def _set(field: str, statement: str) -> dict[str, str]:
    """Return semantic patches for two patches."""
    before = 'before = { call = "greet" }'
    insert = edit("insert-statement", in_="main", statement=statement) + before + "\n"
    return {"1": semantic(edit("add-field", struct="person", field=field, at="end")), "2": semantic(insert)}


SETS = {"a": _set("int a;", "argc++;"), "b": _set("long b[4];", "argc = 0;")}
"""Two sets of semantic patches; no file of one series is a file of the other."""
EVENTS = ("kill", "kill", "kill near the writing", "kill near the writing", "full", "read-only", "second")


class Ground:
    """The folders, and the two series as they should be."""

    def __init__(self, place: Path, scratch: Path, pick: random.Random) -> None:
        self.place, self.scratch, self.pick = place, scratch, pick
        self.patches = place / "patches"
        self.count: Counter[str] = Counter()
        for path, data in TREE.items():
            (scratch / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (scratch / "tree" / path).write_bytes(data)
        self.wanted: dict[str, dict[str, bytes]] = {}
        begun = time.monotonic()
        for name, patches in SETS.items():
            for stem, text in patches.items():
                file = scratch / name / f"{stem}.toml"
                file.parent.mkdir(exist_ok=True)
                file.write_text(text, encoding="utf-8")
            assert self.wait(self.start(name, scratch / f"{name}.patches")) == 0, self.said()
            self.wanted[name] = held(scratch / f"{name}.patches")
        self.seconds = (time.monotonic() - begun) / len(SETS)
        assert self.wait(self.start("a")) == 0, self.said()
        (self.patches / "README").write_bytes(b"a person's")

    def start(self, name: str, patches: Path | None = None) -> int:
        """Start a refresh for one of the sets in a process of its own, and return its number."""
        pid = os.fork()
        if pid == 0:
            log = os.open(self.scratch / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
            os.dup2(log, 1)
            os.dup2(log, 2)
            status: object = 99
            try:
                where = ["--semantic", str(self.scratch / name), "--patches", str(patches or self.patches)]
                main(["refresh", "--upstream", str(self.scratch / "tree"), "--overwrite", *where])
            except SystemExit as stop:
                status = stop.code
            finally:
                sys.stdout.flush()
                os._exit(status if isinstance(status, int) else 98)
        return pid

    def wait(self, pid: int) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def said(self) -> str:
        return (self.scratch / "log").read_text(encoding="utf-8", errors="replace")

    def state(self) -> str:
        """Return which of the series the folder holds; anything else ends the run."""
        files = held(self.patches)
        assert files.pop("README", b"") == b"a person's", "a person's file is gone"
        for name, wanted in self.wanted.items():
            if files == wanted:
                return name
        sys.exit(f"a mixture: {sorted(files)}\n{self.said()}")

    def leftovers(self) -> bool:
        return len(list(self.place.glob(".patches*"))) > 0 or (self.patches / ".patchgen-stage").exists()

    def turn(self) -> None:
        """Disturb one refresh, and see what the folder holds."""
        before = self.state()
        target = "b" if before == "a" else "a"
        event = self.pick.choice(EVENTS)
        status = self.disturbed(event, target)
        assert status in {0, 2, -signal.SIGKILL, 1}, (event, status, self.said())
        assert "Traceback" not in self.said(), self.said()
        if self.leftovers():
            self.count["left something beside"] += 1
        self.recover()
        after = self.state()
        assert not self.leftovers(), list(self.place.iterdir())
        if status == 0 and event != "second":
            assert after == target, "it said that it had written"
        self.count[event] += 1
        self.count["new" if after != before else "old"] += 1

    def disturbed(self, event: str, target: str) -> int:
        if event == "full":
            return self.full(target)
        pid = self.start(target)
        if event == "second":
            time.sleep(self.pick.random() * self.seconds * 0.3)
            other = self.start(target)
            statuses = {self.wait(pid), self.wait(other)}
            assert 0 in statuses, self.said()
            return max(statuses)
        if event == "kill near the writing":
            self.until_written(pid)
            time.sleep(self.pick.random() * 0.004)
        else:
            time.sleep(self.pick.random() * self.seconds * 1.1)
        if event == "read-only":
            done = subprocess.run(["mount", "-o", "remount,ro", self.place], capture_output=True, check=False)
            status = self.wait(pid)
            subprocess.run(["mount", "-o", "remount,rw", self.place], check=True)
            self.count["became read-only"] += done.returncode == 0
            return status
        os.kill(pid, signal.SIGKILL)
        return self.wait(pid)

    def until_written(self, pid: int) -> None:
        """Wait until the refresh begins to write, or has ended."""
        lock = self.place / ".patches.patchgen-lock"
        while not lock.exists():
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
            time.sleep(0.0005)

    def full(self, target: str) -> int:
        """Leave some bytes of the disk, or none, and refresh."""
        filler = self.place / "filler"
        with filler.open("wb", buffering=0) as file:
            size = 1 << 16
            while size:
                try:
                    if file.write(bytes(size)) < size:
                        size //= 2
                except OSError as error:
                    assert error.errno == errno.ENOSPC, error  # noqa: PT017 - anything else is a defect of this test
                    size //= 2
            os.fsync(file.fileno())
            file.truncate(max(0, file.tell() - self.pick.choice((0, 0, 4096, 8192, 16384, 40960))))
        status = self.wait(self.start(target))
        self.count["was full"] += status != 0
        filler.unlink()
        return status

    def recover(self) -> None:
        """Do what the next command does first."""
        with suppress(FolderError):
            folder.recover(self.patches)
        # What harms no reader is removed by the next one that writes.
        if self.leftovers():
            self.wait(self.start(self.state()))


def held(where: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(where.iterdir()) if path.is_file()}


def run(place: Path, turns: int, seed: int, scratch: Path) -> None:
    """Disturb that many refreshes, and print what was counted."""
    for name in ("CACHE", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = str(scratch / name)
    os.environ["TMPDIR"] = str(scratch)
    ground = Ground(place, scratch, random.Random(seed))  # noqa: S311 - the same in each run
    for _ in range(turns):
        ground.turn()
    sys.stdout.write(json.dumps(ground.count))


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
