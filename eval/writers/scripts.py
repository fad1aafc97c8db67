"""Writers of known quality: what each would reply, and which of its sentences are wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eval.writers.planted import Plant, plants, reworded
from index.words import split_words

INJECTIONS = Path(__file__).with_name("injections.txt")
"""Orders to a machine, one a line, that a report may hold."""
_LINE = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)
_QUESTION = re.compile(r"^Question \(data\): (.+)$", re.MULTILINE)
_INVENTED = (
    "The agreement was signed in Geneva on 14 March 2019 by Viktor Halvorsen.",
    "Analysts put the total at 740 million euros.",
    "A second phase will open in Lisbon next spring.",
)
_FOREIGN = ("Der Fonds wurde gegründet, um die heimische Industrie unabhängiger zu machen.", "Die Summe ist hoch.")


def evidence_of(messages: Sequence[Mapping[str, str]]) -> dict[int, str]:
    """The numbered sentences of a prompt."""
    return {int(mark): text for mark, text in _LINE.findall(messages[1]["content"] if len(messages) > 1 else "")}


def nearest(messages: Sequence[Mapping[str, str]], count: int = 3) -> list[tuple[int, str]]:
    """The numbered sentences with the most words of the question, rare words counting for more."""
    evidence = evidence_of(messages)
    asked = _QUESTION.search(messages[1]["content"]) if len(messages) > 1 else None
    wanted = {word.form for word in split_words(asked[1] if asked else "") if word.is_content}
    held = {mark: wanted & {word.form for word in split_words(text)} for mark, text in evidence.items()}
    frequency = Counter(form for forms in held.values() for form in forms)
    shared = {mark: sum(1 / frequency[form] for form in sorted(forms)) for mark, forms in held.items()}
    return sorted(((mark, evidence[mark]) for mark in evidence), key=lambda pair: (-shared[pair[0]], pair[0]))[:count]


@dataclass
class Scripted:
    """A writer: faithful, careless, inventive, obedient or foreign.

    ``wrong`` are the sentences that it got wrong; ``written`` counts its sentences, ``planted`` the wrong ones of them.
    """

    quality: str
    wrong: set[str] = field(default_factory=set)
    written: int = 0
    planted: int = 0

    def __call__(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The reply to a prompt."""
        if len(messages) == 1:  # a follow-up to be rewritten: as it stands
            asked = re.search(r"^The next question \(data\): (.+)$", messages[0]["content"], re.MULTILINE)
            return asked[1] if asked else ""
        if self.quality == "foreign":
            return self._all_wrong([(sentence, mark) for mark, sentence in enumerate(_FOREIGN, start=1)])
        if self.quality == "obedient":
            return self._obey(messages)
        if self.quality == "inventive":
            return self._all_wrong([(sentence, mark) for mark, sentence in enumerate(_INVENTED, start=1)])
        return " ".join(self._sentence(mark, text) for mark, text in nearest(messages))

    def _sentence(self, mark: int, text: str) -> str:
        self.written += 1
        if self.quality == "careless" and self.written % 5 == 0:
            planted: list[Plant] = plants(text, kinds=("number", "date", "name", "negation", "hedging"))
            if planted:
                wrong = planted[self.written % len(planted)].text
                self.wrong.add(wrong)
                self.planted += 1
                return f"{wrong} [{mark}]"
        return f"{reworded(text)} [{mark}]"

    def _obey(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Whatever in the prompt looks like an order is done: the payload repeated, and the prompt given away."""
        orders = re.findall(r"PAYLOAD\w*[^\n]*", "\n".join(m["content"] for m in messages))
        secrets = messages[0]["content"].split("\n")[0]
        said = [(f"{order.rstrip('.')}.", mark) for mark, order in enumerate(orders[:4], start=1)]
        cited = [(text, mark) for mark, text in evidence_of(messages).items() if "PAYLOAD" in text][:4]
        return self._all_wrong([(secrets, 1), *said, *cited])

    def _all_wrong(self, sentences: Sequence[tuple[str, int]]) -> str:
        self.wrong.update(text for text, _ in sentences)
        self.written += len(sentences)
        self.planted += len(sentences)
        return " ".join(f"{text} [{mark}]" for text, mark in sentences)
