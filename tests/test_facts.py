"""Figures, dates and names as values: what is the same in other words, and what is not."""

from __future__ import annotations

import pytest

from assistant.llm.facts import read_text, same_name, same_number, variants
from index.words import word_form


def values(text: str, kind: str) -> list[tuple[object, ...]]:
    return [fact.value for fact in read_text(text).facts if fact.kind == kind]


@pytest.mark.parametrize(("written", "value"), [
    ("It cost 120 billion tenge.", (1.2e11, "kzt")),
    ("It cost KZT 120bn.", (1.2e11, "kzt")),
    ("It cost 120,000,000,000 tenge.", (1.2e11, "kzt")),
    ("It cost USD 265 million.", (2.65e8, "usd")),
    ("It cost 265 million US dollars.", (2.65e8, "usd")),
    ("It cost $265 million.", (2.65e8, "usd")),
    ("It cost 40 pounds.", (40.0, "gbp")),
    ("It fell by 0.8%.", (0.8, "%")),
    ("It fell by 0.8 per cent.", (0.8, "%")),
    ("It fell by 3 percentage points.", (3.0, "points")),
    ("It covers 46 square kilometres.", (46.0, f"square {word_form('kilometres')}")),
    ("It takes 12 hours.", (12.0, "hour")),
    ("They have 30,000 members.", (30000.0, "")),
    ("They have thirty thousand members.", (30000.0, "")),
    ("They have twenty-five lamps.", (25.0, "")),
    ("They have a hundred lamps.", (100.0, "")),
    ("They have 2.5k lamps.", (2500.0, "")),
    ("They have twelve lamps.", (12.0, "")),
])  # fmt: skip
def test_a_figure_is_its_amount_and_unit_however_it_is_written(written: str, value: tuple[object, ...]) -> None:
    assert values(written, "number") == [value]


@pytest.mark.parametrize(("claimed", "told"), [
    ("120 billion tenge", "120 million tenge"), ("120 billion tenge", "120 billion dollars"),
    ("5%", "5 percentage points"), ("1.5 million", "15 million"),
    ("30 hours", "30 days"), ("thirteen lamps", "thirty lamps"), ("40 pounds", "40 lamps"),
])  # fmt: skip
def test_another_amount_or_unit_is_another_figure(claimed: str, told: str) -> None:
    assert not same_number(values(f"It was {claimed}.", "number")[0], values(f"It was {told}.", "number")[0])


def test_a_unit_may_be_left_out_but_not_put_in() -> None:
    assert same_number((120.0, ""), (120.0, "usd"))
    assert not same_number((120.0, "usd"), (120.0, ""))


def test_how_many_dozens_is_left_open() -> None:
    assert values("Thousands of lamps burn.", "number") == [("thousand", "")]


@pytest.mark.parametrize(("written", "expected"), [
    ("It opened in 1911.", [("year", 1911)]),
    ("It opened in April 2025.", [("month", 4), ("month-year", (4, 2025)), ("year", 2025)]),
    ("It opened on 7 April.", [("day", 7.0), ("month", 4)]),
    ("It opened on April 7, 2025.", [("month", 4), ("month-year", (4, 2025)), ("day", 7.0), ("year", 2025)]),
    ("It opened in Sept 2020.", [("month", 9), ("month-year", (9, 2020)), ("year", 2020)]),
    ("It may open, and they march.", []),
    ("It will decide in March.", [("month", 3)]),
    ("It weighs 1911 tonnes.", []),
    ("Some 2,020 lamps burn.", []),
])  # fmt: skip
def test_dates_are_years_months_and_days(written: str, expected: list[tuple[object, ...]]) -> None:
    assert sorted(values(written, "date"), key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(("written", "expected"), [
    ("The town of Lund met Anna Berg.", ["lund", "anna", "berg"]),
    ("However, they met in NATO.", ["nato"]),
    ("Harbours are dear.", ["harbor"]),  # a doubt is decided against the claim
    ("Investments are dear.", []),
    ("They paid in US dollars: 5 US dollars.", ["us"]),
    ("It happened in April 2020.", []),
])  # fmt: skip
def test_names_are_words_with_a_capital_that_the_place_does_not_explain(written: str, expected: list[str]) -> None:
    assert [str(value[0]) for value in values(written, "name")] == expected


def test_a_place_and_its_people_have_one_name() -> None:
    assert same_name("kazakhstan", "kazakhstani")
    assert same_name("norway", "norway")
    assert not same_name("norway", "northern")
    assert not same_name("iran", "iraq")


def test_other_names_of_a_country_are_known() -> None:
    assert "uae" in variants(["unit", "arab", "emir"])
    assert variants(["lund"]) == frozenset()
