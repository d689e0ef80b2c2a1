# SPDX-License-Identifier: GPL-3.0-or-later
"""The edit kind ``extend-string``: a string literal gets more text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Literal

from patchgen.findings import Slug
from patchgen.planning.anchors import in_its_own_code, matches
from patchgen.planning.edit import Edit, Example, OneOrMany, many
from patchgen.planning.functions import the_functions
from patchgen.planning.ledger import Book, Reason
from patchgen.planning.spots import Unfit
from patchgen.planning.stretch import Stretch, options
from patchgen.syntax import c
from patchgen.syntax.c.patterns import Pattern
from patchgen.syntax.c.strings import STRINGS, String, value_of
from patchgen.syntax.parsed import ancestors, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from patchgen.planning.functions import Function
    from patchgen.planning.ledger import Plan
    from patchgen.syntax.c import C
    from patchgen.tree import Tree

__all__ = ["ExtendString"]

_NO_PLACE = Slug.define(
    "no-place-in-string",
    """The string that the edit names cannot be extended there with certainty: the text that marks the
    place is not in it or is there twice, a macro stands there, or the new text is in the string
    already, at another place.""",
)
_LETTER = Slug.define(
    "option-letter-taken",
    """The option string of a getopt call has the letter already, and not with the same argument: a colon
    more or less.""",
)
_UNPARSED = Slug.define(
    "string-unparsed",
    """What the edit looks for in a string stands in a string that did not parse, or that is joined with
    pieces that a macro or a directive gives.""",
)

_GETOPTS = frozenset({b"getopt", b"getopt_long", b"getopt_long_only"})


class ExtendString(Edit, frozen=True, tag="extend-string"):
    """Put `text` into a string literal, in the function `in`, or anywhere in the files if that is not said.

    The string is the one that holds `contains` (within one literal), or the one that `$string` stands
    for in the pattern `expression` (in a function: ``getopt($argc, $argv, $string)``), or both. All
    of these texts are C source as between quotes. The place is the `start` or the `end` of the string
    (`at`), or `after` or `before` a text that it holds once. Literals that the compiler joins are one
    string; the new text goes into the literal that has the place, or, with `line = true`, becomes a
    literal of its own on a line of its own.

    In an option string, the third argument of ``getopt`` and its cousins, each letter is judged by
    itself: one that is there with the same argument is present, one with another is refused.

    `sites` is the number of strings, 1 if not said. Owns no name: its places are the strings.
    """

    EXAMPLES: ClassVar[tuple[Example, ...]] = (
        Example(
            edit='kind = "extend-string"\nin = "main"\nexpression = "getopt($argc, $argv, $string)"\ntext = "a:"\nafter = "k:"\n',
            before={"m.c": 'int main(int argc, char **argv)\n{\n\treturn getopt(argc, argv, "hk:n:");\n}\n'},
            after={"m.c": 'int main(int argc, char **argv)\n{\n\treturn getopt(argc, argv, "hk:a:n:");\n}\n'},
        ),
        Example(
            edit='kind = "extend-string"\nin = "usage"\ncontains = "-k"\ntext = "\\\\t-a ARCH\\\\n"\nafter = "kernel\\\\n"\nline = true\n',
            before={
                "u.c": 'void usage(void)\n{\n    puts("usage:\\n"\n         "\\t-k kernel\\n" /* id */\n         "\\t-n name\\n");\n}\n'
            },
            after={
                "u.c": 'void usage(void)\n{\n    puts("usage:\\n"\n         "\\t-k kernel\\n" /* id */\n'
                '         "\\t-a ARCH\\n"\n         "\\t-n name\\n");\n}\n'
            },
        ),
    )

    text: str
    in_: OneOrMany = ()
    contains: str = ""
    expression: str = ""
    at: Literal["", "start", "end"] = ""
    after: str = ""
    before: str = ""
    line: bool = False
    sites: int = 1

    def __post_init__(self) -> None:
        if bool(self.at) + bool(self.after) + bool(self.before) != 1:
            msg = 'give one of: at = "start", at = "end", after, before'
            raise ValueError(msg)
        if not value_of(self.text):
            msg = "`text` is empty"
            raise ValueError(msg)
        for text in (self.contains, self.after, self.before):
            value_of(text)
        if self.expression and (not self.in_ or "string" not in Pattern.expression(self.expression).metavariables):
            msg = "`expression` has $string where the string stands, and goes with `in`"
            raise ValueError(msg)
        if not self.expression and not _word(self.contains):
            msg = "give `contains` (with at least one word in it) or `expression`"
            raise ValueError(msg)
        if self.sites < 1:
            msg = "`sites` is the number of strings, at least 1"
            raise ValueError(msg)

    def names(self) -> frozenset[str]:
        """Return nothing: no name is owned."""
        return frozenset()

    def words(self) -> frozenset[bytes]:
        """See :meth:`Edit.words`."""
        return frozenset(name.encode() for name in many(self.in_)) or frozenset({_word(self.contains)})

    def plan(self, tree: Tree) -> Plan:
        """See :meth:`Edit.plan`."""
        book = Book(self, tree)
        if self.in_:
            for function in the_functions(self, book, self.in_, several=self.sites > 1):
                strings = list(self._bound(book, function) if self.expression else self._holding(book, function))
                if not strings and not book.refused:
                    book.missing(f"such a string in {function.name}")
                for node in strings:
                    self._extend(book, function.path, String(function.parsed, node), function.name)
        else:
            self._plan_in_files(book)
        return book.plan(self.sites)

    def _plan_in_files(self, book: Book) -> None:
        for path in filter(c.is_c, filter(self.covers, book.tree.mentioning([_word(self.contains)]))):
            parsed = c.parse(book.tree.read(path))
            for node in self._holding_in(book, path, parsed, parsed.root, ""):
                self._extend(book, path, String(parsed, node), c.enclosing_function(parsed, node))

    def _bound(self, book: Book, function: Function) -> Iterator[Node]:
        for match in matches(book, function, function.body, Pattern.expression(self.expression)):
            node, parsed = match.bound["string"], function.parsed
            if not in_its_own_code(book, function, node, match.span):
                continue
            if node.type not in STRINGS:
                message = f"{parsed.text(node).decode('latin-1')} is not a string literal"
                book.refuse(function.path, match.span, _NO_PLACE, message, function=function.name)
            elif not self.contains or String(parsed, node).find(value_of(self.contains)):
                yield node

    def _holding(self, book: Book, function: Function) -> Iterator[Node]:
        return self._holding_in(book, function.path, function.parsed, function.body, function.name)

    def _holding_in(self, book: Book, path: str, parsed: C, scope: Node, name: str) -> Iterator[Node]:
        """Yield the strings of *scope* that hold `contains`, in order."""
        wanted, seen = value_of(self.contains), set()
        for match in re.compile(re.escape(_word(self.contains))).finditer(
            parsed.data, scope.start_byte, scope.end_byte
        ):
            node = parsed.node_at(*match.span())
            if (
                node.type == "preproc_arg"
                and b'"' in parsed.text(node)
                and parsed.text(node).find(self.contains.encode()) >= 0
            ):
                message = "the string stands in the body of a macro"
                book.refuse(path, match.span(), _UNPARSED, message, "use a `text` edit", name)
            string = _string_around(node)
            if string is None or string.id in seen or not String(parsed, string).find(wanted):
                continue
            seen.add(string.id)
            span = string.start_byte, string.end_byte
            if string.parent is not None and string.parent.type == "preproc_include":
                book.excuse(path, span, Reason.STRING, "the name of an included file")
            elif parsed.is_dead(span[0]):
                book.excuse(path, span, Reason.COMMENT, "in an arm that is never compiled")
            elif not clean(string) or (string.parent is not None and string.parent.is_error):
                book.refuse(path, span, _UNPARSED, "the string, or what stands beside it, did not parse", function=name)
            else:
                yield string

    def _extend(self, book: Book, path: str, string: String, function: str) -> None:
        span = string.node.start_byte, string.node.end_byte
        stretch = Stretch(string, self.text, at=self.at, after=self.after, before=self.before)
        try:
            _check_length(string)
            present = _letters_present(stretch) if _is_option_string(string) else stretch.present()
            if present:
                book.present(path, span)
            else:
                book.edit(path, span, stretch.insertion(line=self.line))
        except _Taken as taken:
            book.refuse(path, span, _LETTER, str(taken), taken.help, function)
        except Unfit as unfit:
            book.refuse(path, span, _NO_PLACE, str(unfit), unfit.help, function)


class _Taken(Unfit):
    """A letter of an option string cannot be added."""


def _letters_present(stretch: Stretch) -> bool:
    """Whether the option string has all letters of the new text; False if it has none, and can get them.

    :raises Unfit: it has some of them, or other arguments, or the place would part a letter from its colon.
    """
    old, new = options(stretch.string.value), options(value_of(stretch.text))
    for letter, colons in new.items():
        if old.get(letter, colons) != colons:
            msg = f"the option string has the letter {letter.decode('latin-1')} with another argument"
            raise _Taken(msg)
    there = [letter for letter in new if letter in old]
    if len(there) not in {0, len(new)}:
        msg = f"the option string has the letter {there[0].decode('latin-1')} and not all of the others"
        raise _Taken(msg)
    if not there and options(stretch.extended) != {**old, **new}:
        msg = "the place is between a letter and its colon"
        raise Unfit(msg)
    return bool(there)


def _check_length(string: String) -> None:
    """Check that nothing beside the string goes by its length.

    :raises Unfit: an array of a fixed size that it initialises, or a number beside it that is its length.
    """
    parsed, outer = string.parsed, string.node.parent
    declarator = outer.child_by_field_name("declarator") if outer is not None else None
    if declarator is not None and declarator.child_by_field_name("size") is not None:
        msg = "the string fills an array of a fixed size"  # the NUL may be cut off without a word: C17 6.7.9p14
        raise Unfit(msg)
    length = len(string.value)
    beside = c.items(outer) if outer is not None and outer.type in {"argument_list", "initializer_list"} else ()
    for item in beside:
        text = parsed.text(item)
        if length > 1 and item.type == "number_literal" and text in {b"%d" % length, b"%d" % (length + 1)}:
            msg = f"{text.decode('latin-1')} stands beside the string, and may be its length"
            raise Unfit(msg)


def _word(text: str) -> bytes:
    """Return the longest word of *text* that stands in the source as it is; empty if there is none."""
    return max(re.findall(rb"(?<!\\)[\w-]+", text.encode()), key=len, default=b"")


def _string_around(node: Node) -> Node | None:
    string = None
    for at in (node, *ancestors(node)):
        if at.type in STRINGS:
            string = at
        elif string is not None:
            break
    return string


def _is_option_string(string: String) -> bool:
    """Whether *string* is the third argument of getopt or of a cousin of it (getopt(3))."""
    arguments = string.node.parent
    if arguments is None or arguments.type != "argument_list" or arguments.parent is None:
        return False
    callee = arguments.parent.child_by_field_name("function")
    third = [item for item in c.items(arguments)[2:3] if item == string.node]
    return bool(third) and callee is not None and string.parsed.text(callee) in _GETOPTS
