# SPDX-License-Identifier: GPL-3.0-or-later
"""The series on its way out: as mails, as a diff of the packaging, as revisions on a branch."""

from .chosen import Chosen, chosen, today, with_fields
from .debdiff import debdiff
from .letters import letters, mailbox
from .outcome import Done, Wanted, run

__all__ = ["Chosen", "Done", "Wanted", "chosen", "debdiff", "letters", "mailbox", "run", "today", "with_fields"]
