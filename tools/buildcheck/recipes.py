# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tree's own Makefiles compile and link: learned by running make with a compiler that only writes down.

So include paths, definitions, the order of objects and libraries, and the way from the WSDL to the
generated code are the tree's own, whatever a patch makes of them. make runs what the Makefiles say, as
a package build does.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patchgen.findings import Finding, Level, Place, Slug

from . import makedefs, programs
from .store import key, own

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .generator import Generator
    from .prefixes import Prefix
    from .store import Store

__all__ = ["FOLDERS", "MARKER", "NEEDS", "Command", "Recipes", "identity", "record", "shape"]

FOLDERS = ("tools", "util", "net", "storage", "gatherlog", "node", "cluster")
"""The folders of C code and what belongs to it, in the order in which upstream builds them."""

NEEDS = ("make", "patch", "perl")
"""The programs that upstream's Makefiles run, beside the compiler."""

_SHAPE = Slug.define(
    "not-the-shape",
    """The tree has not the shape of Eucalyptus 2.0: a folder of C code, its Makefile or Makedefs.in is not
    there. What is there is checked all the same.""",
)
_MAKE = Slug.define(
    "make-fails",
    """make, run with the tree's own Makefile and a compiler that only writes down what it is asked for,
    fails: a rule has no way to a prerequisite, the generation of code fails, or a command in a rule
    does. What make could do without it is checked all the same.""",
)
_REJECTED = Slug.define(
    "generated-patch-rejected",
    """The Makefile patches the generated service skeleton and does not look at the result. Here the patch
    left a reject, so that the service would not authenticate anybody.""",
)

_RECORDER = Path(__file__).parent / "recorder"
MARKER = "/buildcheck-stage"
"""Stands in the words of a command for the root of the tree, wherever that lies."""
_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Command:
    """One run of the compiler that a Makefile asks for.

    :param folder: where, relative to the tree.
    :param words: its arguments; the root of the tree, where they name it, is :data:`MARKER`.
    """

    folder: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipes:
    """What the Makefiles of a tree ask for.

    :param commands: in the order in which make came to them.
    :param generated: the files that the rules made in folders ``generated``, without what was compiled,
        and what configure would have made.
    """

    commands: tuple[Command, ...]
    generated: Mapping[str, bytes]
    findings: tuple[Finding, ...]


def shape(prefix: Prefix) -> Iterator[Finding]:
    """Yield what the tree lacks of the shape of the project."""
    wanted = ["Makedefs.in", *(f"{folder}/Makefile" for folder in FOLDERS if folder != "tools")]
    for path in wanted:
        if path not in prefix.files:
            yield Finding(
                _SHAPE, Level.ERROR, f"{path} is not there", Place(path), "give the root of an Eucalyptus 2.0 tree"
            )


def identity(prefix: Prefix, generator: Generator) -> str:
    """Return what is the same for all prefixes whose Makefiles ask for the same.

    :raises ProgramError: a program that they run is not there.
    """
    return _key(prefix, prefix.select((*FOLDERS, "wsdl")), generator)


def record(prefix: Prefix, generator: Generator, store: Store) -> Recipes:
    """Return what the Makefiles of *prefix* ask for.

    :raises ProgramError: a program that they run is not there, or make does not end.
    """
    files = prefix.select((*FOLDERS, "wsdl"))
    name = _key(prefix, files, generator)
    known = store.recall(name)
    if known is not None:
        with contextlib.suppress(LookupError, TypeError, ValueError):
            return _thawed(known)
    programs.need(NEEDS)
    with store.scratch() as scratch:
        root = Path(scratch).resolve()
        stage = root / "stage"
        for path, data in files.items():
            (stage / path).parent.mkdir(parents=True, exist_ok=True)
            (stage / path).write_bytes(data)
            if data.startswith(b"#!"):
                (stage / path).chmod(0o755)
        _configure(stage, files, generator.values())
        findings = list(_made(stage, root / "record", prefix))
        findings += _rejects(stage)
        commands = tuple(_commands(root / "record", stage))
        generated = dict(_generated(stage))
    recipes = Recipes(commands, generated, tuple(findings))
    if not findings:  # what made a rule fail may be none of the tree: a program, a module, room on the disk
        store.remember(name, _frozen(recipes))
    return recipes


def _key(prefix: Prefix, files: Mapping[str, bytes], generator: Generator) -> str:
    """Return a digest of all that make reads, and of which other files there are."""
    parts: list[str | bytes] = ["recipes", own("recipes", "makedefs"), generator.identity(), _RECORDER.read_bytes()]
    parts += [programs.identity(name) for name in NEEDS]
    makefiles = b"".join(data for path, data in files.items() if path.endswith("Makefile") and path != "tools/Makefile")
    for path in sorted(files):
        parts += [path, prefix.files[path] if _is_read(path, makefiles) else ""]
    return key(*parts)


def _is_read(path: str, makefiles: bytes) -> bool:
    """Whether make, or what it runs here, may read the file: no C file, and no tool that no other folder names."""
    folder, _, name = path.rpartition("/")
    if folder == "tools" and name != "Makefile":
        return name.encode("utf-8", "surrogateescape") in makefiles
    return not name.endswith((".c", ".h"))


def _configure(stage: Path, files: Mapping[str, bytes], values: Mapping[str, str]) -> None:
    """Write what configure would, and what make takes for it: nothing is older than what it is made from."""
    for name in ("configure", "config.status"):
        if not (stage / name).exists():
            (stage / name).write_bytes(b"")
    if "util/config.h.in" in files:
        (stage / "util/config.h").write_bytes(makedefs.config_header(files["util/config.h.in"]))
    ours = {
        "CC": str(_RECORDER),
        "CFLAGS": makedefs.CFLAGS,
        "DEFS": "-DHAVE_CONFIG_H",
        "INSTALL": "install",
        "LIBVIRT_HOME": "/usr",
        "PERL": programs.find("perl"),
        "RM": "rm",
        "abs_top_srcdir": str(stage),
        "prefix": "/",
    }
    (stage / "Makedefs").write_bytes(makedefs.makedefs(files.get("Makedefs.in", b""), ours | dict(values)))
    for age, name in enumerate(("configure", "Makedefs.in", "config.status", "Makedefs")):
        if (stage / name).exists():
            at = (stage / "Makedefs").stat().st_mtime_ns - (3 - age) * 10**9
            os.utime(stage / name, ns=(at, at))


def _made(stage: Path, record: Path, prefix: Prefix) -> Iterator[Finding]:
    """Run make in each folder; yield what fails."""
    environment = {"BUILDCHECK_RECORD": str(record)}
    record.touch()
    there = [folder for folder in FOLDERS if f"{folder}/Makefile" in prefix.files]
    failed = False
    for folder in there:
        done = programs.run(("make", "-k", "-C", folder, "all"), stage, environment, seconds=_SECONDS)
        if done.status:
            failed = True
            yield _failure(f"{folder}/Makefile", done)
    if "Makefile" in prefix.files and not failed:
        done = programs.run(("make", f"SUBDIRS={' '.join(there)}"), stage, environment, seconds=_SECONDS)
        if done.status:
            yield _failure("Makefile", done)


def _failure(path: str, done: programs.Done) -> Finding:
    said = [line.strip() for line in done.err.decode("utf-8", "replace").splitlines()]
    told = [line for line in said if "***" in line] or said or [done.last_words]
    others = [line for line in said if "make" not in line.partition(":")[0]]
    return Finding(_MAKE, Level.ERROR, f"make: {told[0]}", Place(path), others[-1] if others else "")


def _rejects(stage: Path) -> Iterator[Finding]:
    for folder in FOLDERS:
        for path in sorted((stage / folder / "generated").glob("*.rej")):
            what = f"GNU patch rejects a hunk of it, for generated/{path.stem}"
            yield Finding(_REJECTED, Level.ERROR, what, Place(f"{folder}/axis2_svc_generated.patch"))


def _commands(record: Path, stage: Path) -> Iterator[Command]:
    words = record.read_bytes().decode("utf-8", "surrogateescape").split("\0")
    at = 0
    while at + 1 < len(words):
        count = int(words[at])
        folder, *arguments = words[at + 1 : at + 2 + count]
        yield Command(os.path.relpath(folder, stage), tuple(word.replace(str(stage), MARKER) for word in arguments))
        at += 2 + count


def _generated(stage: Path) -> Iterator[tuple[str, bytes]]:
    if (stage / "util/config.h").exists():
        yield "util/config.h", (stage / "util/config.h").read_bytes()
    for folder in FOLDERS:
        for path in sorted((stage / folder / "generated").rglob("*")):
            if path.is_file() and path.suffix not in {".o", ".orig", ".rej"}:
                yield path.relative_to(stage).as_posix(), path.read_bytes()


def _frozen(recipes: Recipes) -> object:
    return {
        "commands": [[command.folder, *command.words] for command in recipes.commands],
        "generated": {path: data.decode("latin-1") for path, data in recipes.generated.items()},
        "findings": [
            [finding.slug.name, finding.message, finding.place.path if finding.place else "", finding.help]
            for finding in recipes.findings
        ],
    }


def _thawed(known: Mapping[str, Any]) -> Recipes:
    slugs = {slug.name: slug for slug in (_MAKE, _REJECTED)}
    generated: dict[str, str] = known["generated"]
    return Recipes(
        tuple(Command(folder, tuple(words)) for folder, *words in known["commands"]),
        {path: text.encode("latin-1") for path, text in generated.items()},
        tuple(
            Finding(slugs[slug], Level.ERROR, message, Place(path), help_)
            for slug, message, path, help_ in known["findings"]
        ),
    )
