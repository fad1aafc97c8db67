"""What is true of every answer, whoever asks what over which report."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prompts
from assistant import Answer, Assistant, InvalidQuestion, Settings
from assistant.answer import STATUSES
from eval.cases import CASES_FOLDER, Case, load_cases
from index.encoder import Encoder
from index.readers import read_report
from index.report import Block, BlockKind, Report, build_report
from tests.writers import WRITERS, MadeUp

CASES: Sequence[Case] = [case for split in ("fit", "check") for case in load_cases(CASES_FOLDER / f"{split}.jsonl")]


def marks(text: str) -> list[int]:
    """The numbers of the citations in the order of an answer's text; brackets of the report itself are escaped."""
    return [int(number) for number in re.findall(r"\[(\d+)\]", re.sub(r"\\.", "", text, flags=re.DOTALL))]


def shown(text: str) -> str:
    """What an answer's Markdown shows, emphasis and escapes resolved, with ``\0n\0`` in place of a mark ``[n]``."""

    def resolve(match: re.Match[str]) -> str:
        escaped, number = match.groups()
        return f"\0{number}\0" if number else escaped or ""

    return re.sub(r"\\(.)|\*\*|\[(\d+)\]", resolve, text, flags=re.DOTALL)


def refusals(report: Report) -> re.Pattern[str]:
    """What the assistant may say where it answers nothing, the quote of what is nearest left out."""
    own = [
        prompts.render("not_in_report"),
        prompts.render("not_in_report_nearby", nearby=""),
        prompts.render("contradicted", nearby=""),
        prompts.render("off_topic", title=report.title),
        prompts.render("no_author"),
        prompts.render("no_sections"),
    ]
    return re.compile("|".join(re.escape(text.strip()) for text in own))


def check(answer: Answer, report: Report) -> None:
    """Everything that the contract promises of an answer."""
    assert answer.status in STATUSES
    assert type(answer.confidence) is float
    assert 0 <= answer.confidence <= 1
    assert answer.engine == "extractive"
    assert answer.text == answer.text.strip() != ""
    assert answer.question == answer.question.strip() != ""
    assert all(type(seconds) is float and seconds >= 0 for seconds in answer.timings.values())
    as_json = json.dumps(answer.as_dict(), allow_nan=False)
    assert json.loads(as_json)["text"] == answer.text

    first_uses = list(dict.fromkeys(marks(answer.text)))
    assert first_uses == [citation.number for citation in answer.citations] == list(range(1, len(first_uses) + 1))
    for citation in answer.citations:
        assert 0 <= citation.start < citation.end <= len(report.text)
        assert report.text[citation.start : citation.end] == citation.quote
        assert (citation.report, citation.sha256) == (report.title, report.sha256)
        assert any(
            section.title == citation.section and section.start <= citation.start < citation.end <= section.end
            for section in report.sections
        )
        assert type(citation.score) is float
        assert math.isfinite(citation.score)
    own = shown(answer.text)
    for citation in answer.citations:  # each mark follows what it supports: the whole quote, character for character
        cited = f"{citation.quote} \0{citation.number}\0"
        assert cited in own
        own = own.replace(cited, "")
    if answer.status != "answered":  # then it says nothing about the world but what it quotes
        assert refusals(report).fullmatch(own.strip()), own


# --- real questions


@pytest.fixture(scope="module", params=["bundled", "original"])
def opened(request: pytest.FixtureRequest, bot: Assistant, user_folders: Path) -> Iterator[Assistant]:
    if request.param == "bundled":
        yield bot
        return
    with Assistant(request.getfixturevalue("original_report"), Settings(cache_dir=user_folders / "cache")) as other:
        yield other


def history_of(case: Case, bot: Assistant, known: dict[tuple[str, ...], list[dict[str, str]]]) -> list[dict[str, str]]:
    """What was asked and answered before a case's question."""
    if not case.before:
        return []
    if case.before not in known:
        talk = bot.conversation()
        for question in case.before:
            talk.ask(question)
        known[case.before] = talk.history
    return known[case.before]


def test_answers_to_all_cases(opened: Assistant) -> None:
    known: dict[tuple[str, ...], list[dict[str, str]]] = {}
    statuses = set()
    suggested: set[str] = set()
    for number, case in enumerate(CASES):
        history = history_of(case, opened, known)
        answer = opened.ask(case.question, history)
        check(answer, opened.report)
        if number % 10 == 0:
            assert opened.ask(case.question, history) == answer
        statuses.add(answer.status)
        suggested.update(answer.suggestions)
    assert len(CASES) >= 200
    assert statuses == set(STATUSES)
    for question in sorted(suggested):
        answer = opened.ask(question)
        check(answer, opened.report)
        assert answer.status == "answered", question


PROGRAM = """
import json, sys
from pathlib import Path
from assistant import Assistant, Settings

bot = Assistant(settings=Settings(cache_dir=Path(sys.argv[1])))
answers = [bot.ask(question).as_dict() for question in sys.argv[2:]]
print(json.dumps([{**answer, "timings": None} for answer in answers]))
"""


def test_processes_give_the_same_answers(bot: Assistant, tmp_path: Path) -> None:
    """Two start at once over an empty cache, so that one builds the index and the other reads it."""
    questions = [case.question for case in CASES if not case.before][::15][:10]
    running = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), *questions], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    outputs = [process.communicate()[0] for process in running]
    expected = json.loads(json.dumps([{**bot.ask(question).as_dict(), "timings": None} for question in questions]))
    assert len(expected) == 10
    for output in outputs:
        assert json.loads(output) == expected
    assert len(list(tmp_path.glob("indexes/*/manifest.json"))) == 1


# --- made-up reports and questions

HOSTILE = [
    "[1]", "[2]", "\\[1]", "**bold**", "**", "__", "<b>tag</b>", "<script>", "&amp;", "\\", "\\\\", "`code`", "```",
    "_it_", "[a](http://example.org)", "![i](x.png)", "$x^2$", "~~gone~~", "{title}", "{}", "%s", "#", "***", "1.",
    "- x", "| a | b |", "“quoted”", "U.S.", "approx. 5%", "12,000.50", "(", ")", "]", "[",
]  # fmt: skip
WIDE = ["😀", "👩‍🚀", "مرحبا", "שלום", "基金", "\u202e", "e\u0301", "¹", "Қор", "²³", "ﬁn"]
WORDS = ["fund", "tower", "keeper", "winter", "budget", "Harbour", "lamps", "holds", "said", "2023", "was", "Anna Berg"]


def texts(pieces: Sequence[str]) -> st.SearchStrategy[str]:
    """Sentences of ordinary words with anything in between."""
    words = st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(pieces)), min_size=3, max_size=10)
    sentence = st.builds(
        lambda words, stop: f"The {' '.join(words)}{stop}", words, st.sampled_from([".", "?", "!", " [3].", "\\."])
    )
    return st.lists(sentence, min_size=1, max_size=3).map(" ".join)


def made_up(pieces: Sequence[str]) -> st.SearchStrategy[MadeUp]:
    heading = st.lists(st.sampled_from([*WORDS, *pieces]), min_size=1, max_size=4).map(
        lambda words: " ".join(["On", *words])
    )
    item = st.tuples(st.sampled_from(["paragraph", "paragraph", "bullet"]), texts(pieces))
    section = st.tuples(heading, st.lists(item, min_size=1, max_size=3).map(tuple))
    title = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)  # not escaped by every writer
    return st.builds(MadeUp, title, st.lists(section, min_size=1, max_size=3).map(tuple))


WHOLE = ["Summarise the report.", "What are the sections?", "Who wrote it?", "Hello", "What is the capital of France?"]
QUESTIONS = st.one_of(
    st.sampled_from([*WHOLE, "What about [1] and **2**?", "Is the tower not lit?", "Who is Anna Berg?"]),
    texts([*HOSTILE, *WIDE]),
    st.text(max_size=60),
)


def check_all(bot: Assistant, questions: Sequence[str], history: Sequence[Mapping[str, str]] = ()) -> None:
    for question in questions:
        with suppress(InvalidQuestion):
            check(bot.ask(question, list(history)), bot.report)


@pytest.mark.parametrize("form", ["lines", "markdown", "html", "docx", "pdf"])
def test_answers_over_made_up_reports(form: str, encoder: Encoder) -> None:
    name, write = WRITERS[form]
    pieces = HOSTILE if form == "pdf" else [*HOSTILE, *WIDE]  # a PDF's built-in fonts show Latin-1 alone

    @settings(max_examples=10)
    @given(made_up(pieces), st.lists(QUESTIONS, min_size=2, max_size=4))
    def over(report: MadeUp, questions: list[str]) -> None:
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setattr("assistant.assistant.OnnxEncoder", lambda model, cache: encoder)
            write(report, Path(folder) / name)
            bot = Assistant(read_report(Path(folder) / name), Settings())
            first = bot.report.quote(bot.report.sentences[0])
            check_all(bot, [first, *questions])

    over()


KINDS: Sequence[BlockKind] = ["heading", "paragraph", "bullet", "note"]
TITLES = st.lists(st.sampled_from([*WORDS, *HOSTILE, *WIDE]), min_size=1, max_size=4).map(" ".join)
BLOCKS = st.lists(st.builds(Block, st.sampled_from(KINDS), texts([*HOSTILE, *WIDE])), min_size=1, max_size=6)


@settings(max_examples=10)
@given(TITLES, BLOCKS, QUESTIONS)
def test_answers_over_reports_that_no_reader_made(
    encoder: Encoder, title: str, blocks: list[Block], question: str
) -> None:
    report = build_report([Block("paragraph", "There is a text."), *blocks], title=title)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assistant.assistant.OnnxEncoder", lambda model, cache: encoder)
        check_all(Assistant(report, Settings()), [question, *WHOLE])


TURNS = st.builds(
    lambda role, content: {"role": role, "content": content},
    st.sampled_from(["user", "assistant"]),
    st.one_of(
        QUESTIONS, st.sampled_from(["How large is the fund?", "Who is Bektenov?", "The report does not say.", ""])
    ),
)
FOLLOW_UPS = st.sampled_from(
    ["And in dollars?", "Why?", "Who are they?", "What about it?", "And the other one?", "Since when?"]
)


@settings(max_examples=40)
@given(st.lists(TURNS, max_size=6), st.one_of(FOLLOW_UPS, QUESTIONS))
def test_answers_after_any_history(bot: Assistant, history: list[dict[str, str]], question: str) -> None:
    before = [dict(turn) for turn in history]
    check_all(bot, [question], history)
    assert history == before
