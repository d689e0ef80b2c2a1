# SPDX-License-Identifier: GPL-3.0-or-later
"""ADB code for C from a WSDL file, and the part of the Axis2/C API that Eucalyptus 2.0.x calls, on libxml2.

The package needs lxml and nothing else, imports nothing of this project and uses relative imports only:
a copy of this folder, under any name, does the same (``python3 -m adb``). What is generated, what the C
runtime beside it does, and what is not verified against Axis2/C, docs/adb.md says.
"""

from __future__ import annotations

from .errors import AdbError
from .model import UNBOUNDED, Element, Kind, Operation, Service, Type
from .wsdl import read, read_bytes

__all__ = ["UNBOUNDED", "AdbError", "Element", "Kind", "Operation", "Service", "Type", "read", "read_bytes"]
