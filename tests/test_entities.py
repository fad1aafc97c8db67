"""Names, figures and dates in sentences."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.entities import find_entities
from tests.hostile import hostile, in_time


def found(text: str) -> list[tuple[str, str]]:
    return [(entity.kind, text[entity.start : entity.end]) for entity in find_entities(text)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("it cost $1,000", [("money", "$1,000")]),
        ("it cost USD 5 bn", [("money", "USD 5 bn")]),
        ("it cost £3m", [("money", "£3m")]),
        ("a €1.2bn loan", [("money", "€1.2bn")]),
        ("5 million US dollars", [("money", "5 million US dollars")]),
        ("about US$5 or A$7", [("money", "US$5"), ("money", "A$7")]),
        ("five million pounds", [("money", "five million pounds")]),
        ("2.4 million kroner", [("money", "2.4 million kroner")]),
        ("€3.5 million (about $4 million)", [("money", "€3.5 million"), ("money", "$4 million")]),
        ("from 10% to 12.5 per cent", [("percent", "10%"), ("percent", "12.5 per cent")]),
        ("up 2 percentage points", [("percent", "2 percentage points")]),
        ("in May 2020", [("date", "May 2020")]),
        ("on 3 August 2023", [("date", "3 August 2023")]),
        ("on August 3rd, 2023", [("date", "August 3rd, 2023")]),
        ("in 2019–21 and the 1990s", [("date", "2019–21"), ("date", "1990s")]),
        ("in the 19th century", [("date", "19th century")]),
        ("within three months", [("date", "three months")]),
        ("on Monday or next year", [("date", "Monday"), ("date", "next year")]),
        ("with 12,500 seats", [("number", "12,500")]),
        ("for 1.2bn people", [("number", "1.2bn")]),
        ("a dozen eggs, two thirds", [("number", "dozen"), ("number", "two")]),
        ("a 5km run with 2 dogs", [("number", "5"), ("number", "2")]),
        ("it may arrive", []),
        ("the percentage", []),
        ("they won", []),
        ("", []),
    ],
)
def test_figures_and_dates(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("the winner was Steffi Graf", [("person", "Steffi Graf")]),
        ("Vincent van Gogh painted it", [("person", "Vincent van Gogh")]),
        ("a book by J. K. Rowling", [("person", "J. K. Rowling")]),
        ("A. B. Smith spoke", [("person", "A. B. Smith")]),
        ("said Mesut Özil, not Élodie Dupont", [("person", "Mesut Özil"), ("person", "Élodie Dupont")]),
        ("Norway’s fund and Turkey's army", [("place", "Norway"), ("place", "Turkey")]),
        (
            "The UAE, the U.S. and the United Kingdom",
            [("place", "UAE"), ("place", "U.S."), ("place", "United Kingdom")],
        ),
        ("New Zealand beat South Africa", [("place", "New Zealand"), ("place", "South Africa")]),
        ("by the World Health Organization", [("organisation", "World Health Organization")]),
        ("by the Ministry of Defence", [("organisation", "Ministry of Defence")]),
        ("for NASA and the NATO", [("organisation", "NASA"), ("organisation", "NATO")]),
        ("Stockholm was cold", []),  # one capitalised word at the start may be any word
        ("The cold", []),
        ("tell us of chad and turkey", []),
    ],
)
def test_names(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


def test_all_kinds_of_one_sentence() -> None:
    text = "In 2019, Maria Silva of the Silva Foundation gave 12 schools in Kenya $5 million, or 3% of its funds."
    kinds = ["date", "person", "organisation", "number", "place", "money", "percent"]
    assert [entity.kind for entity in find_entities(text)] == kinds


_PIECES = st.sampled_from(
    ["US", "U.S.", "dollars", "$", "5", "million", "%", "May", "2020", "Jane", "Doe", "of", "the", "The", "New York",
     "Bank", "three", "years", "€3m", "per cent", "’s", "-", "–", ",", ".", "(", "J.", "Özil", "won", "\n", "1,000"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(_PIECES, max_size=20).map(" ".join), st.lists(_PIECES, max_size=20).map("".join)))
def test_entities_stand_in_order_and_do_not_overlap(text: str) -> None:
    entities = find_entities(text)
    assert all(0 <= entity.start < entity.end <= len(text) for entity in entities)
    assert all(before.end <= after.start for before, after in pairwise(entities))
    assert all(any(c.isalnum() for c in text[entity.start : entity.end]) for entity in entities)


def test_hostile_text() -> None:
    in_time(find_entities, hostile(50_000))
