"""The real client against a real server: ``transformers serve`` with a tiny model of random weights, made here."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from assistant import Answer, Assistant, Settings
from assistant.llm.client import ChatClient
from tests.made_up import GLACIER

TEMPLATE = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}assistant:"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two layers that writes bytes at random."""
    folder = tmp_path_factory.mktemp("model")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {character: number for number, character in enumerate([*alphabet, "<end>"])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", pad_token="<end>")  # type: ignore[no-untyped-call]
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=16384, eos_token_id=vocabulary["<end>"],
        pad_token_id=vocabulary["<end>"],
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def address(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("transformers"), "serve", str(model), "--host", "127.0.0.1"]
    log = tmp_path_factory.mktemp("log") / "server.txt"
    with log.open("wb") as output, subprocess.Popen(
        [*map(str, command), "--port", str(port), "--device", "cpu", "--dtype", "float32"],
        stdout=output, stderr=output, env=os.environ | {"HF_HUB_OFFLINE": "1"},
    ) as server:  # fmt: skip
        try:
            for _ in range(600):
                assert server.poll() is None, log.read_text(encoding="utf-8")[-2000:]
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                        break
                except OSError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            server.wait(timeout=30)


def test_a_reply_is_streamed(model: Path, address: str) -> None:
    messages = [{"role": "user", "content": "Say something."}]
    pieces = list(ChatClient(str(model), address).stream(messages, time.monotonic() + 60, 20))
    assert len(pieces) > 1
    assert "".join(pieces)


def test_noise_ends_in_the_extractive_answer(model: Path, address: str, settings: Settings) -> None:
    given = replace(settings, llm_model=str(model), llm_url=address, llm_deadline=30)
    with Assistant(GLACIER, given) as bot:
        *_, answer = bot.stream("How much did the survey cost?")
    assert isinstance(answer, Answer)
    assert answer.engine == "extractive"
    assert "**2.4 million kroner**" in answer.text
    assert answer.notice
    assert "first token" in answer.timings
