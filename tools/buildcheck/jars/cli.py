# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `buildcheck jars`: arguments in, presenters out; nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import click

from buildcheck.shown import FORMATS, as_format
from patchgen.command import Command

__all__ = ["jars"]


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--target", metavar="N", type=click.IntRange(1, 99), help="The Java that is to run the classes, such as 8."
)
@click.option("--needs", metavar="LIST", type=click.Path(path_type=Path), help="The JARs that the build needs.")
@click.option("--bundled", metavar="DIR", type=click.Path(path_type=Path), help="What links are compared with.")
@click.option("--strict", is_flag=True, help="Warnings set exit status 1.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="How to report.")
@click.option("--quiet", "-q", is_flag=True, help="Errors and warnings only, no notes, no summary.")
def jars(  # noqa: PLR0913 - as many as there are options
    folder: Path,
    target: int | None,
    needs: Path | None,
    bundled: Path | None,
    format_: str,
    *,
    strict: bool,
    quiet: bool,
) -> None:
    """Audit the JARs in FOLDER, which all go onto one class path.

    Two versions of one library; one class in two JARs; classes for a later Java than the one that is to run them; links to
    JARs of the system that lack what the bundled ones have; what the build needs and is not there; licences. Nothing of a JAR
    is run.

    Exit status: 0 no error; 1 a finding; 2 the command or a file that it is given is unusable.
    """
    from buildcheck.report import Report, status

    from .audit import Audit
    from .needed import read

    start = time.monotonic()
    audit = Audit(folder, target or 0, read(needs) if needs is not None else (), bundled)
    report = Report("jars", tuple(audit.cases()), seconds=time.monotonic() - start)
    click.echo(as_format(report, format_, quiet=quiet), nl=False)
    raise click.exceptions.Exit(status([report], strict=strict))
