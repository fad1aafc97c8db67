"""Questions to offer: by topic to begin with, and after an answer. Each is asked before it is offered.

Topics are nouns that recur in the report, what reports of any kind speak of (people and partners, risks, aims), and the
report's own sections. Nothing here knows a report: questions are made from the figures, dates, names and recurring
phrases of the sentences at hand, and from words that reports of any kind use ("risks", "partners").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from assistant.answer import Answer
from assistant.asking import Kind, Made, heads, phrases, questions_on, with_article
from assistant.entities import find_entities
from assistant.errors import InvalidQuestion
from index.report import Report, Section, Sentence
from index.words import STOPWORDS, Word, content_forms, split_words, word_form

MAX_TOPICS = 6
PER_TOPIC = 2
# Sentences looked at for the questions on a topic; a section may be a whole book.
_MOST_SENTENCES = 60
# Sentences looked at for the questions on the whole report, spread over it.
_MOST_MADE = 400
# Questions asked at most to find those of one topic, or those after an answer: each costs what an answer costs.
TRIES = 8

WHOLE = "The whole report"
_OVERALL = ("What is this report about?", "What are the key takeaways?")
# A name or phrase in a larger share of the sentences than this is what the whole report is about.
_EVERYWHERE = 0.25
# Topics that reports of any kind have: the kinds of question, and the nouns with how to ask for them.
_THEMES: tuple[tuple[str, frozenset[Kind], str, tuple[str, ...]], ...] = (
    (
        "People and partners",
        frozenset({"people"}),
        "Who",
        ("partners", "investors", "suppliers", "participants", "owners"),
    ),
    (
        "Risks and limits",
        frozenset(),
        "What",
        ("risks", "challenges", "limitations", "disadvantages", "threats", "dangers", "concerns", "costs"),
    ),
    (
        "Aims and outlook",
        frozenset({"aim"}),
        "What",
        ("opportunities", "recommendations", "priorities", "aims", "goals", "benefits", "advantages"),
    ),
    ("Findings and figures", frozenset({"figure", "example"}), "What", ("findings", "results")),
    ("Dates", frozenset({"date"}), "What", ()),
)
_COMMON = {noun: f"{word} are the {noun}?" for _, _, word, nouns in _THEMES for noun in nouns}
# A noun in fewer sentences than this is no topic.
_RECURS = 3
_MOST_SUBJECTS = 2
_REPORT = word_form("report")
_WHEN = re.compile(r"(?:[A-Z][a-z]+ )?\d{4}")


@dataclass(frozen=True)
class Topic:
    """A part of the report and questions that it answers."""

    title: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class _Candidate:
    """A question, the forms of the words that a sentence must hold to answer it, and a text that must be quoted."""

    question: str
    about: frozenset[str]
    answer: str = ""

    def is_told(self, answer: Answer) -> bool:
        """Whether the answer is one to this question."""
        forms = {form for c in answer.citations for form in content_forms(split_words(c.quote))}
        return self.about <= forms and any(self.answer in citation.quote for citation in answer.citations)


class Offers:
    """Offers questions about one report; ``ask`` answers a question over it."""

    def __init__(self, report: Report, ask: Callable[[str], Answer]) -> None:
        self._report = report
        self._ask = ask
        self._words = [split_words(report.quote(sentence)) for sentence in report.sentences]
        self._phrases = Counter(_forms(phrase) for words in self._words for phrase in phrases(words))
        self._most = max(_EVERYWHERE * len(self._words), 2)

    def topics(self) -> Iterator[Topic]:
        """The report's topics, each as soon as its questions were asked; none without a question."""
        overall = tuple(question for question in _OVERALL if self._answer(question) is not None)
        if overall:
            yield Topic(WHOLE, overall)
        taken: set[str] = set()
        made = [each for sentence in self._spread() for each in questions_on(self._report.quote(sentence))]
        subjects = islice(self._subjects(made, taken), _MOST_SUBJECTS)
        yield from islice(chain(subjects, self._themes(made, taken), self._sections(taken)), MAX_TOPICS - 1)

    def _spread(self) -> list[Sentence]:
        """Sentences of all parts of the report, as many as are looked at."""
        told = [s for each in self._report.paragraphs if each.kind != "note" for s in self._report.sentences_of(each)]
        step = max(len(told) / _MOST_MADE, 1.0)
        return [told[int(n * step)] for n in range(min(len(told), _MOST_MADE))]

    def _subjects(self, made: Sequence[Made], taken: set[str]) -> Iterator[Topic]:
        """On nouns that recur, the commonest first, of which two things can be asked."""
        nouns: Counter[str] = Counter()
        names: dict[str, str] = {}
        for words in self._words:
            for word in heads(words):
                nouns[word.form] += 1
                names.setdefault(word.form, word.text.removesuffix("’s").removesuffix("'s"))
        spread = Counter(form for words in self._words for form in set(content_forms(words)))
        tried = 0
        for form, _ in nouns.most_common():
            candidates = [_candidate(each) for each in made if form in each.subjects]
            if tried == 2 * _MOST_SUBJECTS or not _RECURS <= spread[form] <= self._most or len(candidates) < PER_TOPIC:
                continue
            tried += 1
            found = set(taken)
            questions = self._checked(candidates, PER_TOPIC, found, lambda answer: True)
            if len(questions) == PER_TOPIC:
                taken |= found
                yield Topic(names[form][:1].upper() + names[form][1:], questions)

    def _themes(self, made: Sequence[Made], taken: set[str]) -> Iterator[Topic]:
        words = Counter(word.text.lower() for words in self._words for word in words)
        for title, kinds, _, nouns in _THEMES:
            named = sorted((noun for noun in nouns if noun in words), key=lambda noun: -words[noun])
            common = (_Candidate(_COMMON[noun], frozenset((word_form(noun),))) for noun in named)
            own = (_candidate(each) for each in made if each.kind in kinds)
            questions = self._checked(_in_turn([common, own]), PER_TOPIC, taken, lambda answer: True)
            if questions:
                yield Topic(title, questions)

    def _sections(self, taken: set[str]) -> Iterator[Topic]:
        for section in _parts(self._report):
            inside = self._sentences(section)
            ranges = [(sentence.start, sentence.end) for sentence in inside]

            def tells(answer: Answer, ranges: Sequence[tuple[int, int]] = ranges) -> bool:
                return any(start <= c.start < end for c in answer.citations for start, end in ranges)

            questions = self._checked(self._candidates(inside[:_MOST_SENTENCES]), PER_TOPIC, taken, tells)
            if questions:
                yield Topic(section.title, questions)

    def after(self, answer: Answer, asked: Iterable[str], count: int = 3) -> tuple[str, ...]:
        """At most ``count`` questions near what an answer cites that would tell something that it does not.

        ``asked`` are the questions of the conversation so far; what one of them is about is not offered again.
        """
        # What a refusal quotes answers nothing that was asked, but may answer something else.
        told = {citation.start for citation in answer.citations if answer.status == "answered"}
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
            if candidate.is_told(answer):
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
        """Questions on these sentences, of different kinds in turn, the most telling ones twice as often."""
        common = self._common(sentences)
        made = (_candidate(each) for s in sentences for each in questions_on(self._report.quote(s)))
        yield from _in_turn([made, common, self._on_phrases(sentences), made, common, self._on_names(sentences)])

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
            for words in phrases(self._words[sentence.number]):
                phrase, (start, end) = _forms(words), (words[0].start, words[-1].end)
                if not any(name.start < end and start < name.end for name in names):
                    inside[phrase] += 1
                    shown.setdefault(phrase, text[start:end])
        for phrase, _ in inside.most_common():
            if 2 <= self._phrases[phrase] <= self._most and _REPORT not in phrase:
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
                yield _Candidate(f"What does the report say about {with_article(name, self._report.text)}?", about)
            elif kind == "date" and _WHEN.fullmatch(name):
                yield _Candidate(f"What happened in {name}?", about)

    def _stands_alone(self, name: str) -> bool:
        """Whether something other than a noun follows it somewhere: "Soviet systems" tells of no Soviet."""
        following = re.finditer(rf"\b{re.escape(name)}(?:['’]s)?(?: (\w+))?", self._report.text)
        return any(found[1] is None or found[1].lower() in STOPWORDS for found in following)

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
    step = max(len(titled) / (2 * MAX_TOPICS), 1.0)
    return [titled[int(n * step)] for n in range(min(len(titled), 2 * MAX_TOPICS))]


def _forms(words: Iterable[Word]) -> tuple[str, ...]:
    return tuple(word.form for word in words)


def _candidate(made: Made) -> _Candidate:
    return _Candidate(made.question, made.about, made.answer)


def _in_turn(kinds: Sequence[Iterator[_Candidate]]) -> Iterator[_Candidate]:
    """One of each kind, then the next of each, until there are no more."""
    left = list(kinds)
    while left:
        for kind in list(left):
            candidate = next(kind, None)
            if candidate is None:
                left = [each for each in left if each is not kind]
            else:
                yield candidate
