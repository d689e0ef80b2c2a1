# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift matrix: kinds of upstream change, applied by program, and what becomes of a series on each.

Each cell is a square. A kind of change is applied to the upstream tree, and to the tree with the whole
series on it: the second is what the series must give on the first, whoever renders it.
"""
