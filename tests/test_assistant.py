"""The facade: opening, asking, streaming, talking, closing."""

from __future__ import annotations

import gc
import logging
import shutil
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

import assistant
from assistant import Answer, Assistant, AssistantError, IndexCorrupted, InvalidQuestion, ReportError, Settings
from assistant import assistant as facade
from assistant.assistant import verify_index
from assistant.judgement import fitted_tuning
from index.encoder import SentenceTransformerEncoder
from index.readers import read_text

QUESTION = "How large is the fund?"
QUESTIONS = [
    QUESTION,
    "Who are the partners?",
    "What is the share of GDP?",
    "When did the government approve it?",
    "What should I cook tonight?",
    "Summarise the report.",
]
LIGHTHOUSE = "The lighthouse on Gull Rock is 41 metres tall. It was lit in 1887. Its keeper is Anna Berg.\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A short report."""
    path = tmp_path / "gull_rock.txt"
    path.write_text(LIGHTHOUSE, encoding="utf-8")
    return path


@pytest.fixture
def settings(tmp_path: Path, model_is_kept: None) -> Settings:
    """Settings with an empty cache folder; the model is not loaded again."""
    return Settings(cache_dir=tmp_path / "cache")


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


def test_asking_without_an_assistant(model_is_kept: None, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setenv("REPORT_ASSISTANT_REPORT", str(path))
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


def test_which_report(path: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.txt"
    other.write_text("There is nothing here but fog, and more fog behind it.", encoding="utf-8")
    assert Assistant(settings=settings).report.title.startswith("Kazakhstan")
    assert Assistant(settings=replace(settings, report=path)).report.text == LIGHTHOUSE.strip()
    assert "fog" in Assistant(other, replace(settings, report=path)).report.text
    assert "fog" in Assistant(str(other), settings).report.text
    monkeypatch.setenv("REPORT_ASSISTANT_REPORT", str(path))
    monkeypatch.setenv("REPORT_ASSISTANT_CACHE_DIR", str(settings.cache_dir))
    assert Assistant().report.text == LIGHTHOUSE.strip()


def test_report_in_hand_is_indexed_in_memory(settings: Settings) -> None:
    report = read_text(LIGHTHOUSE)
    with Assistant(report=report, settings=settings) as bot:
        assert bot.report is report
        assert bot.index_info()["folder"] == "in memory only"
        assert "41 metres" in bot.ask("How tall is the lighthouse?").citations[0].quote
    assert not settings.cache_dir.exists()


def test_index_is_read_and_not_built_again(path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    with Assistant(path, settings, progress=lambda done, total: told.append((done, total))) as bot:
        first, info = bot.ask("How tall is it?"), bot.index_info()
    assert told
    assert told[-1][0] == told[-1][1]
    unloaded = SentenceTransformerEncoder()
    monkeypatch.setattr("assistant.assistant.SentenceTransformerEncoder", lambda model: unloaded)
    told.clear()
    with Assistant(path, settings, progress=lambda done, total: told.append((done, total))) as bot:
        assert told == []
        assert "_model" not in vars(unloaded)  # what makes a second start quick
        assert bot.index_info() == info
        bot.warm_up()
        assert "_model" in vars(unloaded)
        assert bot.ask("How tall is it?") == first


def test_index_is_of_the_file_as_it_is_now(path: Path, settings: Settings) -> None:
    def open_and_ask(path: Path) -> tuple[str, Answer]:
        with Assistant(path, settings) as bot:
            return bot.report.title, bot.ask("How tall is the lighthouse?")

    title, before = open_and_ask(path)
    assert title == "Gull rock"
    assert "41 metres" in before.citations[0].quote
    path.write_text(LIGHTHOUSE.replace("41", "43"), encoding="utf-8")
    assert "43 metres" in open_and_ask(path)[1].citations[0].quote
    path.write_text(LIGHTHOUSE, encoding="utf-8")
    assert open_and_ask(path) == (title, before)
    # the name is the title of a report that has none
    assert open_and_ask(path.rename(path.with_name("north_tower.txt")))[0] == "North tower"


def test_settings_that_shape_the_index_have_one_of_their_own(path: Path, settings: Settings) -> None:
    folders = {
        Assistant(path, changed).index_info()["folder"]
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


def test_threads_that_ask_first(path: Path, settings: Settings) -> None:
    """What an assistant works out at its first question is worked out once, or to the same result."""
    expected = [Assistant(path, settings).ask(question) for question in QUESTIONS]
    for _ in range(3):
        with Assistant(path, settings) as bot, ThreadPoolExecutor(6) as pool:
            assert list(pool.map(bot.ask, QUESTIONS)) == expected


def test_tuning_in_place_of_the_fitted_one(path: Path, settings: Settings) -> None:
    strict = replace(fitted_tuning(), threshold=1.1)
    assert Assistant(path, settings).ask("How tall is the lighthouse?").status == "answered"
    assert Assistant(path, settings, tuning=strict).ask("How tall is the lighthouse?").status == "not_in_report"


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
def test_closed_assistant_says_so(use: Callable[[Assistant], object], path: Path, settings: Settings) -> None:
    with Assistant(path, settings) as bot:
        use(bot)
    with pytest.raises(AssistantError, match="this assistant is closed"):
        use(bot)
    bot.close()
    assert bot.report.text == LIGHTHOUSE.strip()


def test_closing_lets_go_of_index_and_model(path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.assistant.SentenceTransformerEncoder", SentenceTransformerEncoder)
    bot = Assistant(path, settings)
    bot.ask("How tall is it?")
    held = [weakref.ref(bot._encoder), weakref.ref(bot._encoder._model), weakref.ref(bot._retriever.index)]  # type: ignore[attr-defined]
    assert all(reference() is not None for reference in held)
    bot.close()
    gc.collect()
    assert [reference() for reference in held] == [None] * 3


def test_closing_waits_for_the_answer(path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = Assistant(path, settings)
    expected = bot.ask(QUESTION)
    answer = bot._engine.answer
    begun, go_on = Event(), Event()

    def held_up(question: str, history: Sequence[Mapping[str, str]]) -> Answer:
        begun.set()
        assert go_on.wait(20)
        return answer(question, history)

    monkeypatch.setattr(bot._engine, "answer", held_up)
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


# --- what goes wrong


def one_line(error: pytest.ExceptionInfo[AssistantError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


def test_reports_that_cannot_be_read(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 20)
    for name in ("missing.txt", "empty.txt", "binary.txt", ".", "report.xyz"):
        with pytest.raises(ReportError) as error:
            Assistant(tmp_path / name, settings)
        assert one_line(error)
    assert not list(settings.cache_dir.glob("indexes/*/*"))


@pytest.mark.parametrize(
    "question", ["", " \n\t", "?!", "—", "😀", "\u200b", "a" * 10_000, " " * 20_000, None, 5, b"x", ["x"]]
)
def test_questions_that_cannot_be_asked(question: str, bot: Assistant) -> None:
    for use in (bot.ask, bot.conversation().ask, lambda q: next(bot.stream(q))):
        with pytest.raises(InvalidQuestion) as error:
            use(question)
        assert isinstance(error.value, ValueError)
        assert len(one_line(error)) < 120


@pytest.mark.parametrize("question", ["a" * 9_999, "x", "2023", "  2023?  ", "fund\0", "\u202efund", "½", "ﬁ"])
def test_odd_questions_that_can_be_asked(question: str, bot: Assistant) -> None:
    assert bot.ask(question).status in ("answered", "not_in_report", "off_topic")


def test_lone_surrogates_are_no_crash(bot: Assistant) -> None:
    for answer in (
        bot.ask("fund \ud800?"),
        bot.ask("And it?", [{"role": "user", "content": "Is the \udfff fund large?"}]),
    ):
        answer.text.encode()
        answer.question.encode()


@pytest.mark.parametrize(
    "history",
    [
        None,
        5,
        "user: hello",
        {"role": "user", "content": "x"},
        [("user", "x")],
        [None],
        [{"role": "system", "content": "x"}],
        [{"role": "user"}],
        [{"content": "x"}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": ["x"]}],
        [{"role": ["user"], "content": "x"}],
        [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": 7}],
    ],
)
def test_histories_that_are_none(history: list[dict[str, str]], bot: Assistant) -> None:
    with pytest.raises(InvalidQuestion) as error:
        bot.ask(QUESTION, history)
    assert "history" in one_line(error)


@pytest.mark.parametrize(
    "question, script",
    [
        ("Каков размер фонда?", "Cyrillic"),
        ("基金有多大?", "Chinese"),
        ("ما حجم الصندوق؟", "Arabic"),
        ("Πόσο μεγάλο είναι 2023;", "Greek"),
    ],
)
def test_question_in_another_script(question: str, script: str, bot: Assistant) -> None:
    with pytest.raises(InvalidQuestion) as error:
        bot.ask(question)
    assert one_line(error) == (
        f"the question is written in {script} letters and the report in Latin ones: ask in the report's language"
    )


def test_scripts_that_meet(settings: Settings, bot: Assistant) -> None:
    assert bot.ask("What is the Қор (fund)?").text  # one word in it is enough
    russian = Assistant(read_text("Фонд создан в 2023 году. Он держит 120 миллиардов тенге."), settings)
    assert russian.ask("Когда создан фонд?").citations
    assert russian.ask("2023?").text
    with pytest.raises(InvalidQuestion, match="Latin letters and the report in Cyrillic ones"):
        russian.ask("When was it set up?")
    # a name or two in other letters make no report of two scripts
    mixed = Assistant(read_text("Фонд. " + "The fund was set up in 2023 and holds a lot of money. " * 20), settings)
    with pytest.raises(InvalidQuestion):
        mixed.ask("Когда?")
    assert Assistant(read_text("120 000 (2023): 4%."), settings).ask("How much?").text


def test_llm_is_not_silently_ignored(tmp_path: Path) -> None:
    with pytest.raises(AssistantError, match="not supported yet"):
        Assistant(settings=Settings(cache_dir=tmp_path, llm_model="some-model"))


def test_cache_that_cannot_be_written(path: Path, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.cache_dir.write_text("a file in its place", encoding="utf-8")
    with Assistant(path, settings) as bot:
        assert "41 metres" in bot.ask("How tall is the lighthouse?").citations[0].quote
        assert bot.index_info()["folder"] == "in memory only"
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert line.startswith(f"the index cannot be saved in {settings.cache_dir} (")


def test_damaged_index_is_noticed_and_built_again(path: Path, settings: Settings) -> None:
    with pytest.raises(AssistantError, match="no saved index of this report yet"):
        verify_index(settings, path)
    with Assistant(path, settings) as bot:
        before = bot.ask("How tall is the lighthouse?")
    folder = verify_index(settings, path)
    for file in ("manifest.json", "sentences.faiss", "word_vectors.npy", "passages.bm25/vocab.index.json"):
        (folder / file).write_bytes((folder / file).read_bytes()[1:])
        with pytest.raises(IndexCorrupted):
            verify_index(settings, path)
        with Assistant(path, settings) as bot:
            assert bot.ask("How tall is the lighthouse?") == before
        assert verify_index(settings, path) == folder
    shutil.rmtree(folder)
    with pytest.raises(AssistantError, match="no saved index"):
        verify_index(settings, path)
