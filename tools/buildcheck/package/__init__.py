# SPDX-License-Identifier: GPL-3.0-or-later
"""Binary packages: built, and held against what they should be."""
