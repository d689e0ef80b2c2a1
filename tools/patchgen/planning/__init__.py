# SPDX-License-Identifier: GPL-3.0-or-later
"""What edit kinds share: the plan and its ledger, which thing a name means, where new text goes.

A kind (:mod:`patchgen.edits`) says what it changes; how occurrences are found and judged, copies made
and places chosen is worked out here. Nothing here knows of a kind.
"""

from __future__ import annotations
