"""Questions in the report's own spelling."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.normalise import VARIANTS, Normaliser
from index.encoder import Encoder
from index.words import split_words
from tests.hostile import hostile, in_time

TEXT = (
    "The vaccine lowers cholesterol in patients with diabetes. Organisations in several subsidiaries analysed "
    "macroeconomic indicators during the tournament. The quarterback tackled the goalkeeper."
)


def normaliser(text: str, *known: str) -> Normaliser:
    return Normaliser(text, {word.text for word in split_words(text)}, frozenset(known).__contains__)


@pytest.mark.parametrize(
    "question, expected",
    [
        ("How does the vacine lower cholestrol?", "How does the vaccine lower cholesterol?"),
        ("the vaccine for patiants with diabtes", "the vaccine for patients with diabetes"),
        ("Diabetis?", "Diabetes?"),
        ("whcih tournamnet", "which tournament"),
        ("waht do qaurterback and goalkeper do", "what do quarterback and goalkeeper do"),
        ("whats the vacine", "what's the vaccine"),
        ("Wats the vaccine?", "What's the vaccine?"),  # a letter left out, rather than one too many
        ("why isnt it", "why isn't it"),
    ],
)
def test_typing_errors_are_mended(question: str, expected: str) -> None:
    assert normaliser(TEXT)(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "vaccines vaccinated vaccination vaccinate",  # one stem, or an inflection that the stemmer keeps apart
        "patient diabetic tournaments goalkeepers",
        "Organizations subsidiary",  # American spelling, singular
        "hwo amny wsa",  # too short to be sure of, or near two words
        "GDPR and MRNA",  # capitals are no typing error
        "café Zürich Łódź вакцина 日本",
        "5 mg, 2.5% of $100 in 2020",
        "xylophone zzzz qwertyuiop",  # near nothing
        "the and of it isn't",
        "(?!*) -- \\ [1]",
        "",
    ],
)
def test_what_is_no_typing_error_is_left(question: str) -> None:
    assert normaliser(TEXT)(question) == question


def test_a_known_word_is_never_mended() -> None:
    assert normaliser(TEXT)("vaccinee patiently lowest") != "vaccinee patiently lowest"
    assert (
        normaliser(TEXT, "vaccinee", "patiently", "lowest")("vaccinee patiently lowest") == "vaccinee patiently lowest"
    )


def test_an_inflection_of_a_known_word_is_never_mended() -> None:
    near, question = "Bikes and biking with honouts.", "bakes baking honours"
    assert normaliser(near)(question) == "bikes biking honouts"
    assert normaliser(near, "bake", "honor")(question) == question


def test_only_one_letter_of_a_short_word_is_mended_and_two_of_a_long_one() -> None:
    words = "The coach has a vaccine."
    assert normaliser(words)("caach cxxch vacxine vaxxine vaxxxne") == "coach cxxch vaccine vaccine vaxxxne"


def test_a_tie_between_two_words_is_left() -> None:
    assert normaliser("The carbon and the carton.")("a caron") == "a caron"
    assert normaliser("The carbon.")("a caron") == "a carbon"


def test_the_vocabulary_of_the_model_is_known(encoder: Encoder) -> None:
    words = "patents stations quotas weather hospital champions striker hedging penguins"
    normalise = Normaliser(TEXT, {"patients", "nations", "quarters", "whether", "hospitals"}, encoder.is_word)
    assert normalise(words) == words
    assert normalise("pateints naations") == "patients nations"


@given(st.lists(st.sampled_from(sorted({w.text for w in split_words(TEXT)})), max_size=8).map(" ".join))
def test_the_reports_own_words_are_left(question: str) -> None:
    assert normaliser(TEXT)(question) == question


@given(st.text())
def test_only_words_change(question: str) -> None:
    found = normaliser(TEXT)(question)
    assert normaliser(TEXT)(found) == found
    assert len(split_words(found)) == len(split_words(question))


@pytest.mark.parametrize(
    "text, question, expected",
    [
        ("The United Arab Emirates won.", "Did the UAE win?", "Did the United Arab Emirates win?"),
        ("The UAE won.", "Did the United Arab Emirates win?", "Did the UAE win?"),
        ("Türkiye won.", "Did Turkey win?", "Did Türkiye win?"),
        ("Turkey won.", "Did Türkiye win?", "Did Turkey win?"),
        ("Turkey won.", "did turkiye win?", "did Turkey win?"),
        ("The US won.", "Did the United States win?", "Did the US win?"),
        ("The United States won.", "Did the U.S. win?", "Did the United States win?"),
        ("The prime minister left.", "Did the PM leave?", "Did the prime minister leave?"),
        ("The PM left.", "Did the prime minister leave?", "Did the PM leave?"),
        ("GDP fell.", "Did gross domestic product fall?", "Did GDP fall?"),
        ("Gross domestic product fell.", "Did GDP fall?", "Did Gross domestic product fall?"),
        ("It cost USD 5.", "How many dollars?", "How many USD?"),
        ("It cost 5 dollars.", "How many USD?", "How many dollars?"),
        ("It cost 5 dollars.", "Is it $?", "Is it dollars?"),
        ("The United States paid 5 dollars.", "Is it US$ 5?", "Is it dollars 5?"),
        ("It cost USD 5.", "Is it $5?", "Is it USD 5?"),
        ("It lost 5 percent.", "Is it 5%?", "Is it 5 percent?"),
        ("It lost 5%.", "Is it 5 per cent?", "Is it 5 %?"),
        ("The European Union agreed.", "Did the EU agree?", "Did the European Union agree?"),
    ],
)
def test_names_in_the_reports_variant(text: str, question: str, expected: str) -> None:
    assert normaliser(text, *(w.text.casefold() for w in split_words(question)))(question) == expected


@pytest.mark.parametrize(
    "text, question",
    [
        ("The US won.", "Tell us about it"),  # no country
        ("The United States won.", "Who joined us?"),
        ("The UAE and the United Arab Emirates.", "Did the UAE win?"),  # the report's own word
        ("The UAE and the United Arab Emirates.", "Did the United Arab Emirates win?"),
        ("Nobody won.", "Did the UAE win?"),  # the report has none
        ("The prime minister spoke.", "Was it 3 pm?"),
        ("The Member of Parliament spoke.", "An mp3 file"),
        ("The UN met.", "unbelievable"),
    ],
)
def test_names_that_stay(text: str, question: str) -> None:
    assert normaliser(text, *(w.text.casefold() for w in split_words(question)))(question) == question


@pytest.mark.parametrize("group", VARIANTS)
def test_a_variant_becomes_one_that_the_report_has(group: tuple[str, ...]) -> None:
    for name in group:
        for other in group:
            known = [w.text.casefold() for w in split_words(f"{name} {other}")]
            said = normaliser(f"So {other} is.", *known)(f"So {name} is?").removeprefix("So ").removesuffix(" is?")
            assert said.casefold() in other.casefold() or (said == name and other.casefold() in name.casefold())


def test_hostile_text() -> None:
    in_time(normaliser(TEXT), hostile())


def test_many_wrong_words_over_many_words() -> None:
    """As of a long report: 20,000 words, and a question of nothing but words that are nearly among them."""
    draw = random.Random(1)
    words = {"".join(draw.choices("etaoinsrhl", k=draw.randint(4, 9))) for _ in range(20_000)}
    wrong = ["".join(draw.choices("etaoinsrhl", k=draw.randint(4, 9))) for _ in range(1_200)]
    in_time(Normaliser(" ".join(sorted(words)), words, frozenset[str]().__contains__), [" ".join(wrong)])
