# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Debian package a missing header is in."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .diagnostics import Diagnostic

__all__ = ["PACKAGES", "generated", "missing", "package"]

PACKAGES: Mapping[str, str] = {
    "libvirt/*": "libvirt-dev",
    "curl/*": "libcurl4-openssl-dev",
    "openssl/*": "libssl-dev",
    "libxml/*": "libxml2-dev",
    "libxslt/*": "libxslt1-dev",
    "libxml2/*": "libxml2-dev",
    "sys/capability.h": "libcap-dev",
    "zlib.h": "zlib1g-dev",
    "jni.h": "default-jdk-headless",
    "cmocka.h": "libcmocka-dev",
    "linux/*": "linux-libc-dev",
    "asm/*": "linux-libc-dev",
    "sys/*": "libc6-dev",
    "bits/*": "libc6-dev",
    "netinet/*": "libc6-dev",
    "arpa/*": "libc6-dev",
}
"""Debian packages by the names of their headers, as globs; the first that fits counts."""

_STANDARD = frozenset(
    """assert ctype dirent errno fcntl fts getopt grp ifaddrs limits locale math netdb poll pthread pwd regex sched
    search semaphore setjmp signal stdint stdio stdlib string strings syslog termios time unistd utime wait wchar""".split()  # noqa: SIM905 - a list of words is read more easily
)
_MISSING = re.compile(r"(?:(?P<gcc>\S+): No such file or directory|'(?P<clang>[^']+)' file not found)")


def missing(diagnostic: Diagnostic) -> str:
    """Return the header that a fatal diagnostic misses, "" where it is about something else.

    Neither compiler gives the name in a field of its own, so that it is read from the message.
    """
    found = _MISSING.fullmatch(diagnostic.text) if diagnostic.fatal else None
    return (found["gcc"] or found["clang"]) if found else ""


def package(header: str) -> str:
    """Return the Debian package that has *header*, "" where that is not known."""
    if header.removesuffix(".h") in _STANDARD:
        return "libc6-dev"
    return next((name for glob, name in PACKAGES.items() if fnmatchcase(header, glob)), "")


def generated(header: str) -> bool:
    """Whether *header* is one that is generated from a WSDL file."""
    return header.startswith(("adb_", "axis2_skel_", "axis2_svc_skel_", "axis2_stub_")) and header != "adb_object.h"
