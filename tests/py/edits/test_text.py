# SPDX-License-Identifier: GPL-3.0-or-later
"""The last resort replaces one text that stands once, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edits.harness import after, edit_of, plan_of, slugs, tree_of, unchanged
from patchgen.edits import State


def text(find: str, replace: str, file: str = "notes", why: str = "no kind for it") -> str:
    strings = {"file": file, "find": find, "replace": replace, "why": why}
    return 'kind = "text"\n' + "".join(f"{key} = {_toml(value)}\n" for key, value in strings.items())


def _toml(value: str) -> str:
    return '"' + "".join(f"\\u{ord(c):04X}" if ord(c) < 0x20 or c in '"\\\x7f' else c for c in value) + '"'


DONE = [
    ("a-word", "one", "two", "a one b", "a two b"),
    ("lines", "a\nb\n", "a\nx\nb\n", "0\na\nb\n1\n", "0\na\nx\nb\n1\n"),
    ("crlf", "a\nb\n", "a\nx\nb\n", "0\r\na\r\nb\r\n", "0\r\na\r\nx\r\nb\r\n"),
    ("part-of-it-goes", "abc", "ac", "x abc y", "x ac y"),
    ("no-last-newline", "one", "two\n", "one", "two\n"),
    ("beside-bytes-that-are-no-text", "one", "two", "\0\udcff one", "\0\udcff two"),
]


@pytest.mark.parametrize(("find", "new", "before", "then"), [row[1:] for row in DONE], ids=[row[0] for row in DONE])
def test_it_is_replaced(find: str, new: str, before: str, then: str) -> None:
    assert after(text(find, new), {"notes": before}) == {"notes": then}


REFUSED = [
    ("not-there", text("one", "two"), "three", "not-found"),
    ("no-file", text("one", "two", file="other"), "one", "not-found"),
    ("twice", text("one", "two"), "one one", "text-not-unique"),
    ("twice-overlapping", text("aa", "b"), "aaa", "text-not-unique"),
    ("done-twice", text("one", "two"), "two two", "text-not-unique"),
    ("beside-what-it-becomes", text("one", "two"), "one two", "text-not-unique"),
    ("it-would-come-back", text("ab", "a"), "abb", "text-not-unique"),
    ("mixed-line-ends-are-not-guessed", text("a\nb", "z"), "a\r\nb\nc", "not-found"),
]


@pytest.mark.parametrize(("toml", "before", "slug"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_is_refused(toml: str, before: str, slug: str) -> None:
    plan = unchanged(toml, {"notes": before})
    assert plan.state is State.REFUSED
    assert slugs(plan) == {slug}


@pytest.mark.parametrize(
    "toml", [text("a", "b", why=" "), text("", "b"), text("a", ""), text("a", "a"), text("a", "b", file="")]
)
def test_it_is_unusable(toml: str) -> None:
    with pytest.raises(ValueError, match=r"why|empty|same"):
        edit_of(toml)


def test_a_link_is_never_edited() -> None:
    plan = edit_of(text("one", "two", file="link")).plan(tree_of({"notes": "one"}, links={"link": "notes"}))
    assert slugs(plan) == {"text-in-link"}


def test_the_first_file_that_is_there() -> None:
    toml = text("one", "two").replace('file = "notes"', 'file = ["other", "notes"]')
    assert after(toml, {"notes": "one"}) == {"notes": "two"}


WORDS = st.text("ab\n", min_size=1, max_size=4)


@given(WORDS, WORDS, st.text("ab\n", max_size=8))
def test_reversed_it_gives_the_old_file(find: str, new: str, data: str) -> None:
    """Where the edit is to be done, the reversed edit on the result is to be done too, and takes it back."""
    if find == new:
        return
    plan, tree = plan_of(text(find, new), {"notes": data})
    if plan.state is State.ABSENT:
        edited = tree.edited(plan.replacements)
        assert edit_of(text(find, new)).plan(edited).state is State.PRESENT
        back = edit_of(text(new, find)).plan(edited)
        assert back.state is State.ABSENT
        assert edited.edited(back.replacements).read("notes") == data.encode()
