# SPDX-License-Identifier: GPL-3.0-or-later
"""What C code means, as far as calls need it: types as values, scopes, the type of an expression, assignment.

Rules: ISO/IEC 9899:2011 (C11), the sections named where they are used, with GCC's extensions where the
headers of the system need them. What cannot be told is :data:`~buildcheck.sema.ctype.UNKNOWN`, and whoever
asks has to say so.
"""
