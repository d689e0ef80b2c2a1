# SPDX-License-Identifier: GPL-3.0-or-later
"""What upstream's configure would write: ``Makedefs`` and ``util/config.h``, with our own values.

configure itself is not run: it looks for Axis2/C, a JDK and ant, of which the C code needs none here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CFLAGS", "config_header", "makedefs"]

CFLAGS = "-std=gnu99 -fPIC"
"""What upstream's configure gives the compiler, but for the warnings, which are ours to choose."""


def makedefs(template: bytes, values: Mapping[str, str]) -> bytes:
    """Return *template*, which is ``Makedefs.in``, with each ``@NAME@`` replaced; one without a value by nothing."""

    def value(found: re.Match[bytes]) -> bytes:
        return values.get(found[1].decode(), "").encode()

    return re.sub(rb"@(\w+)@", value, template)


def config_header(template: bytes) -> bytes:
    """Return *template*, which is ``config.h.in``, as configure leaves it where nothing was found."""
    return re.sub(rb"^([ \t]*)#([ \t]*)undef[ \t]+(\w+)[^\n]*$", rb"\1/* #\2undef \3 */", template, flags=re.MULTILINE)
