# SPDX-License-Identifier: GPL-3.0-or-later
"""ARM guests that boot: small ones made of Debian packages, and the ways to start them, up to a node controller's."""
