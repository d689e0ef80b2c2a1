# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of ``buildcheck report``: every check on every prefix, and the page of what they say."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import click

from buildcheck import checks
from buildcheck.progress import Progress
from patchgen.command import Command

__all__ = ["main"]


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-o", "--output", metavar="FILE", required=True, help="The HTML file to write.")
@click.option("--upstream", metavar="TREE", help="The unpatched tree: a folder, an orig tarball, or git:REPO@REF.")
@click.option("--semantic", metavar="DIR", help="The folder of semantic patches, for the ledger.")
@click.option("--patches", metavar="DIR", help="The folder of patches with the series in it.")
@click.option("--tests", metavar="DIR", help="The folder of C tests.")
@click.option("--policy", metavar="FILE", help="The policy file.")
@click.option("--quiet", "-q", is_flag=True, help="No summary.")
def main(output: str, tests: str | None, policy: str | None, *, quiet: bool, **named: str | None) -> None:
    """Run every check on every prefix of a series, and write what they say as one HTML page.

    The page has the series with its ledger, each edit before and after, the findings, and the matrix of
    patches against checks. It loads nothing from elsewhere. It is written whatever is found.

    Exit status: that of `buildcheck all --each`, and 1 where an edit is refused.
    """
    from buildcheck.running import run
    from buildcheck.store import Store
    from buildcheck.subject import Subject
    from patchgen.config import settle
    from patchgen.findings import worst

    from . import status, summary
    from .contents import contents
    from .page import as_html
    from .pictures import pictures

    upstream = (named["upstream"],) if named["upstream"] else ()
    places = settle(upstream, named["semantic"], named["patches"], Path(), os.environ)
    if tests:
        places = replace(places, tests=Path(tests))
    if policy:
        places = replace(places, policy=Path(policy))
    store = Store.usual()
    try:
        subject = Subject.of_places(places, store, each=True)
        subject = replace(subject, progress=Progress())
        reports = [run(name, subject) for name in checks.names()]
        drawn = pictures(subject)
    finally:
        Progress.clear()
        store.close()
    gathered = replace(contents(places, subject, reports), pictures=drawn)
    _write(Path(output), as_html(gathered))
    if not quiet:
        click.echo(f"{summary(reports)}wrote {output}")
    raise click.exceptions.Exit(max(status(reports, strict=False), worst(gathered.findings)))


def _write(path: Path, data: bytes) -> None:
    """Write the page in one step: a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a device, or a pipe
        return
    descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        Path(scratch).chmod(0o666 & ~umask)
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
