# SPDX-License-Identifier: GPL-3.0-or-later
"""Refreshes that are disturbed at random instants, on a file system of their own."""
