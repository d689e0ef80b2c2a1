# SPDX-License-Identifier: GPL-3.0-or-later
"""Render a quilt series from semantic patches, on any upstream tree.

From the ground up; a module knows only those above it:

=============  ==================================================================================
``findings``   what is reported, the one error root, exit statuses, presenters
``tree``       a read-only view of an upstream tree, with edits laid over it; ``_index`` remembers
``upstream``   opens a folder, a tarball or a revision as the source of a tree
``syntax``     one module or package a language: parse and locate; everything is a byte span
``planning``   what edit kinds share: the plan, the ledger, which thing a name means, where text goes
``edits``      one module an edit kind
``dep3``       a lossless model of the header of a patch
``series``     a lossless model of the series file
``semantic``   semantic patches: the TOML model and its schema
``render``     from two versions of a file to a diff, and the check of a diff in memory
``folder``     replaces a folder all or nothing
``record``     what a series was rendered on
``shelf``      what lies on the disk: the semantic patches and the patches, as bytes and order
``stages``     the series played on a tree, patch after patch
``gnupatch``   the edge to GNU patch; ``proof`` proves each stage with it
``refresh``    the one orchestration; ``cache`` answers when nothing changed
``changelog``  what a refresh says in debian/changelog
``history``    what each command wrote into a folder of patches, so that it can be undone
``mail``       a patch as a mail, and back
``export``     the series on its way out; ``incoming`` what comes in
``status``, ``lint``, ``explain``, ``summary``, ``config``, ``cli``
               the commands: arguments in, presenters out
=============  ==================================================================================
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
