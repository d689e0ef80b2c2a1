# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands `buildcheck guest` and `buildcheck boot`: arguments in, presenters out; nothing else."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchgen.command import Command

from .machines import MACHINES

if TYPE_CHECKING:
    from buildcheck.store import Store
    from buildcheck.subject import Subject

__all__ = ["boot", "guest"]

_SETTINGS = {"help_option_names": ["-h", "--help"]}
_LIMITS = {False: 120.0, True: 900.0}
"""Seconds, for a small guest and for a whole system."""
_WHAT = f"Give --arch: {', '.join(sorted(MACHINES))}; or --image."
_NEITHER = "--tree is a tree that is patched already, and goes without --upstream and --patches."


@click.command(cls=Command, context_settings=_SETTINGS)
@click.argument("arch", metavar="ARCH", type=click.Choice(sorted(MACHINES)))
@click.option("-o", "--output", metavar="DIR", required=True, type=click.Path(path_type=Path), help="Where to put it.")
def guest(arch: str, output: Path) -> None:
    """Make a small guest for ARCH: DIR/kernel, DIR/ramdisk and DIR/root.

    It is made of Debian packages of that architecture, which are fetched from the mirrors of this
    machine's apt sources and kept; nothing is installed, and it needs no root. The kernel for `arm`
    is built from Debian's linux-source package, which takes minutes the first time. The same packages
    give the same bytes; SOURCE_DATE_EPOCH is honoured.

    Exit status: 0 made; 2 not, and why.
    """
    from buildcheck.store import Store

    from .image import make_guest

    store = Store.usual()
    try:
        made = make_guest(MACHINES[arch], store)
        output.mkdir(parents=True, exist_ok=True)
        for name in sorted(path.name for path in made.folder.iterdir()):
            shutil.copyfile(made.folder / name, output / name)
    finally:
        store.close()
    click.echo(f"{output}: a guest for {arch}, made of {' and '.join(made.packages)}")


@click.command(cls=Command, context_settings=_SETTINGS)
@click.option("--arch", metavar="ARCH", type=click.Choice(sorted(MACHINES)), help="What to boot.")
@click.option(
    "--image", metavar="DIR", type=click.Path(path_type=Path), help="Boot what armimage made, to its login prompt."
)
@click.option("--through", type=click.Choice(("virsh", "nc", "cc")), default="virsh", help="The way to it.")
@click.option("--upstream", metavar="TREE", help="The unpatched tree: a folder, an orig tarball, or git:REPO@REF.")
@click.option("--patches", metavar="DIR", help="The folder of patches with the series in it.")
@click.option("--tree", metavar="DIR", help="A tree that is patched already.")
@click.option("--limit", metavar="SECONDS", type=click.FloatRange(1, 3600), help="How long it may take.")
def boot(  # noqa: PLR0913 - one for each option
    *,
    arch: str | None,
    image: Path | None,
    through: str,
    upstream: str | None,
    patches: str | None,
    tree: str | None,
    limit: float | None,
) -> None:
    """Boot a small guest with what the patched tree says of its domain, and wait for its own line.

    The guest prints its line when it has seen its disk and its NIC and mounted its root file system.
    `--through virsh` takes the XML of the tree's generator to libvirt; `nc` compiles the tree's node
    controller and asks it by its own client; `cc` compiles the cluster controller too, and asks that.
    libvirtd and all that is started run in namespaces of their own, which end with this command.

    `--image` boots a whole system instead: kernel, ramdisk and root of that folder, for the
    architecture in root.manifest.xml, until it asks who logs in.

    Exit status: 0 it booted; 1 it did not; 2 the command or the environment is unusable.
    """
    from buildcheck.store import Store

    from .boot import Boot, Through
    from .given import given_guest
    from .image import make_guest

    if image is None and arch is None:
        raise click.UsageError(_WHAT)
    given = given_guest(image.absolute(), arch) if image is not None else None
    store = Store.usual()
    try:
        subject = _subject(store, upstream, patches, tree)
        with tempfile.TemporaryDirectory(prefix="buildcheck-", ignore_cleanup_errors=True) as folder:
            start = time.monotonic()
            made = given
            if made is None:
                _say(f"making the guest for {arch} and building the tree", start)
                made = make_guest(MACHINES[str(arch)], store)
            _say(f"booting it through {through}", start)
            booted = Boot(subject, made, Path(folder), limit or _LIMITS[made.login]).run(Through(through))
    finally:
        store.close()
    click.echo(f"{booted.line}\nbooted through {through} in {booted.seconds:.1f} s")


def _subject(store: Store, upstream: str | None, patches: str | None, tree: str | None) -> Subject:
    from buildcheck.subject import Subject

    if tree is not None:
        if upstream is not None or patches is not None:
            raise click.UsageError(_NEITHER)
        return Subject.of_tree(tree, "", store)
    from patchgen.config import settle

    settled = settle((upstream,) if upstream else (), None, patches, Path(), os.environ)
    if not settled.upstream or settled.patches is None:
        raise Subject.unclear()
    return Subject.of_series(settled.need_upstream(), settled.need_patches(), settled.series, store, each=False)


def _say(text: str, start: float) -> None:
    """Say on a terminal what takes a while."""
    if sys.stderr.isatty():
        click.echo(f"{time.monotonic() - start:4.0f} s  {text}", err=True)
