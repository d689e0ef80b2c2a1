# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of JARs, audited: nothing of it is run, and nothing is unpacked to the disk."""
