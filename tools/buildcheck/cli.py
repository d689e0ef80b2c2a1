# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: arguments in, presenters out; nothing else."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from patchgen.command import Command
from patchgen.findings import as_json, as_sarif, as_text

from . import __version__, checks
from .progress import Progress
from .report import findings, status, structs, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .report import Report
    from .store import Store
    from .subject import Subject

__all__ = ["main"]

_FORMATS = ("text", "json", "sarif", "junit")
_ALL, _ADB, _REPORT, _PROGRAM = "all", "adb", "report", "buildcheck"
_GUEST, _BOOT, _PACKAGE, _JARS = "guest", "boot", "package", "jars"
_COMPLETE = f"_{_PROGRAM.upper()}_COMPLETE"
_PLACES = ("upstream", "patches", "tree", "tests", "policy", "each")
_NO_CHECK = "Give a check, or all; --list lists them."
_NO_ROOM = "SARIF has no room for structs; --structs goes with text, json and junit."
_NEITHER = "--tree is a tree that is patched already, and goes without --patches."


class _Command(Command):
    """The command, or another one that the first word names."""

    def main(self, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run; a command of its own gets the words behind its name."""
        words = list(arguments[0] if arguments and arguments[0] is not None else keywords.get("args") or sys.argv[1:])
        if words[:1] == [_ADB] and _COMPLETE not in os.environ:
            from .adb.cli import main as adb

            sys.exit(adb(words[1:]))
        if words[:1] == [_REPORT] and _COMPLETE not in os.environ:
            from .report.cli import main as report

            return report.main(words[1:], prog_name=f"{_PROGRAM} {_REPORT}")
        if words[:1] in ([_GUEST], [_BOOT]) and _COMPLETE not in os.environ:
            from .guest.cli import boot, guest

            command = guest if words[0] == _GUEST else boot
            return command.main(words[1:], prog_name=f"{_PROGRAM} {words[0]}")
        if words[:1] == [_PACKAGE] and _COMPLETE not in os.environ:
            from .package.cli import package

            return package.main(words[1:], prog_name=f"{_PROGRAM} {_PACKAGE}")
        if words[:1] == [_JARS] and _COMPLETE not in os.environ:
            from .jars.cli import jars

            return jars.main(words[1:], prog_name=f"{_PROGRAM} {_JARS}")
        return super().main(*arguments, **keywords)


@click.command(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("wanted", metavar="CHECK...", nargs=-1, type=click.Choice((_ALL, *checks.names())))
@click.option("--upstream", metavar="TREE", help="The unpatched tree: a folder, an orig tarball, or git:REPO@REF.")
@click.option("--patches", metavar="DIR", help="The folder of patches with the series in it.")
@click.option("--tree", metavar="DIR", help="A tree that is patched already.")
@click.option("--tests", metavar="DIR", help="The folder of C tests, for the check behaviour.")
@click.option("--only", metavar="TEST", multiple=True, help="Of the C tests, run PROGRAM/TEST and no other.")
@click.option("--thorough", is_flag=True, help="C tests that can do more do all that they can.")
@click.option("--policy", metavar="FILE", help="What the project knows of its code, and no tool can find out.")
@click.option("--each", is_flag=True, help="Check the tree after each patch, not only after the last.")
@click.option("--structs", "whole", is_flag=True, help="With layout: each member of the structs of the policy.")
@click.option("--list", "list_", is_flag=True, help="List the checks, and what each proves.")
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", help="How to report.")
@click.option("--strict", is_flag=True, help="Warnings, and what the unpatched tree has too, set exit status 1.")
@click.option("--quiet", "-q", is_flag=True, help="Errors and warnings only, no notes, no summary.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colours.")
@click.version_option(__version__, prog_name="buildcheck")
def main(wanted: Sequence[str], *, list_: bool, strict: bool, **options: Any) -> None:  # noqa: ANN401 - click's own
    """Prove that a patched tree is still consistent and works.

    CHECK is the name of a check, or all. What the unpatched tree has too is a note. `buildcheck adb`
    is a command of its own: it writes C code from a WSDL file. So are `buildcheck guest` and
    `buildcheck boot`: small ARM guests, and the boot of one through the patched services; and
    `buildcheck package` and `buildcheck jars`: a source package built and its packages proved, and a folder of
    JARs audited.

    Exit status: 0 proved; 1 a finding; 2 the command or the environment is unusable: a program that
    a check needs is not there, for one.
    """
    if list_:
        click.echo(_listed(), nl=False)
        return
    names = _names(wanted, tree=options["tree"] is not None)
    if options["whole"] and options["format_"] == "sarif":
        raise click.UsageError(_NO_ROOM)
    from .running import run
    from .store import Store

    store = Store.usual()
    try:
        places = {name: options.pop(name) for name in _PLACES}
        chosen = {name: options.pop(name) for name in ("only", "thorough")}
        subject = replace(_subject(store, **places), progress=Progress(), **chosen)
        reports = [run(name, subject) for name in names]
    finally:
        Progress.clear()
        store.close()
    _present(reports, **options)
    raise click.exceptions.Exit(status(reports, strict=strict))


def _names(wanted: Sequence[str], *, tree: bool) -> tuple[str, ...]:
    """Return the names of the checks that are asked for."""
    if not wanted:
        raise click.UsageError(_NO_CHECK)
    names = checks.names() if _ALL in wanted else tuple(dict.fromkeys(wanted))
    if tree and _ALL not in wanted and (blind := [name for name in names if checks.check(name).OF_SERIES]):
        message = f"{blind[0]} is about a series. {_NEITHER}"
        raise click.UsageError(message)
    return names


def _subject(
    store: Store, *, upstream: str | None, patches: str | None, tree: str | None, each: bool, **files: str | None
) -> Subject:
    """Return what to look at; what is not given is taken from patchgen.toml, as patchgen does."""
    from patchgen.config import settle

    from .subject import Subject

    if tree is not None and patches is not None:
        raise click.UsageError(_NEITHER)
    settled = settle((upstream,) if upstream else (), None, patches, Path(), os.environ)
    given = {name: Path(text) for name, text in files.items() if text}
    folder, policy = given.get("tests", settled.tests), given.get("policy", settled.policy)
    if tree is not None:
        return replace(Subject.of_tree(tree, upstream or "", store), tests=folder, policy=policy)
    return replace(Subject.of_places(settled, store, each=each), tests=folder, policy=policy)


def _listed() -> str:
    width = max(map(len, checks.names()))
    return "".join(f"{name:{width}}  {checks.check(name).SUMMARY}\n" for name in checks.names())


def _present(reports: Sequence[Report], format_: str, color: str, *, quiet: bool, whole: bool) -> None:
    listed = findings(reports)
    if format_ == "json" and whole:
        from .layout.table import as_data

        both = {"findings": json.loads(as_json(listed)), "structs": as_data(structs(reports))}
        click.echo(json.dumps(both, indent=2, ensure_ascii=False))
    elif format_ == "json":
        click.echo(as_json(listed), nl=False)
    elif format_ == "sarif":
        click.echo(as_sarif(listed, "buildcheck", __version__), nl=False)
    elif format_ == "junit":
        from .junit import as_junit

        click.echo(as_junit(reports), nl=False)
    else:
        shown = [finding for finding in listed if not quiet or finding.level.value != "note"]
        tables = "" if quiet and not whole else _tables(reports, whole=whole)
        _say(as_text(shown) + tables + ("" if quiet else summary(reports)), color)


def _tables(reports: Sequence[Report], *, whole: bool) -> str:
    found = structs(reports)
    if not found:
        return ""
    from .layout.table import as_table

    return f"\n{as_table(found, whole=whole)}"


def _say(text: str, color: str) -> None:
    """Print *text*; the words for a level are coloured where colours are wanted."""
    wanted = color == "always" or (color == "auto" and sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
    if wanted:
        for word, shade in (("error:", "red"), ("warning:", "yellow"), ("note:", "cyan"), ("not proved", "red")):
            text = text.replace(word, click.style(word, fg=shade, bold=True))
    click.echo(text, nl=False, color=wanted)
