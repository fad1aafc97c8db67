"""The command line, for most part run in this process; as a program where only that shows how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import Assistant, Settings, cli
from assistant.answer import Answer, Citation
from assistant.settings import meanings
from assistant.terminal import render, wrap
from index.onnx import OnnxEncoder

QUESTION = "How large is the fund?"
PROGRAM = [sys.executable, "-m", "assistant.cli"]


@pytest.fixture(autouse=True)
def _model_is_kept(bot: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands in this process share the loaded model: loading it again takes seconds and shows nothing new."""
    monkeypatch.setattr("assistant.assistant.OnnxEncoder", lambda model, cache: bot._encoder)


def errors(capsys: pytest.CaptureFixture[str]) -> str:
    """What was written to standard error: one line, without its end."""
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err.rstrip("\n")


def test_ask_prints_answer_and_sources(bot: Assistant, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ask", QUESTION]) == 0
    out = capsys.readouterr().out
    answer = bot.ask(QUESTION)
    assert answer.citations
    flat = " ".join(out.split())
    assert flat.startswith(" ".join(answer.text.replace("**", "").split()))
    for citation in answer.citations:
        section = citation.section or "(before the first heading)"
        assert f"[{citation.number}] {section} “{' '.join(citation.quote.split())}”" in flat
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out


def test_ask_as_json_is_the_answer(bot: Assistant, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ask", "--json", QUESTION]) == 0
    found = json.loads(capsys.readouterr().out)
    expected = bot.ask(QUESTION).as_dict()
    assert found.pop("timings").keys() == expected.pop("timings").keys()
    assert found == expected


def test_question_from_standard_input(
    bot: Assistant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(QUESTION + "\n"))
    assert cli.main(["ask", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == bot.ask(QUESTION).text


def test_standard_input_that_is_not_text(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\xff"), encoding="utf-8"))
    assert cli.main(["ask", "-"]) == 2
    assert errors(capsys) == "report-assistant: standard input is not text in utf-8"


def test_another_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lighthouse.txt"
    path.write_text("The lighthouse on Gull Rock is 41 metres tall. It was lit in 1887.\n", encoding="utf-8")
    assert cli.main(["ask", "--report", str(path), "How tall is the lighthouse?", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "41 metres" in found["citations"][0]["quote"]


@pytest.mark.parametrize("question", ["", " \n", "?!", "a" * 10_000])
def test_question_that_cannot_be_asked(question: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ask", question]) == 2
    assert errors(capsys).startswith("report-assistant: the question ")


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ([], "required: COMMAND"),
        (["aks", "x"], "invalid choice: 'aks'"),
        (["ask"], "required: QUESTION"),
        (["index"], "required: COMMAND"),
        (["ask", "x", "--modle", "y"], "there is no option --modle; the nearest one is --model"),
        (["ask", "x", "--modle=y"], "there is no option --modle; the nearest one is --model"),
        (["ask", "x", "--mod", "y"], "there is no option --mod; the nearest one is --model"),
        (["chat", "--prt", "1"], "there is no option --prt; the nearest one is --port"),
        (["ask", "How", "large"], "one question is expected, but more words follow it, first 'large'"),
        (["ask", "x", "--report"], "argument --report: expected one argument"),
    ],
)
def test_wrong_usage(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        cli.main(arguments)
    assert ending.value.code == 2
    line = errors(capsys)
    assert line.startswith("report-assistant: ")
    assert expected in line


def test_wrong_setting(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.main(["chat", "--port", "seventy"]) == 2
    assert errors(capsys) == "report-assistant: port must be a whole number from 0 to 65535, but it is 'seventy'"
    monkeypatch.setenv("REPORT_ASSISTANT_RPORT", "x")
    assert cli.main(["ask", QUESTION]) == 2
    assert "the nearest one is REPORT_ASSISTANT_REPORT" in errors(capsys)


def test_missing_report_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ask", QUESTION, "--report", "no-such-file.pdf"]) == 1
    assert "no-such-file.pdf" in errors(capsys)


def test_llm_that_cannot_be_reached_costs_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ask", QUESTION, "--llm", "m", "--llm-url", "http://127.0.0.1:9/v1"]) == 0
    shown = capsys.readouterr().out
    assert "120 billion tenge" in shown
    assert "The LLM did not write this: its server cannot be reached." in " ".join(shown.split())


def test_missing_model_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("assistant.assistant.OnnxEncoder", OnnxEncoder)
    assert cli.main(["ask", QUESTION, "--model", str(tmp_path / "no-model"), "--cache-dir", str(tmp_path)]) == 1
    assert "no-model" in errors(capsys)


def test_port_in_use_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert cli.main(["chat", "--port", str(port)]) == 1
    assert f"port {port} on 127.0.0.1 is in use" in errors(capsys)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        cli.main(["--version"])
    assert ending.value.code == 0
    assert re.fullmatch(r"report-assistant \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize("command", [["ask"], ["chat"], ["index", "build"], ["index", "verify"], ["index", "info"]])
def test_help_of_each_command(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        cli.main([*command, "--help"])
    assert ending.value.code == 0
    assert "--cache-dir" in capsys.readouterr().out


def test_life_of_an_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cache = ["--cache-dir", str(tmp_path)]
    assert cli.main(["index", "verify", *cache]) == 1
    assert "report-assistant index build" in errors(capsys)

    assert cli.main(["index", "build", *cache]) == 0
    captured = capsys.readouterr()
    assert "Building the index: 100%" in captured.err
    rows = dict(line.split(maxsplit=1) for line in captured.out.splitlines())
    folder = Path(rows["folder"])
    assert folder.is_relative_to(tmp_path)

    assert cli.main(["index", "build", *cache]) == 0
    assert "Building" not in capsys.readouterr().err  # it is there

    assert cli.main(["index", "info", *cache]) == 0
    assert dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()) == rows

    assert cli.main(["index", "verify", *cache]) == 0
    assert str(folder) in capsys.readouterr().out

    damaged = folder / "sentences.dense" / "vectors.npy"
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    assert cli.main(["index", "verify", *cache]) == 1
    assert "sentences.dense/vectors.npy" in errors(capsys)

    assert cli.main(["ask", QUESTION, *cache]) == 0  # builds it again
    capsys.readouterr()
    assert cli.main(["index", "verify", *cache]) == 0


def test_cache_folder_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    assert cli.main(["ask", QUESTION, "--cache-dir", str(blocked)]) == 0
    captured = capsys.readouterr()
    assert "120 billion" in captured.out
    assert re.fullmatch(r"report-assistant: the index cannot be saved in .* in memory .*\n", captured.err)


@pytest.mark.parametrize("arguments", [["--version"], ["index", "info"]])
def test_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run([*PROGRAM, *arguments], stdout=pipe, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (141, "")


WAITING_PROGRAM = """
import signal, sys
from assistant import cli

class Waiting:
    encoding = "utf-8"
    def read(self, size):
        print("waiting", flush=True)
        signal.pause()

sys.stdin = Waiting()
sys.exit(cli.main(["ask", "-"]))
"""


def test_interrupt_is_quiet() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING_PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("", "")
        assert process.returncode == 130


@pytest.fixture
def answer() -> Answer:
    """An answer with everything in it that a terminal should not obey or break."""
    quote = "The tower \x1b[31mis\x07 41 metres\u202e tall, say those who measured it at low tide in the spring."
    return Answer(
        text="It is **41 metres** tall [1]\n\n- " + "word " * 30,
        status="answered",
        citations=(Citation(1, quote, "", 0, len(quote), 1.0, "x", "0" * 64),),
        question="How tall?",
        confidence=1.0,
        suggestions=("When was it lit?",),
    )


def test_rendering_wraps_aligns_and_disarms(answer: Answer) -> None:
    shown = render(answer, 40)
    assert all(len(line) <= 40 for line in shown.splitlines())
    assert not set("\x1b\x07\u202e*") & set(shown)
    assert "\n- word word" in shown
    assert "\n  word word" in shown
    assert "\n[1] (before the first heading)\n    “The tower" in shown
    assert shown.endswith("- When was it lit?")


def test_rendering_in_colour_differs_only_in_colour(answer: Answer) -> None:
    assert re.sub(r"\x1b\[\d+m", "", render(answer, 60, colour=True)) == render(answer, 60)


def test_wide_terminals_are_not_filled(answer: Answer) -> None:
    assert render(answer, 1000) == render(answer, 100)


def test_words_longer_than_the_line_stay_whole() -> None:
    assert wrap("see https://example.org/a-very-long-address here", 10) == (
        "see\nhttps://example.org/a-very-long-address\nhere"
    )


def test_settings_flags_cover_all_settings() -> None:
    parser = cli._parser()
    arguments = parser.parse_args(["chat", "--port", "1"])
    assert set(meanings()) <= set(vars(arguments))
    assert Settings.load(environ={}, port=arguments.port).port == 1
