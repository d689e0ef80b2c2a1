# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: arguments in, presenters out; nothing else."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import __version__
from .command import Group
from .findings import Exit, as_json, as_sarif, as_text, worst

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .config import Places
    from .findings import Finding

__all__ = ["main"]

_FORMATS = ("text", "json", "sarif")


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="patchgen")
def main() -> None:
    """Render a quilt series from semantic patches, on any upstream tree.

    A semantic patch says what a change does to the program; patchgen finds the places in the tree
    at hand, edits them in its own style, and writes patches that quilt takes with fuzz 0. What cannot
    be edited with certainty is refused, with a place and a reason.

    Exit status: 0 clean; 1 a refusal, a finding, or something would change; 2 the command, a
    semantic patch or the environment is unusable.
    """


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the options that every command has."""
    options = [
        click.option(
            "--upstream", multiple=True, metavar="TREE", help="A folder, an orig tarball, git:REPO@REF or bzr:DIR@REV."
        ),
        click.option("--semantic", metavar="DIR", help="The folder of semantic patches."),
        click.option("--patches", metavar="DIR", help="The folder of patches with the series in it."),
        click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", help="How to report."),
        click.option("--quiet", "-q", is_flag=True, help="Findings only, no summary."),
        click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="Colours."),
    ]

    @functools.wraps(command)
    def settled(*, upstream: Sequence[str], semantic: str | None, patches: str | None, **rest: Any) -> None:  # noqa: ANN401
        from .config import settle

        places = settle(upstream, semantic, patches, Path(), os.environ)
        command(places=places, **rest)

    for option in reversed(options):
        settled = option(settled)
    return settled


@main.command("refresh")
@click.option("--headers", is_flag=True, help="Take the headers of the semantic patches, not those in the patches.")
@click.option("--keep-going", is_flag=True, help="Write the patches that have no refusal and stand on none.")
@click.option("--overwrite", is_flag=True, help="Discard what a person changed in a rendered diff.")
@click.option("--check", is_flag=True, help="Write nothing; say what would change.")
@click.option("--changelog", is_flag=True, help="Say in debian/changelog what changed, as dch does.")
@_common
def _refresh(places: Places, format_: str, color: str, *, quiet: bool, changelog: bool, **flags: bool) -> None:
    """Render the series again on an upstream tree.

    All or nothing: a refused edit writes nothing. Every patch is proved with GNU patch, fuzz 0.
    """
    from . import summary
    from .cache import refreshed
    from .changelog import Changelog, lines
    from .refresh import Options

    series = places.need_patches() / places.series
    log = Changelog.of(places) if changelog and not flags["check"] else None
    before = series.read_bytes() if series.is_file() else b""
    result = refreshed(places, Options(named=places.named, **flags))
    if log is not None and result.written:
        added = lines(before, series.read_bytes(), result.changed, places.need_upstream())
        if added:
            log.write(added)
    status = max(worst(result.findings), Exit.FINDINGS if flags["check"] and result.changed else Exit.CLEAN)
    _report(result.findings, format_, color)
    if not quiet and format_ == "text":
        ending = summary.written(
            result.changed, done=result.written, check=flags["check"], refused=worst(result.findings) is not Exit.CLEAN
        )
        _say(summary.table(result.rows) + ending, color)
    raise click.exceptions.Exit(status)


@main.command("status")
@click.option("--ledger", is_flag=True, help="List every occurrence and its verdict.")
@_common
def _status(places: Places, format_: str, color: str, *, ledger: bool, quiet: bool) -> None:
    """Show the state of each patch and edit on an upstream tree; on several, a matrix."""
    from . import summary
    from .status import findings, played

    places.need_upstream()
    boards = [played(places, text) for text in places.upstream]
    found = findings(boards)
    if format_ == "json":
        click.echo(summary.status_json(boards), nl=False)
    else:
        _report(found, format_, color)
        if not quiet and format_ == "text":
            _say(summary.status(boards, ledger=ledger), color)
    raise click.exceptions.Exit(worst(found))


@main.command("lint")
@_common
def _lint(places: Places, format_: str, color: str, *, quiet: bool) -> None:
    """Check the series, the headers, the semantic patches, and that all are in step.

    With an upstream tree it also checks that the series is what a refresh on it would write.
    """
    from .lint import lint

    findings = list(lint(places))
    _report(findings, format_, color)
    if not quiet and format_ == "text":
        errors = sum(finding.level.value == "error" for finding in findings)
        _say(f"{len(findings)} findings, {errors} errors\n", color)
    raise click.exceptions.Exit(worst(findings))


@main.command("source")
@click.option("--debian", metavar="DIR", help="The folder of the packaging, with control, changelog and rules in it.")
@click.option("--output", "-o", required=True, metavar="DIR", help="Where the files of the source package go.")
@_common
def _source(places: Places, format_: str, color: str, *, quiet: bool, debian: str | None, output: str) -> None:
    """Make a source package of an orig tarball, with the series rendered on it.

    Nothing but the packaging is laid over the tarball. dpkg-source builds the package, and unpacks it again
    to compare, before it is put into the folder.
    """
    from . import summary
    from .package import build

    done = build(places, Path(debian) if debian else places.need_debian(), Path(output))
    _report(done.findings, format_, color)
    if not quiet and format_ == "text":
        _say(summary.table([summary.row(stage) for stage in done.stages]) + summary.packaged(done.files), color)
    raise click.exceptions.Exit(worst(done.findings))


_DESTINATIONS = ("git-am", "mbox", "debdiff", "bzr")


@main.command("export")
@click.argument("names", nargs=-1, metavar="[PATCH]...")
@click.option("--to", required=True, type=click.Choice(_DESTINATIONS), help="What to make of the series.")
@click.option("--output", "-o", metavar="PATH", help="The folder or file to make; none of it may be there already.")
@click.option("--onto", metavar="DIR", help="The folder debian/ of a package (debdiff), or your branch (bzr).")
@click.option("--target", metavar="DIR", help="A copy of upstream's branch, to see that yours is one of it (bzr).")
@click.option("--public", metavar="URL", help="Where upstream's branch is for everybody (bzr).")
@click.option("--forwarded", metavar="VALUE", help="Write Forwarded into the headers: an address, yes, no, not-needed.")
@click.option("--last-update", metavar="DATE", help="Write Last-Update into the headers: a date, or today.")
@_common
def _export(places: Places, format_: str, color: str, *, quiet: bool, **options: Any) -> None:  # noqa: ANN401 - click's
    """Make mails of the series, a diff of the packaging, or revisions of a branch.

    A patch goes out as it is in the folder. A mail has the author and the date of its header, is taken by
    `git am`, and becomes the same bytes again by `patchgen import`.
    """
    from . import export, summary

    done = export.run(places, export.Wanted(**options))
    _report(done.findings, format_, color)
    if done.data is not None:
        click.echo(done.data, nl=False)
    elif not quiet and format_ == "text":
        _say(summary.exported(done.what, done.path), color)
    raise click.exceptions.Exit(worst(done.findings))


@main.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--overwrite", is_flag=True, help="Take the patch of a mail where another of its name is there.")
@click.option("--check", is_flag=True, help="Write nothing; say what would change.")
@click.option("--recognise", is_flag=True, help="Make a semantic patch, also of a mail.")
@click.option("--output", "-o", metavar="FILE", help="The file of the semantic patch, else standard output.")
@click.option("--forwarded", metavar="VALUE", help="Write Forwarded into the semantic patch.")
@click.option("--last-update", metavar="DATE", help="Write Last-Update into the semantic patch: a date, or today.")
@_common
def _import(places: Places, format_: str, color: str, *, quiet: bool, files: Sequence[str], **options: Any) -> None:  # noqa: ANN401 - click's
    """Put the patches of mails into the series, or make a semantic patch of a person's patch.

    FILE is a mail of git format-patch or of `patchgen export`, a mailbox, or a folder of mails. Any other FILE is
    one patch, a file or a name in the series: its edits are recognised, and hunks that none explains are named.
    """
    from . import incoming, summary

    if options.pop("recognise") or not incoming.are_mails(files):
        made = incoming.semantic_patch(places, files, options["output"], options["forwarded"], options["last_update"])
        if options["output"] is None:
            click.echo(made.toml, nl=False)
        _report(made.findings, format_, color, err=options["output"] is None)
        if not quiet and format_ == "text":
            click.echo(f"{made.edits} edits recognised", err=options["output"] is None)
        raise click.exceptions.Exit(worst(made.findings))
    mails = incoming.mails_in(map(Path, files))
    flags = {name: options[name] for name in ("overwrite", "check")}
    done = incoming.import_mails(places.need_patches(), places.series, mails, **flags)
    status = max(worst(done.findings), Exit.FINDINGS if flags["check"] and done.changed else Exit.CLEAN)
    _report(done.findings, format_, color)
    if not quiet and format_ == "text":
        _say(summary.written(done.changed, done=done.written, check=flags["check"], refused=False), color)
    raise click.exceptions.Exit(status)


@main.command("undo")
@click.option("--check", is_flag=True, help="Write nothing; say what would change.")
@_common
def _undo(places: Places, format_: str, color: str, *, quiet: bool, check: bool) -> None:
    """Bring the series back that the last refresh or import replaced.

    Refused where somebody changed the folder since; then nothing is written.
    """
    from . import history, summary

    done = history.undo(places.need_patches(), check=check)
    _report((), format_, color)
    if not quiet and format_ == "text":
        _say(summary.undone(done.command, done.changed, done=done.written), color)
    raise click.exceptions.Exit(Exit.FINDINGS if check else Exit.CLEAN)


@main.command("explain")
@click.argument("name", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON schema of semantic patches.")
@_common
def _explain(places: Places, name: str | None, *, schema: bool, **_unused: object) -> None:
    """Explain a patch, an edit kind, or the slug of a finding; without a name, list them."""
    from .explain import explain, schema_text

    click.echo(schema_text() if schema else explain(places, name or ""), nl=False)


def _report(findings: Sequence[Finding], format_: str, color: str, *, err: bool = False) -> None:
    if format_ == "json":
        click.echo(as_json(findings), nl=False, err=err)
    elif format_ == "sarif":
        click.echo(as_sarif(findings, "patchgen", __version__), nl=False, err=err)
    else:
        _say(as_text(findings), color, err=err)


def _say(text: str, color: str, *, err: bool = False) -> None:
    """Print *text*; the words for a level are coloured where colours are wanted."""
    wanted = color == "always" or (color == "auto" and sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
    if wanted:
        for word, shade in (("error:", "red"), ("warning:", "yellow"), ("note:", "cyan"), ("refused", "red")):
            text = text.replace(word, click.style(word, fg=shade, bold=True))
    click.echo(text, nl=False, color=wanted, err=err)
