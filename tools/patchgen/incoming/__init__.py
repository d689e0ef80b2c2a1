# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes in: mails that become patches of the series, and patches that become semantic patches."""

from .mails import Imported, import_mails, mails_in
from .patch import are_mails, semantic_patch

__all__ = ["Imported", "are_mails", "import_mails", "mails_in", "semantic_patch"]
