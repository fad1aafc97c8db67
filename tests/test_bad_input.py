"""What is said when a report, a question or a cache is not as it should be: one clear line."""

from __future__ import annotations

import logging
import shutil
import sys
from pathlib import Path

import pytest

from assistant import Assistant, AssistantError, IndexCorrupted, InvalidQuestion, ReportError, Settings
from assistant.assistant import verify_index
from index.readers import read_text

QUESTION = "How large is the fund?"


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


def test_llm_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)  # as if it were not installed
    with pytest.raises(AssistantError, match=r"pip install 'report-assistant\[llm\]'"):
        Assistant(settings=Settings(cache_dir=tmp_path, llm_model="some-model"))


def test_cache_that_cannot_be_written(lighthouse: Path, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.cache_dir.write_text("a file in its place", encoding="utf-8")
    with Assistant(lighthouse, settings) as bot:
        assert "41 metres" in bot.ask("How tall is the lighthouse?").citations[0].quote
        assert bot.index_info()["folder"] == "in memory only"
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert line.startswith(f"the index cannot be saved in {settings.cache_dir} (")


def test_damaged_index_is_noticed_and_built_again(lighthouse: Path, settings: Settings) -> None:
    with pytest.raises(AssistantError, match="no saved index of this report yet"):
        verify_index(settings, lighthouse)
    with Assistant(lighthouse, settings) as bot:
        before = bot.ask("How tall is the lighthouse?")
    folder = verify_index(settings, lighthouse)
    for file in ("manifest.json", "sentences.dense/vectors.npy", "word_vectors.npy", "passages.bm25/words.json"):
        (folder / file).write_bytes((folder / file).read_bytes()[1:])
        with pytest.raises(IndexCorrupted):
            verify_index(settings, lighthouse)
        with Assistant(lighthouse, settings) as bot:
            assert bot.ask("How tall is the lighthouse?") == before
        assert verify_index(settings, lighthouse) == folder
    shutil.rmtree(folder)
    with pytest.raises(AssistantError, match="no saved index"):
        verify_index(settings, lighthouse)
