# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``make-variable``: the value of a variable in a makefile, or a new variable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.make import check_line, makefiles, refuse_set_later, settle
from patchgen.planning.words import ANCHOR, DIFFERS, SEVERAL, UNREADABLE, one_of
from patchgen.syntax.lines import indent_at, newline_at
from patchgen.syntax.make import same, words
from patchgen.tree import Replacement, line_start

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.syntax.make import Assignment, Makefile
    from patchgen.tree import Tree

__all__ = ["MakeVariable"]

_NAME = re.compile(r"[^\s:#=+?!$]+")
_OPERATORS = frozenset({"=", ":=", "::=", ":::=", "?=", "+=", "!="})


class MakeVariable(Edit, frozen=True, tag="make-variable"):
    """Change the value that a makefile gives to a variable, or give it a new variable.

    One of: `append` (words that go last into the value); `replace` (a word of the value) with `by`;
    `value` with `was` (the whole value now, or alternatives); `value` with `after` or `before` (another
    variable, or alternatives), which makes a new line ``variable = value`` beside that one's, with
    `operator` and, for `export = true`, exported.

    Assignments that are meant: all of the variable in the makefiles that the edit covers, also exported
    ones and those in conditionals; with `operator`, only those with that operator; with `replace`, only
    those that have the word. There must be one, or as many as `sites` says. Target-specific ones are
    other variables. Values are compared word by word.

    Owns the variable's name. Present when the value has what is appended, has `by` and not `replace`, is
    `value`; refused when it is something else, or when a ``define`` sets the variable.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "make-variable"\nfiles = ["Makefile"]\nvariable = "LIBS"\nappend = "-lm"\n',
            before={"Makefile": "export LIBS := -lz # all\n\nprog: prog.c\n\t$(CC) prog.c $(LIBS)\n"},
            after={"Makefile": "export LIBS := -lz -lm # all\n\nprog: prog.c\n\t$(CC) prog.c $(LIBS)\n"},
        ),
        Example(
            edit='kind = "make-variable"\nfiles = ["Makefile"]\nvariable = "STRICT"\nvalue = "yes"\nafter = "LIBS"\n',
            before={"Makefile": "LIBS\t= -lz\n"},
            after={"Makefile": "LIBS\t= -lz\nSTRICT\t= yes\n"},
        ),
    )

    variable: str
    append: str = ""
    replace: str = ""
    by: str = ""
    value: str | None = None
    was: OneOrMany | None = None
    after: OneOrMany = ()
    before: OneOrMany = ()
    operator: str = ""
    export: bool = False
    sites: int = 1

    def __post_init__(self) -> None:
        new = bool(self.after) or bool(self.before)
        if bool(self.append) + bool(self.replace) + (self.value is not None) != 1 or bool(self.replace) != bool(
            self.by
        ):
            msg = "give one of: append, replace with by, value"
            raise ValueError(msg)
        if (
            (self.value is not None) != (new or self.was is not None)
            or (new and self.was is not None)
            or (self.after and self.before)
        ):
            msg = "value goes with one of: was, after, before"
            raise ValueError(msg)
        if not _NAME.fullmatch(self.variable) or (self.operator and self.operator not in _OPERATORS):
            msg = f"{self.variable} {self.operator} cannot begin an assignment of make's"
            raise ValueError(msg)
        check_line(
            *filter(None, (self.append, self.replace, self.by, self.value, *many(self.after), *many(self.before)))
        )
        for word in filter(None, (self.replace,)):
            if len(words(word.encode(), 0, len(word.encode()))) != 1:
                msg = f"{word!r} is not one word of a value"
                raise ValueError(msg)
        if any("#" in text.replace("\\#", "") for text in (self.append, self.by, self.value or "")):
            msg = "a # in a value begins a comment; write it as \\#"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return the variable's name: owned in the makefiles that the edit covers."""
        return frozenset({self.variable})

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in (self.variable, *many(self.after), *many(self.before)))

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        for path, makefile in makefiles(self, book, (word.decode() for word in self.words()), [self.variable]):
            meant = [a for a in makefile.assignments if a.name == self.variable and a.target is None]
            if self.after or self.before:
                self._new(book, path, makefile, meant)
            for assignment in () if self.after or self.before else meant:
                if self._means(makefile, assignment):
                    self._judge(book, path, makefile, assignment)
                    self._at_once(book, path, makefile, assignment, meant)
            self._defined(book, path, makefile, meant)
            self._specific(book, path, makefile)
            settle(book, path, makefile, [self.variable])
        return book.plan(self.sites)

    def _means(self, makefile: Makefile, assignment: Assignment) -> bool:
        if self.operator and assignment.operator != self.operator:
            return False
        return not self.replace or any(
            same(word, known) for word in _texts(makefile, assignment) for known in (self.replace, *_words(self.by))
        )

    # -- a value that is there

    def _judge(self, book: Book, path: str, makefile: Makefile, assignment: Assignment) -> None:
        name, have = assignment.name_span, _texts(makefile, assignment)
        if self.value is not None:
            wanted = [_words(text) for text in many(self.was or "")]
            if have == _words(self.value):
                book.present(path, name)
            elif have in wanted or (not have and not self.was):
                book.edit(path, name, _set(makefile, assignment, self.value))
            else:
                book.refuse(
                    path, name, DIFFERS, f"{self.variable} is neither what the edit says it was nor what it should be"
                )
        elif self.append:
            if assignment.operator == "!=":
                message = (
                    f"the value of {self.variable} is what a command prints: words behind it would be the command's"
                )
                book.refuse(path, name, UNREADABLE, message)
            elif _holds(have, _words(self.append)):
                book.present(path, name)
            else:
                book.edit(path, name, _append(makefile, assignment, self.append))
        else:
            self._replace(book, path, makefile, assignment)

    def _at_once(
        self, book: Book, path: str, makefile: Makefile, assignment: Assignment, others: list[Assignment]
    ) -> None:
        """Refuse a new value that is expanded at once and names what is set later; ``+=`` is as the variable was set."""
        simple = any(one.operator.startswith(":") for one in others)
        if assignment.operator.startswith(":") or (assignment.operator == "+=" and simple):
            new = self.append or self.by or self.value or ""
            if not _holds(_texts(makefile, assignment), _words(new)):
                refuse_set_later(book, path, makefile, assignment.name_span, new, assignment.value[1])

    def _replace(self, book: Book, path: str, makefile: Makefile, assignment: Assignment) -> None:
        listed = words(makefile.data, *assignment.value)
        new = _words(self.by)
        done = _holds([makefile.text(span) for span in listed], new)
        old = [span for span in listed if same(makefile.text(span), self.replace)]
        if done and len(old) == sum(same(word, self.replace) for word in new):
            book.present(path, assignment.name_span)
        elif done or len(old) != 1:
            message = f"{self.replace} is {len(old)} times in this value" + (f", beside {self.by}" if done else "")
            book.refuse(path, assignment.name_span, SEVERAL, message)
        else:
            book.edit(path, assignment.name_span, Replacement(*old[0], self.by.encode()))

    def _defined(self, book: Book, path: str, makefile: Makefile, meant: list[Assignment]) -> None:
        """Refuse a ``define`` that sets the variable and that no assignment of those that are meant sets anew."""
        last = max((one.name_span[0] for one in meant if one.operator not in {"?=", "+="}), default=0)
        for name, (start, _) in makefile.defines:
            if name == self.variable and start > last and book.sites:
                message = f"a define sets {self.variable} here, whatever it was before"
                at = makefile.data.rindex(name.encode("latin-1"), 0, start)
                book.refuse(path, (at, at + len(name)), UNREADABLE, message)

    def _specific(self, book: Book, path: str, makefile: Makefile) -> None:
        for assignment in makefile.assignments:
            if assignment.name == self.variable and assignment.target is not None:
                targets = makefile.text(assignment.target).strip()
                book.excuse(path, assignment.name_span, Reason.OTHER_BINDING, f"only for {targets}")

    # -- a new one

    def _new(self, book: Book, path: str, makefile: Makefile, have: list[Assignment]) -> None:
        wanted = many(self.after or self.before)
        anchors = next(
            (
                found
                for name in wanted
                if (found := [a for a in makefile.assignments if a.name == name and a.target is None])
            ),
            [],
        )
        for assignment in have:
            if _texts(makefile, assignment) == _words(self.value or ""):
                book.present(path, assignment.name_span)
            else:
                book.refuse(
                    path, assignment.name_span, DIFFERS, f"{self.variable} is set here already, to something else"
                )
        if have or not anchors:
            if not have and path in self.files:
                book.refuse(path, (0, 0), ANCHOR, f"no assignment of {one_of(wanted)} here")
            return
        anchor = anchors[-1 if self.after else 0]
        if len(anchors) > 1:
            for each in anchors:
                book.refuse(path, each.name_span, SEVERAL, f"{anchor.name} is set {len(anchors)} times here")
            return
        data, (start, end) = makefile.data, anchor.line.span
        indent = (
            indent_at(data, line_start(data, start) + len(data[start:end]) - len(data[start:end].lstrip(b" \t"))) or b""
        )
        if indent.startswith(b"\t"):
            book.refuse(
                path, anchor.name_span, UNREADABLE, f"{anchor.name} is set behind a tab, where a recipe could begin"
            )
            return
        at = end if self.after else start
        missing = b"" if data[:at].endswith(b"\n") or not at else newline_at(data, at)
        line = indent + self._line(makefile, anchor) + newline_at(data, start)
        book.edit(path, anchor.name_span, Replacement(at, at, missing + line))

    def _line(self, makefile: Makefile, anchor: Assignment) -> bytes:
        """Return the new assignment with the blanks that the anchor has round its operator."""
        data = makefile.data
        around = re.compile(rb"([ \t]*)[:+?!]*=([ \t]*)").match(data, anchor.name_span[1])
        left, right = around.groups() if around else (b" ", b" ")
        if self.after and not makefile.text(anchor.value):
            right = left
        operator = (self.operator or "=").encode()
        head = b"export " if self.export else b""
        return head + self.variable.encode() + left + operator + right + (self.value or "").encode()


def _words(text: str) -> list[str]:
    """Return the words of a text of the edit's, as they would be read in a makefile: a reference is not parted."""
    data = text.encode("utf-8", "surrogateescape")
    return [data[start:end].decode("latin-1") for start, end in words(data, 0, len(data))]


def _texts(makefile: Makefile, assignment: Assignment) -> list[str]:
    """Return the words of a value."""
    return [makefile.text(span) for span in words(makefile.data, *assignment.value)]


def _holds(have: list[str], wanted: list[str]) -> bool:
    """Whether the words *wanted* stand one after the other in *have*."""
    return any(all(map(same, have[at : at + len(wanted)], wanted)) for at in range(len(have) - len(wanted) + 1))


def _set(makefile: Makefile, assignment: Assignment, value: str) -> Replacement:
    start, end = assignment.value
    spaced = makefile.data[assignment.name_span[1] : assignment.name_span[1] + 1] in {b" ", b"\t"}
    blank = b" " if start == end and spaced else b""
    return Replacement(start, end, blank + value.encode())


def _append(makefile: Makefile, assignment: Assignment, text: str) -> Replacement:
    """Return the replacement that puts *text* last; on a line of its own where every word has one."""
    data, (start, end) = makefile.data, assignment.value
    if start == end:
        return _set(makefile, assignment, text)
    lines = [line for line in data[start:end].split(b"\n")[1:] if line.strip(b" \t\r\\")]
    if lines and all(len(line.strip(b" \t\r\\").split()) == 1 for line in lines):
        indent = lines[-1][: len(lines[-1]) - len(lines[-1].lstrip(b" \t"))]
        return Replacement(end, end, b" \\" + newline_at(data, start) + indent + text.encode())
    return Replacement(end, end, b" " + text.encode())
