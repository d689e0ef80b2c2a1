# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong patches, made by program of the right ones, to see whether the checks notice."""
