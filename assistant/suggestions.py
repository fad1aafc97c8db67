"""Questions that a report can answer, made from the names in it; each is asked before it is offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from assistant.asking import with_article
from assistant.entities import find_entities
from index.report import Report, Sentence

# A name in a larger share of the sentences than this is what the whole report is about: asking of it asks for all.
_EVERYWHERE = 0.25


class Suggestions:
    """Suggests questions about one report; ``is_answered`` asks one and says whether it was answered."""

    def __init__(self, report: Report, is_answered: Callable[[str], bool]) -> None:
        self._report = report
        self._is_answered = is_answered
        self._openings: dict[int, tuple[str, ...]] = {}

    def near(self, sentences: Iterable[Sentence], count: int = 3, besides: str = "") -> tuple[str, ...]:
        """At most ``count`` questions on the names in these sentences, and not in the text ``besides``."""
        names = (name for sentence in sentences for name in self._names(sentence))
        return self._checked((self._ask(name) for name in names if name.casefold() not in besides.casefold()), count)

    def opening(self, count: int = 5) -> tuple[str, ...]:
        """Questions to begin with: what the report is about, then a name out of each section, the commonest first."""
        if count not in self._openings:
            self._openings[count] = self._checked(self._candidates(), count)
        return self._openings[count]

    def _candidates(self) -> Iterator[str]:
        yield "What is this report about?"
        for section in self._report.sections:
            paragraphs = self._report.paragraphs[section.first_paragraph : section.end_paragraph]
            inside = [s for p in paragraphs if p.kind != "note" for s in self._report.sentences_of(p)]
            names = Counter(name for sentence in inside for name in self._names(sentence))
            yield from (self._ask(name) for name, _ in names.most_common(2))

    def _checked(self, questions: Iterable[str], count: int) -> tuple[str, ...]:
        found: list[str] = []
        asked: set[str] = set()
        for question in questions:
            if question not in asked and self._is_answered(question):
                found.append(question)
                if len(found) >= count:
                    break
            asked.add(question)
        return tuple(found)

    def _names(self, sentence: Sentence) -> Iterator[str]:
        text, most = self._report.quote(sentence), max(_EVERYWHERE * len(self._report.sentences), 2)
        for entity in find_entities(text):
            name = text[entity.start : entity.end].removesuffix("’s").removesuffix("'s")
            if entity.kind in ("person", "place", "organisation") and self._report.text.count(name) <= most:
                yield name

    def _ask(self, name: str) -> str:
        return f"What does the report say about {with_article(name, self._report.text)}?"
