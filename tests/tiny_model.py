"""A small sentence-transformers model of another shape than the default one."""

from __future__ import annotations

from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from transformers import BertConfig, BertModel, BertTokenizer

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{c}" for c in LETTERS), "fund", ".", "?"]


def tiny_model(folder: Path, seed: int = 0, padding_side: str = "right") -> Path:
    """A sentence-transformers model of another shape: one layer, 16 numbers, 32 pieces, a vocabulary of letters."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
    )
    plain = folder / f"plain-{seed}"
    BertModel(config).save_pretrained(plain)
    vocabulary = {word: i for i, word in enumerate(VOCABULARY)}
    BertTokenizer(vocab=vocabulary, padding_side=padding_side).save_pretrained(plain)
    modules = [Transformer(str(plain), max_seq_length=32), Pooling(16)]
    SentenceTransformer(modules=modules, device="cpu", prompts={"query": "abc: "}, default_prompt_name="query").save(
        str(folder / f"model-{seed}")
    )
    return folder / f"model-{seed}"
