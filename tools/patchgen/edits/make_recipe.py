# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``make-recipe``: lines of a recipe in a makefile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.make import check_line, makefiles, pieces_in, settle, shell_pieces
from patchgen.planning.words import ANCHOR, DIFFERS, SEVERAL, UNREADABLE, one_of
from patchgen.syntax.lines import newline_at
from patchgen.tree import Replacement

if TYPE_CHECKING:
    from patchgen.planning.ledger import Plan
    from patchgen.planning.make import Span
    from patchgen.syntax.make import Makefile, Rule
    from patchgen.tree import Tree

__all__ = ["MakeRecipe"]

_VARIABLE = r"[A-Za-z_]\w*=(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|\$\([^()]*\)|[^\s\"';|&])*"
_CHAIN = re.compile(rf"((?:{_VARIABLE}[ \t]+)*)\Z")
_BEGINS = re.compile(r"(?:^[\s@+-]*|[;|&({`]|\b(?:then|do|else|if|while|until)|!)(?:[ \t]|\\\r?\n)*\Z")
_BLANK = r"(?:[ \t]|\\\r?\n)*"


class MakeRecipe(Edit, frozen=True, tag="make-recipe"):
    """Change the recipe of a target in a makefile.

    Looks at the recipes of `target` (or alternatives; left out: of every target) in the makefiles that
    the edit covers. One of:

    - `assign` (such as ``A="$(A)" B=1``) goes, as assignments of the shell's, directly before `command`
      wherever that begins a command;
    - the piece `replace` becomes `by`, in the lines with the piece `command` where it is given;
    - the pipe into `drop-pipe` is taken away behind `command`;
    - the lines `text` go `after` or `before` the line that holds a piece, or `at = "start"` or `"end"`, in no
      conditional that the recipe has.

    Pieces are text of the makefile, on one line, found as whole words; alternatives can be given for
    `after` and `before`. A line is a logical one, with its continuations. There must be one place, or as
    many as `sites` says, those that have the change already counted in.

    Owns the target's name, `command`, `replace` and the anchors in those makefiles. Present where the
    command has the assignments, the line has `by`, the command has no pipe, the lines stand beside the
    anchor. Refused where the command has other assignments of these variables, pipes into something
    else, or stands in a quoted text or a ``define``.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "make-recipe"\nfiles = ["Makefile"]\ntarget = "doc"\ncommand = "sh $(GEN)"\n'
            "assign = 'HOME=\"$(DIR)\"'\n",
            before={"Makefile": "doc: doc.in\n\t@sh $(GEN) doc.in | grep -v note\n\ttouch doc\n"},
            after={"Makefile": 'doc: doc.in\n\t@HOME="$(DIR)" sh $(GEN) doc.in | grep -v note\n\ttouch doc\n'},
        ),
        Example(
            edit='kind = "make-recipe"\nfiles = ["Makefile"]\ntarget = "doc"\nafter = "sh $(GEN)"\ntext = "test -s doc"\n',
            before={"Makefile": "doc: doc.in\n\tsh $(GEN) doc.in\n"},
            after={"Makefile": "doc: doc.in\n\tsh $(GEN) doc.in\n\ttest -s doc\n"},
        ),
    )

    target: OneOrMany = ()
    command: str = ""
    assign: str = ""
    replace: str = ""
    by: str = ""
    drop_pipe: str = ""
    after: OneOrMany = ()
    before: OneOrMany = ()
    at: str = ""
    text: str = ""
    sites: int = 1

    def __post_init__(self) -> None:
        lines = bool(self.after) + bool(self.before) + bool(self.at)
        if bool(self.assign) + bool(self.replace) + bool(self.drop_pipe) + lines != 1 or self.at not in {
            "",
            "start",
            "end",
        }:
            msg = 'give one of: assign, replace, drop-pipe, after, before, at = "start", at = "end"'
            raise ValueError(msg)
        if bool(self.text) != bool(lines) or bool(self.by) != bool(self.replace):
            msg = "text goes with after, before and at, and by with replace"
            raise ValueError(msg)
        if (self.assign or self.drop_pipe) and not self.command:
            msg = "assign and drop-pipe need command"
            raise ValueError(msg)
        if self.at and not self.target:
            msg = "at needs target"
            raise ValueError(msg)
        if self.assign and not re.fullmatch(rf"{_VARIABLE}(?:[ \t]+{_VARIABLE})*", self.assign):
            msg = f"assign {self.assign!r} is no list of assignments of the shell's"
            raise ValueError(msg)
        check_line(*filter(None, (self.command, self.assign, self.replace, self.by, self.drop_pipe, *self._anchors())))
        check_line(*(line for line in self.text.strip("\n").split("\n") if self.text))

    def names(self) -> frozenset[str]:
        """Return the targets and the pieces: owned in the makefiles that the edit covers."""
        return frozenset({*many(self.target), self.command, self.replace, *self._anchors()} - {""})

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in self.names() | ({self.by} if self.by else set()))

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        owned = sorted(self.names())
        for path, makefile in makefiles(self, book, (word.decode() for word in self.words()), owned):
            for rule in self._rules(makefile):
                if self.text:
                    self._insert(book, path, makefile, rule)
                for span in _recipes(rule):
                    if self.assign:
                        self._assign(book, path, makefile, span)
                    elif self.drop_pipe:
                        self._drop(book, path, makefile, span)
                    elif self.replace:
                        self._replace(book, path, makefile, span)
            self._hidden(book, path, makefile)
            settle(book, path, makefile, owned)
        return book.plan(self.sites)

    def _anchors(self) -> tuple[str, ...]:
        return many(self.after or self.before)

    def _rules(self, makefile: Makefile) -> list[Rule]:
        if not self.target:
            return makefile.rules
        return [rule for name in many(self.target) for rule in makefile.rules_for(name) if rule.recipe or rule.inline]

    def _hidden(self, book: Book, path: str, makefile: Makefile) -> None:
        """Refuse the command in the value of a variable: recipes that use the variable run it unseen."""
        for assignment in makefile.assignments if self.command else ():
            for span in pieces_in(makefile.data, assignment.value, self.command):
                message = f"{self.command} stands in the value of {assignment.name}: recipes may run it from there"
                book.refuse(path, span, UNREADABLE, message)

    # -- pieces of a line

    def _assign(self, book: Book, path: str, makefile: Makefile, span: Span) -> None:
        for start, end in pieces_in(makefile.data, span, self.command):
            if makefile.is_comment(start):
                continue
            head = makefile.text((span[0], start))
            chain = _CHAIN.search(head)
            have = chain[1] if chain else ""
            names = {word.partition("=")[0] for word in re.findall(_VARIABLE, self.assign)}
            if f" {have}".endswith(f" {self.assign} "):
                book.present(path, (start, end))
            elif not _BEGINS.search(head[: len(head) - len(have)]) or _is_quoted(head):
                book.refuse(
                    path, (start, end), UNREADABLE, f"{self.command} does not begin a command of the shell's here"
                )
            elif names & {word.partition("=")[0] for word in re.findall(_VARIABLE, have)}:
                book.refuse(path, (start, end), DIFFERS, f"{self.command} has other assignments here: {have.strip()}")
            else:
                book.edit(path, (start, end), Replacement(start, start, f"{self.assign} ".encode()))

    def _drop(self, book: Book, path: str, makefile: Makefile, span: Span) -> None:
        for start, end in pieces_in(makefile.data, span, self.command):
            if makefile.is_comment(start):
                continue
            tail = makefile.text((end, span[1]))
            if _is_quoted(makefile.text((span[0], start))):
                book.refuse(path, (start, end), UNREADABLE, f"{self.command} stands in a quoted text here")
                continue
            pipe = next(((at, mark) for at, mark in shell_pieces(tail)), None)
            if pipe is None or pipe[1] != "|":
                book.present(path, (start, end))
                continue
            found = re.compile(rf"{_BLANK}{re.escape(self.drop_pipe)}(?={_BLANK}(?:$|[;|&)]))").match(tail, pipe[0] + 1)
            blank = re.compile(rf"{_BLANK}\Z").search(tail[: pipe[0]])
            if found is None:
                message = f"{self.command} pipes into something else than {self.drop_pipe} here"
                book.refuse(path, (start, end), DIFFERS, message)
            else:
                first = end + (blank.start() if blank else pipe[0])
                book.edit(path, (start, end), Replacement(first, end + found.end(), b""))

    def _replace(self, book: Book, path: str, makefile: Makefile, span: Span) -> None:
        data = makefile.data
        if self.command and not pieces_in(data, span, self.command):
            return
        done = [found for found in pieces_in(data, span, self.by) if not makefile.is_comment(found[0])]
        for found in done:
            book.present(path, found)
        for found in pieces_in(data, span, self.replace):
            if makefile.is_comment(found[0]):
                continue
            if any(start <= found[0] and found[1] <= end for start, end in done):
                book.excuse(path, found, Reason.PRESENT)
            else:
                book.edit(path, found, Replacement(*found, self.by.encode()))

    # -- whole lines

    def _insert(self, book: Book, path: str, makefile: Makefile, rule: Rule) -> None:
        data = makefile.data
        wanted = [line.strip() for line in self.text.strip("\n").split("\n")]
        have = [makefile.text(span).strip() for span, _ in rule.recipe]
        if rule.inline is not None or not rule.recipe:
            book.refuse(path, rule.targets[0], UNREADABLE, "the recipe of this rule has no lines of its own")
            return
        place = self._place(book, path, makefile, rule)
        if place is None:
            return
        number, span = place
        below = bool(self.after) or self.at == "start"
        first = number if below else number - len(wanted)
        logical = _joined(wanted)
        stretch = slice(number, number + len(logical)) if below else slice(max(0, number - len(logical)), number)
        beside = have[stretch]
        depth = makefile.depth(rule.line.span[0])
        alone = self.at and any(makefile.depth(one[0]) > depth for one, _ in rule.recipe[stretch])
        if not alone and [_plain(line) for line in beside] == [_plain(line) for line in logical]:
            book.present(path, span)
            return
        if any(_plain(line) in {_plain(text) for text in have} for line in logical) and first >= 0:
            book.refuse(path, span, DIFFERS, "this recipe has one of the lines already, at another place")
            return
        at = self._offset(makefile, rule, number)
        newline = newline_at(data, rule.recipe[0][0][0])
        missing = b"" if data[:at].endswith(b"\n") else newline
        book.edit(
            path, span, Replacement(at, at, missing + b"".join(b"\t" + line.encode() + newline for line in wanted))
        )

    def _offset(self, makefile: Makefile, rule: Rule, number: int) -> int:
        """Return where lines go in before that of *number*; at the start and the end, outside of conditionals in the recipe."""
        lines = [line for _, line in rule.recipe]
        depth = makefile.depth(rule.line.span[0])
        if self.after:
            return lines[number - 1].span[1]
        if self.at == "start" and makefile.depth(lines[0].span[0]) > depth:
            return rule.line.span[1]
        if number < len(lines):
            return lines[number].span[0]
        at = lines[-1].span[1]
        while makefile.depth(at) > depth and at < len(makefile.data):
            at = makefile.line_at(at).span[1]
        return at

    def _place(self, book: Book, path: str, makefile: Makefile, rule: Rule) -> tuple[int, Span] | None:
        """Return the number of the recipe line that the new ones go before, and what stands for it."""
        if self.at:
            return (0 if self.at == "start" else len(rule.recipe)), rule.targets[0]
        for piece in self._anchors():
            found = [
                (number, spans[0])
                for number, (span, _) in enumerate(rule.recipe)
                if (spans := [s for s in pieces_in(makefile.data, span, piece) if not makefile.is_comment(s[0])])
            ]
            if len(found) > 1:
                for _, span in found:
                    book.refuse(path, span, SEVERAL, f"{piece} is on {len(found)} lines of this recipe")
                return None
            if found:
                return found[0][0] + bool(self.after), found[0][1]
        if self.target:
            book.refuse(path, rule.targets[0], ANCHOR, f"this recipe has no line with {one_of(self._anchors())}")
        return None


def _recipes(rule: Rule) -> list[Span]:
    """Return the spans of the recipe's lines, that behind a semicolon first."""
    return ([rule.inline] if rule.inline is not None else []) + [span for span, _ in rule.recipe]


def _is_quoted(head: str) -> bool:
    """Whether what follows *head* is within quotes of the shell's."""
    bare = re.sub(r"\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"|\$\([^()]*\)", "", head, flags=re.DOTALL)
    return "'" in bare or '"' in bare


def _joined(lines: list[str]) -> list[str]:
    """Return lines with those that continue them."""
    found: list[str] = []
    for line in lines:
        if found and found[-1].endswith("\\"):
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


def _plain(line: str) -> str:
    """Return a recipe line as it is compared: blanks count as one."""
    return " ".join(line.split())
