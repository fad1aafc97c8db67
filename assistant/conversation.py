"""Follow-ups become standalone questions, by rules over what was asked and answered before.

A follow-up leans on the turn before it by a pronoun without an antecedent of its own ("how many of them?"), by an
ellipsis ("since when?", "and the other one?"), or by a demonstrative ("that money"). What it leans on is a name or a
noun phrase of the question before, or a name of the answer. A question that leans on nothing is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.entities import find_entities
from assistant.question import analyse, plain_question
from index.words import split_words

_WH = r"(?:who|whom|whose|what|when|where|why|how|which)"
_AUX = (
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must|"
    r"isn't|aren't|doesn't|don't|didn't|won't|wasn't|weren't|hasn't|haven't|can't)"
)
_PERSON = re.compile(r"\b(he|him|his|she|her|hers)\b", re.IGNORECASE)
_PLURAL = re.compile(
    rf"\b(they|them|their|theirs)\b|\b(these|those)\b(?=\s*(?:$|[?.!,]|(?:{_AUX}|come|mean)\b))", re.IGNORECASE
)
_SINGULAR = re.compile(
    r"\b(it|its)\b|\b(this|that)\b(?=\s*(?:$|[?.!,]|" + _AUX + r"\b|a\b|the\b|much|come|mean|happen))", re.IGNORECASE
)
_THERE = re.compile(r"\b(?:there)\b(?!\s+(?:is|are|was|were|any|be|a\b))", re.IGNORECASE)
_IS_THERE = re.compile(rf"\b{_AUX}\s+there\b", re.IGNORECASE)
_WITH_NOUN = re.compile(
    r"\b(?:this|that|these|those|the same|such(?: an?)?|the other|the latter|the former|the two|both)\s+[a-z]{3,}",
    re.IGNORECASE,
)
_REST = re.compile(
    r"\b(?:the (?:other|others|latter|former|same|first|second|rest)(?: ones?)?|ones?|either|both)\b", re.IGNORECASE
)
_WHAT_ABOUT = re.compile(
    r"^(?:and |but |so |ok |then )*(?:(?:what|how) about|and|or|and for|same for)\s+(?P<what>.+?)\s*\??$", re.IGNORECASE
)
_ELLIPSIS = re.compile(
    r"^(?:and |but |so |or |ok |then )*(?:"
    r"(?P<wh>why(?: not| so| is that| that)?|since when|until when|when(?: exactly| was that| is that)?|where(?: exactly)?|how(?: so| come| exactly)?"
    r"|by (?:whom|when|how much)|(?:for|from|with|to|by|in|of|against) (?:whom|what|which|where)|who(?: exactly| else| with)?|what(?: else| for| exactly)?"
    r"|which(?: ones?| one exactly)?|whose|how (?:many|much|long|often|big|large)(?: exactly| in total| of (?:them|those|it|these))?)"
    r"|(?P<unit>in (?:us )?(?:dollars|usd|euros?|tenge|per ?cent|percent|total|which year|what year|numbers|figures|[a-z]+s)|"
    r"(?:any|the) (?:details|examples?|reasons?|dates?|names?|figures?|numbers?)|for example|such as|like what|e\.?g\.?|"
    r"(?:tell me |say |know )?(?:any ?(?:thing|one) )?(?:more|else)(?: (?:about|on) (?:it|that|this|them))?|go on|continue|elaborate)"
    r")\s*\??$",
    re.IGNORECASE,
)  # fmt: skip
_JUDGE = re.compile(
    r"^(?:and |but |so )*(?:is|was|isn't|are|were) (?:that|this|it|they|those|these) (?:a lot|much|many|high|low|big|small|enough|large|normal|good|bad|little)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    rf"^(?:and |but |so |or )*(?:(?:how (?!{_AUX}\b)[a-z]+|since when|what kinds? of|"
    rf"{_WH})\s+)?(?:(?:percentage|share|amount|number|part|year|sum) (?:of )?)?(?:{_AUX}\s+)?",
    re.IGNORECASE,
)
# Words that end a noun phrase: without a tagger, the common verbs of questions have to be listed.
_AFTER_PHRASE = (
    rf"{_AUX}|of|in|on|for|with|by|from|to|at|about|as|that|which|who|when|and|or|than|under|over|into|between|during|through"
    r"|against|up|also|still|now|actually|really|first|supposed|been|be|being|[a-z]+ed|become|became|begin|began|benefit|buy"
    r"|bought|bring|build|carry|change|come|came|consist\w*|deal|expect|face|fall|fell|feel|get|give|gave|go|got|grow|help|hold"
    r"|include|includes|join|keep|kept|lead|led|look|make|makes|made|mean|means|meant|need|needs|pay|paid|plan|plans|play|plays|provide"
    r"|put|puts|receive|remain|rise|rose|run|runs|say|says|said|see|seek|sell|sells|sold|set|spend|spends|spent|stay|supply|take"
    r"|takes|took|think|use|uses|walk|want|wants|work|works"
)
_PHRASE = re.compile(
    rf"\b(?:the|its|their|his|our)\s+(?P<np>(?:(?!(?:{_AFTER_PHRASE})\b)[\w’'-]+\s+){{0,3}}?(?!(?:{_AFTER_PHRASE})\b)[\w’'-]+)"
    rf"(?=\s+(?:{_AFTER_PHRASE})\b|\s*[?,.;:)]|\s*$)",
    re.IGNORECASE,
)


_ASKS = re.compile(rf"(?:(?:on|in|at|by|for|from|to|of|with|since|until) )?(?:{_WH}|{_AUX})\b", re.IGNORECASE)
_INVERTED = re.compile(
    rf"(?:^{_AUX}|\b(?:do|does|did|can|could|will|would|should|may|might|must|(?:do|does|did|ca|wo)n't)) $",
    re.IGNORECASE,
)
_NOTHING_MORE = re.compile(r"[?.! ]*$")
# What is asked of instead, led by a preposition, as in "and against Italy?".
_LED = re.compile(r"(in|for|by|with|against|to|from|at|on|of|under|during|after|before|among) (.+)", re.IGNORECASE)
# "who won the final?", "what caused the crash?": whole questions, though without an auxiliary.
_HAS_OBJECT = re.compile(rf"who\b|{_WH}\b.*(?<!\bof) (?:the|an?) \w", re.IGNORECASE)
# How much of a turn is read: nobody leans on more.
_READ = 4000


_ASKED_FOR = re.compile(
    rf"(?:which|what)\s+(?!(?:{_AFTER_PHRASE}|else|would|year|date|day|kind|sort|type|share|percentage)\b)"
    rf"(?P<np>(?:[\w’'-]+\s+){{0,2}}?[\w’'-]+)(?P<of>\s+of\s+(?:the\s+)?[\w’'-]+)?\s+(?=(?:{_AFTER_PHRASE})\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Exchange:
    """A standalone question, and its answer's text or an empty string where it was refused."""

    question: str
    answer: str


def exchanges(history: Sequence[Mapping[str, str]], is_refusal: re.Pattern[str], limit: int = 6) -> list[Exchange]:
    """The last turns of a history, each question made standalone by those before it; pleasantries left out."""
    done: list[Exchange] = []
    asked: str | None = None
    for turn in history[-2 * limit :]:
        said = turn["content"][:_READ]
        if turn["role"] == "user":
            said = " ".join(said.split())
            is_question = bool(said) and analyse(said).intent not in ("greeting", "thanks", "help")
            asked = standalone(said, done) if is_question else None
        elif asked:
            answer = re.sub(r"\s*(?<!\\)\[\d+\]", "", said).replace("**", "").replace("\\", "")
            done.append(Exchange(asked, "" if is_refusal.match(said) else answer))
            asked = None
    if asked:
        done.append(Exchange(asked, ""))
    return done


def standalone(question: str, before: Sequence[Exchange]) -> str:
    """The question as it would be asked without what was said before; unchanged where it leans on nothing."""
    if not before or _is_of_report(question):
        return question
    last = before[-1]
    plain = re.sub(
        r"^(?:and|but|so|or|ok|okay|then|well)[, ]+(?=\w+ \w)",
        "",
        plain_question(question).strip(),
        flags=re.IGNORECASE,
    )
    if match := _ELLIPSIS.match(plain):
        return _continue(match.group("wh") or match.group("unit"), last.question)
    if _JUDGE.match(plain):
        return f"{plain.rstrip(' ?')}: {_topic(last.question)}?"
    full = plain_question(question).strip()
    if (match := _WHAT_ABOUT.match(full)) and not _ASKS.match(match.group("what")):
        what = _replace_pronouns(match.group("what"), before)
        return _swap(last.question, what)
    replaced = _replace_pronouns(plain, before)
    if replaced != plain:
        return replaced
    if _REST.search(plain) or (_WITH_NOUN.search(plain) and not _has_name(plain)):
        return f"{plain.rstrip(' ?')} ({_topic(last.question)})?"
    if _is_fragment(plain):
        return f"{plain.rstrip(' ?')} ({_topic(last.question)})?"
    return question


def _is_of_report(question: str) -> bool:
    """Whether a question is about the report as a whole, or no question: nothing said before bears on it."""
    intent = analyse(question).intent
    alone = intent in ("greeting", "thanks", "help", "sections", "instruction")
    return alone or (intent in ("summary", "author") and not re.search(r"\b(?:it|that)\b", question, re.IGNORECASE))


def _is_fragment(question: str) -> bool:
    """Whether a question is a few words without a verb, or has nothing to look for: no content word at all."""
    words = split_words(question)
    content = sum(word.is_content for word in words)
    if content > 1 and _HAS_OBJECT.match(question):
        return False
    return content == 0 or (
        content < 3
        and len(words) < 6
        and not re.search(rf"\b{_AUX}\b", question, re.IGNORECASE)
        and not _has_name(question)
    )


def _has_name(question: str) -> bool:
    return any(entity.kind in ("person", "place", "organisation") for entity in find_entities(question))


def _replace_pronouns(question: str, before: Sequence[Exchange]) -> str:
    for pattern, find in ((_PERSON, _person), (_PLURAL, _plural), (_SINGULAR, _singular), (_THERE, _place)):
        match = pattern.search(question)
        if match is None or _is_bound(question, match.start()):
            continue
        if pattern is _THERE and (_IS_THERE.search(question) or re.search(r"\bin there\b", question)):
            continue
        if match.group().casefold() in ("its", "their") and sum(w.is_content for w in split_words(question)) > 4:
            continue
        name = next((found for exchange in reversed(before[-2:]) if (found := find(exchange))), None)
        if name is None or name.casefold() in question.casefold():
            continue
        pronoun = match.group().casefold()
        if pronoun in ("its", "their", "his") or (pronoun == "her" and re.match(r"\s+\w", question[match.end() :])):
            name += "'" if name.endswith("s") else "'s"
        elif pattern is _THERE:
            name = f"in {name}"
        return question[: match.start()] + name + question[match.end() :]
    return question


def _is_bound(question: str, position: int) -> bool:
    """Whether the question itself names, in a clause before the pronoun, what the pronoun stands for."""
    head = re.sub(rf"^{_WH}\s", "", question[:position], flags=re.IGNORECASE)
    clause = re.search(r",|\b(?:that|if|whether|because|when|while|why|how|and|but|before|after|since|so|as)\b", head)
    return clause is not None and (_has_name(head) or _PHRASE.search(head) is not None)


def _person(exchange: Exchange) -> str | None:
    for text in (exchange.answer, exchange.question):
        people = [text[e.start : e.end] for e in find_entities(text) if e.kind == "person"]
        if people:
            return people[0]
    return _phrase(exchange.question)


def _place(exchange: Exchange) -> str | None:
    for text in (exchange.question, exchange.answer):
        places = [text[e.start : e.end] for e in find_entities(text) if e.kind == "place"]
        if places:
            return places[-1]
    return None


def _asked_for(question: str, *, plural: bool) -> str | None:
    """The noun of "which foreign investors …" or "what piece of regulation …", if it has the number wanted."""
    match = _ASKED_FOR.match(question)
    if match is None or match.group("np").casefold().endswith("s") != plural:
        return None
    if re.search(r"[^s\W]s ", match.group("np")):  # "which villages draw water from": a verb follows the plural
        return None
    return f"the {match.group('np')}{match.group('of') or ''}"


def _plural(exchange: Exchange) -> str | None:
    """What "they" are: several names of the question, a plural phrase there, or the names that the answer lists."""
    if asked := _asked_for(exchange.question, plural=True):
        return asked
    named = _names(exchange.question)
    if len(named) > 1:
        return _list(named)
    plural = [np for np in _phrases(exchange.question) if np.split()[-1].casefold().endswith("s")]
    answered = _names(exchange.answer)
    if plural and len(answered) > 2 and re.match(rf"(?:{_WH})\b", exchange.question, re.IGNORECASE):
        return _list(answered)
    if plural:
        return f"the {plural[-1]}"
    if len(answered) > 1:
        return _list(answered)
    return _phrase(exchange.question) or (named[0] if named else None)


def _singular(exchange: Exchange) -> str | None:
    """What "it" is: the phrase or the name that the question is about, the one after its auxiliary first."""
    if asked := _asked_for(exchange.question, plural=False):
        return asked
    subject = re.search(rf"\b{_AUX}\s+", exchange.question, re.IGNORECASE)
    begin = subject.end() if subject else 0
    rest = exchange.question[begin:]
    named = _names(rest)
    if named and rest.startswith(named[0]):
        return named[0]
    about = _phrase(exchange.question, begin) or _phrase(exchange.question)
    return about or next(iter(named or _names(exchange.question)), None)


def _names(text: str) -> list[str]:
    found = [text[e.start : e.end] for e in find_entities(text) if e.kind in ("place", "organisation", "person")]
    return list(dict.fromkeys(found))


def _list(names: Sequence[str]) -> str:
    names = names[:6]
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]


def _phrases(question: str) -> list[str]:
    return [question[start:end] for _, start, end in _phrase_spans(question)]


def _phrase_spans(question: str) -> Iterator[tuple[int, int, int]]:
    """Where noun phrases stand: the start of the article, the start of the phrase and its end."""
    for match in _PHRASE.finditer(question):
        begin, end = match.span("np")
        # "does the drug treat?", "is the vaccine safe?": the last word of an inverted question is no noun
        if _NOTHING_MORE.match(question, end) and _INVERTED.search(question[: match.start()]):
            end = question.rfind(" ", begin, end) if " " in match.group("np") else end
        yield match.start(), begin, end


def _phrase(question: str, begin: int = 0) -> str | None:
    """The noun phrase that a question is about: its first one with an article, or its first name of several words.

    Looked for from ``begin`` on.
    """
    for article, start, end in _phrase_spans(question):
        if article >= begin:
            return f"the {question[start:end]}"
    names = [e for e in find_entities(question[begin:]) if e.kind == "organisation"]
    return question[begin:][names[0].start : names[0].end] if names else None


def _topic(question: str) -> str:
    """What a question is about: itself without the interrogative and the auxiliary, and without an earlier lean."""
    inner = re.match(r"[^(]*+\((.+)\)\??$", question)
    question = inner.group(1) if inner else re.sub(r"^[^:]{1,40}: ", "", question)
    return _LEAD.sub("", question, count=1).strip(" ?.") or question.strip(" ?.")


def _continue(what: str, question: str) -> str:
    """Continue the question before: "since when" of "Is it a member?" is "Since when is it a member?"."""
    what = re.sub(
        r"\s+(?:of (?:them|those|it|these)|exactly|is that|was that|that|so)$", "", what.strip(), flags=re.IGNORECASE
    )
    head = what[0].upper() + what[1:]
    bare = question.strip(" ?.")
    if re.match(rf"{_AUX}\b", bare, re.IGNORECASE) and re.match(rf"(?:{_WH}|since|until)\b", what, re.IGNORECASE):
        return f"{head} {bare[0].lower()}{bare[1:]}?"
    return f"{head}: {_topic(question)}?"


def _swap(question: str, what: str) -> str:
    """The question before, asked of something else: in place of the name or phrase of the same kind."""
    kinds = {e.kind for e in find_entities(what)} & {"place", "person", "organisation"}
    led = _LED.match(what)
    is_year = re.fullmatch(r"(?:in |by |for )?(?:1\d{3}|20\d{2})", what)
    for entity in find_entities(question):
        head = question[: entity.start]
        if entity.kind in kinds and (led is None or re.search(rf"\b{led[1]} (?:the )?$", head, re.IGNORECASE)):
            return head + _without_article(led[2] if led else what, head) + question[entity.end :]
    if led and not is_year:
        return f"{question.rstrip(' ?.')} {what.rstrip(' ?')}?"
    if is_year:
        year = re.search(r"\b(?:1\d{3}|20\d{2})\b", question)
        digits = re.sub(r"\D", "", what)
        if year:
            return question[: year.start()] + digits + question[year.end() :]
        return f"{question.rstrip(' ?')} in {digits}?"
    for start, _, end in _phrase_spans(question):
        return question[:start] + what.rstrip(" ?") + question[end:]
    return f"{what.rstrip(' ?')}: {_topic(question)}?"


def _without_article(what: str, head: str) -> str:
    what = what.rstrip(" ?")
    return re.sub(r"^the\s+", "", what, flags=re.IGNORECASE) if re.search(r"\bthe\s+$", head, re.IGNORECASE) else what
