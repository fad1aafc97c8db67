"""Haystack: an in-memory store, saved as JSON, whose BM25 and vectors a pipeline joins by reciprocal rank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from eval.bench.peers.run import DEPTH, MODEL

CPU = ComponentDevice.from_str("cpu")


@lru_cache(maxsize=1)
def _embedder() -> SentenceTransformersDocumentEmbedder:
    embedder = SentenceTransformersDocumentEmbedder(model=str(MODEL), device=CPU, progress_bar=False)
    embedder.warm_up()
    return embedder


def build(texts: Sequence[str], folder: Path) -> None:
    """Index passages."""
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(
        _embedder().run([Document(id=str(number), content=text) for number, text in enumerate(texts)])["documents"]
    )
    store.save_to_disk(str(folder / "store.json"))


def opened(texts: Sequence[str], folder: Path) -> Callable[[str], str]:
    """Read the index."""
    store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
    pipeline = Pipeline()
    pipeline.add_component(
        "embedder", SentenceTransformersTextEmbedder(model=str(MODEL), device=CPU, progress_bar=False)
    )
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=DEPTH))
    pipeline.add_component("bm25", InMemoryBM25Retriever(store, top_k=DEPTH))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=DEPTH))
    pipeline.connect("embedder.embedding", "vectors.query_embedding")
    pipeline.connect("vectors", "joiner")
    pipeline.connect("bm25", "joiner")

    def ask(question: str) -> str:
        found = pipeline.run({"embedder": {"text": question}, "bm25": {"query": question}})
        return str(found["joiner"]["documents"][0].content)

    return ask
