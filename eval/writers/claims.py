"""Claims over what they cite, right ones and wrong ones, that no figure and no name need betray."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from assistant.llm.facts import read_text
from eval.targets import places
from eval.writers.fluent import fluent
from eval.writers.planted import reworded
from index.report import Report
from index.words import Word, split_words

# Everyday words for one another, whatever a report is about.
_SYNONYMS = """
    aims/seeks aim/seek assess/judge assessed/judged assesses/judges begin/start begins/starts began/started
    bring/carry broader/wider build/construct built/constructed buy/purchase careful/cautious chance/opportunity
    change/shift changing/shifting clear/plain close/near closer/nearer complicated/complex costs/expenses
    countries/states country/nation crucial/essential current/present currently/presently danger/risk
    decided/resolved decision/choice deeper/greater defined/marked deliberate/intentional desire/wish
    develop/advance difficult/hard domestic/national draw/attract effect/impact effective/working efforts/attempts
    end/finish enlarge/extend enough/sufficient ensure/secure especially/particularly factors/elements fast/quickly
    find/discover firms/companies following/after forces/powers gather/collect give/lend goal/aim goals/aims
    gradually/slowly growing/rising grows/rises help/assist helped/assisted helps/assists huge/enormous idea/notion
    implications/consequences important/significant improve/better increase/raise increased/raised increasingly/ever
    initiative/project interest/concern jobs/posts join/enter keep/maintain keeping/maintaining keeps/maintains
    kept/maintained key/main large/big largely/mostly likely/probable linked/tied make/render measures/steps
    money/funds move/step need/require needs/requires new/fresh often/frequently old/former opening/start
    parts/pieces people/persons picture/scene plan/scheme plans/schemes policy/course priorities/aims
    probably/likely problem/trouble production/making pressures/forces purpose/goal quick/fast range/span
    reach/attain reason/ground region/area relatively/comparatively relies/depends rely/depend report/study
    resources/means result/outcome risks/dangers role/part rule/regulation security/safety sector/branch
    seems/appears several/various shaped/formed show/reveal shows/reveals small/little stability/steadiness
    states/countries strategies/plans strategy/plan strengthen/reinforce strengthening/reinforcing strict/tight
    strong/powerful stronger/firmer structure/makeup support/backing tensions/strains thereby/thus ties/links
    trust/confidence turn/shift turns/shifts updating/renewing use/employ used/employed uses/employs varied/diverse
    volatile/unstable waning/fading way/manner whole/entire wider/broader work/labour worries/concerns yearly/annual
"""
_INSTEAD: dict[str, str] = dict(pair.split("/") for pair in _SYNONYMS.split())
# What may be left out at the end of a sentence: it adds to what stands before it and limits nothing.
_ADDED = re.compile(r", (?:such as|including|among them|which|who|whose|where|while|with)\b[^.;:]*(?=\.$)")
_PARENTHESIS = re.compile(r" \([^()]*\)")
_OPENING = re.compile(
    r"^(?:In|At|Out of|Against|Beyond|Alongside|On|By|From|Meanwhile|Internally)\b[^,]{0,60}, (?=\w)(?!to which)"
)
_ENDINGS = ("ation", "ment", "ness", "ity", "ing", "ies", "ed", "ly", "al", "er", "es", "s", "")
_LEAST = 4  # letters of a word that is put in another's place


@dataclass(frozen=True)
class Claim:
    """A sentence, the numbers of the sentences of its report that it cites, and how it came about."""

    kind: str
    text: str
    cited: tuple[int, ...]


def right_claims(report: Report, other: Report | None = None) -> Iterator[Claim]:
    """Sentences of a report in other words, shortened, joined, as an LLM writes; and ``other``'s, another edition."""
    texts = [report.quote(sentence) for sentence in report.sentences]
    for number, text in enumerate(texts):
        for kind, claimed in (("other words", in_other_words(text)), ("shortened", shortened(text))):
            if claimed != text:
                yield Claim(kind, claimed, (number,))
    for claimed, number in fluent(report):
        yield Claim("as an LLM writes", claimed, (number,))
    for one, two in pairwise(report.sentences):
        if one.paragraph == two.paragraph:
            first, second = texts[one.number].rstrip("."), texts[two.number]
            yield Claim("two joined", f"{first}, and {_lowered(second)}", (one.number, two.number))
    if other is not None:
        here, there = places(report), places(other)
        for place in here.keys() & there.keys():
            own = report.sentences_of(report.paragraphs[here[place]])
            others = other.sentences_of(other.paragraphs[there[place]])
            if len(own) == len(others):  # else who knows which tells the same
                for sentence, same in zip(own, others, strict=True):
                    yield Claim("other edition", other.quote(same), (sentence.number,))


def wrong_claims(report: Report) -> Iterator[Claim]:
    """Sentences that cite another one, or that hold words of another one."""
    texts = [report.quote(sentence) for sentence in report.sentences]
    words = [{w.form for w in split_words(text) if w.is_content} for text in texts]
    for number, text in enumerate(texts):
        near = max((n for n in range(len(texts)) if n != number), key=lambda n: (len(words[n] & words[number]), -n))
        yield Claim("cites the next", text, ((number + 1) % len(texts),))
        yield Claim("cites the one before", text, (number - 1,) if number else (len(texts) - 1,))
        yield Claim("cites the most alike", text, (near,))
        donor = texts[(number + 11) % len(texts)]
        yield Claim("two mixed, cites one", _mixed(text, donor), (number,))
        for count in (1, 2, 3):
            replaced = with_words_of(text, donor, count)
            if replaced is not None:
                yield Claim(f"{count} replaced", replaced, (number,))


def in_other_words(sentence: str) -> str:
    """The sentence with everyday words for one another wherever the table has them."""
    for word in reversed(split_words(sentence)):
        instead = _INSTEAD.get(word.text.casefold())
        if instead is not None:
            instead = instead.capitalize() if word.text[0].isupper() else instead
            sentence = sentence[: word.start] + instead + sentence[word.end :]
    return reworded(sentence)


def shortened(sentence: str) -> str:
    """The sentence without parentheses, without where or when it begins, without the clause added at its end."""
    plain = _OPENING.sub("", _PARENTHESIS.sub("", sentence))
    plain = _ADDED.sub("", plain, count=1)
    return plain[:1].upper() + plain[1:]


def with_words_of(sentence: str, donor: str, count: int) -> str | None:
    """The sentence with so many content words replaced by words of another; None where it has too few that fit."""
    own = {word.form for word in split_words(sentence)}
    offered = [word for word in plain_words(donor) if word.form not in own]
    spots: list[tuple[Word, str]] = []
    for word in plain_words(sentence):
        fit = next((o for o in offered if _ending(o.text) == _ending(word.text)), None)
        if fit is not None:
            spots.append((word, fit.text))
            offered.remove(fit)
    if len(spots) < count:
        return None
    step = len(spots) / count
    for word, instead in reversed([spots[int(i * step)] for i in range(count)]):
        sentence = sentence[: word.start] + instead + sentence[word.end :]
    return sentence


def plain_words(sentence: str) -> list[Word]:
    """The content words that are no figure and no name."""
    read = read_text(sentence)
    held = {i for fact in read.facts for i in range(fact.begin, fact.end)}
    return [
        word
        for i, word in enumerate(read.words)
        if i not in held and word.is_content and word.text.islower() and len(word.text) >= _LEAST
    ]


def _ending(word: str) -> str:
    return next(ending for ending in _ENDINGS if word.endswith(ending))


def _mixed(one: str, two: str) -> str:
    """The first half of a sentence with the second half of another."""
    first, second = one.split(), two.split()
    return " ".join([*first[: (len(first) + 1) // 2], *second[len(second) // 2 :]])


def _lowered(sentence: str) -> str:
    first = sentence.split()[0]
    ordinary = not any(fact.begin == 0 and fact.kind == "name" for fact in read_text(sentence).facts)
    return sentence[0].lower() + sentence[1:] if ordinary and first[1:].islower() else sentence
