"""A follow-up as an LLM would ask it without what was said before, taken only where it adds nothing of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.llm.facts import read_text
from index.words import split_words

LONGEST = 400
"""Characters of a rewritten question."""
KEPT = 0.6
"""The share of the question's own content words that must still be there."""
TOKENS = 100


def accepted(rewritten: str, question: str, history: Sequence[Mapping[str, str]], known: frozenset[str]) -> str | None:
    """The rewritten question, or None where it is none or brings in what nobody said.

    Every figure, date and name must be of the question or the history; every other content word of these or, by its
    form, of the report (``known``).
    """
    text = " ".join(rewritten.split()).strip("\"'“”*` ")
    if not text or len(text) > LONGEST or "\n" in rewritten.strip():
        return None
    said = " ".join([question, *(turn["content"] for turn in history)])
    forms = {word.form for word in split_words(said)}
    read, before = read_text(text), read_text(said)
    facts = {(fact.kind, fact.value) for fact in before.facts}
    if any((fact.kind, fact.value) not in facts and read.words[fact.begin].form not in forms for fact in read.facts):
        return None
    if any(word.is_content and word.form not in forms and word.form not in known for word in read.words):
        return None
    own = {word.form for word in split_words(question) if word.is_content}
    here = {word.form for word in read.words}
    return text if len(own & here) >= KEPT * len(own) else None
