"""Answers made for questions about the report as a whole: its summary, its sections, its author, a greeting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np

import prompts
from assistant.compose import Quotes, escape
from assistant.entities import find_entities
from assistant.question import Question
from index.build import ReportIndex
from index.encoder import Floats
from index.report import Paragraph, Section, Sentence
from index.words import split_words

SUMMARY_SENTENCES = 4
# Titles of sections that sum a report up, best first.
_SUMMARY_TITLES = (
    r"key (?:take ?aways?|points|findings|messages|facts)|highlights|main (?:points|findings)|at a glance",
    r"(?:executive )?summary|abstract|overview|synopsis|in brief|tl;?dr",
    r"conclusions?|concluding remarks|closing remarks",
    r"introduction|foreword|preface",
)
_BYLINE = re.compile(
    r"\b(?:written|prepared|published|authored|compiled|produced|restates?|report|analysis|study|paper|article|text)\b[^.]{0,60}"
    r"\bby\b|^by\s|^authors?\b|\bauthors?:|©",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"^\*|\b(?:image|photo|picture|figure|credits?|source)\b.{0,40}:|@|https?://|www\.", re.IGNORECASE
)
_GENERIC = frozenset(
    {"section", "chapter", "part", "report", "document", "say", "tell", "summar", "summari", "explain"}
)


class Overview:
    """Answers about one report as a whole."""

    def __init__(self, index: ReportIndex) -> None:
        self._index = index
        self._report = index.report

    def answer(self, question: Question, quotes: Quotes) -> str | None:
        """The answer's text; an empty one where the report has nothing of the kind; None where this is no such question."""
        if question.intent in ("greeting", "help"):
            return prompts.render(question.intent, title=escape(self._report.title))
        if question.intent == "thanks":
            return prompts.render("thanks")
        section = self._named_section(question)
        if section is not None:
            return self._say(self._central(self._of(section), SUMMARY_SENTENCES), quotes)
        if question.intent == "sections":
            return self._sections(quotes)
        if question.intent == "author":
            return self._say(self._byline(), quotes)
        if question.intent == "summary":
            return self._say(self._summary(question), quotes)
        return None

    def _say(self, sentences: Sequence[Sentence], quotes: Quotes) -> str:
        return " ".join(quotes.say(sentence, 1.0) for sentence in sentences)

    def _named_section(self, question: Question) -> Section | None:
        """The section that a question names by its whole title, in a question that asks for no more than what it says."""
        if question.intent not in ("summary", "tour") and not re.search(r"\bsa(?:y|id|ys)\b", question.text):
            return None
        return self._titled.get(frozenset({question.words[i].form for i in question.content} - _GENERIC))

    @cached_property
    def _titled(self) -> dict[frozenset[str], Section]:
        """The first section under each title, as the forms of its content words."""
        found: dict[frozenset[str], Section] = {}
        for section in self._report.sections:
            title = frozenset(w.form for w in split_words(section.title) if w.is_content)
            if title and section.end_paragraph > section.first_paragraph:
                found.setdefault((title - _GENERIC) or title, section)
        return found

    def _sections(self, quotes: Quotes) -> str:
        titled = [section for section in self._report.sections if section.title]
        if not titled:
            return ""
        lines = [f"- {escape(s.title)} [{quotes.cite_heading(s)}]" for s in titled]
        return prompts.render("sections") + "\n\n" + "\n".join(lines)

    def _byline(self) -> list[Sentence]:
        """The sentence that names the author: a signature that stands alone, or one that says "by"."""
        report = self._report
        for paragraph in report.paragraphs:
            text = report.quote(paragraph)
            if (
                paragraph.kind == "note"
                and not _CAPTION.search(text)
                and find_entities(text)
                and len(text.split()) <= 12
            ):
                return list(report.sentences_of(paragraph))
        near_edges = [*report.sentences[:4], *report.sentences[-4:]]
        return next(([s] for s in near_edges if _BYLINE.search(report.quote(s)) and find_entities(report.quote(s))), [])

    def _summary(self, question: Question) -> list[Sentence]:
        """The report's own summary where it has one (the kind that the question names first), else its central sentences."""
        orders = list(_SUMMARY_TITLES)
        if re.search(r"\babout|summar|overview|gist|nutshell|topic|subject\b", question.text, re.IGNORECASE):
            orders[0], orders[1] = orders[1], orders[0]
        if re.search(r"\bconclu", question.text, re.IGNORECASE):
            orders.insert(0, orders[2])
        for pattern in orders:
            for section in self._report.sections:
                if re.search(rf"\b(?:{pattern})\b", section.title, re.IGNORECASE):
                    sentences = self._of(section)
                    if sentences:
                        return self._central(sentences, SUMMARY_SENTENCES)
        told = [s for section in self._report.sections for s in self._of(section)]
        return self._central(told or list(self._report.sentences), SUMMARY_SENTENCES)

    def _of(self, section: Section) -> list[Sentence]:
        paragraphs: Sequence[Paragraph] = self._report.paragraphs[section.first_paragraph : section.end_paragraph]
        return [s for p in paragraphs if p.kind != "note" for s in self._report.sentences_of(p)]

    def _central(self, sentences: list[Sentence], count: int) -> list[Sentence]:
        """At most ``count`` sentences near the middle of what they all say and unlike one another, in reading order.

        Maximal marginal relevance (Carbonell and Goldstein 1998) with the centroid as the query.
        """
        if len(sentences) <= count:
            return sentences
        vectors: Floats = self._index.sentence_dense.vectors(np.array([s.number for s in sentences]))
        central = vectors @ vectors.mean(axis=0)
        chosen: list[int] = []
        while len(chosen) < count:
            alike = (vectors @ vectors[chosen].T).max(axis=1) if chosen else np.zeros(len(sentences))
            value = 0.7 * central / max(float(central.max()), 1e-6) - 0.3 * alike
            value[chosen] = -np.inf
            chosen.append(int(value.argmax()))
        return [sentences[i] for i in sorted(chosen)]
