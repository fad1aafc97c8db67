"""The facade: opening, asking, streaming, talking, closing."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

import assistant
from assistant import Answer, Assistant, AssistantError, InvalidQuestion, Settings
from assistant import assistant as facade
from assistant.engine import Draft
from assistant.judgement import fitted_tuning
from index.onnx import OnnxEncoder
from index.readers import read_report

QUESTION = "How large is the fund?"
QUESTIONS = [
    QUESTION,
    "Who are the partners?",
    "What is the share of GDP?",
    "When did the government approve it?",
    "What should I cook tonight?",
    "Summarise the report.",
]


def test_answer_with_its_citation(bot: Assistant) -> None:
    answer = bot.ask(QUESTION)
    assert answer.status == "answered"
    assert "120 billion tenge" in answer.text
    assert "USD 265 million" in answer.text
    (citation, *_) = answer.citations
    assert bot.report.text[citation.start : citation.end] == citation.quote
    assert "120 billion tenge" in citation.quote
    assert (citation.report, citation.sha256) == (bot.report.title, bot.report.sha256)


def test_original_report_gives_the_same_figure(original_report: Path, settings: Settings) -> None:
    with Assistant(report=original_report, settings=settings) as bot:
        answer = bot.ask(QUESTION)
    assert answer.status == "answered"
    assert "120 billion tenge" in answer.text.replace("**", "")


def test_asking_without_an_assistant(model_is_kept: None, monkeypatch: pytest.MonkeyPatch, lighthouse: Path) -> None:
    monkeypatch.setenv("REPORT_ASSISTANT_REPORT", str(lighthouse))
    opened: list[Assistant] = []

    class Counted(Assistant):
        def __init__(self) -> None:
            super().__init__()
            opened.append(self)

    monkeypatch.setattr(facade, "Assistant", Counted)
    facade._default.cache_clear()
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(assistant.ask, ["How tall is the lighthouse?"] * 4))
    finally:
        facade._default.cache_clear()
    assert len(opened) == 1
    assert len(set(answers)) == 1
    assert "41 metres" in answers[0].text.replace("**", "")


def test_which_report(lighthouse: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.txt"
    other.write_text("There is nothing here but fog, and more fog behind it.", encoding="utf-8")
    assert Assistant(settings=settings).report.title.startswith("Kazakhstan")
    assert (
        Assistant(settings=replace(settings, report=lighthouse)).report.text
        == lighthouse.read_text(encoding="utf-8").strip()
    )
    assert "fog" in Assistant(other, replace(settings, report=lighthouse)).report.text
    assert "fog" in Assistant(str(other), settings).report.text
    monkeypatch.setenv("REPORT_ASSISTANT_REPORT", str(lighthouse))
    monkeypatch.setenv("REPORT_ASSISTANT_CACHE_DIR", str(settings.cache_dir))
    assert Assistant().report.text == lighthouse.read_text(encoding="utf-8").strip()


def test_report_in_hand_is_indexed_in_memory(lighthouse: Path, settings: Settings) -> None:
    report = read_report(lighthouse)
    with Assistant(report=report, settings=settings) as bot:
        assert bot.report is report
        assert bot.index_info()["folder"] == "in memory only"
        assert "41 metres" in bot.ask("How tall is the lighthouse?").citations[0].quote
    assert not settings.cache_dir.exists()


def test_index_is_read_and_not_built_again(
    lighthouse: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    with Assistant(lighthouse, settings, progress=lambda done, total: told.append((done, total))) as bot:
        first, info = bot.ask("How tall is it?"), bot.index_info()
    assert told
    assert told[-1][0] == told[-1][1]
    unloaded = OnnxEncoder(settings.model, settings.cache_dir)
    monkeypatch.setattr("assistant.assistant.OnnxEncoder", lambda model, cache: unloaded)
    told.clear()
    with Assistant(lighthouse, settings, progress=lambda done, total: told.append((done, total))) as bot:
        assert told == []
        assert "_loaded" not in vars(unloaded)  # what makes a second start quick
        assert bot.index_info() == info
        bot.warm_up()
        assert "_loaded" in vars(unloaded)
        assert bot.ask("How tall is it?") == first


def test_index_is_of_the_file_as_it_is_now(lighthouse: Path, settings: Settings) -> None:
    def open_and_ask(path: Path) -> tuple[str, Answer]:
        with Assistant(path, settings) as bot:
            return bot.report.title, bot.ask("How tall is the lighthouse?")

    title, before = open_and_ask(lighthouse)
    assert title == "Gull rock"
    assert "41 metres" in before.citations[0].quote
    text = lighthouse.read_text(encoding="utf-8")
    lighthouse.write_text(text.replace("41", "43"), encoding="utf-8")
    assert "43 metres" in open_and_ask(lighthouse)[1].citations[0].quote
    lighthouse.write_text(text, encoding="utf-8")
    assert open_and_ask(lighthouse) == (title, before)
    # the name is the title of a report that has none
    assert open_and_ask(lighthouse.rename(lighthouse.with_name("north_tower.txt")))[0] == "North tower"


def test_settings_that_shape_the_index_have_one_of_their_own(lighthouse: Path, settings: Settings) -> None:
    folders = {
        Assistant(lighthouse, changed).index_info()["folder"]
        for changed in (settings, replace(settings, passage_tokens=20), replace(settings, port=1))
    }
    assert len(folders) == 2


@pytest.mark.parametrize("question", QUESTIONS)
def test_stream_is_the_answer_in_pieces(question: str, bot: Assistant) -> None:
    *pieces, last = bot.stream(question)
    assert last == bot.ask(question)
    assert isinstance(last, Answer)
    assert "".join(str(piece) for piece in pieces) == last.text
    assert len(pieces) > 3


def test_conversation_remembers(bot: Assistant) -> None:
    talk = bot.conversation()
    first = talk.ask(QUESTION)
    assert talk.history == [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": first.text},
    ]
    with pytest.raises(InvalidQuestion):
        talk.ask(" ")
    assert len(talk.history) == 2
    second = talk.ask("And since when?")
    assert second == bot.ask("And since when?", talk.history[:2])
    assert second.question != "And since when?"
    assert bot.conversation().history == []


def test_threads_get_the_answers_of_one(bot: Assistant) -> None:
    expected = [bot.ask(question) for question in QUESTIONS]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(bot.ask, QUESTIONS * 4))
    assert found == expected * 4


def test_threads_that_ask_first(lighthouse: Path, settings: Settings) -> None:
    """What an assistant works out at its first question is worked out once, or to the same result."""
    expected = [Assistant(lighthouse, settings).ask(question) for question in QUESTIONS]
    for _ in range(3):
        with Assistant(lighthouse, settings) as bot, ThreadPoolExecutor(6) as pool:
            assert list(pool.map(bot.ask, QUESTIONS)) == expected


def test_tuning_in_place_of_the_fitted_one(lighthouse: Path, settings: Settings) -> None:
    strict = replace(fitted_tuning(), threshold=1.1)
    assert Assistant(lighthouse, settings).ask("How tall is the lighthouse?").status == "answered"
    assert Assistant(lighthouse, settings, tuning=strict).ask("How tall is the lighthouse?").status == "not_in_report"


# --- closing


def consume(pieces: Iterator[object]) -> list[object]:
    return list(pieces)


@pytest.mark.parametrize(
    "use",
    [
        lambda bot: bot.ask(QUESTION),
        lambda bot: consume(bot.stream(QUESTION)),
        lambda bot: bot.conversation().ask(QUESTION),
        lambda bot: bot.rank(QUESTION),
        lambda bot: bot.warm_up(),
        lambda bot: bot.index_info(),
    ],
    ids=["ask", "stream", "conversation", "rank", "warm_up", "index_info"],
)
def test_closed_assistant_says_so(use: Callable[[Assistant], object], lighthouse: Path, settings: Settings) -> None:
    with Assistant(lighthouse, settings) as bot:
        use(bot)
    with pytest.raises(AssistantError, match="this assistant is closed"):
        use(bot)
    bot.close()
    assert bot.report.text == lighthouse.read_text(encoding="utf-8").strip()


def test_closing_lets_go_of_index_and_model(
    lighthouse: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.assistant.OnnxEncoder", OnnxEncoder)
    bot = Assistant(lighthouse, settings)
    bot.ask("How tall is it?")
    held = [weakref.ref(bot._encoder), weakref.ref(bot._encoder._loaded), weakref.ref(bot._retriever.index)]  # type: ignore[attr-defined]
    assert all(reference() is not None for reference in held)
    bot.close()
    gc.collect()
    assert [reference() for reference in held] == [None] * 3


def test_closing_waits_for_the_answer(lighthouse: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = Assistant(lighthouse, settings)
    expected = bot.ask(QUESTION)
    draft = bot._engine.draft
    begun, go_on = Event(), Event()

    def held_up(question: str, history: Sequence[Mapping[str, str]]) -> Draft:
        begun.set()
        assert go_on.wait(20)
        return draft(question, history)

    monkeypatch.setattr(bot._engine, "draft", held_up)
    with ThreadPoolExecutor(2) as pool:
        asking = pool.submit(bot.ask, QUESTION)
        assert begun.wait(60)
        closing = pool.submit(bot.close)
        with pytest.raises(TimeoutError):
            closing.result(0.05)
        go_on.set()
        assert asking.result() == expected
        closing.result()
    with pytest.raises(AssistantError, match="closed"):
        bot.ask(QUESTION)


def test_looking_up_gives_the_extractive_answer(bot: Assistant) -> None:
    found, asked = bot.look_up("How large is the fund?"), bot.ask("How large is the fund?")
    assert (found.text, found.citations, found.engine) == (asked.text, asked.citations, "extractive")
    with pytest.raises(InvalidQuestion):
        bot.look_up(" ")
