# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``make-prerequisite``: a target of a makefile depends on something more, less or else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from patchgen.planning.automatic import refuse_seen
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.make import check_line, makefiles, refuse_set_later, settle
from patchgen.planning.words import ANCHOR, DIFFERS, SEVERAL, one_of, spans_of
from patchgen.syntax.lines import newline_at
from patchgen.syntax.make import same, words
from patchgen.tree import Replacement, line_start

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.planning.make import Span
    from patchgen.syntax.make import Makefile, Rule
    from patchgen.tree import Tree

__all__ = ["MakePrerequisite"]

_GAP = re.compile(rb"(?:[ \t]|\\\r?\n)*\Z")


class MakePrerequisite(Edit, frozen=True, tag="make-prerequisite"):
    """Add, remove or replace a prerequisite in the rule of a target.

    `target` names the target (or alternatives; the first that has a rule is taken), as it is written
    in the makefile: ``$(OUT)/stubs`` is not expanded, and ``${X}`` is the same as ``$(X)``. One of:
    `add`, last or `after` or `before` a prerequisite; `remove`; `replace` with `by`. There must be one
    rule of that target, or as many as `sites` says; what else it is the rule of depends on the same. A
    target-specific variable is no rule.

    Owns the target and the prerequisites it names, in the makefiles it covers. Present when the rule
    has what is added, has not what is removed, has `by` and not `replace`. Refused when it has both
    or neither, has what is added as an order-only prerequisite, or when a recipe would run with other words for what
    is added or removed: it reads ``$^``, ``$+`` or ``$?``, or ``$<`` and the first prerequisite is another.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "make-prerequisite"\nfiles = ["Makefile"]\ntarget = "doc"\nadd = "style.css"\nafter = "doc.in"\n',
            before={"Makefile": "all: doc\ndoc: doc.in gen.sh # made\n\tsh gen.sh\n"},
            after={"Makefile": "all: doc\ndoc: doc.in style.css gen.sh # made\n\tsh gen.sh\n"},
        ),
    )

    target: OneOrMany
    add: str = ""
    remove: str = ""
    replace: str = ""
    by: str = ""
    after: OneOrMany = ()
    before: OneOrMany = ()
    sites: int = 1

    def __post_init__(self) -> None:
        if bool(self.add) + bool(self.remove) + bool(self.replace) != 1 or bool(self.replace) != bool(self.by):
            msg = "give one of: add, remove, replace with by"
            raise ValueError(msg)
        if (self.after or self.before) and (not self.add or (self.after and self.before)):
            msg = "after or before goes with add"
            raise ValueError(msg)
        given = [
            *many(self.target),
            self.add,
            self.remove,
            self.replace,
            self.by,
            *many(self.after),
            *many(self.before),
        ]
        check_line(*filter(None, given))
        for word in filter(None, given):
            if len(words(word.encode(), 0, len(word.encode()))) != 1:
                msg = f"{word!r} is not one word of a makefile"
                raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the target and the prerequisites: owned in the makefiles that the edit covers."""
        return frozenset({*many(self.target), self.add, self.remove, self.replace} - {""})

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        owned = sorted(self.names())
        found = 0
        for path, makefile in makefiles(self, book, owned, owned):
            for rule, span in self._rules(makefile):
                found += 1
                if self.add:
                    self._add(book, path, makefile, rule, span)
                else:
                    self._change(book, path, makefile, rule, span)
            settle(book, path, makefile, owned)
        if not found and not book.refused:
            book.missing(f"a rule for {one_of(many(self.target))}")
        return book.plan(self.sites)

    def _rules(self, makefile: Makefile) -> list[tuple[Rule, Span]]:
        """Return the rules of the target, each with the span of the target in it."""
        for name in many(self.target):
            found = [
                (rule, next(span for span in rule.targets if same(makefile.text(span), name)))
                for rule in makefile.rules_for(name)
            ]
            if found:
                return found
        return []

    def _add(self, book: Book, path: str, makefile: Makefile, rule: Rule, target: Span) -> None:
        data = makefile.data
        if any(same(makefile.text(span), self.add) for span in rule.order_only):
            book.refuse(path, target, DIFFERS, f"{self.add} is an order-only prerequisite here")
            return
        have = [span for span in rule.prerequisites if same(makefile.text(span), self.add)]
        if have:
            book.present(path, target)
            for span in have:
                _enter(book, path, data, span, self.add)
            return
        wanted = many(self.after or self.before)
        new = self.add.encode()
        refuse_set_later(book, path, makefile, target, self.add, rule.line.span[0])
        if not wanted:
            at = rule.end
            indent = _own_line(data, rule.prerequisites[-1]) if len(rule.prerequisites) > 1 else None
            gap = b" " if indent is None else b" \\" + newline_at(data, at) + indent
            tail = b"" if data[at : at + 1] in {b" ", b"\t", b"\r", b"\n", b"", b"\\"} else b" "
            refuse_seen(book, path, makefile, rule, self.add, at)
            book.edit(path, target, Replacement(at, at, gap + new + tail))
            return
        fitting = [span for name in wanted for span in rule.prerequisites if same(makefile.text(span), name)]
        if not fitting:
            book.refuse(path, target, ANCHOR, f"this rule has no prerequisite {one_of(wanted)}")
        elif len(fitting) > 1 and same(makefile.text(fitting[0]), makefile.text(fitting[1])):
            book.refuse(path, fitting[1], SEVERAL, f"{makefile.text(fitting[1])} is there twice")
        else:
            start, end = fitting[0]
            indent = _own_line(data, fitting[0])
            gap = b" " if indent is None else b" \\" + newline_at(data, end) + indent
            place = Replacement(end, end, gap + new) if self.after else Replacement(start, start, new + gap)
            refuse_seen(book, path, makefile, rule, self.add, place.start)
            book.edit(path, target, place)

    def _change(self, book: Book, path: str, makefile: Makefile, rule: Rule, target: Span) -> None:
        data, old = makefile.data, self.remove or self.replace
        listed = [*rule.prerequisites, *rule.order_only]
        have = [span for span in listed if same(makefile.text(span), old)]
        done = [span for span in listed if self.by and same(makefile.text(span), self.by)]
        if len(have) > 1 or (have and done):
            for span in have:
                book.refuse(path, span, DIFFERS, f"{old} is there more than once, or beside {self.by or 'itself'}")
        elif have:
            start, end = have[0]
            if self.by:
                place = Replacement(start, end, self.by.encode())
                refuse_set_later(book, path, makefile, target, self.by, rule.line.span[0])
            else:
                gap = _GAP.search(data[:start])
                place = Replacement(gap.start() if gap else start, end, b"")
                refuse_seen(book, path, makefile, rule, old, start)
            book.edit(path, target, place)
            for span in spans_of(data, [old]):
                if start <= span[0] < end:
                    book.mark(path, span)
        elif self.remove or done:
            book.present(path, target)
        else:
            book.refuse(path, target, ANCHOR, f"this rule has neither {old} nor {self.by} among its prerequisites")


def _own_line(data: bytes, span: Span) -> bytes | None:
    """Return the indentation of a word that begins a continuation line, alone on it; else None."""
    start = line_start(data, span[0])
    head = data[start : span[0]]
    tail = data[span[1] : span[1] + 80].split(b"\n")[0].strip()
    continued = start > 0 and data[:start].rstrip(b"\r\n").endswith(b"\\")
    return head if continued and not head.strip() and tail in {b"", b"\\"} else None


def _enter(book: Book, path: str, data: bytes, span: Span, name: str) -> None:
    """Enter the words of *name* within *span* as present."""
    for start, end in spans_of(data, [name]):
        if span[0] <= start and end <= span[1]:
            book.excuse(path, (start, end), Reason.PRESENT)
