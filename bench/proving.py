# SPDX-License-Identifier: GPL-3.0-or-later
"""Time ``buildcheck layout calls`` beside ``gcc -fsyntax-only`` on the same units, and beside abidiff and pahole.

The compilers run for the same units, each target's once, one after the other as in a shell; buildcheck runs its own
build, its preprocessors and its comparison with the compilers besides. abidiff and pahole can answer of the machine's
own target only, and need objects with debugging symbols, which are compiled within their time.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from typing import TYPE_CHECKING

from buildcheck.ctree import Preprocessor, Target
from buildcheck.forest import forest
from buildcheck.generator import Generator
from buildcheck.recipes import MARKER
from buildcheck.store import Store
from buildcheck.subject import Subject
from measure import Command, Row, alternate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from buildcheck.forest import Wood
    from buildcheck.units import Unit

__all__ = ["proving"]

_FRESH = ("memory", "objects", "trees", "blobs")
"""What a cold run has not: the run time for Axis2/C is built once, and stays."""
_FOUND = 1
"""The exit status: of one tree alone nothing is known to be pre-existing, and calls finds upstream's own slips."""
_MEMORY = 500 << 20
_CHANGED = 4 | 8
"""What abidiff adds to its exit status where the two differ, and where that is incompatible (abidiff(1))."""


def proving(root: Path, patches: Path, scratch: Path, rounds: int) -> Iterator[Row]:
    """Yield what layout and calls take of the patched reference tree: cold, and warm with one file changed.

    :raises BenchError: a command does not do its work.
    """
    store = _store(scratch / "proving-peers")
    subject = Subject.of_series(str(root / "tests/c/reference"), patches, "series", store, each=False)
    first, last = forest(subject, Generator(store))
    tree = scratch / "proving-tree"
    shutil.copytree(root / "tests/c/reference", tree, symlinks=True)
    for path in last.prefix.tree.paths():
        if path not in last.prefix.tree.links:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(last.prefix.tree.read(path))
    yield from _buildcheck(root, tree, last, store, rounds)
    yield from _peers(root, patches, scratch, (first, last), rounds)
    store.close()


def _buildcheck(root: Path, tree: Path, wood: Wood, store: Store, rounds: int) -> Iterator[Row]:
    scratch = tree.parent
    cache = scratch / "proving-cache"
    words = ("-m", "buildcheck", "layout", "calls", "--tree", tree, "--policy", root / "policy.toml")
    environment = {"XDG_CACHE_HOME": str(cache)}
    changed = max((unit for unit in wood.units if not unit.generated), key=lambda unit: len(_read(wood, unit)))
    rest = iter(range(1 << 20))

    def forget() -> None:
        for name in _FRESH:
            shutil.rmtree(cache / "buildcheck" / name, ignore_errors=True)

    def change() -> None:
        with (tree / changed.path).open("a", encoding="utf-8") as file:
            file.write(f"struct timed_{next(rest)} {{ char one; long two; }};\n")

    def looked(said: bytes) -> bool:
        return b"\nlayout  proved" in said and b"\ncalls   " in said

    ours = _store(cache)
    Generator(ours).home()
    ours.close()
    cold = Command("cold", (sys.executable, *words), root, forget, looked, environment, _FOUND)
    warm = Command("warm", (sys.executable, *words), root, change, looked, environment, _FOUND)
    script = scratch / "syntax.sh"
    script.write_text("".join(_syntax(wood, store)), encoding="utf-8")
    peer = Command("syntax", ("sh", "-e", script), scratch)
    found = alternate([cold, warm, peer], rounds)
    beside, theirs = "gcc -fsyntax-only, each target's", found["syntax"].seconds
    yield Row("layout and calls, cold", found["cold"].seconds, beside, theirs, 15)
    yield Row("layout and calls, one file changed", found["warm"].seconds, beside, theirs, 2)
    yield Row("memory of the same, its largest process", found["cold"].peak, "the bound", _MEMORY, 1, "B")


def _peers(root: Path, patches: Path, scratch: Path, woods: tuple[Wood, Wood], rounds: int) -> Iterator[Row]:
    """Yield all structs before and after, as buildcheck and its peers say it; both must name the new member."""
    cache = scratch / "proving-pairs"
    given = ("--upstream", root / "tests/c/reference", "--patches", patches, "--policy", root / "policy.toml")
    ours = Command(
        "pairs",
        (sys.executable, "-m", "buildcheck", "layout", "--structs", *given),
        root,
        lambda: shutil.rmtree(cache / "buildcheck/memory", ignore_errors=True),
        lambda said: b"archId" in said,
        {"XDG_CACHE_HOME": str(cache)},
    )
    objects = scratch / "proving-objects"
    objects.mkdir()
    build = "".join(line for number, wood in enumerate(woods) for line in _objects(wood, objects / str(number)))
    show = f"for one in {objects}/1/*.o; do pahole $one; done\n"
    differ = (
        f"for one in {objects}/1/*.o; do\n    old={objects}/0/${{one##*/}}\n    test -e $old || continue\n"
        f"    abidiff --non-reachable-types $old $one || test $(($? & ~{_CHANGED})) -eq 0\ndone\n"
    )
    scripts = {"abidiff": build + differ, "pahole": build + show}
    commands = [ours]
    for name, text in scripts.items():
        path = scratch / f"{name}.sh"
        path.write_text(text, encoding="utf-8")
        commands.append(Command(name, ("sh", "-e", path), scratch, check=lambda said: b"archId" in said))
    found = {name: median.seconds for name, median in alternate(commands, rounds).items()}
    what = "layout of all structs before and after, cold, 4 targets"
    yield Row(what, found["pairs"], "gcc -g, abidiff: 1 target", found["abidiff"])
    yield Row(what, found["pairs"], "gcc -g, pahole: 1 target, after only", found["pahole"])


def _store(cache: Path) -> Store:
    """Return a store of its own, whatever the environment says."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(cache)
    try:
        return Store.usual()
    finally:
        del os.environ["XDG_CACHE_HOME"]
        if before is not None:
            os.environ["XDG_CACHE_HOME"] = before


def _read(wood: Wood, unit: Unit) -> bytes:
    return wood.stage.read(unit.path) or b""


def _syntax(wood: Wood, store: Store) -> Iterator[str]:
    """Yield a line of shell for each unit and target."""
    folder = wood.stage.folder()
    for target in Target:
        preprocessor = Preprocessor(target, store)
        for unit in wood.units:
            words = [str(word) for word in preprocessor.command(unit, folder)]
            at = shlex.quote(str(folder / unit.folder))
            yield f"cd {at} && {shlex.join(words)} -w -fsyntax-only {shlex.quote(unit.source)}\n"


def _objects(wood: Wood, into: Path) -> Iterator[str]:
    """Yield a line of shell for each written unit: an object with debugging symbols."""
    folder = wood.stage.folder()
    into.mkdir(exist_ok=True)
    for unit in (unit for unit in wood.units if not unit.generated):
        words = [word.replace(MARKER, str(folder)) for word in unit.arguments]
        made = shlex.quote(str(into / f"{unit.path.replace('/', '-')}.o"))
        at = shlex.quote(str(folder / unit.folder))
        yield f"(cd {at} && gcc {shlex.join(words)} -w -g -c -o {made} {shlex.quote(unit.source)})\n"
