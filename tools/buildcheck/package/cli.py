# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `buildcheck package`: arguments in, presenters out; nothing else."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import click

from buildcheck.shown import FORMATS, as_format
from patchgen.command import Command

__all__ = ["package"]

_TOOLS = ("sbuild", "dpkg-buildpackage")


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--expect", metavar="TABLE", type=click.Path(path_type=Path), help="What each package should be.")
@click.option("--with", "tool", type=click.Choice(_TOOLS), default=_TOOLS[0], help="What builds.")
@click.option("--profiles", metavar="PROFILES", default="", help="Build profiles, with commas between them.")
@click.option("--chroot", metavar="TARBALL", type=click.Path(path_type=Path), help="The chroot that sbuild builds in.")
@click.option("--suite", metavar="NAME", default="", help="The distribution that sbuild is told.")
@click.option("--user", metavar="NAME", default="", help="The ordinary user that root lends to sbuild.")
@click.option("--once", is_flag=True, help="Build once: whether the bytes are the same again is not proved.")
@click.option(
    "-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Keep what was built, and the log."
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="How to report.")
@click.option("--quiet", "-q", is_flag=True, help="Errors and warnings only, no notes, no summary.")
def package(source: Path, expect: Path | None, tool: str, format_: str, *, once: bool, quiet: bool, **how: Any) -> None:  # noqa: ANN401 - click's own
    """Build the source package FILE, a .dsc, and prove its packages.

    lintian has no error, no warning, and nothing that is overridden without a reason. Files, modes, owners,
    conffiles, scripts and dependencies are those of the table. blhc finds every command of the build hardened. A
    second build with another path, locale, time zone, umask and time gives the same bytes.

    FILE may also be a .changes: then nothing is built, and what it names is looked at.

    Exit status: 0 proved; 1 a finding; 2 the command or the environment is unusable.
    """
    from buildcheck.programs import need
    from buildcheck.report import Report, status

    from .building import Builder, Tool
    from .proving import cases, needs
    from .table import Table

    start = time.monotonic()
    source = source.absolute()  # programs run in a folder of their own
    output: Path | None = how.pop("output")
    builder = None if source.suffix == ".changes" else Builder(Tool(tool), **how)
    table = Table.read(expect) if expect is not None else None
    need(needs(builder, once=once))
    with tempfile.TemporaryDirectory(prefix="buildcheck-") as scratch:
        proved = tuple(
            cases(source, builder, table, ((output or Path(scratch) / "one").absolute(), Path(scratch)), once=once)
        )
    report = Report("package", proved, seconds=time.monotonic() - start)
    click.echo(as_format(report, format_, quiet=quiet), nl=False)
    raise click.exceptions.Exit(status([report], strict=False))
