# SPDX-License-Identifier: GPL-3.0-or-later
"""A small upstream tree, semantic patches for it, a folder of patches, and patchgen run on them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from patchgen.cli import main

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIELD", "GREET", "HAND", "PASS", "TITLE", "TREE", "Ran", "Work", "edit", "semantic"]

GREET = b'#include "greet.h"\n\nint greet (char *name, int loud)\n{\n    return loud ? (int) name[0] : 0;\n}\n'

TREE: dict[str, bytes] = {
    "greet.h": b"#ifndef GREET_H\n#define GREET_H\nstruct person {\n    char name[32];\n    int age;\n};\n\nint greet(char *name, int loud);\n#endif\n",
    "greet.c": GREET,
    "main.c": b'#include "greet.h"\n\n/* greet () is called once */\nint main (int argc, char **argv)\n{\n    char *title = argc > 2 ? argv[2] : 0;\n\n    return greet (argv[1], 1);\n}\n',
    "doc/README": b"greet says hello\n",
    "data.bin": b"\0greet\0\xff",
}
"""Three C files that belong together, a text and a binary file."""


def semantic(*edits: str, description: str = "change it") -> str:
    """Return a semantic patch of the edits."""
    return (
        f'[dep3]\nDescription = "{description}"\nAuthor = "A <a@example.org>"\nForwarded = "no"\nLast-Update = "2026-01-01"\n'
        + "".join(f"\n[[edit]]\n{edit}" for edit in edits)
    )


def edit(kind: str, **keys: str) -> str:
    """Return an edit in TOML; ``in_`` is the key ``in``."""
    return f'kind = "{kind}"\n' + "".join(f'{key.rstrip("_")} = "{value}"\n' for key, value in keys.items())


TITLE = edit("add-parameter", function="greet", parameter="char *title", after="name", argument="NULL")
FIELD = edit("add-field", struct="person", field="char title[16];", at="end")
PASS = edit("set-argument", function="greet", parameter="title", in_="main", from_="NULL", argument="title")
HAND = b"Description: a person's own\n\n--- a/doc/README\n+++ b/doc/README\n@@ -1 +1 @@\n-greet says hello\n+greet says good day\n"


@dataclass(frozen=True)
class Ran:
    """What a run ended with, and all that it said."""

    status: int
    out: str

    @property
    def slugs(self) -> set[str]:
        """The slugs of the findings."""
        return {word[1:-1] for line in self.out.splitlines() for word in line.split()[-1:] if word[:1] == "["}


class Work:
    """A folder with ``tree``, ``semantic`` and ``patches`` in it."""

    def __init__(self, folder: Path, patches: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.tree, self.semantic, self.patches = folder / "tree", folder / "semantic", folder / "patches"
        self.upstream(TREE)
        self.write(patches or {"1-title": semantic(TITLE), "2-field": semantic(FIELD), "3-pass": semantic(PASS)})

    def upstream(self, files: Mapping[str, bytes]) -> None:
        """Put files into the tree."""
        for path, data in files.items():
            (self.tree / path).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / path).write_bytes(data)

    def write(self, patches: Mapping[str, str]) -> None:
        """Put semantic patches into their folder."""
        self.semantic.mkdir(exist_ok=True)
        for name, text in patches.items():
            (self.semantic / f"{name}.toml").write_text(text, encoding="utf-8")

    @property
    def options(self) -> list[str]:
        """The options that say where everything is."""
        return ["--upstream", str(self.tree), "--semantic", str(self.semantic), "--patches", str(self.patches)]

    def run(self, command: str, *words: str) -> Ran:
        """Run a command here, in this process."""
        done = CliRunner().invoke(main, [command, *self.options, *words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        assert "Traceback" not in done.output
        return Ran(done.exit_code, done.output)

    def refresh(self, *words: str) -> Ran:
        """Refresh here, in this process."""
        return self.run("refresh", *words)

    def refreshed(self, *words: str) -> Ran:
        """Refresh; it must end well."""
        ran = self.refresh(*words)
        assert ran.status == 0, ran.out
        return ran

    def refused(self, slug: str, *words: str, status: int = 1) -> Ran:
        """Refresh; it must be refused for that reason, and the folder of patches must stay byte for byte."""
        before = self.snapshot()
        ran = self.refresh(*words)
        assert ran.status == status, ran.out
        assert slug in ran.slugs, ran.out
        assert self.snapshot() == before
        return ran

    def child(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run patchgen as a program of its own."""
        tools = str(Path(__file__).resolve().parents[2] / "tools")
        done = subprocess.run(
            [sys.executable, "-m", "patchgen", *words],
            env={**os.environ, "PYTHONPATH": tools, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def contents(self) -> dict[str, bytes]:
        """Return the bytes of all files in the folder of patches."""
        return {
            p.relative_to(self.patches).as_posix(): p.read_bytes()
            for p in sorted(self.patches.rglob("*"))
            if p.is_file()
        }

    def snapshot(self) -> dict[str, tuple[int, int, bytes]]:
        """Return inode, time and bytes of all files in the folder of patches."""
        found = {}
        for path in sorted(self.patches.rglob("*")):
            if path.is_file():
                state = path.stat()
                found[path.relative_to(self.patches).as_posix()] = (state.st_ino, state.st_mtime_ns, path.read_bytes())
        return found

    def series(self) -> list[str]:
        """Return the names in the series."""
        lines = (self.patches / "series").read_text(encoding="utf-8").splitlines()
        return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]

    def pushed(self) -> dict[str, bytes]:
        """Push everything with quilt, fuzz 0, on a copy; return the bytes of the tree then. Popped, it is as before."""
        copy = self.folder / "pushed"
        subprocess.run(["rm", "-rf", copy], check=True)
        subprocess.run(["cp", "-r", self.tree, copy], check=True)
        environment = {**os.environ, "QUILT_PATCHES": str(self.patches), "LC_ALL": "C", "HOME": str(self.folder)}
        before = after = tree_bytes(copy)
        for word in ("push", "pop"):
            if word == "pop":
                after = tree_bytes(copy)
            command = ["quilt", "--quiltrc=-", word, "-a", *(["--fuzz=0"] if word == "push" else [])]
            done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "fuzz" not in done.stdout
        assert tree_bytes(copy) == before
        return after


def tree_bytes(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files of a folder, without quilt's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".pc" not in path.parts
    }
