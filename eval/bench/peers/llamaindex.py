"""LlamaIndex: a vector index and bm25s, saved as they save themselves, fused by reciprocal rank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from llama_index.core import Settings, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever

from eval.bench.peers.run import DEPTH, MODEL

Settings.embed_model = HuggingFaceEmbedding(str(MODEL), device="cpu")
Settings.llm = MockLLM()  # a fusion of retrievers wants one, though it asks none where it makes no questions of its own


def build(texts: Sequence[str], folder: Path) -> None:
    """Index passages."""
    nodes = [TextNode(text=text, id_=str(number)) for number, text in enumerate(texts)]
    VectorStoreIndex(nodes).storage_context.persist(str(folder / "vectors"))
    BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=DEPTH).persist(str(folder / "bm25"))


def opened(texts: Sequence[str], folder: Path) -> Callable[[str], str]:
    """Read the index."""
    index = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(folder / "vectors")))
    fusion = QueryFusionRetriever(
        [index.as_retriever(similarity_top_k=DEPTH), BM25Retriever.from_persist_dir(str(folder / "bm25"))],
        mode=FUSION_MODES.RECIPROCAL_RANK,
        similarity_top_k=DEPTH,
        num_queries=1,
        use_async=False,
    )
    return lambda question: str(fusion.retrieve(question)[0].text)
