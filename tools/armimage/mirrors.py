# SPDX-License-Identifier: GPL-3.0-or-later
"""The mirrors that an image comes from: those of this machine's apt sources, for the suite that is asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildcheck import programs
from patchgen.findings import Finding, Level, PatchgenError, Slug

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["KEYRING", "NEEDS", "PROXIES", "MirrorError", "Source", "machine_sources", "reachable", "usable"]

NEEDS = ("apt-get",)
"""The programs that this runs."""
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
"""The keys of Debian's archive, of the package debian-archive-keyring."""
PROXIES = ("http_proxy", "https_proxy", "no_proxy")
"""What programs that fetch may know of the environment."""

_NO_MIRROR = Slug.define(
    "no-mirror",
    """The apt sources of this machine name no mirror of Debian, or none of them has the suite for the architecture
    of the image. Images come from nowhere else.""",
)
_LEFT_OUT = Slug.define(
    "mirror-left-out",
    """A mirror has no lists for the suite and the architecture, or lists that do not agree with its Release file,
    so that nothing was taken from it. The image is made without what only it has: of -security and -updates, the
    newest versions.""",
)
_FIELDS = ("SITE", "RELEASE", "CODENAME", "COMPONENT", "ORIGIN", "LABEL")
_FORM = "\t".join(f"$({name})" for name in _FIELDS)


class MirrorError(PatchgenError):
    """There is no mirror."""


@dataclass(frozen=True, slots=True)
class Source:
    """A line of sources.list(5): a site, a release and its components."""

    site: str
    release: str
    components: tuple[str, ...]

    def __str__(self) -> str:
        return f"deb [signed-by={KEYRING}] {self.site} {self.release} {' '.join(self.components)}"


def machine_sources(suite: str) -> tuple[Source, ...]:
    """Return the machine's sources of Debian, with the release of each changed to that of *suite*.

    What is behind the name of a release, as in ``bookworm-security``, stays.

    :raises MirrorError: there are none.
    """
    done = programs.run(("apt-get", "indextargets", "--format", _FORM, "Identifier: Packages"), Path("/"))
    found: dict[tuple[str, str], list[str]] = {}
    for line in done.out.decode("utf-8", "replace").splitlines():
        target = dict(zip(_FIELDS, line.split("\t"), strict=True))
        if target["ORIGIN"] != "Debian" or target["LABEL"] not in {"Debian", "Debian-Security"}:
            continue
        _, dash, behind = target["RELEASE"].partition("-")
        if behind in {"", "security", "updates"}:
            components = found.setdefault((target["SITE"], f"{suite}{dash}{behind}"), [])
            if target["COMPONENT"] not in components:
                components.append(target["COMPONENT"])
    if not found:
        hint = "apt-get update" if not done.status else done.last_words
        raise MirrorError(_NO_MIRROR, "the apt sources of this machine name no mirror of Debian", help=hint)
    return tuple(Source(site, release, tuple(components)) for (site, release), components in found.items())


def usable(sources: Sequence[Source], suite: str, architecture: str, folder: Path) -> Iterator[Source | Finding]:
    """Yield those of the sources that have lists for the architecture, and a warning for each other.

    :param folder: a scratch folder, where the lists go.
    :raises MirrorError: the suite itself is not to be had.
    """
    for number, source in enumerate(sources):
        why = reachable(source, architecture, folder / str(number))
        if not why:
            yield source
        elif source.release == suite:
            raise MirrorError(_NO_MIRROR, f"{suite} for {architecture} is not to be had: {why}")
        else:
            yield Finding(_LEFT_OUT, Level.WARNING, f"{source.release} for {architecture} is left out: {why}")


def reachable(source: Source, architecture: str, folder: Path) -> str:
    """Return why the lists of a source cannot be had, "" where they can."""
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True)
    (folder / "sources.list").write_text(f"{source}\n", encoding="utf-8")
    (folder / "status").touch()
    options = {
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::SourceList": folder / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": folder / "status",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    done = programs.run(("apt-get", *words, "update", "--error-on=any"), folder, proxies())
    if not done.status:
        return ""
    said = done.err.decode("utf-8", "replace").splitlines()
    errors = (line[2:].strip() for sort in ("E:", "W:") for line in said if line.startswith(sort))
    return next(errors, done.last_words)


def proxies() -> dict[str, str]:
    """Return what of the environment is about the way to a mirror."""
    return {name: os.environ[name] for name in PROXIES if name in os.environ}
