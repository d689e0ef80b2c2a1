# SPDX-License-Identifier: GPL-3.0-or-later
"""How structs and unions lie in memory, on each target: computed from pycparser's tree, compared with the compiler."""

from .declare import records_of
from .models import MODELS, Model
from .oracle import Oracle
from .picture import picture
from .records import Record
from .types import Layout, Member

__all__ = ["MODELS", "Layout", "Member", "Model", "Oracle", "Record", "picture", "records_of"]
