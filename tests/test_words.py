"""Words, their forms, and the scripts that a text is written in."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.words import content_forms, main_scripts, scripts, split_words, word_form


@given(st.text())
def test_words_stand_where_they_say(text: str) -> None:
    words = split_words(text)
    for word in words:
        assert text[word.start : word.end] == word.text != ""
        assert word.form == word_form(word.text)
    assert all(before.end <= after.start for before, after in pairwise(words))
    outside = set(range(len(text))).difference(*(range(word.start, word.end) for word in words))
    assert not any(text[i].isalpha() or text[i].isdecimal() for i in outside)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("The U.S. spent $1,200.50, or 0.8%.", ["The", "U.S.", "spent", "$", "1,200.50", "or", "0.8", "%"]),
        ("Astana’s long-term plan (2023–2025)", ["Astana’s", "long", "term", "plan", "2023", "2025"]),
        ("don't stop. Go", ["don't", "stop", "Go"]),
        ("Кабмин утвердил — 120", ["Кабмин", "утвердил", "120"]),
        ("—", []),
    ],
)
def test_words_of(text: str, expected: list[str]) -> None:
    assert [word.text for word in split_words(text)] == expected


@pytest.mark.parametrize(
    "one, other",
    [
        ("defence", "Defenses"),
        ("Türkiye’s", "turkiye"),
        ("boss’s", "boss"),
        ("organisations", "organization"),
        ("harbour", "harbors"),
        ("centre", "centers"),
        ("travelled", "traveled"),
        ("programme", "programs"),
        ("dialogue", "dialogs"),
        ("30,000", "30000"),
        ("U.S.", "US"),
        ("café", "cafe\u0301"),
        ("ﬁnance", "finance"),
        ("Straße", "STRASSE"),
    ],
)
def test_forms_that_meet(one: str, other: str) -> None:
    assert word_form(one) == word_form(other)


@pytest.mark.parametrize(
    "one, other",
    [("2023", "2024"), ("0.8", "8"), ("fund", "found"), ("port", "report"), ("Kazakhstan", "Uzbekistan")],
)
def test_forms_that_stay_apart(one: str, other: str) -> None:
    assert word_form(one) != word_form(other)


def test_content_words() -> None:
    words = split_words("How much of the budget was spent on % in the spring, the budget of 2023?")
    assert content_forms(words) == ["budget", "spent", "spring", "budget", "2023"]
    words = split_words("What's new isn’t what you're told, it doesn't, and who'd ask: Kazakhstan's")
    assert content_forms(words) == [word_form(word) for word in ("new", "told", "ask", "Kazakhstan")]


def test_scripts_are_counted() -> None:
    text = "Fund Фонд 基金 にほ 한국 صندوق ΑΒ 12 ₸ …"
    assert scripts(text) == {
        "Latin": 4, "Cyrillic": 4, "Chinese": 2, "Hiragana": 2, "Hangul": 2, "Arabic": 5, "Greek": 2
    }  # fmt: skip


def test_look_alikes_are_of_the_script_they_stand_for() -> None:
    assert scripts("Ａ𝐀Ⓐªﬁ") == {"Latin": 5}
    assert scripts("ʼˈ 123 ½ —") == {}


@given(st.text())
def test_every_letter_of_a_known_script_counts_once(text: str) -> None:
    assert scripts(text + "abc")["Latin"] - scripts(text)["Latin"] == 3
    assert scripts(text).total() <= len(text)


def test_main_scripts_leave_out_what_is_rare() -> None:
    assert main_scripts("a" * 99 + "ж") == ("Latin", "Cyrillic")
    assert main_scripts("a" * 100 + "ж") == ("Latin",)
    assert main_scripts("ж" * 3 + "a" * 2) == ("Cyrillic", "Latin")
    assert main_scripts("12 %") == ()
