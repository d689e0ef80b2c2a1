# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls against what they call: facts of each unit, and what they give when they are held together."""
