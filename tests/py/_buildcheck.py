# SPDX-License-Identifier: GPL-3.0-or-later
"""A small tree in the shape of the project, patches for it, and buildcheck run on them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from buildcheck.cli import main
from buildcheck.prefixes import patches_of, prefixes
from buildcheck.store import Store
from buildcheck.subject import Subject
from patchgen.render import file_diff
from patchgen.upstream import open_upstream

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

__all__ = ["HEADER", "TREE", "Desk", "Ran", "patch"]

_MAKEDEFS = b"""\
CC = @CC@
CFLAGS = @CFLAGS@
CPPFLAGS = @DEFS@
INCLUDES = @INCLUDES@
LDFLAGS = @LDFLAGS@
LIBS = @LIBS@
RM = @RM@
WSDL2C = @WSDL2C@
"""
_NOTHING = b"include ../Makedefs\nall:\n"
_OBJECTS = b"""\
include ../Makedefs
all: $(patsubst %.c,%.o,$(wildcard *.c))
%.o: %.c
\t$(CC) -c $(CPPFLAGS) $(CFLAGS) $(INCLUDES) -I. -I../util $<
"""
_PROGRAMS = b"""\
include ../Makedefs
all: greeter libgreet.so
greeter: main.c ../util/greet.o
\t$(CC) -o greeter $(CFLAGS) -I. -I../util main.c ../util/greet.o
libgreet.so: own.o ../util/greet.o
\t$(CC) -shared -o $@ own.o ../util/greet.o
%.o: %.c
\t$(CC) -c $(CPPFLAGS) $(CFLAGS) -I../util $<
"""

TREE: dict[str, bytes] = {
    "Makedefs.in": _MAKEDEFS,
    "Makefile": b"-include Makedefs\nbuild:\n\t@for subdir in $(SUBDIRS); do (cd $$subdir && $(MAKE) all) || exit $$?; done\n",
    "cluster/Makefile": _NOTHING,
    "gatherlog/Makefile": _NOTHING,
    "net/Makefile": _NOTHING,
    "node/Makefile": _PROGRAMS,
    "node/main.c": b'#include "greet.h"\n\nint main(void)\n{\n    int idle;\n    return greet("you");\n}\n',
    "node/own.c": b'#include "greet.h"\n\nint twice(const char *name)\n{\n    return greet(name) + greet(name);\n}\n',
    "storage/Makefile": _NOTHING,
    "tools/Makefile": _NOTHING,
    "util/Makefile": _OBJECTS,
    "util/greet.c": b'#include <stdio.h>\n#include "greet.h"\n\nint greet(const char *name)\n{\n    return puts(name);\n}\n',
    "util/greet.h": b"int greet(const char *name);\n",
}
"""Two objects, a program and a library; ``node/main.c`` has a warning of its own, an unused variable."""

HEADER = b"Description: change it\nAuthor: A <a@example.org>\nForwarded: no\nLast-Update: 2026-01-01\n\n"


def patch(before: Mapping[str, bytes], after: Mapping[str, bytes | None], header: bytes = HEADER) -> bytes:
    """Return a patch that makes *after* of *before*; the paths of *after* are those that change."""
    return header + b"".join(file_diff(path, before.get(path), after[path]) for path in sorted(after))


@dataclass(frozen=True)
class Ran:
    """How a run ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def found(self) -> list[dict[str, Any]]:
        """The findings of a run with ``--format json``."""
        found: list[dict[str, Any]] = json.loads(self.out)
        return found

    def of(self, slug: str) -> list[dict[str, Any]]:
        """Return the findings with that slug."""
        return [one for one in self.found if one["slug"] == slug]


class Desk:
    """A folder with ``tree`` and ``patches`` in it, and a store of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.tree, self.patches = folder / "tree", folder / "patches"
        self.patches.mkdir()
        self.names: list[str] = []
        self.content: dict[str, bytes] = dict(TREE)
        self.upstream(TREE)
        self._shared = Store.usual()
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        # What patchgen.toml of this repository says is not about the tree here, but for the C tests.
        monkeypatch.chdir(folder)
        tests = Path(__file__).parents[1] / "c/behaviour"
        (folder / "patchgen.toml").write_text(f'tests = "{tests}"\n', encoding="utf-8")
        # What is built once for all tests is not what they are about.
        homes = self._shared.folder / "homes"
        homes.mkdir(exist_ok=True)
        Store.usual()
        (folder / "cache/buildcheck/homes").rmdir()
        (folder / "cache/buildcheck/homes").symlink_to(homes)

    def upstream(self, files: Mapping[str, bytes | None]) -> None:
        """Put files into the tree, or take them away."""
        for path, data in files.items():
            if data is None:
                (self.tree / path).unlink()
                self.content.pop(path, None)
            else:
                (self.tree / path).parent.mkdir(parents=True, exist_ok=True)
                (self.tree / path).write_bytes(data)
                self.content[path] = data

    def add(self, name: str, after: Mapping[str, bytes | None], header: bytes = HEADER) -> None:
        """Put a patch behind the others that makes *after* of the tree as they leave it."""
        self.put(name, patch(self.content, after, header))
        for path, data in after.items():
            if data is None:
                del self.content[path]
            else:
                self.content[path] = data

    def put(self, name: str, data: bytes) -> None:
        """Put a patch of these bytes behind the others."""
        self.names.append(name)
        (self.patches / name).write_bytes(data)
        (self.patches / "series").write_text("".join(f"{one}\n" for one in self.names), encoding="utf-8")

    def subject(self, *, each: bool = True) -> Subject:
        """Return what the checks would look at."""
        return Subject.of_series(str(self.tree), self.patches, "series", Store.usual(), each=each)

    def subject_of_tree(self) -> Subject:
        """Return the tree alone."""
        return Subject.of_tree(str(self.tree), "", Store.usual())

    def prefixes(self) -> Any:  # noqa: ANN401 - shorter than its type
        """Return the prefixes of the series."""
        return prefixes(open_upstream(str(self.tree)), patches_of(self.patches), str(self.patches))

    def run(self, *words: str) -> Ran:
        """Run buildcheck on the series here, in this process."""
        return self.raw(*words, "--upstream", str(self.tree), "--patches", str(self.patches))

    def raw(self, *words: str) -> Ran:
        """Run buildcheck with these words and no others."""
        done = CliRunner().invoke(main, list(words))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        assert "Traceback" not in done.output
        return Ran(done.exit_code, done.stdout, done.stderr)

    def patched(self, after: Mapping[str, bytes]) -> Path:
        """Return a folder with the tree and what *after* puts into it."""
        folder = self.folder / "patched"
        shutil.copytree(self.tree, folder)
        for path, data in after.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder
