# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a semantic patch follow upstream's where a fact says so, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from _engine import Work, edit, semantic

if TYPE_CHECKING:
    from pathlib import Path

LOG = edit(
    "insert-statement", in_="greet", at="start", statement="say (ERR, name); if (!name) return BAD; /* NOT_BAD */"
)
SPELLING = (
    '\n[[spelling]]\nwhen = { function = "log_error" }\nwords = { "say (ERR, " = "log_error (", "BAD" = "E_BAD" }\n'
)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Work(tmp_path, {"1-log": semantic(LOG) + SPELLING})
    for path in made.semantic.iterdir():
        if path.name != "1-log.toml":
            path.unlink()
    return made


def put_in(work: Work) -> str:
    return "".join(line for line in work.contents()["1-log.patch"].decode().splitlines() if line.startswith("+ "))


def test_without_the_fact_the_text_is_as_it_is_written(work: Work) -> None:
    work.refreshed()
    assert "say (ERR, name); if (!name) return BAD; /* NOT_BAD */" in put_in(work)


def test_with_it_whole_words_are_spelled_as_upstream_does(work: Work) -> None:
    work.upstream({"log.c": b"void log_error (char *what) { }\n"})
    work.refreshed()
    assert "log_error (name); if (!name) return E_BAD; /* NOT_BAD */" in put_in(work)
    before = work.snapshot()
    work.refreshed()
    assert work.snapshot() == before


def test_what_is_there_in_that_spelling_is_present(work: Work) -> None:
    work.upstream({"log.c": b"void log_error (char *what) { }\n"})
    work.refreshed()
    pushed = work.pushed()
    work.upstream({path: data for path, data in pushed.items() if path.endswith(".c")})
    assert "[merged]" in work.refreshed().out


@pytest.mark.parametrize(
    "bad",
    [
        SPELLING.replace('"BAD"', '"WORSE"'),
        SPELLING.replace("words = {", "words = { } #"),
        SPELLING.replace("when =", "where ="),
        SPELLING.replace('"BAD" = "E_BAD"', '"" = "x"'),
    ],
)
def test_a_spelling_of_nothing_is_an_error(work: Work, bad: str) -> None:
    work.write({"1-log": semantic(LOG) + bad})
    assert "[semantic-patch]" in work.refresh().out
    assert work.refresh().status == 2
