# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: arguments in, results out; nothing else."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from patchgen.command import Command
from patchgen.findings import Finding

from . import __version__
from .architectures import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .listing import Listing
    from .mirrors import Source

__all__ = ["main"]

_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")  # Debian Policy 5.6.1
_SUITE = re.compile(r"[a-z][a-z0-9.-]{1,63}")
_RESULTS = ("kernel", "ramdisk", "root", "kernel.manifest.xml", "ramdisk.manifest.xml", "root.manifest.xml", "packages")
_EPOCH = re.compile(r"[0-9]{1,12}")
_LEAST, _USUAL, _MOST = 256, 1024, 65536


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-a", "--arch", metavar="ARCH", type=click.Choice(tuple(ARCHITECTURES)), help="armhf or arm64.")
@click.option("-s", "--suite", metavar="SUITE", help="Of Debian; bookworm by default.")
@click.option("-o", "--output", metavar="DIR", required=True, type=click.Path(path_type=Path), help="Where to put it.")
@click.option(
    "--size", metavar="MB", type=click.IntRange(_LEAST, _MOST), help=f"Of the root file system; {_USUAL} by default."
)
@click.option("--include", metavar="PACKAGE", multiple=True, help="Install this package too; may be repeated.")
@click.option(
    "--packages", metavar="FILE", type=click.Path(path_type=Path), help="Make it of the packages in this list."
)
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@click.version_option(__version__, prog_name="armimage")
def main(  # noqa: PLR0913 - one for each option
    arch: str | None,
    suite: str | None,
    output: Path,
    size: int | None,
    include: Sequence[str],
    packages: Path | None,
    *,
    quiet: bool,
) -> None:
    """Make a Debian image for ARM guests of a cloud.

    DIR gets kernel, ramdisk and root, a manifest for each, which carries the architecture, and packages,
    the list of all packages and their versions. With that list given back, the same mirrors give the
    same bytes. Everything comes from the mirrors in this machine's apt sources. It needs no root, but
    root has to have told the kernel how programs of the architecture are run; if not, the one line to
    run is printed.

    Exit status: 0 made; 1 the mirrors have not the packages of the list; 2 not made, and why.
    """
    from .listing import Listing

    if packages is not None:
        wish = _listed(Listing.read(packages), (arch, suite, size, tuple(include) or None))
    elif arch is None:
        message = f"Give --arch: {' or '.join(ARCHITECTURES)}."
        raise click.UsageError(message)
    else:
        wish = _Wish(arch, suite or "bookworm", size or _USUAL, include, _seconds(), None)
    _plain(wish.suite, wish.packages)
    start = time.monotonic()
    made = _made(wish, output, quiet=quiet)
    click.echo(
        f"{output}: {wish.suite} for {wish.arch}, {len(made.versions)} packages, {time.monotonic() - start:.0f} s"
    )


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for; see :class:`armimage.image.Order`."""

    arch: str
    suite: str
    megabytes: int
    packages: Sequence[str]
    seconds: int
    listing: Listing | None


def _listed(listing: Listing, said: tuple[object, ...]) -> _Wish:
    """Return the wish that a list stands for; nobody may say otherwise.

    :param said: the options for architecture, suite, size and packages, each None where it was not given.
    """
    its = (listing.architecture, listing.suite, listing.megabytes, listing.included)
    if tuple(mine if mine is not None else one for mine, one in zip(said, its, strict=True)) != its:
        with_ = f" with {' '.join(listing.included)}" if listing.included else ""
        message = f"The list is for {listing.suite} on {listing.architecture}, {listing.megabytes} MB{with_}."
        raise click.UsageError(message)
    if listing.architecture not in ARCHITECTURES:
        message = f"The list is for {listing.architecture}: images are for {' or '.join(ARCHITECTURES)}."
        raise click.UsageError(message)
    if not _LEAST <= listing.megabytes <= _MOST:
        message = f"The list is for {listing.megabytes} MB: images have {_LEAST} to {_MOST}."
        raise click.UsageError(message)
    return _Wish(*its, listing.seconds, listing)


def _plain(suite: str, include: Sequence[str]) -> None:
    """Refuse what is no name: it would reach a command line."""
    for what, text, form in (("suite", suite, _SUITE), *(("package", name, _PACKAGE) for name in include)):
        if not form.fullmatch(text):
            message = f"{text[:40]!r} is no name of a {what}."
            raise click.UsageError(message)


def _seconds() -> int:
    """Return the time of the image: what is asked for, or now.

    What is asked for: https://reproducible-builds.org/specs/source-date-epoch/
    """
    asked = os.environ.get("SOURCE_DATE_EPOCH", "")
    if asked and not _EPOCH.fullmatch(asked):
        message = f"SOURCE_DATE_EPOCH is no number of seconds: {asked[:40]!r}"
        raise click.UsageError(message)
    return int(asked or time.time())


def _made(wish: _Wish, output: Path, *, quiet: bool) -> Listing:
    """Make the image in a folder in *output*, and put the files into place when all are there."""
    from buildcheck import programs

    from . import binfmt, image, mirrors

    architecture = ARCHITECTURES[wish.arch]
    programs.need((*image.NEEDS, *binfmt.NEEDS, *mirrors.NEEDS))
    binfmt.need_handler(architecture)
    output = output.absolute()  # apt has folders of its own for what is relative
    output.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".armimage-", dir=output, ignore_cleanup_errors=True) as scratch,
        _Bar(quiet=quiet) as bar,
    ):
        lists, folder = Path(scratch) / "lists", Path(scratch) / "image"
        folder.mkdir()
        bar(0.0, "looking at the mirrors")
        sources: list[Source] = []
        for one in mirrors.usable(mirrors.machine_sources(wish.suite), wish.suite, wish.arch, lists):
            if isinstance(one, Finding):
                bar.clear()
                click.echo(str(one), err=True)
            else:
                sources.append(one)
        shutil.rmtree(lists)
        order = image.Order(
            architecture, wish.suite, sources, wish.packages, wish.megabytes, wish.seconds, wish.listing
        )
        made = image.Image.make(order, folder, bar)
        for name in _RESULTS:
            (folder / name).replace(output / name)
    return made.listing


class _Bar:
    """A bar on a terminal, from the first second, which shows every second that it lives; nothing elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = sys.stderr.isatty() and not quiet
        self._start = time.monotonic()
        self._said = (0.0, "")
        self._over = threading.Event()
        self._ticking = threading.Thread(target=self._ticks, daemon=True)

    def __enter__(self) -> Self:
        if self._shown:
            self._ticking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._shown:
            self._ticking.join()
        self.clear()

    def __call__(self, part: float, what: str) -> None:
        self._said = (part, what)
        self._draw()

    def clear(self) -> None:
        """Take the bar away."""
        if self._shown:
            click.echo("\r\033[K", nl=False, err=True)

    def _ticks(self) -> None:
        while not self._over.wait(1.0):
            self._draw()

    def _draw(self) -> None:
        if self._shown:
            part, what = self._said
            width = 24
            done = int(part * width)
            passed = int(time.monotonic() - self._start)
            room = max(shutil.get_terminal_size().columns - width - 18, 8)
            bar = f"[{'#' * done}{'.' * (width - done)}] {part:4.0%} {passed:4d} s  {what[:room]}"
            click.echo(f"\r\033[K{bar}", nl=False, err=True)
