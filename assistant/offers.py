"""Questions to offer: by topic to begin with, and after an answer. Each is asked before it is offered.

Topics are the report's own sections. Nothing here knows a report: questions are made from the names, dates and
recurring phrases of the sentences at hand, and from words that reports of any kind use ("risks", "partners").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.answer import Answer
from assistant.entities import find_entities
from assistant.errors import InvalidQuestion
from index.report import Report, Section, Sentence
from index.words import STOPWORDS, Word, content_forms, split_words, word_form

MAX_TOPICS = 6
PER_TOPIC = 2
# Sentences looked at for the questions on a topic; a section may be a whole book.
_MOST_SENTENCES = 60
# Questions asked at most to find those of one topic, or those after an answer: each costs what an answer costs.
TRIES = 8

WHOLE = "The whole report"
_OVERALL = ("What is this report about?", "What are the key takeaways?")
# A name or phrase in a larger share of the sentences than this is what the whole report is about.
_EVERYWHERE = 0.25
# What reports of any kind speak of, and how to ask for it.
_COMMON = {
    noun: f"{word} are the {noun}?"
    for word, nouns in (
        ("What", ("risks", "challenges", "recommendations", "findings")),
        ("Who", ("partners", "investors", "suppliers", "participants", "owners")),
        ("What", ("benefits", "opportunities", "causes", "aims", "goals", "priorities", "results", "consequences")),
        ("What", ("costs", "limitations", "advantages", "disadvantages")),
    )
    for noun in nouns
}
_WHEN = re.compile(r"(?:[A-Z][a-z]+ )?\d{4}")


@dataclass(frozen=True)
class Topic:
    """A part of the report and questions that it answers."""

    title: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class _Candidate:
    """A question, and the forms of the words that a sentence must hold to answer it."""

    question: str
    about: frozenset[str]


class Offers:
    """Offers questions about one report; ``ask`` answers a question over it."""

    def __init__(self, report: Report, ask: Callable[[str], Answer]) -> None:
        self._report = report
        self._ask = ask
        self._words = [split_words(report.quote(sentence)) for sentence in report.sentences]
        self._phrases = Counter(_forms(phrase) for words in self._words for phrase in _phrases(words))
        self._most = max(_EVERYWHERE * len(self._words), 2)

    def topics(self) -> Iterator[Topic]:
        """The report's topics in its own order, each as soon as its questions were asked; none without a question."""
        overall = tuple(question for question in _OVERALL if self._answer(question) is not None)
        if overall:
            yield Topic(WHOLE, overall)
        taken: set[str] = set()
        left = MAX_TOPICS - 1
        for section in _parts(self._report):
            inside = self._sentences(section)
            ranges = [(sentence.start, sentence.end) for sentence in inside]

            def tells(answer: Answer, ranges: Sequence[tuple[int, int]] = ranges) -> bool:
                return any(start <= c.start < end for c in answer.citations for start, end in ranges)

            questions = self._checked(self._candidates(inside[:_MOST_SENTENCES]), PER_TOPIC, taken, tells)
            if questions:
                yield Topic(section.title, questions)
                left -= 1
            if left == 0:
                return

    def after(self, answer: Answer, asked: Iterable[str], count: int = 3) -> tuple[str, ...]:
        """At most ``count`` questions near what an answer cites that would tell something that it does not.

        ``asked`` are the questions of the conversation so far; what one of them is about is not offered again.
        """
        told = {citation.start for citation in answer.citations}
        taken = {form for question in (answer.question, *asked) for form in content_forms(split_words(question))}

        def is_new(other: Answer) -> bool:
            return any(citation.start not in told for citation in other.citations)

        return self._checked(self._candidates(self._around(answer)), count, taken, is_new)

    def _checked(
        self, candidates: Iterable[_Candidate], count: int, taken: set[str], accept: Callable[[Answer], bool]
    ) -> tuple[str, ...]:
        """The first candidates that are answered as they should be; what they are about is added to ``taken``."""
        found: list[str] = []
        tries = 0
        for candidate in candidates:
            if len(found) == count or tries == TRIES:
                break
            if candidate.about <= taken:
                continue
            tries += 1
            answer = self._answer(candidate.question)
            if answer is None or not accept(answer):
                continue
            quoted = {form for c in answer.citations for form in content_forms(split_words(c.quote))}
            if candidate.about <= quoted:
                found.append(candidate.question)
                taken |= candidate.about
        return tuple(found)

    def _answer(self, question: str) -> Answer | None:
        """The answer to a question that the report answers, else None."""
        try:
            answer = self._ask(question)
        except InvalidQuestion:  # the report is in another script than the question
            return None
        return answer if answer.status == "answered" and answer.citations else None

    def _candidates(self, sentences: Sequence[Sentence]) -> Iterator[_Candidate]:
        """Questions on these sentences, of different kinds in turn, the plainest kind at every second one."""
        common = self._common(sentences)
        kinds = [common, self._on_phrases(sentences), common, self._on_names(sentences)]
        while kinds:
            for kind in list(kinds):
                candidate = next(kind, None)
                if candidate is None:
                    kinds.remove(kind)
                else:
                    yield candidate

    def _common(self, sentences: Sequence[Sentence]) -> Iterator[_Candidate]:
        words = {word.text.lower() for s in sentences for word in self._words[s.number]}
        for noun, question in _COMMON.items():
            if noun in words:
                yield _Candidate(question, frozenset((word_form(noun),)))

    def _on_phrases(self, sentences: Sequence[Sentence]) -> Iterator[_Candidate]:
        """On groups of words that recur, the commonest in these sentences first."""
        inside: Counter[tuple[str, ...]] = Counter()
        shown: dict[tuple[str, ...], str] = {}
        for sentence in sentences:
            text = self._report.quote(sentence)
            names = find_entities(text)
            for words in _phrases(self._words[sentence.number]):
                phrase, (start, end) = _forms(words), (words[0].start, words[-1].end)
                if not any(name.start < end and start < name.end for name in names):
                    inside[phrase] += 1
                    shown.setdefault(phrase, text[start:end])
        for phrase, _ in inside.most_common():
            if 2 <= self._phrases[phrase] <= self._most:
                yield _Candidate(f"What does the report say about {shown[phrase]}?", frozenset(phrase))

    def _on_names(self, sentences: Sequence[Sentence]) -> Iterator[_Candidate]:
        found: Counter[tuple[str, str]] = Counter()
        for sentence in sentences:
            text = self._report.quote(sentence)
            for entity in find_entities(text):
                name = text[entity.start : entity.end].removesuffix("’s").removesuffix("'s")
                found[entity.kind, name] += 1
        for (kind, name), _ in found.most_common():
            about = frozenset(content_forms(split_words(name)))
            if not about or self._report.text.count(name) > self._most:
                continue
            if kind in ("person", "organisation", "place") and self._stands_alone(name):
                yield _Candidate(f"What does the report say about {self._with_article(name)}?", about)
            elif kind == "date" and _WHEN.fullmatch(name):
                yield _Candidate(f"What happened in {name}?", about)

    def _stands_alone(self, name: str) -> bool:
        """Whether something other than a noun follows it somewhere: "Soviet systems" tells of no Soviet."""
        following = re.finditer(rf"\b{re.escape(name)}(?:['’]s)?(?: (\w+))?", self._report.text)
        return any(found[1] is None or found[1].lower() in STOPWORDS for found in following)

    def _with_article(self, name: str) -> str:
        """A name with "the" before it, where the report mostly writes it so."""
        with_it = len(re.findall(rf"\b[Tt]he {re.escape(name)}", self._report.text))
        return f"the {name}" if 2 * with_it > self._report.text.count(name) else name

    def _around(self, answer: Answer) -> list[Sentence]:
        """The sentences cited and the others of their paragraphs, then those of their sections."""
        report = self._report
        cited = [s for c in answer.citations for s in report.sentences if c.start < s.end and s.start < c.end]
        near = [s for each in cited for s in report.sentences_of(report.paragraphs[each.paragraph])]
        section = [s for each in cited for s in self._sentences(report.section_of(each))]
        return list(dict.fromkeys([*near, *section]))[:_MOST_SENTENCES]

    def _sentences(self, section: Section) -> list[Sentence]:
        paragraphs = self._report.paragraphs[section.first_paragraph : section.end_paragraph]
        return [s for each in paragraphs if each.kind != "note" for s in self._report.sentences_of(each)]


def _parts(report: Report) -> list[Section]:
    """The sections that may be topics: those with a title and text, spread over the report where there are many."""
    titled = [each for each in report.sections if each.title and each.end_paragraph > each.first_paragraph]
    if not titled:
        return [each for each in report.sections if each.end_paragraph > each.first_paragraph][:1]
    step = max(len(titled) / (3 * MAX_TOPICS), 1.0)
    return [titled[int(n * step)] for n in range(min(len(titled), 3 * MAX_TOPICS))]


def _phrases(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Two or three content words in small letters between words of other kinds: mostly a noun and what it is like."""
    run: list[Word] = []
    for word in [*words, None]:
        fits = word is not None and word.is_content and word.text.islower() and len(word.text) > 3
        if word is not None and fits and (not run or word.start == run[-1].end + 1):
            run.append(word)
            continue
        if 2 <= len(run) <= 3:
            yield run
        run = [word] if word is not None and fits else []


def _forms(words: Iterable[Word]) -> tuple[str, ...]:
    return tuple(word.form for word in words)
