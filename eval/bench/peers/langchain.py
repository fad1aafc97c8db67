"""LangChain: FAISS, saved, and BM25, which has no file of its own and is made again, fused by reciprocal rank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_community.vectorstores import FAISS
from langchain_huggingface import HuggingFaceEmbeddings

from eval.bench.peers.run import DEPTH, MODEL

EMBEDDINGS = HuggingFaceEmbeddings(model_name=str(MODEL), model_kwargs={"device": "cpu"})


def build(texts: Sequence[str], folder: Path) -> None:
    """Index passages."""
    FAISS.from_texts(list(texts), EMBEDDINGS).save_local(str(folder / "vectors"))
    BM25Retriever.from_texts(texts)


def opened(texts: Sequence[str], folder: Path) -> Callable[[str], str]:
    """Read the index."""
    # its texts are a pickle, which nobody else has written
    vectors = FAISS.load_local(str(folder / "vectors"), EMBEDDINGS, allow_dangerous_deserialization=True)
    retriever = EnsembleRetriever(
        retrievers=[BM25Retriever.from_texts(texts, k=DEPTH), vectors.as_retriever(search_kwargs={"k": DEPTH})],
        weights=[0.5, 0.5],
    )
    return lambda question: str(retriever.invoke(question)[0].page_content)
