# SPDX-License-Identifier: GPL-3.0-or-later
"""A fuzzer for all that patchgen reads: `python -m fuzz`, or `make fuzz`."""
