# SPDX-License-Identifier: GPL-3.0-or-later
"""The source package: an orig tarball, debian/, and the series rendered on that very tarball."""

from .build import Built, build
from .debian import Debian, Orig, PackageError

__all__ = ["Built", "Debian", "Orig", "PackageError", "build"]
